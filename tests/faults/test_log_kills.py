"""Kills, full disks and dying disks under the log: what was acknowledged is there, and the rest is one sentence."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.errors import LogError
from onset.logbook.terms import Next, TakeFilter
from tests.faults.writers import LIBRARIES, Writer, endless_day, told
from tests.logging_db.support import OnSet, a_clock, file_log, unwell
from tests.needs import require

pytestmark = pytest.mark.faults
_KILLS = 100
_ALL = TakeFilter(limit=None)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("library", LIBRARIES)
def test_killed_right_after_each_acknowledged_take(
    scratch: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    """A hundred kills of a hundred;"""
    monkeypatch.setenv("ONSET_SQLITE", library)
    path = scratch / LOG_NAME
    acknowledged: list[str] = []
    for kill in range(_KILLS):
        writer = Writer(endless_day, scratch, library)
        writer.go()
        for _ in range(1 + kill % 4):
            said = writer.next()
            assert said is not None
            acknowledged += [take.split()[0] for take in said.told]
        writer.kill()
        with closing(open_log(path, user="Maya", clock=a_clock())) as log:
            assert {take.split()[0] for take in told(log)} >= set(acknowledged)
    with closing(open_log(path, user="Maya", clock=a_clock())) as log:
        numbers = sorted(int(take.take) for take in log.takes(_ALL))
        assert numbers == list(range(1, len(numbers) + 1))
    assert unwell(path) == []


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "small"
    folder.mkdir()
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a small tmpfs needs root")
    mounted = subprocess.run(["mount", "-t", "tmpfs", "-o", "size=2400k", "tmpfs", folder], check=False).returncode == 0
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
        subprocess.run(["mount", "-o", "remount,size=16m", small_disk], check=True)
        if log.rolling():
            log.cut(log.rolling()[0].id, on_set.stamp())
        made.append(on_set.shoot().id)
        assert {take.id for take in log.takes(_ALL)} >= set(made)
    finally:
        log.close()
    assert unwell(small_disk / LOG_NAME) == []


@pytest.mark.parametrize("taken", [2_350_000, 1_228_800], ids=["full", "room-for-the-log-but-not-its-wal-too"])
def test_creation_on_a_full_disk_leaves_nothing(small_disk: Path, taken: int) -> None:
    (small_disk / "filler").write_bytes(bytes(taken))
    with pytest.raises(LogError):
        create_log(small_disk, title="Full", rate="25", user="Maya", clock=a_clock())
    assert os.listdir(small_disk) == ["filler"]


def test_creation_on_a_disk_that_fills_up_leaves_half_a_log(small_disk: Path) -> None:
    """Room for the -wal, and not for the log that it shall become."""
    (small_disk / "filler").write_bytes(bytes(1_300_000))
    with pytest.raises(LogError, match="disk is full"):
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
    assert unwell(path) == []


def test_disk_full_before_the_log_is_opened_is_named_so(small_disk: Path) -> None:
    """The index beside the WAL cannot be made then, which SQLite calls an I/O error."""
    create_log(small_disk, title="Full", rate="25", user="Maya", clock=a_clock())
    with (small_disk / "fill").open("wb", buffering=0) as fill, suppress(OSError):
        while fill.write(bytes(4096)) == 4096:
            pass
    with closing(open_log(small_disk / LOG_NAME, user="Maya", clock=a_clock())) as log:
        assert log.production().title == "Full"
        with pytest.raises(LogError, match=r"disk is full.*free some space"):
            log.set_next(Next(slate="1"))
    (small_disk / "fill").unlink()
    with closing(open_log(small_disk / LOG_NAME, user="Maya", clock=a_clock())) as log:
        assert log.production().title == "Full"
