"""A `TakeFilter` as conditions on the take table and the index of words, in SQLAlchemy Core. Used by questions.py."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    Select,
    Table,
    and_,
    column,
    exists,
    func,
    literal,
    literal_column,
    not_,
    or_,
    select,
    table,
    text,
    tuple_,
)

from logging_db import search
from logging_db.remembered import Remembered
from logging_db.schema import entity, projections, take, words
from logging_db.sqlite_library import Connection as SqliteConnection
from onset.changes import checked
from onset.domain.camera import LinkState
from onset.domain.note import Audience
from onset.domain.take import Kind, State, Status
from onset.errors import RefusedError
from onset.logbook.terms import Part, TakeFilter
from onset.logbook.words import SCENE, SLATE
from onset.slate import sort_key
from onset.text import safe_text

_INDEX = table("words_index", column("rowid"))
SHOT = (take.c.day, take.c.rolled_ns, take.c.uid)
_FOUND = "SELECT 1 FROM words_index WHERE words_index MATCH ? LIMIT 1"
_EVERY_WORD = (
    words.c.label.concat(literal(" ")).concat(words.c.notes).concat(literal(" ")).concat(words.c.tags)
).concat(literal(" ").concat(words.c.media).concat(literal(" ")).concat(words.c.scene))
# A loose walk over the index: each step looks up the next scene, so that a hundred thousand takes cost no more than
# their scenes do.
_SCENES = text(
    "WITH RECURSIVE scene_of(scene) AS (SELECT min(scene) FROM take UNION ALL "
    "SELECT (SELECT min(t.scene) FROM take t WHERE t.scene > s.scene) FROM scene_of s WHERE s.scene IS NOT NULL) "
    "SELECT scene FROM scene_of WHERE scene IS NOT NULL"
)
_key = lru_cache(maxsize=16_384)(sort_key)
_NO_DAY = 1 << 31
_ANGLE, _SOUND_TAKE, _LINK = projections["angle"], projections["sound_take"], projections["link"]
_NOTE, _TAG, _RATING, _STILL = (projections[kind] for kind in ("note", "tag", "rating", "still"))
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


@dataclass(frozen=True, slots=True)
class Narrowed:
    """A selection of takes with a filter's conditions.

    Attributes:
        chosen: goes by what the index of words, or that of tags, finds, where such words or tags are asked for.
        walked: the same, for a walk over all takes in another order.
        arrival: the column by which `chosen` is walked backwards without a sort; None where no such index is asked.
    """

    chosen: Select[Any]
    walked: Select[Any]
    arrival: ColumnElement[int] | None


def narrowed(
    connection: Connection, chosen: Select[Any], wanted: TakeFilter, remembered: Remembered | None = None
) -> Narrowed:
    """The selection with the filter's conditions.

    Args:
        connection: reading; asked whether any take has the words at all, and where `before` stands.
        chosen: of columns of the take table.
        wanted: its order and its limit are the caller's.
        remembered: of this connection; it was looked at.

    Raises:
        RefusedError: a value that no log could hold, or a page that begins at no take.
    """
    _check(wanted)
    chosen = chosen.where(*_conditions(connection, wanted))
    sought = [search.labelled(kind, label) for kind, label in ((SLATE, wanted.slate), (SCENE, wanted.scene)) if label]
    those = [("media", any_of) for any_of in wanted.rolls] + [("tags", any_of) for any_of in wanted.tags]
    sought += [had for column_of, any_of in those if (had := search.among(column_of, any_of)) is not None]
    beginning = partial((remembered or Remembered()).beginning, bare(connection))
    typed = search.query(wanted.text, beginning) if wanted.text else None
    if typed is not None and wanted.text is not None:
        parts = search.within(wanted.text)
        if parts is None or _begins(connection, typed):
            sought.append(typed)
        else:  # no take has words that begin so: those that hold them
            chosen = chosen.join_from(take, words, take.c.id == words.c.id)
            chosen = chosen.where(*(_EVERY_WORD.like(part, escape="\\") for part in parts))
    if not sought:
        return Narrowed(chosen, chosen, take.c.id if wanted.tags else None)
    match = text("words_index MATCH :words").bindparams(words=" AND ".join(sought))
    by_words = chosen.join_from(_INDEX, take, take.c.id == _INDEX.c.rowid).where(match)
    # "+ 0" keeps SQLite from going by what was found.
    walked = chosen.where((take.c.id + literal_column("0")).in_(select(_INDEX.c.rowid).where(match)))
    return Narrowed(by_words, walked, _INDEX.c.rowid)


def bare(connection: Connection) -> SqliteConnection:
    """The database's own, in the same transaction: SQLAlchemy's results cost as much as small queries (measured)."""
    found: SqliteConnection = connection.connection.driver_connection  # type: ignore[assignment]  # SQLAlchemy's is Any
    return found


def _place(connection: Connection, take_id: str) -> tuple[object, ...]:
    """Where a take stands in shooting order."""
    try:
        uid = bytes.fromhex(take_id)
    except ValueError:
        uid = b""
    number = select(entity.c.id).where(entity.c.uid == uid).scalar_subquery()
    found = connection.execute(select(*SHOT).where(take.c.id == number)).first()
    if found is None:
        raise RefusedError(f"There is no take with the id {safe_text(take_id)} in this log; begin the list anew.")
    return tuple(found)


def _begins(connection: Connection, typed: str) -> bool:
    """Whether any take has words that begin so. Whole ones are looked for first: that reads no list of beginnings."""
    ways = dict.fromkeys((typed.replace('"*', '"'), typed))
    return any(bare(connection).execute(_FOUND, (words,)).fetchone() is not None for words in ways)


def _check(wanted: TakeFilter) -> None:
    """Half a letter, or a number beyond 64 bits, would stop the database."""
    asked: tuple[tuple[Iterable[str | int | None], str], ...] = (
        ((wanted.unit,), "unit"),
        ((wanted.day, *(wanted.days or ())), "day"),
        ((wanted.episode,), "episode"),
        ((wanted.scene, *(wanted.scenes or ())), "scene"),
        ((wanted.slate,), "slate"),
        (chain.from_iterable(wanted.cameras), "camera"),
        (chain.from_iterable(wanted.rolls), "roll"),
        (chain.from_iterable(wanted.tags), "tag"),
        (chain.from_iterable(wanted.ratings), "rating"),
        ((wanted.before,), "place in the list"),
        ((wanted.limit,), "limit"),
    )
    for values, what in asked:
        for value in values:
            checked(value, f"The {what}")


def _conditions(connection: Connection, wanted: TakeFilter) -> Iterator[ColumnElement[bool]]:
    if wanted.unit is not None:
        yield take.c.unit == wanted.unit
    if wanted.day is not None:
        yield take.c.day == wanted.day
    if wanted.days is not None:
        first, last = wanted.days
        yield take.c.day.between(1 if first is None else first, _NO_DAY if last is None else last)
    for name, label in (("slate", wanted.slate), ("scene", wanted.scene), ("episode", wanted.episode)):
        if label == "":
            yield func.coalesce(take.c[name], "") == ""
    if wanted.episode:
        yield take.c.episode == wanted.episode
    if wanted.scenes is not None:
        yield take.c.scene.in_(one_of(_scenes_between(connection, *wanted.scenes)))
    if wanted.states is not None:
        # Those that roll go by the index of states. Others must not: to sort all cut takes for the newest is slow.
        states = [str(state) for state in wanted.states]
        few = states == [State.ROLLING]
        yield take.c.state == states[0] if few else func.coalesce(take.c.state, "").in_(states)
    if wanted.statuses is not None:
        yield func.coalesce(take.c.status, str(Status.NONE)).in_([str(status) for status in wanted.statuses])
    if wanted.kinds is not None:
        yield func.coalesce(take.c.kind, str(Kind.NORMAL)).in_([str(kind) for kind in wanted.kinds])
    for flag, column_of in ((wanted.mos, "mos"), (wanted.tail_slate, "tail_slate"), (wanted.added, "added")):
        if flag is not None:
            yield take.c[column_of].is_(1) if flag else take.c[column_of].is_not(1)
    if wanted.duplicates:
        yield DUPLICATE
    if wanted.before is not None:
        place = tuple_(*map(literal, _place(connection, wanted.before)))
        yield tuple_(*SHOT) > place if wanted.oldest_first else tuple_(*SHOT) < place
    yield from _belongings(wanted)
    if not wanted.deleted:
        yield take.c.deleted.is_not(1)


def _belongings(wanted: TakeFilter) -> Iterator[ColumnElement[bool]]:
    """Conditions on what belongs to a take."""
    for any_of in wanted.cameras:
        yield _owned(_ANGLE, func.upper(_ANGLE.c.camera).in_([camera.upper() for camera in any_of]))
    for any_of in wanted.rolls:
        rolls = [roll.upper() for roll in any_of]
        yield or_(
            _owned(_ANGLE, func.upper(_ANGLE.c.roll).in_(rolls)),
            _owned(_SOUND_TAKE, func.upper(_SOUND_TAKE.c.roll).in_(rolls)),
            func.upper(take.c.sound_roll).in_(rolls),
        )
    for any_of in wanted.tags:
        if search.among("tags", any_of) is None:
            yield take.c.id.in_(select(_TAG.c.owner).where(_TAG.c.tag.in_(list(any_of)), _TAG.c.deleted.is_not(1)))
        else:  # the index of words finds them; by that of tags, all takes of a tag would be looked at for each
            yield _owned(_TAG, func.coalesce(_TAG.c.tag, "").in_(list(any_of)))
    for voter, value in wanted.ratings:
        said = _RATING.c.value == value if value else _RATING.c.value.is_not(None)
        of_voter = _owned(_RATING, _RATING.c.voter == voter, said)
        yield not_(of_voter) if value == "" else of_voter
    if wanted.audiences is not None:
        audiences = [str(audience) for audience in wanted.audiences]
        yield _owned(
            _NOTE, _NOTE.c.mark.is_not(1), func.coalesce(_NOTE.c.audience, str(Audience.EDITOR)).in_(audiences)
        )
    yield from (_PARTS[part] for part in wanted.has)
    yield from (not_(_PARTS[part]) for part in wanted.lacks)


def _owned(child: Table, *conditions: ColumnElement[bool]) -> ColumnElement[bool]:
    """The take has one of these, and it is not deleted."""
    return exists().where(child.c.owner == take.c.id, child.c.deleted.is_not(1), *conditions)


def _file(media: Table) -> ColumnElement[bool]:
    linked = exists().where(entity.c.uid == _LINK.c.media, media.c.id == entity.c.id, media.c.deleted.is_not(1))
    return _owned(_LINK, _LINK.c.state != str(LinkState.REFUSED), linked)


def _filled(value: ColumnElement[str]) -> ColumnElement[bool]:
    return func.coalesce(value, "") != ""


_PARTS: dict[Part, ColumnElement[bool]] = {
    Part.NOTES: _owned(_NOTE, _NOTE.c.mark.is_not(1)),
    Part.MARKS: _owned(_NOTE, _NOTE.c.mark.is_(1)),
    Part.DESCRIPTION: _filled(take.c.description),
    Part.REASON: _filled(take.c.status_reason),
    Part.CIRCLED: or_(
        func.coalesce(take.c.status, "") == str(Status.CIRCLED),
        _owned(_ANGLE, _ANGLE.c.rating == str(Status.CIRCLED)),
    ),
    Part.RATINGS: _owned(_RATING, _RATING.c.value.is_not(None)),
    Part.TAGS: _owned(_TAG),
    Part.TIMECODE: _filled(take.c.tc_in),
    Part.ACTION: _owned(projections["run"]),
    Part.CAMERAS: _owned(_ANGLE),
    Part.ROLL: and_(_owned(_ANGLE), not_(_owned(_ANGLE, func.coalesce(_ANGLE.c.roll, "") == ""))),
    Part.CLIPS: _file(projections["clip"]),
    Part.SOUND: _file(projections["sound"]),
    Part.STILLS: exists().where(
        _STILL.c.of_take == take.c.uid,
        _STILL.c.deleted.is_not(1),
        func.coalesce(_STILL.c.state, "") != str(LinkState.REFUSED),
    ),
    Part.SLATED_AS: _filled(take.c.slated_as),
}


def one_of(values: Sequence[str] | Sequence[int]) -> Select[Any]:
    """One parameter, whatever their number."""
    return select(func.json_each(json.dumps(values)).table_valued("value").c.value)


def _scenes_between(connection: Connection, first: str | None, last: str | None) -> list[str]:
    """Scenes that takes have been made of, in the order of their labels on paper."""
    least, most = _key(first or ""), _key(last or "")
    found = (str(row[0]) for row in connection.execute(_SCENES))
    return [
        scene for scene in found if (first is None or least <= _key(scene)) and (last is None or _key(scene) <= most)
    ]
