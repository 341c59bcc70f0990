"""Jobs that share a disk go one after the other, in an order that people can change; a dead job holds nobody up."""

from __future__ import annotations

import errno
import fcntl
import json
import os
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest

from onset.clock import ManualClock
from onset.errors import OffloadError
from onset.mhl.tree import FileEntry
from onset.offload import job, queue, turn
from onset.offload.card import open_card, scan_card
from onset.offload.copy import Copier
from onset.offload.journal import JobSheet, JobSummary, find_jobs
from onset.offload.orders import Order, order, phase_of
from onset.offload.place import Place, Target
from onset.offload.progress import Phase, Progress, Tally
from onset.offload.prove import StoppedError
from onset.offload.queue import Standing, Stands, Use, deciding, in_the_way, standings, uses_of
from onset.offload.room_ahead import too_little_later
from onset.offload.seal import seal
from onset.offload.sink import Sink
from onset.offload.turn import Hold, Turn, await_turn, in_queue
from onset.offload.wishes import Wish, read_wish, write_wish
from tests.onset.offload.cards import job_for, offload

SHUTTLE, RAID, FAST = Use("sda", "SHUTTLE", 1), Use("sdb", "RAID", 1), Use("nvme0n1", "FAST", 2)


def standing(label: str, stands: Stands, rank: int, *uses: Use) -> Standing:
    return Standing(label.lower(), label, stands, rank, uses)


@pytest.mark.parametrize(
    ("mine", "others", "expected"),
    [
        ((SHUTTLE,), [], None),
        ((SHUTTLE,), [("A014", Stands.RUNS, 1, RAID)], None),
        ((RAID, SHUTTLE), [("A014", Stands.RUNS, 1, SHUTTLE)], "A014 on SHUTTLE"),
        ((SHUTTLE,), [("A014", Stands.RUNS, 99, SHUTTLE)], "A014 on SHUTTLE"),
        ((SHUTTLE,), [("A014", Stands.WAITS, 1, SHUTTLE)], "A014 on SHUTTLE"),
        ((SHUTTLE,), [("A014", Stands.WAITS, 99, SHUTTLE)], None),
        ((SHUTTLE,), [("A014", Stands.PAUSED, 1, SHUTTLE)], None),
        (
            (SHUTTLE,),
            [("A015", Stands.WAITS, 2, SHUTTLE), ("A014", Stands.RUNS, 3, SHUTTLE)],
            "A014 and 1 more on SHUTTLE",
        ),
        ((FAST,), [("A014", Stands.RUNS, 1, FAST)], None),
        ((FAST,), [("A014", Stands.RUNS, 1, FAST), ("A015", Stands.WAITS, 2, FAST)], "A014 on FAST"),
        ((SHUTTLE,), [("A\x1b[2J", Stands.RUNS, 1, SHUTTLE)], "A\\x1b[2J on SHUTTLE"),
    ],
)
def test_a_job_waits_for_the_wrong_one(
    mine: tuple[Use, ...], others: list[tuple[str, Stands, int, Use]], expected: str | None
) -> None:
    there = [standing(*each) for each in others]
    assert in_the_way(standing("B001", Stands.WAITS, 10, *mine), there) == expected


def test_card_waits_behind_what_is_filled_from_copies() -> None:
    """A filling that waits for a slow disk holds no card up on the fast one; two fillings keep their order."""
    filling = Standing("fill", "A014", Stands.WAITS, 1, (RAID, SHUTTLE), fills=True)
    assert in_the_way(standing("A015", Stands.WAITS, 2, RAID), [filling]) is None
    assert in_the_way(Standing("next", "A015", Stands.WAITS, 2, (RAID,), fills=True), [filling]) == "A014 on RAID"
    going = Standing("fill", "A014", Stands.RUNS, 1, (RAID, SHUTTLE), fills=True)
    assert in_the_way(standing("A015", Stands.WAITS, 2, RAID), [going]) == "A014 on RAID"
    assert in_the_way(standing("A015", Stands.WAITS, 2, FAST), [going]) is None


def test_filling_takes_the_turn_of_a_card_that_came_later() -> None:
    filling = Standing("fill", "A014", Stands.WAITS, 1, (RAID, SHUTTLE), fills=True)
    card = standing("A015", Stands.WAITS, 2, RAID)
    assert in_the_way(filling, [card]) == "A015 on RAID"
    put_first = replace(filling, rank=0)
    assert in_the_way(put_first, [card]) is None
    assert in_the_way(card, [put_first]) == "A014 on RAID"


