"""What a picture or sound file is, and who may open one.

`MediaReader` is implemented in `devices/media_av.py` and handed in by the command line, so that reports and screens
show stills and lengths without knowing a decoder.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path
from typing import Literal, Protocol

from onset.domain.camera import Clip, Source
from onset.timecode import Timecode


@dataclass(frozen=True, slots=True)
class MediaInfo:
    """What a file says of itself; None where it says nothing.

    Attributes:
        fps: exact frames a second of a picture; of sound those of its timecode.
        start: label of the first frame or sample.
        duration_frames: at `fps`, rounded down.
        samples: length of sound, a track.
        tracks: names of sound tracks, empty text where one has none.
        tags: the file's own words (title, scene, take, reel, …), lower-case names.
    """

    medium: Literal["picture", "sound"]
    codec: str
    duration_s: Fraction
    fps: Fraction | None = None
    start: Timecode | None = None
    duration_frames: int | None = None
    width: int | None = None
    height: int | None = None
    samples: int | None = None
    sample_rate: int | None = None
    tracks: tuple[str, ...] = ()
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class MediaFrame:
    """A decoded picture: `rgb` is height x width x 3 bytes, row by row."""

    width: int
    height: int
    rgb: bytes


class MediaReader(Protocol):
    """Opens picture and sound files. May be called from any thread; each call opens and closes the file."""

    def probe(self, path: Path) -> MediaInfo:
        """What the file is, from its head (and its index).

        Raises:
            MediumError: it cannot be read, or is no picture or sound that we know.
        """
        ...

    def frame(self, path: Path, at: int, width: int | None = None) -> MediaFrame:
        """The picture number `at`, counted from 0, the nearest before where that one is missing.

        Args:
            path: a picture file.
            at: beyond the end it is the last.
            width: scaled to that many columns; None keeps the size.

        Raises:
            MediumError: it cannot be read, or holds no picture.
        """
        ...

    def jpeg(self, path: Path, at: int, width: int | None = None) -> bytes:
        """The same picture as the bytes of a JPEG file."""
        ...


WHERE = ("start", "middle", "end")


def thumbnails(path: str) -> tuple[str, str, str]:
    """Where the small pictures of a clip of ours lie: at the start, in the middle, at the end of its take.

    Any of them may be missing; nothing else tells of them.

    >>> thumbnails("media/day01/42C-3_A.mov")[1]
    'media/day01/thumbs/42C-3_A_middle.jpg'
    """
    folder, slash, name = path.rpartition("/")
    stem = name.rpartition(".")[0] or name
    start, middle, end = (f"{folder}{slash}thumbs/{stem}_{where}.jpg" for where in WHERE)
    return start, middle, end


def small_pictures(clip: Clip) -> tuple[str, str, str]:
    """Where the `thumbnails` of any clip lie: beside a recording of ours, else in the production's own folder.

    A camera's original lies on a disk whose folders are sealed by manifests, so nothing is ever put beside it.
    """
    return thumbnails(clip.path if clip.source is Source.RECORDER else f"media/{clip.id}")


def thumbnails_there(folder: Path, clip: Clip) -> list[str]:
    """Those of `small_pictures` that are on the disk; `folder` is the production's."""
    return [small for small in small_pictures(clip) if os.path.isfile(folder / small)]
