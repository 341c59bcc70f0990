"""Kills while the second journal is begun anew after a fork: the next opening gets to the same end."""

from __future__ import annotations

import shutil
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from logging_db.journal import pending_of
from logging_db.logbook import LOG_NAME
from tests.logging_db.test_journal import folder, journal, opened, shuttle
from tests.logging_db.test_journal_fork import assert_well, evidence, forked
from tests.needs import require

__all__ = ["folder"]  # the fixture
pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
_CALLS = ("pwrite64", "fsync", "link", "rename", "unlink", "dup3")
_OPEN = """
import sys
from pathlib import Path
from logging_db.logbook import open_log
open_log(Path(sys.argv[1]), user="Maya", second_to=Path(sys.argv[2])).close()
"""


def killed_at(call: str, n: int, folder: Path) -> bool:
    """Open the log, and be killed at the n-th such call on a file beside its journal; False: there are fewer."""
    path = journal(folder)
    anew = path.with_name(f".{path.name}.anew")
    files = [path, anew, pending_of(path), shuttle(folder)]
    only = [part for file in files for part in ("-P", str(file))]
    kill = ["-e", f"inject={call}:signal=KILL:when={n}"]
    command = ["strace", "-f", "-qq", "-o", "/dev/null", *only, *kill, sys.executable, "-c", _OPEN]
    return subprocess.run([*command, folder / LOG_NAME, shuttle(folder)], check=False).returncode != 0


def test_killed_at_every_change_of_a_file_while_the_journal_is_begun_anew(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    require("strace", "strace is not installed")
    both = forked(folder, monkeypatch)
    kept = folder.parent / "kept"
    shutil.copytree(shuttle(folder), kept / "SHUTTLE")
    shutil.copyfile(folder / LOG_NAME, kept / LOG_NAME)
    ends = set()
    kills = 0
    for call, n in [(call, n) for call in _CALLS for n in (1, 2, 3)]:
        for path in folder.glob(f"{LOG_NAME}*"):
            path.unlink()
        shutil.copyfile(kept / LOG_NAME, folder / LOG_NAME)
        shutil.rmtree(shuttle(folder))
        shutil.copytree(kept / "SHUTTLE", shuttle(folder))
        if not killed_at(call, n, folder):
            continue
        kills += 1
        with closing(opened(folder)) as log:
            assert {take.id for take in log.takes() if take.take == "2"} == {*both}
            assert "differ" not in str(log.warning)
        assert_well(folder)
        assert [path.read_bytes() for path in evidence(folder)] == [journal_of(kept / "SHUTTLE").read_bytes()]
        ends.add(journal(folder).read_bytes())
    assert kills > 6
    assert len(ends) == 1


def journal_of(folder: Path) -> Path:
    (found,) = folder.glob("*.journal")
    return found
