"""Verify files against what a manifest says: an ASC MHL history, or a legacy file.

Used by `onset verify`. The bytes come through a `Reader` given by the caller, who knows the way around the page cache.
"""

from __future__ import annotations

import os
import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

import onset
from onset.clock import Clock
from onset.errors import ManifestError, MediumError
from onset.mhl.durable import PART
from onset.mhl.hashes import Block, Digester, HashFormat, same_digest
from onset.mhl.history import (
    ALTERED,
    NO_CHAIN,
    NO_HISTORY,
    NO_MANIFEST,
    Checked,
    Found,
    History,
    Known,
    append_generation,
    failed,
    history_of_one,
    iso,
    joined,
    judge,
    load_history,
    tell_folders,
)
from onset.mhl.ignore import DEFAULT_PATTERNS, IgnoreRules
from onset.mhl.legacy import LegacyFormat, LegacyRecord, legacy_hasher, read_legacy
from onset.mhl.paths import found_as, in_folder, parent_of
from onset.mhl.records import Author, Creator, Process
from onset.mhl.tree import FileEntry, Kind, Tree, list_tree
from onset.mhl.xml import UNREADABLE
from onset.text import safe_path

INCOMPLETE, MISMATCH, FOLDER_MISMATCH, MISSING, NEW = 10, 11, 12, 20, 21
# What a script acts on first; 31 to 33 and 30 come from the history itself, 1 from a manifest that cannot be read.
GRAVEST_FIRST = (
    MISMATCH,
    ALTERED,
    NO_CHAIN,
    NO_MANIFEST,
    NO_HISTORY,
    UNREADABLE,
    INCOMPLETE,
    MISSING,
    NEW,
    FOLDER_MISMATCH,
)
_SMALL = 1 << 20
_BATCH = 32


class Reader(Protocol):
    """Reads a file from the medium."""

    def __call__(self, path: Path, take: Callable[[Block], None], /) -> int:
        """Hand every block to `take` and return the bytes read.

        Raises:
            MediumError: the medium gave up.
        """
        ...


@dataclass(frozen=True, slots=True)
class Trouble:
    """One thing that is not as the manifest says; `path` relative to what was verified."""

    path: str
    what: str
    code: int


@dataclass(slots=True)
class Verification:
    """What a verification found.

    Attributes:
        size_only: files whose sizes agree and of which nothing else is on record; they are not among `verified`.
        looked_at: files that a legacy list accounts for, right or wrong.
        made: False when it could not be made at all; its troubles say why.
        whole: it accounts for its folder as a whole, and has named what is new in it.
        generation: the one appended, None when none was.
    """

    path: Path
    verified: int = 0
    failed: int = 0
    missing: int = 0
    new: int = 0
    size_only: int = 0
    looked_at: set[Path] = field(default_factory=set)
    whole: bool = False
    made: bool = True
    bytes: int = 0
    troubles: list[Trouble] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    generation: int | None = None
    formats: tuple[str, ...] = ()

    @property
    def exit_code(self) -> int:
        """The gravest code found; 0 when all is well."""
        codes = {trouble.code for trouble in self.troubles}
        return next((code for code in GRAVEST_FIRST if code in codes), 0)


@dataclass(slots=True)
class Tally:
    """How far a verification is; another thread may read it at any time."""

    files: int = 0
    bytes: int = 0
    done_files: int = 0
    done_bytes: int = 0


def creator_now(
    clock: Clock, *, comment: str | None = None, authors: Sequence[Author] = (), location: str | None = None
) -> Creator:
    """Who writes manifests here and now."""
    created = iso(clock.wall_ns())
    return Creator(created, platform.node() or "unknown", "onset", onset.__version__, tuple(authors), location, comment)


def verify_history(top: Path, read: Reader, clock: Clock, *, append: bool, tally: Tally | None = None) -> Verification:
    """Read every file a history knows and compare it with its earliest usable digest.

    Args:
        top: the folder that holds `ascmhl`; nested histories below it are verified too.
        read: how to read the medium; called from several threads.
        clock: for the dates in the manifest.
        append: write the next generation with the results, as the standard asks; a read-only medium is only said so.
        tally: kept up to date while running.

    Raises:
        ManifestError: the history itself is missing, altered or unreadable (30 to 33).
    """
    started = clock.wall_ns()
    history, tree = _covered(top)
    done, found = _compare(history, tree, read, clock, tally)
    if append:
        _append(history, found, clock, started, done)
    return done


