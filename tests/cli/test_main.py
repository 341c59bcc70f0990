"""The front door: wrong words, pipes that close, disks that are full, errors nobody foresaw."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.cli import find, main
from onset.errors import LogError, UsageError
from tests.needs import require

ONSET = [sys.executable, "-m", "onset"]
PRINTS = "import sys; from onset.cli import main; main._run = lambda a: print('x' * {}) or 0; sys.exit(main.main([]))"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def onset(tmp_path: Path) -> Run:
    def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
        chosen: dict[str, object] = {"cwd": tmp_path, "capture_output": True, "text": True, "timeout": 30, **options}
        return subprocess.run([*ONSET, *arguments], check=False, **chosen)  # type: ignore[call-overload, no-any-return]

    return run


def one_sentence(stderr: str) -> str:
    assert stderr.startswith("onset: ")
    assert stderr.count("\n") == 1
    assert "Traceback" not in stderr
    return stderr


def test_version_takes_longer_than_python_itself(tmp_path: Path) -> None:
    """The bar is 0.1 s; here onset's own share of it, in processor time, so that a busy machine does not decide."""

    def seconds(command: list[str]) -> float:
        begun = os.times()
        subprocess.run(command, cwd=tmp_path, capture_output=True, check=True)
        ended = os.times()
        return ended.children_user + ended.children_system - begun.children_user - begun.children_system

    pairs = [(seconds([sys.executable, "-c", "pass"]), seconds([*ONSET, "--version"])) for _ in range(7)]
    assert min(version - bare for bare, version in pairs) < 0.09


def test_help_leaves_a_command_out(onset: Run) -> None:
    shown = onset("--help")
    assert shown.returncode == 0
    assert shown.stderr == ""
    for name in main.COMMANDS:
        assert f"\n    {name} " in shown.stdout
    assert "examples:" in shown.stdout


@pytest.mark.parametrize("verb", ["create", "verify", "diff", "rename", "flatten", "info"])
def test_help_tells_what_is_for_programmers(verb: str, onset: Run) -> None:
    shown = onset("mhl", verb, "--help")
    assert shown.returncode == 0, shown.stderr
    assert not {"Args:", "Returns:", "Raises:"}.intersection(shown.stdout.split())


