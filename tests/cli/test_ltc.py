"""`onset ltc`: any sound file in, timecode out; and a file that others read."""

from __future__ import annotations

import json
import struct
import subprocess
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from devices.ltc import write_ltc
from onset.cli.main import main
from onset.timecode import Timecode, rate
from tests.devices.ltc_sounds import Case, libltc, read_by_libltc
from tests.needs import require

HERTZ = 48_000
PCM, FLOAT, EXTENSIBLE = 1, 3, 0xFFFE


def ltc(seconds: int = 3, start: str = "10:00:00:00", name: str = "25") -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    first = Timecode.parse(start, rate(name))
    return write_ltc(first, Fraction(0), seconds * HERTZ, HERTZ, 0.25).astype(np.float64)


def packed(tracks: list[np.ndarray[tuple[int], np.dtype[np.float64]]], bits: int, kind: int) -> bytes:
    wave = np.stack(tracks, axis=1)
    if kind == FLOAT:
        return bytes(wave.astype(f"<f{bits // 8}").tobytes())
    whole = np.round(wave * (2 ** (bits - 1) - 1)).astype("<i4")
    if bits == 8:
        return bytes((whole + 128).astype("u1").tobytes())
    return bytes(whole.reshape(-1, 1).view("u1").reshape(-1, 4)[:, : bits // 8].tobytes())


def wav(
    path: Path,
    tracks: list[np.ndarray[tuple[int], np.dtype[np.float64]]],
    bits: int = 24,
    kind: int = PCM,
    *,
    magic: bytes = b"RIFF",
    extensible: bool = False,
    promised: int | None = None,
) -> Path:
    """A file as other programs write it."""
    data = packed(tracks, bits, kind)
    size = len(data) if promised is None else promised
    frame = len(tracks) * bits // 8
    form = struct.pack("<HHIIHH", EXTENSIBLE if extensible else kind, len(tracks), HERTZ, HERTZ * frame, frame, bits)
    if extensible:
        form += struct.pack("<HHIH", 22, bits, 0, kind) + bytes.fromhex("000000001000800000aa00389b71")
    head = b"WAVE"
    if magic != b"RIFF":
        head += b"ds64" + struct.pack("<IQQQI", 28, 0, size, 0, 0)
        size = 0xFFFFFFFF
    head += b"LIST" + struct.pack("<I", 5) + b"hello\0" + b"fmt " + struct.pack("<I", len(form)) + form
    path.write_bytes(magic + b"\xff\xff\xff\xff" + head + b"data" + struct.pack("<I", size) + data)
    return path


def decoded(capsys: pytest.CaptureFixture[str], *words: str | Path) -> dict[str, object]:
    capsys.readouterr()
    assert main(["ltc", "decode", *map(str, words), "--json"]) == 0
    found: dict[str, object] = json.loads(capsys.readouterr().out)
    return found


def refused(capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
    capsys.readouterr()
    code = main(["ltc", *map(str, words)])
    shown = capsys.readouterr()
    assert code in (1, 2)
    assert shown.out == ""
    assert shown.err.startswith("onset: ")
    assert shown.err.count("\n") == 1
    return shown.err


@pytest.mark.parametrize(
    ("bits", "kind", "magic", "extensible"),
    [
        (8, PCM, b"RIFF", False),
        (16, PCM, b"RIFF", False),
        (24, PCM, b"RIFF", True),
        (24, PCM, b"RF64", False),
        (32, PCM, b"BW64", False),
        (32, FLOAT, b"RIFF", True),
        (64, FLOAT, b"RIFF", False),
    ],
)
def test_a_kind_of_wave_file_is_not_read(
    bits: int, kind: int, magic: bytes, extensible: bool, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    dice = np.random.default_rng(2)
    boom = dice.normal(0, 0.1, 3 * HERTZ)
    file = wav(tmp_path / "a.wav", [boom, np.zeros(3 * HERTZ), ltc()], bits, kind, magic=magic, extensible=extensible)
    found = decoded(capsys, file)
    assert (found["rate"], found["drop"], found["channel"], found["also"]) == ("25", False, 3, [])
    labels = found["labels"]
    assert isinstance(labels, list)
    assert [each["tc"] for each in labels] == [f"10:00:{i // 25:02d}:{i % 25:02d}" for i in range(75)]
    assert all(abs(each["sample"] - i * 1920) <= 1 for i, each in enumerate(labels))
    assert all(set(each) == {"sample", "tc", "reverse", "inferred"} for each in labels)


def test_timecode_that_starts_late_is_not_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """After the first stretch that is listened to, and after its end."""
    silence = np.zeros(15 * HERTZ)
    found = decoded(capsys, wav(tmp_path / "a.wav", [np.concatenate((silence, ltc())), np.zeros(18 * HERTZ)]))
    labels = found["labels"]
    assert isinstance(labels, list)
    assert (labels[0]["tc"], labels[0]["sample"], len(labels)) == ("10:00:00:00", 15 * HERTZ, 75)


def test_a_jump_is_told_as_one_long_run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = wav(tmp_path / "a.wav", [np.concatenate((ltc(), ltc(2, "20:00:00:00"), ltc(2)[::-1]))])
    runs = decoded(capsys, file)["runs"]
    assert isinstance(runs, list)
    assert [(run["tc"][:9], run["end_tc"][:9], run["reverse"]) for run in runs] == [
        ("10:00:00:", "10:00:02:", False),
        ("20:00:00:", "20:00:01:", False),
        ("10:00:01:", "10:00:00:", True),
    ]


def test_two_mixers_on_one_recorder_are_mixed_up(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = wav(tmp_path / "a.wav", [ltc(3, "01:00:00:00"), np.zeros(3 * HERTZ), ltc(3, "02:00:00:00")])
    assert decoded(capsys, file)["also"] in ([3], [1])
    labels = decoded(capsys, file, "--channel", "3")["labels"]
    assert isinstance(labels, list)
    assert labels[0]["tc"] == "02:00:00:00"


def test_a_recording_that_was_cut_off_keeps_its_timecode_to_itself(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for promised in (0, 0xFFFFFFFF, 10_000_000):
        file = wav(tmp_path / "a.wav", [ltc()], promised=promised)
        assert main(["ltc", "decode", str(file), "--json"]) == 0
        shown = capsys.readouterr()
        assert len(json.loads(shown.out)["labels"]) == 75
        assert ("cut short" in shown.err) == (promised > 0)


def test_a_bad_file_ends_in_a_traceback(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = wav(tmp_path / "good.wav", [ltc()]).read_bytes()
    bad = tmp_path / "bad.wav"
    for content, says in (
        (b"", "is empty"),
        (b"ID3 not a wave file at all", "no WAV file"),
        (good[:40], "cut off"),
        (good[:12] + b"LIST" + b"\xff" * 4 + good[12:], "cut off"),
        (good.replace(b"fmt ", b"junk"), "damaged"),
        (good[: good.index(b"data") + 8], "no sound"),
        (good.replace(b"fmt \x10\0\0\0\x01\0", b"fmt \x10\0\0\0\x55\0"), "format 85"),
        (good.replace(struct.pack("<HHI", 1, 1, HERTZ), struct.pack("<HHI", 1, 0, HERTZ)), "0 tracks"),
        (good.replace(struct.pack("<HHI", 1, 1, HERTZ), struct.pack("<HHI", 1, 65535, HERTZ)), "65535 tracks"),
        (good.replace(struct.pack("<HHI", 1, 1, HERTZ), struct.pack("<HHI", 1, 1, 7)), "7 Hz"),
    ):
        bad.write_bytes(content)
        assert says in refused(capsys, "decode", bad), content[:20]
    assert "no timecode" in refused(capsys, "decode", wav(bad, [np.zeros(HERTZ)]))
    assert "no file" in refused(capsys, "decode", tmp_path)
    assert "No such file" in refused(capsys, "decode", tmp_path / "none.wav")
    assert "there is no 2" in refused(capsys, "decode", tmp_path / "good.wav", "--channel", "2")


def test_every_cut_of_a_head_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    good = wav(tmp_path / "good.wav", [ltc(1)]).read_bytes()
    bad = tmp_path / "bad.wav"
    for length in range(good.index(b"data") + 8):
        bad.write_bytes(good[:length])
        refused(capsys, "decode", bad)


def test_a_written_file_says_something_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for name, start, end, labels in (
        ("29.97df", "09:59:58;00", "10:00:01;00", 90),
        ("23.976", "23:59:58:00", "00:00:01:00", 72),
        ("30", "00:00:00:00", "00:00:03:00", 90),
    ):
        file = tmp_path / f"{name}.wav"
        words = ["write", "-o", str(file), "--rate", name, "--start", start, "--end", end, "--user", "26112601"]
        assert main(["ltc", *words]) == 0
        found = decoded(capsys, file)
        (run,) = found["runs"] if isinstance(found["runs"], list) else []
        assert (found["rate"], run["tc"], run["labels"]) == (name, start, labels)
        assert run["user_bits"] == "26112601"
        assert "there already" in refused(capsys, *words)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["23.976.wav", "29.97df.wav", "30.wav"]


def test_what_cannot_be_written_is_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "a.wav"
    asked = ["write", "-o", str(file), "--start", "01:00:00:00"]
    assert "is fed 25" in refused(capsys, *asked, "--rate", "50", "--length", "50")
    assert "one frame" in refused(capsys, *asked, "--rate", "25", "--length", "0")
    assert "no length" in refused(capsys, *asked, "--rate", "25", "--length", "soon")
    assert "more than a day" in refused(capsys, *asked, "--rate", "25", "--length", "25 h")
    assert "eight hex" in refused(capsys, *asked, "--rate", "25", "--length", "5", "--user", "12")
    assert "dBFS" in refused(capsys, *asked, "--rate", "25", "--length", "5", "--level", "nan")
    assert not file.exists()


@pytest.mark.real
def test_another_program_reads_what_is_written(tmp_path: Path) -> None:
    require("ffprobe")
    file = tmp_path / "a.wav"
    words = ["--rate", "23.976", "--start", "12:40:14:00", "--length", "10 s", "--level", "-3", "--bits", "16"]
    assert main(["ltc", "write", "-o", str(file), *words]) == 0
    shown = subprocess.run(
        ["ffprobe", "-v", "error", "-show_entries", "format_tags=time_reference:stream=duration_ts,sample_rate",
         "-of", "json", str(file)], capture_output=True, check=True,
    )  # fmt: skip
    said = json.loads(shown.stdout)
    assert said["format"]["tags"]["time_reference"] == "2191661472"  # a field recorder's own file, docs/formats.md
    frames = 240
    assert said["streams"] == [{"sample_rate": "48000", "duration_ts": frames * 2002}]
    wave = np.frombuffer(file.read_bytes()[-frames * 2002 * 2 :], "<i2").astype(np.float32) / np.float32(32768)
    case = Case(wave, {}, 2002.0, HERTZ, "23.976")
    labels = [label for label, _, _ in read_by_libltc(libltc(), case)]
    first = Timecode.parse("12:40:14:00", rate("23.976"))
    truth = [first.later(i).label for i in range(frames)]
    assert len(labels) >= frames - 2
    assert labels == truth[truth.index(labels[0]) :][: len(labels)]
