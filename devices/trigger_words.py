"""The one-line language of trigger boxes (docs/trigger-lines.md): lines in, words out, noise counted.

Used by the adapter, the simulated box and the probe; knows no port and no clock.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

HELLO = "onset-trigger"
VERSION = 1
BAUD = 115_200
LONGEST = 80  # bytes of a line; more without an end is noise

What = Literal["hello", "alive", "tally", "roll", "cut", "mark", "lamp"]


@dataclass(frozen=True, slots=True)
class Word:
    """One line of a box.

    Attributes:
        on: the level of `tally`, of `alive` where it has one, and of `lamp`.
        version: of the language, with `hello`.
        name: of the box, with `hello`.
    """

    what: What
    on: bool | None = None
    version: int = 0
    name: str = ""


_PLAIN: dict[str, Word] = {
    "alive": Word("alive"),
    "alive 1": Word("alive", on=True),
    "alive 0": Word("alive", on=False),
    "tally 1": Word("tally", on=True),
    "tally 0": Word("tally", on=False),
    "roll": Word("roll"),
    "cut": Word("cut"),
    "mark": Word("mark"),
    "lamp on": Word("lamp", on=True),
    "lamp off": Word("lamp", on=False),
}


def checked(text: str) -> str:
    """The line with its checksum: all characters before ` *`, one after the other by exclusive or.

    >>> checked("roll")
    'roll *1d'
    """
    return f"{text} *{_sum(text.encode('ascii')):02x}"


def _sum(data: bytes) -> int:
    total = 0
    for byte in data:
        total ^= byte
    return total


def word_of(text: str) -> Word | None:
    """What a line without its checksum says; None when it says nothing.

    >>> word_of("tally 1")
    Word(what='tally', on=True, version=0, name='')
    >>> word_of("onset-trigger 1 Camera cart")
    Word(what='hello', on=None, version=1, name='Camera cart')
    """
    if text in _PLAIN:
        return _PLAIN[text]
    first, _, rest = text.partition(" ")
    version, _, name = rest.partition(" ")
    if first == HELLO and version.isascii() and version.isdecimal():
        return Word("hello", version=int(version), name=name.strip())
    return None


class LineReader:
    """Finds the words in a stream of bytes.

    A line ends with LF; a CR before it is passed over. A box that has sent a checksum once is not believed without.
    """

    def __init__(self) -> None:
        self._held = bytearray()
        self._sums = False
        self.broken = 0  # lines that say nothing, since the reader was made

    def feed(self, data: bytes) -> list[Word]:
        """Take bytes as they come; the words that are complete with them, in order."""
        self._held += data
        *lines, rest = self._held.split(b"\n")
        if len(rest) > LONGEST:
            rest = rest[:0]
            self.broken += 1
        self._held = bytearray(rest)
        words = []
        for line in lines:
            stripped = bytes(line.strip(b"\r \t\0"))
            word = self._word(stripped)
            if word is not None:
                words.append(word)
            elif stripped:
                self.broken += 1
        return words

    def _word(self, line: bytes) -> Word | None:
        if len(line) > LONGEST or not line.isascii():
            return None
        body, star, given = line.rpartition(b" *")
        if not star:
            return None if self._sums else word_of(line.decode("ascii"))
        if given.lower() != b"%02x" % _sum(body):
            return None
        self._sums = True
        return word_of(body.decode("ascii"))
