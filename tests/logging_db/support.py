"""A log on each engine, with a clock that a test moves."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

from logging_db import doctor, opening, projections
from logging_db.logbook import LOG_NAME, SqliteLogbook, create_log, log_in_memory, open_log
from logging_db.sqlite_library import Connection, Cursor, connect, library
from logging_db.taking_in import edits_after, take_in
from onset.changes import Value, new_id
from onset.clock import ManualClock
from onset.domain.production import Seat, SlatingSystem
from onset.domain.take import Stamp, Take

NOON = 1_780_056_000_000_000_000  # 2026-05-29 12:00 UTC
RATE = "25"
# `make test` has the newer library, `make test-real` also the one that comes with Python. Both are always asked what is
# about the file and its locks (opening, upgrades, two programs, recovery) and, among the faults, kills and full disks.
LIBRARIES = ("pysqlite3", pytest.param("stdlib", marks=pytest.mark.real))


class OnSet:
    """A log, its clock, and stamps as a seat would make them."""

    def __init__(self, log: SqliteLogbook, clock: ManualClock) -> None:
        self.log = log
        self.clock = clock
        self.boot: str | None = "boot 1"

    def stamp(self, tc: str | None = None) -> Stamp:
        return Stamp(
            wall_ns=self.clock.wall_ns(),
            mono_ns=self.clock.monotonic_ns(),
            boot=self.boot,
            tc=tc,
            tc_source="MIX.ltc" if tc else None,
        )

    def roll(self, tc: str | None = None) -> Take:
        return self.log.roll(self.stamp(tc))

    def shoot(self, seconds: float = 10.0) -> Take:
        """Roll, let it run, cut."""
        take = self.roll()
        self.clock.advance(seconds)
        return self.log.cut(take.id, self.stamp())

    def undo(self) -> str:
        return self.log.undo(wall_ns=self.clock.wall_ns()).sentence

    def redo(self) -> str:
        return self.log.redo(wall_ns=self.clock.wall_ns()).sentence

    def other_seat(self) -> SqliteLogbook:
        """The same log, opened by somebody else."""
        path = self.log._path
        if path is not None:
            return open_log(path, role="assistant", user="Ben", clock=self.clock)
        seat = Seat(id=new_id(self.clock.wall_ns()).hex(), name="Ben, assistant", role="assistant")
        connection = self.log._writer
        return SqliteLogbook(
            connection, connection, None, self.log.folder, seat=seat, author="Ben", clock=self.clock, read_only=None
        )


class DyingDisk:
    """A connection whose disk says EIO once it is told to."""

    def __init__(self, inner: Connection, at: str = "COMMIT") -> None:
        self._inner = inner
        self._at = at

    @property
    def in_transaction(self) -> bool:
        return self._inner.in_transaction

    def execute(self, sql: str, parameters: Sequence[Value] = (), /) -> Cursor:
        if sql.startswith(self._at):
            error: Exception = library().OperationalError("disk I/O error")
            raise error
        return self._inner.execute(sql, parameters)

    def executemany(self, sql: str, parameters: Sequence[Sequence[Value]], /) -> Cursor:
        return self._inner.executemany(sql, parameters)

    def close(self) -> None:
        self._inner.close()


def a_clock() -> ManualClock:
    return ManualClock(wall_ns=NOON, monotonic_ns=1_000_000_000)


@contextmanager
def file_log(
    folder: Path, *, rate: str = RATE, slating: SlatingSystem = "us", clock: ManualClock | None = None
) -> Iterator[OnSet]:
    clock = clock or a_clock()
    create_log(folder, title="Harbour Lights", rate=rate, slating=slating, user="Maya", clock=clock)
    log = open_log(folder / LOG_NAME, user="Maya", clock=clock)
    try:
        yield OnSet(log, clock)
        assert_projections_are_a_rebuild(log)
    finally:
        log.close()


@contextmanager
def memory_log(folder: Path, *, slating: SlatingSystem = "us") -> Iterator[OnSet]:
    clock = a_clock()
    log = log_in_memory(rate=RATE, slating=slating, folder=folder, clock=clock)
    try:
        yield OnSet(log, clock)
        assert_projections_are_a_rebuild(log)
    finally:
        log.close()


@contextmanager
def apart(folder: Path, count: int) -> Iterator[tuple[OnSet, ...]]:
    """Logs in memory of one production, each with a seat and a clock of its own, that have not met yet."""
    clocks = [a_clock() for _ in range(count)]
    first = log_in_memory(rate=RATE, folder=folder, clock=clocks[0])
    logs = [first, *(an_empty_log(first, name, clock) for name, clock in zip("BCDEFG", clocks[1:], strict=False))]
    try:
        yield tuple(OnSet(log, clock) for log, clock in zip(logs, clocks, strict=True))
        for log in logs:
            assert_projections_are_a_rebuild(log)
    finally:
        for log in logs:
            log.close()


def an_empty_log(of: SqliteLogbook, name: str, clock: ManualClock) -> SqliteLogbook:
    """Another log in memory that starts as a copy of `of`, as a new seat."""
    connection = connect(None)
    opening.build(connection)
    take_in(connection, edits_after(of._writer, {}), clock.wall_ns())
    seat = Seat(id=new_id(clock.wall_ns()).hex(), name=f"{name}, script", role="script")
    return SqliteLogbook(
        connection, connection, None, of.folder, seat=seat, author=seat.name, clock=clock, read_only=None
    )


def assert_projections_are_a_rebuild(log: SqliteLogbook) -> None:
    assert projections.differences(log._writer) == {}


def use_library(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Open logs with one of the two SQLite libraries."""
    monkeypatch.setenv("ONSET_SQLITE", name)


def unwell(path: Path) -> list[str]:
    """What the doctor finds wrong in the log itself; a test's disk may well be full."""
    apart = ("log space", "log reserve")
    return [f"{check.name}: {check.detail}" for check in doctor.check(path) if not check.ok and check.name not in apart]
