"""One timecode source fitted to this machine's monotonic clock: how far ahead it is, how fast it gains, when it jumped.

Used by `clocks.py`. Positions are real time of day in nanoseconds, so clocks of different rates compare; a day's wrap
is taken out. Drift is a slow linear regression: crystals differ by some millionths, readings are off by a frame.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Collection
from fractions import Fraction

from onset.timecode import Rate

_NS = 1_000_000_000
_BIN_NS = 5 * _NS  # the truest of the readings of so long counts
_BINS = 720  # an hour: the drift of a crystal moves with its temperature, over tens of minutes
_STEADY_NS, _LEAST = 30 * _NS, 6  # before that, and with fewer points, a drift cannot be told
_JUMP_FRAMES = 1.5  # a deck that is asked now and then is off by one
_STEP_FRAMES = 0.3  # from one five seconds to the next no drift comes near; it was jammed
_WORST_PPM = 50  # two free clocks; a good one keeps to a fiftieth of it
_SURE_PPM = 3.0  # a drift that is not known better is not told


class ClockFit:
    """What was read of one clock.

    Attributes:
        readings: since it was last set.
        ppm: parts of a million by which it is faster than the monotonic clock; None while that cannot be told.
    """

    def __init__(self) -> None:
        self._bins: deque[tuple[int, int]] = deque(maxlen=_BINS)  # monotonic stamp, how far ahead of it
        self._day_ns = 0
        self._frame_ns = 0.0
        self._slack = 0.0  # frames by which a reading may be too old
        self._fitted_ns = 0
        self.readings = 0
        self.ppm: float | None = None

    def forget(self) -> None:
        """It is another clock from now on."""
        self._bins.clear()
        self.readings = 0
        self.ppm = None

    def saw(self, position_ns: int, mono_ns: int, rate: Rate, *, polled: bool = False) -> float | None:
        """Take in a reading.

        Args:
            position_ns: real time from 00:00:00:00 to the label that it shows.
            mono_ns: when it did.
            rate: its own.
            polled: the label may have stood there for a frame already.

        Returns:
            By how many frames it jumped (then it is fitted anew); None when it ran on.
        """
        self._day_ns = int(rate.frames_a_day * _NS / rate.fps)
        self._frame_ns = float(_NS / rate.fps)
        self._slack = 1.0 if polled else 0.0
        ahead_ns = position_ns - mono_ns
        jump = None
        if self._bins:
            expected_ns = self.ahead_at(mono_ns)
            off_ns = nearest(ahead_ns - expected_ns, self._day_ns)
            silent_ns = mono_ns - self._bins[-1][0]
            if abs(off_ns) > _JUMP_FRAMES * self._frame_ns + silent_ns * _WORST_PPM / 1_000_000:
                jump = off_ns / self._frame_ns
                self.forget()
            else:
                ahead_ns = expected_ns + off_ns
        self.readings += 1
        # A reading is never ahead of the clock itself, but late by up to a frame or a network: the foremost is true.
        if self._bins and mono_ns // _BIN_NS == self._bins[-1][0] // _BIN_NS:
            self._bins[-1] = (mono_ns, max(self._bins[-1][1], ahead_ns))
        else:
            self._close_bin()
            self._bins.append((mono_ns, ahead_ns))
        return jump

    def _close_bin(self) -> None:
        if len(self._bins) < 2:
            return
        (at_ns, ahead_ns), (last_ns, last_ahead_ns) = self._bins[-2], self._bins[-1]
        due_ns = ahead_ns + (last_ns - at_ns) * (self.ppm or 0.0) / 1_000_000
        most_ns = (_STEP_FRAMES + self._slack) * self._frame_ns + (last_ns - at_ns) * _WORST_PPM / 1_000_000
        if abs(last_ahead_ns - due_ns) > most_ns:
            newest = self._bins[-1]
            self._bins.clear()
            self._bins.append(newest)
            self.ppm = None
        if self.ppm is None or last_ns - self._fitted_ns >= _STEADY_NS:
            self._fitted_ns = last_ns
            self.ppm = _slope_ppm(self._bins)

    def ahead_at(self, mono_ns: int) -> int:
        """How far it is ahead of the monotonic clock, by its latest readings; there must be one."""
        last_ns, foremost_ns = self._bins[-1]
        if len(self._bins) > 1 and last_ns - self._bins[-2][0] < 2 * _BIN_NS:
            foremost_ns = max(foremost_ns, self._bins[-2][1])
        return foremost_ns + round((mono_ns - last_ns) * (self.ppm or 0.0) / 1_000_000)

    def ahead_of(self, other: ClockFit, mono_ns: int, fps: Fraction) -> float | None:
        """Frames by which it is ahead of another clock, across midnight too; None while one was not read."""
        if not self._bins or not other._bins:
            return None
        off_ns = nearest(self.ahead_at(mono_ns) - other.ahead_at(mono_ns), self._day_ns)
        return off_ns * float(fps) / _NS


def nearest(difference_ns: int, day_ns: int) -> int:
    """The same difference on a clock that goes round: at most half a day either way.

    >>> nearest(23, 24), nearest(-25, 24), nearest(5, 24)
    (-1, -1, 5)
    """
    return (difference_ns + day_ns // 2) % day_ns - day_ns // 2


def _slope_ppm(bins: Collection[tuple[int, int]]) -> float | None:
    """Least squares: what is gained on the monotonic clock; None while that is not known well enough."""
    points = list(bins)
    if len(points) < _LEAST or points[-1][0] - points[0][0] < _STEADY_NS:
        return None
    at0, ahead0 = points[0]
    xs = [(at - at0) / _NS for at, _ in points]
    ys = [(ahead - ahead0) / 1000 for _, ahead in points]  # microseconds: a slope in them is one in millionths
    count = len(points)
    mean_x, mean_y = sum(xs) / count, sum(ys) / count
    spread = sum((x - mean_x) ** 2 for x in xs)
    slope = sum((x - mean_x) * (y - mean_y) for x, y in zip(xs, ys, strict=True)) / spread
    left = sum((y - mean_y - slope * (x - mean_x)) ** 2 for x, y in zip(xs, ys, strict=True))
    unsure = math.sqrt(left / (count - 2) / spread)  # the standard error of the slope
    return slope if 2 * unsure < _SURE_PPM else None
