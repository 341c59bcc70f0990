"""The log as all above the database see it; its departments are in `book_*.py`, its terms in `terms.py`.

One `Logbook` belongs to one writer thread and one reader thread of one process; a screen never calls it on its event
loop. Every verb is one edit: durable when it returns, undoable by the seat that made it, or it raises and nothing has
changed. Questions answer from the newest committed state.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from onset.domain.production import Seat
from onset.logbook.book_continuity import ContinuityDepartment
from onset.logbook.book_credit import CreditDepartment
from onset.logbook.book_finding import FindingDepartment
from onset.logbook.book_issues import IssueDepartment
from onset.logbook.book_media import MediaDepartment
from onset.logbook.book_merging import MergingDepartment
from onset.logbook.book_notes import NoteDepartment
from onset.logbook.book_rolls import RollDepartment
from onset.logbook.book_script import ScriptDepartment
from onset.logbook.book_set import SetDepartment
from onset.logbook.book_stills import StillDepartment
from onset.logbook.book_takes import TakeDepartment
from onset.logbook.terms import Feed, LoggedChange, Thing, Undone


class Logbook(
    SetDepartment,
    TakeDepartment,
    NoteDepartment,
    ScriptDepartment,
    CreditDepartment,
    ContinuityDepartment,
    MediaDepartment,
    RollDepartment,
    StillDepartment,
    MergingDepartment,
    FindingDepartment,
    IssueDepartment,
    Protocol,
):
    """A production's log, opened by one seat."""

    @property
    def seat(self) -> Seat: ...

    @property
    def folder(self) -> Path:
        """The production folder; media paths in the log are relative to it."""
        ...

    @property
    def read_only(self) -> str | None:
        """Why this program may only read this log (a sentence), or None."""
        ...

    @property
    def warning(self) -> str | None:
        """What a person has to know of the disk under the log (a sentence), or None."""
        ...

    @property
    def elsewhere(self) -> str | None:
        """That edits of this logbook are in the second journal only, and why the log could not take them; or None."""
        ...

    def follow(self) -> None:
        """Keep the second journal up to date in the background until `close`: for programs that run for long."""
        ...

    def close(self) -> None: ...

    def feed(self, *, after: int | None = None) -> Feed:
        """A feed that starts after the arrival `after`; None: after what is committed now."""
        ...

    def undo(self, *, wall_ns: int) -> Undone:
        """Take back this seat's newest edit that is not undone yet. A roll is never undone.

        Raises:
            OverwrittenError: another seat changed the same since; told once, the next undo passes over that edit.
            RefusedError: nothing to undo; or the edit cannot be taken back, says why.
        """
        ...

    def redo(self, *, wall_ns: int) -> Undone: ...

    def undo_preview(self) -> str | None:
        """What `undo` would do, or that another seat overwrote it, in words; None when there is nothing."""
        ...

    def arrival(self) -> int:
        """Arrival of the newest edit."""
        ...

    def history(
        self,
        take_id: str | None = None,
        *,
        limit: int = 200,
        of: Thing | None = None,
        field: str | None = None,
        since_ns: int | None = None,
        before: int | None = None,
    ) -> Sequence[LoggedChange]:
        """Newest first; of the whole log, or of a take or thing with what belongs to it (notes, runs, copies).

        Args:
            take_id: a take's.
            limit: so many changes, and the rest of the edit that reaches it.
            of: another thing.
            field: only this one.
            since_ns: only edits made since, by the wall clock of their seat.
            before: only edits that arrived before this one; the `arrival` of a page's last line begins the next page.

        Raises:
            RefusedError: there is no such thing; names the nearest.
        """
        ...

    def draft(self, key: str) -> str | None:
        """A half-typed text this seat left behind (not an edit, not merged)."""
        ...

    def keep_draft(self, key: str, text: str | None) -> None: ...
