"""Timecode out of a sound file and into one.

Used by `onset ltc`. Which track carries timecode is heard, not asked; where it starts late, what comes before it is
heard once.
"""

from __future__ import annotations

import os
import struct
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise
from pathlib import Path
from typing import BinaryIO

import numpy as np

from devices.ltc import LtcDecoder, rate_of, write_ltc
from devices.ltc_word import Heard, user_text
from devices.wave_tracks import WaveTracks
from onset.errors import MediumError
from onset.text import safe_path
from onset.timecode import Rate, Timecode, samples_since_midnight

_AUDITION_S = 12  # how much of each track is heard before the next; a second has to end in it
_LARGEST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Run:
    """Labels without a break or a jump.

    Attributes:
        first: the first of `count` labels, `last` the last one.
        inferred: how many of them were not read but lie between two that were.
        user: the eight nibbles of user bits that most of them carry.
    """

    first: Heard
    last: Heard
    count: int
    inferred: int
    user: tuple[int, ...]

    @property
    def user_bits(self) -> str:
        """User bits as recorders show them, group eight first: `26112601`."""
        return user_text(self.user)


@dataclass(frozen=True, slots=True)
class FileTimecode:
    """What a file says.

    Attributes:
        channel: which track, counted from 0.
        also: other tracks on which timecode was heard beside it.
        rate: None where the file is too short to tell it.
    """

    channel: int
    also: tuple[int, ...]
    rate: Rate | None
    labels: tuple[Heard, ...]
    runs: tuple[Run, ...]


def read_timecode(tracks: WaveTracks, channel: int | None = None) -> FileTimecode | None:
    """Timecode of a file; None where there is none.

    Args:
        tracks: the file.
        channel: counted from 0; None: whichever carries timecode, the one with most labels where several do.

    Raises:
        MediumError: the disk gave up.
    """
    begin, also = 0, tuple[int, ...]()
    if channel is None:
        found = _find(tracks)
        if found is None:
            return None
        channel, begin, also = found
    decoder = LtcDecoder(tracks.sample_rate)
    labels: list[Heard] = []
    for block in tracks.blocks(begin, tracks.count, (channel,)):
        labels += _fed(decoder, block[:, 0], tracks.sample_rate)
    labels += decoder.finish()
    if not labels:
        return None
    moved = [_later(heard, begin) for heard in labels]
    return FileTimecode(channel, also, rate_of(moved, tracks.sample_rate), tuple(moved), tuple(_runs(moved)))


def _find(tracks: WaveTracks) -> tuple[int, int, tuple[int, ...]] | None:
    """The track with timecode, from where on it is to be heard, and others that carry some."""
    step = _AUDITION_S * tracks.sample_rate
    for begin in range(0, tracks.count, step):
        start = max(0, begin - tracks.sample_rate)  # timecode that began at the end of the last stretch
        decoders = [LtcDecoder(tracks.sample_rate) for _ in range(tracks.channels)]
        counts: Counter[int] = Counter()
        for block in tracks.blocks(start, begin + step, range(tracks.channels)):
            for channel, decoder in enumerate(decoders):
                counts[channel] += len(_fed(decoder, block[:, channel].copy(), tracks.sample_rate))
        for channel, decoder in enumerate(decoders):
            counts[channel] += len(decoder.finish())
        heard = [channel for channel, count in counts.most_common() if count]
        if heard:
            return heard[0], start, tuple(sorted(heard[1:]))
    return None


