"""Sound reports as CSV: what the mixer's recorder or its companion program lists of a roll.

Read by `onset import sound`. Sound Devices' recorders and Wave Agent write a block of words, then a table; tables of
other makers have the same columns under other headings. Facts from a Wave Agent file and the recorders' manuals.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onset.cells import Cells, as_labelled, read_date, read_rate
from onset.domain.claim import Claim, ClaimSource
from onset.errors import ReportError
from onset.reel import Confidence, read_name
from onset.sheet import Sheet, read_sheet
from onset.text import safe_path
from onset.timecode import Rate

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "file": ("File Name", "Filename", "File", "Name", "Clip", "Clip Name"),
    "slate": ("Slate", "Scene", "Scene/Slate", "Sc", "Scene Name"),
    "take": ("Take", "Take #", "Tk", "Take Number", "Take No"),
    "roll": ("Tape", "Roll", "Sound Roll", "Soundroll", "Reel", "Tape Name"),
    "start": ("Start TC", "Start", "Start Timecode", "TC", "TC In", "Timecode", "TC Start", "Start Time"),
    "length": ("Length", "Duration", "Dur", "File Length"),
    "rate": ("Frame Rate", "TC Rate", "FPS", "Framerate"),
    "circled": ("Circled", "Circle", "Circle Take", "Good", "Print"),
    "wild": ("Wild", "Wild Track", "WT", "Wildtrack"),
    "note": ("Notes", "Note", "Comments", "Comment", "Remarks"),
}
_PICTURES = frozenset((".mov", ".mp4", ".mxf", ".r3d", ".braw", ".crm", ".ari", ".arx", ".avi", ".mts"))
_SOUNDS = frozenset((".wav", ".bwf", ".rf64", ".mp3", ".flac"))
_NEEDED = (("file", "start"), ("take", "file"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """A report that was read.

    Attributes:
        claims: its rows that name a take or a file.
        sheet: which columns were taken for what.
        passed_over: numbers of rows that name neither.
        doubts: cells that could not be understood, in words; the row is taken without them.
        dates: ISO dates that its head names.
    """

    claims: tuple[Claim, ...]
    sheet: Sheet
    passed_over: tuple[int, ...]
    doubts: tuple[str, ...]
    dates: tuple[str, ...] = ()


def read_sound_report(
    path: Path, *, unit: str, day: int, device: str, rate: Rate, columns: Mapping[str, str] | None = None
) -> ReadReport:
    """Read a sound report.

    Args:
        path: a CSV file.
        unit: whose day it is for.
        day: its number.
        device: the recorder, as the log calls it.
        rate: of labels, where the report does not say.
        columns: headings that a person chose for the names in `COLUMNS`.

    Raises:
        ReportError: it cannot be read, is no such table, or yields no row.
    """
    sheet = read_sheet(path, COLUMNS, _NEEDED, columns)
    of_all = read_rate(sheet.above.get("framerate", "")) or rate
    roll = "" if "roll" in sheet.columns else sheet.above.get("roll", "")
    claims: list[Claim] = []
    passed: list[int] = []
    doubts: list[str] = []
    for number, row in sheet.rows:
        if not row.get("file") and not (row.get("slate") and row.get("take")):
            passed.append(number)
            continue
        cells = Cells(number, row, doubts)
        own = as_labelled(cells.text("start"), cells.rate("rate", of_all))
        take, circled = cells.take(used="circled" in sheet.answered)
        claims.append(
            Claim(
                id="",
                source=ClaimSource.SOUND,
                report=path.name,
                row=number,
                unit=unit,
                day=day,
                device=device,
                slate=cells.text("slate"),
                take=take,
                clip=cells.text("file"),
                roll=cells.text("roll") or roll,
                circled=circled,
                wild=cells.answer("wild", used="wild" in sheet.answered),
                tc_in=cells.label("start", own),
                duration_frames=cells.length("length", own),
                rate=own.name,
                note=cells.text("note"),
            )
        )
    if not claims:
        raise ReportError(
            f"{safe_path(path.name)} names no take and no file in any row ({sheet.taken}); nothing was taken from it. "
            "Say which column is which with --map."
        )
    if all(_is_picture(claim.clip) for claim in claims):
        raise ReportError(
            f"{safe_path(path.name)} lists clips of cameras and no sound file; bring it in with onset import camera."
        )
    date = read_date(sheet.above.get("date", ""))
    return ReadReport(
        claims=tuple(claims),
        sheet=sheet,
        passed_over=tuple(passed),
        doubts=tuple(doubts),
        dates=(date,) if date else (),
    )


def _is_picture(name: str) -> bool:
    """By its ending, or called as cameras call their clips."""
    ending = os.path.splitext(name)[1].lower()
    return ending in _PICTURES or (ending not in _SOUNDS and read_name(name).confidence is Confidence.PUBLISHED)
