"""The production, its units and days, and what is written on the board: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from onset.domain.production import (
    Day,
    DayStamp,
    Episode,
    Jam,
    Moment,
    OpenYesterday,
    Person,
    Production,
    Unit,
)
from onset.domain.take import Board, Stamp
from onset.logbook.terms import Next, Value


class SetDepartment(Protocol):
    """The production, its units and days, and what is written on the board."""

    def production(self) -> Production: ...

    def set_production(self, fields: Mapping[str, Value]) -> Production:
        """Change what is said of the production, beginning with its title.

        Raises:
            RefusedError: rate, slating or skipped letters, which are fixed when it is made; no such field, or a value
                it cannot hold.
        """
        ...

    def units(self) -> Sequence[Unit]:
        """In the order in which they came; the first is the main unit."""
        ...

    def add_unit(self, name: str, fields: Mapping[str, Value] | None = None) -> Unit:
        """A further unit, with days, board and rolls of its own.

        Raises:
            RefusedError: there is a unit of that name, however it is spelled.
        """
        ...

    def set_unit(self, name: str, fields: Mapping[str, Value]) -> Unit: ...

    def people(self) -> Sequence[Person]:
        """In order of their names."""
        ...

    def set_person(self, name: str, fields: Mapping[str, Value]) -> Person:
        """Change what is said of somebody, who is added where nobody of that name is there."""
        ...

    def remove_person(self, name: str) -> None:
        """Take somebody off the list.

        Raises:
            RefusedError: nobody of that name is on it.
        """
        ...

    def episodes(self) -> Sequence[Episode]:
        """Episodes that were named, or that a scene, a setup, a take or a board names; in order of their numbers."""
        ...

    def set_episode(self, number: str, fields: Mapping[str, Value]) -> Episode: ...

    def days(self, unit: str = "Main") -> Sequence[Day]: ...

    def open_day(self, unit: str, number: int, date: str) -> Day:
        """Open a shooting day; the one before it is closed by a person with `wrap_day`, never by midnight."""
        ...

    def wrap_day(self, unit: str, stamp: Stamp) -> Day:
        """End the open day; it stays correctable. One that was left open yesterday ended with its last stamp or take.

        Raises:
            RefusedError: none is open, or a take of the unit rolls. Carries `take_id`.
        """
        ...

    def reopen_day(self, unit: str) -> Day:
        """The day that ended last goes on: somebody ended it by mistake.

        Raises:
            RefusedError: it is open, or there is none.
        """
        ...

    def set_day(self, number: int, fields: Mapping[str, Value], *, unit: str = "Main") -> Day:
        """Change date, location, weather, timezone or note of a day, open or ended."""
        ...

    def open_yesterday(self, *, now_ns: int, unit: str = "Main") -> OpenYesterday | None:
        """The open day, where it is of an earlier date and nothing was stamped or shot on it for more than 6 hours.

        Args:
            now_ns: wall clock.
            unit: whose day.
        """
        ...

    def stamp_day(
        self, what: Moment, stamp: Stamp, *, day: int | None = None, unit: str = "Main", note: str = ""
    ) -> DayStamp:
        """Stamp a moment of a day: of the open one, or of `day`, which may have ended.

        What happens once a day is moved where it was stamped already; company moves are several. A call where no day is
        open opens the next; anything else is then of the day that ended last.
        """
        ...

    def remove_stamp(self, stamp_id: str) -> None: ...

    def day_stamps(self, day: int, *, unit: str = "Main") -> Sequence[DayStamp]:
        """The moments of a day in order of time.

        First shot and first shot after lunch are proposed from the takes where nobody stamped them (`derived`).
        """
        ...

    def jam(
        self,
        device: str,
        stamp: Stamp,
        *,
        tc: str | None = None,
        day: int | None = None,
        unit: str = "Main",
        note: str = "",
    ) -> Jam:
        """A device's clock was set to the master's, to the label `tc`; the day as for a call.

        Raises:
            RefusedError: no such day, or no timecode of the production's rate.
        """
        ...

    def remove_jam(self, jam_id: str) -> None: ...

    def jams(self, day: int, *, unit: str = "Main") -> Sequence[Jam]:
        """Of all devices, in order of time."""
        ...

    def board(self, unit: str = "Main") -> Board: ...

    def set_next(self, change: Next, *, unit: str = "Main") -> Board: ...

    def next_setup(self, *, unit: str = "Main") -> Board:
        """The next slate by the production's slating system."""
        ...
