"""A day that ends without its backup, or that says nothing of what is open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from logging_db.logbook import SqliteLogbook
from onset.cli.main import main
from onset.cli.new import config_text, make_production
from onset.domain.production import Day
from tests.logging_db.support import DyingDisk

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """`run("wrap")` in a production that backs up to SHUTTLE: exit code, output, complaint."""
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour", "25", "us"))
    (tmp_path / "SHUTTLE").mkdir()
    config = folder / "config.toml"
    config.write_text(config.read_text().replace("[log]", f'[log]\nbackup_to = "{tmp_path / "SHUTTLE"}"'))

    def run(*words: str) -> tuple[int, str, str]:
        code = main(["-p", str(folder), *words])
        return code, *capsys.readouterr()

    return run


def wrapped(run: Run, *words: str) -> dict[str, Any]:
    code, out, _ = run("wrap", *words, "--json")
    assert code == 0
    told: dict[str, Any] = json.loads(out)
    return told


def test_day_ends_while_a_take_rolls(run: Run) -> None:
    run("log", "roll", "42")
    code, _, err = run("wrap")
    assert code == 1
    assert "42/1 still rolls; cut it before the day ends" in err
    run("log", "cut")
    assert run("wrap")[0] == 0
    run("log", "roll")
    listed = json.loads(run("log", "list", "--json")[1])["takes"]
    assert [take["day"] for take in listed] == [2, 1]


def test_manifest_says_another_thing_than_the_backup_beside_it(run: Run, tmp_path: Path) -> None:
    run("log", "roll", "42")
    run("log", "cut")
    run("log", "set", "last", "status=circled")
    told = wrapped(run)
    manifest = json.loads(Path(told["manifest"]).read_text())
    backup = tmp_path / "SHUTTLE" / manifest["backup"]["file"]
    assert hashlib.sha256(backup.read_bytes()).hexdigest() == manifest["backup"]["sha256"]
    assert manifest["backup"]["bytes"] == backup.stat().st_size
    assert (manifest["day"], manifest["unit"], manifest["takes"], manifest["circled"]) == (1, "Main", 1, 1)
    (seat,) = manifest["seats"]
    lines = next((tmp_path / "SHUTTLE").glob("*.journal")).read_text().splitlines()
    newest = json.loads(lines[-1])
    assert (seat["id"], seat["seq"], seat["hash"]) == (newest["seat"], newest["seq"], newest["hash"])
    assert seat["name"].endswith(", script")


def test_wrap_that_is_given_again_writes_over_the_first(run: Run, tmp_path: Path) -> None:
    run("log", "roll", "42")
    run("log", "cut")
    first, second = wrapped(run), wrapped(run, "--day", "1")
    assert first["wrapped_ns"] == second["wrapped_ns"]
    assert len({first["manifest"], second["manifest"], first["backup"]["path"], second["backup"]["path"]}) == 4
    assert all(Path(path).exists() for path in (first["manifest"], second["manifest"]))


def test_day_without_a_backup_passes_for_a_good_end(run: Run, tmp_path: Path) -> None:
    run("log", "roll", "42")
    run("log", "cut")
    for each in (tmp_path / "SHUTTLE").iterdir():
        each.unlink()
    (tmp_path / "SHUTTLE").rmdir()
    code, out, err = run("wrap")
    assert code == 1
    assert "has ended" in out
    assert "it has no backup" in err
    assert "SHUTTLE is not there; connect its disk" in err
    code, out, _ = run("wrap", "--to", str(tmp_path), "--json")
    assert (code, json.loads(out)["backup"]["takes"]) == (0, 1)


def test_day_that_ended_in_the_journal_alone_gets_a_backup_without_its_end(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("log", "roll", "42")
    run("log", "cut")

    def dies(log: SqliteLogbook, *args: Any, **named: Any) -> Day:
        log._writer = DyingDisk(log._writer)
        return wrap_day(log, *args, **named)

    wrap_day = SqliteLogbook.wrap_day
    with monkeypatch.context() as dead:
        dead.setattr(SqliteLogbook, "wrap_day", dies)
        code, out, err = run("wrap")
    assert code == 1
    assert "has ended" in out
    assert "In the journal only" in err
    assert "it has no backup yet" in err
    assert [
        each.name for each in (tmp_path / "SHUTTLE").iterdir() if "wrap" in each.name or "onset" in each.suffix
    ] == []
    told = wrapped(run)
    assert json.loads(Path(told["manifest"]).read_text())["takes"] == 1


def test_what_is_open_is_left_out(run: Run) -> None:
    run("log", "roll", "42", "--roll", "A=A001")
    run("log", "cut")
    assert any("A001" in sentence for sentence in wrapped(run)["open"]["cards"])
    assert "open card: A001" in run("wrap")[1]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ((), "No shooting day of unit Main has been opened yet"),
        (("--unit", "B\x1b[31m"), "There is no unit"),
        (("--day", "7"), "No shooting day"),
    ],
)
def test_day_that_is_not_there(run: Run, words: tuple[str, ...], said: str) -> None:
    code, _, err = run("wrap", *words)
    assert code in (1, 2)
    assert said in err
    assert "\x1b" not in err
    assert err.count("\n") == 1
