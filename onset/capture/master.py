"""The timecode of the production: which source is the master at this moment, and what it shows.

Used by whoever stamps (seats, workers, the service) and by `clocks.py`, which watches over all sources. Everybody reads
the same slots by the same rules, so all agree without asking.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fractions import Fraction
from pathlib import Path

from onset import timecode
from onset.capture.bus import Watcher
from onset.capture.signals import TimecodeNow
from onset.clock import Clock
from onset.errors import TimecodeError
from onset.timecode import Rate, Timecode

CLOCK_SOURCE = "clock"  # the name of the machine's own time of day in `capture.timecode`
FRESH_NS = 2_000_000_000  # a timecode source older than this is gone, and the next one stands in
_NS = 1_000_000_000


def local_offset_s(wall_ns: int) -> int:
    """Seconds that this machine's zone is ahead of UTC at `wall_ns`."""
    offset = datetime.fromtimestamp(wall_ns // _NS, UTC).astimezone().utcoffset()
    return 0 if offset is None else round(offset.total_seconds())


def time_of_day(wall_ns: int, rate: Rate, utc_offset_s: int) -> Timecode:
    """The label of the frame that a clock jammed to local time shows at `wall_ns`.

    A field recorder's file says the same (BWF time reference 2191661472 at 48 kHz, 12:40:59.614 on the wall):

    >>> str(time_of_day(45_659_614_000_000, timecode.rate("23.976"), 0))
    '12:40:14:00'
    """
    local_ns = (wall_ns + utc_offset_s * _NS) % (timecode.SECONDS_A_DAY * _NS)
    return Timecode.at(Fraction(local_ns, _NS), rate)


class MasterClock:
    """The timecode of the production: the first source of the configured order that is alive."""

    def __init__(
        self, folder: Path, order: Sequence[str], rate: Rate, clock: Clock, utc_offset_s: int | None = None
    ) -> None:
        """Listen to the sources of `order`.

        Args:
            folder: the live bus.
            order: `capture.timecode`, e.g. `["MIX.ltc", "DECK", "clock"]`; the machine's clock always stands last.
            rate: the project's.
            clock: this process' clock.
            utc_offset_s: the zone of the time of day; None asks the machine at each reading, so that all processes
                agree.
        """
        self._order = [*order[: order.index(CLOCK_SOURCE)]] if CLOCK_SOURCE in order else [*order]
        self._rate = rate
        self._clock = clock
        self._utc_offset_s = utc_offset_s
        self._watcher = Watcher(folder)
        for source in self._order:
            self._watcher.newest(source, TimecodeNow)  # connect now, so that the first label is not the stand-in's

    def settle(self, timeout_s: float = 0.5) -> None:
        """Wait until the best source that has a socket was heard once; for a process that has only just started."""
        for source in self._order:
            if source in self._watcher.sources() and self._watcher.wait(source, TimecodeNow, timeout_s) is not None:
                return

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        """The master's label at a moment of this machine's monotonic clock, and which source it came from.

        A source counts while its newest slot is at most 2 s old now; `mono_ns` itself may lie further back (the first
        frame of a pre-roll), the source is taken to have run on evenly. Going round at midnight as clocks do.
        """
        now_ns = self._clock.monotonic_ns()
        for source in self._order:
            slot = self._watcher.newest(source, TimecodeNow)
            if slot is not None and now_ns - slot.mono_ns <= FRESH_NS:
                label = label_of(slot, mono_ns, self._rate)
                if label is not None:
                    return label, source
        wall_ns = self._clock.wall_ns() - (now_ns - mono_ns)
        offset_s = local_offset_s(wall_ns) if self._utc_offset_s is None else self._utc_offset_s
        return time_of_day(wall_ns, self._rate, offset_s), CLOCK_SOURCE

    def user_bits(self, source: str) -> str:
        """The user bits that a source carries now, eight hex digits; empty when it carries none, or is the clock."""
        slot = None if source == CLOCK_SOURCE else self._watcher.newest(source, TimecodeNow)
        return "" if slot is None else slot.user

    def close(self) -> None:
        """Let go of the bus."""
        self._watcher.close()


def label_of(slot: TimecodeNow, mono_ns: int, rate: Rate) -> Timecode | None:
    """The label at `mono_ns` of a running clock, or None when its labels cannot be those of the project.

    Longitudinal timecode ends at 30 frames: a 48, 50 or 60 project is fed 24, 25 or 30 and counts two frames to each
    label. Any other difference of rates has no frame-exact answer, so such a source is passed over.
    """
    try:
        fed = timecode.rate(slot.rate)
    except TimecodeError:
        return None
    if fed.drop != rate.drop or fed.fps not in (rate.fps, rate.fps / 2):
        return None
    step = (mono_ns - slot.mono_ns) * rate.fps / _NS
    frames = slot.frames * int(rate.fps / fed.fps) + step.__floor__()
    return Timecode(frames % rate.frames_a_day, rate)
