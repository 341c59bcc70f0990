"""Prove copies: read each one back from the medium, read the card a second time, compare, and only then rename.

Used by copy.py for every file once it is durable on its targets. What does not agree keeps no final name.
"""

from __future__ import annotations

import errno
import os
import threading
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import partial

from onset.errors import MediumError
from onset.mhl.hashes import HashFormat, new_hasher, xxh128
from onset.mhl.tree import FileEntry
from onset.offload.disks import CacheReach, cache_reach
from onset.offload.files import discard, give_final_name, let_go, pin
from onset.offload.giveway import GiveWay
from onset.offload.many import ManyReads
from onset.offload.outcome import FileOutcome, Gravity, Problem
from onset.offload.progress import Tally
from onset.offload.readback import (
    BLOCK,
    CARD_TRIES,
    MIB,
    NO_WAY_AROUND,
    Method,
    inode_of,
    read_medium,
    reads_held,
    room_for,
    turn_around_cache,
)
from onset.offload.sink import Sink

PROOF = HashFormat.XXH128  # always computed: copies are compared by the quickest digest, whatever the manifest carries

CHANGED = "was changed on the card during the offload"
_LEFT = "which was left as it is; move it away and copy again"


class StoppedError(Exception):
    """The job was asked to stop; nothing is wrong."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One read of one file around the cache: a digest and how, or what went wrong."""

    digest: str
    method: Method | None
    trouble: MediumError | None = None


@dataclass(frozen=True, slots=True)
class Held:
    """A small file to be read back whole: open, turned around the cache.

    Attributes:
        fd: open on it.
        start: where in memory; there is room for a byte more than its `size`.
        target: which it lies on, None for the card.
    """

    fd: int
    start: int
    size: int
    target: int | None


@dataclass(slots=True)
class Written:
    """A copy under its unfinished name, held open so that its inode number stands for it alone.

    Attributes:
        sink: the target.
        part: the name there.
        fd: open on the file; -1 when it was gone already.
        inode: what the name stood for when it was written, None when it was gone already.
        readable: whether `fd` itself can be read around the cache.
        around: it is turned around the cache already.
        reading: how it read back, where that was done with others.
    """

    sink: Sink
    part: str
    fd: int
    inode: tuple[int, int] | None = None
    readable: bool = True
    around: bool = False
    reading: Reading | None = None

    def hold(self) -> None:
        """Once it is durable. Where `fd` cannot tell what the medium holds, it is closed and the file only pinned."""
        if reads_held(self.sink.reach):
            self.inode = inode_of(self.fd)
            return
        self.let_go()
        self.readable = False
        try:
            self.fd = pin(self.sink.fd, self.part)
            self.inode = inode_of(self.fd)
        except OSError:
            pass  # reading it back will say what is wrong

    def turn_around(self) -> None:
        """Have what is held read around the cache, and leave nothing of it there; where it cannot be, nothing is done.

        Raises:
            OSError: the medium is gone.
        """
        if self.readable and not self.around:
            with suppress(OSError, AttributeError):
                os.posix_fadvise(self.fd, 0, 0, os.POSIX_FADV_DONTNEED)
            self.around = turn_around_cache(self.fd)

    def let_go(self) -> None:
        held, self.fd = self.fd, -1
        if held >= 0:
            let_go(held)

    def discard(self) -> None:
        discard(self.sink.fd, self.part)


def take_away(copies: Iterable[Written]) -> None:
    """Leave nothing of copies that nobody will prove: neither their unfinished names nor what is held of them."""
    for copy in copies:
        copy.let_go()
        copy.discard()


Together = Callable[[Sequence[Callable[[], Reading]]], list[Reading]]


def one_by_one(reads: Sequence[Callable[[], Reading]]) -> list[Reading]:
    return [read() for read in reads]


def _stream(target: int | None) -> int | str:
    return "again" if target is None else target


def _block(entry: FileEntry) -> int:
    return BLOCK if entry.size >= MIB else MIB


