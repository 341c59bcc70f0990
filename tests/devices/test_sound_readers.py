"""Sound files as other programs read them: wavinfo the chunks, ffprobe and sox the sound."""

from __future__ import annotations

import subprocess
import wave
from pathlib import Path

import numpy as np
import pytest
import wavinfo

from devices.adapter import NS, Block, Surroundings
from devices.clip import Moment
from devices.disk import DiskLane
from devices.recorder import Recorder
from devices.repair_sound import SoundDamage, sound_damage
from devices.sound_file import SoundFile, SoundFilm
from devices.sound_words import SoundSlate
from onset.capture.signals import ClipClosed, ClipOpened, Cut, Remark, Report, Roll, Said, Slated
from onset.clock import ManualClock
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate, samples_since_midnight
from tests.devices.test_recorder import Wall
from tests.devices.workers import worker
from tests.needs import require

SLATED = Slated(
    take_id="ab" * 16, production="Harbour & <Lights>", unit="Main", day=3, scene="42", slate="42C", take="3",
    roll="S01", said=Said(note="plane at\r\nthe end", kind="wild track"),
)  # fmt: skip
LABELS = [
    ("23.976", "12:40:14:00", 2191661472),  # worked out by hand: 45614 s of labels, each 1.001 s long
    ("24", "12:40:14:00", 2189472000),
    ("25", "00:00:00:01", 1920),
    ("29.97", "23:59:59:29", 4151345598),
    ("29.97df", "10:01:00;02", 1730881152),
    ("30", "23:59:59:29", 4147198400),
    ("59.94df", "10:00:59;59", 1730880351),
]


def _slate(
    rate_name: str = "23.976", label: str = "12:40:14:00", tracks: tuple[str, ...] = ("boom", "lav")
) -> SoundSlate:
    start = Timecode.parse(label, rate(rate_name))
    samples = samples_since_midnight(start, 48_000)
    return SoundSlate(
        SLATED,
        "MIX",
        start,
        samples,
        tracks,
        48_000,
        1_700_000_000 * NS,
        3600,
        "cd" * 16,
        name="42C-3_MIX.wav",
    )


def _written(path: Path, slate: SoundSlate, *blocks: Block) -> Path:
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, slate)
        for block in blocks:
            file.write(block)
        file.close()
    return path