def _fed(decoder: LtcDecoder, wave: np.ndarray[tuple[int], np.dtype[np.float32]], hertz: int) -> list[Heard]:
    step = max(1, hertz // 10)
    return [heard for at in range(0, len(wave), step) for heard in decoder.feed(wave[at : at + step])]


def _later(heard: Heard, samples: int) -> Heard:
    if not samples:
        return heard
    return replace(heard, sample=heard.sample + samples)


def _runs(labels: Sequence[Heard]) -> list[Run]:
    """Stretches in which label follows on label."""
    cuts = [0]
    for i, (before, after) in enumerate(pairwise(labels), 1):
        step = (before.frames + (-1 if before.reverse else 1), before.seconds, before.minutes, before.hours)
        next_to = step == (after.frames, after.seconds, after.minutes, after.hours) or before.seconds != after.seconds
        near = after.sample - before.sample < 1.5 * before.length
        if before.reverse != after.reverse or not near or not next_to or _jumps(before, after):
            cuts.append(i)
    ends = [*cuts[1:], len(labels)]
    return [_run(labels[begin:end]) for begin, end in zip(cuts, ends, strict=True)]


def _jumps(before: Heard, after: Heard) -> bool:
    """Whether the second changed by something else than one."""
    one, two = ((h.hours * 60 + h.minutes) * 60 + h.seconds for h in (before, after))
    step = (one - two if before.reverse else two - one) % 86_400
    edge = after.frames if not before.reverse else before.frames
    return step > 1 or (step == 1 and edge not in (0, 2))


def _run(labels: Sequence[Heard]) -> Run:
    read = [heard for heard in labels if not heard.inferred]
    user = Counter(heard.user for heard in read or labels).most_common(1)[0][0]
    return Run(labels[0], labels[-1], len(labels), len(labels) - len(read), user)


def write_timecode(
    path: Path, start: Timecode, frames: int, *, sample_rate: int, bits: int, level: float, user: Sequence[int] = ()
) -> None:
    """Write a mono WAV that carries running timecode, with its time reference in a bext chunk; RF64 beyond 4 GiB.

    Args:
        path: a new file; it appears when it is whole.
        start: its first label; at most 30 labels a second.
        frames: how many.
        sample_rate: samples a second.
        bits: 16 or 24.
        level: peak, full scale 1.0.
        user: eight nibbles of user bits.

    Raises:
        MediumError: the name is taken, or the disk refused.
    """
    count = round(frames / start.rate.fps * sample_rate)
    part = path.with_name(f"{path.name}.onset-part")
    try:
        if os.path.lexists(path):
            raise MediumError(f"{safe_path(path)} is there already; give another name.")
        with part.open("xb") as file:
            file.write(_head(start, count, sample_rate, bits))
            for first in range(0, count, sample_rate):
                size = min(sample_rate, count - first)
                wave = write_ltc(start, Fraction(first, sample_rate), size, sample_rate, level, user)
                _write_samples(file, wave, bits)
            file.write(b"\0" * (count * bits // 8 % 2))
            file.flush()
            os.fsync(file.fileno())
        part.rename(path)
    except FileExistsError as error:
        raise MediumError(f"{safe_path(part)} is in the way; another command writes it, or was stopped.") from error
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        raise MediumError(f"{safe_path(path)} cannot be written: {error.strerror}.") from error
    except BaseException:  # Ctrl-C too: no half file stays
        with suppress(OSError):
            part.unlink()
        raise


def _write_samples(file: BinaryIO, wave: np.ndarray[tuple[int], np.dtype[np.float32]], bits: int) -> None:
    whole = np.round(wave.astype(np.float64) * (2 ** (bits - 1) - 1)).astype("<i4")
    file.write(whole.astype("<i2").tobytes() if bits == 16 else whole.view(np.uint8).reshape(-1, 4)[:, :3].tobytes())


def _head(start: Timecode, count: int, sample_rate: int, bits: int) -> bytes:
    """Everything before the samples (EBU Tech 3285 and 3306)."""
    size = count * bits // 8
    rate = start.rate
    told = f"sSPEED={float(rate.fps):07.3f}-{'DF' if rate.drop else 'ND'}\r\nsTRK1=ltc\r\n".encode()
    reference = samples_since_midnight(start, sample_rate)
    bext = told.ljust(256, b"\0") + b"onset".ljust(32, b"\0") + bytes(32 + 18) + struct.pack("<QH", reference, 1)
    bext += bytes(64 + 190)
    form = struct.pack("<HHIIHH", 1, 1, sample_rate, sample_rate * bits // 8, bits // 8, bits)
    body = b"WAVE%s" + b"bext" + struct.pack("<I", len(bext)) + bext + b"fmt " + struct.pack("<I", len(form)) + form
    total = 4 + 36 + 8 + len(bext) + 8 + len(form) + 8 + size + size % 2
    if total <= _LARGEST:
        junk = b"JUNK" + struct.pack("<I", 28) + bytes(28)
        return b"RIFF" + struct.pack("<I", total) + body.replace(b"%s", junk, 1) + b"data" + struct.pack("<I", size)
    ds64 = b"ds64" + struct.pack("<IQQQI", 28, total, size, count, 0)
    return b"RF64\xff\xff\xff\xff" + body.replace(b"%s", ds64, 1) + b"data\xff\xff\xff\xff"
