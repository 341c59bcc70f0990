"""Copy small files, many at a time, so that they wait for the disks together.

Used by copy.py. A batch is read from the card in one go, written to every target, made durable, read from the card
once more and read back. Each file stays open from its first byte to its proof, on the card and on the targets: what a
small file costs are the calls to the kernel. Whole pages go around the cache, which would only be filled to be emptied
again; docs/benchmarks.md.
"""

from __future__ import annotations

import errno
import os
import resource
import threading
from collections import deque
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field

from onset.errors import MediumError
from onset.mhl.hashes import Digester, Digests, HashFormat, digest_set, xxh128
from onset.mhl.tree import FileEntry
from onset.offload import files
from onset.offload.disks import CacheReach
from onset.offload.files import begin_write_back, finish_part, go_through_cache, open_source_directly, part_of, set_date
from onset.offload.outcome import FileOutcome
from onset.offload.pages import pages
from onset.offload.prove import PROOF, Written, one_by_one, take_away
from onset.offload.readback import MIB, PAGE, reads_held
from onset.offload.sink import Sink
from onset.offload.work import SourceChangedError, Work, same_file, source_trouble, target_trouble

SMALL = MIB
_WORKERS = 8  # measured in docs/benchmarks.md
_BATCH = 32
_BATCH_BYTES = 2 * MIB
_PATIENCE_NS = 2_000_000_000
_AT_A_HEAD = 4  # readers over USB and virtual disks claim a head, too; a real one takes the nearest of four


@dataclass(slots=True)
class _Begun:
    """A file of a batch.

    Attributes:
        needed: targets to write it to.
        there: targets that hold it already.
        data: its bytes, up to the end of their last page; None where nobody needs them, or the card did not give them.
        source: open on the card around the cache, to be read a second time; -1 where it is not.
    """

    entry: FileEntry
    outcome: FileOutcome
    needed: list[Sink]
    there: list[Sink]
    data: memoryview | None = None
    source: int = -1
    copies: list[Written] = field(default_factory=list)

    def let_card_go(self) -> None:
        if self.source >= 0:
            os.close(self.source)
            self.source = -1


