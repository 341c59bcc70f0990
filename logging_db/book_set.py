"""The set: the verbs of `onset.logbook.book_set` on SQLite, each one edit."""

from __future__ import annotations

from logging_db.writing import Verbs
from onset.domain.production import Day
from onset.domain.take import Board, Stamp
from onset.logbook import board as boards
from onset.logbook import days
from onset.logbook.terms import Next


class SetVerbs(Verbs):
    """See `onset.logbook.book_set.SetDepartment`."""

    def open_day(self, unit: str, number: int, date: str) -> Day:
        with self._edit("open day") as edit:
            boards.check_unit(edit, unit)
            day_id = days.open_day(edit, unit, number, date)
        return self._day(unit, day_id)

    def wrap_day(self, unit: str, stamp: Stamp) -> Day:
        with self._edit("wrap day", stamp.wall_ns) as edit:
            boards.check_unit(edit, unit)
            day_id = days.wrap_day(edit, unit, stamp)
        return self._day(unit, day_id)

    def _day(self, unit: str, day_id: str) -> Day:
        return next(day for day in self.days(unit) if day.id == day_id)

    def set_next(self, change: Next, *, unit: str = "Main") -> Board:
        with self._edit("next") as edit:
            boards.set_next(edit, unit, change)
        return self.board(unit)

    def next_setup(self, *, unit: str = "Main") -> Board:
        with self._edit("next") as edit:
            boards.advance(edit, unit)
        return self.board(unit)
