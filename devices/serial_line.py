"""A serial port: found, opened as its device needs it, read until it goes away, and found again.

Used by the adapters of 9-pin decks and trigger boxes, and by the probe. The traps of the library and of the drivers
are dealt with here, so that an adapter sees bytes or one `DeviceError`.
"""

from __future__ import annotations

import contextlib
import os
import re
import termios
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import serial
from serial.tools import list_ports

from devices.adapter import Options
from onset.errors import DeviceError
from onset.text import safe_path, safe_text

Parity = Literal["none", "odd"]
_WRITE_S = 0.5  # without a limit, a port that nobody empties blocks for ever
_PARITY = {"none": serial.PARITY_NONE, "odd": serial.PARITY_ODD}
_USB = re.compile(r"([0-9A-Fa-f]{4}):([0-9A-Fa-f]{4})(?::(.+))?")
_PTY = re.compile(r"/dev/(pts/\d+|ttys\d+)")  # Linux, macOS
# What the library raises when a port is gone or wrong; termios.error is no OSError, and ValueError is a wrong setting.
_TROUBLE = (OSError, termios.error, ValueError, TypeError)


@dataclass(frozen=True, slots=True)
class UsbId:
    """A USB adapter by what is burnt into it; `serial_number` is empty where any of that kind will do."""

    vendor: int
    product: int
    serial_number: str = ""

    def __str__(self) -> str:
        number = f":{self.serial_number}" if self.serial_number else ""
        return f"{self.vendor:04X}:{self.product:04X}{number}"


@dataclass(frozen=True, slots=True)
class PortSeen:
    """A serial port of this machine.

    Attributes:
        path: `/dev/ttyUSB0`; moves when things are plugged in another order.
        usb: what is burnt into the adapter; None where it is none.
        product: what the adapter calls itself, empty when it does not.
    """

    path: str
    usb: UsbId | None
    product: str


def ports_seen() -> list[PortSeen]:
    """The serial ports of this machine, read from the system; no port is opened."""
    return [
        PortSeen(
            path=port.device,
            usb=None if port.vid is None else UsbId(port.vid, port.pid or 0, port.serial_number or ""),
            product=port.product or "",
        )
        for port in sorted(list_ports.comports())
    ]


@dataclass(frozen=True, slots=True)
class Where:
    """Which port is meant: by its path, or by its USB adapter wherever that is plugged in."""

    path: str
    usb: UsbId | None = None

    @classmethod
    def asked(cls, options: Options) -> Where:
        """Read `port` or `usb` of a device's options.

        Raises:
            ConfigError: both, none, or not spelled as `"0403:6001:A1B2"`.
        """
        path, usb = options.text("port", ""), options.text("usb", "")
        if bool(path) == bool(usb):
            raise options.wrong("port", 'given as a path, or "usb" as "VENDOR:PRODUCT:SERIAL", and not both')
        match = _USB.fullmatch(usb)
        if usb and match is None:
            raise options.wrong("usb", 'spelled like "0403:6001:A1B2" (vendor, product, serial number)')
        return cls(path, UsbId(int(match[1], 16), int(match[2], 16), match[3] or "") if match else None)

    def find(self, name: str, seen: Callable[[], list[PortSeen]] = ports_seen) -> str:
        """The path of the port as things are plugged in now.

        Raises:
            DeviceError: it is not there, or several could be meant.
        """
        if self.usb is None:
            return self.path
        usb = self.usb
        fitting = [
            port
            for port in seen()
            if port.usb is not None
            and (port.usb.vendor, port.usb.product) == (usb.vendor, usb.product)
            and usb.serial_number in ("", port.usb.serial_number)
        ]
        if not fitting:
            raise DeviceError(f"{safe_text(name)}: USB adapter {safe_text(str(usb))} is not plugged in.")
        if len(fitting) > 1:
            several = ", ".join(safe_text(str(port.usb)) for port in fitting)
            raise DeviceError(
                f"{safe_text(name)}: {len(fitting)} adapters are {safe_text(str(usb))}; write which one ({several})."
            )
        return fitting[0].path

    def __str__(self) -> str:
        return safe_path(self.path) if self.usb is None else f"USB adapter {safe_text(str(self.usb))}"


def is_pty(path: str) -> bool:
    """Whether a path is a pseudo terminal: no wire, so no parity and no low latency."""
    return _PTY.fullmatch(os.path.realpath(path)) is not None


