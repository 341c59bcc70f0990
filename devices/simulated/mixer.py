"""A sound mixer that is not there: a boom, a lavalier, a clap at the slate, and timecode on a track of its own.

An ordinary adapter of kind `sim-mixer`, for rehearsals and tests. Its timecode is the time of day, in step with every
simulated camera. The same seed, script and clock give the same bytes.
"""

from __future__ import annotations

import threading
import zlib
from collections.abc import Mapping
from fractions import Fraction
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from devices.adapter import NS, Block, Options, SoundFormat, Surroundings
from devices.ltc import carried_by, write_ltc
from devices.simulated.script import CLAP_AFTER_NS, Script, frame_grid
from onset.capture.signals import Slated
from onset.errors import DeviceError
from onset.timecode import Timecode

KINDS = (
    "drop", "silence", "missing", "clip", "stall", "disconnect", "refuse", "jump", "reverse", "stand", "free-run",
    "ppm", "latency", "overload",
)  # fmt: skip
LTC_TRACK = "ltc"
_BLOCKS_A_SECOND = 50
_NAP_S = 0.02
_BACKLOG_S = 1.0
_FULL = 2**31 - 256  # full scale of 24 bits in 32
_CLAP_S = 0.06
_TOO_LOUD = 40.0  # a gain that drives every voice into the stops


