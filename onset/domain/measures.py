"""Measures of a script as people write them: pages in eighths, screen time in minutes and seconds.

Parsed and formatted here and nowhere else. A page has eight strips of about an inch; whole pages stand before the
fraction, and eight eighths are a page (facts on page eighths: `1 4/8`, never `1 1/2`, never `8/8`).
"""

from __future__ import annotations

import re

from onset.errors import RefusedError
from onset.text import safe_text

_EIGHTHS = re.compile(r"(\d{1,4})|(?:(\d{1,4})[ -]+)?([1-7])/8", re.ASCII)
_SCREEN_TIME = re.compile(r"(\d{1,5})|(?:(\d{1,2}):)?(\d{1,3}):([0-5]\d)", re.ASCII)


def eighths_of(text: str) -> int:
    """Pages as eighths of a page.

    >>> eighths_of("1 4/8"), eighths_of("2/8"), eighths_of("3")
    (12, 2, 24)

    Raises:
        RefusedError: not pages as a script supervisor writes them.
    """
    match = _EIGHTHS.fullmatch(text.strip())
    if match is None:
        raise RefusedError(f'"{safe_text(text)}" is no length in pages; write whole pages and eighths, as in 1 4/8.')
    whole, before, part = match.groups()
    return int(whole) * 8 if whole else int(before or 0) * 8 + int(part)


def in_eighths(count: int) -> str:
    """Eighths of a page as pages.

    >>> in_eighths(12), in_eighths(2), in_eighths(24), in_eighths(0)
    ('1 4/8', '2/8', '3', '0')
    """
    pages, part = divmod(count, 8)
    return " ".join([str(pages)] * bool(pages or not part) + [f"{part}/8"] * bool(part))


def screen_time_of(text: str) -> int:
    """Screen time in seconds.

    >>> screen_time_of("1:20"), screen_time_of("80"), screen_time_of("1:02:05")
    (80, 80, 3725)

    Raises:
        RefusedError: no such time.
    """
    match = _SCREEN_TIME.fullmatch(text.strip())
    if match is None:
        raise RefusedError(f'"{safe_text(text)}" is no screen time; write minutes and seconds, as in 1:20.')
    alone, hours, minutes, seconds = match.groups()
    return int(alone) if alone else int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)


def in_screen_time(seconds: int) -> str:
    """Seconds as minutes and seconds, with hours where there are any.

    >>> in_screen_time(80), in_screen_time(5), in_screen_time(3725)
    ('1:20', '0:05', '1:02:05')
    """
    minutes, rest = divmod(seconds, 60)
    if minutes < 60:
        return f"{minutes}:{rest:02d}"
    return f"{minutes // 60}:{minutes % 60:02d}:{rest:02d}"


def in_bytes(count: float) -> str:
    """Bytes as people say them, and disks are sold.

    >>> in_bytes(512), in_bytes(1_500_000), in_bytes(2_000_000_000_000)
    ('512 B', '1.5 MB', '2.0 TB')
    """
    for unit in ("B", "kB", "MB", "GB"):
        if count < 1000:
            return f"{count:.0f} B" if unit == "B" else f"{count:.1f} {unit}"
        count /= 1000
    return f"{count:.1f} TB"
