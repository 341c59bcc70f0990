"""Copy small files, many at a time, so that they wait for the disks together.

Used by copy.py. A batch is read from the card with one call, written to every target, made durable, and with one call
more read from the card again and back from all targets. Each file stays open from its first byte to its proof, on the
card and on the targets: what a small file costs are the calls to the kernel, and the disk's way from one to the next.
Hence it is written through the cache, which hands a batch over in few large requests, and read around it;
docs/benchmarks.md.
"""

from __future__ import annotations

import os
import resource
import threading
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from queue import SimpleQueue

from onset.errors import MediumError
from onset.mhl.hashes import Digester, Digests, HashFormat, digest_set, xxh128
from onset.mhl.tree import FileEntry
from onset.offload import files
from onset.offload.disks import CacheReach
from onset.offload.files import (
    finish_part,
    go_through_cache,
    open_source_directly,
    part_of,
    set_date,
)
from onset.offload.many import Asked, ManyReads
from onset.offload.outcome import FileOutcome
from onset.offload.pages import pages
from onset.offload.prove import PROOF, Held, Reading, Written, one_by_one, take_away
from onset.offload.readback import MIB, NO_WAY_AROUND, PAGE, reads_held, room_for
from onset.offload.sink import Sink
from onset.offload.work import SourceChangedError, Work, same_file, source_trouble, target_trouble

SMALL = MIB
_WORKERS = 4  # measured in docs/benchmarks.md
_BATCH = 64  # each costs a commit of the targets' journals, during which nobody else can make a file
_MEMORY = 64 * MIB  # of all workers
_PATIENCE_NS = 2_000_000_000


@dataclass(slots=True)
class _Begun:
    """A file of a batch.

    Attributes:
        needed: targets to write it to.
        there: targets that hold it already.
        room: memory for it, from a page's beginning.
        data: its bytes there; None where nobody needs them, or the card did not give them.
        source: open on the card around the cache, to be read a second time; -1 where it is not.
        second: what that gave.
    """

    entry: FileEntry
    outcome: FileOutcome
    needed: list[Sink]
    there: list[Sink]
    room: memoryview
    data: memoryview | None = None
    source: int = -1
    copies: list[Written] = field(default_factory=list)
    second: Reading | None = None

    def let_card_go(self) -> None:
        held, self.source = self.source, -1
        if held >= 0:
            files.let_go(held)


class _Desk:
    """What a worker needs for a batch: memory, and the way to have it filled.

    What is read a second time, and back, never lands where the same bytes lie already: a disk that filled in nothing
    would seem to agree.

    Attributes:
        memory: in parts, `part` bytes each: what was read first, and room for a part more from each place.
    """

    def __init__(self, targets: int) -> None:
        self.part = _part(targets)
        self.memory = pages(self.part * (2 + targets))
        self.reads = ManyReads(self.memory, _BATCH * (1 + targets))


