"""HyperDecks of others: our adapter on a server, our simulated deck under a client, neither of them ours (npm, MIT)."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from devices.conformance import CHECKS, Case
from devices.hyperdeck import HyperDeck
from devices.simulated.hyperdeck import KINDS, DeckServer
from devices.simulated.hyperdeck_deck import SimulatedDeck
from devices.simulated.script import Script
from onset.capture.signals import ClipOpened, Fault, Sign, StateChanged
from onset.clock import SystemClock
from onset.errors import DeviceError
from tests.devices.sources import surroundings
from tests.devices.workers import worker
from tests.needs import require
from tests.real.feeds import free_port

pytestmark = pytest.mark.real

_HERE = Path(__file__).with_name("decks")
_PACKAGES = Path(__file__).parents[2] / "build" / "npm"
_LACKING = "the decks of others are not installed: make peers (Node 18 or newer, npm)"


def _node(script: str, *args: object) -> list[str]:
    require("node", _LACKING)
    require((_PACKAGES / "node_modules" / "hyperdeck-connection").is_dir(), _LACKING)
    return ["node", str(_HERE / script), str(_PACKAGES), *map(str, args)]


@contextmanager
def _server(clients: int = 4, port: int | None = None) -> Iterator[tuple[int, subprocess.Popen[str]]]:
    port = free_port() if port is None else port
    command = _node("server.mjs", port, clients)
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout is not None
            assert server.stdout.readline() == "listening\n"
            yield port, server
        finally:
            server.kill()


@pytest.fixture(scope="module")
def served() -> Iterator[int]:
    with _server() as (port, _):
        yield port


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_a_deck_of_others_is_not_understood(check: Callable[[Case], None], served: int) -> None:
    missing = {"host": "127.0.0.1", "port": free_port()}
    check(Case(HyperDeck, {"host": "127.0.0.1", "port": served}, surroundings(clock=SystemClock()), missing=missing))


def test_a_deck_that_is_taken_is_told_as_broken() -> None:
    with _server(clients=1) as (port, _):
        options = {"host": "127.0.0.1", "port": port}
        first, second = (HyperDeck(name, options, surroundings(clock=SystemClock())) for name in "AB")
        first.open()
        with pytest.raises(DeviceError, match="another program may have the deck"):
            second.open()
        assert first.read().transport == "stopped"
        first.close()


def test_a_deck_of_others_records_and_nobody_hears_of_it(tmp_path: Path) -> None:
    with ExitStack() as stack:
        port, _ = stack.enter_context(_server())
        deck = stack.enter_context(
            worker(tmp_path, "hyperdeck", name="DECK", options={"host": "127.0.0.1", "port": port})
        )
        deck.wait_live()
        refused = deck.ask("record", clip="full")
        assert (refused.ok, refused.value) == (False, "DECK did not record: its medium is full; put a fresh one in.")
        answer = deck.ask("record", clip="42C-3")
        assert (answer.ok, answer.value) == (True, "DECK records 42C-3.")
        assert deck.ask("stop").ok
        deck.wait(Sign, count=3)
        signs = [report for report in deck.reports if isinstance(report, Sign)]
        assert [(sign.what, sign.at_first, sign.clip) for sign in signs] == [
            ("stop", True, ""),
            ("record", False, "42C-3"),
            ("stop", False, "42C-3"),
        ]
        assert signs[1].rate == "25"
        assert not [report for report in deck.reports if isinstance(report, (Fault, ClipOpened))]
        assert deck.hang_up() == 0


def test_a_deck_that_was_switched_off_never_comes_back(tmp_path: Path) -> None:
    with ExitStack() as stack:
        port, server = stack.enter_context(_server())
        options = {"host": "127.0.0.1", "port": port}
        deck = stack.enter_context(worker(tmp_path, "hyperdeck", name="DECK", options=options))
        deck.wait_live()
        server.kill()
        server.wait()
        deck.wait(StateChanged, lambda report: report.state == "back-off")
        stack.enter_context(_server(port=port))
        deck.wait_live(2)
        assert deck.hang_up() == 0


def test_a_client_of_others_does_not_get_on_with_the_simulated_deck() -> None:
    around = surroundings(clock=SystemClock())
    script = Script("DECK", KINDS, 0.04)
    server = DeckServer(around, SimulatedDeck(around, script, prefix="A001", minutes=60.0), script, "DECK", 0)
    try:
        command = _node("client.mjs", server.port)
        ended = subprocess.run(command, capture_output=True, text=True, timeout=50, check=False)
    finally:
        server.close()
    assert ended.returncode == 0, ended.stderr
    assert ended.stderr == ""
    heard = json.loads(ended.stdout)
    assert heard["device"] == {"protocolVersion": 1.11, "model": "Simulated HyperDeck", "slots": 1}
    assert heard["notify"]["droppedFrames"] is True
    assert heard["before"]["status"] == "preview"
    assert heard["before"]["videoFormat"] == "1080p25"
    assert heard["slotInfo"] == {
        "slotId": 1,
        "status": "mounted",
        "volumeName": "REHEARSAL",
        "recordingTime": 3600,
        "videoFormat": "1080p25",
    }
    assert heard["remote"] == {"enabled": True, "override": False}
    assert heard["during"]["status"] == "record"
    assert [state["status"] for state in heard["transport"]] == ["record", "preview"]
    assert [clip["name"] for clip in heard["clips"]["clips"]] == ["42C-3.mov"]
    assert heard["refusal"]["code"] == 103


def test_the_packages_are_others_than_the_lock_names() -> None:
    require((_PACKAGES / "package-lock.json").is_file(), _LACKING)
    assert (_PACKAGES / "package-lock.json").read_bytes() == (_HERE / "package-lock.json").read_bytes()
