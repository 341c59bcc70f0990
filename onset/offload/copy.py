"""The copy engine: every file of the card is read once, hashed while it is read, and written to every target at once.

Used by the job. Big files: one reader, one writer a target, a ring of aligned buffers. Small files: eight at a time, so
that their fsyncs wait together. A target that fails is dropped, the others go on.
"""

from __future__ import annotations

import errno
import mmap
import os
import queue
import threading
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from onset.clock import Clock
from onset.errors import MediumError
from onset.mhl.hashes import SLOW, Digester, HashFormat, digest_set
from onset.mhl.tree import FileEntry
from onset.offload.blocks import Block, Ring
from onset.offload.files import (
    begin_write_back,
    create_part,
    discard,
    finish_part,
    open_source,
    part_of,
    read_buffered,
    read_directly,
    write_all,
)
from onset.offload.giveway import GiveWay
from onset.offload.outcome import FileOutcome, Gravity, KnownSource, Problem, State
from onset.offload.progress import Tally
from onset.offload.prove import PROOF, Prover, Reading, StoppedError, one_by_one
from onset.offload.readback import MIB
from onset.offload.sink import Sink

SMALL = MIB
_WORKERS = 8
_BATCH = 16
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
    """

    formats: Callable[[str], Collection[HashFormat]]
    known: Mapping[str, KnownSource]
    reread: bool
    overlap: bool = False
    sequential: bool = False


@dataclass(slots=True)
class OpenPart:
    """A small file written to one target, on its way to being durable."""

    fd: int
    sink: Sink
    entry: FileEntry
    outcome: FileOutcome
    durable: bool = False


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
        with ThreadPoolExecutor(2 if self._orders.sequential else _WORKERS, thread_name_prefix="small") as pool:
            batches = [small[start : start + _BATCH] for start in range(0, len(small), _BATCH)]
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
                return [future.result() for future in running]

            proving: Future[None] | None = None
            for entry in entries:
                outcome, written, there = self._begin(entry)
                written = self._stream(entry, outcome, written, ring, writers)
                if proving is not None:
                    proving.result()
                proving = prover.submit(self._end, entry, outcome, written, there, together)
                if not self._orders.overlap:
                    proving.result()
                    proving = None
            if proving is not None:
                proving.result()

    def _begin(self, entry: FileEntry) -> tuple[FileOutcome, list[Sink], list[Sink]]:
        """Which targets need the file, and which hold it already."""
        if self._stop.is_set():
            raise StoppedError
        outcome = FileOutcome(entry.path, entry.size, entry.mtime_ns)
        alive = [sink for sink in self._sinks if sink.lost is None]
        outcome.superseded = {sink.index for sink in alive if entry.path in sink.superseded}
        alive = [sink for sink in alive if entry.path not in sink.superseded]
        there = [sink for sink in alive if entry.path in sink.present]
        return outcome, [sink for sink in alive if sink not in there], there

    def _end(
        self,
        entry: FileEntry,
        outcome: FileOutcome,
        written: Sequence[Sink],
        there: Sequence[Sink],
        together: Callable[[Sequence[Callable[[], Reading]]], list[Reading]],
    ) -> None:
        self._prover.prove(entry, outcome, written, there, together)
        self._tally.file_done()
        self._report(outcome)

    def _from_before(self, entry: FileEntry, outcome: FileOutcome, written: Sequence[Sink]) -> bool:
        """Take the digests of an earlier run, if nobody needs the bytes and they say enough."""
        known = self._orders.known.get(entry.path)
        if known is None or written or PROOF not in known.digests:
            return False
        if not self._formats(entry.path) <= known.digests.keys():
            return False
        outcome.digests, outcome.source_checked = known.digests, known.source_checked
        outcome.at_ns = self._clock.wall_ns()
        self._tally.read(entry.size)
        return True

    def _formats(self, path: str) -> set[HashFormat]:
        return {PROOF, *self._orders.formats(path)}

    def _stream(
        self, entry: FileEntry, outcome: FileOutcome, sinks: Sequence[Sink], ring: Ring, pool: ThreadPoolExecutor
    ) -> list[Sink]:
        """Read a big file once for all who need it; gives back the targets that hold it durably."""
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
            for future in hashing:
                future.result()
            failures = [(sink, future.result()) for sink, future in writers]
            if end is _ABORTED:
                for sink in sinks:
                    discard(sink.fd, part_of(entry.path))
        if end is _ABORTED:
            return []
        spelled = [quick.digests(), *(digester.digests() for digester, _ in slow)]
        outcome.digests = digest_set({form: text for each in spelled for form, text in each.items()})
        outcome.at_ns = self._clock.wall_ns()
        for sink, failure in failures:
            if failure is not None:
                outcome.problems.append(self._target_trouble(sink, entry, failure))
        return [sink for sink, failure in failures if failure is None]

    def _read_blocks(self, entry: FileEntry, ring: Ring, quick: Digester, consumers: Sequence[Blocks]) -> None:
        fd = open_source(self._card, entry.path)
        try:
            _same_file(entry, fd)
            around = read_directly(fd)
            offset = 0
            while True:
                self._way.take_turn()
                block = ring.take()
                try:
                    try:
                        block.size = _read_at(fd, block.buffer, offset)
                    except OSError as error:
                        if not around or error.errno != errno.EINVAL:
                            raise
                        around = read_buffered(fd)  # some file systems take the flag and then refuse to read
                        block.size = _read_at(fd, block.buffer, offset)
                    if not block.size:
                        break
                    block.offset = offset
                    offset += block.size
                    if around and block.size < len(block.buffer):
                        around = read_buffered(fd)  # O_DIRECT cannot go on from an odd place, not even to find the end
                    if offset > entry.size:
                        raise SourceChangedError("grew while it was copied")
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

    def _write(self, sink: Sink, entry: FileEntry, blocks: Blocks) -> OSError | None:
        """Write one target's copy, durable at the end; after an error the blocks are only let go."""
        fd = -1
        failed: OSError | None = None
        part = part_of(entry.path)
        try:
            while not isinstance(item := blocks.get(), bool):
                try:
                    if failed is None:
                        if fd < 0:
                            fd = create_part(sink.fd, part)
                        write_all(fd, item.filled())
                        begin_write_back(fd, item.offset, item.size)
                        self._tally.wrote(sink.index, item.size)
                except OSError as error:
                    failed = error
                finally:
                    item.release()
            if item is _COMPLETE and failed is None:
                self._mark(entry.path, sink.index, State.COPIED)
                finish_part(fd, entry.mtime_ns, evict=True)
                self._mark(entry.path, sink.index, State.DURABLE)
        except OSError as error:
            failed = error
        finally:
            if fd >= 0:
                os.close(fd)
        if failed is not None:
            discard(sink.fd, part)
        return failed

    def _target_trouble(self, sink: Sink, entry: FileEntry, error: OSError) -> Problem:
        sink.note_error(error)
        why = "the target is full" if error.errno in (errno.ENOSPC, errno.EDQUOT) else error.strerror or "error"
        return Problem(entry.path, str(sink.path), f"could not be written ({why})", Gravity.INCOMPLETE)

    # -- small files ------------------------------------------------------------------------------------------------

    def _run_batch(self, entries: Sequence[FileEntry]) -> None:
        """Write a whole batch, then make it durable, then prove it.

        Early write-back has begun for the whole batch by the time of the first fsync, and where the file system keeps a
        journal one commit serves many files. Batches of 16 seemed quicker than of 1 or 4, on a noisy machine whose ext4
        has no journal (docs/benchmarks.md): to be measured again.
        """
        self._way.take_turn()
        begun = []
        open_parts: list[OpenPart] = []
        try:
            for entry in entries:
                outcome, needed, there = self._begin(entry)
                parts = self._copy_small(entry, outcome, needed)
                open_parts += parts
                begun.append((entry, outcome, parts, there))
            for part in open_parts:
                self._finish_small(part)
        except StoppedError:
            for part in open_parts:
                discard(part.sink.fd, part_of(part.entry.path))
            raise
        finally:
            for part in open_parts:
                os.close(part.fd)
        try:
            while begun:
                entry, outcome, parts, there = begun[0]
                self._end(entry, outcome, [part.sink for part in parts if part.durable], there, one_by_one)
                del begun[0]
        finally:
            for entry, _, parts, _ in begun:
                for part in parts:
                    discard(part.sink.fd, part_of(entry.path))

    def _copy_small(self, entry: FileEntry, outcome: FileOutcome, sinks: Sequence[Sink]) -> list[OpenPart]:
        if self._from_before(entry, outcome, sinks):
            return []
        buffer: memoryview | None = getattr(self._local, "buffer", None)
        if buffer is None:
            buffer = self._local.buffer = memoryview(mmap.mmap(-1, SMALL))
        try:
            size = self._read_small(entry, buffer)
        except (OSError, MediumError, SourceChangedError) as error:
            outcome.problems.append(_source_trouble(entry, error))
            return []
        data = buffer[:size]
        digester = Digester(self._formats(entry.path))
        digester.update(data)
        outcome.digests = digester.digests()
        outcome.at_ns = self._clock.wall_ns()
        self._tally.read(size)
        parts = [self._write_small(sink, entry, data, outcome) for sink in sinks]
        return [part for part in parts if part is not None]

    def _read_small(self, entry: FileEntry, buffer: memoryview) -> int:
        fd = open_source(self._card, entry.path)
        try:
            _same_file(entry, fd)
            size = 0
            while got := _read_at(fd, buffer[size:], size) if size < SMALL else 0:
                size += got
            _same_file(entry, fd)
        finally:
            os.close(fd)
        if size != entry.size:
            raise SourceChangedError("has another length than its folder says")
        return size

    def _write_small(self, sink: Sink, entry: FileEntry, data: memoryview, outcome: FileOutcome) -> OpenPart | None:
        part = part_of(entry.path)
        try:
            fd = create_part(sink.fd, part)
            try:
                write_all(fd, data)
                begin_write_back(fd, 0, len(data))
            except OSError:
                os.close(fd)
                raise
        except OSError as error:
            discard(sink.fd, part)
            outcome.problems.append(self._target_trouble(sink, entry, error))
            return None
        return OpenPart(fd, sink, entry, outcome)

    def _finish_small(self, part: OpenPart) -> None:
        try:
            finish_part(part.fd, part.entry.mtime_ns, evict=False)
        except OSError as error:
            discard(part.sink.fd, part_of(part.entry.path))
            part.outcome.problems.append(self._target_trouble(part.sink, part.entry, error))
            return
        part.durable = True
        self._tally.wrote(part.sink.index, part.entry.size)


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
        raise SourceChangedError("was changed on the card during the offload")


def _source_trouble(entry: FileEntry, error: OSError | MediumError | SourceChangedError) -> Problem:
    what = f"cannot be opened on the card ({error.strerror})" if isinstance(error, OSError) else str(error)
    return Problem(entry.path, None, what, Gravity.INCOMPLETE)
