"""A take that rolls is not disturbed: the job reads slowly, says so, and still ends."""

from __future__ import annotations

import itertools
import os
import threading
from collections import Counter
from collections.abc import Callable, Generator
from pathlib import Path
from typing import Any

import pytest

from onset.cli.offload_progress import spell_hold
from onset.clock import SystemClock
from onset.errors import LogError, OffloadError
from onset.offload import giveway
from onset.offload.giveway import GiveWay, Recorder
from onset.offload.job import OffloadJob, Request
from onset.offload.journal import find_jobs
from onset.offload.many import ManyReads
from onset.offload.orders import Order, order
from onset.offload.outcome import Outcome
from onset.offload.place import Target
from onset.offload.progress import Tally
from onset.offload.small import SMALL
from onset.offload.turn import Hold
from tests.needs import require
from tests.onset.offload.cards import contents, job_for, make_card, make_targets, offload


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giveway, "_ASK_EVERY_S", 0.001)
    monkeypatch.setattr(giveway, "_ASK_AGAIN_S", 0.001)
    monkeypatch.setattr(giveway, "_WAIT_S", 0.02)


def job_beside(media: Path, rolling: Rolls, tmp_path: Path, *, pauses: bool = False, **of_card: int) -> OffloadJob:
    card = make_card(tmp_path / "A001", **of_card)
    targets = tuple(Target(target, "A001") for target in make_targets(tmp_path))
    return OffloadJob(
        Request(card, targets), SystemClock(), tmp_path / "state", Recorder(media, rolling.answers, pauses)
    )


class Rolls:
    """Answers that are counted; `asked` and `closed` say what became of them."""

    def __init__(self, *, error: bool = False, cut: threading.Event | None = None) -> None:
        self.cut = cut or threading.Event()
        self.asked = 0
        self.closed = False
        self.error = error
        self.threads: set[int] = set()

    def answers(self) -> Generator[bool, None, None]:
        try:
            while True:
                self.asked += 1
                self.threads.add(threading.get_ident())
                if self.error and self.asked > 2:
                    raise LogError("The log is gone.")
                yield not self.cut.is_set()
        finally:
            self.closed = True
            self.threads.add(threading.get_ident())


def test_rolling_take_is_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rolls, seen = Rolls(), []
    job = job_beside(tmp_path / "media" / "day1", rolls, tmp_path)
    real = GiveWay.take_turn

    def turn(self: GiveWay, size: int, stream: int | str, files: int = 1) -> None:
        seen.append(job.progress().gives_way)
        real(self, size, stream, files)

    monkeypatch.setattr(GiveWay, "take_turn", turn)
    assert job.run().exit_code == 0
    assert contents(tmp_path / "T1" / "A001") == contents(tmp_path / "A001")
    assert len(seen) >= 2
    assert all(seen)
    assert (rolls.closed, len(rolls.threads), job.progress().gives_way) == (True, 1, False)


