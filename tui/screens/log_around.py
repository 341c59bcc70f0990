"""What stands around the takes on the Log screen: the day's numbers, planned setups, the first keys.

Used by `log.py`. The takes are counted one by one as they change; the rest is read by the reader's thread.
"""

from __future__ import annotations

from functools import partial

from onset.domain.take import Take
from onset.errors import OnsetError
from onset.logbook.terms import LoggedChange, TakeFilter
from tui.day_tally import DayTally, fitted
from tui.hand import Hand
from tui.log_day import ENTITIES, LogDay, credited_parts, plan_name, planned_words, read_log_day
from tui.messages import Moved
from tui.reread import Reread
from tui.screens.log_entry import LogEntry
from tui.screens.place import PlaceScreen
from tui.widgets.first_run import FirstRun
from tui.widgets.lines import Line, WrappedLine

SETTLE_S = 0.2


class LogAround:
    """Keeps it up to date and shows it; everything runs on the event loop."""

    def __init__(self, screen: PlaceScreen, hand: Hand) -> None:
        self._screen = screen
        self._hand = hand
        self.tally = DayTally()
        self._day: LogDay | None = None
        self._found = ""
        self._wants_first = False
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
        if moved.anew or any(each.entity in ENTITIES or _is_slated(each) for each in moved.changes):
            self._reread.moved()

    async def _begin_tally(self) -> None:
        day = self._hand.board.day
        wanted = TakeFilter(unit=self._hand.deps.unit, day=day, limit=None)
        takes = await self._hand.desk.read(lambda log: log.takes(wanted))
        if self._screen.alive:
            self.tally.begin(day, takes)
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
        credited = [] if self._day is None else credited_parts(self._day)
        room = (self._screen.size.width or 80) - 2 - len(self._found)
        self._screen.query_one("#totals", Line).show(fitted([*self.tally.parts(), *credited], room), self._found)

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