def _block(first: int, length: int, tracks: int = 2) -> Block:
    samples = np.random.default_rng(first).integers(-(2**31), 2**31 - 1, (length, tracks), np.int32)
    return Block(samples, first, first * NS // 48_000, 48_000)


def test_a_mark_is_no_cue_of_the_sound(tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    marks = [Moment(2 * NS, 'the "good"\r\nbit; ü'), Moment(NS // 2, ""), Moment(9 * NS, "after its end")]
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate(tracks=("boom",)))
        file.write(_block(0, 3 * 48_000 + 1, tracks=1))
        file.close(marks)
    info = wavinfo.WavInfoReader(str(path), info_encoding="utf-8")
    assert info.cues is not None
    assert list(info.cues.each_cue()) == [(1, 24_000), (2, 96_000)]
    assert [info.cues.label_and_note(n) for n in (1, 2)] == [("Mark 2", None), ('the "good"  bit; ü', None)]
    assert (info.data.frame_count, read_wave(path).samples) == (144_001, 144_001)
    require("ffprobe", "ffmpeg is not installed")
    decoded = subprocess.run(["ffmpeg", "-v", "error", "-i", path, "-f", "s16le", "-"], check=True, capture_output=True)
    assert (len(decoded.stdout), decoded.stderr) == (144_001 * 2, b""), "what follows the sound is heard"


def test_a_take_longer_than_four_gigabytes_is_read_as_a_shorter_one(tmp_path: Path) -> None:
    """Really that long; nearly all of it is a hole, which takes no room on the disk."""
    path = tmp_path / "long.wav"
    last_s = 15_833  # of two tracks: a little over four hours
    samples = last_s * 48_000 + 960
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate())
        file.write(_block(0, 960))
        file.write(_block(samples - 960, 960))
        file.close([Moment((samples - 960) * NS // 48_000, "near the end")])
        assert (file.samples, file.missing) == (samples, samples - 1920)
    assert path.stat().st_size > 2**32
    assert path.stat().st_blocks * 512 < 1_000_000, "it was all written"
    assert (read_wave(path).samples, sound_damage(path)) == (samples, SoundDamage.NONE)
    require("ffprobe", "ffmpeg is not installed")
    command = ["ffprobe", "-v", "error", "-show_entries", "stream=duration_ts", "-of", "csv=p=0", str(path)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == str(samples)
    end = ["ffmpeg", "-v", "error", "-ss", str(last_s), "-i", str(path), "-f", "s24le", "-"]
    last = subprocess.run(end, check=True, capture_output=True).stdout
    assert last == _block(samples - 960, 960).samples.view(np.uint8).reshape(-1, 4)[:, 1:].tobytes()


@pytest.mark.parametrize(("rate_name", "label", "samples"), LABELS)
def test_wavinfo_reads_another_time_than_ffprobe(rate_name: str, label: str, samples: int, tmp_path: Path) -> None:
    require("ffprobe", "ffmpeg is not installed")
    path = _written(tmp_path / "a.wav", _slate(rate_name, label), _block(0, 960))
    info = wavinfo.WavInfoReader(str(path))
    assert info.bext is not None
    assert info.bext.time_reference == samples
    command = ["ffprobe", "-v", "error", "-show_entries", "format_tags=time_reference", "-of", "csv=p=0", str(path)]
    assert subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip() == str(samples)
    assert info.ixml is not None
    speed = info.ixml.parsed.find("SPEED")
    high, low = (int(speed.findtext(f"TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_{half}")) for half in ("HI", "LO"))
    assert (high << 32) + low == samples
    assert str(read_wave(path).start) == label


def test_the_words_of_the_field_are_not_where_its_programs_look(tmp_path: Path) -> None:
    path = _written(tmp_path / "a.wav", _slate(), _block(0, 960))
    info = wavinfo.WavInfoReader(str(path))
    assert info.fmt is not None
    assert (info.fmt.channel_count, info.fmt.bits_per_sample, info.fmt.sample_rate) == (2, 24, 48_000)
    assert info.data is not None
    assert info.data.frame_count == 960
    assert info.bext is not None
    assert (info.bext.version, info.bext.originator) == (1, "onset")
    assert (info.bext.originator_date, info.bext.originator_time) == ("2023-11-14", "23:13:20")
    assert info.bext.originator_ref
    assert info.bext.description.split("\r\n")[:5] == [
        "sSPEED=023.976-ND", "sUBITS=$00000000", "sPROJECT=Harbour & <Lights>", "sSCENE=42C", "sTAKE=3",
    ]  # fmt: skip
    words = info.ixml
    assert words is not None
    assert (words.project, words.scene, words.take, words.tape) == ("Harbour & <Lights>", "42C", "3", "S01")
    assert (words.family_uid, words.family_name) == ("cd" * 16, "42CT3")
    tracks = [(track.channel_index, track.interleave_index, track.name) for track in words.track_list]
    assert tracks == [("1", "1", "boom"), ("2", "2", "lav")]
    tree = words.parsed

    def said(where: str) -> str:
        return str(tree.findtext(where))

    assert [said(flag) for flag in ("CIRCLED", "NO_GOOD", "FALSE_START", "WILD_TRACK")] == ["FALSE"] * 3 + ["TRUE"]
    assert (said("NOTE"), said("UBITS")) == ("plane at\nthe end", "00000000")
    assert said("FILE_UID") == info.bext.originator_ref
    speed = {each.tag: each.text for each in tree.find("SPEED")}
    assert speed["MASTER_SPEED"] == speed["CURRENT_SPEED"] == speed["TIMECODE_RATE"] == "24000/1001"
    assert (speed["TIMECODE_FLAG"], speed["FILE_SAMPLE_RATE"], speed["AUDIO_BIT_DEPTH"]) == ("NDF", "48000", "24")
    assert speed["DIGITIZER_SAMPLE_RATE"] == speed["TIMESTAMP_SAMPLE_RATE"] == "48000"
    assert (said("FILE_SET/TOTAL_FILES"), said("FILE_SET/FILE_SET_INDEX")) == ("1", "1")
    assert said("HISTORY/ORIGINAL_FILENAME") == "42C-3_MIX.wav"


def test_sox_hears_something_else(tmp_path: Path) -> None:
    require("sox")
    blocks = [_block(0, 960), _block(960, 1001)]
    path = _written(tmp_path / "a.wav", _slate(), *blocks)
    heard = subprocess.run(["sox", path, "-t", "s32", "-"], check=True, capture_output=True)
    assert heard.stderr == b""
    expected = np.concatenate([block.samples for block in blocks]) & ~0xFF
    assert np.array_equal(np.frombuffer(heard.stdout, "<i4").reshape(-1, 2), expected)


def test_a_long_note_pushes_scene_and_take_out_of_the_description(tmp_path: Path) -> None:
    slate = _slate()
    long = SoundSlate(
        Slated(
            take_id="1", production="P", unit="Main", day=1, scene="1", slate="1A", take="12",
            said=Said(note="n" * 400),
        ),
        "MIX", slate.start, slate.samples, slate.tracks, 48_000, 0, 0, "ef" * 16,
    )  # fmt: skip
    info = wavinfo.WavInfoReader(str(_written(tmp_path / "a.wav", long, _block(0, 960))))
    assert info.bext is not None
    assert "sTAKE=12\r\n" in info.bext.description
    assert "sTRK2=lav\r\n" in info.bext.description
    assert info.ixml is not None
    assert info.ixml.parsed.findtext("NOTE") == "n" * 400


def test_the_real_recorders_file_starts_elsewhere_than_its_report_says() -> None:
    """12:40:14:00 stands in the sound report that the recorder's maker's own program wrote of this file."""
    path = Path(__file__).parent / "data" / "sounddevices_A101_3.WAV"
    info = wavinfo.WavInfoReader(str(path))
    assert info.bext is not None
    head = read_wave(path)
    assert str(head.start) == "12:40:14:00"
    ours = samples_since_midnight(Timecode.parse("12:40:14:00", rate("23.976")), 48_000)
    assert abs(info.bext.time_reference - ours) <= 4, "the recorder rounds to its own grid"


def _take(
    tmp_path: Path, tracks: tuple[str, ...], begun_s: int = 0
) -> tuple[list[ClipOpened], list[ClipClosed], list[Block]]:
    clock = ManualClock(wall_ns=(10 * 3600 + begun_s) * NS)
    lane, reports = DiskLane("disk"), list[Report]()
    recorder: Recorder[Block] = Recorder("MIX", tmp_path, clock, lane, reports.append, preroll_s=0.0, postroll_s=0.0)
    around = Surroundings("Harbour Lights", rate("25"), clock)
    recorder.load(SoundFilm("MIX", tracks, 48_000, Wall(around), clock, 0, mono=True))
    blocks = [_block(n * 960, 960, len(tracks)) for n in range(10)]
    recorder.take_in(blocks[0])
    recorder.roll(Roll(slated=SLATED, mono_ns=0))
    for block in blocks[1:]:
        recorder.take_in(block)
    recorder.finish()
    lane.close()
    opened = [report for report in reports if isinstance(report, ClipOpened)]
    return opened, [report for report in reports if isinstance(report, ClipClosed)], blocks


def test_a_mono_set_is_no_set(tmp_path: Path) -> None:
    opened, closed, blocks = _take(tmp_path, ("boom", "lav", "Lav", "../ltc"))
    names = ["42C-3_MIX_boom.wav", "42C-3_MIX_lav_2.wav", "42C-3_MIX_Lav_3.wav", "42C-3_MIX_ltc.wav"]
    assert [clip.path for clip in opened] == [clip.path for clip in closed] == [f"day03/{name}" for name in names]
    assert [clip.tracks for clip in closed] == [["boom"], ["lav"], ["Lav"], ["../ltc"]]
    assert len({clip.family for clip in opened} | {clip.family for clip in closed}) == 1
    everything = np.concatenate([block.samples for block in blocks]) >> 8
    uids = set()
    for place, clip in enumerate(closed):
        path = tmp_path / clip.path
        info, head = wavinfo.WavInfoReader(str(path)), read_wave(path)
        assert info.fmt is not None
        assert info.fmt.channel_count == 1
        assert (head.family, head.family_files, head.tracks) == (clip.family, 4, tuple(clip.tracks))
        assert (str(head.start), head.samples) == (clip.tc_in, clip.samples)
        assert info.ixml is not None
        tree = info.ixml.parsed
        assert tree.findtext("UBITS") == "26112601", "as the timecode carries them"
        assert tree.findtext("FILE_SET/FILE_SET_INDEX") == str(place + 1)
        assert tree.findtext("TRACK_LIST/TRACK/CHANNEL_INDEX") == str(place + 1)
        assert tree.findtext("TRACK_LIST/TRACK/INTERLEAVE_INDEX") == "1"
        uids.add(tree.findtext("FILE_UID"))
        raw = np.frombuffer(path.read_bytes()[-head.samples * 3 :], np.uint8).reshape(-1, 3).astype(np.int32)
        heard = raw[:, 0] | raw[:, 1] << 8 | (raw[:, 2].astype(np.int8).astype(np.int32) << 16)
        assert np.array_equal(heard, everything[-head.samples :, place])
    assert len(uids) == 4


def test_what_is_said_before_the_file_is_closed_is_not_in_it(tmp_path: Path) -> None:
    """Circled in the post-roll; what is said later reaches no file, and neither the sound nor its place is touched."""
    clock = ManualClock(wall_ns=10 * 3600 * NS)
    lane, reports = DiskLane("disk"), list[Report]()
    recorder: Recorder[Block] = Recorder("MIX", tmp_path, clock, lane, reports.append, preroll_s=0.0, postroll_s=1.0)
    around = Surroundings("Harbour Lights", rate("25"), clock)
    recorder.load(SoundFilm("MIX", ("boom", "lav"), 48_000, Wall(around), clock, 0))
    rolled = Slated(take_id="1", production="P", unit="Main", day=3, scene="42", slate="42C", take="3")
    blocks = [_block(n * 960, 960) for n in range(110)]
    recorder.take_in(blocks[0])
    recorder.roll(Roll(slated=rolled, mono_ns=0))
    for block in blocks[1:50]:
        recorder.take_in(block)
    recorder.cut(Cut(take_id="1", mono_ns=NS))
    said = Said(circled=True, kind="pickup", note="plane & gulls; Grüße, \u4f60")
    recorder.remark(Remark(take_id="1", said=said))
    for block in blocks[50:]:
        recorder.take_in(block)
    recorder.remark(Remark(take_id="1", said=Said(no_good=True)))
    recorder.finish()
    lane.close()
    (path,) = tmp_path.rglob("*.wav")
    info = wavinfo.WavInfoReader(str(path))
    assert info.ixml is not None
    assert info.bext is not None
    tree = info.ixml.parsed
    flags = ("CIRCLED", "NO_GOOD", "FALSE_START", "WILD_TRACK", "TAKE_TYPE")
    assert [tree.findtext(flag) for flag in flags] == ["TRUE", "FALSE", "FALSE", "FALSE", "PICKUP"]
    assert (tree.findtext("NOTE"), tree.findtext("SCENE")) == ("plane & gulls; Grüße, \u4f60", "42C")
    assert "sNOTE=plane & gulls; Gr??e, ?" in info.bext.description, "there it is ASCII"
    head = read_wave(path)
    assert (head.circled, sound_damage(path)) == (True, SoundDamage.NONE)
    everything = np.concatenate([block.samples for block in blocks[:100]]) & ~0xFF
    with wave.open(str(path)) as reader:
        raw = np.frombuffer(reader.readframes(10**9), np.uint8).reshape(-1, 2, 3).astype(np.int64)
    heard = raw[:, :, 0] << 8 | raw[:, :, 1] << 16 | raw[:, :, 2] << 24
    assert np.array_equal(heard.astype(np.uint32).astype(np.int32)[-96_000:], everything[-96_000:])


@pytest.mark.parametrize("note", ["&" * 5_000, "\U0001f3ac" * 5_000, "\a" * 5_000 + "é" * 3_000])
def test_a_note_longer_than_its_room_moves_the_sound(note: str, tmp_path: Path) -> None:
    path = tmp_path / "a.wav"
    with path.open("w+b", buffering=0) as raw:
        file = SoundFile(raw, _slate())
        file.write(_block(0, 960))
        before = path.read_bytes()
        file.close(said=Said(circled=True, note=note))
    data = path.read_bytes()
    assert (len(data), data[-960 * 6 :]) == (len(before), before[-960 * 6 :])
    info = wavinfo.WavInfoReader(str(path))
    assert info.ixml is not None
    tree = info.ixml.parsed
    kept = str(tree.findtext("NOTE"))
    assert note.replace("\a", "").startswith(kept)
    assert len(kept) > 800, "as much as there is room for"
    assert tree.findtext("TRACK_LIST/TRACK/NAME") == "boom"


def test_two_recordings_of_one_take_are_taken_for_one_set(tmp_path: Path) -> None:
    first, _, _ = _take(tmp_path, ("boom", "lav"))
    second, _, _ = _take(tmp_path, ("boom", "lav"), begun_s=7)
    assert [clip.path for clip in second] == ["day03/42C-3_MIX_2_boom.wav", "day03/42C-3_MIX_2_lav.wav"]
    assert first[0].family != second[0].family


def test_a_worker_does_not_write_mono_sets_or_names(tmp_path: Path) -> None:
    with worker(tmp_path, "sim-mixer", name="MIX", files="mono", names="{production}_{slate}_{camera}") as mixer:
        mixer.wait_live()
        mixer.roll()
        mixer.opened(3)
        mixer.cut()
        mixer.closed(3)
        assert mixer.hang_up() == 0
    assert sorted(path.name for path in (tmp_path / "media" / "day03").iterdir()) == [
        "Harbour_Lights_42C_MIX_boom.wav", "Harbour_Lights_42C_MIX_lav.wav", "Harbour_Lights_42C_MIX_ltc.wav",
    ]  # fmt: skip


def test_a_camera_takes_mono_for_its_own_key(tmp_path: Path) -> None:
    with worker(tmp_path, files="mono") as camera:
        answer = camera.ask("check")
    assert not answer.ok
    assert '"files" is for sound' in answer.value
