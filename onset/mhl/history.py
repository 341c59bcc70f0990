"""An ASC MHL history: its generations and what they know of every file. append.py writes the next one.

Used by the offload job, which checks a card against the history it brings, and by everything in `onset mhl`. Files are
looked up by path in dictionaries: the cost is linear in files and generations. Nested histories belong to their
parent's tree, each file to the nearest.
"""

from __future__ import annotations

import functools
import os
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from operator import attrgetter
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl import asc
from onset.mhl.hashes import FASTEST_FIRST, Digests, HashFormat, same_digest
from onset.mhl.ignore import DEFAULT_PATTERNS, grown, seen_from
from onset.mhl.paths import in_folder, name_of, parent_of
from onset.mhl.records import (
    Action,
    ChainLink,
    Entry,
    FileRecord,
    FolderRecord,
    Manifest,
)
from onset.mhl.tree import CHAIN, FOLDER
from onset.text import safe_path

_action = attrgetter("action")
NO_HISTORY, ALTERED, NO_CHAIN, NO_MANIFEST = 30, 31, 32, 33


@dataclass(slots=True)
class Known:
    """What a history holds of one file: the earliest usable digest of each format, earliest generation first.

    `listed` is the newest generation that lists it, `failed` whether that found other bytes.
    """

    size: int | None
    digests: dict[HashFormat, str] = field(default_factory=dict)
    first: frozenset[HashFormat] = frozenset()
    listed: int = 0
    failed: bool = False

    def with_later(self, later: Known) -> Known:
        """Both, where a history was begun below another one that has the file on record already."""
        size = later.size if self.size is None else self.size
        return Known(size, {**later.digests, **self.digests}, self.first or later.first)

    def formats(self) -> tuple[HashFormat, ...]:
        """The formats to check against: the quickest of the earliest generation that is on record."""
        usable = self.first or self.digests.keys()
        return tuple(form for form in FASTEST_FIRST if form in usable)[:1]


@dataclass(frozen=True, slots=True)
class Checked:
    """What was read of one file just now. `at` is xs:dateTime."""

    size: int
    mtime_ns: int
    digests: Digests
    at: str


@dataclass(slots=True)
class Common:
    """What the manifests of several targets have in common: made by whoever holds `lock` first, for all of them.

    Attributes:
        folders: directory hashes by scope.
        elements: those of all files, as bytes of a first generation.
    """

    lock: threading.Lock = field(default_factory=threading.Lock)
    folders: dict[str, dict[str, FolderRecord]] = field(default_factory=dict)
    elements: tuple[bytes, ...] = ()


@dataclass(slots=True)
class Found:
    """What one operation saw below the top scope.

    Attributes:
        files: by path relative to the top; only those that were hashed.
        folders: path to mtime_ns.
        incomplete: folders of which a file was not hashed: they get no directory hash, nor does anything above them.
        unlisted: files whose names no manifest can carry.
        common: where the same was found on several targets; nothing of it may change any more then.
    """

    files: dict[str, Checked]
    folders: Mapping[str, int]
    incomplete: set[str] = field(default_factory=set)
    unlisted: dict[str, Checked] = field(default_factory=dict)
    common: Common | None = None


