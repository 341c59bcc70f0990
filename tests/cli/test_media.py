"""`onset media repair`: what a killed capture left becomes ordinary files, and the log gets their lengths."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import av
import pytest

from devices.disk import claim
from onset.capture.leftovers import METHOD
from onset.capture.lock import lock_holder
from onset.cli.capture import start_service
from onset.cli.main import main
from onset.domain.camera import Clip
from onset.domain.sound import SoundFile
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.devices.sources import decode_all
from tests.devices.test_repair import killed, killed_sound  # noqa: F401  # fixtures
from tests.onset.capture.service import (
    CAMERA,
    MIXER,
    all_live,
    end_service,
    lengths,
    make_production,
    now,
    onset,
    pid_of_worker,
    seat,
    wait_for,
)


def _aged(path: Path) -> Path:
    """As if nobody had written to it for a minute."""
    os.utime(path, ns=(0, path.stat().st_mtime_ns - 60 * 10**9))
    return path


Repair = Callable[..., tuple[int, dict[str, dict[str, object]]]]


@pytest.fixture
def repair(capsys: pytest.CaptureFixture[str]) -> Repair:
    """The command, in this process: within three seconds of a write, however busy the machine is."""

    def run(production: Path, *words: str) -> tuple[int, dict[str, dict[str, object]]]:
        capsys.readouterr()
        code = main(["-p", str(production), "media", "repair", "--json", *words])
        out, err = capsys.readouterr()
        assert err == ""
        return code, {Path(each["path"]).name: each for each in json.loads(out)["files"]}

    return run


@pytest.fixture
def production(tmp_path: Path, killed: bytes, killed_sound: bytes) -> Path:  # noqa: F811  # pytest's fixtures
    made = make_production(tmp_path / "P", CAMERA + MIXER)
    day = made / "media" / "day01"
    day.mkdir(parents=True)
    _aged_write(day / "1-1_A.mov", killed)
    _aged_write(day / "1-1_MIX.wav", killed_sound)
    _aged_write(day / "1-2_A.mov", killed[:30])
    return made


def _aged_write(path: Path, data: bytes) -> None:
    path.write_bytes(data)
    _aged(path)


def test_log_keeps_the_wrong_length_of_a_finished_clip(production: Path, repair: Repair) -> None:
    log = seat(production)
    rolled = now()
    take = log.roll(rolled, change=Next(slate="1"))
    clip = Clip(
        id="", name="1-1_A.mov", path="media/day01/1-1_A.mov", camera="A", tc_in="10:00:00:00", tc_source="A",
        rate="25", duration_frames=None, method=METHOD,
    )  # fmt: skip
    log.clip_opened(take.id, clip)
    for seconds, text in ((1.0, "good"), (0.5, ""), (0.7, "slip")):
        at_ns = round(seconds * 1e9)
        log.mark(take.id, replace(rolled, wall_ns=rolled.wall_ns + at_ns, mono_ns=rolled.mono_ns + at_ns), text)
    log.undo(wall_ns=rolled.wall_ns + 10**9)
    log.cut(take.id, Stamp(wall_ns=now().wall_ns, mono_ns=now().mono_ns))
    code, found = repair(production)
    assert code == 1, "one is hopeless"
    picture = production / "media" / "day01" / "1-1_A.mov"
    frames = len(decode_all(picture).strips)
    assert {name: row["state"] for name, row in found.items()} == {
        "1-1_A.mov": "repaired", "1-1_MIX.wav": "repaired", "1-2_A.mov": "hopeless",
    }  # fmt: skip
    assert (found["1-1_A.mov"]["duration_frames"], found["1-1_A.mov"]["logged"]) == (frames, True)
    with av.open(str(picture)) as box:
        marks = [
            (float(each["start"] * (each["time_base"] or 0)), each["metadata"]["title"]) for each in box.chapters()
        ]
    assert marks == [(0.0, "Start"), (pytest.approx(1.0), "Mark 1"), (pytest.approx(1.5), "good")], "0.5 s of pre-roll"
    assert (found["1-1_MIX.wav"]["samples"], found["1-1_MIX.wav"]["logged"]) == (15 * 960, False)
    again = log.take(take.id)
    log.close()
    assert lengths(again) == {"1-1_A.mov": frames}
    code, found = repair(production)
    assert [row["state"] for row in found.values()] == ["whole", "whole", "hopeless"]
    assert (production / "media" / "day01" / "1-2_A.mov").stat().st_size == 30


def test_log_goes_on_waiting_for_files_that_are_whole(production: Path, repair: Repair) -> None:
    """The service was killed, and its worker finished the files by itself: nothing is to be repaired, only told."""
    day = production / "media" / "day01"
    assert repair(production)[0] == 1
    for name in ("1-1_A.mov", "1-1_MIX.wav"):
        _aged(day / name)
    log = seat(production)
    take = log.roll(now(), change=Next(slate="1"))
    clip = Clip(
        id="", name="1-1_A.mov", path="media/day01/1-1_A.mov", camera="A", tc_in="10:00:00:00", tc_source="A",
        rate="25", duration_frames=None, method=METHOD,
    )  # fmt: skip
    log.clip_opened(take.id, clip)
    sound = SoundFile(
        id="", name="1-1_MIX.wav", path="media/day01/1-1_MIX.wav", device="MIX", tc_in="10:00:00:00",
        tc_source="clock", rate="25", samples=None, duration_frames=None, sample_rate=48_000, tracks=("boom",),
        method=METHOD,
    )  # fmt: skip
    log.sound_opened(take.id, sound)
    _, found = repair(production, "--dry-run")
    assert (found["1-1_A.mov"]["state"], found["1-1_A.mov"]["logged"]) == ("whole", False)
    assert set(lengths(log.take(take.id)).values()) == {None}
    with (day / "1-1_A.mov").open("rb") as at_it:
        assert claim(at_it)
        code, found = repair(production)
    assert (code, found["1-1_A.mov"]["state"], found["1-1_A.mov"]["detail"]) == (1, "busy", "it is being recorded")
    assert (found["1-1_A.mov"]["logged"], found["1-1_MIX.wav"]["logged"]) == (False, True), "somebody is at one"
    done = onset(production, "media", "repair", str(day / "1-1_A.mov"))
    frames = len(decode_all(day / "1-1_A.mov").strips)
    assert f"{frames} frames, in the log" in done.stdout
    assert lengths(log.take(take.id)) == {"1-1_A.mov": frames, "1-1_MIX.wav": 7}
    log.close()


def test_a_dry_run_writes(production: Path, repair: Repair) -> None:
    files = {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (production / "media").rglob("*.*")}
    code, found = repair(production, "--dry-run")
    assert (code, found["1-1_A.mov"]["state"], found["1-1_MIX.wav"]["state"]) == (1, "repairable", "repairable")
    assert files == {path: (path.read_bytes(), path.stat().st_mtime_ns) for path in (production / "media").rglob("*.*")}


def test_files_that_are_named_need_a_production(production: Path, tmp_path: Path) -> None:
    alone = tmp_path / "stick"
    (production / "media").rename(alone)
    done = onset(production, "media", "repair", str(alone / "day01"))
    assert done.returncode == 1
    assert "1-2_A.mov" in done.stdout
    assert done.stdout.splitlines()[-1] == "2 repaired, 1 hopeless."
    done = onset(production, "media", "repair", str(tmp_path / "nowhere.mov"))
    assert (done.returncode, "is no recording" in done.stderr) == (2, True)


def test_a_file_that_is_being_recorded_is_finished_under_its_recorder(tmp_path: Path, repair: Repair) -> None:
    production = make_production(tmp_path / "P", CAMERA)
    start_service(production)
    try:
        wait_for(lambda: all_live(production), "the device never came live")
        log = seat(production)
        take = log.roll(now(), change=Next(slate="42C"))
        wait_for(lambda: len(lengths(log.take(take.id))) == 1, "no clip was opened")
        (path,) = (production / "media" / "day01").iterdir()
        wait_for(lambda: path.stat().st_size > 60_000, "it does not grow")
        code, found = repair(production)
        assert code == 1
        assert {row["state"] for row in found.values()} == {"busy"}
        held = lock_holder(production)
        assert held is not None
        worker = pid_of_worker(production, "A")
        os.kill(worker, signal.SIGSTOP)  # writes nothing more, and nobody can ask the service either
        os.kill(held.pid, signal.SIGKILL)
        os.kill(worker, signal.SIGKILL)
        wait_for(lambda: lock_holder(production) is None, "the service is still there")
        _, found = repair(production)
        assert found[path.name]["state"] == "busy", "somebody may still be at it"
        _aged(path)
        code, found = repair(production)
        assert (code, found[path.name]["state"], found[path.name]["logged"]) == (0, "repaired", True)
        filmed = decode_all(path)
        assert lengths(log.take(take.id)) == {path.name: len(filmed.strips)}
        assert filmed.gaps == []
        log.close()
    finally:
        end_service(production)