def verify_manifest(manifest: Path, read: Reader, clock: Clock, *, tally: Tally | None = None) -> Verification:
    """The same for an ASC MHL manifest that stands alone, beside the files it lists; nothing is written.

    Raises:
        ManifestError: it is not an ASC MHL manifest.
    """
    history = history_of_one(manifest)
    tree = list_tree(history.root, IgnoreRules(history.ignore))
    done, _ = _compare(history, tree, read, clock, tally)
    done.path, done.whole = manifest, True
    return done


def _compare(
    history: History, tree: Tree, read: Reader, clock: Clock, tally: Tally | None
) -> tuple[Verification, Found]:
    """Read every file a history knows, and say how each is."""
    top = history.root
    done = Verification(top, warnings=[warning for part in history.lineage() for warning in part.warnings])
    _refused(done, [path for part in history.lineage() for path in part.refused])
    known = history.all_known() | history.all_unlisted()
    pairs = _paired(known, tree, done)
    found = Found({}, tree.folders)
    for path in [path for path in pairs if not known[path].digests]:
        here = pairs.pop(path)
        done.failed += 1
        done.troubles.append(
            _other_size(path, tree.files[here].size, known[path].size)
            or Trouble(path, "has no digest on record that could be checked", INCOMPLETE)
        )
        found.incomplete |= {parent_of(path), parent_of(here)}
    checked = _read_all(top, [(tree.files[here], known[path]) for path, here in pairs.items()], read, clock, tally)
    unlisted = history.all_unlisted()
    formats: set[str] = set()
    for path, here in pairs.items():
        outcome = checked[here]
        if isinstance(outcome, MediumError):
            done.failed += 1
            done.troubles.append(Trouble(path, str(outcome), INCOMPLETE))
            found.incomplete.add(parent_of(path))
            continue
        done.bytes += outcome.size
        formats.update(form.value for form in outcome.digests)
        trouble = _other_size(path, outcome.size, known[path].size)
        differs = failed(judge(known[path], outcome.digests, outcome.at))
        if differs:
            trouble = trouble or Trouble(path, "its bytes are not those on record", MISMATCH)
        if trouble is None:
            done.verified += 1
        else:
            done.failed += 1
            done.troubles.append(trouble)
        if differs or trouble is None:
            (found.unlisted if path in unlisted else found.files)[path] = outcome
        else:  # its record contradicts itself: nothing to certify
            found.incomplete |= {parent_of(path), parent_of(here)}
    done.formats = tuple(sorted(formats))
    _folders(history, found, tree, done)
    return done, found


def _refused(done: Verification, paths: Iterable[str]) -> None:
    """What a manifest may not name was not looked at, so it is not verified either."""
    for path in paths:
        done.failed += 1
        done.troubles.append(Trouble(path, "leaves the manifest's folder or is listed twice: refused", INCOMPLETE))


def _other_size(path: str, size: int, recorded: int | None) -> Trouble | None:
    if recorded is None or size == recorded:
        return None
    return Trouble(path, f"has {size} bytes, on record are {recorded}", MISMATCH)


def _covered(top: Path) -> tuple[History, Tree]:
    """The history and everything on the medium that its ignore patterns leave in."""
    try:
        tree = list_tree(top, IgnoreRules(DEFAULT_PATTERNS))
        history = load_history(top, tree.histories)
        patterns = [pattern for part in history.lineage() for pattern in part.ignore]
        if set(patterns) - set(DEFAULT_PATTERNS):
            tree = list_tree(top, _scoped_rules(history))
    except OSError as error:
        raise ManifestError(f"{safe_path(top)} cannot be listed ({error.strerror}).", INCOMPLETE) from error
    return history, tree


def _scoped_rules(history: History) -> Callable[[str, bool], bool]:
    """Each history's patterns hold below its own root; a parent's hold below it too."""
    rules = [(part.scope, IgnoreRules(part.ignore)) for part in history.lineage()]
    if len(rules) == 1:
        return rules[0][1]

    def ignores(path: str, is_folder: bool) -> bool:
        return any(
            rule(path[len(scope) + 1 :] if scope else path, is_folder)
            for scope, rule in rules
            if not scope or path.startswith(f"{scope}/")
        )

    return ignores


