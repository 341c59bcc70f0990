"""The one place where a manifest's XML is parsed: no DTD, no entities, no network, bounded depth.

Used by asc.py and legacy.py. A document type is refused outright: with entities merely switched off, lxml returns the
text without them, and a path with a hole in it is worse than an error.
"""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable, Collection
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from onset.errors import ManifestError
from onset.text import safe_path

UNREADABLE = 1
_SIZE_LIMIT = 1 << 30  # a manifest of two million files is about 600 MB; anything above is not a manifest
_DECLARATION = 1024
_WIDE = {
    b"\xff\xfe\0\0": "utf-32-le",
    b"\0\0\xfe\xff": "utf-32-be",
    b"<\0\0\0": "utf-32-le",
    b"\0\0\0<": "utf-32-be",
}
_MAC = "mac_roman"
_ENCODING = re.compile(rb"""\s*<\?xml[^>]*?encoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_CODE_PAGE = re.compile(r"iso-?8859-([2-9]|1[013-6])|windows-125[0-8]|cp(437|850|852|866|125[0-8])|koi8-[ru]")
_XML_DECLARATION = re.compile(r"^\s*<\?xml[^>]*\?>")
_LONGEST_NUMBER = 20  # digits of 2**64; Python refuses to read thousands


def local_name(tag: str) -> str:
    """The name without its namespace: vendors choose prefixes and some forget the namespace."""
    return tag.rpartition("}")[2]


class _Nameless:
    """A file that lxml cannot ask for its name: it fails over one that is not UTF-8.

    What libxml2 does not know (UTF-32) or not everywhere (8-bit code pages) becomes UTF-8 here.
    """

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self._decoder: codecs.IncrementalDecoder | None = None
        self._ahead = file.read(_DECLARATION)
        if (begun := self._ahead.lstrip(b" \t\r\n")).startswith(b"<?xml"):
            self._ahead = begun  # XML has nothing before its declaration; a list that was opened in an editor may
        codec = _codec_of(self._ahead)
        if codec is not None:
            self._decoder = codecs.getincrementaldecoder(codec)("strict")
            text = self._decoder.decode(self._ahead).removeprefix("\ufeff")
            self._ahead = _XML_DECLARATION.sub("", text, count=1).encode()

    def read(self, size: int = -1, /) -> bytes:
        if self._ahead:
            ahead, self._ahead = self._ahead, b""
            return ahead
        block = self._file.read(size)
        if self._decoder is None:
            return block
        while block:
            text = self._decoder.decode(block)
            if text:
                return text.encode()
            block = self._file.read(size)  # part of one character only
        return self._decoder.decode(b"", True).encode()


def _codec_of(head: bytes) -> str | None:
    """How to decode a file that begins so, where that is not left to libxml2."""
    for start, codec in _WIDE.items():
        if head.startswith(start):
            return codec
    said = _ENCODING.match(head)
    if said is None:
        return None
    name = said[1].decode().lower()
    return _MAC if name in ("macintosh", "x-mac-roman", "macroman") else name if _CODE_PAGE.fullmatch(name) else None


def whole_number(text: str | None) -> int | None:
    """The number a text says, in bytes or generations; None for anything else, one too long to be either included.

    >>> whole_number(" 12 "), whole_number("-1"), whole_number("1" * 5000), whole_number(None)
    (12, None, None, None)
    """
    digits = (text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _LONGEST_NUMBER else None


def walk_elements(
    path: Path, take: Callable[[str, etree._Element], bool], names: Collection[str] | None = None
) -> None:
    """Parse `path` as a stream and hand every finished element to `take(local_name, element)`.

    An element for which `take` returns True is finished with and freed, so memory stays bounded.

    Args:
        path: the file.
        take: called with each element after all that is in it.
        names: local names of the elements to hand over, whatever their namespace; None means all. A manifest has five
            elements a file, and most readers ask for one.

    Raises:
        ManifestError: the file is not well-formed, has a DOCTYPE, or cannot be read.
    """
    shown = safe_path(path)
    try:
        if path.stat().st_size > _SIZE_LIMIT:
            raise ManifestError(f"{shown} is larger than a manifest can be; it was not read.", UNREADABLE)
        with path.open("rb") as file:
            events = etree.iterparse(
                _Nameless(file),
                events=("end",),
                tag=None if names is None else tuple(f"{{*}}{name}" for name in names),
                resolve_entities=False,
                load_dtd=False,
                no_network=True,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
            first = True
            for _, element in events:
                if first:
                    first = False
                    if element.getroottree().docinfo.doctype:
                        raise ManifestError(
                            f"{shown} carries a document type (DOCTYPE), which no manifest needs; it was not read.",
                            UNREADABLE,
                        )
                if take(local_name(element.tag), element):
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except UnicodeDecodeError as error:
        raise ManifestError(f"{shown} is not in the encoding it says ({error.encoding}); it was not used.") from error
    except etree.XMLSyntaxError as error:
        raise ManifestError(f"{shown} is not readable as XML ({error.msg}); it was not used.", UNREADABLE) from error
    except OSError as error:
        raise ManifestError(f"{shown} cannot be read ({error.strerror}).", UNREADABLE) from error
