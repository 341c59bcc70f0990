"""A deck in a real production: it hangs, is unplugged, comes back, says rubbish, is slow, or another program has it.

The take that rolls survives, a camera beside the deck must not notice, the log says from when to when the deck was
away, and nothing is left behind in its worker.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from onset.capture.asks import Status
from onset.domain.take import State
from onset.logbook.terms import Event, Next
from tests.devices.sources import decode_all
from tests.onset.capture.service import (
    CAMERA,
    ONSET,
    end_service,
    lengths,
    make_production,
    now,
    seat,
    service_status,
    wait_for,
)
from tests.real.feeds import free_port

pytestmark = [pytest.mark.faults, pytest.mark.timeout(120)]

_STILL = 20  # looks that show the same
_AWAY = ("stalled", "lost", "missing")
_DECK = """
[[device]]
name = "DECK"
kind = "hyperdeck"
host = "127.0.0.1"
port = {port}
{more}
"""


class _Deck:
    """The deck, a program of its own."""

    def __init__(self) -> None:
        self.port = free_port()
        self.start()

    def start(self) -> None:
        command = [sys.executable, "-m", "tests.faults.a_deck", str(self.port)]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "listening\n"

    def says(self, line: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(f"{line}\n")
        self.process.stdin.flush()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                pipe.close()


class _Set:
    def __init__(self, folder: Path, deck: _Deck) -> None:
        self.folder = folder
        self.deck = deck

    def status(self) -> Status:
        found = service_status(self.folder)
        assert found is not None
        return found

    def state(self, device: str = "DECK") -> str:
        return next(each.state for each in self.status().devices if each.name == device)

    def wait_live(self) -> None:
        wait_for(lambda: self.state() == "live" and self.state("A") == "live", "the deck is not live")

    def worker(self) -> tuple[int, int]:
        """Threads and descriptors of the deck's worker."""
        process = Path(f"/proc/{next(each.pid for each in self.status().devices if each.name == 'DECK')}")
        return len(list((process / "task").iterdir())), len(list((process / "fd").iterdir()))

    def settled(self) -> tuple[int, int]:
        """The same, once nothing more is being opened: slots are bound, and heard, at the first word of their kind."""
        seen = [self.worker()]

        def is_still() -> bool:
            seen.append(self.worker())
            return len(set(seen[-_STILL:])) == 1 and len(seen) >= _STILL

        wait_for(is_still, "the worker never comes to rest")
        return seen[-1]


def _made(folder: Path, more: str = "") -> Iterator[_Set]:
    deck = _Deck()
    production = make_production(folder, CAMERA + _DECK.format(port=deck.port, more=more))
    service = subprocess.Popen([*ONSET, "-p", str(production), "capture"], stderr=subprocess.DEVNULL)
    try:
        found = _Set(production, deck)
        wait_for(lambda: service_status(production) is not None, "the service does not start")
        found.wait_live()
        yield found
    finally:
        pids = [device.pid for device in found.status().devices]
        end_service(production)
        service.wait(40)
        deck.end()
        assert not [pid for pid in pids if pid is not None and Path(f"/proc/{pid}").exists()]


@pytest.fixture(scope="module")
def the_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[_Set]:
    for made in _made(tmp_path_factory.mktemp("decks") / "P"):
        _unplugged(made)  # what its worker opens for good, it has from the first time on
        made.wait_live()
        yield made


def _hangs(the_set: _Set) -> None:
    the_set.deck.process.send_signal(signal.SIGSTOP)
    wait_for(lambda: the_set.state() != "live", "nobody noticed")
    time.sleep(2.5)  # the fault's own length
    the_set.deck.process.send_signal(signal.SIGCONT)


def _unplugged(the_set: _Set) -> None:
    the_set.deck.end()
    wait_for(lambda: the_set.state() != "live", "nobody noticed")
    the_set.deck.start()


def _taken(the_set: _Set) -> None:
    the_set.deck.says("refuse 2.5")
    the_set.deck.says("disconnect 0.3")
    wait_for(lambda: the_set.state() != "live", "nobody noticed")


