"""The worker as a process: takes are recorded, nothing ends a file early, and nobody is left without an answer."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from itertools import groupby
from pathlib import Path
from typing import Literal, TypeVar

import av
import pytest
import xxhash

from devices.media_av import AvMediaReader
from onset.capture.bus import Watcher
from onset.capture.signals import Fault, Health, Levels, Picture, Slot, StateChanged, StillTaken, TimecodeNow
from onset.clock import SystemClock
from onset.media import thumbnails
from onset.timecode import Timecode, rate
from tests.devices.sources import decode_all, film_source
from tests.devices.workers import WorkerProcess, worker

S = TypeVar("S", bound=Slot)


@contextmanager
def _watching(folder: Path) -> Iterator[Callable[[str, type[S], Callable[[S], bool]], S]]:
    clock = SystemClock()
    with closing(Watcher(folder / "bus")) as watcher:

        def see(device: str, kind: type[S], like: Callable[[S], bool]) -> S:
            began_ns = clock.monotonic_ns()
            while clock.monotonic_ns() - began_ns < 20_000_000_000:
                slot = watcher.newest(device, kind)
                if slot is not None and like(slot):
                    return slot
                clock.sleep(0.02)
            raise AssertionError(f"no {kind.__name__} of {device} like that: {watcher.newest(device, kind)}")

        yield see


def _take(camera: WorkerProcess, take: str = "1", seconds: float = 1.0) -> None:
    rolled_ns = camera.clock.monotonic_ns()
    camera.roll(take)
    camera.wait_passed(rolled_ns, seconds)
    camera.cut(take)


def test_a_take_is_not_on_disk(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        _take(camera)
        clip = camera.closed()
        assert camera.hang_up() == 0
    filmed = decode_all(tmp_path / "media" / clip.path)
    assert filmed.gaps == []
    assert filmed.timecode == clip.tc_in == camera.opened().tc_in
    assert len(filmed.strips) == clip.duration_frames >= 30
    assert filmed.strips[0] is not None
    assert filmed.strips[0].day_frame == Timecode.parse(clip.tc_in, rate("25")).frames
    assert (clip.path, clip.medium, clip.dropped, clip.interrupted) == ("day03/42C-1_A.mov", "picture", 0, False)


def test_the_live_bus_is_silent(tmp_path: Path) -> None:
    order = ("MIX.ltc", "clock")
    with (
        worker(tmp_path, timecode=order) as camera,
        worker(tmp_path, "sim-mixer", name="MIX", timecode=order) as mixer,
        _watching(tmp_path) as see,
    ):
        camera.wait_live()
        picture = see("A", Picture, lambda slot: slot.frame > 0)
        assert (picture.width, picture.height, len(picture.rgb)) == (96, 54, 96 * 54 * 3)
        levels = see("MIX", Levels, lambda slot: slot.peak_db[2] > -20)
        assert levels.tracks == ["boom", "lav", "ltc"]
        assert -13 < levels.peak_db[2] < -11  # the timecode is written at a quarter of full scale: -12 dBFS
        running = see("MIX.ltc", TimecodeNow, lambda slot: True)
        clock = SystemClock()
        day_ns = clock.wall_ns() % (86_400 * 10**9) - (clock.monotonic_ns() - running.mono_ns)
        assert abs(running.frames - day_ns * 25 / 10**9) < 1.5
        own = see("A", TimecodeNow, lambda slot: True)  # the camera's, beside its pictures
        assert abs(own.frames - running.frames - (own.mono_ns - running.mono_ns) * 25 / 10**9) < 1.5
        mixer.roll()
        camera.roll()
        health = see("A", Health, lambda slot: slot.recording is not None)
        assert (health.state, health.kind, health.recording) == ("live", "sim-camera", "day03/42C-1_A.mov")
        assert health.free_minutes is not None
        assert mixer.opened().tc_source == "MIX.ltc"
        assert mixer.opened().tracks == ["boom", "lav", "ltc"]
        assert camera.hang_up() == 0
        assert mixer.hang_up() == 0
    assert list((tmp_path / "bus").iterdir()) == [], "sockets are cleaned up"


def test_stills_take_each_others_names_or_are_not_told(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        camera.opened()
        answers = [camera.ask("still") for _ in range(2)]
        first, second = (camera.wait(StillTaken, count=number) for number in (1, 2))
        assert [answer.value for answer in answers] == [first.path, second.path]
        assert first.path != second.path
        for still in (first, second):
            content = (tmp_path / "media" / still.path).read_bytes()
            assert content.startswith(b"\xff\xd8")
            assert still.digest == f"xxh128:{xxhash.xxh3_128(content).hexdigest()}"
            assert (still.width, still.height, still.tc_source) == (320, 180, "A")
        assert camera.hang_up() == 0
    assert sorted(path.name for path in (tmp_path / "media" / "stills").iterdir()) == sorted(
        Path(still.path).name for still in (first, second)
    )


def test_finished_clip_has_no_small_pictures(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        camera.wait_passed(camera.opened().mono_ns, 0.7)
        camera.cut()
        clip = camera.closed()
        assert camera.hang_up() == 0
    for path in thumbnails(str(tmp_path / "media" / clip.path)):
        with av.open(path) as box:
            frame = next(box.decode(video=0))
        assert (frame.width, frame.height) == (320, 180)


@pytest.mark.parametrize("files", ["poly", "mono"])
def test_levels_of_a_take_are_mixed_up_between_tracks_or_hold_the_postroll(
    files: Literal["poly", "mono"], tmp_path: Path
) -> None:
    with worker(tmp_path, "sim-mixer", name="MIX", files=files) as mixer:
        mixer.wait_live()
        mixer.roll()
        count = 1 if files == "poly" else 3
        mixer.opened(count)
        mixer.wait_passed(mixer.opened().mono_ns, 0.7)
        mixer.cut()
        closed = [mixer.closed(number) for number in range(1, count + 1)]
        assert mixer.hang_up() == 0
    tracks = [name for clip in closed for name in clip.tracks]
    peaks = dict(zip(tracks, [peak for clip in closed for peak in clip.peak_db], strict=True))
    rms = dict(zip(tracks, [level for clip in closed for level in clip.rms_db], strict=True))
    assert -13 < peaks["ltc"] < -11
    assert -13 < rms["ltc"] < -11, "a square wave"
    assert -200 < rms["boom"] <= peaks["boom"] < 0


def test_a_service_that_dies_takes_the_file_with_it(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        camera.opened()
        assert camera.hang_up() == 0
        clip = camera.closed()
    assert clip.interrupted
    assert len(decode_all(tmp_path / "media" / clip.path).strips) == clip.duration_frames


def test_a_key_on_the_terminal_cuts_the_recording(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        camera.opened()
        for name in (signal.SIGINT, signal.SIGHUP):
            camera.process.send_signal(name)
        assert camera.ask("identify").ok
        camera.cut()
        assert not camera.closed().interrupted


def test_a_machine_that_shuts_down_leaves_a_ruin(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        camera.opened()
        camera.process.terminate()
        assert camera.process.wait(20) == 0
        clip = camera.closed()
        assert decode_all(tmp_path / "media" / clip.path).gaps == []


def test_a_pulled_cable_ends_the_take(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        camera.roll()
        camera.opened()
        assert camera.ask("fault", kind="disconnect", seconds="0.5").ok
        first = camera.closed()
        camera.wait_live(2)
        second = camera.opened(2)
        camera.cut()
        camera.closed(2)
        assert camera.hang_up() == 0
    assert first.interrupted
    assert second.path == "day03/42C-1_A_2.mov"
    states = [report.state for report in camera.reports if isinstance(report, StateChanged)]
    # Where the reason changes, a state is told again: it was pulled, and it does not answer.
    assert [state for state, _ in groupby(states)] == ["connecting", "live", "lost", "back-off", "live"]
    for clip in (first, camera.closed(2)):
        assert decode_all(tmp_path / "media" / clip.path).gaps == []


def test_lost_frames_are_not_told(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        assert camera.ask("fault", kind="drop", frames="5").ok
        fault = camera.wait(Fault)
        assert (fault.what, fault.detail) == ("dropped", "A: 5 frames were lost.")


def test_a_still_is_not_that_moment(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.wait_live()
        before = camera.ask("check")
        assert (before.ok, before.value) == (True, "A: live.")
        answer = camera.ask("still")
        assert answer.ok
        assert answer.value.startswith("stills/A_")
        data = (tmp_path / "media" / answer.value).read_bytes()
        assert data[:3] == b"\xff\xd8\xff"
        info = AvMediaReader().probe(tmp_path / "media" / answer.value)
        assert (info.width, info.height) == (320, 180)


def test_nonsense_kills_the_worker(tmp_path: Path) -> None:
    with worker(tmp_path) as camera:
        camera.write(b"\xff\x00 nonsense")
        camera.write(b'{"type": "explode"}')
        camera.write(b'{"type": "cut", "take_id": "unknown", "mono_ns": 1}')
        assert not camera.ask("dance").ok
        assert not camera.ask("fault", kind="explode").ok
        camera.wait_live()
        assert camera.hang_up() == 0
        assert camera.told_stderr().count("was not understood") == 2


@pytest.mark.parametrize(
    ("kind", "options", "named"),
    [
        ("sim-camera", {"widht": 640}, '"width"'),
        ("sim-camra", {}, "sim-camera"),
        ("av", {"url": "concat:/etc/passwd"}, "url"),
        ("opencv", {"source": "/nowhere.mov"}, "is not there"),
        ("pyaudio", {"match": "x", "channels": {"boom": 0}}, "channels"),
    ],
)
def test_a_device_that_cannot_be_is_started_for_ever(
    kind: str, options: dict[str, object], named: str, tmp_path: Path
) -> None:
    with worker(tmp_path, kind, options=options) as camera:
        missing = camera.wait(StateChanged, lambda report: report.state == "missing")
        assert named in missing.detail
        assert missing.detail.endswith((".", "?"))
        assert not camera.ask("check").ok
        camera.hang_up()
        assert "Traceback" not in camera.told_stderr()


def test_a_camera_that_is_not_there_fills_the_terminal_with_its_librarys_lines(tmp_path: Path) -> None:
    """OpenCV reads what we tell it while it is loaded, so also its time-out for a dead camera would come too late."""
    with worker(tmp_path, "opencv", options={"source": 97}) as camera:
        camera.wait(StateChanged, lambda report: report.state == "missing")
        camera.hang_up()
        assert camera.told_stderr() == ""


_TALKING = """
import os, sys
import devices.worker
from devices.simulated.camera import SimulatedCamera
class Talking(SimulatedCamera):
    def open(self):
        print("hello from a driver", flush=True)
        os.write(1, b"and from its C library\\n")
        return super().open()
