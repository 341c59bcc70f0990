"""Frames between labels against OpenTimelineIO, which reads labels by itself."""

from __future__ import annotations

import opentimelineio as otio
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.editorial.within import comparable, frame_at
from onset.timecode import RATES, Timecode, rate

LABELLED = [name for name, each in RATES.items() if not each.sensor_only]


@pytest.mark.parametrize("name", LABELLED)
@settings(max_examples=15, deadline=None)
@given(share=st.floats(0, 0.999), later=st.floats(-0.49, 0.49))
def test_frames_from_a_files_start_to_a_moment(name: str, share: float, later: float) -> None:
    at = rate(name)
    a_day = at.frames_a_day
    start = Timecode(int(share * a_day), at)
    moment = start.later(int(later * a_day))
    read = [otio.opentime.from_timecode(one.label, float(at.fps)).value for one in (start, moment)]
    frames = (read[1] - read[0] + a_day / 2) % a_day - a_day / 2
    assert frame_at(moment, start) == frames


def test_rates_that_drift_apart_are_not_compared() -> None:
    pairs = {
        ("25", "50"): True,
        ("23.976", "47.952"): True,
        ("29.97df", "59.94df"): True,
        ("24", "24"): True,
        ("23.976", "24"): False,
        ("29.97", "29.97df"): False,
        ("24", "30"): False,
        ("25", "24"): False,
    }
    for (one, other), alike in pairs.items():
        assert comparable(rate(one), rate(other)) is alike, (one, other)
        assert comparable(rate(other), rate(one)) is alike, (other, one)
    assert frame_at(Timecode.parse("10:00:00:00", rate("23.976")), Timecode.parse("10:00:00:00", rate("24"))) is None