def _rubbish(the_set: _Set) -> None:
    the_set.deck.says("garbage 1.5")
    time.sleep(1.6)  # the fault's own length


def _slow(the_set: _Set) -> None:
    the_set.deck.says("slow 1.5")
    time.sleep(1.6)  # the fault's own length


@pytest.mark.parametrize(
    ("fault", "away"),
    [(_hangs, True), (_unplugged, True), (_taken, True), (_rubbish, False), (_slow, False)],
    ids=["hangs", "unplugged", "taken", "rubbish", "slow"],
)
def test_a_deck_in_trouble_costs_the_take(fault: Callable[[_Set], None], away: bool, the_set: _Set) -> None:
    with closing(seat(the_set.folder)) as log:
        take = log.roll(now(), change=None if log.takes() else Next(slate="1"))
        the_set.deck.says("press")
        wait_for(lambda: bool(_said(log.events(take_id=take.id))), "the deck's lamp was not seen")
        held = the_set.settled()
        began_ns = time.time_ns()
        fault(the_set)
        the_set.wait_live()
        healed_ns = time.time_ns()
        rolling = log.take(take.id)
        assert rolling is not None
        assert rolling.state is State.ROLLING, "no device cuts what a person rolled"
        log.cut(take.id, now())
        the_set.deck.says("release")
        wait_for(lambda: None not in (lengths(log.take(take.id)) or {"": None}).values(), "a file stays open")
        found = log.take(take.id)
        events = [event for event in log.events(limit=200) if event.wall_ns >= began_ns]
    assert found is not None
    (clip,) = (clip for angle in found.angles if angle.camera == "A" for clip in angle.clips)
    assert (clip.dropped, clip.interrupted) == (0, False)
    assert decode_all(the_set.folder / clip.path).gaps == []
    assert not [event for event in events if event.device == "A"]
    gaps = [event for event in events if event.device == "DECK" and event.what in _AWAY]
    if away:
        assert len(gaps) == 1, f"raised once, not {gaps}"
        assert gaps[0].cleared_ns is not None
        assert began_ns <= gaps[0].wall_ns < gaps[0].cleared_ns <= healed_ns + 1_000_000_000
        assert gaps[0].take_id == take.id
    status = the_set.status()
    assert {device.restarts for device in status.devices} == {0}
    wait_for(lambda: all(n <= m + 1 for n, m in zip(the_set.worker(), held, strict=True)), "something was left behind")


def _said(events: object) -> list[Event]:
    assert isinstance(events, list | tuple)
    return [event for event in events if isinstance(event, Event) and event.what == "records"]


@pytest.fixture
def trusted(tmp_path: Path) -> Iterator[_Set]:
    yield from _made(tmp_path / "P", 'roll_from_set = "start"\ncamera = "A"')


def test_a_take_that_a_deck_rolled_is_lost_with_its_cable(trusted: _Set) -> None:
    with closing(seat(trusted.folder)) as log:
        log.set_next(Next(slate="1"))
        trusted.deck.says("press")
        wait_for(lambda: bool(log.rolling()), "the deck rolled nothing")
        (take,) = log.rolling()
        assert take.rolled_by == "DECK"
        trusted.deck.end()
        wait_for(lambda: trusted.state() != "live", "nobody noticed")
        trusted.deck.start()  # it comes back, and does not record
        trusted.wait_live()
        wait_for(lambda: [each.what for each in trusted.status().proposals] == ["cut"], "the cut is not proposed")
        assert [each.id for each in log.rolling()] == [take.id]
        log.cut(take.id, now())
        wait_for(lambda: not trusted.status().proposals, "the proposal stays")
        time.sleep(1.6)  # a lamp sooner than that after a cut is late for the take before
        trusted.deck.says("press")
        wait_for(lambda: bool(log.rolling()), "it rolls the next one")
        trusted.deck.says("release")
        wait_for(lambda: not log.rolling(), "and cuts it")
        wait_for(lambda: log.takes()[0].angles[0].clip_name == "A001_0001.mov", "its clip is not named")
        assert log.takes()[0].cut_by == "DECK"
