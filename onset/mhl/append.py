"""Append the next generation of a history and of every nested one; each file's record lives in the nearest.

Used by the offload job (generation 1 or n+1 at each target), by verify and by `onset mhl`.
"""

from __future__ import annotations

import itertools
import os
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl import asc
from onset.mhl.durable import PART, sync_folder
from onset.mhl.elements import spelled
from onset.mhl.folders import folder_digests
from onset.mhl.hashes import HashFormat
from onset.mhl.history import Checked, Found, History, Known, below, failed, inherit, iso, joined, judge, owners
from onset.mhl.paths import in_folder, parent_of
from onset.mhl.records import Action, ChainLink, Creator, FileRecord, FolderRecord, Manifest, Process, Reference
from onset.mhl.tree import CHAIN, FOLDER
from onset.text import safe_path

_NUMBERED = re.compile(r"[0-9]+_.*\.mhl\Z", re.DOTALL)
_NAME_BYTES = 180  # of the folder in a manifest name; a name may have 255 in all


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
    previous: Mapping[str, str] | None = None,
) -> Appended:
    """Write the next generation of a history and of every nested one, innermost first.

    The standard wants one time for the whole operation: `started_ns` names every manifest. Manifest, then chain: a cut
    between the two leaves a manifest that the chain does not know, never a chain that names a missing one; the next
    generation takes its place. With `resumed`, an operation that was cut off goes on: what it wrote (told by its time)
    and a chain knows is kept where it lists exactly what `found` holds, and continued otherwise (`clear_cut_off` takes
    the rest away).

    `previous` gives the earlier path of what was renamed, both as the top sees them.

    A history in which nothing was found gets no generation, unless one below it does.

    Raises:
        ManifestError: nothing was found at all.
        OSError: the medium refused; the histories written so far are whole, the others as they were.
    """
    ending = f"_{stamp(started_ns)}.mhl"
    owner = owners(history)
    everything = history.all_known()
    untold = set(_without_record(history, found, owner, everything)) - found.incomplete
    if untold:
        found = replace(found, incomplete=found.incomplete | untold, common=None)
    inherit(history, ignore)
    written: dict[str, tuple[Path, str]] = {}
    kept: set[str] = set()
    referred = {name for part in history.lineage() for name in part.references.values()}
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
        manifest = replace(_generation(part, found, owner, previous or {}), creator=creator, process=process)
        elements = _elements(part, found, owner, everything, previous or {})
        first = next(elements, None)
        says = first or manifest.folders or manifest.root or manifest.unlisted
        if not says and not any(child.scope in written for child in part.children):
            continue  # the schema would take a manifest that lists nothing, the standard does not
        references = tuple(_reference(part, child, written.get(child.scope)) for child in part.children)
        folder = part.root / FOLDER
        folder.mkdir(exist_ok=True)
        path = folder / next_name(part, started_ns)
        files = elements if first is None else itertools.chain([first], elements)
        c4 = asc.write_manifest(path, replace(manifest, references=references), files)
        asc.write_chain(folder / CHAIN, (*part.chain, ChainLink(part.generation + 1, path.name, c4)))
        _clear_superseded(part, path.name, referred)
        written[part.scope] = (path, c4)
    if not written:
        raise ManifestError(f"{safe_path(history.root)} holds nothing that could be recorded, so nothing was written.")
    sync_folder(history.root)
    number = int(written[""][0].name.partition("_")[0])
    return Appended(number, tuple(written[part.scope][0] for part in history.lineage() if part.scope in written))


def _reference(part: History, child: History, written: tuple[Path, str] | None) -> Reference:
    """The manifest of a nested history that stands for it now: the one just written, else its newest."""
    if written is None:
        newest = child.root / FOLDER / child.chain[-1].name
        written = newest, child.chain[-1].c4 or asc.manifest_c4(newest)
    return Reference(below(joined(child.scope, f"{FOLDER}/{written[0].name}"), part.scope), written[1])


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


def _clear_superseded(part: History, written: str, referred: Collection[str]) -> None:
    """Take away what runs of onset that were cut off before the chain left behind of the generation written now.

    A manifest of a later number, or one that a history refers to, was in the chain once: then nothing is touched.
    """
    folder = part.root / FOLDER
    number = part.generation + 1
    chained = {link.name for link in part.chain} | {written}
    strangers = [name for name in os.listdir(folder) if _NUMBERED.match(name) and name not in chained]
    if any(int(name.partition("_")[0]) != number or name in referred for name in strangers):
        return
    for name in strangers:
        with suppress(ManifestError, OSError):  # what cannot be read or removed stays, and is named as before
            creator = asc.read_manifest(folder / name).creator
            if creator is not None and creator.tool == "onset":
                (folder / name).unlink()


def clear_cut_off(top: Path, scopes: Iterable[str], started_ns: int) -> None:
    """Take away what a cut-off run of the operation begun at `started_ns` left behind, before the history is loaded.

    That is unfinished files, and manifests that no chain knows; a folder that holds nothing then goes too.

    Raises:
        ManifestError: a chain cannot be read.
        OSError: the medium refused.
    """
    ending = f"_{stamp(started_ns)}.mhl"
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


