"""The second journal: every edit of one log as a line of a file on another disk, in the order in which they came.

It holds all edits, own and foreign, so that the log can be made again from it alone. Whoever writes holds the file's
lock, first cuts a line that was torn, then brings over what the log has and the journal has not: so it does not matter
which program appends, or whether one was killed in between. An edit that could not go into the log stands here first;
`STEM.journal.pending` says so and from where on. A line may come twice; its seat and number tell.
"""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from logging_db.backup import log_tag, settle, stem
from logging_db.elsewhere import Line, lines_of
from logging_db.sqlite_library import Connection
from logging_db.taking_in import edits_after, edits_since
from onset.changes import Edit
from onset.errors import LogError
from onset.logbook.edit_lines import edit_and_origin, edit_of, line_of
from onset.text import safe_path

_BLOCK = 64 << 10
_TRIES = 100  # to lock the file that has the name; two in a row are rare
_TAIL = 80  # bytes: the end of a line, with most of its hash

Written = tuple[Edit, bytes]


def journals(folder: Path, log: Path, production: str = "*") -> list[Path]:
    """The second journals of the log at a path, the one written last at the end: one a production that lay there."""
    found = folder.glob(f"*.{production}.{log_tag(log)}.journal")
    return sorted(found, key=lambda path: path.stat().st_mtime_ns)


def journal_for(folder: Path, log: Path, connection: Connection) -> Path:
    """Where the log's second journal is, or will be.

    Raises:
        LogError: the folder is not there, or the log names no production.
    """
    settle(folder, log)
    name = stem(connection, log)
    there = journals(folder, log, name.split(".")[1])
    return there[-1] if there else folder / f"{name}.journal"  # its title may have been another


def pending_of(journal: Path) -> Path:
    """The mark beside a journal whose newest edits are not in the log yet."""
    return journal.with_name(f"{journal.name}.pending")


def is_pending(journal: Path) -> bool:
    """Whether edits of some program are in the journal and not in the log.

    Raises:
        LogError: its disk does not answer.
    """
    try:
        return pending_of(journal).exists()
    except OSError as error:
        raise _lost(journal, error) from error


def marked_at(journal: Path) -> int | None:
    """From which byte on the log lacks something; None where it has everything.

    Raises:
        LogError: its disk does not answer.
    """
    mark = pending_of(journal)
    try:
        said = mark.read_text(encoding="ascii", errors="replace")
        start = int(said) if said.isdecimal() else 0  # cut short by the same cut: from the beginning
        return start if start <= journal.stat().st_size else 0
    except FileNotFoundError:
        return None
    except OSError as error:
        raise _lost(mark, error) from error


def waiting(folder: Path, log: Path) -> str | None:
    """That edits wait in the journal of a log that cannot be asked itself, and what becomes of them; None: none do.

    Raises:
        LogError: the disk of the journal does not answer.
    """
    for path in reversed(journals(folder, log)):
        mark = marked_at(path)
        if mark is not None:
            return will_go_in(path, sum(1 for _ in read_lines(path, mark)))
    return None


def will_go_in(path: Path, edits: int) -> str:
    """`2 edits wait in … for the log`, and what becomes of them."""
    said = "1 edit waits" if edits == 1 else f"{edits} edits wait"
    goes = "goes" if edits == 1 else "go"
    return f"{said} in {safe_path(path)} for the log, and {goes} into it as soon as it can be opened and written again"


@contextmanager
def opened(journal: Path) -> Iterator[Journal]:
    """The journal, held by this program alone until the block ends; made where there is none.

    Raises:
        LogError: its disk does not let it be written; names it.
    """
    try:
        descriptor = _locked(journal)
    except OSError as error:
        raise _lost(journal, error) from error
    try:
        try:
            held = Journal(journal, descriptor)
        except OSError as error:
            raise _lost(journal, error) from error
        try:
            yield held
        except OSError as error:  # a disk that dies while it is read is as lost as one that cannot be written
            raise _lost(journal, error) from error
    finally:
        os.close(descriptor)


