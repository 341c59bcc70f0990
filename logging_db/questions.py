"""Questions to the log: whole takes and what belongs to them, in SQLAlchemy Core on the reading connection."""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import (
    BindParameter,
    ColumnElement,
    Connection,
    ScalarSelect,
    Select,
    func,
    literal,
    literal_column,
    select,
    tuple_,
)
from sqlalchemy.dialects import sqlite

from logging_db import files, filters
from logging_db.arrivals import Arrivals
from logging_db.elsewhere import SAID_ELSEWHERE
from logging_db.remembered import Remembered
from logging_db.schema import entity, projections, take
from onset.changes import checked
from onset.domain.camera import LinkState
from onset.domain.note import Audience, Note
from onset.domain.take import Kind, Run, State, Status, Take
from onset.logbook.terms import TakeFilter

# Rows come from SQLAlchemy as tuples of Any; nothing of that leaves this module.
_Record = Sequence[Any]
_Belongings = Sequence[Sequence[_Record]]
_NONE: Sequence[_Record] = []
_LINK = projections["link"]

_ASKED: Any = literal_column("?")

# One JSON list: two hundred parameters would cost more to bind in eight queries than the queries themselves (measured).
_OWNERS = select(func.json_each(_ASKED).table_valued("value").c.value)
_STATES = {str(state): state for state in State}
_STATUSES = {str(status): status for status in Status}
_KINDS = {str(kind): kind for kind in Kind}
_AUDIENCES = {str(audience): audience for audience in Audience}


def _sql(chosen: Select[Any]) -> str:
    """As text, once: to look up what was compiled, and to make bytes of bytes, would cost more than the query."""
    return str(chosen.compile(dialect=sqlite.dialect(paramstyle="qmark"), compile_kwargs={"literal_binds": True}))


def _children(kind: str, columns: str, by: str | None = None) -> str:
    """What belongs to takes, the first column is the take's number; `by` is the same in logs that were merged."""
    child = projections[kind]
    chosen = select(child.c.owner, *(child.c[name] for name in columns.split()))
    order = (child.c.id,) if by is None else (child.c[by], child.c.id)
    return _sql(chosen.where(child.c.owner.in_(_OWNERS), child.c.deleted.is_not(1)).order_by(*order))


def _linked(kind: str, columns: str) -> str:
    """Files by their links: a file may hold several takes, and a take may have files recorded during another."""
    media = projections[kind]
    return _sql(
        select(
            *(_LINK.c[name] for name in ("owner", "state", "method", "evidence", "decided_by")),
            *(media.c[name] for name in (*columns.split(), "source", "card", "unreadable")),
        )
        .join(entity, entity.c.uid == _LINK.c.media)
        .join(media, media.c.id == entity.c.id)
        .where(
            _LINK.c.owner.in_(_OWNERS),
            _LINK.c.state != str(LinkState.REFUSED),
            _LINK.c.deleted.is_not(1),
            media.c.deleted.is_not(1),
        )
        .order_by(media.c.id)
    )


def numbered(uid: bytes | BindParameter[bytes]) -> ScalarSelect[int]:
    """The number of a thing: projections have no index of their own on ids."""
    return select(entity.c.id).where(entity.c.uid == uid).scalar_subquery()


_STILL = projections["still"]


def _stills() -> str:
    """Stills of takes; the first column is the take's number."""
    return _sql(
        select(entity.c.id, *(_STILL.c[name] for name in files.STILL_COLUMNS))
        .join(_STILL, _STILL.c.of_take == entity.c.uid)
        .where(entity.c.id.in_(_OWNERS), _STILL.c.state != str(LinkState.REFUSED), _STILL.c.deleted.is_not(1))
        .order_by(_STILL.c.taken_ns, _STILL.c.id)
    )


