"""The empty tables of a log, made once in each worker and copied into each log that its tests make.

Used by conftest.py. Their 143 pages take the processor 4 ms, two thirds of what a new log costs, and a run of the tests
makes some three thousand. SQLite copies the pages: the same file to the byte, but for the count of changes of schema.
Programs that tests start make theirs anew.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from typing import cast

import pytest

from logging_db import opening
from logging_db.sqlite_library import Connection, connect


@pytest.fixture(scope="session", autouse=True)
def tables_are_made_once() -> Iterator[None]:
    build = opening.build
    made: dict[type, Connection] = {}  # by the library of the connection

    def copy(connection: Connection) -> None:
        new = connection.execute("SELECT 1 FROM sqlite_master").fetchone() is None
        if not new or connection.in_transaction or not hasattr(connection, "backup"):
            build(connection)
            return
        library = type(connection)
        if library not in made:
            made[library] = connect(None)
            build(made[library])
        cast(sqlite3.Connection, made[library]).backup(cast(sqlite3.Connection, connection))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(opening, "build", copy)
        yield
    for empty in made.values():
        empty.close()
