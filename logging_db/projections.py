"""Fold the changes into the projections, in SQL: to rebuild them, and to check that they are what the changes say.

In Python the fold of 100,000 takes took 21 s and 880 MiB; in SQL it is a hundred times less (measured). Used by
doctor.py and by a change of the schema; `refresh` folds only what a merge has touched, by the same statements.
"""

from __future__ import annotations

from collections.abc import Iterable

from logging_db import search
from logging_db.schema import VERSION
from logging_db.sqlite_library import Connection
from onset.logbook.entities import ENTITIES, FIELDS, Type

_STORED = {Type.TEXT: "text", Type.INTEGER: "integer", Type.FLAG: "integer", Type.REF: "blob"}

# Among the heads of a field the greatest (hlc, seat) stands; but what was deleted by one and edited by another stays.
# Within one edit the first stands. For a query on `head h` that goes on with STANDING.
STANDING = (
    "JOIN change c ON c.seat = h.seat AND c.seq = h.seq AND c.n = h.n "
    "JOIN seat_id s ON s.id = h.seat JOIN field_name f ON f.id = h.field"
)
STANDING_FIRST = "(f.name = 'deleted' AND c.value IS NOT 1) DESC, h.hlc DESC, s.uid DESC, h.n"
_STANDING_LAST = "(f.name = 'deleted' AND c.value IS NOT 1), h.hlc, s.uid, h.n DESC"

_HEADS = (
    "CREATE TEMP TABLE fold_seen (entity INTEGER, field INTEGER, seat INTEGER, seq INTEGER, "
    "PRIMARY KEY (entity, field, seat, seq)) WITHOUT ROWID",
    "INSERT OR IGNORE INTO fold_seen SELECT entity, field, base_seat, base_seq FROM main.change "
    "WHERE base_seat IS NOT NULL",
    "CREATE TEMP TABLE fold_head AS SELECT c.entity, c.field, c.seat, c.seq, c.n, e.hlc "
    "FROM main.change c JOIN main.edit e ON e.seat = c.seat AND e.seq = c.seq WHERE NOT EXISTS (SELECT 1 "
    "FROM fold_seen x WHERE x.entity = c.entity AND x.field = c.field AND x.seat = c.seat AND x.seq = c.seq)",
    "CREATE TEMP TABLE fold_value (entity INTEGER, field INTEGER, value ANY, PRIMARY KEY (entity, field)) "
    "STRICT, WITHOUT ROWID",
    # The last one written for a field stays.
    f"INSERT OR REPLACE INTO fold_value SELECT h.entity, h.field, c.value FROM fold_head h {STANDING} "
    f" ORDER BY h.entity, h.field, {_STANDING_LAST}",
)
_TOUCHED = (
    "CREATE TEMP TABLE IF NOT EXISTS touched (id INTEGER PRIMARY KEY)",
    "CREATE TEMP TABLE IF NOT EXISTS touched_value (entity INTEGER, field INTEGER, value ANY, "
    "PRIMARY KEY (entity, field)) STRICT, WITHOUT ROWID",
    "DELETE FROM temp.touched",
    "DELETE FROM temp.touched_value",
)
_TOUCHED_VALUES = (
    "INSERT OR REPLACE INTO temp.touched_value SELECT h.entity, h.field, c.value FROM temp.touched t "
    f"JOIN main.head h ON h.entity = t.id {STANDING} ORDER BY h.entity, h.field, {_STANDING_LAST}"
)
_TABLES = ("head", *ENTITIES, "words")

_TAKES_TOUCHED = (
    "SELECT DISTINCT o.uid FROM temp.touched t JOIN main.entity n ON n.id = t.id "
    "JOIN main.entity o ON o.id = CASE WHEN n.kind = 'take' THEN n.id ELSE n.owner END WHERE o.kind = 'take'"
)


def _rows(connection: Connection, kind: str, values: str) -> str:
    """The rows of a kind as the table `values` has their fields; a thing of which nothing is known yet has none.

    The columns are those that the log has: one of another version has others.
    """
    there = _columns(connection, kind)
    numbers = {
        str(name): int(str(number))
        for name, number in connection.execute("SELECT name, id FROM main.field_name WHERE entity = ?", (kind,))
    }
    columns = ", ".join(
        f"max(CASE WHEN v.field = {numbers[one.name]} AND typeof(v.value) = '{_STORED[one.type]}' "
        f'THEN v.value END) AS "{one.name}"'
        for one in ENTITIES[kind]
        if one.name in there
    )
    return (
        f"SELECT n.id, n.uid, n.owner, {columns} FROM temp.{values} v JOIN main.entity n ON n.id = v.entity "
        f"WHERE n.kind = '{kind}' GROUP BY n.id"
    )


def _columns(connection: Connection, kind: str) -> list[str]:
    return [str(row[1]) for row in connection.execute(f'PRAGMA main.table_info("{kind}")')]


def _kinds(connection: Connection) -> list[str]:
    tables = {name for (name,) in connection.execute("SELECT name FROM main.sqlite_master WHERE type = 'table'")}
    return [kind for kind in ENTITIES if kind in tables]


def _kinds_there(connection: Connection) -> list[str]:
    """Those with a thing or a row: of the others, most of a log's fifty, a rebuild has nothing to say."""
    there = {kind for (kind,) in connection.execute("SELECT DISTINCT kind FROM main.entity")}
    return [
        kind
        for kind in _kinds(connection)
        if kind in there or connection.execute(f'SELECT 1 FROM main."{kind}" LIMIT 1').fetchone()
    ]


