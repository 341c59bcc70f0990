"""A program is killed while a take rolls: the take is told as interrupted, and a person closes it."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log
from onset.cli.main import main

_NOON_NS = 1_780_056_000_000_000_000  # 2026-05-29 12:00 UTC

# The app, as far as the log sees it: rolls a take and stays.
_APP = """
import sys
from collections.abc import Callable
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


Said = tuple[int, str, str]


@pytest.fixture
def said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Callable[..., Said]:
    """`said("list")` in the production at `tmp_path`: exit code, output, complaint."""

    def said(*words: str) -> Said:
        code = main(["-p", str(tmp_path), "log", *words])
        return code, *capsys.readouterr()

    return said


def killed_while_a_take_rolls(
    production: Path, rolled_ns: int = 0, *, meanwhile: Callable[[], None] = lambda: None
) -> None:
    create_log(production, title="Harbour Lights", rate="25")
    command = [sys.executable, "-c", _APP, str(production / LOG_NAME), str(rolled_ns)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as app:
        assert app.stdout is not None
        assert app.stdout.readline() == "42C/1\n"
        meanwhile()
        app.kill()
    assert app.returncode == -signal.SIGKILL


def test_take_of_a_killed_program_is_listed_as_interrupted_and_closed(
    tmp_path: Path, said: Callable[..., Said]
) -> None:
    def lives() -> None:
        assert "rec?" not in said("list")[1]

    killed_while_a_take_rolls(tmp_path, meanwhile=lives)
    code, out, _ = said("list")
    assert code == 0
    assert "rec?" in out
    assert "42C/1 was interrupted: it rolled at" in out
    assert all(len(line) <= 80 for line in out.splitlines())
    assert "42C/1 was interrupted" in said("board")[1]
    document = json.loads(said("list", "--json")[1])
    assert document["broken_off"] == [document["takes"][0]["id"]]
    code, out, complaint = said("roll")
    assert (code, out) == (1, "")
    assert 'onset log close 42C/1" ends it' in complaint
    assert said("close", "--for", "1:30")[:2] == (0, "42C/1 closed as interrupted, ~1:30.0.\n")
    take = json.loads(said("show", "last", "--json")[1])["take"]
    assert (take["state"], take["tc_out"], take["duration_frames"]) == ("interrupted", "12:01:30:00", 2250)
    assert "42C/1 was interrupted" not in said("list")[1]
    shell = [sys.executable, "-m", "onset", "-p", str(tmp_path), "log", "roll"]  # gone again when the list is asked for
    assert subprocess.run(shell, capture_output=True, text=True, check=True).stdout.startswith("42C/2 rolls at ")
    out = said("list")[1]
    assert "42C/2" in out
    assert "rec?" not in out  # a shell's own roll just waits for its cut


@pytest.fixture(scope="module")
def killed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A production that was left with a take that rolls, and where its seat is kept; no test changes either."""
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
    ("words", "frames", "told"),
    [
        (["--at", "12:01:00"], 1500, "~1:00.0"),
        (["--at", "12:00:02:05"], 55, "~0:02.2"),
        ([], None, "of unknown length"),
    ],
)
def test_cut_is_given_as_somebody_remembers_it(
    left_rolling: Path, tmp_path: Path, said: Callable[..., Said], words: list[str], frames: int | None, told: str
) -> None:
    shutil.copytree(left_rolling, tmp_path, dirs_exist_ok=True)
    assert said("close", *words)[:2] == (0, f"42C/1 closed as interrupted, {told}.\n")
    assert json.loads(said("show", "42C/1", "--json")[1])["take"]["duration_frames"] == frames


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


def test_nothing_to_close(tmp_path: Path, said: Callable[..., Said]) -> None:
    create_log(tmp_path, title="Harbour Lights", rate="25")
    assert said("close") == (1, "", 'onset: Nothing rolls in unit Main; "onset log roll" starts a take.\n')
