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


def test_sound_that_was_lost_without_a_word_is_not_noticed() -> None:
    """240 ms are lost after one second: from then on everything comes that much later than its count says."""
    fit = ArrivalFit()
    late = []
    for i in range(250):
        lost_ns = 240_000_000 if i >= 25 else 0
        fit.saw(i * PERIOD, i * PERIOD + lost_ns)
        late.append(fit.late_ns())
    noticed = next(i for i, each in enumerate(late) if each)
    assert 25 + 44 <= noticed <= 25 + 45, "two seconds after the last that came in time: 50 frames less 240 ms"
    assert late[-1] == 240_000_000
    fit.fit_anew()
    assert (fit.late_ns(), fit.at(0)) == (0, 240_000_000)


def test_a_busy_machine_is_taken_for_lost_sound() -> None:
    dice = random.Random(3)
    fit = ArrivalFit()
    for i in range(500):
        held_up = 80 <= i < 200  # a pause of almost five seconds, and all of it at once
        fit.saw(i * PERIOD, 200 * PERIOD if held_up else i * PERIOD + dice.randrange(150_000_000) * (i % 5 > 0))
        assert fit.late_ns() < 100_000_000
