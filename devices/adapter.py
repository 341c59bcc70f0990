"""What a device adapter is: how pictures and sound come out of it, and what it may raise.

Written by everybody who adds a device (docs/adapters.md), used by `worker.py`. An adapter only reads: keeping a ring,
writing files, judging health and coming back after a loss are the worker's part, the same for all.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from av import VideoFrame
from av.video.stream import VideoStream
from numpy.typing import NDArray

from onset.capture.signals import Slated, SlotNow
from onset.clock import Clock
from onset.errors import ConfigError
from onset.text import safe_text
from onset.timecode import Rate, Timecode

Image = NDArray[np.uint8]  # height x width x 3, red first
Samples = NDArray[np.int32]  # samples x tracks, full scale is 2**31

NS = 1_000_000_000
LATE_NS = NS // 10  # sound that stays later than this is told of


@dataclass(frozen=True, slots=True)
class PictureFormat:
    """What an open picture device delivers.

    Attributes:
        fps: exact frames a second.
        template: the stream whose packets are copied into the file as they come; None where frames are encoded here.
    """

    width: int
    height: int
    fps: Fraction
    template: VideoStream | None = None


@dataclass(frozen=True, slots=True)
class SoundFormat:
    """What an open sound device delivers: `tracks` in the order of the samples' columns."""

    sample_rate: int
    tracks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Coded:
    """One encoded frame, as a file stores it.

    Attributes:
        pts: when it is shown, in `time_base` since the device was opened; `dts` when it is decoded.
        key: a file may begin here.
        number: frames since the device was opened, known losses counted.
        mono_ns: when the frame was taken, as well as it is known.
        label: the device's own timecode, None where it has none.
        leads: it is shown after all that came before it; a file may end before it without a hole.
    """

    data: bytes
    pts: int
    dts: int
    duration: int
    time_base: Fraction
    key: bool
    number: int
    mono_ns: int
    label: Timecode | None = None
    leads: bool = True

    @property
    def size(self) -> int:
        """Bytes it takes in memory and, nearly, on disk."""
        return len(self.data)

    @property
    def lasts_ns(self) -> int:
        """How long it is shown."""
        return round(self.duration * self.time_base * NS)


@dataclass(frozen=True, slots=True)
class Shot:
    """One frame as it came from a picture device.

    Attributes:
        number: frames since the device was opened; a step of more than one means that frames are known to be lost.
        mono_ns: when the frame was taken or, where nobody knows, when it arrived.
        image: the picture; None where it could not be decoded (it is recorded all the same).
        coded: the encoded frame, where the device delivers such; then it is recorded as it is.
        label: the device's own timecode, None where it has none.
        faults: packets that arrived broken since the last shot.
    """

    number: int
    mono_ns: int
    image: Image | VideoFrame | None
    coded: Coded | None = None
    label: Timecode | None = None
    faults: int = 0


@dataclass(frozen=True, slots=True)
class Block:
    """Some milliseconds of sound.

    Attributes:
        samples: samples x tracks.
        first: samples since the device was opened, known losses counted.
        mono_ns: the moment of the first sample, from the sample count fitted to the clock.
        sample_rate: samples a second.
        lost: samples known to be lost before this block; `samples` begins after them.
        late_ns: by how much all that came lately was later than `mono_ns` allows for: samples were lost without a
            word, or somebody delays them. 0 where that is not judged.
    """

    samples: Samples
    first: int
    mono_ns: int
    sample_rate: int
    lost: int = 0
    late_ns: int = 0

    @property
    def key(self) -> bool:
        """A sound file may begin anywhere."""
        return True

    @property
    def leads(self) -> bool:
        """A sound file may end anywhere."""
        return True

    @property
    def size(self) -> int:
        """Bytes it takes in memory."""
        return self.samples.nbytes

    @property
    def lasts_ns(self) -> int:
        """How long it sounds."""
        return len(self.samples) * NS // self.sample_rate


