"""A card with a bad sector, read by the real command: the rest is copied, the clip is named, its take is alarmed once.

strace lets every read of one file on the card fail as the kernel does; nothing inside the program is replaced.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from onset.cli.main import main
from tests.needs import require
from tests.onset.offload.cards import MIB, contents, make_targets
from tests.stories.originals import film

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]


def onset(production: Path, *words: str, unreadable: Path | None = None, code: int = 0) -> dict[str, Any]:
    """Run a command with --json in a process of its own, with one file of the card unreadable."""
    command = [sys.executable, "-m", "onset", "-p", str(production), *words, "--json"]
    if unreadable is not None:
        reads = "preadv,preadv2,pread64,read,readv"
        command = [
            *("strace", "-f", "-qq", "-o", os.devnull, "-P", str(unreadable)),
            *("-e", f"trace={reads}", "-e", f"inject={reads}:error=EIO", *command),
        ]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert ended.returncode == code, ended.stderr
    found = json.loads(ended.stdout)
    assert isinstance(found, dict)
    return found


@pytest.mark.parametrize("frames", [24, 2400])
def test_a_bad_sector_stops_the_offload_or_is_told_of_another_take(frames: int, tmp_path: Path) -> None:
    require("strace")
    production = tmp_path / "Harbour"
    assert main(["new", str(production), "--title", "Harbour Lights", "--rate", "23.976", "--slating", "us"]) == 0
    log = ("-p", str(production), "log")
    for take in (1, 2, 3):
        assert main([*log, "add", f"42C/{take}", "--at", f"10:0{take}:00:00", "--for", str(frames // 24)]) == 0
    assert main([*log, "set", "42C/2", "status=circled"]) == 0
    card = tmp_path / "A014"
    for take in (1, 2, 3):
        clip = card / "CLIPS" / f"A014C00{take}_260305_R2KD.mov"
        film(clip, (10 * 3600 + take * 60) * 24 + 12, frames)
        with clip.open("ab") as file:  # a box that no reader looks into: small files are read with others, by no name
            file.write((MIB + 8).to_bytes(4, "big") + b"free" + bytes(MIB))
    targets = make_targets(tmp_path)
    bad = card / "CLIPS" / "A014C002_260305_R2KD.mov"

    told = onset(production, "offload", str(card), *map(str, targets), unreadable=bad, code=10)
    assert [problem["path"] for problem in told["problems"]] == ["CLIPS/A014C002_260305_R2KD.mov"]
    assert told["verdict"] == "not safe"
    assert contents(targets[1] / "A014").keys() == contents(card).keys() - {"CLIPS/A014C002_260305_R2KD.mov"}
    files = {each["name"].partition("_")[0]: each for each in told["clips"]["files"]}
    assert "Input/output error" in files["A014C002"]["unreadable"]
    assert [files[name]["unreadable"] for name in ("A014C001", "A014C003")] == [None, None]
    (alarm,) = told["clips"]["alarms"]
    assert alarm.startswith("A014C002 unreadable: ")
    assert "42C/2 circled" in alarm

    again = onset(production, "offload", str(card), *map(str, targets), unreadable=bad, code=10)
    assert again["clips"]["alarms"] == []
    assert again["clips"]["new"] == 0

    well = onset(production, "offload", str(card), *map(str, targets))
    assert well["problems"] == []
    (over,) = well["clips"]["alarms"]
    assert over.startswith("A014C002 could be read after all")
    assert contents(targets[0] / "A014") == contents(card)
    assert onset(production, "card", "A014")["log"]["unreadable"] == []