class SmallFiles:
    """Copies and proves files below SMALL.

    Args:
        work: of the job.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._local = threading.local()
        self._apart: set[int] = set()  # targets on which each file is made durable by itself
        # A batch reads the card in one go: where a head has to move (or a reader says so), few at a time.
        self._at_card = threading.BoundedSemaphore(_AT_A_HEAD if work.orders.sequential else _WORKERS)

    def run(self, entries: Sequence[FileEntry]) -> None:
        """Copy and prove them all.

        Raises:
            StoppedError: the job was asked to stop; unfinished files have been taken away.
        """
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="small") as pool:
            try:
                for _ in pool.map(self._run_batch, _batches(entries, len(self._work.sinks))):
                    pass
            finally:
                pool.shutdown(cancel_futures=True)

    def _run_batch(self, entries: Sequence[FileEntry]) -> None:
        begun: deque[_Begun] = deque()
        opened = ExitStack()
        try:
            with self._at_card:
                self._read(entries, begun)
            with opened:
                folders = self._open_folders(begun, opened)
                for each in begun:
                    self._write(each)
                durable = self._sync(folders)
            for each in begun:
                each.copies[:] = [copy for copy in each.copies if self._finish(copy, each, durable)]
            with self._at_card:
                seconds = deque([self._work.prover.read_again(each.entry, each.outcome, each.source) for each in begun])
            while begun:
                each = begun[0]
                each.let_card_go()
                self._work.end(each.entry, each.outcome, each.copies, each.there, one_by_one, seconds.popleft())
                begun.popleft()
        finally:
            for each in begun:
                each.let_card_go()
                take_away(each.copies)

    # -- the card ---------------------------------------------------------------------------------------------------

    def _read(self, entries: Sequence[FileEntry], begun: deque[_Begun]) -> None:
        """Read a batch, one file behind the other in memory."""
        memory: memoryview | None = getattr(self._local, "memory", None)
        if memory is None:
            memory = self._local.memory = pages(_BATCH_BYTES)
        start = 0
        for entry in entries:
            each = _Begun(entry, *self._work.begin(entry))
            begun.append(each)
            if self._work.from_before(entry, each.outcome, each.needed):
                continue
            room = memory[start : start + _room(entry)]
            start += len(room)
            self._work.way.take_turn(entry.size, "first")
            try:
                self._read_one(each, room)
            except (OSError, MediumError, SourceChangedError) as error:
                each.let_card_go()
                each.outcome.problems.append(source_trouble(entry, error))
                continue
            each.outcome.digests = _digests(room[: entry.size], self._work.formats(entry.path))
            each.outcome.at_ns = self._work.clock.wall_ns()
            self._work.tally.read(entry.size)
            if self._work.is_as_known(entry, each.outcome):
                each.data = room[: entry.size]

    def _read_one(self, each: _Begun, room: memoryview) -> None:
        """Fill the first bytes of `room` with the file, around the cache where that is possible."""
        entry = each.entry
        fd, around = open_source_directly(self._work.card, entry.lies_at)
        each.source = fd
        try:
            size = files.read_at(fd, room, 0)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            around = go_through_cache(fd)  # some file systems take the flag and then refuse to read
            size = files.read_at(fd, room, 0)
        while 0 < size < entry.size:
            around = go_through_cache(fd)  # O_DIRECT cannot go on from an odd place
            got = files.read_at(fd, room[size:], size)
            if not got:
                break
            size += got
        same_file(entry, fd)
        if size != entry.size:
            raise SourceChangedError("has another length than its folder says")
        if not around or not reads_held(self._work.prover.card_reach):
            each.let_card_go()  # it is opened anew to be read again

    # -- the targets ------------------------------------------------------------------------------------------------

    def _write(self, each: _Begun) -> None:
        """Write a file to all who need it, which begin to be made durable."""
        data = each.data
        if data is None:
            return
        part = part_of(each.entry.path)
        self._work.way.hold()
        for sink in each.needed:
            copy = Written(sink, part, -1)
            try:
                copy.fd, copy.around = _create(sink, part, around=len(data) % PAGE == 0)
                copy.around = files.write_all(copy.fd, data, around=copy.around)
                if not copy.around:
                    begin_write_back(copy.fd, 0, len(data))
                set_date(copy.fd, each.entry.mtime_ns)
            except OSError as error:
                self._give_up(copy, each, error)
            except BaseException:
                take_away([copy])
                raise
            else:
                each.copies.append(copy)

    def _open_folders(self, begun: Iterable[_Begun], opened: ExitStack) -> dict[int, int]:
        """The folders of targets on which a batch is made durable in one go, opened anew before its first byte.

        An error of writing is told once to each descriptor that was open then: with one for all workers, the wrong
        batch could hear of it.
        """
        found: dict[int, int] = {}
        for sink in (sink for each in begun if each.data is not None for sink in each.needed):
            if sink.index not in found and sink.index not in self._apart and sink.reach is CacheReach.LOCAL:
                with suppress(OSError):
                    found[sink.index] = os.open(".", os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC, dir_fd=sink.fd)
                    opened.callback(os.close, found[sink.index])
        return found

    def _sync(self, folders: Mapping[int, int]) -> set[int]:
        """Make a batch durable on each target in one go; which targets that was done on.

        A disk on which others have much to write takes long, since all of theirs goes with it: from then on each file
        there is asked for by itself.
        """
        durable = set()
        for index, folder in folders.items():
            self._work.way.hold()
            began = self._work.clock.monotonic_ns()
            if files.sync_all(folder):
                durable.add(index)
            if self._work.clock.monotonic_ns() - began > _PATIENCE_NS:
                self._apart.add(index)
        return durable

    def _finish(self, copy: Written, each: _Begun, durable: Collection[int]) -> bool:
        """Make a copy durable where it is not yet; whether it is."""
        try:
            if copy.sink.index not in durable:
                self._work.way.hold()
                finish_part(copy.fd, each.entry.mtime_ns, evict=False)
            copy.hold()
        except OSError as error:
            self._give_up(copy, each, error)
            return False
        self._work.tally.wrote(copy.sink.index, each.entry.size)
        return True

    @staticmethod
    def _give_up(copy: Written, each: _Begun, error: OSError) -> None:
        take_away([copy])
        each.outcome.problems.append(target_trouble(copy.sink, each.entry, error))


def _digests(data: memoryview, formats: set[HashFormat]) -> Digests:
    if formats == {PROOF}:
        return digest_set({PROOF: xxh128(data)})
    digester = Digester(formats)
    digester.update(data)
    return digester.digests()


def _create(sink: Sink, part: str, *, around: bool) -> tuple[int, bool]:
    """Make an unfinished file, turned to O_DIRECT from the start where it may be; the file, and whether it is."""
    if around and reads_held(sink.reach):
        with suppress(OSError):
            return files.create_part(sink.fd, part, around=True), True
    return files.create_part(sink.fd, part), False


def _room(entry: FileEntry) -> int:
    """Whole pages, and one more byte at least: O_DIRECT reads pages, and what lies beyond the end tells the end."""
    return (entry.size // PAGE + 1) * PAGE


def _batches(entries: Sequence[FileEntry], targets: int) -> Iterator[list[FileEntry]]:
    """As many as fit into a worker's memory, while all workers together hold no more open than a process may."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    most = _BATCH
    if limit != resource.RLIM_INFINITY:
        most = max(1, min(_BATCH, limit * 3 // 4 // (_WORKERS * (targets + 1))))
    batch: list[FileEntry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == most or size + _room(entry) > _BATCH_BYTES):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += _room(entry)
    if batch:
        yield batch
