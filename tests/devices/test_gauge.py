"""Levels of a take: only what lay between roll and cut counts, to the sample, and an undone cut leaves no hole."""

from __future__ import annotations

import numpy as np
import pytest

from devices.adapter import NS, Block
from devices.gauge import SILENCE_DB, SoundGauge

RATE = 48_000
LENGTH = 960
FULL = 2**31 - 1


def block(number: int, boom: float, lav: float = 0.0) -> Block:
    """20 ms of two tracks at constant levels."""
    samples = np.full((LENGTH, 2), (boom * FULL, lav * FULL)).astype(np.int32)
    return Block(samples, number * LENGTH, number * LENGTH * NS // RATE, RATE)


def at(seconds: float) -> int:
    return round(seconds * NS)


def test_preroll_and_postroll_do_not_count() -> None:
    gauge = SoundGauge(2)
    for number in range(500):
        now_s = number / 50
        loud = 4.0 <= now_s < 6.0
        cut_ns = at(6.0) if now_s > 6.1 else None  # the cut is heard of a tenth of a second late
        gauge.hear(block(number, 0.5 if loud else 1.0, 0.25), at(4.0), cut_ns)
    peak, rms = gauge.read(at(4.0), at(6.0))
    assert peak == [-6.0, -12.0]
    assert rms == [-6.0, -12.0]


def test_roll_and_cut_in_the_middle_of_a_block_are_exact() -> None:
    gauge = SoundGauge(2)
    samples = np.zeros((LENGTH, 2), np.int32)
    samples[:480, 0] = FULL  # before the roll
    samples[480:, 0] = FULL // 2
    gauge.hear(Block(samples, 0, 0, RATE), at(0.010), None)
    samples = samples[::-1].copy()  # and after the cut
    gauge.hear(Block(samples, LENGTH, at(0.020), RATE), at(0.010), None)
    assert gauge.read(at(0.010), at(0.030)) == ([-6.0, SILENCE_DB], [-6.0, SILENCE_DB])


def test_undone_cut_leaves_no_hole() -> None:
    gauge = SoundGauge(2)
    for number in range(1000):
        now_s = number / 50
        gauge.hear(block(number, 1.0 if 5.0 <= now_s < 5.1 else 0.1), 0, at(4.9) if 5.0 < now_s < 9.0 else None)
    peak, _ = gauge.read(0, at(20))
    assert peak[0] == 0.0, "what was played while it counted as cut"


def test_hour_is_measured_as_it_comes_and_only_seconds_are_kept() -> None:
    gauge = SoundGauge(2)
    for number in range(50 * 60):
        gauge.hear(block(number, 0.5), 0, None)
    assert len(gauge._newest) <= 152


def test_clip_that_ended_before_the_roll_has_no_levels() -> None:
    gauge = SoundGauge(2)
    gauge.hear(block(0, 0.5), at(4), None)
    assert gauge.read(at(4), at(6)) == ([], [])


@pytest.mark.parametrize("share", [1.0, -1.0])
def test_full_scale_of_either_sign_is_zero_decibels(share: float) -> None:
    gauge = SoundGauge(1)
    samples = np.full((LENGTH, 1), share * 2**31).clip(-(2**31), FULL).astype(np.int32)
    gauge.hear(Block(samples, 0, 0, RATE), 0, None)
    assert str(gauge.read(0, None)) == "([0.0], [0.0])"
