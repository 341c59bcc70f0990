"""How loud a take was: peak and RMS of each track between the roll and the cut, without pre-roll and post-roll.

Used by `sound_file.py`, one gauge a clip, on the worker's thread. A cut is heard of a moment after it was pressed, so
the newest seconds are kept as they came until it is certain that they belong to the take.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np

from devices.adapter import NS, Block, Samples

SILENCE_DB = -200.0
_CERTAIN_NS = 3 * NS


class SoundGauge:
    """The levels of one clip's tracks."""

    def __init__(self, tracks: int) -> None:
        """Nothing was heard yet."""
        self._peak = np.zeros(tracks)
        self._power = np.zeros(tracks)
        self._count = 0
        self._newest: deque[Block] = deque()

    def hear(self, block: Block, rolled_ns: int, cut_ns: int | None) -> None:
        """Take in a block of the clip.

        Args:
            block: in order.
            rolled_ns: the roll; what was before it does not count.
            cut_ns: the cut, as far as it is known; it may still be undone.
        """
        if block.mono_ns + block.lasts_ns <= rolled_ns:
            return
        self._newest.append(block)
        while cut_ns is None and self._newest[0].mono_ns < block.mono_ns - _CERTAIN_NS:
            self._measure(_within(self._newest.popleft(), rolled_ns, None))

    def read(self, rolled_ns: int, cut_ns: int | None) -> tuple[list[float], list[float]]:
        """Peak and RMS of each track in dBFS, to a tenth; both empty where nothing of the take was heard."""
        for block in self._newest:
            self._measure(_within(block, rolled_ns, cut_ns))
        self._newest.clear()
        if not self._count:
            return [], []
        rms = np.sqrt(self._power / self._count)
        return [_tenths(peak) for peak in self._peak], [_tenths(level) for level in rms]

    def _measure(self, samples: Samples) -> None:
        if len(samples):
            scaled = samples / 2.0**31
            self._peak = np.maximum(self._peak, np.abs(scaled).max(axis=0))
            self._power += np.square(scaled).sum(axis=0)
            self._count += len(samples)


def _tenths(share: float) -> float:
    return round(decibels(share), 1) + 0.0  # nothing is louder than "-0.0"


def _within(block: Block, from_ns: int, to_ns: int | None) -> Samples:
    """The samples of a block that lie between two moments."""
    first = max(0, math.ceil((from_ns - block.mono_ns) * block.sample_rate / NS))
    last = len(block.samples) if to_ns is None else math.ceil((to_ns - block.mono_ns) * block.sample_rate / NS)
    return block.samples[first : max(first, last)]


def decibels(share: float) -> float:
    """`share` of full scale in dBFS.

    >>> decibels(0.5), decibels(0.0)
    (-6.02, -200.0)
    """
    return round(20 * math.log10(share), 2) if share > 1e-10 else SILENCE_DB
