"""A take that rolls is not disturbed: the job reads slowly, says so, and still ends."""

from __future__ import annotations

import threading
from collections.abc import Generator
from pathlib import Path

import pytest

from onset.clock import SystemClock
from onset.errors import LogError
from onset.offload import giveway
from onset.offload.giveway import GiveWay, Recorder
from onset.offload.job import OffloadJob, Request
from onset.offload.place import Target
from tests.needs import require
from tests.onset.offload.cards import contents, make_card, make_targets


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(giveway, "_ASK_EVERY_S", 0.001)
    monkeypatch.setattr(giveway, "_WAIT_S", 0.02)


def job_beside(media: Path, rolling: Rolls, tmp_path: Path) -> OffloadJob:
    card = make_card(tmp_path / "A001")
    targets = tuple(Target(target, "A001") for target in make_targets(tmp_path))
    return OffloadJob(Request(card, targets), SystemClock(), tmp_path / "state", Recorder(media, rolling.answers))


class Rolls:
    """Answers that are counted; `asked` and `closed` say what became of them."""

    def __init__(self, *, error: bool = False) -> None:
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
                yield True
        finally:
            self.closed = True
            self.threads.add(threading.get_ident())


def test_rolling_take_is_disturbed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rolls, seen = Rolls(), []
    job = job_beside(tmp_path / "media" / "day1", rolls, tmp_path)
    real = GiveWay.take_turn

    def turn(self: GiveWay, size: int, stream: int | str) -> None:
        seen.append(job.progress().gives_way)
        real(self, size, stream)

    monkeypatch.setattr(GiveWay, "take_turn", turn)
    assert job.run().exit_code == 0
    assert contents(tmp_path / "T1" / "A001") == contents(tmp_path / "A001")
    assert len(seen) >= 2
    assert all(seen)
    assert (rolls.closed, len(rolls.threads), job.progress().gives_way) == (True, 1, False)


def test_log_that_cannot_be_asked_holds_a_copy_up(tmp_path: Path) -> None:
    rolls = Rolls(error=True)
    job = job_beside(tmp_path, rolls, tmp_path)
    assert job.run().exit_code == 0
    assert rolls.closed


def test_recordings_on_another_disk_slow_a_copy_down(tmp_path: Path) -> None:
    shared_memory = Path("/dev/shm")
    apart = shared_memory.is_dir() and shared_memory.stat().st_dev != tmp_path.stat().st_dev
    require(apart, "there is one disk here")
    rolls = Rolls()
    assert job_beside(shared_memory, rolls, tmp_path).run().exit_code == 0
    assert rolls.asked == 0
