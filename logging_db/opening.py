"""Make a log file, and find out whether one may be opened: whose it is, which version, and for what.

Used by logbook.py and doctor.py. The first hundred bytes are read without SQLite: a file that is not ours is left
exactly as it is.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from logging_db import schema, upgrade
from logging_db.sqlite_library import DEAD, Connection, connect, errors_of, peek
from onset.errors import LogDiskError, LogError
from onset.logbook.entities import ENTITIES
from onset.text import safe_path, safe_text

_MAGIC = b"SQLite format 3\x00"
_IN_MEMORY = ("/dev/shm",)
RECOVER = ': "onset doctor --recover".'
_FULL = "the disk is full, so nothing can be written now, only read; free some space."
_LOOK_AT_ALL = 32 << 20  # bytes; above it "onset doctor" looks, because an opening may not take long


_here_lock = threading.Lock()
_here: Counter[tuple[int, int]] = Counter()  # device and inode of the logs that this process has open


@contextmanager
def held(path: Path) -> Iterator[None]:
    """The log is open in this process until the block ends, and `look` leaves the file alone meanwhile.

    POSIX drops all of a process's locks on a file when any descriptor of it is closed: one look at a log would take
    the lock from under a transaction of another thread.
    """
    try:
        status = path.stat()
    except OSError:
        status = None
    key = (status.st_dev, status.st_ino) if status is not None else (0, 0)
    with _here_lock:
        _here[key] += 1
    try:
        yield
    finally:
        with _here_lock:
            _here[key] -= 1


def _is_here(path: Path) -> bool:
    try:
        status = path.stat()
    except OSError:
        return False
    with _here_lock:
        return _here[status.st_dev, status.st_ino] > 0


@dataclass(frozen=True, slots=True)
class Opening:
    """How a log may be opened.

    Attributes:
        path: the file to open: the log, or a private copy of one on a read-only medium or a full disk.
        read_only: why nothing may be written, as a sentence; None: it may.
        copied: `path` is such a copy; `forget` removes it.
    """

    path: Path
    read_only: str | None
    copied: bool = False

    def forget(self) -> None:
        """Remove the private copy, if it is one; its connections are closed."""
        if self.copied:
            shutil.rmtree(self.path.parent, ignore_errors=True)


def build(connection: Connection) -> None:
    """Make all tables in an empty database (which is refused when it is not empty)."""
    statements = [each for table in schema.metadata.sorted_tables for each in upgrade.statements(table)]
    connection.execute("BEGIN IMMEDIATE")
    for statement in (*statements, schema.WORDS_INDEX, *schema.triggers()):
        connection.execute(statement)
    connection.executemany(
        "INSERT INTO field_name (entity, name) VALUES (?, ?)",
        [(entity, field.name) for entity, fields in ENTITIES.items() for field in fields],
    )
    connection.executemany(
        "INSERT INTO meta (key, value) VALUES (?, ?)",
        [("min_reader", str(schema.MIN_READER)), ("min_writer", str(schema.MIN_WRITER))],
    )
    connection.execute(f"PRAGMA application_id={schema.APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={schema.VERSION}")
    connection.execute("COMMIT")


def connect_to_read(path: Path) -> tuple[Opening, Connection]:
    """Look at a log as it is and open it; where the disk is so full that SQLite cannot, a private copy.

    Raises:
        LogError: as for `look`.
    """
    try:
        found = look(path, as_it_is=True)
        return found, connect(found.path)
    except LogDiskError as failed:
        if not failed.full:
            raise
    found = look(path, as_it_is=True, full=True)
    return found, connect(found.path)


def look(path: Path, *, as_it_is: bool = False, full: bool = False) -> Opening:
    """Whether the file at `path` may be opened, and for what. A log of an earlier version is brought to this one.

    Args:
        path: of the log.
        as_it_is: leave a log of an earlier version as it is.
        full: its disk is full, so that not even SQLite's files beside it can be made: it is read from a private copy.

    Raises:
        LogDiskError: the disk is full, or does not answer.
        LogError: it is missing, cut short, another program's, or of a version that this program cannot read.
    """
    if _is_here(path):
        return Opening(path, None)
    shown = safe_path(path)
    try:
        with open(path, "rb") as handle:
            header = handle.read(100)
            size = os.fstat(handle.fileno()).st_size
    except OSError as error:
        if error.errno in DEAD:
            what = f"the disk does not answer ({error.strerror})"
            raise LogDiskError(f"{shown}: {what}; nothing of this was saved.", full=False, what=what) from error
        raise LogError(f"{shown} cannot be read ({error.strerror}); look whether it is there and yours.") from error
    if header[:16] != _MAGIC or len(header) < 100:
        raise LogError(f"{shown} is not a log of onset ({_kind(header)}); it was left as it is{RECOVER}")
    if int.from_bytes(header[68:72], "big") != schema.APPLICATION_ID:
        raise LogError(f"{shown} is a database of another program, not a log of onset; it was left as it is.")
    version = int.from_bytes(header[60:64], "big")
    page = int.from_bytes(header[16:18], "big")
    expected = (65536 if page == 1 else page) * int.from_bytes(header[28:32], "big")
    if size < expected and not _may_be_whole(path):
        raise LogError(f"{shown} is cut short ({size} of {expected} bytes); it was left as it is{RECOVER}")
    reason = f"{shown}: {_FULL}" if full else _why_read_only(path)
    if reason is None:
        _check_pages(path, shown, size)
        if version < schema.VERSION and not as_it_is:
            upgrade.upgrade(path, shown)
        return Opening(path, _version(path, version, shown))
    copy = Opening(_private_copy(path), reason, copied=True)
    try:
        _check_pages(copy.path, shown, size)
        if version < schema.VERSION and not as_it_is:
            upgrade.upgrade(copy.path, shown, backup=False)
        _version(copy.path, version, shown)
    except BaseException:
        copy.forget()
        raise
    return copy


def _check_pages(path: Path, shown: str, size: int) -> None:
    """Refuse a log with damaged pages before anything is written; a whole feature's log takes some 20 ms to look at."""
    if size > _LOOK_AT_ALL:
        return
    beside = [path.with_name(path.name + suffix) for suffix in ("-wal", "-shm")]
    clean = not any(file.exists() for file in beside)
    connection = peek(path)
    try:
        with errors_of(path):
            said = [str(row[0]) for row in connection.execute("PRAGMA quick_check(1)")]
        if said != ["ok"]:
            what = safe_text(said[0].splitlines()[-1])
            raise LogError(f"{shown} is damaged ({what}); it was left as it is{RECOVER}")
    except LogError:
        connection.close()
        if clean:  # what only this look has left there
            for file in beside:
                file.unlink(missing_ok=True)
        raise
    connection.close()


