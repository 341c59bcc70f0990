"""The one clock of the program, handed to everybody who needs the time.

Nothing else in onset calls `time.*`: a shooting day can then run in seconds in a test, and a clock that jumps can be
tried without setting one.
"""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

_BOOT_ID = Path("/proc/sys/kernel/random/boot_id")


class Clock(Protocol):
    """Two readings and a wait. Durations come from `monotonic_ns`, stamps on paper from `wall_ns`."""

    def monotonic_ns(self) -> int:
        """Nanoseconds that never jump; the processes of one machine share them since its boot."""
        ...

    def wall_ns(self) -> int:
        """Nanoseconds since 1970 in UTC; a person or NTP may set it at any moment."""
        ...

    def sleep(self, seconds: float) -> None:
        """Return after `seconds` of this clock."""
        ...


class SystemClock:
    """The machine's own clock."""

    def monotonic_ns(self) -> int:
        return time.monotonic_ns()

    def wall_ns(self) -> int:
        return time.time_ns()

    def sleep(self, seconds: float) -> None:
        time.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to; safe to share between threads.

    `sleep` moves it, so code that paces itself runs at once.

    >>> clock = ManualClock(wall_ns=10)
    >>> clock.sleep(1.5)
    >>> clock.monotonic_ns(), clock.wall_ns()
    (1500000000, 1500000010)
    """

    def __init__(self, *, wall_ns: int = 0, monotonic_ns: int = 0) -> None:
        self._wall_ns = wall_ns
        self._monotonic_ns = monotonic_ns
        self._lock = threading.Lock()

    def monotonic_ns(self) -> int:
        with self._lock:
            return self._monotonic_ns

    def wall_ns(self) -> int:
        with self._lock:
            return self._wall_ns

    def sleep(self, seconds: float) -> None:
        self.advance(seconds)

    def advance(self, seconds: float) -> None:
        """Let `seconds` pass on both readings."""
        step = round(seconds * 1_000_000_000)
        with self._lock:
            self._monotonic_ns += step
            self._wall_ns += step

    def set_wall(self, wall_ns: int) -> None:
        """Set the wall reading, as a person or NTP would; the monotonic one stays."""
        with self._lock:
            self._wall_ns = wall_ns


def boot_id() -> str | None:
    """Names this boot of the machine, so that monotonic stamps of another one are never compared; None if unknown."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
