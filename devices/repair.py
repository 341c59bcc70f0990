"""Finishes recordings that a crash left: fragments become an ordinary MOV, a WAV's head tells its length.

Used by `onset media repair`. The finished file is written beside the old one, read back, and only then takes its name;
until that moment the old one is untouched, whatever happens. A file that is whole is left alone.
"""

from __future__ import annotations

import os
import shutil
import struct
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from fractions import Fraction
from itertools import islice, pairwise
from pathlib import Path
from typing import BinaryIO, Literal

import av
import xxhash
from av.container import InputContainer
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from devices.adapter import NS
from devices.clip import Moment
from devices.disk import claim, is_claimed, sync_folder
from devices.picture_file import PRE_RECORD, chapters
from devices.repair_sound import SoundDamage, finish_sound, sound_damage
from onset.errors import MediumError
from onset.text import safe_path

SOUNDS = (".wav",)
_BESIDE = ".repair"
_LEAST_FREE = 64_000_000  # bytes that a repair leaves to others
_MOST_BOXES = 10_000_000
_LARGEST_INDEX = 1 << 28
_FRAGMENT = b"moof"
_MOST_LOST = 4  # fragments of half a second: the disk is told to keep what it has once a second
_AT_ONCE = 4 << 20
_MOST_AHEAD = 16  # frames that an encoder may write before one that is shown earlier

State = Literal["whole", "repairable", "hopeless", "busy"]


@dataclass(frozen=True, slots=True)
class Found:
    """How a recording is.

    Attributes:
        detail: why, in words that follow the file's name.
    """

    path: Path
    state: State
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Repaired:
    """What a finished file holds: frames of a picture; samples and their rate of sound."""

    path: Path
    frames: int | None = None
    samples: int | None = None
    sample_rate: int | None = None


def examine(path: Path) -> Found:
    """Look whether a recording was finished; nothing is written, and of a picture only its boxes are read.

    Raises:
        MediumError: it cannot be read at all.
    """
    try:
        if is_claimed(path):
            return Found(path, "busy", "it is being recorded")
        if path.suffix.lower() in SOUNDS:
            damage = sound_damage(path)
            return _found_sound(path, damage)
        return _picture(path)
    except OSError as error:
        raise MediumError(f"{safe_path(path)} cannot be read: {error.strerror or error}.") from error


def repair(path: Path, marks: Sequence[Moment] = ()) -> Repaired:
    """Finish a file that `examine` calls repairable; its name then means the finished one.

    Args:
        path: of the file.
        marks: of its take, counted from the roll; they become chapters of a picture that says where its take began.

    Raises:
        MediumError: it cannot be finished, or what was written could not be read back; the old file is as it was.
    """
    _check_room(path)
    with _claimed(path), _beside(path) as (file, place):
        try:
            if path.suffix.lower() in SOUNDS:
                samples, sample_rate = finish_sound(path, file)
                done = Repaired(path, samples=samples, sample_rate=sample_rate)
            else:
                done = _finish_picture(path, file, place, marks)
            os.fsync(file.fileno())
            os.fchmod(file.fileno(), path.stat().st_mode & 0o777)
            place.replace(path)
            sync_folder(path.parent)
        except av.FFmpegError as error:
            raise MediumError(f"{safe_path(path)} cannot be finished: {error.strerror}.") from error
        except OSError as error:
            raise MediumError(f"{safe_path(path)} cannot be finished: {error.strerror or error}.") from error
    return done


