"""The order of takes that have a tag in common, as a person puts them: the day's selects, or any other tag.

A take stands where it was shot until it is moved; what was moved keeps a place of its own, a text between those of its
neighbours. A move therefore changes one take alone, and two seats that move different takes both have their way.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from onset.domain.take import Take

SELECTS = "selects"  # the tag that is meant where nobody names one

_SHOT = 20  # digits of a day and a moment
_DIGITS = "0123456789abcdef"
_PLACE = re.compile(r"[0-9a-f]{0,2000}[1-9a-f]", re.ASCII)  # with a 0 at its end nothing would fit before it


def shot_place(day: int, rolled_ns: int, take_id: str) -> str:
    """The place of a take that nobody moved: shooting order as text.

    >>> shot_place(1, 255, "0a") < shot_place(1, 256, "09") < shot_place(2, 0, "01")
    True
    """
    return f"{max(day, 0):04x}{max(rolled_ns, 0):016x}{take_id}8"


def placed(place: str | None, day: int, rolled_ns: int, take_id: str) -> str:
    """Where a take stands: its own place, if it has one that can be read, else that of shooting order."""
    return place if place and _PLACE.fullmatch(place) else shot_place(day, rolled_ns, take_id)


def place_of(take: Take, tag: str) -> tuple[str, str]:
    """What the takes of a tag are sorted by; two that were put to one place go by their ids, in every log alike."""
    return placed(take.tag_places.get(tag), take.day, take.rolled_ns, take.id), take.id


def in_order(takes: Iterable[Take], tag: str = SELECTS) -> list[Take]:
    """Those that have the tag, as a person ordered them."""
    return sorted((take for take in takes if tag in take.tags), key=lambda take: place_of(take, tag))


def near(place: str, by: int) -> str:
    """A bound one nanosecond of shooting order behind (`by` 1) or before (-1) a place: within it nothing else was shot.

    Who moves a take behind another means behind that one, and not behind what will be shot yet.

    >>> near("0001" + "00000000000000ff" + "abc8", 1)
    '00010000000000000100'
    """
    moved = int(place[:_SHOT].ljust(_SHOT, "0"), 16) + by
    return f"{moved:0{_SHOT}x}" if 0 <= moved < 16**_SHOT else ""


def place_between(low: str, high: str, take_id: str) -> str:
    """A place behind `low` and before `high` for a take; empty `high`: behind all.

    Two seats that put different takes between the same two never meet in one place: the end of the id is in it.

    >>> place_between("1", "3", "00ab"), place_between("1", "2", "00ab"), place_between("8", "", "00ab")
    ('200ab8', '1800ab8', 'c00ab8')
    """
    bounded = low < high
    place, n = "", 0
    while True:
        after = _DIGITS.index(low[n]) if n < len(low) else 0
        before = _DIGITS.index(high[n]) if bounded and n < len(high) else len(_DIGITS)
        if before - after > 1:
            return f"{place}{_DIGITS[(after + before) // 2]}{take_id[-8:]}8"
        bounded = bounded and before == after
        place += _DIGITS[after]
        n += 1
