"""Frames without numbers and stamps: late is not lost, a burst is not early, and slow clocks drift."""

from __future__ import annotations

import random
from fractions import Fraction

from devices.adapter import NS
from devices.timing import ArrivalFit, FrameGrid

PERIOD = NS // 25


def test_jitter_is_taken_for_losses() -> None:
    dice = random.Random(1)
    grid = FrameGrid(Fraction(25))
    numbers = [grid.number(i * PERIOD + dice.randrange(PERIOD * 9 // 10)) for i in range(2000)]
    assert numbers == list(range(2000))


def test_a_hiccup_of_the_network_is_taken_for_losses() -> None:
    grid = FrameGrid(Fraction(25))
    arrivals = [i * PERIOD for i in range(100)]
    arrivals[50:58] = [58 * PERIOD] * 8
    assert [grid.number(arrival) for arrival in arrivals] == list(range(100))


def test_lost_frames_are_never_noticed() -> None:
    grid = FrameGrid(Fraction(25))
    numbers = [grid.number(i * PERIOD) for i in range(300) if not 100 <= i < 107]
    assert numbers[-1] == 299
    assert len(numbers) == 293


def test_a_camera_slow_by_its_crystal_loses_frames() -> None:
    grid = FrameGrid(Fraction(25))
    assert [grid.number(round(i * PERIOD * 1.00008)) for i in range(25 * 3600)][-1] == 25 * 3600 - 1


def test_the_stamp_is_as_late_as_the_latest_packet() -> None:
    dice = random.Random(2)
    fit = ArrivalFit()
    for i in range(500):
        fit.saw(i * PERIOD, 5_000_000 + i * PERIOD + dice.randrange(200_000_000))
    assert 5_000_000 <= fit.at(0) < 8_000_000


def test_an_early_burst_is_believed_for_ever() -> None:
    fit = ArrivalFit()
    fit.saw(0, -NS)
    for i in range(400):
        fit.saw(i * PERIOD, i * PERIOD)
    assert fit.at(0) == 0
