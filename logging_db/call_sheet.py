"""Questions about who and what is on the call sheet, and how its day went: units, people, episodes, stamps, jams."""

from __future__ import annotations

from sqlalchemy import Connection, func, select, union

from logging_db.production import days
from logging_db.rows import things
from logging_db.schema import projections, take
from onset.domain.production import DayStamp, Episode, Jam, Moment, OpenYesterday, Person, Unit
from onset.domain.take import Kind
from onset.logbook.days import STALE_NS, local_date
from onset.slate import sort_key

_MOMENTS = {str(moment): moment for moment in Moment}
_NO_SHOT = (str(Kind.WILD_TRACK), str(Kind.CHART))  # no camera films the scene


def units(connection: Connection) -> list[Unit]:
    """In the order they were made."""
    return [
        Unit(id=row["uid"].hex(), name=row["name"] or "", slate_prefix=row["slate_prefix"] or "")
        for row in things(connection, "unit")
    ]


def people(connection: Connection) -> list[Person]:
    """In order of their names."""
    found = [
        Person(
            id=row["uid"].hex(),
            name=row["name"] or "",
            role=row["role"] or "",
            department=row["department"] or "",
            unit=row["unit"] or "",
            phone=row["phone"] or "",
            email=row["email"] or "",
            note=row["note"] or "",
        )
        for row in things(connection, "person")
    ]
    return sorted(found, key=lambda person: (person.name.casefold(), person.id))


def episodes(connection: Connection) -> list[Episode]:
    """Those with a name, and those that anything of the log belongs to."""
    named = {
        str(row["number"]): Episode(number=row["number"], title=row["title"] or "", note=row["note"] or "")
        for row in things(connection, "episode")
        if row["number"]
    }
    used = union(
        *(
            select(projections[kind].c.episode).where(
                projections[kind].c.episode.is_not(None), projections[kind].c.deleted.is_not(1)
            )
            for kind in ("scene", "setup", "take", "board")
        )
    )
    numbers = named.keys() | {str(number) for (number,) in connection.execute(used)}
    return [
        named.get(number) or Episode(number=number) for number in sorted(numbers, key=lambda one: (sort_key(one), one))
    ]


def day_stamps(connection: Connection, unit: str, day: int) -> list[DayStamp]:
    """Those that a person stamped, and those that the takes propose, in order of time."""
    found = [
        DayStamp(
            id=row["uid"].hex(),
            unit=unit,
            day=day,
            what=_MOMENTS[row["what"]],
            wall_ns=row["wall_ns"],
            note=row["note"] or "",
        )
        for row in things(connection, "day_stamp", unit=unit, day=day)
        if row["what"] in _MOMENTS and row["wall_ns"] is not None
    ]
    stamped = {one.what: one.wall_ns for one in found}
    since = {Moment.FIRST_SHOT: 0, Moment.FIRST_AFTER_LUNCH: stamped.get(Moment.LUNCH_IN)}
    for what, after_ns in since.items():
        first_ns = _first_shot(connection, unit, day, after_ns) if after_ns is not None else None
        if what not in stamped and first_ns is not None:
            found.append(DayStamp(id="", unit=unit, day=day, what=what, wall_ns=first_ns, derived=True))
    return sorted(found, key=lambda one: (one.wall_ns, list(Moment).index(one.what)))


def _first_shot(connection: Connection, unit: str, day: int, after_ns: int) -> int | None:
    chosen = select(func.min(take.c.rolled_ns)).where(
        take.c.unit == unit,
        take.c.day == day,
        take.c.rolled_ns >= after_ns,
        take.c.deleted.is_not(1),
        func.coalesce(take.c.kind, "").not_in(_NO_SHOT),
    )
    found = connection.execute(chosen).scalar_one()
    return None if found is None else int(found)


def jams(connection: Connection, unit: str, day: int) -> list[Jam]:
    """In order of time."""
    found = [
        Jam(
            id=row["uid"].hex(),
            unit=unit,
            day=day,
            device=row["device"] or "",
            wall_ns=row["wall_ns"] or 0,
            tc=row["tc"],
            note=row["note"] or "",
        )
        for row in things(connection, "jam", unit=unit, day=day)
    ]
    return sorted(found, key=lambda one: (one.wall_ns, one.device))


def open_yesterday(connection: Connection, unit: str, now_ns: int) -> OpenYesterday | None:
    """The newest day, where it is open, of an earlier date than now, and silent for long."""
    known = days(connection, unit)
    if not known or known[-1].wrapped_ns is not None or known[-1].date >= local_date(now_ns):
        return None
    day = known[-1]
    tables = (
        (take, "rolled_ns"),
        (take, "cut_ns"),
        (projections["day_stamp"], "wall_ns"),
        (projections["jam"], "wall_ns"),
    )
    moments = [
        connection.execute(
            select(func.max(table.c[name])).where(
                table.c.unit == unit, table.c.day == day.number, table.c.deleted.is_not(1)
            )
        ).scalar_one()
        for table, name in tables
    ]
    newest_ns = max((int(moment) for moment in moments if moment is not None), default=None)
    if newest_ns is not None and now_ns - newest_ns <= STALE_NS:
        return None
    return OpenYesterday(day=day, newest_ns=newest_ns)