@contextmanager
def _claimed(path: Path) -> Iterator[None]:
    """Nobody else records or repairs the file meanwhile."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise MediumError(f"{safe_path(path)} cannot be read: {error.strerror or error}.") from error
    with file:
        if not claim(file):
            raise MediumError(f"{safe_path(path)} is being recorded or repaired by another program; wait for its end.")
        yield


def _check_room(path: Path) -> None:
    """A disk that something is recorded on must not be filled by what is given up half-way."""
    try:
        lacking = path.stat().st_size + _LEAST_FREE - shutil.disk_usage(path.parent).free
    except OSError as error:
        raise MediumError(f"{safe_path(path)} cannot be read: {error.strerror}.") from error
    if lacking > 0:
        more = -(-lacking // 1_000_000)
        raise MediumError(f"{safe_path(path)} needs as much room again on its disk; make {more} MB more room there.")


@contextmanager
def _beside(path: Path) -> Iterator[tuple[BinaryIO, Path]]:
    """An empty file in the same folder, gone afterwards unless it was renamed."""
    place = path.with_name(f".{path.name}{_BESIDE}")
    try:
        file = place.open("w+b", buffering=0)
    except OSError as error:
        raise MediumError(f"Nothing can be written beside {safe_path(path)}: {error.strerror}.") from error
    try:
        with file:
            yield file, place
    finally:
        with suppress(OSError):
            place.unlink(missing_ok=True)


def _found_sound(path: Path, damage: SoundDamage) -> Found:
    match damage:
        case SoundDamage.NONE:
            return Found(path, "whole")
        case SoundDamage.LENGTH:
            return Found(path, "repairable", "its head does not tell its length")
        case SoundDamage.HEAD:
            return Found(path, "hopeless", "it ends within its head, before any sound")
        case SoundDamage.FOREIGN:
            return Found(path, "hopeless", "it is no wave file of whole samples")


# -- pictures ---------------------------------------------------------------------------------------------------------


def _picture(path: Path) -> Found:
    boxes: set[bytes] = set()
    cut_short = False
    with path.open("rb") as file:
        length = os.fstat(file.fileno()).st_size
        for name, at, size in _boxes(file, length):
            boxes.add(name)
            if name == b"moov" and size <= _LARGEST_INDEX:
                file.seek(at)
                boxes |= {b"mvex"} if b"mvex" in file.read(size) else set()
            cut_short = at + size > length
    if b"ftyp" not in boxes:
        return Found(path, "hopeless", "it is no MOV, or ends within its first bytes")
    if b"moov" not in boxes:
        return Found(path, "hopeless", "it ends before it says what is in it")
    if b"moof" in boxes or b"mvex" in boxes or cut_short:  # mvex: its index announces fragments
        return Found(path, "repairable", "it was never finished")
    return Found(path, "whole")


def _boxes(file: BinaryIO, length: int) -> Iterator[tuple[bytes, int, int]]:
    """Name, place and size of the file's own boxes; the last may say more than there is."""
    at = 0
    for _ in range(_MOST_BOXES):
        file.seek(at)
        head = file.read(16)
        if len(head) < 8:
            if head:
                yield b"", at, length - at + 1  # a part of a head
            return
        size, name = struct.unpack(">I4s", head[:8])
        if size == 1 and len(head) == 16:
            size = struct.unpack(">Q", head[8:])[0]
        elif size == 0:
            size = length - at
        if size < 8:
            yield name, at, length - at + 1  # what follows is not readable
            return
        yield name, at, size
        at += size
        if at >= length:
            return


def _finish_picture(path: Path, file: BinaryIO, place: Path, marks: Sequence[Moment]) -> Repaired:
    with av.open(str(path), metadata_errors="replace") as old:
        if len(old.streams.video) != 1 or not _known(old.streams.video[0]):
            raise MediumError(f"{safe_path(path)} holds no picture that decodes.")
        if old.streams.audio:
            raise MediumError(f"{safe_path(path)} is none of onset's own recordings; it is left alone.")
        times, good_to = _times_of_whole(old)
        good = _without_hole_at_end(times)
    if not good:
        raise MediumError(f"{safe_path(path)} holds no picture that decodes.")
    if _fragments_from(path, good_to) > _MOST_LOST:
        raise MediumError(
            f"{safe_path(path)} is damaged at frame {len(times)}, and more is recorded behind that than a crash takes; "
            "it is left alone, because players pass over the place."
        )
    with av.open(str(path), metadata_errors="replace") as old:
        written, digest = _copy(old, file, good, marks)
    _read_back(path, place, written, digest)
    return Repaired(path, frames=written)


def _times_of_whole(box: InputContainer) -> tuple[list[int], int]:
    """When each packet is shown, in the order of the file, up to the first that does not decode; and where they end."""
    stream = box.streams.video[0]
    stream.codec_context.options = {"err_detect": "explode"}
    found: list[int] = []
    end = 0
    try:
        for packet in _from_key(box):
            if packet.is_corrupt or packet.pts is None or packet.dts is None:
                break
            stream.codec_context.decode(packet)
            found.append(packet.pts)
            end = max(end, (packet.pos or 0) + packet.size)
    except av.FFmpegError:
        pass  # this is where the damage begins
    return found, end


