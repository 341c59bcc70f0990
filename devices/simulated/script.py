"""What goes wrong with a simulated device, and when: faults are data.

Read from the device's `script` option by both simulators; a rehearsing person adds one while it runs.

    script = [{ at = 12.0, kind = "drop", frames = 3 }, { at = 30.0, kind = "disconnect", seconds = 4.0 }]
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from fractions import Fraction

from devices.adapter import NS, Options, Surroundings
from onset.errors import DeviceError
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
    """

    kind: str
    at_s: float
    seconds: float = 0.0
    frames: int = 0

    def covers(self, at_s: float) -> bool:
        """Whether it goes on at `at_s`."""
        return self.at_s <= at_s < self.at_s + self.seconds


_SECONDS = {"drop": 0.2, "freeze": 2.0, "black": 2.0, "silence": 2.0, "stall": 1.0, "disconnect": 3.0, "jump": 0.0}


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
        must = f"a list of tables {{ at, kind, seconds or frames }}, kind one of {', '.join(sorted(self._kinds))}"
        if not isinstance(written, list):
            raise options.wrong("script", must)
        for row in written:
            if not isinstance(row, dict) or not {"at", "kind"} <= set(row) <= {"at", "kind", "seconds", "frames"}:
                raise options.wrong("script", must)
            try:
                self._add(str(row["kind"]), float(row["at"]), row)
            except (DeviceError, ValueError, TypeError) as error:
                raise options.wrong("script", must) from error

    def _add(self, kind: str, at_s: float, args: Mapping[str, object]) -> Fault:
        if kind not in self._kinds:
            raise DeviceError(
                f'{self._device} has no fault "{kind}" to rehearse; use one of {", ".join(sorted(self._kinds))}.'
            )
        frames = int(str(args.get("frames", 0)))
        seconds = float(str(args.get("seconds", 0))) or (
            _SECONDS.get(kind, 3.0) if kind == "jump" or not frames else frames * self._frame_s
        )
        fault = Fault(kind, at_s, seconds, frames if kind == "jump" else 0)
        self.faults = tuple(sorted((*self.faults, fault), key=lambda f: f.at_s))
        return fault

    def add(self, kind: str, at_s: float, args: Mapping[str, str]) -> Fault:
        """Let `kind` begin at `at_s`; `args` may hold `seconds` and `frames`.

        Raises:
            DeviceError: no such fault, or an argument that is no number.
        """
        try:
            return self._add(kind, at_s, args)
        except ValueError as error:
            raise DeviceError(f"{self._device}: seconds and frames of a fault must be numbers.") from error

    def now(self, kind: str, at_s: float) -> Fault | None:
        """The fault of that kind that goes on at `at_s`."""
        return next((f for f in self.faults if f.kind == kind and f.covers(at_s)), None)

    def jumped(self, at_s: float) -> int:
        """Frames that the timecode has jumped until `at_s`."""
        return sum(f.frames for f in self.faults if f.kind == "jump" and f.at_s <= at_s)
