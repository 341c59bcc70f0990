"""The copy engine: every file of the card is read once, hashed while it is read, and written to every target at once.

Used by the job. Big files: one reader, one writer a target, a ring of aligned buffers. Small files: many at a time, so
that they wait for the disks together. A target that fails is dropped, the others go on.
"""

from __future__ import annotations

import os
import queue
import threading
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress

from onset.clock import Clock
from onset.errors import MediumError
from onset.mhl.hashes import SLOW, Digester, digest_set
from onset.mhl.tree import FileEntry
from onset.offload import files
from onset.offload.blocks import Block, Ring
from onset.offload.disks import CacheReach
from onset.offload.files import begin_write_back, finish_part, go_around_cache, go_through_cache, open_source, part_of
from onset.offload.giveway import GiveWay
from onset.offload.outcome import FileOutcome, State
from onset.offload.progress import Tally
from onset.offload.prove import CHANGED, Prover, Reading, StoppedError, Written, take_away
from onset.offload.readback import BLOCK, NO_WAY_AROUND
from onset.offload.sink import Sink
from onset.offload.small import SMALL, SmallFiles
from onset.offload.work import Orders, SourceChangedError, Work, same_file, source_trouble, target_trouble

_COMPLETE, _ABORTED = True, False

Blocks = queue.SimpleQueue[Block | bool]


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
        prover = Prover(card, orders.reread, tally, stop, way)
        self._work = Work(card, sinks, orders, tally, clock, stop, report, mark, way, prover)

    def run(self, entries: Iterable[FileEntry]) -> None:
        """Copy and prove all files; clips first, then the small ones.

        Raises:
            StoppedError: `stop` was set; unfinished files have been taken away.
        """
        every = list(entries)
        big = [entry for entry in every if entry.size >= SMALL]
        if big:
            self._run_big(big)
        SmallFiles(self._work).run([entry for entry in every if entry.size < SMALL])

    # -- big files --------------------------------------------------------------------------------------------------

    def _run_big(self, entries: Sequence[FileEntry]) -> None:
        ring = Ring()
        readers = len(self._work.sinks) + 1
        with (
            ThreadPoolExecutor(len(self._work.sinks) + len(SLOW), thread_name_prefix="write") as writers,
            ThreadPoolExecutor(readers, thread_name_prefix="read-back") as readbacks,
            ThreadPoolExecutor(1, thread_name_prefix="prove") as prover,
        ):

            def together(reads: Sequence[Callable[[], Reading]]) -> list[Reading]:
                running = [readbacks.submit(read) for read in reads]
                wait(running)  # before anything is raised: what they read is held open by whoever asked
                return [future.result() for future in running]

            proving: Future[None] | None = None
            for entry in entries:
                outcome, needed, there = self._work.begin(entry)
                written = self._stream(entry, outcome, needed, ring, writers)
                try:
                    if proving is not None:
                        proving.result()
                    proving = prover.submit(self._work.end, entry, outcome, written, there, together)
                except BaseException:  # of the file before: nobody will prove this one
                    take_away(written)
                    raise
                if not self._work.orders.overlap:
                    proving.result()
                    proving = None
            if proving is not None:
                proving.result()

    def _stream(
        self, entry: FileEntry, outcome: FileOutcome, sinks: Sequence[Sink], ring: Ring, pool: ThreadPoolExecutor
    ) -> list[Written]:
        """Read a big file once for all who need it; gives back the copies that are durable."""
        if self._work.from_before(entry, outcome, sinks):
            return []
        formats = self._work.formats(entry.path)
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
            outcome.problems.append(source_trouble(entry, error))
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
        outcome.at_ns = self._work.clock.wall_ns()
        if not self._work.is_as_known(entry, outcome):
            take_away(result for _, result in results if isinstance(result, Written))
            return []
        written = []
        for sink, result in results:
            if isinstance(result, Written):
                written.append(result)
            elif result is not None:
                outcome.problems.append(target_trouble(sink, entry, result))
        return written

    def _read_blocks(self, entry: FileEntry, ring: Ring, quick: Digester, consumers: Sequence[Blocks]) -> None:
        fd = open_source(self._work.card, entry.lies_at)
        try:
            same_file(entry, fd)
            around = files.read_directly(fd)
            offset = 0
            while True:
                self._work.way.take_turn(min(BLOCK, entry.size - offset), "first")
                block = ring.take()
                try:
                    try:
                        block.size = files.read_at(fd, block.buffer, offset)
                    except OSError as error:
                        if not around or error.errno not in NO_WAY_AROUND:
                            raise
                        around = go_through_cache(fd)
                        block.size = files.read_at(fd, block.buffer, offset)
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
                    if self._work.stop.is_set():
                        raise StoppedError
                except BaseException:
                    ring.put_back(block)
                    raise
                block.hand_to(len(consumers) + 1)
                for blocks in consumers:
                    blocks.put(block)
                quick.update(block.filled())
                self._work.tally.read(block.size)
                block.release()
            ring.put_back(block)
            same_file(entry, fd)
            with suppress(OSError, AttributeError):
                os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
        finally:
            files.let_go(fd)

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
                        self._work.way.hold()
                        if copy.fd < 0:
                            copy.fd = files.create_part(sink.fd, copy.part)
                            around = sink.reach is CacheReach.LOCAL and go_around_cache(copy.fd)
                        around = files.write_all(copy.fd, item.filled(), around=around)
                        begin_write_back(copy.fd, item.offset, item.size)
                        self._work.tally.wrote(sink.index, item.size)
                except OSError as error:
                    failed = error
                finally:
                    item.release()
            if item is _COMPLETE and failed is None:
                self._work.mark(entry.path, sink.index, State.COPIED)
                finish_part(copy.fd, entry.mtime_ns, evict=True)
                self._work.mark(entry.path, sink.index, State.DURABLE)
                copy.hold()
                return copy
        except OSError as error:
            failed = error
        except BaseException:
            take_away([copy])
            raise
        take_away([copy])
        return failed


def _copies_of(writers: Iterable[Future[Written | OSError | None]]) -> list[Written]:
    """What ended writers leave under unfinished names."""
    ended = [future.result() for future in writers if future.exception() is None]
    return [copy for copy in ended if isinstance(copy, Written)]


def _drain(take: Callable[[memoryview], None], blocks: Blocks) -> None:
    while not isinstance(item := blocks.get(), bool):
        take(item.filled())
        item.release()
