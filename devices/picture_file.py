"""A crash-safe MOV with a timecode track, written packet by packet.

Used by `recorder.py`. Hybrid fragments of half a second: whatever stops the program leaves a file that plays up to the
open fragment, a clean close leaves an ordinary indexed MOV (docs/decisions/0120).
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from contextlib import suppress
from fractions import Fraction
from typing import TYPE_CHECKING, BinaryIO, Literal, Protocol

import av
from av.video.stream import VideoStream

from devices.adapter import NS, Coded
from devices.clip import Moment, Part, Start
from devices.disk import write_all
from onset.capture.signals import Said, Slated
from onset.errors import MediumError
from onset.timecode import RATES, Rate, Timecode

if TYPE_CHECKING:
    from av.container.core import Chapter

_OPTIONS = {
    # Negative offsets let a stream with B-frames start at 0, also in a file that was killed.
    "movflags": "hybrid_fragmented+use_metadata_tags+negative_cts_offsets",
    "frag_duration": "500000",  # microseconds; without it a stream with long GOPs leaves nothing after a kill
    "flush_packets": "1",
}
_CHAPTER_TICKS = 1_000_000
PRE_RECORD = "pre_record"  # tag: seconds from the first frame to the key, below 0 in a later file of the same take


class PictureFile:
    """One recording of one camera. Belongs to the thread that writes to the disk."""

    def __init__(
        self, file: BinaryIO, template: VideoStream, start: Timecode, fps: Fraction, tags: Mapping[str, str]
    ) -> None:
        """Write the head.

        Args:
            file: empty, unbuffered, writable and seekable; the caller closes it.
            template: the stream that the packets come from.
            start: label of the first frame; its rate is the file's.
            fps: exact frames a second.
            tags: title, scene, take and the like; `reel` also names the timecode track.

        Raises:
            MediumError: the disk refused.
        """
        self._tap = _Tap(file)
        self._fps = fps
        self._first: Coded | None = None
        self._end = Fraction(0)
        self._frames = 0
        try:
            self._box = av.open(self._tap, "w", format="mov", options=dict(_OPTIONS))
            self._stream = self._box.add_stream_from_template(template)
            self._stream.metadata["timecode"] = start.label
            if tags.get("reel"):
                self._stream.metadata["reel_name"] = tags["reel"]
            for name, value in tags.items():
                self._box.metadata[name] = value
        except (OSError, av.FFmpegError) as error:
            raise MediumError(_why(error)) from error

    def write(self, coded: Coded) -> None:
        """Add one frame. The first must be a key frame; what is shown before it is left out.

        Raises:
            MediumError: the disk refused; what was written before stays readable.
        """
        if self._first is None:
            self._first = coded
        first = self._first
        if coded.pts < first.pts:
            return  # leading frames of an open group refer to frames before the file
        packet = av.Packet(coded.data)
        packet.stream = self._stream
        packet.time_base = coded.time_base
        packet.pts = coded.pts - first.pts
        packet.dts = coded.dts - first.pts
        packet.duration = coded.duration
        packet.is_keyframe = coded.key
        try:
            self._box.mux_one(packet)
            self._tap.keep()
        except (OSError, av.FFmpegError) as error:
            raise MediumError(_why(error)) from error
        self._end = max(self._end, (coded.pts - first.pts + coded.duration) * coded.time_base)
        self._frames += 1

    @property
    def duration_frames(self) -> int:
        """Frames from the first to the end of the last, missing ones counted."""
        return round(self._end * self._fps)

    @property
    def missing(self) -> int:
        """Frames that are not there inside the file."""
        return max(0, self.duration_frames - self._frames)

    def close(self, marks: Sequence[Moment] = (), said: Said | None = None) -> None:  # see below
        """Write the index, and the marks as chapters. The file is complete, not yet durable.

        Its words are those of the roll: PyAV hands them on when the head is written, and never again.

        Raises:
            MediumError: the disk refused; the fragments written before stay readable.
        """
        try:
            self._box.set_chapters(chapters(marks, self._end))
            self._box.close()
            self._tap.keep()
        except (OSError, av.FFmpegError) as error:
            raise MediumError(_why(error)) from error

    @property
    def samples(self) -> None:
        """A picture has none."""


def chapters(marks: Sequence[Moment], end: Fraction) -> list[Chapter]:
    """Chapters that begin at the marks, the first at the beginning of the file; none without marks inside it.

    Args:
        marks: in any order.
        end: length of the file in seconds.
    """
    named = ((Fraction(mark.at_ns, NS), mark.text or f"Mark {n}") for n, mark in enumerate(marks, 1))
    inside = sorted((at, text) for at, text in named if at < end)
    if not inside:
        return []
    if inside[0][0] > 0:
        inside.insert(0, (Fraction(0), "Start"))
    ends = [at for at, _ in inside[1:]] + [end]
    return [
        {
            "id": n,
            "start": round(at * _CHAPTER_TICKS),
            "end": round(until * _CHAPTER_TICKS),
            "time_base": Fraction(1, _CHAPTER_TICKS),
            "metadata": {"title": text},
        }
        for n, ((at, text), until) in enumerate(zip(inside, ends, strict=True))
    ]


class _Tap:
    """The file as FFmpeg sees it. When the disk refuses, it is cut back to its last whole fragment and left alone.

    FFmpeg itself would go on, and write an index over data that is not there.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._whole = 0
        self._refused: OSError | None = None

    def write(self, data: bytes) -> int:
        """Write, or pretend to once the disk has refused."""
        if self._refused is None:
            try:
                write_all(self._file, data)
            except OSError as error:
                self._refused = error
                with suppress(OSError):
                    os.ftruncate(self._file.fileno(), self._whole)
        return len(data)

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        """Move."""
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        """Where it stands."""
        return self._file.tell()

    def keep(self) -> None:
        """What is there now is whole.

        Raises:
            OSError: the disk has refused.
        """
        if self._refused is not None:
            raise self._refused
        self._whole = os.fstat(self._file.fileno()).st_size


