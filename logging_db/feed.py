"""The feed: every committed change of every program on this log, in order of arrival.

`data_version` is asked first, which costs microseconds, so a capture service may poll 100 times a second. It stands
still inside a read transaction and for commits of its own connection, hence the autocommit connection that only reads.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from logging_db.elsewhere import CAME
from logging_db.sqlite_library import Connection, connect, errors_of, library
from onset.changes import Value
from onset.errors import LogDiskError
from onset.logbook.terms import LoggedChange

HISTORY = (
    "SELECT e.arrival, s.uid, coalesce(st.name, ''), e.author, e.wall_ns, n.kind, n.uid, "
    "CASE WHEN n.kind = 'take' THEN n.uid ELSE o.uid END, f.name, b.value, c.value, e.verb = 'undo', "
    f"coalesce({CAME.format(arrival='e.arrival')}, 0) "
    "FROM edit e JOIN change c ON c.seat = e.seat AND c.seq = e.seq "
    "JOIN seat_id s ON s.id = e.seat LEFT JOIN seat st ON st.uid = s.uid "
    "JOIN entity n ON n.id = c.entity LEFT JOIN entity o ON o.id = n.owner "
    "LEFT JOIN change b ON b.seat = c.base_seat AND b.seq = c.base_seq AND b.n = (SELECT min(x.n) FROM change x "
    "WHERE x.seat = c.base_seat AND x.seq = c.base_seq AND x.entity = c.entity AND x.field = c.field) "
    # That a take of which something is said is not deleted goes without saying (edits.py).
    "JOIN field_name f ON f.id = c.field "
    "AND NOT (n.kind = 'take' AND f.name = 'deleted' AND c.value IS 0 AND b.value IS NOT 1) "
)


# What a person calls the thing that changed; for the history alone, because a feed may not cost that much.
_OF_TAKE = "(SELECT t.slate || '/' || t.take FROM take t WHERE t.id = n.owner)"
ABOUT = (
    "CASE n.kind WHEN 'take' THEN (SELECT slate || '/' || take FROM take WHERE id = n.id) "
    f"WHEN 'note' THEN coalesce('on ' || {_OF_TAKE}, (SELECT coalesce('on ' || s.slate, 'on scene ' || c.number) "
    "FROM note x LEFT JOIN entity m ON m.uid = coalesce(x.setup, x.scene) LEFT JOIN setup s ON s.id = m.id "
    "LEFT JOIN scene c ON c.id = m.id WHERE x.id = n.id)) "
    f"WHEN 'run' THEN 'of ' || {_OF_TAKE} "
    "WHEN 'event' THEN (SELECT device || ' ' || what FROM event WHERE id = n.id) || "
    f"coalesce(' on ' || {_OF_TAKE}, '') "
    f"WHEN 'tag' THEN (SELECT tag FROM tag WHERE id = n.id) || ' on ' || {_OF_TAKE} "
    f"WHEN 'rating' THEN (SELECT voter FROM rating WHERE id = n.id) || ' on ' || {_OF_TAKE} "
    f"WHEN 'angle' THEN (SELECT camera FROM angle WHERE id = n.id) || ' of ' || {_OF_TAKE} "
    f"WHEN 'sound_take' THEN (SELECT device FROM sound_take WHERE id = n.id) || ' of ' || {_OF_TAKE} "
    "WHEN 'camera_setup' THEN (SELECT x.camera || coalesce(' of ' || coalesce(s.slate, s.name), '') "
    "FROM camera_setup x "
    "LEFT JOIN entity m ON m.uid = x.setup LEFT JOIN setup s ON s.id = m.id WHERE x.id = n.id) "
    "WHEN 'card_copy' THEN (SELECT path FROM card_copy WHERE id = n.id) "
    "WHEN 'board' THEN (SELECT unit FROM board WHERE id = n.id) "
    "WHEN 'board_camera' THEN (SELECT camera FROM board_camera WHERE id = n.id) "
    "WHEN 'seat' THEN (SELECT name FROM seat WHERE id = n.id) "
    "WHEN 'saved_filter' THEN (SELECT name FROM saved_filter WHERE id = n.id) "
    "WHEN 'link' THEN (SELECT coalesce(x.name, y.name) FROM link l JOIN entity m ON m.uid = l.media "
    "LEFT JOIN clip x ON x.id = m.id LEFT JOIN sound y ON y.id = m.id WHERE l.id = n.id) "
    "WHEN 'clip' THEN (SELECT name FROM clip WHERE id = n.id) "
    "WHEN 'sound' THEN (SELECT name FROM sound WHERE id = n.id) "
    "WHEN 'continuity' THEN (SELECT character || ' in scene ' || scene FROM continuity WHERE id = n.id) "
    "WHEN 'still' THEN (SELECT path FROM still WHERE id = n.id) "
    "WHEN 'scene' THEN (SELECT coalesce(episode || ':', '') || number FROM scene WHERE id = n.id) "
    "WHEN 'setup' THEN (SELECT coalesce(slate, name) FROM setup WHERE id = n.id) "
    "WHEN 'script_version' THEN (SELECT name FROM script_version WHERE id = n.id) "
    "WHEN 'credit' THEN (SELECT 'of scene ' || coalesce(episode || ':', '') || number || ' on day ' || day "
    "FROM credit WHERE id = n.id) "
    "WHEN 'plan' THEN (SELECT 'of scene ' || coalesce(episode || ':', '') || scene || ' for day ' || day "
    "FROM plan WHERE id = n.id) "
    "WHEN 'owed' THEN (SELECT 'to scene ' || coalesce(episode || ':', '') || scene FROM owed WHERE id = n.id) "
    "WHEN 'balance' THEN (SELECT unit FROM balance WHERE id = n.id) "
    "WHEN 'card' THEN (SELECT label FROM card WHERE id = n.id) "
    "WHEN 'day_stamp' THEN (SELECT what || ' of day ' || day FROM day_stamp WHERE id = n.id) "
    "WHEN 'issue' THEN (SELECT report || coalesce(' of day ' || day, '') || ', revision ' || revision "
    "FROM issue WHERE id = n.id) "
    "WHEN 'jam' THEN (SELECT device || ' on day ' || day FROM jam WHERE id = n.id) "
    "WHEN 'roll' THEN (SELECT label FROM roll WHERE id = n.id) "
    "WHEN 'day' THEN (SELECT number FROM day WHERE id = n.id) "
    "WHEN 'person' THEN (SELECT name FROM person WHERE id = n.id) "
    "WHEN 'unit' THEN (SELECT name FROM unit WHERE id = n.id) "
    "WHEN 'episode' THEN (SELECT number FROM episode WHERE id = n.id) "
    "WHEN 'claim' THEN (SELECT report || ' row ' || \"row\" FROM claim WHERE id = n.id) END "
)


def logged(row: tuple[Value, ...]) -> LoggedChange:
    """A row of `HISTORY`, perhaps with what the thing is called at its end."""
    arrival, seat, seat_name, author, wall_ns, entity, uid, take, field, old, new, undoes, merged, *about = row
    return LoggedChange(
        arrival=int(str(arrival)),
        seat=_hex(seat) or "",
        seat_name=str(seat_name),
        author=str(author),
        wall_ns=int(str(wall_ns)),
        entity=str(entity),
        entity_id=_hex(uid) or "",
        take_id=_hex(take),
        field=str(field),
        old=_hex(old) if isinstance(old, bytes) else old,
        new=_hex(new) if isinstance(new, bytes) else new,
        undoes=undoes == 1,
        merged=merged == 1,
        about=str(about[0] or "") if about else "",
    )


def _hex(value: Value) -> str | None:
    return value.hex() if isinstance(value, bytes) else None


class Source(Protocol):
    """The logbook that a feed belongs to, as far as a feed sees it."""

    @property
    def worked_on(self) -> tuple[int, Path | None]:
        """Which file is written and read now, and a number that is another one after each change of it."""
        ...

    def mend(self, failed: LogDiskError) -> bool:
        """Whether what failed may succeed now."""
        ...


class SqliteFeed:
    """See `onset.logbook.protocol.Feed`. One thread only."""

    def __init__(
        self,
        connection: Connection,
        *,
        after: int | None,
        path: Path | None = None,
        source: Source | None = None,
        turn: int = 0,
    ) -> None:
        self._connection = connection
        self._path = path
        self._source = source
        self._turn = turn
        self._seen_version: Value = None
        self._told: dict[str, int] = {}  # each seat's newest edit that was told of, by its id in hex
        with errors_of(path):
            self._cursor = self._newest() if after is None else after
            if source is not None:
                rows = connection.execute(
                    "SELECT hex(s.uid), max(e.seq) FROM edit e JOIN seat_id s ON s.id = e.seat WHERE e.arrival <= ? "
                    "GROUP BY e.seat",
                    (self._cursor,),
                )
                self._told = {str(seat): int(str(seq)) for seat, seq in rows.fetchall()}

    @classmethod
    def on(cls, source: Source, *, after: int | None) -> SqliteFeed:
        """A feed of a log in a file, on a connection of its own."""
        turn, path = source.worked_on
        return cls(connect(path, read_only=True), after=after, path=path, source=source, turn=turn)

    @property
    def cursor(self) -> int:
        return self._cursor

    def poll(self) -> Sequence[LoggedChange]:
        try:
            self._follow_source()
            return self._changes()
        except LogDiskError as failed:
            if self._source is None or not self._source.mend(failed):
                raise
            return ()

    def _changes(self) -> Sequence[LoggedChange]:
        with errors_of(self._path):
            if self._path is not None:
                row = self._connection.execute("PRAGMA data_version").fetchone()
                version = row[0] if row else None
                if version == self._seen_version:
                    return ()
                self._seen_version = version  # noted before reading: a commit in between is seen at the next poll
            if self._newest() == self._cursor:
                return ()
            rows = self._connection.execute(
                f"{HISTORY} WHERE e.arrival > ? ORDER BY e.arrival, c.n", (self._cursor,)
            ).fetchall()
            changes = [logged(row) for row in rows]
            if changes and self._source is not None:
                until = changes[-1].arrival
                fresh = self._not_told(until)
                changes = [each for each in changes if each.arrival in fresh]
                self._cursor = until
            elif changes:
                self._cursor = changes[-1].arrival
        return changes

    def _not_told(self, until: int) -> frozenset[int]:
        """Arrivals after the cursor of what is to be told now; it is counted as told.

        A stand-in may hear only later of an edit that was told of from the log, and the log of one from a stand-in.
        """
        rows = self._connection.execute(
            "SELECT e.arrival, hex(s.uid), e.seq FROM edit e JOIN seat_id s ON s.id = e.seat "
            "WHERE e.arrival > ? AND e.arrival <= ? ORDER BY e.arrival",
            (self._cursor, until),
        )
        fresh = set()
        for arrival, uid, seq in rows.fetchall():
            seat, number = str(uid), int(str(seq))
            if number > self._told.get(seat, 0):
                self._told[seat] = number
                fresh.add(int(str(arrival)))
        return frozenset(fresh)

    def close(self) -> None:
        if self._path is not None:
            self._connection.close()

    def _follow_source(self) -> None:
        """Go where the logbook went: to a stand-in while the log cannot be written, and then back."""
        if self._source is None or self._source.worked_on[0] == self._turn:
            return
        with suppress(library().Error):
            self._connection.close()
        turn, path = self._source.worked_on
        self._connection = connect(path, read_only=True)
        self._path, self._seen_version = path, None
        self._go_on()
        self._turn = turn  # last: what failed is done again

    def _go_on(self) -> None:
        """Set the cursor before the first edit that was not told of, wherever it stands among those that were."""
        with errors_of(self._path):
            told = (json.dumps(self._told),)
            row = self._connection.execute(
                "SELECT min(e.arrival) FROM seat_id s LEFT JOIN json_each(?) h ON h.key = hex(s.uid) "
                "JOIN edit e ON e.seat = s.id AND e.seq = coalesce(h.value, 0) + 1",
                told,
            ).fetchone()
            first = self._newest() + 1 if row is None or row[0] is None else int(str(row[0]))
        self._cursor = first - 1

    def _newest(self) -> int:
        row = self._connection.execute("SELECT coalesce(max(arrival), 0) FROM edit").fetchone()
        return int(str(row[0])) if row else 0
