"""Bring a log of an earlier version to this one: its truth stays as it is, its projections are made anew.

Used by opening.py. Nobody else may have the log open meanwhile: an older program would go on writing in the old way.
In one transaction with a rollback journal: in WAL the header, at which programs look first, would lag behind.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import Table, create_mock_engine
from sqlalchemy.schema import CreateIndex, CreateTable

from logging_db import projections, schema
from logging_db.sqlite_library import Connection, alone, errors_of, peek, who_has_open
from onset.clock import SystemClock
from onset.errors import LogDiskError, LogError
from onset.logbook.entities import ENTITIES
from onset.text import safe_path

_TRIES = 60
_APART_S = 0.1  # two programs of this version may meet here; one brings the log up, the other waits for it
_Truth = tuple[int, int, int, str]


@functools.cache  # a log in memory is made thousands of times by tests
def statements(table: Table) -> tuple[str, ...]:
    """SQL that makes a table with its indexes."""
    dialect = create_mock_engine("sqlite://", lambda *_: None).dialect
    indexes = sorted(table.indexes, key=lambda index: str(index.name))
    made = [str(CreateTable(table).compile(dialect=dialect))]
    return (*made, *(str(CreateIndex(index).compile(dialect=dialect)) for index in indexes))


def upgrade(path: Path, shown: str, *, backup: bool = True) -> None:
    """Bring the log to `schema.VERSION`, after a verified copy was put beside it; where it is that already, do nothing.

    Args:
        path: of the log, which may be written.
        shown: how it is named to people.
        backup: False for a copy of a log, which needs none.

    Raises:
        LogError: another program has it open, or it cannot be written; it is then as it was.
    """
    holders: list[str] = []
    for attempt in range(_TRIES):
        if attempt:
            SystemClock().sleep(_APART_S)
        version = _version(path)
        if version >= schema.VERSION:
            return
        holders = who_has_open(path)
        if not holders:
            try:
                with errors_of(path), alone(path) as connection:
                    if connection is not None:
                        _bring_up(connection, path, version, backup=backup)
                        return
            except LogDiskError as error:
                raise LogDiskError(_left_as_it_is(shown, version, error), full=error.full, what=error.what) from error
            except (LogError, OSError) as error:
                why = f"it cannot be written ({error.strerror})." if isinstance(error, OSError) else str(error)
                raise LogError(_left_as_it_is(shown, version, why)) from error
    raise LogError(
        f"{shown} is of an older onset (log version {_version(path)}) and in use by "
        f"{', '.join(holders) or 'another program'}; close that program first, so that it can be brought to version "
        f"{schema.VERSION}."
    )


def _left_as_it_is(shown: str, version: int, why: object) -> str:
    return (
        f"{shown} is of an older onset (log version {version}) and was left as it is, for it could not be "
        f"brought to version {schema.VERSION}: {why}"
    )


def _version(path: Path) -> int:
    with _looked_at(path) as connection:
        return _number(connection, "PRAGMA user_version")


def _bring_up(connection: Connection, path: Path, version: int, *, backup: bool) -> None:
    if backup:
        _back_up(connection, path, version)
    connection.execute("BEGIN EXCLUSIVE")
    try:
        before, rows = _truth(connection), _rows(connection)
        _name_fields(connection)
        _make_tables(connection)
        projections.fill(connection)
        after = _rows(connection)
        lost = sorted(kind for kind, count in rows.items() if after.get(kind, 0) < count)
        if lost or _truth(connection) != before:
            raise LogError(f'rows of its {", ".join(lost) or "edits"} would be lost; run "onset doctor" on it.')
        for key, value in (("min_reader", schema.MIN_READER), ("min_writer", schema.MIN_WRITER)):
            connection.execute("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)", (key, str(value)))
        connection.execute(f"PRAGMA user_version={schema.VERSION}")
        connection.execute("COMMIT")
    except BaseException:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def _name_fields(connection: Connection) -> None:
    known = set(connection.execute("SELECT entity, name FROM field_name"))
    named = [(entity, field.name) for entity, fields in ENTITIES.items() for field in fields]
    connection.executemany(
        "INSERT INTO field_name (entity, name) VALUES (?, ?)", [pair for pair in named if pair not in known]
    )


def _make_tables(connection: Connection) -> None:
    """Make the heads, the words, the table of what came from elsewhere, and projections that are missing or other ones.

    Other in their columns or indexes.
    """
    connection.execute("DROP TABLE head")  # until version 2 an edit had one value for a field
    there = connection.execute("SELECT 1 FROM sqlite_schema WHERE name = 'came'").fetchone()  # since version 3
    for statement in (*statements(schema.head), *(() if there else statements(schema.came))):
        connection.execute(statement)
    connection.execute("DROP TABLE words_index")  # until version 3 a take had no words of its scene and setup
    connection.execute("DROP TABLE words")
    for statement in (*statements(schema.words), schema.WORDS_INDEX):
        connection.execute(statement)
    for kind, table in schema.projections.items():
        columns = [str(row[1]) for row in connection.execute(f'PRAGMA table_info("{kind}")')]
        indexes = {str(row[1]) for row in connection.execute(f'PRAGMA index_list("{kind}")')}
        if columns == table.columns.keys() and indexes == {str(index.name) for index in table.indexes}:
            continue
        connection.execute(f'DROP TABLE IF EXISTS "{kind}"')
        for statement in statements(table):
            connection.execute(statement)


def _truth(connection: Connection) -> _Truth:
    """How much there is of it, and one hash over the hashes of all edits."""
    over = hashlib.sha256()
    for (edit,) in connection.execute("SELECT hash FROM edit ORDER BY arrival"):
        over.update(edit if isinstance(edit, bytes) else b"")
    tables = ("edit", "change", "entity")
    edits, changes, things = (_number(connection, f'SELECT count(*) FROM "{table}"') for table in tables)
    return edits, changes, things, over.hexdigest()


def _rows(connection: Connection) -> dict[str, int]:
    there = {str(row[0]) for row in connection.execute("SELECT name FROM sqlite_schema WHERE type = 'table'")}
    kinds = [kind for kind in ENTITIES if kind in there]
    return {kind: _number(connection, f'SELECT count(*) FROM "{kind}"') for kind in kinds}


def _number(connection: Connection, sql: str) -> int:
    row = connection.execute(sql).fetchone()
    return int(str(row[0])) if row else 0


# -- the copy beside it -----------------------------------------------------------------------------------------------


def _back_up(connection: Connection, path: Path, version: int) -> None:
    """Put a verified copy beside the log, unless one lies there that holds the same."""
    truth = _truth(connection)
    for kept in _names(path, version):
        if not kept.exists():
            break
        if _holds(kept, truth):
            return
    temporary = path.with_name(f".{kept.name}.{os.getpid()}")
    try:
        connection.execute("VACUUM INTO ?", (str(temporary),))
        with open(temporary, "rb+") as handle:
            os.fsync(handle.fileno())
        if not _holds(temporary, truth):
            raise LogError(f"the copy of {safe_path(path)} that was made first is not the same.")
        os.replace(temporary, kept)
        _make_durable(path.parent)
    finally:
        temporary.unlink(missing_ok=True)


def _names(path: Path, version: int) -> Iterator[Path]:
    number = 1
    while True:
        yield path.with_name(f"{path.name}.v{version}-backup{'' if number == 1 else f'-{number}'}")
        number += 1


def _holds(kept: Path, truth: _Truth) -> bool:
    try:
        with _looked_at(kept) as connection:
            said = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(1)")]
            return said == ["ok"] and _truth(connection) == truth
    except LogError:
        return False


@contextmanager
def _looked_at(path: Path) -> Iterator[Connection]:
    connection = peek(path)
    try:
        with errors_of(path):
            yield connection
    finally:
        connection.close()


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
