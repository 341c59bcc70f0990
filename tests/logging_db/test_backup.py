"""A backup that is not what it says, that overwrites something, or that costs the log anything."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from logging_db import backup, doctor
from logging_db.backup import KEEP, back_up, backups, holds
from logging_db.logbook import LOG_NAME, open_log
from onset.errors import LogError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, a_clock, file_log, use_library
from tests.needs import require

LIBRARIES = ("pysqlite3", "stdlib")
_DAY_S = 86_400.0


@pytest.fixture
def shot(tmp_path: Path) -> Iterator[OnSet]:
    """A log with three takes, and `tmp_path / "SHUTTLE"` to back up to."""
    (tmp_path / "SHUTTLE").mkdir()
    production = tmp_path / "Harbour"
    production.mkdir()
    with file_log(production) as on_set:
        on_set.log.set_next(Next(slate="42"))
        for _ in range(3):
            on_set.shoot()
        yield on_set


def log_of(on_set: OnSet) -> Path:
    return on_set.log.folder / LOG_NAME


def target_of(on_set: OnSet) -> Path:
    return on_set.log.folder.parent / "SHUTTLE"


def sha256sum(path: Path) -> str:
    return subprocess.run(["sha256sum", path], check=True, capture_output=True, text=True).stdout.split()[0]


@pytest.mark.parametrize("library", LIBRARIES)
def test_backup_lacks_the_newest_take_while_the_log_is_open(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, library: str
) -> None:
    use_library(monkeypatch, library)
    with file_log(tmp_path) as on_set:
        (tmp_path / "SHUTTLE").mkdir()
        on_set.log.set_next(Next(slate="42"))
        takes = [on_set.shoot().id for _ in range(3)]
        made = back_up(log_of(on_set), tmp_path / "SHUTTLE", on_set.clock)
        assert made.takes == 3
        assert made.sha256 == sha256sum(made.backup.path)
        assert made.size == os.path.getsize(made.backup.path)
    restored = tmp_path / "restored"
    restored.mkdir()
    shutil.copyfile(made.backup.path, restored / LOG_NAME)
    log = open_log(restored / LOG_NAME, user="Maya", clock=a_clock())
    try:
        assert [take.id for take in log.takes(TakeFilter(limit=None))] == takes[::-1]
    finally:
        log.close()
    assert all(check.ok for check in doctor.check(restored / LOG_NAME))


def test_backup_leaves_anything_else_beside_it(shot: OnSet) -> None:
    made = back_up(log_of(shot), target_of(shot), shot.clock)
    assert os.listdir(target_of(shot)) == [made.backup.path.name]
    assert made.backup.path.name.startswith("harbour-lights.")
    assert f".e{shot.log.arrival()}." in made.backup.path.name
    assert "20260529T1200" in made.backup.path.name  # NOON of support.py and half a minute of takes, in UTC


def test_second_backup_of_the_same_second_goes_over_the_first(shot: OnSet) -> None:
    first = back_up(log_of(shot), target_of(shot), shot.clock)
    before = sha256sum(first.backup.path)
    second = back_up(log_of(shot), target_of(shot), shot.clock)
    assert first.backup.path != second.backup.path
    assert sha256sum(first.backup.path) == before
    assert len(os.listdir(target_of(shot))) == 2


def test_another_production_in_the_same_folder_is_pruned(shot: OnSet, tmp_path: Path) -> None:
    other = tmp_path / "Other"
    other.mkdir()
    with file_log(other) as second:  # the same title
        theirs = back_up(log_of(second), target_of(shot), second.clock)
    foreign = target_of(shot) / "harbour-lights.20260529.onset"
    foreign.write_text("not ours")
    for _ in range(KEEP + 5):
        shot.clock.advance(60.0)
        made = back_up(log_of(shot), target_of(shot), shot.clock)
    assert theirs.backup.path.exists()
    assert foreign.read_text() == "not ours"
    kept = backups(target_of(shot), production=made.backup.production)
    assert [one.path for one in kept][-1] == made.backup.path
    assert len(kept) == KEEP


def test_last_backup_of_an_earlier_day_is_dropped(shot: OnSet) -> None:
    last_of_day: list[Path] = []
    for _ in range(3):
        for _ in range(KEEP):
            shot.clock.advance(60.0)
            made = back_up(log_of(shot), target_of(shot), shot.clock)
        last_of_day.append(made.backup.path)
        shot.clock.advance(_DAY_S)
    kept = [one.path for one in backups(target_of(shot), production=made.backup.production)]
    assert len(kept) == KEEP + 2
    assert set(last_of_day) <= set(kept)


def test_program_killed_while_it_copied_leaves_its_half_for_ever(shot: OnSet) -> None:
    made = back_up(log_of(shot), target_of(shot), shot.clock)
    name = ".".join(made.backup.path.name.split(".")[:3])
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    dead = target_of(shot) / f".{name}.{ended.pid}.onset-part"
    alive = target_of(shot) / f".{name}.{os.getppid()}.onset-part"
    dead.write_bytes(b"half")
    alive.write_bytes(b"being made")
    back_up(log_of(shot), target_of(shot), shot.clock)
    assert not dead.exists()
    assert alive.exists()


def test_folder_of_a_disk_that_is_not_connected_is_made(shot: OnSet) -> None:
    before = sha256sum(log_of(shot))
    with pytest.raises(LogError, match=r"NOT-THERE.* is not there; connect its disk"):
        back_up(log_of(shot), target_of(shot) / "NOT-THERE", shot.clock)
    assert os.listdir(target_of(shot)) == []
    assert sha256sum(log_of(shot)) == before


def test_file_where_the_folder_should_be(shot: OnSet) -> None:
    (target_of(shot) / "file").write_text("")
    with pytest.raises(LogError, match="is a file, not a folder"):
        back_up(log_of(shot), target_of(shot) / "file", shot.clock)


def test_backup_on_the_logs_own_disk_is_not_warned_of(shot: OnSet) -> None:
    warning = back_up(log_of(shot), target_of(shot), shot.clock).warning
    assert warning is not None
    assert "the log's own disk" in warning


def test_copy_that_reads_back_otherwise_gets_a_name(shot: OnSet, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that takes what is written and gives back something else."""
    fsync = os.fsync

    def spoil(descriptor: int) -> None:
        fsync(descriptor)
        name = os.readlink(f"/proc/self/fd/{descriptor}")
        if name.endswith(".onset-part"):
            os.pwrite(descriptor, bytes(4096), 4096)

    monkeypatch.setattr(os, "fsync", spoil)
    with pytest.raises(LogError, match="did not keep what was written"):
        back_up(log_of(shot), target_of(shot), shot.clock)
    assert os.listdir(target_of(shot)) == []