def _kind(header: bytes) -> str:
    return "it is empty" if not header else "its first bytes are something else"


def _may_be_whole(path: Path) -> bool:
    """Whether something beside a log that is too short has what it lacks: newer pages, or how it was before a kill."""
    beside = (path.with_name(path.name + suffix) for suffix in ("-wal", "-journal"))
    return any(file.exists() and file.stat().st_size > 0 for file in beside)


def _why_read_only(path: Path) -> str | None:
    """Both the file and its folder must be writable: SQLite's journal lies beside the log."""
    try:
        with open(path, "r+b"):
            pass
        writable = os.access(path.parent, os.W_OK)
    except OSError:
        writable = False
    if writable:
        return None
    return f"{safe_path(path)} is on a read-only medium or not yours to write; it can only be read."


def _private_copy(path: Path) -> Path:
    """A copy that SQLite can open, with the newest edits that may still lie in the -wal beside it."""
    failed: OSError | None = None
    for place in (None, *_IN_MEMORY):  # the full disk may well be the one that temporary files lie on
        try:
            folder = Path(tempfile.mkdtemp(prefix="onset-read-", dir=place))
        except OSError as error:
            failed = failed or error
            continue
        try:
            shutil.copyfile(path, folder / path.name)
            for suffix in ("-wal", "-journal"):
                beside = path.with_name(path.name + suffix)
                if beside.exists():
                    shutil.copyfile(beside, folder / beside.name)
            return folder / path.name
        except OSError as error:
            shutil.rmtree(folder, ignore_errors=True)
            failed = failed or error
    why = failed.strerror if failed is not None else "no folder for it"
    raise LogError(f"{safe_path(path)} cannot be copied for reading ({why}).") from failed


def _version(path: Path, version: int, shown: str) -> str | None:
    """Why a newer log may only be read."""
    if version <= schema.VERSION:
        return None
    connection = connect(path, read_only=True)
    try:
        with errors_of(path):
            stamped = {str(key): str(value) for key, value in connection.execute("SELECT key, value FROM meta")}
    finally:
        connection.close()
    newer = f"{shown} was written by a newer onset (log version {version}, this program knows {schema.VERSION})"
    if int(stamped.get("min_writer", version)) <= schema.VERSION:
        return None
    if int(stamped.get("min_reader", version)) <= schema.VERSION:
        return f"{newer}; it can only be read here."
    raise LogError(f"{newer}; update onset to open it.")


def publish(temporary: Path, path: Path) -> None:
    """Give a finished log its name, never over another file, and make the name durable."""
    try:
        os.link(temporary, path)
    except FileExistsError:
        raise LogError(f"{safe_path(path)} is there already; it was left as it is.") from None
    except OSError:  # a file system without hard links, such as exFAT
        if path.exists():
            raise LogError(f"{safe_path(path)} is there already; it was left as it is.") from None
        os.rename(temporary, path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
