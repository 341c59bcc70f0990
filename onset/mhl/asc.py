"""ASC MHL v2.0 manifests and chains: the XML, read liberally and written strictly (`urn:ASC:MHL:v2.0`).

Used by history.py, which knows what generations mean. Namespaces are not asked for when reading, since vendors vary;
element order when writing is that of the published schema.
"""

from __future__ import annotations

import functools
import itertools
import os
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import BinaryIO, TypeVar
from urllib.parse import quote, unquote_to_bytes

from lxml import etree

from onset.errors import ManifestError
from onset.mhl.durable import replacing
from onset.mhl.elements import spelled
from onset.mhl.hashes import HashFormat, new_hasher, spell
from onset.mhl.paths import scoped
from onset.mhl.records import (
    Action,
    Author,
    ChainLink,
    Creator,
    Entry,
    FileRecord,
    FolderRecord,
    Manifest,
    Process,
    Reference,
)
from onset.mhl.xml import local_name, walk_elements, whole_number
from onset.text import safe_path, safe_text

MANIFEST_NS = "urn:ASC:MHL:v2.0"
CHAIN_NS = "urn:ASC:MHL:DIRECTORY:v2.0"
UNLISTED_NS = "urn:onset:unlisted:v1"
_FORMATS = {name.value: name for name in HashFormat}
_ACTIONS = {action.value: action for action in Action}
_Member = TypeVar("_Member", bound=StrEnum)


# What a manifest is read for; everything else in it lies within one of these, or says nothing to us.
_ELEMENTS = (
    "hash",
    "directoryhash",
    "roothash",
    "pattern",
    "process",
    "creatorinfo",
    "hashlistreference",
    "file",
    "hashlist",
)


@dataclass(slots=True)
class _Reading:
    """What has been seen so far of a manifest."""

    creator: Creator | None = None
    process: Process | None = None
    root: FolderRecord | None = None
    ignore: list[str] = field(default_factory=list)
    files: dict[str, FileRecord] = field(default_factory=dict)
    folders: dict[str, FolderRecord] = field(default_factory=dict)
    references: list[Reference] = field(default_factory=list)
    unlisted: list[FileRecord] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    is_manifest: bool = False

    def take(self, name: str, element: etree._Element) -> bool:
        match name:
            case "hash" | "directoryhash" if _is_of_a_vendor(element):
                return False
            case "hash":
                self._file(element)
            case "directoryhash":
                record = _folder(element, _text(element, "path"))
                path = scoped(record.path)
                if path is None or path in self.folders:
                    self.refused.append(record.path)
                else:
                    self.folders[path] = FolderRecord(
                        path, record.content, record.structure, None, record.previous_path
                    )
            case "roothash":
                self.root = _folder(element, "")
                return False  # its parent is still being read
            case "pattern":
                self.ignore.append(element.text or "")
                return False
            case "process":
                self.process = _member(Process, element.text)
                return False
            case "creatorinfo":
                self.creator = _creator(element)
            case "hashlistreference":
                path = scoped(_text(element, "path"))
                if path is None:
                    self.refused.append(_text(element, "path"))
                else:
                    self.references.append(Reference(path, _text(element, "c4")))
            case "file" if element.tag == f"{{{UNLISTED_NS}}}file":
                self._unlisted(element)
            case "hashlist":
                self.is_manifest = True
            case _:
                return False
        return True

    def _file(self, element: etree._Element) -> None:
        written = size = modified = previous = None
        entries = []
        for child in element:
            name = _local(child)
            if name in _FORMATS:
                if text := child.text:
                    action = _ACTIONS.get((child.get("action") or "").strip())
                    entries.append(Entry(_FORMATS[name], text.strip(), action, child.get("hashdate")))
            elif name == "path":
                if written is None:
                    written = str(child.text or "")
                size, modified = whole_number(child.get("size")), child.get("lastmodificationdate")
            elif name == "previousPath":
                previous = scoped(child.text or "")
        path = scoped(written or "")
        if path is None or path in self.files:
            self.refused.append(written or "")
            return
        self.files[path] = FileRecord(path, size, modified, tuple(entries), previous)

    def _unlisted(self, element: etree._Element) -> None:
        path = os.fsdecode(unquote_to_bytes(element.get("path") or ""))
        if path.startswith("/") or ".." in path.split("/") or not path or "\0" in path:
            self.refused.append(path)
            return
        entries = tuple(
            Entry(_FORMATS[key], value, Action.VERIFIED) for key, value in element.attrib.items() if key in _FORMATS
        )
        self.unlisted.append(FileRecord(path, whole_number(element.get("size")), None, entries))


