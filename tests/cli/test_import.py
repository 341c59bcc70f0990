"""`onset import` as a person or a program meets it: folders of sound, reports, clips, and what is wrong with them."""

from __future__ import annotations

import json
import os
import shutil
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import SqliteLogbook, create_log, open_log
from onset.cli.main import main
from onset.clock import ManualClock
from onset.domain.camera import Source
from onset.domain.card import Card
from onset.domain.claim import Claim
from onset.domain.sound import SoundFile
from tests.onset.reconcile.shooting import DATE, MIDNIGHT, NS, Shooting
from tests.onset.sound.test_wave import chunk
from tests.stories.originals import film

Run = Callable[..., tuple[int, str, str]]
DATA = Path(__file__).parents[1] / "data" / "sound"
STARTS = [36_000.0 + 240.0 * n + (n * n * 37) % 90 for n in range(6)]
LENGTHS = [25.0 + (n * 29) % 61 for n in range(6)]
NEXT_DATE = "2026-05-30"


@contextmanager
def shot(folder: Path, day: int = 1) -> Iterator[Shooting]:
    clock = ManualClock(wall_ns=MIDNIGHT + 12 * 3600 * NS, monotonic_ns=NS)
    log: SqliteLogbook = open_log(folder / "log.onset", user="Maya", clock=clock)
    try:
        yield Shooting(log, clock, day)
    finally:
        log.close()


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """A day of six takes of 42C on camera A, roll A014, and a second day that has just begun."""
    folder = tmp_path / "Harbour"
    folder.mkdir()
    create_log(folder, title="Harbour Lights", rate="25")
    (folder / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "25"\n')
    with shot(folder) as day:
        day.log.open_day("Main", 1, DATE)
        for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
            day.shoot("42C", start, length, rolls={"A": "A014"}, sound_roll="S001", circled=n == 2)
        day.log.wrap_day("Main", day.stamp(60_000))
        day.log.open_day("Main", 2, NEXT_DATE)
    return folder


@pytest.fixture
def onset(production: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    def run(*words: object) -> tuple[int, str, str]:
        code = main(["-p", str(production), *map(str, words)])
        out, err = capsys.readouterr()
        return code, out, err

    return run


def document(onset: Run, *words: object, code: int = 0) -> dict[str, Any]:
    found, out, err = onset(*words, "--json")
    assert (found, err) == (code, "")
    answer = json.loads(out)
    assert isinstance(answer, dict)
    return answer


def wave(
    path: Path,
    start_s: float = 36_000.0,
    length_s: float = 40.0,
    *,
    scene: str = "42C",
    take: str = "1",
    circled: bool = False,
    family: str = "",
    date: str = DATE,
    maker: str = "Sound Dev: 702T S#GR1",
    hertz: int = 8000,
) -> Path:
    """A mono file as a field recorder writes it, its sound a hole in the file."""
    fixed = bytes(256) + maker.encode().ljust(32, b"\0") + bytes(32) + date.replace("-", ":").encode() + b"10:00:00"
    words = f"<SCENE>{scene}</SCENE><TAKE>{take}</TAKE><TAPE>S001</TAPE><CIRCLED>{str(circled).upper()}</CIRCLED>"
    words += "<SPEED><TIMECODE_RATE>25/1</TIMECODE_RATE></SPEED>"
    words += f"<FILE_SET><FAMILY_UID>{family}</FAMILY_UID></FILE_SET>" if family else ""
    body = b"WAVE" + chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, hertz, hertz * 2, 2, 16))
    body += chunk(b"bext", fixed + struct.pack("<Q", round(start_s * hertz)) + bytes(256))
    body += chunk(b"iXML", f"<BWFXML>{words}</BWFXML>".encode())
    sound = round(length_s * hertz) * 2
    body += b"data" + struct.pack("<I", sound)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        file.write(b"RIFF" + struct.pack("<I", len(body) + sound) + body)
        file.truncate(file.tell() + sound)
    return path


