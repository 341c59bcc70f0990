"""The timecode on a mixer's track, as a running clock of the live bus.

Used by `desk_sound.py` for the track that the configuration calls `ltc`; all methods belong to the worker's thread.
"""

from __future__ import annotations

from collections import deque
from statistics import median

import numpy as np

from devices.adapter import NS, Block, Surroundings
from devices.ltc import Heard, LtcDecoder, carried_by
from devices.ltc_word import user_text
from onset.capture.signals import TimecodeNow
from onset.timecode import RATES, Rate

LTC_TRACK = "ltc"
_LTC_LASTS_NS = NS  # a label older than that is not "now" any more; in noise they come 0.3 s late
_LENGTHS = 25  # frames whose length is looked at
_SAME = 0.0005  # 23.976 and 24 differ by twice as much, crystals by a tenth of it
_AT_SPEED = 0.01  # beyond that the tape does not run at its own speed


class TimecodeTrack:
    """Listens to one track for timecode."""

    def __init__(self, track: int, sample_rate: int, around: Surroundings) -> None:
        """Listen to channel `track`, counted from 0."""
        self._track = track
        self._sample_rate = sample_rate
        self._project = carried_by(around.rate)
        self._decoder = LtcDecoder(sample_rate)
        self._fed = 0
        self._next = 0
        self._lengths: deque[float] = deque(maxlen=_LENGTHS)
        self._newest: tuple[Heard, int] | None = None
        self._user: tuple[int, ...] = ()
        self._user_said: tuple[int, ...] = ()

    def hear(self, block: Block) -> None:
        """Take in a block; remember the newest label and when it began."""
        wave = (block.samples[:, self._track] / np.float32(2**31)).astype(np.float32)
        if block.first != self._next:  # what was lost breaks the bits, not the count of samples
            self._decoder = LtcDecoder(self._sample_rate)
            self._fed = 0
        for heard in self._decoder.feed(wave):
            since_block = heard.sample - self._fed
            self._newest = heard, block.mono_ns + round(since_block * NS / self._sample_rate)
            self._lengths.append(heard.length)
            if not heard.inferred:
                if heard.user == self._user_said:  # no gate judges user bits: twice the same is believed
                    self._user = heard.user
                self._user_said = heard.user
        self._fed += len(wave)
        self._next = block.first + len(wave)

    def running(self, source: str, now_ns: int) -> TimecodeNow | None:
        """The running timecode, at its own rate; None when none is heard, or it runs backwards or at another speed."""
        if self._newest is None or now_ns - self._newest[1] > _LTC_LASTS_NS:
            return None
        heard, mono_ns = self._newest
        rate = None if heard.reverse else self._rate(heard)
        label = None if rate is None else heard.at(rate)
        if rate is None or label is None:
            return None
        user = user_text(self._user) if any(self._user) else ""
        return TimecodeNow(source=source, frames=label.frames, rate=rate.name, mono_ns=mono_ns, user=user)

    def _rate(self, heard: Heard) -> Rate | None:
        """The rate by the length of frames; the project's, where it is that within what can be told."""
        fps = self._sample_rate / median(self._lengths)
        fitting = [each for each in RATES.values() if each.nominal <= 30 and each.drop == heard.drop]
        if self._project in fitting and abs(fps / float(self._project.fps) - 1) < _SAME:
            return self._project
        near = min(fitting, key=lambda each: abs(float(each.fps) - fps), default=None)
        return near if near is not None and abs(fps / float(near.fps) - 1) < _AT_SPEED else None
