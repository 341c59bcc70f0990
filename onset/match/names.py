"""What files and reports say of scene and take, compared with the log: agrees, differs, or says nothing.

Used by the parts of the matcher that weigh evidence. Spelling makes no difference (`onset/slate.py`, `onset/reel.py`).
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterable, Sequence
from enum import Enum
from functools import lru_cache

from onset.match.observed import LoggedTake, Medium, Said
from onset.reel import clip_key, roll_key, same_clip_name
from onset.slate import sort_key, split_take

Label = tuple[str, str]  # keys of a slate and of a take


class Word(Enum):
    """What one source says about a pair."""

    AGREES = "agrees"
    DIFFERS = "differs"
    SILENT = "silent"


_APART = re.compile(r"[\s_-]+")
_TAKE_WORD = re.compile(r"(?:take|tk|t)[\s_.-]*(?=\d)", re.ASCII | re.IGNORECASE)


@lru_cache(maxsize=65_536)
def slate_key(label: str) -> str:
    """A slate for comparison: recorders are typed on with a thumb.

    >>> slate_key("42-c") == slate_key("042 C") == slate_key("42C")
    True
    """
    return sort_key(_APART.sub("", label))


@lru_cache(maxsize=65_536)
def take_key(label: str) -> str:
    """A take for comparison.

    >>> take_key("T03") == take_key("3"), take_key("3 PU") == take_key("3"), take_key("take 3pu") == take_key("3 PU")
    (True, False, True)
    """
    return sort_key(_TAKE_WORD.sub("", label.strip(), count=1))


@lru_cache(maxsize=65_536)
def _roll(label: str) -> str:
    return roll_key(label)


@lru_cache(maxsize=65_536)
def _same(one: str, other: str) -> bool:
    return same_clip_name(one, other)


def labels_of(take: LoggedTake) -> frozenset[Label]:
    """Under which labels a file may speak of this take: as it was logged, and as it was slated."""
    found = {(slate_key(take.slate), take_key(take.take))}
    if take.slated_as:
        slate, number = split_take(take.slated_as)
        found.add((slate_key(slate), take_key(number)))
    return frozenset(found)


def label_of(medium: Medium) -> Label | None:
    """What the file says of itself, None when it does not say both."""
    if not medium.scene.strip() or not medium.take.strip():
        return None
    return slate_key(medium.scene), take_key(medium.take)


def same_roll(typed: str, reel: str) -> bool:
    """Whether a typed roll is the reel's."""
    return _roll(typed) == _roll(reel)


class Slates:
    """The labels of a day's takes, to find the one that a file or a row speaks of."""

    def __init__(self, takes: Sequence[LoggedTake]) -> None:
        self.labels = [labels_of(take) for take in takes]
        self.takes = takes
        self.numbers: dict[Label, list[int]] = defaultdict(list)
        for number, labels in enumerate(self.labels):
            for label in sorted(labels):
                self.numbers[label].append(number)
        self.slates = {label[0] for labels in self.labels for label in labels}
        self.scenes = [slate_key(take.scene) for take in takes]

    def word(self, label: Label | None, number: int) -> Word:
        """What a file that is labelled so says of a take."""
        if label is None:
            return Word.SILENT
        if label in self.labels[number]:
            return Word.AGREES
        mine = {take for _, take in self.labels[number]}
        if label[0] == self.scenes[number] and label[0] not in self.slates and label[1] in mine:
            return Word.SILENT  # "42" and take 3, where every slate of 42 has a letter: too little to tell
        return Word.DIFFERS


class Rows:
    """Rows of camera and sound reports about one device, joined to its media and to the takes.

    A row that does not say whose it is may be another device's: it counts only where it names a file of this one.
    """

    def __init__(self, said: Iterable[Said], media: Sequence[Medium], slates: Slates, owners: Container[str]) -> None:
        self.of_take: dict[int, set[int]] = defaultdict(set)
        self.of_medium: dict[int, set[int]] = defaultdict(set)
        self.only_of: dict[int, set[int]] = defaultdict(set)  # where the name is no other medium's
        self.names: dict[int, list[str]] = defaultdict(list)
        by_key: dict[str, list[int]] = defaultdict(list)
        for number, medium in enumerate(media):
            by_key[clip_key(medium.name)].append(number)
        for row in said:
            if not row.name.strip():
                continue
            numbers = slates.numbers.get((slate_key(row.slate), take_key(row.take)), [])
            named = by_key.get(clip_key(row.name)) or [
                number for number, medium in enumerate(media) if _named(row, medium)
            ]
            if row.roll and len(named) > 1:
                named = [n for n in named if not media[n].reel or same_roll(row.roll, media[n].reel)] or named
            if not named and row.device not in owners:
                continue
            for number in numbers:
                self.names[number].append(row.name)
                self.of_take[number].update(named)
            for which in named:
                if len(named) == 1:
                    self.only_of[which].update(numbers)
                self.of_medium[which].update(numbers)

    def word(self, take: int, medium: int) -> Word:
        """What the reports say of a pair."""
        if medium in self.of_take.get(take, ()):
            return Word.AGREES
        if take in self.of_take or self.of_medium.get(medium):
            return Word.DIFFERS
        return Word.SILENT


def _named(row: Said, medium: Medium) -> bool:
    if _same(row.name, medium.name):
        return True
    bare = row.name.strip().lstrip("Cc").lstrip("0")
    return (
        bare.isascii()
        and bare.isdecimal()
        and bool(row.roll)
        and medium.number == int(bare[:9])
        and bool(medium.reel)
        and same_roll(row.roll, medium.reel)
    )
