"""What makes the reports, as the Reports screen sees it. The command line hands it in: it knows all kinds."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from onset.logbook.protocol import Logbook
from onset.reports.gaps import Gap


@dataclass(frozen=True, slots=True)
class Sort:
    """A sort of report: its kind as `onset report` names it, or the part of the day so far (`scope` of its issues)."""

    kind: str
    scope: str = ""

    @property
    def name(self) -> str:
        """`progress`, `progress partial`."""
        return f"{self.kind} {self.scope}".rstrip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """A report of a day, made and not printed.

    Attributes:
        name: what it is called on paper.
        standing: how it stands to what was issued, as a sentence; empty: nothing was.
        differs: it says something else than what was issued.
        gaps: what it lacks.
        lines: its text, without the warnings of its head.
        paper: for whoever made it.
    """

    sort: Sort
    day: int
    name: str
    standing: str
    differs: bool
    gaps: tuple[Gap, ...]
    lines: tuple[str, ...]
    paper: object


class PaperDesk(Protocol):
    """Makes, issues and prints reports. Every call may take a second or more, except `issue`."""

    def sorts(self) -> Sequence[Sort]:
        """In the order in which they are listed."""
        ...

    def make(self, log: Logbook, sort: Sort, day: int, unit: str) -> Made:
        """Make one. Raises ReportError or RefusedError where there is none of this day."""
        ...

    def refuse_to_print(self, made: Made, *, issued: bool) -> None:
        """Raise ReportError where the file that `print_to_file` would write may not be."""
        ...

    def issue(self, log: Logbook, made: Made) -> tuple[str, bool]:
        """Issue it as it was made; the revision in words, and whether it is a new one. Raises RefusedError."""
        ...

    def print_to_file(self, log: Logbook, sort: Sort, day: int, unit: str) -> Path:
        """Make it with its pictures and write the PDF where `onset report` does. Raises ReportError."""
        ...
