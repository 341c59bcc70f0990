"""The day's totals: setups, takes, circled, and how long the circled ones run. Kept up to date take by take."""

from __future__ import annotations

from collections.abc import Iterable

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

    def text(self) -> str:
        """One line."""
        takes = self._takes.values()
        shot = shot_in(takes)
        circled = [take for take in takes if take.kind not in APART and take.status is Status.CIRCLED]
        seconds = sum(
            float(take.frame_rate.seconds_for(take.timing_frames))
            for take in circled
            if take.state is not State.ROLLING and take.timing_frames is not None
        )
        parts = [
            f"day {self.day}",
            f"setups {shot.setups}",
            f"takes {shot.takes}",
            f"circled {shot.circled}",
            f"circled time {int(seconds) // 60}:{int(seconds) % 60:02d}",
        ]
        if shot.wild_tracks:
            parts.append(f"wild tracks {shot.wild_tracks}")
        open_ones = sum(take.state is State.INTERRUPTED for take in takes)
        if open_ones:
            parts.append(f"interrupted {open_ones}")
        return "  ".join(parts)
