"""What was given to others: verbs and questions of `onset.logbook.book_issues` on SQLite."""

from __future__ import annotations

import json
from collections.abc import Sequence

from sqlalchemy import select

from logging_db import questions
from logging_db.schema import projections
from logging_db.writing import Verbs
from onset.domain.issue import Issue, Printed
from onset.logbook import board as boards
from onset.logbook import issues

_ISSUE = projections["issue"]
_NAMES = ("uid", "report", "unit", "day", "scope", "revision", "digest", "position", "author", "wall_ns", "note")
_SELECT = select(*(_ISSUE.c[name] for name in _NAMES)).where(_ISSUE.c.deleted.is_not(1))
_POSITION = "SELECT uid, (SELECT max(seq) FROM edit WHERE seat = seat_id.id) FROM seat_id"


class IssueVerbs(Verbs):
    """See `onset.logbook.book_issues.IssueDepartment`."""

    def issue(self, papers: Sequence[Printed], *, note: str = "") -> Sequence[Issue]:
        with self._edit("issue") as edit:
            for unit in sorted({paper.unit for paper in papers}):
                boards.check_unit(edit, unit)
            rows = self._writer.execute(_POSITION).fetchall()
            position = {uid.hex(): seq for uid, seq in rows if isinstance(uid, bytes) and isinstance(seq, int)}
            made = set(issues.issue(edit, papers, note=note, position=position))
        return [one for one in self.issues() if one.id in made]

    def issues(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Issue]:
        chosen = _SELECT.order_by(_ISSUE.c.day, _ISSUE.c.unit, _ISSUE.c.report, _ISSUE.c.scope, _ISSUE.c.revision)
        if unit is not None:
            chosen = chosen.where(_ISSUE.c.unit == unit)
        if day is not None:
            chosen = chosen.where(_ISSUE.c.day == day)
        with self._reading() as connection:
            return [
                Issue(
                    id=row["uid"].hex(),
                    report=row["report"] or "",
                    unit=row["unit"] or "",
                    day=row["day"],
                    scope=row["scope"] or "",
                    revision=row["revision"] or 0,
                    digest=row["digest"] or "",
                    position=_position(row["position"]),
                    author=row["author"] or "",
                    wall_ns=row["wall_ns"] or 0,
                    note=row["note"] or "",
                )
                for row in connection.execute(chosen.order_by(_ISSUE.c.id)).mappings()
            ]

    def issued_cells(self, issue_id: str) -> str:
        with self._reading() as connection:
            found = connection.execute(
                select(_ISSUE.c.cells).where(_ISSUE.c.id == questions.numbered(bytes.fromhex(issue_id)))
            ).scalar()
        return str(found or "")


def _position(told: str | None) -> dict[str, int]:
    """What another program wrote may be anything."""
    try:
        found = json.loads(told or "{}")
    except (ValueError, RecursionError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {seat: seq for seat, seq in found.items() if isinstance(seq, int)}
