"""The moment a key was pressed or a command given, with what the master clock showed; for `tui` and `log`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from onset.capture.bus import CLOCK_SOURCE, MasterClock
from onset.clock import Clock, boot_id
from onset.config import Config
from onset.domain.take import Stamp
from onset.timecode import Timecode

__all__ = ["Moments", "boot_id"]


class Moments:
    """Stamps of this process. Any thread may call it; nothing here blocks."""

    def __init__(self, bus: Path | None, config: Config, clock: Clock) -> None:
        """Listen to the production's timecode sources.

        Args:
            bus: folder of the live bus; None where no service runs, so that only the machine's clock is left.
            config: names the sources and the rate.
            clock: of this process.
        """
        order: Sequence[str] = config.capture.timecode if bus is not None else (CLOCK_SOURCE,)
        self._clock = clock
        self._boot = boot_id()
        self._master = MasterClock(bus or Path(), order, config.production.rate, clock)

    def settle(self) -> None:
        """Wait a moment for the master's first label; for a command that has only just started."""
        self._master.settle()

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        """The master's label at a moment of the monotonic clock, and its source."""
        return self._master.label_at(mono_ns)

    def now(self) -> Stamp:
        """This moment."""
        mono_ns = self._clock.monotonic_ns()
        label, source = self._master.label_at(mono_ns)
        return Stamp(wall_ns=self._clock.wall_ns(), mono_ns=mono_ns, boot=self._boot, tc=str(label), tc_source=source)

    def close(self) -> None:
        """Let go of the bus."""
        self._master.close()