@pytest.fixture
def mixer(tmp_path: Path) -> Path:
    """The mixer's folder of the day: a set of two mono files for each take, 12 s ahead of the log."""
    folder = tmp_path / "MIXER" / "26Y05M29"
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        for track in (1, 2):
            wave(
                folder / f"42C-T{n + 1:03d}_{track}.WAV", start + 8, length + 8, take=str(n + 1), circled=n == 1,
                family=f"F{n}",
            )  # fmt: skip
    return folder


REPORT = "File Name,Tape,Scene,Take,Length,Start TC,Circled,Notes\n" + "".join(
    f"42C-T{n + 1:03d}_X.WAV,S001,42C,{n + 1},,,{'Y' if n == 1 else ''},\n" for n in range(6)
)


def sounds(production: Path) -> list[SoundFile]:
    with shot(production) as day:
        return [one for one in day.log.media(day=None) if isinstance(one, SoundFile)]


def rows(production: Path) -> list[Claim]:
    with shot(production) as day:
        return list(day.log.claims(day=None))


# -- sound ------------------------------------------------------------------------------------------------------------


def test_a_folder_of_sound_finds_its_day_and_its_takes(onset: Run, production: Path, mixer: Path) -> None:
    """Of two days, the one of the recorder's own dates; the files' dates on disk are those of the copy."""
    code, out, err = onset("import", "sound", mixer.parent)
    assert (code, err) == (0, "")
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "12 sound files of 6 recordings from 702T, day 1" in out
    assert "12 new, 0 in the log already" in out
    assert "12 files: 12 linked" in out
    (first, *_) = sounds(production)
    assert (first.path, first.device, first.day) == (str(mixer / "42C-T001_1.WAV"), "702T", 1)
    assert (first.tc_in, first.roll, first.circled) == ("10:00:08:00", "S001", False)


def test_the_same_folder_again_adds_nothing(onset: Run, production: Path, mixer: Path) -> None:
    (mixer / "sound_report.csv").write_text(REPORT)
    first = document(onset, "import", "sound", mixer)
    assert (first["files"], first["new"], first["known"], first["rows"], first["rows_changed"]) == (12, 12, 0, 6, 6)
    with shot(production) as day:
        before = day.log.arrival()
    again = document(onset, "import", "sound", mixer)
    assert (again["files"], again["new"], again["known"], again["rows"], again["rows_changed"]) == (12, 0, 12, 6, 0)
    assert (again["linked"], again["day"], again["device"]) == (12, 1, "702T")
    with shot(production) as day:
        assert day.log.arrival() == before


def test_a_report_beside_the_sound_comes_in_with_it(onset: Run, production: Path, mixer: Path) -> None:
    (mixer / "sound_report.csv").write_bytes(REPORT.replace("\n", "\r").encode())
    (mixer / "shopping.csv").write_text("what,how many\napples,3\n")
    answer = document(onset, "import", "sound", mixer)
    assert [report["report"] for report in answer["reports"]] == ["sound_report.csv"]
    assert any("shopping.csv" in doubt for doubt in answer["doubts"])
    claims = rows(production)
    assert {(claim.device, claim.day) for claim in claims} == {("702T", 1)}
    assert [claim.circled for claim in claims] == [False, True, False, False, False, False]


def test_a_recorders_own_file_and_its_own_report(onset: Run, production: Path, tmp_path: Path) -> None:
    """Written by a Sound Devices 702T and by Wave Agent: the report tells the same start as the file."""
    folder = tmp_path / "26Y"
    folder.mkdir()
    shutil.copy(DATA / "wavinfo_sounddevices_A101_3.WAV", folder / "A101_3.WAV")
    shutil.copy(DATA / "wavinfo_WaveAgentSoundReport.csv", folder / "report.csv")
    answer = document(onset, "import", "sound", folder, "--day", "1")
    assert (answer["files"], answer["rows"], answer["unreadable"]) == (1, 9, [])
    (file,) = sounds(production)
    row = next(claim for claim in rows(production) if claim.clip.startswith("A101_3"))
    assert (file.tc_in, file.named_scene, file.named_take) == ("12:40:14:00", "A101", "3")
    assert (row.tc_in, row.slate, row.take) == ("12:40:14:00", "A101", "03")


