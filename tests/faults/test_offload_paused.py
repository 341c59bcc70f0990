"""A paused offload is killed: its turn goes to others, and the same command goes on with it, not paused."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from onset.offload.journal import find_jobs
from onset.offload.queue import standings
from tests.onset.mhl.samples import assert_valid
from tests.onset.offload.cards import MIB, contents, make_card, make_targets, manifests

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

_PAUSE = """\
import os, sys, threading
from onset.cli.main import main
from onset.offload.giveway import GiveWay
number, counted, lock = int(sys.argv[1]), 0, threading.Lock()
real = GiveWay.take_turn
def turn(self, size, stream, files=1):
    global counted
    with lock:
        counted += 1
        mine = counted
    if mine == number:
        main(["jobs", "pause", "A001"])
        while self._open.is_set():
            os.sched_yield()
    real(self, size, stream, files)
GiveWay.take_turn = turn
sys.exit(main(sys.argv[2:]))
"""


@pytest.mark.parametrize("number", [2, 5, 8, 14])
def test_killed_while_it_is_paused(number: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the first read, the read-back, among small files: it is gone on with, and does not begin paused."""
    state = tmp_path / "state"
    monkeypatch.setenv("XDG_STATE_HOME", str(state))
    card, targets = make_card(tmp_path / "A001", clips=1, clip_bytes=20 * MIB + 5, small=2), make_targets(tmp_path)
    asked = ["offload", str(card), *map(str, targets), "--json"]
    paused = subprocess.Popen([sys.executable, "-c", _PAUSE, str(number), *asked], stdout=subprocess.DEVNULL)
    jobs = state / "onset" / "jobs"
    while not any((job.progress or {}).get("paused") for job in find_jobs(jobs)):
        assert paused.poll() is None, "it was never paused"
    assert [each.stands.value for each in standings(jobs)] == ["paused"]
    paused.kill()
    paused.wait()
    for target in targets:
        there = contents(target / "A001") if (target / "A001").exists() else {}
        whole = {name: data for name, data in there.items() if not name.endswith(".onset-part")}
        assert whole.items() <= contents(card).items()
    assert standings(jobs) == []
    again = [sys.executable, "-m", "onset", *asked]
    resumed = subprocess.run(again, capture_output=True, text=True, check=False, timeout=60)
    assert resumed.returncode == 0, resumed.stderr
    for target in targets:
        assert contents(target / "A001") == contents(card)
        assert len(manifests(target / "A001")) == 1
        assert_valid(target / "A001")
    assert len(find_jobs(jobs)) == 1


def test_stopped_while_it_is_paused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends it as it ends any job: nothing unfinished stays."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    card, targets = make_card(tmp_path / "A001", clips=1, clip_bytes=20 * MIB + 5, small=2), make_targets(tmp_path)
    asked = [sys.executable, "-c", _PAUSE, "3", "offload", str(card), *map(str, targets)]
    paused = subprocess.Popen(asked, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    jobs = tmp_path / "state" / "onset" / "jobs"
    while not any((job.progress or {}).get("paused") for job in find_jobs(jobs)):
        assert paused.poll() is None, "it was never paused"
    paused.send_signal(signal.SIGINT)
    _, said = paused.communicate(timeout=60)
    assert (paused.returncode, "Stopped; 0 of 4 files" in said) == (1, True), said
    assert not list(tmp_path.rglob("*.onset-part"))
