"""A recording that is killed, or whose disk is full: what is older than a second decodes, with its timecode."""

from __future__ import annotations

import os
import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.ltc import decode_ltc
from onset.capture.signals import Fault
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate, samples_since_midnight
from tests.devices.sources import decode_all, film_source
from tests.devices.test_sound_file import track_of
from tests.devices.workers import WorkerProcess, worker
from tests.needs import lacking, require

pytestmark = pytest.mark.faults


@pytest.mark.parametrize("after_s", [0.9, 2.3, 3.7])
def test_a_killed_camera_leaves_less_than_all_but_a_second(after_s: float, tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        first = camera.opened()
        camera.wait_passed(first.mono_ns, after_s)
        camera.process.kill()
        killed_ns = camera.clock.monotonic_ns()
        camera.process.wait()
    filmed = decode_all(tmp_path / "media" / first.path)
    assert filmed.gaps == []
    assert filmed.timecode == first.tc_in
    assert len(filmed.strips) >= ((killed_ns - first.mono_ns) / 1e9 - 1) * 25
    assert filmed.strips[0] is not None
    assert filmed.strips[0].day_frame == Timecode.parse(first.tc_in, rate("25")).frames


@pytest.mark.parametrize("after_s", [0.9, 2.6])
def test_a_killed_mixer_leaves_less_than_all_but_a_second(after_s: float, tmp_path: Path) -> None:
    with worker(tmp_path, "sim-mixer", name="MIX") as mixer:
        mixer.wait_live()
        mixer.roll()
        first = mixer.opened()
        mixer.wait_passed(first.mono_ns, after_s)
        mixer.process.kill()
        killed_ns = mixer.clock.monotonic_ns()
        mixer.process.wait()
    path = tmp_path / "media" / first.path
    head = read_wave(path)
    assert str(head.start) == first.tc_in
    assert head.samples >= ((killed_ns - first.mono_ns) / 1e9 - 1) * 48_000
    for heard in decode_ltc(track_of(path, 2), 48_000).labels:
        label = heard.at(rate("25"))
        assert label is not None
        assert head.time_reference is not None
        assert abs(head.time_reference + heard.sample - samples_since_midnight(label, 48_000)) <= 1


def test_a_killed_copy_of_a_feed_with_long_groups_is_empty(tmp_path: Path) -> None:
    """A stream-copied feed whose key frames are 4 s apart: fragments are made by time, not by key frames."""
    require("ffmpeg", "ffmpeg is not installed")
    film, long = film_source(tmp_path / "film.mov", 16), tmp_path / "long.mov"
    encode = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "100", "-keyint_min", "100"]
    subprocess.run(
        ["ffmpeg", "-v", "error", "-i", film, *encode, "-an", "-dn", long], check=True, stdin=subprocess.DEVNULL
    )
    with worker(tmp_path, "av", name="B", options={"url": str(long)}) as camera:
        camera.wait_live()
        camera.roll()
        first = camera.opened()
        camera.wait_passed(first.mono_ns, 3.2)
        camera.process.kill()
        killed_ns = camera.clock.monotonic_ns()
        camera.process.wait()
    filmed = decode_all(tmp_path / "media" / first.path)
    assert filmed.gaps == []
    assert filmed.timecode == first.tc_in
    assert len(filmed.strips) >= ((killed_ns - first.mono_ns) / 1e9 - 1) * 25


def test_the_next_worker_writes_over_what_the_killed_one_left(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        first = camera.opened()
        camera.process.kill()
        camera.process.wait()
    left = (tmp_path / "media" / first.path).read_bytes()
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        assert camera.opened().path == "day03/42C-1_A_2.mov"
        camera.hang_up()
    assert (tmp_path / "media" / first.path).read_bytes() == left


@contextmanager
def _small_disk(folder: Path, size: str) -> Iterator[Path]:
    folder.mkdir()
    if os.geteuid() != 0:
        lacking("only root may mount a small disk")
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "none", folder], check=False, capture_output=True
    )
    if done.returncode:
        lacking("a small disk cannot be mounted here")
    try:
        yield folder
    finally:
        subprocess.run(["umount", folder], check=True)


def _fill(disk: Path, left: int) -> None:
    free = os.statvfs(disk)
    (disk / "ballast").write_bytes(bytes(max(0, free.f_bavail * free.f_frsize - left)))


def test_a_disk_that_fills_up_takes_more_than_the_end(tmp_path: Path) -> None:
    with _small_disk(tmp_path / "media", "4m") as disk, worker(tmp_path) as camera:
        camera.wait_live()
        _fill(disk, 150_000)
        camera.roll()
        fault = camera.wait(Fault)
        assert (fault.what, fault.take_id) == ("disk", "1" * 32)
        assert "No space left" in fault.detail
        camera.cut()
        clip = camera.closed()
        assert clip.interrupted
        filmed = decode_all(disk / clip.path)
        assert len(filmed.strips) > 10
        assert filmed.gaps == []
        assert filmed.timecode == clip.tc_in
        _goes_on(camera, disk)


def _goes_on(camera: WorkerProcess, disk: Path) -> None:
    """Room was made: the next take is recorded."""
    (disk / "ballast").unlink()
    camera.roll("2")
    camera.cut("2")
    second = camera.closed(2)
    assert (second.interrupted, second.take_id) == (False, "2" * 32)
    assert decode_all(disk / second.path).gaps == []
    assert camera.hang_up() == 0


def test_sound_on_a_full_disk_is_no_file(tmp_path: Path) -> None:
    with (
        _small_disk(tmp_path / "media", "4m") as disk,
        worker(tmp_path, "sim-mixer", name="MIX") as mixer,
    ):
        mixer.wait_live()
        _fill(disk, 900_000)
        mixer.roll()
        assert mixer.wait(Fault).what == "disk"
        mixer.cut()
        clip = mixer.closed()
        head = read_wave(disk / clip.path)
        assert head.samples > 48_000
        assert str(head.start) == clip.tc_in
        assert mixer.hang_up() == 0


@pytest.mark.parametrize("seed", range(5))
def test_a_repair_that_is_killed_costs_the_recording(seed: int, tmp_path: Path) -> None:
    """At any moment the name means the old file, bit for bit, or the finished one; the next repair goes on."""
    path = tmp_path / "42C-1_A.mov"
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        first = camera.opened()
        camera.wait_passed(first.mono_ns, 1.8)
        camera.process.kill()
        camera.process.wait()
    left = (tmp_path / "media" / first.path).read_bytes()
    path.write_bytes(left)
    frames = len(decode_all(path).strips)
    os.utime(path, (0, 0))
    command = [sys.executable, "-P", "-m", "onset", "media", "repair", str(path)]
    running = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        running.wait(random.Random(seed).uniform(0.3, 1.0))
    except subprocess.TimeoutExpired:
        running.kill()
        running.wait()
    if path.read_bytes() != left:
        assert len(decode_all(path).strips) == frames
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    filmed = decode_all(path)
    assert (filmed.gaps, len(filmed.strips), filmed.timecode) == ([], frames, first.tc_in)
    assert [each.name for each in tmp_path.glob(".*")] == []
