"""`onset report progress` as the script supervisor uses it, at lunch and at wrap."""

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
    assert capsys.readouterr().err == "onset: Only a progress report is made of a part of a day; leave --partial out.\n"
    assert not Path("reports").exists()
