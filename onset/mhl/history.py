"""An ASC MHL history: its generations, what they know of every file, and how the next one is appended.

Used by the offload job (generation 1 or n+1 at each target) and by verify. Files are looked up by path in dictionaries:
the cost is linear in files and generations. Nested histories belong to their parent's tree, each file to the nearest.
"""

from __future__ import annotations

import functools
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl import asc
from onset.mhl.durable import PART, sync_folder
from onset.mhl.folders import folder_digests
from onset.mhl.hashes import FASTEST_FIRST, Digests, HashFormat, same_digest
from onset.mhl.ignore import DEFAULT_PATTERNS, grown
from onset.mhl.paths import in_folder, parent_of
from onset.mhl.records import (
    Action,
    ChainLink,
    Creator,
    Entry,
    FileRecord,
    FolderRecord,
    Manifest,
    Process,
    Reference,
)
from onset.mhl.tree import CHAIN, FOLDER
from onset.text import safe_path

NO_HISTORY, ALTERED, NO_CHAIN, NO_MANIFEST = 30, 31, 32, 33
_NAME_BYTES = 180  # of the folder in a manifest name; a name may have 255 in all


@dataclass(slots=True)
class Known:
    """What a history holds of one file: the earliest usable digest of each format, earliest generation first."""

    size: int | None
    digests: dict[HashFormat, str] = field(default_factory=dict)
    first: frozenset[HashFormat] = frozenset()

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
class Found:
    """What one operation saw below the top scope.

    Attributes:
        files: by path relative to the top; only those that were hashed.
        folders: path to mtime_ns.
        incomplete: folders of which a file was not hashed: they get no directory hash, nor does anything above them.
        unlisted: files whose names no manifest can carry.
    """

    files: dict[str, Checked]
    folders: Mapping[str, int]
    incomplete: set[str] = field(default_factory=set)
    unlisted: dict[str, Checked] = field(default_factory=dict)


