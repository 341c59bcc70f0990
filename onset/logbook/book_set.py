"""The production, its units and days, and what is written on the board: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from onset.domain.production import Day, Episode, Person, Production, Unit
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

    def wrap_day(self, unit: str, stamp: Stamp) -> Day: ...

    def board(self, unit: str = "Main") -> Board: ...

    def set_next(self, change: Next, *, unit: str = "Main") -> Board: ...

    def next_setup(self, *, unit: str = "Main") -> Board:
        """The next slate by the production's slating system."""
        ...
