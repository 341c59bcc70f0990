"""What the worker does with one device: record, show, measure, answer. One desk for each medium.

Used by `worker.py`; all methods belong to its thread.
"""

from __future__ import annotations

import shutil
from abc import ABC, abstractmethod
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from devices.adapter import NS, Block, Form, Rehearsing, Shot, Surroundings, Told
from devices.disk import DiskLane
from devices.life import DeviceLife, failure_of
from devices.watch import Trouble
from onset.capture.signals import (
    Answer,
    Ask,
    Cut,
    Fault,
    Health,
    Mark,
    Remark,
    Report,
    Roll,
    Setup,
    Slot,
    Uncut,
    Unmark,
)
from onset.errors import DeviceError
from onset.text import safe_text
from onset.timecode import Timecode

_HEALTH_NS = NS // 2
_CHECK_NS = 8 * NS  # an open may take that long (docs/adapters.md)
_BUSY, _RELIEVED = 0.5, 0.25  # shares of what may wait for the disk: it is slow from, and until
_LATE_NS = NS  # how long a piece may be on its way; then post-rolls end by the clock


class Bus(Protocol):
    """Where slots go (`onset.capture.bus.Publisher`)."""

    def publish(self, slot: Slot) -> None:
        """Put `slot` in its place."""
        ...


class Labels(Protocol):
    """Whoever knows the production's timecode (`onset.capture.master.MasterClock`)."""

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        """The label at a moment, and where it comes from."""
        ...

    def user_bits(self, source: str) -> str:
        """What a source carries beside its labels, eight hex digits; empty when nothing."""
        ...


class Tapes(Protocol):
    """The part of a recorder that does not care what it records."""

    dropped: int

    @property
    def recording(self) -> str | None:
        """Path of the newest open clip."""
        ...

    @property
    def bytes_a_second(self) -> float:
        """What the device delivers."""
        ...

    def roll(self, order: Roll) -> None:
        """Record this take."""
        ...

    def cut(self, order: Cut) -> None:
        """It was cut."""
        ...

    def uncut(self, order: Uncut) -> None:
        """It was not cut after all."""
        ...

    def mark(self, order: Mark) -> None:
        """A moment was marked."""
        ...

    def unmark(self, order: Unmark) -> None:
        """It was not marked after all, or is again."""
        ...

    def remark(self, order: Remark) -> None:
        """Something else is said of a take."""
        ...

    def tick(self, now_ns: int) -> None:
        """End what is over."""
        ...

    def lost(self) -> None:
        """The device went away."""
        ...

    def finish(self) -> None:
        """End everything."""
        ...


class Identified(Protocol):
    """Any device."""

    def identify(self) -> str:
        """What it is."""
        ...