def _fragments_from(path: Path, at: int) -> int:
    """How many fragments begin behind a place in the file, by their names: what lies between may be damaged."""
    found, kept = 0, b""
    with path.open("rb") as file:
        file.seek(at)
        while part := file.read(_AT_ONCE):
            found += (kept + part).count(_FRAGMENT)
            kept = part[-len(_FRAGMENT) + 1 :]
    return found


def _from_key(box: InputContainer) -> Iterator[av.Packet[VideoStream]]:
    begun = False
    for packet in box.demux(box.streams.video[0]):
        begun = begun or packet.is_keyframe
        if begun and packet.size:
            yield packet


def _without_hole_at_end(times: Sequence[int]) -> int:
    """How many packets to keep: a frame that was written before those it is shown after leaves a hole before it.

    >>> _without_hole_at_end([0, 3, 1, 2, 6, 4])
    4
    >>> _without_hole_at_end([0, 1, 5])
    3
    """
    if all(earlier < later for earlier, later in pairwise(times[-_MOST_AHEAD:])):
        return len(times)  # written as they are shown: what is missing never came
    for kept in range(len(times), max(0, len(times) - _MOST_AHEAD), -1):
        shown = sorted(times[:kept])[-_MOST_AHEAD:]
        apart = [later - earlier for earlier, later in pairwise(shown)]
        if not apart or max(apart) <= min(apart):
            return kept
    return len(times)


def _copy(old: InputContainer, file: BinaryIO, good: int, marks: Sequence[Moment]) -> tuple[int, str]:
    """Copy the first packets; how many, and a digest of them."""
    stream = old.streams.video[0]
    digest, written, offset, end = xxhash.xxh3_128(), 0, 0, Fraction(0)
    with av.open(file, "w", format="mov", options={"movflags": "use_metadata_tags+negative_cts_offsets"}) as new:
        into = new.add_stream_from_template(stream)
        for name in ("timecode", "reel_name"):
            if stream.metadata.get(name):
                into.metadata[name] = stream.metadata[name]
        for name, value in old.metadata.items():
            if name not in ("major_brand", "minor_version", "compatible_brands", "encoder"):
                new.metadata[name] = value
        for packet in islice(_from_key(old), good):
            pts, dts = packet.pts or 0, packet.dts or 0
            offset = offset if written else pts
            packet.pts, packet.dts = pts - offset, dts - offset
            digest.update(bytes(packet))
            end = max(end, (packet.pts + (packet.duration or 0)) * Fraction(packet.time_base or 0))
            packet.stream = into
            new.mux_one(packet)
            written += 1
        new.set_chapters(chapters(_in_file(marks, old.metadata.get(PRE_RECORD, "")), end))
    return written, digest.hexdigest()


def _in_file(marks: Sequence[Moment], pre_record: str) -> list[Moment]:
    """Marks counted from the roll as they lie in a file that says how long before the roll it began.

    >>> _in_file([Moment(2_000_000_000, "good")], "1.5")
    [Moment(at_ns=3500000000, text='good')]
    >>> _in_file([Moment(2_000_000_000, "good")], "-3"), _in_file([Moment(0, "good")], "")
    ([], [])
    """
    try:
        before_ns = round(Fraction(pre_record) * NS)
    except (ValueError, ZeroDivisionError):  # an older file, or one of another program
        return []
    return [Moment(before_ns + mark.at_ns, mark.text) for mark in marks if before_ns + mark.at_ns >= 0]


def _read_back(path: Path, place: Path, written: int, digest: str) -> None:
    """Every frame of the new file decodes, and its packets are those of the old one, bit for bit."""
    found, frames = xxhash.xxh3_128(), 0
    try:
        with av.open(str(place)) as new:
            stream = new.streams.video[0]
            stream.codec_context.options = {"err_detect": "explode"}
            for packet in new.demux(stream):
                if packet.size:
                    found.update(bytes(packet))
                frames += len(packet.decode())
    except (av.FFmpegError, IndexError) as error:
        raise MediumError(f"What was made of {safe_path(path)} cannot be read back: {error}.") from error
    if (frames, found.hexdigest()) != (written, digest):
        raise MediumError(f"What was made of {safe_path(path)} reads back differently; it is left as it was.")


def _known(stream: VideoStream) -> bool:
    """False where the head says so little that no decoder can be chosen."""
    context: VideoCodecContext | None = stream.codec_context
    return context is not None and bool(context.width and context.height)