class Prover:
    """Reads back, compares and renames; called from many threads."""

    def __init__(self, card: int, reread: bool, tally: Tally, stop: threading.Event, way: GiveWay) -> None:
        self._card = card
        self.card_reach = cache_reach(os.fstat(card).st_dev)
        self._reread = reread
        self._tally = tally
        self._stop = stop
        self._way = way
        if reread:
            tally.checks()

    def prove(
        self,
        entry: FileEntry,
        outcome: FileOutcome,
        written: Sequence[Written],
        there: Collection[Sink],
        together: Together = one_by_one,
        second: Reading | None = None,
    ) -> None:
        """Verify one file on its targets; lets go of what was held.

        Args:
            entry: the file on the card.
            outcome: holds the digests of the first read; verified targets and problems are added.
            written: its copies under their unfinished names, durable and held.
            there: targets that held it under its final name before.
            together: how several reads are run, one after the other or at once.
            second: what `read_again` gave; None where the card is to be read again now, if it is to be.
        """
        try:
            if outcome.digests is None:
                take_away(written)
            else:
                self._compare(entry, outcome, written, there, together, second)
        except BaseException:  # asked to stop, or unforeseen; what has its final name already keeps it
            take_away(written)
            raise
        finally:
            for copy in written:
                copy.let_go()

    def _compare(
        self,
        entry: FileEntry,
        outcome: FileOutcome,
        written: Sequence[Written],
        there: Collection[Sink],
        together: Together,
        second: Reading | None,
    ) -> None:
        block = _block(entry)
        reads: list[Callable[[], Reading]] = [
            partial(self._read_copy, copy, entry.size, block) for copy in written if copy.reading is None
        ]
        reads += [partial(self._read, entry.path, entry.size, block, sink.fd, sink.reach, sink.index) for sink in there]
        again = second is None and self.wants_again(outcome)
        if again:
            reads.append(partial(self._read_card, entry))
        readings = together(reads)
        if again:
            second = readings.pop()
        if second is not None and not self._source_agrees(entry, outcome, second):
            take_away(written)
            return
        fresh = iter(readings)
        for copy in written:
            self._judge(entry, outcome, copy.sink, copy, copy.reading or next(fresh))
        for sink, reading in zip(there, fresh, strict=True):
            self._judge(entry, outcome, sink, None, reading)

    def read_many(self, reads: ManyReads, asked: Sequence[Held]) -> list[Reading | None]:
        """Read many small files at once; None for one that is odd in any way and is to be read by itself.

        Raises:
            StoppedError: the job was asked to stop.
        """
        for target, files in Counter(each.target for each in asked).items():
            size = sum(each.size for each in asked if each.target == target)
            self._way.take_turn(size, _stream(target), files)
        answers = reads.read([(each.fd, each.start, room_for(each.size)) for each in asked])
        if self._stop.is_set():
            raise StoppedError
        good: Counter[int | None] = Counter()
        found: list[Reading | None] = []
        for each, got in zip(asked, answers, strict=True):
            if got == each.size:
                good[each.target] += got
                found.append(Reading(xxh128(reads.memory[each.start : each.start + got]), Method.DIRECT))
            elif got < 0 and -got not in {errno.EINTR, *NO_WAY_AROUND} and each.target is not None:
                trouble = MediumError(f"cannot be read back ({os.strerror(-got)})")
                trouble.__cause__ = OSError(-got, os.strerror(-got))
                found.append(Reading("", None, trouble))
            else:
                found.append(None)
        for target, size in good.items():
            self._read_so_far(size, target)
        return found

    def read_again(self, entry: FileEntry, outcome: FileOutcome, held: int = -1) -> Reading | None:
        """Read the card a second time around the cache; None where that is not asked for or was done before.

        Args:
            entry: the file.
            outcome: of its first read.
            held: open on it and turned around the cache; -1 where it is to be opened.
        """
        return self._read_card(entry, held) if self.wants_again(outcome) else None

    def wants_again(self, outcome: FileOutcome) -> bool:
        """Whether the card is to be read a second time."""
        return self._reread and outcome.digests is not None and not outcome.source_checked

    def _read_card(self, entry: FileEntry, held: int = -1) -> Reading:
        turned = held >= 0
        return self._read(
            entry.lies_at, entry.size, _block(entry), self._card, self.card_reach, None,
            held=held if turned else None, turned=turned, tries=CARD_TRIES,
        )  # fmt: skip

    def _read_copy(self, copy: Written, size: int, block: int) -> Reading:
        return self._read(
            copy.part, size, block, copy.sink.fd, copy.sink.reach, copy.sink.index, inode=copy.inode,
            held=copy.fd if copy.readable else None, turned=copy.around,
        )  # fmt: skip

    def _read(
        self,
        path: str,
        size: int,
        block: int,
        folder: int,
        reach: CacheReach,
        target: int | None,
        inode: tuple[int, int] | None = None,
        held: int | None = None,
        turned: bool = False,
        tries: int = 1,
    ) -> Reading:
        running = new_hasher(PROOF)

        def take(data: memoryview) -> None:
            running.update(data)
            self._read_so_far(len(data), target)
            if self._stop.is_set():
                raise StoppedError
            self._way.take_turn(len(data), stream)

        stream = _stream(target)
        self._way.hold()
        try:
            _, method = read_medium(
                path,
                take,
                block=block,
                folder=folder,
                reach=reach,
                expected=size,
                inode=inode,
                held=held,
                turned=turned,
                tries=tries,
            )
        except MediumError as error:
            return Reading("", None, error)
        return Reading(running.spell(), method)

    def _read_so_far(self, size: int, target: int | None) -> None:
        if target is None:
            self._tally.checked(size)
        else:
            self._tally.verified(target, size)

    def _source_agrees(self, entry: FileEntry, outcome: FileOutcome, second: Reading) -> bool:
        first = outcome.digests[PROOF] if outcome.digests is not None else ""
        if second.trouble is None and second.digest == first:
            # What comes out of the cache is the first read once more: it cannot contradict it.
            outcome.source_checked, outcome.source_method = second.method is not Method.CACHE, second.method
            return True
        if self._was_changed(entry):
            what, gravity = CHANGED, Gravity.INCOMPLETE
        elif second.trouble is not None:
            what = "could be read from the card only once"
            gravity = Gravity.INCOMPLETE
        else:
            third = self._read_card(entry)  # only to tell where to look
            agrees = "first" if third.digest == first else "second" if third.digest == second.digest else "neither"
            what = f"the card gave other bytes on a second read (a third agrees with the {agrees}): try another reader"
            if agrees == "neither":
                what = "the card gives other bytes on every read: try another reader and cable"
            gravity = Gravity.MISMATCH
        outcome.problems.append(Problem(entry.path, None, what, gravity))
        return False

    def _was_changed(self, entry: FileEntry) -> bool:
        """Whether the card's folder says that something wrote to the file since it was scanned: no reader's fault."""
        try:
            found = os.stat(entry.lies_at, dir_fd=self._card, follow_symlinks=False)
        except OSError:
            return False
        return (found.st_size, found.st_mtime_ns, found.st_ino) != (entry.size, entry.mtime_ns, entry.inode)

    def _judge(
        self, entry: FileEntry, outcome: FileOutcome, sink: Sink, copy: Written | None, reading: Reading
    ) -> None:
        """Of a copy that was written now, or (None) of one that lay there under its final name."""
        if reading.trouble is not None or reading.method is None:
            cause = reading.trouble.__cause__ if reading.trouble is not None else None
            if isinstance(cause, OSError):
                sink.note_error(cause, "while reading back")
            what, gravity = "could not be read back from the target", Gravity.INCOMPLETE
        elif outcome.digests is None or reading.digest != outcome.digests[PROOF]:
            what, gravity = "reads back with other bytes than were written", Gravity.MISMATCH
            if copy is None:
                what = f"the target holds a different file of that name, {_LEFT}"
        else:
            what, gravity = self._finish(copy, entry.path) if copy is not None else "", Gravity.INCOMPLETE
            if not what:
                outcome.verified[sink.index] = reading.method
                return
        if copy is not None:
            copy.discard()
        outcome.problems.append(Problem(entry.path, str(sink.path), what, gravity))

    @staticmethod
    def _finish(copy: Written, path: str) -> str:
        """Rename; what went wrong in words, empty when nothing did."""
        sink = copy.sink
        try:
            found = os.stat(copy.part, dir_fd=sink.fd, follow_symlinks=False)
            if (found.st_dev, found.st_ino) != copy.inode:
                return "was exchanged for another file after it was read back; look who else writes there"
            give_final_name(sink.fd, copy.part, path)
        except FileExistsError:
            if path in sink.place.taken:
                return f"the target holds other content under that name, {_LEFT}"
            return "something else took its name on the target meanwhile"
        except OSError as error:
            sink.note_error(error)
            return f"could not get its final name ({error.strerror})"
        return ""