def _why(error: OSError | av.FFmpegError) -> str:
    return error.strerror or str(error)


class Labels(Protocol):
    """Whoever knows the production's timecode (`onset.capture.master.MasterClock`)."""

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        """The label at a moment, and where it comes from."""
        ...


class PictureFilm:
    """How the clips of one camera begin."""

    medium: Literal["picture"] = "picture"
    suffix = ".mov"
    sample_rate = None

    def __init__(self, device: str, template: VideoStream, fps: Fraction, labels: Labels) -> None:
        self._device = device
        self._template = template
        self._fps = fps
        self._labels = labels

    def start(self, slated: Slated, pieces: Sequence[Coded], rolled_ns: int) -> Start[Coded]:  # the protocol
        """The clip begins with the first of `pieces`: with the camera's own label, else with the master's."""
        first = pieces[0]
        if first.label is not None:
            label, source = first.label, self._device
        else:
            label, source = self._labels.label_at(first.mono_ns)
        own = rate_of(self._fps, label.rate)
        if own is not None and own != label.rate:
            label = label.to(own)
        tags = _tags(slated, source)
        tags[PRE_RECORD] = f"{(rolled_ns - first.mono_ns) / NS:.6f}"

        def make(raw: BinaryIO, _name: str) -> PictureFile:
            return PictureFile(raw, self._template, label, self._fps, tags)

        return Start(label, source, pieces, [Part(make)])


def rate_of(fps: Fraction, like: Rate) -> Rate | None:
    """The rate that labels `fps` frames a second, dropping like `like` where both ways exist; None where there is none.

    >>> rate_of(Fraction(30000, 1001), RATES["59.94df"])
    Rate(name='29.97df', fps=Fraction(30000, 1001), nominal=30, drop=True, sensor_only=False)
    """
    found = [rate for rate in RATES.values() if rate.fps == fps and not rate.sensor_only]
    return next((rate for rate in found if rate.drop == like.drop), found[0] if found else None)


def _tags(slated: Slated, source: str) -> dict[str, str]:
    tags = {
        "title": f"{slated.slate}-{slated.take}",
        "scene": slated.scene,
        "slate": slated.slate,
        "take": slated.take,
        "reel": slated.roll or "",
        "production": slated.production,
        "comment": slated.said.note,
        "timecode_source": source,
    }
    return {name: value for name, value in tags.items() if value}
