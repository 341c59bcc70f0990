"""The Reports screen: the reports of a day with their revisions, what the chosen one lacks, and its text.

Reports are made by the desk that the command line hands in, on the thread beside the log, never on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal

from onset.errors import OnsetError, RefusedError, ReportError
from onset.logbook.protocol import Logbook
from onset.text import safe_path
from tui.hand import Hand
from tui.messages import Moved
from tui.paper_desk import Made, PaperDesk, Sort
from tui.player import view
from tui.reports_page import ReportsFacts, paper_rows, read_reports, sort_items
from tui.reread import Reread
from tui.screens.log import LogScreen
from tui.screens.place import PlaceScreen
from tui.seen import Seen
from tui.widgets.entry import EntryLine
from tui.widgets.items import Items
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.paper_view import PaperView
from tui.widgets.rolling_line import RollingLine

SETTLE_S = 1.0  # a burst of changes is printed once
NARROW = 110  # cells; below it a report that one is in has the whole width

T = TypeVar("T")


class ReportsScreen(PlaceScreen):
    """Left the reports of a day, right the one under the cursor."""

    PLACE: ClassVar[str] = "reports"

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self.day: int | None = None  # None: the shooting day that the board is on
        self.facts: ReportsFacts | None = None
        self.made: dict[Sort, Made] = {}  # of the day, as the log was when it was read last
        self.why_not: dict[Sort, str] = {}
        self._shown: tuple[Sort, int] | None = None
        self._making: Sort | None = None
        self._readings = 0
        self._reread = Reread(self, self._read, SETTLE_S)

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        with Horizontal(id="papers"):
            yield Items(id="sorts")
            yield PaperView(id="paper")
        yield EntryLine(self.hand.drafts, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self.sorts)
        self._show()
        self._reread.now()
        self.refresh_hints()

    def shown_again(self) -> None:
        if self._reread.stale and self.facts is not None:
            self._reread.now()

    # -- parts ----------------------------------------------------------------------------------------------------

    @property
    def sorts(self) -> Items:
        return self.query_one("#sorts", Items)

    @property
    def paper(self) -> PaperView:
        return self.query_one(PaperView)

    @property
    def inside(self) -> bool:
        """The cursor is in the report, not in the list."""
        return self.focused is self.paper

    @property
    def desk(self) -> PaperDesk:
        """Who makes the reports.

        Raises:
            RefusedError: nobody does.
        """
        if self.hand.deps.papers is None:
            raise RefusedError("Nobody makes reports here.")
        return self.hand.deps.papers

    def _sorts(self) -> Sequence[Sort]:
        return self.hand.deps.papers.sorts() if self.hand.deps.papers is not None else ()

    @property
    def sort(self) -> Sort | None:
        """The report under the cursor."""
        name = self.sorts.name_under
        return next((each for each in self._sorts() if each.name == name), None)

    @property
    def _wanted(self) -> int:
        return self.day or self.hand.board.day

    # -- reading --------------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        self._reread.moved()
        self.refresh_hints()

    async def _read(self) -> None:
        """Read what was issued, then make the chosen report, then those that may differ from what was issued."""
        self._readings += 1
        this, day, unit = self._readings, self._wanted, self.hand.deps.unit
        try:
            facts = await self._ask(partial(read_reports, unit=unit, day=day))
        except OnsetError as error:
            self.say(str(error), True)
            return
        if not self._still(this, day):
            return
        self.facts = facts
        self.made, self.why_not = {}, {}
        self._show()
        while self._still(this, day) and self.is_current and (sort := self._next_to_make()) is not None:
            await self._make(sort, this, day)

    def _still(self, reading: int, day: int) -> bool:
        return self.alive and reading == self._readings and day == self._wanted

    def _next_to_make(self) -> Sort | None:
        """The one that is looked at; while nothing rolls also those of which somebody has a printing."""
        chosen, facts = self.sort, self.facts
        if facts is None or facts.day is None:
            return None
        others = [] if self.hand.board.rolling is not None else list(facts.issued)
        known = self.made.keys() | self.why_not.keys()
        wanted = [chosen, *(each for each in self._sorts() if each in others)]
        return next((each for each in wanted if each is not None and each not in known), None)

    async def _make(self, sort: Sort, reading: int, day: int) -> None:
        self._making = sort
        self._show()
        try:
            made = await self._ask(lambda log: self.desk.make(log, sort, day, self.hand.deps.unit))
        except OnsetError as error:
            if self._still(reading, day):
                self.why_not[sort] = str(error)
        else:
            if self._still(reading, day):
                self.made[sort] = made
        self._making = None
        self._show()

    async def _ask(self, question: Callable[[Logbook], T]) -> T:
        return await self.hand.aside.ask(lambda log, _: question(log))

    # -- drawing --------------------------------------------------------------------------------------------------

    def _show_list(self) -> None:
        if self.facts is None or not self.alive:
            return
        differing = {sort: made.differs for sort, made in self.made.items()}
        self.sorts.show(sort_items(self._sorts(), self.facts, differing), "report      issued")

    def _show(self) -> None:
        """Draw the list and the chosen report as far as they are known."""
        if not self.alive:
            return
        self._show_list()
        day, unit = self._wanted, self.hand.deps.unit
        title = self.hand.opened.production.title
        self.query_one("#heading", Line).show(f"onset  {title}  Reports  day {day}", unit)
        sort = self.sort
        made = self.made.get(sort) if sort is not None else None
        key = (sort, day) if sort is not None else None
        if made is not None:
            issued = self.facts.issued.get(made.sort, ()) if self.facts is not None else ()
            self.paper.show(paper_rows(made, issued), f"{made.name}  day {day}", anew=key != self._shown)
            self._shown = key
        elif key is None or key != self._shown or sort in self.why_not:
            self.paper.show(paper_rows(self._instead(sort)), sort.name if sort is not None else "", anew=True)
            self._shown = None
        self.refresh_hints()

    def _instead(self, sort: Sort | None) -> str:
        """What stands where a report will be, or would be."""
        if self.hand.deps.papers is None:
            return "Nobody makes reports here."
        if self.facts is not None and self.facts.day is None:
            return f"There is no shooting day {self._wanted} yet; its call or its first roll opens it."
        return self.why_not.get(sort, "making it …") if sort is not None else "reading …"

    # -- keys -----------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "open": lambda _: self._open(),
            "issue": lambda _: self._begin(self._issue),
            "partial": lambda _: self._partial(),
            "view": lambda _: self._begin(self._view),
            "write": lambda _: self._begin(self._write),
            "day_before": lambda _: self._other_day(-1),
            "day_after": lambda _: self._other_day(1),
        }

    def other_key(self, key: str, event: events.Key) -> None:
        steps = {"up": -1, "down": 1}
        if key in steps and self.inside:
            event.stop()
            self.paper.move(steps[key])
            self.refresh_hints()
        elif key in steps:
            event.stop()
            self.sorts.move(steps[key])
            self._chosen()
        elif key in ("pageup", "pagedown"):
            event.stop()
            self.paper.page(-1 if key == "pageup" else 1)
        elif key in ("home", "end"):
            event.stop()
            self.paper.move(-1_000_000 if key == "home" else 1_000_000)
        elif key in ("tab", "shift+tab"):
            event.stop()
            self._go_inside(not self.inside)
        elif key == "escape":
            self._go_inside(False)
            self.say("")

    def _chosen(self) -> None:
        """Another report is under the cursor: show it, and have it made where it is not yet."""
        self._show()
        if self._making is None and self.facts is not None and self._next_to_make() is not None:
            self.run_worker(self._make_on())

    async def _make_on(self) -> None:
        this, day = self._readings, self._wanted
        while self._still(this, day) and self._making is None and (sort := self._next_to_make()) is not None:
            await self._make(sort, this, day)

    def _go_inside(self, inside: bool) -> None:
        self.set_focus(self.paper if inside else self.sorts)
        self.set_class(inside, "inside")
        self.set_class(self.size.width < NARROW, "-narrow")
        self.refresh_hints()

    def _open(self) -> None:
        if not self.inside:
            self._go_inside(True)
            return
        if self._leads_to_day:
            self.go_to("day")
            return
        take_id = self.paper.take_under
        log = next((each for each in self.hand.shows if isinstance(each, LogScreen)), None)
        if take_id is None or log is None:
            self.say("This row leads nowhere.")
            return
        log.list.stand_on(take_id)
        self.go_to("log")

    @property
    def _leads_to_day(self) -> bool:
        """What the progress report of the newest day lacks is said on Day: its moments, its credits, its end."""
        sort, days = self.sort, self.facts.days if self.facts is not None else ()
        progress = sort is not None and sort.kind == "progress" and self._wanted == max(days, default=0)
        return progress and self.paper.gap_under and self.paper.take_under is None

    def on_items_picked(self, message: Items.Picked) -> None:
        self._go_inside(message.again)
        self._chosen()

    def on_paper_view_picked(self, message: PaperView.Picked) -> None:
        self._go_inside(True)
        if message.again:
            self._open()

    def _other_day(self, step: int) -> None:
        days = self.facts.days if self.facts is not None else ()
        beyond = [day for day in days if (day - self._wanted) * step > 0]
        if not beyond:
            self.say(f"There is no day {'after' if step > 0 else 'before'} day {self._wanted}.")
            return
        self.day = min(beyond) if step > 0 else max(beyond)
        self.made, self.why_not = {}, {}
        self._show()
        self._reread.now()

    # -- what goes out ----------------------------------------------------------------------------------------------

    def _begin(self, does: Callable[[Sort, int], object]) -> None:
        sort = self.sort
        if sort is None:
            self.say("No report is chosen.")
            return
        does(sort, self._wanted)

    def _partial(self) -> None:
        """The day so far, in one key: choose it, write its PDF."""
        sort = next((each for each in self._sorts() if each.scope), None)
        if sort is None:
            return
        while self.sort != sort:
            before = self.sorts.cursor
            self.sorts.move(1 if self._number(sort) > self._number(self.sort) else -1)
            if self.sorts.cursor == before:
                self.say("The list of reports is being read; once more.")
                return
        self._chosen()
        self._write(sort, self._wanted)

    def _number(self, sort: Sort | None) -> int:
        return [*self._sorts(), None].index(sort)

    def _write(self, sort: Sort, day: int) -> None:
        self.say(f"The {sort.name} report of day {day} is being printed …")
        self.run_worker(self._print(sort, day, lambda path: self.say(f"{safe_path(path)} is written.")))

    def _view(self, sort: Sort, day: int) -> None:
        self.say(f"The {sort.name} report of day {day} is being printed …")
        viewer = self.hand.deps.config.screen.viewer
        self.run_worker(self._print(sort, day, lambda path: view(viewer, path, self.say)))

    async def _print(self, sort: Sort, day: int, done: Callable[[Path], None], but: str = "") -> None:
        """Write the PDF; `but`: what was done before, and stands although there is none."""
        try:
            path = await self._ask(lambda log: self.desk.print_to_file(log, sort, day, self.hand.deps.unit))
        except OnsetError as error:
            self.say(f"{but}{error}", bool(but) or not isinstance(error, RefusedError | ReportError))
        else:
            done(path)

    def _issue(self, sort: Sort, day: int) -> None:
        self.say(f"The {sort.name} report of day {day} is being issued …")
        self.run_worker(self._issue_aside(sort, day))

    async def _issue_aside(self, sort: Sort, day: int) -> None:
        """Make it once more, as the log is now; then one edit of this seat, which undo takes back; then its PDF."""
        unit = self.hand.deps.unit

        def make(log: Logbook) -> Made:
            made = self.desk.make(log, sort, day, unit)
            self.desk.refuse_to_print(made, issued=True)
            return made

        try:
            made = await self._ask(make)
        except OnsetError as error:
            self.say(str(error), not isinstance(error, RefusedError | ReportError))
            return
        said: list[str] = []
        undo = self.hand.keys.shown("all.undo")

        def issue(log: Logbook, _: Seen) -> str:
            revision, new = self.desk.issue(log, made)
            if not new:
                return f"It says what {revision} says, so nothing was issued."
            said.append(f"The {sort.name} report of day {day} is issued as {revision}")
            return f"{said[0]}; {undo} takes that back."

        def printed(path: Path) -> None:
            self.say(f"{said[0]}: {safe_path(path)} ({undo} takes that back).")

        def told(sentence: str, alarm: bool) -> None:
            self.say(sentence, alarm)
            if said:
                self.run_worker(self._print(sort, day, printed, f"{said[0]} ({undo} takes that back), but: "))

        self.hand.intend(issue, self.look, told, place=self.PLACE)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self._go_inside(False)
        self.run_named(message.text)

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self._go_inside(False)

    @property
    def leaves(self) -> bool:
        return super().leaves or self.inside

    def hints(self) -> Sequence[Hint]:
        sort = self.sort
        leads = "go to the take" if self.paper.take_under is not None else "go to Day" if self._leads_to_day else ""
        opens = [self.hint("reports.open", leads if self.inside else "into it")] if leads or not self.inside else []
        name = sort.name if sort is not None else "-"
        return [
            *opens,
            self.hint("reports.issue", f"issue {name}"),
            self.hint("reports.partial", "partial"),
            self.hint("reports.view", "PDF"),
            self.hint("reports.write", "write"),
            self.hint("all.undo", "undo"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
        ]
