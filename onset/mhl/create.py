"""Make a generation of files where they lie: the first one, or one more that also checks what is on record.

Used by `onset mhl create`. On a day's folder that holds several cards it is the day's own history: a new generation in
each card's, and one above them that refers to these.
"""

from __future__ import annotations

import os
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from onset.clock import Clock
from onset.errors import ManifestError, RefusedError
from onset.mhl.append import append_generation
from onset.mhl.check import (
    MISSING,
    Taking,
    Trouble,
    Verification,
    compare,
    covered,
    creator_now,
    paired,
    tell_missing_folders,
    tell_strays,
)
from onset.mhl.hashes import HashFormat
from onset.mhl.history import look_above
from onset.mhl.holding import holding, require_unchanged
from onset.mhl.paths import in_folder
from onset.mhl.reading import Reader, Tally
from onset.mhl.records import Author, Process
from onset.mhl.tree import Tree
from onset.mhl.xml import UNREADABLE
from onset.text import safe_path


@dataclass(frozen=True, slots=True)
class Order:
    """What a new generation is to say.

    Attributes:
        formats: to hash in; none means those of the history, or xxh128.
        ignore: patterns that hold from now on, relative to the top.
        only: record nothing but these files, and what lies in these folders; None means everything.
        authors: who makes it.
        location: where.
        comment: anything.
    """

    formats: tuple[HashFormat, ...] = ()
    ignore: tuple[str, ...] = ()
    only: tuple[Path, ...] | None = None
    authors: tuple[Author, ...] = ()
    location: str | None = None
    comment: str | None = None


def create(top: Path, order: Order, read: Reader, clock: Clock, tally: Tally | None = None) -> Verification:
    """Write the next generation at `top`, nested histories first.

    Files on record are verified on the way, in a format that is on record too; others are taken in. On a medium that
    takes nothing, what is on record is verified all the same, and a trouble says that nothing was written.

    Args:
        top: a folder.
        order: what to record and what to say.
        read: how to read the medium; called from several threads.
        clock: for the dates in the manifest.
        tally: kept up to date while running.

    Raises:
        ManifestError: a history is altered or unreadable (30 to 33), a file in `only` is not there (20).
        RefusedError: another program writes there, or there is nothing to record.
        OSError: the folder cannot be opened.
    """
    started = clock.wall_ns()
    with holding(top) as place:
        history, tree = covered(top, may_be_new=True, ignore=order.ignore)
        look_above(history)
        writable = os.access(top, os.W_OK)
        if not history.chain and not writable:
            raise RefusedError(f"{safe_path(top)} is read-only and has no history, so there is nothing to do.")
        if not tree.files and not history.children and not history.known:
            raise RefusedError(f"{safe_path(top)} holds no file to record; give the folder of a card or of a day.")
        only = None if order.only is None else frozenset(_chosen(top, tree, order.only))
        done, found = compare(history, tree, read, clock, tally, Taking(order.formats, only))
        if not writable:
            done.troubles.append(Trouble(".", "is read-only, so no generation was written", UNREADABLE))
            return done
        creator = creator_now(clock, comment=order.comment, authors=order.authors, location=order.location)
        try:
            require_unchanged(history, place)
            appended = append_generation(
                history, found, process=Process.IN_PLACE, creator=creator, started_ns=started, ignore=order.ignore
            )
        except ManifestError as error:
            done.troubles.append(Trouble(".", str(error), UNREADABLE))
        except OSError as error:
            done.troubles.append(Trouble(".", f"takes no generation ({error.strerror})", UNREADABLE))
        else:
            done.generation = appended.number
            done.manifests = appended.manifests
        return done


def _chosen(top: Path, tree: Tree, given: Iterable[Path]) -> Iterable[str]:
    """The files that are meant, relative to the top."""
    for path in given:
        shown = safe_path(path)
        try:
            inside = path.relative_to(top).as_posix()
        except ValueError:
            raise RefusedError(f"{shown} does not lie in {safe_path(top)}; give a file of that folder.") from None
        inside = "" if inside == "." else inside
        below = [name for name in tree.files if in_folder(name, inside, itself=True)]
        if not below and not os.path.lexists(path):
            raise ManifestError(f"There is no file {shown}; nothing was recorded.", MISSING)
        if not below:
            raise RefusedError(f"{shown} is no file that a history lists (a link, empty, or left out by a pattern).")
        yield from below


def diff(top: Path) -> Verification:
    """What is missing and what is new at `top`; nothing is read but names.

    Raises:
        ManifestError: a history is missing, altered or unreadable (30 to 33).
    """
    history, tree = covered(top)
    done = Verification(top, warnings=[warning for part in history.lineage() for warning in part.warnings])
    known = history.all_known() | history.all_unlisted()
    pairs = paired(history, known, tree, done)
    tell_strays(done, sorted(tree.files.keys() - set(pairs.values())), tree.others)
    tell_missing_folders(history, tree, done)
    return done