@pytest.mark.parametrize("name", main.COMMANDS)
def test_command_has_no_example(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    code = main.main([name, "--help"])
    shown = capsys.readouterr()
    assert code == 0, shown.err
    assert "examples:" in shown.out
    assert f"onset {name}" in shown.out or name == "tui"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["ofload"], 'did you mean "onset offload"?'),
        (["xyzzy"], '"onset --help" lists them'),
        (["--production"], "needs the folder"),
        (["new"], "--rate"),
        (["new", "X", "--rate", "25", "--slatin", "us"], "--slatin"),
        (["new", "X", "--rate", "25", "--slating", "uk"], "uk"),
        (["\x1b]0;title\x07"], "\\x1b]0;title\\x07"),
        (["-p", "nowhere", "doctor"], "nowhere"),
    ],
)
def test_wrong_usage_prints_more_than_a_sentence(
    arguments: list[str], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    code = main.main(arguments)
    out, err = capsys.readouterr()
    assert (code, out) == (2, "")
    assert said in one_sentence(err)


def test_app_starts_without_a_terminal(onset: Run, tmp_path: Path) -> None:
    assert onset("new", "Harbour", "--rate", "25").returncode == 0
    for arguments in (["-p", "Harbour"], ["-p", "Harbour", "tui"], ["-p", "Harbour", "--role", "dit"]):
        done = onset(*arguments, stdin=subprocess.DEVNULL)
        assert done.returncode == 2
        assert "terminal" in one_sentence(done.stderr)


def test_production_is_not_found_from_below_or_from_the_environment(
    onset: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert onset("new", "Harbour", "--rate", "25").returncode == 0
    below = tmp_path / "Harbour" / "media" / "day01"
    below.mkdir()

    def found(*arguments: str) -> bool:
        main.main([*arguments, "--json"])
        return "config" in [check["name"] for check in json.loads(capsys.readouterr().out)["checks"]]

    monkeypatch.chdir(tmp_path)
    assert not found("doctor"), "or it would prove nothing"
    assert found("-p", "Harbour", "doctor")
    assert found("doctor", "-p", "Harbour/log.onset")
    monkeypatch.chdir(below)
    assert found("doctor")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ONSET_PRODUCTION", str(tmp_path / "Harbour"))
    assert found("doctor")


def test_no_production_anywhere(onset: Run) -> None:
    done = onset("log", "list")
    assert done.returncode == 2
    assert "onset new" in one_sentence(done.stderr)


@pytest.mark.parametrize("what", ["file", "empty folder"])
def test_folder_named_is_no_production(what: str, onset: Run, tmp_path: Path) -> None:
    named = tmp_path / "thing"
    named.write_text("x") if what == "file" else named.mkdir()
    done = onset("-p", "thing", "log", "list")
    assert done.returncode == 2
    assert "thing" in one_sentence(done.stderr)


def test_folder_of_the_shell_was_deleted(tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    shell = f'cd "{gone}" && rmdir "{gone}" && exec "{sys.executable}" -P -m onset log list'
    done = subprocess.run(["/bin/sh", "-c", shell], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    one_sentence(done.stderr)


def test_argument_that_fills_a_screen_is_told_by_its_ends(onset: Run) -> None:
    refused = onset("x" * 5000)
    assert refused.returncode == 2
    assert "xxx…xxx" in one_sentence(refused.stderr)
    assert len(refused.stderr) < 300


def test_reader_goes_away(tmp_path: Path) -> None:
    """`onset … | head -0`: no complaint at the end of the interpreter either."""
    reader, writer = os.pipe()
    os.close(reader)
    code = PRINTS.format(100_000)
    done = subprocess.run([sys.executable, "-c", code], stdout=writer, stderr=subprocess.PIPE, check=False)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == main.EXIT_NOBODY_READS


def test_disk_of_the_output_is_full() -> None:
    require(Path("/dev/full").exists(), "/dev/full is Linux's")
    code = (
        "from onset.cli import main; main._run = lambda a: print('x' * 100) or 0; import sys; sys.exit(main.main([]))"
    )
    with open("/dev/full", "wb") as full:
        done = subprocess.run([sys.executable, "-c", code], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert "No space left" in one_sentence(done.stderr)
    assert done.returncode == 1


def test_output_is_closed() -> None:
    done = subprocess.run(
        ["/bin/sh", "-c", f'"{sys.executable}" -m onset --version >&- 2>&-'], capture_output=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, b"")


def test_terminal_cannot_show_a_letter(onset: Run) -> None:
    env = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = onset("Ümlaut", env=env)
    assert done.returncode == 2
    assert "\\xdcmlaut" in one_sentence(done.stderr)


@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        (LogError("The log is gone."), 1, "The log is gone."),
        (UsageError("Say it otherwise."), 2, "Say it otherwise."),
        (KeyboardInterrupt(), 130, ""),
        (ValueError("x\ny"), 1, "x\\ny"),
        (PermissionError(13, "Permission denied", "/set/log"), 1, "Permission denied (/set/log)"),
        (RecursionError(), 1, "RecursionError"),
    ],
)
def test_error_leaves_with_the_wrong_code_or_a_traceback(
    error: BaseException, code: int, said: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail(_: list[str]) -> int:
        raise error

    monkeypatch.setattr(main, "_run", fail)
    assert main.main(["log", "list"]) == code
    stderr = capsys.readouterr().err
    assert said in stderr
    assert "Traceback" not in stderr
    if code != 130:
        one_sentence(stderr)


def test_debug_hides_where_it_came_from(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def fail(_: list[str]) -> int:
        raise LogError("The log is gone.")

    monkeypatch.setattr(main, "_run", fail)
    assert main.main(["--debug", "log", "list"]) == 1
    assert "Traceback" in capsys.readouterr().err


def test_log_may_not_be_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_: Path) -> bool:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "exists", refuse)
    with pytest.raises(UsageError, match="may not be entered"):
        find._holds_log(tmp_path)


@pytest.mark.parametrize(
    ("words", "name", "told"),
    [
        ("offload CARD --json T1", "targets", ["T1"]),
        ("offload CARD T1 --label A014 T2 T3", "targets", ["T1", "T2", "T3"]),
        ("offload --json CARD --to raid T1", "targets", ["T1"]),
        ("offload CARD --json -- -T1 --T2", "targets", ["-T1", "--T2"]),
        ("verify A --json B", "paths", ["A", "B"]),
        ("mhl verify A --no-append B", "paths", ["A", "B"]),
        ("log search door --limit 3 kitchen", "text", ["door", "kitchen"]),
    ],
)
def test_option_between_paths(words: str, name: str, told: list[str]) -> None:
    given = words.split()
    found = main._parser(given[0], given[1] if given[0] == "log" else "").parse_args(given)
    assert getattr(found, name) == told


def test_word_that_is_no_option_is_taken_for_a_target() -> None:
    with pytest.raises(UsageError, match="--jsno"):
        main._parser("offload").parse_args(["offload", "CARD", "--jsno", "T1"])
    with pytest.raises(UsageError, match="nonsense"):
        main._parser("log", "set").parse_args(["log", "set", "42C", "note=x", "--force", "nonsense"])
