"""The simulated deck: the same words each time, and in step with every other simulated device."""

from __future__ import annotations

import hashlib
import socket

from devices.adapter import NS, Options
from devices.hyperdeck_lines import Command, write_message
from devices.simulated.camera import SimulatedCamera
from devices.simulated.hyperdeck import KINDS, DeckServer
from devices.simulated.hyperdeck_deck import SimulatedDeck
from devices.simulated.script import Script
from onset.clock import ManualClock, SystemClock
from tests.devices.sources import surroundings

_SCRIPT = [
    {"at": 3.0, "kind": "button", "seconds": 4.0},
    {"at": 5.0, "kind": "drop", "frames": 3},
    {"at": 9.0, "kind": "jump", "frames": 250},
    {"at": 12.0, "kind": "full", "seconds": 2.0},
]


def _deck(rate: str = "25", minutes: float = 60.0) -> tuple[SimulatedDeck, ManualClock]:
    around = surroundings(rate)
    clock = around.clock
    assert isinstance(clock, ManualClock)
    script = Script("DECK", KINDS, 0.04)
    script.read(_SCRIPT, Options("DECK", {}))
    return SimulatedDeck(around, script, prefix="A001", minutes=minutes), clock


def _ten_hours(rate: str) -> str:
    """A record every ten minutes, and every word that the deck said."""
    deck, clock = _deck(rate, minutes=500.0)
    digest = hashlib.sha256()
    for turn in range(60):
        for name in ("record", "transport info", "stop", "clips get", "slot info"):
            answer, told = deck.obey(Command(name, {"name": f"T{turn}"} if name == "record" else {}))
            for message in (*(each for _, each in told), answer, *(each for _, each in deck.tick())):
                digest.update(write_message(message))
            clock.advance(120)
    return digest.hexdigest()


def test_two_rehearsals_of_one_day_differ() -> None:
    assert _ten_hours("23.976") == _ten_hours("23.976")
    assert _ten_hours("23.976") != _ten_hours("25")


def test_the_deck_is_out_of_step_with_the_camera() -> None:
    deck, clock = _deck("29.97df")
    around = surroundings("29.97df", clock)
    camera = SimulatedCamera("A", {"width": 320, "height": 180}, around)
    camera.open()
    for _ in range(5):
        shot = camera.read()
        clock.advance(0.001)
        assert shot.label is not None
        assert deck.label().since(shot.label) in (0, 1)


def test_the_button_of_the_script_is_pressed_by_nobody() -> None:
    deck, clock = _deck()
    said: list[tuple[float, str]] = []
    for _ in range(150):
        for what, message in deck.tick():
            said.append((round(deck.seconds, 1), message.values.get("status", what)))
        clock.advance(0.1)
    assert [each for each in said if each[1] in ("record", "preview")] == [(3.0, "record"), (7.0, "preview")]
    assert [each[1] for each in said if each[0] == 5.0] == ["dropped frames"]
    assert [clip.name for clip in deck.clips] == ["A001_0001.mov"]
    assert abs(deck.clips[0].frames - 100) <= 3


def test_a_jump_moves_the_days_timecode_back() -> None:
    deck, clock = _deck()
    before = deck.label()
    clock.advance(9.5)
    passed = deck.label().since(before)
    assert passed in (237 + 250, 238 + 250)
    assert clock.monotonic_ns() == round(9.5 * NS)


def test_another_program_that_talks_nonsense_ends_the_deck() -> None:
    around = surroundings(clock=SystemClock())
    script = Script("DECK", KINDS, 0.04)
    server = DeckServer(around, SimulatedDeck(around, script, prefix="A001", minutes=60.0), script, "DECK", 0)
    try:
        with socket.create_connection(("127.0.0.1", server.port), 10) as other:
            other.sendall(b"watchdog: period: soon\r\nremote: loud\r\n\xff\xfe\r\nping\r\n")
            said = b""
            while not said.endswith(b"200 ok\r\n"):
                more = other.recv(4096)
                assert more, said
                said += more
        assert b"102 invalid value" in said
    finally:
        server.close()
