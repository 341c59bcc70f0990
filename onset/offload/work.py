"""What both ways of copying share: the orders, the card, the targets, and how a file begins and ends.

Used by copy.py (big files) and small.py (many at a time).
"""

from __future__ import annotations

import errno
import os
import threading
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

from onset.clock import Clock
from onset.errors import MediumError
from onset.mhl.hashes import HashFormat
from onset.mhl.tree import FileEntry
from onset.offload.giveway import GiveWay
from onset.offload.outcome import FileOutcome, Gravity, KnownSource, Problem, State
from onset.offload.progress import Tally, Trouble
from onset.offload.prove import CHANGED, PROOF, Prover, Reading, StoppedError, Together, Written
from onset.offload.sink import Sink

SPOILT = "has other bytes now than the card had"


@dataclass(frozen=True, slots=True)
class Orders:
    """What the engine is to do with each file.

    Attributes:
        formats: of a path: the digests wanted in manifests.
        known: what an earlier run found out about unchanged files.
        reread: read the card a second time around the cache.
        overlap: read one file back while the next is copied; for targets on disks of their own.
        sequential: the card sits on a disk with a moving head.
        pinned: a copy of the card is read: what has not the bytes that are known goes nowhere.
    """

    formats: Callable[[str], Collection[HashFormat]]
    known: Mapping[str, KnownSource]
    reread: bool
    overlap: bool = False
    sequential: bool = False
    pinned: bool = False


class SourceChangedError(Exception):
    """The file on the card is not the one that was scanned."""


@dataclass(frozen=True, slots=True)
class Work:
    """One job's files on their way; `report` and `mark` are called from several threads.

    Attributes:
        card: a descriptor of its folder.
        sinks: the targets.
        way: asked before each block or batch; waits while recorders come first.
    """

    card: int
    sinks: Sequence[Sink]
    orders: Orders
    tally: Tally
    clock: Clock
    stop: threading.Event
    report: Callable[[FileOutcome], None]
    mark: Callable[[str, int, State], None]
    way: GiveWay
    prover: Prover

    def begin(self, entry: FileEntry) -> tuple[FileOutcome, list[Sink], list[Sink]]:
        """Which targets need the file, and which hold it already.

        Raises:
            StoppedError: the job was asked to stop.
        """
        if self.stop.is_set():
            raise StoppedError
        outcome = FileOutcome(entry.path, entry.size, entry.mtime_ns, began_ns=self.clock.monotonic_ns())
        alive = [sink for sink in self.sinks if sink.lost is None]
        outcome.superseded = {sink.index for sink in alive if entry.path in sink.superseded}
        alive = [sink for sink in alive if entry.path not in sink.superseded]
        there = [sink for sink in alive if entry.path in sink.present]
        return outcome, [sink for sink in alive if sink not in there], there

    def end(
        self,
        entry: FileEntry,
        outcome: FileOutcome,
        written: Sequence[Written],
        there: Sequence[Sink],
        together: Together,
        second: Reading | None = None,
    ) -> None:
        """Prove a file on all targets and tell of it."""
        self.prover.prove(entry, outcome, written, there, together, second)
        self.tally.file_done()
        for problem in outcome.problems:
            self.tally.failed(Trouble(entry.path, problem.target, problem.what))
        self.report(outcome)

    def from_before(self, entry: FileEntry, outcome: FileOutcome, needed: Sequence[Sink]) -> bool:
        """Take the digests of an earlier run, if nobody needs the bytes and they say enough."""
        known = self.orders.known.get(entry.path)
        if known is None or needed or PROOF not in known.digests:
            return False
        # On a copy that is copied the chain has grown, too: what the card had is all there is to know of it.
        stands = self.orders.pinned and any(entry.path in sink.superseded for sink in self.sinks)
        if not stands and not self.formats(entry.path) <= known.digests.keys():
            return False
        outcome.digests, outcome.source_checked = known.digests, known.source_checked
        outcome.at_ns = self.clock.wall_ns()
        self.tally.read(entry.size)
        if known.source_checked:
            self.tally.checked(entry.size)
        return True

    def is_as_known(self, entry: FileEntry, outcome: FileOutcome) -> bool:
        """Of a copy that is copied: whether this file still is what the card had; if not, nothing of it is kept."""
        if not self.orders.pinned:
            return True
        known = self.orders.known.get(entry.path)
        if known is not None and outcome.digests is not None and outcome.digests[PROOF] == known.digests.get(PROOF):
            outcome.source_checked = known.source_checked
            return True
        outcome.problems.append(Problem(entry.path, None, SPOILT, Gravity.MISMATCH))
        outcome.digests = None
        return False

    def formats(self, path: str) -> set[HashFormat]:
        """The digests to make of a file: those wanted, and the one copies are compared by."""
        return {PROOF, *self.orders.formats(path)}


def same_file(entry: FileEntry, fd: int) -> None:
    """Look whether the open file is the one that was scanned.

    Raises:
        SourceChangedError: it is not.
    """
    found = os.fstat(fd)
    if (found.st_size, found.st_mtime_ns, found.st_ino) != (entry.size, entry.mtime_ns, entry.inode):
        raise SourceChangedError(CHANGED)


def source_trouble(entry: FileEntry, error: OSError | MediumError | SourceChangedError) -> Problem:
    """Why a file could not be read from the card."""
    what = f"cannot be opened on the card ({error.strerror})" if isinstance(error, OSError) else str(error)
    return Problem(entry.path, None, what, Gravity.INCOMPLETE)


def target_trouble(sink: Sink, entry: FileEntry, error: OSError) -> Problem:
    """Why a file could not be written; a target whose medium is gone or full is given up."""
    sink.note_error(error)
    why = "the target is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or "error"
    return Problem(entry.path, str(sink.path), f"could not be written ({why})", Gravity.INCOMPLETE)
