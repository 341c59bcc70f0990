"""The desk of a deck, a trigger box or a clock: it tells what the device says, and passes orders to it.

Used by `worker.py`. Nothing of such a device is recorded here; its record lamp, its clip's name and its timecode are
facts of the set, and go up to the service as `Sign`s, each change once.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection
from typing import Literal

from devices.adapter import Block, DeckDevice, DeckFormat, Form, Obeying, Shot, Surroundings, Told, Wrong
from devices.desk import Bus, Desk
from devices.disk import DiskLane
from devices.life import failure_of
from devices.watch import Trouble
from onset.capture.signals import (
    Alarm,
    Answer,
    Ask,
    Cut,
    DeckNow,
    Fault,
    Mark,
    Remark,
    Report,
    Roll,
    Setup,
    Sign,
    TimecodeNow,
    Uncut,
    Unmark,
)
from onset.errors import DeviceError
from onset.text import safe_text

_WENT = "The device went away."


class _NoTapes:
    """What a device that records nothing here has for a recorder."""

    dropped = 0
    recording: str | None = None
    bytes_a_second = 0.0

    def roll(self, order: Roll) -> None:
        """Nothing is recorded."""

    def cut(self, order: Cut) -> None:
        """Nothing is recorded."""

    def uncut(self, order: Uncut) -> None:
        """Nothing is recorded."""

    def mark(self, order: Mark) -> None:
        """Nothing is recorded."""

    def unmark(self, order: Unmark) -> None:
        """Nothing is recorded."""

    def remark(self, order: Remark) -> None:
        """Nothing is recorded."""

    def tick(self, now_ns: int) -> None:
        """Nothing is recorded."""

    def lost(self) -> None:
        """Nothing is recorded."""

    def finish(self) -> None:
        """Nothing is recorded."""


class DeckDesk(Desk):
    """Shows what a deck tells, and reports what changes."""

    _unit = "messages"

    def __init__(
        self,
        setup: Setup,
        device: DeckDevice,
        around: Surroundings,
        bus: Bus,
        lane: DiskLane,
        report: Callable[[Report], None],
    ) -> None:
        """Take the parts; nothing is opened yet."""
        super().__init__(setup, device, around, bus, report, _NoTapes(), lane)
        self._deck = device
        self._form = DeckFormat("")
        self._newest: Told | None = None
        self._lamp: bool | None = None
        self._heard = False  # since it was opened
        self._deck_lost = 0
        self._clip = ""  # its clip's name, as it was told last
        full_s, name = setup.watch.disk_full_s, safe_text(setup.device)
        detail = f"{name}: less than {full_s / 60:g} min are left on its media; put a fresh one in."
        self._full_minutes = full_s / 60
        self._wrong: frozenset[str] = frozenset()  # alarms that stand by its own word
        self._nearly_full = Trouble(setup.device, "media nearly full", detail, min(1.0, full_s), report)

    def opened(self, form: Form) -> None:
        """The deck is there."""
        if isinstance(form, DeckFormat):
            self._form = form
        self._heard = False
        self._deck_lost = 0

    def gone(self) -> None:
        """What it said last grows old; whether it goes on recording, nobody knows."""
        self._newest = None
        now_ns = self._around.clock.monotonic_ns()
        self._nearly_full.end(now_ns, _WENT)
        self._judge((), now_ns, _WENT)

    def take_in(self, piece: Shot | Block | Told) -> None:
        """Note what it says; a lamp that changed is reported at once."""
        if not isinstance(piece, Told):
            return
        self._newest = piece
        self._lost += piece.faults
        for mono_ns in piece.marks:
            self._report(self._sign("mark", piece, mono_ns))
        for sentence in piece.remarks:
            self._fault("deck", sentence, piece.mono_ns)
        self._judge(piece.wrong, piece.mono_ns)
        if piece.dropped is not None and piece.dropped > self._deck_lost:
            more = piece.dropped - self._deck_lost
            self._deck_lost = piece.dropped
            name = safe_text(self._setup.device)
            self._fault("deck dropped", f"{name} says that it lost {more} frames of its own recording.", piece.mono_ns)
        if piece.recording is None:
            self._lamp = None  # a button says that something happened; pressed again, it happened again
        elif piece.recording != self._lamp or not self._heard:
            changed = self._lamp is not None and piece.recording != self._lamp
            self._lamp = piece.recording
            first = not self._heard and not changed
            self._report(self._sign("record" if piece.recording else "stop", piece, piece.mono_ns, at_first=first))
            self._clip = piece.clip
        elif piece.clip and piece.clip != self._clip:  # some decks name a clip only when its file is closed
            self._clip = piece.clip
            if self._lamp is not None and self._heard:
                self._report(self._sign("named", piece, piece.mono_ns))
        self._heard = True

    def _judge(self, wrong: Collection[Wrong], mono_ns: int, words: str = "") -> None:
        """Raise what is wrong and was not, end what was and is not any more."""
        named = {each.what: each.detail for each in wrong}
        device = self._setup.device
        for what in sorted(self._wrong - named.keys()):
            self._report(Alarm(device=device, what=what, detail=words, mono_ns=mono_ns, over=True))
        for what, detail in named.items():
            if what not in self._wrong:
                self._report(Alarm(device=device, what=what, detail=detail, mono_ns=mono_ns))
        self._wrong = frozenset(named)

    def _sign(
        self, what: Literal["record", "stop", "mark", "named"], told: Told, mono_ns: int, *, at_first: bool = False
    ) -> Sign:
        label = told.label
        return Sign(
            device=self._setup.device,
            what=what,
            mono_ns=mono_ns,
            clip=told.clip,
            tc=None if label is None else label.label,
            rate=None if label is None else label.rate.name,
            at_first=at_first,
        )

    def _fault(self, what: str, detail: str, mono_ns: int) -> None:
        self._report(Fault(device=self._setup.device, what=what, detail=detail, mono_ns=mono_ns))

    def show(self, now_ns: int) -> None:
        """Publish what it told last, and its timecode where that runs."""
        told = self._newest
        if told is None:
            return
        left = [slot.minutes for slot in told.slots if slot.minutes is not None]
        self._nearly_full.judge(bool(left) and max(left) < self._full_minutes, now_ns)
        label = told.label
        self._bus.publish(
            DeckNow(
                device=self._setup.device,
                model=self._form.model,
                transport=told.transport,
                recording=told.recording,
                clip=told.clip,
                tc=None if label is None else label.label,
                slots=list(told.slots),
                remote=told.remote,
                dropped=told.dropped,
                mono_ns=told.mono_ns,
            )
        )
        if label is not None and self._form.source:
            self._bus.publish(
                TimecodeNow(
                    source=self._setup.device,
                    frames=label.frames,
                    rate=label.rate.name,
                    mono_ns=told.mono_ns,
                    polled=True,
                )
            )

    def answer(self, ask: Ask) -> None:
        """Also `record` (argument `clip`) and `stop`, for decks that obey."""
        if ask.what not in ("record", "stop"):
            super().answer(ask)
        elif not isinstance(self._deck, Obeying):
            self._reply(ask, False, f"{safe_text(self._setup.device)} takes no orders; press its own button.")
        else:
            deck = self._deck
            # A deck may take seconds to confirm, and its lamp is looked at meanwhile.
            threading.Thread(target=self._order, args=(deck, ask), name=f"{ask.what} order", daemon=True).start()

    def _order(self, deck: Obeying, ask: Ask) -> None:
        try:
            said = deck.record(ask.args.get("clip", "")) if ask.what == "record" else deck.stop()
        except DeviceError as error:
            self._report(Answer(id=ask.id, ok=False, value=str(error)))
        except Exception as error:  # a foreign adapter may raise anything, and somebody waits for the answer
            self._report(Answer(id=ask.id, ok=False, value=failure_of(self._setup.device, error)))
        else:
            self._report(Answer(id=ask.id, ok=True, value=said))
