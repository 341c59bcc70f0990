"""Rows of a projection as they stand, in order of their arrival; for the questions."""

from __future__ import annotations

from sqlalchemy import Connection, select
from sqlalchemy.engine import RowMapping

from logging_db import questions
from logging_db.schema import projections


def things(connection: Connection, kind: str, **where: object) -> list[RowMapping]:
    """What is not deleted and has these field values, or one of a list; `uid` finds one thing by its id (16 bytes)."""
    table = projections[kind]
    chosen = select(table).where(table.c.deleted.is_not(1))
    for name, value in where.items():
        if isinstance(value, bytes) and name == "uid":
            chosen = chosen.where(table.c.id == questions.numbered(value))
        elif isinstance(value, list):
            chosen = chosen.where(table.c[name].in_(value))
        else:
            chosen = chosen.where(table.c[name].is_(None) if value is None else table.c[name] == value)
    return list(connection.execute(chosen.order_by(table.c.id)).mappings())


def hex_of(uid: bytes | None) -> str | None:
    """An id as all above the database write it."""
    return uid.hex() if uid else None
