"""A Sony 9-pin deck that is not there: the bytes of a real one, on a pseudo terminal, behind the real adapter.

An adapter of kind `sim-9pin`, for rehearsals and tests. Its timecode is the time of day, in step with every other
simulated device. `SimulatedDeck` alone speaks to any other program that opens its port.
"""

from __future__ import annotations

import random
import zlib
from collections.abc import Mapping
from typing import Literal

from devices.adapter import NS, Options, Surroundings
from devices.ltc_word import carried_by
from devices.simulated.plugged import Plugged
from devices.simulated.script import Fault, Script, frame_grid
from devices.sony9pin import (
    ACK,
    DEVICE_TYPE,
    LOCAL_OFF,
    LOCAL_ON,
    NAK_COMMAND,
    PLAY,
    RECORD,
    STATUS_BYTES,
    STATUS_COMMAND,
    STOP,
    TYPE_COMMAND,
    Block,
    BlockReader,
    DeckTime,
    Status,
    is_order,
)
from devices.sony9pin_deck import Sony9PinDeck
from onset.timecode import Timecode

KINDS = (
    "record",  # somebody presses the deck's own button
    "local",  # its switch is at LOCAL
    "inhibit",  # its medium may not be recorded on
    "no-medium",
    "near-end",
    "end",  # its medium is full: it stops, and records no more
    "nak",  # it reports checksum and parity errors instead of answering
    "garbage",  # noise before, within and after what it says
    "slow",  # every answer takes 150 ms
    "stall",  # it says nothing
    "disconnect",  # the plug of the adapter is pulled
    "jump",  # its timecode jumps
)
_TYPE = bytes.fromhex("f1e0")  # a deck of today, 625 lines
_SLOW_S = 0.15
_PAUSE_S = 0.1
_LOW = 0x0F
_CHECKSUM, _CHECKSUM_AND_PARITY, _UNKNOWN = 0x04, 0x14, 0x01


