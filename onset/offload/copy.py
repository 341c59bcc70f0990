"""The copy engine: every file of the card is read once, hashed while it is read, and written to every target at once.

Used by the job. Big files: one reader, one writer a target, a ring of aligned buffers. Small files: many at a time, so
that they wait for the disks together. A target that fails is dropped, the others go on.
"""

from __future__ import annotations

import errno
import os
import queue
import resource
import threading
from collections import deque
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass

from onset.clock import Clock
from onset.errors import MediumError
from onset.mhl.hashes import SLOW, Digester, HashFormat, digest_set
from onset.mhl.tree import FileEntry
from onset.offload.blocks import Block, Ring
from onset.offload.disks import CacheReach
from onset.offload.files import (
    begin_write_back,
    create_part,
    finish_part,
    go_around_cache,
    go_through_cache,
    open_source,
    open_source_directly,
    part_of,
    read_directly,
    write_all,
)
from onset.offload.giveway import GiveWay
from onset.offload.outcome import FileOutcome, Gravity, KnownSource, Problem, State
from onset.offload.pages import pages
from onset.offload.progress import Tally
from onset.offload.prove import CHANGED, PROOF, Prover, Reading, StoppedError, Together, Written, one_by_one, take_away
from onset.offload.readback import BLOCK, MIB, PAGE
from onset.offload.sink import Sink

SMALL = MIB
SPOILT = "has other bytes now than the card had"
_WORKERS = 16  # for small files, in batches; measured in docs/benchmarks.md
_BATCH = 16
_AT_A_HEAD = 4  # readers over USB and virtual disks claim a head, too; a real one takes the nearest of four
_TRIES = 3
_COMPLETE, _ABORTED = True, False

Blocks = queue.SimpleQueue[Block | bool]


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


