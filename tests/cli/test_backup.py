"""`onset backup` as it is typed."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from onset.cli.main import main
from onset.cli.new import config_text, make_production

Capsys = pytest.CaptureFixture[str]


@pytest.fixture
def production(tmp_path: Path) -> Path:
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour", "25", "us"))
    assert main(["-p", str(folder), "log", "roll", "42"]) == 0
    assert main(["-p", str(folder), "log", "cut"]) == 0
    return folder


def test_backup_goes_nowhere_when_nobody_said_where(production: Path, capsys: Capsys) -> None:
    capsys.readouterr()
    assert main(["-p", str(production), "backup"]) == 2
    said = capsys.readouterr().err
    assert "backup_to" in said
    assert said.count("\n") == 1


def test_backup_to_the_configured_folder_is_a_log_with_its_takes(production: Path, capsys: Capsys) -> None:
    target = production.parent / "SHUTTLE"
    target.mkdir()
    config = production / "config.toml"
    config.write_text(config.read_text().replace("[log]", f'[log]\nbackup_to = "{target}"'))
    capsys.readouterr()
    assert main(["-p", str(production), "backup", "--json"]) == 0
    out = capsys.readouterr()
    told = json.loads(out.out)["backup"]
    assert told["takes"] == 1
    assert Path(told["path"]).parent == target
    assert "own disk" in out.err
    restored = production.parent / "Restored"
    restored.mkdir()
    Path(told["path"]).rename(restored / "log.onset")
    assert main(["-p", str(restored), "log", "list", "--json"]) == 0
    assert [take["take"] for take in json.loads(capsys.readouterr().out)["takes"]] == ["1"]


def test_target_that_is_not_there_is_one_sentence(production: Path, capsys: Capsys) -> None:
    capsys.readouterr()
    assert main(["-p", str(production), "backup", "/nowhere/SHUTTLE"]) == 1
    said = capsys.readouterr().err
    assert "/nowhere/SHUTTLE is not there" in said
    assert said.count("\n") == 1


@pytest.mark.parametrize(
    ("folder", "code", "said"), [("", 2, "name is empty"), ("/dev/null", 1, "/dev/null is a file, not a folder")]
)
def test_backup_goes_where_nobody_meant(production: Path, capsys: Capsys, folder: str, code: int, said: str) -> None:
    capsys.readouterr()
    assert main(["-p", str(production), "backup", folder]) == code
    assert said in capsys.readouterr().err
