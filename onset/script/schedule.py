"""A shooting schedule from a CSV: which scenes on which day, in which order. Used by `onset import schedule`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from onset.cells import Cells
from onset.errors import ScriptError
from onset.script.heading import scenes_of
from onset.script.scene_list import pages_in
from onset.sheet import Sheet, read_sheet
from onset.text import safe_path, safe_text

COLUMNS = {
    "scene": ("Scene", "Scenes", "Scene #", "Scene No", "Scene Number", "Sc", "Sc #", "Sc.", "Sheet"),
    "day": ("Day", "Shoot Day", "Shooting Day", "Day #", "Day No", "Day Number", "Shoot Day #", "Date"),
    "order": ("Order", "Strip", "Strip #", "Position", "Pos"),
    "eighths": ("Eighths", "Pages", "Length", "Page Count", "Pgs"),
    "unit": ("Unit",),
    "episode": ("Episode", "Ep", "Ep."),
    "note": ("Notes", "Note", "Comments", "Comment", "Remarks"),
}
NEEDED = (("scene",),)
EXAMPLE = 'day="Shoot Day"'
_DAY = re.compile(r"(?:SHOOT(?:ING)?\s*)?(?:DAY|D)?\s*#?\s*(\d{1,4})(?:\s*(?:OF|/)\s*\d{1,4})?", re.IGNORECASE)
_PART = re.compile(r"(?<=\w)\s*\(?(?:pt|part)\b\.?\)?", re.IGNORECASE)  # 27pt: only part of it is shot that day
_BREAK = re.compile(r"\bEND\s+OF\s+(?:SHOOT(?:ING)?\s+)?DAY\s*#?\s*([1-9]\d{0,3})\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Strip:
    """A scene on a day, as a row has it.

    Attributes:
        scenes: the row may name several, `12, 13` or `12-14`; `scene` is what is written.
        day: 0: none is written, it follows from the rows around.
        unit: empty: not said; `episode` likewise.
        note: begins with `part` where the row says that of the scene (`27pt`).
    """

    row: int
    scene: str
    scenes: tuple[str, ...]
    day: int
    order: float
    eighths: int | None
    unit: str
    episode: str
    note: str


@dataclass(frozen=True, slots=True)
class Schedule:
    """A schedule; `doubts` are cells that were not understood, `passed_over` rows that are no scene on a day."""

    sheet: Sheet
    strips: tuple[Strip, ...]
    doubts: tuple[str, ...]
    passed_over: tuple[int, ...]


def read_schedule(path: Path, columns: Mapping[str, str], dates: Mapping[str, int]) -> Schedule:
    """Read the schedule, in its own order within each day.

    A day that stands only in the first of its rows counts for those below; a row `END OF DAY 3` closes those above.

    Args:
        path: the file.
        columns: headings that a person chose for fields.
        dates: of the days that the log knows (`2026-05-29`), with their numbers.

    Raises:
        ReportError: it is no table, or has no column of scenes; names the file.
        ScriptError: no row of it is a scene on a day.
    """
    sheet = read_sheet(path, COLUMNS, NEEDED, columns, example=EXAMPLE, whole="row")
    doubts: list[str] = []
    passed: list[int] = []
    strips: list[Strip] = []
    closed = day = 0
    for row, by_name in sheet.rows:
        cells = Cells(row, by_name, doubts)
        ends = _BREAK.search(cells.text("row"))
        if ends is not None:
            strips[closed:] = [one if one.day else replace(one, day=int(ends[1])) for one in strips[closed:]]
            closed, day = len(strips), 0
            continue
        whole = cells.text("scene").strip().strip("#.").strip()
        written = _PART.sub("", whole)
        day = _day(cells, dates) if cells.text("day") else day
        if not written:
            passed.append(row)
            continue
        strips.append(
            Strip(
                row=row,
                scene=written,
                scenes=scenes_of(written),
                day=day,
                order=_order(cells, row),
                eighths=pages_in(cells, "eighths"),
                unit=cells.text("unit"),
                episode=cells.text("episode"),
                note="; ".join(filter(None, ("part" if written != whole else "", cells.text("note")))),
            )
        )
    passed += [one.row for one in strips if not one.day]
    strips = [one for one in strips if one.day]
    if not strips:
        raise ScriptError(
            f"{safe_path(path.name)} has no row with a scene and a day; nothing was taken from it. Say which column is "
            f"which with --map, as in --map {EXAMPLE}."
        )
    strips.sort(key=lambda one: (one.day, one.order, one.row))
    return Schedule(sheet, tuple(strips), tuple(doubts), tuple(sorted(passed)))


def _day(cells: Cells, dates: Mapping[str, int]) -> int:
    """`3`, `Day 3`, `D3`, `3 of 30`, or the date of a day that the log has; 0 where it is none."""
    text = cells.text("day").strip()
    if text in dates:
        return dates[text]
    found = _DAY.fullmatch(text)
    if found is None or not int(found[1]):
        cells.doubts.append(
            f'row {cells.row}: day "{safe_text(text[:40])}" is no number of a day, nor the date of one in the log'
        )
        return 0
    return int(found[1])


def _order(cells: Cells, row: int) -> float:
    text = cells.text("order").replace(",", ".")
    if not text:
        return row
    try:
        found = float(text)
    except ValueError:
        found = float("nan")
    if found != found or abs(found) > 1e6:
        cells.doubts.append(f'row {cells.row}: order "{safe_text(text[:40])}" is no number')
        return row
    return found
