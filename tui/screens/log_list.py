"""Which takes the list on the Log screen shows: the newest page first, others as they are looked at, or what is found.

Used by `log.py`. The widget draws and keeps the cursor; here the log is asked, and answers that came too late are
dropped.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial

from onset.domain.take import Take
from onset.logbook.terms import TakeFilter
from tui.hand import Hand
from tui.messages import Moved
from tui.screens.place import PlaceScreen
from tui.take_pages import PAGE, read_row, read_takes
from tui.widgets.take_list import TakeList


class LogList:
    """Asks for what the list shows. Everything runs on the event loop; the desk's reader reads."""

    def __init__(self, screen: PlaceScreen, hand: Hand, begun: Callable[[], None]) -> None:
        """`begun` is told when the list is another one."""
        self._screen = screen
        self._hand = hand
        self._begun = begun
        self.filter = TakeFilter(unit=hand.deps.unit, limit=PAGE)
        self._fetching = False
        self._lists = 0  # that were asked for: an answer for an earlier one is too late

    @property
    def _takes(self) -> TakeList:
        return self._screen.query_one(TakeList)

    def read(self, *, keep: bool = False) -> None:
        """Read the newest page of the list; a take that the cursor was put on may `keep` it."""
        self._screen.run_worker(self._read(keep=keep))

    async def _read(self, *, keep: bool) -> None:
        self._lists += 1
        this, wanted, takes = self._lists, self.filter, self._takes
        if not keep:
            takes.let_go()
        held = takes.held
        newest, count, row = await self._hand.desk.read(partial(read_takes, wanted=wanted, held=held))
        if this != self._lists or not self._screen.alive:  # typing on may have asked for another list meanwhile
            return
        if takes.held != held:  # the cursor went on meanwhile, or keys mean another take
            self.read(keep=True)
            return
        takes.begin(newest, count, row)
        self._begun()

    def log_moved(self, moved: Moved) -> dict[str, Take]:
        """Show the takes as they are now; those of this unit that changed, by id."""
        takes, unit = self._takes, self.filter.unit
        found = {each: take for each, take in moved.takes.items() if take is not None and take.unit == unit}
        if moved.anew or (self.filter.text and found) or not takes.change(found, moved.changes):
            if not takes.on_purpose:
                takes.stand()
            self.read(keep=True)
        return found

    def find(self, text: str) -> None:
        """Show only takes that hold these words; empty shows all."""
        self.filter = TakeFilter(unit=self._hand.deps.unit, limit=PAGE, text=text.strip() or None)
        self.read()

    def stand_on(self, take_id: str) -> None:
        """Put the cursor on a take on purpose; where only some takes are shown, all are again."""
        self._takes.pick_take(take_id)
        if self.filter.text:
            self.filter = TakeFilter(unit=self._hand.deps.unit, limit=PAGE)
            self.read(keep=True)

    def fetch(self, page: int) -> None:
        """Rows of this page are in view and not here."""
        if not self._fetching:
            self._fetching = True
            self._screen.run_worker(self._fetch(page))

    async def _fetch(self, page: int) -> None:
        try:
            while (step := self._takes.pages.next_to_fetch(page)) is not None:
                number, before, size = step
                this = self._lists
                wanted = replace(self.filter, limit=size, before=before)
                found = await self._hand.desk.read(lambda log: log.takes(wanted))  # noqa: B023  # awaited right here
                if this != self._lists or not self._screen.alive:
                    return
                self._takes.add_page(number, found)
                if not found:
                    return
        finally:
            self._fetching = False

    def seek(self, take_id: str) -> None:
        """The cursor belongs on this take, whose row is not known."""
        if not self.filter.text:  # a search has it on its one page, or does not find it
            self._screen.run_worker(self._seek(take_id))

    async def _seek(self, take_id: str) -> None:
        this, wanted, takes = self._lists, self.filter, self._takes
        row = await self._hand.desk.read(partial(read_row, wanted=wanted, take_id=take_id))
        if this == self._lists and self._screen.alive and takes.held == take_id and row is not None:
            if takes.pages.row_of(take_id) is not None:
                takes.stand()
            elif takes.pages.at(row) is None:  # else the list is on its way to be another one
                takes.stand_in(row)
