"""The recorder: nothing around a take is lost, nothing is written over, and a bad disk spoils one clip only."""

from __future__ import annotations

import errno
import io
import json
import subprocess
import threading
from fractions import Fraction
from pathlib import Path
from typing import Any, BinaryIO

import pytest
from msgspec import structs

from devices import loader as loader_module
from devices.adapter import NS, Coded, Surroundings
from devices.clip_name import clip_stem, create_clip
from devices.disk import DiskLane
from devices.encoder import PictureEncoder
from devices.media_av import AvMediaReader
from devices.picture_file import PictureFilm
from devices.recorder import Recorder
from devices.simulated.camera import SimulatedCamera
from onset.capture.signals import ClipClosed, ClipOpened, Cut, Fault, Mark, Report, Roll, Slated, Uncut, Unmark
from onset.clock import ManualClock
from onset.timecode import Timecode, rate
from tests.devices.sources import TEN_O_CLOCK_NS, decode_all
from tests.needs import require


class Wall:
    """The time of day as a label, worked out apart from the code under test."""

    def __init__(self, around: Surroundings, begun_ns: int = TEN_O_CLOCK_NS) -> None:
        self._around = around
        self._begun_ns = begun_ns

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        return Timecode.at(Fraction(self._begun_ns + mono_ns, NS), self._around.rate), "clock"

    def user_bits(self, source: str) -> str:
        return "26112601"


class Rig:
    """A camera, an encoder and a recorder on a clock that jumps."""

    def __init__(self, media: Path, rate_name: str = "25", wall_ns: int = TEN_O_CLOCK_NS, **options: object) -> None:
        self.media = media
        self.clock = ManualClock(wall_ns=wall_ns)
        self.around = Surroundings("Harbour Lights", rate(rate_name), self.clock)
        self.camera = SimulatedCamera("A", {"width": 320, "height": 180, **options}, self.around)
        self.form = self.camera.open()
        self.encoder = PictureEncoder(self.form)
        self.lane = DiskLane("disk")
        self.reports: list[Report] = []
        self.recorder: Recorder[Coded] = Recorder(
            "A", media, self.clock, self.lane, self.reports.append, preroll_s=2.0, postroll_s=1.0
        )
        self.plug_in()

    def plug_in(self) -> None:
        film = PictureFilm("A", self.encoder.template, self.form.fps, Wall(self.around))
        self.recorder.load(film)

    def shoot(self, seconds: float) -> None:
        for _ in range(round(seconds * self.form.fps)):
            for coded in self.encoder.encode(self.camera.read()):
                self.recorder.take_in(coded)

    def roll(self, take: str = "1", slate: str = "42C") -> None:
        slated = Slated(
            take_id=take * 32, production="Harbour Lights", unit="main", day=3, scene="42", slate=slate, take=take,
            roll="A001",
        )  # fmt: skip
        self.recorder.roll(Roll(slated=slated, mono_ns=self.clock.monotonic_ns()))

    def cut(self, take: str = "1") -> None:
        self.recorder.cut(Cut(take_id=take * 32, mono_ns=self.clock.monotonic_ns()))

    def uncut(self, take: str = "1") -> None:
        self.recorder.uncut(Uncut(take_id=take * 32))

    def end(self) -> list[ClipClosed]:
        self.recorder.finish()
        self.lane.close()
        self.encoder.close()
        return self.closed

    @property
    def closed(self) -> list[ClipClosed]:
        return [report for report in self.reports if isinstance(report, ClipClosed)]

    @property
    def faults(self) -> list[Fault]:
        return [report for report in self.reports if isinstance(report, Fault)]


def _check(rig: Rig, clip: ClipClosed) -> None:
    """Every frame decodes, numbers run on, and head, pixels and report tell the same."""
    filmed = decode_all(rig.media / clip.path)
    start = Timecode.parse(clip.tc_in, rate(clip.rate))
    assert filmed.gaps == []
    assert filmed.timecode == clip.tc_in
    assert len(filmed.strips) == clip.duration_frames
    assert filmed.times[0] == 0
    assert filmed.strips[0] is not None
    assert filmed.strips[0].day_frame == start.frames
    assert [round(time * start.rate.fps) for time in filmed.times] == list(range(len(filmed.times)))
    info = AvMediaReader().probe(rig.media / clip.path)
    assert (info.start, info.duration_frames, info.fps) == (start, clip.duration_frames, start.rate.fps)


