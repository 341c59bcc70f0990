"""Wrap is killed, or its disk is full: the folder of the day is the old one, or the old one and a whole new one."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onset.cli.main import main
from onset.cli.new import config_text, make_production
from tests.faults.disks import fill, small_disk
from tests.independent import reference_accepts

pytestmark = pytest.mark.faults

RECIPIENTS = """
[[recipient]]
name = "editorial"
reports = ["editor", "progress"]
log = true

[[recipient]]
name = "production"
reports = ["progress"]
zip = true
"""
# Dies in the middle of a stage: before it, or when it has been done for the n-th time.
KILLED = """
import os, signal, sys
from onset.cli import wrap_set
from onset.cli.main import main
stage, after = sys.argv[1], sys.argv[2] == "after"
done = getattr(wrap_set, stage)
def die(*words):
    if after:
        done(*words)
    os.kill(os.getpid(), signal.SIGKILL)
setattr(wrap_set, stage, die)
main(["-p", sys.argv[3], "wrap"])
"""


@pytest.fixture
def production(tmp_path: Path) -> Path:
    """Day 1 with a take, wrapped; then a correction."""
    folder = tmp_path / "Harbour"
    make_production(folder, config_text("Harbour", "25", "us"))
    with (folder / "config.toml").open("a") as config:
        config.write(RECIPIENTS)
    assert main(["-p", str(folder), "log", "add", "42A/1", "--at", "09:10"]) == 0
    return folder


def read(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("stage", ["_fill", "_seal", "_pack", "_sync", "_publish"])
def test_killed_wrap_leaves_half_a_folder(production: Path, stage: str, when: str) -> None:
    assert main(["-p", str(production), "wrap"]) == 0
    (first,) = (production / "wrap").iterdir()
    sent = read(first)
    assert main(["-p", str(production), "log", "set", "42A/1", "status=circled"]) == 0
    killed = subprocess.run(
        [sys.executable, "-c", KILLED, stage, when, str(production)], capture_output=True, check=False
    )
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    shown = sorted(name for name in os.listdir(production / "wrap") if not name.startswith("."))
    new = f"{first.name}_2"
    assert shown == ([first.name, new] if (stage, when) == ("_publish", "after") else [first.name])
    assert read(first) == sent
    assert main(["-p", str(production), "wrap"]) == 0
    assert sorted(os.listdir(production / "wrap")) == [first.name, new], "nothing is left over, and nothing made twice"
    reference_accepts(production / "wrap" / new / "editorial", folders=False)
    assert "editor_rev2.pdf: revision 2" in (production / "wrap" / new / "README.txt").read_text()


def test_folder_on_a_full_disk_is_half_of_one(
    production: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    with small_disk(production / "wrap", 4096) as disk:
        filler = fill(disk)
        capsys.readouterr()
        assert main(["-p", str(production), "wrap"]) == 1
        out, err = capsys.readouterr()
        assert "has ended" in out
        assert "The folder of day 1 could not be made" in err
        assert "No space left on device" in err
        assert os.listdir(disk) == [filler.name]
        filler.unlink()
        assert main(["-p", str(production), "wrap", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert {one["revision"] for one in told["reports"]} == {1}
