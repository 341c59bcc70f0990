"""The probe of serial ports: nothing is opened unasked, and what answers is known by its own language."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from devices.adapter import Options
from devices.probe_serial import probe_serial
from devices.serial_line import PortSeen, UsbId
from devices.simulated.deck_9pin import SimulatedDeck
from devices.simulated.pty_end import PtyEnd
from devices.simulated.trigger import SimulatedBox
from onset.clock import SystemClock
from tests.devices.sources import surroundings


@contextmanager
def _on_a_port(hear: Callable[[bytes], bytes], pause_s: float | None = None) -> Iterator[tuple[str, list[bytes]]]:
    heard: list[bytes] = []

    def listen(data: bytes) -> bytes:
        if data:
            heard.append(data)
        return hear(data)

    end = PtyEnd("probed", listen, pause_s=pause_s)
    try:
        yield end.path, heard
    finally:
        end.pull()


def _deck() -> Callable[[bytes], bytes]:
    return SimulatedDeck("DECK", Options("DECK", {}), surroundings(clock=SystemClock())).hear


def _box() -> Callable[[bytes], bytes]:
    return SimulatedBox("CART", Options("CART", {}), surroundings(clock=SystemClock())).hear


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sony9pin_deck._TRIES", 1)
    monkeypatch.setattr("devices.trigger_serial._QUIET_WAITS", 2)
    monkeypatch.setattr("devices.trigger_serial._HELLO_WAITS", 4)


def test_a_port_is_opened_unasked() -> None:
    with _on_a_port(_deck()) as (path, heard):
        (found,) = probe_serial(seen=lambda: [PortSeen(path, UsbId(0x0403, 0x6001, "A1B2"), "FT232R USB UART")])
    assert heard == []
    assert (found.kind, found.usb, found.options) == ("", "0403:6001:A1B2", {"usb": "0403:6001:A1B2"})
    assert found.detail == f"{path} is FT232R USB UART; nobody was asked what is on it."


def test_only_the_port_that_was_named_is_asked() -> None:
    with _on_a_port(_deck()) as (named, _), _on_a_port(_deck()) as (other, heard):
        found = probe_serial([named], seen=lambda: [PortSeen(other, None, "")])
    assert heard == []
    assert [(each.port, each.kind) for each in found] == [(other, ""), (named, "sony9pin")]
    assert found[1].detail == f"HyperDeck answers on {named} by Sony 9-pin."
    assert found[1].options == {"port": named}


def test_a_stable_name_is_given_back_as_one_that_moves(tmp_path: Path) -> None:
    link = tmp_path / "by-id"
    with _on_a_port(_deck()) as (path, _):
        link.symlink_to(path)
        (found,) = probe_serial([str(link)], seen=lambda: [])
    assert (found.kind, found.options) == ("sony9pin", {"port": str(link)})


def test_a_trigger_box_is_taken_for_a_deck() -> None:
    with _on_a_port(_box(), pause_s=0.02) as (path, heard):
        (found,) = probe_serial(True, seen=lambda: [PortSeen(path, UsbId(0x2341, 0x43), "")])
    assert (found.kind, found.options) == ("trigger", {"port": path})  # two boxes alike could not be told apart
    assert found.detail == f"Simulated box CART says hello on {path} by trigger lines."
    assert set(heard) == {b"hello\n"}  # it was heard first


@pytest.mark.parametrize("said", [b"", b"$GPGGA,123519,4807.038,N*47\r\n"])
def test_something_unknown_is_taken_for_a_device(said: bytes) -> None:
    with _on_a_port(lambda data: said) as (path, _):
        (found,) = probe_serial([path], seen=lambda: [])
    assert (found.kind, found.detail) == ("", f"Nothing on {path} answers by Sony 9-pin or trigger lines.")


def test_a_port_that_is_gone_ends_the_probe() -> None:
    (found,) = probe_serial(["/dev/gone"], seen=lambda: [])
    assert (found.kind, found.detail) == ("", "/dev/gone: /dev/gone is not there; is it plugged in?")
