"""Room and forecast of the targets, and cards in readers: what a DIT looks at before a card is put in."""

from __future__ import annotations

import dataclasses
import os
import shutil
from pathlib import Path

import pytest

from onset.errors import OffloadError
from onset.offload.disks import Mount
from onset.offload.dismissed import dismiss, is_dismissed
from onset.offload.forecast import look_at_targets
from onset.offload.in_reader import Readers
from onset.offload.journal import JobSheet, JobSummary
from onset.offload.place import Target


def _job(folder: Path, target: Path, *, running: bool) -> JobSummary:
    sheet = JobSheet("1", "/media/A014", "A014", "f", (str(target),), "reread", 1, 7)
    job = JobSummary(sheet, folder, running=running, finished=False)
    ahead = {"path": str(target), "written": 300, "verified": 0, "lost": None}
    job._read["progress.json"] = {"bytes": 1300, "targets": [ahead]}
    return job


def test_two_targets_of_one_disk_are_each_promised_its_whole_room(tmp_path: Path) -> None:
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    free = shutil.disk_usage(tmp_path).free
    card = int(free * 0.4)
    (alone,) = look_at_targets([Target(one, "", "one")], [], card)
    assert alone.cards == 2
    assert alone.free == pytest.approx(free, rel=0.01)
    both = look_at_targets([Target(one, "", "one"), Target(two, "", "two")], [], card)
    assert [each.cards for each in both] == [1, 1]
    assert look_at_targets([Target(one, "", "one")], [], None)[0].cards is None


def test_what_a_running_copy_will_still_write_counts_as_free(tmp_path: Path) -> None:
    target = [Target(tmp_path, "", "one")]
    (running,) = look_at_targets(target, [_job(tmp_path, tmp_path / "A014", running=True)], None)
    (stopped,) = look_at_targets(target, [_job(tmp_path, tmp_path / "A014", running=False)], None)
    assert (running.ahead, stopped.ahead) == (1000, 0)


def test_a_disk_that_is_not_connected_has_room(tmp_path: Path) -> None:
    away = look_at_targets(
        [Target(Path("/media/no such disk"), "", "lto"), Target(tmp_path / "gone", "", "raid")], [], 1
    )
    assert "connect" in away[0].away
    assert str(tmp_path / "gone") in away[1].away
    assert [(each.free, each.cards) for each in away] == [(0, None), (0, None)]


def test_a_card_is_listed_every_two_seconds_or_one_that_was_put_in_again_is_not_looked_at(tmp_path: Path) -> None:
    card, empty = tmp_path / "A014", tmp_path / "STICK"
    card.mkdir()
    empty.mkdir()
    (card / "A014C001.mov").write_bytes(b"x" * 10)
    mounts = [Mount(str(card), "ext4", "/dev/x1", True, 1), Mount(str(empty), "ext4", "/dev/x2", True, 2)]
    readers = Readers(lambda: mounts)
    first, stick = readers.look()
    assert (first.label, first.files, first.size, first.note) == ("A014", 1, 10, "")
    assert "no files" in stick.trouble
    (card / "A014C002.mov").write_bytes(b"y" * 10)
    assert readers.look() == [first, stick]
    mounts = [dataclasses.replace(mounts[0], read_only=False)]
    assert [each.files for each in readers.look()] == [2], "it was remounted"
    mounts = [dataclasses.replace(mounts[0], source="/dev/x3")]
    (again,) = readers.look()
    assert (again.files, again.fingerprint != first.fingerprint) == (2, True)


def test_clips_that_come_on_a_card_in_its_reader_are_not_on_the_board(tmp_path: Path) -> None:
    card = tmp_path / "A014"
    card.mkdir()
    (card / "A014C001.mov").write_bytes(b"x" * 10)
    free = (100, 9)
    readers = Readers(lambda: [Mount(str(card), "exfat", "/dev/x1", False, 1)], lambda _: free)
    (first,) = readers.look()
    (card / "A014C002.mov").write_bytes(b"y" * 10)
    assert readers.look() == [first], "as long as nothing was taken of its room it is not listed"
    free = (99, 9)
    (more,) = readers.look()
    assert (more.files, more.size) == (2, 20)
    assert more.fingerprint != first.fingerprint


def test_a_copy_that_runs_is_dismissed_or_one_that_was_gone_on_with_stays_so(tmp_path: Path) -> None:
    with pytest.raises(OffloadError, match="A014 runs"):
        dismiss(_job(tmp_path, tmp_path, running=True))
    job = _job(tmp_path, tmp_path, running=False)
    assert not is_dismissed(job)
    assert "A014 is off the list" in dismiss(job)
    assert is_dismissed(job)
    assert os.listdir(tmp_path) == ["dismissed.json"]
    went_on = dataclasses.replace(job, sheet=dataclasses.replace(job.sheet, pid=8))
    assert not is_dismissed(went_on)