def _locked(journal: Path) -> int:
    """Lock the file that has the name: whoever waited may have got one that another was put in the place of."""
    for _ in range(_TRIES):
        fresh = not journal.exists()
        descriptor = os.open(journal, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            if fresh:
                _make_durable(journal.parent)
            with suppress(FileNotFoundError):
                if os.path.samestat(os.fstat(descriptor), os.lstat(journal)):
                    return descriptor
        except BaseException:
            os.close(descriptor)
            raise
        os.close(descriptor)
    raise OSError(errno.EBUSY, os.strerror(errno.EBUSY))


class Journal:
    """A journal that is held. Not for use from two threads.

    Attributes:
        path: of its file.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self.path = path
        self._descriptor = descriptor
        self._cut_torn_line()

    def append(self, lines: Iterable[Line]) -> int:
        """Write edits down; durable when it returns. How many there were.

        Raises:
            LogError: they could not be written; none of them is there.
        """
        end = at = self.size
        count = 0
        waiting = bytearray()
        try:
            for edit, hash, came, _ in lines:
                waiting += line_of(edit, hash, came=came)
                count += 1
                if len(waiting) > _BLOCK:
                    at = self._write(at, waiting)
                    waiting.clear()
            at = self._write(at, waiting)
            if count:
                os.fsync(self._descriptor)
        except BaseException as error:
            with suppress(OSError):  # else whoever opens it next cuts the torn line
                os.ftruncate(self._descriptor, end)
            if isinstance(error, OSError):
                raise _lost(self.path, error) from error
            raise
        return count

    def catch_up(self, connection: Connection) -> int:
        """Bring over what the log holds and the journal does not; how many edits.

        Args:
            connection: of the log, outside a transaction.
        """
        since = self.reached(connection)
        return (
            self.catch_up_all(connection) if since is None else self._append(connection, edits_since(connection, since))
        )

    def catch_up_all(self, connection: Connection) -> int:
        """`catch_up` by every line instead of the last: for when edits went from here into the log.

        What others wrote there before them stands earlier in the log than the last line, and would never come.
        """
        return self._append(connection, edits_after(connection, vector_of(self.edits())))

    def _append(self, connection: Connection, edits: Iterable[Written]) -> int:
        return self.append(lines_of(connection, edits))

    def begin_anew(self, connection: Connection, ending: str) -> None:
        """Put a journal of all that the log holds in the place of this one, which is kept beside it.

        It is held as before. Killed anywhere, either this one has the name, whole, or the new one has.

        Args:
            connection: of the log, outside a transaction.
            ending: what is added to the name of this one.

        Raises:
            LogError: the new one could not be written; this one is there as it was.
        """
        fresh = self.path.with_name(f".{self.path.name}.anew")
        try:
            descriptor = os.open(fresh, os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o644)
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX)  # before it has the name, or others come first
                Journal(fresh, descriptor).catch_up(connection)
                _keep(self.path, self.path.with_name(f"{self.path.name}.{ending}"))
                os.replace(fresh, self.path)
                os.dup2(descriptor, self._descriptor, inheritable=False)
                _make_durable(self.path.parent)
            finally:
                os.close(descriptor)
        except (OSError, LogError) as error:
            with suppress(OSError):
                fresh.unlink(missing_ok=True)  # it takes up room
            raise (_lost(self.path, error) if isinstance(error, OSError) else error) from None

    def place(self, at: int) -> tuple[int, int, bytes]:
        """What tells whether a byte is still where it was: another one, where the journal was begun anew."""
        stat = os.fstat(self._descriptor)
        return stat.st_dev, stat.st_ino, self._read(max(0, at - _TAIL), min(at, _TAIL))

    def reached(self, connection: Connection) -> int | None:
        """Arrival in the log of the journal's newest edit; 0: there is none; None: the log does not hold that edit."""
        last = self._last()
        if last is None:
            return 0
        edit, hash = last
        row = connection.execute(
            "SELECT e.arrival FROM edit e JOIN seat_id s ON s.id = e.seat WHERE s.uid = ? AND e.seq = ? AND e.hash = ?",
            (edit.seat, edit.seq, hash),
        ).fetchone()
        return int(str(row[0])) if row is not None else None

    def mark(self) -> None:
        """Say durably that what is appended from here on is not in the log, unless that was said already."""
        mark = pending_of(self.path)
        try:
            if mark.exists():
                return
            with open(mark, "w", encoding="ascii") as file:
                file.write(str(self.size))
                file.flush()
                os.fsync(file.fileno())
            _make_durable(mark.parent)
        except OSError as error:
            raise _lost(mark, error) from error

    def marked(self) -> Iterator[Line] | None:
        """The edits from the mark on; None where everything is in the log."""
        mark = marked_at(self.path)
        return None if mark is None else self.lines(mark)

    def unmark(self) -> None:
        """Everything is in the log."""
        pending_of(self.path).unlink(missing_ok=True)

    def edits(self) -> Iterator[Written]:
        """Its edits in order; lines that are no edit are passed over, for the chain shows a gap."""
        return read_journal(self.path)

    def lines(self, start: int = 0) -> Iterator[Line]:
        """The same from a byte on, with what is said of them."""
        mark = marked_at(self.path)
        return read_lines(self.path, start, self.size if mark is None else mark)

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self._descriptor).st_size

    def _write(self, at: int, text: bytearray) -> int:
        rest = memoryview(bytes(text))
        while rest:
            written = os.pwrite(self._descriptor, rest, at)
            at += written
            rest = rest[written:]
        return at

    def _cut_torn_line(self) -> None:
        end = self.size
        whole = self._line_start(end) if end and self._read(end - 1, 1) != b"\n" else end
        if whole != end:
            os.ftruncate(self._descriptor, whole)
            os.fsync(self._descriptor)

    def _last(self) -> Written | None:
        end = self.size
        while end:
            start = self._line_start(end - 1)
            try:
                return edit_of(self._read(start, end - start))
            except LogError:
                end = start
        return None

    def _line_start(self, end: int) -> int:
        """Where the line begins that ends before `end`."""
        at = end
        while at:
            start = max(0, at - _BLOCK)
            found = self._read(start, at - start).rfind(b"\n")
            if found >= 0:
                return start + found + 1
            at = start
        return 0

    def _read(self, start: int, length: int) -> bytes:
        return os.pread(self._descriptor, length, start)


