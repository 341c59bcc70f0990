"""A Broadcast Wave file, written as the sound comes: bext, iXML, 24 bits, RF64 where it grows beyond 4 GiB.

Used by `recorder.py`. The sizes in its head are kept true at least once a second, so whatever stops the program leaves
a file that any reader takes; the chunks in front of the samples never change their length (EBU Tech 3285, 3306).
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from fractions import Fraction
from functools import partial
from typing import BinaryIO, Literal
from xml.sax.saxutils import escape

import numpy as np

from devices.adapter import NS, Block, Samples
from devices.desk import Labels
from devices.disk import write_all
from devices.recorder import Start
from onset.capture.signals import Slated
from onset.clock import Clock
from onset.errors import MediumError
from onset.timecode import Timecode, samples_since_midnight

_LARGEST = 2**32 - 1
_PCM, _BYTES = 1, 3  # 24 bits


@dataclass(frozen=True, slots=True)
class SoundSlate:
    """What a sound file says of itself.

    Attributes:
        start: label of its first sample; `samples` is the same in samples since midnight.
        origin_wall_ns: the day and time in UTC that stand in its description.
        utc_offset_s: the zone they are written in.
        family: the same for all files of one take.
    """

    slated: Slated
    device: str
    start: Timecode
    samples: int
    tracks: tuple[str, ...]
    sample_rate: int
    origin_wall_ns: int
    utc_offset_s: int
    family: str


class SoundFile:
    """One poly file of one mixer. Belongs to the thread that writes to the disk."""

    def __init__(self, file: BinaryIO, slate: SoundSlate, *, largest: int = _LARGEST) -> None:
        """Write the head.

        Args:
            file: empty, unbuffered, writable and seekable; the caller closes it.
            slate: what it says of itself.
            largest: bytes after which RIFF becomes RF64.

        Raises:
            MediumError: the disk refused.
        """
        self._file = file
        self._slate = slate
        self._largest = largest
        self._frame_bytes = len(slate.tracks) * _BYTES
        self._bytes = 0
        self._told = 0
        self._missing = 0
        self._next: int | None = None
        self._is_rf64 = False
        head = bytearray(b"RIFF\0\0\0\0WAVE")
        # The place for RF64's sizes; a reader of RIFF passes over JUNK.
        head += _chunk(b"JUNK", bytes(28)) + _chunk(b"bext", _bext(slate)) + _chunk(b"fmt ", _format(slate))
        head += _chunk(b"iXML", _ixml(slate).encode())
        head += b"data\0\0\0\0"
        self._data_at = len(head)
        try:
            write_all(file, head)
            self._tell_sizes()
        except OSError as error:
            raise MediumError(error.strerror or str(error)) from error

    def write(self, block: Block) -> None:
        """Add a block; samples that are known to be missing before it become silence, so that time stays true.

        Raises:
            MediumError: the disk refused; what was written before stays readable.
        """
        gap = 0 if self._next is None else max(0, block.first - self._next)
        self._next = block.first + len(block.samples)
        self._missing += gap
        try:
            if gap:
                self._append(bytes(gap * self._frame_bytes))
            self._append(_packed(block.samples))
            if self._bytes - self._told >= self._slate.sample_rate * self._frame_bytes // 4:
                self._tell_sizes()
        except OSError as error:
            raise MediumError(error.strerror or str(error)) from error

    def _append(self, data: bytes) -> None:
        write_all(self._file, data)
        self._bytes += len(data)

    def _tell_sizes(self) -> None:
        """Make the sizes in the head those of what is written; never more than there is."""
        file, size = self._file, self._data_at + self._bytes + self._bytes % 2 - 8
        if size > self._largest:
            if not self._is_rf64:
                file.seek(12)
                file.write(b"ds64")
            file.seek(20)
            file.write(struct.pack("<QQQI", size, self._bytes, self._bytes // self._frame_bytes, 0))
            file.seek(self._data_at - 4)
            file.write(b"\xff\xff\xff\xff")
            file.seek(0)
            file.write(b"RF64\xff\xff\xff\xff")
            self._is_rf64 = True
        else:
            file.seek(4)
            file.write(struct.pack("<I", size))
            file.seek(self._data_at - 4)
            file.write(struct.pack("<I", self._bytes))
        file.seek(0, os.SEEK_END)
        self._told = self._bytes

    @property
    def samples(self) -> int:
        """Samples of each track, missing ones counted."""
        return self._bytes // self._frame_bytes

    @property
    def duration_frames(self) -> int:
        """Whole frames that they last."""
        rate = self._slate.start.rate
        return rate.frames_in(Fraction(self.samples, self._slate.sample_rate))

    @property
    def missing(self) -> int:
        """Samples that are silence because they never came."""
        return self._missing

    def close(self) -> None:
        """Make the file complete, not yet durable.

        Raises:
            MediumError: the disk refused; it stays readable up to the last second.
        """
        try:
            if self._bytes % 2:
                write_all(self._file, b"\0")
            self._tell_sizes()
        except OSError as error:
            raise MediumError(error.strerror or str(error)) from error


def _packed(samples: Samples) -> bytes:
    """The upper 24 of 32 bits, low byte first."""
    little = np.ascontiguousarray(samples, dtype="<i4")
    return little.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()


def _chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def _format(slate: SoundSlate) -> bytes:
    tracks, hertz = len(slate.tracks), slate.sample_rate
    return struct.pack("<HHIIHH", _PCM, tracks, hertz, hertz * tracks * _BYTES, tracks * _BYTES, _BYTES * 8)


def _bext(slate: SoundSlate) -> bytes:
    """The broadcast extension, version 1 (EBU Tech 3285): fields of fixed length, then the coding history."""
    slated = slate.slated
    stamp = datetime.fromtimestamp((slate.origin_wall_ns + slate.utc_offset_s * NS) / NS, UTC)
    description = "\r\n".join(
        f"s{name}={value}"
        for name, value in (
            ("PROJECT", slated.production),
            ("SCENE", slated.slate),
            ("TAKE", slated.take),
            ("TAPE", slated.roll or ""),
            ("NOTE", slated.note),
            *((f"TRK{i}", name) for i, name in enumerate(slate.tracks, 1)),
        )
    )
    history = f"A=PCM,F={slate.sample_rate},W=24,M={len(slate.tracks)},T=onset\r\n"
    return (
        _fixed(description, 256)
        + _fixed("onset", 32)
        + _fixed(slate.family[:32], 32)
        + _fixed(stamp.strftime("%Y-%m-%d"), 10)
        + _fixed(stamp.strftime("%H:%M:%S"), 8)
        + struct.pack("<QH", slate.samples, 1)
        + bytes(64 + 190)
        + history.encode()
    )


def _fixed(text: str, length: int) -> bytes:
    return text.encode("ascii", "replace")[:length].ljust(length, b"\0")


def _ixml(slate: SoundSlate) -> str:
    """The iXML chunk, as the field's recorders write it (gallery.co.uk, iXML specification 1.5)."""
    slated, rate = slate.slated, slate.start.rate
    speed = f"{rate.fps.numerator}/{rate.fps.denominator}"
    tracks = "".join(
        f"<TRACK><CHANNEL_INDEX>{i}</CHANNEL_INDEX><INTERLEAVE_INDEX>{i}</INTERLEAVE_INDEX>"
        f"<NAME>{_xml(name)}</NAME><FUNCTION>{_xml(name.upper())}</FUNCTION></TRACK>"
        for i, name in enumerate(slate.tracks, 1)
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<BWFXML><IXML_VERSION>1.5</IXML_VERSION>'
        f"<PROJECT>{_xml(slated.production)}</PROJECT><SCENE>{_xml(slated.slate)}</SCENE>"
        f"<TAKE>{_xml(slated.take)}</TAKE><TAPE>{_xml(slated.roll or '')}</TAPE><NOTE>{_xml(slated.note)}</NOTE>"
        f"<FILE_UID>{uuid.uuid5(uuid.NAMESPACE_OID, f'{slate.family} {slate.device} {slate.start}').hex}</FILE_UID>"
        f"<SPEED><MASTER_SPEED>{speed}</MASTER_SPEED><CURRENT_SPEED>{speed}</CURRENT_SPEED>"
        f"<TIMECODE_RATE>{speed}</TIMECODE_RATE><TIMECODE_FLAG>{'DF' if rate.drop else 'NDF'}</TIMECODE_FLAG>"
        f"<FILE_SAMPLE_RATE>{slate.sample_rate}</FILE_SAMPLE_RATE><AUDIO_BIT_DEPTH>24</AUDIO_BIT_DEPTH>"
        f"<DIGITIZER_SAMPLE_RATE>{slate.sample_rate}</DIGITIZER_SAMPLE_RATE>"
        f"<TIMESTAMP_SAMPLE_RATE>{slate.sample_rate}</TIMESTAMP_SAMPLE_RATE>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>{slate.samples >> 32}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_HI>"
        f"<TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>{slate.samples & 0xFFFFFFFF}</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>"
        "</SPEED>"
        f"<FILE_SET><TOTAL_FILES>1</TOTAL_FILES><FAMILY_UID>{slate.family}</FAMILY_UID>"
        f"<FAMILY_NAME>{_xml(slated.slate)}T{_xml(slated.take)}</FAMILY_NAME></FILE_SET>"
        f"<TRACK_LIST><TRACK_COUNT>{len(slate.tracks)}</TRACK_COUNT>{tracks}</TRACK_LIST></BWFXML>\n"
    )


