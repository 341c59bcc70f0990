"""`onset export` as an assistant uses it, on a real log: where the files go, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
import sys
from pathlib import Path
from typing import Any

import pytest

from onset.cli.demo import make_rehearsal
from onset.cli.export import places
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.rehearsal import DAY, ScriptSupervisor
from onset.clock import ManualClock
from onset.domain.camera import Clip
from onset.domain.take import Stamp
from onset.editorial import formats
from onset.editorial.formats import FORMATS, Format, MadeFile

START_NS = 1_772_700_000_000_000_000  # 2026-03-05, 08:40 UTC


@pytest.fixture(scope="module")
def shot_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production with a day of takes in its log, each with a clip of our recorder but the last; made once."""
    folder = tmp_path_factory.mktemp("shot") / "Harbour"
    clock = ManualClock(wall_ns=START_NS)

    def stamp() -> Stamp:
        wall_ns, mono_ns = clock.wall_ns(), clock.monotonic_ns()
        return Stamp(wall_ns=wall_ns, mono_ns=mono_ns, boot="b", tc="10:00:00:00", tc_source="clock")

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        make_rehearsal(folder, 1)
        logbook = open_logbook(folder)
        try:
            supervisor = ScriptSupervisor(logbook, stamp, clock, 1)
            supervisor.prepare(("A", "B"))
            for attempt in DAY:
                supervisor.shoot(attempt)
            for take in logbook.takes()[1:]:
                for angle in take.angles:
                    name = f"{take.slate}-{take.take}_{angle.camera}.mov"
                    path = f"media/day01/{name}"
                    clip = Clip(
                        id="", name=name, path=path, camera=angle.camera, tc_in="09:59:58:00", tc_source="clock",
                        rate=take.rate, duration_frames=None,
                    )  # fmt: skip
                    opened = logbook.clip_opened(take.id, clip)
                    logbook.clip_closed(opened, duration_frames=480, dropped=0, interrupted=False)
        finally:
            logbook.close()
    return folder