def test_copy_of_another_log_is_taken_for_this_one(
    shot: OnSet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = tmp_path / "Other"
    other.mkdir()
    with file_log(other) as second:
        theirs = back_up(log_of(second), target_of(shot), second.clock).backup.path
    monkeypatch.setattr(backup, "holds", lambda _: holds(theirs))
    with pytest.raises(LogError, match="is not the same"):
        back_up(log_of(shot), target_of(shot), shot.clock)
    assert os.listdir(target_of(shot)) == [theirs.name]


def test_full_or_read_only_target_costs_the_log_anything(shot: OnSet, tmp_path: Path) -> None:
    require(os.geteuid() == 0 and shutil.which("mount") is not None, "a small tmpfs needs root")
    small = tmp_path / "small"
    small.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", small], check=True)
    before = sha256sum(log_of(shot))
    try:
        with pytest.raises(LogError, match=r"has 0\.1 MB free and a backup needs .* MB; make room there"):
            back_up(log_of(shot), small, shot.clock)
        assert os.listdir(small) == []
        subprocess.run(["mount", "-o", "remount,ro,size=64m", small], check=True)
        with pytest.raises(LogError, match=r"Read-only file system"):
            back_up(log_of(shot), small, shot.clock)
    finally:
        subprocess.run(["umount", small], check=True)
    assert sha256sum(log_of(shot)) == before
