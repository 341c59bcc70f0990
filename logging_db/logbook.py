"""The door of the log: `create_log`, `open_log`, and `SqliteLogbook`, a `Logbook` of `onset.logbook.protocol`.

Two connections: one writes (BEGIN IMMEDIATE, one edit a transaction), one only reads; a writing and a reading thread
may share one logbook.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from logging_db import opening, reserve, seats
from logging_db.book_continuity import ContinuityVerbs
from logging_db.book_credit import CreditVerbs
from logging_db.book_finding import FindingVerbs
from logging_db.book_issues import IssueVerbs
from logging_db.book_media import MediaVerbs
from logging_db.book_merging import MergingVerbs
from logging_db.book_notes import NoteVerbs
from logging_db.book_rolls import RollVerbs
from logging_db.book_script import ScriptVerbs
from logging_db.book_set import SetVerbs
from logging_db.book_stills import StillVerbs
from logging_db.book_takes import TakeVerbs
from logging_db.edits import Names, WriteTransaction
from logging_db.feed import SqliteFeed
from logging_db.keeping import Keeping, kept
from logging_db.second import SecondJournal
from logging_db.sqlite_library import Connection, connect, errors_of
from logging_db.stand_in import StandIn
from logging_db.taking_in import hash_at
from onset.changes import Value, derived_id, new_id
from onset.clock import Clock, SystemClock
from onset.domain.production import Seat, SlatingSystem
from onset.errors import LogDiskError, LogError
from onset.slate import Overflow, Slating
from onset.text import safe_path
from onset.timecode import rate as rate_named

LOG_NAME = "log.onset"
MAIN_UNIT = "Main"


@dataclass(frozen=True, slots=True)
class _Sitter:
    """Who sits at the seat that opens a log; see `open_log`."""

    role: str
    user: str
    author: str
    name: str | None
    clock: Clock


@kept
class SqliteLogbook(
    Keeping,
    SetVerbs,
    TakeVerbs,
    NoteVerbs,
    ScriptVerbs,
    CreditVerbs,
    ContinuityVerbs,
    MediaVerbs,
    StillVerbs,
    RollVerbs,
    MergingVerbs,
    FindingVerbs,
    IssueVerbs,
):
    """A production's log in one SQLite file, opened by one seat. Make one with `open_log`."""

    def __init__(
        self,
        writer: Connection,
        reader: Connection,
        path: Path | None,
        folder: Path,
        *,
        seat: Seat,
        author: str,
        clock: Clock,
        read_only: str | None,
        closed: Callable[[], None] = lambda: None,
    ) -> None:
        super().__init__(writer, reader, path, seat=seat, author=author, clock=clock, read_only=read_only)
        self._folder = folder
        self._closed = closed

    @property
    def seat(self) -> Seat:
        return self._seat

    @property
    def folder(self) -> Path:
        return self._folder

    @property
    def read_only(self) -> str | None:
        return self._read_only

    def close(self) -> None:
        self._end_keeping()
        with self._write_lock, self._read_lock, errors_of(self._path):
            self._reader.close()
            if self._writer is not self._reader:
                self._writer.close()  # last, so that the -wal is taken into the log and vanishes
        self._forget_stand_in()
        self._closed()

    def feed(self, *, after: int | None = None) -> SqliteFeed:
        if self._path is None:
            return SqliteFeed(self._reader, after=after)
        return SqliteFeed.on(self, after=after)


def create_log(
    folder: Path,
    *,
    title: str,
    rate: str,
    slating: SlatingSystem = "us",
    skip_letters: str = "IO",
    overflow: Overflow = Overflow.AA_AB,
    false_start_counts: bool = True,
    company: str = "",
    director: str = "",
    role: str = "script",
    user: str | None = None,
    clock: Clock | None = None,
) -> Path:
    """Make `log.onset` in a folder, with the unit "Main", ready to log; its first day opens with the first roll.

    Returns:
        The log's path.

    Raises:
        LogError: there is one already, or the folder cannot be written.
        TimecodeError, SlateError: no such rate or slating.
    """
    clock = clock or SystemClock()
    Slating(slating, skip_letters, overflow)
    path = folder / LOG_NAME
    if path.exists() or path.is_symlink():
        raise LogError(f"{safe_path(path)} is there already; it was left as it is.")
    identity = new_id(clock.wall_ns()).hex()
    temporary = folder / f".{LOG_NAME}.{identity}"
    try:
        connection = connect(temporary)
        try:
            with errors_of(path):
                opening.build(connection)
                seat = seats.seat_for(path, identity, user=user or seats.user_name(), role=role, name=None, clock=clock)
                said: dict[str, Value] = {"company": company or None, "director": director or None}
                if overflow != Overflow.AA_AB:  # what is as usual stays empty
                    said["overflow"] = overflow
                if not false_start_counts:
                    said["false_start_counts"] = 0
                author = user or seats.user_name()
                _first_edit(connection, seat, author, clock, identity, title, rate, slating, skip_letters, said)
                # Closing brings the -wal in too, and keeps quiet when the disk is full and half of the log is missing.
                connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()
        finally:
            connection.close()
        opening.publish(temporary, path)
    except OSError as error:
        raise LogError(f"{safe_path(path)} cannot be made ({error.strerror}).") from error
    finally:
        for leftover in folder.glob(f"{temporary.name}*"):
            leftover.unlink(missing_ok=True)
    return path


