"""Joins a clip with the sound of its take into one file to look at: picture as it is, sound laid by timecode.

`python -m devices.proxy`, started by the capture service after the cut. Reads a `ProxyJob` as a line of JSON, goes
behind everything else on the machine, and ends when its input closes. Nothing is encoded: packets are copied, samples
are cut.
"""

from __future__ import annotations

import contextlib
import os
import sys
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from pathlib import Path

import av
import msgspec
import numpy as np
from av.audio.stream import AudioStream
from av.container import InputContainer, OutputContainer
from numpy.typing import NDArray

from devices.media_av import AvMediaReader
from devices.stills import small_of_file
from onset.capture.proxies import ProxyJob
from onset.errors import MediumError, OnsetError
from onset.sound.wave import Wave, read_wave
from onset.text import safe_path
from onset.timecode import Rate

_BYTES = 3  # our own sound files have 24 bits
_MOST_TRACKS = 16
_LTC = "ltc"  # a track that nobody wants to hear
_OPTIONS = {"movflags": "use_metadata_tags+negative_cts_offsets"}
_PIECE = Fraction(1, 2)  # seconds of sound between pictures


@dataclass(frozen=True, slots=True)
class _Source:
    """One track of one sound file. `first` is its first sample, counted from the first frame of the picture."""

    path: Path
    head: Wave
    column: int
    first: int

    @property
    def last(self) -> int:
        """The sample after its last one."""
        return self.first + self.head.samples


@dataclass(slots=True)
class _Mix:
    """The tracks of one mixer, each with its files, at one sample rate."""

    device: str
    sample_rate: int
    tracks: dict[str, list[_Source]] = field(default_factory=dict)


def join(picture: Path, sounds: Sequence[tuple[str, Path]], out: Path) -> int:
    """Write `out`: the picture's packets with its timecode, and below them the sound that was recorded meanwhile.

    Args:
        picture: a clip of ours; its timecode says where it lies.
        sounds: device and file of our own recorders; their time references say where they lie. Where they have nothing,
            there is silence.
        out: is made, or written over.

    Returns:
        How many files gave sound. 0: none lies beside this picture, and nothing was written.

    Raises:
        MediumError: the picture, or any sound at all, cannot be read, or `out` not be written.
    """
    info = AvMediaReader().probe(picture)
    if info.start is None or info.duration_s <= 0:
        raise MediumError(f"{safe_path(picture)} has no timecode to lay sound by.")
    rate = info.start.rate
    start = rate.seconds_for(info.start.frames)
    mixes = _lay(sounds, start, info.duration_s, rate)
    used = {source.path for mix in mixes for sources in mix.tracks.values() for source in sources}
    if not used:
        return 0
    try:
        with av.open(str(picture), metadata_errors="replace") as old, out.open("w+b", buffering=0) as file:
            with av.open(file, "w", format="mov", options=dict(_OPTIONS)) as new:
                _write(old, new, mixes, info.duration_s)
            os.fsync(file.fileno())
    except (av.FFmpegError, OSError) as error:
        raise MediumError(f"{safe_path(out)} cannot be written: {error.strerror or error}.") from error
    return len(used)


def _lay(sounds: Sequence[tuple[str, Path]], start: Fraction, lasts: Fraction, rate: Rate) -> list[_Mix]:
    """Put each track in its place; those that have nothing within the picture, or cannot be read, are left out.

    Raises:
        MediumError: a file cannot be read, and no other gives sound.
    """
    day = rate.seconds_for(rate.frames_a_day)
    mixes: dict[tuple[str, int], _Mix] = {}
    unread: MediumError | None = None
    for device, path in sorted(sounds):
        try:
            head = read_wave(path)
        except MediumError as error:
            unread = error
            continue
        counted = head.timestamp_rate or head.sample_rate
        if head.time_reference is None or head.bits != _BYTES * 8 or not head.samples:
            continue
        apart = Fraction(head.time_reference, counted) - start
        apart -= round(apart / day) * day  # midnight may lie between them
        first = round(apart * head.sample_rate)
        if first >= lasts * head.sample_rate or first + head.samples <= 0:
            continue
        mix = mixes.setdefault((device, head.sample_rate), _Mix(device, head.sample_rate))
        for column in range(head.channels):
            name = head.names.get(column + 1) or f"track {column + 1}"
            if name.lower() != _LTC and (name in mix.tracks or len(mix.tracks) < _MOST_TRACKS):
                mix.tracks.setdefault(name, []).append(_Source(path, head, column, first))
    found = [mix for mix in mixes.values() if mix.tracks]
    if unread is not None and not found:
        raise unread
    return found


