"""Make a legacy MHL 1.1 list of what lies in a folder, for those who still ask for one.

Used by `onset mhl create --legacy`. It has no history, so nothing is compared: every file is read and listed.
"""

from __future__ import annotations

import getpass
import os
import platform
from datetime import UTC, datetime
from pathlib import Path

import onset
from onset.clock import Clock
from onset.errors import ManifestError, MediumError, RefusedError
from onset.mhl.append import storable
from onset.mhl.check import INCOMPLETE, Trouble, Verification
from onset.mhl.durable import PART
from onset.mhl.hashes import HashFormat
from onset.mhl.history import Checked, iso
from onset.mhl.holding import holding
from onset.mhl.ignore import DEFAULT_PATTERNS, IgnoreRules
from onset.mhl.legacy import LegacyFormat, LegacyHead, LegacyLine, legacy_can_list, write_legacy
from onset.mhl.reading import Reader, Tally, Wanted, read_all
from onset.mhl.tree import FileEntry, Kind, Tree, list_tree
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
    """Write `<folder>_<date>_<time>.mhl` into `top`, of every file in it.

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
        ManifestError: the folder cannot be listed (10).
        OSError: it cannot be opened.
    """
    started = clock.wall_ns()
    with holding(top) as place:
        try:
            tree = list_tree(top, IgnoreRules((*DEFAULT_PATTERNS, *ignore)))
        except OSError as error:
            raise ManifestError(f"{safe_path(top)} cannot be listed ({error.strerror}).", INCOMPLETE) from error
        when = datetime.fromtimestamp(started // 1_000_000_000, UTC)
        path = top / f"{storable(top.name)}_{when:%Y-%m-%d_%H%M%S}.mhl"
        if not tree.files:
            raise RefusedError(f"{safe_path(top)} holds no file to list.")
        if not os.access(top, os.W_OK):
            raise RefusedError(f"{safe_path(top)} is read-only, so no list can be written.")
        if os.path.lexists(path):
            raise RefusedError(f"{safe_path(path)} is there already; give the command again in a second.")
        done = Verification(top)
        wanted = _wanted(tree, done)
        checked = read_all(
            top, [Wanted(each, None, [WRITTEN[form] for form in formats]) for each in wanted], read, clock, tally
        )
        lines = []
        for entry in wanted:
            outcome = checked[entry.path]
            if isinstance(outcome, MediumError):
                done.failed += 1
                done.troubles.append(Trouble(entry.path, str(outcome), INCOMPLETE))
            else:
                done.added += 1
                done.bytes += outcome.size
                lines.append(_line(entry, outcome, formats))
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
            raise RefusedError(f"Nothing in {safe_path(top)} could be read and listed, so no list was written.")
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


def _wanted(tree: Tree, done: Verification) -> list[FileEntry]:
    """The files that a list can carry; the others are told."""
    wanted = []
    for path, entry in tree.files.items():
        if path.endswith(PART):
            what = "is left over from an offload that did not end; give that offload again"
            done.troubles.append(Trouble(path, what, INCOMPLETE))
        elif legacy_can_list(path):
            wanted.append(entry)
        else:
            done.failed += 1
            done.troubles.append(Trouble(path, "has a name that no legacy list can carry", INCOMPLETE))
    for path, kind in tree.others.items():
        if kind is Kind.UNREADABLE:
            done.troubles.append(Trouble(path, "is a folder that cannot be read", INCOMPLETE))
        else:
            done.warnings.append(f"{safe_path(path)} is a {kind}, which no list can carry; it was not followed.")
    return wanted


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
