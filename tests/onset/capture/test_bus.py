"""The live bus: what could go wrong between a worker that publishes and a screen that looks."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from onset import timecode
from onset.capture.bus import Publisher, Watcher, run_folder
from onset.capture.master import MasterClock, label_of
from onset.capture.signals import Health, Levels, Picture, TimecodeNow
from onset.clock import ManualClock
from onset.errors import CaptureError


@pytest.fixture
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A short private folder: pytest's own paths may be longer than a socket's may be."""
    import tempfile

    with tempfile.TemporaryDirectory(prefix="ob") as made:
        yield Path(made)
        assert os.listdir(made) == [], "sockets were left behind"


def wait_for(seen: Callable[[], bool], timeout_s: float = 10.0) -> None:
    deadline = time.monotonic() + timeout_s
    while not seen():
        assert time.monotonic() < deadline, "never seen"
        time.sleep(0.002)


def picture(frame: int, device: str = "A") -> Picture:
    return Picture(device=device, width=2, height=1, rgb=b"\x00\x01\xff" * 2, frame=frame, mono_ns=frame)


def clock_slot(frames: int, mono_ns: int, rate: str = "25", source: str = "MIX.ltc") -> TimecodeNow:
    return TimecodeNow(source=source, frames=frames, rate=rate, mono_ns=mono_ns)


def test_a_slow_screen_sees_the_newest_picture_and_not_a_queue(folder: Path) -> None:
    publisher, watcher = Publisher(folder), Watcher(folder)
    assert watcher.newest("A", Picture) is None
    number = 0

    def arrived() -> bool:
        nonlocal number
        number += 1
        publisher.publish(picture(number))
        return watcher.newest("A", Picture) is not None

    wait_for(arrived)
    witness = Watcher(folder)

    def witnessed() -> bool:
        publisher.publish(picture(number))
        return witness.newest("A", Picture) is not None

    wait_for(witnessed)
    for frame in range(number + 1, number + 501):
        publisher.publish(picture(frame))
    wait_for(lambda: (witness.newest("A", Picture) or picture(0)).frame == number + 500)
    seen = watcher.newest("A", Picture)  # the first look since the flood
    assert seen is not None
    assert seen.frame > number + 250, "an old picture from a queue"
    wait_for(lambda: watcher.newest("A", Picture) == picture(number + 500))
    assert watcher.newest("A", Picture) == picture(number + 500)  # and stays there when nothing new comes
    for each in (publisher, watcher, witness):
        each.close()


def test_kinds_and_devices_do_not_overwrite_each_other(folder: Path) -> None:
    levels = Levels(device="A", tracks=["boom"], peak_db=[-3.5], rms_db=[-20.0], clipped=[0], mono_ns=1)
    publisher, watcher = Publisher(folder), Watcher(folder)

    def all_there() -> bool:
        publisher.publish(picture(1))
        publisher.publish(picture(2, "B cam/2"))
        publisher.publish(levels)
        seen = [watcher.newest("A", Picture), watcher.newest("B cam/2", Picture), watcher.newest("A", Levels)]
        return seen == [picture(1), picture(2, "B cam/2"), levels]

    wait_for(all_there)
    assert watcher.newest("A", Health) is None
    publisher.close()
    watcher.close()


def test_devices_are_listed_by_the_name_they_have_on_set(folder: Path) -> None:
    publisher, watcher = Publisher(folder), Watcher(folder)
    health = Health(
        device="../É 1", kind="x", state="live", detail="", recording=None, dropped=0, free_minutes=None, mono_ns=0
    )
    publisher.publish(health)
    publisher.publish(clock_slot(0, 0))
    assert watcher.devices() == ["../É 1"]
    assert watcher.sources() == ["MIX.ltc"]
    publisher.close()
    assert watcher.devices() == []
    watcher.close()


WORKER = """
import sys
from pathlib import Path
from onset.capture.bus import Publisher
from onset.capture.signals import Picture
publisher, frame = Publisher(Path(sys.argv[1])), int(sys.argv[2])
while sys.stdin.readline():
    publisher.publish(Picture(device="A", width=1, height=1, rgb=b"abc", frame=frame, mono_ns=0))
    print("sent", flush=True)
publisher.close()
"""


def test_a_killed_worker_s_picture_is_back_after_its_restart(folder: Path) -> None:
    watcher = Watcher(folder)

    def worker(frame: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WORKER, str(folder), str(frame)]
        return subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def sees(process: subprocess.Popen[str], frame: int) -> bool:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write("\n")
        process.stdin.flush()
        assert process.stdout.readline() == "sent\n"
        seen = watcher.newest("A", Picture)
        return seen is not None and seen.frame == frame

    with worker(1) as first:
        wait_for(lambda: sees(first, 1))
        first.kill()
    with worker(2) as second:
        wait_for(lambda: sees(second, 2))
        assert second.stdin is not None
        second.stdin.close()
        assert second.wait(10) == 0
    watcher.close()


def test_an_old_worker_that_closes_late_does_not_remove_its_successor_s_socket(folder: Path) -> None:
    old, new, watcher = Publisher(folder), Publisher(folder), Watcher(folder)
    old.publish(picture(1))
    new.publish(picture(2))  # ZeroMQ takes the path over without a word
    old.close()
    assert [path.name for path in folder.iterdir()] == ["A.picture"]

    def arrived() -> bool:
        new.publish(picture(3))
        return watcher.newest("A", Picture) == picture(3)

    wait_for(arrived)
    new.close()
    new.close()
    new.publish(picture(4))
    watcher.close()
    assert watcher.newest("A", Picture) is None


