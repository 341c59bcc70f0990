"""Matching by itself while the app is open: in idle moments, on the thread aside, written as one short edit.

Used by the app. Another seat that does so at the same time finds nothing left to write, because a match gives the same
links whoever makes it; what cannot be seen from here (an import in a shell) matches for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Coroutine, Sequence
from functools import partial
from typing import TYPE_CHECKING

from onset.errors import OnsetError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import LoggedChange
from tui.hand import Hand
from tui.messages import Moved

if TYPE_CHECKING:
    from onset.match.solve import Matcher

IDLE_NS = 1_000_000_000  # so long nothing that a match depends on has moved
LOOK_S = 0.25
_MATTERS = frozenset({"take", "angle", "clip", "sound", "sound_take", "claim", "link"})
# What is said of a take changes no link.
_SAID = frozenset({"status", "status_reason", "description", "tail_slate"})


class Matching:
    """Waits for a quiet moment, then brings the links of the days that moved up to date."""

    def __init__(self, hand: Hand, start: Callable[[Coroutine[None, None, None]], object]) -> None:
        """`start` runs a coroutine beside the event loop's other work."""
        self._hand = hand
        self._start = start
        self._days: set[int] = set()
        self._media_moved = True  # when the app opens: whoever wrote last may not have matched
        self._moved_ns = hand.deps.clock.monotonic_ns()
        self._busy = False
        self._seat: str | None = None
        self.written = 0

    def log_moved(self, moved: Moved) -> None:
        """Remember what has to be matched again."""
        mattering = [each for each in moved.changes if each.seat != self._seat and _matters(each)]
        if not mattering:
            return
        self._moved_ns = self._hand.deps.clock.monotonic_ns()
        self._days |= {take.day for take in moved.takes.values() if take is not None} | {moved.board.day}
        self._media_moved |= moved.anew or any(_is_media(each) for each in mattering)

    @property
    def _moved(self) -> bool:
        return bool(self._days) or self._media_moved

    @property
    def waiting(self) -> bool:
        """Something is to be matched, or is being matched."""
        return self._moved or self._busy

    def look(self) -> None:
        """Begin when there is something to do and nobody is waited for; asked a few times a second."""
        quiet = self._hand.deps.clock.monotonic_ns() - self._moved_ns >= IDLE_NS
        if self._moved and quiet and not self._busy and self._hand.idle and self._hand.aside.apart:
            self._busy = True
            days, every = frozenset(self._days), self._media_moved
            self._days, self._media_moved = set(), False
            self._start(self._match(days, every))

    async def _match(self, days: Collection[int], every: bool) -> None:
        try:
            self.written += await self._hand.aside.ask(partial(self._bring_up, days=days, every=every))
        except OnsetError as error:
            self._hand.alarm(f"Files are not matched to takes: {error}")
        finally:
            self._busy = False

    def _bring_up(self, log: Logbook, matcher: Callable[[int], Matcher], days: Collection[int], every: bool) -> int:
        """On the thread aside: match these days, and where media came, the days that they came for."""
        if log.read_only is not None:
            return 0
        unit = self._hand.deps.unit
        self._seat = log.seat.id
        known = [day.number for day in log.days(unit)]
        wanted = [day for day in known if (every or day in days) and _foreign(log, unit, day)]
        if not wanted:
            return 0
        from onset.reconcile.day import bring_up_to_date

        return sum(bring_up_to_date(log, unit, day, matcher(day)) for day in wanted)


def _matters(change: LoggedChange) -> bool:
    if change.entity == "link":  # what another seat matched is known here already; what a person decided is not
        return change.field == "decided_by"
    return change.entity in _MATTERS and not (change.entity == "take" and change.field in _SAID)


def _is_media(change: LoggedChange) -> bool:
    return change.entity in ("clip", "sound", "claim")


def _foreign(log: Logbook, unit: str, day: int) -> Sequence[object]:
    """Files that are not our recorders', and reports: without them there is nothing to match."""
    return log.media(unit=unit, day=day) or log.claims(unit=unit, day=day)
