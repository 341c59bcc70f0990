"""What the Reports screen shows: which reports were issued of a day, read on a thread, and a report as rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from onset.domain.issue import Issue, newest_first
from onset.logbook.protocol import Logbook
from tui.paper_desk import Made, Sort
from tui.widgets.items import Item
from tui.widgets.paper_view import PaperRow

_NS = 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportsFacts:
    """What was issued of a day.

    Attributes:
        day: its number; None: there is no such day yet.
        days: numbers of the unit's days.
        issued: the revisions of each sort, newest first; those of a part of the day (a roll, a scene) among them.
    """

    day: int | None
    days: tuple[int, ...]
    issued: Mapping[Sort, Sequence[Issue]]


def read_reports(log: Logbook, unit: str, day: int) -> ReportsFacts:
    """Read it."""
    days = tuple(each.number for each in log.days(unit))
    issued: dict[Sort, list[Issue]] = {}
    for issue in newest_first(log.issues(unit=unit, day=day)):
        issued.setdefault(Sort(issue.report, issue.scope), []).append(issue)
    return ReportsFacts(day=day if day in days else None, days=days, issued=issued)


def sort_items(sorts: Sequence[Sort], facts: ReportsFacts, differing: Mapping[Sort, bool]) -> list[Item]:
    """A row a report: its name, what was issued, by whom, and whether the log says something else by now."""
    rows = []
    for sort in sorts:
        differs = differing.get(sort, False)
        name = f" {sort.scope}" if sort.scope else sort.kind
        issue = next(iter(facts.issued.get(sort, ())), None)
        state = f"DIFFERS from rev {issue.revision}" if issue is not None and differs else _state(issue)
        rows.append(Item(f"{name:<11} {state}", name=sort.name, faint=issue is None, alarm=differs, whole=True))
    parts = [issues[0] for sort, issues in facts.issued.items() if sort not in sorts]
    if parts:
        rows += [Item(""), Item("of a part of the day", faint=True)]
        rows += [Item(f"{issue.report} {issue.scope}  {_state(issue)}", faint=True) for issue in parts]
    return rows


def _state(issue: Issue | None) -> str:
    if issue is None:
        return "never"
    at = datetime.fromtimestamp(issue.wall_ns // _NS).astimezone()
    return f"rev {issue.revision} {at:%d %b %H:%M} {issue.author}"


def _note(issue: Issue) -> str:
    return f": {issue.note}" if issue.note else ""


def paper_rows(made: Made | str, issued: Sequence[Issue] = ()) -> list[PaperRow]:
    """What it lacks, how it stands to what was issued and what was before that, its text; or only a sentence."""
    if isinstance(made, str):
        return [PaperRow(made, faint=True)]
    gaps = [PaperRow(gap.text, gap.take_id, alarm=True) for gap in made.gaps] or [PaperRow("Nothing is missing.")]
    standing = [PaperRow(f"{made.standing}." if made.standing else "It was never issued.", faint=True)]
    standing += [PaperRow(f"Before: {_state(issue)}{_note(issue)}", faint=True) for issue in issued[1:]]
    return [*gaps, *standing, PaperRow(""), *map(PaperRow, made.lines)]
