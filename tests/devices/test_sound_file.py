"""Sound files: other programs read them, their time reference is exact, and a kill leaves a file and not a ruin."""

from __future__ import annotations

import json
import struct
import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest

from devices.adapter import NS, Block, Surroundings
from devices.disk import DiskLane
from devices.ltc import decode_ltc
from devices.media_av import AvMediaReader
from devices.recorder import Recorder
from devices.simulated.mixer import SimulatedMixer
from devices.sound_file import SoundFile, SoundFilm
from devices.sound_words import SoundSlate
from onset.capture.signals import ClipClosed, Cut, Report, Roll, Said, Slated
from onset.clock import ManualClock
from onset.errors import MediumError
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate, samples_since_midnight
from tests.devices.test_recorder import Wall
from tests.needs import require

DATA = Path(__file__).parent / "data"
SLATED = Slated(
    take_id="ab" * 16, production="Harbour & <Lights>", unit="main", day=3, scene="42", slate="42C", take="3",
    roll="S01", said=Said(note="plane\x07 at end"),
)  # fmt: skip


def _slate(
    rate_name: str = "23.976", label: str = "12:40:14:00", tracks: tuple[str, ...] = ("boom", "lav")
) -> SoundSlate:
    start = Timecode.parse(label, rate(rate_name))
    samples = samples_since_midnight(start, 48_000)
    return SoundSlate(SLATED, "MIX", start, samples, ("boom", "lav"), 48_000, 1_700_000_000 * NS, 3600, SLATED.take_id)


def _block(first: int, length: int, tracks: int = 2) -> Block:
    dice = np.random.default_rng(first)
    samples = dice.integers(-(2**31), 2**31 - 1, (length, tracks), np.int32)
    return Block(samples, first, first * NS // 48_000, 48_000)


def test_the_time_reference_is_that_of_a_field_recorder() -> None:
    """The label of a real recorder's file, from the report that was written with it."""
    info = AvMediaReader().probe(DATA / "sounddevices_A101_3.WAV")
    assert str(info.start) == "12:40:14:00"
    assert (info.sample_rate, info.codec) == (48_000, "pcm_s24le")
    assert (info.tags["scene"], info.tags["take"]) == ("A101", "3")


def test_another_program_reads_something_else(tmp_path: Path) -> None:
    require("ffprobe", "ffmpeg is not installed")
    path = tmp_path / "a.wav"
    blocks = [_block(0, 960), _block(960, 1001)]
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate())
        for block in blocks:
            file.write(block)
        file.close()
    said = json.loads(
        subprocess.run(
            ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", path],
            check=True,
            capture_output=True,
        ).stdout
    )
    tags = said["format"]["tags"]
    assert tags["time_reference"] == "2191661472"  # 12:40:14:00 at 24000/1001 and 48 kHz, worked out by hand
    assert (tags["date"], tags["creation_time"]) == ("2023-11-14", "23:13:20")
    assert "sSCENE=42C" in tags["comment"]
    stream = said["streams"][0]
    assert (stream["codec_name"], stream["channels"], stream["duration_ts"]) == ("pcm_s24le", 2, 1961)
    decoded = subprocess.run(
        ["ffmpeg", "-v", "error", "-i", path, "-f", "s32le", "-"], check=True, capture_output=True
    ).stdout
    expected = np.concatenate([block.samples for block in blocks]) & ~0xFF
    assert np.array_equal(np.frombuffer(decoded, "<i4").reshape(-1, 2), expected)
    with wave.open(str(path)) as reader:
        assert (reader.getnframes(), reader.getsampwidth(), reader.getframerate()) == (1961, 3, 48_000)


def test_its_words_are_not_those_of_the_slate(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate("29.97df", "10:01:00;02"))
        file.write(_block(0, 48_048))
        file.close()
    head = read_wave(path)
    assert head.tags == {
        "project": "Harbour & <Lights>", "scene": "42C", "take": "3", "reel": "S01", "note": "plane at end",
    }  # fmt: skip
    assert head.tracks == ("boom", "lav")
    assert str(head.start) == "10:01:00;02"
    assert head.samples == 48_048
    ixml = path.read_bytes()
    for part in (b"<TIMECODE_RATE>30000/1001<", b"<TIMECODE_FLAG>DF<", b"<FAMILY_UID>" + b"ab" * 16):
        assert part in ixml


def test_a_kill_leaves_a_ruin(tmp_path: Path) -> None:
    """Never closed: what the head promises is there, and it is all but the last quarter of a second."""
    path = tmp_path / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate())
        for n in range(170):
            file.write(_block(n * 960, 960))
            if n % 40 == 39:
                there = path.stat().st_size
                copy = tmp_path / f"killed{n}.wav"
                copy.write_bytes(path.read_bytes())
                head = read_wave(copy)
                assert struct.unpack_from("<I", copy.read_bytes(), 4)[0] + 8 <= there
                assert (n + 1) * 960 - 12_000 - 960 <= head.samples <= (n + 1) * 960
                with wave.open(str(copy)) as reader:
                    assert len(reader.readframes(10**9)) == head.samples * 6


def test_a_long_take_outgrows_its_head(tmp_path: Path) -> None:
    """Beyond the limit (4 GiB, here less) it is RF64; FFmpeg reads both."""
    path = tmp_path / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate(), largest=200_000)
        for n in range(100):
            file.write(_block(n * 960, 960))
        file.close()
    data = path.read_bytes()
    assert data[:4] == b"RF64"
    assert data[12:16] == b"ds64"
    riff_size, data_size, count = struct.unpack_from("<QQQ", data, 20)
    assert (riff_size, data_size, count) == (len(data) - 8, 96_000 * 6, 96_000)
    assert read_wave(path).samples == 96_000
    require("ffprobe", "ffmpeg is not installed")
    probe = ["ffprobe", "-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0", str(path)]
    assert subprocess.run(probe, check=True, capture_output=True, text=True).stdout.strip() == "96000"


