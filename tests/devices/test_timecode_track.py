"""A mixer's timecode track as a running clock: at its own rate, with its user bits, and only while it runs."""

from __future__ import annotations

from fractions import Fraction

import numpy as np
import pytest

from devices.adapter import NS, Block, Surroundings
from devices.ltc import write_ltc
from devices.timecode_track import TimecodeTrack
from onset.capture.signals import TimecodeNow
from onset.clock import ManualClock
from onset.timecode import Timecode, rate

HERTZ = 48_000
BEGAN_NS = 5_000 * NS


def heard(
    fed: str, project: str, seconds: float = 3.0, user: tuple[int, ...] = (), *, backwards: bool = False
) -> tuple[TimecodeTrack, TimecodeNow | None]:
    """What a track says after some seconds of timecode that begins at ten o'clock, in blocks of a sound card."""
    first = Timecode.parse(f"10:00:00{rate(fed).separator}00", rate(fed))
    wave = write_ltc(first, Fraction(0), round(seconds * HERTZ), HERTZ, 0.25, user)
    samples = (wave[::-1] if backwards else wave).astype(np.float64) * (2**31 - 1)
    track = TimecodeTrack(1, HERTZ, Surroundings("A test", rate(project), ManualClock()))
    for at in range(0, len(samples), 480):
        piece = np.stack((np.zeros(480), samples[at : at + 480]), axis=1).astype(np.int32)
        track.hear(Block(piece, at, BEGAN_NS + at * NS // HERTZ, HERTZ))
    return track, track.running("MIX.ltc", BEGAN_NS + round(seconds * NS))


@pytest.mark.parametrize(
    ("fed", "project"),
    [
        ("25", "25"),
        ("25", "50"),
        ("23.976", "23.976"),
        ("24", "24"),
        ("29.97df", "59.94df"),
        ("25", "24"),
        ("24", "25"),
        ("24", "23.976"),
        ("23.976", "24"),
        ("29.97", "29.97df"),
        ("30", "29.97"),
    ],
)
def test_timecode_is_labelled_at_the_rate_of_the_project(fed: str, project: str) -> None:
    """25 in a project of 24 must not look like timecode of the project until its label 24 comes."""
    _, slot = heard(fed, project)
    assert slot is not None
    assert slot.rate == fed
    first = Timecode.parse(f"10:00:00{rate(fed).separator}00", rate(fed))
    since = (slot.mono_ns - BEGAN_NS) * rate(fed).fps / NS
    assert slot.frames - first.frames == pytest.approx(float(since), abs=0.01)
    assert slot.frames - first.frames >= 3 * rate(fed).nominal - 3


def test_user_bits_stay_on_the_tape() -> None:
    _, slot = heard("25", "25", user=(1, 0, 6, 2, 1, 1, 6, 2))
    assert slot is not None
    assert slot.user == "26112601"
    _, plain = heard("25", "25")
    assert plain is not None
    assert plain.user == ""


def test_timecode_that_stopped_runs_on() -> None:
    track, slot = heard("25", "25")
    assert slot is not None
    assert track.running("MIX.ltc", slot.mono_ns + NS) is not None
    assert track.running("MIX.ltc", slot.mono_ns + NS + 1) is None


def test_a_tape_that_runs_backwards_is_a_clock() -> None:
    assert heard("25", "25", backwards=True)[1] is None