def read_journal(path: Path) -> Iterator[Written]:
    """Edits of a journal that nobody holds, in order; what is no edit is passed over.

    Raises:
        LogError: the file cannot be read.
    """
    for edit, hash, *_ in read_lines(path):
        yield edit, hash


def read_lines(path: Path, start: int = 0, mark: int | None = None) -> Iterator[Line]:
    """The same from a byte on, with what is said of them.

    Args:
        path: the journal.
        start: the byte.
        mark: from which byte on they waited for the log.

    Raises:
        LogError: the file cannot be read.
    """
    try:
        with open(path, "rb") as file:
            file.seek(start)
            at = start
            for line in file:
                with suppress(LogError):
                    yield Line(*edit_and_origin(line), waits=mark is not None and at >= mark)
                at += len(line)
    except OSError as error:
        raise _lost(path, error) from error


def vector_of(edits: Iterable[Written]) -> dict[bytes, int]:
    """How far each seat's edits go."""
    found: dict[bytes, int] = {}
    for edit, _ in edits:
        found[edit.seat] = max(edit.seq, found.get(edit.seat, 0))
    return found


def unbroken(edits: Iterable[Written]) -> dict[bytes, int]:
    """How far each seat's edits go without a gap: what a recovery can make use of."""
    found: dict[bytes, int] = {}
    for edit, _ in edits:
        if edit.seq == found.get(edit.seat, 0) + 1:
            found[edit.seat] = edit.seq
    return found


def _lost(path: Path, error: OSError) -> LogError:
    return LogError(f"The second journal cannot be written: {safe_path(path)} ({error.strerror}).")


def _keep(path: Path, kept: Path) -> None:
    """Give a file a second name; a copy, where its file system has no such thing."""
    kept.unlink(missing_ok=True)  # of an attempt that was interrupted
    try:
        os.link(path, kept)
    except OSError:
        shutil.copyfile(path, kept)
        with open(kept, "rb+") as copy:
            os.fsync(copy.fileno())


def _make_durable(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
