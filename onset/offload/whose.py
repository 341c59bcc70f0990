"""Whose files a folder on a target holds: this card's, or another's of the same names, sizes and dates.

Used by place.py. Names, sizes and dates tell cards apart only mostly: cameras begin every card alike. So the folder's
own history is asked first, whichever laptop wrote it, then the jobs on record, and last the largest files.
"""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl.asc import read_chain, read_manifest
from onset.mhl.durable import PART
from onset.mhl.history import load_history
from onset.mhl.paths import found_as
from onset.mhl.tree import CHAIN, FOLDER, FileEntry, Tree
from onset.offload.card import Card
from onset.offload.journal import JobSummary, files_of
from onset.text import safe_text

_SECOND = 1_000_000_000
_FAT_RESOLUTION_S = 2
_MOST_ZONES_S = 14 * 3600
_TOLD = re.compile(r"; card (.*), fingerprint ([0-9a-f]{32})$", re.DOTALL)  # as seal.py writes it
_LOOKED_INTO = 4
_LOOK = 1 << 18


class Owner:
    """Tells whether a folder is a card's.

    Args:
        card: which.
        jobs: all on record.
    """

    def __init__(self, card: Card, jobs: Sequence[JobSummary] = ()) -> None:
        self._card = card
        self._jobs: defaultdict[str, list[JobSummary]] = defaultdict(list)
        for job in jobs:
            for folder in job.sheet.folders:
                self._jobs[folder].append(job)  # a string: there may be thousands

    def owns(self, folder: Path, there: Tree) -> bool:
        """Whether the folder holds this card, a part of it or an earlier state of it, or nothing.

        Args:
            folder: on a target.
            there: what is in it.
        """
        mine, jobs = self._card.fingerprint, self._jobs[str(folder)]
        if any(job.running and job.sheet.fingerprint != mine for job in jobs):
            return False
        if not there.files:
            return True
        told = self._told(folder)
        if told:
            jobs = [job for job in jobs if job.sheet.fingerprint in told]  # others were of what lay there before
        elif self.began(folder):
            return True
        if mine in told and self.began(folder):
            return True
        if not is_of_card(there, self._card.tree):
            return False
        if mine in told:
            return True
        label = safe_text(self._card.label)
        for job in jobs:
            told.setdefault(job.sheet.fingerprint, set()).add(safe_text(job.sheet.label))
        if any(label not in labels for labels in told.values()):
            return False
        return self._has_all(folder, there, jobs) and self._agrees(folder, there)

    def others(self, folder: Path) -> frozenset[str]:
        """Fingerprints of other cards that were copied there, as its history tells, or the jobs on record."""
        told = {*self._told(folder), *(job.sheet.fingerprint for job in self._jobs[str(folder)])}
        return frozenset(told) - {self._card.fingerprint}

    def began(self, folder: Path) -> bool:
        """Whether a job on record began to copy this card there."""
        return any(job.sheet.fingerprint == self._card.fingerprint for job in self._jobs[str(folder)])

    def around(self, folder: Path) -> Path | None:
        """The sealed copy of a card in which a folder would lie: what is put there is in no manifest of it."""
        for above in Path(os.path.realpath(folder)).parents:
            if os.path.lexists(above / FOLDER / CHAIN) and (self._jobs.get(str(above)) or self._told(above)):
                return above
        return None

    def _told(self, folder: Path) -> dict[str, set[str]]:
        """Fingerprints of the cards that the folder's history says were copied there, with their labels."""
        found: defaultdict[str, set[str]] = defaultdict(set)
        with suppress(ManifestError, OSError):
            for link in reversed(read_chain(folder / FOLDER / CHAIN)):
                if f"{FOLDER}/{link.name}" in self._card.tree.files:
                    break  # the card brought it; so it tells of another copy
                creator = read_manifest(folder / FOLDER / link.name).creator
                told = _TOLD.search((creator.comment if creator is not None else None) or "")
                if told is not None:
                    found[told[2]].add(told[1])
                    if told[2] == self._card.fingerprint:
                        break
        return found

    def _has_all(self, folder: Path, there: Tree, jobs: Iterable[JobSummary]) -> bool:
        """Whether the card has every file that is on record for the folder, also those that are gone from it."""
        mine = self._card.tree.files
        for job in jobs:
            if any(path not in mine or mine[path].size != size for path, (size, _) in files_of(job).items()):
                return False
        if "" in there.histories:
            with suppress(ManifestError, OSError):
                return all(found_as(path, mine) is not None for path in load_history(folder).all_known())
        return True

    def _agrees(self, folder: Path, there: Tree) -> bool:
        """Whether some of what both hold begins or goes on alike. One damaged copy makes no other card; all do."""
        mine = self._card.tree.files
        both = [entry for path, entry in there.files.items() if path in mine and _same_size(mine[path], entry)]
        largest = sorted((entry for entry in both if entry.size), key=lambda entry: -entry.size)[:_LOOKED_INTO]
        answers = [
            _look_alike(self._card.root / mine[entry.path].lies_at, folder / entry.path, entry.size)
            for entry in largest
        ]
        known = [answer for answer in answers if answer is not None]
        return any(known) or not known


def _look_alike(one: Path, other: Path, size: int) -> bool | None:
    """Whether two files of one size agree in their middle and at their end; None if one cannot be read."""
    try:
        with one.open("rb") as mine, other.open("rb") as theirs:
            for offset in {max(0, size // 2 - _LOOK // 2), max(0, size - _LOOK)}:
                length = min(_LOOK, size)
                if os.pread(mine.fileno(), length, offset) != os.pread(theirs.fileno(), length, offset):
                    return False
    except OSError:
        return None
    return True


def is_of_card(there: Tree, card: Tree) -> bool:
    """Whether a folder holds nothing but files of this card: same path, size and date (or a part of one)."""
    for path, entry in there.files.items():
        mine = card.files.get(path)
        if mine is not None and _same_size(mine, entry) and same_time(mine.mtime_ns, entry.mtime_ns):
            continue
        if path.endswith(PART) or FOLDER in path.split("/")[:-1]:
            continue
        return False
    return True


def _same_size(mine: FileEntry, theirs: FileEntry) -> bool:
    return mine.size == theirs.size


def same_time(one_ns: int, other_ns: int) -> bool:
    """Whether two dates may be one: FAT keeps 2 s, and local time, so that whole hours may lie between.

    >>> same_time(10**9, 2 * 10**9), same_time(0, 3600 * 10**9), same_time(0, 60 * 10**9)
    (True, True, False)
    """
    apart = abs(one_ns - other_ns) / _SECOND
    if apart > _MOST_ZONES_S + _FAT_RESOLUTION_S:
        return False
    off = apart % 3600
    return min(off, 3600 - off) <= _FAT_RESOLUTION_S
