"""Stills and what they belong to: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from onset.domain.still import Still
from onset.logbook.terms import SaidOfStill


class StillDepartment(Protocol):
    """Stills and what they belong to."""

    def bring_in_stills(self, stills: Sequence[Still]) -> tuple[int, int]:
        """Remember stills, in one edit; one is known by its bytes.

        A new one is proposed for what it names, or belongs to it for certain where its state says so.

        A known one gets the new proposal while no person has decided on it; otherwise it stays as it is, deleted ones
        too.

        Returns:
            How many are new, and how many were known.

        Raises:
            RefusedError: no digest, no such take, setup or unit; or a value that cannot be.
        """
        ...

    def say_of_still(self, still_id: str, said: SaidOfStill) -> Still:
        """A person's word on a still: which take or setup it belongs to, whose continuity it shows, what it shows.

        Raises:
            RefusedError: no such still, take, setup or continuity entry; or nothing is proposed that could be
                confirmed or refused.
        """
        ...

    def confirm_stills(self, still_ids: Sequence[str]) -> None:
        """What is proposed for these is right, in one edit.

        Raises:
            RefusedError: as `say_of_still`, and then none is confirmed.
        """
        ...

    def find_still(self, argument: str) -> Still:
        """By its id, its path or its file's name.

        Raises:
            RefusedError: there is none, or more than one.
        """
        ...

    def stills(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Still]:
        """In the order they were taken; None means any. Those of no unit or day are in every answer without one."""
        ...