def test_one_corrupt_file_among_ten(onset: Run, production: Path, tmp_path: Path) -> None:
    for n in range(9):
        wave(tmp_path / "S" / f"T{n}.WAV", 36_000 + 100 * n, take=str(n))
    (tmp_path / "S" / "T9.WAV").write_bytes(b"RIFF\0\0\0\0WAVE and then nothing that a recorder wrote")
    code, out, err = onset("import", "sound", tmp_path / "S")
    assert (code, err) == (1, "")
    assert "10 new" in out
    assert "\n  !" in out  # a long path stands on the next line
    assert "T9.WAV" in out
    bad = [one for one in sounds(production) if one.unreadable]
    assert [one.name for one in bad] == ["T9.WAV"]
    again = document(onset, "import", "sound", tmp_path / "S", code=1)
    assert (again["new"], again["known"]) == (0, 10)
    assert [one["path"] for one in again["unreadable"]] == [str(tmp_path / "S" / "T9.WAV")]
    wave(tmp_path / "S" / "T9.WAV", 37_000, take="9")  # the copy was repeated
    assert document(onset, "import", "sound", tmp_path / "S")["unreadable"] == []
    assert len(sounds(production)) == 10


@pytest.mark.parametrize("hashed", [(), ("--no-hash",)])
def test_a_folder_that_moved_is_not_a_second_day_of_sound(
    onset: Run, production: Path, mixer: Path, hashed: tuple[str, ...]
) -> None:
    onset("import", "sound", mixer, *hashed)
    (mixer / "broken.WAV").write_bytes(b"no sound at all in here")
    onset("import", "sound", mixer, *hashed)
    elsewhere = mixer.parent.parent / "SHUTTLE"
    shutil.move(mixer, elsewhere)
    answer = document(onset, "import", "sound", elsewhere, *hashed, code=1)
    assert (answer["new"], answer["known"]) == (0, 13)
    assert len(sounds(production)) == 13
    place = elsewhere if not hashed else mixer  # without a digest the path is all that a file is known by
    assert sounds(production)[0].path == str(place / "42C-T001_1.WAV")


def test_a_copy_of_an_offloaded_sound_card_is_not_taken_twice(onset: Run, production: Path, mixer: Path) -> None:
    """The offload has hashed the files; the folder is one of its copies, or the mixer's own."""
    document(onset, "import", "sound", mixer)
    with shot(production) as day:
        card = day.log.record_card(
            Card(id="", label="S001", fingerprint="f" * 16, files=12, size=1, verdict="safe", reasons=(), wall_ns=NS,
                 copies=(), day=1)
        )  # fmt: skip
        (first, *_) = (one for one in day.log.media(day=1) if isinstance(one, SoundFile))
        day.log.bring_in([replace(first, source=Source.CARD, card=card.id, path="/media/RAID/42C-T001_1.WAV")])
    again = document(onset, "import", "sound", mixer)
    assert (again["new"], again["known"]) == (0, 12)
    kept = {one.name: one for one in sounds(production)}
    assert len(kept) == 12
    assert (kept["42C-T001_1.WAV"].card, kept["42C-T001_1.WAV"].source) == (card.id, Source.CARD)


def test_a_file_inside_the_production_has_a_relative_path(onset: Run, production: Path, tmp_path: Path) -> None:
    wave(production / "sound" / "T1.WAV")
    (tmp_path / "link").symlink_to(production)
    document(onset, "import", "sound", tmp_path / "link" / "sound")
    assert [one.path for one in sounds(production)] == ["sound/T1.WAV"]


@pytest.mark.parametrize(
    ("devices", "given", "expected"),
    [
        ("", (), "702T"),
        ('[[device]]\nname = "MIX"\nkind = "sim-mixer"\n', (), "MIX"),
        ('[[device]]\nname = "MIX"\nkind = "sim-mixer"\n', ("--device", "CART 2"), "CART 2"),
        ('[[device]]\nname = "A"\nkind = "sim-camera"\n', (), "702T"),
        ('[[device]]\nname = "M1"\nkind = "sim-mixer"\n[[device]]\nname = "M2"\nkind = "sim-mixer"\n', (), "702T"),
    ],
)
def test_whose_recorder_it_is(
    onset: Run, production: Path, mixer: Path, devices: str, given: tuple[str, ...], expected: str
) -> None:
    with (production / "config.toml").open("a") as config:
        config.write(devices)
    assert document(onset, "import", "sound", mixer, *given)["device"] == expected


