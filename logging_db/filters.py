"""A `TakeFilter` as conditions on the take table and the index of words, in SQLAlchemy Core. Used by questions.py."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, column, exists, func, literal, select, table, text

from logging_db import search
from logging_db.schema import projections, take, words
from onset.changes import checked
from onset.logbook.terms import TakeFilter
from onset.logbook.words import SCENE, SLATE

_INDEX = table("words_index", column("rowid"))
_FOUND = text("SELECT 1 FROM words_index WHERE words_index MATCH :words LIMIT 1")
_EVERY_WORD = (
    words.c.label.concat(literal(" ")).concat(words.c.notes).concat(literal(" ")).concat(words.c.tags)
).concat(literal(" ").concat(words.c.media))
_TAG = projections["tag"]
_SAME = take.alias("same")
# Another take, not deleted, has its number; it is not deleted itself.
DUPLICATE = and_(
    take.c.deleted.is_not(1),
    exists().where(
        _SAME.c.slate == take.c.slate,
        _SAME.c.take == take.c.take,
        _SAME.c.episode.is_not_distinct_from(take.c.episode),
        _SAME.c.deleted.is_not(1),
        _SAME.c.id != take.c.id,
    ),
)


def narrowed(connection: Connection, chosen: Select[Any], wanted: TakeFilter) -> tuple[Select[Any], ColumnElement[int]]:
    """The selection with the filter's conditions, and the column whose order is that of arrival.

    Args:
        connection: reading; asked whether any take has the words at all.
        chosen: of columns of the take table.
        wanted: its order and its page are the caller's.

    Raises:
        RefusedError: a value that no log could hold.
    """
    _check(wanted)
    chosen = chosen.where(*_conditions(wanted))
    sought = [search.labelled(kind, label) for kind, label in ((SLATE, wanted.slate), (SCENE, wanted.scene)) if label]
    typed = search.query(wanted.text) if wanted.text else None
    if typed is not None and wanted.text is not None:
        parts = search.within(wanted.text)
        if parts is None or connection.execute(_FOUND, {"words": typed}).first() is not None:
            sought.append(typed)
        else:  # no take has words that begin so: those that hold them
            chosen = chosen.join_from(take, words, take.c.id == words.c.id)
            chosen = chosen.where(*(_EVERY_WORD.like(part, escape="\\") for part in parts))
    if not sought:
        return chosen, take.c.id
    chosen = chosen.join_from(_INDEX, take, take.c.id == _INDEX.c.rowid)
    chosen = chosen.where(text("words_index MATCH :words").bindparams(words=" AND ".join(sought)))
    return chosen, _INDEX.c.rowid  # the index walks its rows backwards; sorting takes would not


def _check(wanted: TakeFilter) -> None:
    """Half a letter, or a number beyond 64 bits, would stop the database."""
    asked = (
        (wanted.unit, "unit"),
        (wanted.day, "day"),
        (wanted.scene, "scene"),
        (wanted.slate, "slate"),
        (wanted.tag, "tag"),
        (wanted.before, "place in the list"),
        (wanted.limit, "limit"),
    )
    for value, what in asked:
        checked(value, f"The {what}")


def _conditions(wanted: TakeFilter) -> list[ColumnElement[bool]]:
    found = []
    if wanted.unit is not None:
        found.append(take.c.unit == wanted.unit)
    if wanted.day is not None:
        found.append(take.c.day == wanted.day)
    for name, label in (("slate", wanted.slate), ("scene", wanted.scene)):
        if label == "":
            found.append(func.coalesce(take.c[name], "") == "")
    if wanted.states is not None:
        # One state goes by the index of states. Several must not: sorting all cut takes to find the newest is slow.
        states = [str(state) for state in wanted.states]
        found.append(take.c.state == states[0] if len(states) == 1 else func.coalesce(take.c.state, "").in_(states))
    if wanted.statuses is not None:
        found.append(take.c.status.in_([str(status) for status in wanted.statuses]))
    if wanted.tag is not None:
        found.append(take.c.id.in_(select(_TAG.c.owner).where(_TAG.c.tag == wanted.tag, _TAG.c.deleted.is_not(1))))
    if wanted.duplicates:
        found.append(DUPLICATE)
    if not wanted.deleted:
        found.append(take.c.deleted.is_not(1))
    return found
