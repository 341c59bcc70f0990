"""The moment a key was pressed or a command given, with what the master clock showed; for `tui` and `log`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from onset.capture.lock import lock_holder
from onset.capture.master import CLOCK_SOURCE, MasterClock
from onset.clock import Clock, boot_id, program_id, program_lives
from onset.config import Config
from onset.domain.take import Stamp
from onset.errors import CaptureError
from onset.logbook.broken_off import Here
from onset.timecode import Timecode

__all__ = ["Moments", "boot_id", "here", "program_id"]


def here(production: Path, clock: Clock) -> Here:
    """What this machine knows of programs that rolled a take and may be gone."""
    try:
        holder = lock_holder(production, clock)
    except CaptureError:  # a service that does not say since when it runs may be recording
        since_ns: int | None = 0
    else:
        since_ns = holder.started_ns if holder else None
    return Here(wall_ns=clock.wall_ns(), boot=boot_id(), lives=program_lives, recording_since_ns=since_ns)


class Moments:
    """Stamps of this process. Any thread may call it; nothing here blocks."""

    def __init__(self, bus: Path | None, config: Config, clock: Clock, program: str | None = None) -> None:
        """Listen to the production's timecode sources.

        Args:
            bus: folder of the live bus; None where no service runs, so that only the machine's clock is left.
            config: names the sources and the rate.
            clock: of this process.
            program: this process' name, where it stays while a take rolls.
        """
        order: Sequence[str] = config.capture.timecode if bus is not None else (CLOCK_SOURCE,)
        self._clock = clock
        self._boot = boot_id()
        self._program = program
        self._master = MasterClock(bus or Path(), order, config.production.rate, clock)

    def settle(self) -> None:
        """Wait a moment for the master's first label; for a command that has only just started."""
        self._master.settle()

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        """The master's label at a moment of the monotonic clock, and its source."""
        return self._master.label_at(mono_ns)

    def now(self) -> Stamp:
        """This moment."""
        return self.at(self._clock.monotonic_ns())

    def at(self, mono_ns: int) -> Stamp:
        """A moment of the monotonic clock that has only just passed."""
        label, source = self._master.label_at(mono_ns)
        return Stamp(
            wall_ns=self._clock.wall_ns() - (self._clock.monotonic_ns() - mono_ns),
            mono_ns=mono_ns,
            boot=self._boot,
            program=self._program,
            tc=str(label),
            tc_source=source,
            user_bits=self._master.user_bits(source) or None,
        )

    def close(self) -> None:
        """Let go of the bus."""
        self._master.close()