class SmallFiles:
    """Copies and proves files below SMALL.

    Args:
        work: of the job.
    """

    def __init__(self, work: Work) -> None:
        self._work = work
        self._desks: SimpleQueue[_Desk] = SimpleQueue()
        self._apart: set[int] = set()  # targets on which each file is made durable by itself
        # The disk puts a batch of reads into order by itself; several batches would have its head go to and fro.
        self._at_card = threading.BoundedSemaphore(1 if work.orders.sequential else _WORKERS)

    def run(self, entries: Sequence[FileEntry]) -> None:
        """Copy and prove them all.

        Raises:
            StoppedError: the job was asked to stop; unfinished files have been taken away.
        """
        batches = list(_batches(entries, len(self._work.sinks)))
        desks = [_Desk(len(self._work.sinks)) for _ in range(min(_WORKERS, len(batches)))]
        for desk in desks:
            self._desks.put(desk)
        with ThreadPoolExecutor(_WORKERS, thread_name_prefix="small") as pool:
            try:
                for _ in pool.map(self._run_batch, batches):
                    pass
            finally:
                pool.shutdown(cancel_futures=True)
                for desk in desks:
                    desk.reads.close()

    def _run_batch(self, entries: Sequence[FileEntry]) -> None:
        begun: list[_Begun] = []
        desk = self._desks.get()
        try:
            with self._at_card:
                self._read(entries, begun, desk)
            with ExitStack() as opened:
                folders = self._open_folders(begun, opened)
                for each in begun:
                    self._write(each)
                durable = self._sync(folders)
            self._finish(begun, durable)
            with self._at_card:
                self._read_back(begun, desk)
            while begun:
                each = begun[-1]
                each.let_card_go()
                self._work.end(each.entry, each.outcome, each.copies, each.there, one_by_one, each.second)
                begun.pop()
        finally:
            self._desks.put(desk)
            for each in begun:
                each.let_card_go()
                take_away(each.copies)

    # -- the card ---------------------------------------------------------------------------------------------------

    def _read(self, entries: Sequence[FileEntry], begun: list[_Begun], desk: _Desk) -> None:
        """Read a batch, one file behind the other in memory."""
        start = 0
        asked: list[Asked] = []
        opened: list[tuple[_Begun, int | None]] = []
        for entry in entries:
            room = room_for(entry.size)
            each = _Begun(entry, *self._work.begin(entry), desk.memory[start : start + room])
            begun.append(each)
            if self._work.from_before(entry, each.outcome, each.needed):
                continue
            try:
                each.source, around = open_source_directly(self._work.card, entry.lies_at)
            except OSError as error:
                each.outcome.problems.append(source_trouble(entry, error))
                continue
            opened.append((each, len(asked) if around else None))
            if around:
                asked.append((each.source, start, room))
            start += room
        self._work.way.take_turn(sum(each.entry.size for each, _ in opened), "first", len(opened))
        answers = desk.reads.read(asked)
        read = 0
        for each, number in opened:
            entry = each.entry
            try:
                self._fill(each, answers[number] if number is not None else None)
            except (OSError, MediumError, SourceChangedError) as error:
                each.let_card_go()
                each.outcome.problems.append(source_trouble(entry, error))
                continue
            each.outcome.digests = _digests(each.room[: entry.size], self._work.formats(entry.path))
            each.outcome.at_ns = self._work.clock.wall_ns()
            read += entry.size
            if self._work.is_as_known(entry, each.outcome):
                each.data = each.room[: entry.size]
        self._work.tally.read(read)

    def _fill(self, each: _Begun, got: int | None) -> None:
        """See to it that the file's room is filled.

        Args:
            each: open on the card.
            got: what reading around the cache gave (bytes, or an error as a negative number); None: it is not possible.
        """
        entry, fd, room = each.entry, each.source, each.room
        around = got is not None
        if got is None or got < 0:
            try:
                got = files.read_at(fd, room, 0)
            except OSError as error:
                if error.errno not in NO_WAY_AROUND:
                    raise
                around = go_through_cache(fd)
                got = files.read_at(fd, room, 0)
        while 0 < got < entry.size:
            around = go_through_cache(fd)  # O_DIRECT cannot go on from an odd place
            more = files.read_at(fd, room[got:], got)
            if not more:
                break
            got += more
        same_file(entry, fd)
        if got != entry.size:
            raise SourceChangedError("has another length than its folder says")
        if not around or not reads_held(self._work.prover.card_reach):
            each.let_card_go()  # it is opened anew to be read again

    # -- the proof --------------------------------------------------------------------------------------------------

    def _read_back(self, begun: Sequence[_Begun], desk: _Desk) -> None:
        """Read the card again, and back what was written: with one call all that is open around the cache."""
        asked: list[Held] = []
        whose: list[tuple[_Begun, Written | None]] = []
        start = desk.part
        for each in begun:
            size = each.entry.size
            meant: list[tuple[int, Written | None]] = [(copy.fd, copy) for copy in each.copies if copy.around]
            if each.source >= 0 and self._work.prover.wants_again(each.outcome):
                meant.append((each.source, None))
            for fd, copy in meant:
                asked.append(Held(fd, start, size, None if copy is None else copy.sink.index))
                whose.append((each, copy))
                start += room_for(size)
        for (each, copy), reading in zip(whose, self._work.prover.read_many(desk.reads, asked), strict=True):
            if copy is None:
                each.second = reading
            else:
                copy.reading = reading
        for each in begun:
            each.second = each.second or self._work.prover.read_again(each.entry, each.outcome, each.source)

    # -- the targets ------------------------------------------------------------------------------------------------

    def _write(self, each: _Begun) -> None:
        """Write a file to all who need it."""
        if each.data is None:
            return
        part = part_of(each.entry.path)
        self._work.way.hold()
        for sink in each.needed:
            copy = Written(sink, part, -1)
            try:
                copy.fd = files.create_part(sink.fd, part)
                files.write_all(copy.fd, each.data)
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

    def _finish(self, begun: Iterable[_Begun], durable: Collection[int]) -> None:
        """Make copies durable where they are not yet, and turn them around the cache."""
        wrote: Counter[int] = Counter()
        for each in begun:
            copies, each.copies = each.copies, []
            for copy in copies:
                try:
                    if copy.sink.index not in durable:
                        self._work.way.hold()
                        finish_part(copy.fd, each.entry.mtime_ns, evict=False)
                    copy.hold()
                    copy.turn_around()
                except OSError as error:
                    self._give_up(copy, each, error)
                else:
                    each.copies.append(copy)
                    wrote[copy.sink.index] += each.entry.size
        for index, size in wrote.items():
            self._work.tally.wrote(index, size)

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


def _part(targets: int) -> int:
    """Bytes of a batch: two small files at least, however many targets there are."""
    return max(_MEMORY // (_WORKERS * (2 + targets)), 2 * MIB + 2 * PAGE) // PAGE * PAGE


def _batches(entries: Sequence[FileEntry], targets: int) -> Iterator[list[FileEntry]]:
    """As many as fit into a worker's memory, while all workers together hold no more open than a process may."""
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    most, part = _BATCH, _part(targets)
    if limit != resource.RLIM_INFINITY:
        each_holds = (limit - _open_now()) * 7 // 8 // (_WORKERS * (targets + 1)) - 1  # and each target's folder
        most = max(1, min(_BATCH, each_holds))
    batch: list[FileEntry] = []
    size = 0
    for entry in entries:
        if batch and (len(batch) == most or size + room_for(entry.size) > part):
            yield batch
            batch, size = [], 0
        batch.append(entry)
        size += room_for(entry.size)
    if batch:
        yield batch


def _open_now() -> int:
    """Descriptors this process holds; a good many where nobody can tell."""
    try:
        return len(os.listdir("/dev/fd"))
    except OSError:
        return 64
