"""A disk so full that SQLite cannot make its files beside the log: what is in the log can be read all the same."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log
from logging_db.reserve import ENVIRONMENT, reserve_of
from onset.cli.main import main
from tests.faults.disks import fill, small_disk
from tests.logging_db.support import use_library

pytestmark = pytest.mark.faults
LIBRARIES = ("pysqlite3", "stdlib")
OLDER = Path(__file__).parents[1] / "data" / "logs"


def said(capsys: pytest.CaptureFixture[str], *words: str) -> tuple[int, str, str]:
    code = main(list(words))
    out, err = capsys.readouterr()
    return code, out, err


@pytest.mark.parametrize("library", LIBRARIES)
def test_log_on_a_full_disk_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str
) -> None:
    use_library(monkeypatch, library)
    shuttle = tmp_path / "shuttle"
    shuttle.mkdir()
    with small_disk(tmp_path / "disk", 3 << 10) as disk:
        create_log(disk, title="Full", rate="25")
        at = ("-p", str(disk))
        assert said(capsys, *at, "log", "add", "1/1", "--at", "09:00")[0] == 0
        reserve_of(disk / LOG_NAME).unlink(missing_ok=True)
        filler = fill(disk)
        for words in (
            ("log", "list"),
            ("log", "show", "1/1"),
            ("log", "search", "1"),
            ("log", "history"),
            ("log", "board"),
        ):
            code, out, err = said(capsys, *at, *words)
            assert (code, bool(out)) == (0, True), (words, err)
            if library == "pysqlite3":  # WAL needs files beside the log, a rollback journal only to write
                assert "the disk is full, so nothing can be written now" in err, words
        code, out, err = said(capsys, *at, "backup", str(shuttle))
        assert (code, "1 takes in" in out) == (0, True), err
        code, out, err = said(capsys, *at, "log", "add", "1/2", "--at", "09:10")
        assert (code, out) == (1, "")
        assert "the disk is full" in err
        filler.unlink()
        assert said(capsys, *at, "log", "add", "1/2", "--at", "09:10")[0] == 0
        assert not list(Path("/dev/shm").glob("onset-read-*"))


@pytest.mark.parametrize("library", LIBRARIES)
@pytest.mark.parametrize(
    "name",
    [
        "first_landed",
        "second_landed",
        "third_landed",
        "fourth_landed",
        "fifth_landed",
        "sixth_landed",
        "seventh_landed",
    ],
)
def test_older_log_on_a_full_disk_is_not_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str, name: str
) -> None:
    use_library(monkeypatch, library)
    with small_disk(tmp_path / "disk", 16 << 10) as disk:
        shutil.copyfile(OLDER / f"{name}.onset", disk / LOG_NAME)
        fill(disk)
        before = (disk / LOG_NAME).read_bytes()
        code, out, err = said(capsys, "-p", str(disk), "log", "list")
        assert (code, out.startswith("day take")) == (0, True), err
        assert "the disk is full, so nothing can be written now" in err
        assert (disk / LOG_NAME).read_bytes() == before


def test_temporary_files_lie_on_the_full_disk_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(tmp_path / "disk", 3 << 10) as disk:
        create_log(disk, title="Full", rate="25")
        (disk / "state").mkdir()
        monkeypatch.setenv("XDG_STATE_HOME", str(disk / "state"))
        monkeypatch.setattr("tempfile.tempdir", str(disk))
        fill(disk)
        code, out, err = said(capsys, "-p", str(disk), "log", "list")
        assert (code, out) == (0, "No takes.\n"), err
        assert "the disk is full, so nothing can be written now" in err


@pytest.mark.parametrize("library", LIBRARIES)
def test_doctor_is_silent_about_edits_that_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], library: str
) -> None:
    use_library(monkeypatch, library)
    monkeypatch.setenv(ENVIRONMENT, "0")
    shuttle = tmp_path / "SHUTTLE"
    shuttle.mkdir()
    with small_disk(tmp_path / "disk", 3 << 10) as disk:
        create_log(disk, title="Full", rate="25")
        at = ("-p", str(disk))
        config = f'[production]\ntitle = "Full"\nrate = "25"\n[log]\nbackup_to = "{shuttle}"\n'
        (disk / "config.toml").write_text(config)
        assert said(capsys, *at, "log", "add", "1/1", "--at", "09:00")[0] == 0
        filler = fill(disk)
        for number in (2, 3, 4):
            code, _, err = said(capsys, *at, "log", "add", f"1/{number}", "--at", "09:00")
            assert (code, "In the journal only" in err) == (1, True)
        code, out, _ = said(capsys, *at, "doctor")
        assert code == 1
        assert "3 edits wait in " in out
        assert "go into it as soon as it can be opened and written again" in out
        filler.unlink()
        assert "3 edits of the second journal" in said(capsys, *at, "log", "list")[2]
        assert "edits wait" not in said(capsys, *at, "doctor")[1]
