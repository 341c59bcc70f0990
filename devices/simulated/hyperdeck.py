"""A simulated HyperDeck: a deck that is not there, behind a real TCP port, and the real adapter in front of it.

An ordinary adapter of kind `sim-hyperdeck`, for rehearsals and tests. Every word goes over the wire, and other programs
may connect as well (option `port`).
"""

from __future__ import annotations

import contextlib
import random
import selectors
import socket
import threading
from collections import deque
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from functools import partial

from devices.adapter import NS, DeckFormat, Options, Surroundings
from devices.hyperdeck import HyperDeck
from devices.hyperdeck_lines import Command, CommandReader, Message, write_message
from devices.simulated.hyperdeck_deck import MODEL, NOTIFIES, PROTOCOL, SimulatedDeck
from devices.simulated.script import Script
from onset.capture.signals import Slated
from onset.errors import DeviceError
from onset.text import safe_text

KINDS = (
    "refuse",  # another program has the deck
    "disconnect",  # the cable is out
    "stall",  # the deck hangs
    "slow",  # every answer takes 0.4 s
    "garbage",  # noise between the lines
    "chatter",  # unasked messages before each answer
    "deny",  # it refuses to record
    "ignore",  # it says "ok" and does not record
    "full",  # its medium is full
    "no-medium",  # somebody pulled it
    "drop",  # it loses frames of its own
    "jump",  # its timecode jumps
    "button",  # somebody records with the deck's own button
)
_TURN_S = 0.02
_SLOW_NS = 400_000_000
_CHUNK = 65_536
_MOST_UNSENT = 1 << 20


@dataclass(slots=True)
class _Client:
    """A program that is connected."""

    socket: socket.socket
    seen_ns: int
    reader: CommandReader = field(default_factory=CommandReader)
    wants: set[str] = field(default_factory=set)
    watchdog_s: float = 0.0
    leaving: bool = False
    display: Message | None = None  # as it was told last
    later: deque[tuple[int, bytes]] = field(default_factory=deque)  # when it is due


class DeckServer:
    """Serves a simulated deck on loopback, to one program at a time as older decks do. One thread of its own."""

    def __init__(self, around: Surroundings, deck: SimulatedDeck, script: Script, seed: str, port: int) -> None:
        """Listen.

        Raises:
            OSError: the port is taken.
        """
        self._around = around
        self._deck = deck
        self._script = script
        self._dice = random.Random(seed)  # rehearsed noise
        self._listener = socket.create_server(("127.0.0.1", port))
        self._listener.setblocking(False)
        self.port = int(self._listener.getsockname()[1])
        self._client: _Client | None = None
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._serve, name="simulated deck", daemon=True)
        self._thread.start()

    def close(self) -> None:
        """Hang up, and listen no more."""
        self._ended.set()
        self._thread.join()

    def _serve(self) -> None:
        with selectors.DefaultSelector() as selector:
            selector.register(self._listener, selectors.EVENT_READ)
            while not self._ended.is_set():
                watched = None if self._client is None else self._client.socket
                if watched is not None:
                    selector.register(watched, selectors.EVENT_READ)
                ready = {key.fileobj for key, _ in selector.select(_TURN_S)}
                if watched is not None:
                    selector.unregister(watched)
                self._turn(ready)
        self._hang_up()
        self._listener.close()

    def _turn(self, ready: Collection[object]) -> None:
        at_s = self._deck.seconds
        if self._script.now("disconnect", at_s):
            self._hang_up()
        if self._listener in ready:
            self._greet(out=self._script.now("disconnect", at_s) is not None)
        client = self._client
        if client is None or self._script.now("stall", at_s):
            return
        if client.socket in ready:
            self._hear(client)
        for what, message in self._deck.tick():
            self._tell(client, what, message)
        if "display timecode" in client.wants:
            display = self._deck.display()
            if display != client.display:
                client.display = display
                self._say(client, display, soon=True)
        self._send(client)
        silent_s = (self._now() - client.seen_ns) / NS
        if client.leaving or (client.watchdog_s and silent_s > client.watchdog_s):
            self._hang_up()

    def _greet(self, *, out: bool) -> None:
        with contextlib.suppress(OSError):
            connection, _ = self._listener.accept()
            busy = self._client is not None or self._script.now("refuse", self._deck.seconds) is not None
            if out or busy:
                with connection:
                    if busy and not out:
                        connection.sendall(write_message(Message(120, "connection rejected")))
                return
            connection.setblocking(False)
            self._client = _Client(connection, self._now())
            self._say(
                self._client,
                Message(500, "connection info", {"protocol version": PROTOCOL, "model": MODEL}),
            )

    def _hear(self, client: _Client) -> None:
        try:
            data = client.socket.recv(_CHUNK)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data:
            self._hang_up()
            return
        client.seen_ns = self._now()
        for command in client.reader.feed(data):
            self._answer(client, command)

    def _answer(self, client: _Client, command: Command) -> None:
        at_s = self._deck.seconds
        told: list[tuple[str, Message]] = []
        if command.name == "notify":
            answer = self._notify(client, command)
        else:
            answer, told = self._deck.obey(command)
        if command.name == "watchdog":
            period = command.values.get("period", "")
            if not period.isdecimal():
                answer = Message(102, "invalid value")
            client.watchdog_s = float(period) if period.isdecimal() else 0.0
        for what, message in told:  # before the answer, as decks do
            self._tell(client, what, message)
        if self._script.now("chatter", at_s):
            transport, _ = self._deck.obey(Command("transport info"))
            self._say(client, Message(508, transport.text, transport.values))
        if self._script.now("garbage", at_s):
            noise = bytes(self._dice.randrange(256) for _ in range(self._dice.randrange(1, 200)))
            self._put(client, noise.replace(b"\n", b"?") + b"\r\n")
        self._say(client, answer)
        client.leaving = client.leaving or command.name == "quit"

    def _notify(self, client: _Client, command: Command) -> Message:
        if not command.values:
            return Message(209, "notify", {what: str(what in client.wants).lower() for what in NOTIFIES})
        if any(what not in NOTIFIES for what in command.values):
            return Message(101, "unsupported parameter")
        for what, wanted in command.values.items():
            (client.wants.add if wanted == "true" else client.wants.discard)(what)
        return Message(200, "ok")

    def _tell(self, client: _Client, what: str, message: Message) -> None:
        if what in client.wants:
            self._say(client, message)

    def _say(self, client: _Client, message: Message, *, soon: bool = False) -> None:
        if soon and client.later:
            return  # a display that waits behind other words is out of date
        self._put(client, write_message(message))

    def _put(self, client: _Client, data: bytes) -> None:
        slow = self._script.now("slow", self._deck.seconds) is not None
        client.later.append((self._now() + (_SLOW_NS if slow else 0), data))

    def _send(self, client: _Client) -> None:
        now_ns = self._now()
        due = []
        while client.later and client.later[0][0] <= now_ns:
            due.append(client.later.popleft()[1])
        if not due:
            return
        data = b"".join(due)
        try:
            sent = client.socket.send(data)
        except BlockingIOError:
            sent = 0
        except OSError:
            self._hang_up()
            return
        if sent < len(data):
            client.later.appendleft((now_ns, data[sent:]))
            client.leaving = client.leaving or len(data) > _MOST_UNSENT

    def _hang_up(self) -> None:
        if self._client is not None:
            self._client.socket.close()
            self._client = None

    def _now(self) -> int:
        return self._around.clock.monotonic_ns()


