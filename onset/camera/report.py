"""Camera reports as CSV: which clip on which roll a camera assistant wrote beside which slate and take.

Read by `onset import camera`. No maker's program sets the form, so headings are known by their synonyms and the rest is
said with --map. A report lists one camera or several; one row a take and camera.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onset.domain.claim import Claim, ClaimSource
from onset.errors import ReportError
from onset.reel import read_name
from onset.sheet import Cells, Sheet, read_sheet
from onset.text import safe_path
from onset.timecode import Rate

COLUMNS: Mapping[str, tuple[str, ...]] = {
    "slate": ("Slate", "Scene/Slate", "Slate #", "Slate No", "Setup Slate"),
    "scene": ("Scene", "Sc", "Scene #", "Scene No", "Scene Name"),
    "setup": ("Setup", "Shot", "Setup #", "Set-up"),
    "take": ("Take", "Take #", "Tk", "Take Number", "Take No", "T"),
    "clip": ("Clip", "Clip Name", "Clip #", "Clip Number", "Clip No", "File Name", "Filename", "File", "Name"),
    "roll": ("Roll", "Camera Roll", "Cam Roll", "Camroll", "Reel", "Reel Name", "Card", "Mag", "Magazine", "Tape"),
    "camera": ("Camera", "Cam", "Camera #", "Unit/Camera", "Camera Letter"),
    "start": ("Start TC", "TC", "TC In", "Timecode", "Start", "Start Timecode", "Time Code"),
    "length": ("Length", "Duration", "Dur"),
    "rate": ("Frame Rate", "TC Rate", "Project FPS", "Timebase", "FPS"),
    "circled": ("Circled", "Circle", "Circle Take", "Print", "Good"),
    "mos": ("MOS",),
    "note": ("Notes", "Note", "Comments", "Comment", "Remarks", "Description"),
}
_NEEDED = (("take", "clip"), ("slate", "scene", "clip"))


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadReport:
    """A report that was read.

    Attributes:
        claims: its rows that name a take or a clip.
        sheet: which columns were taken for what.
        passed_over: numbers of rows that name neither.
        doubts: cells that could not be understood, in words; the row is taken without them.
    """

    claims: tuple[Claim, ...]
    sheet: Sheet
    passed_over: tuple[int, ...]
    doubts: tuple[str, ...]


def read_camera_report(
    path: Path, *, unit: str, day: int, camera: str, rate: Rate, columns: Mapping[str, str] | None = None
) -> ReadReport:
    """Read a camera report.

    Args:
        path: a CSV file.
        unit: whose day it is for.
        day: its number.
        camera: the letter, for rows that name none; empty: it is read from the clip's name or the roll.
        rate: of labels, where the report does not say.
        columns: headings that a person chose for the names in `COLUMNS`.

    Raises:
        ReportError: it cannot be read, is no such table, or yields no row.
    """
    sheet = read_sheet(path, COLUMNS, _NEEDED, columns)
    claims: list[Claim] = []
    passed: list[int] = []
    doubts: list[str] = []
    above: dict[str, str] = {}
    for number, row in sheet.rows:
        row = _filled(row, above)
        cells = Cells(number, row, doubts)
        slate = cells.text("slate") or cells.text("scene") + cells.text("setup")
        if not cells.text("clip") and not (slate and cells.text("take")):
            passed.append(number)
            continue
        own = cells.rate("rate", rate)
        claims.append(
            Claim(
                id="",
                source=ClaimSource.CAMERA,
                report=path.name,
                row=number,
                unit=unit,
                day=day,
                device=cells.text("camera") or camera or _camera_of(cells),
                slate=slate,
                take=cells.text("take"),
                clip=cells.text("clip"),
                roll=cells.text("roll"),
                circled=cells.answer("circled", used=sheet.uses("circled")),
                mos=cells.answer("mos", used=sheet.uses("mos")),
                tc_in=cells.label("start", own),
                duration_frames=cells.length("length", own),
                rate=own.name,
                note=cells.text("note"),
            )
        )
    if not claims:
        raise ReportError(f"{safe_path(path.name)} names no take and no clip in any row; nothing was taken from it.")
    return ReadReport(claims=tuple(claims), sheet=sheet, passed_over=tuple(passed), doubts=tuple(doubts))


def _filled(row: Mapping[str, str], above: dict[str, str]) -> dict[str, str]:
    """People write the slate and the roll once and leave the cells below empty."""
    filled = dict(row)
    if row.get("slate") or row.get("scene"):
        above.update({name: row.get(name, "") for name in ("slate", "scene", "setup")})
    elif row.get("take"):
        filled |= {name: above.get(name, "") for name in ("slate", "scene", "setup") if name in row}
    if row.get("roll"):
        above["roll"] = row["roll"]
    elif "roll" in row and (row.get("take") or row.get("clip")):
        filled["roll"] = above.get("roll", "")
    return filled


def _camera_of(cells: Cells) -> str:
    """By the clip's name, else by a roll such as `B003`."""
    clip, roll = cells.text("clip"), cells.text("roll")
    if clip and (letter := read_name(clip).camera):
        return letter
    return roll[0].upper() if roll[:1].isalpha() and roll[1:2].isdigit() else ""