class Jobs:
    """Jobs of this process, each with its record and its lock."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.folder = folder
        self._stack = stack
        self._locks: dict[str, Callable[[], None]] = {}

    def arrive(self, label: str, *uses: Use) -> Turn:
        place = self.folder / label
        place.mkdir(parents=True, exist_ok=True)
        lock = self._stack.enter_context((place / "lock").open("ab"))
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        self._locks[label] = lock.close
        sheet = JobSheet(label, f"/media/{label}", label, "f", (), "reread", 1, 1)
        return self._stack.enter_context(in_queue(self.folder, sheet, uses))

    def die(self, label: str) -> None:
        """Only the kernel takes the lock back."""
        self._locks[label]()

    def wish(self, label: str, *, paused: bool = False, cancelled: bool = False, rank: int | None = None) -> None:
        with deciding(self.folder):
            before = read_wish(self.folder / label).rank
            write_wish(self.folder / label, Wish(paused, cancelled, before if rank is None else rank))


@pytest.fixture
def jobs(tmp_path: Path) -> Iterator[Jobs]:
    with ExitStack() as stack:
        yield Jobs(tmp_path / "jobs", stack)


def test_two_jobs_on_one_disk_run_at_once(jobs: Jobs) -> None:
    first, second, apart = jobs.arrive("A014", SHUTTLE), jobs.arrive("A015", RAID, SHUTTLE), jobs.arrive("A016", FAST)
    assert first.look().goes
    assert second.look().waits_for == "A014 on SHUTTLE"
    assert apart.look().goes
    first.leave()
    assert second.look().goes


def test_later_job_overtakes_one_that_waits(jobs: Jobs) -> None:
    first, second, third = (jobs.arrive(label, SHUTTLE) for label in ("A014", "A015", "A016"))
    assert third.look().waits_for == "A014 and 1 more on SHUTTLE"
    assert first.look().goes
    first.leave()
    assert third.look().waits_for == "A015 on SHUTTLE"
    assert second.look().goes


def test_dead_job_holds_others_up(jobs: Jobs) -> None:
    first, second = jobs.arrive("A014", SHUTTLE), jobs.arrive("A015", SHUTTLE)
    assert first.look().goes
    assert not second.look().goes
    jobs.die("A014")
    assert second.look().goes
    assert [each.label for each in standings(jobs.folder)] == ["A015"]


def test_paused_job_holds_others_up_and_breaks_in_when_it_goes_on(jobs: Jobs) -> None:
    first, second = jobs.arrive("A014", SHUTTLE), jobs.arrive("A015", SHUTTLE)
    assert first.look().goes
    jobs.wish("A014", paused=True)
    hold = first.look()
    assert (hold.paused, hold.goes) == (True, False)
    assert second.look().goes
    jobs.wish("A014", paused=False)
    assert first.look().waits_for == "A015 on SHUTTLE"
    second.leave()
    assert first.look().goes


def test_job_that_was_put_first_waits_behind_others(jobs: Jobs) -> None:
    first, second, third = (jobs.arrive(label, SHUTTLE) for label in ("A014", "A015", "A016"))
    assert first.look().goes
    jobs.wish("A016", rank=0)
    assert third.look().waits_for == "A014 on SHUTTLE"
    first.leave()
    assert second.look().waits_for == "A016 on SHUTTLE"
    assert third.look().goes


def test_wish_of_a_run_that_was_killed_is_obeyed_by_the_next(jobs: Jobs) -> None:
    first = jobs.arrive("A014", SHUTTLE)
    jobs.wish("A014", paused=True)
    assert first.look().paused
    jobs.die("A014")
    assert jobs.arrive("A014", SHUTTLE).look().goes


def test_torn_record_stops_the_queue(jobs: Jobs) -> None:
    sound = jobs.arrive("A014", SHUTTLE)
    jobs.arrive("A013", SHUTTLE)
    for text in ("{", "[]", '{"label": "A013"}', '{"label": "A013", "stands": "flies", "uses": []}'):
        (jobs.folder / "A013" / "queue.json").write_text(text)
        assert sound.look().goes
    (jobs.folder / "A014" / "wishes.json").write_text("{")
    assert sound.look().goes


def test_two_decide_in_one_moment(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """One that goes on after a pause and one that takes its chance would both see that nobody runs."""
    held: list[bool] = []

    def decide(mine: Standing, others: Sequence[Standing]) -> str | None:
        with jobs.folder.with_name("jobs.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                held.append(True)
            else:
                held.append(False)
        return in_the_way(mine, others)

    monkeypatch.setattr(turn, "in_the_way", decide)
    assert jobs.arrive("A014", SHUTTLE).look().goes
    assert held == [True]


def test_waiting_is_not_told_and_not_ended(jobs: Jobs) -> None:
    first, second = jobs.arrive("A014", SHUTTLE), jobs.arrive("A015", SHUTTLE)
    assert first.look().goes
    tally, stop, seen = Tally(ManualClock()), threading.Event(), list[Progress]()
    tally.begin(3, 100, ["/media/SHUTTLE/A015"])

    def show(progress: Progress) -> None:
        seen.append(progress)
        if len(seen) == 2:
            stop.set()

    with pytest.raises(OffloadError, match="before its turn"):
        await_turn(second, tally, stop, show)
    assert [(each.phase, each.waits_for) for each in seen] == [(Phase.WAITS, "A014 on SHUTTLE")] * 2
    stop.clear()
    jobs.wish("A015", cancelled=True)
    with pytest.raises(OffloadError, match="before its turn"):
        await_turn(second, tally, stop, seen.append)


def test_time_in_which_a_job_stood_still_counts_as_work() -> None:
    clock = ManualClock()
    tally = Tally(clock)
    tally.begin(1, 1000, ["/t"])
    tally.holds(paused=False, waits_for="A014 on SHUTTLE")
    clock.advance(100)
    tally.holds(paused=False, waits_for=None)
    tally.enter(Phase.COPY)
    clock.advance(2)
    tally.read(400)
    tally.holds(paused=True, waits_for=None)
    clock.advance(50)
    paused = tally.now()
    assert (paused.phase, paused.paused, paused.eta_s) == (Phase.COPY, True, None)
    tally.holds(paused=False, waits_for=None)
    assert (tally.held_s(), tally.now().bytes_per_s) == (150.0, 200.0)


def test_the_rate_of_a_buffer_is_told_in_the_first_moment() -> None:
    clock = ManualClock()
    tally = Tally(clock)
    tally.begin(1, 1000, ["/t"])
    tally.enter(Phase.COPY)
    tally.read(900)
    clock.advance(0.2)
    assert (tally.now().bytes_per_s, tally.now().eta_s) == (0.0, None)
    clock.advance(0.8)
    told = tally.now()
    assert told.bytes_per_s == 900.0
    assert told.eta_s is not None


def test_second_read_of_the_card_is_said_to_take_no_time() -> None:
    clock = ManualClock()
    tally = Tally(clock)
    tally.begin(1, 1000, ["/t"])
    tally.enter(Phase.COPY)
    clock.advance(2)
    tally.read(1000)
    tally.verified(0, 500)
    assert tally.now().eta_s == pytest.approx(2 / 3)
    tally.verified(0, 500)
    assert (tally.now().phase, tally.now().eta_s) == (Phase.COPY, None), "all is read back, and it is not over"


def test_two_targets_on_one_disk_count_twice_and_at_once_is_not_heard(
    card: Path, targets: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    heads = {"sda": True, "nvme0n1": False, "mmcblk0": True}
    monkeypatch.setattr(queue, "has_head", lambda disk: heads.get(disk, False))
    on = {targets[0]: {"sda"}, targets[1]: {"sda", "nvme0n1"}}
    found = scan_card(card)
    with ExitStack() as stack:
        card_fd = open_card(found)
        stack.callback(os.close, card_fd)
        sinks = []
        for number, target in enumerate(targets):
            asked = Target(target, "A001", name="shuttle" if number else None, at_once=3 if number else None)
            sink = Sink(number, Place(asked, target / "A001", frozenset()), lambda _, __: None)
            stack.callback(sink.close)
            sink.disks = frozenset(on[target])
            sinks.append(sink)
        uses = uses_of(replace(found, disks=frozenset({"mmcblk0", "nvme0n1"})), card_fd, sinks)
        assert uses[:2] == (Use("sda", "T1", 1), Use("nvme0n1", "shuttle", 3))
        assert [(use.disk, use.at_once) for use in uses[2:]] == [("mmcblk0", 1)]
        sinks[0].disks = frozenset()
        assert uses_of(found, card_fd, sinks[:1])[0].disk.startswith("device ")


def test_card_that_fits_now_and_not_in_its_turn_is_not_told(card: Path, targets: list[Path], jobs: Jobs) -> None:
    found = scan_card(card)
    places = [Place(Target(targets[0], "A001", name="shuttle"), targets[0] / "A001", frozenset())]
    jobs.arrive("A014", SHUTTLE)
    sheet = JobSheet("A014", "/media/A014", "A014", "f", (), "reread", 1, 1)
    (jobs.folder / "A014" / "job.json").write_text(json.dumps(asdict(sheet)))

    def told(size: int, written: int) -> list[str]:
        target = {"path": str(targets[0] / "A014"), "written": written, "verified": 0, "lost": None}
        (jobs.folder / "A014" / "progress.json").write_text(json.dumps({"bytes": size, "targets": [target]}))
        return too_little_later(found, places, find_jobs(jobs.folder))

    assert told(1 << 60, 1 << 60) == []
    (sentence,) = told(1 << 60, 5)
    assert sentence.startswith("after A014 shuttle has 0 B left and A001 needs ")
    jobs.die("A014")
    assert told(1 << 60, 5) == []


@pytest.mark.parametrize(
    ("what", "asleep", "ends"),
    [
        (Order.PAUSE, False, "it ends by itself in a moment"),
        (Order.CANCEL, False, "it ends by itself in a moment"),
        (Order.CANCEL, True, "it was suspended in the middle of that, and resume wakes it"),
    ],
)
def test_job_that_is_being_sealed_is_said_to_stand_still(
    what: Order,
    asleep: bool,
    ends: str,
    card: Path,
    targets: list[Path],
    state: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever looked at it before, while it was copied, is told so, too."""
    real, real_run, looked, answers = seal, Copier.run, list[JobSummary](), list[str]()

    def run(self: Copier, entries: Iterable[FileEntry]) -> None:
        (summary,) = find_jobs(state)
        assert summary.progress is not None
        looked.append(summary)
        real_run(self, entries)

    def sealing(*given: Any, **more: Any) -> Any:
        try:
            answers.append(order(state, looked[0], what))
        except OffloadError as error:
            answers.append(str(error))
        assert phase_of(find_jobs(state)[0].progress) == Phase.SEAL
        return real(*given, **more)

    monkeypatch.setattr(Copier, "run", run)
    monkeypatch.setattr("onset.offload.seal.seal", sealing)
    monkeypatch.setattr("onset.offload.orders.is_suspended", lambda pid: asleep)
    assert offload(card, targets, state).exit_code == 0
    assert answers == [f"A001 is copied and being sealed; {ends}."] * 2