@dataclass(slots=True)
class History:
    """One history as it lies on a medium; `scope` is its place below the top history ("" for the top itself).

    Attributes:
        above: what histories in folders above the top one have on record of it, where somebody looked.
        references: the manifest of each nested history that its newest generation with references names, by folder.
        moves: every file that was renamed, old name and new one, in order.
        changed: the last generation that listed something new or otherwise; folder digests from before are void.
        refused: paths its manifests name that leave the scope, name nothing or come twice, as they were written.
        made: when each generation was made, as it says (xs:dateTime), empty where it does not.
    """

    root: Path
    scope: str = ""
    chain: tuple[ChainLink, ...] = ()
    known: dict[str, Known] = field(default_factory=dict)
    unlisted: dict[str, Known] = field(default_factory=dict)
    folders: dict[str, FolderRecord] = field(default_factory=dict)
    ignore: tuple[str, ...] = DEFAULT_PATTERNS
    warnings: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    made: list[str] = field(default_factory=list)
    above: dict[str, Known] = field(default_factory=dict)
    references: dict[str, str] = field(default_factory=dict)
    changed: int = 0
    moves: list[tuple[str, str]] = field(default_factory=list)
    children: list[History] = field(default_factory=list)

    @property
    def generation(self) -> int:
        """The newest generation's number, 0 when there is none yet."""
        return len(self.chain)

    def lineage(self) -> list[History]:
        """This history and every nested one, outermost first."""
        return [self, *(deeper for child in self.children for deeper in child.lineage())]

    def all_known(self) -> dict[str, Known]:
        """Every file of this history and the nested ones, by path relative to the top."""
        everything = dict(self.above)
        for part in self.lineage():
            for path, known in part.known.items():
                whole = joined(part.scope, path)
                older = everything.get(whole)
                everything[whole] = known if older is None else older.with_later(known)
        return everything

    def all_unlisted(self) -> dict[str, Known]:
        return {joined(part.scope, path): known for part in self.lineage() for path, known in part.unlisted.items()}


def joined(scope: str, path: str) -> str:
    """A path of a nested scope as the top sees it."""
    return f"{scope}/{path}" if scope and path else scope or path


def below(path: str, scope: str) -> str:
    """A path as seen from a scope above it; the scope itself is the empty string."""
    return path[len(scope) + 1 :] if scope else path


def load_history(top: Path, scopes: Iterable[str] = ("",), *, may_be_new: bool = False) -> History:
    """Load the history at `top` and the nested ones.

    Args:
        top: the folder that holds `ascmhl`.
        scopes: folders below it, relative, that hold an `ascmhl` of their own; `list_tree` finds them.
        may_be_new: without a history at `top`, begin one that has no generation yet.

    Raises:
        ManifestError: with the reference tool's exit code: no history 30, a manifest altered 31 or missing 33, no
            chain 32.
    """
    loaded = History(top) if may_be_new and not has_history(top) else _load_one(top, "")
    placed = [loaded]
    for scope in sorted(scope for scope in scopes if scope):
        child = _load_one(top, scope)
        parent = next(above for above in reversed(placed) if above is loaded or in_folder(scope, above.scope))
        parent.children.append(child)
        inside = below(scope, parent.scope)
        referred = {link.name: link.number for link in child.chain}.get(parent.references.get(inside, ""), 0)
        if child.changed > referred:  # a nested history may go on by itself; the one above it then says less
            for each in placed:
                if in_folder(scope, each.scope):
                    _forget_folders(each, below(scope, each.scope))
        for each in placed:  # what they had on record before this one was begun went along with its renames
            if child.moves and in_folder(scope, each.scope):
                inside = below(scope, each.scope)
                for old, new in child.moves:
                    move_known(each.known, [(joined(inside, old), joined(inside, new))])
        placed.append(child)
    return loaded


def look_above(history: History) -> None:
    """Learn what histories in folders above have on record, under the names that it goes by now.

    Raises:
        ManifestError: one of them cannot be trusted.
    """
    top, found = history.root, history.above
    for folder in reversed(top.parents):
        if has_history(folder):
            inside = top.relative_to(folder).as_posix()
            for path, known in _load_one(folder, "").known.items():
                if in_folder(path, inside):
                    here = below(path, inside)
                    found[here] = found[here].with_later(known) if here in found else known
    for part in history.lineage():
        for old, new in part.moves:
            move_known(found, [(joined(part.scope, old), joined(part.scope, new))])


def history_of_one(manifest: Path, root: Path | None = None) -> History:
    """A manifest that stands alone, taken as the history of the folder it lies in, or of `root`; it has no chain.

    Raises:
        ManifestError: it is not an ASC MHL manifest.
    """
    history = History(root or manifest.parent, ignore=())
    _take_generation(history, ChainLink(1, manifest.name, ""), asc.read_manifest(manifest))
    history.ignore = grown(DEFAULT_PATTERNS, history.ignore)
    if root is None or manifest.parent == root:
        history.ignore = grown(history.ignore, (f"/{manifest.name}",))
    return history


