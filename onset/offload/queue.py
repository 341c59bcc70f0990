"""Whose turn it is: jobs that share a disk go one after the other, jobs on disks of their own go at once.

Used by a job's own place in it (turn.py), by `onset jobs` and the Offload screen (look at it and move jobs). No process
rules the queue. Each job leaves in its record which disks it uses and looks twice a second whether those ahead of it
leave room; a job is alive while it holds its lock. The decision is made under one lock for all jobs.
"""

from __future__ import annotations

import fcntl
import itertools
import os
import shlex
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from onset.offload.disks import has_head
from onset.offload.journal import is_locked, no_record, read_document
from onset.offload.suspended import holder_of, is_suspended, wake
from onset.offload.wishes import Wish, read_wish
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.offload.card import Card
    from onset.offload.place import Target
    from onset.offload.sink import Sink

_AT_A_HEAD = 1  # a head between two cards moves more than it reads
_WITHOUT_HEAD = 2
STATE = "queue.json"
_AGAIN_S, _TRIES_OF_A_LOOK = 0.01, 50


class Stands(StrEnum):
    """How a living job stands in the queue."""

    WAITS = "waits"
    RUNS = "runs"
    PAUSED = "paused"  # holds nobody up


@dataclass(frozen=True, slots=True)
class Use:
    """A disk that a job uses.

    Attributes:
        disk: the whole disk ("sda"), or the device number where that cannot be told.
        name: what a person calls it.
        at_once: how many jobs go on it together.
    """

    disk: str
    name: str
    at_once: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A living job in the queue; of two that wait the one of lower rank goes first.

    Attributes:
        fills: it makes copies from a copy: while it waits, cards go ahead of it, since people wait for those.
        pid: its process; 0 where its record does not tell.
    """

    job: str
    label: str
    stands: Stands
    rank: int
    uses: tuple[Use, ...]
    fills: bool = False
    pid: int = 0

    @property
    def place(self) -> tuple[bool, bool, int]:
        """By which the queue is ordered; a filling that somebody put first (below 1) goes before cards, too."""
        return self.stands is not Stands.RUNS, self.fills and self.rank > 0, self.rank


def in_the_way(
    mine: Standing, others: Sequence[Standing], suspended: Callable[[int], bool] = is_suspended
) -> str | None:
    """The job and the disk that a waiting job waits for, and what brings it back if it is suspended; None: it may go.

    Those that run are ahead of it whatever their rank. One that waits ahead of it counts too: else a card for two busy
    disks would never get both.
    """
    ahead = [other for other in others if other.stands is not Stands.PAUSED and other.place < mine.place]
    ahead.sort(key=lambda other: other.place)
    for use in mine.uses:
        there = [other for other in ahead if any(theirs.disk == use.disk for theirs in other.uses)]
        if len(there) >= use.at_once:
            more = f" and {len(there) - 1} more" if len(there) > use.at_once else ""
            asleep = next((other for other in there if suspended(other.pid)), None)
            return f"{safe_text(there[0].label)}{more} on {safe_text(use.name)}{_woken_by(asleep)}"
    return None


def _woken_by(asleep: Standing | None) -> str:
    """How a suspended job is brought back; empty where none is."""
    if asleep is None:
        return ""
    label = safe_text(asleep.label)
    return f'; {label} is suspended: fg there or "onset jobs resume {shlex.quote(label)}" brings it back'


def uses_of(card: Card, card_fd: int, sinks: Sequence[Sink], source: Target | None = None) -> tuple[Use, ...]:
    """The disks of a card (open as `card_fd`) or of the target whose copy is read instead, and of the targets, once."""
    found: dict[str, Use] = {}
    for sink in sinks:
        for disk in _disks(sink.disks, sink.device):
            found.setdefault(disk, _use(disk, sink.place.target))
    for disk in _disks(card.disks, os.fstat(card_fd).st_dev):
        of_card = Use(disk, f"the disk of {card.label}", _at_once(disk))
        found.setdefault(disk, of_card if source is None else _use(disk, source))
    return tuple(found.values())


def _use(disk: str, target: Target) -> Use:
    return Use(disk, target.name or target.path.name or str(target.path), target.at_once or _at_once(disk))


def _disks(whole: frozenset[str], device: int) -> list[str]:
    return sorted(whole) or [f"device {os.major(device)}:{os.minor(device)}"]


def _at_once(disk: str) -> int:
    return _AT_A_HEAD if has_head(disk) else _WITHOUT_HEAD


def standings(jobs: Path) -> list[Standing]:
    """All living jobs, those ahead first.

    Args:
        jobs: the folder of all jobs' records.
    """
    found = []
    with suppress(OSError):
        for name in os.listdir(jobs):
            if not os.path.exists(f"{jobs}/{name}/{STATE}"):
                continue  # one of thousands that ended long ago
            read = read_document(jobs / name / STATE)
            standing = _standing(name, read, read_wish(jobs / name)) if read is not None else None
            if standing is not None and is_locked(jobs / name / "lock"):
                found.append(standing)
    return sorted(found, key=lambda each: (*each.place, each.job))


def _standing(job: str, read: Mapping[str, object], wish: Wish) -> Standing | None:
    uses = read.get("uses")
    try:
        return Standing(
            job,
            str(read["label"]),
            Stands(str(read["stands"])),
            wish.rank,
            tuple(Use(**each) for each in uses) if isinstance(uses, list) else (),
            fills=read.get("fills") is True,
            pid=pid if isinstance(pid := read.get("pid"), int) else 0,
        )
    except (TypeError, KeyError, ValueError):
        return None  # no record of ours


@contextmanager
def deciding(jobs: Path) -> Iterator[None]:
    """Nobody else decides anything about the queue while the block runs.

    Raises:
        OffloadError: the folder of the records cannot be written.
    """
    try:
        lock = jobs.with_name(f"{jobs.name}.lock").open("ab")  # beside it: in it are jobs
    except OSError as error:
        raise no_record(jobs, error) from error
    with lock:
        try:
            _take(lock)
        except OSError as error:
            raise no_record(jobs, error) from error
        yield


def _take(lock: BinaryIO) -> None:
    """Take a lock that is held for milliseconds; a job that was suspended just then is woken, as everybody needs it."""
    for attempt in itertools.count(1):
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            time.sleep(_AGAIN_S)
        if attempt % _TRIES_OF_A_LOOK == 0 and is_suspended(pid := holder_of(lock)):
            wake(pid)