def _xml(text: str) -> str:
    """Text for XML 1.0, which has no control characters."""
    return escape("".join(c for c in text if c >= " " or c in "\t\n\r"))


class SoundFilm:
    """How the files of one mixer begin: exactly on a frame of the production's timecode."""

    medium: Literal["picture", "sound"] = "sound"
    suffix = ".wav"

    def __init__(
        self, device: str, tracks: Sequence[str], sample_rate: int, labels: Labels, clock: Clock, utc_offset_s: int
    ) -> None:
        self._device = device
        self._tracks = tuple(tracks)
        self._sample_rate = sample_rate
        self._labels = labels
        self._clock = clock
        self._utc_offset_s = utc_offset_s

    @property
    def tracks(self) -> list[str]:
        """Names of the tracks, in channel order."""
        return list(self._tracks)

    @property
    def sample_rate(self) -> int:
        """Samples a second."""
        return self._sample_rate

    def start(self, slated: Slated, pieces: Sequence[Block]) -> Start[Block] | None:
        """The file begins with the first sample of the first whole frame in `pieces`; None when they end before it."""
        first = pieces[0]
        into_ns, label, source = self._frame_start(first.mono_ns)
        skip = round(into_ns * self._sample_rate / NS)
        kept = _without(pieces, skip)
        if not kept:
            return None
        wall_ns = self._clock.wall_ns() - (self._clock.monotonic_ns() - first.mono_ns)
        slate = SoundSlate(
            slated,
            self._device,
            label,
            samples_since_midnight(label, self._sample_rate),
            self._tracks,
            self._sample_rate,
            wall_ns,
            self._utc_offset_s,
            slated.take_id,
        )
        return Start(label, source, kept, partial(SoundFile, slate=slate))

    def _frame_start(self, mono_ns: int) -> tuple[int, Timecode, str]:
        """Nanoseconds from `mono_ns` to where the next frame begins, its label and where it comes from."""
        label, source = self._labels.label_at(mono_ns)
        early, late = 0, int(2 * NS / label.rate.fps)
        following = label
        while late - early > 1:
            middle = (early + late) // 2
            there, _ = self._labels.label_at(mono_ns + middle)
            if there == label:
                early = middle
            else:
                late, following = middle, there
        return late, following, source


def _without(pieces: Sequence[Block], skip: int) -> list[Block]:
    """`pieces` without their first `skip` samples."""
    kept = list(pieces)
    while kept and skip >= len(kept[0].samples):
        skip -= len(kept[0].samples)
        del kept[0]
    if kept and skip:
        first = kept[0]
        stamp_ns = first.mono_ns + skip * NS // first.sample_rate
        kept[0] = Block(first.samples[skip:], first.first + skip, stamp_ns, first.sample_rate)
    return kept
