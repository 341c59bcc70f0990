"""Credits, plans and owed shots: verbs and questions of `onset.logbook.book_credit` on SQLite, each verb one edit."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from logging_db import call_sheet, credit, production, script
from logging_db.writing import Verbs
from onset.changes import Value
from onset.domain.credit import Balance, Credit, CreditProposal, Owed, PlannedScene, Scheduled
from onset.domain.scene import Coverage, OwedKind, Scene, scene_label
from onset.errors import RefusedError
from onset.logbook import board as boards
from onset.logbook import credits, owed
from onset.logbook.credits import SceneName
from onset.logbook.proposal import proposal
from onset.logbook.scenes import scene_key
from onset.logbook.terms import TakeFilter
from onset.logbook.totals import Asked, Totals, totals
from onset.slate import check_label
from onset.text import safe_text


class CreditVerbs(Verbs):
    """See `onset.logbook.book_credit.CreditDepartment`."""

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
        with self._edit("credit") as edit:
            boards.check_unit(edit, unit)
            credit_id = credits.credit(
                edit,
                number,
                state,
                episode=episode,
                unit=unit,
                day=day,
                eighths=eighths,
                seconds=seconds,
                note=note,
            )
        with self._reading() as connection:
            return credit.credits(connection, uid=bytes.fromhex(credit_id))[0]

    def uncredit(self, number: str, *, episode: str | None = None, unit: str = "Main", day: int | None = None) -> None:
        with self._edit("uncredit") as edit:
            boards.check_unit(edit, unit)
            credits.take_off(edit, number, episode=episode, unit=unit, day=day)

    def propose_credit(
        self, number: str, *, episode: str | None = None, unit: str = "Main", day: int | None = None
    ) -> CreditProposal:
        number = check_label(number, "scene")
        with self._reading() as connection:
            scene = script.scene(connection, number, episode)
            every, credited = script.scenes(connection), credit.credits(connection)
        takes = [take for take in self.takes(TakeFilter(scene=number, limit=None)) if take.episode == episode]
        if scene is None and not takes:
            raise RefusedError(f"There is no scene {safe_text(scene_label(number, episode))} in the script or the log.")
        day = day if day is not None else max((one.number for one in self.days(unit)), default=0)
        found = scene or Scene(id=scene_key(number, episode), episode=episode, number=number)
        return proposal(found, every, credited, takes, on=(unit, day))

    def credits(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Credit]:
        where = {name: value for name, value in (("unit", unit), ("day", day)) if value is not None}
        with self._reading() as connection:
            return credit.credits(connection, **where)

    def set_balance(self, fields: Mapping[str, Value], *, unit: str = "Main") -> Balance:
        with self._edit("balance") as edit:
            boards.check_unit(edit, unit)
            credits.set_balance(edit, fields, unit=unit)
        return self.balance(unit) or Balance(unit=unit)

    def balance(self, unit: str = "Main") -> Balance | None:
        with self._reading() as connection:
            return credit.balances(connection).get(unit)

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
        with self._edit("owe") as edit:
            boards.check_unit(edit, unit)
            owed_id = owed.owe(edit, kind, text, scene=scene, episode=episode, slate=slate, unit=unit, day=day)
        return self._owed(owed_id)

    def settle_owed(self, owed_id: str, take_id: str) -> Owed:
        with self._edit("settle owed") as edit:
            owed.settle(edit, owed_id, take_id)
        return self._owed(owed_id)

    def drop_owed(self, owed_id: str) -> Owed:
        with self._edit("drop owed") as edit:
            owed.drop(edit, owed_id)
        return self._owed(owed_id)

    def _owed(self, owed_id: str) -> Owed:
        with self._reading() as connection:
            return credit.owed(connection, uid=bytes.fromhex(owed_id))[0]

    def owed(self, *, every: bool = False) -> Sequence[Owed]:
        with self._reading() as connection:
            return [one for one in credit.owed(connection) if every or one.open]

    def plan(
        self, day: int, scenes: Sequence[SceneName], *, unit: str = "Main", eighths: int | None = None
    ) -> Sequence[PlannedScene]:
        with self._edit("plan") as edit:
            boards.check_unit(edit, unit)
            credits.plan(edit, day, scenes, unit=unit, eighths=eighths)
        return self.planned(unit=unit, day=day)

    def unplan(self, day: int, scenes: Sequence[SceneName], *, unit: str = "Main") -> Sequence[PlannedScene]:
        with self._edit("unplan") as edit:
            boards.check_unit(edit, unit)
            credits.take_off_plan(edit, day, scenes, unit=unit)
        return self.planned(unit=unit, day=day)

    def take_schedule(self, rows: Sequence[Scheduled], *, unit: str = "Main") -> Sequence[PlannedScene]:
        with self._edit("take schedule") as edit:
            boards.check_unit(edit, unit)
            credits.take_schedule(edit, rows, unit=unit)
        return self.planned(unit=unit)

    def planned(self, *, unit: str | None = None, day: int | None = None) -> Sequence[PlannedScene]:
        where = {name: value for name, value in (("unit", unit), ("day", day)) if value is not None}
        with self._reading() as connection:
            return credit.planned(connection, **where)

    def totals(self, *, unit: str = "Main", day: int | None = None, all_units: bool = False) -> Totals:
        with self._reading() as connection:
            asked = _asked(connection, unit, day, all_units)
            sheets = asked.today | {(unit, asked.day)}  # a day that nobody has opened yet may be planned
            return totals(
                asked,
                scenes=script.scenes(connection),
                attempts=credit.attempts(connection),
                credits=credit.credits(connection),
                planned=[one for of, on in sorted(sheets) for one in credit.planned(connection, unit=of, day=on)],
                balances=credit.balances(connection),
                owed=[one for one in credit.owed(connection) if one.open and (all_units or one.unit == unit)],
            )


def _asked(connection: Connection, unit: str, day: int | None, all_units: bool) -> Asked:
    """Days of other units go by the date: each unit counts its own."""
    own = {one.number: one.date for one in production.days(connection, unit)}
    day = day if day is not None else max(own, default=1)
    date = own.get(day, "")
    today, before = (
        {(unit, day)} & {(unit, number) for number in own},
        {(unit, number) for number in own if number < day},
    )
    others = [
        one for of in call_sheet.units(connection) if of.name != unit for one in production.days(connection, of.name)
    ]
    then = {(one.unit, one.number) for one in others if date and one.date == date}
    earlier = {(one.unit, one.number) for one in others if not date or one.date < date}
    if all_units:
        return Asked(None, day, date, frozenset(today | then), frozenset(before | earlier))
    return Asked(unit, day, date, frozenset(today), frozenset(before), frozenset(then | earlier))