def _fold(connection: Connection, kinds: Iterable[str]) -> None:
    for statement in _HEADS:
        connection.execute(statement)
    for kind in kinds:
        connection.execute(f'CREATE TEMP TABLE "fold_{kind}" AS {_rows(connection, kind, "fold_value")}')


def _forget(connection: Connection) -> None:
    for name in ("seen", "value", *_TABLES):
        connection.execute(f'DROP TABLE IF EXISTS temp."fold_{name}"')


def rebuild(connection: Connection) -> None:
    """Make every projection anew from the changes, in one transaction."""
    connection.execute("BEGIN IMMEDIATE")
    try:
        fill(connection)
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def fill(connection: Connection) -> None:
    """`rebuild` within a transaction of the caller's; the tables are those of this version."""
    _fold(connection, _kinds(connection))
    for name in ("head", *ENTITIES):
        connection.execute(f'DELETE FROM main."{name}"')
        connection.execute(f'INSERT INTO main."{name}" SELECT * FROM temp."fold_{name}"')
    connection.execute("DELETE FROM main.words")
    connection.execute(f"INSERT INTO main.words {search.WORDS}")
    connection.execute("INSERT INTO words_index (words_index) VALUES ('rebuild')")
    _forget(connection)


def refresh(connection: Connection, entities: Iterable[int]) -> set[bytes]:
    """Make the rows of some things anew from their heads, and the words of the takes they belong to.

    Within a transaction of the caller's, whose `head` is right already.

    Args:
        connection: writing.
        entities: numbers of things; those of a kind that this version does not know have no rows.

    Returns:
        The ids of the takes that they are, or belong to.
    """
    for statement in _TOUCHED:
        connection.execute(statement)
    connection.executemany("INSERT OR IGNORE INTO temp.touched (id) VALUES (?)", [(number,) for number in entities])
    connection.execute(_TOUCHED_VALUES)
    # Before and after: a setup that has another slate now leaves the takes of the one that it had.
    worded = set(connection.execute(search.TAKES_AROUND).fetchall())
    found = connection.execute("SELECT DISTINCT n.kind FROM temp.touched t JOIN main.entity n ON n.id = t.id")
    for kind in sorted({str(row[0]) for row in found.fetchall()} & ENTITIES.keys()):
        connection.execute(f'DELETE FROM main."{kind}" WHERE id IN (SELECT id FROM temp.touched)')
        connection.execute(f'INSERT INTO main."{kind}" {_rows(connection, kind, "touched_value")}')
    worded.update(connection.execute(search.TAKES_TOUCHED).fetchall())
    search.refresh(connection, [int(str(take)) for (take,) in worded])
    return {uid for (uid,) in connection.execute(_TAKES_TOUCHED).fetchall() if isinstance(uid, bytes)}


def differences(connection: Connection) -> dict[str, int]:
    """Rows of each projection that a rebuild would make otherwise; empty when all agree. Leaves the log as it is."""
    found: dict[str, int] = {}
    connection.execute("BEGIN")  # one snapshot: another program may be writing
    try:
        kinds = _kinds_there(connection)
        _fold(connection, kinds)
        for name in ("head", *kinds):
            columns = ", ".join(f'"{one}"' for one in _columns(connection, name) if _known(name, one))
            ours, anew = (f'SELECT {columns} FROM {where}"' for where in (f'main."{name}', f'temp."fold_{name}'))
            found[name] = _differing(connection, ours, anew)
        version = connection.execute("PRAGMA user_version").fetchone()
        if version == (VERSION,):  # another one took other words of a take
            found["words"] = _differing(connection, "SELECT * FROM main.words", search.WORDS)
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        _forget(connection)
    return {name: count for name, count in found.items() if count}


def takes_differing(connection: Connection) -> list[bytes]:
    """Ids of the takes whose rows, or rows of things that belong to them, a rebuild would make otherwise."""
    found: set[bytes] = set()
    connection.execute("BEGIN")
    try:
        kinds = _kinds_there(connection)
        _fold(connection, kinds)
        for name in kinds:
            columns = ", ".join(f'"{one}"' for one in _columns(connection, name) if _known(name, one))
            ours, anew = (f'SELECT {columns} FROM {where}"' for where in (f'main."{name}', f'temp."fold_{name}'))
            rows = connection.execute(
                "SELECT o.uid FROM main.entity n JOIN main.entity o ON o.id = coalesce(n.owner, n.id) WHERE o.kind = "
                f"'take' AND n.id IN (SELECT id FROM (SELECT * FROM ({ours} EXCEPT {anew}) "
                f"UNION ALL SELECT * FROM ({anew} EXCEPT {ours})))"
            )
            found.update(row[0] for row in rows.fetchall() if isinstance(row[0], bytes))
    finally:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        _forget(connection)
    return sorted(found)


def _known(kind: str, column: str) -> bool:
    return kind not in FIELDS or column in FIELDS[kind] or column in ("id", "uid", "owner")


def _differing(connection: Connection, one: str, other: str) -> int:
    row = connection.execute(
        f"SELECT count(*) FROM (SELECT * FROM ({one} EXCEPT {other}) UNION ALL SELECT * FROM ({other} EXCEPT {one}))"
    ).fetchone()
    return int(str(row[0])) if row else 0
