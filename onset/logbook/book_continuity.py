"""Continuity: how each character looks from scene to scene; a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from onset.domain.continuity import Continuity
from onset.logbook.terms import Value


class ContinuityDepartment(Protocol):
    """Continuity: how each character looks from scene to scene."""

    def write_continuity(
        self, character: str, scene: str, fields: Mapping[str, Value], *, episode: str | None = None
    ) -> Continuity:
        """How a character looks in a scene, written by a person; other fields stay.

        A new entry takes over what `look` proposes, for the person has seen that; the answer's `carried` says what.

        Raises:
            RefusedError: no name, no such field, or nothing is said of a look that nothing can be carried over to.
        """
        ...

    def delete_continuity(self, character: str, scene: str, *, episode: str | None = None) -> None:
        """Hide an entry; nothing is erased.

        Raises:
            RefusedError: there is none.
        """
        ...

    def look(
        self, character: str, scene: str, *, episode: str | None = None, story_day: str | None = None
    ) -> Continuity | None:
        """What a character looked like in a scene: as written, else as in the nearest scene before.

        Args:
            character: in any spelling of capitals and blanks.
            scene: its number.
            episode: of the scene.
            story_day: of the scene, where the script does not say it.

        Returns:
            The entry; one without an id, with `carried`, where it is only carried over from an earlier scene of the
            same story day; None where there is none (another story day is another costume).
        """
        ...

    def continuity(
        self,
        *,
        character: str | None = None,
        scene: str | None = None,
        episode: str | None = None,
        story_day: str | None = None,
        text: str | None = None,
    ) -> Sequence[Continuity]:
        """Entries by character, then in script order; None means any.

        Args:
            character: in any spelling of capitals and blanks.
            scene: its number.
            episode: of the scene.
            story_day: a page is a character and a story day.
            text: each of these words begins a word of the entry; accents and capitals make no difference.
        """
        ...