def test_a_recorder_that_says_nothing_of_itself(onset: Run, tmp_path: Path) -> None:
    assert document(onset, "import", "sound", wave(tmp_path / "T1.WAV", maker=""))["device"] == "SOUND"


def test_files_of_two_recorders_are_told(onset: Run, tmp_path: Path) -> None:
    wave(tmp_path / "S" / "T1.WAV")
    wave(tmp_path / "S" / "T2.WAV", maker="ZOOM F8")
    answer = document(onset, "import", "sound", tmp_path / "S")
    assert any("702T, ZOOM F8" in doubt for doubt in answer["doubts"])


def test_a_dry_run_writes_nothing(onset: Run, production: Path, mixer: Path) -> None:
    (mixer / "sound_report.csv").write_text(REPORT.replace("42C,6", "42D,6"))
    with shot(production) as day:
        before = day.log.arrival()
    code, out, _ = onset("import", "sound", mixer, "--dry-run")
    assert code == 0
    assert "nothing was written" in out
    assert 'file from "File Name"' in out
    assert "42C-T002_X.WAV  circled: 42C/2" in out
    assert "42C-T006_X.WAV: no take of that day" in out
    answer = document(onset, "import", "sound", mixer, "--dry-run")
    assert (answer["dry_run"], answer["new"], answer["rows"], answer["linked"]) == (True, 12, 6, 0)
    with shot(production) as day:
        assert day.log.arrival() == before


def test_a_day_that_was_said_wrong_is_corrected_by_saying_it_right(onset: Run, production: Path, mixer: Path) -> None:
    (mixer / "sound_report.csv").write_text(REPORT)
    assert document(onset, "import", "sound", mixer, "--day", "2")["day"] == 2
    assert {one.day for one in sounds(production)} == {claim.day for claim in rows(production)} == {2}
    answer = document(onset, "import", "sound", mixer, "--day", "1")
    assert (answer["new"], answer["linked"]) == (0, 12)
    assert {one.day for one in sounds(production)} == {1}
    assert {claim.day for claim in rows(production)} == {1}
    kept = document(onset, "import", "sound", mixer)
    assert kept["days"] == [{"unit": "Main", "day": 1, "because": "as when it was brought in before"}]


def test_a_name_that_is_no_text_and_moves_the_terminal(onset: Run, production: Path, mixer: Path) -> None:
    hostile = os.fsencode(mixer) + b"/T\xff\x1b]0;gotcha\x07\xe2\x80\xae.WAV"
    shutil.copy(os.fsencode(mixer / "42C-T001_1.WAV"), hostile)
    for word in ("--dry-run", "--json"):
        code, out, err = onset("import", "sound", mixer, word)
        assert (code, err) == (0, "")
        assert not {"\x1b", "\x07", "\u202e", "\udcff"} & set(out)
    again = document(onset, "import", "sound", mixer)
    assert (again["new"], again["known"]) == (0, 13)


