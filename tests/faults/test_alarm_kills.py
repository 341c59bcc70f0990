"""The capture service is killed while alarms stand: the next one goes on with what is still so, and ends the rest."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.capture.alarms import OVER_BEFORE
from onset.cli.capture import start_service
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event
from tests.onset.capture.service import end_service, gone, make_production, onset, pid_of_worker, seat, wait_for

pytestmark = pytest.mark.faults

# A's picture is frozen whenever it is opened; B goes wrong only when it is told to: with a new worker it is well.
CAMERAS = """
[[device]]
name = "A"
kind = "sim-camera"
width = 160
height = 96
watch = { frozen = "0.5 s" }
script = [{ at = 0.2, kind = "freeze", seconds = 3600 }]

[[device]]
name = "B"
kind = "sim-camera"
width = 160
height = 96
watch = { frozen = "0.5 s", black = "0.5 s" }
"""


@pytest.fixture
def production(tmp_path: Path) -> Iterator[Path]:
    made = make_production(tmp_path / "Harbour", CAMERAS)
    yield made
    end_service(made)


def test_an_alarm_of_a_killed_service_stands_for_ever_or_twice(production: Path) -> None:
    killed = start_service(production)
    log = seat(production)
    wait_for(lambda: _standing(log) == {("A", "frozen")}, "A is not frozen")
    told = onset(production, "devices", "fault", "B", "freeze", "seconds=3600")
    assert told.returncode == 0, told.stderr
    wait_for(lambda: _standing(log) == {("A", "frozen"), ("B", "frozen")}, "B is not frozen")
    workers = [pid_of_worker(production, name) for name in "AB"]
    before = {event.device: event for event in log.alarms()}
    os.kill(killed, signal.SIGKILL)
    wait_for(lambda: all(gone(pid) for pid in workers), "the workers did not see their service go")
    assert _standing(log) == {("A", "frozen"), ("B", "frozen")}, "nobody was there to end them"
    assert start_service(production) != killed
    wait_for(lambda: _standing(log) == {("A", "frozen")}, "the alarm of B never ends, or that of A has ended")
    (stands,) = [event for event in log.alarms() if event.device == "A"]
    assert (stands.id, stands.wall_ns, stands.count) == (before["A"].id, before["A"].wall_ns, 1)
    assert OVER_BEFORE in _of(log, "B")[0].detail
    end_service(production)
    assert _standing(log) == set()
    rows = {name: _of(log, name) for name in "AB"}
    log.close()
    assert {name: len(found) for name, found in rows.items()} == {"A": 1, "B": 1}
    assert "nobody watches any more" in rows["A"][0].detail


def _standing(log: Logbook) -> set[tuple[str, str]]:
    return {(event.device, event.what) for event in log.alarms() if event.device in "AB"}


def _of(log: Logbook, device: str) -> list[Event]:
    return [event for event in log.events() if (event.device, event.what) == (device, "frozen")]
