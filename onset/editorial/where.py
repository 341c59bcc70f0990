"""Where a file lies, as a URL that other programs open. Used by the formats that name files whole."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import quote


def file_url(production: Path, path: str, *, host: str = "") -> str:
    """The URL of a file.

    Args:
        production: folder at which relative paths begin.
        path: as the log has it; bytes that are no UTF-8 keep their value.
        host: `localhost`, for programs that expect one.

    >>> file_url(Path("/shows/Harbour"), "media/day 01/42C-3#A.mov", host="localhost")
    'file://localhost/shows/Harbour/media/day%2001/42C-3%23A.mov'
    """
    whole = os.path.abspath(os.path.join(production, path))
    return f"file://{host}{quote(whole.encode('utf-8', _escape(whole)))}"


def _escape(path: str) -> str:
    """How bytes that are no UTF-8 came into a path: by the file system, else nobody knows."""
    try:
        path.encode("utf-8", "surrogateescape")
    except UnicodeEncodeError:
        return "surrogatepass"
    return "surrogateescape"