@dataclass(slots=True)
class History:
    """One history as it lies on a medium; `scope` is its place below the top history ("" for the top itself).

    Attributes:
        refused: paths its manifests name that leave the scope, name nothing or come twice, as they were written.
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
        return {joined(part.scope, path): known for part in self.lineage() for path, known in part.known.items()}

    def all_unlisted(self) -> dict[str, Known]:
        return {joined(part.scope, path): known for part in self.lineage() for path, known in part.unlisted.items()}


def joined(scope: str, path: str) -> str:
    """A path of a nested scope as the top sees it."""
    return f"{scope}/{path}" if scope and path else scope or path


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
        placed.append(child)
    return loaded


def history_of_one(manifest: Path) -> History:
    """A manifest that stands alone, taken as the history of the folder it lies in; there is no chain to trust it by.

    Raises:
        ManifestError: it is not an ASC MHL manifest.
    """
    history = History(manifest.parent, ignore=())
    _take_generation(history, ChainLink(1, manifest.name, ""), asc.read_manifest(manifest))
    history.ignore = grown(DEFAULT_PATTERNS, (*history.ignore, f"/{manifest.name}"))
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
    history.ignore = grown(history.ignore, manifest.ignore)
    trusted = True
    for record in manifest.files:
        if record.previous_path is not None:
            _rename(history, record.previous_path, record.path)
            trusted = False
        trusted = _take_file(history.known, record) and trusted
    for record in manifest.unlisted:
        _take_file(history.unlisted, record)
    for folder in manifest.folders:
        if folder.previous_path is not None:
            _rename_folder(history, folder.previous_path, folder.path)
            trusted = False
    if not trusted:
        history.folders.clear()
    if any(failed(record.entries) for record in manifest.files):
        return  # its directory hashes describe folders with wrong files in them
    roots = [manifest.root] if manifest.root is not None else []
    for folder in [*manifest.folders, *roots]:
        if folder.content and folder.structure:  # some vendors write empty ones, or content alone
            history.folders[folder.path] = folder


def _take_file(into: dict[str, Known], record: FileRecord) -> bool:
    """Keep the earliest usable digests. False when folder digests on record no longer describe the folder."""
    usable = [entry for entry in record.entries if entry.action is not Action.FAILED]
    known = into.get(record.path)
    new = known is None
    if known is None:
        known = into[record.path] = Known(None)
    if known.size is None and not failed(record.entries):  # a failed record has the size of the wrong bytes
        known.size = record.size
    if not known.first:
        known.first = frozenset(entry.format for entry in usable)
    for entry in usable:
        known.digests.setdefault(entry.format, entry.digest)
    return not new


def _rename(history: History, old: str, new: str) -> None:
    known = history.known.pop(old, None)
    if known is not None:
        history.known[new] = known


def _rename_folder(history: History, old: str, new: str) -> None:
    for path in [path for path in history.known if in_folder(path, old)]:
        history.known[new + path[len(old) :]] = history.known.pop(path)


def judge(known: Known | None, checked: Digests, at: str) -> tuple[Entry, ...]:
    """What the next generation says of a file that was just read.

    A digest in a new format is only worth writing when the same read agreed in a format on record.
    """
    if known is None or not known.digests:
        return tuple(Entry(form, digest, Action.ORIGINAL, at) for form, digest in checked.items())
    entries = []
    for form, digest in checked.items():
        if form in known.digests:
            agreed = same_digest(known.digests[form], digest, form)
            entries.append(Entry(form, digest, Action.VERIFIED if agreed else Action.FAILED, at))
    if entries and all(entry.action is Action.VERIFIED for entry in entries):
        entries += [Entry(form, checked[form], Action.VERIFIED, at) for form in checked if form not in known.digests]
    return tuple(entries)


def failed(entries: Iterable[Entry]) -> bool:
    return any(entry.action is Action.FAILED for entry in entries)


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


@dataclass(frozen=True, slots=True)
class Appended:
    """What was written: the top manifest first, then those of nested histories."""

    number: int
    manifests: tuple[Path, ...]


def append_generation(
    history: History,
    found: Found,
    *,
    process: Process,
    creator: Creator,
    started_ns: int,
    ignore: Iterable[str] = (),
    resumed: bool = False,
) -> Appended:
    """Write the next generation of a history and of every nested one, innermost first.

    The standard wants one time for the whole operation: `started_ns` names every manifest. Manifest, then chain: a cut
    between the two leaves a manifest that the chain does not know, never a chain that names a missing one. With
    `resumed`, an operation that was cut off goes on: what it wrote (told by its time) and a chain knows is kept where
    it lists exactly what `found` holds, and continued otherwise (`clear_cut_off` takes the rest away).

    Raises:
        OSError: the medium refused; the histories written so far are whole, the others as they were.
    """
    ending = f"_{_stamp(started_ns)}.mhl"
    owner = _owners(history)
    written: dict[str, tuple[Path, str]] = {}
    kept: set[str] = set()
    for part in reversed(history.lineage()):
        if (
            resumed
            and part.chain
            and part.chain[-1].name.endswith(ending)
            and kept.issuperset(child.scope for child in part.children)
            and _lists_exactly(part, found, owner)
        ):
            kept.add(part.scope)
            written[part.scope] = (part.root / FOLDER / part.chain[-1].name, part.chain[-1].c4 or "")
            continue
        references = tuple(
            Reference(
                below(joined(child.scope, f"{FOLDER}/{written[child.scope][0].name}"), part.scope),
                written[child.scope][1],
            )
            for child in part.children
        )
        manifest = replace(_generation(part, found, owner, ignore), creator=creator, process=process)
        records = _records(part, found, owner)
        folder = part.root / FOLDER
        folder.mkdir(exist_ok=True)
        path = folder / next_name(part, started_ns)
        c4 = asc.write_manifest(path, replace(manifest, references=references), records)
        asc.write_chain(folder / CHAIN, (*part.chain, ChainLink(part.generation + 1, path.name, c4)))
        written[part.scope] = (path, c4)
    sync_folder(history.root)
    number = int(written[""][0].name.partition("_")[0])
    return Appended(number, tuple(written[part.scope][0] for part in history.lineage()))


def _lists_exactly(part: History, found: Found, owner: Callable[[str], str]) -> bool:
    """Whether the newest generation says what this operation found: the same files with the same digests.

    The run that was cut off may have read less of the card than this one.
    """
    manifest = asc.read_manifest(part.root / FOLDER / part.chain[-1].name)
    for records, mine in ((manifest.files, found.files), (manifest.unlisted, found.unlisted)):
        listed = {record.path: {entry.format: entry.digest for entry in record.entries} for record in records}
        wanted = {
            below(path, part.scope): checked.digests
            for path, checked in mine.items()
            if owner(parent_of(path)) == part.scope
        }
        if listed != wanted:
            return False
    return True


def clear_cut_off(top: Path, scopes: Iterable[str], started_ns: int) -> None:
    """Take away what a cut-off run of the operation begun at `started_ns` left behind, before the history is loaded.

    That is unfinished files, and manifests that no chain knows; a folder that holds nothing then goes too.

    Raises:
        ManifestError: a chain cannot be read.
        OSError: the medium refused.
    """
    ending = f"_{_stamp(started_ns)}.mhl"
    for scope in {"", *scopes}:
        folder = top / scope / FOLDER if scope else top / FOLDER
        if not folder.is_dir():
            continue
        chain = folder / CHAIN
        chained = {link.name for link in asc.read_chain(chain)} if chain.is_file() else set()
        for name in os.listdir(folder):
            if name.endswith((ending, ending + PART, CHAIN + PART)) and name not in chained:
                (folder / name).unlink()
        if not os.listdir(folder):
            folder.rmdir()


def _stamp(started_ns: int) -> str:
    return datetime.fromtimestamp(started_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d_%H%M%SZ")


def next_name(history: History, started_ns: int) -> str:
    """The file name of the next generation: number, folder, UTC time."""
    name = "".join(char if char.isprintable() and char not in '\\/:*?"<>|' else "_" for char in history.root.name)
    while len(name.encode()) > _NAME_BYTES:
        name = name[:-1]
    return f"{history.generation + 1:04d}_{name}_{_stamp(started_ns)}.mhl"


def _owners(history: History) -> Callable[[str], str]:
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


def _records(part: History, found: Found, owner: Callable[[str], str]) -> Iterator[FileRecord]:
    """One history's own files, one by one: a card of a hundred thousand would not fit twice."""
    for path, checked in found.files.items():
        if owner(parent_of(path)) == part.scope:
            inside = below(path, part.scope)
            entries = judge(part.known.get(inside), checked.digests, checked.at)
            if entries:
                yield FileRecord(inside, checked.size, iso(checked.mtime_ns), entries)


