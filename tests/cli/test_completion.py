"""Tab in a shell: what it offers, and that it never complains, writes or waits."""

from __future__ import annotations

import fcntl
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from logging_db.logbook import LOG_NAME, create_log, open_log
from onset.clock import ManualClock
from onset.domain.take import Stamp
from onset.logbook.terms import Next
from tests.logging_db.support import NOON
from tests.needs import require

ROOT = Path(__file__).resolve().parents[2]
Tab = Callable[[str], list[str]]
CONFIG = """\
[production]
title = "Harbour Lights"
rate = "25"
[[device]]
name = "MIX"
kind = "sim-mixer"
[[target]]
name = "shuttle"
path = "/media/SHUTTLE"
[[target]]
name = "raid"
path = "/media/RAID"
[offload.preset.day]
targets = ["shuttle"]
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Takes of 42C and 43A, camera A, a tag, a character, a second unit."""
    folder = tmp_path_factory.mktemp("set") / "Harbour"
    folder.mkdir()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_STATE_HOME", str(tmp_path_factory.mktemp("state")))
        create_log(folder, title="Harbour Lights", rate="25")
        (folder / "config.toml").write_text(CONFIG)
        clock = ManualClock(wall_ns=NOON, monotonic_ns=1)
        log = open_log(folder / LOG_NAME, clock=clock)
        for slate in ("42C", "42C", "43A", "7 $(touch hacked)"):
            take = log.roll(
                Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns()),
                change=Next(slate=slate, scene=slate[:2], cameras={"A": True}, rolls={"A": "A014"}),
            )
            clock.advance(5)
            log.cut(take.id, Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns()))
        log.tag(take.id, add=["stunt"])
        log.delete(log.find_take("42C/2").id)
        log.set_person("Ben", {})
        log.write_continuity("MARA LIND", "42", {"wardrobe": "coat"})
        log.close()
    return folder


def asked(line: str, environment: dict[str, str]) -> tuple[Path, dict[str, str]]:
    """Tab at the end of a line, as the shell's script asks for it (argcomplete, "Debugging"): answer, environment."""
    answer = Path(os.environ["HOME"]) / "answer"
    answer.write_bytes(b"")
    shells = {
        "_ARGCOMPLETE": "1",
        "_ARGCOMPLETE_IFS": "\n",
        "_ARGCOMPLETE_SUPPRESS_SPACE": "1",
        "_ARGCOMPLETE_STDOUT_FILENAME": str(answer),
        "COMP_LINE": line,
        "COMP_POINT": str(len(line.encode())),
        "PYTHONPATH": str(ROOT),
    }
    return answer, {**os.environ, **shells, **environment}