def stamp(started_ns: int) -> str:
    """The time of an operation in the names of its manifests."""
    return datetime.fromtimestamp(started_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d_%H%M%SZ")


def next_name(history: History, started_ns: int) -> str:
    """The file name of the next generation: number, folder, UTC time."""
    return f"{history.generation + 1:04d}_{storable(history.root.name)}_{stamp(started_ns)}.mhl"


def storable(name: str) -> str:
    """A folder's name as part of a file's name on any disk."""
    name = "".join(char if char.isprintable() and char not in '\\/:*?"<>|' else "_" for char in name)
    while len(name.encode()) > _NAME_BYTES:
        name = name[:-1]
    return name


def _without_record(
    history: History, found: Found, owner: Callable[[str], str], everything: Mapping[str, Known]
) -> Iterator[str]:
    """Folders of files that differ from what a history above has on record, so that the nearest gets none of them."""
    if not history.children and not history.above:
        return
    known = {part.scope: part.known for part in history.lineage()}
    for path, checked in found.files.items():
        scope = owner(parent_of(path))
        older = None if below(path, scope) in known[scope] else everything.get(path)
        if older is not None and failed(judge(older, checked.digests, checked.at)):
            yield parent_of(path)


def _elements(
    part: History,
    found: Found,
    owner: Callable[[str], str],
    everything: Mapping[str, Known],
    previous: Mapping[str, str],
) -> Iterator[bytes]:
    """The elements of one history's own files; where all of them are new to several targets, made once."""
    elements = spelled(_records(part, found, owner, everything, previous))
    if found.common is None or everything or previous or part.scope or part.children:
        return elements
    with found.common.lock:
        found.common.elements = found.common.elements or tuple(elements)
        return iter(found.common.elements)


def _records(
    part: History,
    found: Found,
    owner: Callable[[str], str],
    everything: Mapping[str, Known],
    previous: Mapping[str, str],
) -> Iterator[FileRecord]:
    """One history's own files, one by one: a card of a hundred thousand would not fit twice."""
    for path, checked in found.files.items():
        if owner(parent_of(path)) == part.scope:
            inside = below(path, part.scope)
            older = everything.get(path)
            entries = judge(older, checked.digests, checked.at)
            if older is not None and inside not in part.known:
                # A history above had it on record: what agrees with that begins here, what does not may not.
                entries = () if failed(entries) else tuple(replace(each, action=Action.ORIGINAL) for each in entries)
            if entries:
                before = below(previous[path], part.scope) if path in previous else None
                yield FileRecord(inside, checked.size, iso(checked.mtime_ns), entries, before)


def _generation(part: History, found: Found, owner: Callable[[str], str], previous: Mapping[str, str]) -> Manifest:
    """What the next manifest of one history says besides its files: all folders it can tell."""
    scope = part.scope
    unlisted = tuple(
        FileRecord(below(path, scope), checked.size, None, judge(None, checked.digests, checked.at))
        for path, checked in found.unlisted.items()
        if owner(parent_of(path)) == scope
    )
    digested = tell_folders(found, scope)
    folders = []
    renamed = [path for path in previous if path in found.folders and in_folder(path, scope)]
    for path in dict.fromkeys((*digested, *(below(path, scope) for path in renamed))):
        whole = joined(scope, path)
        if path and owner(parent_of(whole)) == scope:
            told = digested.get(path) or FolderRecord(path, {}, {})  # renamed, and not everything in it was read
            before = below(previous[whole], scope) if whole in previous else None
            folders.append(FolderRecord(path, told.content, told.structure, iso(found.folders[whole]), before))
    return Manifest(None, None, digested.get(""), part.ignore, (), tuple(folders), (), unlisted)


def tell_folders(found: Found, scope: str = "") -> dict[str, FolderRecord]:
    """The directory hashes of everything below `scope`, in every format that all of its files have been hashed in.

    Args:
        found: what was hashed; its `incomplete` folders and those above them are left out.
        scope: a folder relative to the top; paths in the answer are relative to it, "" being the scope itself.
    """
    if found.common is None:
        return _tell_folders(found, scope)
    with found.common.lock:
        if scope not in found.common.folders:
            found.common.folders[scope] = _tell_folders(found, scope)
        return found.common.folders[scope]


def _tell_folders(found: Found, scope: str) -> dict[str, FolderRecord]:
    inside: Collection[tuple[str, Checked]] = found.files.items()
    if scope:
        inside = [(below(path, scope), checked) for path, checked in inside if in_folder(path, scope)]
    folders = [below(p, scope) for p in found.folders if in_folder(p, scope) and p != scope]
    left_out = {parent_of(path) for path in found.unlisted} | found.incomplete
    blank = {below(p, scope) for p in left_out if in_folder(p, scope, itself=True)}
    shared = set(HashFormat) if inside else {HashFormat.XXH128}
    for _, checked in inside:
        shared.intersection_update(checked.digests)
    told: dict[str, FolderRecord] = {}
    for form in sorted(shared):
        digested = folder_digests({path: checked.digests[form] for path, checked in inside}, folders, form, blank)
        for path, digest in digested.items():
            record = told.setdefault(path, FolderRecord(path, {}, {}))
            told[path] = replace(
                record,
                content={**record.content, form: digest.content},
                structure={**record.structure, form: digest.structure},
            )
    return told
