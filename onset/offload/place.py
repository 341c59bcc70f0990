"""Where a card goes on a target: which folder, and what of the card lies there already.

Used by preflight and the job. Two cards are never mixed: a folder that holds anything else than files of this very card
is left alone and a new one is made beside it.
"""

from __future__ import annotations

import itertools
import os
from dataclasses import dataclass
from pathlib import Path

from onset.errors import OffloadError
from onset.mhl.durable import PART
from onset.mhl.tree import FOLDER, FileEntry, Tree, list_tree
from onset.offload.card import Card, is_litter
from onset.text import safe_path

_SECOND = 1_000_000_000
_FAT_RESOLUTION_S = 2
_MOST_ZONES_S = 14 * 3600


@dataclass(frozen=True, slots=True)
class Target:
    """A place that copies are asked for.

    Attributes:
        path: an existing folder, usually a mount point.
        folder: where below it the card goes, relative.
        name: as the configuration calls it, None for a bare path.
        disk: the medium's name where the configuration gives one.
    """

    path: Path
    folder: str
    name: str | None = None
    disk: str | None = None


@dataclass(frozen=True, slots=True)
class Place:
    """The folder on one target.

    Attributes:
        target: what was asked for.
        folder: absolute; it may not exist yet.
        present: files of this card that lie there under their final names with the right size.
        has_history: whether it holds an ASC MHL history already.
        warning: said when the folder is not the one that would be expected.
    """

    target: Target
    folder: Path
    present: frozenset[str]
    has_history: bool = False
    warning: str | None = None


def find_place(target: Target, card: Card, known: frozenset[Path] = frozenset()) -> Place:
    """Choose the folder on a target.

    Args:
        target: where to.
        card: what.
        known: folders that earlier jobs filled from this same card (by fingerprint).

    Raises:
        OffloadError: the folder is the target itself or leads out of it, or a name that is needed is taken by something
            that is not a folder, or cannot be listed.
    """
    wanted = target.path / target.folder
    if not Path(target.folder).parts or ".." in Path(target.folder).parts or Path(target.folder).is_absolute():
        raise OffloadError(f"The card needs a folder of its own below {safe_path(target.path)}; give it a label.")
    warning = None
    for number in itertools.count(2):
        folder = wanted if warning is None else wanted.with_name(f"{wanted.name}_{number - 1}")
        if not os.path.lexists(folder):
            return Place(target, folder, frozenset(), False, warning)
        if folder.is_symlink() or not folder.is_dir():
            raise OffloadError(f"{safe_path(folder)} is in the way and is not a folder; move it and start again.")
        try:
            there = list_tree(folder, is_litter, manifests=True)
        except OSError as error:
            raise OffloadError(f"{safe_path(folder)} cannot be listed ({error.strerror}).") from error
        if folder in known or is_of_card(there, card.tree):
            present = {p for p, entry in there.files.items() if _same_size(card.tree.files.get(p), entry)}
            return Place(target, folder, frozenset(present), "" in there.histories, warning)
        warning = f"{safe_path(wanted)} holds another card's files; this card goes to a folder of its own beside it."
    raise AssertionError("count() ends never")


def is_of_card(there: Tree, card: Tree) -> bool:
    """Whether a folder holds nothing but files of this card: same path, size and date (or a part of one)."""
    for path, entry in there.files.items():
        mine = card.files.get(path)
        if mine is not None and _same_size(mine, entry) and same_time(mine.mtime_ns, entry.mtime_ns):
            continue
        if path.endswith(PART) or FOLDER in path.split("/")[:-1]:
            continue
        return False
    return True


def _same_size(mine: FileEntry | None, theirs: FileEntry) -> bool:
    return mine is not None and mine.size == theirs.size


def same_time(one_ns: int, other_ns: int) -> bool:
    """Whether two dates may be one: FAT keeps 2 s, and local time, so that whole hours may lie between.

    >>> same_time(10**9, 2 * 10**9), same_time(0, 3600 * 10**9), same_time(0, 60 * 10**9)
    (True, True, False)
    """
    apart = abs(one_ns - other_ns) / _SECOND
    if apart > _MOST_ZONES_S + _FAT_RESOLUTION_S:
        return False
    off = apart % 3600
    return min(off, 3600 - off) <= _FAT_RESOLUTION_S