class SimulatedHyperDeck(HyperDeck):
    """The adapter of real decks, with a simulated one at the other end of the wire.

    Options: `port` (0: any that is free), `prefix` of clip names ("A001"), `minutes` on its medium (60), `seed` (its
    name), `script` (see `script.py`), and `rate` as a real deck has it.
    """

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._seed = options.seed("seed", name)
        self._script = Script(name, KINDS, float(1 / around.rate.fps))
        self._script.read(options.raw("script"), options)
        self._port_before = 0
        self._own_port = options.whole("port", 0, least=0, most=65_535)
        prefix, minutes = options.text("prefix", "A001"), options.number("minutes", 60.0, least=0.0, most=100_000.0)
        counted = options.text("rate", "auto")
        options.done()
        super().__init__(name, {"host": "127.0.0.1", "rate": counted}, around)
        self._deck = SimulatedDeck(around, self._script, prefix=prefix, minutes=minutes)
        self._lock = threading.Lock()
        self._server: DeckServer | None = None

    @property
    def deck(self) -> SimulatedDeck:
        """The machine itself, for whoever presses its buttons in a rehearsal."""
        return self._deck

    def open(self) -> DeckFormat:
        """Switch the deck on where it is not yet, and connect."""
        with self._lock:
            if self._server is None:
                try:
                    self._server = self._switched_on()
                except OSError as error:
                    why = safe_text(error.strerror or str(error))
                    raise DeviceError(
                        f"{self._name}: port {self._own_port} cannot be used ({why}); name another."
                    ) from error
            self._port = self._port_before = self._server.port
        return super().open()

    def _switched_on(self) -> DeckServer:
        """At the port of before, so that what is said of it stays the same; any port where somebody has that one now.

        Raises:
            OSError: the port that was asked for is taken.
        """
        make = partial(DeckServer, self._around, self._deck, self._script, self._seed)
        if not self._own_port and self._port_before:
            with contextlib.suppress(OSError):
                return make(self._port_before)
        return make(self._own_port)

    def close(self) -> None:
        """Disconnect, and switch the deck off; what it has recorded stays on its medium."""
        super().close()
        with self._lock:
            server, self._server = self._server, None
        if server is not None:
            server.close()

    def fault(self, kind: str, args: Mapping[str, str]) -> str:
        """Let `kind` begin now."""
        fault = self._script.add(kind, self._deck.seconds, args)
        how_long = f"{fault.frames} frames" if kind == "jump" else f"{fault.seconds:g} s"
        return f"{self._name}: {kind}, {how_long}."

    def clap(self, slated: Slated, mono_ns: int) -> None:
        """A deck hears no slate."""
