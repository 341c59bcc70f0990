"""Read an ALE, Avid's log exchange, as it comes from cameras, dailies programs and cutting rooms.

Read by `onset import ale`; onset's own are written in `onset/editorial/ale.py`. A heading of keys and values, a line of
titles, a line a clip, told apart by tabs, without any quoting. Files of the wild lack blank lines, cells at the
end of a row or the whole heading, and call 23.976 23.98 (facts on ALE); all of them are read.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from onset.errors import ReportError
from onset.foreign import read_text
from onset.sheet import Sheet, find_columns, sheet_of
from onset.text import safe_path, safe_text

ALE_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "slate": ("Slate",),
    "scene": ("Scene", "Scene Name"),
    "setup": ("Shot", "Setup"),
    "take": ("Take", "Take Number"),
    "file": ("Source File", "Source File Name", "File Name", "Filename", "Original File", "UNC"),
    "clip": ("Name", "Clip", "Clip Name"),
    "tape": ("Tape", "Reel", "Reel Name", "Source Tape"),
    "roll": ("Camroll", "Cam Roll", "Camera Roll", "Camera Reel"),
    "soundroll": ("Soundroll", "Sound Roll"),
    "camera": ("Camera", "Cam", "Camera Letter", "Camera Index"),
    "tracks": ("Tracks",),
    "start": ("Start", "Start TC", "TC Start", "TC In"),
    "end": ("End", "End TC", "TC End", "TC Out"),
    "length": ("Duration",),
    "rate": ("FPS", "TC FPS", "Timebase", "Project FPS"),
    "circled": ("Circled", "Circle", "Circle Take", "Circled Take", "Good", "Good Take", "Print"),
    "mos": ("MOS",),
    "date": ("Shoot Date", "Shooting Date", "Shot Date", "Record Date"),
    "note": ("Comments", "Comment", "Notes", "Note", "Remarks", "DESCRIPT", "Description"),
}
_HEADING, _COLUMN, _DATA = "heading", "column", "data"
_PARTS = frozenset((_HEADING, _COLUMN, _DATA))
_MOST_COLUMNS = 2048  # Avid has 64, a bin that was exported whole 129
_MOST_ROWS = 200_000
_LOOKED_AT = 200  # lines, for the parts of a file without a heading


@dataclass(frozen=True, slots=True, kw_only=True)
class Ale:
    """An ALE that was read.

    Attributes:
        heading: its keys, in capitals, and their values.
        sheet: its rows, by the names of `ALE_COLUMNS`.
        doubts: what a person should look at, in words.
    """

    heading: Mapping[str, str]
    sheet: Sheet
    doubts: tuple[str, ...]


def is_ale(path: Path) -> bool:
    """Whether a file is an ALE, by its parts and not by its name.

    Raises:
        ReportError: it cannot be read, or is no text of rows.
    """
    lines = read_text(path).split("\n", _LOOKED_AT)[:_LOOKED_AT]
    parts = [part for line in lines if (part := line.strip().lower()) in _PARTS]
    first = next((line.strip().lower() for line in lines if line.strip()), "")
    return first == _HEADING or (_COLUMN in parts and _DATA in parts)


def read_ale(path: Path, chosen: Mapping[str, str] | None = None) -> Ale:
    """Read an ALE.

    Args:
        path: the file.
        chosen: columns that a person chose for the names of `ALE_COLUMNS`.

    Raises:
        ReportError: it cannot be read, is none, breaks off, has no column that names a clip or take, or no row.
    """
    shown = safe_path(path.name)
    text = read_text(path)
    chosen = dict(chosen or {})
    for name in chosen:
        if name not in ALE_COLUMNS:
            raise ReportError(f'There is no field "{safe_text(name)}" to map; there are {", ".join(ALE_COLUMNS)}.')
    heading: dict[str, str] = {}
    titles: list[str] | None = None
    rows: list[list[str]] = []
    part = ""
    for part, line in _parts(text):
        if part == _HEADING:
            key, _, value = line.partition("\t")
            heading.setdefault(key.strip().upper(), value.strip())
        elif part == _COLUMN and titles is None:
            titles = line.split("\t")
        elif part == _DATA:
            rows.append(line.split("\t"))
        if len(rows) > _MOST_ROWS:
            raise ReportError(f"{shown} has more than {_MOST_ROWS:,} rows, which no ALE has; look what it is.")
    delimiter = heading.get("FIELD_DELIM", "TABS").upper()
    if delimiter not in ("TABS", "TAB"):
        raise ReportError(f"{shown} parts its cells by {safe_text(delimiter[:20])}; export it with tabs.")
    if titles is None:
        what = "breaks off in its heading" if part == _HEADING else "is no ALE, which has Heading, Column and Data"
        raise ReportError(f"{shown} {what}; nothing was taken from it. A CSV comes in with onset import camera.")
    if not rows:
        raise ReportError(f"{shown} has columns but not one clip under Data; nothing was taken from it.")
    if len(titles) > _MOST_COLUMNS:
        raise ReportError(f"{shown} has {len(titles):,} columns, which no ALE has; look what it is.")
    columns = find_columns(titles, ALE_COLUMNS, chosen)
    _check_columns(shown, titles, columns, chosen)
    sheet = sheet_of(path.name, titles, rows, columns, ended=text.endswith("\n"))
    return Ale(heading=heading, sheet=sheet, doubts=tuple(_shifted(titles, rows)))


def _parts(text: str) -> Iterator[tuple[str, str]]:
    """Each line that says something, with the part it stands in; a clip may be called `Data`, a row goes on."""
    part = ""
    for line in text.split("\n"):
        word = line.strip().lower()
        if part != _DATA and word in _PARTS:
            part = word
        elif word:
            yield part, line


def _check_columns(shown: str, titles: list[str], columns: Mapping[str, int], chosen: Mapping[str, str]) -> None:
    missing = [heading for name, heading in chosen.items() if name not in columns]
    if missing:
        raise ReportError(f'{shown} has no column "{safe_text(missing[0])}".')
    if not {"clip", "file", "tape", "take"} & columns.keys():
        found = ", ".join(safe_text(title.strip()[:40]) for title in titles[:12])
        raise ReportError(
            f"{shown} has no column that names a clip or a take (found: {found}); nothing was taken from it. "
            'Say which it is with --map, as in --map clip="Clip ID".'
        )


def _shifted(titles: list[str], rows: list[list[str]]) -> Iterator[str]:
    """Rows in which a tab in a note has moved everything behind it (facts: ALE has no way to write one)."""
    for number, cells in enumerate(rows, 1):
        if any(cell.strip() for cell in cells[len(titles) :]):
            yield f"row {number}: it has more cells than there are columns; a tab in a note moves what stands behind it"
