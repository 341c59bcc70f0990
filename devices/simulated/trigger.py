"""A trigger box that is not there: its lines on a pseudo terminal, behind the real adapter.

An adapter of kind `sim-trigger`, for rehearsals and tests. What a hand does on set, its script does.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping

from devices.adapter import NS, Options, Surroundings
from devices.simulated.plugged import Plugged
from devices.simulated.script import Fault, Script
from devices.trigger_serial import TriggerBox
from devices.trigger_words import HELLO, VERSION, checked

KINDS = (
    "tally",  # a camera's lamp is on
    "roll",  # the button is pressed
    "cut",
    "mark",
    "bounce",  # its tally flutters at every change
    "garbage",  # noise between its lines
    "stall",  # it says nothing
    "disconnect",  # its plug is pulled
)
_BUTTONS = ("roll", "cut", "mark")
_TICK_S = 0.02
_HEARTBEAT_NS = NS // 2


class SimulatedBox:
    """The box itself. `hear` answers to bytes and to the passing of time; one thread alone calls it.

    Options: `seed` (its name), `script` (kinds as in `KINDS`), `checksums` (each line has one).
    """

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        """Take what concerns the box from `options`; the rest is the adapter's."""
        self._name = name
        self._clock = around.clock
        self._dice = random.Random(zlib.crc32(options.seed("seed", name).encode()))
        self.script = Script(name, KINDS, float(1 / around.rate.fps))
        self.script.read(options.raw("script"), options)
        self._sums = options.flag("checksums", False)
        self._origin_ns: int | None = None
        self._alive_ns = 0
        self._held = b""
        self._tally = False
        self._has_tally = any(fault.kind == "tally" for fault in self.script.faults)
        self._pressed: set[tuple[str, float]] = set()
        self.lamp = False

    def seconds(self) -> float:
        """Since the box was first heard of; what the script's times count from."""
        now_ns = self._clock.monotonic_ns()
        if self._origin_ns is None:
            self._origin_ns = now_ns
        return (now_ns - self._origin_ns) / NS

    def plugged_in(self) -> None:
        """It has power again, and starts anew."""
        self._alive_ns, self._held, self.lamp = 0, b"", False

    def hear(self, data: bytes) -> bytes:
        """What the box says to that and to the time that has passed."""
        at_s = self.seconds()
        *orders, self._held = (self._held + data).split(b"\n")
        lines = [line for order in orders for line in self._obey(order.strip())]
        lines += self._hands(at_s)
        now_ns = self._clock.monotonic_ns()
        if now_ns - self._alive_ns >= _HEARTBEAT_NS:
            self._alive_ns = now_ns
            lines.append(f"alive {int(self._tally)}" if self._has_tally else "alive")
        if self.script.now("stall", at_s):
            return b""
        said = [(checked(line) if self._sums else line).encode() + b"\r\n" for line in lines]
        if self.script.now("garbage", at_s):
            said.insert(0, self._dice.randbytes(1 + self._dice.randrange(20)) + b"\n")
        return b"".join(said)

    def _obey(self, order: bytes) -> list[str]:
        if order == b"hello":
            return [f"{HELLO} {VERSION} Simulated box {self._name}"]
        if order in (b"lamp on", b"lamp off"):
            self.lamp = order == b"lamp on"
            return [order.decode()]
        return []

    def _hands(self, at_s: float) -> list[str]:
        """What was pressed and lit since the last time."""
        lines = []
        for fault in self.script.faults:
            if fault.kind in _BUTTONS and fault.at_s <= at_s and (fault.kind, fault.at_s) not in self._pressed:
                self._pressed.add((fault.kind, fault.at_s))
                lines.append(fault.kind)
        tally = self.script.now("tally", at_s) is not None
        self._has_tally = self._has_tally or tally
        if tally != self._tally:
            self._tally = tally
            flutter = 3 if self.script.now("bounce", at_s) else 0
            lines += [f"tally {int(tally ^ bool(number % 2))}" for number in range(flutter)]
            lines.append(f"tally {int(tally)}")
        return lines


class SimulatedTrigger(Plugged):
    """The box and the real adapter, with a cable between them.

    Options: those of `SimulatedBox`, and `debounce_ms` of `TriggerBox`.
    """

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self.box = SimulatedBox(name, options, around)
        debounce_ms = options.raw("debounce_ms")
        own = {} if debounce_ms is None else {"debounce_ms": debounce_ms}
        options.done()
        super().__init__(
            name,
            "trigger box",
            self.box,
            lambda port: TriggerBox(name, {**own, "port": port}, around),
            pause_s=_TICK_S,
        )

    def _how_long(self, fault: Fault) -> str:
        return "" if fault.kind in _BUTTONS else super()._how_long(fault)
