"""Fields of what was given to others. Assembled in `entities.py`."""

from __future__ import annotations

from onset.logbook.field import Field, integer, text

PAPER: dict[str, tuple[Field, ...]] = {
    # A report that was issued. Never changed afterwards; its correction is another one.
    "issue": (
        text("report", needed=True),
        text("unit", needed=True),
        integer("day", indexed=True, least=1, most=9_999),
        text("scope"),  # what it is about where that is not the whole day
        integer("revision", needed=True, least=1, most=1_000_000),
        text("digest", needed=True),
        text("cells", needed=True),  # what it said: base64 of zlib of JSON
        text("position"),  # JSON: of every seat the newest edit that the log held then
        text("author"),
        integer("wall_ns"),
        text("note"),
    ),
}
