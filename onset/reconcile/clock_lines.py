"""The clock of each device against the log's, found from the matches themselves: in words, and for one moment.

The lines stand in the Day place, in the wrap summary and on the board; the board also asks where a file should begin.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from itertools import pairwise
from math import sqrt

from onset.match.found import FoundClock
from onset.text import safe_text
from onset.timecode import Rate

ENOUGH = 2  # pairs that a clock has to stand on: any one file fits any one take at some offset
_DAY_S = 86_400.0
_SAME_S = 1.0  # stretches whose clocks differ by less are one clock
_PULLED = {"1000/1001": "0.1 % slow, as 23.976 against 24", "1001/1000": "0.1 % fast, as 24 against 23.976"}


def pace_of(rate: Rate) -> float:
    """Seconds that labels count in a real second: at 23.976 a display an hour ahead is 3,603.6 real seconds ahead."""
    return 1.0 if rate.drop else float(rate.fps / rate.nominal)


def clock_lines(clocks: Sequence[FoundClock], pace: float = 1.0) -> tuple[str, ...]:
    """A line for each device: `B runs 37.2 s ahead of the log, drift +3 ± 2 ppm, found on 61 of 64`.

    Args:
        clocks: of a day.
        pace: of the production's labels (`pace_of`), because people compare displays.
    """
    devices = sorted({(clock.side, clock.device) for clock in clocks})
    return tuple(
        _line(
            device,
            sorted((one for one in clocks if (one.side, one.device) == (side, device)), key=lambda one: one.from_s),
            pace,
        )
        for side, device in devices
    )


def expected_start_s(clock: FoundClock, log_s: float) -> float:
    """What the device's clock shows when the log's shows `log_s`.

    The log's clock may be told as a time of day or as one that goes on after midnight.
    """
    since = (log_s - clock.from_s + _DAY_S / 4) % _DAY_S - _DAY_S / 4  # a stretch may be longer than half a day
    drift = (clock.drift_ppm or 0.0) / 1e6 if _drifts(clock) else 0.0
    return log_s + clock.offset_s + since * (float(Fraction(clock.ratio_name)) - 1 + drift)


def around_midnight(seconds: float) -> float:
    """A difference of two times of day, the short way round.

    >>> around_midnight(86_390.0), around_midnight(-5.0)
    (-10.0, -5.0)
    """
    return (seconds + _DAY_S / 2) % _DAY_S - _DAY_S / 2


def amount(seconds: float) -> str:
    """`37.2 s`, `4 min 12 s`, `1 h 0 min 37 s`.

    >>> amount(-37.24), amount(252.0), amount(3637.4)
    ('37.2 s', '4 min 12 s', '1 h 0 min 37 s')
    """
    size = abs(seconds)
    if size < 60:
        return f"{size:.1f} s"
    whole = round(size)
    if whole < 3600:
        return f"{whole // 60} min {whole % 60} s"
    return f"{whole // 3600} h {whole // 60 % 60} min {whole % 60} s"


def _line(device: str, stretches: Sequence[FoundClock], pace: float) -> str:
    name = safe_text(device) or "a device nobody named"
    if pairs_of(stretches) < ENOUGH:
        return f"{name}: one file alone tells no clock"
    held = [one for one in stretches if not one.rec_run]
    pairs, of = pairs_of(stretches), sum(one.of for one in stretches)
    counted = f"found on {pairs} of {of}"
    if not held:
        return f"{name} has no running clock (rec run), matched by order and length, {counted}"
    first = held[0]
    parts = [_offset(name, around_midnight(first.offset_s) * pace), *_rate(held), counted]
    moved = []
    for before, after in pairwise(held):
        step = around_midnight(after.offset_s - expected_start_s(before, after.from_s) + after.from_s)
        if abs(step) >= _SAME_S:
            moved.append(f"{'jumped' if step > 0 else 'fell back'} {amount(step * pace)} at {_time(after.from_s)}")
    words = ", ".join(parts)
    if len(held) < len(stretches):
        moved.append("some cards have no running clock (rec run)")
    return "; ".join([words, *moved])


def pairs_of(clocks: Sequence[FoundClock]) -> int:
    """On how many pairs of a take and a file a device's clock stands."""
    return sum(one.pairs for one in clocks)


def _offset(name: str, offset_s: float) -> str:
    if abs(offset_s) < 0.05:
        return f"{name} runs with the log"
    return f"{name} runs {amount(offset_s)} {'ahead of' if offset_s > 0 else 'behind'} the log"


def _rate(held: Sequence[FoundClock]) -> list[str]:
    said = [_PULLED[name] for name in sorted({one.ratio_name for one in held}) if name in _PULLED]
    measured = max((one for one in held if one.drift_ppm is not None), key=lambda one: one.pairs, default=None)
    if measured is not None and measured.drift_ppm is not None:
        unsure = round(_unsure_ppm(measured))
        if _drifts(measured):
            said.append(f"drift {round(measured.drift_ppm):+d} \N{PLUS-MINUS SIGN} {unsure} ppm")
        else:
            said.append(f"no drift beyond {max(unsure, 1)} ppm")
    return said


def _unsure_ppm(clock: FoundClock) -> float:
    """Two standard errors of the drift: a straight line through points that people's reactions have scattered."""
    span = max(clock.to_s - clock.from_s, 1.0)
    deviation = 1.4826 * clock.spread_s  # of a normal distribution with this median misfit
    return 2e6 * deviation / (span * sqrt(max(clock.pairs, 1) / 12))


def _drifts(clock: FoundClock) -> bool:
    return clock.drift_ppm is not None and abs(clock.drift_ppm) > _unsure_ppm(clock)


def _time(seconds: float) -> str:
    """A moment of the log's clock as people say it; a day that crossed midnight goes on at 0:00."""
    return f"{datetime.fromtimestamp(seconds % _DAY_S, UTC):%H:%M}"
