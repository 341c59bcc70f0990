"""Where a file lies for somebody who gets an export: never on this machine, always by a name that can be found again.

Used by `day.py` for paths, and by the formats that need a URL (why: docs/decisions/0299-no-path-of-this-machine.md).
"""

from __future__ import annotations

from collections.abc import Collection
from pathlib import PurePosixPath
from urllib.parse import quote


def path_elsewhere(path: str, copies: Collection[str]) -> str:
    """The path from what is handed over: the production's folder, or the disk that cards were copied to.

    Args:
        path: as the log has it: relative to the production, or absolute.
        copies: folders of the copies of cards.

    >>> path_elsewhere("/media/maya/SHUTTLE/A014/CLIP/C0001.MXF", {"/media/maya/SHUTTLE/A014"})
    'A014/CLIP/C0001.MXF'
    >>> path_elsewhere("media/day01/42C-3_A.mov", ()), path_elsewhere("/home/maya/sound/T01.wav", ())
    ('media/day01/42C-3_A.mov', 'T01.wav')
    """
    plain = PurePosixPath(path)
    if not plain.is_absolute() and ".." not in plain.parts:
        return path
    for folder in plain.parents:
        if str(folder) in copies:
            return str(plain.relative_to(folder.parent))
    return plain.name


def relative_url(path: str) -> str:
    """A relative path as a URL; bytes that are no UTF-8 keep their value.

    >>> relative_url("media/day 01/42C-3#A.mov")
    'media/day%2001/42C-3%23A.mov'
    """
    return quote(path.encode("utf-8", _escape(path)))


def _escape(path: str) -> str:
    """How bytes that are no UTF-8 came into a path: by the file system, else nobody knows."""
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "surrogatepass"
    return "surrogateescape"
