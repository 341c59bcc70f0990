"""Edits out of a log, and edits of other logs into it: what a merge, an exchange and the second journal stand on.

Taking in makes no edit of its own, or two logs would answer each other for ever. Each seat's chain is verified from
what is held; where it breaks, the rest of that seat is left out and named, and the others go on. A batch is one
transaction and leaves a whole log: killed between two, the next merge goes on from there.
"""

from __future__ import annotations

import json
import struct
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby, islice

from logging_db import elsewhere, projections
from logging_db.elsewhere import Line
from logging_db.sqlite_library import Connection
from onset.changes import BOUND_MS, GENESIS, Change, Edit, Value, chained, merged
from onset.errors import LogError
from onset.logbook.merging import Fault, RefusedSeat, TakenIn, WrongClock
from onset.text import safe_text

_PAGE = 500  # edits read at a time: in a rollback journal a held read would block the writer
_BATCH = 1_000  # edits written at a time: some 50 ms in which no seat of this log can write
_ROWS = (
    "SELECT s.uid, e.seq, e.hlc, e.author, e.wall_ns, e.schema, e.verb, e.of, e.hash, "
    "n.kind, n.uid, f.name, c.value, b.uid, c.base_seq, e.arrival FROM edit e JOIN seat_id s ON s.id = e.seat "
    "LEFT JOIN change c ON c.seat = e.seat AND c.seq = e.seq LEFT JOIN entity n ON n.id = c.entity "
    "LEFT JOIN field_name f ON f.id = c.field LEFT JOIN seat_id b ON b.id = c.base_seat "
)
_FORKED = "this log holds another edit {seq} of that seat: two copies of one log were both written on as the same seat"

Vector = Mapping[bytes, int]


# -- out ---------------------------------------------------------------------------------------------------------------


def vector(connection: Connection) -> dict[bytes, int]:
    """How far the log goes: each seat's id and the number of its newest edit."""
    rows = connection.execute("SELECT s.uid, max(e.seq) FROM edit e JOIN seat_id s ON s.id = e.seat GROUP BY e.seat")
    return {_bytes(uid): _int(seq) for uid, seq in rows.fetchall()}


def edits_after(connection: Connection, held: Vector) -> Iterator[tuple[Edit, bytes]]:
    """Edits that somebody who holds `held` does not have, each with its hash, in order of their arrival in this log.

    So each comes after all that its author had seen. Read in short pages; what is committed meanwhile may come too.

    Raises:
        LogError: something stands where an id or a number should be: the log is damaged.
    """
    numbers = {
        _bytes(uid): _int(number) for number, uid in connection.execute("SELECT id, uid FROM seat_id").fetchall()
    }
    known = json.dumps({str(numbers[uid]): seq for uid, seq in held.items() if uid in numbers})
    row = connection.execute(
        "SELECT min(e.arrival) FROM seat_id s LEFT JOIN json_each(?) h ON h.key = s.id "
        "JOIN edit e ON e.seat = s.id AND e.seq = coalesce(h.value, 0) + 1",
        (known,),
    ).fetchone()
    after = _int(row[0]) - 1 if row and row[0] is not None else None
    while after is not None:
        rows = connection.execute(
            f"{_ROWS} WHERE e.arrival IN (SELECT p.arrival FROM edit p LEFT JOIN json_each(?) h ON h.key = p.seat "
            f"WHERE p.arrival > ? AND p.seq > coalesce(h.value, 0) ORDER BY p.arrival LIMIT {_PAGE}) "
            "ORDER BY e.arrival, c.n",
            (known, after),
        ).fetchall()
        after = _int(rows[-1][15]) if rows else None
        yield from read(rows)


def edits_since(connection: Connection, arrival: int) -> Iterator[tuple[Edit, bytes]]:
    """Edits that came into this log after the one with that `arrival`, each with its hash, in order."""
    after: int | None = arrival
    while after is not None:
        rows = connection.execute(
            f"{_ROWS} WHERE e.arrival > ? AND e.arrival <= (SELECT max(arrival) FROM (SELECT arrival FROM edit "
            f"WHERE arrival > ? ORDER BY arrival LIMIT {_PAGE})) ORDER BY e.arrival, c.n",
            (after, after),
        ).fetchall()
        after = _int(rows[-1][15]) if rows else None
        yield from read(rows)


