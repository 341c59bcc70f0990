"""Prove copies: read each one back from the medium, read the card a second time, compare, and only then rename.

Used by copy.py for every file once it is durable on its targets. What does not agree keeps no final name.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Collection, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial

from onset.errors import MediumError
from onset.mhl.hashes import HashFormat, new_hasher
from onset.mhl.tree import FileEntry
from onset.offload.disks import CacheReach, cache_reach
from onset.offload.files import discard, give_final_name, part_of, pin
from onset.offload.giveway import GiveWay
from onset.offload.outcome import FileOutcome, Gravity, Problem
from onset.offload.progress import Tally
from onset.offload.readback import BLOCK, MIB, Method, inode_of, read_medium
from onset.offload.sink import Sink

PROOF = HashFormat.XXH128  # always computed: copies are compared by the quickest digest, whatever the manifest carries


class StoppedError(Exception):
    """The job was asked to stop; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of one file around the cache: a digest and how, or what went wrong."""

    digest: str
    method: Method | None
    trouble: MediumError | None = None


Pinned = tuple[Sink, str, tuple[int, int] | None]  # target, name there, and what that name stood for when written
Together = Callable[[Sequence[Callable[[], Reading]]], list[Reading]]


def one_by_one(reads: Sequence[Callable[[], Reading]]) -> list[Reading]:
    return [read() for read in reads]


def _pinned(sink: Sink, path: str, pins: ExitStack) -> tuple[int, int] | None:
    """What the unfinished name stands for, held until the stack ends; None when it is gone already."""
    try:
        fd = pin(sink.fd, part_of(path))
    except OSError:
        return None  # reading it back will say what is wrong
    pins.callback(os.close, fd)
    return inode_of(fd)


class Prover:
    """Reads back, compares and renames; called from many threads."""

    def __init__(self, card: int, reread: bool, tally: Tally, stop: threading.Event, way: GiveWay) -> None:
        self._card = card
        self._card_reach = cache_reach(os.fstat(card).st_dev)
        self._reread = reread
        self._tally = tally
        self._stop = stop
        self._way = way

    def prove(
        self,
        entry: FileEntry,
        outcome: FileOutcome,
        written: Collection[Sink],
        there: Collection[Sink],
        together: Together = one_by_one,
    ) -> None:
        """Verify one file on its targets.

        Args:
            entry: the file on the card.
            outcome: holds the digests of the first read; verified targets and problems are added.
            written: targets that hold it under its unfinished name, durable.
            there: targets that held it under its final name before.
            together: how several reads are run, one after the other or at once.
        """
        if outcome.digests is None:
            self._drop(entry.path, written)
            return
        with ExitStack() as pins:
            copies: list[Pinned] = [(sink, part_of(entry.path), _pinned(sink, entry.path, pins)) for sink in written]
            copies += [(sink, entry.path, None) for sink in there]
            try:
                self._compare(entry, outcome, copies, together)
            except StoppedError:
                self._drop(entry.path, written)
                raise

    def _compare(self, entry: FileEntry, outcome: FileOutcome, copies: Sequence[Pinned], together: Together) -> None:
        again = self._reread and not outcome.source_checked
        block = BLOCK if entry.size >= MIB else MIB
        reads: list[Callable[[], Reading]] = [
            partial(self._read, path, entry.size, block, sink.fd, sink.reach, sink.index, inode)
            for sink, path, inode in copies
        ]
        if again:
            reads.append(self._second_read(entry, block))
        readings = together(reads)
        if again and not self._source_agrees(entry, outcome, readings.pop(), block):
            self._drop(entry.path, [sink for sink, path, _ in copies if path != entry.path])
            return
        for copy, reading in zip(copies, readings, strict=True):
            self._judge(entry, outcome, copy, reading)

    def _second_read(self, entry: FileEntry, block: int) -> Callable[[], Reading]:
        return partial(self._read, entry.path, entry.size, block, self._card, self._card_reach, None, None)

    def _read(
        self,
        path: str,
        size: int,
        block: int,
        folder: int,
        reach: CacheReach,
        target: int | None,
        inode: tuple[int, int] | None,
    ) -> Reading:
        running = new_hasher(PROOF)

        def take(data: memoryview) -> None:
            running.update(data)
            if target is not None:
                self._tally.verified(target, len(data))
            if self._stop.is_set():
                raise StoppedError
            if len(data) >= MIB:
                self._way.take_turn()

        try:
            _, method = read_medium(path, take, block=block, folder=folder, reach=reach, expected=size, inode=inode)
        except MediumError as error:
            return Reading("", None, error)
        return Reading(running.spell(), method)

    def _source_agrees(self, entry: FileEntry, outcome: FileOutcome, second: Reading, block: int) -> bool:
        first = outcome.digests[PROOF] if outcome.digests is not None else ""
        if second.trouble is None and second.digest == first:
            # What comes out of the cache is the first read once more: it cannot contradict it.
            outcome.source_checked, outcome.source_method = second.method is not Method.CACHE, second.method
            return True
        if second.trouble is not None:
            what = "could be read from the card only once"
            gravity = Gravity.INCOMPLETE
        else:
            third = self._second_read(entry, block)()  # only to tell where to look
            agrees = "first" if third.digest == first else "second" if third.digest == second.digest else "neither"
            what = f"the card gave other bytes on a second read (a third agrees with the {agrees}): try another reader"
            if agrees == "neither":
                what = "the card gives other bytes on every read: try another reader and cable"
            gravity = Gravity.MISMATCH
        outcome.problems.append(Problem(entry.path, None, what, gravity))
        return False

    def _judge(self, entry: FileEntry, outcome: FileOutcome, copy: Pinned, reading: Reading) -> None:
        sink, path, inode = copy
        unfinished = path != entry.path
        target = str(sink.path)
        if reading.trouble is not None or reading.method is None:
            cause = reading.trouble.__cause__ if reading.trouble is not None else None
            if isinstance(cause, OSError):
                sink.note_error(cause)
            what, gravity = "could not be read back from the target", Gravity.INCOMPLETE
        elif outcome.digests is None or reading.digest != outcome.digests[PROOF]:
            what, gravity = "reads back with other bytes than were written", Gravity.MISMATCH
            if not unfinished:
                what = "the target holds a different file of that name, which was left as it is"
        else:
            what, gravity = self._finish(sink, path, entry.path, inode) if unfinished else "", Gravity.INCOMPLETE
            if not what:
                outcome.verified[sink.index] = reading.method
                return
        if unfinished:
            discard(sink.fd, path)
        outcome.problems.append(Problem(entry.path, target, what, gravity))

    @staticmethod
    def _finish(sink: Sink, part: str, path: str, inode: tuple[int, int] | None) -> str:
        """Rename; what went wrong in words, empty when nothing did."""
        try:
            found = os.stat(part, dir_fd=sink.fd, follow_symlinks=False)
            if (found.st_dev, found.st_ino) != inode:
                return "was exchanged for another file after it was read back; look who else writes there"
            give_final_name(sink.fd, part, path)
        except FileExistsError:
            return "something else took its name on the target meanwhile"
        except OSError as error:
            sink.note_error(error)
            return f"could not get its final name ({error.strerror})"
        return ""

    @staticmethod
    def _drop(path: str, written: Collection[Sink]) -> None:
        for sink in written:
            discard(sink.fd, part_of(path))
