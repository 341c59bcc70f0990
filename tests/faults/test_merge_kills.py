"""Kills inside a merge and an exchange: whatever the moment, doing it again ends where an undisturbed one ends."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from logging_db import doctor
from logging_db.exchange import SUFFIX, exchange_once
from logging_db.logbook import LOG_NAME, create_log, open_log
from logging_db.sqlite_library import peek
from logging_db.taking_in import vector
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, a_clock
from tests.needs import require

pytestmark = pytest.mark.faults
LIBRARIES = ("pysqlite3", "stdlib")
# In small batches, so that a merge of a few takes has many moments.
_MERGE = """
import sys
from contextlib import closing
from pathlib import Path
from logging_db import taking_in
from logging_db.logbook import open_log
taking_in._BATCH = 4
with closing(open_log(Path(sys.argv[1]), user="Maya")) as log:
    log.merge(Path(sys.argv[2]), wall_ns=1_780_056_000_000_000_000)
"""
_EXCHANGE = """
import sys
from pathlib import Path
from logging_db import taking_in
from logging_db.exchange import exchange_once
from onset.clock import SystemClock
taking_in._BATCH = 4
exchange_once(Path(sys.argv[1]), Path(sys.argv[2]), clock=SystemClock(), user="Maya")
"""


@pytest.fixture(params=LIBRARIES)
def apart(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Maya's log, Ben's with four more takes, and a stick on which Ben has left his."""
    require("strace", "strace is not installed")
    monkeypatch.setenv("ONSET_SQLITE", request.param)
    (tmp_path / "stick").mkdir()
    maya, ben = tmp_path / "maya", tmp_path / "ben"
    maya.mkdir()
    create_log(maya, title="Kills", rate="25", user="Maya", clock=a_clock())
    shutil.copytree(maya, ben)
    for folder, takes in ((maya, 1), (ben, 4)):
        with closing(open_log(folder / LOG_NAME, user=folder.name, clock=a_clock())) as log:
            on_set = OnSet(log, a_clock())
            log.set_next(Next(slate="1"))
            for _ in range(takes):
                log.note(on_set.shoot().id, "plane")
    exchange_once(ben / LOG_NAME, tmp_path / "stick", clock=a_clock(), user="Ben")
    return tmp_path


def calls_of(trace: str, watched: tuple[str, ...]) -> list[tuple[str, int]]:
    """Each write, sync and rename of the traced files: the call, and which of its kind it was."""
    counts: dict[str, int] = {}
    found = []
    for line in trace.splitlines():
        match = re.search(rf"({'|'.join(watched)})\(", line)
        if match is not None:
            counts[match[1]] = counts.get(match[1], 0) + 1
            found.append((match[1], counts[match[1]]))
    return found


_WATCHED = ("pwrite64", "write", "fdatasync", "fsync", "rename", "renameat2", "ftruncate", "unlink")


def traced(script: str, log: Path, other: Path, paths: list[Path], *options: str) -> subprocess.CompletedProcess[str]:
    only = [part for path in paths for part in ("-P", str(path))]
    return subprocess.run(
        ["strace", "-f", "-qq", *only, *options, sys.executable, "-c", script, str(log), str(other)],
        capture_output=True,
        text=True,
        check=False,
    )