def _is_of_a_vendor(element: etree._Element) -> bool:
    """Whether an element of that name stands among somebody's metadata, not in the list."""
    parent = element.getparent()
    return parent is not None and _local(parent) not in ("hashes", "hashlist")


def read_manifest(path: Path) -> Manifest:
    """Read one manifest, whoever wrote it.

    Raises:
        ManifestError: not XML, not an ASC MHL manifest, or unreadable.
    """
    reading = _Reading()
    walk_elements(path, reading.take, _ELEMENTS)
    if not reading.is_manifest:
        raise ManifestError(f"{safe_path(path)} is not an ASC MHL manifest; give a history or a manifest.")
    return Manifest(
        reading.creator,
        reading.process,
        reading.root,
        tuple(reading.ignore),
        tuple(reading.files.values()),
        tuple(reading.folders.values()),
        tuple(reading.references),
        tuple(reading.unlisted),
        tuple(reading.refused),
    )


def is_asc_manifest(path: Path) -> bool:
    """Whether a file says of itself that it is one; a legacy list has another version and no namespace.

    Raises:
        ManifestError: it is not XML at all.
    """
    version = ""

    def take(name: str, element: etree._Element) -> bool:
        nonlocal version
        if name == "hashlist":
            version = element.get("version") or ""
        return name in ("hash", "directoryhash")

    walk_elements(path, take)
    return version.startswith("2")


def write_manifest(path: Path, manifest: Manifest, elements: Iterable[bytes] = ()) -> str:
    """Write a manifest, durable and all at once, and return its C4.

    Args:
        path: its final name.
        manifest: what it says.
        elements: more files, as elements.py spells them, so that a large card need not be in memory as records.

    Raises:
        OSError: the medium refused; nothing has that name then.
    """
    folders = sorted(manifest.folders, key=lambda record: record.path)
    files = itertools.chain(spelled(manifest.files), elements)
    first = next(files, None)
    with replacing(path) as file:
        text = _Summed(file)
        with etree.xmlfile(text, encoding="UTF-8") as out:
            out.write_declaration()
            with out.element("hashlist", nsmap={None: MANIFEST_NS}, version="2.0"):
                _write_head(out, manifest)
                if folders or first is not None:  # the schema wants no empty list
                    with out.element("hashes"):
                        out.write("\n")
                        for folder in folders:
                            out.write(_folder_element(folder), pretty_print=True)
                        out.flush()  # what comes now goes past it
                        for some in () if first is None else itertools.chain([first], files):
                            text.write(some)
                if manifest.unlisted:
                    out.write(_unlisted_element(manifest.unlisted))
                if manifest.references:
                    with out.element("references"):
                        for reference in manifest.references:
                            element = etree.Element("hashlistreference")
                            etree.SubElement(element, "path").text = reference.path
                            etree.SubElement(element, "c4").text = reference.c4
                            out.write(element)
    return text.c4()