# The columns stand in the order in which the functions below take them apart: by name they would cost twice as much.
_RUNS = _children("run", "uid action cut action_ns cut_ns action_source cut_source", by="action_ns")
_NOTES = _children("note", "uid text author audience wall_ns tc offset_ns mark tc_source", by="wall_ns")
_TAGS = _children("tag", "tag place")
_RATINGS = _children("rating", "voter value reason", by="voter")
_ANGLES = _children("angle", files.ANGLE_COLUMNS)
_SOUND_TAKES = _children("sound_take", "device roll tracks circled note", by="device")
_CLIPS = _linked("clip", files.CLIP_COLUMNS)
_SOUNDS = _linked("sound", files.SOUND_COLUMNS)
_STILLS = _stills()
_BELONGINGS = (_RUNS, _NOTES, _TAGS, _RATINGS, _ANGLES, _CLIPS, _SOUND_TAKES, _SOUNDS, _STILLS)
_TAKE_COLUMNS = (
    *("id", "uid", "unit", "day", "episode", "scene", "slate", "take", "ordinal", "state", "rate", "rolled_ns"),
    *("cut_ns", "status", "status_reason", "kind", "mos", "tail_slate", "slated_as", "tc_in", "tc_out", "tc_source"),
    *("duration_frames", "description", "deleted", "rolled_mono_ns", "boot", "program", "sound_roll", "added"),
    *("rolled_by", "cut_by", "tc_out_source", "user_bits"),
)
_ROLLED_BY = (
    "SELECT s.uid FROM entity n JOIN change c ON c.entity = n.id JOIN field_name f ON f.id = c.field "
    "JOIN seat_id s ON s.id = c.seat WHERE n.uid = ? AND f.name = 'state' AND c.base_seat IS NULL"
)
_ELSEWHERE: Any = literal_column(
    f"CASE WHEN take.state = '{State.ROLLING}' THEN {SAID_ELSEWHERE.format(take='take.id')} END"
)
_CAME: Any = literal_column(f"coalesce({SAID_ELSEWHERE.format(take='take.id')}, 0)")
_LOOKED_BACK = 500  # takes: who only takes in what others log is not kept waiting
_NEWEST_FIRST = [one.desc() for one in filters.SHOT]
_MOST_MADE = 2048
_MORE = 50  # hits that are looked at besides, so that a few that were entered long afterwards change nothing
_APART = 200_000  # things in the log between hits, some 20,000 takes: more than this, and the hits are few
_WALKED = 20_000  # entries of the index of shooting order, 1 ms
SELECT_TAKES: Select[Any] = select(*(take.c[name] for name in _TAKE_COLUMNS), filters.DUPLICATE, _ELSEWHERE)
_THESE_TAKES = _sql(SELECT_TAKES.where(take.c.id.in_(_OWNERS)))
_THIS_TAKE = _sql(SELECT_TAKES.where(take.c.id == numbered(_ASKED)))
_ROLLING = _sql(
    SELECT_TAKES.where(
        take.c.unit.is_not_distinct_from(func.coalesce(_ASKED, take.c.unit)),
        take.c.state == str(State.ROLLING),
        take.c.deleted.is_not(1),
    ).order_by(*_NEWEST_FIRST)
)
_PLACES = select(*filters.SHOT, take.c.id)
_OF_UNIT = (
    select(take.c.id, _CAME, take.c.added)
    .where(take.c.unit == _ASKED, take.c.deleted.is_not(1))
    .order_by(take.c.id.desc())
    .limit(_LOOKED_BACK)
)
_NEWEST = _sql(_OF_UNIT)
_NEWEST_CUT = _sql(_OF_UNIT.where(func.coalesce(take.c.state, "").in_([str(State.CUT), str(State.INTERRUPTED)])))


def takes(connection: Connection, wanted: TakeFilter, remembered: Remembered | None = None) -> list[Take]:
    """Whole takes that pass the filter, in shooting order.

    Args:
        connection: reading.
        wanted: which.
        remembered: of this connection; None: everything is read.
    """
    remembered = remembered or Remembered()
    remembered.look(filters.bare(connection))
    order = filters.SHOT if wanted.oldest_first else _NEWEST_FIRST
    found = filters.narrowed(connection, _PLACES, wanted, remembered)
    if wanted.limit is None or wanted.oldest_first or found.arrival is None:
        places: Sequence[_Record] = _rows(connection, found.chosen.order_by(*order).limit(wanted.limit))
    else:
        places = _newest_found(connection, found, found.arrival, wanted.limit, remembered.arrivals)
    numbers = [place[-1] for place in places]
    known = remembered.takes
    if unread := [number for number in numbers if number not in known]:
        rows = filters.bare(connection).execute(_THESE_TAKES, (json.dumps(unread),)).fetchall()
        read = {one.arrival: one for one in whole(connection, rows)}
        remembered.keep(read)
        known = known | read
    return [known[number] for number in numbers]


