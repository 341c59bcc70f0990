"""Small files, many at a time: what is made durable together, and what of them is held in memory and open."""

from __future__ import annotations

import errno
import os
import resource
import threading
from pathlib import Path
from typing import Any

import pytest

from onset.clock import ManualClock
from onset.mhl.tree import FileEntry
from onset.offload import files, prove, sink, small
from onset.offload.disks import CacheReach
from onset.offload.many import ManyReads
from onset.offload.readback import PAGE, Method, room_for
from tests.onset.offload.cards import contents, job_for, make_card, make_targets

BATCH = small._BATCH


@pytest.fixture
def synced(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of the card's files that were made durable one by one; one worker, so that batches come in order."""
    monkeypatch.setattr(small, "_WORKERS", 1)
    monkeypatch.setattr(sink, "cache_reach", lambda device: CacheReach.LOCAL)
    found: list[str] = []
    real = os.fsync

    def fsync(fd: int) -> None:
        name = os.path.basename(os.readlink(f"/proc/self/fd/{fd}"))
        if name.startswith(("A001C", "INDEX")):
            found.append(name)
        real(fd)

    monkeypatch.setattr(os, "fsync", fsync)
    return found


def copied(tmp_path: Path, clock: ManualClock) -> None:
    """Two batches to two targets, both the same as the card afterwards."""
    card, targets = make_card(tmp_path / "A001", clips=0, small=BATCH + 8), make_targets(tmp_path)
    outcome = job_for(card, targets, tmp_path / "state", clock=clock).run()
    assert outcome.exit_code == 0
    assert [contents(target / "A001") for target in targets] == [contents(card)] * 2


def test_files_of_a_batch_are_made_durable_one_by_one(
    synced: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []

    def at_once(folder: int) -> bool:
        asked.append(folder)
        return True

    monkeypatch.setattr(files, "sync_all", at_once)
    copied(tmp_path, ManualClock())
    assert (len(asked), synced) == (4, [])


def test_files_count_as_durable_where_the_system_does_not_say_so(
    synced: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(files, "sync_all", lambda folder: False)
    copied(tmp_path, ManualClock())
    assert len(synced) == 2 * (BATCH + 9)


def test_each_batch_waits_for_what_others_write(
    synced: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody else copies to one of the disks: once is enough to see that."""
    clock, asked = ManualClock(), []

    def slowly(folder: int) -> bool:
        asked.append(folder)
        if folder == asked[0]:
            clock.advance(3)
        return True

    monkeypatch.setattr(files, "sync_all", slowly)
    copied(tmp_path, clock)
    assert len(asked) == 3
    assert len(synced) == 9


def entry(size: int) -> FileEntry:
    return FileEntry(f"F{size}", size, 0, 0)


@pytest.mark.parametrize(
    ("sizes", "batches"),
    [
        ([100] * (BATCH + 1), [BATCH, 1]),
        ([small.SMALL - 1] * 9, [4, 4, 1]),
        ([0, small.SMALL - 1, 0], [3]),
        ([], []),
    ],
)
def test_batch_outgrows_a_workers_memory(sizes: list[int], batches: list[int]) -> None:
    made = list(small._batches([entry(size) for size in sizes], 2))
    assert [len(batch) for batch in made] == batches
    assert all(sum(room_for(each.size) for each in batch) <= small._part(2) for batch in made)
    assert [each.size for batch in made for each in batch] == sizes


@pytest.mark.parametrize("targets", [1, 2, 5, 20])
def test_no_room_for_a_small_file(targets: int) -> None:
    assert small._part(targets) >= room_for(small.SMALL - 1)
    assert small._part(targets) % PAGE == 0


@pytest.mark.parametrize(("limit", "others"), [(256, 40), (64, 30), (64, 70)])
def test_workers_hold_more_open_than_they_may(limit: int, others: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resource, "getrlimit", lambda which: (limit, limit))
    monkeypatch.setattr(small, "_open_now", lambda: others)
    longest = max(len(batch) for batch in small._batches([entry(100)] * 100, 2))
    assert longest == 1 or others + (3 * longest + 2) * small._WORKERS <= limit  # a folder of each target, too


def test_read_that_a_signal_cut_short_is_the_targets_fault(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ManyReads, "read", lambda self, asked: [-errno.EINTR] * len(asked))
    outcome = job_for(card, targets, state).run()
    assert (outcome.exit_code, outcome.problems) == (0, ())


@pytest.mark.parametrize("where", ["card", "target"])
def test_error_that_is_told_at_close_ends_the_job_or_closes_another_file(
    where: str, card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """File systems over the network and dead ones of FUSE tell one then, and the file is closed all the same."""
    folder = (card if where == "card" else targets[0] / "A001") / "CLIPS"
    real, told = os.close, set()

    def close(fd: int) -> None:
        path = os.readlink(f"/proc/self/fd/{fd}")  # fails where it is closed already
        real(fd)
        if path.startswith(f"{folder}/") and path not in told:
            told.add(path)
            raise OSError(errno.ENOTCONN, os.strerror(errno.ENOTCONN))

    monkeypatch.setattr(os, "close", close)
    outcome = job_for(card, targets, state).run()
    assert (outcome.exit_code, outcome.problems, len(told)) == (0, (), 7)
    assert [contents(target / "A001") for target in targets] == [contents(card)] * 2


def test_card_without_a_way_around_the_cache_is_said_to_have_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some file systems of cards (UDF, ISO 9660) refuse O_DIRECT: the second read empties the cache, and says so."""
    card, targets = make_card(tmp_path / "A001", clips=1), make_targets(tmp_path)
    on_card = card.stat().st_dev, {path.stat().st_ino for path in card.rglob("*")}
    real = os.open

    def refusing(path: str, flags: int, *more: int, dir_fd: int | None = None) -> int:
        fd = real(path, flags, *more, dir_fd=dir_fd)
        found = os.fstat(fd)
        if flags & os.O_DIRECT and found.st_dev == on_card[0] and found.st_ino in on_card[1]:
            os.close(fd)
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return fd

    monkeypatch.setattr(prove, "cache_reach", lambda device: CacheReach.LOCAL)
    monkeypatch.setattr(os, "open", refusing)
    outcome = job_for(card, targets, tmp_path / "state").run()
    assert outcome.exit_code == 0
    methods = {each.path: each.source_method for each in outcome.contents}
    assert Method.DIRECT not in methods.values(), methods


def test_batch_hears_nothing_of_its_own_write_error(
    synced: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The kernel tells an error once to a descriptor, and only if it was open then; no two batches share one."""
    log: list[str] = []
    shared: set[int] = set()
    real_sink, real_write = sink.Sink.__init__, files.write_all

    def made(self: sink.Sink, *given: Any) -> None:
        real_sink(self, *given)
        shared.add(self.fd)

    def opened(path: str, flags: int, *more: int, dir_fd: int | None = None) -> int:
        if path == "." and dir_fd in shared and threading.current_thread().name.startswith("small"):
            log.append("open")
        return real_open(path, flags, *more, dir_fd=dir_fd)

    def written(*given: Any, **more: Any) -> bool:
        log.append("write")
        return real_write(*given, **more)

    def at_once(folder: int) -> bool:
        assert folder not in shared
        log.append("sync")
        return True

    real_open = os.open
    monkeypatch.setattr(sink.Sink, "__init__", made)
    monkeypatch.setattr(files, "write_all", written)
    monkeypatch.setattr(files, "sync_all", at_once)
    monkeypatch.setattr(os, "open", opened)
    copied(tmp_path, ManualClock())
    steps = [step for step, before in zip(log, ["", *log[:-1]], strict=True) if step != before]
    assert steps[:6] == ["open", "write", "sync"] * 2
