r"""Paths as manifests write them: relative to the scope, `/` between names, case and white space kept.

Used by every reader of manifests. A path that leaves its scope is refused (None), never repaired: a manifest is a file
from outside.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

# Most paths: no backslash, and no name that begins with a dot or is empty.
_PLAIN = re.compile(r"(?![A-Za-z]:)[^/\\\0.][^/\\\0]*(?:/[^/\\\0.][^/\\\0]*)*\Z")
_DRIVE = re.compile(r"^[A-Za-z]:")


def scoped(path: str) -> str | None:
    r"""The path, if it stays inside its scope; None if it does not or names nothing.

    >>> scoped("Clips/A001.mov"), scoped("Clips//A001.mov"), scoped("Clips/")
    ('Clips/A001.mov', 'Clips/A001.mov', 'Clips')
    >>> [scoped(bad) for bad in ("../x", "/etc/passwd", "a/../../x", "C:\\x", "..\\x", "\\\\srv\\s", "a\0b", "", ".")]
    [None, None, None, None, None, None, None, None, None]
    """
    if _PLAIN.match(path):
        return path
    if not path or path.startswith(("/", "\\")) or "\0" in path or _DRIVE.match(path):
        return None
    parts = [part for part in path.split("/") if part not in ("", ".")]
    if not parts or ".." in parts or any(".." in part.split("\\") for part in parts):
        return None
    return "/".join(parts)


def listable(path: str) -> bool:
    r"""Whether a manifest can carry the path: XML lacks control characters, readers refuse what looks like an escape.

    >>> listable("Clips/A001.mov"), listable("A\x1b.mov"), listable("A\udcff.mov"), listable("C:x")
    (True, False, False, False)
    """
    return in_xml(path) and scoped(path) == path


def in_xml(text: str) -> bool:
    r"""Whether XML has a place for all of it.

    >>> in_xml("Stage 4"), in_xml("\x1b[2J")
    (True, False)
    """
    return text.isprintable() or not any(map(_is_not_in_xml, text))


def _is_not_in_xml(char: str) -> bool:
    """Most control characters, lone surrogates (a name that is not UTF-8) and U+FFFE/F: XML 1.0, production 2."""
    return (char < " " and char not in "\t\n\r") or "\ud800" <= char < "\ue000" or char in "\ufffe\uffff"


def scoped_legacy(path: str) -> str | None:
    r"""The same for legacy files, some of which begin with a slash or were written on Windows.

    >>> scoped_legacy("/Clips/A001.mov"), scoped_legacy("Clips\\A001.mov"), scoped_legacy("..\\x")
    ('Clips/A001.mov', 'Clips/A001.mov', None)
    """
    return scoped(path.replace("\\", "/").lstrip("/"))


def found_as(path: str, present: Container[str]) -> str | None:
    """How `path` is spelled among `present`: as written, else composed, else decomposed (HFS+ decomposes names)."""
    for spelling in (path, unicodedata.normalize("NFC", path), unicodedata.normalize("NFD", path)):
        if spelling in present:
            return spelling
    return None


def parent_of(path: str) -> str:
    """The folder of a path; the scope itself is the empty string."""
    return path.rpartition("/")[0]


def name_of(path: str) -> str:
    return path.rpartition("/")[2]


def in_folder(path: str, folder: str, itself: bool = False) -> bool:
    """Whether `path` lies below `folder` (or is it, if `itself`).

    >>> in_folder("a/b", "a"), in_folder("ab", "a"), in_folder("a", "a"), in_folder("a", "a", True)
    (True, False, False, True)
    """
    return not folder or path.startswith(f"{folder}/") or (itself and path == folder)
