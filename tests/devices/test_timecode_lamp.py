"""Timecode as a lamp: a take begins where its labels began, and a drop-out is no cut."""

from __future__ import annotations

from devices.adapter import NS
from devices.timecode_lamp import TimecodeLamp
from onset.capture.signals import Report, Sign, TimecodeNow


class _Track:
    def __init__(self) -> None:
        self.reports: list[Report] = []
        self.lamp = TimecodeLamp("MIX", self.reports.append)
        self.now_ns = 0
        self._newest: TimecodeNow | None = None

    def passes(self, seconds: float, *, labels: bool) -> None:
        """Look ten times a second, as the worker does; a label is "now" for a second."""
        for _ in range(round(seconds * 10)):
            self.now_ns += NS // 10
            if labels:
                frames = 900_000 + self.now_ns * 25 // NS
                self._newest = TimecodeNow(source="MIX.ltc", frames=frames, rate="25", mono_ns=self.now_ns - 1)
            fresh = self._newest is not None and self.now_ns - self._newest.mono_ns <= NS
            self.lamp.judge(self._newest if fresh else None, self.now_ns)

    @property
    def said(self) -> list[tuple[str, float, bool]]:
        return [(s.what, round(s.mono_ns / NS, 1), s.at_first) for s in self.reports if isinstance(s, Sign)]


def test_a_take_begins_when_it_was_believed_and_not_when_it_began() -> None:
    track = _Track()
    track.passes(3, labels=False)
    track.passes(5, labels=True)
    assert track.said == [("standing", 0.1, True), ("running", 3.1, False)]
    sign = track.reports[-1]
    assert isinstance(sign, Sign)
    assert (sign.tc, sign.rate) == ("10:00:03:02", "25")


def test_a_drop_out_of_half_a_second_is_a_cut() -> None:
    track = _Track()
    track.passes(2, labels=False)
    track.passes(3, labels=True)
    track.passes(0.6, labels=False)
    track.passes(3, labels=True)
    assert [what for what, _, _ in track.said] == ["standing", "running"]


def test_the_end_is_a_second_late() -> None:
    track = _Track()
    track.passes(2, labels=False)
    track.passes(3, labels=True)
    track.passes(2, labels=False)
    assert track.said[-1] == ("standing", 5.0, False)


def test_a_label_here_and_there_is_taken_for_running() -> None:
    track = _Track()
    for _ in range(20):
        track.passes(0.1, labels=True)
        track.passes(0.7, labels=False)
    assert "running" not in [what for what, _, _ in track.said]


def test_timecode_that_ran_before_anybody_listened_begins_a_take() -> None:
    track = _Track()
    track.passes(2, labels=True)
    assert [(what, first) for what, _, first in track.said] == [("running", True)]


def test_a_pulled_cable_is_told_as_standing() -> None:
    track = _Track()
    track.passes(2, labels=True)
    track.lamp.gone()
    track.passes(0.5, labels=False)
    assert len(track.said) == 1
    track.passes(2, labels=True)
    assert [(what, first) for what, _, first in track.said] == [("running", True), ("running", True)]
