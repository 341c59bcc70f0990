"""What an offload leaves in the log: clips once, of the right copy, and what could not be read by name."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.media_av import AvMediaReader
from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.clock import ManualClock
from onset.domain.camera import Clip, Source
from onset.domain.sound import SoundFile
from onset.offload.outcome import Gravity, Outcome, Problem
from onset.offload.record import Recorded, record_outcome
from onset.reconcile.card import card_verdict
from onset.reconcile.unreadable import standing_alarms, tell_unreadable
from tests.onset.offload.cards import offload
from tests.stories.originals import Slated, film, frames_of, mono_set

NOON = 1_772_712_000_000_000_000  # 2026-03-05 12:00 UTC
START = frames_of("10:00:00:00")


@pytest.fixture
def log(tmp_path: Path) -> SqliteLogbook:
    log = log_in_memory(rate="23.976", folder=tmp_path, clock=ManualClock(wall_ns=NOON, monotonic_ns=1))
    log.open_day("Main", 1, "2026-03-04")
    log.open_day("Main", 2, "2026-03-05")
    log.open_day("Main", 3, "2026-03-06")
    return log


def shoot(card: Path, *numbers: int) -> Path:
    """A card of camera A with clips of two seconds and their side-cars."""
    for number in numbers:
        name = f"A014C{number:03d}_260305_R2KD"
        film(card / "A014R2KD" / f"{name}.mov", START + 100 * number, 48)
        (card / "A014R2KD" / f"{name}.xml").write_text(f"<clip>{number}</clip>")
    return card


def record(log: SqliteLogbook, outcome: Outcome, **more: Any) -> Recorded:
    return record_outcome(log, outcome, AvMediaReader(), **more)


@pytest.fixture
def bad(monkeypatch: pytest.MonkeyPatch, one_by_one: None) -> set[str]:
    """Parts of names of files that the card in the reader does not give any more."""
    broken: set[str] = set()

    def failing(real: Callable[..., Any]) -> Callable[..., Any]:
        def read(fd: int, *more: Any) -> Any:
            path = os.readlink(f"/proc/self/fd/{fd}")
            if "/A014/" in path and "/T" not in path and any(each in path for each in broken):
                raise OSError(errno.EIO, os.strerror(errno.EIO))
            return real(fd, *more)

        return read

    for name in ("preadv", "readv", "read"):
        monkeypatch.setattr(os, name, failing(getattr(os, name)))
    return broken


def clips(log: SqliteLogbook) -> dict[str, Clip]:
    return {each.name.partition("_")[0]: each for each in log.media() if isinstance(each, Clip)}


def test_what_the_log_has_of_a_clip_is_not_what_lies_on_the_disk(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path
) -> None:
    card = shoot(tmp_path / "A014", 1, 2)
    recorded = record(log, offload(card, targets, tmp_path / "state"))
    assert (recorded.new, len(recorded.media), recorded.not_copied) == (2, 2, ())
    assert (recorded.shot.unit, recorded.shot.day) == ("Main", 2)
    first = clips(log)["A014C001"]
    path = targets[0] / "A014" / "A014R2KD" / "A014C001_260305_R2KD.mov"
    assert (first.path, first.size) == (str(path), path.stat().st_size)
    assert (first.tc_in, first.rate, first.duration_frames) == ("10:00:04:04", "23.976", 48)
    assert (first.camera, first.number, first.source, first.card) == ("A", 1, Source.CARD, recorded.card.id)
    assert first.reel.startswith("A014")
    assert str(first.digest).startswith("xxh128:")
    assert (recorded.card.camera, recorded.card.clips, recorded.card.day) == ("A", 2, 2)


def test_the_same_offload_again_doubles_clips(log: SqliteLogbook, targets: list[Path], tmp_path: Path) -> None:
    card = shoot(tmp_path / "A014", 1, 2)
    first = record(log, offload(card, targets, tmp_path / "state"))
    arrival = log.media()
    again = record(log, offload(card, targets, tmp_path / "state"))
    assert (again.new, again.media) == (0, first.media)
    assert log.media() == arrival
    assert len(log.cards()) == 1


def test_a_clip_is_taken_from_a_copy_that_was_not_verified(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path
) -> None:
    outcome = offload(shoot(tmp_path / "A014", 1), targets, tmp_path / "state")
    for file in outcome.contents:
        file.verified = {1: file.verified[1]}
        file.problems = [Problem(file.path, outcome.targets[0].path, "reads back with other bytes", Gravity.MISMATCH)]
    record(log, outcome)
    assert clips(log)["A014C001"].path.startswith(str(targets[1]))
    assert clips(log)["A014C001"].unreadable == ""


def test_a_clip_that_no_target_took_is_called_unreadable(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path
) -> None:
    """The disks were full: the card is well, and nobody is to be alarmed; but the card is not safe either."""
    outcome = offload(shoot(tmp_path / "A014", 1, 2), targets, tmp_path / "state")
    for file in outcome.contents:
        if "C002" in file.path:
            file.verified = {}
            file.problems = [Problem(file.path, outcome.targets[0].path, "could not be written", Gravity.INCOMPLETE)]
    recorded = record(log, outcome)
    assert clips(log).keys() == {"A014C001"}
    assert len(recorded.not_copied) == 1
    assert recorded.card.clips == 2


def test_an_unreadable_clip_is_not_in_the_log_and_stays_so(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path, bad: set[str]
) -> None:
    card = shoot(tmp_path / "A014", 1, 2, 3)
    bad.add("C002_260305_R2KD.mov")
    outcome = offload(card, targets, tmp_path / "state")
    assert [problem.path for problem in outcome.problems] == ["A014R2KD/A014C002_260305_R2KD.mov"]
    record(log, outcome)
    assert {name: bool(each.unreadable) for name, each in clips(log).items()} == {
        "A014C001": False,
        "A014C002": True,
        "A014C003": False,
    }
    assert "Input/output error" in clips(log)["A014C002"].unreadable
    assert len(tell_unreadable(log, "Main", wall_ns=NOON)) == 1
    bad.clear()
    again = record(log, offload(card, targets, tmp_path / "state"))
    assert again.new == 0
    assert [each.unreadable for each in clips(log).values()] == ["", "", ""]
    assert clips(log)["A014C002"].duration_frames == 48
    tell_unreadable(log, "Main", wall_ns=NOON)
    assert standing_alarms(log.events()) == []


def test_a_side_car_that_cannot_be_read_is_not_told_with_its_clip(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path, bad: set[str]
) -> None:
    card = shoot(tmp_path / "A014", 1)
    bad.add("C001_260305_R2KD.xml")
    record(log, offload(card, targets, tmp_path / "state"))
    assert clips(log)["A014C001"].unreadable.startswith("A014C001_260305_R2KD.xml cannot be read from the card")


def test_a_card_that_came_back_with_more_doubles_what_was_there(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path
) -> None:
    card = shoot(tmp_path / "A014", 1, 2)
    before = record(log, offload(card, targets, tmp_path / "state"))
    shoot(card, 3)
    now = record(log, offload(card, targets, tmp_path / "state"))
    assert (now.new, len(now.media), now.card.clips) == (1, 3, 3)
    assert now.card.supersedes == before.card.id
    assert {each.card for each in log.media()} == {now.card.id}
    again = record(log, offload(card, targets, tmp_path / "state"))
    assert again.card.supersedes == before.card.id


def test_another_card_of_the_same_label_is_mixed_with_it(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path
) -> None:
    one = record(log, offload(shoot(tmp_path / "A014", 1), targets, tmp_path / "state"))
    other = record(log, offload(shoot(tmp_path / "other" / "A014", 5), targets, tmp_path / "state"))
    assert other.card.supersedes is None
    assert {each.card for each in log.media()} == {one.card.id, other.card.id}


def test_the_day_that_was_said_is_not_taken(log: SqliteLogbook, targets: list[Path], tmp_path: Path) -> None:
    outcome = offload(shoot(tmp_path / "A014", 1), targets, tmp_path / "state")
    assert record(log, outcome, day=3).card.day == 3
    assert {each.day for each in log.media()} == {3}


def test_a_mixers_card_is_taken_for_a_cameras(log: SqliteLogbook, targets: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "26Y03M05"
    mono_set(
        folder,
        "42C-T003",
        Slated(scene="42C", take="3", roll="S001", circled=True, date="2026-03-05"),
        START,
        480,
        ("boom", "lav"),
    )
    recorded = record(log, offload(folder, targets, tmp_path / "state"))
    found = log.media()
    assert all(isinstance(each, SoundFile) for each in found)
    assert len(recorded.media) == len(found) == 2
    assert {each.named_scene for each in found} == {"42C"}
    assert {each.unreadable for each in found} == {""}
    assert {each.card for each in found} == {recorded.card.id}


def test_a_card_without_clips_is_a_crash(log: SqliteLogbook, targets: list[Path], tmp_path: Path) -> None:
    folder = tmp_path / "LOOKS"
    folder.mkdir()
    (folder / "night.cube").write_text("LUT_3D_SIZE 2")
    recorded = record(log, offload(folder, targets, tmp_path / "state"))
    assert (recorded.media, recorded.card.clips) == ((), 0)


def test_hostile_names_stop_the_record(log: SqliteLogbook, targets: list[Path], tmp_path: Path) -> None:
    card = tmp_path / "A014"
    card.mkdir()
    for name in ("A\x1b]0;PWNED\x07.mov", "\u202egpj.mov", "-rf.mov", "'; DROP TABLE take.mov"):
        (card / name).write_bytes(b"no film")
    (card / os.fsdecode(b"not\xffutf8.mov")).write_bytes(b"no film either")
    outcome = offload(card, targets, tmp_path / "state")
    recorded = record(log, replace(outcome))
    assert len(recorded.media) == 5
    assert all("\x1b" not in event.detail for event in tell_unreadable(log, "Main", wall_ns=NOON))


def test_a_clip_that_lies_twice_on_the_card_is_missed_for_ever(
    log: SqliteLogbook, targets: list[Path], tmp_path: Path
) -> None:
    """The camera, or somebody, has put the same file into a second folder: the log has it once."""
    card = shoot(tmp_path / "A014", 1)
    (card / "BACKUP").mkdir()
    name = "A014C001_260305_R2KD.mov"
    (card / "BACKUP" / name).write_bytes((card / "A014R2KD" / name).read_bytes())
    recorded = record(log, offload(card, targets, tmp_path / "state"))
    assert len(log.media()) == 1
    verdict = card_verdict(log, recorded.card, as_of_ns=NOON)
    assert verdict.log.pending == (), "1 clip of it is in no copy yet"
