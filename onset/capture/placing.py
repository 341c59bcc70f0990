"""Where the roll and the cut of a take lie on this machine's monotonic clock, by which devices are ordered.

Used by session.py. A wall clock may be set while a take rolls (NTP, a person); taken at its word, it would end a
recording before the cut. The monotonic stamp of the roll is therefore used wherever this boot of this machine made it.
"""

from __future__ import annotations

from dataclasses import dataclass

from onset.clock import Clock
from onset.domain.take import Take


@dataclass(frozen=True, slots=True)
class Look:
    """One look at the log.

    Attributes:
        mono_ns: when, on the monotonic clock; `wall_ns` the same on the wall clock.
        last_ns: the look before, on the monotonic clock: what is new now was not there then.
        boot: of this machine; None when unknown.
    """

    mono_ns: int
    wall_ns: int
    last_ns: int
    boot: str | None

    @classmethod
    def now(cls, clock: Clock, last_ns: int, boot: str | None) -> Look:
        """A look at this moment."""
        return cls(clock.monotonic_ns(), clock.wall_ns(), last_ns, boot)

    def rolled_at(self, take: Take) -> int:
        """When the take was rolled; never in the future."""
        if take.rolled_mono_ns is not None and self._ours(take):
            return min(self.mono_ns, take.rolled_mono_ns)
        return self.mono_ns - max(0, self.wall_ns - take.rolled_ns)

    def cut_at(self, take: Take | None) -> int:
        """When a take was cut that rolled at the last look; never in the future.

        By the wall clock alone it is never placed before the last look either: then it still rolled.
        """
        if take is None or take.cut_ns is None:
            return self.mono_ns
        if take.rolled_mono_ns is not None and self._ours(take):
            return min(self.mono_ns, take.rolled_mono_ns + (take.cut_ns - take.rolled_ns))
        return max(self.last_ns, self.mono_ns - max(0, self.wall_ns - take.cut_ns))

    def _ours(self, take: Take) -> bool:
        return self.boot is not None and take.boot == self.boot
