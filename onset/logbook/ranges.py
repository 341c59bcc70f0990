"""Which takes a person means who names several at once: `42C/3-5`, `42C/*`, `42C/1,3,7-9,43A/2`.

Used by the verbs that correct several takes in one edit. A label that was given to a take as it stands is that take.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from onset.domain.take import Take
from onset.errors import RefusedError
from onset.slate import sort_key, split_take
from onset.text import safe_text

_SPAN = re.compile(r"(.*[^\s-])\s*-\s*([^\s-].*)", re.ASCII)
_NUMBER = re.compile(r"\d+", re.ASCII)


@dataclass(frozen=True, slots=True)
class Several:
    """Takes of one slate: from `first` to `last`, or every one where both are empty."""

    slate: str
    first: str = ""
    last: str = ""

    def __str__(self) -> str:
        return f"{self.slate}/{self.first}-{self.last}" if self.first else f"{self.slate}/*"

    def among(self, takes: Iterable[Take]) -> list[Take]:
        """Those of the slate's takes that are meant, in the order of their numbers.

        Between two plain numbers lie their pickups and parts too: `4 PU` and `5.2` are in 3-5.
        """
        found = sorted(takes, key=lambda take: (sort_key(take.take), take.shot))
        if not self.first:
            return found
        if self.first.isdecimal() and self.last.isdecimal():
            ends = int(self.first), int(self.last)
            return [take for take in found if ends[0] <= _leading(take.take) <= ends[1]]
        return [take for take in found if sort_key(self.first) <= sort_key(take.take) <= sort_key(self.last)]


def parts(argument: str) -> list[str]:
    """`42C/1,3,7-9,43A/2` as `42C/1`, `42C/3`, `42C/7-9`, `43A/2`: a part without a slate has that of the one before.

    Raises:
        RefusedError: there is no part, or the first one names no slate.
    """
    found: list[str] = []
    slate = ""
    for part in filter(None, (part.strip() for part in argument.split(","))):
        here, number = split_take(part)
        if part == "last" or (len(part) == 32 and not here):
            found.append(part)
            continue
        slate = here or slate
        if not slate:
            raise RefusedError(f'"{safe_text(argument)}" names no slate; write SLATE/TAKE as in 42C/3-5.')
        found.append(f"{slate}/{number if here else part}")
    if not found:
        raise RefusedError(f'"{safe_text(argument)}" names no take; write SLATE/TAKE as in 42C/3-5.')
    return found


def several(part: str) -> Several | None:
    """What one part means where it is a range or a whole slate; None where it can only be one take.

    Raises:
        RefusedError: a range that runs backwards.
    """
    slate, number = split_take(part)
    if number == "*" and slate:
        return Several(slate)
    match = _SPAN.fullmatch(number)
    if match is None or not slate:
        return None
    first, last = match.groups()
    if sort_key(first) > sort_key(last):
        raise RefusedError(f"{safe_text(part)} runs backwards; write {safe_text(f'{slate}/{last}-{first}')}.")
    return Several(slate, first, last)


def names_several(argument: str) -> bool:
    """Whether the answer to that argument is a list, even where it turns out to hold one take."""
    return "," in argument or several(argument) is not None


def without_twins(takes: Iterable[Take]) -> Sequence[Take]:
    """Each take once, in the order of its first mention."""
    return list({take.id: take for take in takes}.values())


def _leading(label: str) -> int:
    match = _NUMBER.search(label)
    return int(match[0]) if match else -1
