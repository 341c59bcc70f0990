"""Clocks in words, and where a file should begin."""

from __future__ import annotations

import pytest

from onset.match.found import FoundClock
from onset.match.observed import Side
from onset.reconcile.clock_lines import clock_lines, expected_start_s, pace_of
from onset.timecode import rate


def clock(**more: object) -> FoundClock:
    fields: dict[str, object] = {
        "device": "B", "side": Side.PICTURE, "card": "", "offset_s": 37.2, "ratio_name": "1", "drift_ppm": 3.0,
        "pairs": 61, "of": 64, "spread_s": 0.02, "from_s": 36_000.0, "to_s": 60_000.0,
    } | more  # fmt: skip
    return FoundClock(**fields)  # type: ignore[arg-type]  # fields by name


@pytest.mark.parametrize(
    ("clocks", "words"),
    [
        ([clock()], "B runs 37.2 s ahead of the log, drift +3 ± 1 ppm, found on 61 of 64"),
        ([clock(offset_s=-3600.0, drift_ppm=None)], "B runs 1 h 0 min 0 s behind the log, found on 61 of 64"),
        ([clock(pairs=1, of=1)], "B: one file alone tells no clock"),
        ([clock(spread_s=1.0)], "B runs 37.2 s ahead of the log, no drift beyond 55 ppm, found on 61 of 64"),
        ([clock(offset_s=0.01, drift_ppm=None)], "B runs with the log, found on 61 of 64"),
        (
            [clock(ratio_name="1000/1001", drift_ppm=None)],
            "B runs 37.2 s ahead of the log, 0.1 % slow, as 23.976 against 24, found on 61 of 64",
        ),
        (
            [clock(rec_run=True, offset_s=0.0)],
            "B has no running clock (rec run), matched by order and length, found on 61 of 64",
        ),
        (
            [
                clock(drift_ppm=None, pairs=40, of=40, to_s=49_320.0),
                clock(drift_ppm=None, offset_s=45.2, pairs=21, of=24, from_s=49_320.0),
            ],
            "B runs 37.2 s ahead of the log, found on 61 of 64; jumped 8.0 s at 13:42",
        ),
        (
            [clock(drift_ppm=None, card="A014", pairs=10, of=10), clock(drift_ppm=None, card="A015", from_s=50_000.0)],
            "B runs 37.2 s ahead of the log, found on 71 of 74",
        ),
    ],
)
def test_words(clocks: list[FoundClock], words: str) -> None:
    assert clock_lines(clocks) == (words,)


def test_a_name_that_would_drive_a_terminal() -> None:
    assert "\x1b" not in clock_lines([clock(device="\x1b]0;X\x07")])[0]


def test_a_clock_that_drifts_is_expected_later() -> None:
    assert expected_start_s(clock(drift_ppm=100.0), 46_000.0) == pytest.approx(46_037.2 + 1.0)
    assert expected_start_s(clock(drift_ppm=100.0, spread_s=2.0), 46_000.0) == pytest.approx(46_037.2), "not proved"
    assert expected_start_s(clock(drift_ppm=100.0, from_s=122_400.0, to_s=146_400.0), 46_000.0) == pytest.approx(
        46_038.2
    )
    assert expected_start_s(clock(drift_ppm=None, ratio_name="1001/1000"), 46_000.0) == pytest.approx(46_047.2)


def test_an_hour_on_the_display_is_an_hour_at_any_rate() -> None:
    """A label of 23.976 counts an hour in 3,603.6 seconds."""
    hour = clock(offset_s=3_603.6, drift_ppm=None)
    assert clock_lines([hour], pace_of(rate("23.976"))) == ("B runs 1 h 0 min 0 s ahead of the log, found on 61 of 64",)
    assert pace_of(rate("29.97df")) == pace_of(rate("25")) == 1.0
