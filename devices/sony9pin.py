"""The language of Sony 9-pin: blocks of bytes, what they mean, and how the thread is found again after noise.

Used by the adapter (`sony9pin_deck.py`) and by the simulated deck; knows no port and no clock. Sources, named at each
table: "P" is Sony's *Protocol of Remote (9-pin) Connector*, DSR series protocol manual, 1st edition (revised 8),
chapters 2 and 3; "D" is R. Davies' public summary of the DVR-2000/2100 protocol (16 June 1996); "B" is the
RS-422 chapter of Blackmagic Design's HyperDeck manuals.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onset.timecode import Rate, Timecode

BAUD = 38_400  # with 8 data bits, odd parity, 1 stop bit (P, chapter 2)
AFTER_NAK_S = 0.010  # a deck that refused is left alone for this (D, communication protocol)
_SHORTEST = 3


@dataclass(frozen=True, slots=True)
class Block:
    r"""One command block (P, chapter 3): `group` is CMD-1, `command` CMD-2, `data` at most 15 bytes.

    >>> Block(2, 0x02).coded().hex(" ")
    '20 02 22'
    >>> Block(6, 0x20, b"\x09").coded().hex(" ")
    '61 20 09 8a'
    """

    group: int
    command: int
    data: bytes = b""

    def coded(self) -> bytes:
        """The bytes on the wire: group and length, command, data, and the sum of all these modulo 256."""
        head = bytes(((self.group << 4) | len(self.data), self.command)) + self.data
        return head + bytes((sum(head) & 0xFF,))


# Commands (D, command table; the same numbers in B).
DEVICE_TYPE = Block(0, 0x11)
STOP = Block(2, 0x00)
PLAY = Block(2, 0x01)
RECORD = Block(2, 0x02)
LOCAL_OFF = Block(0, 0x0C)
LOCAL_ON = Block(0, 0x1D)
STATUS_BYTES = 9  # B: more are cut off without a word
STATUS = Block(6, 0x20, bytes((STATUS_BYTES,)))  # high nibble: first byte, low nibble: how many (D, 61 20)
TIMES = {  # what is asked for a label, and under which commands it comes back (D, 61 0C and 61 0A)
    "ltc": (Block(6, 0x0C, b"\x01"), frozenset({0x04, 0x14})),
    "vitc": (Block(6, 0x0C, b"\x02"), frozenset({0x06, 0x16})),
    "generator": (Block(6, 0x0A, b"\x01"), frozenset({0x08})),
}
ACK = Block(1, 0x01)
NAK_COMMAND = 0x12
TYPE_COMMAND = 0x11
STATUS_COMMAND = 0x20
_TIME_COMMANDS = frozenset({0x00, 0x01, 0x04, 0x06, 0x08, 0x14, 0x16})

# Bits of the NAK's data byte (D, 11 12).
NAK_BITS = {
    0x01: "unknown command",
    0x04: "checksum",
    0x10: "parity",
    0x20: "overrun",
    0x40: "framing",
    0x80: "time-out",
}

# Device types (D, 00 11): first byte without its low nibble (0 for 525 lines, 1 for 625), second byte.
_SONY = {
    (0x10, 0x00): "BVU-800",
    (0x20, 0x00): "BVW-10",
    (0x20, 0x01): "BVW-40",
    (0x20, 0x02): "BVW-11",
    (0x20, 0x03): "BVW-15",
    (0x20, 0x10): "BVW-35",
    (0x20, 0x18): "BVW-35PM",
    (0x20, 0x20): "BVW-60",
    (0x20, 0x21): "BVW-65",
    (0x20, 0x22): "BVW-95",
    (0x20, 0x23): "BVW-96",
    (0x20, 0x24): "BVW-70",
    (0x20, 0x25): "BVW-75",
    (0x20, 0x26): "BVW-85P",
    (0x20, 0x29): "BVW-65PM",
    (0x20, 0x2A): "BVW-95PM",
    (0x20, 0x2C): "BVW-70S",
    (0x20, 0x2D): "BVW-75PM or 75S",
    (0x20, 0x30): "BVW-50",
    (0x20, 0x40): "PVW-2600",
    (0x20, 0x41): "PVW-2800",
    (0x20, 0x46): "BVW-D75",
    (0x20, 0x47): "BVW-9000",
    (0x30, 0x10): "DVR-2000",
    (0x30, 0x11): "DVR-2100",
}
_HYPERDECK = 0xE0  # with F0 for NTSC, F1 for PAL, F2 for 24P (B, 00 11)


def model_of(kind: bytes) -> str:
    r"""The name of a device type, two bytes.

    >>> model_of(b"\xf1\xe0"), model_of(b"\x21\x25"), model_of(b"\x12\x34")
    ('HyperDeck', 'BVW-75', '9-pin deck of type 1234')
    """
    high, low = kind[0], kind[1]
    if low == _HYPERDECK and high in (0xF0, 0xF1, 0xF2):
        return "HyperDeck"
    return _SONY.get((high & 0xF0, low), f"9-pin deck of type {high:02x}{low:02x}")


def nak_reason(bits: int) -> str:
    """Why a deck refused a block.

    >>> nak_reason(0x14)
    'checksum, parity'
    """
    return ", ".join(name for bit, name in NAK_BITS.items() if bits & bit) or "no reason"


# Which bit of which status byte means what (D, 74 20; B has the same where it has any).
_NO_MEDIUM, _NO_REFERENCE, _LOCAL = (0, 0x20), (0, 0x10), (0, 0x01)
_STANDBY, _STOP, _EJECT = (1, 0x80), (1, 0x20), (1, 0x10)
_REWIND, _FORWARD, _RECORD, _PLAY = (1, 0x08), (1, 0x04), (1, 0x02), (1, 0x01)
_SERVO_LOCK, _SHUTTLE, _JOG, _VAR, _STILL = (2, 0x80), (2, 0x20), (2, 0x10), (2, 0x08), (2, 0x02)
_NEAR_END, _END, _INHIBIT = (8, 0x20), (8, 0x10), (8, 0x01)
# The words of a transport, the first bit that is set wins.
_WORDS = (
    (_RECORD, "record"),
    (_EJECT, "eject"),
    (_REWIND, "rewind"),
    (_FORWARD, "forward"),
    (_SHUTTLE, "shuttle"),
    (_JOG, "jog"),
    (_VAR, "varied speed"),
    (_STILL, "still"),
    (_PLAY, "play"),
    (_STOP, "stopped"),
    (_STANDBY, "standby"),
)


@dataclass(frozen=True, slots=True)
class Status:
    """What a deck's status bytes say; a bit beyond the bytes that came counts as clear.

    >>> Status.of(bytes.fromhex("01 a2 80 00 00 00 00 00 21"))
    Status(transport='record', recording=True, local=True, no_medium=False, inhibited=True, near_end=True, at_end=False)
    """

    transport: str
    recording: bool
    local: bool
    no_medium: bool
    inhibited: bool
    near_end: bool
    at_end: bool

    @classmethod
    def of(cls, data: Sequence[int]) -> Status:
        """Read the status bytes, from byte 0 on."""

        def on(bit: tuple[int, int]) -> bool:
            return bit[0] < len(data) and bool(data[bit[0]] & bit[1])

        return cls(
            transport=next((word for bit, word in _WORDS if on(bit)), ""),
            recording=on(_RECORD),
            local=on(_LOCAL),
            no_medium=on(_NO_MEDIUM),
            inhibited=on(_INHIBIT),
            near_end=on(_NEAR_END),
            at_end=on(_END),
        )

    def coded(self) -> bytes:
        """The bytes of a deck in that state; the transport is one of record, play, stopped or none."""
        out = bytearray(STATUS_BYTES)
        moving = {"record": (_RECORD, _PLAY, _SERVO_LOCK), "play": (_PLAY, _SERVO_LOCK)}
        bits = [
            *moving.get(self.transport, (_STOP,)),
            *((_LOCAL,) if self.local else ()),
            *((_NO_MEDIUM,) if self.no_medium else (_STANDBY,)),
            *((_INHIBIT,) if self.inhibited else ()),
            *((_NEAR_END,) if self.near_end else ()),
            *((_END,) if self.at_end else ()),
        ]
        for byte, mask in bits:
            out[byte] |= mask
        return bytes(out)


@dataclass(frozen=True, slots=True)
class DeckTime:
    """A label as a deck sends it: numbers in BCD, frames first; bit 6 of the frames is the drop flag (D, 44 04).

    Bit 7 is the colour frame flag. User bits are never read: one maker's decks send zeros for them (B, sense replies).

    >>> DeckTime.of(bytes.fromhex("52 34 56 10"))
    DeckTime(hours=10, minutes=56, seconds=34, frames=12, drop=True)
    """

    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool

    @classmethod
    def of(cls, data: Sequence[int]) -> DeckTime | None:
        """Read four bytes; None when a digit is none."""
        masked = (data[0] & 0x3F, data[1] & 0x7F, data[2] & 0x7F, data[3] & 0x3F)
        if any(byte & 0x0F > 9 for byte in masked):
            return None
        frames, seconds, minutes, hours = ((byte >> 4) * 10 + (byte & 0x0F) for byte in masked)
        return cls(hours, minutes, seconds, frames, bool(data[0] & 0x40))

    @classmethod
    def shown(cls, label: Timecode) -> DeckTime:
        """The numbers of a label."""
        hours, minutes, seconds, frames = (int(part) for part in label.label.replace(";", ":").split(":"))
        return cls(hours, minutes, seconds, frames, label.rate.drop)

    def coded(self) -> bytes:
        """Four bytes, frames first."""
        frames, *rest = (
            (number // 10 << 4) | number % 10 for number in (self.frames, self.seconds, self.minutes, self.hours)
        )
        return bytes((frames | (0x40 if self.drop else 0), *rest))

    def at(self, rate: Rate) -> Timecode:
        """The frame of the day at that rate, whatever the drop flag says.

        Raises:
            TimecodeError: there is no such label at that rate.
        """
        return Timecode.parse(f"{self}{rate.separator}{self.frames:02d}", rate)

    def __str__(self) -> str:
        return f"{self.hours:02d}:{self.minutes:02d}:{self.seconds:02d}"


def is_answer(group: int, command: int, length: int) -> bool:
    """Whether a deck may say this to what we ask; anything else that begins a block is noise."""
    if group == 1:
        return {0x01: 0, NAK_COMMAND: 1, TYPE_COMMAND: 2}.get(command) == length
    if group == 7 and command == STATUS_COMMAND:
        return length > 0
    return group == 7 and command in _TIME_COMMANDS and length in (4, 8)


def is_order(group: int, command: int, length: int) -> bool:
    """Whether a controller may say this to a deck; which of them it knows is the deck's business."""
    return group in (0x0, 0x2, 0x4, 0x6)


