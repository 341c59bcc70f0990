"""What manifests and chains say, as values: files, folders, who wrote them and how.

Used by asc.py (reads and writes them), history.py (knows what generations mean) and everyone who makes a manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from onset.mhl.hashes import HashFormat


class Action(StrEnum):
    """What a digest stands for: the first of its file, one that agreed, one that did not."""

    ORIGINAL = "original"
    VERIFIED = "verified"
    FAILED = "failed"


class Process(StrEnum):
    """How the files came to be where the manifest is. `transfer` may only be claimed by the tool that made the copy."""

    IN_PLACE = "in-place"
    TRANSFER = "transfer"
    FLATTEN = "flatten"


@dataclass(frozen=True, slots=True)
class Entry:
    """One digest of one file. `action` is None where a vendor left it out; `hashdate` is xs:dateTime."""

    format: HashFormat
    digest: str
    action: Action | None
    hashdate: str | None = None


@dataclass(frozen=True, slots=True)
class FileRecord:
    """One file. `path` is relative to the scope; `size` bytes, None where a vendor left it out."""

    path: str
    size: int | None
    modified: str | None
    entries: tuple[Entry, ...]
    previous_path: str | None = None


@dataclass(frozen=True, slots=True)
class FolderRecord:
    """One folder: what is in it (`content`), and that plus how everything is named (`structure`)."""

    path: str
    content: Mapping[HashFormat, str]
    structure: Mapping[HashFormat, str]
    modified: str | None = None
    previous_path: str | None = None


@dataclass(frozen=True, slots=True)
class Author:
    name: str
    email: str | None = None
    phone: str | None = None
    role: str | None = None


@dataclass(frozen=True, slots=True)
class Creator:
    """Who wrote the manifest, where and with what. `created` is xs:dateTime with an offset."""

    created: str
    hostname: str
    tool: str
    tool_version: str
    authors: tuple[Author, ...] = ()
    location: str | None = None
    comment: str | None = None


@dataclass(frozen=True, slots=True)
class Reference:
    """A manifest of a nested history: its path relative to this scope, and its C4."""

    path: str
    c4: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """One generation.

    Attributes:
        refused: paths in the file that leave the scope, name nothing or come twice; they were not taken.
        unlisted: files whose names XML cannot carry; ours alone, in the manifest's metadata.
    """

    creator: Creator | None
    process: Process | None
    root: FolderRecord | None = None
    ignore: tuple[str, ...] = ()
    files: tuple[FileRecord, ...] = ()
    folders: tuple[FolderRecord, ...] = ()
    references: tuple[Reference, ...] = ()
    unlisted: tuple[FileRecord, ...] = ()
    refused: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChainLink:
    """One line of the chain: `c4` is None where a vendor left it out."""

    number: int
    name: str
    c4: str | None