def has_history(top: Path) -> bool:
    return (top / FOLDER).is_dir()


def _load_one(top: Path, scope: str) -> History:
    root = top / scope if scope else top
    folder = root / FOLDER
    if not folder.is_dir():
        raise ManifestError(f"{safe_path(root)} has no ASC MHL history (no {FOLDER} folder).", NO_HISTORY)
    chain_file = folder / CHAIN
    if not chain_file.is_file():
        raise ManifestError(
            f"{safe_path(chain_file)} is missing: a history without its chain cannot be trusted; restore it.",
            NO_CHAIN,
        )
    history = History(root, scope, asc.read_chain(chain_file), ignore=())
    names = {link.name for link in history.chain}
    for name in sorted(os.listdir(folder)):
        # "._0001…" are resource forks macOS leaves on foreign file systems, not manifests.
        if name.endswith(".mhl") and not name.startswith("._") and name not in names:
            history.warnings.append(f"{safe_path(folder / name)} is not in the chain and was not used.")
    for link in history.chain:
        _take_generation(history, link, _sealed_manifest(folder / link.name, link))
    history.ignore = grown(DEFAULT_PATTERNS, history.ignore)
    return history


def _sealed_manifest(path: Path, link: ChainLink) -> Manifest:
    """The manifest a chain names, checked against the chain's C4 where the vendor wrote one."""
    try:
        if path.exists() and not path.is_file():  # a pipe would be waited on for ever
            raise ManifestError(f"{safe_path(path)} is not a plain file; restore it from another copy.", NO_MANIFEST)
        c4 = asc.manifest_c4(path)
    except FileNotFoundError:
        raise ManifestError(
            f"{safe_path(path)} is in the chain but not on the medium; restore it from another copy.", NO_MANIFEST
        ) from None
    except OSError as error:
        raise ManifestError(f"{safe_path(path)} cannot be read ({error.strerror}).", NO_MANIFEST) from error
    if link.c4 is not None and c4 != link.c4:
        raise ManifestError(
            f"{safe_path(path)} was altered after it was written; restore it from another copy.", ALTERED
        )
    return asc.read_manifest(path)


def _take_generation(history: History, link: ChainLink, manifest: Manifest) -> None:
    """Fold one generation into what the history knows."""
    if link.c4 is None:
        history.warnings.append(f"the chain gives no C4 for {safe_path(link.name)}, so it may have been altered.")
    history.refused += manifest.refused
    history.made.append(manifest.creator.created if manifest.creator is not None else "")
    patterns = grown(history.ignore, manifest.ignore)
    trusted = patterns == history.ignore  # what is left out from now on is still in the folder digests on record
    history.ignore = patterns
    moves = [(each.previous_path, each.path) for each in manifest.files if each.previous_path is not None]
    move_known(history.known, moves)
    for folder in manifest.folders:
        if folder.previous_path is not None:
            old, new = folder.previous_path, folder.path
            trusted = False
            for records in (history.known, history.unlisted):
                inside = [(path, new + path[len(old) :]) for path in records if in_folder(path, old)]
                move_known(records, inside)
                moves += inside
    history.moves += moves
    trusted = trusted and not moves
    for record in manifest.files:
        trusted = _take_file(history.known, record, link.number) and trusted
    for record in manifest.unlisted:
        _take_file(history.unlisted, record, link.number)
    if not trusted:
        history.folders.clear()
        history.changed = link.number
    for reference in manifest.references:
        scope, name = parent_of(parent_of(reference.path)), name_of(reference.path)
        if history.references.get(scope) != name:
            history.references[scope] = name
            _forget_folders(history, scope)
    if any(failed(record.entries) for record in manifest.files):
        return  # its directory hashes describe folders with wrong files in them
    roots = [manifest.root] if manifest.root is not None else []
    for folder in [*manifest.folders, *roots]:
        if folder.content and folder.structure:  # some vendors write empty ones, or content alone
            history.folders[folder.path] = folder


