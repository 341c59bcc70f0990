"""How a clock stands, in a few words: for the screens and for `onset devices`."""

from __future__ import annotations

from datetime import UTC, datetime

from onset.capture.master import label_of
from onset.capture.signals import ClockNow, TimecodeNow
from onset.text import safe_text
from onset.timecode import Rate, Timecode


def clock_words(clock: ClockNow, project: str) -> str:
    """State, distance to the master, drift; without name and label.

    Args:
        clock: one of `ClocksNow.clocks`.
        project: the production's rate by name.

    >>> clock_words(ClockNow(source="DECK", state="free", apart_frames=-2.0, drift_ppm=11.53, rate="25"), "25")
    'free  -2.0 fr  +11.5 ppm'
    >>> clock_words(ClockNow(source="B", state="free", apart_frames=-0.04, drift_ppm=-0.02, rate="25"), "25")
    'free  +0.0 fr  +0.0 ppm'
    >>> clock_words(ClockNow(source="MIX.ltc", state="master", ppm=-0.4, rate="25", user="26112601"), "25")
    'master  -0.4 ppm  user 26112601'
    >>> clock_words(ClockNow(source="MIX.ltc", state="other rate", rate="24"), "25")
    'runs at 24, not 25'
    """
    if clock.state == "other rate":
        return f"runs at {safe_text(clock.rate or '?')}, not {project}"
    words = [str(clock.state)]
    if clock.state == "jammed" and clock.jammed_ns is not None:
        words = [f"jammed {_time(clock.jammed_ns)}"]
    elif clock.state == "stopped" and clock.heard_ns is not None:
        words = [f"stopped {_time(clock.heard_ns)}"]
    if clock.state in ("jammed", "free") and clock.apart_frames is not None:
        apart = round(clock.apart_frames, 1) + 0.0  # nothing is apart by "-0.0"
        words.append(f"{apart:+,.{1 if abs(apart) < 1000 else 0}f} fr")
    pace = clock.ppm if clock.state == "master" else clock.drift_ppm
    if pace is not None and clock.state in ("master", "jammed", "free"):
        words.append(f"{round(pace, 1) + 0.0:+.1f} ppm")
    if clock.user:
        words.append(f"user {safe_text(clock.user)}")
    return "  ".join(words)


def running_label(
    clock: ClockNow, slot: TimecodeNow | None, rate: Rate, mono_ns: int, told_ns: int | None = None
) -> str:
    """What a clock shows at this moment, between two words of the service; empty while it does not run.

    Args:
        clock: as the service said it last.
        slot: the newest word of the source itself.
        rate: the production's.
        mono_ns: now.
        told_ns: when the service said it, where that is known; the machine's own clock has no other word.
    """
    if slot is None and clock.tc is not None and clock.state != "other rate" and told_ns is not None:
        passed = (mono_ns - told_ns) * rate.fps / 1_000_000_000
        return str(Timecode.parse(clock.tc, rate).later(int(passed)))
    label = None if slot is None or clock.tc is None or clock.state == "other rate" else label_of(slot, mono_ns, rate)
    return clock.tc or "" if label is None else str(label)


def _time(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns / 1e9, UTC).astimezone():%H:%M}"
