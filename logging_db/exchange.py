"""Logs that meet in a folder: on a stick that is carried around, or in a folder that several machines share.

Each log writes only its own file, the lines of its edits in the order of their arrival, and takes in the others'. So a
file is only ever appended to; one that ends in half a line is being written, or its stick was pulled, and is read up to
there. Nothing is remembered between two exchanges that could be wrong: what the own file holds, its last line says.
"""

from __future__ import annotations

import errno
import fcntl
import hashlib
import json
import os
import platform
import re
import stat
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from logging_db import opening, other_log, seats
from logging_db.backup import log_tag
from logging_db.sqlite_library import Connection, connect, errors_of
from logging_db.taking_in import edits_after, hash_at, seat_name, take_in, vector
from onset.changes import Edit
from onset.clock import Clock
from onset.errors import LogError
from onset.logbook.edit_lines import LONGEST, edit_of, line_of
from onset.logbook.merging import Exchanged, FromFile
from onset.text import safe_path, safe_text

SUFFIX = ".onset-edits"
_BLOCK = 1 << 20
_MOST_NAMES = 100  # copies of one log that meet in one folder
_NO_SEAT = bytes(16)
_CANNOT_SYNC = (errno.EINVAL, errno.ENOTSUP, errno.EBADF)  # a folder on exFAT or on a share


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a file was read: the offset after its last line that was taken in, and that line's hash."""

    offset: int
    line: str


