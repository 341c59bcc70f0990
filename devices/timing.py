"""When a frame or a sample was there, from when it arrived.

Used by the adapters of real devices. Arrival jitters and is never early: the earliest arrivals tell the true time.
"""

from __future__ import annotations

import threading
from collections import deque
from fractions import Fraction

from devices.adapter import NS
from onset.clock import Clock
from onset.timecode import RATES

_NAP_S = 0.02
_WINDOW_NS = 10 * NS
_JUDGED_NS = 2 * NS  # a burst after a hiccup of the network or of a busy sender is over by then
_DRIFT_PPM = 100  # two crystals differ by less


class ArrivalFit:
    """Positions on a device's own time line, fitted to the clock by their earliest arrivals of the last ten seconds.

    >>> fit = ArrivalFit()
    >>> for position, arrival in ((0, 90), (40, 110), (80, 155)):
    ...     fit.saw(position, arrival)
    >>> fit.at(0), fit.at(80)
    (70, 150)
    """

    def __init__(self) -> None:
        self._least: deque[tuple[int, int]] = deque()  # arrival and delay, delays rising
        self._lately: deque[tuple[int, int]] = deque()  # arrival and delay of all that came in the last two seconds

    def saw(self, position_ns: int, arrival_ns: int) -> None:
        """Something of that position arrived."""
        delay = arrival_ns - position_ns
        self._lately.append((arrival_ns, delay))
        while self._lately[0][0] < arrival_ns - _JUDGED_NS:
            self._lately.popleft()
        while self._least and self._least[-1][1] >= delay:
            self._least.pop()
        self._least.append((arrival_ns, delay))
        while self._least[0][0] < arrival_ns - _WINDOW_NS:
            self._least.popleft()

    def at(self, position_ns: int) -> int:
        """The clock at that position; something must have been seen."""
        return position_ns + self._least[0][1]

    def late_ns(self) -> int:
        """By how much all of the last two seconds came later than the fit says; 0 while that cannot be told.

        A busy machine is late now and then, never all the time: whoever sends has lost something, or delays it more.
        """
        if not self._lately or self._lately[-1][0] - self._lately[0][0] < _JUDGED_NS * 3 // 4:
            return 0  # after a pause only what was held up is here
        return min(delay for _, delay in self._lately) - self._least[0][1]

    def fit_anew(self) -> None:
        """Believe the last two seconds alone."""
        lately = list(self._lately)
        self._least.clear()
        self._lately.clear()
        for arrival_ns, delay in lately:
            self.saw(arrival_ns - delay, arrival_ns)


class FrameGrid:
    """Numbers for frames that come without any: one more each time, unless frames must have been lost.

    A frame that is late is not lost; only when all that came in two seconds are late by a frame or more, that many are
    missing.
    """

    def __init__(self, fps: Fraction) -> None:
        self._period_ns = float(NS / fps)
        self._origin_ns = 0.0
        self._number = -1
        self._lags: deque[tuple[int, float]] = deque()
        self._newest_ns = 0

    def number(self, arrival_ns: int) -> int:
        """The number of the frame that arrived at that moment."""
        self._number += 1
        if self._number == 0:
            self._origin_ns = float(arrival_ns)
            self._newest_ns = arrival_ns
            return 0
        # The grid may run a little slower than ours: let it, as far as crystals differ.
        self._origin_ns += (arrival_ns - self._newest_ns) * _DRIFT_PPM / 1_000_000
        self._newest_ns = arrival_ns
        lag = (arrival_ns - self._origin_ns) / self._period_ns - self._number
        if lag < 0:
            self._origin_ns += lag * self._period_ns
            lag = 0.0
        self._lags.append((arrival_ns, lag))
        while self._lags[0][0] < arrival_ns - _JUDGED_NS:
            self._lags.popleft()
            least = min(late for _, late in self._lags)
            if least >= 0.9:
                self._number += round(least)
                self._lags.clear()
                break
        return self._number


def wait_until(due_ns: int, clock: Clock, closing: threading.Event) -> None:
    """Sleep until a moment in short naps, so that `closing` is noticed in between; a film is shown at its own speed."""
    while not closing.is_set():
        left_s = (due_ns - clock.monotonic_ns()) / NS
        if left_s <= 0:
            return
        clock.sleep(min(left_s, _NAP_S))


def exact_rate(fps: Fraction) -> Fraction | None:
    """The rate that is meant: containers and drivers round 24000/1001 to 23.976 or 2997/125.

    >>> exact_rate(Fraction("23.98")), exact_rate(Fraction(15)), exact_rate(Fraction(90000))
    (Fraction(24000, 1001), Fraction(15, 1), None)
    """
    if not 1 <= fps <= 240:
        return None
    near = min(RATES.values(), key=lambda rate: abs(rate.fps - fps))
    return near.fps if abs(near.fps - fps) < near.fps / 5000 else fps.limit_denominator(1001)
