"""A day goes out to those who wait for it: a wrong report, a folder half made, a correction that nobody is told of."""

from __future__ import annotations

import argparse
import errno
import io
import json
import os
import re
import subprocess
import sys
import zipfile
from collections.abc import Callable
from contextlib import redirect_stdout
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import html

from logging_db.backup import log_tag
from onset.cli import export, wrap_set
from onset.cli.main import main
from onset.cli.new import config_text, make_production
from onset.mhl.history import has_history
from tests.independent import REFERENCE_TOOL
from tests.needs import require

Run = Callable[..., tuple[int, str, str]]

RECIPIENTS = """
[[recipient]]
name = "Cutting room"
reports = ["editor", "wrap"]
formats = ["html", "txt"]
log = true

[[recipient]]
name = "../production"
reports = ["progress", "offload"]
formats = ["txt"]
at = ["first-shot", "lunch", "wrap"]
zip = true
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A production with two takes on day 1, and two recipients."""
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour <Lights>/..", "25", "us"))
    with (folder / "config.toml").open("a") as config:
        config.write(RECIPIENTS)
    return folder


@pytest.fixture
def run(folder: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("wrap")` there: exit code, output, complaint."""

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(folder), *words])
        return code, *capsys.readouterr()

    # One time for both: of two, the later one is yesterday's for as long as it is still to come today.
    run("log", "add", "42A/1", "--at", "09:10")
    run("log", "add", "42A/2", "--at", "09:10")
    return run


def wrapped(run: Run, *words: str) -> dict[str, Any]:
    code, out, err = run("wrap", "--json", *words)
    assert code == 0, err
    told: dict[str, Any] = json.loads(out)
    return told


def today(run: Run) -> None:
    """Day 2 goes on."""
    assert run("log", "roll", "43")[0] == 0
    assert run("log", "cut")[0] == 0
    assert json.loads(run("log", "list", "--json")[1])["takes"][0]["day"] == 2


def revisions(told: dict[str, Any]) -> dict[str, tuple[int, bool, int]]:
    return {one["report"]: (one["revision"], one["issued"], one["changes"]) for one in told["reports"]}


def read(folder: Path) -> dict[str, bytes]:
    """Everything below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_recipient_gets_what_another_was_to_get(run: Run, folder: Path) -> None:
    made = Path(wrapped(run)["folder"])
    assert made.parent == folder / "wrap"
    assert made.name.startswith("day01_20")
    assert sorted(os.listdir(made)) == ["Cutting_room", "README.txt", "production.zip"]
    assert sorted(name for name in read(made / "Cutting_room") if "ascmhl" not in name) == [
        "README.txt",
        "log/Harbour_Lights_day01.onset",
        "reports/Harbour_Lights_day01_editor_rev1.html",
        "reports/Harbour_Lights_day01_editor_rev1.txt",
        "reports/Harbour_Lights_day01_wrap_rev1.html",
        "reports/Harbour_Lights_day01_wrap_rev1.txt",
    ]
    with zipfile.ZipFile(made / "production.zip") as packed:
        assert packed.testzip() is None
        names = [name for name in packed.namelist() if "ascmhl" not in name]
        assert "1 edits" not in packed.read("production/README.txt").decode()
    assert sorted(names) == [
        "production/README.txt",
        "production/reports/Harbour_Lights_day01_offload_rev1.txt",
        "production/reports/Harbour_Lights_day01_progress_rev1.txt",
    ]
    assert has_history(made / "Cutting_room")
    mine = (made / "Cutting_room/README.txt").read_text()
    listed = [line.split(":")[0].strip() for line in mine.splitlines() if line.startswith("  ")]
    assert listed == sorted(listed)
    assert re.search(r"editor_rev1\.txt: \d+ B, revision 1$", mine, re.MULTILINE)
    assert re.search(r"day01\.onset: \S+ kB, a copy of the log, .*; private notes are in it$", mine, re.MULTILINE)
    said = (made / "README.txt").read_text()
    assert "production.zip, for ../production\n" in said
    assert "  reports/Harbour_Lights_day01_editor_rev1.txt: revision 1\n" in said


def test_another_program_finds_the_manifest_wrong(run: Run, tmp_path: Path) -> None:
    require(REFERENCE_TOOL.exists(), "the ASC MHL reference tool (ascmhl) is not installed")
    made = Path(wrapped(run)["folder"])
    with zipfile.ZipFile(made / "production.zip") as packed:
        packed.extractall(tmp_path / "far away")
    for place in (made / "Cutting_room", tmp_path / "far away" / "production"):
        done = subprocess.run([REFERENCE_TOOL, "verify", place], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stdout + done.stderr


def test_check_that_the_folder_names_changes_the_folder(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    made = Path(wrapped(run)["folder"])
    monkeypatch.chdir(made)
    before = read(made)
    command = re.search(r'"onset (verify .+?)"', before["Cutting_room/README.txt"].decode())
    assert command is not None
    assert main(command[1].split()) == 0
    assert read(made) == before


def test_correction_after_wrap_gives_the_wrong_reports_a_revision(run: Run) -> None:
    """Yesterday's log is corrected: exactly the reports that it touches, with the right cells marked."""
    first = wrapped(run)
    assert set(revisions(first).values()) == {(1, True, 0)}
    today(run)
    run("log", "note", "42A/2", "boom in shot")
    second = wrapped(run, "--day", "1", "--note", "boom")
    assert revisions(second) == {
        "editor": (2, True, 1),
        "wrap": (1, False, 0),
        "progress": (1, False, 0),
        "offload": (1, False, 0),
    }
    assert second["made"] is True
    old, new = Path(first["folder"]), Path(second["folder"])
    assert new.name == f"{old.name}_2"
    page = html.fromstring((new / "Cutting_room/reports/Harbour_Lights_day01_editor_rev2.html").read_bytes())
    assert [each.text_content() for each in page.find_class("changed")] == ["*boom in shot"]
    text = (new / "Cutting_room/reports/Harbour_Lights_day01_editor_rev2.txt").read_text()
    assert [line.strip() for line in text.splitlines() if line.strip().startswith("*")] == ["*boom in shot"]
    assert "boom. What changed since revision 1" in " ".join(text.split())  # wherever the line is broken
    assert "revision 2, 1 change since revision 1" in (new / "Cutting_room/README.txt").read_text()
    assert "*" not in (old / "Cutting_room/reports/Harbour_Lights_day01_editor_rev1.txt").read_text()
    assert "Revision 1" in (new / "Cutting_room/reports/Harbour_Lights_day01_wrap_rev1.txt").read_text()


def test_wrap_that_is_given_again_changes_what_was_sent(run: Run, folder: Path) -> None:
    first = wrapped(run)
    before = read(Path(first["folder"]))
    again = wrapped(run)
    assert (again["folder"], again["made"]) == (first["folder"], False)
    assert "Nothing changed since the folder" in run("wrap")[1]
    run("log", "set", "42A/2", "status=circled")
    third = wrapped(run)
    assert third["made"] is True
    assert read(Path(first["folder"])) == before
    assert sorted(os.listdir(folder / "wrap")) == [Path(first["folder"]).name, Path(third["folder"]).name]
    assert revisions(third)["progress"][0] == 2


def test_lunch_ends_the_day(run: Run) -> None:
    told = wrapped(run, "--set", "lunch")
    assert (told["set"], told["wrapped_ns"]) == ("lunch", None)
    assert [one["name"] for one in told["recipients"]] == ["../production"]
    assert "reports/Harbour_Lights_day01_partial_progress_rev1.txt" in told["recipients"][0]["files"]
    assert told["folder"].endswith("_lunch")
    run("log", "set", "42A/2", "status=circled")
    assert revisions(wrapped(run))["progress"][0] == 1, "lunch is no revision of the whole day"
    scopes = {one["report"]: one["scope"] for one in json.loads(run("report", "--issued", "--json")[1])["issued"][:1]}
    assert scopes == {"editor": None}


@pytest.mark.parametrize("stage", ["_write", "_seal", "_pack", "_sync", "_publish"])
def test_disk_that_is_full_leaves_half_a_folder(
    run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch, stage: str
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as disk:
        disk.setattr(wrap_set, stage, full)
        code, out, err = run("wrap")
    assert code == 1
    assert "has ended" in out
    assert f"The folder of day 1 could not be made in {folder / 'wrap'}: No space left on device." in err
    assert os.listdir(folder / "wrap") == []
    told = wrapped(run)
    assert told["made"] is True
    assert {each[0] for each in revisions(told).values()} == {1}


def test_report_that_there_is_not_costs_the_others(run: Run, folder: Path) -> None:
    with (folder / "config.toml").open("a") as config:
        config.write('\n[[recipient]]\nname = "x"\nreports = ["editor"]\nexports = ["ale"]\n')
    code, out, _ = run("wrap", "--json")
    assert code == 1, "who sends it by a script is told"
    (one,) = [each for each in json.loads(out)["recipients"] if each["name"] == "x"]
    assert one["files"] == ["reports/Harbour_Lights_day01_editor_rev1.pdf"]
    assert one["left_out"][0].startswith("ale export: ")
    assert "not in it, ale export: " in (Path(one["path"]) / "README.txt").read_text()


def test_mistyped_recipient_keeps_the_day_open(run: Run, folder: Path) -> None:
    with (folder / "config.toml").open("a") as config:
        config.write('\n[[recipient]]\nname = "x"\nreports = ["edtor"]\n')
    code, out, err = run("wrap")
    assert code == 2
    assert "has ended" in out
    assert 'did you mean "editor"?' in err
    assert not (folder / "wrap").exists()
    assert json.loads(run("report", "--issued", "--json")[1])["issued"] == []


def test_leftover_of_a_killed_wrap_stays(run: Run, folder: Path) -> None:
    dead = "4194304.onset-part"  # no process has this number
    left = folder / "wrap" / f".day01_2026-01-01.{log_tag(folder / 'log.onset')}.{dead}"
    (left / "x").mkdir(parents=True)
    theirs = f".day01_2026-01-01.00000000.{dead}"  # on another machine it may have
    (folder / "wrap" / theirs).mkdir()
    made = wrapped(run)["folder"]
    assert sorted(os.listdir(folder / "wrap")) == [theirs, Path(made).name]


def test_check_finds_nothing_missing(run: Run) -> None:
    code, out, _ = run("wrap", "--check", "--json")
    told = json.loads(out)
    assert (code, told["day"], told["complete"]) == (1, 1, False)
    assert {what: len(found) for what, found in told["missing"].items() if found} == {
        "stamps": 2,
        "credits": 1,
        "clips": 2,
    }
    assert told["missing"]["clips"][0] == "42A/1 has no confirmed file"
    code, out, _ = run("wrap", "--check")
    assert "credits: scene 42 was shot and nobody credited it\n" in out
    assert json.loads(run("report", "--issued", "--json")[1])["issued"] == [], "it issues nothing"


def test_correction_of_a_day_that_was_sent_is_not_missed(run: Run) -> None:
    wrapped(run)
    run("log", "note", "42A/2", "boom in shot")
    found = json.loads(run("wrap", "--check", "--day", "1", "--json")[1])["missing"]["corrections"]
    assert len(found) == 1, "it has ended itself"
    today(run)
    missing = json.loads(run("wrap", "--check", "--json")[1])["missing"]
    assert missing["corrections"] == [
        'the editor report of day 1 differs from revision 1; "onset wrap --day 1" issues it again'
    ]
    wrapped(run, "--day", "1")
    assert json.loads(run("wrap", "--check", "--json")[1])["missing"]["corrections"] == []


def test_correction_of_a_roll_that_was_sent_is_missed(run: Run) -> None:
    run("log", "set", "42A/*", "A.roll=A014")
    run("report", "camera", "--roll", "A014", "--issue")
    run("report", "progress", "--partial", "--issue")
    run("wrap")
    run("log", "set", "42A/2", "A.stop=2.8")
    found = json.loads(run("wrap", "--check", "--json")[1])["missing"]["corrections"]
    again = "report camera --day=1 --roll=A014 --issue"
    assert found == [
        f'the camera report of roll A014, of day 1 differs from revision 1; "onset {again}" issues it again'
    ]
    assert run(*again.split())[0] == 0
    assert json.loads(run("wrap", "--check", "--json")[1])["missing"]["corrections"] == []


def test_log_alone_is_no_production(run: Run, folder: Path) -> None:
    """Without a config.toml nobody is configured, as in one that names nobody."""
    (folder / "config.toml").unlink()
    code, out, err = run("wrap", "--json")
    assert (code, err.count("\n")) == (0, 1), err
    assert [one["name"] for one in json.loads(out)["recipients"]] == ["everyone"]
    assert run("wrap", "--check")[2] == ""


@pytest.mark.parametrize(
    "words", [("--check", "--set", "lunch"), ("--check", "--note", "x"), ("--set", "lunch", "--histories")]
)
def test_word_that_means_nothing_is_passed_over(run: Run, words: tuple[str, ...]) -> None:
    code, out, err = run("wrap", *words)
    assert (code, out) == (2, "")
    assert "--check only lists" in err or "goes on" in err


def test_everyone_gets_an_empty_sheet(run: Run, folder: Path) -> None:
    """Without a recipient each report goes to everyone that has something to say."""
    config = folder / "config.toml"
    config.write_text(config.read_text().removesuffix(RECIPIENTS))
    (everyone,) = wrapped(run)["recipients"]
    kinds = {name.removesuffix("_rev1.pdf").rpartition("_")[2] for name in everyone["files"]}
    assert kinds >= {"editor", "progress", "wrap"}
    assert "continuity" not in kinds
    assert "continuity report: there is nothing to say on day 1." in everyone["left_out"]


def test_copy_that_runs_is_waited_for(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from onset.offload import journal

    sheet = journal.JobSheet(
        id="j", card="/media/A014", label="A014", fingerprint="f", folders=("/a/SHUTTLE",), source_check="none",
        started_ns=1, pid=1,
    )  # fmt: skip
    running = journal.JobSummary(sheet, folder, running=True, finished=False)
    others = replace(running, sheet=replace(sheet, label="Z099"))
    run("log", "load", "A", "A014")
    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(journal, "find_jobs", lambda _: [running, others])
        told = wrapped(run)
    assert told["pending"] == ["A014 is still being copied (1 copy)"], "Z099 is another production's"
    assert "Pending\n  A014 is still being copied (1 copy)\n" in (Path(told["folder"]) / "README.txt").read_text()
    again = wrapped(run)
    assert (again["made"], again["pending"]) == (True, [])
    assert "Nothing is pending." in (Path(again["folder"]) / "README.txt").read_text()


def test_take_that_an_export_lacks_is_not_told(run: Run, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with (folder / "config.toml").open("a") as config:
        config.write('\n[[recipient]]\nname = "x"\nexports = ["csv"]\n')
    real = export.run

    def lacking(args: argparse.Namespace) -> int:
        """As of a day in which seven takes have no file yet."""
        with redirect_stdout(io.StringIO()) as told:
            real(args)
        document = json.loads(told.getvalue())
        sys.stdout.write(
            json.dumps({**document, "left_out": [{"what": f"42A/{n}", "why": "no file of it"} for n in range(1, 8)]})
        )
        return 0

    monkeypatch.setattr(export, "run", lacking)
    (one,) = [each for each in wrapped(run)["recipients"] if each["name"] == "x"]
    assert one["files"] == ["exports/Harbour_Lights_day01_events.csv"]
    assert one["left_out"] == [*(f"csv export: 42A/{n}, no file of it" for n in range(1, 6)), "csv export: and 2 more"]
