"""Legacy MHL 1.x: one flat list of files and digests, read in every spelling seen in the wild and written in one.

Used by verify and, on request, by `onset mhl create`. Order of elements, foreign elements, missing creators, leading
slashes, back slashes, capitals, bytes in either order and old encodings are all taken as they come; a document type is
not.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

import xxhash
from lxml import etree

from onset.errors import ManifestError
from onset.mhl.durable import replacing
from onset.mhl.hashes import Block
from onset.mhl.paths import listable, scoped_legacy
from onset.mhl.xml import local_name, walk_elements, whole_number
from onset.text import safe_path


class LegacyFormat(StrEnum):
    """Digest elements of MHL 1.x, the one to check first."""

    XXHASH64BE = "xxhash64be"  # XXH64, canonical hex
    XXHASH64 = "xxhash64"  # XXH64 with its bytes reversed, deprecated; some write the canonical order here
    XXHASH = "xxhash"  # XXH32 as a decimal number; some write hex
    SHA1 = "sha1"
    MD5 = "md5"
    NULL = "null"  # no digest: only the size is on record


_FORMATS = {form.value: form for form in LegacyFormat}


@dataclass(frozen=True, slots=True)
class LegacyRecord:
    """One file. `size` in bytes, None where it was left out."""

    path: str
    size: int | None
    digests: Mapping[LegacyFormat, str]


@dataclass(frozen=True, slots=True)
class LegacyList:
    """A whole manifest; `refused` are paths that leave its folder."""

    tool: str
    records: tuple[LegacyRecord, ...]
    refused: tuple[str, ...]


def read_legacy(path: Path) -> LegacyList:
    """Read a legacy manifest.

    Raises:
        ManifestError: not XML, not an MHL, or unreadable.
    """
    records: dict[str, LegacyRecord] = {}
    refused: list[str] = []
    tool = ""
    version = None

    def take(name: str, element: etree._Element) -> bool:
        nonlocal tool, version
        name = name.lower()
        if name == "tool":
            tool = tool or (element.text or "")
        if name == "hashlist":
            version = element.get("version") or ("" if "}" in str(element.tag) else "1")  # scripts leave it out
        if name != "hash":
            return False
        record, written = _record(element)
        if record is None or record.path in records:
            refused.append(written)
        else:
            records[record.path] = record
        return True

    walk_elements(path, take)
    if version is None or not version.startswith("1"):
        raise ManifestError(f"{safe_path(path)} is not a legacy MHL 1.x file; give a folder with a history instead.")
    return LegacyList(tool, tuple(records.values()), tuple(refused))


def _record(element: etree._Element) -> tuple[LegacyRecord | None, str]:
    written = ""
    size: int | None = None
    digests: dict[LegacyFormat, str] = {}
    for child in element:
        if not isinstance(child.tag, str):
            continue
        name, text = local_name(child.tag).lower(), (child.text or "")
        if name == "file":
            written = text
        elif name == "size":
            size = whole_number(text)
        elif name in _FORMATS:
            digests[_FORMATS[name]] = text.strip()
    path = scoped_legacy(written)
    return (None if path is None else LegacyRecord(path, size, digests)), written


@dataclass(frozen=True, slots=True)
class LegacyHead:
    """Who wrote a list; the dates are xs:dateTime."""

    tool: str
    hostname: str
    username: str
    started: str
    finished: str
    name: str | None = None
    log: str | None = None


@dataclass(frozen=True, slots=True)
class LegacyLine:
    """One file as it is written: size in bytes, dates as xs:dateTime."""

    path: str
    size: int
    modified: str
    digests: Mapping[LegacyFormat, str]
    hashed: str


def legacy_can_list(path: str) -> bool:
    r"""Whether a legacy list can carry a path: readers take a back slash for a slash.

    >>> legacy_can_list("Clips/a.mov"), legacy_can_list("a\\b"), legacy_can_list("a\x1b")
    (True, False, False)
    """
    return listable(path) and scoped_legacy(path) == path


def write_legacy(path: Path, head: LegacyHead, lines: Iterable[LegacyLine]) -> None:
    """Write a list of version 1.1, durable and all at once, its elements in the order of the published schema.

    An empty file is listed with its size, as all tools do, although the schema has no size 0.

    Raises:
        OSError: the medium refused; nothing has that name then.
    """
    with replacing(path) as file, etree.xmlfile(file, encoding="UTF-8") as out:
        out.write_declaration()
        with out.element("hashlist", version="1.1"):
            out.write("\n")
            creator = etree.Element("creatorinfo")
            for name, text in (
                ("name", head.name),
                ("username", head.username),
                ("hostname", head.hostname),
                ("tool", head.tool),
                ("startdate", head.started),
                ("finishdate", head.finished),
                ("log", head.log),
            ):
                if text is not None:
                    etree.SubElement(creator, name).text = text
            out.write(creator, pretty_print=True)
            for line in lines:
                element = etree.Element("hash")
                etree.SubElement(element, "file").text = line.path
                etree.SubElement(element, "size").text = str(line.size)
                etree.SubElement(element, "lastmodificationdate").text = line.modified
                for form, digest in line.digests.items():
                    etree.SubElement(element, form.value).text = digest
                etree.SubElement(element, "hashdate").text = line.hashed
                out.write(element, pretty_print=True)


def legacy_hasher(form: LegacyFormat) -> tuple[Callable[[Block], None], Callable[[str], bool]]:
    """A running digest and the question whether it equals what a manifest says."""
    match form:
        case LegacyFormat.MD5 | LegacyFormat.SHA1:
            plain = hashlib.new(form.value, usedforsecurity=False)
            return plain.update, lambda said: plain.hexdigest() == said.lower()
        case LegacyFormat.XXHASH:
            short = xxhash.xxh32()
            return (
                short.update,
                lambda said: whole_number(said) == short.intdigest() or said.lower() == short.hexdigest(),
            )
        case LegacyFormat.XXHASH64:
            turned = xxhash.xxh64()
            return turned.update, lambda said: said.lower() in (turned.digest()[::-1].hex(), turned.hexdigest())
        case LegacyFormat.XXHASH64BE:
            long = xxhash.xxh64()
            return long.update, lambda said: long.hexdigest() == said.lower()
        case LegacyFormat.NULL:
            return (lambda block: None), (lambda said: True)
