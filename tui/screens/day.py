"""The Day screen: one page that says *ready*, or what is missing and the key that mends it.

Everything on it is read from the log on a thread; timecode sources are pulled from the live bus while it is shown.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import ClassVar

from textual import events
from textual.app import ComposeResult

from onset.errors import OnsetError
from onset.logbook.protocol import Logbook
from tui.clocks import Clocks
from tui.day_page import DayFacts, day_items, read_day
from tui.hand import Hand
from tui.messages import Moved
from tui.reread import Reread
from tui.screens.place import PlaceScreen
from tui.screens.review import ReviewScreen
from tui.seen import Seen
from tui.widgets.entry import EntryLine
from tui.widgets.items import Item, Items
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.rolling_line import RollingLine

SETTLE_S = 0.5
AGAIN_S = 10.0  # disks come and go without a word in the log
SOURCES_S = 0.5
TWICE_NS = 5_000_000_000


class DayScreen(PlaceScreen):
    """What is missing, what is in order, how the clocks run."""

    PLACE: ClassVar[str] = "day"

    def __init__(self, hand: Hand) -> None:
        super().__init__(hand)
        config = hand.deps.config
        self.facts: DayFacts | None = None
        self._clocks = Clocks(config.capture.timecode, config.production.rate)
        self._sources: list[Item] = []
        self._wrap_ns: int | None = None
        self._reread = Reread(self, self._read, SETTLE_S)

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield RollingLine(self.hand.deps.clock, self.hand.deps.label_at, id="rolling")
        yield Items(id="day")
        yield EntryLine(self.hand.drafts, id="entry")
        yield StatusLine(id="status")
        yield Footer(id="footer")
        yield KeysPanel(id="keys")

    def on_mount(self) -> None:
        self.hand.shows.append(self)
        self.query_one("#heading", Line).show(f"onset  {self.hand.opened.production.title}  Day", self.hand.board.unit)
        self.query_one(RollingLine).show_board(self.hand.board)
        self.set_focus(self.page)
        self.page.show([], "reading …")
        self.set_interval(SOURCES_S, self._look_at_sources)
        self.set_interval(AGAIN_S, self._read_if_shown)
        self._look_at_sources()
        self._reread.now()
        self.refresh_hints()

    def on_screen_resume(self) -> None:
        if self.facts is not None:
            self._reread.now()

    @property
    def page(self) -> Items:
        return self.query_one("#day", Items)

    # -- reading ----------------------------------------------------------------------------------------------------

    def draw_log(self, moved: Moved) -> None:
        self.query_one(RollingLine).show_board(moved.board)
        self._reread.moved()
        self.refresh_hints()

    def ring(self) -> None:
        super().ring()
        if self.alive:
            self._show()

    def _read_if_shown(self) -> None:
        if self.is_current:
            self._reread.now()

    async def _read(self) -> None:
        deps = self.hand.deps
        try:
            question = partial(read_day, unit=deps.unit, now_ns=deps.clock.wall_ns())
            self.facts = await self.hand.aside.ask(question)
        except OnsetError as error:
            self.say(str(error), True)
        self._show()

    def _show(self) -> None:
        if self.facts is None or not self.alive:
            return
        alarms = [Item(f"alarm: {each.detail or each.what}", alarm=True) for each in self.hand.alarms.ringing]
        head, items = day_items(self.facts, self._sources, alarms)
        self.page.show(items, head)
        self.refresh_hints()

    def _look_at_sources(self) -> None:
        """Timecode sources as they are now; read again only for what changed."""
        deps = self.hand.deps
        if not self.is_current or deps.live is None or not deps.live.sources():
            return
        now = self._now()
        label, source = deps.label_at(now)
        self._sources = [
            Item(row.text, alarm=row.alarm, faint=row.faint, whole=True)
            for row in self._clocks.rows(deps.live, now, str(label), source)
        ]
        self._show()

    # -- keys -------------------------------------------------------------------------------------------------------

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"go": lambda _: self._go(), "wrap": lambda _: self._wrap()}

    def other_key(self, key: str, event: events.Key) -> None:
        if key in ("up", "down"):
            event.stop()
            self.page.move(-1 if key == "up" else 1)
            self.refresh_hints()
        elif key == "escape":
            self.query_one(KeysPanel).display = False
            self.say("")

    def on_items_picked(self, message: Items.Picked) -> None:
        if message.again:
            self._go()
        self.refresh_hints()

    def _go(self) -> None:
        place, _, about = self.page.name_under.partition(":")
        if place == "wrap":
            self.say(f"{self.hand.keys.shown('day.wrap')} twice wraps the day.")
        elif place:
            review = next((each for each in self.hand.shows if isinstance(each, ReviewScreen)), None)
            if place == "review" and review is not None:
                review.day = None
            self.go_to(place)
        else:
            self.say("Nothing here needs mending.")
        del about

    def _wrap(self) -> None:
        facts = self.facts
        if facts is None or facts.day is None or facts.day.wrapped_ns is not None:
            self.say("No shooting day is open.")
            return
        number, unit, now = facts.day.number, self.hand.deps.unit, self._now()
        if self._wrap_ns is None or now - self._wrap_ns > TWICE_NS:
            self._wrap_ns = now
            self.say(
                f"{self.hand.keys.shown('day.wrap')} again wraps day {number}; the next roll opens a new day.", True
            )
            return
        self._wrap_ns = None

        def wrap(log: Logbook, seen: Seen) -> str:
            return f"Day {log.wrap_day(unit, seen.stamp).number} is wrapped."

        self.hand.intend(wrap, self.look, self.say, place=self.PLACE)

    def on_entry_line_done(self, message: EntryLine.Done) -> None:
        self.set_focus(self.page)
        self.run_named(message.text)

    def on_entry_line_left(self) -> None:
        self.set_focus(self.page)

    def hints(self) -> Sequence[Hint]:
        place = self.page.name_under.partition(":")[0]
        go = [self.hint("day.go", f"go to {place.capitalize()}")] if place and place != "wrap" else []
        day = self.facts.day if self.facts is not None else None
        wrap = [self.hint("day.wrap", f"wrap day {day.number} (twice)")] if day and day.wrapped_ns is None else []
        return [
            *go,
            *wrap,
            self.hint("all.undo", "undo"),
            self.hint("all.keys", "keys"),
            *self.elsewhere(),
        ]