class Copier:
    """Runs over a card's files; `report` and `mark` are called from several threads."""

    def __init__(
        self,
        card: int,
        sinks: Sequence[Sink],
        orders: Orders,
        tally: Tally,
        clock: Clock,
        stop: threading.Event,
        report: Callable[[FileOutcome], None],
        mark: Callable[[str, int, State], None],
        way: GiveWay,
    ) -> None:
        self._card = card
        self._sinks = sinks
        self._orders = orders
        self._tally = tally
        self._clock = clock
        self._stop = stop
        self._report = report
        self._mark = mark
        self._prover = Prover(card, orders.reread, tally, stop, way)
        self._way = way
        self._local = threading.local()
        # A batch reads the card in one go: where a head has to move (or a reader says so), few at a time.
        self._at_card = threading.BoundedSemaphore(_AT_A_HEAD if orders.sequential else _WORKERS)

    def run(self, entries: Iterable[FileEntry]) -> None:
        """Copy and prove all files; clips first, then the small ones.

        Raises:
            StoppedError: `stop` was set; unfinished files have been taken away.
        """
        files = list(entries)
        big = [entry for entry in files if entry.size >= SMALL]
        small = [entry for entry in files if entry.size < SMALL]
        if big:
            self._run_big(big)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="small") as pool:
            length = _batch(len(self._sinks))
            batches = [small[start : start + length] for start in range(0, len(small), length)]
            try:
                for _ in pool.map(self._run_batch, batches):
                    pass
            finally:
                pool.shutdown(cancel_futures=True)

    # -- big files --------------------------------------------------------------------------------------------------

    def _run_big(self, entries: Sequence[FileEntry]) -> None:
        ring = Ring()
        readers = len(self._sinks) + 1
        with (
            ThreadPoolExecutor(len(self._sinks) + len(SLOW), thread_name_prefix="write") as writers,
            ThreadPoolExecutor(readers, thread_name_prefix="read-back") as readbacks,
            ThreadPoolExecutor(1, thread_name_prefix="prove") as prover,
        ):

            def together(reads: Sequence[Callable[[], Reading]]) -> list[Reading]:
                running = [readbacks.submit(read) for read in reads]
                wait(running)  # before anything is raised: what they read is held open by whoever asked
                return [future.result() for future in running]

            proving: Future[None] | None = None
            for entry in entries:
                outcome, needed, there = self._begin(entry)
                written = self._stream(entry, outcome, needed, ring, writers)
                try:
                    if proving is not None:
                        proving.result()
                    proving = prover.submit(self._end, entry, outcome, written, there, together)
                except BaseException:  # of the file before: nobody will prove this one
                    take_away(written)
                    raise
                if not self._orders.overlap:
                    proving.result()
                    proving = None
            if proving is not None:
                proving.result()

    def _begin(self, entry: FileEntry) -> tuple[FileOutcome, list[Sink], list[Sink]]:
        """Which targets need the file, and which hold it already."""
        if self._stop.is_set():
            raise StoppedError
        outcome = FileOutcome(entry.path, entry.size, entry.mtime_ns, began_ns=self._clock.monotonic_ns())
        alive = [sink for sink in self._sinks if sink.lost is None]
        outcome.superseded = {sink.index for sink in alive if entry.path in sink.superseded}
        alive = [sink for sink in alive if entry.path not in sink.superseded]
        there = [sink for sink in alive if entry.path in sink.present]
        return outcome, [sink for sink in alive if sink not in there], there

    def _end(
        self,
        entry: FileEntry,
        outcome: FileOutcome,
        written: Sequence[Written],
        there: Sequence[Sink],
        together: Together,
        second: Reading | None = None,
    ) -> None:
        self._prover.prove(entry, outcome, written, there, together, second)
        self._tally.file_done()
        self._report(outcome)

    def _from_before(self, entry: FileEntry, outcome: FileOutcome, needed: Sequence[Sink]) -> bool:
        """Take the digests of an earlier run, if nobody needs the bytes and they say enough."""
        known = self._orders.known.get(entry.path)
        if known is None or needed or PROOF not in known.digests:
            return False
        if not self._formats(entry.path) <= known.digests.keys():
            return False
        outcome.digests, outcome.source_checked = known.digests, known.source_checked
        outcome.at_ns = self._clock.wall_ns()
        self._tally.read(entry.size)
        return True

    def _is_as_known(self, entry: FileEntry, outcome: FileOutcome) -> bool:
        """Of a copy that is copied: whether this file still is what the card had; if not, nothing of it is kept."""
        if not self._orders.pinned:
            return True
        known = self._orders.known.get(entry.path)
        if known is not None and outcome.digests is not None and outcome.digests[PROOF] == known.digests.get(PROOF):
            outcome.source_checked = known.source_checked
            return True
        outcome.problems.append(Problem(entry.path, None, SPOILT, Gravity.MISMATCH))
        outcome.digests = None
        return False

    def _formats(self, path: str) -> set[HashFormat]:
        return {PROOF, *self._orders.formats(path)}

    def _stream(
        self, entry: FileEntry, outcome: FileOutcome, sinks: Sequence[Sink], ring: Ring, pool: ThreadPoolExecutor
    ) -> list[Written]:
        """Read a big file once for all who need it; gives back the copies that are durable."""
        if self._from_before(entry, outcome, sinks):
            return []
        formats = self._formats(entry.path)
        quick = Digester(formats - SLOW)
        slow = [(Digester([form]), Blocks()) for form in sorted(formats & SLOW)]
        writing = [(sink, Blocks()) for sink in sinks]
        hashing = [pool.submit(_drain, digester.update, blocks) for digester, blocks in slow]
        writers = [(sink, pool.submit(self._write, sink, entry, blocks)) for sink, blocks in writing]
        consumers = [blocks for _, blocks in [*slow, *writing]]
        end = _ABORTED
        try:
            self._read_blocks(entry, ring, quick, consumers)
            end = _COMPLETE
        except (OSError, MediumError, SourceChangedError) as error:
            outcome.problems.append(_source_trouble(entry, error))
        finally:
            for blocks in consumers:
                blocks.put(end)
            wait(hashing)
            wait([future for _, future in writers])
            try:
                for future in hashing:
                    future.result()
                results = [(sink, future.result()) for sink, future in writers]
            except BaseException:
                take_away(_copies_of(future for _, future in writers))
                raise
        if end is _ABORTED:
            return []
        spelled = [quick.digests(), *(digester.digests() for digester, _ in slow)]
        outcome.digests = digest_set({form: text for each in spelled for form, text in each.items()})
        outcome.at_ns = self._clock.wall_ns()
        if not self._is_as_known(entry, outcome):
            take_away(result for _, result in results if isinstance(result, Written))
            return []
        written = []
        for sink, result in results:
            if isinstance(result, Written):
                written.append(result)
            elif result is not None:
                outcome.problems.append(self._target_trouble(sink, entry, result))
        return written

    def _read_blocks(self, entry: FileEntry, ring: Ring, quick: Digester, consumers: Sequence[Blocks]) -> None:
        fd = open_source(self._card, entry.path)
        try:
            _same_file(entry, fd)
            around = read_directly(fd)
            offset = 0
            while True:
                self._way.take_turn(min(BLOCK, entry.size - offset), "first")
                block = ring.take()
                try:
                    try:
                        block.size = _read_at(fd, block.buffer, offset)
                    except OSError as error:
                        if not around or error.errno != errno.EINVAL:
                            raise
                        around = go_through_cache(fd)  # some file systems take the flag and then refuse to read
                        block.size = _read_at(fd, block.buffer, offset)
                    if not block.size:
                        break
                    block.offset = offset
                    offset += block.size
                    if around and block.size < len(block.buffer):
                        around = go_through_cache(
                            fd
                        )  # O_DIRECT cannot go on from an odd place, not even to find the end
                    if offset > entry.size:
                        raise SourceChangedError(f"{CHANGED}: it grew")
                    if self._stop.is_set():
                        raise StoppedError
                except BaseException:
                    ring.put_back(block)
                    raise
                block.hand_to(len(consumers) + 1)
                for blocks in consumers:
                    blocks.put(block)
                quick.update(block.filled())
                self._tally.read(block.size)
                block.release()
            ring.put_back(block)
            _same_file(entry, fd)
            with suppress(OSError, AttributeError):
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            os.close(fd)

    def _write(self, sink: Sink, entry: FileEntry, blocks: Blocks) -> Written | OSError | None:
        """Write one target's copy, durable and held at the end; None when the reader gave up.

        After an error the blocks are only let go.
        """
        copy = Written(sink, part_of(entry.path), -1)
        around = False
        failed: OSError | None = None
        try:
            while not isinstance(item := blocks.get(), bool):
                try:
                    if failed is None:
                        if copy.fd < 0:
                            copy.fd = create_part(sink.fd, copy.part)
                            around = sink.reach is CacheReach.LOCAL and go_around_cache(copy.fd)
                        around = write_all(copy.fd, item.filled(), around=around)
                        begin_write_back(copy.fd, item.offset, item.size)
                        self._tally.wrote(sink.index, item.size)
                except OSError as error:
                    failed = error
                finally:
                    item.release()
            if item is _COMPLETE and failed is None:
                self._mark(entry.path, sink.index, State.COPIED)
                finish_part(copy.fd, entry.mtime_ns, evict=True)
                self._mark(entry.path, sink.index, State.DURABLE)
                copy.hold()
                return copy
        except OSError as error:
            failed = error
        except BaseException:
            take_away([copy])
            raise
        take_away([copy])
        return failed

    def _target_trouble(self, sink: Sink, entry: FileEntry, error: OSError) -> Problem:
        sink.note_error(error)
        why = "the target is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or "error"
        return Problem(entry.path, str(sink.path), f"could not be written ({why})", Gravity.INCOMPLETE)

    # -- small files ------------------------------------------------------------------------------------------------

    def _run_batch(self, entries: Sequence[FileEntry]) -> None:
        """Write a whole batch, then make it durable, then prove it.

        Early write-back has begun for the whole batch by the time of the first fsync, and where the file system keeps a
        journal one commit serves many files.
        """
        begun: deque[tuple[FileEntry, FileOutcome, list[Written], list[Sink]]] = deque()
        try:
            with self._at_card:
                for entry in entries:
                    outcome, needed, there = self._begin(entry)
                    copies: list[Written] = []
                    begun.append((entry, outcome, copies, there))
                    self._copy_small(entry, outcome, needed, copies)
            for entry, outcome, copies, _ in begun:
                copies[:] = [copy for copy in copies if self._finish_small(copy, entry, outcome)]
            with self._at_card:
                seconds = deque([self._prover.read_again(entry, outcome) for entry, outcome, _, _ in begun])
            while begun:
                entry, outcome, copies, there = begun[0]
                self._end(entry, outcome, copies, there, one_by_one, seconds.popleft())
                begun.popleft()
        finally:
            for _, _, copies, _ in begun:
                take_away(copies)

    def _copy_small(self, entry: FileEntry, outcome: FileOutcome, sinks: Sequence[Sink], copies: list[Written]) -> None:
        """Read a small file and write it to all who need it, which begin to be made durable; they go to `copies`."""
        if self._from_before(entry, outcome, sinks):
            return
        buffer: memoryview | None = getattr(self._local, "buffer", None)
        if buffer is None:
            buffer = self._local.buffer = memoryview(pages(SMALL))
        self._way.take_turn(entry.size, "first")
        try:
            self._read_small(entry, buffer)
        except (OSError, MediumError, SourceChangedError) as error:
            outcome.problems.append(_source_trouble(entry, error))
            return
        data = buffer[: entry.size]
        digester = Digester(self._formats(entry.path))
        digester.update(data)
        outcome.digests = digester.digests()
        outcome.at_ns = self._clock.wall_ns()
        self._tally.read(entry.size)
        if not self._is_as_known(entry, outcome):
            return
        part = part_of(entry.path)
        for sink in sinks:
            copy = Written(sink, part, -1)
            try:
                copy.fd = create_part(sink.fd, part)
                write_all(copy.fd, data)
                begin_write_back(copy.fd, 0, entry.size)
            except OSError as error:
                self._give_up(copy, entry, outcome, error)
            except BaseException:
                take_away([copy])
                raise
            else:
                copies.append(copy)

    def _read_small(self, entry: FileEntry, buffer: memoryview) -> None:
        """Fill the buffer's first bytes with the file, around the cache where that is possible."""
        fd = open_source_directly(self._card, entry.path)
        try:
            _same_file(entry, fd)
            # O_DIRECT reads whole pages and zeroes what it is given beyond the end: one page more tells the end, too.
            wanted = min(SMALL, (entry.size // PAGE + 1) * PAGE)
            try:
                size = _read_at(fd, buffer[:wanted], 0)
            except OSError as error:
                if error.errno != errno.EINVAL:
                    raise
                go_through_cache(fd)  # some file systems take the flag and then refuse to read
                size = _read_at(fd, buffer[:wanted], 0)
            while 0 < size < entry.size:
                go_through_cache(fd)  # O_DIRECT cannot go on from an odd place
                got = _read_at(fd, buffer[size:wanted], size)
                if not got:
                    break
                size += got
            _same_file(entry, fd)
        finally:
            os.close(fd)
        if size != entry.size:
            raise SourceChangedError("has another length than its folder says")

    def _finish_small(self, copy: Written, entry: FileEntry, outcome: FileOutcome) -> bool:
        self._way.hold()
        try:
            finish_part(copy.fd, entry.mtime_ns, evict=False)
            copy.hold()
        except OSError as error:
            self._give_up(copy, entry, outcome, error)
            return False
        self._tally.wrote(copy.sink.index, entry.size)
        return True

    def _give_up(self, copy: Written, entry: FileEntry, outcome: FileOutcome, error: OSError) -> None:
        take_away([copy])
        outcome.problems.append(self._target_trouble(copy.sink, entry, error))


def _batch(targets: int) -> int:
    """Small files in a batch: what all workers hold open has to leave room among what this process may have open."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if limit == resource.RLIM_INFINITY:
        return _BATCH
    return max(1, min(_BATCH, limit * 3 // 4 // (_WORKERS * max(1, targets))))


def _copies_of(writers: Iterable[Future[Written | OSError | None]]) -> list[Written]:
    """What ended writers leave under unfinished names."""
    ended = [future.result() for future in writers if future.exception() is None]
    return [copy for copy in ended if isinstance(copy, Written)]


def _drain(take: Callable[[memoryview], None], blocks: Blocks) -> None:
    while not isinstance(item := blocks.get(), bool):
        take(item.filled())
        item.release()


def _read_at(fd: int, buffer: memoryview, offset: int) -> int:
    """Read, trying a medium error three times: a reader that hiccups once is common."""
    for attempt in range(_TRIES):
        try:
            return os.preadv(fd, [buffer], offset)
        except OSError as error:
            if error.errno == errno.EINVAL:
                raise  # the caller asked for a way of reading that this file system has not
            if error.errno != errno.EIO or attempt == _TRIES - 1:
                raise MediumError(
                    f"cannot be read from the card at byte {offset} ({error.strerror})", offset
                ) from error
    raise AssertionError("the loop returns or raises")


def _same_file(entry: FileEntry, fd: int) -> None:
    found = os.fstat(fd)
    if (found.st_size, found.st_mtime_ns, found.st_ino) != (entry.size, entry.mtime_ns, entry.inode):
        raise SourceChangedError(CHANGED)


def _source_trouble(entry: FileEntry, error: OSError | MediumError | SourceChangedError) -> Problem:
    what = f"cannot be opened on the card ({error.strerror})" if isinstance(error, OSError) else str(error)
    return Problem(entry.path, None, what, Gravity.INCOMPLETE)
