"""Faults of a medium while an offload runs: one bit changes behind the file system's back, a sector cannot be read.

Used by test_offload_medium.py and by benchmarks/soak/offload_flips.py.
"""

from __future__ import annotations

import fcntl
import os
import random
import struct
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from onset.cli.verify import read_around_cache
from onset.clock import SystemClock
from onset.mhl.check import MISMATCH, verify_history
from onset.mhl.tree import FileEntry
from onset.offload.outcome import Outcome
from onset.offload.prove import Prover, Reading, Written
from onset.offload.small import SMALL, SmallFiles
from tests.faults.power import Volume
from tests.onset.offload.cards import contents, offload

_FIEMAP = 0xC020660B  # <linux/fs.h>
_HEADER, _EXTENT = "=QQIIII", "=QQQQQIIII"

Moment = Callable[[FileEntry, Sequence[Written]], None]


@contextmanager
def before_each_proof(act: Moment) -> Iterator[None]:
    """Do something in every file's life between durable and read back; files come from several threads."""
    real = Prover.prove

    def prove(self: Prover, entry: FileEntry, outcome: object, written: Sequence[Written], *rest: Any) -> None:
        if entry.size >= SMALL:
            act(entry, written)
        real(self, entry, outcome, written, *rest)  # type: ignore[arg-type]  # passed on as they came

    with patch.object(Prover, "prove", prove), _before_each_batch_is_proved(act):
        yield


@contextmanager
def before_each_second_read(act: Callable[[FileEntry], None]) -> Iterator[None]:
    """Do something once in every file's life between the first and the second read of the card."""
    real = Prover._read_card
    seen: set[str] = set()

    def read_card(self: Prover, entry: FileEntry, held: int = -1) -> Reading:
        if entry.size >= SMALL and entry.path not in seen:
            seen.add(entry.path)
            act(entry)
        return real(self, entry, held)

    with patch.object(Prover, "_read_card", read_card), _before_each_batch_is_proved(lambda entry, _: act(entry)):
        yield


@contextmanager
def _before_each_batch_is_proved(act: Moment) -> Iterator[None]:
    """Small files are read back, and on the card once more, many at a time."""
    real = SmallFiles._read_back

    def read_back(self: SmallFiles, begun: Any, desk: Any) -> None:
        for each in begun:
            act(each.entry, each.copies)
        real(self, begun, desk)

    with patch.object(SmallFiles, "_read_back", read_back):
        yield


def place_of(file: int, at: int) -> int:
    """Where a byte of an open file lies on its medium, on a file system that writes in place (ext4, XFS)."""
    asked = struct.pack(_HEADER, at, 1, 0, 0, 1, 0) + bytes(struct.calcsize(_EXTENT))
    told = fcntl.ioctl(file, _FIEMAP, asked)
    found = struct.unpack_from(_HEADER, told)[3]
    assert found == 1, "the byte is not on the medium"
    logical, physical = struct.unpack_from(_EXTENT, told, struct.calcsize(_HEADER))[:2]
    return int(physical + at - logical)


def flip(image: Path, place: int, bit: int = 0) -> None:
    """Change one bit of a medium; the caches of whoever has it mounted do not learn of it."""
    with image.open("r+b", buffering=0) as medium:
        (byte,) = os.pread(medium.fileno(), 1, place)
        os.pwrite(medium.fileno(), bytes([byte ^ 1 << bit]), place)


def offload_with_a_flip(card: Path, disk: Volume, folder: Path, chance: random.Random) -> None:
    """One random bit of one random copy flips once it is durable: told by its name, and made good by the next run.

    Args:
        card: any card.
        disk: whose medium is hit.
        folder: an empty one on another disk, for the other target and the job's record.
        chance: what is hit.
    """
    victim = chance.choice([name for name, data in contents(card).items() if data])
    hit, good = disk.folder / folder.name, folder / "T2"
    for target in (hit, good):
        target.mkdir()

    def spoil(entry: FileEntry, written: Sequence[Written]) -> None:
        for copy in written:
            if entry.path == victim and copy.sink.path.is_relative_to(hit):
                flip(disk.image, place_of(copy.fd, chance.randrange(entry.size)), chance.randrange(8))

    with before_each_proof(spoil):
        outcome = offload(card, [hit, good], folder / "state")
    _told(outcome, victim, hit / card.name)
    assert not (hit / card.name / victim).exists()
    assert contents(good / card.name) == contents(card)
    again = offload(card, [hit, good], folder / "state")
    assert (again.exit_code, again.problems) == (0, ())
    assert contents(hit / card.name) == contents(card)


def verify_with_a_flip(copied: Path, disk: Volume, chance: random.Random) -> None:
    """One random bit of a durable copy flips while the cache holds the right bytes: a verification tells that file."""
    victim = chance.choice([name for name, data in contents(copied).items() if data])  # all of it is in the cache now
    with (copied / victim).open("rb") as file:
        os.fsync(file.fileno())
        place, bit = place_of(file.fileno(), chance.randrange((copied / victim).stat().st_size)), chance.randrange(8)
    for wrong in ([victim], []):  # and turned back, that all is well
        flip(disk.image, place, bit)
        done = verify_history(copied, read_around_cache, SystemClock(), append=False)
        assert [(trouble.path, trouble.code) for trouble in done.troubles] == [(each, MISMATCH) for each in wrong]


def _told(outcome: Outcome, victim: str, where: Path) -> None:
    assert (outcome.exit_code, outcome.verdict) == (11, "not safe")
    assert [(problem.path, problem.target) for problem in outcome.problems] == [(victim, str(where))], victim
    assert [target.failed for target in outcome.targets] == [1, 0]