def _generation(part: History, found: Found, owner: Callable[[str], str], ignore: Iterable[str]) -> Manifest:
    """What the next manifest of one history says besides its files: all folders it can tell."""
    scope = part.scope
    unlisted = tuple(
        FileRecord(below(path, scope), checked.size, None, judge(None, checked.digests, checked.at))
        for path, checked in found.unlisted.items()
        if owner(parent_of(path)) == scope
    )
    digested = tell_folders(found, scope)
    folders = tuple(
        FolderRecord(path, told.content, told.structure, iso(found.folders[joined(scope, path)]))
        for path, told in digested.items()
        if path and owner(parent_of(joined(scope, path))) == scope
    )
    return Manifest(None, None, digested.get(""), grown(part.ignore, ignore), (), folders, (), unlisted)


def tell_folders(found: Found, scope: str = "") -> dict[str, FolderRecord]:
    """The directory hashes of everything below `scope`, in every format that all of its files have been hashed in.

    Args:
        found: what was hashed; its `incomplete` folders and those above them are left out.
        scope: a folder relative to the top; paths in the answer are relative to it, "" being the scope itself.
    """
    inside = {below(p, scope): checked.digests for p, checked in found.files.items() if in_folder(p, scope)}
    folders = [below(p, scope) for p in found.folders if in_folder(p, scope) and p != scope]
    left_out = {parent_of(path) for path in found.unlisted} | found.incomplete
    blank = {below(p, scope) for p in left_out if in_folder(p, scope, itself=True)}
    shared = set(HashFormat)
    for digests in inside.values():
        shared &= digests.keys()
    if not inside:
        shared = {HashFormat.XXH128}
    told: dict[str, FolderRecord] = {}
    for form in sorted(shared):
        digested = folder_digests({path: digests[form] for path, digests in inside.items()}, folders, form, blank)
        for path, digest in digested.items():
            record = told.setdefault(path, FolderRecord(path, {}, {}))
            told[path] = replace(
                record,
                content={**record.content, form: digest.content},
                structure={**record.structure, form: digest.structure},
            )
    return told


def below(path: str, scope: str) -> str:
    """A path as seen from a scope above it; the scope itself is the empty string."""
    return path[len(scope) + 1 :] if scope else path