@dataclass(frozen=True, slots=True)
class DeckFormat:
    """What an open deck, trigger box or clock is.

    Attributes:
        model: its name, as it says it.
        rate: that its timecode counts at; None where it has none.
        source: its timecode is one that a production may follow under the device's name.
    """

    model: str
    rate: Rate | None = None
    source: bool = True


@dataclass(frozen=True, slots=True)
class Wrong:
    """What is wrong with a deck as long as it lasts: an alarm from the first `Told` with it to the first without.

    Attributes:
        what: the alarm's name, in a word or two.
        detail: its sentence, which names the device and says what to do.
    """

    what: str
    detail: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a deck, a trigger box or a clock says of itself at one moment: all of it, every time.

    Attributes:
        mono_ns: when it was so; of a change the moment of the change, as well as it is known.
        transport: in the device's words; empty when it has none.
        recording: whether its lamp is on; None when it does not tell.
        clip: the name of what it records or recorded last.
        label: its timecode at `mono_ns`; None where it has none, or it stands.
        slots: its media.
        remote: whether it takes orders from here; None when it does not tell.
        dropped: frames it says it lost since it was opened; None when it does not tell.
        marks: moments of a mark button since the last time.
        faults: messages that arrived broken since the last time.
        remarks: sentences on what happened, which a person has to read, each once.
        wrong: what is not as it should be now.
    """

    mono_ns: int
    transport: str = ""
    recording: bool | None = None
    clip: str = ""
    label: Timecode | None = None
    slots: tuple[SlotNow, ...] = ()
    remote: bool | None = None
    dropped: int | None = None
    marks: tuple[int, ...] = ()
    faults: int = 0
    remarks: tuple[str, ...] = ()
    wrong: tuple[Wrong, ...] = ()


class PictureDevice(Protocol):
    """A camera or a feed. Made without touching the device; `close` may be called from any thread, at any time."""

    medium: Literal["picture"]

    def open(self) -> PictureFormat:
        """Connect. May be called again after `close`.

        Raises:
            DeviceError: it is not there, or speaks what we do not understand; never blocks for more than 10 s.
        """
        ...

    def read(self) -> Shot:
        """The next frame; waits for it.

        Raises:
            DeviceError: it went away, or was closed meanwhile.
        """
        ...

    def close(self) -> None:
        """Let go; a `read` that waits in another thread ends with `DeviceError`. A second call does nothing."""
        ...

    def identify(self) -> str:
        """What it is, for a person who looks for it."""
        ...


class SoundDevice(Protocol):
    """A mixer or an interface; the same rules as for a picture device."""

    medium: Literal["sound"]

    def open(self) -> SoundFormat:
        """Connect; see `PictureDevice.open`."""
        ...

    def read(self) -> Block:
        """The next block; waits for it. See `PictureDevice.read`."""
        ...

    def close(self) -> None:
        """Let go; see `PictureDevice.close`."""
        ...

    def identify(self) -> str:
        """What it is, for a person who looks for it."""
        ...


class DeckDevice(Protocol):
    """A deck, a trigger box, a clock: it tells, and nothing of it is recorded here; else the same rules.

    `read` returns at once when something changes, and says what is still so at least every 0.4 s: a device that says
    nothing for half a second has stalled (`devices/life.py`).
    """

    medium: Literal["deck"]

    def open(self) -> DeckFormat:
        """Connect; see `PictureDevice.open`."""
        ...

    def read(self) -> Told:
        """What is so now; waits for it. See `PictureDevice.read`."""
        ...

    def close(self) -> None:
        """Let go; see `PictureDevice.close`."""
        ...

    def identify(self) -> str:
        """What it is, for a person who looks for it."""
        ...


Device = PictureDevice | SoundDevice | DeckDevice
Form = PictureFormat | SoundFormat | DeckFormat


@runtime_checkable
class Obeying(Protocol):
    """A deck that can be told to record. Both are called from another thread than `read`; each answers within 3 s."""

    def record(self, clip: str) -> str:
        """Record, under that name where the device takes one (empty: its own); the sentence says what it did.

        Raises:
            DeviceError: it refused, or did not confirm; says why.
        """
        ...

    def stop(self) -> str:
        """Stop. See `record`."""
        ...


@runtime_checkable
class Rehearsing(Protocol):
    """What simulated devices can do beyond real ones."""

    def fault(self, kind: str, args: Mapping[str, str]) -> str:
        """Let something go wrong from now on; the sentence says what.

        Raises:
            DeviceError: it knows no such fault.
        """
        ...

    def clap(self, slated: Slated, mono_ns: int) -> None:
        """Show or sound the slate of a take that was rolled at `mono_ns`."""
        ...


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a device may know of the set around it.

    Attributes:
        rate: the project's.
        utc_offset_s: the zone of the time of day.
    """

    production: str
    rate: Rate
    clock: Clock
    utc_offset_s: int = 0