def _write(old: InputContainer, new: OutputContainer, mixes: Sequence[_Mix], lasts: Fraction) -> None:
    stream = old.streams.video[0]
    into = new.add_stream_from_template(stream)
    for name in ("timecode", "reel_name"):
        if stream.metadata.get(name):
            into.metadata[name] = stream.metadata[name]
    for name, value in old.metadata.items():
        if name not in ("major_brand", "minor_version", "compatible_brands", "encoder"):
            new.metadata[name] = value
    new.set_chapters(old.chapters())
    tracks = [(mix, _sound_stream(new, mix)) for mix in mixes]
    sounded, told = Fraction(0), 0
    with contextlib.ExitStack() as files:
        heard = [(mix, out, _open(mix, files)) for mix, out in tracks]
        for packet in old.demux(stream):
            if not packet.size or packet.pts is None:
                continue
            until = packet.pts * (packet.time_base or Fraction(1, 90_000))
            while sounded <= until and sounded < lasts:
                following = min(sounded + _PIECE, lasts)
                for mix, out, data in heard:
                    _sound(new, out, mix, data, sounded, following)
                sounded = following
            packet.stream = into
            new.mux_one(packet)
            told += 1
        while sounded < lasts:
            following = min(sounded + _PIECE, lasts)
            for mix, out, data in heard:
                _sound(new, out, mix, data, sounded, following)
            sounded = following
    if not told:
        raise MediumError("The clip holds no picture.")


def _sound_stream(new: OutputContainer, mix: _Mix) -> AudioStream:
    made = new.add_stream("pcm_s24le", rate=mix.sample_rate, layout=f"{len(mix.tracks)}c")
    made.time_base = Fraction(1, mix.sample_rate)
    made.metadata["handler_name"] = f"{mix.device}: {', '.join(mix.tracks)}"
    return made


_Data = dict[Path, NDArray[np.uint8]]


def _open(mix: _Mix, files: contextlib.ExitStack) -> _Data:
    """The samples of each file, as bytes: samples x tracks x 3; mapped, so that only what is copied is read."""
    found: _Data = {}
    for sources in mix.tracks.values():
        for source in sources:
            if source.path not in found:
                shape = (source.head.samples, source.head.channels, _BYTES)
                found[source.path] = np.memmap(source.path, np.uint8, "r", source.head.data_at, shape)
    files.callback(found.clear)
    return found


def _sound(new: OutputContainer, out: AudioStream, mix: _Mix, data: _Data, begin: Fraction, end: Fraction) -> None:
    first, last = (round(at * mix.sample_rate) for at in (begin, end))
    joined = np.zeros((last - first, len(mix.tracks), _BYTES), np.uint8)
    for place, sources in enumerate(mix.tracks.values()):
        for source in sources:
            low, high = max(first, source.first), min(last, source.last)
            if low < high:
                found = data[source.path][low - source.first : high - source.first, source.column]
                joined[low - first : high - first, place] = found
    packet = av.Packet(joined.tobytes())
    packet.stream = out
    packet.time_base = Fraction(1, mix.sample_rate)
    packet.pts = packet.dts = first
    packet.duration = last - first
    new.mux_one(packet)


# -- the process ------------------------------------------------------------------------------------------------------


def _go_last() -> None:
    """A proxy may take as long as it likes; a frame that is not taken now is lost."""
    with contextlib.suppress(OSError):
        os.nice(19)
    with contextlib.suppress(OSError):
        Path("/proc/self/autogroup").write_text("19")


def _end_with_input(part: Path) -> None:
    while os.read(0, 1 << 16):  # not through sys.stdin: the interpreter would stumble over its lock at its end
        pass
    part.unlink(missing_ok=True)
    os._exit(1)  # whoever wanted it is gone, or rolls


def _say(sentence: str) -> None:
    sys.stdout.write(sentence + "\n")
    sys.stdout.flush()


def main() -> int:
    """Do one job; the last line on standard output says what was wrong, if anything."""
    _go_last()
    job = msgspec.json.decode(sys.stdin.buffer.readline(), type=ProxyJob)
    part = Path(job.part)
    threading.Thread(target=_end_with_input, args=(part,), daemon=True).start()
    try:
        with contextlib.suppress(MediumError, OSError):  # the proxy says what is wrong with the clip or the disk
            small_of_file(Path(job.picture))
        part.parent.mkdir(parents=True, exist_ok=True)
        used = join(Path(job.picture), [(device, Path(path)) for device, path in job.sounds], part)
        if used:
            part.replace(job.out)
    except (OnsetError, OSError) as error:
        _say(str(error))
        return 1
    finally:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
    _say("joined" if used else "nothing to join")
    return 0


if __name__ == "__main__":
    sys.exit(main())
