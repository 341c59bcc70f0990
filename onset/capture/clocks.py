"""Every clock of the set against every other: which is the master, who agrees with it, who drifts, jumps or stops.

Used by the capture service, twice a second. Each source is fitted to this machine's monotonic clock on its own, so that
any two can be compared; nothing is ever corrected, only told. What a person must know becomes an alarm.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from onset.capture.clock_fit import ClockFit
from onset.capture.master import CLOCK_SOURCE, FRESH_NS, label_of, local_offset_s, time_of_day
from onset.capture.signals import ClockNow, ClocksNow, TimecodeNow
from onset.clock import Clock
from onset.text import safe_text
from onset.timecode import RATES, Rate, Timecode, rate

_NS = 1_000_000_000
# Frames within which two clocks agree, and agree again after a drift: an alarm must not flutter. By whether one of them
# is polled: its label may have stood there for up to a frame.
_LIMITS = {False: (0.5, 0.4), True: (1.5, 0.9)}
_SURE = 3  # readings before two clocks are compared
_STARTING_NS = 15 * _NS  # devices are still being opened
_STEADY_NS = 10 * _NS  # what ran so long without a break is a clock, jammed or not
_DRIFT, _JUMP, _SOURCE = "timecode drift", "timecode jump", "timecode source"
_MISSING, _RATE, _STOPPED = "no timecode", "timecode rate", "timecode stopped"


class Alarms(Protocol):
    """Where it goes what a person must know (`alarms.AlarmList`)."""

    def stands(
        self, device: str, what: str, detail: str, mono_ns: int, take_id: str | None, *, rings: bool = True
    ) -> None:
        """Something is wrong until it is cleared."""
        ...

    def clear(self, device: str, what: Collection[str], mono_ns: int, words: str = "") -> bool:
        """It is over."""
        ...

    def happened(
        self, device: str, what: str, detail: str, mono_ns: int, take_id: str | None, *, rings: bool = False
    ) -> None:
        """It happened once."""
        ...


@dataclass(slots=True)
class _Source:
    """One clock, and how it stands to the master.

    Attributes:
        slot: what it said last; `unfit` when its labels cannot be those of the production.
        began_ns: monotonic stamp since when it runs without a break.
        jammed_ns: monotonic stamp since when it agrees with the master, which was `jammed_to`.
        apart: frames ahead of the master.
        drifted, stopped: that alarm stands.
        owed_ns: it agreed with `owed_to` and fell silent, which is not told yet; stamp since when nothing else
            explains it.
    """

    name: str
    fit: ClockFit = field(default_factory=ClockFit)
    slot: TimecodeNow | None = None
    began_ns: int = 0
    unfit: bool = False
    jammed_ns: int | None = None
    jammed_to: str = ""
    apart: float | None = None
    drifted: bool = False
    stopped: bool = False
    owed_ns: int | None = None
    owed_to: str = ""

    def runs(self, now_ns: int) -> bool:
        """Whether it can be the master now."""
        return self.slot is not None and not self.unfit and now_ns - self.slot.mono_ns <= FRESH_NS


class Clocks:
    """All timecode sources of a production. One thread only."""

    def __init__(
        self,
        order: Sequence[str],
        project: Rate,
        clock: Clock,
        newest: Callable[[str], TimecodeNow | None],
        sources: Callable[[], Sequence[str]],
        utc_offset_s: int | None = None,
    ) -> None:
        """Nothing was seen yet.

        Args:
            order: `capture.timecode`: the master, then who stands in for it.
            project: the production's rate.
            clock: this process' clock.
            newest: what a source said last, with its own monotonic stamp.
            sources: names of all that ever said something.
            utc_offset_s: zone of the machine's time of day; None asks the machine.
        """
        self._order = [*order[: order.index(CLOCK_SOURCE)]] if CLOCK_SOURCE in order else [*order]
        self._project = project
        self._clock = clock
        self._newest = newest
        self._sources = sources
        self._utc_offset_s = utc_offset_s
        self._own = _Source(CLOCK_SOURCE)
        self._seen: dict[str, _Source] = {}
        self._began_ns = clock.monotonic_ns()
        self._master = self._own
        self._chosen = False

    def turn(self, alarms: Alarms, take_id: str | None, away: Callable[[str], bool]) -> ClocksNow:
        """Look at every source, tell what happened, and say how they are.

        Args:
            alarms: takes what a person must know.
            take_id: the take that rolls.
            away: whether the device of a source does not deliver, which is an alarm of its own.
        """
        now_ns = self._clock.monotonic_ns()
        self._look_at_own(now_ns)
        for name in dict.fromkeys([*self._order, *self._sources()]):
            slot = self._newest(name)
            if slot is not None:
                self._look_at(self._seen.setdefault(name, _Source(name)), slot, alarms, take_id)
        self._choose(now_ns, alarms, take_id)
        for source in self._seen.values():
            self._tell_stop(source, now_ns, alarms, take_id, away)
            self._compare(source, now_ns, alarms, take_id)
        self._compare_own(now_ns)
        names = dict.fromkeys([*self._order, *self._seen])
        told = [self._told(self._seen.get(name) or _Source(name), now_ns) for name in names]
        return ClocksNow(
            device=CLOCK_SOURCE, master=self._master.name, clocks=[*told, self._told(self._own, now_ns)], mono_ns=now_ns
        )

    # -- what each one says -------------------------------------------------------------------------------------------

    def _look_at(self, source: _Source, slot: TimecodeNow, alarms: Alarms, take_id: str | None) -> None:
        before = source.slot
        if before is not None:
            passed_ns = slot.mono_ns - before.mono_ns
            stands = slot.frames == before.frames and passed_ns > 2 * _NS / self._project.fps
            if passed_ns <= 0 or stands:  # a label that stands is no clock, whatever its device thinks of it
                return
        source.slot = slot
        silent_ns = 0 if before is None else slot.mono_ns - before.mono_ns
        steady = before is not None and before.mono_ns - source.began_ns >= _STEADY_NS
        if before is None or silent_ns > FRESH_NS:
            source.began_ns = slot.mono_ns
        source.unfit = label_of(slot, slot.mono_ns, self._project) is None
        if source.unfit or (before is not None and before.rate != slot.rate):
            source.fit.forget()
            source.jammed_ns = source.owed_ns = None
        if source.unfit:
            return
        own = rate(slot.rate)
        jump = source.fit.saw(int(slot.frames * _NS / own.fps), slot.mono_ns, own, polled=slot.polled)
        if jump is None:
            return
        was_jammed, source.jammed_ns = source.jammed_ns is not None, None
        source.began_ns = slot.mono_ns
        if not was_jammed and (silent_ns > FRESH_NS or not (steady or source.name in self._order)):
            return  # a deck whose timecode only runs while it records or plays begins elsewhere each time
        label = Timecode(slot.frames % own.frames_a_day, own)
        after = f" after {silent_ns / _NS:.0f} s of silence" if silent_ns > FRESH_NS else ""
        detail = (
            f"{safe_text(source.name)} jumped by {_frames(jump)}{after}: it shows {label} "
            f"where {label.later(-round(jump))} was due."
        )
        alarms.happened(source.name, _JUMP, detail, slot.mono_ns, take_id, rings=take_id is not None)
        if source is self._master:
            for other in self._seen.values():
                other.jammed_ns = None  # they are apart now, and it is no drift

    def _look_at_own(self, now_ns: int) -> None:
        """The machine's time of day, to the nanosecond. Its midnight is that of the wall, at any rate."""
        wall_ns = self._clock.wall_ns()
        offset_s = local_offset_s(wall_ns) if self._utc_offset_s is None else self._utc_offset_s
        label = time_of_day(wall_ns, self._project, offset_s)
        self._own.slot = TimecodeNow(source=CLOCK_SOURCE, frames=label.frames, rate=self._project.name, mono_ns=now_ns)
        self._own.fit.saw((wall_ns + offset_s * _NS) % (86_400 * _NS), now_ns, self._project)

    # -- the master ---------------------------------------------------------------------------------------------------

    def _choose(self, now_ns: int, alarms: Alarms, take_id: str | None) -> None:
        """Which source is the master, by the rule of `MasterClock`."""
        before = self._master if self._chosen else None
        candidates = (self._seen.get(name) for name in self._order)
        self._master = next((each for each in candidates if each and each.runs(now_ns)), self._own)
        if not self._order:
            return
        first, name = self._order[0], self._master.name
        self._chosen = self._chosen or name == first or now_ns - self._began_ns >= _STARTING_NS
        if not self._chosen:
            return
        if name == first:
            alarms.clear(first, {_MISSING, _RATE}, now_ns, "It is the master again.")
            return
        source = self._seen.get(first)
        if source is not None and source.slot is not None and source.unfit:
            at = f"runs at {safe_text(source.slot.rate)}, the production at {self._project.name}"
            alarms.clear(first, {_MISSING}, now_ns)
            alarms.stands(first, _RATE, f"{safe_text(first)} {at}; {safe_text(name)} stands in.", now_ns, take_id)
        else:
            heard = source is not None
            gone = f"The timecode of {safe_text(first)} {'stopped' if heard else 'has not been heard yet'}"
            alarms.clear(first, {_RATE}, now_ns)
            alarms.stands(first, _MISSING, f"{gone}; {safe_text(name)} stands in.", now_ns, take_id, rings=heard)
        if before is not None and before.name not in (name, first):
            detail = f"Timecode comes from {safe_text(name)} now, no longer from {safe_text(before.name)}."
            alarms.happened(name, _SOURCE, detail, now_ns, take_id)

    # -- each against the master --------------------------------------------------------------------------------------

    def _compare(self, source: _Source, now_ns: int, alarms: Alarms, take_id: str | None) -> None:
        master = self._master
        running = source.runs(now_ns)
        source.apart = None
        if source is master or source.jammed_to != master.name:
            if source.drifted:
                alarms.clear(source.name, {_DRIFT}, now_ns, f"{safe_text(master.name)} is the master now.")
            source.drifted, source.jammed_ns, source.jammed_to = False, None, master.name
        if source is master or not running or min(source.fit.readings, master.fit.readings) < _SURE:
            return
        apart = source.fit.ahead_of(master.fit, now_ns, self._project.fps)
        source.apart = apart
        if apart is None:
            return
        polled = any(each.slot is not None and each.slot.polled for each in (source, master))
        limits = _LIMITS[polled]
        if abs(apart) <= (limits[1] if source.drifted else limits[0]):
            if source.jammed_ns is None:
                source.jammed_ns = now_ns
            if source.drifted:
                source.drifted = False
                alarms.clear(source.name, {_DRIFT}, now_ns, "It agrees again.")
        elif source.jammed_ns is not None:
            hours = (now_ns - source.jammed_ns) / 3600 / _NS
            source.jammed_ns = None
            if master is self._own:
                return  # nobody jams to a laptop, whose own midnight is another one
            source.drifted = True
            pace = _between(source, master)
            at = "" if pace is None else f" ({pace:+.1f} ppm)"
            detail = (
                f"{safe_text(source.name)} has drifted {_frames(apart)} from {safe_text(master.name)} "
                f"in {hours:.1f} h{at}; jam it again."
            )
            alarms.stands(source.name, _DRIFT, detail, now_ns, take_id)

    def _compare_own(self, now_ns: int) -> None:
        """The machine's clock raises no alarm: nobody jams to it, and it is not jammed."""
        own, master = self._own, self._master
        own.apart = None if own is master else own.fit.ahead_of(master.fit, now_ns, self._project.fps)
        if own.apart is None or abs(own.apart) > _LIMITS[False][0]:
            own.jammed_ns = None
        elif own.jammed_ns is None:
            own.jammed_ns = now_ns

    def _tell_stop(
        self, source: _Source, now_ns: int, alarms: Alarms, take_id: str | None, away: Callable[[str], bool]
    ) -> None:
        """A clock that agreed with the master stops while that runs on; one that only runs now and then is no news.

        With its device away that is the device's alarm, and its own only if it is not heard once the device is back.
        """
        if source.runs(now_ns):
            source.owed_ns = None
            if source.stopped:
                source.stopped = False
                alarms.clear(source.name, {_STOPPED}, now_ns, "It runs again.")
            return
        if source.jammed_ns is not None and source.slot is not None:
            source.jammed_ns, source.owed_ns, source.owed_to = None, source.slot.mono_ns, source.jammed_to
        if source.owed_ns is None:
            return
        other = self._own if source.owed_to == CLOCK_SOURCE else self._seen[source.owed_to]
        if away(source.name) or not other.runs(now_ns):
            source.owed_ns = now_ns
        elif now_ns - source.owed_ns > FRESH_NS:
            since_ns, source.stopped, source.owed_ns = source.owed_ns, True, None
            name, agreed = safe_text(source.name), safe_text(other.name)
            detail = f"The timecode of {name} stopped; {agreed}, with which it agreed, runs on."
            alarms.stands(source.name, _STOPPED, detail, since_ns, take_id, rings=False)

    # -- what is shown ------------------------------------------------------------------------------------------------

    def _told(self, source: _Source, now_ns: int) -> ClockNow:
        slot, state = source.slot, self._state(source, now_ns)
        label = None
        if slot is not None and state not in ("stopped", "not heard"):
            shown = RATES.get(slot.rate) if source.unfit else self._project
            label = None if shown is None else label_of(slot, now_ns, shown)
        wall_ns = self._clock.wall_ns() - now_ns
        return ClockNow(
            source=source.name,
            state=state,
            tc=None if label is None else str(label),
            rate=None if slot is None else slot.rate,
            ppm=_rounded(source.fit.ppm),
            drift_ppm=None if state == "master" else _rounded(_between(source, self._master)),
            apart_frames=_rounded(source.apart),
            jammed_ns=wall_ns + source.jammed_ns if state == "jammed" and source.jammed_ns is not None else None,
            heard_ns=None if slot is None else wall_ns + slot.mono_ns,
            user="" if slot is None else slot.user,
        )

    def _state(
        self, source: _Source, now_ns: int
    ) -> Literal["master", "jammed", "free", "other rate", "stopped", "not heard"]:
        if source.slot is None:
            return "not heard"
        if now_ns - source.slot.mono_ns > FRESH_NS:
            return "stopped"
        if source.unfit:
            return "other rate"
        if source is self._master:
            return "master"
        return "free" if source.jammed_ns is None else "jammed"


def _between(one: _Source, other: _Source) -> float | None:
    """How much faster one runs than the other, in parts of a million; None while that cannot be told."""
    return None if one.fit.ppm is None or other.fit.ppm is None else one.fit.ppm - other.fit.ppm


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 2)


def _frames(frames: float) -> str:
    """`+0.6 frames`, `-12 frames`."""
    return f"{frames:+,.{0 if abs(frames) >= 10 else 1}f} frames"