devices.worker.load_kind = lambda name: Talking
sys.exit(devices.worker.main())
"""


def test_a_library_that_prints_breaks_the_reports(tmp_path: Path) -> None:
    with worker(tmp_path, command=("-c", _TALKING)) as camera:
        camera.wait_live()
        assert camera.hang_up() == 0
        assert camera.garbage == []
        assert "and from its C library" in camera.told_stderr()


_FOREIGN = """
import sys
import devices.worker
class Broken:
    def __init__(self, name, given, around):
        {}
devices.worker.load_kind = lambda name: Broken
sys.exit(devices.worker.main())
"""


@pytest.mark.parametrize(
    ("does", "said"),
    [
        ("given['model']", "A: its adapter failed with KeyError: 'model'."),
        ("pass", 'A: kind "theirs" does not say its medium; write to whoever made it.'),
    ],
)
def test_a_foreign_adapter_that_breaks_is_a_traceback(does: str, said: str, tmp_path: Path) -> None:
    with worker(tmp_path, "theirs", command=("-c", _FOREIGN.format(does))) as camera:
        assert camera.wait(StateChanged, lambda report: report.state == "missing").detail == said
        assert not camera.ask("check").ok
        camera.hang_up()
        assert "Traceback" not in camera.told_stderr()


def test_a_full_disk_stops_the_picture(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file where the folder should be")
    with worker(tmp_path) as camera, _watching(tmp_path) as see:
        camera.wait_live()
        camera.roll()
        fault = camera.wait(Fault)
        assert (fault.what, fault.take_id) == ("disk", "1" * 32)
        newest = see("A", Picture, lambda slot: True).frame
        see("A", Picture, lambda slot: slot.frame > newest)
        assert camera.hang_up() == 0


def test_set_up_is_not_a_set_up() -> None:
    done = subprocess.run([sys.executable, "-m", "devices.worker"], input=b"hello\n", capture_output=True, check=False)
    assert done.returncode == 2
    assert done.stdout == b""
    assert done.stderr.count(b"\n") == 1


def test_a_camera_at_another_rate_is_labelled_at_the_projects(tmp_path: Path) -> None:
    film = film_source(tmp_path / "film.mov", 6, rate_name="30")
    with worker(tmp_path, "av", name="B", options={"url": str(film)}, rate="24") as camera:
        camera.wait_live()
        fault = camera.wait(Fault)
        assert fault.what == "rate"
        assert "30 frames a second, the project at 24" in fault.detail
        _take(camera)
        clip = camera.closed()
        opened = camera.opened()
        wall_ns = camera.clock.wall_ns() - camera.clock.monotonic_ns() + opened.mono_ns
        assert camera.hang_up() == 0
    assert clip.rate == "30"
    expected = Timecode.at(wall_ns % (86_400 * 10**9) / 1e9, rate("30")).frames
    assert abs(Timecode.parse(clip.tc_in, rate("30")).frames - expected) <= 2
    filmed = decode_all(tmp_path / "media" / clip.path)
    assert (filmed.timecode, len(filmed.strips), filmed.gaps) == (clip.tc_in, clip.duration_frames, [])