DeviceKind = Callable[[str, Mapping[str, object], Surroundings], Device]


class Options:
    """A device's own keys from `config.toml`, read one by one; `done` refuses those that nobody asked for.

    >>> options = Options("A", {"widht": 640})
    >>> options.whole("width", 1280, least=16, most=8192)
    1280
    >>> options.done()
    Traceback (most recent call last):
    onset.errors.ConfigError: [[device]] "A" has an unknown key "widht"; did you mean "width"?
    """

    def __init__(self, device: str, given: Mapping[str, object]) -> None:
        self._device = device
        self._given = given
        self._known: list[str] = []

    def _take(self, key: str) -> object:
        self._known.append(key)
        return self._given.get(key)

    def wrong(self, key: str, must: str) -> ConfigError:
        """The error for a key whose value cannot be."""
        return ConfigError(f'[[device]] "{safe_text(self._device)}": "{key}" must be {must}.')

    def whole(self, key: str, default: int, *, least: int, most: int) -> int:
        """A whole number."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, int) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, f"a whole number from {least} to {most}")
        return value

    def number(self, key: str, default: float, *, least: float, most: float) -> float:
        """A number, whole or not."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, (int, float)) or isinstance(value, bool) or not least <= value <= most:
            raise self.wrong(key, f"a number from {least:g} to {most:g}")
        return float(value)

    def text(self, key: str, default: str | None = None) -> str:
        """A text; without a default the key must be there."""
        value = self._take(key)
        if value is None and default is not None:
            return default
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "given, as a text")
        return value

    def seed(self, key: str, default: str) -> str:
        """What a simulator's dice are thrown with: a text, or a whole number, which means its digits.

        >>> Options("A", {"seed": 7}).seed("seed", "A")
        '7'
        """
        value = self._take(key)
        if value is None:
            return default
        if isinstance(value, int) and not isinstance(value, bool):
            return str(value)
        if not isinstance(value, str) or not value:
            raise self.wrong(key, "a text or a whole number")
        return value

    def flag(self, key: str, default: bool) -> bool:
        """True or false."""
        value = self._take(key)
        if value is None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(key, "true or false")
        return value

    def raw(self, key: str) -> object:
        """Whatever was written, or None; the caller judges it."""
        return self._take(key)

    def done(self) -> None:
        """All keys were asked for.

        Raises:
            ConfigError: the configuration has a key that this kind of device does not know; names the nearest.
        """
        for key in self._given:
            if key not in self._known:
                near = difflib.get_close_matches(key, self._known, n=1, cutoff=0.5)
                hint = f'did you mean "{near[0]}"?' if near else f"it may have {', '.join(sorted(self._known))}."
                raise ConfigError(
                    f'[[device]] "{safe_text(self._device)}" has an unknown key "{safe_text(key)}"; {hint}'
                )
