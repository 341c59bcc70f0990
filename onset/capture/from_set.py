"""Rolls and cuts that come from the set: a deck's lamp, a trigger line, timecode that starts to run.

Used by session.py, which hands in what devices say and what rolls. Who says what, and what follows:

| nothing rolls, a device begins | it is proposed on every board; where it may, it rolls the board's take itself |
| a take rolls, a device begins | it confirms the take; never a second roll |
| the last device of a take ends | a take that a device rolled is cut; the cut of another is proposed |
| what was so when a device was first heard | never starts or cuts anything by itself |

A lamp must be steady for a moment before anything follows, and what follows carries the moment of the lamp.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from onset.capture.alarms import AlarmList
from onset.capture.decks import Followers
from onset.capture.set_facts import ClipSaid, CutBy, MarkedBy, RolledBy, SetFact
from onset.capture.set_rules import Rule
from onset.capture.signals import SERVICE, Proposal, Proposed, Sign, Slot
from onset.capture.station import Station
from onset.clock import Clock
from onset.domain.take import Stamp, Take
from onset.errors import CaptureError

_NS = 1_000_000_000
_ON_NS = _NS // 5  # a lamp that flickers starts nothing
_OFF_NS = _NS // 2
_JUST_CUT_NS = 3 * _NS // 2  # a deck that began so soon after a cut was late for the take before it
_ROLL_SEEN_NS = 5 * _NS  # a roll that is not in the log by then was refused, or its disk is slow


@dataclass(slots=True)
class _Lamp:
    """A device that says that it records."""

    sign: Sign
    decided: bool = False  # nothing new follows from it
    tried: bool = False  # a roll was written for it


@dataclass(slots=True)
class _Clip:
    """What a device recorded last: the takes in it, more than one where it ran on between them, and its name."""

    take_ids: list[str] = field(default_factory=list)
    told: str = ""


@dataclass(slots=True)
class _Out:
    """A device of a rolling take that has stopped."""

    mono_ns: int
    unseen: bool  # nobody knows when: it was away, or was heard for the first time


@dataclass(slots=True)
class _Rolling:
    """A take that rolls, with the devices that record it."""

    take: Take
    on: set[str] = field(default_factory=set)
    out: dict[str, _Out] = field(default_factory=dict)
    ever: set[str] = field(default_factory=set)
    cut_sent: bool = False


class FromSet:
    """One thread only.

    Attributes:
        proposals: what stands for a person to accept, oldest first.
    """

    def __init__(
        self,
        rules: Mapping[str, Rule],
        clock: Clock,
        *,
        moment: Callable[[int], Stamp],
        unit_of: Callable[[str], str],
        write: Callable[[SetFact], None],
        publish: Callable[[Slot], None],
    ) -> None:
        """Nothing is known yet.

        Args:
            rules: by device.
            clock: all times.
            moment: the stamp of a moment of the monotonic clock.
            unit_of: the unit that shoots with this camera.
            write: takes the facts.
            publish: puts the proposals on the live bus, at each change and once a second.
        """
        self._rules = rules
        self._clock = clock
        self._moment = moment
        self._unit_of = unit_of
        self._write = write
        self._publish = publish
        self._shown_ns = 0
        self._followers: Followers | None = None
        self._lamps: dict[str, _Lamp] = {}
        self._away: set[str] = set()
        self._rolling: dict[str, _Rolling] = {}
        self._asked: dict[str, int] = {}  # unit: when its roll was written, until it is seen in the log
        self._last: dict[str, _Clip] = {}
        self._cut_ns: dict[str, int] = {}
        self.proposals: list[Proposal] = []

    def lead(self, stations: Mapping[str, Station], alarms: AlarmList) -> None:
        """Tell those of these devices that follow to record what rolls."""
        self._followers = Followers(stations, self._rules, self._clock, unit_of=self._unit_of, alarms=alarms)

    # -- what is said -------------------------------------------------------------------------------------------------

    def went(self, device: str) -> None:
        """Nobody knows what the device does; its lamp is taken to be as it was."""
        self._away.add(device)

    def heard(self, sign: Sign) -> None:
        """A device says something of rolling."""
        name = f"{sign.device}.ltc" if sign.what in ("running", "standing") else sign.device
        if name not in self._rules:
            return
        match sign.what:
            case "record" | "running":
                self._lit(name, sign)
            case "stop" | "standing":
                self._went_out(name, sign)
            case "named":
                self._name(name, sign.clip)
            case "mark":
                for each in self._rolling.values():
                    if each.take.unit == self._unit_of(self._rules[name].camera):
                        self._write(MarkedBy(name, each.take.id, self._moment(sign.mono_ns)))
        self._away.discard(sign.device)

    def _lit(self, name: str, sign: Sign) -> None:
        before = self._lamps.get(name)
        if before is not None and sign.at_first:  # it came back, and records as it did
            return
        decided = False
        for each in self._rolling.values():
            if each.out.pop(name, None) is not None:  # it flickered
                each.on.add(name)
                decided = True
        if not decided:
            self._last.pop(name, None)  # what it records now is of no take yet
        self._lamps[name] = _Lamp(sign, decided)

    def _went_out(self, name: str, sign: Sign) -> None:
        lamp = self._lamps.pop(name, None)
        unseen = sign.at_first or sign.device in self._away
        for each in self._rolling.values():
            if name in each.on:
                each.on.discard(name)
                each.out[name] = _Out(sign.mono_ns, unseen)
        if lamp is not None and sign.clip:
            self._name(name, sign.clip)

    def _name(self, name: str, clip: str) -> None:
        """The clip's name became known: it is that of the takes in it."""
        last = self._last.get(name)
        if last is not None and clip and clip != last.told:
            before, last.told = last.told, clip
            camera, now_ns = self._rules[name].camera, self._clock.wall_ns()
            for take_id in last.take_ids:
                self._write(ClipSaid(name, take_id, camera, clip, None, None, now_ns, before=before))

    # -- what rolls ---------------------------------------------------------------------------------------------------

    def rolls(self, takes: Collection[Take]) -> None:
        """What rolls in the log at this moment."""
        now = {take.id: take for take in takes}
        for take_id in [each for each in self._rolling if each not in now]:
            unit = self._rolling.pop(take_id).take.unit
            self._cut_ns[unit] = self._clock.monotonic_ns()
            for name, lamp in self._lamps.items():
                if self._unit_of(self._rules[name].camera) == unit:
                    lamp.decided = True  # what records on past a cut begins nothing new
        for take in now.values():
            if take.id in self._rolling:
                self._rolling[take.id].take = take
                continue
            self._rolling[take.id] = _Rolling(take)
            self._asked.pop(take.unit, None)
        if self._followers is not None:
            self._followers.rolls(now.values(), self._lamps)

    def tick(self) -> None:
        """Let follow what has been steady for long enough."""
        now_ns = self._clock.monotonic_ns()
        self._asked = {unit: at for unit, at in self._asked.items() if now_ns - at < _ROLL_SEEN_NS}
        stands: list[Proposal] = []
        for name, lamp in self._lamps.items():
            if now_ns - lamp.sign.mono_ns >= _ON_NS:
                stands += self._begin(name, lamp, now_ns)
        for each in self._rolling.values():
            stands += self._end(each, now_ns)
        stands.sort(key=lambda proposal: (proposal.mono_ns, proposal.device))
        if stands != self.proposals or now_ns - self._shown_ns >= _NS:
            self.proposals, self._shown_ns = stands, now_ns
            with contextlib.suppress(CaptureError):  # no bus: `status` says the same
                self._publish(Proposed(device=SERVICE, proposals=stands, mono_ns=now_ns))
        if self._followers is not None:
            self._followers.tick(self._lamps)

    def _begin(self, name: str, lamp: _Lamp, now_ns: int) -> list[Proposal]:
        rule, sign = self._rules[name], lamp.sign
        unit = self._unit_of(rule.camera)
        rolling = next((each for each in self._rolling.values() if each.take.unit == unit), None)
        if rolling is not None:
            if name not in rolling.ever:
                self._join(name, lamp, rolling)
            return []
        if lamp.decided or rule.roll == "off" or unit in self._asked or sign.device in self._away:
            return []  # nobody knows what a device does that is away
        cut_ns = self._cut_ns.get(unit)
        late = cut_ns is not None and sign.mono_ns - cut_ns < _JUST_CUT_NS
        if rule.roll == "start" and not sign.at_first and not late and not lamp.tried:
            self._asked[unit], lamp.tried = now_ns, True
            self._write(RolledBy(name, unit, self._moment(sign.mono_ns)))
            return []
        return [Proposal(device=name, what="roll", unit=unit, mono_ns=sign.mono_ns)]

    def _join(self, name: str, lamp: _Lamp, rolling: _Rolling) -> None:
        """It records this take."""
        rolling.ever.add(name)
        rule, sign, take = self._rules[name], lamp.sign, rolling.take
        if not rule.follows:
            rolling.on.add(name)
        if sign.what == "record":
            last = self._last.setdefault(name, _Clip())
            last.take_ids.append(take.id)
            last.told = last.told or sign.clip
            if last.told or sign.tc:
                wall_ns = self._moment(sign.mono_ns).wall_ns
                self._write(ClipSaid(name, take.id, rule.camera, last.told, sign.tc, sign.rate, wall_ns))

    def _end(self, rolling: _Rolling, now_ns: int) -> list[Proposal]:
        """The last of its devices has stopped."""
        if rolling.on or not rolling.out or rolling.cut_sent:
            return []
        name, out = max(rolling.out.items(), key=lambda item: item[1].mono_ns)
        if now_ns - out.mono_ns < _OFF_NS:
            return []
        take = rolling.take
        if not out.unseen and (take.rolled_by or self._rules[name].cuts):
            rolling.cut_sent = True
            self._write(CutBy(name, take.id, self._moment(out.mono_ns)))
            return []
        return [Proposal(device=name, what="cut", unit=take.unit, mono_ns=out.mono_ns, take_id=take.id)]