def pressed(line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
    """Tab in a program of its own."""
    answer, env = asked(line, environment)
    command = [sys.executable, "-m", "onset"]
    done = subprocess.run(command, cwd=folder, env=env, capture_output=True, check=False, timeout=50)
    done.stdout = done.stdout + answer.read_bytes()
    return done


# Has loaded what a Tab needs and nothing else, and answers each in a child, which ends as a Tab ends.
_TABS = """
import json, os, sys
import logging_db.glance, onset.cli.log, onset.cli.tab
from onset.cli.main import main
for line in sys.stdin:
    folder, said, environment = json.loads(line)
    child = os.fork()
    if child == 0:
        for stream, name in zip((1, 2), said):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC), stream)
        os.chdir(folder)
        os.environ.clear()
        os.environ.update(environment)
        main([])
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""


class Tabs:
    """Many Tabs, without a Python that starts for each."""

    def __init__(self, program: subprocess.Popen[str]) -> None:
        self._program = program

    def pressed(self, line: str, folder: Path, **environment: str) -> subprocess.CompletedProcess[bytes]:
        answer, env = asked(line, environment)
        said = [answer.with_name(name) for name in ("out", "err")]
        assert self._program.stdin is not None
        assert self._program.stdout is not None
        self._program.stdin.write(json.dumps([str(folder), [str(each) for each in said], env]) + "\n")
        self._program.stdin.flush()
        code = int(self._program.stdout.readline())
        out, err = (each.read_bytes() for each in said)
        return subprocess.CompletedProcess(["onset"], code, out + answer.read_bytes(), err)


@pytest.fixture(scope="module")
def tabs() -> Iterator[Tabs]:
    command = [sys.executable, "-c", _TABS]
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, env=env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as program:
        yield Tabs(program)
        program.communicate()


@pytest.fixture
def tab(tabs: Tabs, production: Path) -> Tab:
    def press(line: str) -> list[str]:
        done = tabs.pressed(line, production)
        assert done.stderr == b""
        return done.stdout.decode().split("\n") if done.stdout else []

    return press


def test_commands_verbs_and_options(tab: Tab, production: Path) -> None:
    assert pressed("onset lo", production).stdout == b"log"
    assert {"new", "log", "offload", "completion"} <= set(tab("onset "))
    assert {"set", "show", "search", "still", "stills"} <= set(tab("onset log s"))
    assert "--json" in tab("onset log show --")
    assert tab("onset log list --status c") == ["circled"]
    assert tab("onset import sti") == ["stills"]
    assert tab("onset completion z") == ["zsh"]
    assert tab("onset -p . log roll --uni") == ["--unit"]
    assert {"identify", "probe", "fault"} <= set(tab("onset devices "))
    assert tab("onset devices identify M") == ["MIX"]


@pytest.mark.parametrize(
    ("line", "offered"),
    [
        ("onset log set 42C/", ["42C/1"]),
        ("onset log set 4", ["42C/", "43A/"]),
        ("onset log note la", ["last"]),
        ("onset log restore ", ["42C/2"]),
        ("onset log roll 4", ["42C", "43A"]),
        ("onset log list --scene 4", ["42", "43"]),
        ("onset log list --unit ", ["Main"]),
        ("onset report editor --day ", ["1"]),
        ("onset log tag 43A/1 ", ["stunt"]),
        ("onset log next --camera A=o", ["A=on", "A=off"]),
        ("onset log continuity MA", ["MARA\\ LIND"]),
        ("onset log still X --continuity ", ["MARA\\ LIND/42"]),
        ("onset log setup siz", ["size="]),
        ("onset log load ", ["A"]),
        ("onset log stamp lu", ["lunch\\ out", "lunch\\ in"]),
        ("onset log pull ", ["A014"]),
        ("onset log person ", ["Ben"]),
        ("onset log day locat", ["location="]),
        ("onset log set 42C/1 status=c", ["status=circled"]),
        ("onset import sound --device ", ["MIX"]),
        ("onset offload /media/A014 --to s", ["shuttle"]),
        ("onset offload /media/A014 --to raid,s", ["raid,shuttle"]),
        ("onset offload /media/A014 --to raid --then s", ["shuttle"]),
        ("onset offload /media/A014 --preset ", ["day"]),
        ("onset log set 42C/1 --unit Main status=c", ["status=circled"]),
        ("onset log note 42C/1 ", []),
    ],
)
def test_words_of_the_production_here(tabs: Tabs, production: Path, line: str, offered: list[str]) -> None:
    done = tabs.pressed(line, production)
    assert done.stderr == b""
    assert sorted(done.stdout.decode().split("\n") if done.stdout else []) == sorted(offered)


def test_production_that_is_named_is_the_one_that_is_looked_into(production: Path, tmp_path: Path) -> None:
    assert pressed(f"onset -p {production} log show 43A/", tmp_path).stdout == b"43A/1"
    assert pressed("onset log show 43A/", tmp_path, ONSET_PRODUCTION=str(production)).stdout == b"43A/1"


def listing(*folders: Path) -> dict[str, int]:
    return {str(path): path.stat().st_mtime_ns for folder in folders for path in sorted(folder.rglob("*"))}


@contextmanager
def open_elsewhere(folder: Path, library: str) -> Iterator[None]:
    """Another program holds the log open, by one of the SQLite libraries, and has just written."""
    code = (
        "import sys; from pathlib import Path; from logging_db.logbook import open_log\n"
        "log = open_log(Path(sys.argv[1])); log.set_scene('99', {}); print('open', flush=True); sys.stdin.read()"
    )
    program = subprocess.Popen(
        [sys.executable, "-c", code, str(folder / LOG_NAME)],
        env={**os.environ, "PYTHONPATH": str(ROOT), "ONSET_SQLITE": library},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert program.stdout is not None
        assert program.stdout.readline() == b"open\n"
        yield
    finally:
        program.communicate()


@pytest.mark.parametrize("library", ["pysqlite3", "stdlib"])
def test_tab_leaves_no_trace(tmp_path: Path, library: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No seat, no file beside the log, no change of it: alone, and beside a program that has it open."""
    monkeypatch.setenv("ONSET_SQLITE", library)
    if library == "pysqlite3":
        pytest.importorskip("pysqlite3")
    create_log(tmp_path, title="Harbour", rate="25")
    state = Path(os.environ["XDG_STATE_HOME"])
    before = listing(tmp_path, state)
    assert pressed("onset log list --unit ", tmp_path).stdout == b"Main"
    assert listing(tmp_path, state) == before
    with open_elsewhere(tmp_path, library):
        before = listing(tmp_path, state)
        assert pressed("onset log list --scene ", tmp_path).stdout == b"99"
        assert listing(tmp_path, state) == before


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda log: log.write_bytes(b"not a database" * 500), id="garbage"),
        pytest.param(lambda log: log.write_bytes(b""), id="empty"),
        pytest.param(lambda log: log.write_bytes(log.read_bytes()[:9000]), id="cut off"),
        pytest.param(lambda log: log.unlink(), id="gone"),
        pytest.param(lambda log: (log.unlink(), log.mkdir()), id="a folder"),
    ],
)
def test_log_that_cannot_be_read_offers_nothing_and_says_nothing(
    tabs: Tabs, production: Path, tmp_path: Path, spoil: Callable[[Path], object]
) -> None:
    log = tmp_path / LOG_NAME
    log.write_bytes((production / LOG_NAME).read_bytes())
    (tmp_path / "config.toml").write_text("[[broken")
    spoil(log)
    for line in ("onset log show ", "onset import sound --device ", "onset -p /nowhere log show "):
        done = tabs.pressed(line, tmp_path)
        assert (done.stdout, done.stderr) == (b"", b"")


