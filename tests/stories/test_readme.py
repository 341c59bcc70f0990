"""Every command that the README shows, typed in its order by somebody who believes it.

Each command is a program of its own the first time; typed again, as most lines of `report` are, it runs in the process
of the test: to start Python for it proves nothing more. Lines of `log` are always programs: without the time in which
one starts, takes are too short and too near each other for their sound to be linked for certain.
"""

from __future__ import annotations

import json
import re
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.cli.main import main
from tests.stories.originals import Slated, film, frames_of, mono_set

ROOT = Path(__file__).parents[2]


def _commands() -> list[str]:
    """Lines of the README's shell blocks, in order; `make` is tried by the test of the Makefile."""
    blocks = re.findall(r"^```sh\n(.*?)^```", (ROOT / "README.md").read_text(), re.M | re.S)
    lines = [line.split("  #")[0].strip() for block in blocks for line in block.splitlines()]
    return [line for line in lines if line and not line.startswith("make ")]


def _record(folder: Path, production: Path) -> None:
    """The mixer's files of the day: jammed to the log's clock, each runs from roll to cut."""
    listed = subprocess.run(
        [sys.executable, "-P", "-m", "onset", "log", "list", "--json"], cwd=production, capture_output=True, check=True
    )
    for take in json.loads(listed.stdout)["takes"]:
        slated = Slated(scene=take["slate"], take=take["take"], roll="S001", circled=False, date=take["rolled_at"][:10])
        start, name = frames_of(take["tc_in"]), f"{take['slate']}-T{int(take['take']):03}"
        mono_set(folder, name, slated, start, take["duration_frames"], ("boom", "lav"))


@pytest.fixture
def typed(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Callable[[list[str], Path], str]:
    """Types a command in a folder, where it has to go well, and answers what it complained of."""
    known: set[str] = set()

    def run(words: list[str], here: Path) -> str:
        if words[0] in known - {"log"}:
            capfd.readouterr()
            with monkeypatch.context() as patch:
                patch.chdir(here)
                code = main(words)
            complaint = capfd.readouterr().err
        else:
            known.add(words[0])
            done = subprocess.run(
                [sys.executable, "-P", "-m", "onset", *words],
                cwd=here,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
                check=False,
            )
            code, complaint = done.returncode, done.stderr
        assert code == 0, f"{shlex.join(words)}: {complaint}"
        return complaint

    return run


@pytest.mark.timeout(240)
def test_readme_does_what_it_says(tmp_path: Path, typed: Callable[[list[str], Path], str]) -> None:
    media = tmp_path / "disks"
    for name in ("A014/CLIPS", "SHUTTLE", "RAID"):
        (media / name).mkdir(parents=True)
    for number in range(3):
        film(media / "A014" / "CLIPS" / f"A014C00{number}.mov", frames_of("10:00:00:00") + 2400 * number, 240)
    here = tmp_path
    lines = 0
    # Of its progress; that no folder for backups is named yet; that a card whose copies share a disk stays as it is; of
    # what no export may hold.
    speaks = ("offload", "wrap", "report offload", "export", "send")
    for line in _commands():
        words = shlex.split(line.replace("/media/", f"{media}/"))
        if words[0] == "cd":
            here = here / words[1]
            continue
        assert words[0] == "onset", f"README shows something else than onset: {line}"
        lines += 1
        if words[1:3] == ["import", "sound"]:
            _record(media / "SOUND", here)
        complaint = typed(words[1:], here)
        assert complaint == "" or " ".join(words[1:3]).startswith(speaks), f"{line}: {complaint}"
    assert lines >= 25
    assert "Best for the look to the door" in (here / "day1.csv").read_text()
    assert (here / "wrap.pdf").read_bytes().startswith(b"%PDF-")
    assert (here / "editor.pdf").read_bytes().startswith(b"%PDF-")
    assert "Best for the look to the door" in (here / "editor.html").read_text()
    assert sorted(path.name for path in (media / "RAID" / "A014" / "CLIPS").iterdir()) == [
        f"A014C00{number}.mov" for number in range(3)
    ]
