"""The one place that chooses a SQLite library, connects with it, and turns its errors into ours.

Two SQLite libraries in one process lose each other's locks (measured), so every connection to a log is opened here.
Before 3.51.3 SQLite may corrupt a WAL file that two processes checkpoint at once; there the rollback journal is used.
Both settings keep every acknowledged edit through a power cut (measured on ext4 and XFS).
"""

from __future__ import annotations

import errno
import importlib
import os
import shutil
import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Protocol, cast
from urllib.parse import quote

from onset.changes import Value
from onset.errors import LogDiskError, LogError, UsageError
from onset.logbook.words import label_words, spaced
from onset.text import safe_path, safe_text

ENVIRONMENT = "ONSET_SQLITE"
BUSY_MS = 5000
_WAL_IS_SAFE = (3, 51, 3)
DEAD = (errno.EIO, errno.ENODEV, errno.ENXIO, errno.ESTALE, errno.ESHUTDOWN)  # what a disk says that died
_FULL = 64 << 10  # bytes; what the index beside a WAL needs to grow


class Cursor(Protocol):
    """What we use of a DB-API cursor."""

    def fetchone(self) -> tuple[Value, ...] | None: ...
    def fetchall(self) -> list[tuple[Value, ...]]: ...
    def __iter__(self) -> Iterator[tuple[Value, ...]]: ...
    def close(self) -> None: ...


class Connection(Protocol):
    """What we use of a DB-API connection, the same in both libraries."""

    @property
    def in_transaction(self) -> bool: ...
    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Cursor: ...
    def executemany(self, sql: str, parameters: Sequence[Sequence[Value]], /) -> Cursor: ...
    def close(self) -> None: ...


def library() -> ModuleType:
    """The SQLite library of this process: pysqlite3 where it is installed and newer, else Python's own.

    Raises:
        UsageError: `$ONSET_SQLITE` names one that is not there.
    """
    wanted = os.environ.get(ENVIRONMENT, "")
    if wanted == "stdlib":
        return sqlite3
    if wanted not in ("", "pysqlite3"):
        raise UsageError(f'${ENVIRONMENT} is "{wanted}"; it may be stdlib or pysqlite3.')
    try:
        newer = importlib.import_module("pysqlite3.dbapi2")
    except ImportError:
        if wanted:
            raise UsageError(f"${ENVIRONMENT} asks for pysqlite3, which is not installed.") from None
        return sqlite3
    return newer if wanted or newer.sqlite_version_info > sqlite3.sqlite_version_info else sqlite3


def version() -> str:
    """The version of the SQLite in use, `3.53.4`."""
    return str(library().sqlite_version)


def journal() -> tuple[str, str]:
    """Journal mode and `synchronous` that lose no acknowledged edit with this library."""
    return ("wal", "FULL") if library().sqlite_version_info >= _WAL_IS_SAFE else ("truncate", "EXTRA")


def connect(path: Path | None, *, read_only: bool = False) -> Connection:
    """A connection in autocommit with the settings of the log; `None`: a log in memory.

    Raises:
        LogError: another program holds the file in a journal mode that this library must not use.
    """
    with errors_of(path):
        connection = _open(path)
        try:
            _settle(connection, path, read_only)
        except BaseException:
            connection.close()
            raise
    return connection


def peek(path: Path) -> Connection:
    """A connection that changes nothing in the file, not even its journal mode: to look at one that may be damaged.

    Only a journal that a killed program left must be rolled back before anything can be read.
    """
    hot = path.with_name(path.name + "-journal")
    read_only = f"file:{quote(os.fsencode(os.path.abspath(path)))}?mode=ro"
    with errors_of(path):
        connection = _open(path if hot.exists() and hot.stat().st_size else read_only)
        try:
            connection.execute("PRAGMA query_only=ON")
        except BaseException:
            connection.close()
            raise
    return connection


def visit(path: Path) -> Connection:
    """A connection that only reads a log of somebody else's, and leaves its folder tidy.

    One in read-only mode would leave an empty -wal there; to remove that safely only SQLite itself knows how.
    """
    with errors_of(path):
        connection = _open(path)
        try:
            connection.execute("PRAGMA trusted_schema=OFF")
            connection.execute("PRAGMA query_only=ON")
        except BaseException:
            connection.close()
            raise
    return connection


@contextmanager
def alone(path: Path) -> Iterator[Connection | None]:
    """A connection with a rollback journal to a log that nobody else has open; None where somebody has.

    Only a log in WAL shows by itself that it is open: ask `who_has_open` too.
    """
    connection = _open(path)
    try:
        try:
            row = connection.execute("PRAGMA journal_mode=truncate").fetchone()
        except library().OperationalError as error:
            if "locked" not in str(error):
                raise
            row = None
        connection.execute("PRAGMA synchronous=EXTRA")
        connection.execute("PRAGMA trusted_schema=OFF")
        connection.execute("PRAGMA fullfsync=ON")
        yield connection if row and row[0] == "truncate" else None
    finally:
        connection.close()


