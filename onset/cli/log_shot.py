"""`at=` of `onset log set`: when takes were shot, as typed: a time of their day, or how far they are off."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from onset.errors import UsageError
from onset.logbook.terms import Shift
from onset.logbook.typed_times import shift_to
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Desk
    from onset.domain.take import Take

_BY = re.compile(r"([+-])(\d{1,4}):(\d\d)(?::(\d\d))?", re.ASCII)
_NS = 1_000_000_000


def said_when(words: Sequence[str]) -> tuple[str | None, list[str]]:
    """What stands after `at=`, None where nothing does, and the other words.

    Raises:
        UsageError: it is said twice.
    """
    said = [word.partition("=")[2].strip() for word in words if word.partition("=")[0] == "at"]
    if len(said) > 1:
        raise UsageError("A take is moved to one moment; say at= once.")
    return (said[0] if said else None), [word for word in words if word.partition("=")[0] != "at"]


def shift_of(desk: Desk, takes: Sequence[Take], typed: str) -> Shift:
    """How far takes move: `17:20` and `17:20:30` of the day that one take is of, `+2:00:00` or `-0:30` of any.

    Raises:
        UsageError: not a time; one that is still to come; a time of day for several takes.
        RefusedError: the take's day is not in the log.
    """
    by = _BY.fullmatch(typed)
    if by is not None:
        hours, minutes, seconds = int(by[2]), int(by[3]), int(by[4] or 0)
        if minutes < 60 and seconds < 60:
            size = (hours * 3600 + minutes * 60 + seconds) * _NS
            return Shift(ns=size if by[1] == "+" else -size)
    if by is not None or typed.count(":") not in (1, 2):
        raise UsageError(
            f'"{safe_text(typed)}" is not when a take was shot; write at=17:20 or at=17:20:30, '
            "or how far it is off as hours, minutes and seconds: at=+2:00:00, at=-0:30."
        )
    if len(takes) > 1:
        raise UsageError(f"{len(takes)} takes were not shot at one time; say how far they are off, as in at=+2:00:00.")
    (take,) = takes
    return shift_to(desk.log, take, typed, desk.stamp())