def _paired(known: Mapping[str, Known], tree: Tree, done: Verification) -> dict[str, str]:
    """Known paths to how they are spelled on the medium; what has no partner is missing or new."""
    pairs: dict[str, str] = {}
    blind = _blind(tree)
    for path in known:
        here = found_as(path, tree.files)
        if here is None and _below_one(path, blind):
            done.failed += 1
            done.troubles.append(Trouble(path, "could not be looked at, since its folder cannot be read", INCOMPLETE))
        elif here is None:
            done.missing += 1
            done.troubles.append(Trouble(path, "is on record but not on the medium", MISSING))
        else:
            pairs[path] = here
    tell_strays(done, sorted(tree.files.keys() - set(pairs.values())), tree.others)
    return pairs


def tell_strays(done: Verification, files: Iterable[str], others: Mapping[str, Kind]) -> None:
    """Name what lies on the medium and in no manifest, whatever it is."""
    for path in files:
        done.new += 1
        if path.endswith(PART):
            what = "is left over from an offload that did not end; give that offload again"
            done.troubles.append(Trouble(path, what, INCOMPLETE))
        else:
            done.troubles.append(Trouble(path, "is on the medium but not on record", NEW))
    for path, kind in others.items():
        if kind is Kind.UNREADABLE:
            done.troubles.append(Trouble(path, "is a folder that cannot be read", INCOMPLETE))
        else:
            done.new += 1
            done.troubles.append(Trouble(path, f"is a {kind}, which no manifest can list; it was not followed", NEW))


def _blind(tree: Tree) -> list[str]:
    return [path for path, kind in tree.others.items() if kind is Kind.UNREADABLE]


def _below_one(path: str, folders: Iterable[str]) -> bool:
    return any(in_folder(path, folder) for folder in folders)


def _read_all(
    top: Path, wanted: Sequence[tuple[FileEntry, Known]], read: Reader, clock: Clock, tally: Tally | None
) -> dict[str, Checked | MediumError]:
    """Hash every wanted file; big ones two at a time, small ones eight at a time in batches."""
    tally = tally or Tally()
    tally.files, tally.bytes = len(wanted), sum(entry.size for entry, _ in wanted)

    def hashed(batch: Iterable[tuple[FileEntry, Known]]) -> list[tuple[str, Checked | MediumError]]:
        results: list[tuple[str, Checked | MediumError]] = []
        for entry, known in batch:
            try:
                results.append((entry.path, _hash_twice_if_wrong(top, entry, known, read, clock)))
            except MediumError as error:
                results.append((entry.path, error))
            tally.done_files += 1
            tally.done_bytes += entry.size
        return results

    results: dict[str, Checked | MediumError] = {}
    big = [[pair] for pair in wanted if pair[0].size >= _SMALL]
    small = [pair for pair in wanted if pair[0].size < _SMALL]
    batches = [small[start : start + _BATCH] for start in range(0, len(small), _BATCH)]
    for workers, work in ((2, big), (8, batches)):
        with ThreadPoolExecutor(workers, thread_name_prefix="verify") as pool:
            for part in pool.map(hashed, work):
                results.update(part)
    return results


def _hash_twice_if_wrong(top: Path, entry: FileEntry, known: Known, read: Reader, clock: Clock) -> Checked:
    formats = known.formats()
    checked = _hash(top, entry, formats, read, clock)
    if failed(judge(known, checked.digests, checked.at)):
        checked = _hash(top, entry, formats, read, clock)  # once more before a file is called bad
    return checked


def _hash(top: Path, entry: FileEntry, formats: Sequence[HashFormat], read: Reader, clock: Clock) -> Checked:
    digester = Digester(formats)
    size = read(top / entry.path, digester.update)
    return Checked(size, entry.mtime_ns, digester.digests(), iso(clock.wall_ns()))


