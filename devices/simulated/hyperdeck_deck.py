"""A deck that is not there: what it records, on which medium, under which name, and what it answers.

The machine behind `hyperdeck.py`'s server: commands in, messages out. No socket and no thread; the clock is asked and
never waited for.
"""

from __future__ import annotations

from dataclasses import dataclass

from devices.adapter import NS, Surroundings
from devices.hyperdeck_lines import Command, Message
from devices.simulated.script import Script, frame_grid
from onset.timecode import Timecode

MODEL = "Simulated HyperDeck"
PROTOCOL = "1.11"
NOTIFIES = ("transport", "slot", "remote", "configuration", "dropped frames", "display timecode")
_FORMATS = {"23.976": "23976", "29.97": "2997", "29.97df": "2997", "59.94": "5994", "59.94df": "5994"}
_OK = Message(200, "ok")


@dataclass(frozen=True, slots=True)
class Filed:
    """A clip on the medium."""

    name: str
    start: Timecode
    frames: int


class SimulatedDeck:
    """One slot, one clip at a time, timecode of the day.

    Attributes:
        clips: on the medium, oldest first.
        recording: the clip that it records, None while it does not.
        remote: takes orders.
    """

    def __init__(self, around: Surroundings, script: Script, *, prefix: str, minutes: float) -> None:
        """Put in a medium with room for `minutes`."""
        self._around = around
        self._script = script
        self._prefix = prefix
        self._seconds_left = minutes * 60
        self._started = frame_grid(around, around.clock.monotonic_ns())
        self._counter = 0
        self._recording: Filed | None = None
        self._since_ns = 0
        self._pressed = False
        self._dropped = 0
        self._slot_was = "ready"
        self.clips: list[Filed] = []
        self.remote = True

    # -- time ---------------------------------------------------------------------------------------------------------

    @property
    def seconds(self) -> float:
        """Since it was switched on."""
        return max(0.0, (self._around.clock.monotonic_ns() - self._started[0]) / NS)

    def label(self) -> Timecode:
        """What its display shows."""
        counted = self._around.rate
        passed = (self._around.clock.monotonic_ns() - self._started[0]) * counted.fps // NS
        frames = self._started[1] + int(passed) + self._script.jumped(self.seconds)
        return Timecode(frames % counted.frames_a_day, counted)

    @property
    def recording(self) -> str | None:
        """The name of the clip that it records."""
        return None if self._recording is None else self._recording.name

    def _is_empty(self) -> bool:
        return self._script.now("no-medium", self.seconds) is not None

    def _left_s(self) -> float:
        if self._script.now("full", self.seconds):
            return 0.0
        running_s = 0.0 if self._recording is None else (self._around.clock.monotonic_ns() - self._since_ns) / NS
        return max(0.0, self._seconds_left - running_s)

    # -- what happens by itself ---------------------------------------------------------------------------------------

    def tick(self) -> list[tuple[str, Message]]:
        """What it has to tell by itself since the last time, each with the notification that it belongs to."""
        told: list[tuple[str, Message]] = []
        pressed = self._script.now("button", self.seconds) is not None
        if pressed != self._pressed:
            self._pressed = pressed
            if pressed and self._recording is None:
                self._roll(f"{self._prefix}_{self._counter + 1:04d}")
                told.append(self._transported())
            elif not pressed and self._recording is not None:
                self._cut()
                told.append(self._transported())
        slot = "empty" if self._is_empty() else "full" if self._left_s() <= 0 else "ready"
        if slot != "ready" and self._recording is not None:
            self._cut()
            told.append(self._transported())
        if slot != self._slot_was:
            self._slot_was = slot
            told.append(("slot", Message(502, "slot info", self._slot())))
        lost = self._lost_frames()
        if lost > self._dropped:
            if self._recording is not None:
                told.append(("dropped frames", Message(512, "dropped frames", {"count": str(lost - self._dropped)})))
            self._dropped = lost
        return told

    def _lost_frames(self) -> int:
        begun = [fault for fault in self._script.faults if fault.kind == "drop" and fault.at_s <= self.seconds]
        return sum(max(1, round(fault.seconds * float(self._around.rate.fps))) for fault in begun)

    def display(self) -> Message:
        """Its display, which changes with every frame."""
        return Message(513, "display timecode", {"display timecode": self.label().label})

    # -- what it is told ----------------------------------------------------------------------------------------------

    def obey(self, command: Command) -> tuple[Message, list[tuple[str, Message]]]:
        """Do what a client says: the answer, and what everybody who wants to know is told of it."""
        match command.name:
            case "record":
                return self._record(command.values.get("name", ""))
            case "stop":
                if not self.remote:
                    return Message(111, "remote control disabled"), []
                self._cut()
                return _OK, [self._transported()]
            case "remote":
                return self._set_remote(command.values.get("enable"))
            case "transport info":
                return Message(208, "transport info", self._transport()), []
            case "slot info":
                if command.values.get("slot id", "1") != "1":
                    return Message(105, "no disk"), []
                return Message(202, "slot info", self._slot()), []
            case "device info":
                values = {"protocol version": PROTOCOL, "model": MODEL, "slot count": "1", "unique id": "0"}
                return Message(204, "device info", values), []
            case "clips get":
                return Message(205, "clips info", self._list()), []
            case "clips count":
                return Message(214, "clips count", {"clip count": str(len(self.clips))}), []
            case "ping" | "watchdog" | "quit":
                return _OK, []
            case _:
                return Message(103, "unsupported"), []

    def _record(self, name: str) -> tuple[Message, list[tuple[str, Message]]]:
        if not self.remote:
            return Message(111, "remote control disabled"), []
        if self._script.now("deny", self.seconds):
            return Message(150, "invalid state"), []
        if self._is_empty():
            return Message(105, "no disk"), []
        if self._left_s() <= 0:
            return Message(104, "disk full"), []
        if self._recording is not None or self._script.now("ignore", self.seconds):
            return _OK, []
        self._roll(name or f"{self._prefix}_{self._counter + 1:04d}")
        return _OK, [self._transported()]

    def _set_remote(self, enable: str | None) -> tuple[Message, list[tuple[str, Message]]]:
        if enable is None:
            return Message(210, "remote info", self._remote()), []
        self.remote = enable == "true"
        return _OK, [("remote", Message(510, "remote info", self._remote()))]

    def _roll(self, name: str) -> None:
        self._counter += 1
        self._since_ns = self._around.clock.monotonic_ns()
        self._recording = Filed(name, self.label(), 0)

    def _cut(self) -> None:
        if self._recording is None:
            return
        passed_ns = self._around.clock.monotonic_ns() - self._since_ns
        frames = int(passed_ns * self._around.rate.fps // NS)
        self._seconds_left = max(0.0, self._seconds_left - passed_ns / NS)
        self.clips.append(Filed(f"{self._recording.name}.mov", self._recording.start, frames))
        self._recording = None

    # -- what it shows ------------------------------------------------------------------------------------------------

    def _transported(self) -> tuple[str, Message]:
        return "transport", Message(508, "transport info", self._transport())

    def _transport(self) -> dict[str, str]:
        label = self.label().label
        return {
            "status": "preview" if self._recording is None else "record",
            "speed": "0" if self._recording is None else "100",
            "slot id": "1",
            "clip id": str(len(self.clips)) if self.clips else "none",
            "single clip": "false",
            "display timecode": label,
            "timecode": label,
            "video format": self._format(),
            "loop": "false",
            "input video format": self._format(),
        }

    def _format(self) -> str:
        name = self._around.rate.name
        return f"1080p{_FORMATS.get(name, name)}"

    def _slot(self) -> dict[str, str]:
        if self._is_empty():
            return {"slot id": "1", "status": "empty", "volume name": "", "recording time": "0"}
        return {
            "slot id": "1",
            "status": "mounted",
            "volume name": "REHEARSAL",
            "recording time": str(int(self._left_s())),
            "video format": self._format(),
        }

    def _remote(self) -> dict[str, str]:
        return {"enabled": "true" if self.remote else "false", "override": "false"}

    def _list(self) -> dict[str, str]:
        clips = {
            str(number): f"{clip.name} {clip.start.label} {Timecode(clip.frames, clip.start.rate).label}"
            for number, clip in enumerate(self.clips, 1)
        }
        return {"clip count": str(len(self.clips)), **clips}
