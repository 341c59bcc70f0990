"""What is connected to the serial ports of this machine, and the configuration that would use it.

Used by `onset devices probe`. Listing opens no port: opening one resets some boxes, and a byte may mean anything to a
device that nobody knows. Only ports that somebody names are opened and asked, first by listening, then with the three
bytes that ask a 9-pin deck for its type, then with the `hello` of trigger boxes.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from devices.adapter import Surroundings
from devices.serial_line import PortSeen, SerialLine, Where, ports_seen
from devices.sony9pin_deck import Sony9PinDeck
from devices.trigger_serial import TriggerBox
from devices.trigger_words import BAUD, LineReader
from onset.clock import Clock, SystemClock
from onset.errors import DeviceError
from onset.text import safe_path, safe_text
from onset.timecode import RATES

_BY_ID = Path("/dev/serial/by-id")
_LISTEN_WAITS = 14  # of 50 ms: longer than the heartbeat of a trigger box


@dataclass(frozen=True, slots=True)
class SerialFound:
    """A serial port and what was found on it.

    Attributes:
        port: its path now.
        by_id: its path that stays when others are plugged in; empty where there is none.
        usb: `VENDOR:PRODUCT:SERIAL` of its adapter; empty where it is none.
        kind: of device that answered; empty where none did, or none was asked.
        options: the device's own keys for `config.toml`.
        detail: a sentence on it.
    """

    port: str
    by_id: str
    usb: str
    kind: str
    options: dict[str, str]
    detail: str


def probe_serial(
    ask: bool | Collection[str] = False,
    *,
    clock: Clock | None = None,
    seen: Callable[[], list[PortSeen]] = ports_seen,
) -> list[SerialFound]:
    """List the serial ports, and ask those that somebody wants to be asked.

    Args:
        ask: False opens nothing; True opens every port of the list; paths open those, listed or not. A port that is
            asked takes up to ten seconds.
        clock: for waiting.
        seen: what lists the ports.
    """
    listed = seen()
    known = {os.path.realpath(port.path) for port in listed}
    named = {} if isinstance(ask, bool) else {os.path.realpath(path): path for path in ask}
    listed += [PortSeen(path, None, "") for real, path in named.items() if real not in known]
    around = Surroundings("", RATES["25"], clock or SystemClock())
    return [_look(port, around, asked=ask is True or os.path.realpath(port.path) in named) for port in listed]


def _look(port: PortSeen, around: Surroundings, *, asked: bool) -> SerialFound:
    usb = "" if port.usb is None else str(port.usb)
    options = (
        {"usb": usb} if port.usb is not None and port.usb.serial_number else {"port": _by_id(port.path) or port.path}
    )
    kind, detail = _who(port.path, around) if asked else ("", _unasked(port))
    return SerialFound(port.path, _by_id(port.path), usb, kind, options, detail)


def _unasked(port: PortSeen) -> str:
    product = safe_text(port.product) or "a serial port"
    return f"{safe_path(port.path)} is {product}; nobody was asked what is on it."


def _by_id(path: str) -> str:
    """The link below /dev/serial/by-id that leads to a port."""
    try:
        links = sorted(_BY_ID.iterdir())
    except OSError:
        return ""
    return next((str(link) for link in links if os.path.realpath(link) == os.path.realpath(path)), "")


def _who(path: str, around: Surroundings) -> tuple[str, str]:
    shown = safe_path(path)
    try:
        if _chats(path):
            return _box(path, around)
    except DeviceError as error:
        return "", str(error)
    deck = Sony9PinDeck(shown, {"port": path}, around)
    try:
        return "sony9pin", f"{deck.open().model} answers on {shown} by Sony 9-pin."
    except DeviceError:
        return _box(path, around)
    finally:
        deck.close()


def _box(path: str, around: Surroundings) -> tuple[str, str]:
    shown = safe_path(path)
    box = TriggerBox(shown, {"port": path}, around)
    try:
        return "trigger", f"{box.open().model} says hello on {shown} by trigger lines."
    except DeviceError:
        return "", f"Nothing on {shown} answers by Sony 9-pin or trigger lines."
    finally:
        box.close()


def _chats(path: str) -> bool:
    """Whether a trigger box is heard without being asked.

    Raises:
        DeviceError: the port cannot be opened.
    """
    line, lines = SerialLine(safe_path(path), Where(path), baud=BAUD), LineReader()
    line.open()
    try:
        return any(lines.feed(line.read()) for _ in range(_LISTEN_WAITS))
    finally:
        line.close()