def _folders(history: History, found: Found, tree: Tree, done: Verification) -> None:
    """Mark what cannot be told, and compare directory hashes where every file of the folder was read and agreed."""
    found.incomplete |= {parent_of(trouble.path) for trouble in done.troubles if trouble.code in (MISSING, NEW)}
    blind = _blind(tree)
    found.incomplete |= {parent_of(path) for path in tree.others} | set(blind)
    # A path spelled otherwise on the medium (HFS+) has folders spelled otherwise too: its tree cannot be told.
    found.incomplete |= {p for p in (parent_of(path) for path in found.files) if p and p not in tree.folders}
    wrong = {parent_of(trouble.path) for trouble in done.troubles if trouble.code == MISMATCH}
    for part in history.lineage():
        for path in part.folders:
            here = joined(part.scope, path)
            if path and here not in tree.folders and not _below_one(here, blind):
                done.missing += 1
                done.troubles.append(Trouble(here, "is a folder on record that is not on the medium", MISSING))
                found.incomplete.add(parent_of(here))
    if wrong:
        return
    for part in history.lineage():
        told = tell_folders(found, part.scope) if part.folders else {}
        for path, record in part.folders.items():
            for form in told[path].content.keys() & record.content.keys() if path in told else ():
                now = told[path]
                same = same_digest(now.content[form], record.content[form], form) and (
                    form not in record.structure or same_digest(now.structure[form], record.structure[form], form)
                )
                if not same:
                    shown = joined(part.scope, path) or "."
                    done.troubles.append(Trouble(shown, "its directory hash is not the one on record", FOLDER_MISMATCH))


def _append(history: History, found: Found, clock: Clock, started: int, done: Verification) -> None:
    if not os.access(history.root, os.W_OK):
        done.warnings.append(f"{safe_path(history.root)} is read-only, so no generation was written.")
        return
    try:
        appended = append_generation(
            history, found, process=Process.IN_PLACE, creator=creator_now(clock), started_ns=started
        )
    except OSError as error:
        done.warnings.append(f"no generation could be written to {safe_path(history.root)} ({error.strerror}).")
        return
    done.generation = appended.number


def verify_legacy(manifest: Path, read: Reader, *, tally: Tally | None = None) -> Verification:
    """Read every file a legacy MHL lists, beside which it lies, and compare.

    Raises:
        ManifestError: the file is not a legacy MHL.
    """
    listed = read_legacy(manifest)
    done = Verification(manifest)
    _refused(done, listed.refused)
    top = manifest.parent
    tally = tally or Tally()
    tally.files, tally.bytes = len(listed.records), sum(record.size or 0 for record in listed.records)
    formats: set[str] = set()
    for record in listed.records:
        trouble = _check_legacy(top, record, read, done, formats)
        tally.done_files += 1
        tally.done_bytes += record.size or 0
        if trouble is None:
            sized = all(form is LegacyFormat.NULL for form in record.digests)
            done.verified += not sized
            done.size_only += sized
        else:
            done.troubles.append(trouble)
            done.missing += trouble.code == MISSING
            done.failed += trouble.code != MISSING
    done.formats = tuple(sorted(formats))
    if done.size_only:
        files = "1 file" if done.size_only == 1 else f"{done.size_only} files"
        done.warnings.append(f"of {files} only the size is on record; their bytes were not read.")
    return done


def _check_legacy(
    top: Path, record: LegacyRecord, read: Reader, done: Verification, formats: set[str]
) -> Trouble | None:
    here = next((top / name for name in _spellings(top, record.path)), None)
    if here is None:
        return Trouble(record.path, "is on record but not on the medium", MISSING)
    done.looked_at.add(here)
    form = next((form for form in LegacyFormat if form in record.digests), None)
    if form is None or (form is LegacyFormat.NULL and record.size is None):
        return Trouble(record.path, "has no digest on record that could be checked", INCOMPLETE)
    formats.add(form.value)
    update, agrees = legacy_hasher(form)
    try:
        size = here.stat().st_size if form is LegacyFormat.NULL else read(here, update)
    except (MediumError, OSError) as error:
        return Trouble(record.path, str(error), INCOMPLETE)
    done.bytes += 0 if form is LegacyFormat.NULL else size
    trouble = _other_size(record.path, size, record.size)
    if trouble is not None:
        return trouble
    if not agrees(record.digests[form]):
        return Trouble(record.path, "its bytes are not those on record", MISMATCH)
    return None


def _spellings(top: Path, path: str) -> Iterable[str]:
    """The path as it lies on the medium, if it is a regular file reached without a symbolic link."""
    with suppress(OSError):
        folder = top
        for name in path.split("/"):
            here: str | None = name
            if not os.path.lexists(folder / name):
                here = found_as(name, set(os.listdir(folder)))
            if here is None or (folder / here).is_symlink():
                return
            folder = folder / here
        if folder.is_file():
            yield str(folder.relative_to(top))