class SimulatedMixer:
    """A mixer before an invented set.

    Options: `tracks` (["boom", "lav", "ltc"]), `sample_rate` (48000), `seed` (its name), `script` (see `script.py`).
    """

    medium: Literal["sound"] = "sound"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._name = name
        self._around = around
        self._rate = options.whole("sample_rate", 48_000, least=8_000, most=192_000)
        self._tracks = _track_names(options)
        self._seed = zlib.crc32(options.seed("seed", name).encode())
        self._script = Script(name, KINDS, float(1 / around.rate.fps))
        self._script.read(options.raw("script"), options)
        options.done()
        self._ltc_rate = carried_by(around.rate)
        self._closed = threading.Event()
        self._closed.set()
        self._started: tuple[int, int] | None = None  # monotonic ns and frame of the day at sample 0
        self._next = 0
        self._lost = 0
        self._clap_ns: int | None = None

    def open(self) -> SoundFormat:
        """Jam the timecode at the first time; refuse while the script says that the cable is out."""
        now_ns = self._around.clock.monotonic_ns()
        if self._started is None:
            self._started = frame_grid(self._around, now_ns)
        if self._script.now("disconnect", self._seconds(now_ns)):
            raise DeviceError(f"Mixer {self._name} does not answer: its cable is out.")
        if self._script.now("refuse", self._seconds(now_ns)):
            raise DeviceError(f"Mixer {self._name} refuses: another program has it.")
        self._next = max(self._next, (now_ns - self._started[0]) * self._rate // NS)
        self._lost = 0
        self._closed.clear()
        return SoundFormat(self._rate, self._tracks)

    def _seconds(self, mono_ns: int) -> float:
        return max(0.0, (mono_ns - (self._started[0] if self._started else mono_ns)) / NS)

    def _mono_ns(self, sample: int) -> int:
        """When a sample is taken; its own clock may be no better than ours."""
        start_ns = self._started[0] if self._started else 0
        return start_ns + sample * NS // self._rate - self._script.early_ns(sample / self._rate)

    def _comes_ns(self, sample: int) -> int:
        """When a block that ends before this sample arrives: later, with a long way or a busy sender."""
        at_s = sample / self._rate
        held_s = self._script.held_until(at_s)
        held_ns = 0 if held_s is None else round((held_s - at_s) * NS)
        return self._mono_ns(sample) + max(held_ns, self._script.late_ns(at_s, f"{self._seed} {sample}"))

    def read(self) -> Block:
        """Wait until the next block is over and play it."""
        length = self._rate // _BLOCKS_A_SECOND
        while True:
            first = self._next
            self._wait_until(self._comes_ns(first + length))
            first = self._next  # a slow reader may have lost some
            self._next = first + length
            at_s = first / self._rate
            if self._script.now("disconnect", at_s):
                self._closed.set()
                raise DeviceError(f"Mixer {self._name} went away: its cable was pulled.")
            if self._script.now("drop", at_s) or self._script.now("stall", at_s):
                self._lost += length
                continue
            lost, self._lost = self._lost, 0
            samples = self._play(first, length, at_s)
            late = self._script.now("latency", at_s)
            late_ns = 0 if late is None else round(late.amount * 1e6)
            return Block(samples, first, self._mono_ns(first), self._rate, lost, late_ns)

    def _wait_until(self, due_ns: int) -> None:
        clock = self._around.clock
        while not self._closed.is_set():
            left_s = (due_ns - clock.monotonic_ns()) / NS
            if left_s <= 0:
                if -left_s > _BACKLOG_S:
                    skipped = int(-left_s * self._rate)
                    self._next += skipped
                    self._lost += skipped
                return
            clock.sleep(min(left_s, _NAP_S))
        raise DeviceError(f"Mixer {self._name} was closed.")

    def _play(self, first: int, length: int, at_s: float) -> NDArray[np.int32]:
        out = np.empty((length, len(self._tracks)), np.float64)
        for column, track in enumerate(self._tracks):
            if self._script.befalls("silence", track, at_s) or self._is_missing(track, at_s):
                out[:, column] = 0.0
            elif track == LTC_TRACK:
                out[:, column] = self._timecode(first, length, at_s)
            else:
                out[:, column] = self._voice(column, first, length)
                if self._script.befalls("clip", track, at_s):
                    out[:, column] *= _TOO_LOUD
        return (np.clip(out, -1.0, 1.0) * _FULL).astype(np.int32)

    def _is_missing(self, track: str, at_s: float) -> bool:
        """A plug that is out: one track is nothing at all while the others have sound; the first unless it is named."""
        fault = self._script.now("missing", at_s)
        return fault is not None and track == (fault.track or self._tracks[0])

    def _timecode(self, first: int, length: int, at_s: float) -> NDArray[np.float32]:
        if self._script.now("stand", at_s):
            return np.zeros(length, np.float32)  # a generator that stands sends nothing
        day_frame = (self._started[1] if self._started else 0) + self._script.jumped(at_s)
        step = self._around.rate.nominal // self._ltc_rate.nominal
        label = Timecode(day_frame // step % self._ltc_rate.frames_a_day, self._ltc_rate)
        late = Fraction(day_frame % step) / self._around.rate.fps  # the project's second half of a timecode frame
        begin = Fraction(first, self._rate) + late
        backwards = self._script.now("reverse", at_s) is not None
        astray_s = self._script.astray_s(at_s)
        if astray_s or backwards:
            begin += Fraction(round(astray_s * self._rate), self._rate)
            begin -= Fraction(length, self._rate) if backwards else 0
            frames = begin * self._ltc_rate.fps // 1
            label, begin = label.later(frames), begin - frames / self._ltc_rate.fps  # it may lie before the first label
        wave = write_ltc(label, begin, length, self._rate)
        return wave[::-1] if backwards else wave

    def _voice(self, column: int, first: int, length: int) -> NDArray[np.float64]:
        """Somebody who hums and pauses, room noise, and the clap."""
        seconds = (first + np.arange(length)) / self._rate
        pitch = 140.0 + 55.0 * column + self._seed % 40
        phrase = np.clip(np.sin(seconds * (0.9 + 0.2 * column)) + 0.35, 0, 1)
        wave = 0.16 * phrase * (np.sin(2 * np.pi * pitch * seconds) + 0.4 * np.sin(4 * np.pi * pitch * seconds))
        dice = np.random.default_rng([self._seed, column, first])
        wave += dice.normal(0.0, 0.0015, length)
        if self._clap_ns is not None:
            since = seconds - (self._clap_ns - self._mono_ns(0)) / NS
            hit = (since >= 0) & (since < _CLAP_S)
            wave[hit] += (
                (0.75 - 0.2 * column) * np.exp(-since[hit] * 70) * np.sign(np.sin(2 * np.pi * 900 * since[hit]))
            )
        return wave

    def close(self) -> None:
        """Stop; a waiting read ends."""
        self._closed.set()

    def identify(self) -> str:
        """What it is."""
        return f"Simulated mixer {self._name}, tracks {', '.join(self._tracks)}, {self._rate} Hz."

    def fault(self, kind: str, args: Mapping[str, str]) -> str:
        """Let `kind` begin now."""
        fault = self._script.add(kind, self._seconds(self._around.clock.monotonic_ns()), args)
        return f"{self._name}: {fault.said()}."

    def clap(self, slated: Slated, mono_ns: int) -> None:
        """Sound the slate when its sticks close in the picture."""
        if not slated.mos:
            self._clap_ns = mono_ns + CLAP_AFTER_NS


def _track_names(options: Options) -> tuple[str, ...]:
    given = options.raw("tracks")
    if given is None:
        return ("boom", "lav", LTC_TRACK)
    if not isinstance(given, list) or not given or not all(isinstance(name, str) and name for name in given):
        raise options.wrong("tracks", 'a list of names, e.g. ["boom", "lav", "ltc"]')
    if len(set(given)) != len(given) or len(given) > 32:
        raise options.wrong("tracks", "a list of at most 32 different names")
    return tuple(given)
