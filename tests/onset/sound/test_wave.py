"""Wave files of recorders: what they say, and what is left when they are cut, damaged or hostile."""

from __future__ import annotations

import struct
from pathlib import Path

import pytest

from onset.domain.camera import Source
from onset.errors import MediumError
from onset.sound.folder import read_sound, wave_files
from onset.sound.wave import Wave, read_wave
from onset.timecode import rate

DATA = Path(__file__).parents[2] / "data" / "sound"
RECORDED = DATA / "wavinfo_sounddevices_A101_3.WAV"  # a Sound Devices 702T; its report says 12:40:14:00


def chunk(name: bytes, body: bytes) -> bytes:
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)


def wave_bytes(*extra: bytes, samples: int = 4800, rate_hz: int = 48_000) -> bytes:
    head = chunk(b"fmt ", struct.pack("<HHIIHH", 1, 2, rate_hz, rate_hz * 6, 6, 24))
    body = b"WAVE" + head + b"".join(extra) + chunk(b"data", bytes(samples * 6))
    return b"RIFF" + struct.pack("<I", len(body)) + body


def bext(description: str, reference: int = 0) -> bytes:
    fixed = (
        description.encode().ljust(256, b"\0") + b"Gallery".ljust(32, b"\0") + bytes(32) + b"2026:09:30" + b"09:15:00"
    )
    return chunk(b"bext", fixed + struct.pack("<Q", reference) + bytes(256))


def ixml(words: str) -> bytes:
    return chunk(b"iXML", f"<BWFXML>{words}</BWFXML>".encode())


def written(folder: Path, content: bytes, name: str = "T001.WAV") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_a_recorders_file_starts_when_its_own_report_says() -> None:
    wave = read_wave(RECORDED)
    assert str(wave.start) == "12:40:14:00"
    assert wave.tags == {"project": "BMH", "scene": "A101", "take": "3", "reel": "18Y12M31"}
    assert wave.tracks == ("MKH516 A", "Boom")  # its iXML stands before the format
    assert (wave.made, wave.family) == ("2018-12-31 12:40:06", "USSDVGR1112089007124014008228300")


def test_flags_family_and_pre_record_of_a_mono_set(tmp_path: Path) -> None:
    words = (
        "<SCENE>42C</SCENE><TAKE>3</TAKE><CIRCLED>TRUE</CIRCLED><WILD_TRACK>FALSE</WILD_TRACK>"
        "<FILE_SET><TOTAL_FILES>4</TOTAL_FILES><FAMILY_UID>F1</FAMILY_UID></FILE_SET>"
        "<SPEED><TIMECODE_RATE>30000/1001</TIMECODE_RATE><TIMECODE_FLAG>DF</TIMECODE_FLAG></SPEED>"
        "<SYNC_POINT_LIST><SYNC_POINT><SYNC_POINT_FUNCTION>PRE_RECORD_SAMPLECOUNT</SYNC_POINT_FUNCTION>"
        "<SYNC_POINT_LOW>480000</SYNC_POINT_LOW></SYNC_POINT></SYNC_POINT_LIST>"
    )
    wave = read_wave(written(tmp_path, wave_bytes(ixml(words), bext("", 48_000 * 3600))))
    assert (wave.circled, wave.wild, wave.no_good) == (True, False, None)
    assert (wave.family, wave.family_files, wave.pre_record) == ("F1", 4, 480_000)
    assert str(wave.start) == "01:00:00;00"


def test_words_of_the_description_where_there_is_no_ixml(tmp_path: Path) -> None:
    said = "sSPEED=025.000-ND\r\nsTAKE=7\r\nsSCENE=12A\r\nsTAPE=260930\r\nsTRK1=Boom\r\nsTRK2=Lav\r\n"
    wave = read_wave(written(tmp_path, wave_bytes(bext(said, 48_000 * 7200))))
    assert (wave.tags["scene"], wave.tags["take"], wave.tags["reel"]) == ("12A", "7", "260930")
    assert (str(wave.start), wave.tracks) == ("02:00:00:00", ("Boom", "Lav"))


def test_the_ixml_comes_before_the_description(tmp_path: Path) -> None:
    content = wave_bytes(bext("sSCENE=1\r\nsTAKE=1\r\n"), ixml("<SCENE>2</SCENE>"))
    assert read_wave(written(tmp_path, content)).tags == {"scene": "2", "take": "1"}


def test_a_stamp_that_counts_other_samples_than_the_file_has(tmp_path: Path) -> None:
    """A recorder pulled down: 48,048 samples a second are recorded, the stamp counts 48,000."""
    speed = "<SPEED><TIMECODE_RATE>24/1</TIMECODE_RATE><TIMESTAMP_SAMPLE_RATE>48000</TIMESTAMP_SAMPLE_RATE></SPEED>"
    content = wave_bytes(ixml(speed), bext("", 48_000 * 36_000), rate_hz=48_048)
    assert str(read_wave(written(tmp_path, content)).start) == "10:00:00:00"