class _Summed:
    """A file that knows the C4 of what was written into it."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._running = new_hasher(HashFormat.C4)
        self.c4 = self._running.spell

    def write(self, text: bytes) -> None:
        self._running.update(text)
        self._file.write(text)


def manifest_c4(path: Path) -> str:
    """The C4 of a file, as chains and references carry it.

    Raises:
        OSError: the file cannot be read.
    """
    return spell(HashFormat.C4, path.read_bytes())


def read_chain(path: Path) -> tuple[ChainLink, ...]:
    """Read a chain in its own order.

    Raises:
        ManifestError: not XML or not a chain; numbers that do not run 1, 2, 3.
    """
    links: list[ChainLink] = []
    seen_root = False

    def take(name: str, element: etree._Element) -> bool:
        nonlocal seen_root
        seen_root = seen_root or name == "ascmhldirectory"
        if name != "hashlist":
            return False
        number = whole_number(element.get("sequencenr")) or 0
        written = _text(element, "path")
        inside = scoped(written)
        if inside is None or "/" in inside:
            raise ManifestError(f"{safe_path(path)} names {safe_text(written)!r}, which is not beside it.", 31)
        links.append(ChainLink(number, inside, _text(element, "c4") or None))
        return True

    walk_elements(path, take)
    if not seen_root:
        raise ManifestError(f"{safe_path(path)} is not an ASC MHL chain; restore it from another copy.", 32)
    if [link.number for link in links] != list(range(1, len(links) + 1)):
        raise ManifestError(f"{safe_path(path)} does not number its generations 1, 2, 3; restore it from a copy.", 31)
    return tuple(links)


def write_chain(path: Path, links: Iterable[ChainLink]) -> None:
    """Write the chain, durable and all at once; the old one stands until the new one does.

    Raises:
        OSError: the medium refused; the old chain is untouched.
    """
    root = etree.Element("ascmhldirectory", nsmap={None: CHAIN_NS})
    for link in links:
        element = etree.SubElement(root, "hashlist", sequencenr=str(link.number))
        etree.SubElement(element, "path").text = link.name
        if link.c4 is not None:
            etree.SubElement(element, "c4").text = link.c4
    with replacing(path) as file:
        file.write(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def _write_head(out: etree._IncrementalFileWriter, manifest: Manifest) -> None:
    if manifest.creator is not None:
        creator = etree.Element("creatorinfo")
        etree.SubElement(creator, "creationdate").text = manifest.creator.created
        etree.SubElement(creator, "hostname").text = manifest.creator.hostname
        tool = etree.SubElement(creator, "tool", version=manifest.creator.tool_version)
        tool.text = manifest.creator.tool
        for author in manifest.creator.authors:
            given = {"email": author.email, "phone": author.phone, "role": author.role}
            etree.SubElement(creator, "author", {k: v for k, v in given.items() if v}).text = author.name
        for name, text in (("location", manifest.creator.location), ("comment", manifest.creator.comment)):
            if text:
                etree.SubElement(creator, name).text = text
        out.write(creator, pretty_print=True)
    process = etree.Element("processinfo")
    etree.SubElement(process, "process").text = (manifest.process or Process.IN_PLACE).value
    if manifest.root is not None:
        root = etree.SubElement(process, "roothash")
        _write_folder_digests(root, manifest.root)
    if manifest.ignore:
        ignore = etree.SubElement(process, "ignore")
        for pattern in manifest.ignore:
            etree.SubElement(ignore, "pattern").text = pattern
    out.write(process, pretty_print=True)


def _folder_element(record: FolderRecord) -> etree._Element:
    element = etree.Element("directoryhash")
    path = etree.SubElement(element, "path")
    path.text = record.path
    if record.modified:
        path.set("lastmodificationdate", record.modified)
    _write_folder_digests(element, record)
    if record.previous_path is not None:
        etree.SubElement(element, "previousPath").text = record.previous_path
    return element


def _write_folder_digests(element: etree._Element, record: FolderRecord) -> None:
    for name, digests in (("content", record.content), ("structure", record.structure)):
        holder = etree.SubElement(element, name)
        for form in HashFormat:
            if form in digests:
                etree.SubElement(holder, form.value).text = digests[form]


def _unlisted_element(records: Iterable[FileRecord]) -> etree._Element:
    element = etree.Element("metadata")
    holder = etree.SubElement(element, f"{{{UNLISTED_NS}}}unlisted", nsmap={"onset": UNLISTED_NS})
    for record in records:
        # The bytes of the name, percent-escaped: XML cannot carry it, and the file must not go without its digest.
        name = quote(os.fsencode(record.path), safe="/")
        file = etree.SubElement(holder, f"{{{UNLISTED_NS}}}file", path=name, size=str(record.size or 0))
        for entry in record.entries:
            file.set(entry.format.value, entry.digest)
    return element


def _local(element: etree._Element) -> str:
    tag = element.tag
    return _local_name(tag) if isinstance(tag, str) else ""


@functools.lru_cache(maxsize=256)  # a manifest has a dozen tags, hundreds of thousands of times
def _local_name(tag: str) -> str:
    return local_name(tag)


def _text(element: etree._Element, name: str) -> str:
    for child in element:
        if _local(child) == name:
            return str(child.text or "")
    return ""


def _member(kind: type[_Member], text: str | None) -> _Member | None:
    try:
        return kind((text or "").strip())
    except ValueError:
        return None


def _folder(element: etree._Element, path: str) -> FolderRecord:
    found: dict[str, dict[HashFormat, str]] = {"content": {}, "structure": {}}
    previous = None
    for child in element:
        name = _local(child)
        if name in found:
            for digest in child:
                if _local(digest) in _FORMATS and digest.text:
                    found[name][_FORMATS[_local(digest)]] = digest.text.strip()
        elif name == "previousPath":
            previous = scoped(child.text or "")
    return FolderRecord(path, found["content"], found["structure"], None, previous)


def _creator(element: etree._Element) -> Creator:
    tool_version = ""
    authors = []
    for child in element:
        if _local(child) == "tool":
            tool_version = child.get("version") or ""
        elif _local(child) == "author":
            authors.append(Author(child.text or "", child.get("email"), child.get("phone"), child.get("role")))
    return Creator(
        _text(element, "creationdate"),
        _text(element, "hostname"),
        _text(element, "tool"),
        tool_version,
        tuple(authors),
        _text(element, "location") or None,
        _text(element, "comment") or None,
    )
