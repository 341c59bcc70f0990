"""Read the text of a file that somebody else's program wrote, and say what a file is that is no such text.

Used by the reader of tables (sheet.py) and by the reader of ALE. A picture called `.csv`, a spreadsheet that was never
exported, a timeline: each is named, so that a person knows what to bring instead.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from onset.errors import ReportError
from onset.text import safe_path

_LARGEST = 32 * 1024 * 1024  # bytes; a season's reports in one file have a tenth of it
_MARKS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1a\x1c-\x1f]")
_ESCAPED = 0.1  # of the beginning may be escape characters, which a terminal or an app leaves in pasted notes
_HEAD = 4096


@dataclass(frozen=True, slots=True)
class Kind:
    """What a file is: `called` in a sentence; `instead` says what to do."""

    called: str
    instead: str


_TO_CSV = "export the report as CSV"
_BEFORE = "bring the list it was cut from: a camera report, an ALE, a CSV"
_TIMELINE = "a timeline, which tells what an edit used and not what was shot"
# The first bytes that these formats have by their standards, and what people know them by.
_BY_BYTES: tuple[tuple[bytes, Kind], ...] = (
    (b"%PDF", Kind("a PDF", _TO_CSV)),
    (b"PK\x03\x04", Kind("a packed file (Excel, Numbers, ZIP)", _TO_CSV)),
    (b"\xd0\xcf\x11\xe0", Kind("an old Office file or an AAF", _TO_CSV)),
    (b"{\\rtf", Kind("rich text", _TO_CSV)),
    (b"\xff\xd8\xff", Kind("a picture (JPEG)", _TO_CSV)),
    (b"\x89PNG", Kind("a picture (PNG)", _TO_CSV)),
    (b"RIFF", Kind("a sound or film file (RIFF)", "bring it in with onset import sound or clips")),
    (b"RF64", Kind("a sound file (RF64)", "bring it in with onset import sound")),
    (b"SQLite format 3", Kind("a database (SQLite)", _TO_CSV)),
)  # fmt: skip
_FILM = Kind("a film file", "bring clips in with onset import clips")
_XML = (
    ("fcpxml", Kind(f"an FCPXML: {_TIMELINE}", _BEFORE)),
    ("xmeml", Kind(f"a Final Cut XML: {_TIMELINE}", _BEFORE)),
    ("hashlist", Kind("a media hash list", "check the copy with onset verify")),
    ("FinalDraft", Kind("a script (FDX)", "bring it in with onset import script")),
    ("html", Kind("a web page", _TO_CSV)),
)
_OTHER_XML = Kind("an XML file", _TO_CSV)
_OTIO = Kind(f"an OTIO: {_TIMELINE}", _BEFORE)
_JSON = Kind("a JSON file", _TO_CSV)
_EDL = Kind(f"an EDL: {_TIMELINE}", _BEFORE)
# CMX 3600: number, reel, tracks, transition, and four labels.
_EVENT = re.compile(
    r"^\d{1,6} +\S.*?(?: +\d\d[:;.]\d\d[:;.]\d\d[:;.]\d\d){4} *$",  # blanks alone: tabs would be a table
    re.ASCII | re.MULTILINE,
)


def read_text(path: Path) -> str:
    """The text of a file, its lines ended by a line feed.

    Encoding: UTF-8, UTF-16 (with its mark, or plainly so), else Windows-1252.

    Raises:
        ReportError: it cannot be read, is empty, far too large, cut off, or something else than a text of rows; names
            the file, what it is, and what to do.
    """
    shown = safe_path(path.name)
    try:
        with path.open("rb") as file:
            raw = file.read(_LARGEST + 1)
    except OSError as error:
        raise ReportError(f"{shown} cannot be read ({error.strerror}).") from error
    if len(raw) > _LARGEST:
        raise ReportError(f"{shown} is larger than {_LARGEST >> 20} MiB, which no list of a set is; look what it is.")
    if not raw.strip(b"\0 \t\r\n"):
        raise ReportError(f"{shown} is empty; nothing was taken from it.")
    _refuse(shown, _kind_of_bytes(raw))
    text = _decoded(raw, shown).replace("\r\n", "\n").replace("\r", "\n")
    head = text[:_HEAD]
    _refuse(shown, _kind_of_text(head))
    if len(_CONTROL.findall(head)) > 4 or head.count("\x1b") > max(4, _ESCAPED * len(head)):
        raise ReportError(f"{shown} is no table of text; {_TO_CSV}.")
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise ReportError(
            f"{shown} has zero bytes in line {line}, as a file that was cut off while it was written; export it anew."
        )
    return text


def _refuse(shown: str, kind: Kind | None) -> None:
    if kind is not None:
        raise ReportError(f"{shown} is {kind.called}; {kind.instead}.")


def _kind_of_bytes(raw: bytes) -> Kind | None:
    if raw[4:8] == b"ftyp":
        return _FILM
    return next((kind for beginning, kind in _BY_BYTES if raw.startswith(beginning)), None)


def _kind_of_text(head: str) -> Kind | None:
    beginning = head.lstrip()
    if beginning.startswith("<"):
        named = ((re.search(rf"<!?(?:doctype\s+)?{name}\b", head, re.IGNORECASE), kind) for name, kind in _XML)
        return next((kind for found, kind in named if found), _OTHER_XML)
    if beginning.startswith("{"):
        return _OTIO if "OTIO_SCHEMA" in head else _JSON
    return _EDL if _EVENT.search(head) else None


def _decoded(raw: bytes, shown: str) -> str:
    encoding = next((name for mark, name in _MARKS if raw.startswith(mark)), None)
    if encoding is None and raw[:400].count(b"\0") > len(raw[:400]) // 3:
        encoding = "utf-16-le" if raw[1:2] == b"\0" else "utf-16-be"
    try:
        return raw.decode(encoding or "utf-8")
    except UnicodeDecodeError:
        if encoding is not None:
            raise ReportError(f"{shown} is cut short or no text; export it anew.") from None
        return raw.decode("cp1252", errors="replace")  # what spreadsheets on Windows write
