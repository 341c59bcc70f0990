"""The Review screen: what script, camera, sound and media each say of the takes of a day, and a person's word on it.

It puts widgets together and answers keys; rows and sentences come from `tui/review_page.py`, what a key means for the
log from `tui/intents/linking.py`. The day is compared on a thread of its own, never on the event loop.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from onset.errors import OnsetError, RefusedError
from onset.reconcile.board import Difference, Standing
from tui.hand import Hand
from tui.intents import linking
from tui.messages import Moved
from tui.player import play
from tui.reread import Reread
from tui.review_meant import asked_file, difference_under, file_under, question_about, unquestioned
from tui.review_page import (
    Page,
    choices_for,
    detail_items,
    device_of,
    difference_text,
    differences_of,
    files_of,
    name_of,
    open_names,
    read_page,
    rows_of,
    totals_text,
)
from tui.screens.place import PlaceScreen
from tui.screens.review_entry import ReviewEntry
from tui.seen import Verb
from tui.widgets.claims_list import ClaimsList
from tui.widgets.claims_row import ReviewRow
from tui.widgets.entry import EntryLine, SafeInput
from tui.widgets.items import Items
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine, WrappedLine
from tui.widgets.rolling_line import RollingLine

SETTLE_S = 0.25  # a burst of changes is compared once
TALL = 36  # rows from which the evidence stands below the list all the time


class ReviewScreen(PlaceScreen):
    """A list of takes; below it the evidence of the one under the cursor."""

    PLACE: ClassVar[str] = "review"

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        self.page: Page | None = None
        self.day: int | None = None  # None: the shooting day that the board is on
        self.only_open = False
        self.text = ""
        self.voters = hand.deps.config.production.voters or ("director",)
        self.voter = self.voters[0]
        self._fronted: set[str] = set()
        self._choosing: tuple[str, tuple[str, str] | None] | None = None  # take, and the file that was asked about
        self._was_inside = False  # when a line was opened to type into
        self._reread = Reread(self, self._read, SETTLE_S)

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        yield ClaimsList(id="claims")
        yield WrappedLine(id="says")
        yield Items(id="detail")
        yield Line(id="totals")
        yield ReviewEntry(self.hand, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self.takes)
        self._show_heading()
        self._reread.now()
        self.refresh_hints()

    def on_screen_resume(self) -> None:
        if self.page is not None:
            self._fronted = open_names(self.page)  # what was settled last time stands among the others now
            self._show()
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
        """The row under the cursor."""
        return self.takes.row

    @property
    def inside(self) -> bool:
        """The cursor is in the evidence, not in the list."""
        return self.focused is self.detail

    # -- reading ----------------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        self._reread.moved()

    @property
    def _wanted(self) -> int:
        """The day that is looked at."""
        return self.day or self.hand.board.day

    async def _read(self) -> None:
        day = self._wanted
        try:
            page = await self.hand.aside.ask(partial(read_page, unit=self.hand.deps.unit, day=day))
        except OnsetError as error:
            self.say(str(error), not isinstance(error, RefusedError))  # a day without a take yet is no alarm
            return
        if not self.alive or day != self._wanted:
            return
        same = self.page is not None and self.page.board.day == page.board.day
        self._fronted = (self._fronted if same else set()) | open_names(page)
        self.page = page
        self._show()

    def _show(self) -> None:
        if self.page is None or not self.alive:
            return
        rows = rows_of(
            self.page, fronted=self._fronted, voter=self.voter, only_open=self.only_open, text=self.text
        )  # fmt: skip
        self.takes.show(rows)
        self._show_heading()
        self._show_detail()
        self._show_totals()
        self.refresh_hints()

    def _show_heading(self) -> None:
        board = self.page.board if self.page is not None else None
        title = f"onset  {self.hand.opened.production.title}  Review  day {self.day or self.hand.board.day}"
        date = f"  {board.date}" if board is not None else ""
        open_now = "reading …" if board is None else f"{board.count(Standing.OPEN)} open"
        self.query_one("#heading", Line).show(title + date, open_now)

    def _show_totals(self) -> None:
        if self.page is None:
            return
        narrowed = [f"find {self.text}: {len(self.takes.rows)}"] if self.text else []
        narrowed += ["only open"] if self.only_open else []
        right = "   ".join([*narrowed, f"voter {self.voter}"])
        self.query_one("#totals", Line).show(totals_text(self.page.board), right)

    def _show_detail(self) -> None:
        row = self.row
        detail, says = self.detail, self.query_one("#says", WrappedLine)
        says.display = not detail.display
        if row is None:
            words = "Nothing is to be seen here." if self.page is not None else ""
            says.say(words)
            detail.show([], words)
            return
        if self._choosing is not None and self.page is not None:
            take_id, old = self._choosing
            asked = question_about(row, old)
            items = choices_for(self.page, row, asked)
            if row.claims is not None and row.claims.take_id == take_id and items:
                instead = f" instead of {old[1]}" if old else ""
                detail.show(items, f"which file is {row.label}{instead}? Enter takes it, Esc goes back")
                return
            self._choosing = None
        head, items = detail_items(row, self.size.width)
        detail.show(items, head)
        found = differences_of(row)
        more = f"  (and {len(found) - 1} more)" if len(found) > 1 else ""
        says.say(f"{row.label}: {difference_text(found[0])}{more}" if found else "")

    def on_resize(self, event: events.Resize) -> None:
        self.detail.display = self.inside or event.size.height >= TALL
        self.call_after_refresh(self._show_detail)

    # -- moving -----------------------------------------------------------------------------------------------------

    def other_key(self, key: str, event: events.Key) -> None:
        here = self.takes
        moves: dict[str, Callable[[], None]] = {
            "up": lambda: self._move(-1),
            "down": lambda: self._move(1),
            "pageup": lambda: here.move(-here.page_rows()),
            "pagedown": lambda: here.move(here.page_rows()),
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
        self._choosing = None
        if message.again:
            self.open_it()
        else:
            self._close()
            self.refresh_hints()

    def on_items_picked(self, message: Items.Picked) -> None:
        self.set_focus(self.detail)
        if message.again and self._choosing is not None:
            self.open_it()
        self.refresh_hints()

    def _let_go(self) -> None:
        panel = self.query_one(KeysPanel)
        if panel.display:
            panel.display = False
        elif self._choosing is not None:
            self._choosing = None
            self._show_detail()
        elif self.inside:
            self._close()
        elif self.text:
            self.find("")
        else:
            self.say("")
        self.refresh_hints()

    def _close(self) -> None:
        self.set_focus(self.takes)
        self.remove_class("inside")
        self.detail.display = self.size.height >= TALL
        self._show_detail()

    def open_it(self) -> None:
        """Enter: into the evidence; on a file there: play it; among choices: take this one."""
        if self._choosing is not None and self.inside:
            self._take_choice()
        elif self.inside and (file := self._file()) is not None:
            self.run_worker(play(self.hand, self._take_id(), file[0], self.say))
        elif self.row is not None:
            self._go_inside()

    def _go_inside(self) -> None:
        self.detail.display = True
        self.set_class(self.size.height < TALL, "inside")  # a low screen gives the evidence more room than the list
        self._show_detail()
        self.detail.begin()
        self.set_focus(self.detail)
        self.refresh_hints()

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
        self._choosing = None
        self.page = None
        self._fronted = set()
        self.takes.show([])
        self._show_heading()
        self._show_detail()
        self._reread.now()

    # -- what is meant ----------------------------------------------------------------------------------------------

    @property
    def _under(self) -> str | None:
        """Name of the item under the cursor; None in the list."""
        return self.detail.name_under if self.inside else None

    def _difference(self) -> Difference | None:
        return difference_under(self.row, self._under)

    def _file(self) -> tuple[str, str] | None:
        return file_under(self.page, self.row, self._under) if self.page is not None else None

    def _take_id(self) -> str | None:
        return self.row.claims.take_id if self.row is not None and self.row.claims is not None else None

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "open": lambda _: self.open_it(),
            "circle": lambda _: self._rate("circled"),
            "hold": lambda _: self._rate("hold"),
            "ng": lambda _: self._rate("ng"),
            "voter": lambda _: self._next_voter(),
            "tag": lambda _: self._tag(),
            "confirm": lambda _: self._confirm(),
            "refuse": lambda _: self._decide(linking.refuse),
            "other": lambda _: self._choose(),
            "explain": lambda _: self._explain(),
            "only_open": lambda _: self._only_open(),
            "find": lambda _: self._find(),
            "day_before": lambda _: self.go_to_day(-1),
            "day_after": lambda _: self.go_to_day(1),
        }

    def log_it(
        self, verb: Verb, done: Callable[[], None] = lambda: None, failed: Callable[[], None] = lambda: None
    ) -> None:
        """An edit made on this screen."""
        self.hand.intend(verb, self.look, self.say, place=self.PLACE, done=done, failed=failed)

    def _rate(self, value: str) -> None:
        take_id = self._take_id()
        if take_id is None:
            self.say("Only a take can be rated; the arrows pick one.")
        else:
            self.log_it(partial(linking.rate, take_id=take_id, voter=self.voter, value=value))

    def _next_voter(self) -> None:
        self.voter = self.voters[(self.voters.index(self.voter) + 1) % len(self.voters)]
        self._show()
        self.say(f"Ratings are those of {self.voter} now.")

    def _confirm(self) -> None:
        """From the list all files of a take at once, where nothing speaks against any of them."""
        take_id = self._take_id()
        files = unquestioned(self.page, self.row) if self.page is not None and not self.inside else []
        if take_id is not None and len(files) > 1:
            self.log_it(partial(linking.confirm_all, take_id=take_id, files=files))
        else:
            self._decide(linking.confirm)

    def _decide(self, verb: Callable[..., str]) -> None:
        take_id, file = self._take_id(), self._file()
        if take_id is None:
            key = self.hand.keys.shown("review.other")
            stray = self.row is not None and self.row.stray is not None
            self.say(f"{key} types the take that this file is of." if stray else "No take is under the cursor.")
        elif file is not None:
            self.log_it(partial(verb, take_id=take_id, media_id=file[0], name=file[1]))
        elif files_of(self.row) and not self.inside:
            self.open_it()
            self.say(f"{self.row.label if self.row else ''} has several files; pick one and press the key again.")
        else:
            self.say("There is no file here to decide about.")

    def _choose(self) -> None:
        row = self.row
        if row is None or self.page is None:
            return
        if row.stray is not None:
            self._was_inside = self.inside
            self.entry.stray(row, row.stray.media_id)
            return
        take_id, old = self._take_id(), asked_file(self.page, row, self._under)
        if take_id is None:
            self.say("No take is under the cursor.")
        elif not choices_for(self.page, row, question_about(row, old)):
            self.say(f"There is no other file that could be {row.label}.")
        else:
            self._choosing = (take_id, old)
            self._go_inside()

    def _take_choice(self) -> None:
        name, choosing = self.detail.name_under, self._choosing
        if choosing is None or self.page is None or not name.startswith("choice:"):
            return
        media_id = name.removeprefix("choice:")
        take_id, old = choosing
        if old is not None and device_of(self.page, old[0]) != device_of(self.page, media_id):
            old = None  # another camera's file is one more, not another
        name = name_of(self.page, media_id)
        self._choosing = None
        self._show_detail()
        self.log_it(partial(linking.instead, take_id=take_id, media_id=media_id, name=name, old=old))

    def _only_open(self) -> None:
        self.only_open = not self.only_open
        if self.page is not None:
            self._fronted = open_names(self.page)
        self._show()
        self.say("Only what is open." if self.only_open else "All takes.")

    # -- typing -----------------------------------------------------------------------------------------------------

    def open_action_line(self) -> None:
        self._was_inside = self.inside
        super().open_action_line()

    def _tag(self) -> None:
        take_id = self._take_id()
        if take_id is None or self.row is None:
            self.say("Only a take can be tagged; the arrows pick one.")
            return
        self._was_inside = self.inside
        self.entry.tag(self.row, take_id, self.page.tags if self.page is not None else ())

    def _explain(self) -> None:
        row, difference = self.row, self._difference()
        if row is not None and difference is not None and self.page is not None:
            self._was_inside = self.inside
            self.entry.explain(row, difference, self.page.board.day)
            self.say(difference_text(difference))
        elif differences_of(row) and not self.inside:
            self.open_it()
            self.say(f"Pick the difference; {self.hand.keys.shown('review.explain')} explains it.")
        else:
            self.say("There is no difference here to explain.")

    def _find(self) -> None:
        self._was_inside = False
        self.entry.find(self.text)

    def find(self, text: str) -> None:
        """Show only rows that hold these words; empty shows all."""
        if text.strip() != self.text:
            self.text = text.strip()
            self._show()

    def on_entry_line_changed(self, message: EntryLine.Changed) -> None:
        if message.purpose.kind == "find":
            self.find(message.text)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self._back()
        purpose, text = message.purpose, message.text
        if purpose.kind == "action":
            self.run_named(text)
        elif purpose.kind == "find":
            self.find(text)
        elif (verb := self.entry.verb(purpose, text, self.page)) is not None:
            drafts = self.hand.drafts
            drafts.keep(purpose.spot, text)  # a draft goes only when the log has it
            self.log_it(verb, lambda: drafts.forget(purpose.spot), lambda: self.entry.again(purpose))
        else:
            self.hand.drafts.forget(purpose.spot)
            self.say("Nothing was typed.")

    def on_entry_line_left(self, message: EntryLine.Left) -> None:
        self._back()
        if message.purpose.kind == "find":
            self.find("")
        elif message.purpose.kind != "action":
            self.hand.drafts.forget(message.purpose.spot)
            self.say("Left as it was.")

    def _back(self) -> None:
        if not (isinstance(self.focused, SafeInput) and self.focused.reading):  # a later key opened another field
            self.set_focus(self.detail if self._was_inside and self.detail.display else self.takes)

    # -- the footer -------------------------------------------------------------------------------------------------

    def hints(self) -> Sequence[Hint]:
        row = self.row
        name = row.label if row is not None else "-"
        if self._choosing is not None:
            first = [("open", f"take this file for {name}")]
        elif row is not None and row.stray is not None:
            first = [("other", f"its take, for {name}"), ("explain", "explain")]
        else:
            first = [] if self.inside else [("open", f"opens {name}")]
            first += [("confirm", "link"), ("refuse", "refuse"), ("other", "other file"), ("explain", "explain")]
            first += [("circle", f"{self.voter} circles"), ("hold", "holds"), ("ng", "no good"), ("tag", "tag")]
        first += [("only_open", "all" if self.only_open else "only open"), ("find", "find")]
        return [
            *(self.hint(f"review.{action}", words) for action, words in first),
            self.hint("all.undo", "undo"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
            self.hint("review.voter", "voter"),
            self.hint("review.day_before", "day before"),
        ]
