"""A camera that is not there: moving pictures with burnt-in timecode, a block strip, and faults on demand.

An ordinary adapter of kind `sim-camera`, for rehearsals and tests. Its timecode is jammed to the time of day when it
is first opened. The same seed, script and clock give the same bytes.
"""

from __future__ import annotations

import random
import threading
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import numpy as np

from devices.adapter import NS, Image, Options, PictureFormat, Shot, Surroundings
from devices.opencv import cv2
from devices.simulated.script import CLAP_AFTER_NS, Script, frame_grid
from devices.simulated.strip import Strip, draw_strip
from onset.capture.signals import Slated
from onset.errors import DeviceError
from onset.timecode import Timecode

KINDS = (
    "drop", "freeze", "black", "stall", "disconnect", "refuse", "jump", "reverse", "stand", "free-run", "ppm",
    "latency", "overload",
)  # fmt: skip
_FONT = cv2.FONT_HERSHEY_DUPLEX
_NAP_S = 0.02  # how soon a waiting read sees that it was closed
_BACKLOG_S = 1.0  # frames a slow reader may be behind before they are lost, as in a capture card's memory


class SimulatedCamera:
    """A camera before an invented set.

    Options: `width`, `height` (1280 x 720), `seed` (its name), `script` (faults, see `script.py`).
    """

    medium: Literal["picture"] = "picture"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._name = name
        self._around = around
        self._fps = around.rate.fps
        self._width = options.whole("width", 1280, least=160, most=4096) // 2 * 2
        self._height = options.whole("height", 720, least=96, most=2304) // 2 * 2
        self._seed = options.seed("seed", name)
        self._scene = Scenery(self._seed, self._width, self._height)
        self._script = Script(name, KINDS, float(1 / self._fps))
        self._script.read(options.raw("script"), options)
        options.done()
        self._closed = threading.Event()
        self._closed.set()
        self._started: tuple[int, int] | None = None  # monotonic ns and frame of the day of frame 0
        self._next = 0
        self._newest_ns = 0
        self._slate: tuple[Slated, int] | None = None
        self._frozen: Image | None = None

    def open(self) -> PictureFormat:
        """Jam the timecode at the first time; refuse while the script says that the cable is out."""
        now_ns = self._around.clock.monotonic_ns()
        if self._started is None:
            self._started = frame_grid(self._around, now_ns)
        at_s = self._seconds(now_ns)
        if self._script.now("disconnect", at_s):
            raise DeviceError(f"Camera {self._name} does not answer: its cable is out.")
        if self._script.now("refuse", at_s):
            raise DeviceError(f"Camera {self._name} refuses: another program has it.")
        self._next = max(self._next, int(Fraction(now_ns - self._started[0], NS) * self._fps))
        self._closed.clear()
        return PictureFormat(self._width, self._height, self._fps)

    def _seconds(self, mono_ns: int) -> float:
        return max(0.0, (mono_ns - (self._started[0] if self._started else mono_ns)) / NS)

    def read(self) -> Shot:
        """Wait until the next frame is due and draw it."""
        while True:
            number = self._next
            came_ns = self._comes_ns(number)
            self._wait_until(came_ns)
            number = max(number, self._next)  # a slow reader may have lost some
            self._next = number + 1
            at_s = float(number / self._fps)
            if self._script.now("disconnect", at_s):
                self._closed.set()
                raise DeviceError(f"Camera {self._name} went away: its cable was pulled.")
            if not self._script.now("drop", at_s) and not self._script.now("stall", at_s):
                self._newest_ns = max(came_ns, self._newest_ns)
                return self._shoot(number, at_s)

    def _due_ns(self, number: int) -> int:
        """When a frame is taken; its own clock may be no better than ours."""
        start_ns = self._started[0] if self._started else 0
        return start_ns + int(number * NS / self._fps) - self._script.early_ns(float(number / self._fps))

    def _comes_ns(self, number: int) -> int:
        """When it arrives: later, with a long way or a busy sender."""
        at_s = float(number / self._fps)
        late_ns = self._script.late_ns(at_s, f"{self._seed} {number}")
        held_s = self._script.held_until(at_s)
        held_ns = 0 if held_s is None else round((held_s - at_s) * NS)
        return max(self._due_ns(number) + max(late_ns, held_ns), self._newest_ns)

    def _wait_until(self, due_ns: int) -> None:
        clock = self._around.clock
        while not self._closed.is_set():
            left_s = (due_ns - clock.monotonic_ns()) / NS
            if left_s <= 0:
                if -left_s > _BACKLOG_S:
                    self._next += int(-left_s * self._fps)
                return
            clock.sleep(min(left_s, _NAP_S))
        raise DeviceError(f"Camera {self._name} was closed.")

    def _shoot(self, number: int, at_s: float) -> Shot:
        mono_ns = self._due_ns(number)
        first = self._started[1] if self._started else 0
        rate = self._around.rate
        astray = self._script.jumped(at_s) + round(self._script.astray_s(at_s) * float(self._fps))
        label = Timecode((first + number + astray) % rate.frames_a_day, rate)
        if self._script.now("black", at_s):
            image = np.zeros((self._height, self._width, 3), np.uint8)
        elif self._script.now("freeze", at_s) and self._frozen is not None:
            image = self._frozen
        else:
            image = self._scene.draw(number, label, self._name, self._around.production, self._shown_slate(mono_ns))
            draw_strip(image, Strip(number, label.frames))
            self._frozen = image
        return Shot(number, mono_ns, image, label=label)

    def _shown_slate(self, mono_ns: int) -> tuple[Slated, int] | None:
        """The slate in the picture and the ns until its sticks close: from the roll until half a second after."""
        if self._slate is None:
            return None
        slated, rolled_ns = self._slate
        to_clap_ns = rolled_ns + CLAP_AFTER_NS - mono_ns
        return (slated, to_clap_ns) if -NS // 2 < to_clap_ns <= CLAP_AFTER_NS else None

    def close(self) -> None:
        """Stop; a waiting read ends."""
        self._closed.set()

    def identify(self) -> str:
        """What it is."""
        return f"Simulated camera {self._name}, {self._width} x {self._height} at {self._around.rate.name}."

    def fault(self, kind: str, args: Mapping[str, str]) -> str:
        """Let `kind` begin now."""
        fault = self._script.add(kind, self._seconds(self._around.clock.monotonic_ns()), args)
        return f"{self._name}: {fault.said()}."

    def clap(self, slated: Slated, mono_ns: int) -> None:
        """Hold the slate into the picture."""
        self._slate = (slated, mono_ns)


