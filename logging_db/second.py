"""What one program appends to the second journal of a log, and how far it is behind. Used by keeping.py."""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from logging_db import journal
from logging_db.backup import log_tag, settle
from logging_db.elsewhere import Line
from logging_db.journal import Journal
from logging_db.seats import state_folder
from logging_db.sqlite_library import Connection, errors_of
from onset.changes import Value
from onset.clock import Clock
from onset.errors import LogError
from onset.text import safe_path

LATE_S = 1.0  # a journal further behind than this is an alarm
_NS = 1_000_000_000
_NEWEST = "SELECT max(arrival) FROM edit"


def remember(log: Path, folder: Path | None) -> None:
    """Note for this user where a log's second journal is: the configuration lies on the disk that may die."""
    note = _note(log)
    try:
        if folder is None:
            note.unlink(missing_ok=True)
        elif remembered(log) != folder:
            note.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            note.write_bytes(os.fsencode(folder))
    except OSError:  # nothing is lost by it today
        return


def remembered(log: Path) -> Path | None:
    """Where the second journal was when the configuration could be read last; None: there was none."""
    try:
        return Path(os.fsdecode(_note(log).read_bytes()))
    except OSError:
        return None


def _note(log: Path) -> Path:
    return state_folder() / "second" / log_tag(log)


class SecondJournal:
    """The second journal of one log, for one logbook. Any thread may call it."""

    def __init__(self, folder: Path, log: Path, clock: Clock) -> None:
        self._folder = folder
        self._log = log
        self._clock = clock
        self._lock = threading.Lock()
        self._waiting: deque[tuple[int, Line]] = deque()
        self._path: Path | None = None
        self._problem: str | None = None
        self._reached: Value = None  # arrival of the newest edit that is in the journal

    def note(self, line: Line) -> None:
        """The log has this edit of our own; the journal not yet."""
        with self._lock:
            self._waiting.append((self._clock.monotonic_ns(), line))

    def find(self, connection: Connection) -> Path:
        """Where the journal is, found with a connection to its log.

        Raises:
            LogError: the folder is not there.
        """
        with errors_of(self._log):
            self._path = journal.journal_for(self._folder, self._log, connection)
        return self._path

    def find_alone(self) -> Path:
        """Where the journal is, when the log cannot be asked.

        Raises:
            LogError: there is none.
        """
        if self._path is None:
            settle(self._folder, self._log)
            there = journal.journals(self._folder, self._log)
            if not there:
                raise LogError(f"There is no second journal of this log in {safe_path(self._folder)}.")
            self._path = there[-1]
        return self._path

    @contextmanager
    def held(self) -> Iterator[Journal]:
        """The journal, for this program alone.

        Raises:
            LogError: it cannot be had.
        """
        with journal.opened(self.find_alone()) as held:
            yield held

    def catch_up(self, connection: Connection, *, unless_pending: bool = False) -> None:
        """Append what the log has and the journal lacks.

        Args:
            connection: of the log; nobody else uses it meanwhile.
            unless_pending: do nothing where edits wait in the journal by now: they may have numbers of the log's edits,
                of which only the later ones would be appended.

        Raises:
            LogError: the journal or the log does not answer; `late` tells from then on.
        """
        with self._lock:
            newest = self._waiting[-1] if self._waiting else None
        try:
            self.find(connection)
            with self.held() as held, errors_of(self._log):
                if unless_pending and held.marked() is not None:
                    return
                row = connection.execute(_NEWEST).fetchone()  # asked first: what comes meanwhile is appended next time
                held.catch_up(connection)
        except LogError as error:
            self.blame(error)
            raise
        self._reached = row[0] if row else None
        self._problem = None
        with self._lock:
            if any(one is newest for one in self._waiting):  # else another thread has done the same meanwhile
                while self._waiting.popleft() is not newest:
                    pass

    def blame(self, error: LogError) -> None:
        """Nothing can be appended, and why; until something was."""
        self._problem = str(error)

    def behind(self) -> list[Line]:
        """Edits of this program that the journal may lack, oldest first."""
        with self._lock:
            return [line for _, line in self._waiting]

    @property
    def pending(self) -> bool:
        """Some program's edits are in the journal and not in the log.

        Raises:
            LogError: its disk does not answer; `late` tells from then on.
        """
        try:
            return self._path is not None and journal.is_pending(self._path)
        except LogError as error:
            self.blame(error)
            raise

    def lacks(self, connection: Connection) -> bool:
        """Whether the log has edits, by whomever, that this program has not seen in the journal yet."""
        with self._lock:
            if self._waiting or self._problem is not None:
                return True
        row = connection.execute(_NEWEST).fetchone()
        return row is not None and row[0] != self._reached

    @property
    def late(self) -> str | None:
        """That the journal is behind, and why; None where it is not."""
        with self._lock:
            since = self._waiting[0][0] if self._waiting else None
        behind_s = (self._clock.monotonic_ns() - since) / _NS if since is not None else 0.0
        if self._problem is not None:
            return f"The log has everything, the second journal has not: {self._problem}"
        if behind_s > LATE_S:
            return f"The second journal in {safe_path(self._folder)} is more than a second behind; its disk is slow."
        return None