def _rows(connection: Connection, chosen: Select[Any]) -> list[tuple[Any, ...]]:
    """As the database gives them: SQLAlchemy's own rows of 200 takes cost 0.2 ms more, and nobody asks them by name."""
    with connection.execute(chosen) as found:
        return [] if found.cursor is None else list(found.cursor.fetchall())


def _newest_found(
    connection: Connection, found: filters.Narrowed, arrival: ColumnElement[int], limit: int, arrivals: Arrivals
) -> Sequence[_Record]:
    """Places and numbers of the takes that were shot last, of those that an index of rows finds.

    To sort 60,000 hits takes 100 ms, and as long to walk all takes of a log backwards for a few (measured). But such an
    index walks its rows backwards, by arrival, and most takes arrive as they are shot: where nothing that came before
    the first hits was shot after those that are shown, they are the ones.
    """
    first = _rows(connection, found.chosen.order_by(arrival.desc()).limit(limit + _MORE))
    shown = sorted(first, key=_place, reverse=True)[:limit]
    if len(first) < limit + _MORE or not shown:
        return shown
    numbers = [row[-1] for row in first]
    if not arrivals.before(filters.bare(connection), min(numbers), _place(shown[-1])):
        return shown
    if max(numbers) - min(numbers) < _APART:
        since = tuple_(*filters.SHOT) > tuple_(*map(literal, _place(shown[-1])))
        later = select(take.c.id).where(since).limit(_WALKED).subquery()
        if connection.execute(select(func.count()).select_from(later)).scalar_one() < _WALKED:
            return _rows(connection, found.walked.order_by(*_NEWEST_FIRST).limit(limit))
    return _rows(connection, found.chosen.order_by(*_NEWEST_FIRST).limit(limit))  # the hits are few


def _place(row: _Record) -> tuple[int, int, bytes]:
    day, rolled_ns, uid, _ = row
    return day or 0, rolled_ns or 0, uid


def newest_here(connection: Connection, unit: str, cut: bool = False) -> Take | None:
    """The take that a person at this log calls the last one: another laptop's only where this one has none.

    Args:
        connection: reading.
        unit: whose.
        cut: it rolls no more; one that was entered afterwards only where none rolled here.
    """
    newest, far = None, 3
    bare = filters.bare(connection)
    with closing(bare.execute(_NEWEST_CUT if cut else _NEWEST, (checked(unit, "The unit"),))) as rows:
        for number, came, added in rows:
            this = 2 if came else 1 if cut and added else 0
            if this < far:
                newest, far = number, this
            if not far:
                break
    found = bare.execute(_THESE_TAKES, (json.dumps([newest]),)).fetchall() if newest is not None else []
    return whole(connection, found)[0] if found else None


def take_by_id(connection: Connection, uid: bytes) -> Take | None:
    """A take, deleted or not."""
    found = whole(connection, filters.bare(connection).execute(_THIS_TAKE, (uid,)).fetchall())
    return found[0] if found else None


def rolling_here(connection: Connection, unit: str | None) -> list[Take]:
    """Takes that roll at this log, the newest first; of one unit, or (None) of all."""
    asked = None if unit is None else checked(unit, "The unit")
    found = whole(connection, filters.bare(connection).execute(_ROLLING, (asked,)).fetchall())
    return [one for one in found if not one.elsewhere]


def rolled_by(connection: Connection, uid: bytes) -> bytes | None:
    """The seat that rolled a take."""
    found = connection.exec_driver_sql(_ROLLED_BY, (uid,)).scalar()
    return found if isinstance(found, bytes) else None


def count(connection: Connection, wanted: TakeFilter) -> int:
    """How many there are."""
    found = filters.narrowed(connection, select(func.count(take.c.id)), wanted)
    return int(connection.execute(found.chosen).scalar_one())


def whole(connection: Connection, rows: Sequence[_Record]) -> list[Take]:
    """Takes with everything that belongs to them: one query a kind, whatever the number of takes.

    Args:
        connection: reading.
        rows: of `SELECT_TAKES`.
    """
    if not rows:
        return []
    owners = (json.dumps([row[0] for row in rows]),)
    bare = filters.bare(connection)
    of_kind = []
    for chosen in _BELONGINGS:
        grouped: dict[Any, list[_Record]] = {}
        for one in bare.execute(chosen, owners).fetchall():
            grouped.setdefault(one[0], []).append(one)
        of_kind.append(grouped)
    return [_made.take(tuple(row), [its.get(row[0], _NONE) for its in of_kind]) for row in rows]