def _first_edit(
    connection: Connection,
    seat: Seat,
    author: str,
    clock: Clock,
    identity: str,
    title: str,
    rate: str,
    slating: SlatingSystem,
    skip_letters: str,
    said: Mapping[str, Value],
) -> None:
    connection.execute("BEGIN IMMEDIATE")
    edit = WriteTransaction(connection, seat, Names.read(connection), author=author, wall_ns=clock.wall_ns())
    edit.add(
        "production",
        {"title": title, "rate": rate_named(rate).name, "slating": slating, "skip_letters": skip_letters, **said},
        identity,
    )
    edit.add("unit", {"name": MAIN_UNIT}, derived_id("unit", MAIN_UNIT).hex())
    edit.finish("new")
    connection.execute("COMMIT")


def open_log(
    path: Path,
    *,
    role: str = "script",
    user: str | None = None,
    author: str | None = None,
    seat: str | None = None,
    clock: Clock | None = None,
    second_to: Path | None = None,
    keep_reserve: bool = False,
) -> SqliteLogbook:
    """Open a log for a seat.

    Args:
        path: the log.
        role: `script`, `dit`, `assistant`, `capture` or what the person calls it.
        user: who works at this seat; the login name where not given.
        author: who is written beside each edit; the user where not given.
        seat: the seat's own name, over `$ONSET_SEAT`.
        clock: the system's where not given.
        second_to: folder of the second journal; None: there is none.
        keep_reserve: have a reserve beside it, and use that when the disk is full.

    Raises:
        LogError: it cannot be opened, is another program's, or is too new; names it and says what to do.
    """
    clock = clock or SystemClock()
    user = user or seats.user_name()
    sitter = _Sitter(role, user, author or user, seat, clock)
    second = SecondJournal(second_to, path, clock) if second_to is not None else None
    stand_in, why = None, ""
    try:
        log = _open_log(path, sitter)
    except LogDiskError as failed:
        why = failed.what
        log, stand_in = _open_all_the_same(path, sitter, failed, second, keep_reserve)
    log.begin_keeping(path, second=second, keep_reserve=keep_reserve, stand_in=stand_in, why=why)
    return log


def _open_all_the_same(
    path: Path, sitter: _Sitter, failed: LogDiskError, second: SecondJournal | None, keep_reserve: bool
) -> tuple[SqliteLogbook, StandIn | None]:
    """With the space of the reserve; else the second journal stands in; else, on a full disk, it can be read."""
    if failed.full and keep_reserve and reserve.release(path):
        try:
            return _open_log(path, sitter), None
        except LogDiskError as again:  # others were quicker to fill it
            failed = again
    if second is not None:
        try:
            return _open_stand_in(path, second, failed, sitter)
        except LogDiskError:
            if not failed.full:
                raise
    if not failed.full:
        raise failed
    return _open_log(path, sitter, full=True), None


def _open_stand_in(
    path: Path, second: SecondJournal, failed: LogDiskError, sitter: _Sitter
) -> tuple[SqliteLogbook, StandIn]:
    try:
        with second.held() as held:
            stand_in = StandIn(second.find_alone(), held, path, None, sitter.clock.wall_ns())
    except LogError:
        raise failed from None
    return _logbook(path, opening.Opening(stand_in.path, None), stand_in.writer, stand_in.reader, sitter), stand_in


def _open_log(path: Path, sitter: _Sitter, *, full: bool = False) -> SqliteLogbook:
    found = opening.look(path, full=full)
    open_here = ExitStack()
    open_here.callback(found.forget)
    open_here.enter_context(opening.held(found.path))
    reader = writer = None
    try:
        reader = connect(found.path, read_only=True)
        writer = reader if found.read_only else connect(found.path)
        return _logbook(path, found, writer, reader, sitter, open_here.close)
    except BaseException:
        for connection in (reader, writer):
            if connection is not None:
                connection.close()
        open_here.close()
        raise


def _logbook(
    path: Path,
    found: opening.Opening,
    writer: Connection,
    reader: Connection,
    sitter: _Sitter,
    closed: Callable[[], None] = lambda: None,
) -> SqliteLogbook:
    with errors_of(path):
        row = reader.execute("SELECT uid FROM production ORDER BY id LIMIT 1").fetchone()
    if row is None or not isinstance(row[0], bytes):
        raise LogError(f'{safe_path(path)} names no production; it is damaged: run "onset doctor".')
    here = seats.seat_for(
        path,
        row[0].hex(),
        user=sitter.user,
        role=sitter.role,
        name=sitter.name,
        clock=sitter.clock,
        needed=found.read_only is None,
        goes_on=lambda own: seats.went_on(own, lambda seq: hash_at(reader, bytes.fromhex(own), seq)),
    )
    return SqliteLogbook(
        writer,
        reader,
        found.path,
        Path(os.path.abspath(path)).parent,
        seat=here,
        author=sitter.author,
        clock=sitter.clock,
        read_only=found.read_only,
        closed=closed,
    )


def log_in_memory(
    *, title: str = "Rehearsal", rate: str = "24", slating: SlatingSystem = "us", folder: Path, clock: Clock
) -> SqliteLogbook:
    """A log that lives as long as this object: for tests and rehearsals."""
    connection = connect(None)
    opening.build(connection)
    seat = Seat(id=new_id(clock.wall_ns()).hex(), name="rehearsal", role="script")
    _first_edit(connection, seat, "rehearsal", clock, new_id(clock.wall_ns()).hex(), title, rate, slating, "IO", {})
    return SqliteLogbook(
        connection, connection, None, folder, seat=seat, author="rehearsal", clock=clock, read_only=None
    )
