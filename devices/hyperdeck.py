"""A HyperDeck, or anything that speaks its Ethernet protocol: lamp, clip names, timecode, media, record and stop.

An ordinary adapter of kind `hyperdeck`. Nothing is taken for done because the deck said "ok": it records when its
transport says so. Older decks serve one program only and send the next one away; that is told as what it is.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Literal

from devices.adapter import NS, DeckFormat, Options, Surroundings, Told
from devices.host_name import HostName, Resolver, resolve
from devices.hyperdeck_lines import Message
from devices.hyperdeck_state import RECORD, DeckState
from devices.hyperdeck_wire import Waiting, Wire
from onset.errors import DeviceError
from onset.text import safe_text
from onset.timecode import Rate, rate

PORT = 9993
_RESOLVE_S = 2.0
_CONNECT_S = 3.0
_GREET_S = 3.0
_LISTEN_S = 0.05
_ASK_EVERY_NS = NS // 4  # for its transport: timecode, and a sign that it lives
_ASK_AGAIN_NS = NS  # an answer that noise has eaten
_TELL_EVERY_NS = NS // 5
_SLOTS_EVERY_NS = 5 * NS
_ANSWER_S = 1.2
_CONFIRM_S = 1.6  # with _ANSWER_S less than the 3 s an order may take
_WATCHDOG_S = 5  # a deck drops us when we are silent for that long, and is free for the next
_NOTIFY = ("transport", "slot", "remote", "dropped frames", "display timecode")
_REFUSALS = {
    100: "it did not understand the command",
    101: "it does not know the name's parameter",
    102: "it does not take that name",
    103: "it cannot do that",
    104: "its medium is full; put a fresh one in",
    105: "there is no medium in it; put one in",
    106: "its medium has an error; put another one in",
    110: "it has no picture at its input; look at the cable",
    111: "remote control is off; press REM on the deck",
    150: "it is in a state in which it cannot",
}


class HyperDeck:
    """A deck on the network.

    Options: `host` (needed), `port` (9993), `remote` (false; true switches remote control on), `rate` (what its
    timecode counts at, e.g. "29.97df"; else what its video format says).
    """

    medium: Literal["deck"] = "deck"

    def __init__(
        self, name: str, given: Mapping[str, object], around: Surroundings, resolver: Resolver = resolve
    ) -> None:
        options = Options(name, given)
        self._host = options.text("host")
        self._port = options.whole("port", PORT, least=1, most=65_535)
        self._switch_remote_on = options.flag("remote", False)
        self._counted = counted_at(options)
        options.done()
        self._host_name = HostName(self._host, resolver)
        self._closing = threading.Event()
        self._name = name
        self._around = around
        self._wire: Wire | None = None
        self._state = DeckState(self._counted)
        self._changed = threading.Condition()
        self._faults_told = 0
        self._polled: Waiting | None = None
        self._polled_ns = self._slots_ns = self._told_ns = 0
        self._told: Told | None = None

    # -- opening ------------------------------------------------------------------------------------------------------

    def open(self) -> DeckFormat:
        """Connect, hear who it is, and ask to be told of every change."""
        self._state = DeckState(self._counted)
        self._polled, self._polled_ns, self._slots_ns, self._told = None, 0, 0, None
        self._faults_told = 0
        self._closing.clear()
        try:
            wire = Wire(self._host_name.find(_RESOLVE_S, self._closing), self._port, _CONNECT_S)
        except OSError as error:
            why = safe_text(error.strerror or str(error))
            raise DeviceError(
                f"{self._name}: no deck answers at {self._place} ({why}); is it on, is it plugged in?"
            ) from error
        self._wire = wire
        try:
            self._greet(wire)
            self._subscribe(wire)
        except DeviceError as error:
            wire.close()
            if str(error).endswith((".", "?")):  # already a sentence; else what the wire says
                raise
            raise DeviceError(
                f"{self._name}: {self._place} hung up at once; another program may have the deck, or it is none."
            ) from error
        return DeckFormat(self._state.model, self._state.rate)

    @property
    def _place(self) -> str:
        return f"{safe_text(self._host)}:{self._port}"

    def _greet(self, wire: Wire) -> None:
        deadline_ns = self._now() + int(_GREET_S * NS)
        while self._now() < deadline_ns:
            for message, _ in wire.listen(_LISTEN_S) or []:
                if message.code == 500:
                    self._take(message, None)
                    return
                if message.code == 120:
                    raise DeviceError(
                        f"{self._name}: the deck at {self._place} serves one program at a time, and another has it; "
                        "close that one."
                    )
        raise DeviceError(f"{self._name}: {self._place} does not greet as a HyperDeck does; is it one?")

    def _subscribe(self, wire: Wire) -> None:
        """Ask for all there is; a deck refuses what its protocol does not have, and goes on without."""
        asks: list[tuple[str, dict[str, str] | None]] = [("device info", None), ("remote", None)]
        if self._switch_remote_on:
            asks.append(("remote", {"enable": "true"}))
        asks += [("notify", {what: "true"}) for what in _NOTIFY]
        asks += [("watchdog", {"period": str(_WATCHDOG_S)}), ("clips get", None), ("transport info", None)]
        waiting = [wire.ask(name, values, self._now()) for name, values in asks]
        deadline_ns = self._now() + int(_GREET_S * NS)
        while not waiting[-1].done:
            for message, asked in wire.listen(_LISTEN_S) or []:
                self._take(message, asked)
            if self._now() > deadline_ns:
                raise DeviceError(f"{self._name}: the deck at {self._place} does not answer; switch it off and on.")
        refused = waiting[2].answer if self._switch_remote_on else None
        if refused is not None and refused.refuses:
            raise DeviceError(f"{self._name} does not let itself be switched to remote: {_why(refused)}.")

    # -- reading ------------------------------------------------------------------------------------------------------

    def read(self) -> Told:
        """Listen until there is something to tell: at once for a change, else five times a second."""
        while True:
            wire = self._wire
            if wire is None:
                raise DeviceError(f"{self._name} was closed.")
            try:
                self._ask_on(wire)
                heard = wire.listen(_LISTEN_S)
            except DeviceError as error:
                if self._wire is None:
                    raise DeviceError(f"{self._name} was closed.") from error
                raise DeviceError(f"{self._name}: {error}; connecting anew.") from error
            for message, asked in heard or []:
                self._take(message, asked)
            if heard:
                with self._changed:
                    self._changed.notify_all()
                told = self._tell(wire, self._now())
                if told is not None:
                    return told

    def _take(self, message: Message, asked: Waiting | None) -> None:
        """An answer was true about half way between the question and now."""
        now_ns = self._now()
        self._state.take(message, now_ns if asked is None else (asked.sent_ns + now_ns) // 2)

    def _ask_on(self, wire: Wire) -> None:
        now_ns = self._now()
        due_ns = _ASK_EVERY_NS if self._polled is None or self._polled.done else _ASK_AGAIN_NS
        if now_ns - self._polled_ns >= due_ns:
            self._polled_ns = now_ns
            self._polled = wire.ask("transport info", None, now_ns)
            if self._state.stale_clips:
                self._state.stale_clips = False
                wire.ask("clips get", None, now_ns)
            if now_ns - self._slots_ns >= _SLOTS_EVERY_NS or not self._slots_ns:
                self._slots_ns = now_ns
                for slot in range(1, self._state.slot_count + 1):
                    wire.ask("slot info", {"slot id": str(slot)}, now_ns)
                if not self._state.slot_count:  # older protocols tell of the one that is in use
                    wire.ask("slot info", None, now_ns)

    def _tell(self, wire: Wire, now_ns: int) -> Told | None:
        """What is so now; None when it is what was told a moment ago."""
        state, before = self._state, self._told
        faults = wire.faults + state.unreadable
        told = Told(
            mono_ns=max(now_ns, self._told_ns),
            transport=state.transport,
            recording=state.recording,
            clip=state.clip,
            slots=state.slots,
            remote=state.remote,
            dropped=state.lost,
            faults=faults - self._faults_told,
            remarks=tuple(f"{self._name}: {remark}" for remark in state.remarks()),
            wrong=state.wrong(safe_text(self._name)),
        )
        same = before is not None and _news(before) == _news(told) and not told.remarks
        if same and now_ns - self._told_ns < _TELL_EVERY_NS:
            return None
        label = state.label_at(told.mono_ns)
        if label is not None:
            # Of a change the moment counts; else the label's own beginning, which does not tremble with the network.
            stamp = label[1] if same and label[1] > self._told_ns else told.mono_ns
            told = replace(told, label=label[0], mono_ns=stamp)
        self._faults_told = faults
        self._told, self._told_ns = told, told.mono_ns
        return told

    # -- orders -------------------------------------------------------------------------------------------------------

    def record(self, clip: str) -> str:
        """Record; the deck adds its own numbering where it has to."""
        self._state.ordered(clip)
        try:
            self._order("record", {"name": clip} if clip else None, lambda: self._state.transport == RECORD)
        except DeviceError:
            self._state.ordered("")
            raise
        return f"{self._name} records {safe_text(clip)}." if clip else f"{self._name} records."

    def stop(self) -> str:
        """Stop."""
        self._order("stop", None, lambda: self._state.transport not in (RECORD, ""))
        return f"{self._name} has stopped."

    def _order(self, name: str, values: dict[str, str] | None, confirmed: Callable[[], bool]) -> None:
        wire = self._wire
        if wire is None:
            raise DeviceError(f"{self._name} is not connected, and was not told to {name}.")
        if self._state.remote is False:
            raise DeviceError(f"{self._name} did not {name}: {_REFUSALS[111]}.")
        try:
            answer = wire.ask(name, values, self._now()).wait(_ANSWER_S)
        except DeviceError as error:
            raise DeviceError(f"{self._name} was not told to {name}: {error}.") from error
        if answer is None:
            raise DeviceError(f"{self._name} did not answer when it was told to {name}; look at the deck.")
        if answer.refuses:
            raise DeviceError(f"{self._name} did not {name}: {_why(answer)}.")
        with self._changed:
            if not self._changed.wait_for(confirmed, _CONFIRM_S):
                raise DeviceError(f"{self._name} took the order to {name}, but does not do it; look at the deck.")

    # -- the rest -----------------------------------------------------------------------------------------------------

    def close(self) -> None:
        """Let go of the deck; a waiting read ends."""
        self._closing.set()
        wire, self._wire = self._wire, None
        if wire is not None:
            wire.close()

    def identify(self) -> str:
        """What it is."""
        state = self._state
        protocol = f", protocol {safe_text(state.protocol)}" if state.protocol else ""
        return f"{self._name} is a deck at {self._place}: {safe_text(state.model)}{protocol}."

    def _now(self) -> int:
        return self._around.clock.monotonic_ns()


def counted_at(options: Options) -> Rate | None:
    """The option `rate`; None where it is not given."""
    name = options.text("rate", "auto")
    if name == "auto":
        return None
    with contextlib.suppress(ValueError):
        found = rate(name)
        if not found.sensor_only:
            return found
    raise options.wrong("rate", 'a frame rate such as "25" or "29.97df"')


def _why(answer: Message) -> str:
    return _REFUSALS.get(answer.code, f'it answered "{answer.code} {safe_text(answer.text)}"')


def _news(told: Told) -> tuple[object, ...]:
    """What is worth telling at once."""
    return told.transport, told.clip, told.slots, told.remote, told.dropped, told.wrong