class Desk(ABC):
    """What picture and sound have in common."""

    def __init__(
        self,
        setup: Setup,
        device: Identified,
        around: Surroundings,
        bus: Bus,
        report: Callable[[Report], None],
        tapes: Tapes,
        lane: DiskLane,
    ) -> None:
        """Take the parts; the life is told by `watch_over`."""
        self._setup = setup
        self._device = device
        self._around = around
        self._bus = bus
        self._report = report
        self._tapes = tapes
        self._lane = lane
        self._free: int | None = None  # bytes
        self._looking = False
        self._life: DeviceLife | None = None
        self._checks: list[tuple[Ask, int]] = []
        self._health_ns = 0
        self._lost = 0  # frames or samples that never came
        self._told = 0
        self._rolling: set[str] = set()
        name = safe_text(setup.device)
        detail = (
            f"{name}: the disk is slow; what is recorded waits in memory, and frames will be lost when that is full."
        )
        self._slow_disk = Trouble(setup.device, "disk slow", detail, setup.watch.disk_slow_s, report, over_s=1.0)

    def watch_over(self, life: DeviceLife) -> None:
        """The life whose state health tells."""
        self._life = life

    @abstractmethod
    def opened(self, form: Form) -> None:
        """The device is there."""

    @abstractmethod
    def gone(self) -> None:
        """The device is not there any more."""

    @abstractmethod
    def take_in(self, piece: Shot | Block | Told) -> None:
        """Something came."""

    @abstractmethod
    def show(self, now_ns: int) -> None:
        """Publish what there is to see or to hear, ten times a second."""

    def still(self, ask: Ask) -> None:
        """Take a still; a sound device cannot."""
        self._reply(ask, False, f"{self._setup.device} is no camera.")

    def roll(self, order: Roll) -> None:
        """A take rolls."""
        self._rolling.add(order.slated.take_id)
        self._tapes.roll(order)
        if isinstance(self._device, Rehearsing):
            self._device.clap(order.slated, order.mono_ns)

    def cut(self, order: Cut) -> None:
        """A take was cut."""
        self._rolling.discard(order.take_id)
        self._tapes.cut(order)

    def uncut(self, order: Uncut) -> None:
        """A cut was undone."""
        self._rolling.add(order.take_id)
        self._tapes.uncut(order)

    def mark(self, order: Mark) -> None:
        """A moment of a take was marked."""
        self._tapes.mark(order)

    def unmark(self, order: Unmark) -> None:
        """A mark was taken back, or is there again."""
        self._tapes.unmark(order)

    def remark(self, order: Remark) -> None:
        """Something else is said of a take."""
        self._tapes.remark(order)

    def beat(self, now_ns: int) -> None:
        """Ten times a second: slots, overdue ends, checks, losses."""
        self._tapes.tick(now_ns - _LATE_NS)
        self._slow_disk.judge(self._lane.fullness > (_RELIEVED if self._slow_disk.told else _BUSY), now_ns)
        self.show(now_ns)
        if now_ns - self._health_ns >= _HEALTH_NS:
            self._health_ns = now_ns
            self._tell_losses(now_ns)
            self._bus.publish(self._health(now_ns))
        for ask, until_ns in list(self._checks):
            if self._state() not in ("connecting", "stalled") or now_ns > until_ns:
                self._checks.remove((ask, until_ns))
                self._reply(ask, self._state() == "live", self._life.detail if self._life else "")

    def finish(self) -> None:
        """End all clips; the disk may still be busy with them."""
        self._tapes.finish()

    def answer(self, ask: Ask) -> None:
        """Do what is asked; the answer is a report."""
        match ask.what:
            case "identify":
                self._identify(ask)
            case "check":
                self._checks.append((ask, self._around.clock.monotonic_ns() + _CHECK_NS))
            case "reconnect" if self._life is not None:
                self._life.reconnect()
                self._reply(ask, True, f"{self._setup.device}: connecting anew.")
            case "still":
                self.still(ask)
            case "fault":
                self._rehearse(ask)
            case _:
                self._reply(ask, False, f'{self._setup.device} cannot be asked to "{safe_text(ask.what)}".')

    def _identify(self, ask: Ask) -> None:
        try:
            self._reply(ask, True, self._device.identify())
        except Exception as error:  # a foreign adapter may raise anything, and a take may be rolling
            self._reply(ask, False, failure_of(self._setup.device, error))

    def _rehearse(self, ask: Ask) -> None:
        if not isinstance(self._device, Rehearsing):
            self._reply(ask, False, f"{self._setup.device} is a real device; faults are rehearsed on simulated ones.")
            return
        try:
            self._reply(ask, True, self._device.fault(ask.args.get("kind", ""), ask.args))
        except DeviceError as error:
            self._reply(ask, False, str(error))

    def _reply(self, ask: Ask, ok: bool, value: str) -> None:
        self._report(Answer(id=ask.id, ok=ok, value=value))

    def _state(self) -> str:
        return self._life.state if self._life else "connecting"

    def _tell_losses(self, now_ns: int) -> None:
        dropped = self._dropped()
        if dropped > self._told:
            what = f"{self._setup.device}: {dropped - self._told} {self._unit} were lost."
            self._report(Fault(device=self._setup.device, what="dropped", detail=what, mono_ns=now_ns))
        self._told = dropped

    _unit = "frames"

    def _dropped(self) -> int:
        return self._lost + self._tapes.dropped

    def _health(self, now_ns: int) -> Health:
        setup, life = self._setup, self._life
        return Health(
            device=setup.device,
            kind=setup.kind,
            state=life.state if life else "connecting",
            detail=life.detail if life else "",
            recording=self._tapes.recording,
            dropped=self._dropped(),
            free_minutes=self._free_minutes(),
            mono_ns=now_ns,
        )

    def _free_minutes(self) -> float | None:
        """From the newest look at the disk; a disk that stands still is looked at by its own thread alone."""
        if not self._looking:
            self._looking = True
            self._lane.put(0, self._look_at_disk)
        speed = self._tapes.bytes_a_second
        return self._free / speed / 60 if speed and self._free is not None else None

    def _look_at_disk(self) -> None:
        folder = Path(self._setup.media)
        try:
            while not folder.exists() and folder != folder.parent:
                folder = folder.parent
            self._free = shutil.disk_usage(folder).free
        except OSError:
            self._free = None
        self._looking = False
