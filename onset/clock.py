"""The one clock of the program, handed to everybody who needs the time.

Nothing else in onset calls `time.*`: a shooting day can then run in seconds in a test, and a clock that jumps can be
tried without setting one.
"""

from __future__ import annotations

import os
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


def program_id() -> str | None:
    """Names this process beyond its end, by number and start (`4711 123456`); None where the system does not tell."""
    started = _started(os.getpid())
    return None if started is None else f"{os.getpid()} {started}"


def program_lives(program: str) -> bool:
    """Whether the process that `program_id` named runs on this boot of the machine."""
    number, _, started = program.partition(" ")
    return number.isdecimal() and _started(int(number)) == started


def _started(pid: int) -> str | None:
    """When a process began, in ticks since the boot; None when it is gone or waits only to be forgotten."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(") ")[2].split()
    except OSError:
        return None
    return None if fields[0] in ("Z", "X") else fields[19]  # proc(5): state, starttime


def boot_id() -> str | None:
    """Names this boot of the machine, so that monotonic stamps of another one are never compared; None if unknown."""
    try:
        return _BOOT_ID.read_text(encoding="ascii").strip()
    except OSError:
        return None
