"""Takes: their life, what is said of them, and how they are found: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from onset.domain.note import Audience, Note
from onset.domain.take import Stamp, Take
from onset.logbook.book_corrections import CorrectionDepartment
from onset.logbook.broken_off import Here
from onset.logbook.terms import EVERY_TAKE, UNSET, Next, TakeFilter, Unset, Value


class TakeDepartment(CorrectionDepartment, Protocol):
    """Takes: their life, what is said of them, and how they are found."""

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
        """Start the proposed take (after applying `change` in the same edit); its number is given inside the edit.

        With `new_day` a day that is still open ended with its newest stamp or take, and the next one begins.
        `by` names the device or trigger line that started it; empty: a person did.

        Raises:
            RefusedError: a take of this unit rolls already; names it. Carries `take_id`.
        """
        ...

    def action(self, take_id: str, stamp: Stamp) -> Take:
        """A new run; a second one within a take is a reset and makes it a series."""
        ...

    def cut(self, take_id: str, stamp: Stamp, *, by: str = "") -> Take:
        """End it; `by` as in `roll`.

        Raises:
            RefusedError: it does not roll (any more).
        """
        ...

    def earlier(self, take_id: str, seconds: int) -> Take:
        """Its newest stamp (roll, action or cut) was that much earlier: moment and label alike, durations follow.

        A take that was entered afterwards has no stamps of its own, and goes as a whole.

        Raises:
            RefusedError: the stamp would come before the one that it follows, or by more than a day.
        """
        ...

    def interrupt(self, take_id: str, stamp: Stamp) -> Take:
        """Close a take whose cut nobody saw; its state becomes `interrupted`."""
        ...

    def close_take(self, take_id: str, duration_frames: int | None) -> Take:
        """Close a take whose cut nobody saw, at the length that somebody remembers; None: nobody does.

        Raises:
            RefusedError: it does not roll, or would end before its last action.
        """
        ...

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
        """Insert a take that was missed: cut already, timed by `stamp`; of that `day`, else of the open one.

        It is of the board's episode, or of another one that is named.
        """
        ...

    def set_take(
        self, take_id: str, fields: Mapping[str, Value], *, angles: Mapping[str, Mapping[str, Value]] | None = None
    ) -> Take:
        """Change fields of a take (see `onset.logbook.fields.TAKE_FIELDS`), and in the same edit those of its cameras.

        Raises:
            RefusedError: no such field, or a value it cannot hold; names both.
        """
        ...

    def set_angle(self, take_id: str, camera: str, fields: Mapping[str, Value]) -> Take: ...

    def note(
        self,
        take_id: str,
        text: str,
        *,
        audience: Audience = Audience.EDITOR,
        stamp: Stamp | None = None,
        author: str | None = None,
    ) -> Note:
        """Add a note; `stamp` is the moment of its first keystroke while the take rolled."""
        ...

    def mark(self, take_id: str, stamp: Stamp, text: str = "") -> Note: ...

    def rate_take(self, take_id: str, voter: str, value: str | None, reason: str | None = None) -> Take: ...

    def tag(self, take_id: str, *, add: Collection[str] = (), remove: Collection[str] = ()) -> Take: ...

    def delete(self, take_id: str) -> Take:
        """Hide a take; nothing is erased, and `restore` brings it back."""
        ...

    def restore(self, take_id: str) -> Take: ...

    def take(self, take_id: str) -> Take | None: ...

    def find_take(self, argument: str, *, unit: str = "Main") -> Take:
        """The take a person means: `42C/3`, `101:42C/3` of episode 101, an id, or `last`.

        Raises:
            RefusedError: no such take, or several; names them.
        """
        ...

    def takes(self, wanted: TakeFilter = EVERY_TAKE) -> Sequence[Take]:
        """Whole takes, newest first unless asked otherwise."""
        ...

    def count_takes(self, wanted: TakeFilter = EVERY_TAKE) -> int: ...

    def rolling(self, unit: str | None = None) -> Sequence[Take]:
        """What rolls here; a take that rolls on another laptop, whose log was taken in, is not among them."""
        ...

    def broken_off(self, unit: str, here: Here) -> Sequence[Take]:
        """Those of `rolling` whose cut nobody can have seen; `onset.logbook.broken_off` says when that is so."""
        ...

    def tags(self) -> Sequence[str]:
        """Tags in use, most used first."""
        ...
