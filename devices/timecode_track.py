"""The timecode on a mixer's track, as a running clock of the live bus.

Used by `desk_sound.py` for the track that the configuration calls `ltc`; all methods belong to the worker's thread.
"""

from __future__ import annotations

import numpy as np

from devices.adapter import NS, Block, Surroundings
from devices.ltc import Heard, LtcDecoder, carried_by
from onset.capture.signals import TimecodeNow

LTC_TRACK = "ltc"
_LTC_LASTS_NS = NS // 2  # a label older than that is not "now" any more


class TimecodeTrack:
    """Listens to one track for timecode."""

    def __init__(self, track: int, sample_rate: int, around: Surroundings) -> None:
        """Listen to channel `track`, counted from 0."""
        self._track = track
        self._sample_rate = sample_rate
        self._rate = carried_by(around.rate)
        self._decoder = LtcDecoder(sample_rate)
        self._fed = 0
        self._next = 0
        self._newest: tuple[Heard, int] | None = None

    def hear(self, block: Block) -> None:
        """Take in a block; remember the newest label and when it began."""
        wave = (block.samples[:, self._track] / np.float32(2**31)).astype(np.float32)
        if block.first != self._next:  # what was lost breaks the bits, not the count of samples
            self._decoder = LtcDecoder(self._sample_rate)
            self._fed = 0
        for heard in self._decoder.feed(wave):
            since_block = heard.sample - self._fed
            self._newest = heard, block.mono_ns + round(since_block * NS / self._sample_rate)
        self._fed += len(wave)
        self._next = block.first + len(wave)

    def running(self, source: str, now_ns: int) -> TimecodeNow | None:
        """The running timecode; None when nothing is heard, it runs backwards, or at another rate than the project."""
        if self._newest is None or now_ns - self._newest[1] > _LTC_LASTS_NS:
            return None
        heard, mono_ns = self._newest
        label = None if heard.reverse else heard.at(self._rate)
        if label is None:
            return None
        return TimecodeNow(source=source, frames=label.frames, rate=self._rate.name, mono_ns=mono_ns)
