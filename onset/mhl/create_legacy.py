"""Make a legacy MHL 1.1 list of what lies in a folder, for those who still ask for one.

Used by `onset mhl create --legacy`. The list has no history. Where the folder has one, or one above or below it, every
file is compared with what is on record in the same read, and one that differs is not listed: the list would certify it.
"""

from __future__ import annotations

import getpass
import os
import platform
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import onset
from onset.clock import Clock
from onset.errors import ManifestError, RefusedError
from onset.mhl.append import storable
from onset.mhl.check import INCOMPLETE, MISMATCH, Taking, Trouble, Verification, compare, covered
from onset.mhl.hashes import HashFormat
from onset.mhl.history import Checked, Found, History, iso, look_above
from onset.mhl.holding import holding
from onset.mhl.legacy import LegacyFormat, LegacyHead, LegacyLine, legacy_can_list, write_legacy
from onset.mhl.paths import found_as
from onset.mhl.reading import Reader, Tally
from onset.mhl.tree import FileEntry, Tree
from onset.mhl.xml import UNREADABLE
from onset.text import safe_path

# What is written: the spelling that everybody reads, quickest first.
WRITTEN = {
    LegacyFormat.XXHASH64BE: HashFormat.XXH64,
    LegacyFormat.SHA1: HashFormat.SHA1,
    LegacyFormat.MD5: HashFormat.MD5,
}


def create_legacy(
    top: Path,
    formats: tuple[LegacyFormat, ...],
    read: Reader,
    clock: Clock,
    *,
    ignore: tuple[str, ...] = (),
    name: str | None = None,
    comment: str | None = None,
    tally: Tally | None = None,
) -> Verification:
    """Write `<folder>_<date>_<time>.mhl` into `top`, of every file in it that is as it is on record, or on none.

    Histories get no generation. What they leave out is not listed.

    Args:
        top: a folder.
        formats: of `WRITTEN`.
        read: how to read the medium; called from several threads.
        clock: for the dates, written in UTC.
        ignore: patterns, relative to `top`.
        name: who makes it.
        comment: goes into its log.
        tally: kept up to date while running.

    Raises:
        RefusedError: there is nothing to list, nothing can be written, or the name is taken.
        ManifestError: the folder cannot be listed (10), or a history cannot be trusted (30 to 33).
        OSError: it cannot be opened.
    """
    started = clock.wall_ns()
    with holding(top) as place:
        history, tree = covered(top, may_be_new=True, ignore=ignore)
        look_above(history)
        when = datetime.fromtimestamp(started // 1_000_000_000, UTC)
        path = top / f"{storable(top.name)}_{when:%Y-%m-%d_%H%M%S}.mhl"
        if not tree.files and not history.all_known():
            raise RefusedError(f"{safe_path(top)} holds no file to list.")
        if not os.access(top, os.W_OK):
            raise RefusedError(f"{safe_path(top)} is read-only, so no list can be written.")
        if os.path.lexists(path):
            raise RefusedError(f"{safe_path(path)} is there already; give the command again in a second.")
        done, found = compare(history, tree, read, clock, tally, Taking(tuple(WRITTEN[form] for form in formats)))
        lines = [_line(entry, checked, formats) for entry, checked in _right(history, tree, found, done)]
        done.formats = tuple(form.value for form in formats)
        head = LegacyHead(
            f"onset {onset.__version__}",
            platform.node() or "unknown",
            _user(),
            _zulu(iso(started)),
            _zulu(iso(clock.wall_ns())),
            name,
            comment,
        )
        if not lines:
            what = "holds nothing that could be read, is as it is on record and can be listed; no list was written"
            done.troubles.append(Trouble(".", what, done.exit_code or INCOMPLETE))
            return done
        wrong = sum(trouble.code == MISMATCH for trouble in done.troubles)
        if wrong:
            files = "1 file that differs is" if wrong == 1 else f"{wrong} files that differ are"
            done.warnings.append(f"{files} not on the list.")
        try:
            place.require_there()
            write_legacy(path, head, lines)
        except ManifestError as error:
            done.troubles.append(Trouble(".", str(error), UNREADABLE))
        except OSError as error:
            done.troubles.append(Trouble(".", f"takes no list ({error.strerror})", UNREADABLE))
        else:
            done.manifests = (path,)
        return done


def _right(history: History, tree: Tree, found: Found, done: Verification) -> Iterator[tuple[FileEntry, Checked]]:
    """The files to list, in the order of the tree; what a list cannot carry is told."""
    wrong = {trouble.path for trouble in done.troubles if trouble.code == MISMATCH}
    known = history.all_known() | history.all_unlisted()
    spelled = {found_as(path, tree.files): path for path in (*found.files, *found.unlisted) if path not in wrong}
    for here, entry in tree.files.items():
        path = spelled.get(here)
        if path is None:
            continue
        if legacy_can_list(here):
            yield entry, found.files[path] if path in found.files else found.unlisted[path]
            continue
        if path in known:
            done.verified -= 1
        else:
            done.added -= 1
        done.failed += 1
        done.troubles.append(Trouble(path, "has a name that no legacy list can carry", INCOMPLETE))


def _line(entry: FileEntry, checked: Checked, formats: tuple[LegacyFormat, ...]) -> LegacyLine:
    digests = {form: checked.digests[WRITTEN[form]] for form in formats}
    return LegacyLine(entry.path, checked.size, _zulu(iso(checked.mtime_ns)), digests, _zulu(checked.at))


def _zulu(date: str) -> str:
    """A date as legacy lists write it.

    >>> _zulu("2026-11-25T22:03:55+00:00")
    '2026-11-25T22:03:55Z'
    """
    return date.removesuffix("+00:00") + "Z"


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
