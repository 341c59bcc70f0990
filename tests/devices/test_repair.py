"""Recordings that a crash left: finished without losing a frame or a sample, or named and left as they were."""

from __future__ import annotations

import json
import random
import subprocess
import threading
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import BinaryIO

import av
import pytest
from av.container import InputContainer

from devices import repair as repair_module
from devices.adapter import NS, Coded
from devices.clip import Moment
from devices.encoder import PictureEncoder
from devices.picture_file import PictureFile
from devices.repair import examine, repair
from devices.simulated.camera import SimulatedCamera
from devices.sound_file import SoundFile
from onset.errors import MediumError
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate
from tests.devices.sources import decode_all, film_source, surroundings
from tests.devices.test_recorder import Rig
from tests.devices.test_sound_readers import _block, _slate
from tests.needs import require

TAGS = {"scene": "42", "reel": "A001", "timecode_source": "clock", "pre_record": "0.500000"}


def _killed_picture(folder: Path, rate_name: str, seconds: float = 2.2) -> bytes:
    """What is on the disk at the moment of a kill: never closed."""
    around = surroundings(rate_name)
    camera = SimulatedCamera("A", {"width": 160, "height": 96}, around)
    form = camera.open()
    encoder = PictureEncoder(form)
    path = folder / "writing.mov"
    with path.open("w+b", buffering=0) as raw:
        file: PictureFile | None = None
        for _ in range(int(seconds * form.fps)):
            shot = camera.read()
            for coded in encoder.encode(shot):
                file = file or PictureFile(
                    raw, encoder.template, shot.label or Timecode(0, around.rate), form.fps, TAGS
                )
                file.write(coded)
        left = path.read_bytes()
        assert file is not None
        file.close()
    path.unlink()
    encoder.close()
    return left


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return _killed_picture(tmp_path_factory.mktemp("killed"), "25")


@pytest.fixture(scope="module")
def killed_sound(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    path = tmp_path_factory.mktemp("killed") / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate())
        for n in range(15):
            file.write(_block(n * 960, 960))
        return path.read_bytes()


@pytest.mark.parametrize("rate_name", ["23.976", "25", "29.97df", "59.94"])
def test_a_finished_picture_has_another_label_length_or_tag(rate_name: str, tmp_path: Path) -> None:
    require("ffprobe", "ffmpeg is not installed")
    path = tmp_path / "42C-3_A.mov"
    path.write_bytes(_killed_picture(tmp_path, rate_name))
    before = decode_all(path)
    assert examine(path).state == "repairable"
    done = repair(path)
    after = decode_all(path)
    assert examine(path).state == "whole"
    assert (after.strips, after.timecode) == (before.strips, before.timecode)
    assert after.times[0] == 0
    assert (after.gaps, len(after.strips)) == ([], done.frames)
    assert {name: after.tags[name] for name in TAGS} == TAGS
    shown = [
        "ffprobe",
        "-v",
        "error",
        "-show_entries",
        "stream=codec_tag_string,nb_frames,avg_frame_rate",
        "-of",
        "csv=p=0",
    ]
    said = subprocess.run([*shown, path], check=True, capture_output=True, text=True).stdout.split()
    fps = surroundings(rate_name).rate.fps
    assert said[0] == f"avc1,{fps.numerator}/{fps.denominator},{done.frames}"
    assert said[1].startswith("tmcd,")
    assert [each.name for each in tmp_path.iterdir()] == ["42C-3_A.mov"]


@pytest.mark.parametrize("seed", range(12))
def test_a_picture_cut_anywhere_becomes_worse(seed: int, killed: bytes, tmp_path: Path) -> None:
    """Whatever is left of it decodes afterwards without a gap, or it is as it was."""
    dice, path = random.Random(seed), tmp_path / "a.mov"
    for _ in range(4):
        left = killed[: dice.randrange(len(killed))]
        path.write_bytes(left)
        if examine(path).state != "repairable":
            assert path.read_bytes() == left
            continue
        try:
            done = repair(path)
        except MediumError:
            assert path.read_bytes() == left
            continue
        filmed = decode_all(path)
        assert (filmed.gaps, len(filmed.strips), filmed.timecode) == ([], done.frames, "10:00:00:00")
        assert examine(path).state == "whole"


