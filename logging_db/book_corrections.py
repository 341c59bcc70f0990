"""Corrections: the verbs of `onset.logbook.book_corrections` on SQLite, each one edit."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from logging_db.writing import Verbs
from onset.changes import Value
from onset.domain.note import Audience
from onset.domain.scene import Setup
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook import copying, corrections, moving, ranges, selects
from onset.logbook.terms import CopiedFrom, Shift, TakeFilter
from onset.text import safe_text


class CorrectionVerbs(Verbs):
    """See `onset.logbook.book_corrections.CorrectionDepartment`."""

    def find_takes(self, argument: str, *, unit: str = "Main") -> Sequence[Take]:
        try:
            return [self.find_take(argument, unit=unit)]
        except RefusedError:
            if not ranges.names_several(argument):
                raise
        found: list[Take] = []
        for part in ranges.parts(argument):
            wanted = ranges.several(part)
            found += self._several(wanted, unit) if wanted else [self.find_take(part, unit=unit)]
        return ranges.without_twins(found)

    def _several(self, wanted: ranges.Several, unit: str) -> Sequence[Take]:
        of_slate = self.takes(TakeFilter(slate=wanted.slate, limit=None))
        episode, colon, slate = wanted.slate.partition(":")
        if colon and not of_slate:
            of_slate = [
                one for one in self.takes(TakeFilter(slate=slate, limit=None)) if one.episode == episode.strip()
            ]
        found = wanted.among([one for one in of_slate if one.unit == unit] or of_slate)
        if not found:
            raise RefusedError(f"There is no take {safe_text(str(wanted))} in this log.")
        episodes = {one.episode or "none" for one in found}
        if len(episodes) > 1:
            shown = safe_text(", ".join(sorted(episodes)))
            raise RefusedError(f"{safe_text(str(wanted))} is in episodes {shown}; say which, as in 101:42C/3-5.")
        return found

    def set_takes(
        self,
        take_ids: Sequence[str],
        fields: Mapping[str, Value],
        *,
        angles: Mapping[str, Mapping[str, Value]] | None = None,
        sound: Mapping[str, Mapping[str, Value]] | None = None,
        by: Shift | None = None,
    ) -> Sequence[Take]:
        with self._edit("set" if by is None else "move in time") as edit:
            corrections.set_takes(edit, take_ids, fields, angles or {}, sound or {}, by)
        return self._all(take_ids)

    def rate_takes(
        self, take_ids: Sequence[str], voter: str, value: str | None, reason: str | None = None
    ) -> Sequence[Take]:
        with self._edit("rate") as edit:
            corrections.rate_takes(edit, take_ids, voter, value, reason)
        return self._all(take_ids)

    def note_takes(
        self, take_ids: Sequence[str], text: str, *, audience: Audience = Audience.EDITOR, author: str | None = None
    ) -> Sequence[Take]:
        with self._edit("note", author=author) as edit:
            corrections.note_takes(edit, take_ids, text, audience=audience)
        return self._all(take_ids)

    def tag_takes(
        self, take_ids: Sequence[str], *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> Sequence[Take]:
        with self._edit("tag") as edit:
            corrections.tag_takes(edit, take_ids, add=add, remove=remove)
        return self._all(take_ids)

    def order_takes(
        self, tag: str, take_ids: Sequence[str], beside: str | None = None, *, behind: bool = False
    ) -> Sequence[Take]:
        with self._edit("order") as edit:
            selects.order_takes(edit, tag, take_ids, beside, behind=behind)
        return self._all(take_ids)

    def delete_takes(self, take_ids: Sequence[str]) -> Sequence[Take]:
        with self._edit("delete") as edit:
            corrections.delete_takes(edit, take_ids)
        return self._all(take_ids)

    def move(
        self,
        take_ids: Sequence[str],
        slate: str,
        *,
        scene: str | None = None,
        keep_numbers: bool = False,
        slated: bool = False,
    ) -> Sequence[Take]:
        with self._edit("move") as edit:
            moving.move(edit, take_ids, slate, scene=scene, keep_numbers=keep_numbers, slated=slated)
        return self._all(take_ids)

    def copy_camera(
        self, take_ids: Sequence[str], source: CopiedFrom | None = None, *, cameras: Collection[str] = ()
    ) -> Sequence[Take]:
        with self._edit("copy camera") as edit:
            copying.copy_to_takes(edit, take_ids, source, cameras)
        return self._all(take_ids)

    def copy_camera_to_setup(
        self, slate: str, source: CopiedFrom, *, cameras: Collection[str] = (), episode: str | None = None
    ) -> Setup:
        with self._edit("copy camera") as edit:
            setup_id = copying.copy_to_setup(edit, slate, source, cameras, episode)
        return next(setup for setup in self.setups() if setup.id == setup_id)

    def find_setups(self, words: str) -> Sequence[Setup]:
        return [setup for setup in self.setups() if setup.has_words(words)]

    def renumber(self, take_id: str, number: str, *, swap: bool = False, slated: bool = False) -> Sequence[Take]:
        with self._edit("renumber") as edit:
            swapped = moving.renumber(edit, take_id, number, swap=swap, slated=slated)
        return self._all([take_id, swapped] if swapped else [take_id])

    def _all(self, take_ids: Sequence[str]) -> Sequence[Take]:
        return [self._take(take_id) for take_id in dict.fromkeys(take_ids)]
