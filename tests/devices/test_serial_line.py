"""Serial ports: the right one is found, what cannot be is told in a sentence, and nobody waits for a dead one."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import NamedTuple, NoReturn

import pytest
from serial.tools import list_ports

from devices import serial_line
from devices.adapter import Options
from devices.serial_line import PortSeen, SerialLine, UsbId, Where
from devices.simulated.deck_9pin import SimulatedDeck
from devices.simulated.pty_end import PtyEnd
from devices.sony9pin_deck import Sony9PinDeck
from onset.clock import SystemClock
from onset.errors import ConfigError, DeviceError
from tests.devices.sources import surroundings


def _deck_end() -> PtyEnd:
    return PtyEnd("deck", SimulatedDeck("DECK", Options("DECK", {}), surroundings(clock=SystemClock())).hear)


def test_a_port_that_is_no_deck_is_opened(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.sony9pin_deck._TRIES", 1)
    around = surroundings(clock=SystemClock())
    silent = PtyEnd("nobody", lambda data: b"")
    try:
        with pytest.raises(DeviceError, match="no deck answers on /dev/pts/"):
            Sony9PinDeck("DECK", {"port": silent.path, "wait_ms": 10}, around).open()
    finally:
        silent.pull()
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(DeviceError, match="cannot be opened as a serial port"):
        Sony9PinDeck("DECK", {"port": str(file)}, around).open()
    with pytest.raises(DeviceError, match="is not there; is it plugged in"):
        Sony9PinDeck("DECK", {"port": str(tmp_path / "gone")}, around).open()


def test_two_programs_talk_to_one_deck() -> None:
    end = _deck_end()
    around = surroundings(clock=SystemClock())
    first, second = (Sony9PinDeck("DECK", {"port": end.path}, around) for _ in range(2))
    try:
        first.open()
        with pytest.raises(DeviceError, match="in use by another program"):
            second.open()
        first.close()
        second.open()  # a pseudo terminal that was opened with a parity bit could not be opened again
    finally:
        first.close()
        second.close()
        end.pull()


def test_closing_waits_for_a_read_that_waits() -> None:
    end = PtyEnd("silent", lambda data: b"")
    line = SerialLine("DECK", Where(end.path), baud=38_400, wait_s=30.0)
    line.open()
    waiting = threading.Event()
    said: list[str] = []

    def read() -> None:
        waiting.set()
        with pytest.raises(DeviceError) as error:
            line.read()
        said.append(str(error.value))

    thread = threading.Thread(target=read)
    thread.start()
    waiting.wait(10)
    line.close()
    thread.join(10)
    end.pull()
    assert said == ["DECK was closed."]


def test_a_driver_that_drops_the_parity_goes_unnoticed(monkeypatch: pytest.MonkeyPatch) -> None:
    """A pseudo terminal takes odd parity and forgets it, as a bad adapter would."""
    monkeypatch.setattr(serial_line, "is_pty", lambda path: False)
    end = _deck_end()
    try:
        with pytest.raises(DeviceError, match="cannot do odd parity"):
            Sony9PinDeck("DECK", {"port": end.path}, surroundings()).open()
    finally:
        end.pull()


def test_a_port_that_nobody_empties_stops_the_worker() -> None:
    blocked = threading.Event()

    def stuck(data: bytes) -> bytes:
        blocked.wait(10)
        return b""

    end = PtyEnd("stuck", stuck)
    line = SerialLine("DECK", Where(end.path), baud=38_400)
    line.open()
    try:
        with pytest.raises(DeviceError, match="failed; pull its plug"):
            line.write(b"x" * 400_000)
        with pytest.raises(DeviceError, match="not open"):
            line.read()
    finally:
        blocked.set()
        line.close()
        end.pull()


_FTDI = PortSeen("/dev/ttyUSB1", UsbId(0x0403, 0x6001, "A1B2"), "FT232R USB UART")
_OTHER = PortSeen("/dev/ttyUSB0", UsbId(0x0403, 0x6001, "ZZ99"), "FT232R USB UART")
_BUILT_IN = PortSeen("/dev/ttyS0", None, "")


@pytest.mark.parametrize(
    ("usb", "seen", "found"),
    [
        (UsbId(0x0403, 0x6001, "A1B2"), [_OTHER, _FTDI, _BUILT_IN], "/dev/ttyUSB1"),
        (UsbId(0x0403, 0x6001), [_BUILT_IN, _OTHER], "/dev/ttyUSB0"),
    ],
)
def test_another_adapter_is_taken(usb: UsbId, seen: list[PortSeen], found: str) -> None:
    assert Where("", usb).find("DECK", lambda: seen) == found


def test_an_adapter_that_is_away_or_one_of_two_is_guessed() -> None:
    with pytest.raises(
        DeviceError, match=r"DECK: 2 adapters are 0403:6001; write which one \(0403:6001:ZZ99, .*A1B2\)"
    ):
        Where("", UsbId(0x0403, 0x6001)).find("DECK", lambda: [_OTHER, _FTDI])
    with pytest.raises(DeviceError, match="DECK: USB adapter 0403:6001:A1B2 is not plugged in"):
        Where("", UsbId(0x0403, 0x6001, "A1B2")).find("DECK", lambda: [_OTHER])


@pytest.mark.parametrize("given", [{}, {"port": "/dev/ttyUSB0", "usb": "0403:6001"}, {"usb": "FTDI"}])
def test_a_port_is_guessed(given: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r'\[\[device\]\] "DECK"'):
        Sony9PinDeck("DECK", given, surroundings())


def _read_on(deck: Sony9PinDeck) -> NoReturn:
    while True:
        deck.read()


class _Listed(NamedTuple):
    """A port as the library lists it."""

    device: str
    vid: int = 0x0403
    pid: int = 0x6001
    serial_number: str = "A1B2"
    product: str = "FT232R USB UART"


def test_an_adapter_that_comes_back_at_another_place_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    deck = Sony9PinDeck("DECK", {"usb": "0403:6001:A1B2"}, surroundings(clock=SystemClock()))
    first, second = _deck_end(), _deck_end()
    plugged = [_Listed(first.path)]
    monkeypatch.setattr(list_ports, "comports", lambda: plugged)
    try:
        deck.open()
        first.pull()
        plugged.clear()
        with pytest.raises(DeviceError, match="went away; plug it in again"):
            _read_on(deck)
        with pytest.raises(DeviceError, match="USB adapter 0403:6001:A1B2 is not plugged in"):
            deck.open()
        plugged += [_Listed(first.path, serial_number="C3"), _Listed(second.path)]
        deck.open()
        assert deck.read().transport == "stopped"
    finally:
        deck.close()
        first.pull()
        second.pull()
