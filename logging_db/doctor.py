"""What only the database knows of a log's health: versions, integrity, the chain of every seat, the projections.

SQLite's own check does not find changed data (of 48 flipped bits that changed what was read, 23 passed): only the chain
of hashes says that what is in the log is what was logged. Used by `onset doctor`; writes nothing into the log.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from logging_db import opening, projections, schema
from logging_db.sqlite_library import Connection, connect, errors_of, library
from logging_db.taking_in import seat_by_seat
from onset.changes import GENESIS, Value, chained
from onset.errors import LogError
from onset.text import safe_text


@dataclass(frozen=True, slots=True)
class Check:
    """One finding about a log."""

    name: str
    ok: bool
    detail: str


def check(path: Path) -> list[Check]:
    """Look a log over; a check that fails says what is wrong and where.

    Raises:
        LogError: the file cannot be opened as a log at all.
    """
    found = opening.look(path, as_it_is=True)
    connection = connect(found.path)
    try:
        with errors_of(path):
            return list(_checks(connection, found))
    finally:
        connection.close()
        found.forget()


def _checks(connection: Connection, found: opening.Opening) -> Iterator[Check]:
    row = connection.execute("PRAGMA user_version").fetchone()
    version = _int(row[0]) if row else 0
    older = "; it is brought up to date when it is opened next" if version < schema.VERSION else ""
    detail = f"version {version}, this program writes {schema.VERSION}{older}"
    yield Check("log version", found.read_only is None, found.read_only or detail)
    said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(10)")]
    yield Check("log integrity", said == ["ok"], "; ".join(safe_text(line) for line in said))
    yield _chains(connection)
    try:
        differing = projections.differences(connection)
    except library().Error as error:
        yield Check("log projections", False, f"they cannot be compared: {safe_text(str(error))}")
        return
    detail = ", ".join(f"{count} rows of {name}" for name, count in differing.items())
    yield Check("log projections", not differing, detail or "equal to a rebuild from the changes")


def _chains(connection: Connection) -> Check:
    """Recompute every seat's chain; names the seat, the edit and the time of the first broken link."""
    edits = 0
    seats = 0
    try:
        for _, chain in groupby(seat_by_seat(connection), key=lambda pair: pair[0].seat):
            seats += 1
            previous = GENESIS
            for expected, (edit, kept) in enumerate(chain, start=1):
                edits += 1
                where = f"edit {edit.seq} of seat {edit.seat.hex()} (by {safe_text(edit.author)}, {edit.wall_ns} ns)"
                if edit.seq != expected:
                    return Check("log chain", False, f"{where} follows edit {expected - 1}: edits are missing")
                if chained(previous, edit) != kept:
                    return Check("log chain", False, f"{where} was altered after it was written")
                previous = kept
    except (LogError, ValueError, TypeError) as error:
        return Check("log chain", False, f"it cannot be read: {safe_text(str(error))}")
    lost = connection.execute(
        "SELECT count(*) FROM change c WHERE NOT EXISTS (SELECT 1 FROM edit e WHERE e.seat = c.seat AND e.seq = c.seq)"
    ).fetchone()
    if lost and lost[0]:
        return Check("log chain", False, f"{_int(lost[0])} changes belong to no edit: the end of a chain was cut off")
    return Check("log chain", True, f"{edits} edits of {seats} seats, each as it was written")


def _int(value: Value) -> int:
    if not isinstance(value, int):
        raise ValueError(f"{value!r} stands where a number should be")
    return value
