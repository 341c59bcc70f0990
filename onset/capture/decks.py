"""Decks and lamps that follow: each is told to record when a take rolls, and to stop after the post-roll.

Used by from_set.py. A deck that refuses is told to the set at once; the take goes on without it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from onset.capture.alarms import AlarmList
from onset.capture.health import UP
from onset.capture.set_rules import Rule
from onset.capture.station import Station
from onset.clock import Clock
from onset.domain.take import Take
from onset.errors import OnsetError
from onset.logbook.protocol import Logbook
from onset.text import safe_text

DEAF = "does not record"  # what of the alarms
STUCK = "does not stop"
_NS = 1_000_000_000
_AGAIN_NS = 5 * _NS
_DARK_NS = 2 * _NS  # a lamp comes some frames after the order
_UNITS_NS = 2 * _NS
_NO_NAME = re.compile(r"[^A-Za-z0-9_+-]+")  # of a clip on a deck: its medium may be exFAT, and its protocol has blanks
_LONGEST = 60


def clip_name(take: Take, device: str) -> str:
    """What a deck is told to call its clip.

    >>> from types import SimpleNamespace as Any
    >>> clip_name(Any(slate="42 C", take="3/2"), "DECK")
    '42_C-3_2_DECK'
    """
    return _NO_NAME.sub("_", f"{take.slate}-{take.take}_{device}")[:_LONGEST]


class UnitOf:
    """Which unit shoots with a camera: the one whose board has it, else the first."""

    def __init__(self, logbook: Logbook, clock: Clock) -> None:
        """The log is asked at most every two seconds; while it cannot be read, what it said before counts."""
        self._logbook = logbook
        self._clock = clock
        self._read_ns: int | None = None
        self._first = "Main"
        self._units: dict[str, str] = {}

    def __call__(self, camera: str) -> str:
        """The unit's name."""
        now_ns = self._clock.monotonic_ns()
        if self._read_ns is None or now_ns - self._read_ns >= _UNITS_NS:
            self._read_ns = now_ns
            try:
                names = [unit.name for unit in self._logbook.units()]
                boards = [(name, self._logbook.board(name)) for name in names]
                self._units = {each.camera: name for name, board in reversed(boards) for each in board.cameras}
                self._first = names[0] if names else self._first
            except OnsetError:
                pass  # the session tells of a log that cannot be read
        return self._units.get(camera, self._first)


@dataclass(slots=True)
class _Follower:
    """A deck that follows.

    `take` rolls, or rolled until `stop_ns`; `busy` while an order is on its way.
    """

    station: Station
    camera: str
    postroll_ns: int
    lights: bool = False  # only a lamp of it follows: whether it says that something records is another matter
    take: Take | None = None
    stop_ns: int | None = None
    busy: bool = False
    told: bool = False  # it was told to record this take, and said that it does
    asked_ns: int = 0
    dark_ns: int | None = None  # since when the lamp of one that was told is off
    stuck: bool = False  # it was told to stop, and did not
    since_ns: int = 0  # it is to record since


class Followers:
    """One thread only."""

    def __init__(
        self,
        stations: Mapping[str, Station],
        rules: Mapping[str, Rule],
        clock: Clock,
        *,
        unit_of: Callable[[str], str],
        alarms: AlarmList,
    ) -> None:
        """Nobody is told anything yet.

        Args:
            stations: all devices.
            rules: say which devices follow, and which camera each records.
            clock: all times.
            unit_of: the unit that shoots with a camera.
            alarms: hears of a deck that does not do it.
        """
        self._clock = clock
        self._unit_of = unit_of
        self._alarms = alarms
        self._decks = {
            name: _Follower(stations[name], rule.camera, round(stations[name].setup.postroll_s * _NS), rule.lights)
            for name, rule in rules.items()
            if (rule.follows or rule.lights) and name in stations
        }

    def rolls(self, takes: Collection[Take], lit: Collection[str]) -> None:
        """What rolls in the log now; `lit` are the devices whose lamps are on."""
        for name, deck in self._decks.items():
            unit = self._unit_of(deck.camera)
            take = next((each for each in takes if each.unit == unit), None)
            if take is None:
                if deck.take is not None and deck.stop_ns is None:
                    deck.stop_ns = self._clock.monotonic_ns() + deck.postroll_ns
            elif deck.take is not None and deck.take.id == take.id:
                deck.stop_ns = None  # its cut was undone
            else:
                runs_on = deck.take is not None and deck.told and name in lit and not deck.lights
                deck.take, deck.stop_ns, deck.told, deck.asked_ns, deck.dark_ns = take, None, False, 0, None
                deck.since_ns = self._clock.monotonic_ns()
                if runs_on:  # still in the post-roll of the take before: that clip ends, and a new one begins
                    self._order(name, deck, "stop", take)

    def tick(self, lit: Collection[str]) -> None:
        """Tell each deck what is due."""
        now_ns = self._clock.monotonic_ns()
        for name, deck in self._decks.items():
            if deck.stuck and not deck.lights and name not in lit:
                deck.stuck = False
                self._alarms.clear(name, {STUCK}, now_ns, "It has stopped.")
            take = deck.take
            if take is None or deck.busy:
                continue
            if deck.stop_ns is not None:
                if now_ns >= deck.stop_ns:
                    deck.take, deck.stop_ns = None, None
                    self._over(name, take)
                    if deck.told and (deck.lights or name in lit):
                        self._order(name, deck, "stop", take)
            elif deck.told:
                if not deck.lights:
                    self._watch(name, deck, take, now_ns, lit=name in lit)
            elif (deck.lights or name not in lit) and self._due(deck, now_ns):
                # Where its lamp is on already, somebody was quicker at the deck itself, and will stop it himself.
                deck.asked_ns = now_ns
                self._order(name, deck, "record", take)

    def _watch(self, name: str, deck: _Follower, take: Take, now_ns: int, *, lit: bool) -> None:
        """One that records may be stopped by its own button, or a medium that is full: that is a person's matter."""
        if lit:
            if deck.dark_ns is not None:
                self._over(name, take, "It records again.")
            deck.dark_ns = None
            return
        deck.dark_ns = deck.dark_ns or now_ns
        if now_ns - deck.dark_ns >= _DARK_NS:
            detail = f"{name} does not record any more, and {safe_text(take.label)} rolls."
            self._alarms.stands(name, DEAF, detail, now_ns, take.id)

    def _due(self, deck: _Follower, now_ns: int) -> bool:
        """At once, or when it is connected; one that refused, or was away, is told again when it is there."""
        if not deck.asked_ns:
            return deck.station.now.state != "connecting" or now_ns - deck.since_ns >= _AGAIN_NS
        return now_ns - deck.asked_ns >= _AGAIN_NS and deck.station.now.state in UP

    def _order(self, name: str, deck: _Follower, what: str, take: Take) -> None:
        deck.busy = True

        def reply(ok: bool, value: str) -> None:
            deck.busy = False
            now_ns = self._clock.monotonic_ns()
            if what == "stop":
                deck.stuck = not ok
            if not ok:
                self._alarms.stands(name, DEAF if what == "record" else STUCK, value, now_ns, take.id)
            elif what == "record":
                deck.told = deck.take is not None and deck.take.id == take.id
                self._over(name, take, value)
            else:
                self._alarms.clear(name, {STUCK}, now_ns, value)

        deck.station.ask(what, {"clip": clip_name(take, name)} if what == "record" else {}, reply)

    def _over(self, name: str, take: Take, detail: str = "") -> None:
        self._alarms.clear(name, {DEAF}, self._clock.monotonic_ns(), detail or f"{safe_text(take.label)} was cut.")
