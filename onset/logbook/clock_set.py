"""Whether this machine's clock was set since the newest take, or contradicts it: told when the next one rolls.

Used by `onset log roll` and the app. Durations come from a clock that nobody sets. But within a day lists and paper put
takes where the wall clock says they were shot (docs/decisions/0068), the days have its dates, and it finds the takes of
clips without timecode.
"""

from __future__ import annotations

from datetime import datetime

from onset.domain.take import Stamp, Take
from onset.errors import TimecodeError
from onset.timecode import Timecode

_NS = 1_000_000_000
_LEAST_NS = 60 * _NS  # beyond what NTP corrects while one works, and what a master drifts from take to take
_DAY_NS = 86_400 * _NS


def clock_was_set(newest: Take, now: Stamp) -> str | None:
    """A sentence about a wall clock that does not go on from the newest take; None: it does.

    Within one boot of the machine the monotonic clock says so; else only a step back, or the master's timecode, does.
    """
    if newest.added:  # its moment is somebody's memory
        return None
    passed_ns = now.wall_ns - newest.rolled_ns
    if newest.boot is not None and newest.boot == now.boot and newest.rolled_mono_ns is not None:
        step_ns = passed_ns - (now.mono_ns - newest.rolled_mono_ns)
        if abs(step_ns) > _LEAST_NS:
            return f"{_says(now)} It was set {_length(step_ns)} since {newest.label} rolled; is it right?"
        return None
    if passed_ns < -_LEAST_NS:
        return f"{_says(now)} That is {_length(passed_ns)} of {newest.label}, which was logged before; is it right?"
    counted_ns = _counted(newest, now)
    if counted_ns is not None:
        step_ns = (passed_ns - counted_ns + _DAY_NS // 2) % _DAY_NS - _DAY_NS // 2
        if abs(step_ns) > _LEAST_NS:
            return f"{_says(now)} By {now.tc_source} it was set {_length(step_ns)} since {newest.label}; is it right?"
    return None


def _counted(newest: Take, now: Stamp) -> int | None:
    """How far the master counted on, within a day; None where it was another source, or only the clock itself."""
    if now.tc is None or newest.tc_in is None or now.tc_source != newest.tc_source or now.tc_source == "clock":
        return None
    try:
        label = Timecode.parse(now.tc, newest.frame_rate)
        frames = label.since(Timecode.parse(newest.tc_in, newest.frame_rate), over_midnight=True)
    except TimecodeError:
        return None
    return int(newest.frame_rate.seconds_for(frames) * _NS)


def _says(now: Stamp) -> str:
    return f"This machine's clock says {datetime.fromtimestamp(now.wall_ns // _NS).astimezone():%Y-%m-%d %H:%M}."


def _length(step_ns: int) -> str:
    minutes = round(abs(step_ns) / 60 / _NS)
    days, hours = minutes // 1440, minutes / 60
    size = f"{days} days" if days > 1 else f"{hours:.1f} hours" if minutes >= 90 else f"{minutes} minutes"
    return f"{size} {'ahead' if step_ns > 0 else 'back'}"