@pytest.mark.parametrize(
    "words",
    [
        "<SCENE>42C<TAKE>3",
        '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><SCENE>&e;</SCENE>',
        "\x00\x01\x02",
        "<SPEED><TIMECODE_RATE>1/0</TIMECODE_RATE><TIMESTAMP_SAMPLE_RATE>999999999999</TIMESTAMP_SAMPLE_RATE></SPEED>",
        "<TRACK_LIST><TRACK><INTERLEAVE_INDEX>99999999999</INTERLEAVE_INDEX></TRACK></TRACK_LIST>",
    ],
)
def test_damaged_and_hostile_words_cost_only_themselves(tmp_path: Path, words: str) -> None:
    wave = read_wave(written(tmp_path, wave_bytes(ixml(words), bext("", 96_000))))
    assert (wave.samples, wave.time_reference) == (4800, 96_000)
    assert "root:" not in wave.tags.get("scene", "")


def test_every_truncation_is_told_or_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = wave_bytes(ixml("<SCENE>1</SCENE>"), bext("sTAKE=1\r\n", 48_000), samples=100)
    for length in range(0, len(whole), 7):
        path = written(tmp_path, whole[:length])
        try:
            wave = read_wave(path)
        except MediumError as refused:
            said = str(refused)
        else:
            said = ""
            assert wave.samples <= 100
            assert wave.cut_short or wave.samples == 0
        assert said.count("\n") == 0


@pytest.mark.parametrize("content", [b"", b"RIFF", b"not a wave at all, really not", wave_bytes()[:20]])
def test_what_is_no_wave_file_comes_in_as_unreadable(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    found = read_sound(path, shown="sound/T001.WAV", device="MIX", unit="Main", day=1, rate=rate("24"))
    assert found.unreadable
    assert (found.name, found.path, found.duration_frames) == ("T001.WAV", "sound/T001.WAV", None)


def test_a_file_without_a_rate_is_labelled_at_the_productions(tmp_path: Path) -> None:
    path = written(tmp_path, wave_bytes(bext("", 48_000 * 3600)))
    found = read_sound(path, shown="T001.WAV", device="MIX", unit="Main", day=1, rate=rate("25"))
    assert (found.tc_in, found.tc_source, found.rate) == ("01:00:00:00", "file, rate assumed", "25")
    silent = read_sound(written(tmp_path, wave_bytes()), shown="T", device="MIX", unit="Main", day=1, rate=rate("25"))
    assert silent.tc_in is None


def test_a_folder_with_what_computers_leave_in_it(tmp_path: Path) -> None:
    for name in ("b/T002.WAV", "a/T001.wav", "a/._T001.wav", ".Trashes/T9.wav", "notes.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True, parents=True)
        (tmp_path / name).write_bytes(b"x")
    (tmp_path / "loop").symlink_to(tmp_path)
    (tmp_path / "link.wav").symlink_to(tmp_path / "a/T001.wav")
    assert [path.name for path in wave_files(tmp_path)] == ["T001.wav", "T002.WAV"]
    with pytest.raises(MediumError, match="cannot be read"):
        wave_files(tmp_path / "gone")


def test_the_source_is_kept() -> None:
    found = read_sound(
        RECORDED, shown="x", device="MIX", unit="Main", day=1, rate=rate("24"), source=Source.CARD, card="c"
    )
    assert (found.source, found.card, found.rate, found.tc_in) == (Source.CARD, "c", "23.976", "12:40:14:00")
    assert Wave().start is None


@pytest.mark.parametrize(
    "words",
    [
        "<SPEED><TIMECODE_RATE>1e999999999</TIMECODE_RATE></SPEED>",
        "<SPEED><TIMESTAMP_SAMPLE_RATE>000000001" + "0" * 5000 + "</TIMESTAMP_SAMPLE_RATE></SPEED>",
        "<FILE_SET><TOTAL_FILES>" + "9" * 5000 + "</TOTAL_FILES></FILE_SET>",
        "<SPEED><TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO>" + "9" * 5000 + "</TIMESTAMP_SAMPLES_SINCE_MIDNIGHT_LO></SPEED>",
    ],
)
def test_a_number_that_never_ends_holds_the_reader_up(tmp_path: Path, words: str) -> None:
    wave = read_wave(written(tmp_path, wave_bytes(ixml(words + "<SCENE>42C</SCENE>"))))
    assert (wave.tags["scene"], wave.rate, wave.timestamp_rate) == ("42C", None, None)


def test_a_note_of_megabytes_goes_into_the_log(tmp_path: Path) -> None:
    wave = read_wave(written(tmp_path, wave_bytes(ixml(f"<NOTE>{'x' * 1_000_000}</NOTE>"))))
    assert len(wave.tags["note"]) == 4000


def test_samples_a_second_that_no_recorder_takes_are_believed(tmp_path: Path) -> None:
    with pytest.raises(MediumError, match="no sound format"):
        read_wave(written(tmp_path, wave_bytes(rate_hz=700_000_000)))


@pytest.mark.parametrize("year", ["0001", "1904", "9999"])
def test_a_clock_that_was_never_set_gives_a_date(tmp_path: Path, year: str) -> None:
    content = wave_bytes(bext("sSCENE=42C")).replace(b"2026:09:30", f"{year}-01-01".encode())
    sound = read_sound(written(tmp_path, content), shown="T001.WAV", device="702T", unit="Main", day=1, rate=rate("25"))
    assert (sound.created_ns, sound.named_scene) == (None, "42C")
