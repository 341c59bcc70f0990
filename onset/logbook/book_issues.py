"""What was given to others: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onset.domain.issue import Issue, Printed


class IssueDepartment(Protocol):
    """Reports that were issued."""

    def issue(self, papers: Sequence[Printed], *, note: str = "") -> Sequence[Issue]:
        """Issue reports, each as the next revision of its paper, in one edit; undo takes all of them back.

        Args:
            papers: no two of one paper.
            note: why, in words.

        Raises:
            RefusedError: one of them was issued by another seat since; or the note is too long.
        """
        ...

    def issues(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Issue]:
        """In order of day, report and revision; None: of all units, of all days."""
        ...

    def issued_cells(self, issue_id: str) -> str:
        """What an issued report said, packed as it was given; empty where the log has no such issue."""
        ...
