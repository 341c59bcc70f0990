"""One device as the capture service sees it: its worker, what it shall be recording, and what it is recording.

The session says which takes roll; a station keeps its worker at it. A worker that dies is started again with back-off,
the gap is reported, and a take that still rolls gets a new clip. Nothing here knows the log.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import msgspec

from onset.capture.health import UP, BackOff, DeviceNow
from onset.capture.line import Launch, Line
from onset.capture.signals import (
    Alarm,
    Answer,
    Ask,
    ClipClosed,
    ClipOpened,
    Cut,
    Fault,
    Mark,
    Remark,
    Report,
    Roll,
    Said,
    Setup,
    Slated,
    State,
    StateChanged,
    Uncut,
    Unmark,
)
from onset.clock import Clock
from onset.errors import CaptureError

NS = 1_000_000_000
_ASK_FORGOTTEN_NS = 60 * NS
_HUNG_NS = 10 * NS
_REMEMBERED = 16  # takes that were cut and may still be uncut; a worker remembers as many


@dataclass(frozen=True, slots=True)
class ClipLost:
    """A file whose worker ended without closing it: what it holds has to be measured."""

    clip: ClipOpened
    mono_ns: int


@dataclass(slots=True)
class _TakeHere:
    """A take that this device records, is to record, or runs out after its cut.

    `ordered` means that the worker of now has been told of it.
    """

    slated: Slated
    for_picture: bool
    for_sound: bool
    rolled_ns: int
    cut_ns: int | None = None
    ordered: bool = False


@dataclass(slots=True)
class _Pending:
    """An ask that the worker has not answered yet."""

    reply: Callable[[bool, str], None]
    since_ns: int


class Station:
    """A device, its worker and its takes. One thread only."""

    def __init__(self, setup: Setup, launch: Launch, clock: Clock) -> None:
        """Nothing is started before `start`.

        Args:
            setup: handed to each worker of this device.
            launch: starts one.
            clock: paces restarts.
        """
        self.setup = setup
        self.line: Line | None = None
        self._launch = launch
        self._clock = clock
        self._back_off = BackOff()
        self._takes: dict[str, _TakeHere] = {}
        self._asks: dict[int, _Pending] = {}
        self._ask_id = 0
        self._started_ns = 0
        self._start_at_ns: int | None = None
        self._spoken = False  # the worker of now has said which medium it records
        self._open: dict[str, ClipOpened] = {}
        self._leaving = False
        self._death_told = False
        self._now = DeviceNow(name=setup.device, kind=setup.kind, state="connecting", detail="Starting.")

    # -- what the session asks ----------------------------------------------------------------------------------------

    @property
    def now(self) -> DeviceNow:
        """The device at this moment."""
        return self._now

    @property
    def ended(self) -> bool:
        """Whether no worker is left."""
        return self.line is None

    def start(self) -> list[Report | ClipLost]:
        """Start the worker; what is returned is to be treated like what `turn` returns."""
        now_ns = self._clock.monotonic_ns()
        self._start_at_ns = None
        self._started_ns = now_ns
        try:
            self.line = self._launch(self.setup)
        except CaptureError as error:
            wait_s = self._back_off.failed(ran_s=0.0)
            self._start_at_ns = now_ns + round(wait_s * NS)
            return [self._became("back-off", f"{error} Next try in {wait_s:g} s.", now_ns)]
        self._change(pid=self.line.pid)
        return []

    def roll(self, slated: Slated, mono_ns: int, *, for_picture: bool, for_sound: bool) -> None:
        """Record this take from `mono_ns` on, if this device records what is wanted."""
        self._takes[slated.take_id] = _TakeHere(slated, for_picture, for_sound, mono_ns)
        self._order_rolls()

    def cut(self, take_id: str, mono_ns: int) -> None:
        """The take was cut at `mono_ns`."""
        take = self._takes.get(take_id)
        if take is None or take.cut_ns is not None:
            return
        take.cut_ns = mono_ns
        if take.ordered and self.line is not None:
            self.line.send(Cut(take_id=take_id, mono_ns=mono_ns))
        over = [key for key, each in self._takes.items() if each.cut_ns is not None]
        for key in over[:-_REMEMBERED]:
            del self._takes[key]

    def told_of(self, take_id: str) -> bool:
        """Whether the worker of now was told to record the take."""
        take = self._takes.get(take_id)
        return take is not None and take.ordered

    def records(self, take_id: str) -> bool:
        """Whether the take is to be recorded here now, its post-roll not counted."""
        take = self._takes.get(take_id)
        return take is not None and take.cut_ns is None and self._wants(take)

    def mark(self, order: Mark) -> None:
        """A moment of a take was marked."""
        take = self._takes.get(order.take_id)
        if take is not None and take.ordered and self.line is not None:
            self.line.send(order)

    def unmark(self, order: Unmark) -> None:
        """A mark was taken back, or is there again."""
        if self.line is not None and any(take.ordered for take in self._takes.values()):
            self.line.send(order)

    def remark(self, take_id: str, said: Said) -> None:
        """What is said of a take now; nothing happens where that is what was said before."""
        take = self._takes.get(take_id)
        if take is None or take.slated.said == said:
            return
        take.slated = msgspec.structs.replace(take.slated, said=said)
        if take.ordered and self.line is not None:
            self.line.send(Remark(take_id=take_id, said=said))

    @property
    def takes_in_files(self) -> set[str]:
        """The takes that have a file open here, cut or not."""
        return {clip.take_id for clip in self._open.values()}

    def _wants(self, take: _TakeHere) -> bool:
        match self._now.medium:
            case "picture":
                return take.for_picture
            case "sound":
                return take.for_sound
            case "deck":
                return False
            case None:
                return True

    def uncut(self, slated: Slated, mono_ns: int, *, for_picture: bool, for_sound: bool) -> None:
        """The cut was undone: a file in its post-roll goes on, otherwise a new one begins."""
        take = self._takes.get(slated.take_id)
        if take is None:
            self.roll(slated, mono_ns, for_picture=for_picture, for_sound=for_sound)
            return
        take.cut_ns = None
        if not take.ordered:
            take.slated = slated  # no file is called by what was known before
        take.for_picture, take.for_sound = for_picture, for_sound  # both may have been changed since the roll
        if take.ordered and self.line is not None:
            self.line.send(Uncut(take_id=slated.take_id))
        self._order_rolls()

    def ask(self, what: str, args: dict[str, str], reply: Callable[[bool, str], None]) -> None:
        """Pass an ask on to the worker; `reply` gets its answer, or why there is none."""
        if self.line is None:
            reply(False, f"{self.setup.device} has no worker at the moment: {self._now.detail}")
            return
        self._ask_id += 1
        self._asks[self._ask_id] = _Pending(reply, self._clock.monotonic_ns())
        self.line.send(Ask(id=self._ask_id, what=what, args=args))

    def check_pulse(self, beat_ns: int | None) -> Fault | None:
        """End a worker that hangs: it has published its health, and then for ten seconds nothing.

        Args:
            beat_ns: monotonic stamp of its newest health on the live bus.
        """
        now_ns = self._clock.monotonic_ns()
        if self.line is None or self._leaving or beat_ns is None or beat_ns < self._started_ns:
            return None
        if now_ns - beat_ns < _HUNG_NS:
            return None
        self.line.kill()
        self._started_ns = now_ns  # said once; its end is reported like any other
        detail = f"The worker of {self.setup.device} has hung for {(now_ns - beat_ns) / NS:.0f} s; it is killed."
        take_id = next((key for key, take in self._takes.items() if take.ordered and take.cut_ns is None), None)
        return Fault(device=self.setup.device, what="worker hung", detail=detail, mono_ns=now_ns, take_id=take_id)

    def leave(self) -> None:
        """End the worker: it finishes its files first. `turn` goes on until `ended`."""
        self._leaving = True
        self._start_at_ns = None
        if self.line is not None:
            self.line.hang_up()

    # -- a turn -------------------------------------------------------------------------------------------------------

    def turn(self) -> list[Report | ClipLost]:
        """Hear the worker, start it again when it is time; everything that the session has to know, in order."""
        if self.line is None:
            due = self._start_at_ns is not None and self._clock.monotonic_ns() >= self._start_at_ns
            return self.start() if due else []
        ended = self.line.ended  # asked first: what it said before it ended is then complete
        heard: list[Report | ClipLost] = [report for report in self.line.reports() if self._hear(report)]
        if ended is not None:
            heard += self._worker_ended(self.line, ended)
        self._forget_asks()
        return heard

    def _hear(self, report: Report) -> bool:
        """Take note of a report; False when nobody else needs it."""
        match report:
            case StateChanged():
                self._spoken = True
                self._death_told = self._death_told and report.state not in UP
                self._change(
                    state=report.state,
                    detail=report.detail,
                    medium=report.medium or self._now.medium,
                    delivers=report.delivers or self._now.delivers,
                )
                self._order_rolls()
            case ClipOpened():
                self._open[report.path] = report
                self._change(recording=list(self._open))
            case ClipClosed():
                self._open.pop(report.path, None)
                self._change(recording=list(self._open))
            case Answer():
                pending = self._asks.pop(report.id, None)
                if pending is not None:
                    pending.reply(report.ok, report.value)
                return False
            case Fault() | Alarm():
                pass
        return True

    def _order_rolls(self) -> None:
        """Tell the worker of every rolling take it does not know; once it has said what it records."""
        if self.line is None or not self._spoken:
            return
        for take in self._takes.values():
            if self._wants(take) and take.cut_ns is None and not take.ordered:
                take.ordered = True
                self.line.send(Roll(slated=take.slated, mono_ns=take.rolled_ns))

    def _worker_ended(self, line: Line, how: str) -> list[Report | ClipLost]:
        now_ns = self._clock.monotonic_ns()
        line.close()
        self.line = None
        self._spoken = False
        for pending in self._asks.values():
            pending.reply(False, f"The worker of {self.setup.device} {how} before it answered.")
        self._asks.clear()
        lost: list[Report | ClipLost] = [ClipLost(clip, now_ns) for clip in self._open.values()]
        self._open.clear()
        self._change(pid=None, recording=[])
        if self._leaving:
            return lost
        wait_s = self._back_off.failed(ran_s=(now_ns - self._started_ns) / NS)
        self._start_at_ns = now_ns + round(wait_s * NS)
        self._change(restarts=self._now.restarts + 1)
        sentence = f"The worker of {self.setup.device} {how}; it is started again in {wait_s:g} s."
        rolling = [take for take in self._takes.values() if take.cut_ns is None and take.ordered]
        for take in self._takes.values():
            take.ordered = False
        faults = [
            Fault(device=self.setup.device, what="gap", detail=sentence, mono_ns=now_ns, take_id=take.slated.take_id)
            for take in rolling
        ] or [Fault(device=self.setup.device, what="worker ended", detail=sentence, mono_ns=now_ns)]
        if self._death_told:
            faults = []  # it has not been live since: one that dies again and again must not fill the log
        self._death_told = True
        return [*lost, *faults, self._became("back-off", sentence, now_ns)]

    def _became(self, state: State, detail: str, mono_ns: int) -> StateChanged:
        """A state that the worker cannot report itself."""
        self._change(state=state, detail=detail)
        return StateChanged(device=self.setup.device, state=state, detail=detail, mono_ns=mono_ns)

    def _forget_asks(self) -> None:
        """Whoever asked has long stopped waiting."""
        too_old_ns = self._clock.monotonic_ns() - _ASK_FORGOTTEN_NS
        for key in [key for key, pending in self._asks.items() if pending.since_ns < too_old_ns]:
            del self._asks[key]

    def _change(self, **changes: object) -> None:
        self._now = msgspec.structs.replace(self._now, **changes)