def edit_at(connection: Connection, arrival: int) -> tuple[Edit, bytes] | None:
    """The edit with that `arrival`, with its hash; None: there is none."""
    return next(read(connection.execute(f"{_ROWS} WHERE e.arrival = ? ORDER BY c.n", (arrival,)).fetchall()), None)


def hash_at(connection: Connection, seat: bytes, seq: int) -> bytes:
    """The hash of an edit that the log holds; `GENESIS` at 0, empty where it does not hold it."""
    row = connection.execute(
        "SELECT e.hash FROM edit e JOIN seat_id s ON s.id = e.seat WHERE s.uid = ? AND e.seq = ?", (seat, seq)
    ).fetchone()
    return _bytes(row[0]) if row else b"" if seq else GENESIS


def seat_by_seat(connection: Connection) -> Iterator[tuple[Edit, bytes]]:
    """Every edit with the hash that was kept, seat by seat in order."""
    yield from read(connection.execute(f"{_ROWS} ORDER BY e.seat, e.seq, c.n"))


def read(rows: Iterable[tuple[Value, ...]]) -> Iterator[tuple[Edit, bytes]]:
    """Edits of rows that stand together edit by edit."""
    for _, group in groupby(rows, key=lambda row: row[:2]):
        lines = list(group)
        seat, seq, hlc, author, wall_ns, schema, verb, of, hash = lines[0][:9]
        edit = Edit(
            seat=_bytes(seat),
            seq=_int(seq),
            hlc=_int(hlc),
            author=str(author),
            wall_ns=_int(wall_ns),
            schema=_int(schema),
            verb=str(verb),
            of=None if of is None else _int(of),
            changes=tuple(_change(line) for line in lines if line[9] is not None),
        )
        yield edit, _bytes(hash)


def _change(line: tuple[Value, ...]) -> Change:
    base = (_bytes(line[13]), _int(line[14])) if line[13] is not None else None
    return Change(str(line[9]), _bytes(line[10]), str(line[11]), line[12], base)


def _bytes(value: Value) -> bytes:
    if not isinstance(value, bytes):
        raise LogError(f"{safe_text(repr(value))[:80]} stands where an id or a hash should be; the log is damaged.")
    return value


def _int(value: Value) -> int:
    if not isinstance(value, int):
        raise LogError(f"{safe_text(repr(value))[:80]} stands where a number should be; the log is damaged.")
    return value


# -- in ----------------------------------------------------------------------------------------------------------------


def take_in(
    connection: Connection, edits: Iterable[tuple[Edit, bytes]], wall_ns: int, *, from_elsewhere: bool = False
) -> TakenIn:
    """Write other logs' edits into this one, as they are, and bring what is made from them up to date.

    Args:
        connection: writing, with no transaction open.
        edits: each seat's in the order of their numbers; what is held already is passed over.
        wall_ns: this machine's clock, beside which others may be wrong.
        from_elsewhere: they were made in another log: what rolls there does not roll here.

    Raises:
        LogError: the edits cannot be read. What was written before is whole.
    """
    return take_back(connection, (Line(edit, hash, from_elsewhere) for edit, hash in edits), wall_ns)


def take_back(connection: Connection, lines: Iterable[Line], wall_ns: int) -> TakenIn:
    """`take_in` of what this log held before, or should hold: each line says whether it came from another log.

    Raises:
        LogError: the lines cannot be read. What was written before is whole.
    """
    taking = _Taking(wall_ns)
    waiting = iter(lines)
    while batch := list(islice(waiting, _BATCH)):
        connection.execute("BEGIN IMMEDIATE")
        try:
            into = _Batch(connection, taking)
            for line in batch:
                into.take(line.edit, line.hash, line.came)
            into.settle()
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise
        taking.add(into)
    return taking.told(connection)


