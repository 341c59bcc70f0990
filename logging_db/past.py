"""Which of a seat's own edits can be taken back or done again. Used by edits.py for undo and redo."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import groupby

from logging_db.elsewhere import CAME
from logging_db.projections import STANDING, STANDING_FIRST
from logging_db.sqlite_library import Connection
from onset.changes import Value
from onset.logbook.conflicts import is_asked
from onset.logbook.engine import PastChange, PastEdit
from onset.logbook.undo import UNDOABLE

_VERBS = ", ".join(f"'{verb}'" for verb in sorted(UNDOABLE))
# Undone once more often than redone: 1, else 0.
_UNDONE = (
    "(SELECT coalesce(sum(CASE u.verb WHEN 'undo' THEN 1 WHEN 'redo' THEN -1 END), 0) FROM edit u "
    "WHERE u.seat = e.seat AND u.of = {seq})"
)

# A change that only says of a take that it is not deleted, which it was not (edits.py); `c` is the change. An edit that
# ends a conflict over it has a row for each side, and says more than that.
SAID_ONLY = (
    "c.field = {deleted} AND c.value IS 0 AND NOT EXISTS (SELECT 1 FROM change k JOIN change b ON b.seat = k.base_seat "
    "AND b.seq = k.base_seq AND b.entity = k.entity AND b.field = k.field AND b.value IS 1 "
    "WHERE k.seat = c.seat AND k.seq = c.seq AND k.entity = c.entity AND k.field = c.field)"
)
_Origin = tuple[int, int] | None  # (seat number, seq) of the change that gave a field its value


def undoable(connection: Connection, seat: bytes, before: int | None) -> PastEdit | None:
    """The newest own edit, older than `before`, that can be taken back and is not."""
    row = connection.execute(
        f"SELECT e.seat, e.seq, e.verb FROM edit e WHERE e.seat = (SELECT id FROM seat_id WHERE uid = ?) "
        f"AND e.verb IN ({_VERBS}) AND {_UNDONE.format(seq='e.seq')} = 0 AND e.seq < coalesce(?, e.seq + 1) "
        f"ORDER BY e.seq DESC LIMIT 1",
        (seat, before),
    ).fetchone()
    return _past(connection, row, done=True) if row else None


def redoable(connection: Connection, seat: bytes) -> PastEdit | None:
    """What the newest undo took back, while no other edit was made since."""
    row = connection.execute(
        f"SELECT e.seat, e.of, o.verb FROM edit e JOIN edit o ON o.seat = e.seat AND o.seq = e.of "
        f"WHERE e.seat = (SELECT id FROM seat_id WHERE uid = ?) AND e.verb = 'undo' AND e.seq > coalesce("
        f"(SELECT n.seq FROM edit n WHERE n.seat = e.seat AND n.verb IN ({_VERBS}, 'roll') "
        f"ORDER BY n.seq DESC LIMIT 1), 0) AND {_UNDONE.format(seq='e.of')} = 1 ORDER BY e.seq DESC LIMIT 1",
        (seat,),
    ).fetchone()
    return _past(connection, row, done=False) if row else None


def rolled_since(connection: Connection, seat: bytes, seq: int, unit: str) -> bool:
    """Whether a take of the unit was rolled in this log after the own edit `seq`."""
    row = connection.execute(
        "SELECT 1 FROM edit e JOIN seat_id s ON s.id = e.seat JOIN edit r ON r.arrival > e.arrival AND r.verb = 'roll' "
        "JOIN change c ON c.seat = r.seat AND c.seq = r.seq JOIN take t ON t.id = c.entity "
        f"WHERE s.uid = ? AND e.seq = ? AND t.unit = ? AND {CAME.format(arrival='r.arrival')} IS NOT 1 LIMIT 1",
        (seat, seq, unit),
    ).fetchone()
    return row is not None


def _past(connection: Connection, edit: tuple[Value, ...], *, done: bool) -> PastEdit:
    seat, seq = int(str(edit[0])), int(str(edit[1]))
    rows = connection.execute(
        "SELECT c.entity, n.kind, n.uid, c.field, f.name, c.value, c.base_seat, c.base_seq FROM change c "
        "JOIN entity n ON n.id = c.entity JOIN field_name f ON f.id = c.field "
        f"WHERE c.seat = ? AND c.seq = ? AND NOT (n.kind = 'take' AND f.name = 'deleted' "
        f"AND {SAID_ONLY.format(deleted='f.id')}) ORDER BY c.n",
        (seat, seq),
    ).fetchall()
    changes = []
    for _, group in groupby(rows, key=lambda row: (row[0], row[3])):
        lines = list(group)
        entity, field = int(str(lines[0][0])), int(str(lines[0][3]))
        bases = [(int(str(line[6])), int(str(line[7]))) for line in lines if line[6] is not None]
        base = bases[0] if bases else None
        before = list(dict.fromkeys(value for each in bases for value in _values(connection, entity, field, each)))
        first = _first(connection, entity) == (seat, seq)
        expected: _Origin = (seat, seq) if done else _origin(connection, entity, field, base)
        winner = _winner(connection, entity, field)
        ours = _origin(connection, entity, field, winner) == expected
        # What made a thing stands while it is taken back; only whether it is there can be another's word since.
        stands = base is None and not done and first and (str(lines[0][4]) != "deleted" or winner == (seat, seq))
        against: list[Value] = []
        if ours and str(lines[0][4]) != "deleted" and is_asked(str(lines[0][1]), str(lines[0][4])):
            against = _against(connection, entity, field, lines[0][5], None if done else (winner, seq, before))
        if done and against:
            before = against
        changes.append(
            PastChange(
                entity=str(lines[0][1]),
                entity_id=_shown_id(lines[0][2]),
                field=str(lines[0][4]),
                old=_shown(before[0]) if before else None,
                new=_shown(lines[0][5]),
                created=base is None and first,
                untouched=ours or stands,
                beside=tuple(_shown(value) for value in before[1:]),
                against=tuple(map(_shown, against)),
            )
        )
    return PastEdit(seq, str(edit[2]), tuple(_with_what_others_made(changes)))


def _with_what_others_made(changes: list[PastChange]) -> Iterator[PastChange]:
    """A thing that others made too, and say other things of, is no thing of this edit: only its word of it is."""
    shared = {change.entity_id for change in changes if change.created and change.against}
    for change in changes:
        if change.entity_id not in shared:
            yield change
        elif change.against:
            yield replace(change, created=False)


def _against(
    connection: Connection, entity: int, field: int, value: Value, undone: tuple[_Origin, int, list[Value]] | None
) -> list[Value]:
    """What stands for a field beside `value`; of an edit that was undone, what the undo left standing of others."""
    if undone is None:
        rows = connection.execute(
            f"SELECT c.value FROM head h {STANDING} WHERE h.entity = ? AND h.field = ? ORDER BY {STANDING_FIRST}",
            (entity, field),
        )
        return [other for other in dict.fromkeys(row[0] for row in rows.fetchall()) if other != value]
    winner, seq, before = undone
    if winner is None:
        return []
    row = connection.execute("SELECT verb, of FROM edit WHERE seat = ? AND seq = ?", winner).fetchone()
    left = _values(connection, entity, field, winner) if row == ("undo", seq) else []
    return [other for other in left if other not in (before or [None])]  # what the edit began, the undo left empty


def _shown_id(uid: Value) -> str:
    return uid.hex() if isinstance(uid, bytes) else ""


def _shown(value: Value) -> Value:
    return value.hex() if isinstance(value, bytes) else value


def _origin(connection: Connection, entity: int, field: int, at: _Origin) -> _Origin:
    """The edit whose value a field really has: an undo leads to what stood before, a redo to what came back, and
    whoever only said that a take stays, be it by an undo, to whose word that was.
    """
    while at is not None:
        bases = connection.execute(
            "SELECT c.base_seat, c.base_seq FROM change c JOIN field_name f ON f.id = c.field WHERE c.seat = ? "
            "AND c.seq = ? AND c.entity = ? AND c.field = ? AND f.name = 'deleted' AND f.entity = 'take' "
            f"AND {SAID_ONLY.format(deleted='f.id')}",
            (*at, entity, field),
        ).fetchone()
        if bases is not None and not any(_values(connection, entity, field, at)):  # else it brings a conflict back
            at = _edit_at(bases)
            continue
        row = connection.execute("SELECT verb, of FROM edit WHERE seat = ? AND seq = ?", at).fetchone()
        if row is None or row[0] not in ("undo", "redo") or row[1] is None:
            return at
        concerned = (at[0], int(str(row[1])))
        if row[0] == "redo":
            return concerned
        base = connection.execute(
            "SELECT base_seat, base_seq FROM change WHERE seat = ? AND seq = ? AND entity = ? AND field = ? ORDER BY n",
            (*concerned, entity, field),
        ).fetchone()
        at = _edit_at(base) if base else None
    return None


def _edit_at(base: tuple[Value, ...]) -> _Origin:
    seat, seq = base
    return None if seat is None else (int(str(seat)), int(str(seq)))


def _winner(connection: Connection, entity: int, field: int) -> _Origin:
    row = connection.execute(
        f"SELECT h.seat, h.seq FROM head h {STANDING} WHERE h.entity = ? AND h.field = ? "
        f"ORDER BY {STANDING_FIRST} LIMIT 1",
        (entity, field),
    ).fetchone()
    return (int(str(row[0])), int(str(row[1]))) if row else None


def _values(connection: Connection, entity: int, field: int, at: tuple[int, int]) -> list[Value]:
    rows = connection.execute(
        "SELECT value FROM change WHERE seat = ? AND seq = ? AND entity = ? AND field = ? ORDER BY n",
        (*at, entity, field),
    )
    return [row[0] for row in rows.fetchall()]


def _first(connection: Connection, entity: int) -> _Origin:
    row = connection.execute(
        "SELECT c.seat, c.seq FROM change c JOIN edit e ON e.seat = c.seat AND e.seq = c.seq WHERE c.entity = ? "
        "ORDER BY e.arrival LIMIT 1",
        (entity,),
    ).fetchone()
    return (int(str(row[0])), int(str(row[1]))) if row else None
