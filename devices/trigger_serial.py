"""Trigger boxes on a serial port: tally lines, buttons to roll, cut and mark, and a lamp that follows the takes.

An ordinary adapter of kind `trigger`; the box says one line for each thing (docs/trigger-lines.md). The box may be an
Arduino: it starts anew when its port is opened, and speaks noise before its first line.
"""

from __future__ import annotations

import threading
from collections.abc import Mapping
from typing import Literal

from devices.adapter import NS, DeckFormat, Options, Surroundings, Told
from devices.serial_line import SerialLine, Where
from devices.trigger_words import BAUD, VERSION, LineReader, Word
from onset.errors import DeviceError
from onset.text import safe_text

_WAIT_S = 0.05
_TELL_NS = 3 * NS // 10
_SILENT_NS = 3 * NS // 2  # three heartbeats
_QUIET_WAITS = 50  # a box that starts anew says nothing for two seconds, and must not be spoken to meanwhile
_HELLO_WAITS = 30
_ASK_AGAIN_WAITS = 10
_HELLO_NS = 6 * NS
_NOISE_BYTES = 10_000  # a port that says so much and no hello is no box
_AGAIN_NS = 3 * NS // 10  # a button that is pressed twice within this was pressed once
_LAMP_AGAIN_NS = 4 * NS // 10
_LAMP_S = 1.5


