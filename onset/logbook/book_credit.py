"""What is credited, planned and owed of the script, and the day's numbers: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from onset.domain.credit import Balance, Credit, CreditProposal, Owed, PlannedScene, Scheduled
from onset.domain.scene import Coverage, OwedKind
from onset.logbook.credits import SceneName
from onset.logbook.terms import Value
from onset.logbook.totals import Totals


class CreditDepartment(Protocol):
    """What is credited, planned and owed of the script, and the day's numbers."""

    def credit(
        self,
        number: str,
        state: Coverage,
        *,
        episode: str | None = None,
        unit: str = "Main",
        day: int | None = None,
        eighths: int | None = None,
        seconds: int | None = None,
        note: str | None = None,
    ) -> Credit:
        """Credit a scene with what was shot of it on a day; the same scene and day again replaces that.

        Args:
            number: of a scene that the script or the log has.
            state: how far it is shot now.
            episode: of the scene.
            unit: whose day.
            day: one that the unit has opened; None: its newest.
            eighths: of pages; None: not said.
            seconds: of screen time; None: not said.
            note: why, in words.

        Raises:
            RefusedError: no such scene or day; or one not started with pages or time.
        """
        ...

    def uncredit(self, number: str, *, episode: str | None = None, unit: str = "Main", day: int | None = None) -> None:
        """Take back what was credited of a scene on a day."""
        ...

    def propose_credit(
        self, number: str, *, episode: str | None = None, unit: str = "Main", day: int | None = None
    ) -> CreditProposal:
        """What a person could credit a scene with, were it complete by that day; see `onset.logbook.proposal`."""
        ...

    def credits(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Credit]:
        """In order of day, then as they were credited; None: of all units, of all days."""
        ...

    def set_balance(self, fields: Mapping[str, Value], *, unit: str = "Main") -> Balance:
        """What the unit had shot before this log began."""
        ...

    def balance(self, unit: str = "Main") -> Balance | None: ...

    def owe(
        self,
        kind: OwedKind,
        text: str,
        *,
        scene: str,
        episode: str | None = None,
        slate: str | None = None,
        unit: str = "Main",
        day: int | None = None,
    ) -> Owed:
        """A scene is owed a shot from that day on (None: the newest), in that setup if it has one."""
        ...

    def settle_owed(self, owed_id: str, take_id: str) -> Owed:
        """A person says that this take is what was owed.

        Raises:
            RefusedError: it is settled or dropped already; or no such take.
        """
        ...

    def drop_owed(self, owed_id: str) -> Owed:
        """Nobody waits for it any more."""
        ...

    def owed(self, *, every: bool = False) -> Sequence[Owed]:
        """What is owed, the oldest first, with the takes that look like it; `every`: settled and dropped too."""
        ...

    def plan(
        self, day: int, scenes: Sequence[SceneName], *, unit: str = "Main", eighths: int | None = None
    ) -> Sequence[PlannedScene]:
        """Put scenes (number, episode) on a day's schedule, after those that are on it; returns the schedule.

        Args:
            day: opened or still to come.
            scenes: that the script or the log has.
            unit: whose day.
            eighths: how much of them; None: all.
        """
        ...

    def unplan(self, day: int, scenes: Sequence[SceneName], *, unit: str = "Main") -> Sequence[PlannedScene]:
        """Take scenes off a day's schedule."""
        ...

    def take_schedule(self, rows: Sequence[Scheduled], *, unit: str = "Main") -> Sequence[PlannedScene]:
        """Take a schedule in, in one edit: the days that it names hold its scenes in its order, and no others.

        Args:
            rows: scenes of one or several days; other days stay as they are.
            unit: whose days.

        Raises:
            RefusedError: no rows, a scene that neither script nor log has, or a day that cannot be.
        """
        ...

    def planned(self, *, unit: str | None = None, day: int | None = None) -> Sequence[PlannedScene]: ...

    def totals(self, *, unit: str = "Main", day: int | None = None, all_units: bool = False) -> Totals:
        """The numbers of a day (None: the newest), to date, and what remains.

        Args:
            unit: whose day.
            day: its number.
            all_units: with what other units shot on the same date, and before it.
        """
        ...
