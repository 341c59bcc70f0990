"""The script on a shooting day, and what was credited of it until then: what the progress report reckons with.

Used by `progress_day.py`. How much of the script there was when the day began is not kept anywhere: it is today's
script with the changes since taken back.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Protocol

from onset.domain.credit import Credit, Owed
from onset.domain.note import AnchoredNote
from onset.domain.production import Day, DayStamp, Person
from onset.domain.scene import Coverage, Scene, scene_label
from onset.domain.take import Take
from onset.logbook.days import known_zone
from onset.logbook.terms import LoggedChange, NoteFilter
from onset.logbook.totals import Extent, Totals, extent_of, roots
from onset.reports.day import DayBook

_CHANGES = 100_000  # of a field since a day began: more than anybody types


class ProgressBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def people(self) -> Sequence[Person]: ...

    def day_stamps(self, day: int, *, unit: str = "Main") -> Sequence[DayStamp]: ...

    def scenes(self) -> Sequence[Scene]: ...

    def credits(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Credit]: ...

    def owed(self, *, every: bool = False) -> Sequence[Owed]: ...

    def totals(self, *, unit: str = "Main", day: int | None = None, all_units: bool = False) -> Totals: ...

    def take(self, take_id: str) -> Take | None: ...

    def notes(self, wanted: NoteFilter = ...) -> Sequence[AnchoredNote]: ...

    def history(
        self, *, limit: int = 200, field: str | None = None, since_ns: int | None = None
    ) -> Sequence[LoggedChange]: ...


class ScriptSoFar:
    """The script and what was credited of it until a day's end."""

    def __init__(self, logbook: ProgressBook, unit: str, day: Day) -> None:
        self.unit = unit
        self.scenes = logbook.scenes()
        self._root = roots(self.scenes)
        self.named = {scene.label: scene for scene in self.scenes}
        dates = {(each.name, one.number): one.date for each in logbook.units() for one in logbook.days(each.name)}
        self.credits = [
            one
            for one in logbook.credits()
            if (one.day <= day.number if one.unit == unit else dates.get((one.unit, one.day), "9") <= day.date)
        ]
        self.today = [one for one in self.credits if (one.unit, one.day) == (unit, day.number)]
        self.complete = self.complete_in(self.credits)
        self.complete_before = self.complete_in(
            one for one in self.credits if (one.unit, one.day) != (unit, day.number)
        )
        self.before = self._extent_before(logbook, _begin_ns(logbook, unit, day))

    def root(self, scene_id: str) -> str:
        """The scene that it began as."""
        return self._root.get(scene_id, scene_id)

    def root_of(self, number: str, episode: str | None) -> str:
        """The same of a scene by its number; its label where the script has no such scene."""
        label = scene_label(number, episode)
        return self.root(self.named[label].id) if label in self.named else label

    def complete_in(self, credits: Iterable[Credit]) -> frozenset[str]:
        """Roots of the scenes that these credits call complete."""
        return frozenset(self.root(one.scene_id) for one in credits if one.state is Coverage.COMPLETE)

    def seconds(self, root: str) -> int | None:
        """Screen time credited of a scene to date; None: nobody said any."""
        said = [one.seconds for one in self.credits if self.root(one.scene_id) == root and one.seconds is not None]
        return sum(said) if said else None

    def estimated(self, *, open_only: bool) -> bool:
        """Whether a program estimated pages of the script, or of what remains."""
        return any(
            scene.eighths_estimated and not scene.omitted and not (open_only and self.root(scene.id) in self.complete)
            for scene in self.scenes
        )

    def _extent_before(self, logbook: ProgressBook, since_ns: int) -> Extent:
        """How much of the script there was at some moment: today's script with the changes since taken back."""
        values: dict[str, dict[str, object]] = {}
        for field in ("number", "eighths", "estimate_s", "omitted"):
            for change in logbook.history(limit=_CHANGES, field=field, since_ns=since_ns):  # the newest first
                if change.entity == "scene":
                    values.setdefault(change.entity_id, {})[field] = change.old
        return extent_of(
            kept for scene in self.scenes if (kept := _as_it_was(scene, values.get(scene.id, {}))) is not None
        )


def _as_it_was(scene: Scene, old: Mapping[str, object]) -> Scene | None:
    """None: it was not in the script."""
    eighths, estimate = old.get("eighths", scene.eighths), old.get("estimate_s", scene.estimate_s)
    if not old.get("number", scene.number) or old.get("omitted", scene.omitted):
        return None
    return replace(
        scene,
        eighths=eighths if isinstance(eighths, int) else None,
        estimate_s=estimate if isinstance(estimate, int) else None,
    )


def _begin_ns(logbook: ProgressBook, unit: str, day: Day) -> int:
    """When the day before ended; else the midnight with which the day's date begins."""
    ends = [one.wrapped_ns for one in logbook.days(unit) if one.number < day.number and one.wrapped_ns is not None]
    if ends:
        return max(ends)
    zone = known_zone(day.timezone)
    try:
        begin = datetime.fromisoformat(day.date)
        return int((begin.replace(tzinfo=zone) if zone else begin.astimezone()).timestamp()) * 1_000_000_000
    except (ValueError, OverflowError, OSError):  # a date that another program wrote
        return 0
