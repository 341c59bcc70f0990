"""Lists of other programs at the command line: ALE, a dailies program's clips, and what is no list or not all of it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import opentimelineio as otio
import pytest

from onset.domain.claim import ClaimSource
from tests.cli.test_import import DATA, LENGTHS, STARTS, Run, document, onset, production, rows, shot

__all__ = ["onset", "production"]

EDITORIAL = DATA.parent / "editorial"


def test_what_onset_exports_comes_back_as_claims_that_agree(onset: Run, production: Path, tmp_path: Path) -> None:
    """Six takes with a confirmed clip each: the claims of the ALE are what the log has, and confirm it again."""
    with shot(production) as day:
        for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
            day.bring(day.clip(f"A014C{n + 1:03d}", start - 1, length + 3))
    lines = [f"42C,{n + 1},A014C{n + 1:03d},A014,A" for n in range(6)]
    (tmp_path / "A014.csv").write_text("\n".join(["Slate,Take,Clip,Roll,Camera", *lines]))
    onset("import", "camera", tmp_path / "A014.csv")
    assert onset("export", "ale", "--day", 1, "-o", tmp_path / "out.ale")[0] == 0
    made = tmp_path / "out.ale"
    answer = document(onset, "import", "ale", made)
    (told,) = answer["reports"]
    assert (told["form"], told["source"], told["day"], told["because"]) == (
        "ALE", "camera report", 1, "by the takes it names",
    )  # fmt: skip
    assert (answer["rows"], answer["doubts"], answer["linked"], answer["questions"]) == (6, [], 6, 0)
    with shot(production) as day:
        held = {clip.name: clip for clip in day.log.media(day=1)}
        told_of = [one.what for one in day.board().differences]
        assert [what for what in told_of if "sound" not in what] == [], "no sound was brought in"
    for claim in (one for one in rows(production) if one.report == made.name):
        clip = held[claim.clip]
        assert (claim.tc_in, claim.rate, claim.roll, claim.device) == (clip.tc_in, clip.rate, "A014", "A")
        assert claim.duration_frames == clip.duration_frames
    assert document(onset, "import", "camera", made)["rows_changed"] == 0


def test_picture_and_sound_of_one_list_are_two_reports(onset: Run, production: Path, tmp_path: Path) -> None:
    path = tmp_path / "day.ale"
    path.write_text(
        "Heading\nFPS\t25\nColumn\nName\tTracks\tStart\tEnd\tScene\tTake\tShoot Date\nData\n"
        "A014C001_260529_R1AB\tV\t10:00:00:00\t10:00:10:00\t42C\t1\t20260529\n"
        "42C-T001.WAV\tA1A2\t10:00:00:00\t10:00:10:00\t42C\t1\t20260529\n"
    )
    _, out, _ = onset("import", "ale", path, "--dry-run")
    assert "1 row of a camera report (ALE)" in out
    assert "1 row of a sound report (ALE)" in out
    assert 'clip from "Name"' in out
    assert "timecode at 25" in out
    assert "A A014C001_260529_R1AB 10:00:00:00: 42C/1" in " ".join(out.split())
    assert rows(production) == []
    answer = document(onset, "import", "sound", path, "--device", "MIX")
    assert {(one["source"], len(one["claims"])) for one in answer["reports"]} == {
        ("camera report", 1), ("sound report", 1),
    }  # fmt: skip
    assert {(one.source, one.device) for one in rows(production)} == {
        (ClaimSource.CAMERA, "A"), (ClaimSource.SOUND, "MIX"),
    }  # fmt: skip


def test_a_list_finds_its_day_by_the_dates_in_its_rows(onset: Run, tmp_path: Path) -> None:
    path = tmp_path / "clips.csv"
    path.write_text("Clip Name,Shoot Date\nA015C001_260530_R1AB,2026-05-29\n")
    (told,) = document(onset, "import", "camera", path, "--dry-run")["reports"]
    assert (told["day"], told["because"]) == (1, "by the dates it names")


def test_a_list_of_the_other_department_is_sent_there(onset: Run, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Name,TC Start,Scene,Take\nA005C010_190501_R1AB,10:00:00:00,42C,1\nx.mov,10:01:00:00,42C,2\n")
    code, out, err = onset("import", "sound", path)
    assert (code, out) == (1, "")
    assert "bring it in with onset import camera" in err
    code, out, err = onset("import", "camera", DATA / "wavinfo_WaveAgentSoundReport.csv")
    assert (code, out) == (1, "")
    assert "bring it in with onset import sound" in err


def test_a_star_behind_the_take_is_a_circle(onset: Run, production: Path, tmp_path: Path) -> None:
    path = tmp_path / "list.csv"
    path.write_text("Slate,Take,Clip\n42C,2,A014C002\n42C,3*,A014C003\n")
    (told,) = document(onset, "import", "camera", path)["reports"]
    assert [(one["take"], one["circled"], one["names"]) for one in told["claims"]] == [
        ("2", None, "42C/2"), ("3", True, "42C/3"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("otio-cmx_25fps.edl", "is an EDL: a timeline"),
        ("pycmx_ISSUE_14_02.edl", "is an EDL: a timeline"),
        ("ClipMetadata.fcpxml", "is an FCPXML: a timeline"),
        ("otio-fcp_hiero_xml_export.xml", "is a Final Cut XML: a timeline"),
        ("day.otio", "is an OTIO: a timeline"),
    ],
)
def test_a_timeline_is_no_report_of_what_was_shot(onset: Run, tmp_path: Path, name: str, said: str) -> None:
    path = EDITORIAL / name
    if name == "day.otio":
        path = tmp_path / name
        otio.adapters.write_to_file(otio.schema.Timeline("day"), str(path))
    for what in ("camera", "sound", "ale"):
        code, out, err = onset("import", what, path)
        assert (code, out) == (1, "")
        assert said in err
        assert "bring the list it was cut from" in err


def test_a_list_without_slates_finds_its_day_by_its_files(onset: Run, production: Path, tmp_path: Path) -> None:
    """However they are spelled: short, without zeros, or with X for the tracks of a set."""
    with shot(production) as day:
        day.bring(day.clip("A014C001_260529_R1AB", 36_000), day.clip("A014C002_260529_R1AB", 36_100))
        day.bring(day.sound("T001_2", 36_000))
    for what, lines in (("camera", ["Clip", "A_0014_C001", "A14C2"]), ("sound", ["File Name,Start TC", "T001_X.WAV,"])):
        (tmp_path / "list.csv").write_text("\n".join(lines))
        (told,) = document(onset, "import", what, tmp_path / "list.csv", "--dry-run")["reports"]
        assert (told["day"], told["because"]) == (1, "by the files it names")


def test_headings_that_nobody_knows_are_named(onset: Run, tmp_path: Path) -> None:
    path = tmp_path / "bericht.csv"
    path.write_text("Rolle;Klappe;Datei;Brennweite\nA014;3;A014C001;32\n")
    _, _, err = onset("import", "camera", path)
    assert "found: Rolle, Klappe, Datei, Brennweite" in err
    assert "--map" in err
    mapped = document(onset, "import", "camera", path, "--map", "clip=Datei", "--map", "take=Klappe")
    assert mapped["reports"][0]["unused_columns"] == ["Rolle", "Brennweite"]


# -- what no list is like ---------------------------------------------------------------------------------------------

CSV = "Slate,Take,Clip,Start TC,Note\n42C,1,A014C001,10:00:00:00,a\n42C,2,A014C002,10:04:00:00,b\n"
SOUND = "File Name,Scene,Take,Start TC,Notes\nT1.WAV,42C,1,10:00:00:00,a\nT2.WAV,42C,2,10:04:00:00,b\n"
ALE = (
    "Heading\nFPS\t25\nColumn\nName\tScene\tTake\tStart\tComments\nData\n"
    "A014C001\t42C\t1\t10:00:00:00\ta\nA014C002\t42C\t2\t10:04:00:00\tb\n"
)
JPEG = b"\xff\xd8\xff\xe0\0\x10JFIF\0\x01" + bytes(200)


def hostile(good: str, folder: Path) -> Iterator[Path]:
    """Files that are no list, or not all of one; each under a name that says otherwise."""
    raw = good.encode()
    comma = "\t" if good is ALE else ","
    contents = {
        "empty": b"",
        "zeros": bytes(4096),
        "zero_inside": raw.replace(b"10:04", b"\0\0:04"),
        "zeros_behind": raw + bytes(512),
        "wide": raw.replace(b"Take", b"Take" + comma.encode() * 1_000_000),
        "cut_short": raw[:-14],
        "cut_utf16": good.encode("utf-16")[:-1],
        "surrogate": good.encode("utf-16-le").replace("A".encode("utf-16-le"), b"\0\xd8"),
        "jpeg": JPEG,
        "pdf": b"%PDF-1.7\n" + raw,
        "spreadsheet": b"PK\x03\x04" + bytes(40),
        "bomb": b'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b "' + b"b" * 999 + b'">]><a>&b;&b;</a>',
        "headings": b"".join(raw.splitlines(keepends=True)[: 5 if good is ALE else 1]),
    }
    if good is not ALE:  # which has no quoting
        contents["quote"] = raw.replace(b",b\n", b',"b\n') + raw
    for name, content in contents.items():
        path = folder / f"{name}.csv"
        path.write_bytes(content)
        yield path
    with (folder / "sparse.csv").open("wb") as file:
        file.truncate(1 << 30)
    os.mkfifo(folder / "pipe.csv")
    (folder / "folder.csv").mkdir()
    (folder / "loop.csv").symlink_to("loop.csv")
    (folder / "nowhere.csv").symlink_to("not_there")
    yield from (folder / name for name in ("sparse.csv", "pipe.csv", "folder.csv", "loop.csv", "nowhere.csv"))


@pytest.mark.parametrize(("what", "good"), [("camera", CSV), ("sound", SOUND), ("ale", ALE)])
def test_what_is_no_list_is_one_sentence_and_changes_nothing(
    onset: Run, production: Path, tmp_path: Path, what: str, good: str
) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "good.csv").write_text(good)
    assert document(onset, "import", what, tmp_path / "in" / "good.csv", "--dry-run")["rows"] == 2
    before = onset("log", "history", "--json")[1]
    for path in hostile(good, tmp_path / "in"):
        code, out, err = onset("import", what, path)
        assert code in (1, 2), path.name
        assert out == "", path.name
        assert err.count("\n") == 1, (path.name, err)
        assert path.name in err, err
        assert "Traceback" not in err
    assert onset("log", "history", "--json")[1] == before


def test_what_is_no_wave_file_is_one_sentence_and_changes_nothing(onset: Run, production: Path, tmp_path: Path) -> None:
    recorded = (DATA / "wavinfo_sounddevices_A101_3.WAV").read_bytes()
    (tmp_path / "jpeg.wav").write_bytes(JPEG)
    (tmp_path / "empty.wav").write_bytes(b"")
    (tmp_path / "zeros.wav").write_bytes(bytes(9000))
    (tmp_path / "head.wav").write_bytes(recorded[:300])
    (tmp_path / "chunk.wav").write_bytes(recorded[:12] + b"junk\xff\xff\xff\xff" + recorded[12:])
    (tmp_path / "many.wav").write_bytes(recorded[:12] + b"abcd\0\0\0\0" * 100_000 + recorded[12:])
    with (tmp_path / "sparse.wav").open("wb") as file:
        file.truncate(1 << 30)
    os.mkfifo(tmp_path / "pipe.wav")
    (tmp_path / "folder.wav").mkdir()
    (tmp_path / "loop.wav").symlink_to("loop.wav")
    before = onset("log", "history", "--json")[1]
    for name in ("jpeg", "empty", "zeros", "head", "chunk", "many", "sparse", "pipe", "folder", "loop"):
        code, out, err = onset("import", "sound", tmp_path / f"{name}.wav")
        assert (code in (1, 2), out, err.count("\n")) == (True, "", 1), name
        assert f"{name}.wav" in err
    assert onset("log", "history", "--json")[1] == before
    (tmp_path / "cut.wav").write_bytes(recorded[: len(recorded) // 2])
    answer = document(onset, "import", "sound", tmp_path / "cut.wav")
    assert answer["doubts"] == ["cut.wav holds less sound than its head says; it was cut short"]
    assert answer["media"][0]["tc_in"] == "12:40:14:00"


@pytest.mark.parametrize(("what", "good"), [("camera", CSV), ("sound", SOUND), ("ale", ALE)])
def test_words_that_would_move_a_terminal_or_a_spreadsheet_stay_words(
    onset: Run, production: Path, tmp_path: Path, what: str, good: str
) -> None:
    """Formulas and bidirectional controls are what somebody wrote: they come in, and are shown safely."""
    path = tmp_path / "list.csv"
    said = "=cmd|' /C calc'!A0 \u202egpj.exe\x1b]0;x\x07"
    path.write_text(good.replace("T2.WAV", said).replace("A014C002", said))
    for more in (("--dry-run",), ("--json",)):
        code, out, err = onset("import", what, path, *more)
        assert (code, err) == (0, "")
        assert not {"\u202e", "\x1b", "\x07"} & set(out)
    assert rows(production)[1].clip == said
