"""A life judged from outside: a read that never returns, an adapter that breaks, a device that never was there."""

from __future__ import annotations

import queue
import threading
from fractions import Fraction
from typing import Literal

import numpy as np
import pytest

from devices.adapter import PictureFormat, Shot
from devices.life import Arrival, DeviceLife, Gone, Opened
from onset.capture.signals import Report, StateChanged
from onset.clock import ManualClock
from onset.errors import DeviceError

_IMAGE = np.zeros((96, 160, 3), np.uint8)


class Puppet:
    """A camera that does what the test says."""

    medium: Literal["picture"] = "picture"

    def __init__(self, clock: ManualClock) -> None:
        self._clock = clock
        self.next: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self.opens: queue.SimpleQueue[Exception | None] = queue.SimpleQueue()
        self.closed = 0
        self._number = 0

    def open(self) -> PictureFormat:
        self._play(self.opens)
        return PictureFormat(160, 96, Fraction(25))

    def read(self) -> Shot:
        self._play(self.next)
        self._number += 1
        return Shot(self._number, self._clock.monotonic_ns(), _IMAGE)

    @staticmethod
    def _play(script: queue.SimpleQueue[Exception | None]) -> None:
        step = script.get(timeout=20)
        if step is not None:
            raise step

    def close(self) -> None:
        self.closed += 1
        self.next.put(DeviceError("Closed."))
        self.opens.put(DeviceError("Closed."))

    def identify(self) -> str:
        return "A puppet."


class Watched:
    """A life and what came of it."""

    def __init__(self) -> None:
        self.clock = ManualClock()
        self.puppet = Puppet(self.clock)
        self.arrivals: queue.SimpleQueue[Arrival] = queue.SimpleQueue()
        self.changes: queue.SimpleQueue[StateChanged] = queue.SimpleQueue()
        self.life = DeviceLife("A", self.puppet, self.clock, self.arrivals.put, self._reported)
        self.life.start()

    def _reported(self, report: Report) -> None:
        assert isinstance(report, StateChanged)
        self.changes.put(report)

    def state(self) -> str:
        return self.changes.get(timeout=20).state

    def go_live(self) -> None:
        assert self.state() == "connecting"
        self.puppet.opens.put(None)
        assert isinstance(self.arrivals.get(timeout=20), Opened)
        self.puppet.next.put(None)
        assert isinstance(self.arrivals.get(timeout=20), Shot)
        assert self.state() == "live"


@pytest.fixture
def watched() -> Watched:
    return Watched()


def test_a_read_that_never_returns_is_waited_for(watched: Watched) -> None:
    watched.go_live()
    watched.clock.advance(0.4)
    assert watched.life.watch()
    assert watched.life.state == "live"
    watched.clock.advance(0.2)
    watched.life.watch()
    assert watched.state() == "stalled"
    watched.clock.advance(1.5)
    watched.life.watch()
    change = watched.changes.get(timeout=20)
    assert (change.state, "two seconds" in change.detail) == ("lost", True)
    assert watched.puppet.closed >= 1, "closing is what makes the read return"
    assert isinstance(watched.arrivals.get(timeout=20), Gone)
    assert watched.state() == "back-off"
    watched.life.end()


def test_a_stalled_camera_stays_stalled(watched: Watched) -> None:
    watched.go_live()
    watched.clock.advance(0.6)
    watched.life.watch()
    assert watched.state() == "stalled"
    watched.puppet.next.put(None)
    assert isinstance(watched.arrivals.get(timeout=20), Shot)
    watched.clock.advance(0.1)
    watched.puppet.next.put(None)
    assert watched.state() == "live"
    watched.life.end()


def test_the_frames_that_a_library_held_when_it_gave_up_are_taken_for_a_return(watched: Watched) -> None:
    watched.go_live()
    watched.clock.advance(0.6)
    watched.life.watch()
    assert watched.state() == "stalled"
    for _ in range(3):
        watched.puppet.next.put(None)
    watched.puppet.next.put(DeviceError("Nothing came in time."))
    assert watched.state() == "lost"
    watched.life.end()


def test_an_adapter_that_breaks_ends_the_worker(watched: Watched) -> None:
    watched.go_live()
    watched.puppet.next.put(ZeroDivisionError("oops\x1b"))
    change = watched.changes.get(timeout=20)
    assert change.state == "lost"
    assert "ZeroDivisionError" in change.detail
    assert "\x1b" not in change.detail
    watched.life.end()


