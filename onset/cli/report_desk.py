"""Reports for the Reports screen, made, issued and written as `onset report` does it. Handed in by `tui.py`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, cast

from onset.cli.report_issue import Paper, as_it_stands, filed_as, issue, paper_of
from onset.errors import ReportError
from tui.paper_desk import Made, Sort

if TYPE_CHECKING:
    from onset.logbook.protocol import Logbook

PARTIAL = "partial"


class ReportDesk:
    """The kinds of `onset report`, and the progress report of a day that goes on."""

    def __init__(self, production: Path) -> None:
        self._production = production

    def sorts(self) -> Sequence[Sort]:
        from onset.cli.report import KINDS

        return [
            sort
            for kind in KINDS
            for sort in ([Sort(kind), Sort(kind, PARTIAL)] if kind == "progress" else [Sort(kind)])
        ]

    def make(self, log: Logbook, sort: Sort, day: int, unit: str) -> Made:
        from onset.cli.report import rendered
        from onset.reports.gaps import gaps_of
        from onset.reports.section import SectionPaper

        paper = as_it_stands(log, self._paper(log, sort, day, unit, stills=False))
        revision = paper.log.revision
        text = rendered(replace(paper.log, warnings=()), "txt").decode()  # they are among the gaps
        return Made(
            sort=sort,
            day=day,
            name=paper.log.kind if isinstance(paper.log, SectionPaper) else "Editor's log",
            standing=revision.line if revision else "",
            differs=revision.draft if revision else False,
            gaps=gaps_of(log, sort.kind, paper.log, partial=sort.scope == PARTIAL),
            lines=tuple(text.splitlines()),
            paper=paper,
        )

    def refuse_to_print(self, made: Made, *, issued: bool) -> None:
        from onset.cli.not_a_card import refuse_a_card
        from onset.reports.paper import refuse_what_is_not_ours

        path = self._place(_paper_in(made), to_be_issued=issued)
        refuse_a_card(path, self._production, ReportError)
        refuse_what_is_not_ours(path)

    def issue(self, log: Logbook, made: Made) -> tuple[str, bool]:
        paper = _paper_in(made)
        plain = Paper(paper.kind, paper.scope, replace(paper.log, revision=None))
        (issued,) = issue(log, [plain])
        return f"revision {issued.issue.revision}", issued.new

    def print_to_file(self, log: Logbook, sort: Sort, day: int, unit: str) -> Path:
        from onset.cli.not_a_card import refuse_a_card
        from onset.cli.report import rendered
        from onset.cli.report_logo import logo_of
        from onset.reports.paper import write_report

        paper = as_it_stands(log, self._paper(log, sort, day, unit, stills=True))
        path = self._place(paper, to_be_issued=False)
        refuse_a_card(path, self._production, ReportError)
        sheet = log.production().paper.lower()
        write_report(path, rendered(paper.log, "pdf", sheet, logo_of(self._production)))
        return path

    def _paper(self, log: Logbook, sort: Sort, day: int, unit: str, *, stills: bool) -> Paper:
        from onset.cli import report
        from onset.cli.main import CommandParser

        words = ["report", sort.kind, f"--day={day}", f"--unit={unit}"]
        parser = CommandParser()
        report.add_parser(parser.add_subparsers(parser_class=CommandParser))
        args = parser.parse_args([*words, "--partial"] if sort.scope == PARTIAL else words)
        return paper_of(args, report.report_of(args, log, self._production, stills=stills))

    def _place(self, paper: Paper, *, to_be_issued: bool) -> Path:
        from onset.cli.report import place

        kind = filed_as(paper.kind, paper.log.revision, to_be_issued=to_be_issued)
        return place(paper.log, "pdf", self._production, None, kind)


def _paper_in(made: Made) -> Paper:
    return cast(Paper, made.paper)  # nobody else makes one