class BlockReader:
    """Finds the blocks in a stream of bytes. A block is taken only with its right checksum, and by its length nibble.

    After a byte that cannot be right, the next one is tried, so that a block hidden behind noise is found as soon as it
    is whole. Noise that looks like a longer block is given up at `silence`.
    """

    def __init__(self, may_be: Callable[[int, int, int], bool]) -> None:
        """Take which group, command and number of data bytes there may be."""
        self._may_be = may_be
        self._held = bytearray()
        self.broken = 0  # times that bytes had to be passed over, since the reader was made

    def feed(self, data: bytes) -> list[Block]:
        """Take bytes as they come; the blocks that are complete with them, in order."""
        self._held += data
        return self._found(whole_only=False)

    def silence(self) -> list[Block]:
        """Nothing came for longer than a block may pause (10 ms: D, communication protocol): what is begun ends."""
        return self._found(whole_only=True)

    def _found(self, *, whole_only: bool) -> list[Block]:
        held, blocks = self._held, list[Block]()
        start, passing = 0, False
        while start < len(held):
            length = held[start] & 0x0F
            end = start + _SHORTEST + length
            begins = start + 1 >= len(held) or self._may_be(held[start] >> 4, held[start + 1], length)
            if begins and end > len(held) and not whole_only:
                break
            if begins and end <= len(held) and sum(held[start : end - 1]) & 0xFF == held[end - 1]:
                blocks.append(Block(held[start] >> 4, held[start + 1], bytes(held[start + 2 : end - 1])))
                start, passing = end, False
                continue
            self.broken += not passing
            start, passing = start + 1, True
        del held[:start]
        return blocks
