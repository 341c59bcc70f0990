"""Notes: the verbs and questions of `onset.logbook.book_notes` on SQLite, each verb one edit."""

from __future__ import annotations

from collections.abc import Sequence

from logging_db import notes as found
from logging_db.writing import Verbs
from onset.domain.note import AnchoredNote, Audience
from onset.logbook import board as boards
from onset.logbook import notes
from onset.logbook.terms import EVERY_NOTE, NoteFilter


class NoteVerbs(Verbs):
    """See `onset.logbook.book_notes.NoteDepartment`."""

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
        with self._edit("note", author=author) as edit:
            boards.check_unit(edit, unit)
            note_id = notes.note_setup(edit, slate, text, episode=episode, unit=unit, audience=audience)
        return self._anchored(note_id)

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
        with self._edit("note", author=author) as edit:
            boards.check_unit(edit, unit)
            note_id = notes.note_scene(edit, number, text, episode=episode, unit=unit, audience=audience)
        return self._anchored(note_id)

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
        with self._edit("note", author=author) as edit:
            boards.check_unit(edit, unit)
            note_id = notes.note_moment(edit, tc, text, unit=unit, day=day, audience=audience)
        return self._anchored(note_id)

    def _anchored(self, note_id: str) -> AnchoredNote:
        with self._reading() as connection:
            return found.note(connection, note_id)

    def notes(self, wanted: NoteFilter = EVERY_NOTE) -> Sequence[AnchoredNote]:
        with self._reading() as connection:
            return found.notes(connection, wanted)
