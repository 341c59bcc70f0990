"""Whether a log is what was logged: every seat's chain by itself, and against what lies elsewhere.

By itself a chain shows a changed row and a hole. A tail that was cut off and a chain that was computed anew show only
beside a witness: the last backup, the second journal, the wrap manifest. Used by doctor.py; changes nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby

from logging_db.journal import Written
from logging_db.sqlite_library import Connection
from logging_db.taking_in import seat_by_seat, seat_name
from onset.changes import GENESIS, Change, Edit, Value, chained
from onset.text import safe_text

_MANY = 5  # findings that are told one by one
_NS = 1_000_000_000


@dataclass(frozen=True, slots=True)
class Chains:
    """What the chains of a log show.

    Attributes:
        altered: edits that are not what their hash says, by (seat, number).
        findings: sentences, for people; none: all is as it was written.
    """

    edits: int
    seats: int
    altered: Mapping[tuple[bytes, int], Edit]
    findings: tuple[str, ...]


@dataclass(slots=True)
class _Findings:
    """Sentences, of which only the first few are told."""

    told: list[str] = field(default_factory=list)
    more: int = 0

    def add(self, sentence: str) -> None:
        if len(self.told) < _MANY:
            self.told.append(sentence)
        else:
            self.more += 1

    def all(self) -> tuple[str, ...]:
        return (*self.told, *([f"and {self.more} more"] if self.more else []))


def look_at_chains(connection: Connection) -> Chains:
    """Recompute every seat's chain.

    Raises:
        LogError: rows cannot be read as edits at all.
    """
    edits = seats = 0
    found = _Findings()
    altered: dict[tuple[bytes, int], Edit] = {}
    for seat, chain in groupby(seat_by_seat(connection), key=lambda pair: pair[0].seat):
        seats += 1
        previous, expected = GENESIS, 1
        for edit, kept in chain:
            edits += 1
            if edit.seq != expected:
                found.add(f"{where(connection, edit)} follows edit {expected - 1}: edits are missing")
            elif chained(previous, edit) != kept:
                found.add(f"{where(connection, edit)} was altered after it was written")
                altered[seat, edit.seq] = edit
            previous, expected = kept, edit.seq + 1
    lost = connection.execute(
        "SELECT count(*) FROM change c WHERE NOT EXISTS (SELECT 1 FROM edit e WHERE e.seat = c.seat AND e.seq = c.seq)"
    ).fetchone()
    if lost and lost[0]:
        found.add(f"{lost[0]!s} changes belong to no edit: the end of a chain was cut off")
    return Chains(edits, seats, altered, found.all())


def against(connection: Connection, chains: Chains, witness: Iterable[Written]) -> tuple[int, tuple[str, ...]]:
    """Compare the log with edits that somebody else kept.

    Args:
        connection: of the log.
        chains: what the log shows by itself.
        witness: each edit with its hash; one that is not whole by itself proves nothing and is left out.

    Returns:
        How many edits were compared, and what differs, in sentences.
    """
    found = _Findings()
    missing: dict[bytes, list[Edit]] = {}
    rewritten: dict[bytes, Edit] = {}
    seen: dict[bytes, tuple[int, bytes]] = {}
    compared = 0
    for edit, hash in witness:
        seq, previous = seen.get(edit.seat, (0, GENESIS))
        if edit.seq != seq + 1 or chained(previous, edit) != hash:
            continue
        seen[edit.seat] = (edit.seq, hash)
        compared += 1
        row = connection.execute(
            "SELECT e.hash FROM edit e JOIN seat_id s ON s.id = e.seat WHERE s.uid = ? AND e.seq = ?",
            (edit.seat, edit.seq),
        ).fetchone()
        if row is None:
            missing.setdefault(edit.seat, []).append(edit)
        elif row[0] != hash:
            rewritten.setdefault(edit.seat, edit)
        elif (edit.seat, edit.seq) in chains.altered:
            for sentence in _what_changed(edit, chains.altered[edit.seat, edit.seq]):
                found.add(f"{where(connection, edit)}: {sentence}")
    for first in rewritten.values():
        found.add(f"{where(connection, first)} was written anew, and the chain after it computed again")
    for edits in missing.values():
        first, last = edits[0], edits[-1]
        words = f"edit {first.seq}" if len(edits) == 1 else f"edits {first.seq} to {last.seq}"
        found.add(
            f"{words} of {seat_name(connection, first.seat)} ({_time(first.wall_ns)} to {_time(last.wall_ns)}) are "
            "missing in the log"
        )
    return compared, found.all()


def heads_against(connection: Connection, heads: Mapping[str, tuple[int, str]]) -> tuple[str, ...]:
    """Compare the log with the newest edits that somebody noted: seat id in hex to number and hash in hex."""
    found = _Findings()
    for seat, (seq, hash) in heads.items():
        uid = bytes.fromhex(seat)
        row = connection.execute(
            "SELECT max(e.seq), max(CASE WHEN e.seq = ?2 THEN e.hash END) FROM edit e JOIN seat_id s ON s.id = e.seat "
            "WHERE s.uid = ?1",
            (uid, seq),
        ).fetchone()
        newest, kept = (row[0], row[1]) if row else (None, None)
        if not isinstance(newest, int) or newest < seq:
            found.add(
                f"edits {int(str(newest or 0)) + 1} to {seq} of {seat_name(connection, uid)} are missing in the log"
            )
        elif kept != bytes.fromhex(hash):
            found.add(f"edit {seq} of {seat_name(connection, uid)} is another one in the log: its chain was rewritten")
    return found.all()


def where(connection: Connection, edit: Edit) -> str:
    """An edit as people find it: number, seat, author, time, and the takes it is about."""
    takes = takes_of(connection, {change.entity_id for change in edit.changes})
    about = f", on {', '.join(takes)}" if takes else ""
    author = safe_text(edit.author)
    return f"edit {edit.seq} of {seat_name(connection, edit.seat)} (by {author}, {_time(edit.wall_ns)}{about})"


def takes_of(connection: Connection, things: Iterable[bytes]) -> list[str]:
    """Labels of the takes that things are or belong to."""
    found: set[str] = set()
    for uid in things:
        row = connection.execute(
            "SELECT t.slate, t.take FROM entity n JOIN take t ON t.id = coalesce(n.owner, n.id) WHERE n.uid = ?", (uid,)
        ).fetchone()
        if row is not None:
            found.add(safe_text(f"{row[0]!s}/{row[1]!s}"))
    return sorted(found)


def _what_changed(kept: Edit, now: Edit) -> Iterator[str]:
    """In which fields the edit in the log differs from the one that was kept."""
    ours = {_key(change): change.value for change in now.changes}
    for change in kept.changes:
        value = ours.pop(_key(change), None)
        if value != change.value:
            yield f"{change.entity} {change.field} is {_shown(value)} and was {_shown(change.value)}"
    for _, name in ours:
        yield f"{safe_text(name)} was added"
    if (kept.author, kept.wall_ns, kept.verb) != (now.author, now.wall_ns, now.verb):
        yield f"its author, time or verb was {safe_text(kept.author)}, {_time(kept.wall_ns)}, {safe_text(kept.verb)}"


def _key(change: Change) -> tuple[bytes, str]:
    return change.entity_id, change.field


def _shown(value: Value) -> str:
    if isinstance(value, bytes):
        return value.hex()
    return f'"{safe_text(value)[:60]}"' if isinstance(value, str) else "empty" if value is None else str(value)


def _time(wall_ns: int) -> str:
    try:
        return f"{datetime.fromtimestamp(wall_ns // _NS).astimezone():%Y-%m-%d %H:%M:%S}"
    except (OverflowError, ValueError, OSError):
        return f"{wall_ns} ns"
