"""Takes: the verbs of `onset.logbook.book_takes` on SQLite, each one edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from logging_db import questions
from logging_db.book_corrections import CorrectionVerbs
from onset.changes import Value
from onset.domain.note import Audience, Note
from onset.domain.take import Stamp, State, Take
from onset.logbook import board as boards
from onset.logbook import corrections, notes, takes
from onset.logbook.broken_off import Here, is_broken_off
from onset.logbook.terms import UNSET, Next, Unset


class TakeVerbs(CorrectionVerbs):
    """See `onset.logbook.book_takes.TakeDepartment`."""

    def roll(
        self,
        stamp: Stamp,
        *,
        unit: str = "Main",
        change: Next | None = None,
        author: str | None = None,
        new_day: bool = False,
        by: str = "",
    ) -> Take:
        with self._edit("roll", stamp.wall_ns, author) as edit:
            boards.check_unit(edit, unit)
            take_id = takes.roll(edit, stamp, unit=unit, change=change, new_day=new_day, by=by)
        return self._take(take_id)

    def action(self, take_id: str, stamp: Stamp) -> Take:
        with self._edit("action", stamp.wall_ns) as edit:
            takes.action(edit, take_id, stamp)
        return self._take(take_id)

    def cut(self, take_id: str, stamp: Stamp, *, by: str = "") -> Take:
        with self._edit("cut", stamp.wall_ns) as edit:
            takes.cut(edit, take_id, stamp, by=by)
        return self._take(take_id)

    def earlier(self, take_id: str, seconds: int) -> Take:
        with self._edit("earlier") as edit:
            corrections.earlier(edit, take_id, seconds)
        return self._take(take_id)

    def interrupt(self, take_id: str, stamp: Stamp) -> Take:
        with self._edit("interrupt", stamp.wall_ns) as edit:
            takes.cut(edit, take_id, stamp, state=State.INTERRUPTED)
        return self._take(take_id)

    def broken_off(self, unit: str, here: Here) -> Sequence[Take]:
        found = []
        for take in self.rolling(unit):
            with self._reading() as connection:
                rolled_by = questions.rolled_by(connection, bytes.fromhex(take.id))
            if is_broken_off(take, here, own=rolled_by == bytes.fromhex(self._seat.id)):
                found.append(take)
        return found

    def close_take(self, take_id: str, duration_frames: int | None) -> Take:
        with self._edit("interrupt") as edit:
            takes.close(edit, take_id, duration_frames)
        return self._take(take_id)

    def add_take(
        self,
        *,
        slate: str,
        take: str | None,
        stamp: Stamp,
        unit: str = "Main",
        scene: str | None = None,
        fields: Mapping[str, Value] | None = None,
        duration_frames: int | None = None,
        day: int | None = None,
        episode: str | Unset | None = UNSET,
    ) -> Take:
        with self._edit("add") as edit:
            boards.check_unit(edit, unit)
            take_id = takes.add_take(
                edit,
                slate=slate,
                take=take,
                stamp=stamp,
                unit=unit,
                scene=scene,
                fields=fields or {},
                duration_frames=duration_frames,
                day=day,
                episode=episode,
            )
        return self._take(take_id)

    def set_take(
        self, take_id: str, fields: Mapping[str, Value], *, angles: Mapping[str, Mapping[str, Value]] | None = None
    ) -> Take:
        with self._edit("set") as edit:
            takes.set_take(edit, take_id, fields)
            for camera, of_camera in (angles or {}).items():
                takes.set_angle(edit, take_id, camera, of_camera)
        return self._take(take_id)

    def set_angle(self, take_id: str, camera: str, fields: Mapping[str, Value]) -> Take:
        with self._edit("set angle") as edit:
            takes.set_angle(edit, take_id, camera, fields)
        return self._take(take_id)

    def note(
        self,
        take_id: str,
        text: str,
        *,
        audience: Audience = Audience.EDITOR,
        stamp: Stamp | None = None,
        author: str | None = None,
    ) -> Note:
        with self._edit("note", author=author) as edit:
            note_id = notes.note(edit, take_id, text, audience=audience, stamp=stamp)
        return self._note(take_id, note_id)

    def mark(self, take_id: str, stamp: Stamp, text: str = "") -> Note:
        with self._edit("mark", stamp.wall_ns) as edit:
            note_id = notes.mark(edit, take_id, stamp, text)
        return self._note(take_id, note_id)

    def _note(self, take_id: str, note_id: str) -> Note:
        return next(note for note in self._take(take_id).notes if note.id == note_id)

    def rate_take(self, take_id: str, voter: str, value: str | None, reason: str | None = None) -> Take:
        with self._edit("rate") as edit:
            takes.rate_take(edit, take_id, voter, value, reason)
        return self._take(take_id)

    def tag(self, take_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Take:
        with self._edit("tag") as edit:
            takes.tag(edit, take_id, add=add, remove=remove)
        return self._take(take_id)

    def delete(self, take_id: str) -> Take:
        with self._edit("delete") as edit:
            takes.delete(edit, take_id)
        return self._take(take_id)

    def restore(self, take_id: str) -> Take:
        with self._edit("restore") as edit:
            takes.restore(edit, take_id)
        return self._take(take_id)
