"""The set: verbs and questions of `onset.logbook.book_set` on SQLite, each one edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from logging_db import call_sheet
from logging_db.writing import Verbs
from onset.changes import Value
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
from onset.logbook import board as boards
from onset.logbook import crew, days
from onset.logbook.terms import Next


class SetVerbs(Verbs):
    """See `onset.logbook.book_set.SetDepartment`."""

    def set_production(self, fields: Mapping[str, Value]) -> Production:
        with self._edit("set production") as edit:
            crew.set_production(edit, fields)
        return self.production()

    def units(self) -> Sequence[Unit]:
        with self._reading() as connection:
            return call_sheet.units(connection)

    def add_unit(self, name: str, fields: Mapping[str, Value] | None = None) -> Unit:
        with self._edit("add unit") as edit:
            crew.add_unit(edit, name, fields or {})
        return self._unit(name.strip())

    def set_unit(self, name: str, fields: Mapping[str, Value]) -> Unit:
        with self._edit("set unit") as edit:
            crew.set_unit(edit, name, fields)
        return self._unit(name)

    def _unit(self, name: str) -> Unit:
        return next(unit for unit in self.units() if unit.name == name)

    def people(self) -> Sequence[Person]:
        with self._reading() as connection:
            return call_sheet.people(connection)

    def set_person(self, name: str, fields: Mapping[str, Value]) -> Person:
        with self._edit("set person") as edit:
            person_id = crew.set_person(edit, name, fields)
        return next(person for person in self.people() if person.id == person_id)

    def remove_person(self, name: str) -> None:
        with self._edit("remove person") as edit:
            crew.remove_person(edit, name)

    def episodes(self) -> Sequence[Episode]:
        with self._reading() as connection:
            return call_sheet.episodes(connection)

    def set_episode(self, number: str, fields: Mapping[str, Value]) -> Episode:
        with self._edit("set episode") as edit:
            number = crew.set_episode(edit, number, fields)
        return next(episode for episode in self.episodes() if episode.number == number)

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

    def reopen_day(self, unit: str) -> Day:
        with self._edit("reopen day") as edit:
            boards.check_unit(edit, unit)
            number = days.reopen_day(edit, unit)
        return next(day for day in self.days(unit) if day.number == number)

    def set_day(self, number: int, fields: Mapping[str, Value], *, unit: str = "Main") -> Day:
        with self._edit("set day") as edit:
            boards.check_unit(edit, unit)
            days.set_day(edit, unit, number, fields)
        return next(day for day in self.days(unit) if day.number == number)

    def open_yesterday(self, *, now_ns: int, unit: str = "Main") -> OpenYesterday | None:
        with self._reading() as connection:
            return call_sheet.open_yesterday(connection, unit, now_ns)

    def stamp_day(
        self, what: Moment, stamp: Stamp, *, day: int | None = None, unit: str = "Main", note: str = ""
    ) -> DayStamp:
        with self._edit("stamp day") as edit:
            boards.check_unit(edit, unit)
            number, stamp_id = days.stamp_day(edit, unit, what, stamp.wall_ns, day=day, note=note)
        return next(one for one in self.day_stamps(number, unit=unit) if one.id == stamp_id)

    def remove_stamp(self, stamp_id: str) -> None:
        with self._edit("remove stamp") as edit:
            days.remove_stamp(edit, stamp_id)

    def day_stamps(self, day: int, *, unit: str = "Main") -> Sequence[DayStamp]:
        with self._reading() as connection:
            return call_sheet.day_stamps(connection, unit, day)

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
        with self._edit("jam") as edit:
            boards.check_unit(edit, unit)
            number, jam_id = days.jam(edit, unit, device, stamp.wall_ns, tc=tc, day=day, note=note)
        return next(one for one in self.jams(number, unit=unit) if one.id == jam_id)

    def remove_jam(self, jam_id: str) -> None:
        with self._edit("remove jam") as edit:
            days.remove_jam(edit, jam_id)

    def jams(self, day: int, *, unit: str = "Main") -> Sequence[Jam]:
        with self._reading() as connection:
            return call_sheet.jams(connection, unit, day)

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
