"""The connection to a HyperDeck: one thread listens, any thread asks, and answers find who asked.

Used by `hyperdeck.py`. The protocol answers in the order of the commands and says unasked things in between, so the
oldest command that waits gets each answer. Where noise ate an answer, the next that says what it is sets it right.
"""

from __future__ import annotations

import contextlib
import socket
import threading
from collections import deque
from collections.abc import Mapping, Sequence

from devices.hyperdeck_lines import Message, MessageReader, write_command
from onset.errors import DeviceError
from onset.text import safe_text

_CHUNK = 65_536
_ANSWERS = {"slot info": 202, "device info": 204, "clips get": 205, "transport info": 208, "remote": 210}  # else 200
_MOST_WAITING = 64  # commands without an answer; a deck that is so far behind is gone


class Waiting:
    """A command on its way."""

    def __init__(self, name: str, sent_ns: int, answer_code: int) -> None:
        self.name = name
        self.sent_ns = sent_ns
        self._code = answer_code
        self.answer: Message | None = None
        self._there = threading.Event()

    def answered(self, message: Message | None) -> None:
        """Its answer came, or (None) none ever will."""
        self.answer = message
        self._there.set()

    def fits(self, message: Message) -> bool:
        """Whether a message can be its answer."""
        return message.refuses or message.code == self._code

    @property
    def done(self) -> bool:
        """Whether it was answered, or given up."""
        return self._there.is_set()

    def wait(self, seconds: float) -> Message | None:
        """The answer; None when it has not come in time, or the deck went away."""
        self._there.wait(seconds)
        return self.answer


class Wire:
    """A connection to a deck. `listen` belongs to one thread, `ask` and `close` to any."""

    def __init__(self, addresses: Sequence[str], port: int, timeout_s: float) -> None:
        """Connect to the first address that answers; together they have `timeout_s`.

        Raises:
            OSError: nobody is there, or nobody answers within `timeout_s`.
        """
        self._socket = _connected(addresses, port, timeout_s / max(1, len(addresses)))
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._reader = MessageReader()
        self._waiting: deque[Waiting] = deque()
        self._lock = threading.Lock()
        self._closed = False

    @property
    def faults(self) -> int:
        """Lines that could not be read so far."""
        return self._reader.faults

    def ask(self, name: str, values: Mapping[str, str] | None, now_ns: int) -> Waiting:
        """Send a command; never waits for its answer.

        Raises:
            DeviceError: the connection is gone.
        """
        code = 200 if values and name == "remote" else _ANSWERS.get(name, 200)
        waiting = Waiting(name, now_ns, code)
        with self._lock:
            if self._closed or len(self._waiting) >= _MOST_WAITING:
                raise DeviceError("the deck has not answered for too long")
            try:
                self._socket.sendall(write_command(name, values))
            except OSError as error:
                raise DeviceError(f"the connection broke ({safe_text(error.strerror or str(error))})") from error
            self._waiting.append(waiting)
        return waiting

    def listen(self, seconds: float) -> list[tuple[Message, Waiting | None]] | None:
        """What came within `seconds`, each with the command that it answers; None when nothing did.

        An empty list means that bytes came which are no whole message yet.

        Raises:
            DeviceError: the deck or this end closed the connection.
        """
        try:
            self._socket.settimeout(seconds)
            data = self._socket.recv(_CHUNK)
        except TimeoutError:
            return None
        except OSError as error:
            raise DeviceError(f"the connection broke ({safe_text(error.strerror or str(error))})") from error
        if not data:
            raise DeviceError("the deck closed the connection")
        return [(message, self._asked(message)) for message in self._reader.feed(data)]

    def _asked(self, message: Message) -> Waiting | None:
        """The command that a message answers; those before it have lost their answers."""
        if message.unasked:
            return None
        passed: list[Waiting] = []
        with self._lock:
            place = next((n for n, each in enumerate(self._waiting) if each.fits(message)), None)
            if place is None:
                return None
            while len(passed) <= place:
                passed.append(self._waiting.popleft())
        for lost in passed[:-1]:
            lost.answered(None)
        passed[-1].answered(message)
        return passed[-1]

    def close(self) -> None:
        """Say good-bye and let go: a `listen` that waits ends, and whoever waits for an answer gets none."""
        with self._lock:
            if self._closed:
                return
            self._closed = True
            waiting = list(self._waiting)
            self._waiting.clear()
        with contextlib.suppress(OSError):
            self._socket.settimeout(0.2)
            self._socket.sendall(write_command("quit"))
        with contextlib.suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for each in waiting:
            each.answered(None)


def _connected(addresses: Sequence[str], port: int, timeout_s: float) -> socket.socket:
    refused = OSError("it has no address")
    for address in addresses:
        try:
            return socket.create_connection((address, port), timeout_s)
        except OSError as error:
            refused = error
    raise refused
