"""Which edits of this log file came from other logs: a take that rolls on another laptop starts no recorder here.

Kept in `came` as ranges of arrivals, of this file alone. The second journal says it line by line, so that a log that
takes its edits back from there knows it again; a journal from before that calls everything this log's own.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from typing import NamedTuple

from logging_db.sqlite_library import Connection, library
from onset.changes import Edit

# Whether the edit with that arrival came from another log: 1, 0 or NULL.
CAME = "(SELECT r.last >= {arrival} FROM came r WHERE r.first <= {arrival} ORDER BY r.first DESC LIMIT 1)"
# Whether what a take's `state` is now was said in another log.
SAID_ELSEWHERE = (
    f"(SELECT {CAME.format(arrival='e.arrival')} FROM head h JOIN edit e ON e.seat = h.seat AND e.seq = h.seq "
    "WHERE h.entity = {take} AND h.field = (SELECT id FROM field_name WHERE entity = 'take' AND name = 'state') "
    "ORDER BY h.hlc DESC LIMIT 1)"
)


_OF_EDIT = (
    f"SELECT {CAME.format(arrival='e.arrival')} FROM edit e JOIN seat_id s ON s.id = e.seat "
    "WHERE s.uid = ? AND e.seq = ?"
)


class Line(NamedTuple):
    """An edit as one log and its second journal hold it.

    Attributes:
        hash: of the edit, in its seat's chain.
        came: it came from another log.
        waits: it stands behind the mark of a journal: when it was written down, the log could not take it.
    """

    edit: Edit
    hash: bytes
    came: bool = False
    waits: bool = False


def lines_of(connection: Connection, edits: Iterable[tuple[Edit, bytes]]) -> Iterator[Line]:
    """Edits of a log with what its file knows of where they came from; a damaged one may not know."""
    for edit, hash in edits:
        row = None
        with suppress(library().Error):
            row = connection.execute(_OF_EDIT, (edit.seat, edit.seq)).fetchone()
        yield Line(edit, hash, row is not None and row[0] == 1)


def newest(connection: Connection) -> int:
    """Arrival of the newest edit."""
    row = connection.execute("SELECT coalesce(max(arrival), 0) FROM edit").fetchone()
    return int(str(row[0])) if row else 0


def came(connection: Connection, first: int, last: int) -> None:
    """Note that the edits with these arrivals came from another log; within the transaction that wrote them."""
    connection.execute("UPDATE came SET last = ? WHERE last = ?", (last, first - 1))
    fresh = "SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM came WHERE last = ?2)"
    connection.execute(f"INSERT INTO came (first, last) {fresh}", (first, last))
