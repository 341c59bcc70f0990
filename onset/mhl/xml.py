"""The one place where a manifest's XML is parsed: no DTD, no entities, no network, bounded depth.

Used by asc.py and legacy.py. A document type is refused outright: with entities merely switched off, lxml returns the
text without them, and a path with a hole in it is worse than an error.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

from lxml import etree

from onset.errors import ManifestError
from onset.text import safe_path

UNREADABLE = 1
_SIZE_LIMIT = 1 << 30  # a manifest of two million files is about 600 MB; anything above is not a manifest
_LONGEST_NUMBER = 20  # digits of 2**64; Python refuses to read thousands


def local_name(tag: str) -> str:
    """The name without its namespace: vendors choose prefixes and some forget the namespace."""
    return tag.rpartition("}")[2]


class _Nameless:
    """A file that lxml cannot ask for its name: it fails over one that is not UTF-8."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file

    def read(self, size: int = -1, /) -> bytes:
        return self._file.read(size)


def whole_number(text: str | None) -> int | None:
    """The number a text says, in bytes or generations; None for anything else, one too long to be either included.

    >>> whole_number(" 12 "), whole_number("-1"), whole_number("1" * 5000), whole_number(None)
    (12, None, None, None)
    """
    digits = (text or "").strip()
    return int(digits) if digits.isdecimal() and len(digits) <= _LONGEST_NUMBER else None


def walk_elements(path: Path, take: Callable[[str, etree._Element], bool]) -> None:
    """Parse `path` as a stream and hand every finished element to `take(local_name, element)`.

    An element for which `take` returns True is finished with and freed, so memory stays bounded.

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
                events=("start", "end"),
                resolve_entities=False,
                load_dtd=False,
                no_network=True,
                huge_tree=False,
                remove_comments=True,
                remove_pis=True,
            )
            first = True
            for event, element in events:
                if first:
                    first = False
                    if element.getroottree().docinfo.doctype:
                        raise ManifestError(
                            f"{shown} carries a document type (DOCTYPE), which no manifest needs; it was not read.",
                            UNREADABLE,
                        )
                if event == "end" and take(local_name(element.tag), element):
                    element.clear()
                    while element.getprevious() is not None:
                        del element.getparent()[0]
    except etree.XMLSyntaxError as error:
        raise ManifestError(f"{shown} is not readable as XML ({error.msg}); it was not used.", UNREADABLE) from error
    except OSError as error:
        raise ManifestError(f"{shown} cannot be read ({error.strerror}).", UNREADABLE) from error
