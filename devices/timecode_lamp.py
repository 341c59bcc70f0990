"""Timecode that runs only while something records, read as a record lamp.

Used by `desk_sound.py` for the track that carries timecode. Whether that means anything is for the configuration to say
(`roll_from = ["MIX.ltc"]`): most timecode runs all day.
"""

from __future__ import annotations

from collections.abc import Callable

from devices.adapter import NS
from onset.capture.signals import Report, Sign, TimecodeNow
from onset.errors import TimecodeError
from onset.timecode import Timecode, rate

_RUNS_NS = NS // 2  # labels for so long are a timecode that runs
_GAP_NS = NS // 2  # in noise labels come 0.3 s late
_STANDS_NS = NS


class TimecodeLamp:
    """Says when timecode began to run and when it stopped, each once."""

    def __init__(self, device: str, report: Callable[[Report], None]) -> None:
        """Nothing was heard yet."""
        self._device = device
        self._report = report
        self._on: bool | None = None
        self._listening_ns: int | None = None
        self._first: TimecodeNow | None = None
        self._newest: TimecodeNow | None = None

    def gone(self) -> None:
        """The device went away: nobody knows whether it runs."""
        self._on = self._listening_ns = self._first = self._newest = None

    def judge(self, running: TimecodeNow | None, now_ns: int) -> None:
        """Look at the newest label, some times a second; None where none is heard."""
        if self._listening_ns is None:
            self._listening_ns = now_ns
        if running is not None and (self._newest is None or running.mono_ns > self._newest.mono_ns):
            if self._newest is None or running.mono_ns - self._newest.mono_ns > _GAP_NS:
                self._first = running
            self._newest = running
        first, newest = self._first, self._newest
        quiet_ns = now_ns - (self._listening_ns if newest is None else newest.mono_ns)
        if quiet_ns >= _STANDS_NS:
            if self._on is not False:
                self._say("standing", newest, now_ns - quiet_ns, at_first=self._on is None)
            self._on, self._first = False, None
        elif not self._on and first is not None and newest is not None and newest.mono_ns - first.mono_ns >= _RUNS_NS:
            self._say("running", first, first.mono_ns, at_first=self._on is None)
            self._on = True

    def _say(self, what: str, label: TimecodeNow | None, mono_ns: int, *, at_first: bool) -> None:
        tc = None if label is None else _shown(label)
        self._report(
            Sign(
                device=self._device,
                what="running" if what == "running" else "standing",
                mono_ns=mono_ns,
                tc=tc,
                rate=None if label is None or tc is None else label.rate,
                at_first=at_first,
            )
        )


def _shown(slot: TimecodeNow) -> str | None:
    try:
        return Timecode(slot.frames, rate(slot.rate)).label
    except TimecodeError:
        return None
