"""The day's totals: setups, takes, circled, and how long the circled ones run. Kept up to date take by take."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction

from onset.domain.take import State, Status, Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import TakeFilter
from onset.logbook.totals import APART, shot_in


def read_tally(log: Logbook, unit: str, day: int) -> DayTally:
    """A day counted from the start."""
    return DayTally(day, log.takes(TakeFilter(unit=unit, day=day, limit=None)))


class DayTally:
    """Counts the takes of one shooting day; a take that changes costs the same however many there are."""

    def __init__(self, day: int | None = None, takes: Iterable[Take] = ()) -> None:
        """Count these takes; `day` is None while nothing was read."""
        self.day = day
        self._takes: dict[str, Take] = {}
        self._counts: Counter[str] = Counter()
        self._setups: Counter[tuple[str, str | None, str]] = Counter()  # how many takes of each count
        self._circled_s = Fraction(0)
        for take in takes:
            self.put(take)

    def put(self, take: Take) -> None:
        """A take as it is now."""
        before = self._takes.pop(take.id, None)
        if before is not None:
            self._count(before, -1)
        if not take.deleted and take.day == self.day:
            self._takes[take.id] = take
            self._count(take, 1)

    def _count(self, take: Take, by: int) -> None:
        shot = shot_in((take,))
        self._setups[take.unit, take.episode, take.slate] += shot.setups * by
        counts = {
            "takes": shot.takes,
            "circled": shot.circled,
            "wild tracks": shot.wild_tracks,
            "interrupted": int(take.state is State.INTERRUPTED),
        }
        self._counts.update({name: count * by for name, count in counts.items()})
        self._circled_s += _circled_s(take) * by

    def parts(self) -> list[Part]:
        """The day's numbers, each with how soon it gives way to the others."""
        counts, seconds = self._counts, int(self._circled_s)
        parts = [
            Part(f"day {self.day}", 2),  # the heading has it too
            Part(f"setups {sum(count > 0 for count in self._setups.values())}"),
            Part(f"takes {counts['takes']}"),
            Part(f"circled {counts['circled']}"),
            Part(f"circled time {seconds // 60}:{seconds % 60:02d}", 4),
        ]
        if counts["wild tracks"]:
            parts.append(Part(f"wild tracks {counts['wild tracks']}", 3))
        if counts["interrupted"]:
            parts.append(Part(f"interrupted {counts['interrupted']}"))
        return parts


def _circled_s(take: Take) -> Fraction:
    """Seconds that a take adds to those of the circled ones."""
    frames = take.timing_frames
    if frames is None or take.state is State.ROLLING or take.kind in APART or take.status is not Status.CIRCLED:
        return Fraction(0)
    return take.frame_rate.seconds_for(frames)


@dataclass(frozen=True, slots=True)
class Part:
    """Some words of a line; the greater `gives_way`, the sooner they are left out where there is no room; 0: never."""

    text: str
    gives_way: int = 0


def fitted(parts: Sequence[Part], width: int) -> str:
    """As many of the parts as there is room for, in their order.

    >>> fitted([Part("day 3", 1), Part("takes 12"), Part("time 6:12", 2)], 18)
    'day 3  takes 12'
    """
    kept = list(parts)
    while sum(len(each.text) + 2 for each in kept) - 2 > width:
        least = max(kept, key=lambda each: each.gives_way)
        if not least.gives_way:
            break
        kept.remove(least)
    return "  ".join(each.text for each in kept)