def test_a_camera_that_never_was_there_is_lost(watched: Watched) -> None:
    assert watched.state() == "connecting"
    watched.puppet.opens.put(DeviceError("No camera 3."))
    change = watched.changes.get(timeout=20)
    assert (change.state, change.detail) == ("missing", "No camera 3.")
    watched.life.end()
    assert watched.changes.empty(), "trying again is no news"


def test_a_library_that_hangs_for_good_is_never_given_up(watched: Watched) -> None:
    assert watched.state() == "connecting"
    watched.clock.advance(39)
    assert watched.life.watch()
    watched.clock.advance(2)
    assert not watched.life.watch()
    watched.life.end()


def test_frames_pile_up_before_a_slow_encoder(watched: Watched) -> None:
    watched.go_live()
    for _ in range(60):
        watched.puppet.next.put(None)
    watched.puppet.next.put(DeviceError("Enough."))
    assert watched.state() == "lost"
    shots = 0
    while not isinstance(watched.arrivals.get(timeout=20), Gone):
        shots += 1
    assert shots == 24, "a second of frames waits, with the one that has been handed on already"
    assert watched.life.dropped == 36
    watched.life.end()


@pytest.mark.parametrize(
    ("medium", "was_live", "tries", "longest_s"),
    [
        ("picture", True, 140, 0.5),
        ("deck", True, 8, 0.5),
        ("deck", True, 140, 1.5),
        ("sound", True, 140, 1.5),
        ("picture", False, 8, 8.0),
    ],
)
def test_a_camera_whose_plug_somebody_holds_is_looked_for_every_eight_seconds(
    medium: str, was_live: bool, tries: int, longest_s: float, watched: Watched, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watched.puppet, "medium", medium)
    waits: queue.SimpleQueue[float] = queue.SimpleQueue()

    def waited(seconds: float) -> bool:
        waits.put(seconds)
        return False

    monkeypatch.setattr(watched.life._again, "wait", waited)
    if was_live:
        watched.go_live()
        watched.puppet.next.put(DeviceError("Unplugged."))
    for _ in range(tries):
        watched.puppet.opens.put(DeviceError("Not there."))
    assert max(waits.get(timeout=20) for _ in range(tries)) == longest_s
    watched.life.end()


def test_a_device_that_was_opened_while_it_was_closed_is_read_for_ever() -> None:
    class Deaf(Puppet):
        """Does not notice that it was closed while it was opened."""

        def __init__(self) -> None:
            super().__init__(ManualClock())
            self.opening, self.go_on = threading.Event(), threading.Event()

        def open(self) -> PictureFormat:
            self.opening.set()
            assert self.go_on.wait(20)
            return PictureFormat(160, 96, Fraction(25))

        def read(self) -> Shot:
            return Shot(1, 0, _IMAGE)

        def close(self) -> None:
            self.go_on.set()

    deaf = Deaf()
    life = DeviceLife("A", deaf, ManualClock(), lambda _: None, lambda _: None)
    life.start()
    assert deaf.opening.wait(20)
    assert life.end()


def test_an_adapter_that_cannot_even_close_is_given_up(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    watched.go_live()

    def close() -> None:
        raise RuntimeError("invalid handle")

    with monkeypatch.context() as broken:
        broken.setattr(watched.puppet, "close", close)
        watched.puppet.next.put(DeviceError("Unplugged."))
        assert [watched.state(), watched.state()] == ["lost", "back-off"]
        watched.puppet.opens.put(None)
        watched.puppet.next.put(None)
        assert watched.state() == "live"
    watched.life.end()


def test_a_device_that_another_program_took_meanwhile_is_told_as_closed(watched: Watched) -> None:
    watched.go_live()
    watched.puppet.next.put(DeviceError("Closed."))
    assert [watched.state(), watched.state()] == ["lost", "back-off"]
    for _ in range(3):
        watched.puppet.opens.put(DeviceError("Another program has it."))
    change = watched.changes.get(timeout=20)
    assert (change.state, change.detail) == ("back-off", "Another program has it.")
    watched.life.end()
    assert watched.changes.empty(), "the same reason again is no news"
