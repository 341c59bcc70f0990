"""`onset exchange` as people meet it: once, on a timer, with a stick that is not there."""

from __future__ import annotations

import json
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import create_log
from onset.cli.main import main

Run = Callable[..., tuple[int, str, str]]
CONFIG = '[production]\ntitle = "Harbour Lights"\nrate = "25"\n[log]\nexchange = "{stick}"\n'


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("maya", "exchange")`; the stick is where the configuration says, in `stick`."""
    maya = tmp_path / "maya"
    maya.mkdir()
    (tmp_path / "stick").mkdir()
    create_log(maya, title="Harbour Lights", rate="25")
    (maya / "config.toml").write_text(CONFIG.format(stick=tmp_path / "stick"))

    def command(whose: str, *words: str) -> tuple[int, str, str]:
        code = main(["-p", str(tmp_path / whose), *words])
        out, err = capsys.readouterr()
        return code, out, err

    command("maya", "log", "roll", "1")
    command("maya", "log", "cut")
    shutil.copytree(maya, tmp_path / "ben")
    return command


def said(run: Run, whose: str, *words: str) -> Any:
    code, out, err = run(whose, "exchange", "--json", *words)
    assert (code, err) == (0, "")
    return json.loads(out)


def test_stick_goes_there_and_back(run: Run) -> None:
    run("maya", "log", "note", "1/1", "plane")
    assert said(run, "maya")["sent"] == 4
    told = said(run, "ben")
    assert [(file["notes"], file["problem"]) for file in told["came"]] == [(1, None)]
    run("ben", "log", "set", "1/1", "status=circled")
    said(run, "ben")
    code, out, _ = run("maya", "exchange")
    assert code == 0
    assert "1 edit" in out
    assert max(map(len, out.splitlines())) <= 80
    takes = json.loads(run("maya", "log", "list", "--json")[1])["takes"]
    assert [take["status"] for take in takes] == ["circled"]


def test_conflict_is_told_with_what_to_do(run: Run) -> None:
    for whose, status in (("maya", "ng"), ("ben", "circled")):
        run(whose, "log", "set", "1/1", f"status={status}")
        run(whose, "exchange")
    _, out, _ = run("maya", "exchange")
    assert "1 field is in conflict" in out.replace("\n  ", " ")


def test_wrong_words_are_one_sentence(run: Run, tmp_path: Path) -> None:
    for words, code in (
        ((str(tmp_path / "nowhere"),), 1),
        (("--every", "soon"), 2),
        (("--every", "0 s"), 2),
        (("--every", "9999999 min"), 2),
    ):
        found, out, err = run("maya", "exchange", *words)
        assert (found, out, err.count("\n")) == (code, "", 1), words
    (tmp_path / "maya" / "config.toml").write_text('[production]\ntitle = "Harbour Lights"\nrate = "25"\n')
    code, _, err = run("maya", "exchange")
    assert (code, "[log] exchange" in err) == (2, True)


def test_on_a_timer_until_interrupted(run: Run, tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    shutil.move(stick, tmp_path / "pocket")
    program = subprocess.Popen(
        [sys.executable, "-m", "onset", "-p", str(tmp_path / "maya"), "exchange", "--every", "1 s"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        assert program.stdout is not None
        assert "is not there" in program.stdout.readline()
        shutil.move(tmp_path / "pocket", stick)
        assert "3 edits" in program.stdout.readline()
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=30)
        assert program.returncode == 130
        assert "Traceback" not in err
    finally:
        program.kill()
        program.wait()