def exchange_once(
    path: Path, folder: Path, *, clock: Clock, user: str | None = None, as_new_seat: bool = False
) -> Exchanged:
    """Take in what other logs left in a folder, and leave there what this one holds.

    It may be interrupted anywhere; doing it again gives the same. Opens the log by itself and holds it only while a
    batch is written, so that a program that has it open may call this from another thread.

    Args:
        path: of the log.
        folder: on a stick, or shared.
        clock: this machine's.
        user: whose file it is; the login name where not given.
        as_new_seat: edits of a copied log that went on under this log's own numbers come in as a new seat's.

    Raises:
        LogError: the folder is not there, or cannot be written (what was taken in stays); or the log itself cannot.
    """
    if not folder.is_dir():
        raise LogError(f"{safe_path(folder)} is not there; connect it, or name another folder.")
    found = opening.look(path)
    try:
        if found.read_only is not None:
            raise LogError(found.read_only)
        with _alone(path), opening.held(found.path):
            connection = connect(found.path)
            try:
                with errors_of(path):
                    here = _Exchange(connection, folder, clock, user or seats.user_name(), as_new_seat)
                    return here.done(os.path.realpath(path))
            finally:
                connection.close()
    finally:
        found.forget()


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """One program of this machine at a time writes the log's file: the app, the capture service, a command."""
    lock = seats.state_folder() / "exchange" / log_tag(path)
    try:
        lock.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        descriptor = os.open(lock, os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise LogError(f"{safe_path(lock.parent)} cannot be written ({error.strerror}); make it writable.") from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


class _Exchange:
    """One exchange in a folder."""

    def __init__(self, connection: Connection, folder: Path, clock: Clock, user: str, as_new_seat: bool) -> None:
        self._connection = connection
        self._folder = folder
        self._clock = clock
        self._user = user
        self._as_new_seat = as_new_seat
        row = connection.execute(
            "SELECT n.uid, p.title FROM production p JOIN entity n ON n.id = p.id ORDER BY n.id LIMIT 1"
        ).fetchone()
        if row is None or not isinstance(row[0], bytes):
            raise LogError('The log names no production; it is damaged: run "onset doctor".')
        self._production = row[0].hex()
        self._title = str(row[1] or "")

    def done(self, log: str) -> Exchanged:
        own = self._own(log)
        came = [self._taken_in(file) for file in self._others(own)]
        try:
            sent = self._written(own)
        except OSError as error:
            raise LogError(
                f"{safe_path(own)} cannot be written ({error.strerror}); what the others left was taken in. Make the "
                "folder writable, with some space, and exchange again."
            ) from error
        return Exchanged(file=own.name, sent=sent, came=tuple(came))

    # -- the others' files --------------------------------------------------------------------------------------------

    def _others(self, own: Path) -> list[Path]:
        try:
            found = sorted(self._folder.iterdir())
        except OSError as error:
            raise LogError(f"{safe_path(self._folder)} cannot be read ({error.strerror}).") from error
        return [file for file in found if file.name.endswith(SUFFIX) and file != own and not file.name.startswith(".")]

    def _taken_in(self, file: Path) -> FromFile:
        try:
            with _opened(file) as descriptor:
                return self._read(file, descriptor)
        except OSError as error:
            return FromFile(name=file.name, problem=f"it cannot be read ({error.strerror})")
        except LogError as error:
            return FromFile(name=file.name, problem=str(error).rstrip("."))

    def _read(self, file: Path, descriptor: int) -> FromFile:
        lines = _Lines(descriptor)
        header = lines.next()
        if header is None:
            return FromFile(name=file.name, problem="nothing is in it yet")
        told = _header(header)
        if told.get("production") != self._production:
            title = safe_text(str(told.get("title", "")))
            return FromFile(name=file.name, problem=f'it is of another production ("{title}"), and was left alone')
        lines.go_on_from(self._place(file.name))
        by = safe_text(str(told.get("by", "")))
        taken = take_in(self._connection, self._coming(lines), self._clock.wall_ns(), from_elsewhere=True)
        problem = (
            f"it is damaged at byte {lines.place.offset}: {lines.wrong}; delete it, and it is written anew"
            if lines.wrong
            else ""
        )
        if not taken.refused and not problem:
            self._remember(file.name, lines.place)
        return FromFile(name=file.name, by=by, taken=taken, problem=problem)

    def _coming(self, lines: _Lines) -> Iterator[tuple[Edit, bytes]]:
        known = vector(self._connection)

        def starts(edit: Edit, hash: bytes) -> bool:
            """A copy of a seat's log parts from it here, and is to be saved, or was."""
            if edit.seq > known.get(edit.seat, 0) or hash_at(self._connection, edit.seat, edit.seq) == hash:
                return False
            return self._as_new_seat or other_log.seat_again(edit.seat, hash) in known

        names = {seat: seat_name(self._connection, seat) for seat in known}
        return other_log.reseated(lines.edits(), starts, names)

    def _place(self, name: str) -> _Place:
        row = self._connection.execute(
            "SELECT text FROM draft WHERE seat = ? AND key = ?", (_NO_SEAT, f"exchange {name}")
        ).fetchone()
        with suppress(ValueError, TypeError):
            offset, line = json.loads(str(row[0])) if row else (0, "")
            return _Place(int(offset), str(line))
        return _Place(0, "")

    def _remember(self, name: str, place: _Place) -> None:
        if place != self._place(name):
            self._connection.execute(
                "INSERT OR REPLACE INTO draft (seat, key, text) VALUES (?, ?, ?)",
                (_NO_SEAT, f"exchange {name}", json.dumps([place.offset, place.line])),
            )

    # -- the own file -------------------------------------------------------------------------------------------------

    def _own(self, log: str) -> Path:
        """The file that this log writes; one whose end this log does not know is a copy's, and left to it."""
        key = "\x00".join((self._production, seats.machine(), log, self._user))
        title = re.sub(r"[^A-Za-z0-9]+", "-", self._title).strip("-")[:40] or "production"
        stem = f"{title}-{hashlib.sha256(key.encode('utf-8', 'surrogateescape')).hexdigest()[:12]}"
        for number in range(1, _MOST_NAMES):
            file = self._folder / f"{stem}{'' if number == 1 else f'-{number}'}{SUFFIX}"
            if not file.exists() or self._held_until(file) is not None or _has_no_line(file):
                return file
        raise LogError(f"{safe_path(self._folder)} holds {_MOST_NAMES} files of copies of this log; tidy it up first.")

    def _held_until(self, file: Path) -> tuple[int, int] | None:
        """Offset after the file's last whole line, and the arrival of the edit in it; None where it is not ours."""
        try:
            with _opened(file) as descriptor:
                line, end = _last_line(descriptor)
                if not line.startswith(b'{"onset edit"'):
                    return (end, 0) if line and _header(line).get("production") == self._production else None
                edit, hash = edit_of(line)
        except (OSError, LogError):
            return None
        row = self._connection.execute(
            "SELECT e.arrival, e.hash FROM edit e JOIN seat_id s ON s.id = e.seat WHERE s.uid = ? AND e.seq = ?",
            (edit.seat, edit.seq),
        ).fetchone()
        return (end, int(str(row[0]))) if row is not None and row[1] == hash else None

    def _written(self, own: Path) -> int:
        held = self._held_until(own) if own.exists() else None
        if held is not None:
            end, arrival = held
            with open(own, "r+b") as handle:
                handle.truncate(end)  # half a line that an interrupted exchange left
                handle.seek(end)
                sent = self._append(handle.write, arrival)
                if sent:
                    handle.flush()
                    os.fsync(handle.fileno())
            return sent
        temporary = own.with_name(f".{own.name}.part")
        with open(temporary, "wb") as handle:
            by = f"{self._user} on {platform.node()}"
            head = {"onset exchange": 1, "production": self._production, "title": self._title, "by": by}
            handle.write(json.dumps(head, ensure_ascii=False).encode("utf-8", "replace") + b"\n")
            sent = self._append(handle.write, 0)
            handle.flush()
            os.fsync(handle.fileno())
        os.replace(temporary, own)
        _make_durable(self._folder)
        return sent

    def _append(self, write: Callable[[bytes], object], arrival: int) -> int:
        rows = self._connection.execute(
            "SELECT s.uid, max(e.seq) FROM edit e JOIN seat_id s ON s.id = e.seat WHERE e.arrival <= ? GROUP BY e.seat",
            (arrival,),
        ).fetchall()
        held = {uid: int(str(seq)) for uid, seq in rows if isinstance(uid, bytes)}
        sent = 0
        for edit, hash in edits_after(self._connection, held):
            write(line_of(edit, hash))
            sent += 1
        return sent


class _Lines:
    """The whole lines of a file, one after the other."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._whole: deque[bytes] = deque()
        self._half = b""
        self.place = _Place(0, "")
        self.wrong = ""

    def next(self) -> bytes | None:
        """The next line that is complete; None at the end, and where a line is only half there."""
        while not self._whole:
            block = os.read(self._descriptor, _BLOCK)
            if not block:
                return None
            *whole, self._half = (self._half + block).split(b"\n")
            self._whole.extend(whole)
            if len(self._half) > LONGEST:
                raise LogError("It holds a line that is longer than any edit.")
        line = self._whole.popleft()
        self.place = _Place(self.place.offset + len(line) + 1, hashlib.sha256(line).hexdigest())
        return line

    def go_on_from(self, place: _Place) -> None:
        """Pass over what was read at an earlier exchange, if it still is what it was."""
        length = place.offset - self.place.offset
        if length <= 0:
            return
        start = max(self.place.offset, place.offset - _BLOCK)
        before = os.pread(self._descriptor, place.offset - start, start)
        if len(before) != place.offset - start or not before.endswith(b"\n"):
            return
        line = before[:-1].rpartition(b"\n")[2]
        if hashlib.sha256(line).hexdigest() == place.line:
            os.lseek(self._descriptor, place.offset, os.SEEK_SET)
            self._whole.clear()
            self._half, self.place = b"", place

    def edits(self) -> Iterator[tuple[Edit, bytes]]:
        """The edits of the lines; `wrong` says why it ends before the file does, `place` is before that line then."""
        before = self.place
        while (line := self.next()) is not None:
            try:
                yield edit_of(line)
            except LogError as error:
                self.wrong, self.place = str(error).rstrip("."), before
                return
            before = self.place


@contextmanager
def _opened(file: Path) -> Iterator[int]:
    """A regular file, open to read; never one that would make us wait, or a link to somewhere else."""
    descriptor = os.open(file, os.O_RDONLY | os.O_NONBLOCK | os.O_NOFOLLOW)
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            raise LogError("It is no file.")
        yield descriptor
    finally:
        os.close(descriptor)


def _header(line: bytes) -> dict[str, object]:
    try:
        told = json.loads(line.decode())
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict) or told.get("onset exchange") != 1:
        raise LogError("It is not a file of an exchange, or of a newer onset.")
    return told


def _last_line(descriptor: int) -> tuple[bytes, int]:
    """The last line that is whole, and the offset after it."""
    size = os.fstat(descriptor).st_size
    tail, start = b"", size
    while start and tail.count(b"\n") < 2:
        step = min(_BLOCK, start)
        start -= step
        tail = os.pread(descriptor, step, start) + tail
        if len(tail) > 2 * LONGEST:
            raise LogError("It holds a line that is longer than any edit.")
    whole, newline, _ = tail.rpartition(b"\n")
    return whole.rpartition(b"\n")[2], start + len(whole) + len(newline)


def _has_no_line(file: Path) -> bool:
    """The stick was pulled before anything of the file was on it."""
    try:
        with _opened(file) as descriptor:
            return _last_line(descriptor) == (b"", 0)
    except (OSError, LogError):
        return False


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in _CANNOT_SYNC:
            raise
    finally:
        os.close(descriptor)
