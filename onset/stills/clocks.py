"""How far a still camera's clock is off: one offset for all its stills, and only where they say so together.

Used by `place.py`. On set most stills are taken while a take runs or right after its cut ("hold for stills"), so under
the right offset most of them fall there. A camera set to another zone, or to the year it was made in, shows as an
offset under which they do and without which they do not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

_NS = 1_000_000_000
AFTER_CUT_NS = 60 * _NS  # a still taken so long after a cut still counts as taken at that take
_SAME_NS = 10 * 60 * _NS  # offsets nearer than this are one and the same
_FURTHEST_NS = 30 * 366 * 86_400 * _NS
_ZONES_NS = 15 * 60 * _NS  # zones differ by quarters of an hour
_FEWEST = 6

Span = tuple[int, int]  # from the roll to the cut, nanoseconds UTC


@dataclass(frozen=True, slots=True)
class Correction:
    """What to add to a camera's clock.

    Attributes:
        offset_ns: nanoseconds.
        fit: how many of `of` stills were taken at a take then, and how many `without` it; None: a person said it.
    """

    offset_ns: int
    fit: int | None = None
    of: int | None = None
    without: int | None = None


def correction_of(taken_ns: Sequence[int], takes: Sequence[Span]) -> Correction | None:
    """The offset that one camera's stills vote for, or None where they do not, or its clock is right.

    Three quarters of them must fit a take, clearly more (three at least) than under any other offset and without one.

    Args:
        taken_ns: by the camera's clock, nanoseconds UTC.
        takes: of the days in question.
    """
    every = len(taken_ns)
    if every < _FEWEST or not takes:
        return None
    reach = _joined((begin, end + AFTER_CUT_NS) for begin, end in takes)
    counted = _counted(taken_ns, reach)
    best = max(count for _, _, count in counted)
    plateaus = [(begin, end) for begin, end, count in counted if count == best]
    begin, end = max(plateaus, key=lambda one: one[1] - one[0])
    other = max((count for low, high, count in counted if high < begin - _SAME_NS or low > end + _SAME_NS), default=0)
    without = next((count for low, high, count in counted if low <= 0 <= high), 0)
    margin = max(3, every // 8)
    if best * 4 < every * 3 or best - other < margin or best - without < max(margin, every // 4):
        return None
    return Correction(_within(begin, end), best, every, without)


def _joined(spans: Iterable[Span]) -> list[Span]:
    """Spans that overlap as one, so that no still counts twice."""
    found: list[Span] = []
    for begin, end in sorted(spans):
        if found and begin <= found[-1][1]:
            found[-1] = found[-1][0], max(end, found[-1][1])
        else:
            found.append((begin, end))
    return found


def _counted(taken_ns: Sequence[int], reach: Sequence[Span]) -> list[tuple[int, int, int]]:
    """Every range of offsets with the number of stills that fall at a take under it."""
    steps: dict[int, int] = {}
    for taken in taken_ns:
        for begin, end in reach:
            if abs(begin - taken) <= _FURTHEST_NS:
                steps[begin - taken] = steps.get(begin - taken, 0) + 1
                steps[end - taken] = steps.get(end - taken, 0) - 1
    edges = sorted(steps)
    found: list[tuple[int, int, int]] = []
    count = 0
    for edge, following in pairwise(edges):
        count += steps[edge]
        found.append((edge, following, count))
    return found


def _within(begin: int, end: int) -> int:
    """The difference of zones in a range, the smallest; else its middle, in whole seconds."""
    first = -(-begin // _ZONES_NS) * _ZONES_NS
    zones = [one for one in (first, end // _ZONES_NS * _ZONES_NS) if begin <= one <= end]
    middle = (begin + end) // 2 // _NS * _NS
    return min(zones, key=lambda one: abs(one - middle), default=middle)