class _Made:
    """Takes, each with all that was read for it: what is read again and is the same makes the same take.

    Screens ask for the same takes again and again, and making values of many fields is what costs: 200 takes and what
    belongs to them are some 1,300. What was read decides, so that nothing here can be out of date. It is compared, not
    hashed, which would cost as much as to read it (measured).
    """

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        """Everything."""
        self._young: dict[bytes, tuple[_Record, _Belongings, Take]] = {}
        self._old = self._young

    def take(self, row: tuple[Any, ...], belongings: _Belongings) -> Take:
        """Of a row of `SELECT_TAKES` and, in the order of `_BELONGINGS`, what belongs to it."""
        uid = row[1]
        known = self._young.get(uid) or self._old.get(uid)
        if known is None or known[0] != row or known[1] != belongings:
            known = (row, belongings, _take(row, belongings))
        elif uid in self._young:
            return known[2]
        if len(self._young) >= _MOST_MADE:  # what nobody asked for since the last time is forgotten
            self._old, self._young = self._young, {}
        self._young[uid] = known
        return known[2]


_made = _Made()


def _take(row: _Record, belongings: _Belongings) -> Take:
    """See `_Made.take`."""
    runs, notes, tags, ratings, angles, clips, sound_takes, sounds, stills = belongings
    (
        number, uid, unit, day, episode, scene, slate, label, ordinal, state, rate, rolled_ns, cut_ns, status,
        status_reason, kind, mos, tail_slate, slated_as, tc_in, tc_out, tc_source, duration_frames, description,
        deleted, rolled_mono_ns, boot, program, sound_roll, added, rolled_by, cut_by, tc_out_source, user_bits,
        duplicate, elsewhere,
    ) = row  # fmt: skip
    take_id = uid.hex()
    return Take(
        id=take_id,
        unit=unit or "",
        day=day or 0,
        episode=episode,
        scene=scene or "",
        slate=slate or "",
        take=label or "",
        ordinal=ordinal or 0,
        arrival=number,
        state=_STATES.get(state, State.CUT),
        rate=rate or "24",
        rolled_ns=rolled_ns or 0,
        rolled_mono_ns=rolled_mono_ns,
        boot=boot,
        program=program,
        cut_ns=cut_ns,
        status=_STATUSES.get(status, Status.NONE),
        status_reason=status_reason,
        kind=_KINDS.get(kind, Kind.NORMAL),
        mos=mos == 1,
        tail_slate=tail_slate == 1,
        slated_as=slated_as,
        tc_in=tc_in,
        tc_out=tc_out,
        tc_source=tc_source,
        tc_out_source=tc_out_source,
        user_bits=user_bits,
        duration_frames=duration_frames,
        description=description or "",
        runs=tuple([_run(one) for one in runs]),
        notes=tuple([_note(one, take_id) for one in notes]),
        tags=tuple(sorted({one[1] for one in tags if one[1]})),
        tag_places={tag: place for _, tag, place in tags if tag and place},
        ratings={voter: value for _, voter, value, _ in ratings if value},
        rating_reasons={voter: why for _, voter, value, why in ratings if value and why},
        angles=files.angles(angles, clips),
        sound=files.sound(sound_takes, sounds, sound_roll),
        stills=tuple([files.still(one[1:]) for one in stills]),
        deleted=deleted == 1,
        sound_roll=sound_roll,
        added=added == 1,
        rolled_by=rolled_by or "",
        cut_by=cut_by or "",
        duplicate=bool(duplicate),
        elsewhere=elsewhere == 1,
    )


def _run(row: _Record) -> Run:
    _, uid, action, cut, action_ns, cut_ns, action_source, cut_source = row
    return Run(
        id=uid.hex(),
        action=action,
        cut=cut,
        action_ns=action_ns or 0,
        cut_ns=cut_ns,
        action_source=action_source,
        cut_source=cut_source,
    )


def _note(row: _Record, take_id: str) -> Note:
    _, uid, text_, author, audience, wall_ns, tc, offset_ns, mark, tc_source = row
    return Note(
        id=uid.hex(),
        take_id=take_id,
        text=text_ or "",
        author=author or "",
        audience=_AUDIENCES.get(audience, Audience.EDITOR),
        wall_ns=wall_ns or 0,
        tc=tc,
        offset_ns=offset_ns,
        mark=mark == 1,
        tc_source=tc_source,
    )