@pytest.fixture
def production(shot_day: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of it; the shell stands in it."""
    folder = tmp_path / "Harbour"
    shutil.copytree(shot_day, folder)
    monkeypatch.chdir(folder)
    return folder


def _json(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def test_selects_replace_the_string_out_of_the_day(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for words in (["export", "edl"], ["log", "tag", "43A/1", "selects"], ["log", "tag", "42/1", "selects"]):
        assert main(words) == 0
    assert main(["log", "order", "43A/1", "--before", "42/1"]) == main(["export", "edl", "--tag", "selects"]) == 0
    folder = production / "exports"
    assert sorted(path.name for path in folder.iterdir()) == [
        "Harbour_Lights_day01.edl",
        "Harbour_Lights_day01_selects.edl",
    ]
    named = re.findall(r"FROM CLIP NAME: (\S+)", (folder / "Harbour_Lights_day01_selects.edl").read_text())
    assert list(dict.fromkeys(name[:5] for name in named)) == ["43A-1", "42-1_"]
    assert main(["export", "edl"]) == 0
    assert "earlier export" not in capsys.readouterr().err, "neither is taken for a part of the other"
    assert main(["export", "edl", "--tag", "crane"]) == 1
    assert capsys.readouterr().err.endswith('onset: No take of day 1 is tagged "crane"; "onset log tag" tags one.\n')
    assert main(["export", "edl", "--order", "tag"]) == 2


def test_newest_day_goes_into_the_production(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "ale"]) == 0
    out, err = capsys.readouterr()
    folder = production / "exports"
    assert sorted(path.name for path in folder.iterdir()) == [
        "Harbour_Lights_day01_A.ale",
        "Harbour_Lights_day01_B.ale",
    ]
    assert out.splitlines()[0] == f"ale of day 1 A, 12 events: {folder / 'Harbour_Lights_day01_A.ale'}"
    assert "left out: 42WT/1: no file of it is confirmed" in err.splitlines()


def test_document_has_files_and_what_is_left_out(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "ale", "--day", "1", "--camera", "A", "-o", "A.ale", "--json"]) == 0
    told = _json(capsys)
    path = production / "A.ale"
    assert told["files"] == [
        {"path": str(path), "day": 1, "part": "A", "events": 12, "bytes": path.stat().st_size},
    ]
    assert told["left_out"] == [{"what": "43A/2 A", "why": "no file of it is confirmed"}]
    assert (told["events"], told["days"], told["dry_run"], told["warnings"]) == (12, [1], False, [])


def test_corrected_day_replaces_our_file_and_no_other(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["export", "ale", "--camera", "A", "-o", "A.ale"]
    assert main(words) == 0
    first = Path("A.ale").read_bytes()
    assert main([*words, "--only", "circled"]) == 0
    second = Path("A.ale").read_bytes()
    assert len(second) < len(first)
    Path("A.ale").write_bytes(second + b"typed by the assistant")
    capsys.readouterr()
    assert main(words) == 1
    assert Path("A.ale").read_bytes() == second + b"typed by the assistant"
    assert "A.ale is there already and is not as onset wrote it here" in capsys.readouterr().err


def test_file_of_somebody_else_keeps_all_the_others_from_being_written(production: Path) -> None:
    folder = production / "exports"
    folder.mkdir()
    (folder / "Harbour_Lights_day01_B.ale").write_text("mine")
    assert main(["export", "ale"]) == 1
    assert [path.name for path in folder.iterdir()] == ["Harbour_Lights_day01_B.ale"]
    assert (folder / "Harbour_Lights_day01_B.ale").read_text() == "mine"


def test_narrower_export_names_what_stays_of_the_fuller_one_and_deletes_nothing(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = production / "exports"
    assert main(["export", "ale"]) == 0
    for name in ("Harbour_Lights_day01_C.ale", "Harbour_Lights_day01_Second_B.ale", "Harbour_Lights_day10_B.ale"):
        shutil.copy(folder / "Harbour_Lights_day01_B.ale", folder / name)
    (folder / "Harbour_Lights_day01_C.ale").write_text("")
    (folder / "Harbour_Lights_day01_B.ale.old").write_text("")
    assert "earlier export" not in capsys.readouterr().err
    logbook = open_logbook(production)
    logbook.add_unit("Second")
    logbook.close()
    sentence = f"Harbour_Lights_day01_B.ale is of an earlier export and not of this one; it stays in {folder}."
    before = sorted(folder.iterdir())
    assert main(["export", "ale", "--camera", "A"]) == 0
    assert [line for line in capsys.readouterr().err.splitlines() if "earlier" in line] == [sentence]
    assert main(["export", "ale", "--camera", "A", "--dry-run", "--json"]) == 0
    assert _json(capsys)["warnings"] == [sentence]
    assert main(["export", "ale", "--camera", "A", "-o", "elsewhere/"]) == 0
    assert "earlier" not in capsys.readouterr().err
    assert sorted(folder.iterdir()) == before


@pytest.mark.parametrize("form", ["resolve", "markers"])
def test_pattern_that_would_change_nothing_is_refused(
    form: str, production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", form, "--name", "{slate}-{take}"]) == 2
    assert f"{form} names no clips, so --name would change nothing; ale, edl, " in capsys.readouterr().err
    assert not (production / "exports").exists()


def test_dry_run_writes_nothing(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = sorted(production.rglob("*"))
    assert main(["export", "ale", "--dry-run"]) == 0
    assert sorted(production.rglob("*")) == before
    assert "would be written to" in capsys.readouterr().out


def test_link_in_place_of_the_file_is_not_followed(production: Path) -> None:
    Path("letter.txt").write_text("dear")
    os.symlink("letter.txt", "A.ale")
    assert main(["export", "ale", "--camera", "A", "-o", "A.ale"]) == 1
    assert Path("letter.txt").read_text() == "dear"
    assert main(["export", "ale", "--camera", "A", "-o", "B.ale"]) == 0
    os.symlink("B.ale", "C.ale")  # to what onset wrote itself
    assert main(["export", "ale", "--camera", "A", "-o", "C.ale"]) == 1
    assert Path("C.ale").is_symlink()


def test_standard_output_carries_one_file(
    shot_day: Path, capfdbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(shot_day)
    assert main(["export", "ale", "--camera", "B", "-o", "-"]) == 0
    assert capfdbinary.readouterr().out.startswith(b"Heading\r\n")
    assert main(["export", "ale", "-o", "-"]) == 2
    assert b"Standard output can carry one file; this ale makes 2 (day 1 A, day 1 B)" in capfdbinary.readouterr().err


def test_nothing_is_written_onto_a_card(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    card, target = tmp_path / "A014", tmp_path / "SHUTTLE"
    for folder in (card, target):
        folder.mkdir()
    (card / "A014C001.mov").write_bytes(b"picture")
    assert main(["offload", str(card), str(target), "--progress", "none"]) == 0
    capsys.readouterr()
    assert main(["export", "ale", "-o", f"{card}/"]) == 1
    assert "is a card that was offloaded; nothing is ever written to it" in capsys.readouterr().err
    assert [each.name for each in card.iterdir()] == ["A014C001.mov"]


def test_cameras_whose_names_make_one_file_name_have_two(production: Path) -> None:
    files = [MadeFile(day=day, part=part, content=b"", events=1) for day, part in ((1, "A 1"), (1, "A/1"), (2, "A"))]
    found, folder = places("Harbour", "Main", files, FORMATS["ale"], production, None)
    assert [path.name for path in found] == ["Harbour_day01_A_1.ale", "Harbour_day01_A_1_2.ale", "Harbour_day02_A.ale"]
    assert folder == production / "exports"


@pytest.mark.parametrize(
    ("words", "code", "sentence"),
    [
        (["--day", "7"], 1, "There is no day 7 of unit Main; the log has day 1."),
        (["--unit", "Second"], 1, 'There is no unit "Second"; this log has Main.'),
        (["--camera", "Q", "--episode", "101"], 1, "No take of day 1 goes with --camera Q --episode 101."),
        (["--rate", "25"], 1, "labels at 23.976 cannot be renamed to 25"),
        (["--rate", "fast"], 2, '"fast" is not a frame rate onset knows'),
        (["--rate", "120"], 2, "120 is a sensor rate; timecode is not labelled at it."),
        (["--offset", "late"], 2, '--offset: "late" is not a timecode'),
        (["--handles", "x"], 2, "--handles: x is no number of frames"),
        (["--handles", "-3"], 2, "--handles: -3 is no number of frames"),
        (["--name", "{reel}"], 2, "{reel} is no part of a clip's name"),
        (["--encoding", "latin-1"], 2, "ale is not written in latin-1; use utf-8 or ascii."),
        (["--record-start", "10:00:00:00"], 2, "ale has no sequence that could begin somewhere; edl"),
        (["--spreadsheet"], 2, "ale has no flavour for spreadsheets"),
        (["-o", "A.ale"], 2, "This makes 2 files (day 1 A, day 1 B); name a folder, or ask for one (--camera)."),
        (["--camera", "A", "-o", "nowhere/A.ale"], 1, "There is no folder"),
        (["-o", "-", "--json"], 2, "Standard output can carry the file (-o -) or the JSON (--json), not both."),
    ],
)
def test_what_cannot_be_is_said_in_a_sentence(
    shot_day: Path,
    words: list[str],
    code: int,
    sentence: str,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(shot_day)  # of which none of them changes anything
    assert main(["export", "ale", *words]) == code
    err = capsys.readouterr().err
    assert sentence in err
    assert err.count("\n") == 1
    assert not (shot_day / "exports").exists()


def test_sequence_begins_where_it_is_asked_to(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["export", "edl", "--record-start", "10:00:00:00", "-o", "day.edl"]) == 0
    assert Path("day.edl").read_bytes().split(b"\r\n")[2].split()[6] == b"10:00:00:00"
    capsys.readouterr()
    assert main(["export", "edl", "--record-start", "ten"]) == 2
    assert '--record-start: "ten" is not a timecode; write HH:MM:SS:FF.' in capsys.readouterr().err


def test_format_whose_library_is_missing_says_how_to_get_it(
    shot_day: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def not_there(name: str) -> None:
        raise ModuleNotFoundError("No module named 'opentimelineio'", name="opentimelineio")

    monkeypatch.setitem(FORMATS, "ale", Format(module="ale", suffix="ale", purpose="", extra="editorial"))
    monkeypatch.setattr(formats, "import_module", not_there)
    monkeypatch.chdir(shot_day)
    assert main(["export", "ale"]) == 1
    assert (
        capsys.readouterr().err
        == 'onset: ale needs opentimelineio, which is not installed; "pip install onset[editorial]" brings it.\n'
    )


@pytest.mark.parametrize(("name", "library"), [("fcp7", "otio_fcp_adapter"), ("otio", "opentimelineio")])
def test_extra_that_is_half_installed_is_told_too(
    production: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], name: str, library: str
) -> None:
    monkeypatch.delitem(sys.modules, f"onset.editorial.{name}", raising=False)
    monkeypatch.setitem(sys.modules, library, None)
    assert main(["export", name]) == 1
    sentence = f'onset: {name} needs {library}, which is not installed; "pip install onset[editorial]" brings it.\n'
    assert capsys.readouterr().err == sentence
