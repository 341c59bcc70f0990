"""A shot list from a CSV: the setups that are planned for each scene. Used by `onset import shots`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from onset.cells import Cells
from onset.errors import ScriptError, SlateError
from onset.script.numbers import clean_number
from onset.sheet import Sheet, read_sheet
from onset.slate import check_label
from onset.text import safe_path, safe_text

COLUMNS = {
    "scene": ("Scene", "Scene #", "Scene No", "Scene Number", "Sc", "Sc #", "Sc."),
    "shot": ("Shot", "Shot #", "Shot No", "Shot Number", "Setup", "Set-up", "Setup #", "Name", "Shot Name", "#"),
    "description": ("Description", "Action", "Subject", "Shot Description", "What", "Details"),
    "size": ("Size", "Shot Size", "Framing", "Shot Type", "Type"),
    "lens": ("Lens", "Focal Length", "Lens mm", "mm"),
    "camera": ("Camera", "Cam", "Camera Letter"),
    "day": ("Day", "Shoot Day", "Shooting Day", "Day #"),
    "storyboard": ("Storyboard", "Board", "Frame", "Image", "Picture", "Storyboard Image", "Reference"),
    "characters": ("Characters", "Cast", "Talent"),
    "episode": ("Episode", "Ep", "Ep."),
    "unit": ("Unit",),
    "rig": ("Rig", "Equipment", "Grip", "Support", "Movement"),
    "note": ("Notes", "Note", "Comments", "Comment", "Remarks"),
    "vfx": ("VFX",),
    "mos": ("MOS",),
}
NEEDED = (("scene",), ("shot", "description"))
EXAMPLE = 'shot="Set-up"'
_LONGEST_NAME = 80  # characters, as the log takes it
_FROM_DESCRIPTION = 60  # of them, where the name is made of a description
_DAY = re.compile(r"(?:SHOOT(?:ING)?\s*)?(?:DAY|D)?\s*#?\s*(\d{1,4})", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shot:
    """A setup that is planned.

    Attributes:
        name: its working name: as written, else of its description.
        cameras: letter to what is said of that camera, as `onset.logbook.fields.CAMERA_SETUP_FIELDS` calls it.
        storyboard: as written: a name, a number, or the path of an image.
    """

    row: int
    scene: str
    name: str
    description: str
    size: str
    cameras: Mapping[str, Mapping[str, str]]
    characters: tuple[str, ...]
    day: int | None
    storyboard: str
    episode: str
    unit: str
    note: str
    vfx: bool | None
    mos: bool | None


@dataclass(frozen=True, slots=True)
class ShotList:
    """A shot list; `doubts` are cells that were not understood, `passed_over` rows that are no setup of a scene."""

    sheet: Sheet
    shots: tuple[Shot, ...]
    doubts: tuple[str, ...]
    passed_over: tuple[int, ...]


def read_shot_list(path: Path, columns: Mapping[str, str]) -> ShotList:
    """Read the list. A scene that stands only in the first row of its setups counts for those below.

    Args:
        path: the file.
        columns: headings that a person chose for fields.

    Raises:
        ReportError: it is no table, or lacks a needed column; names the file.
        ScriptError: no row of it is a setup of a scene.
    """
    sheet = read_sheet(path, COLUMNS, NEEDED, columns, example=EXAMPLE)
    doubts: list[str] = []
    passed: list[int] = []
    shots: dict[tuple[str, str, str], Shot] = {}
    scene = ""
    for row, by_name in sheet.rows:
        cells = Cells(row, by_name, doubts)
        scene = clean_number(cells.text("scene")) or scene
        name = " ".join((cells.text("shot") or cells.text("description")[:_FROM_DESCRIPTION]).split())
        if not scene or not name:
            passed.append(row)
            continue
        wrong = _wrong(scene, name)
        if wrong:
            doubts.append(f"row {row}: {wrong} It was passed over")
            continue
        shot = _shot(cells, scene, name)
        before = shots.get((shot.episode, scene, name))
        if before is not None and not set(shot.cameras) - set(before.cameras):
            doubts.append(f"row {row}: scene {safe_text(scene)} has {safe_text(name)} twice; the later row counts")
        cameras = {**(before.cameras if before is not None else {}), **shot.cameras}
        shots[shot.episode, scene, name] = replace(shot, cameras=cameras)
    if not shots:
        raise ScriptError(f"{safe_path(path.name)} has no row with a scene and a setup; nothing was taken from it.")
    return ShotList(sheet, tuple(shots.values()), tuple(doubts), tuple(passed))


def _wrong(scene: str, name: str) -> str:
    """Why the log would not take them; empty: it does."""
    try:
        check_label(scene, "scene")
    except SlateError as error:
        return str(error)
    if len(name) > _LONGEST_NAME or not name.isprintable():
        return f'"{safe_text(name[:40])}…" is no name of a setup; at most {_LONGEST_NAME} characters that can be shown.'
    return ""


def _shot(cells: Cells, scene: str, name: str) -> Shot:
    said = {field: cells.text(field) for field in ("lens", "rig") if cells.text(field)}
    letters = [part for part in re.split(r"[\s,;&+/]+", cells.text("camera").upper()) if part]
    return Shot(
        row=cells.row,
        scene=scene,
        name=name,
        description=cells.text("description"),
        size=cells.text("size"),
        cameras=dict.fromkeys(letters or (["A"] if said else []), said),
        characters=tuple(
            dict.fromkeys(word.strip() for word in re.split(r"[,;\n]", cells.text("characters")) if word.strip())
        ),
        day=_day(cells),
        storyboard=cells.text("storyboard"),
        episode=cells.text("episode"),
        unit=cells.text("unit"),
        note=cells.text("note"),
        vfx=cells.answer("vfx", used=False),
        mos=cells.answer("mos", used=False),
    )


def _day(cells: Cells) -> int | None:
    text = cells.text("day").strip()
    if not text:
        return None
    found = _DAY.fullmatch(text)
    if found is None or not int(found[1]):
        cells.doubts.append(f'row {cells.row}: day "{safe_text(text[:40])}" is no number of a day')
        return None
    return int(found[1])
