"""Kills, full disks and dying disks under the log: what was acknowledged is there, and the rest is one sentence."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from logging_db import doctor
from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.errors import LogError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, a_clock, file_log
from tests.needs import require

pytestmark = pytest.mark.faults
LIBRARIES = ("pysqlite3", "stdlib")
_KILLS = 20
_ALL = TakeFilter(limit=None)

# Logs takes without end; each line on its output is an acknowledged take.
_LOGGER = """
import sys
from contextlib import closing, suppress
from pathlib import Path
from logging_db.logbook import open_log
from onset.clock import SystemClock
from onset.domain.take import Stamp
clock = SystemClock()
log = open_log(Path(sys.argv[1]), user="Maya")
while True:
    take = log.add_take(slate="1", take=None, stamp=Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns()))
    print(take.id, flush=True)
"""


@pytest.mark.parametrize("library", LIBRARIES)
def test_killed_right_after_each_acknowledged_take(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    create_log(tmp_path, title="Kills", rate="25", user="Maya", clock=a_clock())
    acknowledged: list[str] = []
    for kill in range(_KILLS):
        program = subprocess.Popen(
            [sys.executable, "-c", _LOGGER, str(tmp_path / LOG_NAME)], stdout=subprocess.PIPE, text=True
        )
        assert program.stdout is not None
        for _ in range(1 + kill % 4):
            acknowledged.append(program.stdout.readline().strip())
        os.kill(program.pid, signal.SIGKILL)
        rest, _ = program.communicate()
        acknowledged += [line for line in rest.split("\n")[:-1] if line]
        assert program.returncode == -signal.SIGKILL
    log = open_log(tmp_path / LOG_NAME, user="Maya", clock=a_clock())
    try:
        assert all(log.take(take_id) is not None for take_id in acknowledged)
        numbers = sorted(int(take.take) for take in log.takes(_ALL))
        assert numbers == list(range(1, len(numbers) + 1))
    finally:
        log.close()
    assert all(check.ok for check in doctor.check(tmp_path / LOG_NAME))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize("call", ["pwrite64", "fdatasync", "ftruncate"])
def test_killed_inside_the_nth_system_call_of_an_edit(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str, call: str
) -> None:
    """Kill at the n-th write to the log or its journal; what was acknowledged is there."""
    require("strace", "strace is not installed")
    monkeypatch.setenv("ONSET_SQLITE", library)
    create_log(tmp_path, title="Kills", rate="25", user="Maya", clock=a_clock())
    path = tmp_path / LOG_NAME
    watched = [str(path) + suffix for suffix in ("", "-wal", "-journal")]
    acknowledged: list[str] = []
    for n in (1, 3, 8, 21, 55, 144, 377):
        strace = ["strace", "-f", "-qq", "-o", "/dev/null", *(part for file in watched for part in ("-P", file))]
        once = _LOGGER.replace("while True", "for _ in range(6)")
        done = subprocess.run(
            [*strace, "-e", f"inject={call}:signal=KILL:when={n}", sys.executable, "-c", once, str(path)],
            capture_output=True,
            text=True,
            check=False,
        )
        acknowledged += done.stdout.split()
        log = open_log(path, user="Maya", clock=a_clock())
        try:
            assert all(log.take(take_id) is not None for take_id in acknowledged)
        finally:
            log.close()
    assert acknowledged
    assert all(check.ok for check in doctor.check(path))


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a small tmpfs needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=1200k", "tmpfs", folder], check=False).returncode == 0
    require(mounted, "this machine does not let tests mount")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


@pytest.mark.parametrize("library", LIBRARIES)
def test_full_disk_refuses_the_edit_keeps_the_rest_and_recovers(
    small_disk: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    monkeypatch.setenv("ONSET_SQLITE", library)
    create_log(small_disk, title="Full", rate="25", user="Maya", clock=a_clock())
    log = open_log(small_disk / LOG_NAME, user="Maya", clock=a_clock())
    on_set = OnSet(log, a_clock())
    try:
        log.set_next(Next(slate="1"))
        made: list[str] = []
        with pytest.raises(LogError, match=r"disk is full.*free some space"):
            made.extend(iter(lambda: on_set.shoot().id, ""))
        assert made
        assert {take.id for take in log.takes(_ALL)} >= set(made)
        subprocess.run(["mount", "-o", "remount,size=4m", small_disk], check=True)
        if log.rolling():
            log.cut(log.rolling()[0].id, on_set.stamp())
        made.append(on_set.shoot().id)
        assert {take.id for take in log.takes(_ALL)} >= set(made)
    finally:
        log.close()
    assert all(check.ok for check in doctor.check(small_disk / LOG_NAME))


def test_creation_on_a_full_disk_leaves_nothing(small_disk: Path) -> None:
    (small_disk / "filler").write_bytes(bytes(1_150_000))
    with pytest.raises(LogError):
        create_log(small_disk, title="Full", rate="25", user="Maya", clock=a_clock())
    assert os.listdir(small_disk) == ["filler"]


def test_dying_disk_is_not_called_a_corrupt_log(tmp_path: Path) -> None:
    """EIO from the disk: the person is told of the disk, and never to throw the log away."""
    require("strace", "strace is not installed")
    with file_log(tmp_path) as on_set:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
    path = tmp_path / LOG_NAME
    strace = ["strace", "-f", "-qq", "-o", "/dev/null"]
    for file in (str(path), f"{path}-wal"):
        strace += ["-P", file]
    done = subprocess.run(
        [
            *strace,
            "-e",
            "inject=pwrite64,fdatasync,fsync:error=EIO:when=1+",
            *(sys.executable, "-m", "onset", "-p", str(tmp_path), "log", "note", "last", "x"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "the disk does not answer" in done.stderr
    assert done.stderr.count("\n") == 1
    log = open_log(path, user="Maya", clock=a_clock())
    try:
        assert log.find_take("last").notes == ()
    finally:
        log.close()
    assert all(check.ok for check in doctor.check(path))


def test_disk_full_before_the_log_is_opened_is_named_so(small_disk: Path) -> None:
    """The index beside the WAL cannot be made then, which SQLite calls an I/O error."""
    create_log(small_disk, title="Full", rate="25", user="Maya", clock=a_clock())
    with (small_disk / "fill").open("wb", buffering=0) as fill, suppress(OSError):
        while fill.write(bytes(4096)) == 4096:
            pass
    with pytest.raises(LogError, match=r"disk is full.*free some space"):
        open_log(small_disk / LOG_NAME, user="Maya", clock=a_clock())
    (small_disk / "fill").unlink()
    with closing(open_log(small_disk / LOG_NAME, user="Maya", clock=a_clock())) as log:
        assert log.production().title == "Full"
