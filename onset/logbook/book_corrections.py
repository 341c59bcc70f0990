"""Takes put right afterwards: several at once, moved, renumbered: a part of the department of `book_takes.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from onset.domain.note import Audience
from onset.domain.scene import Setup
from onset.domain.take import Take
from onset.logbook.terms import CopiedFrom, Shift, Value


class CorrectionDepartment(Protocol):
    """Takes put right afterwards. Each verb is one edit, one undo, however many takes it names.

    All raise RefusedError where a take is not in the log or cannot be what is asked for; no take is changed then.
    """

    def find_takes(self, argument: str, *, unit: str = "Main") -> Sequence[Take]:
        """The takes a person means: what `find_take` knows, `42C/3-5`, `42C/*`, and several after commas.

        Raises:
            RefusedError: none; names what is missing.
        """
        ...

    def set_takes(
        self,
        take_ids: Sequence[str],
        fields: Mapping[str, Value],
        *,
        angles: Mapping[str, Mapping[str, Value]] | None = None,
        sound: Mapping[str, Mapping[str, Value]] | None = None,
        by: Shift | None = None,
    ) -> Sequence[Take]:
        """As `set_take`, on each; `sound` has the fields of recorders as `angles` those of cameras.

        With `by` each take is moved in time as a whole; see `onset.logbook.shifting.shift`.
        """
        ...

    def rate_takes(
        self, take_ids: Sequence[str], voter: str, value: str | None, reason: str | None = None
    ) -> Sequence[Take]:
        """As `rate_take`, on each."""
        ...

    def note_takes(
        self, take_ids: Sequence[str], text: str, *, audience: Audience = Audience.EDITOR, author: str | None = None
    ) -> Sequence[Take]:
        """The same words on each, without a timecode."""
        ...

    def tag_takes(
        self, take_ids: Sequence[str], *, add: Collection[str] = (), remove: Collection[str] = ()
    ) -> Sequence[Take]:
        """Put tags on each, and take others off those that have them.

        Raises:
            RefusedError: none of them has the tag that shall come off.
        """
        ...

    def order_takes(
        self, tag: str, take_ids: Sequence[str], beside: str | None = None, *, behind: bool = False
    ) -> Sequence[Take]:
        """Put takes of a tag, one after another as given, before (or `behind`) another of it; None: at an end of all.

        Raises:
            RefusedError: one of them has not the tag, or would stand beside itself; carries its `take_id`.
        """
        ...

    def delete_takes(self, take_ids: Sequence[str]) -> Sequence[Take]: ...

    def move(
        self,
        take_ids: Sequence[str],
        slate: str,
        *,
        scene: str | None = None,
        keep_numbers: bool = False,
        slated: bool = False,
    ) -> Sequence[Take]:
        """Put takes under another slate with everything that belongs to them; see `onset.logbook.moving.move`."""
        ...

    def copy_camera(
        self, take_ids: Sequence[str], source: CopiedFrom | None = None, *, cameras: Collection[str] = ()
    ) -> Sequence[Take]:
        """Copy lens, stop, filters … to the same cameras of takes; see `onset.logbook.copying.copy_to_takes`."""
        ...

    def copy_camera_to_setup(
        self, slate: str, source: CopiedFrom, *, cameras: Collection[str] = (), episode: str | None = None
    ) -> Setup: ...

    def find_setups(self, words: str) -> Sequence[Setup]:
        """Setups with all of these words, in any case and order, in the order of their slates."""
        ...

    def renumber(self, take_id: str, number: str, *, swap: bool = False, slated: bool = False) -> Sequence[Take]:
        """Give a take another number; with `swap` the take that has it gets the old one.

        Returns:
            The take, and the one that it swapped numbers with.

        Raises:
            RefusedError: another take has the number; carries its `take_id`.
        """
        ...
