"""One device beside the log: the takes it may have, its media in its own order, both as arrays of seconds.

Made by `solve.py` for each device of a day; read by everything that looks for clocks and pairs.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from onset.match.names import Label, Rows, Slates, Word
from onset.match.observed import LoggedTake, Medium, Side

Seconds = NDArray[np.float64]
Numbers = NDArray[np.int64]

DAY_S = 86_400.0
_PAUSE_S = 4 * 3600.0
_DIGITS = re.compile(r"(\d+)")


@dataclass(frozen=True, slots=True)
class LogClock:
    """The takes on one clock of the log, unwrapped over midnight; NaN where an end is not known."""

    name: str
    start: Seconds
    end: Seconds


@dataclass(frozen=True, slots=True, eq=False)
class Device:
    """What is known of a device on a day.

    Attributes:
        takes: those that it may have, in the order of the log; `measured` False where the times are from memory.
        named: the log says that this device was in the take (always for sound).
        media: in the device's own order: card by card, by number.
        card: number of the card of each medium; `start`, `length` without a declared pre-record, NaN if unknown.
        clocks: the clocks of the log, the one with labels first.
        ruled: pairs (take, medium) by number that a person confirmed; `refused` those that she refused.
    """

    side: Side
    name: str
    takes: tuple[LoggedTake, ...]
    measured: NDArray[np.bool_]
    named: NDArray[np.bool_]
    media: tuple[Medium, ...]
    card: Numbers
    start: Seconds
    length: Seconds
    clocks: tuple[LogClock, ...]
    slates: Slates
    rows: Rows
    labels: tuple[Label | None, ...]
    ruled: frozenset[tuple[int, int]] = frozenset()
    refused: frozenset[tuple[int, int]] = frozenset()
    of_label: dict[int, tuple[int, ...]] = field(default_factory=dict)

    def word(self, take: int, medium: int) -> Word:
        """What the file itself says of a pair."""
        return self.slates.word(self.labels[medium], take)


@lru_cache(maxsize=65_536)
def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """A key by which A9 comes before A10."""
    parts = _DIGITS.split(text.casefold())
    return tuple((1, int(part[:18]), part) if part.isdecimal() else (0, 0, part) for part in parts if part)


def in_own_order(media: Iterable[Medium]) -> tuple[Medium, ...]:
    """Card by card as the reels are numbered, and by number on each."""
    cards: dict[str, list[Medium]] = defaultdict(list)
    for medium in media:
        cards[medium.card].append(medium)
    found: list[Medium] = []
    for card in sorted(cards, key=lambda card: (natural(min(each.reel for each in cards[card])), card)):
        found += sorted(cards[card], key=_place_on_card)
    return tuple(found)


def _place_on_card(medium: Medium) -> tuple[int, tuple[tuple[int, int, str], ...], float, str]:
    number = -1 if medium.number is None else medium.number
    return number, natural(medium.name), medium.start_s or 0.0, medium.id


def arrays(media: Sequence[Medium]) -> tuple[Numbers, Seconds, Seconds]:
    """Card numbers, starts and lengths; a length that no recording has is not known."""
    cards: dict[str, int] = {}
    card = np.array([cards.setdefault(each.card, len(cards)) for each in media], dtype=np.int64)
    start = np.array([np.nan if each.start_s is None else each.start_s + max(each.ahead_s, 0.0) for each in media])
    length = np.array([np.nan if each.length_s is None else each.length_s - max(each.ahead_s, 0.0) for each in media])
    with np.errstate(invalid="ignore"):
        length[~((length > 0) & (length < DAY_S))] = np.nan
    return card, start.astype(np.float64), length.astype(np.float64)


def in_log_order(takes: Iterable[LoggedTake]) -> tuple[LoggedTake, ...]:
    """By the wall clock, a day that wraps at midnight put together again."""
    ordered = sorted(takes, key=lambda take: (take.wall_s, take.id))
    if not ordered or ordered[0].wall_s < 0 or ordered[-1].wall_s >= DAY_S:
        return tuple(ordered)
    gaps = [after.wall_s - before.wall_s for before, after in pairwise(ordered)]
    outer = ordered[0].wall_s + DAY_S - ordered[-1].wall_s
    # A night's work pauses for a meal over midnight; where it pauses longer, the day had a dawn and a dusk.
    if not gaps or max(gaps) <= _PAUSE_S or outer > _PAUSE_S:
        return tuple(ordered)
    cut = gaps.index(max(gaps)) + 1
    return tuple(ordered[cut:] + ordered[:cut])


def log_clocks(takes: Sequence[LoggedTake]) -> tuple[LogClock, ...]:
    """The clocks of the log: the labels of the source that most takes have, then the wall clock."""
    if not takes:
        return ()
    wall = _unwrapped(np.array([take.wall_s for take in takes], dtype=np.float64))
    wall_length = np.array(
        [np.nan if take.wall_end_s is None else take.wall_end_s - take.wall_s for take in takes], dtype=np.float64
    )
    wall_length = np.where(wall_length < 0, wall_length + DAY_S, wall_length)
    clocks = [LogClock("the log's clock", wall, wall + wall_length)]
    counts: dict[str, int] = defaultdict(int)
    for take in takes:
        if take.label_s is not None and take.measured:
            counts[take.label_source or ""] += 1
    if counts:
        source = min(counts, key=lambda each: (-counts[each], each))
        label = np.array(
            [
                take.label_s
                if take.label_s is not None and take.measured and (take.label_source or "") == source
                else np.nan
                for take in takes
            ],
            dtype=np.float64,
        )
        apart = around(label - wall)
        known = ~np.isnan(apart)
        middle = float(around(np.array(circular_median(apart[known]))))  # not a day off for a label a moment early
        start = wall + middle + np.where(known, around(apart - middle), 0.0)
        clocks.insert(0, LogClock(source or "labels", start, start + wall_length))
    return tuple(clocks)


def _unwrapped(wall: Seconds) -> Seconds:
    """A clock that fell back by most of a day went over midnight."""
    steps = np.diff(wall, prepend=wall[:1])
    return wall + DAY_S * np.cumsum(steps < -DAY_S / 6)


def around(seconds: Seconds) -> Seconds:
    """The same times of day, between half a day before and half a day after zero."""
    result: Seconds = (seconds + DAY_S / 2) % DAY_S - DAY_S / 2
    return result


def circular_median(seconds: Seconds) -> float:
    """A median of differences modulo a day."""
    if not len(seconds):
        return 0.0
    hours = np.bincount(((seconds % DAY_S) // 600).astype(np.int64) % 144, minlength=144)
    near = float(np.argmax(hours)) * 600 + 300
    return float(near + np.median(around(seconds - near)))
