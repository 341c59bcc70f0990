"""What goes wrong with a simulated device, and when: faults are data.

Read from the device's `script` option by every simulator; a rehearsing person adds one while it runs. What each kind
does is in docs/rehearsing.md.

    script = [{ at = 12.0, kind = "drop", frames = 3 }, { at = 30.0, kind = "disconnect", seconds = 4.0 }]
"""

from __future__ import annotations

import math
import random
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from devices.adapter import NS, Options, Surroundings
from onset.errors import DeviceError
from onset.text import safe_text
from onset.timecode import SECONDS_A_DAY

CLAP_AFTER_NS = 1_500_000_000  # from the roll until the sticks close, in the picture and on the tracks alike


def frame_grid(around: Surroundings, now_ns: int) -> tuple[int, int]:
    """Where the frames of the time of day lie on the monotonic clock.

    Returns:
        The monotonic ns at which the first whole frame after `now_ns` begins, and its number since midnight at the
        exact rate (the rule of `Timecode.at`), so that every simulated device is in step with every other.
    """
    clock, fps = around.clock, around.rate.fps
    wall_ns = clock.wall_ns() - (clock.monotonic_ns() - now_ns)
    day_ns = (wall_ns + around.utc_offset_s * NS) % (SECONDS_A_DAY * NS)
    frame = -int(-Fraction(day_ns, NS) * fps // 1)  # rounded up
    return now_ns + int(frame / fps * NS) - day_ns, frame % around.rate.frames_a_day


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that goes wrong.

    Attributes:
        kind: drop, freeze, black, silence, stall, disconnect, jump and more; each device says which it knows.
        at_s: seconds after the device was first opened.
        seconds: how long; a jump takes no time.
        frames: how far the timecode jumps (jump); may be negative.
        amount: how much: ms (latency), parts in a million (ppm, free-run).
        jitter: ms that a latency varies by.
        track: the one that it befalls, where it befalls tracks; empty for all.
    """

    kind: str
    at_s: float
    seconds: float = 0.0
    frames: int = 0
    amount: float = 0.0
    jitter: float = 0.0
    track: str = ""

    def covers(self, at_s: float) -> bool:
        """Whether it goes on at `at_s`."""
        return self.at_s <= at_s < self.at_s + self.seconds

    def lasted(self, at_s: float) -> float:
        """Seconds of it that are over at `at_s`."""
        return min(max(0.0, at_s - self.at_s), self.seconds)

    def said(self) -> str:
        """What it is, for whoever let it begin."""
        if self.kind == "jump":
            return f"{self.kind}, {self.frames} frames"
        much = f"{self.amount:g} {_UNITS[self.kind]}, " if self.kind in _UNITS else ""
        how_long = "from now on" if self.seconds >= SECONDS_A_DAY else f"{self.seconds:g} s"
        return f"{self.kind}, {much}{self.track + ', ' if self.track else ''}{how_long}"


_SECONDS = {
    "drop": 0.2, "freeze": 2.0, "black": 2.0, "silence": 2.0, "stall": 1.0, "disconnect": 3.0, "jump": 0.0,
    "missing": 5.0, "clip": 2.0, "refuse": 5.0, "latency": 10.0, "reverse": 2.0, "stand": 2.0, "overload": 0.8,
    "ppm": 10.0 * SECONDS_A_DAY, "free-run": 10.0 * SECONDS_A_DAY,
}  # fmt: skip
_AMOUNTS = {"latency": 200.0, "ppm": 50.0, "free-run": 1000.0}
_UNITS = {"latency": "ms", "ppm": "ppm", "free-run": "ppm"}
_KEYS = frozenset({"at", "kind", "seconds", "frames", "amount", "jitter", "track"})
_MOST = {"amount": 20_000.0, "jitter": 20_000.0, "seconds": 10.0 * SECONDS_A_DAY}


class Script:
    """The faults of one device, in the order of their time."""

    def __init__(self, device: str, kinds: Collection[str], frame_s: float) -> None:
        self._device = device
        self._kinds = kinds
        self._frame_s = frame_s
        self.faults: tuple[Fault, ...] = ()

    def read(self, written: object, options: Options) -> None:
        """Take the faults of the configuration.

        Raises:
            ConfigError: not a list of tables as this module's head shows.
        """
        if written is None:
            return
        must = "a list of tables { at, kind } with seconds, frames, amount, jitter or track; kind one of " + ", ".join(
            sorted(self._kinds)
        )
        if not isinstance(written, list):
            raise options.wrong("script", must)
        for row in written:
            if not isinstance(row, dict) or not {"at", "kind"} <= set(row) <= _KEYS:
                raise options.wrong("script", must)
            try:
                self._add(str(row["kind"]), float(row["at"]), row)
            except (DeviceError, ValueError, TypeError) as error:
                raise options.wrong("script", must) from error

    def _add(self, kind: str, at_s: float, args: Mapping[str, object]) -> Fault:
        if kind not in self._kinds:
            raise DeviceError(
                f'{self._device} has no fault "{safe_text(kind)}" to rehearse; use one of '
                f"{', '.join(sorted(self._kinds))}."
            )
        frames = int(str(args.get("frames", 0)))
        seconds = _number(args, "seconds", 0.0) or (
            _SECONDS.get(kind, 3.0) if kind == "jump" or not frames else abs(frames) * self._frame_s
        )
        fault = Fault(
            kind,
            at_s,
            seconds,
            frames if kind == "jump" else 0,
            _number(args, "amount", _AMOUNTS.get(kind, 0.0)),
            _number(args, "jitter", 0.0),
            str(args.get("track", "")),
        )
        if seconds < 0 or not math.isfinite(at_s):
            raise ValueError(seconds)
        self.faults = tuple(sorted((*self.faults, fault), key=lambda f: f.at_s))
        return fault

    def add(self, kind: str, at_s: float, args: Mapping[str, str]) -> Fault:
        """Let `kind` begin at `at_s`; `args` may hold the other fields of a `Fault`.

        Raises:
            DeviceError: no such fault, or an argument that is no number.
        """
        wrong = set(args) - _KEYS
        if wrong:
            known = ", ".join(sorted(_KEYS - {"at", "kind"}))
            raise DeviceError(f'{self._device}: a fault has no "{safe_text(min(wrong))}"; it may have {known}.')
        try:
            return self._add(kind, at_s, args)
        except ValueError as error:
            raise DeviceError(
                f"{self._device}: seconds, frames, amount and jitter of a fault must be numbers, and not so big."
            ) from error

    def now(self, kind: str, at_s: float) -> Fault | None:
        """The fault of that kind that goes on at `at_s`."""
        return next((f for f in self.faults if f.kind == kind and f.covers(at_s)), None)

    def befalls(self, kind: str, track: str, at_s: float) -> bool:
        """Whether that kind goes on for a track, by its name or for all."""
        return any(f.kind == kind and f.covers(at_s) and f.track in ("", track) for f in self.faults)

    def jumped(self, at_s: float) -> int:
        """Frames that the timecode has jumped until `at_s`."""
        return sum(f.frames for f in self.faults if f.kind == "jump" and f.at_s <= at_s)

    def astray_s(self, at_s: float) -> float:
        """Seconds that the timecode is ahead of the set's (behind: below 0).

        It ran backwards for a while, stood, or runs by a clock of its own.
        """
        astray = 0.0
        for fault in self.faults:
            if fault.kind == "reverse":
                astray -= 2 * fault.lasted(at_s)
            elif fault.kind == "stand":
                astray -= fault.lasted(at_s)
            elif fault.kind == "free-run":
                astray += fault.lasted(at_s) * fault.amount / 1e6
        return astray

    def early_ns(self, at_s: float) -> int:
        """By how much the device's own clock has run ahead of ours at its second `at_s`."""
        return round(sum(f.lasted(at_s) * f.amount * 1000 for f in self.faults if f.kind == "ppm"))

    def late_ns(self, at_s: float, dice: str) -> int:
        """By how much what belongs to `at_s` arrives later; `dice` throws the jitter."""
        fault = self.now("latency", at_s)
        if fault is None:
            return 0
        return round((fault.amount + fault.jitter * random.Random(dice).random()) * 1e6)

    def held_until(self, at_s: float) -> float | None:
        """Until when everything is held up, to come all at once: the sender is too busy."""
        fault = self.now("overload", at_s)
        return None if fault is None else fault.at_s + fault.seconds


def _number(args: Mapping[str, object], key: str, default: float) -> float:
    """A number of a fault.

    Raises:
        ValueError: it is none, or beyond all reason.
    """
    value = float(str(args.get(key, default)))
    if not abs(value) <= _MOST[key]:
        raise ValueError(value)
    return value