class SimulatedDeck:
    """The deck itself. `hear` answers to bytes; one thread alone calls it.

    Options: `seed` (its name), `script` (faults, kinds as in `KINDS`), `late_frames` (from the record command until
    its status bit rises: 5, as measured on a DVR-2000), `rec_run` (its timecode runs only while it records).
    """

    def __init__(self, name: str, options: Options, around: Surroundings) -> None:
        """Take what concerns the deck from `options`; the rest is the adapter's."""
        self._clock = around.clock
        self._around = around
        self._rate = carried_by(around.rate)
        self._dice = random.Random(zlib.crc32(options.seed("seed", name).encode()))
        self.script = Script(name, KINDS, float(1 / around.rate.fps))
        self.script.read(options.raw("script"), options)
        self._late_ns = round(options.whole("late_frames", 5, least=0, most=250) * NS / self._rate.fps)
        self._rec_run = options.flag("rec_run", False)
        self._reader = BlockReader(is_order)
        self._broken = 0
        self._started: tuple[int, int] | None = None
        self._moving: Literal["stopped", "play", "record"] = "stopped"
        self._since_ns = 0
        self._recorded_ns = 0  # in all recordings that ended
        self._panel_off = False
        self._pressed = False  # the button on the deck itself
        self._origin_ns = 0

    def seconds(self) -> float:
        """Since the deck was first heard of; what the script's times count from."""
        now_ns = self._clock.monotonic_ns()
        if self._started is None:
            self._started = frame_grid(self._around, now_ns)
            self._origin_ns = now_ns
        return (now_ns - self._origin_ns) / NS

    def plugged_in(self) -> None:
        """It has power of its own: a cable that is pulled changes nothing."""

    def _now(self, kind: str) -> bool:
        return self.script.now(kind, self.seconds()) is not None

    def hear(self, data: bytes) -> bytes:
        """What the deck says to that; nothing while a fault of the script silences it."""
        blocks = self._reader.feed(data) if data else self._reader.silence()
        if self._reader.broken > self._broken and not blocks:
            blocks = self._reader.silence()  # what a spoilt command has left must not swallow the next one
        answers = b"".join(self._answer(block).coded() for block in blocks)
        if self._reader.broken > self._broken and not blocks:
            answers = _nak(_CHECKSUM).coded()
        self._broken = self._reader.broken
        if not answers or self._now("stall"):
            return b""
        if self._now("slow"):
            self._clock.sleep(_SLOW_S)
        if self._now("garbage"):
            return self._spoilt(answers)
        return answers

    def _spoilt(self, answers: bytes) -> bytes:
        """Noise around an answer, and one in three answers with a wrong bit."""
        dice = self._dice
        spoilt = bytearray(answers)
        if dice.random() < 1 / 3:
            spoilt[dice.randrange(len(spoilt))] ^= 1 << dice.randrange(8)
        return dice.randbytes(dice.randrange(6)) + bytes(spoilt) + dice.randbytes(dice.randrange(6))

    def _answer(self, block: Block) -> Block:
        if self._now("nak"):
            return _nak(_CHECKSUM_AND_PARITY)
        if block == DEVICE_TYPE:
            return Block(1, TYPE_COMMAND, _TYPE)
        if block in (STOP, PLAY, RECORD, LOCAL_ON, LOCAL_OFF):
            return self._do(block)
        if (block.group, block.command, len(block.data)) == (6, STATUS_COMMAND, 1):
            first, count = block.data[0] >> 4, block.data[0] & _LOW
            return Block(7, STATUS_COMMAND, self.status().coded()[first : min(first + count, STATUS_BYTES)])
        if (block.group, block.command, len(block.data)) in ((6, 0x0C, 1), (6, 0x0A, 1)):
            return self._time(block)
        return _nak(_UNKNOWN)

    def _do(self, block: Block) -> Block:
        """Obey; at LOCAL a deck acknowledges and does nothing, and so it does when it cannot record."""
        status = self.status()
        if block in (LOCAL_ON, LOCAL_OFF):
            self._panel_off = block == LOCAL_OFF
        elif not status.local and not (block == RECORD and (status.no_medium or status.inhibited or status.at_end)):
            self._move("record" if block == RECORD else "play" if block == PLAY else "stopped")
        return ACK

    def _move(self, how: Literal["stopped", "play", "record"]) -> None:
        now_ns = self._clock.monotonic_ns()
        if how != self._moving:
            if self._moving == "record":
                self._recorded_ns += now_ns - self._since_ns
            self._moving, self._since_ns = how, now_ns

    def status(self) -> Status:
        """Its state now, as its bits tell it: the record bit rises late."""
        if self._now("record") and not self._now("no-medium"):
            self._move("record")
            self._pressed = True
        elif self._pressed:
            self._move("stopped")
            self._pressed = False
        at_end = self._now("end")
        if at_end and self._moving == "record":
            self._move("stopped")
        recording = self._moving == "record"
        risen = recording and self._clock.monotonic_ns() - self._since_ns >= self._late_ns
        transport = self._moving if not recording or risen else "play"
        return Status(
            transport=transport,
            recording=risen,
            local=self._now("local"),
            no_medium=self._now("no-medium"),
            inhibited=self._now("inhibit"),
            near_end=self._now("near-end"),
            at_end=at_end,
        )

    def _time(self, block: Block) -> Block:
        command = 0x08 if block.command == 0x0A else 0x06 if block.data[0] == 0x02 else 0x04
        return Block(7, command, DeckTime.shown(self.label()).coded())

    def label(self) -> Timecode:
        """Its timecode now."""
        at_s = self.seconds()
        jumped = self.script.jumped(at_s)
        now_ns = self._clock.monotonic_ns()
        if self._rec_run:
            ran_ns = self._recorded_ns + (now_ns - self._since_ns if self._moving == "record" else 0)
            return Timecode(self._rate.nominal * 3600, self._rate).later(self._rate.frames_in(ran_ns / NS) + jumped)
        grid_ns, frame = self._started or (now_ns, 0)
        step = self._around.rate.nominal // self._rate.nominal
        passed = (now_ns - grid_ns) * self._around.rate.fps // NS
        return Timecode((frame + passed) // step % self._rate.frames_a_day, self._rate).later(jumped)


def _nak(bits: int) -> Block:
    return Block(1, NAK_COMMAND, bytes((bits,)))


class Simulated9Pin(Plugged):
    """The deck and the real adapter, with a cable between them.

    Options: those of `SimulatedDeck`, and `rate`, `timecode` and `wait_ms` of `Sony9PinDeck`.
    """

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self.deck = SimulatedDeck(name, options, around)
        own = {key: value for key in ("rate", "timecode", "wait_ms") if (value := options.raw(key)) is not None}
        options.done()
        super().__init__(
            name,
            "Sony 9-pin deck",
            self.deck,
            lambda port: Sony9PinDeck(name, {**own, "port": port}, around),
            pause_s=_PAUSE_S,
        )

    def _how_long(self, fault: Fault) -> str:
        return f", {fault.frames} frames" if fault.kind == "jump" else super()._how_long(fault)