def test_reads_that_nobody_slows_down(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Clips and small files, the second read of the card and what is read back of each target: all take turns."""
    turns: list[tuple[int | str, int, int]] = []
    real = GiveWay.take_turn

    def turn(self: GiveWay, size: int, stream: int | str, files: int = 1) -> None:
        turns.append((stream, size, files))
        real(self, size, stream, files)

    monkeypatch.setattr(GiveWay, "take_turn", turn)
    card = tmp_path / "A001"
    assert job_beside(tmp_path, Rolls(), tmp_path, clips=1).run().exit_code == 0
    sizes = [path.stat().st_size for path in card.rglob("*") if path.is_file()]
    small = [size for size in sizes if size < SMALL]
    for stream in ("first", "again", 0, 1):
        took = [(size, files) for each, size, files in turns if each == stream and size > 0]
        assert sum(size for size, _ in took) == sum(sizes)
        assert (sum(small), len(small)) in took


def test_many_threads_read_as_fast_as_if_each_were_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    rolls, tally, stop = Rolls(), Tally(SystemClock()), threading.Event()
    way = GiveWay(Recorder(Path("/"), rolls.answers), tally, stop, lambda words: None)
    waits: list[float] = []
    inside = threading.Lock()

    def wait(timeout: float) -> bool:
        assert inside.acquire(blocking=False), "two of one stream wait at once"
        waits.append(timeout)
        inside.release()
        return False

    with way.watching():
        monkeypatch.setattr(way._quick, "wait", wait)
        threads = [threading.Thread(target=way.take_turn, args=(size, "first")) for size in [1 << 20] * 8 + [1] * 8]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(waits) == [0.02 / 128] * 8 + [0.02 / 8] * 8


def test_take_that_rolls_is_disturbed_though_copies_are_to_pause(tmp_path: Path) -> None:
    cut = threading.Event()
    job = job_beside(tmp_path, Rolls(cut=cut), tmp_path, pauses=True)
    done: list[Outcome] = []
    running = threading.Thread(target=lambda: done.append(job.run()))
    running.start()
    while not job.progress().paused:
        assert running.is_alive()
    reading = job.progress()
    assert (reading.gives_way, reading.bytes_read, spell_hold(reading)) == (True, 0, "paused: a take rolls")
    cut.set()
    running.join()
    assert done[0].exit_code == 0
    assert contents(tmp_path / "T1" / "A001") == contents(tmp_path / "A001")


def test_stopped_job_stands_still_until_the_take_is_cut(tmp_path: Path) -> None:
    job = job_beside(tmp_path, Rolls(), tmp_path, pauses=True)
    failed: list[OffloadError] = []

    def run() -> None:
        try:
            job.run()
        except OffloadError as error:
            failed.append(error)

    running = threading.Thread(target=run)
    running.start()
    while not job.progress().paused:
        assert running.is_alive()
    job.stop()
    running.join()
    assert "Stopped; 0 of 8 files" in str(failed[0])
    assert not list(tmp_path.rglob("*.onset-part"))


@pytest.mark.parametrize("pauses", [False, True])
def test_log_that_cannot_be_asked_holds_a_copy_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, pauses: bool
) -> None:
    """Nor does it let one disturb a take: it goes slowly, and says so while it does and in its result."""
    rolls, seen = Rolls(error=True), set[tuple[bool, bool, str]]()
    rolls.asked = 2
    job = job_beside(tmp_path, rolls, tmp_path, pauses=pauses)
    real = GiveWay.take_turn

    def turn(self: GiveWay, size: int, stream: int | str, files: int = 1) -> None:
        reading = job.progress()
        seen.add((reading.gives_way, reading.paused, spell_hold(reading)))
        real(self, size, stream, files)

    monkeypatch.setattr(GiveWay, "take_turn", turn)
    outcome = job.run()
    assert outcome.exit_code == 0
    assert seen == {(True, False, "slow: the log cannot be asked")}
    words = "it went slowly for a time, because the log could not be asked whether a take rolls: The log is gone."
    assert [each for each in outcome.warnings if "log" in each] == [words]


def test_log_that_can_be_asked_again_is_not_asked(tmp_path: Path) -> None:
    rolls, tally = Rolls(error=True), Tally(SystemClock())
    warned: list[str] = []
    way = GiveWay(Recorder(Path("/"), rolls.answers), tally, threading.Event(), warned.append)
    with way.watching():
        while not tally.now().unasked:
            os.sched_yield()
        rolls.error = False
        rolls.cut.set()
        while tally.now().gives_way:
            os.sched_yield()
    assert len(warned) == 1
    assert tally.now().unasked is False


def test_recordings_on_another_disk_slow_a_copy_down(tmp_path: Path) -> None:
    shared_memory = Path("/dev/shm")
    apart = shared_memory.is_dir() and shared_memory.stat().st_dev != tmp_path.stat().st_dev
    require(apart, "there is one disk here")
    rolls = Rolls()
    assert job_beside(shared_memory, rolls, tmp_path).run().exit_code == 0
    assert rolls.asked == 0


@pytest.mark.parametrize(
    ("number", "slow"),
    [(1, False), (3, False), (5, True), (7, False), (11, False), (20, False), (22, False), (24, False)],
)
def test_paused_job_goes_on_somewhere(number: int, slow: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Shut before any turn that the engine takes, the gate lets no thread do more than it had begun.

    Where the targets are slow (they take nothing before it is shut), blocks that are read already wait for them.
    """
    card, targets = make_card(tmp_path / "A001", clips=1, clip_bytes=40 << 20, small=40), make_targets(tmp_path)
    job = job_for(card, targets, tmp_path / "state")
    turns, reached, shut, done = itertools.count(1), threading.Event(), threading.Event(), Counter[str]()
    real = GiveWay.take_turn

    def turn(self: GiveWay, size: int, stream: int | str, files: int = 1) -> None:
        if next(turns) == number:
            order(tmp_path / "state", find_jobs(tmp_path / "state")[0], Order.PAUSE)
            self.follow(Hold(paused=True))
            shut.set()
            reached.set()
        real(self, size, stream, files)

    def counted(call: Callable[..., Any]) -> Callable[..., Any]:
        def counting(*given: object) -> Any:
            name = threading.current_thread().name
            while slow and name.startswith("write") and not reached.is_set():
                os.sched_yield()
            if shut.is_set():
                done[name] += 1
            return call(*given)

        return counting

    monkeypatch.setattr(GiveWay, "take_turn", turn)
    for name in ("preadv", "readv", "write"):
        monkeypatch.setattr(os, name, counted(getattr(os, name)))
    monkeypatch.setattr(ManyReads, "read", counted(ManyReads.read))

    def run() -> None:
        with pytest.raises(OffloadError):
            job.run()

    running = threading.Thread(target=run, name="job")
    running.start()
    while not shut.wait(0.05):
        assert running.is_alive()
    quiet, before = 0, 0
    while quiet < 20_000:
        os.sched_yield()
        quiet, before = (quiet + 1, before) if sum(done.values()) == before else (0, sum(done.values()))
    shut.clear()
    reading = job.progress()
    job.stop()
    running.join()
    done.pop("log", None)
    assert max(done.values(), default=0) <= len(targets)
    assert (reading.paused, reading.files_done < reading.files) == (True, True)
    assert not list(tmp_path.rglob("*.onset-part"))
    assert offload(card, targets, tmp_path / "state").exit_code == 0
    assert contents(targets[1] / "A001") == contents(card)