def _open(path: Path | str | None) -> Connection:
    made = library().connect(
        ":memory:" if path is None else str(path),
        uri=isinstance(path, str),
        isolation_level=None,
        check_same_thread=False,
        timeout=BUSY_MS / 1000,
        cached_statements=256,
    )
    made.create_function("onset_words", 1, spaced, deterministic=True)
    made.create_function("onset_labels", 4, label_words, deterministic=True)
    return cast(Connection, made)


def _settle(connection: Connection, path: Path | None, read_only: bool) -> None:
    mode, synchronous = journal()
    if path is not None:
        # TRUNCATE is not stored in the file, so the mode is set at every connect.
        try:
            row = connection.execute(f"PRAGMA journal_mode={mode}").fetchone()
            got = row[0] if row else None
        except library().OperationalError as error:
            if "locked" not in str(error):
                raise
            row = connection.execute("PRAGMA journal_mode").fetchone()
            got = row[0] if row else None
        if got != mode:
            raise LogError(_other_mode(path, mode))
        connection.execute(f"PRAGMA synchronous={synchronous}")
    connection.execute("PRAGMA trusted_schema=OFF")
    connection.execute("PRAGMA cell_size_check=ON")
    connection.execute("PRAGMA fullfsync=ON")  # macOS: fsync alone does not reach the medium
    if read_only:
        connection.execute("PRAGMA query_only=ON")


def _other_mode(path: Path, mode: str) -> str:
    holders = ", ".join(who_has_open(path)) or "another program"
    if mode == "wal":
        return f"{safe_path(path)} is in use by {holders} with an older SQLite; close that program first."
    return (
        f"{safe_path(path)} is in use by {holders} with a newer SQLite than this one ({version()}); close that "
        "program, or install pysqlite3 here."
    )


def who_has_open(path: Path) -> list[str]:
    """Other processes that have the file open, as `name (pid 123)`; empty where the system does not tell."""
    found: list[str] = []
    try:
        target = path.stat()
        processes = [entry for entry in os.listdir("/proc") if entry.isdecimal() and int(entry) != os.getpid()]
    except OSError:
        return found
    for pid in processes:
        try:
            seen = [os.stat(f"/proc/{pid}/fd/{descriptor}") for descriptor in os.listdir(f"/proc/{pid}/fd")]
            if (target.st_dev, target.st_ino) in ((one.st_dev, one.st_ino) for one in seen):
                name = Path(f"/proc/{pid}/comm").read_text(encoding="utf-8", errors="replace").strip()
                found.append(f"{safe_text(name)} (pid {pid})")
        except OSError:
            continue
    return found


@contextmanager
def errors_of(path: Path | None) -> Iterator[None]:
    """Turn the library's errors into one sentence about the log at `path`."""
    try:
        yield
    except library().Error as error:
        raise _ours(path, str(error)) from error


def _is_full(path: Path | None) -> bool:
    try:
        return path is not None and shutil.disk_usage(path.parent).free < _FULL
    except OSError:
        return False


def _ours(path: Path | None, said: str) -> LogError:
    log = safe_path(path) if path is not None else "The log in memory"
    # The index beside a WAL is grown without SQLITE_FULL: on a full disk that is an I/O error (seen on tmpfs).
    if "disk is full" in said or ("disk I/O error" in said and _is_full(path)):
        what = "the disk is full"
        return LogDiskError(
            f"{log}: {what}, so this was not written; free some space and do it again.", full=True, what=what
        )
    if "disk I/O error" in said or _is_dead(path):
        what = f"the disk does not answer ({said})"
        kept = "what was acknowledged before is on it, this edit is not."
        return LogDiskError(f"{log}: {what}; {kept}", full=False, what=what)
    if "locked" in said or "busy" in said:
        holders = ", ".join(who_has_open(path)) if path is not None else ""
        return LogError(
            f"{log} is busy: {holders or 'another program'} has held it for {BUSY_MS // 1000} s; try again."
        )
    if "malformed" in said or "not a database" in said:
        return LogError(f'{log} is damaged ({said}); it was left as it is: "onset doctor --recover".')
    if "readonly" in said or "read-only" in said:
        return LogError(f"{log} is on a read-only medium or in a folder you may not write; nothing was written.")
    if "unable to open" in said:
        return LogError(f"{log} cannot be opened; look whether it is there and whether you may write in its folder.")
    return LogError(f"{log}: {said}.")


def _is_dead(path: Path | None) -> bool:
    """A disk that died makes SQLite say "malformed" of a log that is whole (seen); the disk itself says EIO.

    The folder is asked, not the log: closing a descriptor of the log would drop the locks of our own connections.
    """
    if path is None:
        return False
    try:
        descriptor = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        return error.errno in DEAD
    return False
