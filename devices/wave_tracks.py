"""The samples of any WAV, BWF or RF64 file, track by track, without a decoder that takes long to load.

Used by `onset ltc`. 8 to 32 bits, float and double; everything in the head may be wrong, and is held against the file's
length (EBU Tech 3285, 3306; Microsoft's WAVEFORMATEXTENSIBLE).
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.typing import NDArray

from onset.errors import MediumError
from onset.text import safe_path

_PCM, _FLOAT, _EXTENSIBLE = 1, 3, 0xFFFE
_MOST_CHUNKS = 4096  # some recorders write a dozen; a damaged file may seem to hold millions
_HERTZ = (4_000, 400_000)  # below, timecode has no room; above, no converter goes
_MOST_TRACKS = 1024  # each is listened to
_AT_ONCE = 1 << 22  # bytes


@dataclass(frozen=True, slots=True)
class WaveTracks:
    """Where the samples of a file lie.

    Attributes:
        channels: tracks; they are counted from 0 here.
        count: samples of each.
        cut_short: the head promises more than the file holds.
    """

    path: Path
    sample_rate: int
    channels: int
    bits: int
    floating: bool
    at: int
    count: int
    cut_short: bool

    @property
    def frame_bytes(self) -> int:
        """Bytes of one sample of all tracks."""
        return self.channels * self.bits // 8

    def blocks(self, first: int, last: int, channels: Sequence[int]) -> Iterator[NDArray[np.float32]]:
        """The samples from `first` up to `last`, about a second at a time.

        Yields:
            (samples, len(channels)), full scale 1.0.

        Raises:
            MediumError: the disk gave up.
        """
        step = max(1, min(self.sample_rate, _AT_ONCE // self.frame_bytes))
        try:
            with self.path.open("rb") as file:
                for at in range(first, min(last, self.count), step):
                    file.seek(self.at + at * self.frame_bytes)
                    read = file.read((min(at + step, last, self.count) - at) * self.frame_bytes)
                    yield self._scaled(read[: len(read) - len(read) % self.frame_bytes], channels)
        except OSError as error:
            raise MediumError(f"{safe_path(self.path)} cannot be read: {error.strerror}.") from error

    def _scaled(self, read: bytes, channels: Sequence[int]) -> NDArray[np.float32]:
        chosen = list(channels)
        if self.floating:
            wide = np.frombuffer(read, f"<f{self.bits // 8}").reshape(-1, self.channels)[:, chosen]
            bounded: NDArray[np.float32] = np.clip(np.nan_to_num(wide), -1e3, 1e3).astype(np.float32)
            return bounded
        if self.bits == 24:
            bytes3 = np.frombuffer(read, np.uint8).reshape(-1, self.channels, 3)[:, chosen].astype(np.int32)
            joined = bytes3[..., 0] << 8 | bytes3[..., 1] << 16 | bytes3[..., 2] << 24
            loud: NDArray[np.float32] = (joined / np.float64(2**31)).astype(np.float32)
            return loud
        whole = np.frombuffer(read, "u1" if self.bits == 8 else f"<i{self.bits // 8}").reshape(-1, self.channels)
        centred = whole[:, chosen].astype(np.float64) - (128 if self.bits == 8 else 0)
        scaled: NDArray[np.float32] = (centred / 2.0 ** (self.bits - 1)).astype(np.float32)
        return scaled


def open_wave(path: Path) -> WaveTracks:
    """Read the head of a RIFF, RF64 or BW64 file.

    Raises:
        MediumError: it cannot be read, is no such file, or holds no sound that can be read here.
    """
    name = safe_path(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise MediumError(f"{name} is no file; give a WAV file.")
        with path.open("rb") as file:
            return _read_head(file, path)
    except (OSError, ValueError) as error:  # ValueError: a name with a zero in it
        why = error.strerror if isinstance(error, OSError) else "no file can be called that"
        raise MediumError(f"{name} cannot be read: {why}.") from error


def _read_head(file: BinaryIO, path: Path) -> WaveTracks:
    name = safe_path(path)
    length = os.fstat(file.fileno()).st_size
    magic = file.read(12)
    if magic[:4] not in (b"RIFF", b"RF64", b"BW64") or magic[8:] != b"WAVE":
        what = "is empty" if not magic else "is no WAV file"
        raise MediumError(f"{name} {what}; timecode is read from WAV, BWF and RF64.")
    form = b""
    long_data: int | None = None
    for _ in range(_MOST_CHUNKS):
        head = file.read(8)
        if len(head) < 8:
            break
        size, at = int.from_bytes(head[4:], "little"), file.tell()
        if head[:4] == b"data":
            promised = long_data if size == 0xFFFFFFFF and long_data is not None else size
            there = max(0, length - at)
            # A recorder that was cut off leaves 0 or the greatest number: then all that follows is sound.
            open_end = promised in (0, 0xFFFFFFFF) and there > 0
            return _checked(form, path, at, there if open_end else min(promised, there), promised > there)
        if head[:4] == b"fmt ":
            form = file.read(min(size, 64))
        elif head[:4] == b"ds64":
            sizes = file.read(min(size, 24))
            long_data = int.from_bytes(sizes[8:16], "little") if len(sizes) >= 16 else None
        with suppress(OverflowError):
            file.seek(at + size + size % 2)
    raise MediumError(f"{name} ends before its sound begins; the copy or the recording was cut off.")


def _checked(form: bytes, path: Path, at: int, size: int, cut_short: bool) -> WaveTracks:
    name = safe_path(path)
    if len(form) < 16:
        raise MediumError(f"{name} does not say in which form its sound is; its head is damaged.")
    kind, channels = int.from_bytes(form[:2], "little"), int.from_bytes(form[2:4], "little")
    sample_rate, bits = int.from_bytes(form[4:8], "little"), int.from_bytes(form[14:16], "little")
    if kind == _EXTENSIBLE and len(form) >= 26:
        kind = int.from_bytes(form[24:26], "little")
    floating = kind == _FLOAT
    if kind not in (_PCM, _FLOAT) or bits not in ((32, 64) if floating else (8, 16, 24, 32)):
        raise MediumError(f"{name} holds sound of another kind (format {kind}, {bits} bits); convert it to PCM.")
    if not 0 < channels <= _MOST_TRACKS or not _HERTZ[0] <= sample_rate <= _HERTZ[1]:
        raise MediumError(f"{name} says {channels} tracks at {sample_rate} Hz; its head is damaged.")
    count = size // (channels * bits // 8)
    if not count:
        raise MediumError(f"{name} holds no sound.")
    return WaveTracks(path, sample_rate, channels, bits, floating, at, count, cut_short)
