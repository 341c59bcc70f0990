"""Serial devices in a real production: their far ends stall, vanish, return, send noise, answer slowly or refuse.

A deck and a trigger box, each another program on a port of its own, go wrong in the middle of a take. The take
survives, the log says from when to when they were away, the camera beside them does not notice, nothing is left behind.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onset.capture.asks import Status
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event, Next
from tests.devices.sources import decode_all
from tests.onset.capture.service import (
    CAMERA,
    ONSET,
    all_live,
    end_service,
    lengths,
    make_production,
    now,
    onset,
    seat,
    service_status,
    wait_for,
)

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120), pytest.mark.xdist_group("serial-faults")]

ROOT = Path(__file__).resolve().parents[2]
_NS = 1_000_000_000
_STALLED_S = 3.0  # half a second without a word is stalled, two are lost
_AWAY_WITHIN_S = 2.5


class _FarEnd:
    """A deck or a box as another program."""

    def __init__(self, name: str, what: str, kind: str, folder: Path) -> None:
        self.name = name
        self.link = folder / what
        self.device = f'\n[[device]]\nname = "{name}"\nkind = "{kind}"\nport = "{self.link}"\n'
        self._command = [sys.executable, "-m", "tests.devices.far_ends", what, str(self.link)]

    def start(self) -> None:
        self.link.unlink(missing_ok=True)
        self.process = subprocess.Popen(self._command, stdin=subprocess.PIPE, cwd=ROOT)
        wait_for(self.link.is_symlink, f"{self.name} does not start")

    def goes_wrong(self, kind: str, seconds: float) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{kind} {seconds}\n".encode())
        self.process.stdin.flush()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        if self.process.stdin is not None:
            self.process.stdin.close()


class _Set:
    """The production and its far ends."""

    def __init__(self, folder: Path) -> None:
        self.deck = _FarEnd("DECK", "deck", "sony9pin", folder)
        self.box = _FarEnd("BOX", "box", "trigger", folder)
        self.ends = (self.deck, self.box)
        self.folder = make_production(folder / "P", CAMERA + self.deck.device + self.box.device)

    def status(self) -> Status:
        found = service_status(self.folder)
        assert found is not None
        return found

    def wait_live(self) -> None:
        wait_for(lambda: all_live(self.folder), "not all are live again")

    def wait_away(self) -> None:
        def away() -> bool:
            states = {device.name: device.state for device in self.status().devices}
            return all(states[end.name] != "live" for end in self.ends)

        wait_for(away, "not seen to be away")

    def held(self) -> dict[str, tuple[int, int]]:
        """Threads and descriptors of each worker."""
        found = {}
        for device in self.status().devices:
            process = Path(f"/proc/{device.pid}")
            found[device.name] = (len(list((process / "task").iterdir())), len(list((process / "fd").iterdir())))
        return found

    def worked_s(self) -> float:
        """Seconds that the workers of the far ends have kept the processor busy."""
        ticks = 0
        for device in self.status().devices:
            if device.name != "A":
                fields = Path(f"/proc/{device.pid}/stat").read_text().rpartition(") ")[2].split()
                ticks += int(fields[11]) + int(fields[12])
        return ticks / os.sysconf("SC_CLK_TCK")


@pytest.fixture(scope="module")
def the_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Set]:
    found = _Set(tmp_path_factory.mktemp("serial"))
    for end in found.ends:
        end.start()
    service = subprocess.Popen([*ONSET, "-p", str(found.folder), "capture"], stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: service_status(found.folder) is not None, "the service does not start")
        found.wait_live()
        with closing(seat(found.folder)) as log:  # workers open what they need for good with the first take
            take = log.roll(now(), change=Next(slate="1"))
            wait_for(lambda: bool(lengths(log.take(take.id))), "nothing is recorded")
            log.cut(take.id, now())
            wait_for(lambda: None not in lengths(log.take(take.id)).values(), "a file stays open")
        yield found
    finally:
        end_service(found.folder)
        service.wait(40)
        for end in found.ends:
            end.kill()


def _stall(the_set: _Set) -> None:
    for end in the_set.ends:
        end.process.send_signal(signal.SIGSTOP)
    worked_s = the_set.worked_s()
    time.sleep(_STALLED_S)  # the fault's own length
    worked_s = the_set.worked_s() - worked_s
    for end in the_set.ends:
        end.process.send_signal(signal.SIGCONT)
    assert worked_s < 0.5, "whoever waits for a device does not keep the processor busy"


def _unplug(the_set: _Set) -> None:
    for end in the_set.ends:
        end.kill()
    the_set.wait_away()
    for end in the_set.ends:
        end.start()


def _garbage(the_set: _Set) -> None:
    for end in the_set.ends:
        end.goes_wrong("garbage", 1.5)
    time.sleep(1.6)  # the fault's own length


def _slow(the_set: _Set) -> None:
    the_set.deck.goes_wrong("slow", 1.5)
    time.sleep(1.6)  # the fault's own length


def _refuse(the_set: _Set) -> None:
    the_set.deck.goes_wrong("local", 3)
    said = onset(the_set.folder, "devices", "record", "DECK")
    assert said.returncode == 1
    assert "DECK is in LOCAL and takes no orders from here; switch it to REMOTE." in said.stderr


@pytest.mark.parametrize(
    ("fault", "away"),
    [(_stall, True), (_unplug, True), (_garbage, False), (_slow, False), (_refuse, False)],
    ids=["stall", "unplug-and-return", "garbage", "slow", "refusal"],
)
def test_a_broken_far_end_costs_the_take_or_another_device(
    fault: Callable[[_Set], None], away: bool, the_set: _Set
) -> None:
    held = the_set.held()
    with closing(seat(the_set.folder)) as log:
        take = log.roll(now())
        wait_for(lambda: bool(lengths(log.take(take.id))), "nothing is recorded")
        began_ns = time.time_ns()
        fault(the_set)
        the_set.wait_live()
        healed_ns = time.time_ns()
        log.cut(take.id, now())
        wait_for(lambda: None not in lengths(log.take(take.id)).values(), "a file stays open")
        _camera_did_not_notice(the_set, log, take.id)
        events = [event for event in log.events(limit=200) if began_ns <= event.wall_ns <= healed_ns]
    assert [event for event in events if event.device == "A"] == []
    for end in the_set.ends:
        gaps = [event for event in events if event.device == end.name and event.what in ("stalled", "lost", "missing")]
        assert len(gaps) == int(away), events
        for gap in gaps:
            _is_told_with_its_times(gap, began_ns, healed_ns)
    wait_for(lambda: _no_more_than(the_set.held(), held), f"left behind: {the_set.held()} after {held}", 10)
    assert {device.restarts for device in the_set.status().devices} == {0}


def _no_more_than(now: dict[str, tuple[int, int]], before: dict[str, tuple[int, int]]) -> bool:
    """No thread, and no port: a port that is not let go of holds five descriptors."""
    grown = {name: (now[name][0] - before[name][0], now[name][1] - before[name][1]) for name in before}
    return all(threads <= 0 and files < 5 for threads, files in grown.values())


def _camera_did_not_notice(the_set: _Set, log: Logbook, take_id: str) -> None:
    found = log.take(take_id)
    assert found is not None
    (clip,) = [clip for angle in found.angles for clip in angle.clips]
    assert clip.dropped == 0
    assert decode_all(the_set.folder / clip.path).gaps == []


def _is_told_with_its_times(gap: Event, began_ns: int, healed_ns: int) -> None:
    assert gap.wall_ns - began_ns < _AWAY_WITHIN_S * _NS, "noticed too late"
    assert gap.cleared_ns is not None, "it is back, and the log does not say so"
    assert gap.wall_ns < gap.cleared_ns <= healed_ns + _NS
    assert gap.take_id is not None
