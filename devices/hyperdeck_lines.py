"""The lines of the HyperDeck Ethernet protocol: bytes in, messages out, and back. No socket, no clock.

Used by the adapter (`hyperdeck.py`) and by the simulated deck. As the maker's manuals print it (protocol 1.8 to 1.11):
an answer is `NNN text` on one line, or `NNN text:`, lines of `key: value` and an empty line; 1xx refuses, 2xx answers,
5xx comes unasked at any moment, also between a command and its answer. A command is `name`, `name: key: value …` on one
line, or `name:`, lines of `key: value` and an empty line.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

_LONGEST_LINE = 4096
_MOST_LINES = 10_000  # a card with that many clips does not exist
_HEADER = re.compile(r"([125]\d\d) ([^:]+?)(:?)\s*")

# A value may have blanks and colons, so a command on one line can only be split by the keys it may have.
_KEYS: Mapping[str, tuple[str, ...]] = {
    "record": ("name", "append"),
    "notify": ("remote", "transport", "slot", "configuration", "dropped frames", "display timecode"),
    "slot info": ("slot id",),
    "disk list": ("slot id",),
    "clips get": ("clip id", "count", "version"),
    "remote": ("enable", "override"),
    "watchdog": ("period",),
    "preview": ("enable",),
}


@dataclass(frozen=True, slots=True)
class Message:
    """One message of a deck.

    Attributes:
        code: 1xx, 2xx or 5xx.
        values: of its `key: value` lines; of a key that comes twice the last.
    """

    code: int
    text: str
    values: Mapping[str, str] = field(default_factory=dict)

    @property
    def unasked(self) -> bool:
        """Whether it answers nothing."""
        return self.code >= 500

    @property
    def refuses(self) -> bool:
        """Whether it says no."""
        return self.code < 200


@dataclass(frozen=True, slots=True)
class Command:
    """One command to a deck."""

    name: str
    values: Mapping[str, str] = field(default_factory=dict)


class _Lines:
    """Cuts bytes into lines; a line without an end is given up before it fills the memory."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self.faults = 0

    def feed(self, data: bytes) -> list[str]:
        *whole, self._rest = (self._rest + data).split(b"\n")
        lines = []
        for line in whole:
            if self._skipping:
                self._skipping = False  # the end of the one that was given up
            elif len(line) > _LONGEST_LINE:
                self.faults += 1
            else:
                lines.append(line.removesuffix(b"\r").decode("utf-8", "replace"))
        if len(self._rest) > _LONGEST_LINE:
            self.faults += not self._skipping
            self._rest, self._skipping = b"", True
        return lines


class MessageReader:
    r"""What a deck sends, message by message.

    >>> reader = MessageReader()
    >>> reader.feed(b"508 transport info:\r\nstatus: record\r\n\r\n200 o")
    [Message(code=508, text='transport info', values={'status': 'record'})]
    >>> reader.feed(b"k\r\n")
    [Message(code=200, text='ok', values={})]
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        self._open: tuple[int, str] | None = None
        self._values: dict[str, str] = {}
        self._broken = 0

    @property
    def faults(self) -> int:
        """Lines and messages that could not be read so far."""
        return self._lines.faults + self._broken

    def feed(self, data: bytes) -> list[Message]:
        """The messages that end in `data`; a half one waits for its rest."""
        found = []
        for line in self._lines.feed(data):
            message = self._take(line)
            if message is not None:
                found.append(message)
        return found

    def _take(self, line: str) -> Message | None:
        header = _HEADER.fullmatch(line)
        if self._open is None:
            if header is not None and not header[3]:
                return Message(int(header[1]), header[2])
            if header is not None:
                self._open = int(header[1]), header[2]
            elif line.strip():
                self._broken += 1
            return None
        if not line.strip():
            return self._end()
        if header is not None:  # the empty line before it was lost, and perhaps more
            self._broken += 1
            self._open, self._values = None, {}
            return self._take(line)
        key, colon, value = line.partition(":")
        if not colon or len(self._values) >= _MOST_LINES:
            self._broken += 1
        else:
            self._values[key.strip()] = value.strip()
        return None

    def _end(self) -> Message:
        code, text = self._open or (0, "")
        message = Message(code, text, self._values)
        self._open, self._values = None, {}
        return message


class CommandReader:
    r"""What a client sends, command by command; for a simulated deck.

    >>> CommandReader().feed(b"ping\nrecord: name: 42C: the door\nnotify:\r\nslot: true\r\n\r\n")
    ... # doctest: +NORMALIZE_WHITESPACE
    [Command(name='ping', values={}), Command(name='record', values={'name': '42C: the door'}),
     Command(name='notify', values={'slot': 'true'})]
    """

    def __init__(self) -> None:
        self._lines = _Lines()
        self._name: str | None = None
        self._values: dict[str, str] = {}

    def feed(self, data: bytes) -> list[Command]:
        """The commands that end in `data`."""
        found = []
        for line in self._lines.feed(data):
            command = self._take(line.strip())
            if command is not None:
                found.append(command)
        return found

    def _take(self, line: str) -> Command | None:
        if self._name is not None:
            if line:
                key, _, value = line.partition(":")
                self._values[key.strip()] = value.strip()
                return None
            command = Command(self._name, self._values)
            self._name, self._values = None, {}
            return command
        if not line:
            return None
        if line.endswith(":"):
            self._name = line[:-1]
            return None
        name, _, rest = line.partition(": ")
        return Command(name, _split(rest, _KEYS.get(name, ())))


def _split(text: str, keys: Sequence[str]) -> dict[str, str]:
    """`slot: true remote: false` by the keys that may be in it."""
    if not text:
        return {}
    known = "|".join(re.escape(key) for key in keys) or r"\S+"
    places = list(re.finditer(rf"(?:^| )({known}): ", text))
    if not places:
        return {}
    ends = [place.start() for place in places[1:]] + [len(text)]
    return {place[1]: text[place.end() : end].strip() for place, end in zip(places, ends, strict=True)}


def write_command(name: str, values: Mapping[str, str] | None = None) -> bytes:
    r"""A command as bytes: on one line where it has no values, else on several, which needs no quoting.

    >>> write_command("record", {"name": "42C-3"})
    b'record:\r\nname: 42C-3\r\n\r\n'
    """
    if not values:
        return f"{name}\r\n".encode()
    lines = "".join(f"{key}: {_on_one_line(value)}\r\n" for key, value in values.items())
    return f"{name}:\r\n{lines}\r\n".encode()


def write_message(message: Message) -> bytes:
    r"""A deck's message as bytes.

    >>> write_message(Message(200, "ok"))
    b'200 ok\r\n'
    """
    if not message.values:
        return f"{message.code} {message.text}\r\n".encode()
    lines = "".join(f"{key}: {_on_one_line(value)}\r\n" for key, value in message.values.items())
    return f"{message.code} {message.text}:\r\n{lines}\r\n".encode()


def _on_one_line(value: str) -> str:
    return " ".join(value.split())
