"""Decks that are steered by Sony 9-pin (RS-422): what their status bits say, their timecode, record and stop.

An ordinary adapter of kind `sony9pin`. The deck only answers, so it is asked 25 times a second; one command is
outstanding at a time. A recording is what the status bit says, never the acknowledgement: the bit rises some frames
later (5 on a DVR-2000), or not at all.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

from devices.adapter import NS, DeckFormat, Options, Surroundings, Told, Wrong
from devices.ltc_word import carried_by
from devices.serial_line import SerialLine, Where
from devices.sony9pin import (
    ACK,
    BAUD,
    DEVICE_TYPE,
    RECORD,
    STATUS,
    STATUS_COMMAND,
    STOP,
    TIMES,
    TYPE_COMMAND,
    Block,
    DeckTime,
    Status,
    model_of,
    nak_reason,
)
from devices.sony9pin_says import refuse, slot_of, wrong_with
from devices.sony9pin_talk import Talk
from devices.timing import ArrivalFit
from onset.errors import ConfigError, DeviceError, TimecodeError
from onset.text import safe_text
from onset.timecode import Rate, Timecode
from onset.timecode import rate as rate_named

_POLL_S = 0.04
_TELL_NS = NS // 5  # how often what is still so is said
_CONFIRM_S = 2.0  # how long a deck may take to do what it acknowledged
_ORDER_S = 2.9  # whoever ordered waits no longer
_TRIES = 5  # before a silent port is no deck
_BEGINNINGS = 3  # looks at a timecode that stood until the deck recorded
_ODD_NS = 10 * NS  # a rate is believed again when no odd label was seen for that long
_SLOW_NS = NS // 10  # a deck that takes this long is not asked for its timecode as well


@dataclass(slots=True)
class _Order:
    """Record or stop, on its way through the thread that talks to the deck."""

    block: Block
    recording: bool
    done: threading.Event = field(default_factory=threading.Event)
    until_ns: int | None = None  # set when it was acknowledged
    said: str = ""
    failed: str = ""
    given_up: bool = False  # whoever ordered was told that nothing came of it: it must not happen later


class Sony9PinDeck:
    """A deck on a serial port.

    Options: `port` (a path) or `usb` (`"VENDOR:PRODUCT:SERIAL"`), `rate` (of its timecode; the project's),
    `timecode` (`"ltc"`, `"vitc"`, `"generator"`, `"none"`), `wait_ms` (for one answer; 50).
    """

    medium: Literal["deck"] = "deck"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        where = Where.asked(options)
        self._name = safe_text(name)
        self._clock = around.clock
        named = options.text("rate", "")
        self._rate_is_told = bool(named)
        self._rate = _rate_of(options, named) if named else carried_by(around.rate)
        asked = options.text("timecode", "ltc")
        if asked not in (*TIMES, "none"):
            raise options.wrong("timecode", 'one of "ltc", "vitc", "generator", "none"')
        self._time = TIMES.get(asked)
        wait_ms = options.whole("wait_ms", 50, least=10, most=400)
        options.done()
        self._line = SerialLine(name, where, baud=BAUD, parity="odd", wait_s=wait_ms / 1000)
        self._wait_ms = wait_ms
        self._orders: queue.SimpleQueue[_Order] = queue.SimpleQueue()
        self._order: _Order | None = None
        self._model = ""
        self._open = False
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._talk = Talk(self._line, self._clock, self._wait_ms)
        self._poll_ns = 0
        self._told_ns = 0
        self._faults_told = 0
        self._status: Status | None = None
        self._fit = ArrivalFit()
        self._newest: tuple[int, Timecode] | None = None
        self._runs = False  # its timecode
        self._odd: tuple[int, Wrong] | None = None  # a label that cannot be, and when it was seen

    # -- the device ---------------------------------------------------------------------------------------------------

    def open(self) -> DeckFormat:
        """Find the port and the deck on it. See `DeckDevice.open`."""
        self._line.open()
        self._begin_anew()
        try:
            self._model = self._who()
        except DeviceError:
            self._line.close()
            raise
        self._open = True
        return DeckFormat(self._model, None if self._time is None else self._rate)

    def _who(self) -> str:
        for _ in range(_TRIES):
            answer = self._talk.ask(DEVICE_TYPE, lambda block: block.group == 1 and block.command == TYPE_COMMAND)
            if answer is not None and answer.command == TYPE_COMMAND:
                return model_of(answer.data)
            if answer is not None or self._talk.ask(STATUS, _is_status) is not None:
                return "9-pin deck"  # it does not know the question, but it speaks the language
        raise DeviceError(
            f"{self._name}: no deck answers on {self._line.shown}; is it on, and its 9-pin remote switched on?"
        )

    def read(self) -> Told:
        """What the deck says, when it changes and five times a second. See `DeckDevice.read`."""
        while True:
            self._wait_for_poll()
            self._take_order()
            answer = self._talk.ask(STATUS, _is_status)
            if answer is None or answer.command != STATUS_COMMAND:
                continue  # silence is judged outside, by the clock
            now_ns = self._clock.monotonic_ns()
            status = Status.of(answer.data)
            changed, self._status = status != self._status, status
            self._follow_order(status, now_ns)
            if changed or now_ns - self._told_ns >= _TELL_NS:
                return self._word(status, now_ns, changed=changed)

    def close(self) -> None:
        """Let go of the port; a `read` that waits ends."""
        self._open = False
        self._line.close()
        self._drop_orders(f"{self._name} was closed.")

    def identify(self) -> str:
        """What it is."""
        model = self._model or "Sony 9-pin deck"
        return f"{model} {self._name} on {self._line.shown}, 38400 bit/s, odd parity."

    def record(self, clip: str) -> str:
        """Record. 9-pin carries no names: `clip` is not used. See `Obeying.record`."""
        status = self._status
        if status is not None and self._open:
            refuse(self._name, status)
            if status.recording:
                return f"{self._name} records already."
        return self._obey(_Order(RECORD, recording=True))

    def stop(self) -> str:
        """Stop. See `Obeying.stop`."""
        status = self._status
        if status is not None and self._open and status.local:
            refuse(self._name, status)
        return self._obey(_Order(STOP, recording=False))

    # -- orders -------------------------------------------------------------------------------------------------------

    def _obey(self, order: _Order) -> str:
        if not self._open:
            raise DeviceError(f"{self._name} is not connected; it was told nothing.")
        self._orders.put(order)
        if not order.done.wait(_ORDER_S):
            order.given_up = True
            raise DeviceError(f"{self._name} did not answer in time; look at the deck.")
        if order.failed:
            raise DeviceError(order.failed)
        return order.said

    def _take_order(self) -> None:
        """Send what was ordered; what it comes to is seen in the status."""
        if self._order is not None or self._orders.empty():
            return
        order = self._orders.get()
        if order.given_up:
            return
        self._order = order
        answer = self._talk.ask(order.block, lambda block: block == ACK)
        if answer is None:
            self._end_order(failed=f"{self._name} did not answer; look at the deck.")
        elif answer != ACK:
            self._end_order(failed=f"{self._name} refused ({nak_reason(answer.data[0])}); look at the deck.")
        else:
            order.until_ns = self._clock.monotonic_ns() + round(_CONFIRM_S * NS)

    def _follow_order(self, status: Status, now_ns: int) -> None:
        order = self._order
        if order is None or order.until_ns is None:
            return
        if status.recording == order.recording:
            self._end_order(said=f"{self._name} records." if order.recording else f"{self._name} has stopped.")
        elif now_ns > order.until_ns:
            what = "does not record" if order.recording else "still records"
            self._end_order(failed=f"{self._name} acknowledged, but {what}; look at the deck.")

    def _end_order(self, *, said: str = "", failed: str = "") -> None:
        order, self._order = self._order, None
        if order is not None:
            order.said, order.failed = said, failed
            order.done.set()

    def _drop_orders(self, why: str) -> None:
        self._end_order(failed=why)
        while not self._orders.empty():
            self._order = self._orders.get()
            self._end_order(failed=why)

    def _wait_for_poll(self) -> None:
        left_s = (self._poll_ns - self._clock.monotonic_ns()) / NS
        if left_s > 0:
            self._clock.sleep(min(left_s, _POLL_S))
        self._poll_ns = self._clock.monotonic_ns() + round(_POLL_S * NS)

    # -- what it says -------------------------------------------------------------------------------------------------

    def _word(self, status: Status, now_ns: int, *, changed: bool) -> Told:
        label = None
        if self._time is not None and self._talk.answered_in_ns < _SLOW_NS:
            seen_ns, (now_ns, label) = now_ns, self._label(now_ns)
            if changed and status.recording and label is None:
                now_ns, label = self._label_that_begins(seen_ns)
        self._told_ns = max(self._told_ns, now_ns)
        faults = self._talk.faults - self._faults_told
        self._faults_told += faults
        return Told(
            self._told_ns,
            transport=status.transport,
            recording=status.recording,
            label=label,
            slots=(slot_of(status),),
            remote=not status.local,
            faults=faults,
            wrong=(*wrong_with(self._name, status), *self._odd_lately()),
        )

    def _odd_lately(self) -> tuple[Wrong, ...]:
        """A deck at another rate shows odd labels among many that could be."""
        if self._odd is not None and self._clock.monotonic_ns() - self._odd[0] > _ODD_NS:
            self._odd = None
        return () if self._odd is None else (self._odd[1],)

    def _label(self, now_ns: int) -> tuple[int, Timecode | None]:
        """The label and the moment at which its frame began; None where it stands, jumps or cannot be."""
        if self._time is None:
            return now_ns, None
        question, commands = self._time
        answer = self._talk.ask(question, lambda block: block.group == 7 and block.command in commands)
        now_ns = self._clock.monotonic_ns()
        shown = None if answer is None or answer.command not in commands else DeckTime.of(answer.data)
        label = None if shown is None else self._label_of(shown)
        before, self._newest = self._newest, None if label is None else (now_ns, label)
        if label is None or before is None:
            self._runs = False
            return now_ns, None
        passed = Fraction(now_ns - before[0], NS) * self._rate.fps
        step = label.since(before[1], over_midnight=True)
        if not abs(step - passed) <= 2 + passed / 10:
            self._runs, self._fit = False, ArrivalFit()
            return now_ns, None
        if step == 0:
            self._newest = before  # too soon to tell
        elif not self._runs or label.frames < before[1].frames:
            self._runs, self._fit = True, ArrivalFit()  # it began to run, or midnight passed
        if not self._runs:
            return now_ns, None
        # A frame cannot be read before it began: the earliest readings tell when frames begin.
        position_ns = round(label.seconds * NS)
        self._fit.saw(position_ns, now_ns)
        return self._fit.at(position_ns), label

    def _label_that_begins(self, seen_ns: int) -> tuple[int, Timecode | None]:
        """The label at the moment a recording was seen, of a timecode that runs only while the deck records."""
        for _ in range(_BEGINNINGS):
            self._clock.sleep(_POLL_S)
            later_ns, label = self._label(seen_ns)
            if label is not None:
                back = max(0, int(Fraction(later_ns - seen_ns, NS) * self._rate.fps))
                return later_ns - int(back / self._rate.fps * NS), label.later(-back)
        return seen_ns, None

    def _label_of(self, shown: DeckTime) -> Timecode | None:
        if shown.drop != self._rate.drop and (shown.drop or not self._rate_is_told):
            counts = "counts drop-frame" if shown.drop else "does not count drop-frame"
            self._saw_odd(f"{self._name} {counts}, {self._rate.name} was expected; give it its own rate.")
            return None
        try:
            return shown.at(self._rate)
        except TimecodeError:
            odd = f"{shown}{self._rate.separator}{shown.frames:02d}"
            self._saw_odd(f"{self._name} shows {odd}, which {self._rate.name} does not have; give it its own rate.")
            return None

    def _saw_odd(self, sentence: str) -> None:
        self._odd = (self._clock.monotonic_ns(), Wrong("timecode rate", sentence))


def _is_status(block: Block) -> bool:
    return block.group == 7 and block.command == STATUS_COMMAND


def _rate_of(options: Options, name: str) -> Rate:
    try:
        found = rate_named(name)
    except TimecodeError as error:
        raise options.wrong("rate", 'a rate, such as "25" or "29.97df"') from error
    if found.nominal > 30:
        raise ConfigError(f"{options.wrong('rate', 'at most 30')} A deck labels two frames of {found.name} alike.")
    return found
