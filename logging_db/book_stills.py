"""Stills: the verbs and questions of `onset.logbook.book_stills` on SQLite."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from logging_db import files
from logging_db.schema import projections
from logging_db.writing import Verbs
from onset.domain.camera import LinkState
from onset.domain.still import Still
from onset.errors import RefusedError
from onset.logbook import stills
from onset.logbook.terms import SaidOfStill
from onset.text import safe_text

_STILL = projections["still"]
_SELECT = select(*(_STILL.c[name] for name in files.STILL_COLUMNS)).where(_STILL.c.deleted.is_not(1))


class StillVerbs(Verbs):
    """See `onset.logbook.book_stills.StillDepartment`."""

    def bring_in_stills(self, brought: Sequence[Still]) -> tuple[int, int]:
        with self._edit("stills") as edit:
            return stills.bring_in(edit, brought)

    def say_of_still(self, still_id: str, said: SaidOfStill) -> Still:
        with self._edit("still") as edit:
            stills.say(edit, still_id, said)
        return self.find_still(still_id)

    def confirm_stills(self, still_ids: Sequence[str]) -> None:
        with self._edit("still") as edit:
            for still_id in still_ids:
                stills.say(edit, still_id, SaidOfStill(state=LinkState.CONFIRMED))

    def find_still(self, argument: str) -> Still:
        every = self.stills()
        found = (
            [one for one in every if argument in (one.id, one.path)]
            or [one for one in every if one.name == argument]
            or [one for one in every if one.name.rpartition(".")[0] == argument]
        )
        if not found:
            raise RefusedError(f'There is no still "{safe_text(argument)}" in this log; "onset log stills" lists them.')
        if len(found) > 1:
            ids = ", ".join(one.id for one in found)
            raise RefusedError(f'There are {len(found)} stills "{safe_text(argument)}"; give the id of one: {ids}.')
        return found[0]

    def stills(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Still]:
        chosen = _SELECT.order_by(_STILL.c.taken_ns.is_(None), _STILL.c.taken_ns, _STILL.c.path)
        if unit is not None:
            chosen = chosen.where(_STILL.c.unit == unit)
        if day is not None:
            chosen = chosen.where(_STILL.c.day == day)
        with self._reading() as connection:
            return [files.still(tuple(row)) for row in connection.execute(chosen)]
