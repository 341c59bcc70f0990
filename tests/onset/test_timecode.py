"""Timecode against the rule of SMPTE ST 12-1 applied by removal, not by formula, and against its well-known counts."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from onset.errors import TimecodeError
from onset.timecode import RATES, Rate, Timecode, frame_number, label_number, rate, samples_since_midnight

LABELLED = [each for each in RATES.values() if not each.sensor_only]
Frames = NDArray[np.int64]


def named(each: Rate) -> str:
    return each.name


def labels_of_a_day(each: Rate) -> Frames:
    """Every label of a day, hh:mm:ss:ff read as one number, without those that ST 12-1 leaves out."""
    numbers = np.arange(24 * 3600 * each.nominal, dtype=np.int64)
    if not each.drop:
        return numbers
    frames = numbers % each.nominal
    seconds = numbers // each.nominal % 60
    minutes = numbers // each.nominal // 60 % 60
    left_out = (frames < {30: 2, 60: 4}[each.nominal]) & (seconds == 0) & (minutes % 10 != 0)
    kept: Frames = numbers[~left_out]
    return kept


@pytest.mark.parametrize("each", LABELLED, ids=named)
def test_a_label_of_the_day_that_does_not_come_back(each: Rate) -> None:
    expected = labels_of_a_day(each)
    assert len(expected) == each.frames_a_day
    frames = np.arange(each.frames_a_day, dtype=np.int64)
    to_label = cast("Callable[[Frames, Rate], Frames]", label_number)
    to_frame = cast("Callable[[Frames, Rate], Frames]", frame_number)
    np.testing.assert_array_equal(to_label(frames, each), expected)
    np.testing.assert_array_equal(to_frame(expected, each), frames)


@pytest.mark.parametrize("each", LABELLED, ids=named)
def test_written_label_disagrees_with_its_number(each: Rate) -> None:
    """The text of a label, for the first and last frame of each second of an hour and of the day's last minutes."""
    separator = ";" if each.drop else ":"
    frame = 0
    for hour, minute in [(0, m) for m in range(60)] + [(23, 58), (23, 59)]:
        for second in range(60):
            first = {30: 2, 60: 4}[each.nominal] if each.drop and second == 0 and minute % 10 else 0
            for ff in (first, each.nominal - 1):
                label = f"{hour:02d}:{minute:02d}:{second:02d}{separator}{ff:02d}"
                timecode = Timecode.parse(label, each)
                assert str(timecode) == label
                if hour == 0:
                    assert timecode.frames == frame + ff - first
            frame += each.nominal - first


# The counts everybody's drop-frame table agrees on: 17982 frames in ten minutes, 107892 in an hour, 2589408 in a day.
@pytest.mark.parametrize(
    ("name", "label", "frame"),
    [
        ("29.97df", "00:00:59;29", 1799),
        ("29.97df", "00:01:00;02", 1800),
        ("29.97df", "00:02:00;02", 3598),
        ("29.97df", "00:09:59;29", 17981),
        ("29.97df", "00:10:00;00", 17982),
        ("29.97df", "00:11:00;02", 19782),
        ("29.97df", "01:00:00;00", 107892),
        ("29.97df", "23:59:59;29", 2589407),
        ("59.94df", "00:00:59;59", 3599),
        ("59.94df", "00:01:00;04", 3600),
        ("59.94df", "00:10:00;00", 35964),
        ("59.94df", "01:00:00;00", 215784),
        ("59.94df", "23:59:59;59", 5178815),
        ("29.97", "01:00:00:00", 108000),
        ("23.976", "01:00:00:00", 86400),
        ("25", "10:00:00:00", 900000),
        ("47.952", "01:00:00:00", 172800),
    ],
)
def test_well_known_count_is_missed(name: str, label: str, frame: int) -> None:
    assert Timecode.parse(label, rate(name)).frames == frame
    assert str(Timecode(frame, rate(name))) == label