def test_links_that_fail_do_not_lose_what_came_in(
    onset: Run, production: Path, mixer: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(*_: object, **__: object) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("onset.cli.matching.match_days", fails)
    code, out, _ = onset("import", "sound", mixer)
    assert code == 1
    assert "in the log, but the links are not up to date" in " ".join(out.split())
    assert len(sounds(production)) == 12


# -- reports ----------------------------------------------------------------------------------------------------------


def test_a_camera_report_in_its_own_words(onset: Run, production: Path, tmp_path: Path) -> None:
    report = tmp_path / "A014.csv"
    text = "Camera;Roll;Magazine clip;Slate;Tk;Circle;Lens\nA;A014;A014C001;42C;1;;32\n;;A014C002;;2;x;\n;;;;;;hello\n"
    report.write_bytes(text.encode("utf-16"))
    words = ("import", "camera", report, "--map", "clip=Magazine clip")
    preview = " ".join(onset(*words, "--dry-run")[1].split())
    assert 'clip from "Magazine clip"' in preview
    assert 'slate from "Slate"' in preview, "all columns, not only those that are called otherwise"
    answer = document(onset, *words)
    assert "columns" not in onset(*words)[1]
    assert (answer["rows"], answer["rows_changed"], answer["files"], answer["day"]) == (2, 2, 0, 1)
    (told,) = answer["reports"]
    assert told["columns"]["clip"] == "Magazine clip"
    assert told["unused_columns"] == ["Lens"]
    assert [claim["names"] for claim in told["claims"]] == ["42C/1", "42C/2"]
    assert [(claim.clip, claim.slate, claim.circled) for claim in rows(production)] == [
        ("A014C001", "42C", False),
        ("A014C002", "42C", True),
    ]


def test_a_report_confirms_what_time_alone_proposed(onset: Run, production: Path, tmp_path: Path) -> None:
    with shot(production) as day:
        for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
            day.bring(day.clip(f"A014C{n + 1:03d}", start - 1, length + 3))
    report = tmp_path / "A014.csv"
    lines = [f"42C,{n + 1},A014C{n + 1:03d},A014,A" for n in range(6)]
    report.write_text("\n".join(["Slate,Take,Clip,Roll,Camera", *lines]))
    answer = document(onset, "import", "camera", report)
    assert (answer["linked"], answer["proposed"], answer["questions"]) == (6, 0, 0)


def test_two_departments_call_their_report_the_same(onset: Run, production: Path, tmp_path: Path) -> None:
    for letter in "AB":
        (tmp_path / letter).mkdir()
        lines = ["Camera,Slate,Take,Clip", *(f"{letter},42C,{n},{letter}014C00{n}" for n in (1, 2))]
        (tmp_path / letter / "report.csv").write_text("\n".join(lines))
        onset("import", "camera", tmp_path / letter / "report.csv")
    assert {(claim.device, claim.report) for claim in rows(production)} == {
        ("A", "report.csv"),
        ("B", "report.csv (2)"),
    }
    assert document(onset, "import", "camera", tmp_path / "B" / "report.csv")["rows_changed"] == 0
    assert len(rows(production)) == 4


def test_a_corrected_report_takes_the_place_of_the_first(onset: Run, production: Path, tmp_path: Path) -> None:
    report = tmp_path / "A014.csv"
    report.write_text("Camera,Slate,Take,Clip\nA,42C,1,A014C001\nA,42C,2,A014C003\n")
    onset("import", "camera", report)
    report.write_text("Camera,Slate,Take,Clip\nA,42C,1,A014C001\nA,42C,2,A014C002\n")
    assert document(onset, "import", "camera", report)["rows_changed"] == 1
    assert [claim.clip for claim in rows(production)] == ["A014C001", "A014C002"]


def test_a_sound_report_alone_is_of_the_recorder_of_that_day(onset: Run, production: Path, mixer: Path) -> None:
    onset("import", "sound", mixer)
    report = mixer.parent / "sound_report.csv"
    report.write_text(REPORT)
    document(onset, "import", "sound", report)
    assert {claim.device for claim in rows(production)} == {"702T"}


def test_a_cell_that_nobody_understands_costs_only_itself(onset: Run, production: Path, tmp_path: Path) -> None:
    report = tmp_path / "A014.csv"
    report.write_text("Camera,Slate,Take,Clip,TC\nA,42C,1,A014C001,25:99:00:00\n")
    answer = document(onset, "import", "camera", report)
    assert answer["rows"] == 1
    assert any("25:99:00:00" in doubt for doubt in answer["doubts"])


# -- clips ------------------------------------------------------------------------------------------------------------


def test_clips_of_a_folder_find_their_takes(onset: Run, production: Path, tmp_path: Path) -> None:
    """The camera runs at 23.976 with labels 37 s ahead of a log at 25."""
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        seconds = (start + 36) * 1000 / 1001
        film(tmp_path / "OLD" / f"A014C{n + 1:03d}_260529_R1AB.mov", round(seconds * 24), round((length + 3) * 24))
    (tmp_path / "OLD" / "A014C008_260529_R1AB.mov").write_bytes(b"this is no picture")
    code, out, err = onset("import", "clips", tmp_path / "OLD")
    assert (code, err) == (1, "")
    assert "7 clips from A, day 1" in out
    assert "no A014C007: deleted in the camera, or missing" in out
    answer = document(onset, "import", "clips", tmp_path / "OLD", code=1)
    assert (answer["new"], answer["known"], answer["device"]) == (0, 7, "A")
    assert answer["linked"] + answer["proposed"] == 6
    with shot(production) as day:
        clips = [one.name for one in day.log.media(day=1)]
    assert len(clips) == 7


def test_a_camera_without_a_letter_is_asked_for(onset: Run, tmp_path: Path) -> None:
    film(tmp_path / "PHONE" / "IMG_0001.MOV", 36_000 * 24, 48)
    assert any("--device" in doubt for doubt in document(onset, "import", "clips", tmp_path / "PHONE")["doubts"])
    answer = document(onset, "import", "clips", tmp_path / "PHONE", "--device", "C")
    assert (answer["new"], answer["device"], answer["doubts"]) == (0, "C", [])


def test_names_without_a_letter_take_that_of_the_roll_they_lie_in(onset: Run, tmp_path: Path) -> None:
    film(tmp_path / "B007" / "PRIVATE" / "M4ROOT" / "CLIP" / "C0001.MP4", 36_000 * 24, 48)
    answer = document(onset, "import", "clips", tmp_path)
    assert (answer["device"], answer["media"][0]["roll"]) == ("B", "B007")


# -- what is wrong ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (("sound", "nowhere"), 2, "There is nothing at"),
        (("sound", "empty"), 1, "There is no sound in"),
        (("clips", "empty"), 1, "There is no clip in"),
        (("clips", "words.csv"), 1, "is no folder"),
        (("camera", "empty"), 2, "is a folder"),
        (("camera", "pipe.csv"), 2, "is no file"),
        (("sound", "pipe.wav"), 1, "pipe.wav"),
        (("sound", "pipes"), 1, "There is no sound in"),
        (("camera", "words.csv"), 1, "no row of headings"),
        (("sound", "words.csv"), 1, "no row of headings"),
        (("camera", "headings.csv"), 1, "not one row"),
        (("camera", "blank.csv"), 1, "is empty"),
        (("camera", "good.csv", "--day", "9"), 1, "no day 9"),
        (("camera", "good.csv", "--unit", "Second"), 1, "no unit"),
        (("camera", "good.csv", "--map", "Tk"), 2, "FIELD=HEADING"),
        (("camera", "good.csv", "--map", "lens=Lens"), 2, 'no field "lens"'),
        (("camera", "good.csv", "--map", "take=Foo"), 1, "Foo"),
        (("script", "good.csv"), 1, "no row of headings with scene"),
        (("script", "pipe.csv"), 1, "pipe.csv is no file"),
        (("props", "good.csv"), 2, "invalid choice"),
        ((), 2, "required"),
    ],
)
def test_what_cannot_come_in_is_refused_in_one_sentence(
    onset: Run, production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], code: int,
    sentence: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "pipes").mkdir()
    for pipe in ("pipe.csv", "pipe.wav", "pipes/a.wav", "pipes/b.csv"):
        os.mkfifo(tmp_path / pipe)  # whoever opens one waits for ever
    (tmp_path / "words.csv").write_text("some,words\nand,more\n")
    (tmp_path / "headings.csv").write_text("Slate,Take,Clip\n")
    (tmp_path / "blank.csv").write_text("")
    (tmp_path / "good.csv").write_text("Slate,Take,Clip\n42C,1,A014C001\n")
    with shot(production) as day:
        before = day.log.arrival()
    found, out, err = onset("import", *words)
    assert (found, out) == (code, "")
    assert sentence in err
    assert err.count("\n") == 1
    with shot(production) as day:
        assert day.log.arrival() == before


def test_a_log_without_a_day_has_no_place_for_sound(
    tmp_path: Path, mixer: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "New"
    folder.mkdir()
    create_log(folder, title="New", rate="25")
    (folder / "config.toml").write_text('[production]\ntitle = "New"\nrate = "25"\n')
    assert main(["-p", str(folder), "import", "sound", str(mixer)]) == 1
    assert "no shooting day" in capsys.readouterr().err
