"""This machine's own clock as a device: its time of day, whether anybody keeps it right, and whether it was set.

An ordinary adapter of kind `clock`. It is no timecode source of its own: the time of day stands in for every
production as `clock` in `capture.timecode`, with or without this device. What this one adds is that somebody watches.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Literal

from devices.adapter import NS, DeckFormat, Options, Surroundings, Told
from onset.capture.master import local_offset_s, time_of_day
from onset.clock import Clock
from onset.errors import DeviceError
from onset.text import safe_text
from onset.timecode import SECONDS_A_DAY, Timecode

_TELL_S = 0.3
_NAP_S = 0.05  # how soon a waiting read sees that it was closed
_STEP_NS = NS // 100  # time servers slew by 500 ppm, which is 0.15 ms between two looks
_LOOKS = 5
_APART_NS = NS // 1000  # two readings of which the machine did something else in between are no pair

# linux/timex.h, as adjtimex(2) explains it.
_UNSYNCHRONISED = 0x0040
_NANOSECONDS = 0x2000
_KEEPERS = {
    "systemd-timesyncd": Path("/run/systemd/timesync"),
    "chrony": Path("/run/chrony"),
    "ntpd": Path("/run/ntpd.pid"),
}


class _Timex(ctypes.Structure):
    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("freq", ctypes.c_long),
        ("maxerror", ctypes.c_long),
        ("esterror", ctypes.c_long),
        ("status", ctypes.c_int),
        ("rest", ctypes.c_long * 40),  # longer than the rest of the structure; the kernel writes what it has
    )


@dataclass(frozen=True, slots=True)
class Kept:
    """How the kernel's clock is kept.

    Attributes:
        synchronised: somebody has set it right lately.
        worst_ns: it is off by no more than this, as far as the kernel knows.
        offset_ns: by how much it is being put right at the moment.
    """

    synchronised: bool
    worst_ns: int
    offset_ns: int


def kernel_says() -> Kept | None:
    """What the kernel knows of its clock (Linux); None where it cannot be asked. Needs no rights."""
    try:
        ask = ctypes.CDLL(None, use_errno=True).adjtimex
    except (OSError, AttributeError):
        return None
    timex = _Timex(modes=0)
    if ask(ctypes.byref(timex)) < 0:
        return None
    unit_ns = 1 if timex.status & _NANOSECONDS else 1000
    return Kept(not timex.status & _UNSYNCHRONISED, timex.maxerror * 1000, timex.offset * unit_ns)


def keeper() -> str:
    """The program that keeps the clock, as far as it shows; empty when none does."""
    return next((name for name, path in _KEEPERS.items() if path.exists()), "")


def readings(clock: Clock) -> tuple[int, int]:
    """Monotonic and wall time of one moment: the pair of a few that lies closest together."""
    pairs = []
    for _ in range(_LOOKS):
        before_ns, wall_ns = clock.monotonic_ns(), clock.wall_ns()
        apart_ns = clock.monotonic_ns() - before_ns
        pairs.append((apart_ns, before_ns + apart_ns // 2, wall_ns))
        if apart_ns < _APART_NS:
            break
    return min(pairs)[1:]


class SystemTime:
    """The clock of this machine. It has no options."""

    medium: Literal["deck"] = "deck"

    def __init__(
        self,
        name: str,
        given: Mapping[str, object],
        around: Surroundings,
        kernel: Callable[[], Kept | None] = kernel_says,
        offset_s: Callable[[int], int] = local_offset_s,
    ) -> None:
        """Take the clock to watch; `kernel` tells how it is kept, `offset_s` the zone at a moment."""
        Options(name, given).done()
        self._name = safe_text(name)
        self._rate = around.rate
        self._clock = around.clock
        self._kernel = kernel
        self._offset_s = offset_s
        self._closed = threading.Event()
        self._closed.set()
        self._wall_less_mono_ns: int | None = None
        self._synchronised: bool | None = None
        self._told_ns = 0
        self._due_ns = 0

    def open(self) -> DeckFormat:
        """Begin to watch; a clock is always there."""
        self._closed.clear()
        self._due_ns = 0
        return DeckFormat(f"clock of this machine{self._kept_by()}", self._rate, source=False)

    def _kept_by(self) -> str:
        name = keeper()
        return f", kept by {name}" if name else ""

    def read(self) -> Told:
        """The time of day and how it is kept, three times a second."""
        while not self._closed.is_set():
            left_s = (self._due_ns - self._clock.monotonic_ns()) / NS
            if left_s <= 0:
                return self._word()
            self._clock.sleep(min(left_s, _NAP_S))
        raise DeviceError(f"{self._name} was closed.")

    def _word(self) -> Told:
        mono_ns, wall_ns = readings(self._clock)
        self._due_ns = mono_ns + round(_TELL_S * NS)
        kept = self._kernel()
        remarks = [*self._stepped(wall_ns - mono_ns), *self._let_go(kept)]
        began_ns, label = self._label(mono_ns, wall_ns)
        self._told_ns = max(self._told_ns, began_ns)
        return Told(self._told_ns, transport=_words(kept), label=label, remarks=tuple(remarks))

    def _label(self, mono_ns: int, wall_ns: int) -> tuple[int, Timecode]:
        """The label, and when its frame began."""
        offset_s = self._offset_s(wall_ns)
        label = time_of_day(wall_ns, self._rate, offset_s)
        day_ns = (wall_ns + offset_s * NS) % (SECONDS_A_DAY * NS)
        since = Fraction(day_ns, NS) * self._rate.fps % 1
        return mono_ns - int(since / self._rate.fps * NS), label

    def _stepped(self, wall_less_mono_ns: int) -> list[str]:
        before, self._wall_less_mono_ns = self._wall_less_mono_ns, wall_less_mono_ns
        step_ns = 0 if before is None else wall_less_mono_ns - before
        if abs(step_ns) < _STEP_NS:
            return []
        way = "forward" if step_ns > 0 else "back"
        slept = ", or the machine slept" if step_ns > 0 else ""
        return [f"The clock of this machine went {way} by {abs(step_ns) / NS:.3g} s: somebody set it{slept}."]

    def _let_go(self, kept: Kept | None) -> list[str]:
        before, self._synchronised = self._synchronised, kept.synchronised if kept else None
        if kept is None or kept.synchronised or before is False:
            return []
        lost = "is no longer kept right" if before else "is not kept right"
        return [
            f"The clock of this machine {lost} by any time server; compare it with the slate before the first take."
        ]

    def close(self) -> None:
        """Stop watching; a `read` that waits ends."""
        self._closed.set()

    def identify(self) -> str:
        """What it is."""
        kept = self._kernel()
        if kept is None:
            return (
                f"{self._name} is the clock of this machine{self._kept_by()}; the system does not say how right it is."
            )
        right = f"off by at most {kept.worst_ns / 1_000_000:.3g} ms" if kept.synchronised else "not synchronised"
        return f"{self._name} is the clock of this machine{self._kept_by()}, {right}."


def _words(kept: Kept | None) -> str:
    if kept is None:
        return ""
    return "synchronised" if kept.synchronised else "not synchronised"
