"""Issuing a report: `onset report --issue`, which revision a printing is, and `onset report --issued`.

Used by `onset report` and `onset wrap`. Whatever the kind of report: what it says is compared, not how.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from onset.text import safe_text

if TYPE_CHECKING:
    import argparse

    from onset.domain.issue import Issue
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook
    from onset.reports.cells import Cells
    from onset.reports.day import DayPaper
    from onset.reports.editor import EditorLog
    from onset.reports.revision import Revision
    from onset.reports.section import SectionPaper

P = TypeVar("P", bound="DayPaper")


@dataclass(frozen=True, slots=True)
class Paper:
    """A report that may be issued; `scope` as in `onset.domain.issue.Issue`."""

    kind: str
    scope: str
    log: EditorLog | SectionPaper

    @property
    def day(self) -> int | None:
        """The day that it is of; None for one that is of a scene, say."""
        return self.log.day if f"day{self.log.day:02d}" in self.log.filed else None


@dataclass(frozen=True, slots=True)
class Issued:
    """A report as it stands in the log; `new`: it was issued just now, else it says what was issued before."""

    paper: Paper
    issue: Issue
    new: bool


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options of `onset report` that are about issuing."""
    parser.add_argument("--issue", action="store_true", help="record that it goes out: as revision 1, or the next")
    parser.add_argument("--note", default="", metavar="TEXT", help="why it is issued (again); printed in its head")
    parser.add_argument("--issued", action="store_true", help="list what was issued, and print nothing")


def paper_of(args: argparse.Namespace, log: EditorLog | SectionPaper) -> Paper:
    """What is printed, and of what part: one of a part has revisions of its own."""
    from onset.cli.report import PARTS

    parts = [(name.replace("_", " "), getattr(args, name, None)) for name in PARTS]
    words = [name if value is True else f"{name} {value}" for name, value in parts if value]
    return Paper(args.kind, " ".join(words) if log.part is None else log.part, log)


def as_it_stands(logbook: Logbook, paper: Paper) -> Paper:
    """The report with its revision: what was issued, or a draft that differs from it; as it is where nothing was."""
    from onset.reports.cells import cells_of
    from onset.reports.revision import draft_after, issued_as

    past = _issues_of(logbook, paper)
    if not past:
        return paper
    newest = past[0]
    cells, said = cells_of(paper.log), _said(logbook, newest)
    timezone = _timezone(logbook, paper)
    if not _same(newest, said, cells):
        return Paper(paper.kind, paper.scope, _with(paper.log, draft_after(newest, said, cells, timezone=timezone)))
    before = next((one for one in past if one.revision < newest.revision), None)
    since = (before, _said(logbook, before)) if before else None
    revision = issued_as(newest, said or cells, since, timezone=timezone)
    return Paper(paper.kind, paper.scope, _with(_as_of(paper.log, newest, timezone), revision))


def _as_of(log: P, issue: Issue, timezone: str) -> P:
    """As of its issue, since when nothing of it changed: whatever else is logged, it is the same paper again."""
    from onset.reports.day import moment
    from onset.reports.section import SectionPaper

    return replace(log, as_of=f"Log as of {moment(issue.wall_ns, timezone)}") if isinstance(log, SectionPaper) else log


def filed_as(kind: str, revision: Revision | None, *, to_be_issued: bool) -> str:
    """What the file of a printing is called: that of a revision has its number, so that no draft takes its place.

    Args:
        kind: of the report.
        revision: how the printing stands to what was issued.
        to_be_issued: it will be the next revision, if it says something else.
    """
    number = revision.number if revision else 0
    if revision is None or revision.draft:
        number = number + 1 if to_be_issued else 0
    return f"{kind}_rev{number}" if number else kind


def issue(logbook: Logbook, papers: Sequence[Paper], *, note: str = "") -> list[Issued]:
    """Issue those of the reports that say something else than when they were issued before, in one edit.

    Raises:
        RefusedError: another seat issued one of them meanwhile.
    """
    from onset.domain.issue import Printed
    from onset.reports.cells import cells_of

    printed: list[Printed] = []
    for paper in papers:
        past = _issues_of(logbook, paper)
        cells = cells_of(paper.log)
        if past and _same(past[0], _said(logbook, past[0]), cells):
            continue
        printed.append(
            Printed(
                report=paper.kind,
                unit=paper.log.unit,
                day=paper.day,
                scope=paper.scope,
                cells=cells.packed(),
                digest=cells.digest,
                after=past[0].revision if past else 0,
            )
        )
    made = {one.id for one in logbook.issue(printed, note=note)} if printed else set()
    found = []
    for paper in papers:
        newest = _issues_of(logbook, paper)[0]
        found.append(Issued(as_it_stands(logbook, paper), newest, newest.id in made))
    return found


def list_issued(logbook: Logbook, kind: str | None, day: int | None, unit: str, *, as_json: bool) -> int:
    """Say on standard output what was issued."""
    from onset.logbook.as_json_issues import issue_json

    issues = [one for one in logbook.issues(unit=unit, day=day) if kind in (None, one.report)]
    if as_json:
        print(json.dumps({"issued": [issue_json(one) for one in issues]}, indent=2))
        return 0
    for one in issues:
        print(issued_line(one))
    if not issues:
        print("Nothing was issued yet.")
    return 0


def issued_line(issue: Issue) -> str:
    """`day 3  editor, revision 2: 2026-05-29 18:20:07 by Maya, "by mail"`."""
    from onset.reports.day import moment

    what = safe_text(" ".join(filter(None, (issue.report, issue.scope))))
    note = f', "{safe_text(issue.note)}"' if issue.note else ""
    day = "" if issue.day is None else f"day {issue.day}  "
    return f"{day}{what}, revision {issue.revision}: {moment(issue.wall_ns, '')} by {safe_text(issue.author)}{note}"


def unchanged_line(issued: Issued) -> str:
    """Why nothing was issued."""
    return f"It says what revision {issued.issue.revision} says, so nothing was issued; this is another printing of it."


def revision_json(log: DayPaper, *, new: bool) -> dict[str, Json]:
    """What is said of a printing: its revision, null where nothing was issued yet; and how many cells changed."""
    revision = log.revision
    return {
        "revision": revision.number if revision else None,
        "draft": revision.draft if revision else False,
        "issued": new,
        "changes": len(revision.differences) if revision else 0,
    }


def _issues_of(logbook: Logbook, paper: Paper) -> list[Issue]:
    from onset.domain.issue import newest_first

    identity = (paper.kind, paper.log.unit, paper.day, paper.scope)
    return newest_first([one for one in logbook.issues(unit=paper.log.unit, day=paper.day) if one.paper == identity])


def _timezone(logbook: Logbook, paper: Paper) -> str:
    """Of the day that it is of; of this machine where it is of none."""
    return next((day.timezone for day in logbook.days(paper.log.unit) if day.number == paper.day), "")


def _said(logbook: Logbook, issue: Issue) -> Cells | None:
    from onset.reports.cells import unpacked

    return unpacked(logbook.issued_cells(issue.id))


def _same(issue: Issue, said: Cells | None, cells: Cells) -> bool:
    """Whether a printing says what was issued; a column that a newer program adds is no correction of the day."""
    from onset.reports.revision import compare

    return issue.digest == cells.digest or (said is not None and not compare(said, cells))


def _with(log: P, revision: Revision) -> P:
    return replace(log, revision=revision)