def _forget_folders(history: History, path: str) -> None:
    """Folder digests on record no longer hold for what is above `path`, for it, and for what is in it."""
    void = [each for each in history.folders if in_folder(path, each, itself=True) or in_folder(each, path)]
    for folder in void:
        del history.folders[folder]


def _take_file(into: dict[str, Known], record: FileRecord, number: int) -> bool:
    """Keep the earliest usable digests. False when folder digests on record no longer describe the folder."""
    usable = usable_entries(record)
    known = into.get(record.path)
    new = known is None
    if known is None:
        known = into[record.path] = Known(None)
    bad = failed(record.entries)
    if record.entries:
        known.listed, known.failed = number, bad
    if known.size is None and not bad:  # a failed record has the size of the wrong bytes
        known.size = record.size
    if not known.first:
        known.first = frozenset(entry.format for entry in usable)
    for entry in usable:
        known.digests.setdefault(entry.format, entry.digest)
    return not new


def move_known(records: dict[str, Known], moves: Iterable[tuple[str, str]]) -> None:
    """Let records stand under new names; all at once, since names may be exchanged."""
    taken = [(new, records.pop(old)) for old, new in list(moves) if old in records]
    records.update(taken)


def inherit(history: History, ignore: Iterable[str] = ()) -> None:
    """Give every history the patterns of those above it, and these, as it would have to write them to mean the same."""
    history.ignore = grown(history.ignore, ignore)
    for child in history.children:
        inherit(child, seen_from(below(child.scope, history.scope), history.ignore))


def owners(history: History) -> Callable[[str], str]:
    """A function from a folder to the scope of the nearest history: that is where its files' records live."""
    nearest = {part.scope: part.scope for part in history.lineage()}

    def owner(folder: str) -> str:
        climbed = []
        while folder not in nearest:  # not by recursion: a card may nest a thousand folders
            climbed.append(folder)
            folder = parent_of(folder)
        for below_it in climbed:
            nearest[below_it] = nearest[folder]
        return nearest[folder]

    return owner


def judge(known: Known | None, checked: Digests, at: str) -> tuple[Entry, ...]:
    """What the next generation says of a file that was just read.

    A digest in a new format is only worth writing when the same read agreed in a format on record.
    """
    if known is None or not known.digests:
        return tuple([Entry(form, checked[form], Action.ORIGINAL, at) for form in checked])
    entries = []
    for form, digest in checked.items():
        if form in known.digests:
            agreed = same_digest(known.digests[form], digest, form)
            entries.append(Entry(form, digest, Action.VERIFIED if agreed else Action.FAILED, at))
    if entries and all(entry.action is Action.VERIFIED for entry in entries):
        entries += [Entry(form, checked[form], Action.VERIFIED, at) for form in checked if form not in known.digests]
    return tuple(entries)


def differs(known: Known | None, checked: Digests) -> bool:
    """Whether `judge` would say that the file failed, without the entries."""
    return known is not None and any(
        not same_digest(known.digests[form], digest, form) for form, digest in checked.items() if form in known.digests
    )


def failed(entries: Iterable[Entry]) -> bool:
    return Action.FAILED in map(_action, entries)


def usable_entries(record: FileRecord) -> tuple[Entry, ...]:
    """The digests to compare with: none where one of the same read failed, since they are all of the wrong bytes."""
    return () if failed(record.entries) else record.entries


def iso(wall_ns: int) -> str:
    """xs:dateTime in UTC, whole seconds.

    >>> iso(1_600_000_000_000_000_000)
    '2020-09-13T12:26:40+00:00'
    """
    return _iso_second(wall_ns // 1_000_000_000)


@functools.lru_cache(maxsize=4096)
def _iso_second(seconds: int) -> str:
    try:
        return datetime.fromtimestamp(seconds, UTC).isoformat()
    except (OverflowError, ValueError, OSError):
        return "1970-01-01T00:00:00+00:00"  # a card's broken clock is no reason to lose its manifest