@pytest.mark.parametrize(
    "line", ["", "onset", "onset 'log show", 'onset "', "onset log \x1b[2J ", "onset log nonsense "]
)
def test_line_that_makes_no_sense_is_not_complained_about(tabs: Tabs, production: Path, line: str) -> None:
    assert tabs.pressed(line, production).stderr == b""
    assert tabs.pressed(line, production, COMP_POINT="soon").stderr == b""


# -- in a real shell --------------------------------------------------------------------------------------------------


def in_bash(script: str, folder: Path) -> str:
    """Lines of a script in bash, with an `onset` that runs ours."""
    require(bool(os.access("/bin/bash", os.X_OK)), "bash is not installed")
    place = Path(os.environ["HOME"]) / "bin"
    place.mkdir(exist_ok=True)
    (place / "onset").write_text(f'#!/bin/sh\nPYTHONPATH={ROOT} exec {sys.executable} -m onset "$@"\n')
    (place / "onset").chmod(0o755)
    environment = {**os.environ, "PATH": f"{place}:{os.environ['PATH']}"}
    done = subprocess.run(
        ["/bin/bash", "--norc", "-c", script],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert done.stderr == ""
    return done.stdout


ASK = """
eval "$(onset completion bash)"
complete -p onset
COMP_LINE='{line}'; COMP_POINT=${{#COMP_LINE}}; COMP_TYPE=9
COMP_WORDS=($COMP_LINE); COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_python_argcomplete onset
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


def test_bash_completes_a_take(production: Path) -> None:
    registered, *offered = in_bash(ASK.format(line="onset log show 42C/"), production).splitlines()
    assert registered.endswith(" -F _python_argcomplete onset")
    assert [word.strip() for word in offered] == ["42C/1"]


def test_label_that_looks_like_a_command_is_only_a_word(production: Path) -> None:
    *_, offered = in_bash(ASK.format(line="onset log roll 7"), production).splitlines()
    assert offered.strip() == "7\\ \\$\\(touch\\ hacked\\)"
    assert not (production / "hacked").exists()


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(shell: str, production: Path) -> None:
    script = in_bash(f"onset completion {shell}", production)
    assert "onset" in script
    assert "_ARGCOMPLETE" in script


def test_unknown_shell_is_named_with_the_ones_there_are(production: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "onset", "completion", "tcsh"], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 2
    assert "tcsh" in done.stderr
    assert "bash" in done.stderr


def test_verbs_of_jobs_and_jobs_that_live(tab: Tab, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"pause", "resume", "cancel", "first", "last"} <= set(tab("onset jobs "))
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    place = tmp_path / "onset" / "jobs" / "1"
    place.mkdir(parents=True)
    (place / "queue.json").write_text('{"label": "A014", "stands": "waits", "uses": []}')
    assert tab("onset jobs pause ") == []
    with (place / "lock").open("wb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        assert tab("onset jobs pause ") == ["A014"]


def test_folder_after_an_option_is_not_offered(tabs: Tabs, tmp_path: Path) -> None:
    (tmp_path / "SHUTTLE").mkdir()
    for before in (
        "offload /media/A014 --json",
        "offload /media/A014 --label A014 /media/RAID --eject",
        "verify --json X",
    ):
        assert tabs.pressed(f"onset {before} SHU", tmp_path).stdout.startswith(b"SHUTTLE/"), before
    assert tabs.pressed("onset offload /media/A014 --label SHU", tmp_path).stdout == b""
