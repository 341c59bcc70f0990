"""Open picture and sound files with PyAV: the implementation of `onset.media.MediaReader`.

Handed to reports and screens by the command line, used by tests to look at what was recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from av import VideoFrame
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from devices.jpeg import jpeg
from devices.picture_file import rate_of
from onset.errors import MediumError, TimecodeError
from onset.media import MediaFrame, MediaInfo
from onset.sound.wave import read_wave
from onset.text import safe_path
from onset.timecode import RATES, Rate, Timecode

_SOUND_ENDINGS = (".wav", ".bwf", ".rf64", ".w64")
_NO_RATE = RATES["25"]
_NEAR = Fraction(1, 10_000)  # a tenth of what 23.976 and 24 differ by


class AvMediaReader:
    """Reads what FFmpeg's libraries read; sound files' own words come from their chunks."""

    def probe(self, path: Path) -> MediaInfo:
        """What the file is. See `MediaReader.probe`."""
        if path.suffix.lower() in _SOUND_ENDINGS:
            return _probe_sound(path)
        with _opened(path) as box:
            if not box.streams.video:
                raise MediumError(f"{safe_path(path)} holds no picture.")
            return _probe_picture(box, box.streams.video[0])

    def frame(self, path: Path, at: int, width: int | None = None) -> MediaFrame:
        """A decoded picture. See `MediaReader.frame`."""
        frame = self._scaled(path, at, width).reformat(format="rgb24")
        pixels = np.ascontiguousarray(frame.to_ndarray())
        return MediaFrame(frame.width, frame.height, pixels.tobytes())

    def jpeg(self, path: Path, at: int, width: int | None = None) -> bytes:
        """The same as a JPEG."""
        return jpeg(self._scaled(path, at, width))

    def count_frames(self, path: Path) -> int:
        """How many pictures are in the file, counted one by one: the index of one that was cut off knows a few only.

        Raises:
            MediumError: it cannot be read, or holds no picture.
        """
        with _opened(path) as box:
            if not box.streams.video:
                raise MediumError(f"{safe_path(path)} holds no picture.")
            return sum(1 for packet in box.demux(box.streams.video[0]) if packet.size)

    def _scaled(self, path: Path, at: int, width: int | None) -> VideoFrame:
        with _opened(path) as box:
            if not box.streams.video:
                raise MediumError(f"{safe_path(path)} holds no picture.")
            stream = box.streams.video[0]
            if _coded(stream) is not None:
                stream.thread_type = "AUTO"
            frame = _find(box, stream, at)
            if frame is None:
                raise MediumError(f"{safe_path(path)} holds no picture that can be decoded.")
            if width is None or width >= frame.width:
                return frame.reformat(format="rgb24")
            height = max(2, round(frame.height * width / frame.width))
            return frame.reformat(width, height, "rgb24", interpolation="AREA")


@contextmanager
def _opened(path: Path) -> Iterator[InputContainer]:
    try:
        with av.open(str(path), "r", metadata_errors="replace") as box:
            yield box
    except FileNotFoundError as error:
        raise MediumError(f"{safe_path(path)} is not there.") from error
    except OSError as error:  # av.FFmpegError is one, for everything that a file can do to it
        raise MediumError(f"{safe_path(path)} cannot be read: {error.strerror or error}.") from error
    except av.FFmpegError as error:
        raise MediumError(f"{safe_path(path)} is no picture or sound that can be read: {error.strerror}.") from error


def _find(box: InputContainer, stream: VideoStream, at: int) -> VideoFrame | None:
    if _coded(stream) is None:
        return None
    fps = stream.average_rate or Fraction(25)
    time_base = stream.time_base or Fraction(1, 90_000)
    start = stream.start_time or 0
    wanted = start + round(at / fps / time_base)
    half = Fraction(1, 2) / fps / time_base
    box.seek(max(start, wanted), stream=stream, backward=True)
    newest: VideoFrame | None = None
    for frame in box.decode(stream):
        if frame.pts is not None and frame.pts > wanted + half and newest is not None:
            break
        newest = frame
        if frame.pts is not None and frame.pts >= wanted - half:
            break
    return newest


def _probe_picture(box: InputContainer, stream: VideoStream) -> MediaInfo:
    fps = _frames_a_second(stream)
    time_base = stream.time_base or Fraction(1, 90_000)
    duration = stream.duration * time_base if stream.duration else Fraction(box.duration or 0, av.time_base)
    written = stream.metadata.get("timecode") or box.metadata.get("timecode") or _beside(box)
    coded = _coded(stream)
    return MediaInfo(
        medium="picture",
        codec=coded.name if coded is not None else "",
        duration_s=duration,
        fps=fps,
        start=_label(written, fps),
        duration_frames=round(duration * fps) if fps else None,
        width=coded.width if coded is not None else None,
        height=coded.height if coded is not None else None,
        tags={name.lower(): value for name, value in box.metadata.items()},
    )


def _coded(stream: VideoStream) -> VideoCodecContext | None:
    """None for pictures that FFmpeg does not know (ARRIRAW in MXF, Blackmagic RAW): then it knows no size either."""
    found: VideoCodecContext | None = stream.codec_context
    return found


def _frames_a_second(stream: VideoStream) -> Fraction | None:
    """The standard rate that is meant: `2997/100` is 30000/1001, and the average of a phone's clip is near none."""
    written = [rate for rate in (stream.average_rate, stream.guessed_rate, stream.base_rate) if rate]
    for fps in written:
        if abs(fps - written[0]) > written[0] / 50:
            continue  # of a webcam that was asked for 60 and gave 15
        near = [rate.fps for rate in RATES.values() if abs(rate.fps - fps) <= fps * _NEAR]
        if near:
            return near[0]
    return written[0] if written else None


def _beside(box: InputContainer) -> str | None:
    """The label of a timecode track that does not name its picture."""
    return next((each.metadata["timecode"] for each in box.streams if each.metadata.get("timecode")), None)


def _label(written: str | None, fps: Fraction | None) -> Timecode | None:
    if written is None or fps is None:
        return None
    like: Rate = RATES["29.97df"] if ";" in written else _NO_RATE
    rate = rate_of(fps, like)
    halved = 1
    while rate is None and halved < 4:  # no label counts 96 and more; one of every second or fourth picture does
        halved *= 2
        rate = rate_of(fps / halved, like)
    if rate is None:
        return None
    if halved > 1:
        head, _, frames = written.replace(";", ":").rpartition(":")
        written = f"{head}{rate.separator}{int(frames) // halved:02d}" if frames.isdecimal() else written
    try:
        return Timecode.parse(written, rate)
    except TimecodeError:
        return None


def _probe_sound(path: Path) -> MediaInfo:
    head = read_wave(path)
    duration = Fraction(head.samples, head.sample_rate)
    return MediaInfo(
        medium="sound",
        codec=f"pcm_s{head.bits}le",
        duration_s=duration,
        fps=head.rate.fps if head.rate else None,
        start=head.start,
        duration_frames=head.rate.frames_in(duration) if head.rate else None,
        samples=head.samples,
        sample_rate=head.sample_rate,
        tracks=head.tracks,
        tags=head.tags,
    )