def test_unforeseen_error_of_the_watch_on_the_queue_is_lost(
    card: Path, targets: list[Path], state: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without that thread nothing is kept on record, and nobody who pauses or cancels the job is heard."""

    def run(self: Copier, entries: Iterable[FileEntry]) -> None:
        self._work.stop.wait()
        raise StoppedError

    def look(self: Turn) -> Hold:
        if threading.current_thread().name == "journal":
            raise RuntimeError("unforeseen")
        return real(self)

    real = Turn.look
    monkeypatch.setattr(job, "_SHOW_EVERY_S", 0.001)
    monkeypatch.setattr(Copier, "run", run)
    monkeypatch.setattr(Turn, "look", look)
    with pytest.raises(RuntimeError, match="unforeseen"):
        offload(card, targets, state)


def test_card_is_taken_out_before_it_is_opened(card: Path, targets: list[Path], state: Path) -> None:
    asked = job_for(card, targets, state)
    asked.plan()
    card.rename(card.with_name("away"))
    with pytest.raises(OffloadError, match="cannot be opened any more"):
        asked.run()
    assert not any(list(target.iterdir()) for target in targets)


def test_order_that_cannot_be_written_is_said_to_be_given(jobs: Jobs, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nor is the advice that of a job that cannot begin: with another XDG_STATE_HOME it would not be found."""
    jobs.arrive("A014", SHUTTLE)
    folder = jobs.folder / "A014"
    summary = JobSummary(JobSheet("A014", "/media/A014", "A014", "f", (), "reread", 1, 1), folder, True, False)

    def full(path: Path, text: str) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_text", full)
    assert "A014 stops" in order(jobs.folder, summary, Order.CANCEL), "it is written over as it lies"
    assert read_wish(folder).cancelled
    (folder / "wishes.json").unlink()
    with pytest.raises(OffloadError) as refused:
        order(jobs.folder, summary, Order.CANCEL)
    assert str(refused.value) == (
        f"A014 could not be told so: nothing can be written in {folder}; make room there and ask again, or stop it "
        "with Ctrl-C where it runs."
    )