def moments(script: str, folder: Path, other: Path, paths: list[Path]) -> Iterator[tuple[str, int]]:
    """Run it undisturbed once, and tell moments at which it can be killed: some ten of them, spread over all."""
    kept = (folder / "maya" / LOG_NAME).read_bytes()
    stick = {file: file.read_bytes() for file in (folder / "stick").iterdir()}
    done = traced(script, folder / "maya" / LOG_NAME, other, paths, "-e", f"trace={','.join(_WATCHED)}")
    assert done.returncode == 0, done.stderr
    calls = calls_of(done.stderr, _WATCHED)
    assert len(calls) > 8
    restore(folder, kept, stick)
    yield from calls[:: max(1, len(calls) // 10)]


def restore(folder: Path, log: bytes, stick: dict[Path, bytes]) -> None:
    for file in (folder / "maya").glob(f"{LOG_NAME}*"):
        file.unlink()
    (folder / "maya" / LOG_NAME).write_bytes(log)
    for file in (folder / "stick").iterdir():
        file.unlink()
    for file, whole in stick.items():
        file.write_bytes(whole)


def shown(log: Path) -> set[tuple[str, str, int]]:
    with closing(open_log(log, user="Maya", clock=a_clock())) as opened:
        return {(take.id, take.label, len(take.notes)) for take in opened.takes(TakeFilter(limit=None))}


def held(log: Path) -> dict[bytes, int]:
    with closing(peek(log)) as connection:
        return vector(connection)


def test_scenario_31_merge_killed_at_every_write(apart: Path) -> None:
    here, there = apart / "maya" / LOG_NAME, apart / "ben" / LOG_NAME
    paths = [here, *(here.with_name(here.name + suffix) for suffix in ("-wal", "-journal"))]
    kept = here.read_bytes()
    bens = there.read_bytes()
    for call, n in moments(_MERGE, apart, there, paths):
        restore(apart, kept, {})
        done = traced(_MERGE, here, there, paths, "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={n}")
        assert done.returncode != 0
        assert all(check.ok for check in doctor.check(here)), (call, n)
        with closing(open_log(here, user="Maya", clock=a_clock())) as log:
            log.merge(there, wall_ns=a_clock().wall_ns())
        assert all(check.ok for check in doctor.check(here)), (call, n)
        assert len(shown(here)) == 5
        assert held(there).items() <= held(here).items()
    assert there.read_bytes() == bens


def test_scenario_31_exchange_killed_at_every_write_and_rename(apart: Path) -> None:
    here, stick = apart / "maya" / LOG_NAME, apart / "stick"
    whole = {file: file.read_bytes() for file in stick.iterdir()}
    kept = here.read_bytes()
    name = exchange_once(here, stick, clock=a_clock(), user="Maya").file
    undisturbed = (stick / name).read_bytes()
    restore(apart, kept, whole)
    paths = [here, *(here.with_name(here.name + suffix) for suffix in ("-wal", "-journal"))]
    paths += [stick, stick / name, stick / f".{name}.part"]
    for call, n in moments(_EXCHANGE, apart, stick, paths):
        restore(apart, kept, whole)
        done = traced(_EXCHANGE, here, stick, paths, "-o", "/dev/null", "-e", f"inject={call}:signal=KILL:when={n}")
        assert done.returncode != 0
        assert all(check.ok for check in doctor.check(here)), (call, n)
        exchange_once(here, stick, clock=a_clock(), user="Maya")
        assert len(shown(here)) == 5
        assert (stick / name).read_bytes() == undisturbed, (call, n)
        assert {file: file.read_bytes() for file in whole} == whole
        assert sorted(file for file in os.listdir(stick) if not file.startswith(".")) == sorted(
            [name, *(file.name for file in whole)]
        )
        assert all(file.name.endswith(SUFFIX) or file.name.startswith(".") for file in stick.iterdir())


def test_stick_cut_off_at_any_byte_costs_nothing(apart: Path) -> None:
    """A pulled stick leaves any beginning of the file: the reader waits for the rest, the writer writes it."""
    here, stick = apart / "maya" / LOG_NAME, apart / "stick"
    name = exchange_once(here, stick, clock=a_clock(), user="Maya").file
    whole = (stick / name).read_bytes()
    for cut in range(0, len(whole), 997):
        (stick / name).write_bytes(whole[:cut])
        came = exchange_once(apart / "ben" / LOG_NAME, stick, clock=a_clock(), user="Ben").came
        assert [file.taken.refused for file in came if file.name == name] == [()]
        exchange_once(here, stick, clock=a_clock(), user="Maya")
        assert (stick / name).read_bytes() == whole
    exchange_once(apart / "ben" / LOG_NAME, stick, clock=a_clock(), user="Ben")
    assert held(here) == held(apart / "ben" / LOG_NAME)
