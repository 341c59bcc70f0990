"""A file's `hash` element, spelled without an XML tree: a card has a hundred thousand of them.

Used by asc.py, and by append.py for a whole card. Each is byte for byte what lxml makes of the same element.
"""

from __future__ import annotations

import functools
import itertools
import re
from collections.abc import Iterable, Iterator

from onset.mhl.hashes import HashFormat
from onset.mhl.paths import in_xml
from onset.mhl.records import Action, Entry, FileRecord
from onset.text import safe_text

_AT_ONCE = 1000  # files
_ORDER = {form: place for place, form in enumerate(HashFormat)}
_PLAIN = re.compile("[\n\t -%'-;=?-~]*\\Z")
_IN_TEXT = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#13;"})
_IN_QUOTES = _IN_TEXT | str.maketrans({'"': "&quot;", "\t": "&#9;", "\n": "&#10;"})


def spelled(records: Iterable[FileRecord]) -> Iterator[bytes]:
    """The elements of many files, a thousand at a time.

    Raises:
        ValueError: XML has no place for something in a record.
    """
    rest = iter(records)
    while batch := list(itertools.islice(rest, _AT_ONCE)):
        yield "".join(map(_element, batch)).encode()


def _element(record: FileRecord) -> str:
    size = "" if record.size is None else f' size="{record.size}"'  # an empty file is 0 bytes, not unknown
    dated = _attribute("lastmodificationdate", record.modified)
    entries = record.entries if len(record.entries) < 2 else sorted(record.entries, key=_place)
    lines = [f"<hash>\n  <path{size}{dated}>{_text(record.path)}</path>\n"]
    for entry in entries:
        opened, closed = _tags(entry.format, entry.action, entry.hashdate)
        lines += opened, _text(entry.digest), closed
    if record.previous_path is not None:
        lines.append(f"  <previousPath>{_text(record.previous_path)}</previousPath>\n")
    lines.append("</hash>\n")
    return "".join(lines)


def _place(entry: Entry) -> int:
    return _ORDER[entry.format]


@functools.lru_cache(maxsize=4096)  # files that were read in the same second share them
def _tags(form: HashFormat, action: Action | None, hashdate: str | None) -> tuple[str, str]:
    return f"  <{form}{_attribute('action', action)}{_attribute('hashdate', hashdate)}>", f"</{form}>\n"


@functools.lru_cache(maxsize=4096)
def _attribute(name: str, text: str | None) -> str:
    return f' {name}="{_checked(text).translate(_IN_QUOTES)}"' if text else ""


def _text(text: str) -> str:
    return text if _PLAIN.match(text) else _checked(text).translate(_IN_TEXT)


def _checked(text: str) -> str:
    if not in_xml(text):
        raise ValueError(f"{safe_text(text)!r} cannot be written in XML")
    return text
