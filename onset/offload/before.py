"""Copies of a card that earlier jobs made and that are still whole: they count beside those of this run.

Used by the jobs for their verdicts. Nothing of them is read again: their manifest is there, all files with their sizes,
no verification since found one bad, and the run that made them read from the card what this one did.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from onset.offload.card import Card
from onset.offload.disks import whole_disks
from onset.offload.journal import JobSummary, known_of
from onset.offload.plan import spell_moment
from onset.offload.prove import PROOF
from onset.offload.readback import Method
from onset.offload.seal import is_of_history
from onset.offload.stands import found_bad
from onset.offload.verdict import Copied
from onset.text import safe_path, safe_text


@dataclass(frozen=True, slots=True)
class Before:
    """What earlier jobs made of this very state of a card.

    Attributes:
        there: copies that are whole, each with the moment at which it was read back.
        away: folders of copies that were whole and whose disks are not connected.
        differ: sentences about copies that were found bad, or made of another read of the card: they are none.
    """

    there: tuple[tuple[Copied, str], ...] = ()
    away: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()


def copies_before(
    card: Card,
    jobs: Sequence[JobSummary],
    folders: Collection[str],
    read: Mapping[str, str],
    known_bad: Mapping[str, str] = MappingProxyType({}),
) -> Before:
    """Look for copies that this run does not make.

    Args:
        card: as it is.
        jobs: of this very state of it, newest first: what the newest says of a copy holds.
        folders: of this run's copies.
        read: the digest (xxh128) that this run made of each file it read from the card.
        known_bad: what the log knows against copies, by the path of their manifest.
    """
    there: list[tuple[Copied, str]] = []
    away: list[str] = []
    differ: list[str] = []
    seen = set(folders)
    for job in jobs:
        result = job.result or {}
        told = result.get("targets")
        as_of = result.get("as_of_ns")
        for each in told if isinstance(told, list) else ():
            path = str(each.get("path"))
            if path in seen:
                continue
            seen.add(path)
            if not _was_whole(card, each):
                continue
            other = _read_otherwise(_reader(job, jobs), read)
            if other is not None:
                differ.append(not_counted(path, f"{safe_text(other)} was read from the card otherwise then"))
                continue
            bad = found_bad(str(each["manifest"]), known_bad)
            if bad is not None:
                differ.append(not_counted(path, bad))
                continue
            copy = _seen_now(card, each)
            if copy is not None:
                there.append((copy, spell_moment(as_of if isinstance(as_of, int) else job.sheet.started_ns)))
            elif _is_away(Path(path)):
                away.append(path)
    return Before(tuple(there), tuple(away), tuple(differ))


def _reader(job: JobSummary, jobs: Sequence[JobSummary]) -> JobSummary:
    """The job that read the card for the copies that a job made."""
    return next((each for each in jobs if each.sheet.id == job.sheet.first), job)


def _read_otherwise(job: JobSummary, read: Mapping[str, str]) -> str | None:
    """A file of which a job has another digest on record, or none; a bad read in either run is a bad copy."""
    known = known_of(job, None)
    return next(
        (path for path, digest in read.items() if path not in known or known[path].digests.get(PROOF) != digest), None
    )


def _was_whole(card: Card, told: Mapping[str, object]) -> bool:
    proved = told.get("read_back") not in (None, Method.CACHE.value) and told.get("manifest") is not None
    return proved and told.get("verified") == len(card.tree.files) and not told.get("failed") and not told.get("lost")


def not_counted(path: str, why: str) -> str:
    """What is said of a copy that an offload does without."""
    return f"{safe_path(path)} does not count: {why}"


def _seen_now(card: Card, told: Mapping[str, object]) -> Copied | None:
    """A copy that is there with all of its files, on another disk than the card."""
    folder, disk = Path(str(told["path"])), told.get("disk")
    try:
        device = os.stat(folder).st_dev
        if device == card.root.stat().st_dev or not os.path.exists(str(told["manifest"])):
            return None
        for path, entry in card.tree.files.items():
            if not is_of_history(path) and os.lstat(folder / path).st_size != entry.size:
                return None
    except OSError:
        return None
    return Copied(str(folder), whole_disks(folder, device), disk if isinstance(disk, str) else None, False, device)


def _is_away(folder: Path) -> bool:
    """Whether the disk of a copy is not connected: no folder above it is there, or only an empty mount point."""
    try:
        with os.scandir(folder.parent) as entries:
            return next(entries, None) is None and not os.path.ismount(folder.parent)
    except OSError:
        return True
