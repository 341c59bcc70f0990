"""Notes on setups, scenes and moments, and how notes are found: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onset.domain.note import AnchoredNote, Audience
from onset.logbook.terms import EVERY_NOTE, NoteFilter


class NoteDepartment(Protocol):
    """Notes that are not about one take, and how notes of all sorts are found."""

    def note_setup(
        self,
        slate: str,
        text: str,
        *,
        episode: str | None = None,
        unit: str = "Main",
        audience: Audience = Audience.EDITOR,
        author: str | None = None,
    ) -> AnchoredNote:
        """Add a note to a setup, by its slate or the working name of its plan; `unit` is who says so."""
        ...

    def note_scene(
        self,
        number: str,
        text: str,
        *,
        episode: str | None = None,
        unit: str = "Main",
        audience: Audience = Audience.EDITOR,
        author: str | None = None,
    ) -> AnchoredNote:
        """Add a note to a scene that the script or the log has."""
        ...

    def note_moment(
        self,
        tc: str,
        text: str,
        *,
        unit: str = "Main",
        day: int | None = None,
        audience: Audience = Audience.EDITOR,
        author: str | None = None,
    ) -> AnchoredNote:
        """Add a note to a timecode of a day (None: the newest), whether a take rolled then or not.

        Raises:
            RefusedError: no clock shows that timecode, or the unit has no such day.
        """
        ...

    def notes(self, wanted: NoteFilter = EVERY_NOTE) -> Sequence[AnchoredNote]:
        """Notes and marks, oldest first; those of deleted takes are left out."""
        ...
