"""One manifest of everything that histories know, to travel apart from the media: a packing list in a collection.

Used by `onset mhl flatten`. No media is read: it holds the earliest usable digest of each format on record, nested
histories included, and nothing that failed.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from onset.clock import Clock
from onset.errors import ManifestError, RefusedError
from onset.mhl import asc
from onset.mhl.append import stamp, storable
from onset.mhl.check import covered, creator_now
from onset.mhl.durable import sync_folder
from onset.mhl.hashes import HashFormat
from onset.mhl.history import History, below, failed, joined, usable_entries
from onset.mhl.holding import holding
from onset.mhl.ignore import DEFAULT_PATTERNS, grown, seen_above
from onset.mhl.paths import in_folder
from onset.mhl.records import Action, Author, ChainLink, Entry, FileRecord, Manifest, Process
from onset.mhl.tree import FOLDER
from onset.text import safe_path

COLLECTION = "ascmhl_collection.xml"


@dataclass(slots=True)
class Flattened:
    """What was written.

    Attributes:
        manifest: the packing list; beside it lies the collection that names it.
        files: how many it lists.
        left_out: files on record of which no digest can be used.
        warnings: what to know.
    """

    manifest: Path
    files: int = 0
    left_out: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)


def flatten(
    top: Path,
    to: Path,
    clock: Clock,
    *,
    authors: tuple[Author, ...] = (),
    location: str | None = None,
    comment: str | None = None,
) -> Flattened:
    """Write a packing list of the history at `top` and of those nested in it.

    Args:
        top: a folder with a history.
        to: a collection to add it to, or a folder that gets one named by today's date.
        clock: for the dates.
        authors: who does it.
        location: where.
        comment: anything.

    Raises:
        ManifestError: a history is missing, altered or unreadable (30 to 33), or the collection is.
        RefusedError: nothing is on record, or the list would lie among the media.
        OSError: the medium refused.
    """
    started = clock.wall_ns()
    if to.is_relative_to(top):
        raise RefusedError(f"A packing list travels apart from {safe_path(top)}; give a folder outside it.")
    history, _ = covered(top)
    done = Flattened(to, warnings=[warning for part in history.lineage() for warning in part.warnings])
    records: dict[str, FileRecord] = {}
    wrong: dict[str, bool] = {}
    for path, record, differed in _records(history):
        wrong[path] = differed  # the nearest history comes last, and knows best
        older = records.get(path)  # where a history was begun below another one that has the file on record already
        records[path] = record if older is None else replace(record, entries=_earliest(older.entries, record.entries))
    records = dict(sorted(records.items(), key=lambda item: item[0]))
    done.left_out = [path for path, record in records.items() if not record.entries]
    files = tuple(record for record in records.values() if record.entries)
    done.files = len(files)
    if not files:
        raise RefusedError(f"Nothing that could be used is on record in {safe_path(top)}; no list was written.")
    differing = [path for path in records if wrong[path]]
    if differing:
        more = f" and {len(differing) - 1} more" if len(differing) > 1 else ""
        done.warnings.append(
            f"{safe_path(differing[0])}{more} differed when last read; the list says what was on record before."
        )
    if any(part.unlisted for part in history.lineage()):
        done.warnings.append("files whose names no manifest can carry are not on the list.")
    creator = creator_now(clock, comment=comment, authors=authors, location=location)
    manifest = Manifest(creator, Process.FLATTEN, ignore=_ignored(history), files=files)
    folder = to
    if not (to / COLLECTION).is_file():
        folder = to / f"collection_{datetime.fromtimestamp(started // 1_000_000_000, UTC):%Y-%m-%d}"
    folder.mkdir(parents=True, exist_ok=True)
    with holding(folder):
        chain = folder / COLLECTION
        links = asc.read_chain(chain) if chain.is_file() else ()
        done.manifest = folder / f"packinglist_{storable(top.name)}_{stamp(started)}.mhl"
        if os.path.lexists(done.manifest):
            raise RefusedError(f"{safe_path(done.manifest)} is there already; give the command again in a second.")
        c4 = asc.write_manifest(done.manifest, manifest)
        asc.write_chain(chain, (*links, ChainLink(len(links) + 1, done.manifest.name, c4)))
    sync_folder(folder.parent)
    return done


def require_in_collection(manifest: Path) -> bool:
    """Whether a collection lies beside a list; if that names the list, be sure that it is unaltered.

    Raises:
        ManifestError: it was altered (31), or the collection cannot be read.
    """
    chain = manifest.parent / COLLECTION
    there = chain.is_file()
    if there:
        for link in asc.read_chain(chain):
            if link.name == manifest.name and link.c4 not in (None, asc.manifest_c4(manifest)):
                raise ManifestError(
                    f"{safe_path(manifest)} was altered after it was written; restore it from another copy.", 31
                )
    return there


def _ignored(history: History) -> tuple[str, ...]:
    """All patterns, as the top has to write them."""
    patterns: tuple[str, ...] = ()
    for part in history.lineage():
        own = [pattern for pattern in part.ignore if pattern not in DEFAULT_PATTERNS]
        patterns = grown(patterns, seen_above(part.scope, own) if part.scope else part.ignore)
    return patterns


def _records(history: History) -> Iterator[tuple[str, FileRecord, bool]]:
    """Every file of every history, by path relative to the top, and whether it differed when it was last read.

    One without usable digests has no entries.
    """
    for part in history.lineage():
        known: dict[str, FileRecord] = {}
        bad: dict[str, FileRecord] = {}
        for link in part.chain:
            _fold(known, bad, asc.read_manifest(part.root / FOLDER / link.name))
        for child in part.lineage()[1:]:
            inside = below(child.scope, part.scope)
            for old, new in child.moves:
                for records in (known, bad):
                    _move(records, {joined(inside, new): joined(inside, old)})
        for path, record in known.items():
            before = joined(part.scope, record.previous_path) if record.previous_path else None
            whole = joined(part.scope, path)
            yield whole, replace(record, path=whole, previous_path=before), path in bad


def _fold(known: dict[str, FileRecord], bad: dict[str, FileRecord], manifest: Manifest) -> None:
    """Take one generation in: digests of the earliest, sizes and dates of the newest; `bad` is what failed in it."""
    moves = {each.path: each.previous_path for each in manifest.files if each.previous_path is not None}
    for folder in manifest.folders:
        old = folder.previous_path
        if old is not None:
            moves = {folder.path + path[len(old) :]: path for path in known if in_folder(path, old)} | moves
    _move(known, moves)
    _move(bad, moves)
    for record in manifest.files:
        usable = usable_entries(record)
        if failed(record.entries):
            bad[record.path] = record
        elif usable:
            bad.pop(record.path, None)
        older = known.get(record.path)
        before = record.previous_path or (older.previous_path if older else None)
        if older is None:
            entries = tuple(_acted(entry) for entry in usable)
            known[record.path] = replace(record, entries=entries, previous_path=before)
        elif usable:
            entries = _earliest(older.entries, usable)
            known[record.path] = replace(record, entries=entries, previous_path=before)


def _move(known: dict[str, FileRecord], moves: Mapping[str, str]) -> None:
    """Let records stand under new names, new ones to old ones."""
    taken = {new: known.pop(old) for new, old in moves.items() if old in known}
    known.update({new: replace(record, previous_path=moves[new]) for new, record in taken.items()})


def _earliest(older: tuple[Entry, ...], newer: Iterable[Entry]) -> tuple[Entry, ...]:
    have: set[HashFormat] = {entry.format for entry in older}
    return (*older, *(_acted(entry) for entry in newer if entry.format not in have))


def _acted(entry: Entry) -> Entry:
    """The standard wants an action of every file's digest; some vendors leave it out."""
    return entry if entry.action is not None else replace(entry, action=Action.ORIGINAL)
