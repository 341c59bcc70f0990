"""What people look for again and again, kept under a name: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onset.logbook.terms import SavedFilter


class FindingDepartment(Protocol):
    """Saved filters. They are in the log, so that every seat has them."""

    def save_filter(self, name: str, query: str) -> SavedFilter:
        """Keep a query of `onset.logbook.query` under a name, in place of what it was before; case makes no difference.

        Raises:
            UsageError: the query has a wrong word.
            RefusedError: an empty or unprintable name, or an empty query.
        """
        ...

    def delete_filter(self, name: str) -> SavedFilter:
        """Forget it (undo brings it back); returns what it was.

        Raises:
            RefusedError: no such filter; names the nearest.
        """
        ...

    def filters(self) -> Sequence[SavedFilter]:
        """All, in order of name."""
        ...

    def saved_filter(self, name: str) -> SavedFilter:
        """The one of this name.

        Raises:
            RefusedError: as `delete_filter`.
        """
        ...
