"""Which edits of this log file came from other logs: a take that rolls on another laptop starts no recorder here.

Kept in `came` as ranges of arrivals, of this file alone. What the second journal gives back is not from elsewhere.
"""

from __future__ import annotations

from logging_db.sqlite_library import Connection

# Whether the edit with that arrival came from another log: 1, 0 or NULL.
CAME = "(SELECT r.last >= {arrival} FROM came r WHERE r.first <= {arrival} ORDER BY r.first DESC LIMIT 1)"
# Whether what a take's `state` is now was said in another log.
SAID_ELSEWHERE = (
    f"(SELECT {CAME.format(arrival='e.arrival')} FROM head h JOIN edit e ON e.seat = h.seat AND e.seq = h.seq "
    "WHERE h.entity = {take} AND h.field = (SELECT id FROM field_name WHERE entity = 'take' AND name = 'state') "
    "ORDER BY h.hlc DESC LIMIT 1)"
)


def newest(connection: Connection) -> int:
    """Arrival of the newest edit."""
    row = connection.execute("SELECT coalesce(max(arrival), 0) FROM edit").fetchone()
    return int(str(row[0])) if row else 0


def came(connection: Connection, first: int, last: int) -> None:
    """Note that the edits with these arrivals came from another log; within the transaction that wrote them."""
    connection.execute("UPDATE came SET last = ? WHERE last = ?", (last, first - 1))
    fresh = "SELECT ?1, ?2 WHERE NOT EXISTS (SELECT 1 FROM came WHERE last = ?2)"
    connection.execute(f"INSERT INTO came (first, last) {fresh}", (first, last))
