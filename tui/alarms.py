"""Alarms of the shooting day that nobody has acknowledged at this seat: one line on every screen.

Used by the hand, which reads them when the feed brings an event, and by every screen. What a seat has seen is kept with
its drafts, so that an app that is opened again does not ring twice for one thing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence

from onset.capture.signals import SERVICE, AlarmNow
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event

SEEN = "alarms seen"  # key of `Logbook.draft`
SERVICE_GONE = "The capture service is gone: nothing is recorded. It is started again on Devices."
MANY = 500  # events that are looked through; a day has a few dozen
_Name = tuple[int, str, str, str]


def read_alarms(log: Logbook, unit: str, today_ns: int) -> tuple[Event, ...]:
    """Alarms of the shooting day that are not over, oldest first.

    Args:
        log: of this thread.
        unit: whose shooting day.
        today_ns: the beginning of the date, for a unit that has no day yet.
    """
    happened = log.events(limit=MANY)
    known = {event.id for event in happened}
    long = [event for event in reversed(log.alarms()) if event.id not in known]  # began many events ago
    happened = [*happened, *long]
    if not any(event.alarm and not event.passed for event in happened):
        return ()
    from onset.reconcile.sight import midnight_ns
    from onset.reconcile.unreadable import standing_alarms

    days = log.days(unit)
    since_ns = midnight_ns(days[-1].date) if days else today_ns
    return tuple(event for event in reversed(standing_alarms(happened)) if (event.last_ns or event.wall_ns) >= since_ns)


class Alarms:
    """What rings at this seat."""

    def __init__(self, keep: Callable[[str, str | None], None]) -> None:
        """`keep` puts a text under a key of the log without waiting for the disk."""
        self._keep = keep
        self._seen: set[_Name] = set()
        self._all: tuple[Event, ...] = ()
        self._own: dict[str, Event] = {}
        self._live: tuple[Event, ...] = ()

    def load(self, kept: str | None) -> None:
        """Take what the log had; what another version kept differently counts as not seen."""
        try:
            self._seen = {(int(ns), str(a), str(b), str(c)) for ns, a, b, c in json.loads(kept or "[]")}
        except (ValueError, TypeError):
            self._seen = set()

    def hear(self, found: Sequence[Event]) -> None:
        """These alarms stand."""
        self._all = tuple(found)

    def hear_live(self, standing: Sequence[AlarmNow] | None) -> bool:
        """What the capture service says that stands, on the live bus; whether that is news.

        The log says the same, but may be late or impossible to write.

        Args:
            standing: None where no service is heard.
        """
        live = tuple(
            Event(
                wall_ns=one.since_ns,
                device=one.device,
                what=one.what,
                detail=one.detail,
                alarm=True,
                last_ns=one.since_ns,
                count=one.count,
            )
            for one in standing or ()
            if one.rings
        )
        news = live != self._live
        self._live = live
        return news

    def hear_of_disk(self, sentence: str | None, wall_ns: int) -> bool:
        """What is the matter with the log's disk now, which no log can tell; whether that is news."""
        return self._hear_own("log", "disk", sentence, wall_ns)

    def hear_of_service(self, gone: bool, wall_ns: int) -> bool:
        """Whether a capture service that was there is gone, which it cannot say itself; whether that is news."""
        return self._hear_own(SERVICE, "gone", SERVICE_GONE if gone else None, wall_ns)

    def _hear_own(self, device: str, what: str, sentence: str | None, wall_ns: int) -> bool:
        before = self._own.pop(what, None)
        if before is not None and before.detail == sentence:
            self._own[what] = before
            return False
        if sentence:
            self._own[what] = Event(wall_ns=wall_ns, device=device, what=what, detail=sentence, alarm=True)
        return bool(sentence) or before is not None

    @property
    def ringing(self) -> tuple[Event, ...]:
        """Those that nobody acknowledged here, oldest first; last what concerns the log itself."""
        return tuple(event for event in self._standing if _name(event) not in self._seen)

    @property
    def _standing(self) -> list[Event]:
        """All that is known, each once."""
        known = {_name(event)[:3] for event in self._all}
        unwritten = [event for event in self._live if _name(event)[:3] not in known]
        return [*self._all, *unwritten, *self._own.values()]

    @property
    def sentence(self) -> str:
        """The newest in words; empty when nothing rings."""
        ringing = self.ringing
        return (ringing[-1].detail or f"{ringing[-1].device}: {ringing[-1].what}") if ringing else ""

    def acknowledge(self) -> Event | None:
        """The newest was seen; the one before it comes up. None when nothing rang."""
        ringing = self.ringing
        if not ringing:
            return None
        standing = {_name(event) for event in self._standing}
        self._seen = (self._seen & standing) | {_name(ringing[-1])}
        self._keep(SEEN, json.dumps(sorted(self._seen)))
        return ringing[-1]


def _name(event: Event) -> _Name:
    """What was seen. One that lasts may say more in time and is the same; one that comes twice as often rings again."""
    lasts = event.last_ns is not None
    return (event.wall_ns, event.device, event.what, f"{event.count.bit_length()}" if lasts else event.detail)
