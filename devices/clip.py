"""What a recorder makes of a take: clips of one file or, of sound, one file a track, and how they begin.

Used by `recorder.py` (which takes become clips), `loader.py` (how clips become files), `picture_file.py` and
`sound_file.py` (what a file is).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import BinaryIO, Generic, Literal, Protocol, TypeVar

from onset.capture.signals import Mark, Said, Slated
from onset.timecode import Timecode


class Piece(Protocol):
    """A coded frame or a block of sound."""

    @property
    def mono_ns(self) -> int:
        """When it began."""
        ...

    @property
    def lasts_ns(self) -> int:
        """How long it lasts."""
        ...

    @property
    def key(self) -> bool:
        """Whether a file may begin with it."""
        ...

    @property
    def leads(self) -> bool:
        """Whether a file may end before it."""
        ...

    @property
    def size(self) -> int:
        """Bytes."""
        ...


P = TypeVar("P", bound=Piece)
P_contra = TypeVar("P_contra", bound=Piece, contravariant=True)


@dataclass(frozen=True, slots=True)
class Moment:
    """A mark within a file, `at_ns` nanoseconds from its beginning; the text may be empty."""

    at_ns: int
    text: str


class ClipFile(Protocol[P_contra]):
    """A file that is being written; belongs to the disk's thread. Its methods raise `MediumError`."""

    def write(self, piece: P_contra, /) -> None:
        """Add a piece."""
        ...

    def close(self, marks: Sequence[Moment] = (), said: Said | None = None) -> None:
        """Finish the file, and write down what was marked in it; what is said of its take by now, if that is known."""
        ...

    @property
    def duration_frames(self) -> int:
        """Whole frames it lasts."""
        ...

    @property
    def missing(self) -> int:
        """Frames or samples known to be missing in it."""
        ...

    @property
    def samples(self) -> int | None:
        """Its exact length; None of a picture."""
        ...


class Gauge(Protocol[P_contra]):
    """Measures what a clip holds of its take; belongs to the worker's thread."""

    def hear(self, piece: P_contra, rolled_ns: int, cut_ns: int | None, /) -> None:
        """A piece of the clip came; the take was rolled and, as far as is known, cut at these moments."""
        ...

    def read(self, rolled_ns: int, cut_ns: int | None, /) -> tuple[list[float], list[float]]:
        """Peak and RMS of each track in dBFS."""
        ...


@dataclass(frozen=True, slots=True)
class Part(Generic[P]):
    """One file of a clip.

    Attributes:
        make: writes the head into a file of that name; on the disk's thread.
        tracks: names of its sound tracks; none of a picture.
        tail: what its name has beyond the clip's, such as `_boom`; empty where the clip is one file.
    """

    make: Callable[[BinaryIO, str], ClipFile[P]]
    tracks: tuple[str, ...] = ()
    tail: str = ""


@dataclass(frozen=True, slots=True)
class Start(Generic[P]):
    """How a clip begins.

    Attributes:
        pieces: from the ring, the first may have been trimmed to the start of a frame.
        parts: its files.
        family: names the set where the clip is several files; else empty.
        gauge: measures it; None of a picture.
    """

    label: Timecode
    source: str
    pieces: Sequence[P]
    parts: Sequence[Part[P]]
    family: str = ""
    gauge: Gauge[P] | None = None


class Film(Protocol[P]):
    """What differs between picture and sound."""

    @property
    def medium(self) -> Literal["picture", "sound"]:
        """Which of the two."""
        ...

    @property
    def suffix(self) -> str:
        """Of its files."""
        ...

    @property
    def sample_rate(self) -> int | None:
        """Samples a second; None of a picture."""
        ...

    def start(self, slated: Slated, pieces: Sequence[P], rolled_ns: int) -> Start[P] | None:
        """Decide how the clip of `slated`, rolled at `rolled_ns`, begins that has these pieces; the first is a key.

        None when more pieces are needed for that.
        """
        ...


@dataclass(slots=True)
class Take:
    """A take that rolls or was cut.

    Attributes:
        recorded_to_ns: where its last clip ended, once there was one.
        failed: its disk refused; it is not tried again within this take.
        marks: by their ids; `unmarked` are those that were taken back.
    """

    slated: Slated
    rolled_ns: int
    cut_ns: int | None = None
    recorded_to_ns: int | None = None
    failed: bool = False
    marks: dict[str, Mark] = field(default_factory=dict)
    unmarked: set[str] = field(default_factory=set)

    def marked(self) -> list[Mark]:
        """The marks that hold, in the order in which they were made."""
        return [mark for mark in self.marks.values() if mark.id not in self.unmarked]


@dataclass(slots=True)
class Written(Generic[P]):
    """A file that is being written; belongs to the disk's thread. `path` is below the media folder."""

    part: Part[P]
    path: str
    raw: BinaryIO
    file: ClipFile[P]


@dataclass(slots=True)
class Clip(Generic[P]):
    """One recording of one take by one device.

    Attributes:
        end_ns: where the newest piece ends.
        starved: the disk is behind; nothing is taken before the next key.
        path: of its first file, below the media folder, once it exists.
        levels: peak and RMS of each track in dBFS, once it has ended.
        files: empty before they exist; belong to the disk's thread, like `failed` and `synced_ns`.
    """

    take: Take
    film: Film[P]
    start: Start[P]
    end_ns: int = 0
    starved: bool = False
    path: str = ""
    levels: tuple[list[float], list[float]] = field(default_factory=lambda: ([], []))
    files: list[Written[P]] = field(default_factory=list)
    failed: bool = False
    synced_ns: int = 0
