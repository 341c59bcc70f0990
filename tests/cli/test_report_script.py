"""`onset report progress` and `facing` as the script supervisor uses them, at lunch and at wrap."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from onset.cli.main import main
from tests.cli.at_the_desk import Run, new_production


@pytest.fixture
def log(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Run:
    """A day with two takes of 42; the shell stands in the production."""
    run = new_production(tmp_path / "Harbour", capsys)
    monkeypatch.chdir(tmp_path / "Harbour")
    for slate in ("42/1", "42/2"):
        assert run("add", slate, "--for", "10")[0] == 0
    return run


def test_part_of_a_day_is_filed_over_the_whole(log: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert log("credit", "42", "complete", "--eighths", "1 4/8")[0] == 0
    assert main(["report", "progress", "--partial"]) == 0
    assert main(["report", "progress", "--json"]) == 0
    out, err = capsys.readouterr()
    told = json.loads(out.splitlines()[1])
    assert (told["report"], told["takes"], told["setups"], told["scenes_complete"]) == ("progress", 2, 1, 1)
    assert "PARTIAL: the day goes on" in err
    assert sorted(os.listdir("reports")) == [
        "Harbour_Lights_day01_partial_progress.pdf",
        "Harbour_Lights_day01_progress.pdf",
    ]


def test_progress_and_totals_say_something_else(log: Run) -> None:
    assert log("credit", "42", "part", "--eighths", "6/8", "--minutes", "0:30")[0] == 0
    assert main(["report", "progress", "-o", "night.txt"]) == 0
    text = Path("night.txt").read_text()
    _, totals, _ = log("totals")
    for what in ("Pages", "Setups", "Takes"):
        (mine,) = [line.split() for line in text.splitlines() if line.startswith(f"  {what} ")]
        word = {"Pages": "pages credited"}.get(what, what.lower())
        (own,) = [line.removeprefix(word).split() for line in totals.splitlines() if line.startswith(word)]
        # onset log totals: before, today, to date; the report has the script before them
        assert " ".join(own[:3]) in " ".join(mine)


def test_other_reports_have_no_part_of_a_day(log: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", "editor", "--partial"]) == 2
    assert capsys.readouterr().err == "onset: --partial is for the progress report; leave it out of this one.\n"
    assert not Path("reports").exists()


@pytest.mark.parametrize(
    ("asked", "name"),
    [
        (["--scene", "42"], "Harbour_Lights_scene_42_facing.txt"),
        (["--day", "1"], "Harbour_Lights_day01_facing.txt"),
        ([], "Harbour_Lights_day01_facing.txt"),
        (["--all"], "Harbour_Lights_all_facing.txt"),
    ],
)
def test_facing_pages_are_filed_by_what_they_are_of(log: Run, asked: list[str], name: str) -> None:
    assert main(["report", "facing", *asked, "--format", "txt"]) == 0
    assert os.listdir("reports") == [name]
    text = Path("reports", name).read_text()
    assert "\nScene 42\n" in text
    assert text.count("S001") == 0
    assert [line.split()[0] for line in text.splitlines() if line.startswith("  ") and "0:10" in line] == ["1", "2"]


@pytest.mark.parametrize(
    ("asked", "complaint"),
    [
        (["facing", "--scene", "42", "--all"], "Facing pages are of one scene (--scene), of a day (--day) or of all"),
        (["facing", "--scene", "7"], "There is no scene 7 in the script or the log"),
        (["facing", "--scene", ""], "A scene must not be empty."),
        (["facing", "--scene", "4" * 5000], f'The scene "{"4" * 32}…" is longer than 32 characters.'),
        (["facing", "--day", "5"], "There is no day 5 of unit Main; the log has day 1."),
        (["editor", "--scene", "42"], "--scene is for the facing"),
    ],
)
def test_pages_that_cannot_be(log: Run, asked: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["report", *asked]) != 0
    out, err = capsys.readouterr()
    assert (out, err.startswith(f"onset: {complaint}"), err.count("\n")) == ("", True, 1)
    assert not Path("reports").exists()


def test_scene_spelled_otherwise_is_issued_as_another_paper(log: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert log("scene", "42", "eighths=4")[0] == 0
    assert main(["report", "facing", "--scene", "42", "--issue"]) == 0
    assert log("set", "42/1", "status=circled")[0] == 0
    assert main(["report", "facing", "--scene", "042", "--issue"]) == 0
    assert main(["report", "facing", "--issued"]) == 0
    lines = sorted(capsys.readouterr().out.splitlines()[-2:])
    assert [line.partition(":")[0] for line in lines] == [f"facing scene 42, revision {number}" for number in (1, 2)]


def test_scene_of_an_episode(log: Run, capsys: pytest.CaptureFixture[str]) -> None:
    assert log("add", "101:7/1", "--for", "5")[0] == 0
    assert main(["report", "facing", "--scene", "101:7", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert (told["scenes"], told["takes"]) == (1, 1)
    assert told["path"].endswith("Harbour_Lights_scene_101_7_facing.pdf")
