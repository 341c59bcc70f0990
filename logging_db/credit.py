"""Questions about what is credited, planned and owed of the script, and how many takes there are of what kind."""

from __future__ import annotations

from dataclasses import replace

from sqlalchemy import Connection, func, select

from logging_db import questions
from logging_db.rows import things
from logging_db.schema import take
from onset.domain.credit import Balance, Credit, Owed, OwedTake, PlannedScene
from onset.domain.scene import Coverage, OwedKind
from onset.domain.take import Kind, Status
from onset.logbook.totals import Attempts
from onset.slate import sort_key

_KIND_OF = {OwedKind.WILD_TRACK: Kind.WILD_TRACK, OwedKind.PICKUP: Kind.PICKUP}


def credits(connection: Connection, **where: object) -> list[Credit]:
    """In order of day, then as they were credited."""
    found = [
        Credit(
            id=row["uid"].hex(),
            scene_id=row["scene"].hex() if row["scene"] else "",
            episode=row["episode"],
            number=row["number"] or "",
            unit=row["unit"] or "",
            day=row["day"] or 0,
            state=Coverage(row["state"] or Coverage.NOT_STARTED),
            eighths=row["eighths"],
            seconds=row["seconds"],
            note=row["note"] or "",
            author=row["author"] or "",
            wall_ns=row["wall_ns"] or 0,
        )
        for row in things(connection, "credit", **where)
    ]
    return sorted(found, key=lambda one: (one.day, one.wall_ns))


def balances(connection: Connection) -> dict[str, Balance]:
    """Unit to what it had shot before this log began."""
    numbers = ("days", "scenes", "setups", "takes", "circled", "eighths", "seconds")
    return {
        row["unit"]: Balance(unit=row["unit"], note=row["note"] or "", **{name: row[name] or 0 for name in numbers})
        for row in things(connection, "balance")
        if row["unit"]
    }


def planned(connection: Connection, **where: object) -> list[PlannedScene]:
    """In order of day and of the day's schedule."""
    found = [
        PlannedScene(
            id=row["uid"].hex(),
            unit=row["unit"] or "",
            day=row["day"] or 0,
            episode=row["episode"],
            number=row["scene"] or "",
            ordinal=row["ordinal"] or 0,
            eighths=row["eighths"],
            note=row["note"] or "",
        )
        for row in things(connection, "plan", **where)
    ]
    return sorted(found, key=lambda one: (one.day, one.unit, one.ordinal, sort_key(one.number)))


def owed(connection: Connection, **where: object) -> list[Owed]:
    """The oldest first; those that are open with the takes that look like what is owed."""
    found = []
    for row in things(connection, "owed", **where):
        one = Owed(
            id=row["uid"].hex(),
            kind=OwedKind(row["kind"] or OwedKind.SHOT),
            text=row["text"] or "",
            unit=row["unit"] or "",
            episode=row["episode"],
            scene=row["scene"] or "",
            slate=row["slate"] or "",
            day=row["day"],
            author=row["author"] or "",
            wall_ns=row["wall_ns"] or 0,
            shot=_named(connection, row["shot"]) if row["shot"] else None,
            dropped=row["dropped"] == 1,
        )
        found.append(_with_proposals(connection, one) if one.open else one)
    return found


def _named(connection: Connection, uid: bytes) -> OwedTake:
    row = connection.execute(select(take.c.slate, take.c.take).where(take.c.id == questions.numbered(uid))).first()
    # Another seat's take may be on its way.
    return OwedTake(id=uid.hex(), label=f"{row.slate}/{row.take}" if row else "?")


def _with_proposals(connection: Connection, one: Owed) -> Owed:
    """Takes rolled since it is owed: of its slate, or else of its scene and of that kind."""
    chosen = (
        select(take.c.uid, take.c.slate, take.c.take)
        .where(
            take.c.episode.is_not_distinct_from(one.episode),
            take.c.rolled_ns >= one.wall_ns,
            take.c.deleted.is_not(1),
            take.c.kind != Kind.FALSE_START,
            take.c.status != Status.NG,
        )
        .order_by(take.c.id)
    )
    if one.slate:
        chosen = chosen.where(take.c.slate == one.slate)
    elif one.kind in _KIND_OF:
        chosen = chosen.where(take.c.scene == one.scene, take.c.kind == _KIND_OF[one.kind])
    else:
        return one
    takes = tuple(
        OwedTake(id=uid.hex(), label=f"{slate}/{number}") for uid, slate, number in connection.execute(chosen)
    )
    return replace(one, proposed=takes)


def attempts(connection: Connection) -> list[Attempts]:
    """How many takes there are of each slate, day, kind and status."""
    by = (take.c.unit, take.c.day, take.c.episode, take.c.slate, take.c.kind, take.c.status)
    chosen = select(*by, func.count()).where(take.c.deleted.is_not(1)).group_by(*by)
    return [
        Attempts(
            unit=unit or "",
            day=day or 0,
            episode=episode,
            slate=slate or "",
            kind=Kind(kind or Kind.NORMAL),
            status=Status(status or Status.NONE),
            count=count,
        )
        for unit, day, episode, slate, kind, status, count in connection.execute(chosen)
    ]
