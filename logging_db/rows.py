"""Rows of a projection as they stand, in order of their arrival; for the questions."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from sqlalchemy import Connection, LargeBinary, Select, bindparam, select
from sqlalchemy.engine import RowMapping

from logging_db import questions
from logging_db.schema import projections


def things(connection: Connection, kind: str, **where: object) -> list[RowMapping]:
    """What is not deleted and has these field values, or one of a list; `uid` finds one thing by its id (16 bytes)."""
    shapes = tuple((name, None if value is None else type(value) is list) for name, value in where.items())
    return list(connection.execute(_asked(kind, shapes), where).mappings())


@lru_cache(maxsize=256)
def _asked(kind: str, shapes: tuple[tuple[str, bool | None], ...]) -> Select[Any]:
    """To build a question costs more than to ask it. A shape: a field, and whether it is one of a list; None: empty."""
    table = projections[kind]
    chosen = select(table).where(table.c.deleted.is_not(1))
    for name, listed in shapes:
        if name == "uid":
            chosen = chosen.where(table.c.id == questions.numbered(bindparam(name, type_=LargeBinary)))
        elif listed:
            chosen = chosen.where(table.c[name].in_(bindparam(name, expanding=True)))
        else:
            chosen = chosen.where(table.c[name].is_(None) if listed is None else table.c[name] == bindparam(name))
    return chosen.order_by(table.c.id)


def hex_of(uid: bytes | None) -> str | None:
    """An id as all above the database write it."""
    return uid.hex() if uid else None