class Scenery:
    """The invented set: a horizon, a few moving shapes, chosen by the seed."""

    def __init__(self, seed: str, width: int, height: int) -> None:
        dice = random.Random(seed)
        self._unit = height / 720
        self._width, self._height = width, height
        top = np.array([dice.randrange(20, 70), dice.randrange(60, 110), dice.randrange(110, 180)], np.float32)
        low = np.array([dice.randrange(150, 220), dice.randrange(110, 160), dice.randrange(60, 110)], np.float32)
        down = np.linspace(0, 1, height, dtype=np.float32)[:, None, None]
        sky = np.broadcast_to(top * (1 - down) + low * down, (height, width, 3))
        self._backdrop: Image = np.ascontiguousarray(sky.astype(np.uint8))
        cv2.rectangle(self._backdrop, (0, height * 2 // 3), (width, height), (38, 44, 36), -1)
        self._lights = [
            (dice.randrange(width), dice.randrange(height // 2), dice.randrange(2, 7), dice.uniform(0.4, 2.0))
            for _ in range(14)
        ]
        self._walker = dice.uniform(40, 120)

    def draw(self, number: int, label: Timecode, name: str, title: str, slate: tuple[Slated, int] | None) -> Image:
        """The picture of frame `number`."""
        image = self._backdrop.copy()
        seconds = number / float(label.rate.fps)
        width, height, unit = self._width, self._height, self._unit
        for x, y, size, speed in self._lights:
            glow = round(180 + 60 * np.sin(seconds * speed * 2 + x))
            cv2.circle(image, (x, y), max(1, round(size * unit * 2)), (glow, glow, glow // 2), -1)
        stride = round(seconds * self._walker * unit) % (width + 200)
        bob = round(8 * unit * np.sin(seconds * 7))
        head = (stride - 100, round(height * 0.47) + bob)
        cv2.circle(image, head, round(34 * unit), (205, 160, 125), -1)
        cv2.ellipse(image, (head[0], round(height * 0.66) + bob), (round(60 * unit), round(105 * unit)), 0, 0, 360,
                    (120, 40, 50), -1)  # fmt: skip
        if slate is not None:
            self._draw_slate(image, *slate)
        self._write(image, label.label, (0.5, 0.11), 1.9, (245, 245, 245), centred=True)
        self._write(image, f"{name}   frame {number:07d}", (0.02, 0.87), 0.9, (250, 210, 90))
        self._write(image, _plain(title), (0.62, 0.87), 0.9, (215, 215, 215))
        return image

    def _draw_slate(self, image: Image, slated: Slated, to_clap_ns: int) -> None:
        width, height = self._width, self._height
        left, top, right, low = round(width * 0.3), round(height * 0.3), round(width * 0.7), round(height * 0.68)
        cv2.rectangle(image, (left, top), (right, low), (24, 24, 28), -1)
        open_by = max(0, min(1, to_clap_ns / (NS // 3)))
        hinge, tip = (left, top), (right, top - round(height * 0.12 * open_by))
        cv2.line(image, hinge, tip, (240, 240, 240), max(2, round(18 * self._unit)))
        self._write(image, f"{_plain(slated.slate)}   take {_plain(slated.take)}", (0.33, 0.45), 1.5, (255, 255, 255))
        roll = f"roll {_plain(slated.roll)}" if slated.roll else f"scene {_plain(slated.scene)}"
        self._write(image, roll, (0.33, 0.55), 1.1, (225, 225, 225))
        self._write(image, f"{_plain(slated.production)}  day {slated.day}", (0.33, 0.63), 0.8, (190, 190, 190))
        if -NS // 12 < to_clap_ns <= 0:
            image[: round(height * 0.8)] |= 0x80  # the flash that the eye finds: sticks are closed

    def _write(
        self, image: Image, text: str, at: tuple[float, float], size: float, ink: tuple[int, int, int], *,
        centred: bool = False,
    ) -> None:  # fmt: skip
        scale = size * self._unit
        thick = max(1, round(2 * scale))
        x, y = round(self._width * at[0]), round(self._height * at[1])
        if centred:
            (wide, _), _ = cv2.getTextSize(text, _FONT, scale, thick)
            x -= wide // 2
        cv2.putText(image, text, (x, y), _FONT, scale, (10, 10, 10), thick * 3, cv2.LINE_AA)
        cv2.putText(image, text, (x, y), _FONT, scale, ink, thick, cv2.LINE_AA)


def _plain(text: str) -> str:
    """OpenCV's letters are ASCII; the rest becomes `?`."""
    return text.encode("ascii", "replace").decode()[:40]
