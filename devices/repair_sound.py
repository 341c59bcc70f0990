"""The length of a wave file that nobody finished: what its head says against what is there.

Used by `repair.py`.
"""

from __future__ import annotations

import os
import struct
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path
from typing import BinaryIO

import xxhash

from devices.disk import write_all
from onset.errors import MediumError
from onset.text import safe_path

_LARGEST = 2**32 - 1
_AT_ONCE = 4 << 20
_MOST_CHUNKS = 10_000
_DS64 = 28
_OPEN = 0xFFFFFFFF


class SoundDamage(Enum):
    """What is wrong with a wave file."""

    NONE = auto()
    LENGTH = auto()
    HEAD = auto()
    FOREIGN = auto()


@dataclass(slots=True)
class _Head:
    """What stands before the samples.

    Attributes:
        data_at: where the first sample is; None while none was found.
        told: bytes of sound that the head tells of.
        frame: bytes of one sample of all tracks.
        sizes_at: where the chunk is that may hold RF64's sizes, 0 where there is none.
        riff: the file's length as the head tells it.
    """

    rf64: bool = False
    riff: int = 0
    frame: int = 0
    sample_rate: int = 0
    sizes_at: int = 0
    data_at: int | None = None
    told: int = 0


def sound_damage(path: Path) -> SoundDamage:
    """Compare what the head says with what is there.

    Raises:
        OSError: it cannot be read.
    """
    with path.open("rb") as file:
        head = _read(file)
        length = os.fstat(file.fileno()).st_size
        if head is None:
            return SoundDamage.FOREIGN
        if head.data_at is None:
            return SoundDamage.HEAD
        if not head.frame or not head.sample_rate:
            return SoundDamage.FOREIGN
        end = head.data_at + head.told
        # Chunks may follow the sound; where they lead exactly to the end, the sound is as long as it says.
        whole = end <= length and head.told % head.frame == 0 and _leads_to(file, end + head.told % 2, length)
        # Some programs leave the padding byte out.
        return SoundDamage.NONE if whole and head.riff + 8 in (length, length - 1, length + 1) else SoundDamage.LENGTH


def finish_sound(path: Path, file: BinaryIO) -> tuple[int, int]:
    """Write the finished file: all whole samples that are there, with a head that says so, and read it back.

    Returns:
        Samples of each track, and how many a second.

    Raises:
        MediumError: it is no such file, or what was written reads back differently.
        OSError: a disk refused.
    """
    with path.open("rb") as old:
        head = _read(old)
        if head is None or head.data_at is None or not head.frame:
            raise MediumError(f"{safe_path(path)} is no wave file that can be finished.")
        length = os.fstat(old.fileno()).st_size
        samples = (length - head.data_at) // head.frame
        told_end = head.data_at + head.told
        if told_end < length and head.told % head.frame == 0 and _leads_to(old, told_end + head.told % 2, length):
            samples = head.told // head.frame  # only the outer length is wrong: chunks follow the sound
        size = samples * head.frame
        old.seek(0)
        front = bytearray(old.read(head.data_at))
        _tell(front, head, size, samples, path)
        write_all(file, front)
        digest = _copy(old, file, head.data_at, size)
        if size % 2:
            write_all(file, b"\0")
    file.seek(0)
    again = _read(file)
    if again is None or (again.data_at, again.told) != (head.data_at, size):
        raise MediumError(f"What was made of {safe_path(path)} tells another length; it is left as it was.")
    if _digest(file, head.data_at, size) != digest:
        raise MediumError(f"What was made of {safe_path(path)} reads back differently; it is left as it was.")
    return samples, head.sample_rate


def _tell(front: bytearray, head: _Head, size: int, samples: int, path: Path) -> None:
    """Put the sizes into the head."""
    riff = len(front) + size + size % 2 - 8
    if riff <= _LARGEST and not head.rf64:
        struct.pack_into("<I", front, 4, riff)
        struct.pack_into("<I", front, len(front) - 4, size)
        return
    if not head.sizes_at:
        raise MediumError(f"{safe_path(path)} is longer than 4 GiB and has no room for its length.")
    front[:4] = b"RF64"
    struct.pack_into("<I", front, 4, _OPEN)
    front[head.sizes_at - 8 : head.sizes_at - 4] = b"ds64"
    struct.pack_into("<QQQ", front, head.sizes_at, riff, size, samples)
    struct.pack_into("<I", front, len(front) - 4, _OPEN)


def _read(file: BinaryIO) -> _Head | None:
    """The head, as far as it goes; None where it is none."""
    file.seek(0)
    magic = file.read(12)
    if len(magic) < 12 or magic[:4] not in (b"RIFF", b"RF64", b"BW64") or magic[8:] != b"WAVE":
        return None
    length = os.fstat(file.fileno()).st_size
    head = _Head(rf64=magic[:4] != b"RIFF", riff=int.from_bytes(magic[4:8], "little"))
    long_data = 0
    for _ in range(_MOST_CHUNKS):
        start = file.read(8)
        if len(start) < 8:
            return head
        name, size, at = start[:4], int.from_bytes(start[4:], "little"), file.tell()
        if name == b"data":
            head.data_at = at
            head.told = long_data if head.rf64 and size == _OPEN else size
            return head
        if at + size > length:
            return head
        body = file.read(min(size, 64))
        if name == b"fmt " and len(body) >= 16:
            _, _, head.sample_rate, _, head.frame, _ = struct.unpack_from("<HHIIHH", body)
        elif name in (b"ds64", b"JUNK") and size >= _DS64 and at == 20:
            head.sizes_at = at
            if name == b"ds64":
                head.riff, long_data = struct.unpack_from("<QQ", body)
        file.seek(at + size + size % 2)
    return None


def _leads_to(file: BinaryIO, at: int, length: int) -> bool:
    """Whether chunks that begin at `at` lead to the end of the file."""
    for _ in range(_MOST_CHUNKS):
        if at in (length, length + 1):
            return True
        file.seek(at)
        start = file.read(8)
        if len(start) < 8 or not all(32 <= c < 127 for c in start[:4]):
            return False
        size = int.from_bytes(start[4:], "little")
        at += 8 + size + size % 2
        if at > length + 1:
            return False
    return False


def _copy(old: BinaryIO, file: BinaryIO, at: int, size: int) -> str:
    old.seek(at)
    digest, left = xxhash.xxh3_128(), size
    while left:
        part = old.read(min(_AT_ONCE, left))
        if not part:
            raise MediumError("The file became shorter while it was read; it is left as it was.")
        digest.update(part)
        write_all(file, part)
        left -= len(part)
    return str(digest.hexdigest())


def _digest(file: BinaryIO, at: int, size: int) -> str:
    file.seek(at)
    digest, left = xxhash.xxh3_128(), size
    while left:
        part = file.read(min(_AT_ONCE, left))
        if not part:
            return ""
        digest.update(part)
        left -= len(part)
    return str(digest.hexdigest())