@pytest.mark.parametrize(
    "rate_name", ["23.976", "24", "25", "29.97", "29.97df", "30", "47.952", "48", "50", "59.94", "59.94df", "60"]
)
def test_label_or_length_wrong_at_a_rate(rate_name: str, tmp_path: Path) -> None:
    # Just before a minute: drop-frame leaves labels out inside the clip.
    rig = Rig(tmp_path, rate_name, wall_ns=(10 * 3600 + 58) * NS)
    rig.shoot(3)
    rig.roll()
    rig.shoot(1)
    rig.cut()
    rig.shoot(1.5)
    (clip,) = rig.end()
    _check(rig, clip)
    seconds = clip.duration_frames / rate(rate_name).fps
    assert 4.0 <= seconds <= 4.6, "2 s before the roll (and to the key frame before that), 1 s take, 1 s after the cut"
    assert clip.tc_source == "A"
    assert not clip.interrupted
    assert clip.dropped == 0


def test_the_file_does_not_say_what_it_is(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll("3")
    rig.shoot(1)
    rig.cut("3")
    rig.shoot(1.2)
    (clip,) = rig.end()
    tags = decode_all(tmp_path / clip.path).tags
    said = {name: tags[name] for name in ("title", "scene", "slate", "take", "reel")}
    assert said == {"title": "42C-3", "scene": "42", "slate": "42C", "take": "3", "reel": "A001"}
    assert clip.path == "day03/42C-3_A.mov"


def test_the_post_roll_of_a_take_swallows_the_next(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shoot(3)
    rig.roll("1")
    rig.shoot(1)
    rig.cut("1")
    rig.shoot(0.2)
    rig.roll("2")
    rig.shoot(2)
    rig.cut("2")
    rig.shoot(1.2)
    first, second = rig.end()
    _check(rig, first)
    _check(rig, second)
    first_in, second_in = (Timecode.parse(clip.tc_in, rate("25")).frames for clip in (first, second))
    assert first_in + first.duration_frames > second_in, "they overlap"


def test_uncut_within_the_post_roll_tears_a_gap(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll()
    rig.shoot(1)
    rig.cut()
    rig.shoot(0.8)
    rig.uncut()
    rig.shoot(1)
    rig.cut()
    rig.shoot(1.2)
    (clip,) = rig.end()
    _check(rig, clip)
    assert clip.duration_frames >= 25 * 4.7


def test_uncut_after_the_post_roll_loses_what_came_between(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll()
    rig.shoot(1)
    rig.cut()
    rig.shoot(1.8)
    rig.uncut()
    rig.shoot(1)
    rig.cut()
    rig.shoot(1.2)
    first, second = rig.end()
    _check(rig, first)
    _check(rig, second)
    assert second.path == "day03/42C-1_A_2.mov"
    first_out = Timecode.parse(first.tc_in, rate("25")).frames + first.duration_frames
    assert Timecode.parse(second.tc_in, rate("25")).frames <= first_out, "the second joins without a gap"


def test_a_recording_of_the_same_name_is_written_over(tmp_path: Path) -> None:
    (tmp_path / "day03").mkdir()
    (tmp_path / "day03" / "42C-1_A.mov").write_bytes(b"precious")
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll()
    rig.shoot(1)
    (clip,) = rig.end()
    assert clip.path == "day03/42C-1_A_2.mov"
    assert (tmp_path / "day03" / "42C-1_A.mov").read_bytes() == b"precious"


def test_a_slate_with_a_slash_leaves_the_folder(tmp_path: Path) -> None:
    (tmp_path / "media").mkdir()
    rig = Rig(tmp_path / "media")
    rig.shoot(1)
    rig.roll(slate="../../../41+122A/4")
    rig.shoot(0.5)
    (clip,) = rig.end()
    assert clip.path == "day03/41+122A_4-1_A.mov"
    assert [path.name for path in tmp_path.iterdir()] == ["media"]


def test_a_camera_that_comes_back_stays_unrecorded(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll()
    rig.shoot(1)
    rig.recorder.lost()
    rig.clock.advance(3)
    rig.plug_in()
    rig.shoot(2)
    rig.cut()
    rig.shoot(1.2)
    first, second = rig.end()
    assert (first.interrupted, second.interrupted) == (True, False)
    assert second.path == "day03/42C-1_A_2.mov"
    _check(rig, first)
    _check(rig, second)


def test_a_post_roll_never_ends_when_the_camera_is_silent(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll()
    rig.shoot(1)
    rig.cut()
    rig.clock.advance(1.1)
    rig.recorder.tick(rig.clock.monotonic_ns())
    rig.lane.close()
    assert len(rig.closed) == 1
    assert not rig.closed[0].interrupted


def test_nobody_is_told_that_nothing_was_recorded(tmp_path: Path) -> None:
    rig = Rig(tmp_path)
    rig.recorder.lost()
    rig.roll()
    rig.cut()
    assert [fault.what for fault in rig.faults] == ["nothing recorded"]
    assert rig.end() == []


def test_lost_frames_shift_all_labels_after_them(tmp_path: Path) -> None:
    rig = Rig(tmp_path, script=[{"at": 1.5, "kind": "drop", "frames": 7}])
    rig.shoot(1)
    rig.roll()
    rig.shoot(1.5)
    (clip,) = rig.end()
    filmed = decode_all(tmp_path / clip.path)
    start = Timecode.parse(clip.tc_in, rate("25")).frames
    assert clip.dropped == 7
    for strip, time in zip(filmed.strips, filmed.times, strict=True):
        assert strip is not None
        assert strip.day_frame == start + round(time * 25)


class SmallDisk(io.FileIO):
    """A disk with room for so many bytes."""

    room = 40_000

    def write(self, data: object, /) -> int:
        view = memoryview(data)  # type: ignore[arg-type]
        if self.tell() + len(view) > self.room:
            raise OSError(errno.ENOSPC, "No space left on device")
        return super().write(view)


def test_a_full_disk_ends_more_than_its_clip(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def small(media: Path, slated: Slated, device: str, suffix: str, **more: Any) -> list[tuple[BinaryIO, str]]:
        ((file, path),) = create_clip(media, slated, device, suffix, **more)
        if slated.take != "1":
            return [(file, path)]
        file.close()
        return [(SmallDisk(media / path, "r+b"), path)]

    monkeypatch.setattr(loader_module, "create_clip", small)
    rig = Rig(tmp_path)
    rig.shoot(1)
    rig.roll("1")
    rig.shoot(4)
    rig.roll("2")
    rig.shoot(2)
    rig.cut("1")
    rig.cut("2")
    rig.shoot(1.2)
    by_take = {clip.take_id[0]: clip for clip in rig.end()}
    assert [fault.what for fault in rig.faults] == ["disk"]
    assert "No space left" in rig.faults[0].detail
    assert rig.faults[0].take_id == "1" * 32
    _check(rig, by_take["2"])
    assert by_take["1"].interrupted
    saved = decode_all(tmp_path / by_take["1"].path)
    assert len(saved.strips) > 10, "what was written before the disk was full still decodes"
    assert saved.gaps == []


def test_a_folder_that_cannot_be_made_stops_the_camera(tmp_path: Path) -> None:
    (tmp_path / "media").write_text("a file in the way")
    rig = Rig(tmp_path / "media")
    rig.shoot(1)
    rig.roll()
    rig.shoot(1)
    assert rig.end() == []
    assert [fault.what for fault in rig.faults] == ["disk"]
    assert not [report for report in rig.reports if isinstance(report, ClipOpened)]


def _wait(gate: threading.Event) -> None:
    gate.wait(30)


def test_a_disk_that_stands_still_is_waited_for(tmp_path: Path) -> None:
    """Frames beyond the limit are dropped up to the next key frame, counted, and the rest still decodes."""
    rig = Rig(tmp_path)
    rig.lane.close()
    rig.lane = DiskLane("stopped", limit=60_000)
    rig.recorder = Recorder("A", tmp_path, rig.clock, rig.lane, rig.reports.append, preroll_s=1.0, postroll_s=1.0)
    rig.plug_in()
    gate = threading.Event()
    rig.lane.put(0, lambda: _wait(gate))
    rig.shoot(1)
    rig.roll()
    rig.shoot(5)
    assert rig.recorder.dropped > 0
    gate.set()
    while not rig.lane.has_room(60_000):
        pass
    rig.shoot(1)
    dropped = rig.recorder.dropped
    (clip,) = rig.end()
    assert [fault.what for fault in rig.faults] == ["dropping"]
    assert clip.dropped == dropped
    filmed = decode_all(tmp_path / clip.path)
    assert len(filmed.strips) == clip.duration_frames - dropped


SLATED = Slated(take_id="7", production="Harbour Lights", unit="Main", day=3, scene="42", slate="42C", take="3")


def test_a_name_that_the_log_has_is_given_again(tmp_path: Path) -> None:
    """The file may be on a disk that is not mounted: that it is not here does not free its name."""
    names = []
    wanted: list[list[str]] = [[], ["day03/42C-3_A.mov", "day03/42C-3_A_3.mov"], ["day04/42C-3_A.mov"]]
    for taken in wanted:
        slated = structs.replace(SLATED, taken=taken)
        ((file, path),) = create_clip(tmp_path, slated, "A", ".mov")
        file.close()
        names.append(path)
        (tmp_path / path).unlink()
    assert names == ["day03/42C-3_A.mov", "day03/42C-3_A_2.mov", "day03/42C-3_A.mov"]


def test_two_files_of_a_mono_set_get_different_numbers(tmp_path: Path) -> None:
    (tmp_path / "day03").mkdir()
    (tmp_path / "day03" / "42C-3_MIX_lav.wav").write_bytes(b"precious")
    made = create_clip(tmp_path, SLATED, "MIX", ".wav", tails=("_boom", "_lav"))
    for file, _ in made:
        file.close()
    assert [path for _, path in made] == ["day03/42C-3_MIX_2_boom.wav", "day03/42C-3_MIX_2_lav.wav"]
    assert (tmp_path / "day03" / "42C-3_MIX_lav.wav").read_bytes() == b"precious"
    assert not (tmp_path / "day03" / "42C-3_MIX_boom.wav").exists()


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        ("{production}_D{day}_{roll}_{slate}-{take}_{camera}", "Harbour_Lights_D03_42C-3_A"),
        ("{roll}_{camera}", "A"),
        ("{episode}-{scene}.{take}.{camera}", "42.3.A"),
    ],
)
def test_a_field_that_is_not_known_leaves_its_separator(names: str, expected: str) -> None:
    assert clip_stem(names, SLATED, "A") == expected


def test_a_very_long_slate_makes_a_name_that_no_disk_takes(tmp_path: Path) -> None:
    slated = structs.replace(SLATED, slate="場" * 90, production="面" * 90)
    ((file, path),) = create_clip(tmp_path, slated, "A", ".mov", names="{production}_{slate}_{camera}")
    file.close()
    assert (tmp_path / path).exists()


@pytest.mark.parametrize("at_s", [(), (1.0,), (0.0, 2.5), (2.0, 1.0)])
def test_a_mark_is_no_chapter(at_s: tuple[float, ...], tmp_path: Path) -> None:
    """Read by another program; the times are those of the keys, in the file's own time."""
    require("ffprobe", "ffmpeg is not installed")
    rig = Rig(tmp_path)
    rig.shoot(3)
    rig.roll()
    begun_ns = rig.clock.monotonic_ns()
    for n, seconds in enumerate(at_s):
        text = "" if n else 'the "good" bit; ü'
        rig.recorder.mark(Mark(id=str(n), take_id="1" * 32, mono_ns=begun_ns + round(seconds * NS), text=text))
    rig.recorder.mark(Mark(id="slip", take_id="1" * 32, mono_ns=begun_ns + NS // 2, text="taken back"))
    rig.recorder.unmark(Unmark(id="slip"))
    rig.recorder.unmark(Unmark(id="a note that was none"))
    if at_s:
        rig.recorder.unmark(Unmark(id="0"))
        rig.recorder.unmark(Unmark(id="0", gone=False))
    rig.shoot(3)
    rig.cut()
    rig.shoot(1.2)
    (clip,) = rig.end()
    _check(rig, clip)
    command = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(tmp_path / clip.path)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["chapters"]
    filmed = decode_all(tmp_path / clip.path)
    rolled_at = next(at for at, strip in zip(filmed.times, filmed.strips, strict=True) if strip and strip.number == 75)
    found = [(float(each["start_time"]), each["tags"]["title"]) for each in said]
    if not at_s:
        assert found == []
        return
    assert found[0] == (0.0, "Start")
    times = [at for at, _ in found[1:]]
    assert times == pytest.approx([float(rolled_at) + each for each in sorted(at_s)], abs=0.041)
    titles = {at_s[0]: 'the "good" bit; ü'} | {each: f"Mark {n}" for n, each in enumerate(at_s, 1) if n > 1}
    assert [title for _, title in found[1:]] == [titles[each] for each in sorted(at_s)]
    assert float(said[-1]["end_time"]) == pytest.approx(clip.duration_frames / 25, abs=0.01)


def test_a_feed_without_key_frames_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A sender that renews its picture bit by bit makes one key frame and no more."""
    rig = Rig(tmp_path)
    monkeypatch.setattr("devices.recorder._RING_LIMIT", 10_000)
    for n in range(100):
        at_ns = n * NS // 25
        piece = Coded(bytes(1000), n, n, 1, Fraction(1, 25), key=n in (0, 60), number=n, mono_ns=at_ns)
        rig.recorder.take_in(piece)
        if n % 60 > 11:
            assert rig.recorder.bytes_a_second == 0, "they are kept although no file can begin with them"
    assert [fault.what for fault in rig.faults] == ["no key frames", "no key frames"]
    rig.end()


def test_a_disk_that_is_not_mounted_gets_a_folder_in_its_place(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        create_clip(tmp_path / "media", SLATED, "A", ".mov")
    assert list(tmp_path.iterdir()) == []
