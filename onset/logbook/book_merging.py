"""Logs brought together, and what only a person can decide then: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from onset.domain.take import Take
from onset.logbook.merging import Merged, Pick
from onset.logbook.terms import Conflict


class MergingDepartment(Protocol):
    """Logs brought together."""

    def merge(self, other: Path, *, wall_ns: int, as_new_seat: bool = False) -> Merged:
        """Take in the edits of another log of this production; that one is left as it is.

        Args:
            other: its file.
            wall_ns: this machine's clock.
            as_new_seat: edits of a copied log that went on under this log's own numbers come in as a new seat's.

        Raises:
            LogError: it cannot be read as a log, or is damaged; nothing was taken in. Or this log cannot be written:
                it is left for later then, for a merge can be repeated.
            RefusedError: it is another production's, or this log itself.
        """
        ...

    def conflicts(self) -> Sequence[Conflict]:
        """Fields that seats changed without having seen each other, in the order in which their things came."""
        ...

    def resolve(self, picks: Sequence[Pick]) -> Take | None:
        """End conflicts: what is picked stands on every log that takes this in. One edit.

        Returns:
            The take that the first one was about, if it was about one.

        Raises:
            RefusedError: a field is not in conflict, or cannot hold that.
        """
        ...

    def duplicates(self) -> Sequence[tuple[Take, ...]]:
        """Takes of one number, as two seats that were apart may log them; each group in shooting order."""
        ...
