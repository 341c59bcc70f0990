"""Kills in the middle of a take: of whoever started the service, of a worker, of the service itself."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.capture.lock import lock_holder
from onset.capture.master import local_offset_s
from onset.cli.capture import start_service
from onset.clock import SystemClock
from onset.logbook.terms import Next
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate
from tests.devices.sources import decode_all
from tests.onset.capture.service import (
    ONSET,
    all_live,
    end_service,
    gone,
    lengths,
    make_production,
    now,
    onset,
    pid_of_worker,
    seat,
    wait_for,
)
from tests.tui.terminal import Terminal

pytestmark = pytest.mark.faults

STARTER = """
import sys, time
from pathlib import Path
from onset.cli.capture import start_service
print(start_service(Path(sys.argv[1])), flush=True)
time.sleep(60)
"""


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Path]:
    made = make_production(tmp_path / "Harbour")
    yield made
    end_service(made)


def test_starter_killed_while_rolling_recording_goes_on(production: Path) -> None:
    command = [sys.executable, "-c", STARTER, str(production)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        wait_for(lambda: all_live(production), "the devices never came live")
        log = seat(production)
        take = log.roll(now(), change=Next(slate="42C"))
        wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
        starter.kill()
    files = [production / "media" / "day01" / name for name in lengths(log.take(take.id))]
    sizes = [file.stat().st_size for file in files]
    wait_for(lambda: all(f.stat().st_size > s for f, s in zip(files, sizes, strict=True)), "the files do not grow")
    held = lock_holder(production)
    assert held is not None
    assert held.pid == pid
    log.cut(take.id, now())
    wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clips were never closed")
    log.close()


def test_worker_killed_while_rolling_is_restarted_and_the_gap_is_in_the_log(production: Path) -> None:
    start_service(production)
    wait_for(lambda: all_live(production), "the devices never came live")
    log = seat(production)
    take = log.roll(now(), change=Next(slate="42C"))
    wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
    first = pid_of_worker(production, "A")
    os.kill(first, signal.SIGKILL)
    wait_for(lambda: "42C-1_A_2.mov" in lengths(log.take(take.id)), "no new clip was begun")
    assert pid_of_worker(production, "A") != first
    log.cut(take.id, now())
    wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clips were never closed")
    found = log.take(take.id)
    events = [(event.device, event.what) for event in log.events(take_id=take.id)]
    log.close()
    assert found is not None
    assert sorted(lengths(found)) == ["42C-1_A.mov", "42C-1_A_2.mov", "42C-1_MIX.wav"]
    by_name = {clip.name: clip for angle in found.angles for clip in angle.clips}
    assert (by_name["42C-1_A.mov"].interrupted, by_name["42C-1_A_2.mov"].interrupted) == (True, False)
    assert ("A", "gap") in events
    assert all(device == "A" for device, _ in events), "the mixer was not touched"


def test_service_killed_while_rolling_the_next_one_closes_its_clips_and_records_on(production: Path) -> None:
    killed = start_service(production)
    wait_for(lambda: all_live(production), "the devices never came live")
    workers = [pid_of_worker(production, name) for name in ("A", "MIX")]
    log = seat(production)
    take = log.roll(now(), change=Next(slate="42C"))
    wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: all(gone(pid) for pid in workers), "the workers did not see their service go")
    assert lock_holder(production) is None, "the lock must end with its process"
    assert list(lengths(log.take(take.id)).values()) == [None, None], "nobody was there to tell the log"
    assert start_service(production) != killed
    wait_for(lambda: len(lengths(log.take(take.id))) == 4, "the take that still rolls was not recorded on")
    wait_for(lambda: sum(each is None for each in lengths(log.take(take.id)).values()) == 2, "leftovers stay open")
    log.cut(take.id, now())
    wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clips were never closed")
    found = log.take(take.id)
    log.close()
    assert found is not None
    clips = {clip.name: clip for angle in found.angles for clip in angle.clips}
    assert [clips[name].interrupted for name in ("42C-1_A.mov", "42C-1_A_2.mov")] == [True, False]
    decoded = frames_in(production / clips["42C-1_A.mov"].path)
    assert clips["42C-1_A.mov"].duration_frames == decoded > 0


@pytest.mark.parametrize("replaced", [False, True], ids=["missing", "empty"])
def test_service_killed_while_rolling_and_its_media_disk_gone_at_the_next_start(
    production: Path, replaced: bool
) -> None:
    killed = start_service(production)
    wait_for(lambda: all_live(production), "the devices never came live")
    workers = [pid_of_worker(production, name) for name in ("A", "MIX")]
    log = seat(production)
    take = log.roll(now(), change=Next(slate="42C"))
    wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: all(gone(pid) for pid in workers), "the workers did not see their service go")
    media, away = production / "media", production / "unmounted"
    media.rename(away)
    if replaced:
        media.mkdir()
    start_service(production)
    wait_for(lambda: all_live(production), "the devices never came live again")
    what = "media empty" if replaced else "media missing"
    wait_for(lambda: what in [event.what for event in log.events()], "nobody says that the media are gone")
    if replaced:
        wait_for(lambda: len(lengths(log.take(take.id))) == 4, "the take that still rolls was not recorded on")
    else:
        # Both: one that has not tried yet would begin its file when the folder is back.
        wait_for(
            lambda: {"A", "MIX"} <= {event.device for event in log.events() if event.what == "disk"},
            "the recorders do not say that they cannot",
        )
        assert not media.exists()
    log.cut(take.id, now())
    names = ["42C-1_A.mov", "42C-1_MIX.wav"] + (["42C-1_A_2.mov", "42C-1_MIX_2.wav"] if replaced else [])
    wait_for(lambda: all(lengths(log.take(take.id))[name] is not None for name in names[2:]), "new clips stay open")
    if replaced:
        (media / "day01").rename(away / "day01 of the mount point")
        media.rmdir()
    away.rename(media)
    wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the leftovers were not found again")
    found = log.take(take.id)
    log.close()
    assert found is not None
    assert sorted(lengths(found)) == sorted(names)
    clips = {clip.name: clip for angle in found.angles for clip in angle.clips}
    assert clips["42C-1_A.mov"].interrupted
    assert clips["42C-1_A.mov"].duration_frames == frames_in(media / "day01" / "42C-1_A.mov") > 0


@pytest.mark.parametrize(
    ("who", "seed"), [("worker", 1), ("worker", 2), ("service", 3), ("app", 4), ("all", 5), ("all", 6), ("all", 7)]
)
def test_killed_at_a_random_moment_what_is_older_than_a_second_does_not_decode(
    who: str, seed: int, production: Path
) -> None:
    """The next start finds the take still rolling, closes what was cut off by what it holds, and records on."""
    app = Terminal([*ONSET, "-p", str(production)])
    try:
        app.wait_for("MIX.ltc", timeout_s=40.0)
        wait_for(lambda: all_live(production), "the app started no service, or its devices never came live")
        held = lock_holder(production)
        assert held is not None
        workers = {name: pid_of_worker(production, name) for name in ("A", "MIX")}
        log = seat(production)
        take = log.roll(now(), change=Next(slate="42C"))
        wait_for(lambda: len(lengths(log.take(take.id))) == 2, "no clips were opened")
        SystemClock().sleep(random.Random(seed).uniform(1.0, 3.5))
        victims = {"worker": [workers["A"]], "service": [held.pid], "app": [app.process.pid]}
        killed_s = local_second_of_day()
        for pid in victims.get(who, [app.process.pid, held.pid, *workers.values()]):
            os.kill(pid, signal.SIGKILL)
        if who in ("service", "all"):
            wait_for(
                lambda: all(gone(pid) for pid in (held.pid, *workers.values())), "a worker stays without its service"
            )
            wait_for(lambda: holder_pid(production) != held.pid, "the lock must end with its process")
            start_service(production)  # or the app was quicker
        expected = {"worker": 3, "app": 2}.get(who, 4)
        wait_for(lambda: len(lengths(log.take(take.id))) == expected, "the take that still rolls was not recorded on")
        if who != "app":
            first = ["42C-1_A.mov"] if who == "worker" else ["42C-1_A.mov", "42C-1_MIX.wav"]
            wait_for(lambda: all(lengths(log.take(take.id))[name] is not None for name in first), "leftovers stay open")
        log.cut(take.id, now())
        wait_for(lambda: None not in lengths(log.take(take.id)).values(), "the clips were never closed")
        found = log.take(take.id)
        log.close()
        assert found is not None
        clips = [clip for angle in found.angles for clip in angle.clips]
        assert [clip.interrupted for clip in clips] == ([False] if who == "app" else [True, False])
        for clip in clips:
            filmed = decode_all(production / clip.path)
            assert filmed.gaps == []
            assert filmed.timecode == clip.tc_in
            assert filmed.strips[0] is not None
            assert filmed.strips[0].day_frame == Timecode.parse(str(clip.tc_in), rate("25")).frames
            assert clip.duration_frames == len(filmed.strips)
        filmed = decode_all(production / clips[0].path)
        assert filmed.strips[-1] is not None
        assert filmed.strips[-1].day_frame / 25 >= killed_s - 1
        if who == "all":
            head = read_wave(production / "media" / "day01" / "42C-1_MIX.wav")
            assert head.start is not None
            assert head.start.frames / 25 + head.samples / 48_000 >= killed_s - 1
        for path in (production / "media" / "day01").iterdir():
            os.utime(path, (0, 0))  # nobody has written to them for seconds
        repaired = onset(production, "media", "repair")
        assert repaired.returncode == 0, repaired.stdout
        assert decode_all(production / clips[0].path).strips == filmed.strips, "the repair loses nothing"
    finally:
        app.kill()


def holder_pid(production: Path) -> int | None:
    held = lock_holder(production)
    return None if held is None else held.pid


def local_second_of_day() -> float:
    """As simulated cameras and the clock count it."""
    wall_ns = SystemClock().wall_ns()
    return (wall_ns / 1e9 + local_offset_s(wall_ns)) % 86_400


def frames_in(path: Path) -> int:
    """Frames that decode."""
    import av

    with av.open(str(path)) as box:
        return sum(1 for _ in box.decode(video=0))
