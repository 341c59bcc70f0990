"""The camera's last card: which one that is, and what is known of it when its copies are away."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from devices.media_av import AvMediaReader
from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.cards.last import clips_elsewhere, last_card, look_at_copy
from onset.clock import ManualClock
from onset.offload.outcome import Outcome
from onset.offload.record import record_outcome
from onset.timecode import rate
from tests.onset.offload.cards import make_targets, offload
from tests.stories.originals import film, frames_of

NOON = 1_772_712_000_000_000_000  # 2026-03-05 12:00 UTC


@pytest.fixture
def log(tmp_path: Path) -> SqliteLogbook:
    log = log_in_memory(rate="23.976", folder=tmp_path, clock=ManualClock(wall_ns=NOON, monotonic_ns=1))
    log.open_day("Main", 1, "2026-03-05")
    return log


def copied(log: SqliteLogbook, tmp_path: Path, roll: str, *numbers: int) -> Outcome:
    for number in numbers:
        film(tmp_path / roll / f"{roll}C{number:03d}_260305_R2KD.mov", frames_of("10:00:00:00") + 100 * number, 48)
    targets = [path for path in (tmp_path / "T1", tmp_path / "T2") if path.exists()] or make_targets(tmp_path)
    outcome = offload(tmp_path / roll, targets, tmp_path / "state")
    record_outcome(log, outcome, AvMediaReader())
    return outcome


def test_the_last_card_is_that_of_another_camera_or_this_very_one(log: SqliteLogbook, tmp_path: Path) -> None:
    assert last_card(log, unit="Main", camera="A", reel="A014") is None
    copied(log, tmp_path, "A013", 1, 2)
    copied(log, tmp_path, "B007", 1)
    own = copied(log, tmp_path, "A014", 1)
    for reel, fingerprint in (("A_0014", ""), ("", own.fingerprint)):
        found = last_card(log, unit="Main", camera="A", reel=reel, fingerprint=fingerprint)
        assert found is not None
        assert found.label == "A013"
    newest = last_card(log, unit="Main", camera="A", reel="A015")
    assert newest is not None
    assert newest.label == "A014"
    assert last_card(log, unit="Second", camera="A", reel="A015") is None
    assert last_card(log, unit="Main", camera="", reel="A015") is None


def test_without_a_copy_the_log_knows_rate_and_timecode(log: SqliteLogbook, tmp_path: Path) -> None:
    copied(log, tmp_path, "A013", 1, 2)
    last = last_card(log, unit="Main", camera="A", reel="A014")
    assert last is not None
    first = last.formats[0]
    assert (first.name[:8], str(first.start), str(first.fps), first.size) == (
        "A013C001", "10:00:04:04", "24000/1001", None,
    )  # fmt: skip
    with_copy = look_at_copy(last, AvMediaReader(), rate("23.976"), enough=lambda: False)
    assert [(each.size, each.codec) for each in with_copy.formats] == [((32, 32), "mjpeg")] * 2
    assert look_at_copy(last, AvMediaReader(), rate("23.976"), enough=lambda: True) == last
    shutil.rmtree(tmp_path / "T1")
    assert look_at_copy(last, AvMediaReader(), rate("23.976"), enough=lambda: False) == with_copy, "the other disk"
    shutil.rmtree(tmp_path / "T2")
    assert look_at_copy(last, AvMediaReader(), rate("23.976"), enough=lambda: False) == last


def test_clips_of_a_reel_on_other_cards(log: SqliteLogbook, tmp_path: Path) -> None:
    first = copied(log, tmp_path, "A014", 1, 3)
    assert clips_elsewhere(log, unit="Main", fingerprint="another") == {("a 14", 1), ("a 14", 3)}
    assert clips_elsewhere(log, unit="Main", fingerprint=first.fingerprint) == frozenset()
    assert clips_elsewhere(log, unit="Second", fingerprint="another") == frozenset()
