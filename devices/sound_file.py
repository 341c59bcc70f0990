"""A Broadcast Wave file, written as the sound comes: 24 bits, RF64 where it grows beyond 4 GiB.

Used by `recorder.py`; what stands in its head is made in `sound_words.py`. The sizes in its head are kept true at least
once a second, so whatever stops the program leaves a file that any reader takes; the chunks in front of the samples
never change their length (EBU Tech 3285, 3306).
"""

from __future__ import annotations

import os
import struct
import uuid
from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from typing import BinaryIO, Literal

import msgspec
import numpy as np

from devices.adapter import NS, Block, Samples
from devices.clip import Moment, Part, Start
from devices.clip_name import file_safe
from devices.desk import Labels
from devices.disk import write_all
from devices.gauge import SoundGauge
from devices.sound_words import BYTES, NO_USER_BITS, SoundSlate, bext, chunk, cues, form, ixml
from onset.capture.signals import Said, Slated
from onset.clock import Clock
from onset.errors import MediumError
from onset.timecode import Timecode, samples_since_midnight

_LARGEST = 2**32 - 1


class SoundFile:
    """One file of one mixer, of all its tracks or of one. Belongs to the thread that writes to the disk."""

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
        self._frame_bytes = len(slate.tracks) * BYTES
        self._bytes = 0
        self._told = 0
        self._missing = 0
        self._behind = 0  # bytes of chunks that follow the sound
        self._next: int | None = None
        self._is_rf64 = False
        head = bytearray(b"RIFF\0\0\0\0WAVE")
        # The place for RF64's sizes; a reader of RIFF passes over JUNK.
        head += chunk(b"JUNK", bytes(28))
        self._bext_at = len(head)
        head += chunk(b"bext", bext(slate)) + chunk(b"fmt ", form(slate))
        self._ixml_at, words = len(head), ixml(slate)
        self._ixml_room = len(words)
        head += chunk(b"iXML", words) + b"data\0\0\0\0"
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
            column = self._slate.column
            data = _packed(block.samples if column is None else block.samples[:, column : column + 1])
            hole = gap * self._frame_bytes  # reads as silence, and costs neither memory nor time, however long it is
            self._file.seek(hole, os.SEEK_CUR)
            write_all(self._file, data)
            self._bytes += hole + len(data)
            if self._bytes - self._told >= self._slate.sample_rate * self._frame_bytes // 4:
                self._tell_sizes()
        except OSError as error:
            raise MediumError(error.strerror or str(error)) from error

    def _tell_sizes(self) -> None:
        """Make the sizes in the head those of what is written; never more than there is."""
        file, size = self._file, self._data_at + self._bytes + self._bytes % 2 + self._behind - 8
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

    def close(self, marks: Sequence[Moment] = (), said: Said | None = None) -> None:
        """Make the file complete, not yet durable; marks become cues behind the sound.

        Args:
            marks: in any order.
            said: of its take by now; None where nothing else is said than at the roll.

        Raises:
            MediumError: the disk refused; it stays readable up to the last second.
        """
        try:
            if self._bytes % 2:
                write_all(self._file, b"\0")
            self._tell_sizes()  # first: chunks that a crash cuts in two are not heard as sound
            behind = cues(marks, self._slate.sample_rate, self.samples)
            if behind:
                write_all(self._file, behind)  # at once, because their length is told by what follows
                self._behind = len(behind)
                self._tell_sizes()
            if said is not None and said != self._slate.slated.said:
                self._say(said)
        except OSError as error:
            raise MediumError(error.strerror or str(error)) from error

    def _say(self, said: Said) -> None:
        """Write the words anew that stand before the sound, in the same places and with the same lengths."""
        slate = replace(self._slate, slated=msgspec.structs.replace(self._slate.slated, said=said))
        for at, words in (
            (self._bext_at, chunk(b"bext", bext(slate))),
            (self._ixml_at, chunk(b"iXML", ixml(slate, self._ixml_room))),
        ):
            self._file.seek(at)
            write_all(self._file, words)
        self._file.seek(0, os.SEEK_END)


def _packed(samples: Samples) -> bytes:
    """The upper 24 of 32 bits, low byte first."""
    little = np.ascontiguousarray(samples, dtype="<i4")
    return little.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()


class SoundFilm:
    """How the files of one mixer begin: exactly on a frame of the production's timecode."""

    medium: Literal["picture", "sound"] = "sound"
    suffix = ".wav"

    def __init__(
        self,
        device: str,
        tracks: Sequence[str],
        sample_rate: int,
        labels: Labels,
        clock: Clock,
        utc_offset_s: int,
        *,
        mono: bool = False,
    ) -> None:
        """Take what is the same for all its files; `mono` writes one file a track."""
        self._device = device
        self._tracks = tuple(tracks)
        self._sample_rate = sample_rate
        self._labels = labels
        self._clock = clock
        self._utc_offset_s = utc_offset_s
        self._mono = mono

    @property
    def sample_rate(self) -> int:
        """Samples a second."""
        return self._sample_rate

    def start(self, slated: Slated, pieces: Sequence[Block], rolled_ns: int) -> Start[Block] | None:
        """The file begins with the first sample of the first whole frame in `pieces`; None when they end before it."""
        first = pieces[0]
        into_ns, label, source = self._frame_start(first.mono_ns)
        skip = round(into_ns * self._sample_rate / NS)
        kept = _without(pieces, skip)
        if not kept:
            return None
        wall_ns = self._clock.wall_ns() - (self._clock.monotonic_ns() - first.mono_ns)
        family = uuid.uuid5(uuid.NAMESPACE_OID, f"{slated.take_id} {self._device} {label} {wall_ns}").hex
        sets = [(name,) for name in self._tracks] if self._mono else [self._tracks]
        parts = []
        for index, (tracks, tail) in enumerate(zip(sets, self._tails(), strict=True)):
            slate = SoundSlate(
                slated,
                self._device,
                label,
                samples_since_midnight(label, self._sample_rate),
                tracks,
                self._sample_rate,
                wall_ns,
                self._utc_offset_s,
                family,
                column=index if self._mono else None,
                user_bits=self._labels.user_bits(source) or NO_USER_BITS,
                pre_record=max(0, round((rolled_ns - kept[0].mono_ns) * self._sample_rate / NS)),
                files=len(sets),
            )
            parts.append(_part(slate, tail))
        return Start(label, source, kept, parts, family if self._mono else "", SoundGauge(len(self._tracks)))

    def _tails(self) -> list[str]:
        """What each file's name ends with: its track's name, with its number where that is not enough."""
        if not self._mono:
            return [""]
        names = [file_safe(name) for name in self._tracks]
        folded = [name.casefold() for name in names]
        return [
            f"_{name}" if folded.count(name.casefold()) == 1 else f"_{name}_{number}"
            for number, name in enumerate(names, 1)
        ]

    def _frame_start(self, mono_ns: int) -> tuple[int, Timecode, str]:
        """Nanoseconds from `mono_ns` to where a frame begins next, its label and where it comes from."""
        label, source = self._labels.label_at(mono_ns)
        if self._labels.label_at(mono_ns - NS // self._sample_rate // 2)[0] != label:  # within half a sample
            return 0, label, source
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


def _part(slate: SoundSlate, tail: str) -> Part[Block]:
    def make(raw: BinaryIO, name: str) -> SoundFile:
        return SoundFile(raw, replace(slate, name=name))

    return Part(make, slate.tracks, tail)


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
