"""The Review screen: what script, camera, sound and media each say of the takes of a day, and a person's word on it.

It puts widgets together and moves between them; the keys that do something to takes are answered by its parts
(`review_part.py`), and rows and sentences come from `tui/review_page.py`. The day is compared on a thread of its own,
never on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical

from onset.errors import OnsetError, RefusedError
from onset.reconcile.board import Standing
from tui.hand import Hand
from tui.messages import Moved
from tui.reread import Reread
from tui.review_page import (
    Page,
    detail_items,
    difference_text,
    differences_of,
    open_names,
    read_page,
    rows_of,
    totals_text,
)
from tui.screens.place import PlaceScreen
from tui.screens.review_beside import Beside
from tui.screens.review_entry import ReviewEntry
from tui.screens.review_filters import SavedFilters
from tui.screens.review_footer import named_keys
from tui.screens.review_judging import Judging
from tui.screens.review_links import Links
from tui.screens.review_narrowing import Narrowing
from tui.screens.review_part import ReviewPart
from tui.screens.review_pictures import Pictures
from tui.screens.review_selecting import Selecting
from tui.screens.review_selects import KIND, Selects
from tui.seen import Verb
from tui.stills import Album
from tui.widgets.claims_list import ClaimsList
from tui.widgets.claims_row import ReviewRow
from tui.widgets.dragged_items import DraggedItems
from tui.widgets.entry import EntryLine, SafeInput
from tui.widgets.items import Items
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine, WrappedLine
from tui.widgets.rolling_line import RollingLine
from tui.widgets.side_by_side import SideBySide
from tui.widgets.stills import StillsRow

SETTLE_S = 0.25  # a burst of changes is compared once
TALL = 36  # rows from which the evidence and pictures stand below the list all the time
LARGE = 52  # rows from which the pictures are larger


class ReviewScreen(PlaceScreen):
    """A list of takes; below it the evidence of the one under the cursor. Its parts have most of the keys."""

    PLACE: ClassVar[str] = "review"
    VERTICAL_BREAKPOINTS = [(0, "-low"), (TALL, "-tall"), (LARGE, "-large")]  # noqa: RUF012  # Textual declares it so

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self.page: Page | None = None
        self.day: int | None = None  # None: the shooting day that the board is on
        self._no_page = ""  # why there is none
        self._fronted: set[str] = set()
        self._was_inside = False  # when a line was opened to type into
        self._reread = Reread(self, self._read, SETTLE_S)
        self.links = Links(self)
        self.narrowing = Narrowing(self)
        self.selecting = Selecting(self)
        self.judging = Judging(self)
        self.beside = Beside(self)
        self.pictures = Pictures(self)
        self.selects = Selects(self)
        self.parts: tuple[ReviewPart, ...] = (
            *(self.beside, self.links, SavedFilters(self), self.selects),
            *(self.selecting, self.narrowing, self.judging, self.pictures),
        )
        for part in self.parts:
            self.doing.update(part.actions())

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        album = Album(self.hand.deps.production, colours=not self.app.no_color)
        with Vertical(id="list"):
            yield ClaimsList(id="claims")
            yield WrappedLine(id="says")
            yield DraggedItems(KIND, id="detail")
            yield StillsRow(album, id="stills")
        yield SideBySide(album, id="columns")
        yield Line(id="totals")
        yield ReviewEntry(self.hand, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self.takes)
        self.contest()
        self._show_heading()
        self._reread.now()
        self.refresh_hints()

    def shown_again(self) -> None:
        if self.page is not None:
            self.put_in_order()  # what was settled last time stands among the others now
        if self._reread.stale or self.page is None:
            self._reread.now()

    # -- parts ----------------------------------------------------------------------------------------------------

    @property
    def takes(self) -> ClaimsList:
        return self.query_one(ClaimsList)

    @property
    def entry(self) -> ReviewEntry:
        return self.query_one(ReviewEntry)

    @property
    def detail(self) -> Items:
        return self.query_one("#detail", Items)

    @property
    def row(self) -> ReviewRow | None:
        """The row under the cursor, or the one that a part means."""
        return next((row for part in self.parts if (row := part.row()) is not None), self.takes.row)

    @property
    def take_id(self) -> str | None:
        """The take under the cursor of the list."""
        return self.row.claims.take_id if self.row is not None and self.row.claims is not None else None

    @property
    def inside(self) -> bool:
        """The cursor is in the evidence, not in the list."""
        return self.focused is self.detail

    @property
    def tall(self) -> bool:
        """There is room for the evidence, and for pictures, all the time."""
        return self.size.height >= TALL

    @property
    def under(self) -> str | None:
        """Name of the item under the cursor of the evidence; None in the list."""
        return self.detail.name_under if self.inside else None

    @property
    def _instead(self) -> bool:
        """A part has put something where the evidence stands."""
        return any(part.detail() is not None for part in self.parts)

    # -- reading ----------------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        self._reread.moved()

    def contest(self) -> None:
        super().contest()
        if self.alive:
            self.takes.contest(frozenset(each.take.id for each in self.hand.contested.found if each.take is not None))

    @property
    def shown_day(self) -> int:
        """The day that is looked at."""
        return self.day or self.hand.board.day

    async def _read(self) -> None:
        day = self.shown_day
        try:
            page = await self.hand.aside.ask(partial(read_page, unit=self.hand.deps.unit, day=day))
        except RefusedError as error:  # the day begins with its first take
            self._no_page = str(error)
            self._show_heading()
            self.show_detail()
            return
        except OnsetError as error:
            self.say(str(error), True)
            return
        if not self.alive or day != self.shown_day:
            return
        same = self.page is not None and self.page.board.day == page.board.day
        self._fronted = (self._fronted if same else set()) | open_names(page)
        self.page = page
        self.show_rows()
        for part in self.parts:
            part.read_again()

    def put_in_order(self) -> None:
        """Show the rows with those first that are open now."""
        if self.page is not None:
            self._fronted = open_names(self.page)
            self.narrowing.begin_anew()
        self.show_rows()

    def show_rows(self) -> None:
        """Show the rows in the order that they had."""
        if self.page is None or not self.alive:
            return
        rows = rows_of(
            self.page, fronted=self._fronted, voter=self.judging.voter, only_open=self.narrowing.only_open
        )  # fmt: skip
        self.takes.show(self.narrowing.rows(rows, self.page))
        self._show_heading()
        self.show_detail()
        self.show_totals()
        self.refresh_hints()

    def _show_heading(self) -> None:
        board = self.page.board if self.page is not None else None
        title = f"onset  {self.hand.opened.production.title}  Review  day {self.day or self.hand.board.day}"
        date = f"  {board.date}" if board is not None else ""
        waiting = "no take yet" if self._no_page else "reading …"
        open_now = waiting if board is None else f"{board.count(Standing.OPEN)} open"
        self.query_one("#heading", Line).show(title + date, open_now)

    def show_totals(self) -> None:
        """The day's numbers, and what parts put beside them."""
        if self.page is not None:
            beside = [words for part in self.parts for words in part.totals()]
            every = len(self.page.texts)
            numbers = self.narrowing.words(every) or totals_text(self.page.board)
            left = self.beside.position or self.selecting.words() + numbers
            self.query_one("#totals", Line).show(left, "   ".join(beside))

    def show_detail(self) -> None:
        """What stands below the list: the evidence, or what a part puts there."""
        row = self.row
        for part in self.parts:
            part.looked_at(row)
        detail, says = self.detail, self.query_one("#says", WrappedLine)
        says.display = not detail.display
        for part in self.parts:
            if (instead := part.detail()) is not None:
                detail.show(instead[1], instead[0])
                return
        if row is None:
            words = "Nothing is to be seen here." if self.page is not None else self._no_page
            says.say(words)
            detail.show([], words)
            return
        head, items = detail_items(row, self.size.width)
        detail.show(items, head)
        found = differences_of(row)
        more = f"  (and {len(found) - 1} more)" if len(found) > 1 else ""
        says.say(f"{row.label}: {difference_text(found[0])}{more}" if found else "")

    def on_resize(self, event: events.Resize) -> None:
        self.detail.display = self.inside or self.tall
        self.call_after_refresh(self.show_detail)

    # -- moving -----------------------------------------------------------------------------------------------------

    def other_key(self, key: str, event: events.Key) -> None:
        if any(part.key(key) for part in self.parts):
            event.stop()
            return
        here = self.takes
        moves: dict[str, Callable[[], None]] = {
            "up": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "pageup": lambda: self.detail.turn(-1) if self.inside else here.move(-here.page_rows()),
            "pagedown": lambda: self.detail.turn(1) if self.inside else here.move(here.page_rows()),
            "home": lambda: here.pick(0),
            "end": lambda: here.pick(len(here.rows) - 1),
            "escape": self._let_go,
        }
        if key in moves:
            event.stop()
            moves[key]()

    def _move(self, step: int) -> None:
        if self.inside:
            self.detail.move(step)
            self.refresh_hints()
        else:
            self.takes.move(step)

    def on_claims_list_picked(self, message: ClaimsList.Picked) -> None:
        self.forget_begun()
        if message.again:
            self.open_it()
        else:
            self.back_to_list()
            self.refresh_hints()

    def on_claims_list_marked(self, _: ClaimsList.Marked) -> None:
        self.show_totals()
        self.refresh_hints()

    def on_stills_row_lacking(self, message: StillsRow.Lacking) -> None:
        self.pictures.lacking(message.take)

    def on_side_by_side_picked(self, message: SideBySide.Picked) -> None:
        if message.again:
            self.open_it()
        self.show_totals()
        self.refresh_hints()

    def on_items_picked(self, message: Items.Picked) -> None:
        again = message.again and (self._instead or (self.inside and self.links.playable))
        self.set_focus(self.detail)
        if again:
            self.open_it()
        self.refresh_hints()

    def on_dragged_items_dropped(self, message: DraggedItems.Dropped) -> None:
        self.selects.put(message.name, message.beside, behind=message.behind)
        self.refresh_hints()

    def _let_go(self) -> None:
        if self.inside and not self._instead:
            self.back_to_list()
        elif not any(part.let_go() for part in self.parts):
            self.say("")
        self.refresh_hints()

    def forget_begun(self) -> None:
        """What was begun below the list is over."""
        for part in self.parts:
            part.forget()

    def back_to_list(self) -> None:
        """The cursor is in the list again."""
        self.set_focus(self.takes)
        self.remove_class("inside")
        self.detail.display = self.tall
        self.show_detail()

    def open_it(self) -> None:
        """Enter: into the evidence; on a file there: play it; where a part has put something there, what that means."""
        if any(part.enter() for part in self.parts):
            return
        if self.inside:
            self.links.play()
        elif self.row is not None:
            self.go_inside()

    def go_inside(self) -> None:
        """Put the cursor into what stands below the list."""
        self.beside.close()
        self.detail.display = True
        self.set_class(not self.tall, "inside")  # a low screen gives the evidence more room than the list
        self.show_detail()
        self.detail.begin()
        self.set_focus(self.detail)
        self.refresh_hints()

    def _sideways(self, step: int) -> None:
        if not any(part.key("left" if step < 0 else "right") for part in self.parts):
            self.go_to_day(step)

    def go_to_day(self, step: int) -> None:
        """The day before or after."""
        days = self.page.days if self.page is not None else ()
        now = self.day or self.hand.board.day
        near = [each for each in days if (each < now if step < 0 else each > now)]
        if not near:
            self.say(f"There is no day {'before' if step < 0 else 'after'} day {now}.")
            return
        self.day = near[-1] if step < 0 else near[0]
        if self.day == self.hand.board.day:
            self.day = None
        self.forget_begun()
        self.page, self._no_page = None, ""
        self._fronted = set()
        self.narrowing.begin_anew()
        self.takes.show([])
        self._show_heading()
        self.show_detail()
        self._reread.now()

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "open": lambda _: self.open_it(),
            "day_before": lambda _: self._sideways(-1),
            "day_after": lambda _: self._sideways(1),
        }

    def log_it(
        self, verb: Verb, done: Callable[[], None] = lambda: None, failed: Callable[[], None] = lambda: None
    ) -> None:
        """An edit made on this screen."""
        self.hand.intend(verb, self.look, self.say, place=self.PLACE, done=done, failed=failed)

    # -- typing -----------------------------------------------------------------------------------------------------

    def open_action_line(self) -> None:
        self.before_typing()
        super().open_action_line()

    def before_typing(self, *, back_to_list: bool = False) -> None:
        """A line is opened to type into: remember where the cursor goes afterwards."""
        self._was_inside = self.inside and not back_to_list

    def on_entry_line_changed(self, message: EntryLine.Changed) -> None:
        for part in self.parts:
            part.changed(message.purpose, message.text)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self._back()
        purpose, text = message.purpose, message.text
        if purpose.kind == "action":
            self.run_named(text)
        elif any(part.typed(purpose, text) for part in self.parts):
            pass
        elif (verb := self.entry.verb(purpose, text, self.page)) is not None:
            drafts = self.hand.drafts
            drafts.keep(purpose.spot, text)  # a draft goes only when the log has it
            self.log_it(verb, lambda: drafts.forget(purpose.spot), lambda: self.entry.again(purpose))
        else:
            self.hand.drafts.forget(purpose.spot)
            self.say("Nothing was typed.")

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self._back()
        if message.purpose.kind != "action" and not any(part.left(message.purpose) for part in self.parts):
            self.hand.drafts.forget(message.purpose.spot)
            self.say("Left as it was.")

    def _back(self) -> None:
        if not (isinstance(self.focused, SafeInput) and self.focused.reading):  # a later key opened another field
            home = self.beside.view if self.beside.open else self.takes
            self.set_focus(self.detail if self._was_inside and self.detail.display else home)

    # -- the footer -------------------------------------------------------------------------------------------------

    @property
    def leaves(self) -> bool:
        begun = self.inside or self.beside.open or self.selecting.count or self.narrowing.text
        return super().leaves or bool(begun)

    def hints(self) -> Sequence[Hint]:
        return [
            *(self.hint(f"review.{action}", words) for action, words in named_keys(self)),
            self.hint("all.undo", "undo"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
            self.hint("review.voter", "voter"),
            *([] if self.beside.open else [self.hint("review.day_before", "day before")]),
        ]