@pytest.mark.parametrize("seed", range(6))
def test_a_picture_with_damage_inside_is_finished_with_the_damage(seed: int, killed: bytes, tmp_path: Path) -> None:
    dice, path = random.Random(seed), tmp_path / "a.mov"
    left = bytearray(killed)
    at = dice.randrange(len(left) // 2, len(left))
    left[at : at + 64] = dice.randbytes(64)
    path.write_bytes(left[: at + 64])
    try:
        repair(path)
    except MediumError:
        assert path.read_bytes() == left[: at + 64]
        return
    assert decode_all(path).strips, "every frame that is left decodes"


def test_a_repair_fills_the_disk_of_the_recordings(
    killed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(killed)
    free = len(killed) + 63_000_000
    monkeypatch.setattr("devices.repair.shutil.disk_usage", lambda _: SimpleNamespace(free=free))
    with pytest.raises(MediumError, match="make 1 MB more room"):
        repair(path)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [("a.mov", killed)]
    free += 1_000_000
    assert repair(path).frames


@pytest.mark.parametrize("hit", ["a frame", "the head of a fragment"])
def test_all_that_was_recorded_after_a_bad_place_is_thrown_away(hit: str, tmp_path: Path) -> None:
    left = bytearray(_killed_picture(tmp_path, "25", seconds=5.2))
    heads = [at for at in range(len(left)) if left[at : at + 4] == b"moof"]
    assert len(heads) > 7
    at = heads[3] - 400 if hit == "a frame" else heads[2] + 12
    left[at : at + 200] = bytes(200)
    path = tmp_path / "a.mov"
    path.write_bytes(left)
    assert examine(path).state == "repairable"
    with pytest.raises(MediumError, match="is left alone"):
        repair(path)
    assert path.read_bytes() == left
    path.write_bytes(left[: heads[5]])  # near its end it is what a power cut leaves
    assert repair(path).frames in range(24, 52)
    assert decode_all(path).gaps == []


@pytest.fixture(scope="module")
def reordered(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """A copied feed with B-frames at the moment of a kill."""
    require("ffmpeg")
    folder = tmp_path_factory.mktemp("reordered")
    film, feed, left = film_source(folder / "film.mov", 4), folder / "feed.mov", folder / "left.mov"
    how = ["-c:v", "libx264", "-preset", "fast", "-g", "25", "-bf", "3", "-an", "-dn"]
    subprocess.run(["ffmpeg", "-v", "error", "-i", film, *how, feed], check=True, stdin=subprocess.DEVNULL)
    with av.open(str(feed)) as box, left.open("w+b", buffering=0) as raw:
        stream = box.streams.video[0]
        file = PictureFile(raw, stream, Timecode(900_000, rate("25")), Fraction(25), TAGS)
        for number, packet in enumerate(box.demux(stream)):
            if packet.size and packet.pts is not None and packet.dts is not None and packet.time_base is not None:
                timing = (packet.pts, packet.dts, packet.duration or 512, packet.time_base)
                file.write(Coded(bytes(packet), *timing, packet.is_keyframe, number, 0))
        data = left.read_bytes()
        file.close()
    return data


@pytest.mark.parametrize("seed", range(8))
def test_a_frame_is_shown_whose_neighbours_were_never_written(seed: int, reordered: bytes, tmp_path: Path) -> None:
    """Frames are written before those that are shown earlier; a kill between them leaves a hole before the last."""
    path, dice = tmp_path / "a.mov", random.Random(seed)
    path.write_bytes(reordered[: dice.randrange(len(reordered) // 3, len(reordered))])
    done = repair(path)
    filmed = decode_all(path)
    assert (filmed.gaps, len(filmed.strips), filmed.times[0]) == ([], done.frames, Fraction(0))


def test_sound_cut_anywhere_loses_a_sample(killed_sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    data_at = killed_sound.index(b"data", 1000) + 8
    dice = random.Random(1)
    near = [*range(0, data_at, 37), *range(data_at - 9, data_at + 14)]
    for length in [*near, *(dice.randrange(len(killed_sound)) for _ in range(60)), len(killed_sound)]:
        left = killed_sound[:length]
        path.write_bytes(left)
        if examine(path).state == "hopeless":
            assert length < data_at
            assert path.read_bytes() == left
            continue
        done = repair(path)
        head = read_wave(path)
        assert head.samples == done.samples == (length - data_at) // 6
        assert str(head.start) == "12:40:14:00"
        assert path.read_bytes()[data_at:].rstrip(b"\0") == left[data_at : data_at + head.samples * 6].rstrip(b"\0")
        assert examine(path).state == "whole"


def test_a_long_killed_recording_is_cut_to_what_a_short_head_can_tell(tmp_path: Path) -> None:
    """Grown beyond 4 GiB (here less) it was RF64 when it was killed."""
    path = tmp_path / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate(), largest=100_000)
        for n in range(40):
            file.write(_block(n * 960, 960))
        left = path.read_bytes()
    path.write_bytes(left)
    assert left[:4] == b"RF64"
    assert examine(path).state == "repairable"
    assert repair(path).samples == 40 * 960
    assert read_wave(path).samples == 40 * 960
    assert examine(path).state == "whole"


def test_a_whole_file_is_touched(tmp_path: Path) -> None:
    picture, sound = film_source(tmp_path / "a.mov", 1), tmp_path / "a.wav"
    for length in (960, 961):
        with sound.open("w+b", buffering=0) as raw:
            file = SoundFile(raw, _slate(tracks=("boom",)))
            file.write(_block(0, length, 1))
            file.close()
        assert examine(sound).state == "whole"
    assert examine(picture).state == "whole"
    foreign = Path(__file__).parent / "data" / "sounddevices_A101_3.WAV"
    assert examine(foreign).state == "whole"


def test_a_file_of_others_loses_its_sound(tmp_path: Path) -> None:
    require("ffmpeg")
    path = tmp_path / "theirs.mov"
    made = ["-f", "lavfi", "-i", "testsrc=d=1:s=160x96", "-f", "lavfi", "-i", "sine=d=1", "-movflags", "frag_keyframe"]
    subprocess.run(["ffmpeg", "-v", "error", *made, "-c:v", "mpeg4", path], check=True, stdin=subprocess.DEVNULL)
    left = path.read_bytes()
    with pytest.raises(MediumError, match="none of onset's own recordings"):
        repair(path)
    assert path.read_bytes() == left


@pytest.mark.parametrize("fault", ["written", "digest"])
def test_what_does_not_read_back_takes_the_name(
    fault: str, killed: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.mov"
    path.write_bytes(killed)
    copy = repair_module._copy

    def lying(old: InputContainer, file: BinaryIO, good: int, marks: Sequence[Moment]) -> tuple[int, str]:
        written, digest = copy(old, file, good, marks)
        return (written + 1, digest) if fault == "written" else (written, digest[::-1])

    monkeypatch.setattr(repair_module, "_copy", lying)
    with pytest.raises(MediumError, match="reads back differently"):
        repair(path)
    assert path.read_bytes() == killed
    assert [each.name for each in tmp_path.iterdir()] == ["a.mov"]


def test_a_repaired_take_has_lost_its_marks(tmp_path: Path) -> None:
    """The recorder is killed 2 s after the roll; another program reads where the marks are."""
    require("ffprobe", "ffmpeg is not installed")
    rig = Rig(tmp_path)
    rig.shoot(3)
    rig.roll()
    rig.shoot(2)
    written = threading.Event()
    rig.lane.put(0, written.set)
    assert written.wait(20)
    (path,) = tmp_path.rglob("*.mov")
    assert (examine(path).state, examine(path).detail) == ("busy", "it is being recorded")
    with pytest.raises(MediumError, match="is being recorded or repaired by another program"):
        repair(path)
    left = path.with_name("killed.mov")
    left.write_bytes(path.read_bytes())
    rig.end()
    assert (examine(path).state, examine(left).state) == ("whole", "repairable")
    repair(left, [Moment(NS, 'the "good" bit; ü'), Moment(NS // 2, ""), Moment(60 * NS, "after its end")])
    filmed = decode_all(left)
    rolled_at = next(at for at, strip in zip(filmed.times, filmed.strips, strict=True) if strip and strip.number == 75)
    command = ["ffprobe", "-v", "error", "-show_chapters", "-of", "json", str(left)]
    said = json.loads(subprocess.run(command, check=True, capture_output=True).stdout)["chapters"]
    assert [each["tags"]["title"] for each in said] == ["Start", "Mark 2", 'the "good" bit; ü']
    starts = [float(each["start_time"]) for each in said]
    assert starts == pytest.approx([0, float(rolled_at) + 0.5, float(rolled_at) + 1], abs=0.041)
    assert float(said[-1]["end_time"]) == pytest.approx(len(filmed.strips) / 25, abs=0.01)
    assert examine(left).state == "whole"


def test_a_disk_without_room_costs_the_only_copy(killed_sound: bytes, tmp_path: Path) -> None:
    path = tmp_path / "folder" / "a.wav"
    path.parent.mkdir()
    path.write_bytes(killed_sound)
    (path.parent / ".a.wav.repair").mkdir()  # nothing can be written there
    with pytest.raises(MediumError, match="Nothing can be written beside"):
        repair(path)
    assert path.read_bytes() == killed_sound