def test_path_longer_than_a_socket_s_may_be(folder: Path) -> None:
    deep = folder / ("d" * 100)
    publisher = Publisher(deep)
    with pytest.raises(CaptureError, match=r"longer than 10[37] bytes; set XDG_RUNTIME_DIR"):
        publisher.publish(picture(1))
    publisher.close()


def test_run_folder_is_private_stable_and_differs_between_productions(folder: Path) -> None:
    env = {"XDG_RUNTIME_DIR": str(folder)}
    first = run_folder("production one", env)
    assert first == run_folder("production one", env)
    assert first != run_folder("production two", env)
    assert first.parent == folder / "onset"
    assert first.stat().st_mode & 0o777 == 0o700
    first.rmdir()
    run_folder("production two", env).rmdir()
    (folder / "onset").rmdir()


def test_without_a_runtime_folder_the_temp_folder_is_used(folder: Path) -> None:
    made = run_folder("p", {"TMPDIR": str(folder), "XDG_RUNTIME_DIR": str(folder / "missing")})
    assert made.parent == folder / f"onset-{os.getuid()}"
    made.rmdir()
    made.parent.rmdir()


@pytest.mark.parametrize("trick", ["open to others", "a link", "a file"])
def test_a_socket_folder_that_others_could_enter_is_refused(folder: Path, trick: str) -> None:
    planted = folder / "onset"
    if trick == "open to others":
        planted.mkdir()
        planted.chmod(0o755)
    elif trick == "a link":
        (folder / "elsewhere").mkdir(mode=0o700)
        planted.symlink_to(folder / "elsewhere")
    else:
        planted.write_text("")
    with pytest.raises(CaptureError, match=r"onset (must be a folder of your own|cannot be made)"):
        run_folder("p", {"XDG_RUNTIME_DIR": str(folder)})
    for path in folder.iterdir():
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()


def master(folder: Path, clock: ManualClock, rate: str = "25") -> MasterClock:
    return MasterClock(folder, ["MIX.ltc", "DECK", "clock"], timecode.rate(rate), clock, utc_offset_s=3600)


def heard(publisher: Publisher, clock: MasterClock, slot: TimecodeNow) -> None:
    """Publish until the master clock has it (a subscription takes a moment to arrive)."""

    def has() -> bool:
        publisher.publish(slot)
        return clock._watcher.newest(slot.source, TimecodeNow) == slot

    wait_for(has)


def test_master_gone_for_two_seconds_the_next_source_stands_in(folder: Path) -> None:
    clock = ManualClock(wall_ns=0, monotonic_ns=10_000_000_000)
    publisher, labels = Publisher(folder), master(folder, clock)
    assert labels.label_at(10_000_000_000) == (timecode.Timecode.parse("01:00:00:00", timecode.rate("25")), "clock")
    heard(publisher, labels, clock_slot(1000, 10_000_000_000))
    heard(publisher, labels, clock_slot(77, 11_000_000_000, source="DECK"))
    assert labels.label_at(10_000_000_000)[0].frames == 1000
    assert labels.label_at(10_039_999_999)[0].frames == 1000
    assert labels.label_at(10_040_000_000)[0].frames == 1001
    assert labels.label_at(5_000_000_000) == (timecode.Timecode(875, timecode.rate("25")), "MIX.ltc")  # pre-roll
    clock.advance(2.1)
    assert labels.label_at(clock.monotonic_ns())[1] == "DECK"
    clock.advance(1.0)
    assert labels.label_at(clock.monotonic_ns())[1] == "clock"
    publisher.close()
    labels.close()


def test_a_command_that_has_just_started_waits_for_the_master_s_first_word(folder: Path) -> None:
    import threading

    clock = ManualClock()
    publisher, done = Publisher(folder), threading.Event()
    publisher.publish(clock_slot(500, 0))

    def run() -> None:
        while not done.wait(0.005):
            publisher.publish(clock_slot(500, 0))

    thread = threading.Thread(target=run)
    thread.start()
    labels = master(folder, clock)
    labels.settle(10.0)
    assert labels.label_at(0) == (timecode.Timecode(500, timecode.rate("25")), "MIX.ltc")
    done.set()
    thread.join()
    publisher.close()
    labels.close()


# SMPTE ST 12-1: LTC carries at most 30 labels a second; a 50 project counts two frames to each label of 25.
@pytest.mark.parametrize(
    ("fed", "fed_label", "project", "label"),
    [
        ("25", "10:00:00:12", "50", "10:00:00:24"),
        ("30", "10:00:00:29", "60", "10:00:00:58"),
        ("29.97df", "10:01:00;02", "59.94df", "10:01:00;04"),
        ("23.976", "10:00:00:23", "47.952", "10:00:00:46"),
        ("24", "23:59:59:23", "48", "23:59:59:46"),
        ("25", "10:00:00:12", "25", "10:00:00:12"),
    ],
)
def test_half_rate_timecode_in_a_high_rate_project(fed: str, fed_label: str, project: str, label: str) -> None:
    frames = timecode.Timecode.parse(fed_label, timecode.rate(fed)).frames
    found = label_of(clock_slot(frames, 0, fed), 0, timecode.rate(project))
    assert str(found) == label


@pytest.mark.parametrize(("fed", "project"), [("25", "24"), ("29.97", "29.97df"), ("30", "59.94"), ("nonsense", "25")])
def test_timecode_at_a_rate_that_is_not_the_project_s_is_not_the_master(fed: str, project: str) -> None:
    assert label_of(clock_slot(5, 0, fed), 0, timecode.rate(project)) is None


def test_the_master_goes_round_at_midnight() -> None:
    last = timecode.rate("25").frames_a_day - 1
    assert str(label_of(clock_slot(last, 0), 40_000_000, timecode.rate("25"))) == "00:00:00:00"
    assert str(label_of(clock_slot(0, 0), -40_000_000, timecode.rate("25"))) == "23:59:59:24"
