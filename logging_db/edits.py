"""Write one edit: changes, chain, clock, heads, projection rows and search words in one IMMEDIATE transaction.

Prepared statements on the bare connection: for ten fields SQLAlchemy Core costs twice as much (measured). Used by
logbook.py; what the verbs see of it is `onset.logbook.engine.Transaction`.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from logging_db import past, search
from logging_db.elsewhere import SAID_ELSEWHERE
from logging_db.projections import STANDING, STANDING_FIRST
from logging_db.sqlite_library import Connection
from onset.changes import GENESIS as FIRST
from onset.changes import SCHEMA, Change, Edit, Value, chained, checked, new_id, newest_believable, tick
from onset.domain.production import Seat
from onset.domain.take import State
from onset.errors import LogError
from onset.logbook.engine import PastEdit, Row
from onset.logbook.entities import ENTITIES, FIELDS, Type

_COLUMNS = {kind: ", ".join(f'"{field.name}"' for field in fields) for kind, fields in ENTITIES.items()}
_SELECT = {kind: f'SELECT uid, id, {columns} FROM "{kind}"' for kind, columns in _COLUMNS.items()}
_REFS = {kind: frozenset(f.name for f in fields if f.type is Type.REF) for kind, fields in ENTITIES.items()}
_SEARCHED = {kind: frozenset((*(f.name for f in fields if f.searched), "deleted")) for kind, fields in ENTITIES.items()}
_SEARCHED["link"] = frozenset(("state", "deleted"))  # a take is found by the names of the files that are linked to it
# By what a take and its scene, its setup and that one's cameras are each other's.
_MEETS_BY = {
    "take": ("episode",),
    "scene": ("episode", "number"),
    "setup": ("episode", "slate"),
    "camera_setup": ("setup",),
}
for _kind, _names in _MEETS_BY.items():
    _SEARCHED[_kind] |= frozenset(_names)
# Who says one of these of a take wants it to stay. What machines bring does not count.
_SAYS_IT_STAYS = frozenset(("take", "note", "tag", "rating", "angle", "sound_take"))
# Where a change counts for the match of a day: kind of thing to how its day is found, given its number.
_TAKE_OF_DAY = 'EXISTS (SELECT 1 FROM "take" t WHERE t.id = {} AND t.unit = ?2 AND t.day = ?3)'
_ITS_DAY = 'EXISTS (SELECT 1 FROM "{kind}" x WHERE x.id = c.entity AND x.unit = ?2 AND x.day = ?3)'
_MEDIA_OF_DAY = " OR ".join(
    f'EXISTS (SELECT 1 FROM "{kind}" m JOIN entity e ON e.id = m.id JOIN link l ON l.media = e.uid '
    f"WHERE l.id = c.entity AND m.unit = ?2 AND m.day = ?3)"
    for kind in search.MEDIA
)


@dataclass(frozen=True, slots=True)
class Names:
    """Small integers of the field names, read once for a log: (entity, field) to number."""

    numbers: Mapping[tuple[str, str], int]

    @classmethod
    def read(cls, connection: Connection) -> Names:
        rows = connection.execute("SELECT entity, name, id FROM field_name").fetchall()
        return cls({(str(entity), str(name)): int(str(number)) for entity, name, number in rows})


@dataclass(slots=True)
class _Pending:
    """A change of this edit: numbers for the rows, the value, what was seen before it."""

    entity: int
    kind: str
    uid: bytes
    field: str
    values: list[Value]  # more than one only where an edit brings a conflict back; the first stands
    bases: list[_Base]  # all that stood for the field in this log, the one that was shown first


_Base = tuple[int, bytes, int]  # seat number, seat id, seq


class WriteTransaction:
    """One edit being written, between BEGIN IMMEDIATE and COMMIT. Not for use from two threads."""

    def __init__(self, connection: Connection, seat: Seat, names: Names, *, author: str, wall_ns: int) -> None:
        self._connection = connection
        self._seat = seat
        self._names = names
        self._author = author
        self._wall_ns = wall_ns
        self._pending: dict[tuple[int, str], _Pending] = {}
        self._of: int | None = None
        self._words: set[int] = set()
        self._new: set[int] = set()
        self._said: set[int] = set()

    @property
    def seat(self) -> Seat:
        return self._seat

    @property
    def author(self) -> str:
        return self._author

    @property
    def wall_ns(self) -> int:
        return self._wall_ns

    # -- questions --------------------------------------------------------------------------------------------------

    def get(self, entity: str, entity_id: str) -> Row | None:
        uid = _uid(entity_id)
        if uid is None:
            return None
        row = self._connection.execute(
            f"{_SELECT[entity]} WHERE id = (SELECT id FROM entity WHERE uid = ?)", (uid,)
        ).fetchone()
        return _row(entity, row) if row else None

    def find(self, entity: str, where: Mapping[str, Value]) -> Sequence[Row]:
        sql, parameters = _condition(entity, where)
        return [_row(entity, row) for row in self._connection.execute(f"{sql} ORDER BY id", parameters)]

    def newest(self, entity: str, where: Mapping[str, Value]) -> Row | None:
        sql, parameters = _condition(entity, where)
        row = self._connection.execute(f"{sql} ORDER BY id DESC LIMIT 1", parameters).fetchone()
        return _row(entity, row) if row else None

    def linked(self, unit: str, day: int) -> Sequence[Row]:
        uids = " UNION ALL ".join(
            f'SELECT e.uid FROM "{kind}" m JOIN entity e ON e.id = m.id WHERE m.unit = ?1 AND m.day = ?2'
            for kind in search.MEDIA
        )
        rows = self._connection.execute(
            f"{_SELECT['link']} WHERE id IN (SELECT l.id FROM take t JOIN link l ON l.owner = t.id "
            f"WHERE t.unit = ?1 AND t.day = ?2 UNION SELECT l.id FROM link l WHERE l.media IN ({uids})) ORDER BY id",
            (unit, day),
        )
        return [_row("link", row) for row in rows]

    def moved_on(self, seen: int, unit: str, day: int, ignored: Collection[tuple[str, str]]) -> bool:
        newest = self._connection.execute("SELECT coalesce(max(arrival), 0) FROM edit").fetchone()
        if newest is not None and newest[0] == seen:
            return False
        fields = ", ".join(str(self._field(entity, name)) for entity, name in ignored) or "NULL"
        places = ", ".join(str(self._field(kind, name)) for kind in ("take", *search.MEDIA) for name in ("unit", "day"))
        said_only = past.SAID_ONLY.format(deleted=self._field("take", "deleted"))
        moved = f"(c.field IN ({places}) AND c.base_seat IS NOT NULL)"  # from another day, or to one
        row = self._connection.execute(
            f"SELECT 1 FROM edit i JOIN change c ON c.seat = i.seat AND c.seq = i.seq JOIN entity n ON n.id = c.entity "
            f"WHERE i.arrival > ?1 AND c.field NOT IN ({fields}) AND NOT ({said_only}) AND CASE n.kind "
            f"WHEN 'take' THEN {moved} OR {_TAKE_OF_DAY.format('c.entity')} "
            f"WHEN 'angle' THEN {_TAKE_OF_DAY.format('n.owner')} "
            f"WHEN 'sound_take' THEN {_TAKE_OF_DAY.format('n.owner')} "
            f"WHEN 'link' THEN {_TAKE_OF_DAY.format('n.owner')} OR {_MEDIA_OF_DAY} "
            + " ".join(
                f"WHEN '{kind}' THEN {moved} OR {_ITS_DAY.format(kind=kind)} OR {_TAKE_OF_DAY.format('n.owner')} "
                for kind in search.MEDIA
            )
            + f"WHEN 'claim' THEN {_ITS_DAY.format(kind='claim')} ELSE 0 END LIMIT 1",
            (seen, unit, day),
        ).fetchone()
        return row is not None

    def rolls_elsewhere(self, take_id: str) -> bool:
        uid = _uid(take_id)
        take = "(SELECT id FROM entity WHERE uid = ?)"
        row = self._connection.execute(f"SELECT {SAID_ELSEWHERE.format(take=take)}", (uid,)).fetchone()
        return row is not None and row[0] == 1

    def rolled_since(self, seq: int, unit: str) -> bool:
        return past.rolled_since(self._connection, bytes.fromhex(self._seat.id), seq, unit)

    def undoable(self, before: int | None = None) -> PastEdit | None:
        return past.undoable(self._connection, bytes.fromhex(self._seat.id), before)

    def redoable(self) -> PastEdit | None:
        return past.redoable(self._connection, bytes.fromhex(self._seat.id))

    def concerns(self, seq: int) -> None:
        self._of = seq

    # -- changes ----------------------------------------------------------------------------------------------------

    def add(self, entity: str, fields: Mapping[str, Value], entity_id: str | None = None) -> str:
        uid = new_id(self._wall_ns) if entity_id is None else bytes.fromhex(entity_id)
        values = {name: _plain(entity, name, value) for name, value in fields.items() if value is not None}
        if entity_id is not None and self.get(entity, entity_id) is not None:
            self.set(entity, entity_id, {name: value for name, value in fields.items() if value is not None})
            return entity_id
        owner = self._owner(entity, uid, values)
        self._connection.execute("INSERT INTO entity (kind, uid, owner) VALUES (?, ?, ?)", (entity, uid, owner))
        number = self._number(uid)
        self._insert_row(entity, number, uid, owner, values)
        for name, value in values.items():
            self._pending[number, name] = _Pending(number, entity, uid, name, [value], [])
        self._new.add(number)
        self._said_of(entity, number, owner)
        self._mark_words(entity, number, owner, values)
        return uid.hex()

    def set(self, entity: str, entity_id: str, fields: Mapping[str, Value]) -> None:
        uid = _uid(entity_id)
        row = self.get(entity, entity_id)
        if row is None or uid is None:
            return
        wanted = {name: _plain(entity, name, value) for name, value in fields.items()}
        values = {name: value for name, value in wanted.items() if _bare(entity, name, row.fields.get(name)) != value}
        if not values:
            return
        for name, value in values.items():
            self._put(entity, uid, row.arrival, name, [value])
        self._changed(entity, row.arrival, values)

    def settle(self, entity: str, entity_id: str, name: str, values: Sequence[Value]) -> None:
        uid = _uid(entity_id)
        row = self.get(entity, entity_id)
        if row is None or uid is None:
            return
        wanted = [_plain(entity, name, value) for value in values]
        self._put(entity, uid, row.arrival, name, wanted)
        self._changed(entity, row.arrival, {name: wanted[0]})

    def standing(self, entity: str, entity_id: str, name: str) -> Sequence[Value]:
        uid = _uid(entity_id)
        row = self.get(entity, entity_id)
        if row is None or uid is None:
            return ()
        found = self._connection.execute(
            f"SELECT c.value FROM head h {STANDING} WHERE h.entity = ? AND h.field = ? ORDER BY {STANDING_FIRST}",
            (row.arrival, self._field(entity, name)),
        )
        values = [value.hex() if isinstance(value, bytes) else value for (value,) in found.fetchall()]
        return list(dict.fromkeys(values))

    def _put(self, entity: str, uid: bytes, number: int, name: str, values: list[Value]) -> None:
        waiting = self._pending.get((number, name))
        if waiting is not None:
            waiting.values = values
        else:
            bases = self._standing(number, self._field(entity, name))
            self._pending[number, name] = _Pending(number, entity, uid, name, values, bases)

    def _changed(self, entity: str, number: int, values: Mapping[str, Value]) -> None:
        columns = ", ".join(f'"{name}" = ?' for name in values)
        if entity in search.AROUND and not values.keys().isdisjoint(_MEETS_BY[entity]):
            self._mark_words(entity, number, None, values)  # the takes that it leaves
        self._connection.execute(f'UPDATE "{entity}" SET {columns} WHERE id = ?', (*values.values(), number))
        found = self._connection.execute("SELECT owner FROM entity WHERE id = ?", (number,)).fetchone()
        owner = found[0] if found else None
        self._said_of(entity, number, owner)
        self._mark_words(entity, number, owner, values)

    def _said_of(self, entity: str, number: int, owner: Value) -> None:
        take = number if entity == "take" else owner
        if isinstance(take, int) and entity in _SAYS_IT_STAYS:
            self._said.add(take)

    def _keep_what_is_edited(self) -> None:
        """Say of each take of which something is said here that it is not deleted.

        Somebody who deletes it elsewhere without having seen this edit is then in conflict with it, and the take stays.
        """
        for number in self._said - self._new:
            row = self._connection.execute("SELECT uid, state, deleted FROM take WHERE id = ?", (number,)).fetchone()
            stamped = (number, "state") in self._pending or (number, "deleted") in self._pending
            if row is None or row[1] == State.ROLLING or row[2] == 1 or stamped:
                continue
            deleted = self._field("take", "deleted")
            asked = self._connection.execute(
                "SELECT 1 FROM head h JOIN change c ON c.seat = h.seat AND c.seq = h.seq AND c.n = h.n "
                "WHERE h.entity = ? AND h.field = ? AND c.value IS 1",
                (number, deleted),
            ).fetchone()
            if asked is not None:
                continue  # whether it stays is a person's to say
            bases = self._standing(number, deleted)
            self._pending[number, "deleted"] = _Pending(number, "take", _blob(row[0]), "deleted", [0], bases)
            self._connection.execute("UPDATE take SET deleted = 0 WHERE id = ?", (number,))

    def finish(self, verb: str) -> tuple[Edit, bytes] | None:
        """Write the edit itself, which is returned with its hash; None where nothing changed."""
        if not self._pending:
            return None
        self._keep_what_is_edited()
        seat_uid = bytes.fromhex(self._seat.id)
        seat_number = self._seat_number(seat_uid)
        last = self._connection.execute(
            "SELECT seq, hash, hlc FROM edit WHERE seat = ? ORDER BY seq DESC LIMIT 1", (seat_number,)
        ).fetchone()
        seq, previous, own_hlc = (_int(last[0]) + 1, bytes(_blob(last[1])), _int(last[2])) if last else (1, FIRST, 0)
        seen = self._connection.execute(
            "SELECT max(hlc) FROM edit WHERE hlc <= ?", (newest_believable(self._wall_ns),)
        ).fetchone()
        hlc = tick(max(own_hlc, _int(seen[0]) if seen and seen[0] is not None else 0), self._wall_ns)
        pending = [(one, *pair) for one in self._pending.values() for pair in _pairs(one)]
        edit = Edit(
            seat=seat_uid,
            seq=seq,
            hlc=hlc,
            author=self._author,
            wall_ns=self._wall_ns,
            verb=verb,
            of=self._of,
            changes=tuple(
                Change(one.kind, one.uid, one.field, value, base[1:] if base else None) for one, value, base in pending
            ),
        )
        hashed = chained(previous, edit)
        self._connection.execute(
            "INSERT INTO edit (seat, seq, hlc, author, wall_ns, schema, verb, of, hash) VALUES (?,?,?,?,?,?,?,?,?)",
            (seat_number, seq, hlc, edit.author, edit.wall_ns, SCHEMA, verb, edit.of, hashed),
        )
        self._write_changes(pending, seat_number, seq, hlc)
        if self._words:
            search.refresh(self._connection, self._words)
        return edit, hashed

    def _write_changes(self, pending: Sequence[_Row], seat: int, seq: int, hlc: int) -> None:
        numbered = [(n, *row, self._field(row[0].kind, row[0].field)) for n, row in enumerate(pending)]
        self._connection.executemany(
            "INSERT INTO change (seat, seq, n, entity, field, value, base_seat, base_seq) VALUES (?,?,?,?,?,?,?,?)",
            [
                (seat, seq, n, one.entity, field, value, *((base[0], base[2]) if base else (None, None)))
                for n, one, value, base, field in numbered
            ],
        )
        seen = [(one.entity, field, base[0], base[2]) for _, one, _, base, field in numbered if base]
        if seen:
            self._connection.executemany(
                "DELETE FROM head WHERE entity = ? AND field = ? AND seat = ? AND seq = ?", seen
            )
        self._connection.executemany(
            "INSERT INTO head (entity, field, seat, seq, n, hlc) VALUES (?,?,?,?,?,?)",
            [(one.entity, field, seat, seq, n, hlc) for n, one, _, _, field in numbered],
        )

    # -- numbers ----------------------------------------------------------------------------------------------------

    def _field(self, entity: str, name: str) -> int:
        return self._names.numbers[entity, name]

    def _number(self, uid: bytes) -> int:
        row = self._connection.execute("SELECT id FROM entity WHERE uid = ?", (uid,)).fetchone()
        if row is None:
            raise LogError(f'The log refers to {uid.hex()}, which it does not hold; run "onset doctor".')
        return _int(row[0])

    def _owner(self, entity: str, uid: bytes, values: Mapping[str, Value]) -> int | None:
        taken = values.get("take") if "take" in _REFS[entity] else None
        return self._number(taken) if isinstance(taken, bytes) else None

    def _seat_number(self, uid: bytes) -> int:
        row = self._connection.execute("SELECT id FROM seat_id WHERE uid = ?", (uid,)).fetchone()
        if row is not None:
            return _int(row[0])
        self.add("seat", {"name": self._seat.name, "role": self._seat.role}, self._seat.id)
        self._connection.execute("INSERT INTO seat_id (uid) VALUES (?)", (uid,))
        return self._seat_number(uid)

    def _standing(self, entity: int, field: int) -> list[_Base]:
        rows = self._connection.execute(
            "SELECT DISTINCT h.seat, s.uid, h.seq FROM head h JOIN seat_id s ON s.id = h.seat "
            "WHERE h.entity = ? AND h.field = ?",
            (entity, field),
        ).fetchall()
        if len(rows) > 1:  # seldom, and then it takes more to say which of them is shown
            rows = self._connection.execute(
                f"SELECT h.seat, s.uid, h.seq FROM head h {STANDING} WHERE h.entity = ? AND h.field = ? "
                f"ORDER BY {STANDING_FIRST}",
                (entity, field),
            ).fetchall()
        return list(dict.fromkeys((_int(seat), _blob(uid), _int(seq)) for seat, uid, seq in rows))

    def _insert_row(self, entity: str, number: int, uid: bytes, owner: int | None, values: Mapping[str, Value]) -> None:
        columns = "".join(f', "{name}"' for name in values)
        marks = ", ?" * len(values)
        self._connection.execute(
            f'INSERT INTO "{entity}" (id, uid, owner{columns}) VALUES (?, ?, ?{marks})',
            (number, uid, owner, *values.values()),
        )

    def _mark_words(self, entity: str, number: int, owner: Value, values: Mapping[str, Value]) -> None:
        if entity not in search.HAS_WORDS or _SEARCHED[entity].isdisjoint(values):
            return
        if entity == "take":
            self._words.add(number)
        elif entity in search.MEDIA:
            linked = self._connection.execute(
                "SELECT owner FROM link WHERE media = (SELECT uid FROM entity WHERE id = ?) AND owner IS NOT NULL",
                (number,),
            )
            self._words.update(_int(row[0]) for row in linked)
        elif entity in search.AROUND:
            takes = self._connection.execute(search.AROUND[entity].format("= ?"), (number,))
            self._words.update(_int(row[0]) for row in takes)
        elif isinstance(owner, int):
            self._words.add(owner)


def _condition(entity: str, where: Mapping[str, Value]) -> tuple[str, tuple[Value, ...]]:
    values = {name: _plain(entity, name, value) for name, value in where.items()}
    parts = [
        "owner = (SELECT id FROM entity WHERE uid = ?)"
        if name == "take" and name in _REFS[entity]
        else f'"{name}" IS ?'
        for name in values
    ]
    if "deleted" not in values:
        parts.append("deleted IS NOT 1")
    return f"{_SELECT[entity]} WHERE {' AND '.join(parts)}", tuple(values.values())


def _row(entity: str, row: tuple[Value, ...]) -> Row:
    refs = _REFS[entity]
    fields: dict[str, Value] = {}
    for field, value in zip(ENTITIES[entity], row[2:], strict=True):
        fields[field.name] = value.hex() if field.name in refs and isinstance(value, bytes) else value
    return Row(_blob(row[0]).hex(), _int(row[1]), fields)


def _bare(entity: str, name: str, value: Value) -> Value:
    return bytes.fromhex(value) if name in _REFS[entity] and isinstance(value, str) else value


def _plain(entity: str, name: str, value: Value) -> Value:
    """As the database holds it: references as bytes, flags as 0 and 1, enumerations as their text."""
    if name not in FIELDS[entity]:
        raise KeyError(f"{entity}.{name}")
    value = checked(value, f"The {name} of a {entity}")
    if isinstance(value, str):
        return bytes.fromhex(value) if name in _REFS[entity] else str(value)
    return value


_Row = tuple[_Pending, Value, _Base | None]


def _pairs(one: _Pending) -> list[tuple[Value, _Base | None]]:
    """Values and bases of the rows that a pending change becomes: each value and each base is in one of them."""
    if not one.bases:
        return [(value, None) for value in one.values]
    values, bases = one.values, one.bases
    count = max(len(values), len(bases))
    return [(values[min(n, len(values) - 1)], bases[min(n, len(bases) - 1)]) for n in range(count)]


def _uid(entity_id: str) -> bytes | None:
    try:
        uid = bytes.fromhex(entity_id)
    except ValueError:
        return None
    return uid if len(uid) == 16 else None


def _int(value: Value) -> int:
    if not isinstance(value, int):
        raise LogError('The log holds something else where a number should be; run "onset doctor".')
    return value


def _blob(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise LogError('The log holds something else where an id should be; run "onset doctor".')
    return value
