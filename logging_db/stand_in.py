"""A stand-in for a log that cannot be written: a log on the second disk with all that the second journal holds.

Made when an edit cannot go into the log, so that the next take has its number, undo works and screens show what was
done. The journal is what lasts; the stand-in goes when the log is back. Used by keeping.py.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import tempfile
from pathlib import Path

from logging_db import drafts, opening, schema
from logging_db.backup import alive, backups, holds
from logging_db.elsewhere import Line
from logging_db.forked import Parting
from logging_db.journal import Journal
from logging_db.sqlite_library import Connection, connect, errors_of
from logging_db.taking_in import hash_at, take_back
from onset.errors import LogError
from onset.text import safe_path

_ENDING = ".stand-in"


class StandIn:
    """Writes and reads like the log it stands for.

    Attributes:
        path: of its file.
        leaves_out: the journal holds edits that are shown only when the log is back: see forked.py.
        writer, reader: connections to it.
    """

    def __init__(self, journal: Path, held: Journal, log: Path, source: Connection | None, wall_ns: int) -> None:
        """Make one.

        Args:
            journal: the second journal; the stand-in lies beside it for as long as it is needed.
            held: the same, held.
            log: what it stands for.
            source: a connection to the log, which may be read still; None: only the second disk is asked.
            wall_ns: for the clocks of the seats.

        Raises:
            LogError: the second disk does not let it be made.
        """
        _sweep(journal)
        try:
            self._folder = Path(
                tempfile.mkdtemp(prefix=f".{journal.stem}.{os.getpid()}.", suffix=_ENDING, dir=journal.parent)
            )
        except OSError as error:
            raise LogError(f"No stand-in can be made in {safe_path(journal.parent)} ({error.strerror}).") from error
        self.path = self._folder / log.name
        try:
            if source is None or not _copy(source, self.path):
                _from_backup(journal, self.path)
            self.writer = connect(self.path)
            self.reader = connect(self.path, read_only=True)
            self.writer.execute("PRAGMA synchronous=OFF")  # the journal is what lasts
            self._heard, self._place = 0, held.place(0)
            self.leaves_out = False
            self.hear(held, wall_ns)
            with errors_of(self.path):
                drafts.put_back(journal, self.writer)
        except OSError as error:
            self.forget()
            raise LogError(f"No stand-in can be made in {safe_path(journal.parent)} ({error.strerror}).") from error
        except BaseException:
            self.forget()
            raise

    def hear(self, held: Journal, wall_ns: int) -> None:
        """Take in what other programs have written into the journal meanwhile.

        Raises:
            LogError: the journal is not of the same log.
        """
        if held.size == self._heard:
            return
        with errors_of(self.path):
            found = Parting(self.writer)
            lines = held.lines(0 if self.leaves_out else self._heard)
            told = take_back(self.writer, found.straight(lines), wall_ns)
        if told.refused:
            raise LogError(f"The second journal cannot be followed: {told.refused[0].sentence}.")
        self.leaves_out = bool(found.branches)
        self.wrote(held)

    def wrote(self, held: Journal) -> None:
        """What this program just appended is known here."""
        self._heard = held.size
        self._place = held.place(self._heard)

    def is_of(self, held: Journal) -> bool:
        """Whether what was heard is still there; not where the journal was begun anew: numbers are others' now."""
        return held.size >= self._heard and held.place(self._heard) == self._place

    def holds_another(self, line: Line) -> bool:
        """Whether the number of an edit was given to another one meanwhile."""
        with errors_of(self.path):
            return hash_at(self.writer, line.edit.seat, line.edit.seq) not in (b"", line.hash)

    def take(self, line: Line, wall_ns: int) -> None:
        """Take in one edit that the log refused."""
        with errors_of(self.path):
            take_back(self.writer, [line], wall_ns)

    def forget(self) -> None:
        """Remove it."""
        for name in ("reader", "writer"):
            connection = getattr(self, name, None)
            if connection is not None:
                with contextlib.suppress(Exception):  # its disk is gone too, and so is what would be closed
                    connection.close()
        shutil.rmtree(self._folder, ignore_errors=True)


def _copy(source: Connection, path: Path) -> bool:
    """The log itself, where a full or failing disk can still be read: it holds what others wrote last."""
    try:
        with errors_of(path):
            source.execute("VACUUM INTO ?", (str(path),))
        holds(path)
    except LogError:
        path.unlink(missing_ok=True)
        return False
    return True


def _from_backup(journal: Path, path: Path) -> None:
    """The newest good backup of this log, else an empty one: the journal holds all edits."""
    _, production, log = journal.stem.split(".")
    for kept in reversed(backups(journal.parent, production=production, log=log)):
        with contextlib.suppress(LogError):
            holds(kept.path)
            with open(kept.path, "rb") as file:
                version = int.from_bytes(file.read(64)[60:64], "big")
            if version == schema.VERSION:
                shutil.copyfile(kept.path, path)
                return
    connection = connect(path)
    try:
        with errors_of(path):
            opening.build(connection)
    finally:
        connection.close()


def _sweep(journal: Path) -> None:
    """Remove stand-ins of programs of this machine that were killed."""
    start = f".{journal.stem}."
    for left in journal.parent.glob(f"{start}*{_ENDING}"):
        pid = left.name.removeprefix(start).partition(".")[0]
        if pid.isdecimal() and not alive(int(pid)):
            shutil.rmtree(left, ignore_errors=True)
