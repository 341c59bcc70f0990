"""A program is killed while a take rolls: the take is told as interrupted, and a person closes it."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log
from onset.cli.main import main

_NOON_NS = 1_780_056_000_000_000_000  # 2026-05-29 12:00 UTC

# The app, as far as the log sees it: rolls a take and stays.
_APP = """
import sys
from pathlib import Path
from logging_db.logbook import open_log
from onset.cli.moment import boot_id, program_id
from onset.clock import SystemClock
from onset.domain.take import Stamp
from onset.logbook.terms import Next
clock = SystemClock()
log = open_log(Path(sys.argv[1]))
stamp = Stamp(wall_ns=int(sys.argv[2]) or clock.wall_ns(), mono_ns=clock.monotonic_ns(), boot=boot_id(),
              program=program_id(), tc="12:00:00:00", tc_source="clock")
print(log.roll(stamp, change=Next(slate="42C")).label, flush=True)
sys.stdin.read()
"""


def killed_while_a_take_rolls(production: Path, rolled_ns: int = 0) -> None:
    create_log(production, title="Harbour Lights", rate="25")
    command = [sys.executable, "-c", _APP, str(production / LOG_NAME), str(rolled_ns)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == "42C/1\n"
        assert rolled_ns or "rec?" not in said(production, "list")[1]  # it lives
        app.kill()
    assert app.returncode == -signal.SIGKILL


def said(production: Path, *words: str) -> tuple[int, str, str]:
    done = subprocess.run(
        [sys.executable, "-m", "onset", "-p", str(production), "log", *words],
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout, done.stderr


def test_take_of_a_killed_program_is_listed_as_interrupted_and_closed(tmp_path: Path) -> None:
    killed_while_a_take_rolls(tmp_path)
    code, out, _ = said(tmp_path, "list")
    assert code == 0
    assert "rec?" in out
    assert "42C/1 was interrupted: it rolled at" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "42C/1 was interrupted" in said(tmp_path, "board")[1]
    document = json.loads(said(tmp_path, "list", "--json")[1])
    assert document["broken_off"] == [document["takes"][0]["id"]]
    code, out, complaint = said(tmp_path, "roll")
    assert (code, out) == (1, "")
    assert 'onset log close 42C/1" ends it' in complaint
    code, out, _ = said(tmp_path, "close", "--for", "1:30")
    assert (code, out) == (0, "42C/1 closed as interrupted, ~1:30.0.\n")
    take = json.loads(said(tmp_path, "show", "last", "--json")[1])["take"]
    assert (take["state"], take["tc_out"], take["duration_frames"]) == ("interrupted", "12:01:30:00", 2250)
    assert "42C/1 was interrupted" not in said(tmp_path, "list")[1]
    assert said(tmp_path, "roll")[1].startswith("42C/2 rolls at ")
    assert "rec?" not in said(tmp_path, "list")[1]  # a shell's own roll just waits for its cut


@pytest.mark.parametrize(
    ("words", "frames", "told"),
    [
        (["--at", "12:01:00"], 1500, "~1:00.0"),
        (["--at", "12:00:02:05"], 55, "~0:02.2"),
        ([], None, "of unknown length"),
    ],
)
def test_cut_is_given_as_somebody_remembers_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], words: list[str], frames: int | None, told: str
) -> None:
    killed_while_a_take_rolls(tmp_path, _NOON_NS)
    assert main(["-p", str(tmp_path), "log", "close", *words]) == 0
    assert capsys.readouterr().out == f"42C/1 closed as interrupted, {told}.\n"
    assert main(["-p", str(tmp_path), "log", "show", "42C/1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["take"]["duration_frames"] == frames


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A production that was left with a take that rolls, and where its seat is kept; for tests that change neither."""
    production, state = tmp_path_factory.mktemp("killed"), str(tmp_path_factory.mktemp("state"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", state)
        killed_while_a_take_rolls(production, _NOON_NS)
    return production, state


@pytest.fixture
def left_rolling(killed: tuple[Path, str], monkeypatch: pytest.MonkeyPatch) -> Path:
    production, state = killed
    monkeypatch.setenv("XDG_STATE_HOME", state)
    return production


@pytest.mark.parametrize(
    ("words", "code", "complaint"),
    [
        (["close", "--for", "soon"], 2, '"soon" is not a length'),
        (["close", "--at", "25:00"], 2, "not a time"),
        (["close", "--at", "12:00", "--for", "3"], 2, "not allowed with"),
        (["close", "42C/7"], 1, "There is no take 42C/7"),
        (["close", "--for", "99999999999"], 1, "a day has"),
    ],
)
def test_closing_that_makes_no_sense_changes_nothing(
    left_rolling: Path, capsys: pytest.CaptureFixture[str], words: list[str], code: int, complaint: str
) -> None:
    refused = main(["-p", str(left_rolling), "log", *words])
    out, error = capsys.readouterr()
    assert (refused, out) == (code, "")
    assert complaint in error
    assert main(["-p", str(left_rolling), "log", "list"]) == 0
    assert "rec?" in capsys.readouterr().out


def test_nothing_to_close(tmp_path: Path) -> None:
    create_log(tmp_path, title="Harbour Lights", rate="25")
    assert said(tmp_path, "close")[::2] == (1, 'onset: Nothing rolls in unit Main; "onset log roll" starts a take.\n')
