"""`onset report` as a person uses it, on a real log: where the paper goes, and what it refuses."""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path

import pytest

from onset.cli.demo import make_rehearsal
from onset.cli.find import open_logbook
from onset.cli.main import main
from onset.cli.rehearsal import DAY, ScriptSupervisor
from onset.clock import ManualClock
from onset.domain.card import Card, Copy
from onset.domain.take import Stamp
from tests.onset.stills.pictures import png

START_NS = 1_772_700_000_000_000_000  # 2026-03-05, 08:40 UTC


@pytest.fixture(scope="module")
def shot_day(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A production with a day of takes in its log, made once."""
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


def test_newest_day_goes_as_pdf_into_the_production(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "editor"]) == 0
    path = production / "reports" / "Harbour_Lights_day01_editor.pdf"
    assert path.read_bytes().startswith(b"%PDF-")
    out, err = capsys.readouterr()
    assert out == f"Editor's log of day 1, 12 takes: {path}\n"
    assert err == ""


@pytest.mark.parametrize(
    ("name", "more", "begin"),
    [
        ("day.html", [], b"<!DOCTYPE html>"),
        ("day.pdf", [], b"%PDF-"),
        ("day.txt", [], b"Harbour Lights"),
        ("day", [], b"%PDF-"),
        ("day.v2", ["--format", "html"], b"<!DOCTYPE html>"),
    ],
)
def test_format_follows_the_name_unless_it_is_said(production: Path, name: str, more: list[str], begin: bytes) -> None:
    assert main(["report", "editor", "--day", "1", "-o", name, *more]) == 0
    assert (production / name).read_bytes().startswith(begin)


@pytest.mark.parametrize("name", ["day3.docx", "log.onset", "Day 3.v2"])
def test_ending_of_another_kind_of_file_gets_a_pdf(
    production: Path, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    before = sorted(os.listdir(production))
    assert main(["report", "editor", "-o", name]) == 2
    ending = name.rpartition(".")[2]
    said = f"onset: {name} cannot be written as .{ending}; name it .pdf, .html or .txt, or give --format.\n"
    assert capsys.readouterr().err == said
    assert sorted(os.listdir(production)) == before


def test_folder_with_a_dot_in_its_name_is_taken_for_a_file(production: Path) -> None:
    (production / "paper.v2").mkdir()
    assert main(["report", "editor", "-o", "paper.v2"]) == 0
    assert os.listdir(production / "paper.v2") == ["Harbour_Lights_day01_editor.pdf"]


def test_folder_as_output_gets_a_file_in_it(production: Path) -> None:
    assert main(["report", "editor", "--format", "txt", "-o", "paper/"]) == 0
    assert os.listdir(production / "paper") == ["Harbour_Lights_day01_editor.txt"]


def test_standard_output_carries_only_the_report(production: Path, capfdbinary: pytest.CaptureFixture[bytes]) -> None:
    assert main(["report", "editor", "--format", "txt", "-o", "-"]) == 0
    out, err = capfdbinary.readouterr()
    assert out.startswith(b"Harbour Lights - onset editor log\n")
    assert err == b""
    assert not (production / "reports").exists()


def test_two_documents_on_standard_output_are_refused(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "editor", "-o", "-", "--json"]) == 2
    assert capsys.readouterr().out == ""


def test_json_names_the_file(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "editor", "--json", "-o", "a.html"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told == {
        "report": "editor",
        "day": 1,
        "unit": "Main",
        "format": "html",
        "path": str(production / "a.html"),
        "bytes": (production / "a.html").stat().st_size,
        "takes": 12,
        "warnings": [],
        "revision": None,
        "draft": False,
        "issued": False,
        "changes": 0,
        "dry_run": False,
    }


def test_pdf_is_of_the_sheet_that_the_production_prints_on(production: Path) -> None:
    assert main(["log", "production", "paper=Letter"]) == 0
    assert main(["report", "editor", "-o", "a.pdf"]) == 0
    assert b"/MediaBox [ 0 0 792 612 ]" in (production / "a.pdf").read_bytes()
    assert main(["report", "editor", "-o", "a.pdf", "--paper", "a4"]) == 0
    assert b"/MediaBox [ 0 0 841.8898 595.2756 ]" in (production / "a.pdf").read_bytes()


def test_report_of_a_day_that_was_not_shot(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "editor", "--day", "9"]) == 1
    assert capsys.readouterr().err == "onset: There is no day 9 of unit Main; the log has day 1.\n"
    assert not (production / "reports").exists()


def test_report_before_the_first_take(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    make_rehearsal(tmp_path / "Empty", 1)
    assert main(["-p", str(tmp_path / "Empty"), "report", "editor"]) == 1
    out, err = capsys.readouterr()
    assert err == "onset: No shooting day of unit Main has been opened yet.\n"
    assert out == ""


def test_log_is_not_overwritten_by_its_own_report(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = (production / "log.onset").read_bytes()
    assert main(["report", "editor", "--format", "pdf", "-o", "log.onset"]) == 1
    assert "is there already and is no report of onset's" in capsys.readouterr().err
    assert (production / "log.onset").read_bytes() == before


def test_log_whose_notes_speak_of_the_report_is_overwritten(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["log", "note", "last", "Ask for the onset editor log"]) == 0
    for _ in range(2):  # the report with this note in it is still ours, the log with it is not
        for name in ("day.pdf", "day.html", "day.txt"):
            assert main(["report", "editor", "-o", name]) == 0
    assert "onset editor log" in (production / "day.txt").read_text().partition("\n")[2]
    before = (production / "log.onset").read_bytes()
    assert b"Ask for the onset editor log" in before
    capsys.readouterr()
    assert main(["report", "editor", "--format", "pdf", "-o", "log.onset"]) == 1
    assert "is no report of onset's" in capsys.readouterr().err
    assert (production / "log.onset").read_bytes() == before


def test_report_is_made_again_over_itself(production: Path) -> None:
    assert main(["report", "editor", "-o", "day.pdf"]) == 0
    first = (production / "day.pdf").read_bytes()
    assert main(["report", "editor", "-o", "day.pdf"]) == 0
    assert (production / "day.pdf").read_bytes() == first


def test_private_and_production_notes_stay_in_the_log(production: Path) -> None:
    assert main(["report", "editor", "-o", "day.html"]) == 0
    page = (production / "day.html").read_text()
    assert "Generator on the quay" in page
    assert "harbour master" not in page
    assert "unsure of line 3" not in page


def test_broken_configuration_costs_a_name_that_the_log_has_not_and_no_report(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (production / "config.toml").write_text("[production]\ntitel = 1\n")
    assert main(["report", "editor", "-o", "day.txt"]) == 0
    assert "onset: company is left out: config.toml" in capsys.readouterr().err
    assert "Director: A. Rehearsal" in (production / "day.txt").read_text()
    assert "Lamp went out" in (production / "day.txt").read_text()


def test_wrap_summary_of_a_day_without_cards(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wrap", "--day", "1", "--format", "txt", "-o", "-"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("Harbour Lights - onset wrap summary\nDay 1, 2026-03-05, Main unit, TC at 23.976 fps\n")
    assert "CARDS NOT CLEARED\n  No card was offloaded.\n" in page
    assert "OPEN DIFFERENCES\n  None.\n" in page, "what has not come is pending, not wrong"
    assert "PENDING (" in page
    assert "Lamp went out" not in page, "notes go to the editor"


@pytest.mark.parametrize("name", ["wrap.pdf", "wrap.html", "wrap.txt"])
def test_wrap_summary_is_made_again_over_itself_and_not_over_a_letter(production: Path, name: str) -> None:
    assert main(["report", "wrap", "-o", name]) == 0
    first = (production / name).read_bytes()
    assert main(["report", "wrap", "-o", name]) == 0
    assert (production / name).read_bytes() == first
    (production / name).write_text("Dear Maya, the onset wrap summary is late.\n")
    assert main(["report", "wrap", "-o", name]) == 1


def test_json_of_the_wrap_summary_counts_what_needs_a_hand(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", "wrap", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["path"] == str(production / "reports" / "Harbour_Lights_day01_wrap.pdf")
    assert (told["report"], told["takes"], told["open"], told["cards_not_cleared"]) == (
        "wrap",
        12,
        0,
        0,
    )  # the wild track and the false start are none
    assert told["pending"] > 0


def test_offload_report_of_a_day_counts_its_cards(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "offload", "--format", "txt"]) == 0
    path = production / "reports" / "Harbour_Lights_day01_offload.txt"
    assert capsys.readouterr().out == f"Offload report of day 1, 0 cards: {path}\n"
    logbook = open_logbook(production)
    try:
        folder = production / "SHUTTLE" / "A001"
        folder.mkdir(parents=True)
        for number in (1, 3):
            (folder / f"A001C00{number}_260305_R3U2.mov").write_bytes(b"picture")
        copy = Copy(path=str(folder), verified=2, failed=0, read_back="direct", manifest=None, disk="S")
        logbook.record_card(
            Card(
                id="", label="A001", fingerprint="f" * 64, files=2, size=9_000_000, verdict="not safe",
                reasons=("1 complete copy, 2 are wanted",), wall_ns=START_NS, copies=(copy,), day=1,
            )
        )  # fmt: skip
    finally:
        logbook.close()
    assert main(["report", "offload", "--format", "txt", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["report"], told["cards"], told["not_safe"], told["clips"]) == ("offload", 1, 1, 0)
    assert told["warnings"] == ["A001 must not be formatted."]
    assert " SHUTTLE/A001" in path.read_text(), "a paper says nothing of where this machine has the production"
    assert str(production) not in path.read_text()
    assert "no A001C002" in path.read_text()
    for name in ("offload.pdf", "offload.html"):
        assert main(["report", "offload", "-o", name]) == 0
        assert (production / name).stat().st_size > 1000


def test_report_is_never_written_onto_a_card(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    card, target = tmp_path / "A014", tmp_path / "SHUTTLE"
    for folder in (card, target):
        folder.mkdir()
    (card / "A014C001_260305_R3U2.mov").write_bytes(b"picture")
    assert main(["offload", str(card), str(target), "--progress", "none"]) == 0
    capsys.readouterr()
    assert main(["report", "offload", "-o", f"{card}/"]) == 1
    assert "is a card that was offloaded; nothing is ever written to it" in capsys.readouterr().err
    assert [each.name for each in card.iterdir()] == ["A014C001_260305_R3U2.mov"]
    assert main(["report", "offload", "-o", "offload.txt"]) == 0
    words = " ".join((production / "offload.txt").read_text().split())
    assert re.search(r"in \d+\.\d s \(", words)  # the record of the job tells how long it took


def test_production_that_was_copied_like_a_card_cannot_print_any_more(
    production: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody put the laptop's folder on a disk with offload: that makes it no card."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    (tmp_path / "SHUTTLE").mkdir()
    monkeypatch.chdir(tmp_path)
    assert main(["offload", str(production), str(tmp_path / "SHUTTLE"), "--progress", "none"]) == 0
    assert main(["-p", str(production), "report", "editor"]) == 0


def test_wrap_summary_of_a_day_that_was_not_shot(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "wrap", "--day", "9"]) == 1
    assert capsys.readouterr().err == "onset: There is no day 9 of unit Main; the log has day 1.\n"


def test_a_missed_take_stands_where_it_was_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "Fjord"
    assert main(["new", str(folder), "--rate", "25"]) == 0
    for words in (("roll", "50"), ("cut",), ("add", "42C/1", "--at", "00:00"), ("roll", "51"), ("cut",)):
        assert main(["-p", str(folder), "log", *words]) == 0
    path = tmp_path / "day.txt"
    assert main(["-p", str(folder), "report", "editor", "--format", "txt", "-o", str(path)]) == 0
    slates = [line.split(" | ")[0] for line in path.read_text().splitlines() if " | Scene " in line]
    assert slates == ["42C", "50", "51"]


def test_camera_report_of_one_roll(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "camera", "--roll", "a001", "--format", "txt"]) == 0
    path = production / "reports" / "Harbour_Lights_day01_a001_camera.txt"
    assert capsys.readouterr().out == f"Camera report of day 1, 1 roll, 12 takes: {path}\n"
    text = path.read_text()
    assert text.startswith("Harbour Lights - onset camera report\n")
    assert "CAMERA A, ROLL A001" in text
    assert "ROLL B001" not in text
    assert main(["report", "camera", "--camera", "b", "-o", "b.pdf"]) == 0
    assert main(["report", "camera", "--camera", "b", "-o", "b.pdf"]) == 0  # it replaces itself
    capsys.readouterr()
    assert main(["report", "camera", "--roll", "A099"]) == 1
    said = "onset: There is no roll A099 on day 1; its cameras and rolls: A A001, B B001.\n"
    assert capsys.readouterr().err == said


def test_option_of_another_report_is_refused(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "editor", "--roll", "A001"]) == 2
    assert capsys.readouterr().err == "onset: --roll is for the camera or the sound report; leave it out of this one.\n"


def test_sound_report_of_one_roll(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "sound", "--roll", "s001", "-o", "sound.html", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["report"], told["rolls"]) == ("sound", 1)
    assert "Roll S001" in (production / "sound.html").read_text()
    assert main(["report", "sound", "--roll", "s001", "-o", "sound.html"]) == 0  # it replaces itself


def test_continuity_of_a_scene(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["log", "continuity", "MARA", "--scene", "42", "wardrobe=navy coat"]) == 0
    capsys.readouterr()
    assert main(["report", "continuity", "--scene", "42", "--format", "txt"]) == 0
    path = production / "reports" / "Harbour_Lights_scene_42_continuity.txt"
    assert capsys.readouterr().out == f"Continuity report of scene 42, 1 scene, 1 look: {path}\n"
    assert "wardrobe: navy coat" in path.read_text()
    assert main(["report", "continuity", "--scene", "42", "--format", "txt"]) == 0  # it replaces itself
    assert main(["report", "continuity", "--character", "OLAF"]) == 1
    assert capsys.readouterr().err == "onset: No continuity is written of OLAF; the log has that of MARA.\n"
    assert main(["report", "continuity", "--scene", ""]) != 0
    assert main(["report", "continuity", "--unit", "Splinter"]) == 1
    assert "Splinter" in capsys.readouterr().err


def test_logo_stands_in_the_head_and_a_broken_one_costs_only_itself(
    production: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = production / "config.toml"
    config.write_text(config.read_text().replace("[production]", '[production]\nlogo = "logo.png"', 1))
    assert main(["report", "editor", "-o", "without.pdf"]) == 0
    why = "it cannot be read: No such file or directory."
    assert capsys.readouterr().err == f"onset: the logo {production / 'logo.png'} is left out: {why}\n"
    (production / "logo.png").write_bytes(png((300, 100)))
    for kind in ("editor", "camera"):
        assert main(["report", kind, "-o", "with.html"]) == 0
        assert (production / "with.html").read_text().count('<img class="logo" src="data:image/png;base64,') == 1
    assert main(["report", "editor", "-o", "with.pdf"]) == 0
    assert capsys.readouterr().err == ""
    assert b"/Width 300" in (production / "with.pdf").read_bytes()
    assert b"/Width 300" not in (production / "without.pdf").read_bytes()
    (production / "logo.png").write_bytes(b"no picture")
    assert main(["report", "editor", "-o", "with.pdf"]) == 0
    assert "is left out: it is no JPEG and no PNG" in capsys.readouterr().err
    assert (production / "with.pdf").read_bytes() == (production / "without.pdf").read_bytes()
    config.write_text(config.read_text() + "\n[nonsense]\n")
    assert main(["report", "editor", "-o", "with.pdf"]) == 0
    assert "onset: the logo is left out: " in capsys.readouterr().err
