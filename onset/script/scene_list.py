"""A list of scenes in a CSV, for a script that comes in no format that can be read. Used by `onset import script`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from onset.cells import Cells
from onset.domain.measures import eighths_of, screen_time_of
from onset.domain.script import ScriptScene
from onset.errors import RefusedError, ScriptError
from onset.script.heading import part_heading
from onset.script.numbers import clean_number
from onset.sheet import Sheet, read_sheet
from onset.slate import check_label
from onset.text import safe_path, safe_text

COLUMNS = {
    "scene": ("Scene", "Scene #", "Scene No", "Scene Number", "Sc", "Sc #", "Sc.", "Number", "No", "#"),
    "heading": ("Heading", "Slugline", "Slug Line", "Slug", "Scene Heading", "Title"),
    "int_ext": ("Int/Ext", "I/E", "IE", "INT EXT"),
    "set": ("Set", "Location", "Set Name", "Setting"),
    "time": ("Time of Day", "Day/Night", "D/N", "DN", "Time"),
    "story_day": ("Story Day", "Script Day"),
    "pages": ("Page", "Page No", "Script Page", "Page Number"),
    "eighths": ("Eighths", "Pages", "Length", "Page Count", "Pgs", "Page Eighths", "Page Length"),
    "characters": ("Characters", "Cast", "Cast Members", "Cast List"),
    "estimate": ("Estimate", "Est. Time", "Timing", "Est Timing", "Estimated Time", "Script Time"),
    "omitted": ("Omitted", "Omit"),
}
NEEDED = (("scene",),)
_DECIMAL = re.compile(r"(\d{0,4})[.,](\d{1,3})", re.ASCII)


@dataclass(frozen=True, slots=True)
class SceneList:
    """Scenes of a list; `doubts` are cells that were not understood, `passed_over` rows without a scene."""

    sheet: Sheet
    scenes: tuple[ScriptScene, ...]
    doubts: tuple[str, ...]
    passed_over: tuple[int, ...]


def read_scene_list(path: Path, columns: Mapping[str, str]) -> SceneList:
    """Read the list.

    Args:
        path: the file.
        columns: headings that a person chose for fields.

    Raises:
        ReportError: it is no table, or has no column of scenes; names the file.
        ScriptError: no row of it is a scene.
        SlateError: a number that cannot be written on a board.
    """
    sheet = read_sheet(path, COLUMNS, NEEDED, columns, example='scene="Sc. No"')
    scenes: list[ScriptScene] = []
    doubts: list[str] = []
    passed: list[int] = []
    for row, by_name in sheet.rows:
        cells = Cells(row, by_name, doubts)
        number = clean_number(cells.text("scene"))
        if number is None:
            passed.append(row)
            continue
        scenes.append(_scene(cells, check_label(number, "scene")))
    if not scenes:
        raise ScriptError(f"{safe_path(path.name)} has no row with a scene number; nothing was taken from it.")
    return SceneList(sheet, tuple(scenes), tuple(doubts), tuple(passed))


def _scene(cells: Cells, number: str) -> ScriptScene:
    heading = " ".join(cells.text("heading").split())
    parts = part_heading(heading)
    place = part_heading(f"{cells.text('int_ext')} {cells.text('set')}") if cells.text("set") else parts
    said = cells.text("int_ext")
    names = re.split(r"[,;\n]", cells.text("characters"))
    return ScriptScene(
        number=number,
        heading=heading,
        int_ext=part_heading(f"{said} X").int_ext or said.strip() or parts.int_ext,
        set=place.set,
        time_of_day=cells.text("time").strip().upper() or parts.time_of_day,
        story_day=cells.text("story_day"),
        pages=cells.text("pages"),
        characters=tuple(dict.fromkeys(name.strip() for name in names if name.strip())),
        eighths=pages_in(cells, "eighths"),
        estimate_s=_screen_time(cells),
        omitted=bool(cells.answer("omitted")),
    )


def pages_in(cells: Cells, name: str) -> int | None:
    """Eighths of `1 4/8`, `4/8`, `1.5`; spreadsheets make decimals of pages, and dates, which nothing can undo."""
    text = cells.text(name)
    if not text:
        return None
    decimal = _DECIMAL.fullmatch(text)
    if decimal is not None:
        exact = 8 * float(f"{decimal[1] or 0}.{decimal[2]}")
        if abs(exact - round(exact)) < 0.05:
            return round(exact)
    try:
        return eighths_of(text.removesuffix("pgs").removesuffix("pp").strip())
    except RefusedError:
        cells.doubts.append(f'row {cells.row}: {name} "{safe_text(text[:40])}" is no length in pages, as 1 4/8 is')
        return None


def _screen_time(cells: Cells) -> int | None:
    text = cells.text("estimate")
    if not text:
        return None
    try:
        return screen_time_of(text)
    except RefusedError:
        cells.doubts.append(f'row {cells.row}: estimate "{safe_text(text[:40])}" is no screen time, as 1:20 is')
        return None
