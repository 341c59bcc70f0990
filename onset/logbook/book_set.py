"""The production, its units and days, and what is written on the board: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onset.domain.production import Day, Production, Unit
from onset.domain.take import Board, Stamp
from onset.logbook.terms import Next


class SetDepartment(Protocol):
    """The production, its units and days, and what is written on the board."""

    def production(self) -> Production: ...

    def units(self) -> Sequence[Unit]: ...

    def days(self, unit: str = "Main") -> Sequence[Day]: ...

    def open_day(self, unit: str, number: int, date: str) -> Day:
        """Open a shooting day; the one before it is closed by a person with `wrap_day`, never by midnight."""
        ...

    def wrap_day(self, unit: str, stamp: Stamp) -> Day: ...

    def board(self, unit: str = "Main") -> Board: ...

    def set_next(self, change: Next, *, unit: str = "Main") -> Board: ...

    def next_setup(self, *, unit: str = "Main") -> Board:
        """The next slate by the production's slating system."""
        ...
