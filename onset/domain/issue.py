"""A report that was given to others: what it said then, so that what was corrected since can be told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Printed:
    """What a report says, to be issued.

    Attributes:
        report: its kind, as `onset report` names it.
        day: None for a report of no one day.
        scope: what it is about where that is not the whole day (`roll A012`); empty: all of it.
        cells: what it says, in no format and packed (`onset.reports.cells`); `digest` is the SHA-256 of it, in hex.
        after: the newest revision of the same paper that is known; 0: there is none.
    """

    report: str
    unit: str
    day: int | None
    scope: str = ""
    cells: str
    digest: str
    after: int = 0

    @property
    def paper(self) -> tuple[str, str, int | None, str]:
        """What revisions are revisions of."""
        return (self.report, self.unit, self.day, self.scope)


@dataclass(frozen=True, slots=True, kw_only=True)
class Issue:
    """A report that was issued, once: `revision` 1 is the first. The rest as in `Printed`.

    Attributes:
        position: of every seat (32 hex digits) the newest edit that the log held then.
        author: who issued it, at `wall_ns`, and with what `note`.
    """

    id: str
    report: str
    unit: str
    day: int | None
    scope: str = ""
    revision: int
    digest: str
    position: Mapping[str, int]
    author: str
    wall_ns: int
    note: str = ""

    @property
    def paper(self) -> tuple[str, str, int | None, str]:
        """What it is a revision of."""
        return (self.report, self.unit, self.day, self.scope)


def newest_first(issues: Sequence[Issue]) -> list[Issue]:
    """The highest revision first; two of one number, made by seats that had not seen each other, by their time."""
    return sorted(issues, key=lambda one: (one.revision, one.wall_ns, one.id), reverse=True)
