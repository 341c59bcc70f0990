"""The day that `make soak` runs for ten hours, for one take of it: it can find what it looks for."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.soak import day
from devices.adapter import Shot
from devices.simulated.camera import SimulatedCamera

HOURS = 0.005


@pytest.fixture(autouse=True)
def _one_take(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day, "schedule", lambda _: iter([(4.0, 7.0)]))


@pytest.mark.parametrize("device", ["A", "MIX", "DECK"])
def test_a_take_of_the_day_is_not_whole(device: str, tmp_path: Path) -> None:
    result = day.work(device, HOURS, tmp_path)
    assert day.judged(result) == []
    assert (result.takes, result.files) == (1, 1)
    assert result.decoded >= 190 or device == "DECK"
    assert result.seconds >= HOURS * 3600


def test_a_lost_frame_of_the_day_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    read = SimulatedCamera.read

    def lose_one(camera: SimulatedCamera) -> Shot:
        shot = read(camera)
        return read(camera) if shot.number == 120 else shot

    monkeypatch.setattr(SimulatedCamera, "read", lose_one)
    wrong = day.judged(day.work("A", HOURS, tmp_path))
    assert any("1 frames were lost" in sentence for sentence in wrong), wrong
    assert any("frames are missing in the picture" in sentence for sentence in wrong), wrong
