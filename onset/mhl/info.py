"""What a history says of itself: its generations, and all that is on record of one file. No media is read.

Used by `onset mhl info`. It goes on past what is altered or missing, and says so of each generation.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from onset.errors import ManifestError
from onset.mhl import asc
from onset.mhl.check import MISSING
from onset.mhl.history import ALTERED, NO_CHAIN, NO_HISTORY, NO_MANIFEST, failed
from onset.mhl.paths import found_as, in_folder, parent_of
from onset.mhl.records import ChainLink, FileRecord, Manifest
from onset.mhl.tree import CHAIN, FOLDER
from onset.text import safe_path


class Seal(StrEnum):
    """How a manifest stands to the chain."""

    INTACT = "intact"
    UNSEALED = "unsealed"  # the chain gives no C4 of it
    ALTERED = "altered"
    MISSING = "missing"
    UNREADABLE = "unreadable"


_CODES = {Seal.ALTERED: ALTERED, Seal.MISSING: NO_MANIFEST, Seal.UNREADABLE: 1}


@dataclass(frozen=True, slots=True)
class Generation:
    """One line of the chain, and its manifest where it can be read."""

    number: int
    name: str
    seal: Seal
    manifest: Manifest | None


@dataclass(frozen=True, slots=True)
class Account:
    """A history's own account of itself."""

    root: Path
    generations: tuple[Generation, ...]
    strangers: tuple[str, ...] = field(default=())

    @property
    def exit_code(self) -> int:
        """0, or what is the matter with its manifests, as the reference tool numbers it."""
        codes = {_CODES[each.seal] for each in self.generations if each.seal in _CODES}
        return next((code for code in (ALTERED, NO_MANIFEST, 1) if code in codes), 0)


@dataclass(frozen=True, slots=True)
class Mention:
    """What one generation says of a file; `record.path` is what it was called then."""

    number: int
    created: str
    record: FileRecord


def account_of(root: Path) -> Account:
    """Read every generation of one history.

    Args:
        root: the folder that holds `ascmhl`.

    Raises:
        ManifestError: no history there (30), no chain (32), or one that cannot be read.
    """
    folder = root / FOLDER
    if not folder.is_dir():
        raise ManifestError(f"{safe_path(root)} has no ASC MHL history (no {FOLDER} folder).", NO_HISTORY)
    chain = folder / CHAIN
    if not chain.is_file():
        raise ManifestError(f"{safe_path(chain)} is missing; restore it from another copy.", NO_CHAIN)
    links = asc.read_chain(chain)
    names = {link.name for link in links}
    strangers = sorted(
        path.name for path in folder.glob("*.mhl") if path.name not in names and not path.name.startswith("._")
    )
    return Account(root, tuple(_generation(folder / link.name, link) for link in links), tuple(strangers))


def _generation(path: Path, link: ChainLink) -> Generation:
    seal, manifest = Seal.INTACT, None
    try:
        if not path.is_file():
            return Generation(link.number, link.name, Seal.MISSING, None)
        c4 = asc.manifest_c4(path)
        manifest = asc.read_manifest(path)
    except (ManifestError, OSError):
        return Generation(link.number, link.name, Seal.UNREADABLE, None)
    if link.c4 is None:
        seal = Seal.UNSEALED
    elif c4 != link.c4:
        seal = Seal.ALTERED
    return Generation(link.number, link.name, seal, manifest)


def nearest_history(top: Path, path: str) -> str:
    """The folder below `top` ("" for itself) whose history holds the record of a path: the nearest one above it."""
    folder = parent_of(path)
    while folder and not (top / folder / FOLDER).is_dir():
        folder = parent_of(folder)
    return folder


def mentions(account: Account, path: str) -> list[Mention]:
    """Everything on record of one file, newest first, its earlier names included.

    Args:
        account: of the history that holds its record.
        path: what it is called now, relative to the history.

    Raises:
        ManifestError: it is on no record (20).
    """
    found = list(_mentions(account, path))
    if not found:
        raise ManifestError(f"{safe_path(path)} is on no record in {safe_path(account.root)}.", MISSING)
    return found


def _mentions(account: Account, path: str) -> Iterator[Mention]:
    name = path
    for generation in reversed(account.generations):
        manifest = generation.manifest
        if manifest is None:
            continue
        created = manifest.creator.created if manifest.creator else ""
        records = {record.path: record for record in (*manifest.files, *manifest.unlisted)}
        here = found_as(name, records)
        if here is not None:
            yield Mention(generation.number, created, records[here])
            name = records[here].previous_path or name
        for folder in manifest.folders:
            if folder.previous_path is not None and in_folder(name, folder.path):
                name = folder.previous_path + name[len(folder.path) :]


def failures(manifest: Manifest) -> int:
    """How many files a generation found wrong."""
    return sum(failed(record.entries) for record in manifest.files)
