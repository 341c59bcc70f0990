"""When the first take of each day came into this log file: tells a search whether its hits stand as they were shot.

Kept in memory beside a reading connection, and brought up to date by the edits that came since. To look through all the
takes that were shot since the last one of a list took 9 ms where its hits lie far apart (measured).
"""

from __future__ import annotations

from logging_db.sqlite_library import Connection
from onset.changes import Value

_NEWEST = "SELECT coalesce(max(arrival), 0) FROM edit"
_ALL = "SELECT coalesce(day, 0), min(id) FROM take GROUP BY day"
_SINCE = (
    "SELECT coalesce(t.day, 0), min(t.id) FROM edit e CROSS JOIN change c ON c.seat = e.seat AND c.seq = e.seq "
    "CROSS JOIN take t ON t.id = c.entity WHERE e.arrival > ? "
    "AND c.field = (SELECT id FROM field_name WHERE entity = 'take' AND name = 'day') GROUP BY t.day"
)
_THAT_DAY = "SELECT min(id) FROM take WHERE day = ? AND (rolled_ns, uid) > (?, ?)"


class Arrivals:
    """Of one reading connection."""

    def __init__(self) -> None:
        self._seen = -1  # arrival of the newest edit that is known here
        self._first: dict[int, int] = {}  # day to number; a take that left its day since may have been it

    def before(self, connection: Connection, number: int, place: tuple[int, int, bytes]) -> bool:
        """Whether a take that came before the one with this number may have been shot after this place.

        Args:
            connection: the reading one, in a transaction.
            number: of a take.
            place: in shooting order.
        """
        self._bring_up_to_date(connection)
        day, rolled_ns, uid = place
        if any(first < number for later, first in self._first.items() if later > day):
            return True
        row = connection.execute(_THAT_DAY, (day, rolled_ns, uid)).fetchone()
        return row is not None and row[0] is not None and _int(row[0]) < number

    def _bring_up_to_date(self, connection: Connection) -> None:
        row = connection.execute(_NEWEST).fetchone()
        newest = _int(row[0]) if row else 0
        if newest == self._seen:
            return
        found = connection.execute(_ALL) if self._seen < 0 else connection.execute(_SINCE, (self._seen,))
        for one, other in found.fetchall():
            day, number = _int(one), _int(other)
            self._first[day] = min(number, self._first.get(day, number))
        self._seen = newest


def _int(value: Value) -> int:
    return int(str(value))
