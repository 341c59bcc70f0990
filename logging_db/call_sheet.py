"""Questions about who and what is on the call sheet: units, people, episodes."""

from __future__ import annotations

from sqlalchemy import Connection, select, union

from logging_db.rows import things
from logging_db.schema import projections
from onset.domain.production import Episode, Person, Unit
from onset.slate import sort_key


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
