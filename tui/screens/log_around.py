"""What stands around the takes on the Log screen: the day's numbers, planned setups, the first keys.

Used by `log.py`. The takes are counted one by one as they change; the rest is read by the reader's thread.
"""

from __future__ import annotations

from functools import partial

from onset.domain.take import Take
from onset.errors import OnsetError
from onset.logbook.terms import LoggedChange
from tui.contested import in_conflict
from tui.day_tally import DayTally, Part, fitted, read_tally
from tui.hand import Hand
from tui.log_day import ENTITIES, LogDay, credited_parts, plan_name, planned_words, read_log_day
from tui.messages import Moved
from tui.reread import Reread
from tui.screens.log_entry import LogEntry
from tui.screens.place import PlaceScreen
from tui.take_marks import CONFLICT, SEEN_NS, Changed, take_marks
from tui.widgets.first_run import FirstRun
from tui.widgets.lines import Line, WrappedLine
from tui.widgets.take_list import TakeList

SETTLE_S = 0.2
SEEN_S = SEEN_NS / 1_000_000_000


class LogAround:
    """Keeps it up to date and shows it; everything runs on the event loop."""

    def __init__(self, screen: PlaceScreen, hand: Hand) -> None:
        self._screen = screen
        self._hand = hand
        self.tally = DayTally()
        self._day: LogDay | None = None
        self._found = ""
        self._wants_first = False
        self._changed = Changed(hand.opened.seat.id)
        self._reread = Reread(screen, self._read, SETTLE_S)

    def begin(self) -> None:
        """Read all of it."""
        self._screen.run_worker(self._begin_tally())
        self._reread.now()

    def resume(self) -> None:
        """The screen is shown again."""
        if self._reread.stale:
            self._reread.now()

    def log_moved(self, moved: Moved, takes: dict[str, Take]) -> None:
        """Count what changed; `takes` are those of this unit."""
        if moved.anew or self.tally.day != moved.board.day:
            self._screen.run_worker(self._begin_tally())
        else:
            for take in takes.values():
                self.tally.put(take)
            self.show()
        now = self._hand.deps.clock.monotonic_ns()
        if self._changed.hear(moved.changes, takes, now):
            self._screen.set_timer(SEEN_S, self.mark)
            self.mark()
        if moved.anew or any(each.entity in ENTITIES or _is_slated(each) for each in moved.changes):
            self._reread.moved()

    def mark(self) -> None:
        """Signs beside takes: who changed them just now, and what is in conflict."""
        if self._screen.alive:
            changed = self._changed.now(self._hand.deps.clock.monotonic_ns())
            self._screen.query_one(TakeList).mark(take_marks(self._hand.contested.found, changed))

    async def _begin_tally(self) -> None:
        day = self._hand.board.day
        tally = await self._hand.desk.read(partial(read_tally, unit=self._hand.deps.unit, day=day))
        if self._screen.alive:
            self.tally = tally
            self.show()

    async def _read(self) -> None:
        try:
            self._day = await self._hand.desk.read(partial(read_log_day, unit=self._hand.deps.unit))
        except OnsetError as error:
            self._screen.say(str(error), True)
            return
        if not self._screen.alive:
            return
        words = planned_words(self._day, self._hand.board)
        line = self._screen.query_one("#planned", WrappedLine)
        line.display = bool(words)
        line.say(words)
        plans = self._day.open
        self._screen.query_one(LogEntry).planned = plan_name(plans[0]) if plans else ""
        self.show()
        self.show_first(self._wants_first)  # the list may have been read before this was

    def show(self, found: str | None = None) -> None:
        """The numbers, as many as there is room for; `found`: what a search says beside them."""
        if found is not None:
            self._found = found
        contested = len(self._hand.contested.found)
        conflicts = [Part(f"{CONFLICT} {in_conflict(contested)}")] if contested else []
        credited = [] if self._day is None else credited_parts(self._day)
        room = (self._screen.size.width or 80) - 2 - len(self._found)
        self._screen.query_one("#totals", Line).show(
            fitted([*self.tally.parts(), *conflicts, *credited], room), self._found
        )

    def show_first(self, wanted: bool) -> None:
        """What a newcomer needs, while the log is empty and nothing else lies there."""
        self._wants_first = wanted
        first = self._screen.query_one(FirstRun)
        first.display = wanted and self._day is not None
        if first.display and self._day is not None:
            first.show_keys(self._hand.keys, scenes=self._day.totals.script.scenes > 0)


def _is_slated(change: LoggedChange) -> bool:
    """A take came to a slate or went from it, or the board is at another scene: a plan may be shot now."""
    return (change.entity, change.field) in (("take", "slate"), ("take", "deleted"), ("board", "scene"))