@pytest.mark.parametrize("name", ["29.97df", "59.94df"])
def test_drop_frame_drifts_from_the_clock(name: str) -> None:
    """What is left after compensation is 86.4 ms a day (ST 12-1), 3.6 ms an hour."""
    for hour in range(1, 24):
        late = Timecode.parse(f"{hour:02d}:00:00;00", rate(name)).seconds - hour * 3600
        assert abs(late) <= Fraction(4, 1000) * hour


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("29.97df", "01:01:00;00"),
        ("29.97df", "01:01:00;01"),
        ("29.97df", "00:59:00;01"),
        ("59.94df", "00:01:00;03"),
        ("25", "00:00:00:25"),
        ("23.976", "00:00:00:24"),
        ("25", "24:00:00:00"),
        ("25", "00:60:00:00"),
        ("25", "00:00:60:00"),
        ("25", "00:00:00;00"),
        ("29.97", "00:00:00;00"),
        ("29.97df", "00:00:00:00"),
        ("25", "-1:00:00:00"),
        ("25", "1:00:00:00"),
        ("25", "00:00:00"),
        ("25", "00;00:00:00"),
        ("25", "00:00.00:00"),
        ("25", "00:00:00:00:00"),
        ("25", "٠٠:٠٠:٠٠:٠٠"),
        ("25", ""),
        ("25", "\x1b]0;x\x07"),
        ("25", "00:00:00:\n0"),
    ],
)
def test_impossible_label_is_taken(name: str, label: str) -> None:
    with pytest.raises(TimecodeError):
        Timecode.parse(label, rate(name))


@pytest.mark.parametrize(
    ("name", "label", "frame"),
    [
        ("25", "01:00:00.00", 90000),
        ("29.97df", "00;01;00;02", 1800),
        ("29.97df", "00:01:00.02", 1800),
        ("25", " 00:00:01:00 ", 25),
    ],
)
def test_spelling_of_another_program_is_refused(name: str, label: str, frame: int) -> None:
    assert Timecode.parse(label, rate(name)).frames == frame


@pytest.mark.parametrize("each", LABELLED, ids=named)
def test_midnight_is_crossed_in_silence(each: Rate) -> None:
    last = Timecode(each.frames_a_day - 1, each)
    with pytest.raises(TimecodeError):
        last + 1
    with pytest.raises(TimecodeError):
        Timecode(0, each) + -1
    assert last.later(1) == Timecode(0, each)
    assert Timecode(0, each).later(-1) == last
    after = Timecode(4, each)
    assert after.since(last) < 0
    assert after.since(last, over_midnight=True) == 5


def test_rates_are_mixed() -> None:
    with pytest.raises(TimecodeError):
        Timecode(0, rate("25")).since(Timecode(0, rate("24")))
    with pytest.raises(TimecodeError):
        Timecode(0, rate("29.97")).since(Timecode(0, rate("29.97df")))


@pytest.mark.parametrize("name", ["96", "100", "119.88", "120"])
def test_sensor_rate_gets_labels(name: str) -> None:
    with pytest.raises(TimecodeError):
        Timecode(0, rate(name))


@pytest.mark.parametrize("name", ["", "26", "23.97", "nan", "1e9", "29.97 drop", "-25", "25\x00"])
def test_unknown_rate_is_guessed(name: str) -> None:
    with pytest.raises(TimecodeError):
        rate(name)


def test_rate_is_not_exact() -> None:
    assert {each.name: each.fps for each in LABELLED} == {
        "23.976": Fraction(24000, 1001),
        "24": Fraction(24),
        "25": Fraction(25),
        "29.97": Fraction(30000, 1001),
        "29.97df": Fraction(30000, 1001),
        "30": Fraction(30),
        "47.952": Fraction(48000, 1001),
        "48": Fraction(48),
        "50": Fraction(50),
        "59.94": Fraction(60000, 1001),
        "59.94df": Fraction(60000, 1001),
        "60": Fraction(60),
    }


@given(st.sampled_from(LABELLED), st.data())
def test_label_of_a_moment_is_not_the_frame_on_screen_then(each: Rate, data: st.DataObject) -> None:
    """At any moment of the day the frame shown has begun and the next one has not."""
    moment = data.draw(st.fractions(min_value=0, max_value=Fraction(86399), max_denominator=48000))
    timecode = Timecode.at(moment, each)
    assert timecode.seconds <= moment < timecode.seconds + 1 / each.fps


@given(st.sampled_from(LABELLED), st.data())
def test_sum_and_difference_disagree(each: Rate, data: st.DataObject) -> None:
    frames = st.integers(0, each.frames_a_day - 1)
    start, end = (Timecode(data.draw(frames), each) for _ in range(2))
    assert start + end.since(start) == end
    assert start.later(end.since(start, over_midnight=True)) == end


def test_time_reference_is_45_seconds_wrong_at_midday() -> None:
    """A Sound Devices file of a 23.976 show: reads 12:40:14:00 with this many samples since midnight (facts, 2.8)."""
    start = Timecode.parse("12:40:14:00", rate("23.976"))
    assert samples_since_midnight(start, 48000) == 2191661472
    assert Timecode.at(Fraction(2191661472, 48000), rate("23.976")) == start