class SerialLine:
    """One port. `read`, `write` and `open` belong to one thread; `close` may be called from any."""

    def __init__(self, name: str, where: Where, *, baud: int, parity: Parity = "none", wait_s: float = 0.05) -> None:
        """Take what the port must be; nothing is opened.

        Args:
            name: of the device, for sentences.
            where: which port.
            baud: bits a second, with 8 data bits and 1 stop bit.
            parity: of each byte.
            wait_s: how long `read` waits. Set once: another setting after the first fails on some ports.
        """
        self._name = safe_text(name)
        self._where = where
        self._baud = baud
        self._parity: Parity = parity
        self._wait_s = wait_s
        self._port: serial.Serial | None = None
        self._in_use = threading.Lock()  # a descriptor may not be closed while another thread waits for it
        self._closing = threading.Event()
        self._closing.set()

    @property
    def shown(self) -> str:
        """Where it is, for a sentence."""
        return str(self._where)

    def open(self) -> str:
        """Open the port anew; answers its path.

        Raises:
            DeviceError: it is not there, somebody has it, or it cannot do what the device needs.
        """
        self.close()
        path = self._where.find(self._name)
        pty = is_pty(path)
        with self._in_use:
            try:
                port = serial.Serial(
                    path,
                    self._baud,
                    # A pty takes a parity bit once and refuses to be opened with it again.
                    parity=_PARITY["none" if pty else self._parity],
                    timeout=self._wait_s,
                    write_timeout=_WRITE_S,
                    exclusive=True,
                )
            except _TROUBLE as error:
                raise DeviceError(f"{self._name}: {self._why_not(path, error)}") from error
            try:
                if not pty:
                    self._make_ready(port)
                port.reset_input_buffer()
            except _TROUBLE as error:
                port.close()
                raise DeviceError(f"{self._name}: {safe_path(path)} went away while it was opened.") from error
            except DeviceError:
                port.close()
                raise
            self._port = port
            self._closing.clear()
        return path

    def _why_not(self, path: str, error: Exception) -> str:
        shown = safe_path(path)
        if not os.path.exists(path):
            return f"{shown} is not there; is it plugged in?"
        if isinstance(error, PermissionError) or getattr(error, "errno", None) == 13:
            return f"{shown} may not be opened by you; join the group that owns it (dialout or uucp)."
        if "lock" in str(error):
            return f"{shown} is in use by another program; close that one."
        return f"{shown} cannot be opened as a serial port ({safe_text(str(error))})."

    def _make_ready(self, port: serial.Serial) -> None:
        # FTDI adapters hold bytes back for 16 ms otherwise; a driver that knows no such thing says so in its own way.
        with contextlib.suppress(OSError, ValueError, AttributeError, NotImplementedError):
            port.set_low_latency_mode(True)
        if not parity_holds(port.fileno(), self._parity):
            raise DeviceError(f"{self._name}: {self.shown} cannot do {self._parity} parity; use another adapter.")

    def read(self) -> bytes:
        """What has come; empty when nothing came for `wait_s`.

        Raises:
            DeviceError: the port went away or was closed. Afterwards it is closed.
        """
        with self._in_use:
            port = self._ready()
            try:
                first = bytes(port.read(1))
                return first + bytes(port.read(port.in_waiting)) if first else self._still_open()
            except _TROUBLE as error:
                raise self._lost(port) from error

    def write(self, data: bytes) -> None:
        """Send all of it.

        Raises:
            DeviceError: the port went away, was closed, or nobody takes the bytes. Afterwards it is closed.
        """
        with self._in_use:
            port = self._ready()
            try:
                port.write(data)
            except _TROUBLE as error:
                raise self._lost(port) from error

    def _ready(self) -> serial.Serial:
        self._still_open()
        if self._port is None:
            raise DeviceError(f"{self._name}: {self.shown} is not open.")
        return self._port

    def _still_open(self) -> bytes:
        if self._closing.is_set():
            raise DeviceError(f"{self._name} was closed.")
        return b""

    def _lost(self, port: serial.Serial) -> DeviceError:
        """Let go at once: a port that is gone answers every further read without waiting, and a loop would spin."""
        with contextlib.suppress(*_TROUBLE):
            port.close()
        self._port = None
        if self._closing.is_set():
            return DeviceError(f"{self._name} was closed.")
        if os.path.exists(port.port):
            return DeviceError(f"{self._name}: {self.shown} failed; pull its plug and put it in again.")
        return DeviceError(f"{self._name}: {self.shown} went away; plug it in again.")

    def close(self) -> None:
        """Let go; a `read` that waits ends with `DeviceError`. A second call does nothing."""
        self._closing.set()
        port = self._port
        if port is not None:
            with contextlib.suppress(*_TROUBLE):
                port.cancel_read()
                port.cancel_write()
        with self._in_use:
            if self._port is not None:
                with contextlib.suppress(*_TROUBLE):
                    self._port.close()
                self._port = None


def parity_holds(descriptor: int, parity: Parity) -> bool:
    """Whether the driver has kept the parity that it was told."""
    flags = termios.tcgetattr(descriptor)[2]
    return bool(flags & termios.PARENB) == (parity == "odd") and (parity == "none" or bool(flags & termios.PARODD))
