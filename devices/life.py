"""A device's life: connecting, live, stalled, lost, back-off, and live again; missing while it never was there.

Used by `worker.py`. A thread opens and reads the device; whether it still delivers is judged from outside on the
monotonic clock, because a read may never return.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import NoReturn

from devices.adapter import NS, Block, Device, Form, PictureFormat, Shot, SoundFormat, Told
from onset.capture.signals import Delivers, Medium, Report, State, StateChanged
from onset.clock import Clock
from onset.errors import DeviceError
from onset.text import safe_text

STALLED_NS = NS // 2
LOST_NS = 2 * NS
_STUCK_NS = 40 * NS  # a library that has not come back by then never will
_BACK_OFF_S = (0.25, 0.5, 1.0, 2.0, 4.0, 8.0)
# The longest wait for one that was live: within two seconds of its return it should be live again, however long it was
# away. Opening a feed takes up to 1.6 s (RTSP), a deck or an interface 0.3 s. In the first minute somebody is holding
# its plug; later a deck that serves one program at a time is not asked more often than it must be.
_BACK_SOON_S = 0.5
_BACK_LATER_S: dict[Medium, float] = {"picture": 0.5, "sound": 1.5, "deck": 1.5}
_SOON_TRIES = 120
_QUEUE_S = 1.0  # frames that may wait for the encoder before they are dropped
_QUEUE_BYTES = 200_000_000
_BELIEVED_NS = NS // 10  # for so long a stalled device delivers before it is live: a library gives up with a last burst


@dataclass(frozen=True, slots=True)
class Opened:
    """The device is there and delivers this."""

    form: Form


@dataclass(frozen=True, slots=True)
class Gone:
    """The device went away."""


Arrival = Opened | Gone | Shot | Block | Told


class DeviceLife:
    """Keeps one device open and hands on what it delivers."""

    def __init__(
        self,
        name: str,
        device: Device,
        clock: Clock,
        hand_on: Callable[[Arrival], None],
        report: Callable[[Report], None],
    ) -> None:
        """Take the device; `start` opens it.

        Args:
            name: of the device.
            device: not yet open.
            clock: for stamps and for judging stalls.
            hand_on: called from the device's thread for all that arrives, in order; must not block.
            report: called from any thread when the state changes.
        """
        self._name = name
        self._device = device
        self._clock = clock
        self._hand_on = hand_on
        self._report = report
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._again = threading.Event()
        self._thread = threading.Thread(target=self._live, name=f"{name} reader", daemon=True)
        self._newest_ns = 0
        self._state: State = "connecting"
        self._detail = "Not yet opened."
        self._delivers: Delivers | None = None
        self._waiting = 0
        self._limit = 30
        self._skipping = False
        self.dropped = 0

    @property
    def state(self) -> State:
        """Where it is in its life."""
        return self._state

    @property
    def detail(self) -> str:
        """A sentence on it."""
        return self._detail

    def start(self) -> None:
        """Begin to connect."""
        self._newest_ns = self._clock.monotonic_ns()
        self._change("connecting", f"{self._name}: connecting.")
        self._thread.start()

    def reconnect(self) -> None:
        """Close the device and open it again, at once."""
        self._again.set()
        self._let_go()

    def end(self) -> bool:
        """Close the device for good; False when its library does not come back."""
        self._ended.set()
        self._again.set()
        self._let_go()
        if self._thread.ident is not None:
            self._thread.join(timeout=3)
        return not self._thread.is_alive()

    def _let_go(self) -> None:
        with contextlib.suppress(Exception):  # a foreign adapter may raise anything; it is opened anew all the same
            self._device.close()

    def took(self) -> None:
        """One frame or block that was handed on has been dealt with."""
        with self._lock:
            self._waiting -= 1

    def watch(self) -> bool:
        """Judge whether the device still delivers; call it some times a second.

        Returns:
            False when its library has not come back for so long that only a new process helps.
        """
        with self._lock:
            silent_ns = self._clock.monotonic_ns() - self._newest_ns
            state = self._state
        if state == "live" and silent_ns > STALLED_NS:
            self._change("stalled", f"{self._name}: nothing has come for half a second.", only_from="live")
        elif state == "stalled" and silent_ns > LOST_NS:
            sentence = f"{self._name}: nothing has come for two seconds; connecting anew."
            if self._change("lost", sentence, only_from="stalled"):  # it may have come back just now
                self._let_go()
        return state in ("live", "stalled") or silent_ns < _STUCK_NS

    def _change(self, state: State, detail: str, only_from: State | None = None) -> bool:
        """Go to a state and tell it; False where it was not in the state that it may go from."""
        with self._lock:
            if only_from is not None and self._state != only_from:
                return False
            changed = state != self._state or detail != self._detail
            self._state, self._detail = state, detail
            now_ns = self._clock.monotonic_ns()
        if changed:
            self._report(
                StateChanged(
                    device=self._name,
                    state=state,
                    detail=detail,
                    mono_ns=now_ns,
                    medium=self._device.medium,
                    delivers=self._delivers,
                )
            )
        return True

    def _live(self) -> None:
        tries, was_live = 0, False
        while not self._ended.is_set():
            self._again.clear()
            sentence = self._try_once()
            if self._ended.is_set():
                break
            self._let_go()
            self._hand_on(Gone())
            if self._state in ("live", "stalled", "lost"):
                tries, was_live = 0, True
                self._change("lost", sentence)
                self._change("back-off", sentence)
            else:  # the newest reason: first it was closed, now another program has it
                self._change("back-off" if self._state == "back-off" else "missing", sentence)
            wait_s = _BACK_OFF_S[min(tries, len(_BACK_OFF_S) - 1)]
            longest_s = _BACK_SOON_S if tries < _SOON_TRIES else _BACK_LATER_S[self._device.medium]
            self._again.wait(min(wait_s, longest_s) if was_live else wait_s)
            tries += 1
            with self._lock:
                self._newest_ns = self._clock.monotonic_ns()
        self._let_go()

    def _try_once(self) -> str:
        """Open and read until it ends; the sentence says why."""
        try:
            form = self._device.open()
            if self._ended.is_set():  # closed while it was opened, which an adapter need not have noticed
                raise DeviceError(f"{self._name} was closed.")
            self._limit = _room_for(form)
            self._delivers = _told_of(form)
            self._hand_on(Opened(form))
            self._read_on()
        except DeviceError as error:
            sentence = str(error)
        except Exception as error:  # a foreign adapter may raise anything; the worker must outlive it
            sentence = failure_of(self._name, error)
        return self._detail if self._state == "lost" else sentence

    def _read_on(self) -> NoReturn:
        again_ns: int | None = None  # when a stalled device delivered its first piece
        while True:
            piece = self._device.read()
            with self._lock:
                before_ns, self._newest_ns = self._newest_ns, self._clock.monotonic_ns()
                state, now_ns = self._state, self._newest_ns
                full = self._waiting >= self._limit
            if state != "stalled":
                again_ns = None
            elif again_ns is None or now_ns - before_ns > STALLED_NS:
                again_ns = now_ns
            if state not in ("live", "lost") and (again_ns is None or now_ns - again_ns >= _BELIEVED_NS):
                self._change("live", f"{self._name}: live.")
            self._pass(piece, full=full)

    def _pass(self, piece: Shot | Block | Told, *, full: bool) -> None:
        coded = piece.coded if isinstance(piece, Shot) else None
        if full or (self._skipping and coded is not None and not coded.key):
            self._skipping = True
            self.dropped += 1
            return
        self._skipping = False
        with self._lock:
            self._waiting += 1
        self._hand_on(piece)


def failure_of(device: str, error: Exception) -> str:
    """A sentence on what an adapter should never have raised."""
    return f"{safe_text(device)}: its adapter failed with {type(error).__name__}: {safe_text(str(error))}."


def _told_of(form: Form) -> Delivers:
    """The format, as others are told of it."""
    if isinstance(form, PictureFormat):
        fps, copied = round(float(form.fps), 3), form.template is not None
        return Delivers(width=form.width, height=form.height, fps=fps, copied=copied)
    if isinstance(form, SoundFormat):
        return Delivers(sample_rate=form.sample_rate, tracks=list(form.tracks))
    return Delivers(model=form.model)


def _room_for(form: Form) -> int:
    """How many frames, blocks or words may wait."""
    if not isinstance(form, PictureFormat):
        return 200
    if form.template is not None:
        return round(form.fps * _QUEUE_S * 10)  # packets are small, and a gap spoils all until the next key frame
    return max(4, min(round(form.fps * _QUEUE_S), _QUEUE_BYTES // (form.width * form.height * 3)))
