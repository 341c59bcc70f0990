"""Look at a log without a seat in it: nothing is written, no seat is made, and one that goes away is waited for.

Used by `onset board`, on one thread. A log that was replaced (a backup that was restored) is opened anew; of one on a
read-only medium, which SQLite can only read from a copy, a new copy is made when it has changed.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TypeVar

from logging_db import opening, schema
from logging_db.logbook import SqliteLogbook
from logging_db.sqlite_library import connect, errors_of
from onset.clock import Clock, SystemClock
from onset.domain.production import Seat
from onset.errors import LogError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Feed
from onset.text import safe_path

T = TypeVar("T")
AGAIN_NS = 1_000_000_000  # so long until a log that could not be read, or whose copy may be old, is looked at again
_NOBODY = Seat(id="0" * 32, name="onlooker", role="onlooker")


def open_to_read(path: Path) -> tuple[SqliteLogbook, bool]:
    """Open a log as nobody's seat, and say whether it is a copy of one on a read-only medium.

    Raises:
        LogError: it cannot be read, or is of an earlier version, which only a seat brings up to date.
    """
    found = opening.look(path, as_it_is=True)
    open_here = ExitStack()
    open_here.callback(found.forget)
    open_here.enter_context(opening.held(found.path))
    try:
        connection = connect(found.path, read_only=True)
        open_here.callback(connection.close)
        with errors_of(path):
            row = connection.execute("PRAGMA user_version").fetchone()
        if row is None or int(str(row[0])) < schema.VERSION:
            raise LogError(
                f'{safe_path(path)} was made by an earlier onset; "onset log board" brings it up to date, and then it '
                "can be looked at."
            )
        log = SqliteLogbook(
            connection,
            connection,
            found.path,
            path.absolute().parent,
            seat=_NOBODY,
            author=_NOBODY.name,
            clock=SystemClock(),
            read_only=found.read_only or f"{safe_path(path)} was opened to be looked at.",
            closed=open_here.close,
        )
    except BaseException:
        open_here.close()
        raise
    return log, found.copied


class Onlooker:
    """Looks at one log for as long as somebody wants to. One thread only."""

    def __init__(self, path: Path, clock: Clock) -> None:
        """Nothing is opened before the first look."""
        self._path = path
        self._clock = clock
        self._log: SqliteLogbook | None = None
        self._feed: Feed | None = None
        self._file: tuple[int, ...] = ()
        self._copied = False
        self._again_ns = 0  # when it is looked at again

    def moved(self) -> bool:
        """Whether the log says something else than at the last look; true at the first one.

        Raises:
            LogError: it cannot be read; the next looks try again, once a second.
        """
        if self._log is None and self._clock.monotonic_ns() < self._again_ns:
            return False
        try:
            file = self._file_now()
            if self._log is None or file != self._file:
                self.close()
                self._open(file)
                return True
            return bool(self._feed.poll()) if self._feed is not None else False
        except LogError:
            self.close()
            self._again_ns = self._clock.monotonic_ns() + AGAIN_NS
            raise

    def read(self, question: Callable[[Logbook], T]) -> T:
        """Ask the log that was looked at.

        Raises:
            LogError: it cannot be read.
        """
        if self._log is None:
            raise LogError(f"{safe_path(self._path)} is not open.")
        try:
            return question(self._log)
        except LogError:
            self.close()
            self._again_ns = self._clock.monotonic_ns() + AGAIN_NS
            raise

    def close(self) -> None:
        """Let go of it; a second call does nothing."""
        log, feed, self._log, self._feed = self._log, self._feed, None, None
        for each in (feed, log):
            if each is not None:
                with suppress(LogError):  # a disk that is gone
                    each.close()

    def _open(self, file: tuple[int, ...]) -> None:
        self._log, self._copied = open_to_read(self._path)
        self._file = self._file_now() if self._copied else file
        self._feed = None if self._copied else self._log.feed()
        self._again_ns = self._clock.monotonic_ns() + AGAIN_NS

    def _file_now(self) -> tuple[int, ...]:
        """Which file it is; of one that is read from a copy also how old, looked at once a second."""
        if self._log is not None and self._copied and self._clock.monotonic_ns() < self._again_ns:
            return self._file
        try:
            log = self._path.stat()
        except OSError as error:
            raise LogError(
                f"{safe_path(self._path)} cannot be read ({error.strerror}); the board waits until it is there again."
            ) from error
        if not self._copied:
            return log.st_dev, log.st_ino
        self._again_ns = self._clock.monotonic_ns() + AGAIN_NS
        with suppress(OSError):
            wal = os.stat(f"{self._path}-wal")
            return log.st_dev, log.st_ino, log.st_mtime_ns, log.st_size, wal.st_mtime_ns, wal.st_size
        return log.st_dev, log.st_ino, log.st_mtime_ns, log.st_size
