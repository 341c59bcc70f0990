"""Where a card goes on a target: which folder, and what of the card lies there already.

Used by preflight and the job. Two cards are never mixed: a folder that holds anything else than files of this very card
is left alone and a new one is made beside it.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from onset.errors import OffloadError
from onset.mhl.durable import PART
from onset.mhl.tree import list_tree
from onset.offload.card import Card, is_litter
from onset.offload.files import part_of
from onset.offload.journal import JobSummary
from onset.offload.whose import Owner
from onset.text import safe_path

COUNTER = "{counter}"


@dataclass(frozen=True, slots=True)
class Target:
    """A place that copies are asked for.

    Attributes:
        path: an existing folder, usually a mount point.
        folder: where below it the card goes, relative; with `counted` it still has `{counter}` in it.
        name: as the configuration calls it, None for a bare path.
        disk: the medium's name where the configuration gives one.
        volume: UUID or label of the file system that must be mounted there.
        removable: it is never a folder of this computer's own disk; None where nobody said.
        counted: pattern of the names that `{counter}` counts; its only group is the number.
        at_once: how many jobs its disk takes together; None where the kind of disk decides.
    """

    path: Path
    folder: str
    name: str | None = None
    disk: str | None = None
    volume: str | None = None
    removable: bool | None = None
    counted: str = ""
    at_once: int | None = None


@dataclass(frozen=True, slots=True)
class Later:
    """A target that is filled from a copy of the card.

    Attributes:
        after: number of the target whose copy is read, counted over those of the card first, then over these.
    """

    target: Target
    after: int


@dataclass(frozen=True, slots=True)
class Place:
    """The folder on one target.

    Attributes:
        target: what was asked for.
        folder: absolute; it may not exist yet.
        present: files of this card that lie there under their final names with the right size.
        taken: names of this card's files under which something else lies there.
        unfinished: bytes under unfinished names, left by a job that was cut off; they are made anew in the same room.
        leftovers: unfinished names of files that the card has no more; they are taken away when the rest is sealed.
        has_history: whether it holds an ASC MHL history already.
        warning: said when the folder is not the one that would be expected.
        strangers: fingerprints of the cards whose files lie where this one's would be expected.
    """

    target: Target
    folder: Path
    present: frozenset[str]
    has_history: bool = False
    warning: str | None = None
    taken: frozenset[str] = frozenset()
    unfinished: int = 0
    strangers: frozenset[str] = frozenset()
    leftovers: frozenset[str] = frozenset()


def find_place(target: Target, card: Card, jobs: Sequence[JobSummary] = ()) -> Place:
    """Choose the folder on a target.

    Args:
        target: where to.
        card: what.
        jobs: all on record; they tell which folders were filled from this card and which from others.

    Raises:
        OffloadError: the folder is the target itself, leads out of it or lies in the copy of a card, or a name that is
            needed is taken by something that is not a folder, or cannot be listed.
    """
    wanted = target.path / target.folder
    if not Path(target.folder).parts or ".." in Path(target.folder).parts or Path(target.folder).is_absolute():
        raise OffloadError(f"The card needs a folder of its own below {safe_path(target.path)}; give it a label.")
    warning, owner = None, Owner(card, jobs)
    sealed = owner.around(wanted)
    if sealed is not None:
        raise OffloadError(f"{safe_path(sealed)} is the sealed copy of a card; name another disk or folder.")
    strangers: frozenset[str] = frozenset()
    for number in itertools.count(2):
        folder = wanted if warning is None else wanted.with_name(f"{wanted.name}_{number - 1}")
        if not os.path.lexists(folder):
            return Place(target, folder, frozenset(), False, warning, strangers=strangers)
        if folder.is_symlink() or not folder.is_dir():
            raise OffloadError(f"{safe_path(folder)} is in the way and is not a folder; move it and start again.")
        try:
            there = list_tree(folder, is_litter, manifests=True)
        except OSError as error:
            raise OffloadError(f"{safe_path(folder)} cannot be listed ({error.strerror}).") from error
        if owner.owns(folder, there):
            mine = card.tree.files
            present = {path for path, entry in there.files.items() if path in mine and mine[path].size == entry.size}
            taken = (there.files.keys() | there.others.keys() | there.folders.keys()) & mine.keys() - present
            parts = set(map(part_of, mine.keys() - present))
            begun = {path for path in there.files if path.endswith(PART) and path not in mine}
            return Place(
                target,
                folder,
                frozenset(present),
                "" in there.histories,
                warning,
                frozenset(taken),
                sum(there.files[part].size for part in parts & begun),
                strangers,
                frozenset(begun - parts),
            )
        strangers = strangers or owner.others(folder)
        warning = f"{safe_path(wanted)} holds another card's files; this card goes to a folder of its own beside it."
    raise AssertionError("count() ends never")


def numbered(target: Target, card: Card, jobs: Sequence[JobSummary] = ()) -> Target:
    """The target with a number for `{counter}`: the one under which this card lies there, else the next that is free.

    Args:
        target: where to; returned as it is where it counts nothing.
        card: what.
        jobs: all on record.

    Raises:
        OffloadError: the folder in which it counts cannot be listed.
    """
    if not target.counted:
        return target
    parts = target.folder.split("/")
    place = next(number for number, part in enumerate(parts) if COUNTER in part)
    within = target.path.joinpath(*parts[:place])
    try:
        there = sorted(os.listdir(within)) if within.is_dir() else []
    except OSError as error:
        raise OffloadError(f"{safe_path(within)} cannot be listed ({error.strerror}).") from error
    mine = re.compile(re.escape(parts[place]).replace(re.escape(COUNTER), r"\d+"))
    owner = Owner(card, jobs)
    for name in filter(mine.fullmatch, there):
        folder = "/".join((*parts[:place], name, *parts[place + 1 :]))
        if _holds(target.path / folder, owner):
            return replace(target, folder=folder, counted="")
    taken = [int(found[1]) for name in there if (found := re.fullmatch(target.counted, name))]
    folder = target.folder.replace(COUNTER, f"{max(taken, default=0) + 1:03}", 1)
    return replace(target, folder=folder, counted="")


def _holds(folder: Path, owner: Owner) -> bool:
    """Whether a copy of this card was begun there."""
    if not folder.is_dir() or folder.is_symlink():
        return False
    try:
        there = list_tree(folder, is_litter, manifests=True)
    except OSError:
        return False
    return (bool(there.files) or owner.began(folder)) and owner.owns(folder, there)