class TriggerBox:
    """A box on a serial port.

    Options: `port` (a path) or `usb` (`"VENDOR:PRODUCT:SERIAL"`), `debounce_ms` (of its tally; 30).
    """

    medium: Literal["deck"] = "deck"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        where = Where.asked(options)
        self._debounce_ns = options.whole("debounce_ms", 30, least=0, most=1000) * NS // 1000
        options.done()
        self._name = safe_text(name)
        self._clock = around.clock
        self._line = SerialLine(name, where, baud=BAUD, wait_s=_WAIT_S)
        self._lines = LineReader()
        self._model = ""
        self._open = False
        self._lamp_changed = threading.Condition()
        self._lamp_wanted: bool | None = None  # outlives a lost connection: a box that comes back lights up
        self._begin_anew()

    def _begin_anew(self) -> None:
        self._tally: bool | None = None
        self._edge: tuple[bool, int] | None = None  # where the tally went, and when; not yet believed
        self._recording: bool | None = None
        self._pressed_ns: dict[str, int] = {}
        self._marks: list[int] = []
        self._news_ns: int | None = None
        self._told_ns = 0  # the stamp of the newest word
        self._said_ns = 0  # when it was said
        self._heard_ns = 0
        self._faults_told = 0
        self._lamp: bool | None = None
        self._lamp_asked_ns = 0

    # -- the device ---------------------------------------------------------------------------------------------------

    def open(self) -> DeckFormat:
        """Find the port and the box on it. See `DeckDevice.open`."""
        self._line.open()
        self._lines = LineReader()
        self._begin_anew()
        try:
            hello = self._who()
        except DeviceError:
            self._line.close()
            raise
        if hello.version != VERSION:
            self._line.close()
            raise DeviceError(
                f"{self._name}: the box on {self._line.shown} speaks version {hello.version} of the trigger lines, "
                f"onset speaks {VERSION}; write its program anew."
            )
        self._model = safe_text(hello.name) or "trigger box"
        self._faults_told = self._lines.broken  # noise of its start is no fault
        self._heard_ns = self._clock.monotonic_ns()
        self._open = True
        return DeckFormat(self._model)

    def _who(self) -> Word:
        """Wait for its hello; it is asked as soon as it says anything."""
        waits, asked, bytes_heard = 0, -_ASK_AGAIN_WAITS, 0
        late_ns = self._clock.monotonic_ns() + _HELLO_NS
        while waits < _QUIET_WAITS + _HELLO_WAITS and bytes_heard < _NOISE_BYTES:
            if self._clock.monotonic_ns() > late_ns:
                break
            came = self._line.read()
            waits += not came
            bytes_heard += len(came)
            words = self._lines.feed(came)
            hello = next((word for word in words if word.what == "hello"), None)
            if hello is not None:
                return hello
            if (words or waits >= _QUIET_WAITS) and waits - asked >= _ASK_AGAIN_WAITS:
                asked = waits
                self._line.write(b"hello\n")
        shown = self._line.shown
        raise DeviceError(
            f"{self._name}: no trigger box says hello on {shown}; has it its program (docs/trigger-lines.md)?"
        )

    def read(self) -> Told:
        """What the box says, at once when it says something new. See `DeckDevice.read`."""
        while True:
            now_ns = self._clock.monotonic_ns()
            self._believe(now_ns)
            if self._news_ns is not None or now_ns - self._said_ns >= _TELL_NS:
                self._said_ns = now_ns
                return self._word(now_ns)
            self._light(now_ns)
            words = self._lines.feed(self._line.read())
            now_ns = self._clock.monotonic_ns()
            for word in words:
                self._heard_ns = now_ns
                self._hear(word, now_ns)
            if now_ns - self._heard_ns > _SILENT_NS:
                self._line.close()
                raise DeviceError(f"{self._name} has not been alive for 1.5 s; look at its cable, or reset it.")

    def close(self) -> None:
        """Let go of the port; a `read` that waits ends."""
        self._open = False
        self._line.close()
        with self._lamp_changed:
            self._lamp_changed.notify_all()

    def identify(self) -> str:
        """What it is."""
        return f"{self._model or 'Trigger box'} {self._name} on {self._line.shown}, 115200 bit/s."

    # -- what it says -------------------------------------------------------------------------------------------------

    def _hear(self, word: Word, now_ns: int) -> None:
        match word.what:
            case "tally" | "alive" if word.on is not None:
                self._hear_tally(word.on, now_ns)
            case "roll" | "cut" | "mark" if now_ns - self._pressed_ns.get(word.what, -_AGAIN_NS) >= _AGAIN_NS:
                self._pressed_ns[word.what] = now_ns
                self._news_ns = now_ns
                if word.what == "mark":
                    self._marks.append(now_ns)
                else:
                    self._recording = word.what == "roll"
            case "lamp":
                with self._lamp_changed:
                    self._lamp = word.on
                    self._lamp_changed.notify_all()
            case "hello":
                self._lamp = None  # it has started anew, dark
            case _:
                pass

    def _hear_tally(self, on: bool, now_ns: int) -> None:
        if on == self._tally:
            self._edge = None  # it bounced
        elif self._edge is None or self._edge[0] != on:
            self._edge = (on, now_ns)

    def _believe(self, now_ns: int) -> None:
        """A tally that stayed where it went: it went there when it first did."""
        if self._edge is not None and now_ns - self._edge[1] >= self._debounce_ns:
            (self._tally, since_ns), self._edge = self._edge, None
            self._recording, self._news_ns = self._tally, since_ns

    def _word(self, now_ns: int) -> Told:
        # While nobody knows yet where the tally goes, what is said is what was so before; stamps may not go back.
        still_ns = now_ns if self._edge is None else self._edge[1]
        moment_ns = still_ns if self._news_ns is None else self._news_ns
        self._news_ns = None
        self._told_ns = max(self._told_ns, moment_ns)
        recording = self._recording
        if self._tally is None:
            self._recording = None  # a button says what happened, not what is so from then on
        marks, self._marks = tuple(self._marks), []
        faults = self._lines.broken - self._faults_told
        self._faults_told = self._lines.broken
        return Told(self._told_ns, recording=recording, marks=marks, faults=faults)

    # -- its lamp -----------------------------------------------------------------------------------------------------

    def record(self, clip: str) -> str:
        """Light the lamp; a box has no clips. See `Obeying.record`."""
        return self._light_up(on=True)

    def stop(self) -> str:
        """Put the lamp out. See `Obeying.stop`."""
        return self._light_up(on=False)

    def _light_up(self, *, on: bool) -> str:
        with self._lamp_changed:
            self._lamp_wanted = on
            self._lamp_asked_ns = 0
            if not self._open:
                raise DeviceError(f"{self._name} is not connected; its lamp follows when it is back.")
            self._lamp_changed.wait_for(lambda: self._lamp == on or self._lamp_wanted != on or not self._open, _LAMP_S)
            if self._lamp != on:
                raise DeviceError(f"{self._name} does not say that its lamp went {'on' if on else 'off'}; has it one?")
        return f"The lamp of {self._name} is {'on' if on else 'off'}."

    def _light(self, now_ns: int) -> None:
        """Ask for the lamp until the box says that it is so."""
        wanted = self._lamp_wanted
        if wanted is not None and wanted != self._lamp and now_ns - self._lamp_asked_ns >= _LAMP_AGAIN_NS:
            self._lamp_asked_ns = now_ns
            self._line.write(b"lamp on\n" if wanted else b"lamp off\n")