def test_lost_samples_pull_the_rest_forward(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate())
        file.write(_block(0, 960))
        file.write(_block(1960, 960))
        file.close()
        assert (file.samples, file.missing) == (2920, 1000)
    assert read_wave(path).samples == 2920


@pytest.mark.parametrize(
    "damage",
    [
        b"",
        b"RIFF",
        b"RIFF\0\0\0\0WAVE",
        b"not a wave file at all, but text",
        b"RIFF\0\0\0\0WAVEfmt \xff\xff\xff\x7f1234",
    ],
)
def test_a_damaged_file_is_believed(damage: bytes, tmp_path: Path) -> None:
    path = tmp_path / "bad\x1b.wav"
    path.write_bytes(damage)
    with pytest.raises(MediumError, match=r"\.$") as caught:
        read_wave(path)
    assert "\x1b" not in str(caught.value)


@pytest.mark.parametrize("cut_at", range(0, 3000, 97))
def test_a_file_cut_anywhere_crashes_the_reader(cut_at: int, tmp_path: Path) -> None:
    path = tmp_path / "cut.wav"
    path.write_bytes((DATA / "sounddevices_A101_3.WAV").read_bytes()[:cut_at])
    try:
        head = read_wave(path)
    except MediumError:
        return
    assert head.samples * 6 <= cut_at


@pytest.mark.parametrize("rate_name", ["23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94df"])
def test_head_and_timecode_track_disagree(rate_name: str, tmp_path: Path) -> None:
    """The file starts on a frame; its reference and the label on its own track agree to one sample."""
    clock = ManualClock(wall_ns=10 * 3600 * NS)
    around = Surroundings("Harbour Lights", rate(rate_name), clock)
    mixer = SimulatedMixer("MIX", {}, around)
    form = mixer.open()
    lane, reports = DiskLane("disk"), list[Report]()
    recorder: Recorder[Block] = Recorder("MIX", tmp_path, clock, lane, reports.append, preroll_s=1.0, postroll_s=0.5)
    recorder.load(SoundFilm("MIX", form.tracks, form.sample_rate, Wall(around), clock, 0))
    _feed(mixer, recorder, 2)
    recorder.roll(Roll(slated=SLATED, mono_ns=clock.monotonic_ns()))
    _feed(mixer, recorder, 1)
    recorder.cut(Cut(take_id=SLATED.take_id, mono_ns=clock.monotonic_ns()))
    _feed(mixer, recorder, 1)
    recorder.finish()
    lane.close()
    (clip,) = [report for report in reports if isinstance(report, ClipClosed)]
    head = read_wave(tmp_path / clip.path)
    assert clip.samples == head.samples
    assert 2.4 * 48_000 <= head.samples <= 2.6 * 48_000
    assert str(head.start) == clip.tc_in
    assert clip.tracks == ["boom", "lav", "ltc"]
    assert head.pre_record is not None
    assert head.time_reference is not None
    rolled = (10 * 3600 + 2) * 48_000
    assert abs(head.time_reference + head.pre_record - rolled) <= 1 / rate(rate_name).fps * 48_000, (
        "the key, to a frame"
    )
    tape = decode_ltc(track_of(tmp_path / clip.path, 2), 48_000)
    carried = rate({"50": "25", "59.94df": "29.97df"}.get(rate_name, rate_name))
    assert len(tape.labels) > 40
    for heard in tape.labels:
        label = heard.at(carried)
        assert label is not None
        assert head.time_reference is not None
        assert abs(head.time_reference + heard.sample - samples_since_midnight(label, 48_000)) <= 1


def test_a_take_right_after_the_mixer_came_starts_off_the_frame(tmp_path: Path) -> None:
    """A block of 20 ms is shorter than a frame: the file waits for the frame to begin."""
    clock = ManualClock(wall_ns=10 * 3600 * NS + 1)
    around = Surroundings("Harbour Lights", rate("25"), clock)
    mixer = SimulatedMixer("MIX", {}, around)
    form = mixer.open()
    lane, reports = DiskLane("disk"), list[Report]()
    recorder: Recorder[Block] = Recorder("MIX", tmp_path, clock, lane, reports.append, preroll_s=1.0, postroll_s=0.5)
    recorder.load(SoundFilm("MIX", form.tracks, form.sample_rate, Wall(around), clock, 0))
    recorder.take_in(mixer.read())
    recorder.roll(Roll(slated=SLATED, mono_ns=clock.monotonic_ns()))
    _feed(mixer, recorder, 1)
    recorder.finish()
    lane.close()
    (clip,) = [report for report in reports if isinstance(report, ClipClosed)]
    head = read_wave(tmp_path / clip.path)
    heard = decode_ltc(track_of(tmp_path / clip.path, 2), 48_000).labels[5]
    label = heard.at(rate("25"))
    assert label is not None
    assert head.time_reference is not None
    assert abs(head.time_reference + heard.sample - samples_since_midnight(label, 48_000)) <= 1


def _feed(mixer: SimulatedMixer, recorder: Recorder[Block], seconds: int) -> None:
    for _ in range(50 * seconds):
        recorder.take_in(mixer.read())


def track_of(path: Path, track: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    """One track, read by Python's own library."""
    with wave.open(str(path)) as reader:
        raw = np.frombuffer(reader.readframes(reader.getnframes()), np.uint8).reshape(-1, reader.getnchannels(), 3)
    wide = raw[:, track].astype(np.int32)
    return ((wide[:, 0] << 8 | wide[:, 1] << 16 | wide[:, 2] << 24) / 2.0**31).astype(np.float32)
