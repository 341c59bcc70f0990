"""The day's totals: setups, takes, circled, and how long the circled ones run. Kept up to date take by take."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onset.domain.take import State, Status, Take
from onset.logbook.totals import APART, shot_in


class DayTally:
    """Counts the takes of one shooting day."""

    def __init__(self) -> None:
        self.day: int | None = None
        self._takes: dict[str, Take] = {}

    def begin(self, day: int, takes: Iterable[Take]) -> None:
        """Count another day."""
        self.day = day
        self._takes = {take.id: take for take in takes}

    def put(self, take: Take) -> None:
        """A take as it is now."""
        if take.deleted or take.day != self.day:
            self._takes.pop(take.id, None)
        else:
            self._takes[take.id] = take

    def parts(self) -> list[Part]:
        """The day's numbers, each with how soon it gives way to the others."""
        takes = self._takes.values()
        shot = shot_in(takes)
        circled = [take for take in takes if take.kind not in APART and take.status is Status.CIRCLED]
        seconds = sum(
            float(take.frame_rate.seconds_for(take.timing_frames))
            for take in circled
            if take.state is not State.ROLLING and take.timing_frames is not None
        )
        parts = [
            Part(f"day {self.day}", 2),  # the heading has it too
            Part(f"setups {shot.setups}"),
            Part(f"takes {shot.takes}"),
            Part(f"circled {shot.circled}"),
            Part(f"circled time {int(seconds) // 60}:{int(seconds) % 60:02d}", 4),
        ]
        if shot.wild_tracks:
            parts.append(Part(f"wild tracks {shot.wild_tracks}", 3))
        open_ones = sum(take.state is State.INTERRUPTED for take in takes)
        if open_ones:
            parts.append(Part(f"interrupted {open_ones}"))
        return parts


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
