"""Read files and hash them, several at a time; read once more what differs before it is called bad.

Used by check.py and create.py. The bytes come through a `Reader`, which knows the way around the page cache.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from onset.clock import Clock
from onset.errors import MediumError
from onset.mhl.hashes import Block, Digester, HashFormat
from onset.mhl.history import Checked, Known, differs, iso
from onset.mhl.tree import FileEntry

_SMALL = 1 << 20
_BATCH = 32


class Reader(Protocol):
    """Reads a file from the medium."""

    def __call__(self, path: Path, take: Callable[[Block], None], /) -> int:
        """Hand every block to `take` and return the bytes read.

        Raises:
            MediumError: the medium gave up.
        """
        ...


@dataclass(slots=True)
class Tally:
    """How far a verification is; another thread may read it at any time."""

    files: int = 0
    bytes: int = 0
    done_files: int = 0
    done_bytes: int = 0


@dataclass(frozen=True, slots=True)
class Wanted:
    """One file to read: what is on record of it, if anything, and the formats to hash it in."""

    entry: FileEntry
    known: Known | None
    formats: Collection[HashFormat]


def read_all(
    top: Path, wanted: Sequence[Wanted], read: Reader, clock: Clock, tally: Tally | None = None
) -> dict[str, Checked | MediumError]:
    """Hash every wanted file; big ones two at a time, small ones eight at a time in batches.

    Returns:
        By the file's path: its digests, or why it could not be read.
    """
    tally = tally or Tally()
    tally.files, tally.bytes = len(wanted), sum(each.entry.size for each in wanted)

    def hashed(batch: Iterable[Wanted]) -> list[tuple[str, Checked | MediumError]]:
        results: list[tuple[str, Checked | MediumError]] = []
        for each in batch:
            try:
                results.append((each.entry.path, hash_twice_if_wrong(top, each, read, clock)))
            except MediumError as error:
                results.append((each.entry.path, error))
            tally.done_files += 1
            tally.done_bytes += each.entry.size
        return results

    results: dict[str, Checked | MediumError] = {}
    big = [[each] for each in wanted if each.entry.size >= _SMALL]
    small = [each for each in wanted if each.entry.size < _SMALL]
    batches = [small[start : start + _BATCH] for start in range(0, len(small), _BATCH)]
    for workers, work in ((2, big), (8, batches)):
        with ThreadPoolExecutor(workers, thread_name_prefix="verify") as pool:
            for part in pool.map(hashed, work):
                results.update(part)
    return results


def hash_twice_if_wrong(top: Path, wanted: Wanted, read: Reader, clock: Clock) -> Checked:
    """The digests of one file.

    Raises:
        MediumError: the medium gave up.
    """
    checked = _hash(top, wanted, read, clock)
    if differs(wanted.known, checked.digests):
        checked = _hash(top, wanted, read, clock)  # once more before a file is called bad
    return checked


def _hash(top: Path, wanted: Wanted, read: Reader, clock: Clock) -> Checked:
    digester = Digester(wanted.formats)
    size = read(top / wanted.entry.path, digester.update)
    return Checked(size, wanted.entry.mtime_ns, digester.digests(), iso(clock.wall_ns()))
