"""Programs that write to a log and are killed: forked ones, so that each of hundreds starts in milliseconds.

Every edit is acknowledged after it was committed, as a person would see it on the screen: what was acknowledged is what
must be there afterwards.
"""

from __future__ import annotations

import json
import multiprocessing
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from logging_db import sqlite_library
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, open_log
from onset.clock import Clock, SystemClock
from onset.domain.take import Stamp, Take
from onset.errors import LogError
from onset.logbook.terms import Next, TakeFilter

LIBRARIES = ("pysqlite3", "stdlib")

_FORKED = multiprocessing.get_context("forkserver")
_FORKED.set_forkserver_preload(["__main__", "pysqlite3.dbapi2", __name__])


@dataclass(frozen=True, slots=True)
class Acknowledged:
    """What a writer said after a commit.

    Attributes:
        arrival: how many edits the log had.
        told: what the log said of its takes, as `told` puts it; of the edit's take alone where the session is long.
        refusal: the sentence with which an edit was refused instead.
    """

    arrival: int
    told: tuple[str, ...] = ()
    refusal: str | None = None


Say = Callable[[Acknowledged], None]
Session = Callable[[Path, Say], None]


class Writer:
    """A process in the middle of a session."""

    def __init__(self, session: Session, folder: Path, library: str, *, journal: tuple[str, str] | None = None) -> None:
        """Fork it; it waits for `go`.

        Args:
            session: what it does; the function that it is given sends an acknowledgement.
            folder: of its log.
            library: the SQLite library.
            journal: journal mode and `synchronous`, instead of those that lose nothing.
        """
        self._said, theirs = _FORKED.Pipe(duplex=False)
        start, self._start = _FORKED.Pipe(duplex=False)
        environment = {**os.environ, sqlite_library.ENVIRONMENT: library}
        self._process = _FORKED.Process(target=_run, args=(session, folder, start, theirs, environment, journal))
        self._process.start()
        theirs.close()
        start.close()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    def go(self) -> None:
        self._start.send_bytes(b"go")

    def next(self) -> Acknowledged | None:
        """Its next acknowledgement; None when it has ended."""
        try:
            said = json.loads(self._said.recv_bytes())
        except EOFError:
            return None
        return Acknowledged(said["arrival"], tuple(said["told"]), said["refusal"])

    def said(self) -> list[Acknowledged]:
        """What it has said and nobody has read yet."""
        found: list[Acknowledged] = []
        while self._said.poll() and (one := self.next()) is not None:
            found.append(one)
        return found

    def stop(self) -> None:
        """Hold it where it is: what it acknowledged after a power cut would look like a loss."""
        os.kill(self.pid, signal.SIGSTOP)
        while Path(f"/proc/{self.pid}/stat").read_text(encoding="ascii").rpartition(") ")[2][0] != "T":
            time.sleep(0.0005)

    def go_once_traced_by(self, strace: subprocess.Popen[bytes]) -> None:
        while "TracerPid:\t0\n" in Path(f"/proc/{self.pid}/status").read_text(encoding="ascii"):
            assert strace.poll() is None, "strace cannot trace here"
            time.sleep(0.0005)
        self.go()

    def kill(self) -> None:
        self._process.kill()
        self.gone()

    def gone(self) -> tuple[list[Acknowledged], int]:
        """All that it still says, and its exit code (negative: the signal) once it has ended."""
        rest = list(iter(self.next, None))
        self._process.join()
        code = self._process.exitcode
        for each in (self._said, self._start, self._process):
            each.close()
        assert code is not None
        return rest, code


def _run(
    session: Session,
    folder: Path,
    start: Connection,
    said: Connection,
    environment: Mapping[str, str],
    journal: tuple[str, str] | None,
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    if journal is not None:
        chosen = journal
        sqlite_library.journal = lambda: chosen

    def say(what: Acknowledged) -> None:
        said.send_bytes(json.dumps(asdict(what)).encode())

    start.recv_bytes()
    try:
        session(folder, say)
    except LogError as error:
        say(Acknowledged(0, refusal=str(error)))


def now(clock: Clock) -> Stamp:
    return Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns())


def told(log: SqliteLogbook) -> tuple[str, ...]:
    """Every take in a line, in order."""
    return tuple(map(line, log.takes(TakeFilter(limit=None, oldest_first=True))))


def line(take: Take) -> str:
    """A take with all that the sessions below do to one."""
    notes = [note.text for note in take.notes]
    return f"{take.label} {take.state}, {take.status}, {len(take.runs)} runs, notes {notes}"


def first_edits(folder: Path, say: Say) -> None:
    """A log is made and opened, and the board is set."""
    create_log(folder, title="Harbour Lights", rate="25", user="Maya")
    say(Acknowledged(1))
    log = open_log(folder / LOG_NAME, user="Maya")
    log.set_next(Next(slate="42C"))
    say(Acknowledged(log.arrival(), told(log)))
    log.close()


def one_take(folder: Path, say: Say) -> None:
    """A take from roll to cut, and a note that is taken back."""
    clock = SystemClock()
    log = open_log(folder / LOG_NAME, user="Maya")

    def committed(_: object) -> None:
        say(Acknowledged(log.arrival(), told(log)))

    take = log.roll(now(clock))
    committed(take)
    committed(log.cut(take.id, now(clock)))
    committed(log.note(take.id, "boom in shot at the end " * 250))  # so long that the file grows
    committed(log.undo(wall_ns=clock.wall_ns()))
    log.close()


def one_roll(folder: Path, say: Say) -> None:
    """The next take rolls."""
    log = open_log(folder / LOG_NAME, user="Maya")
    log.roll(now(SystemClock()))
    say(Acknowledged(log.arrival(), told(log)))
    log.close()


def endless_day(folder: Path, say: Say) -> None:
    """Takes without end, as fast as they go: rolled, cut, noted, circled."""
    clock = SystemClock()
    if not (folder / LOG_NAME).exists():
        create_log(folder, title="Harbour Lights", rate="25", user="Maya")
        say(Acknowledged(1))
    log = open_log(folder / LOG_NAME, user="Maya")
    if not log.board().slate:
        log.set_next(Next(slate="1"))

    def committed(take_id: str) -> None:
        take = log.take(take_id)
        assert take is not None
        say(Acknowledged(log.arrival(), (line(take),)))

    for going in log.rolling():
        log.interrupt(going.id, now(clock))
        committed(going.id)
    while True:
        take = log.roll(now(clock))
        committed(take.id)
        log.cut(take.id, now(clock))
        committed(take.id)
        log.note(take.id, "boom in shot at the end")
        committed(take.id)
        log.set_take(take.id, {"status": "circled"})
        committed(take.id)