@dataclass(frozen=True, slots=True)
class _Held:
    """How far a seat's chain goes here: its number in this file, its newest edit and the hash of that."""

    number: int
    seq: int
    hash: bytes


@dataclass(slots=True)
class _Taking:
    """What was found so far, over all batches."""

    wall_ns: int
    edits: int = 0
    changes: int = 0
    things: Counter[str] = field(default_factory=Counter)
    new_seats: list[bytes] = field(default_factory=list)
    takes: set[bytes] = field(default_factory=set)
    refused: dict[bytes, tuple[int, Fault, str]] = field(default_factory=dict)
    left_out: set[bytes] = field(default_factory=set)  # things that edits made which were not taken in
    ahead_ms: dict[bytes, int] = field(default_factory=dict)
    apart_ms: dict[tuple[bytes, bytes], int] = field(default_factory=dict)

    def add(self, batch: _Batch) -> None:
        """Count what was committed."""
        self.edits += batch.edits
        self.changes += batch.changes
        self.things += batch.things
        self.new_seats += batch.new_seats
        self.takes |= batch.takes

    def told(self, connection: Connection) -> TakenIn:
        """All of it, with the names that people know the seats by."""
        refused = [
            RefusedSeat(seat=uid.hex(), name=seat_name(connection, uid), seq=seq, fault=fault, sentence=sentence)
            for uid, (seq, fault, sentence) in self.refused.items()
        ]
        clocks = [
            WrongClock(name=seat_name(connection, uid), ahead_of="", ahead_s=ms // 1000)
            for uid, ms in self.ahead_ms.items()
        ]
        clocks += [
            WrongClock(name=seat_name(connection, fast), ahead_of=seat_name(connection, slow), ahead_s=ms // 1000)
            for (fast, slow), ms in self.apart_ms.items()
            if fast not in self.ahead_ms
        ]
        return TakenIn(
            edits=self.edits,
            changes=self.changes,
            things=dict(self.things),
            seats=tuple(seat_name(connection, uid) for uid in self.new_seats),
            takes=tuple(sorted(uid.hex() for uid in self.takes)),
            refused=tuple(refused),
            clocks=tuple(clocks),
        )


def seat_name(connection: Connection, uid: bytes) -> str:
    """What people call a seat: the name it gave itself, else who wrote its newest edit, else the start of its id."""
    row = connection.execute(
        "SELECT coalesce((SELECT x.name FROM seat x JOIN entity n ON n.id = x.id WHERE n.uid = ?1), (SELECT e.author "
        "FROM edit e JOIN seat_id s ON s.id = e.seat WHERE s.uid = ?1 ORDER BY e.seq DESC LIMIT 1))",
        (uid,),
    ).fetchone()
    return safe_text(str(row[0])) if row and row[0] else f"seat {uid.hex()[:8]}"


def follows(previous: bytes, edit: Edit, hash: bytes) -> bool:
    """Whether `hash` is that of `edit` after an edit with the hash `previous`."""
    try:
        return chained(previous, edit) == hash
    except (struct.error, UnicodeEncodeError):  # numbers and text that no edit can have
        return False


class _Batch:
    """Edits being written in one transaction."""

    def __init__(self, connection: Connection, taking: _Taking) -> None:
        self._connection = connection
        self._taking = taking
        self._held: dict[bytes, _Held] = {}
        self._things: dict[bytes, tuple[int, str]] = {}
        self._touched: set[int] = set()
        self._came: set[int] = set()  # which of the edits written came from other logs, by their place among these
        rows = connection.execute("SELECT entity, name, id FROM field_name").fetchall()
        self._fields = {(str(entity), str(name)): _int(number) for entity, name, number in rows}
        self.edits = 0
        self.changes = 0
        self.things: Counter[str] = Counter()
        self.new_seats: list[bytes] = []
        self.takes: set[bytes] = set()

    def take(self, edit: Edit, hash: bytes, came: bool) -> None:
        """Write one edit, or note why it is left out."""
        taking = self._taking
        if edit.seat in taking.refused:
            taking.left_out.update(change.entity_id for change in edit.changes)
            return
        held = self._chain(edit.seat)
        if edit.seq <= held.seq:
            row = self._connection.execute(
                "SELECT hash FROM edit WHERE seat = ? AND seq = ?", (held.number, edit.seq)
            ).fetchone()
            if row is None or row[0] != hash:
                self._refuse(edit, Fault.FORKED, _FORKED.format(seq=edit.seq))
            return
        if edit.seq != held.seq + 1:
            self._refuse(edit, Fault.GAP, f"its edits {held.seq + 1} to {edit.seq - 1} are missing")
        elif not follows(held.hash, edit, hash):
            self._refuse(edit, Fault.ALTERED, f"its edit {edit.seq} is not as it was written, or follows other edits")
        else:
            self._write(edit, hash, held, came)

    def settle(self) -> None:
        """Bring projections and words up to date."""
        if self._came:
            first = elsewhere.newest(self._connection) - self.edits + 1
            for came, run in groupby(range(self.edits), key=self._came.__contains__):
                places = list(run)
                if came:
                    elsewhere.came(self._connection, first + places[0], first + places[-1])
        if self._touched:
            self.takes |= projections.refresh(self._connection, self._touched)

    def _refuse(self, edit: Edit, fault: Fault, sentence: str) -> None:
        self._taking.refused[edit.seat] = (min(edit.seq, self._chain(edit.seat).seq + 1), fault, sentence)
        self._taking.left_out.update(change.entity_id for change in edit.changes)

    def _chain(self, seat: bytes) -> _Held:
        known = self._held.get(seat)
        if known is not None:
            return known
        row = self._connection.execute(
            "SELECT s.id, e.seq, e.hash FROM seat_id s LEFT JOIN edit e ON e.seat = s.id WHERE s.uid = ? "
            "ORDER BY e.seq DESC LIMIT 1",
            (seat,),
        ).fetchone()
        number = _int(row[0]) if row else 0  # given when its first edit is written
        found = _Held(number, _int(row[1]), _bytes(row[2])) if row and row[1] is not None else _Held(number, 0, GENESIS)
        self._held[seat] = found
        return found

    def _write(self, edit: Edit, hash: bytes, held: _Held, came: bool) -> None:
        unfit = self._unfit(edit)
        if unfit is not None:
            self._refuse(edit, *unfit)
            return
        number = held.number or self._new_seat(edit.seat)
        self._connection.execute(
            "INSERT INTO edit (seat, seq, hlc, author, wall_ns, schema, verb, of, hash) VALUES (?,?,?,?,?,?,?,?,?)",
            (number, edit.seq, edit.hlc, edit.author, edit.wall_ns, edit.schema, edit.verb, edit.of, hash),
        )
        self._held[edit.seat] = _Held(number, edit.seq, hash)
        owners = {
            change.entity_id: change.value
            for change in edit.changes
            if change.field == "take" and isinstance(change.value, bytes) and len(change.value) == 16
        }
        rows: list[tuple[Value, ...]] = []
        for n, change in enumerate(edit.changes):
            entity = self._thing(change.entity_id, change.entity, owners.get(change.entity_id), new=self.things)
            base = (self._chain(change.base[0]).number, change.base[1]) if change.base else (None, None)
            rows.append((number, edit.seq, n, entity, self._field(change.entity, change.field), change.value, *base))
            self._touched.add(entity)
        self._connection.executemany(
            "INSERT INTO change (seat, seq, n, entity, field, value, base_seat, base_seq) VALUES (?,?,?,?,?,?,?,?)",
            rows,
        )
        self._connection.executemany(
            "DELETE FROM head WHERE entity = ? AND field = ? AND seat = ? AND seq = ?",
            [(row[3], row[4], row[6], row[7]) for row in rows if row[6] is not None],
        )
        self._connection.executemany(
            "INSERT INTO head (entity, field, seat, seq, n, hlc) VALUES (?,?,?,?,?,?)",
            [(row[3], row[4], number, edit.seq, row[2], edit.hlc) for row in rows],
        )
        self._look_at_clock(edit)
        if came:
            self._came.add(self.edits)
        self.edits += 1
        self.changes += len(rows)

    def _unfit(self, edit: Edit) -> tuple[Fault, str] | None:
        """Why the edit cannot stand here, though its chain is whole."""
        kinds: dict[bytes, str] = {}
        for change in edit.changes:
            if len(change.entity_id) != 16 or len(edit.seat) != 16:
                return Fault.UNFIT, f"its edit {edit.seq} names a thing by an id that is none"
            known = self._known(change.entity_id)
            kind = kinds.setdefault(change.entity_id, known[1] if known else change.entity)
            if kind != change.entity:
                return Fault.UNFIT, f"its edit {edit.seq} takes a {safe_text(kind)} for a {safe_text(change.entity)}"
            if known is None and change.entity_id in self._taking.left_out:
                return Fault.WAITS, f"its edit {edit.seq} is about something that could not be taken in"
            if change.base is not None and self._is_left_out(change.base):
                return Fault.WAITS, f"its edit {edit.seq} builds on an edit that could not be taken in"
        return None

    def _is_left_out(self, base: tuple[bytes, int]) -> bool:
        """Not held, or held as another edit with the same number."""
        refused = self._taking.refused.get(base[0])
        return self._chain(base[0]).seq < base[1] or (refused is not None and base[1] >= refused[0])

    def _look_at_clock(self, edit: Edit) -> None:
        """An edit from the future, and one that is older than what its author had seen, tell of a wrong clock."""
        taking = self._taking
        _, ahead_ms = merged(0, edit.hlc, taking.wall_ns)
        if ahead_ms:
            taking.ahead_ms[edit.seat] = max(taking.ahead_ms.get(edit.seat, 0), ahead_ms + BOUND_MS)
        for seat, seq in {change.base for change in edit.changes if change.base and change.base[0] != edit.seat}:
            row = self._connection.execute(
                "SELECT wall_ns FROM edit WHERE seat = ? AND seq = ?", (self._chain(seat).number, seq)
            ).fetchone()
            apart_ms = (_int(row[0]) - edit.wall_ns) // 1_000_000 if row else 0
            if apart_ms > BOUND_MS:
                pair = (seat, edit.seat)
                taking.apart_ms[pair] = max(taking.apart_ms.get(pair, 0), apart_ms)

    # -- numbers ------------------------------------------------------------------------------------------------------

    def _new_seat(self, uid: bytes) -> int:
        self._connection.execute("INSERT INTO seat_id (uid) VALUES (?)", (uid,))
        self.new_seats.append(uid)
        return self._last()

    def _known(self, uid: bytes) -> tuple[int, str] | None:
        found = self._things.get(uid)
        if found is None:
            row = self._connection.execute("SELECT id, kind FROM entity WHERE uid = ?", (uid,)).fetchone()
            if row is None:
                return None
            found = self._things[uid] = (_int(row[0]), str(row[1]))
        return found

    def _thing(self, uid: bytes, kind: str, owner: Value, new: Counter[str] | None = None) -> int:
        known = self._known(uid)
        if known is not None:
            return known[0]
        # What belongs to a take may come before the take itself, when that is of a seat that was left out.
        take = self._thing(owner, "take", None) if isinstance(owner, bytes) and owner != uid else None
        self._connection.execute("INSERT INTO entity (kind, uid, owner) VALUES (?, ?, ?)", (kind, uid, take))
        number = self._last()
        self._things[uid] = (number, kind)
        if new is not None:
            new[kind] += 1
        return number

    def _field(self, entity: str, name: str) -> int:
        number = self._fields.get((entity, name))
        if number is None:
            self._connection.execute("INSERT INTO field_name (entity, name) VALUES (?, ?)", (entity, name))
            number = self._fields[entity, name] = self._last()
        return number

    def _last(self) -> int:
        row = self._connection.execute("SELECT last_insert_rowid()").fetchone()
        return _int(row[0]) if row else 0
