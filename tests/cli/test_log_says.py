"""What `onset log` and `onset merge` say where something is wrong that is not the log's own."""

from __future__ import annotations

from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest

from logging_db.elsewhere import Line
from logging_db.forked import Branch, Parting
from logging_db.logbook import create_log, log_in_memory
from logging_db.taking_in import edits_after
from onset.cli.main import main
from tests.cli.test_log import document
from tests.logging_db.support import a_clock

CONFIG = '[production]\ntitle = "Harbour Lights"\nrate = "25"\n'


@pytest.fixture
def production(tmp_path: Path) -> Path:
    create_log(tmp_path, title="Harbour Lights", rate="25")
    (tmp_path / "config.toml").write_text(CONFIG)
    return tmp_path


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


def test_misspelt_backup_to_keeps_no_second_journal(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (production / "config.toml").write_text(f'{CONFIG}[log]\nbackupto = "{production}"\n')
    now = f"{datetime.now().astimezone():%H:%M}"  # an hour that is still to come would be yesterday's
    for words in (("add", "1/1", "--at", now), ("roll", "42"), ("cut",), ("list",)):
        code, out, err = said(capsys, "-p", str(production), "log", *words)
        assert (code, bool(out), err.count("\n")) == (0, True, 1)
        assert "backupto" in err
        assert err.endswith("Until that is mended there is no second journal.\n")
    (production / "config.toml").unlink()
    assert said(capsys, "-p", str(production), "log", "list")[2] == ""


def test_misspelt_backup_to_after_there_was_a_journal(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    shuttle = tmp_path / "SHUTTLE"
    shuttle.mkdir()
    (production / "config.toml").write_text(f'{CONFIG}[log]\nbackup_to = "{shuttle}"\n')
    assert said(capsys, "-p", str(production), "log", "roll", "42")[2] == ""
    (production / "config.toml").write_text(f'{CONFIG}[log]\nbackupto = "{shuttle}"\n')
    err = said(capsys, "-p", str(production), "log", "cut")[2]
    assert f"Until that is mended the second journal stays in {shuttle}." in err


def test_punctuation_finds_everything(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("-p", str(production), "log")
    said(capsys, *at, "add", "1/1", "--at", "09:00")
    assert said(capsys, *at, "search", "(") == (0, 'No takes: "(" has no letter and no digit to look for.\n', "")
    assert said(capsys, *at, "list", "-", "!")[1].startswith("No takes: ")

    def run(*words: str) -> tuple[int, str, str]:
        return said(capsys, *at, *words)

    assert document(run, "search", "(")["takes"] == []


def test_episode_without_a_name(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    at = ("-p", str(production), "log")
    for words in (("episode", ""), ("episode", " ", "title=Pilot")):
        code, out, err = said(capsys, *at, *words)
        assert (code, out) == (1, "")
        assert "episode must not be empty" in err


def test_merge_of_no_log_would_recover_ours(production: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (production / "notes.txt").write_text("no log at all, and long enough for a header" * 9)
    code, out, err = said(capsys, "-p", str(production), "merge", str(production / "notes.txt"))
    assert (code, out) == (1, "")
    assert "is not a log of onset" in err
    assert "nothing was taken in" in err
    assert "--recover" not in err


def test_seat_that_parted_twice_is_told_once(tmp_path: Path) -> None:
    with closing(log_in_memory(folder=tmp_path, clock=a_clock())) as log:
        found = Parting(log._writer)
        lines = [Line(edit, hash) for edit, hash in edits_after(log._writer, {})]
        for line in (lines[0], lines[0]):
            branch = Branch(line, "Maya, script")
            branch.add(line.edit)
            found.branches.append(branch)
        assert found.sentence.count("Maya, script are kept") == 1
        assert "2 edits of Maya, script are kept" in found.sentence
