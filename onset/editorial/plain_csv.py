"""Everything of the days as one table, a row an event: CSV for programs, or with `--spreadsheet` for people.

The plain flavour (UTF-8, no byte order mark) has texts as they are shown everywhere, so that a program gets them back.
A spreadsheet would run a cell such as `=HYPERLINK(…)`; its flavour has a `'` before it, and a byte order mark, without
which the best known one reads UTF-8 as something else.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Sequence

from onset.domain.camera import CAMERA_DATA
from onset.editorial.event import EditorialDay, Event, Part
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.words import marks
from onset.text import safe_text, spreadsheet_cell

_Column = Callable[[EditorialDay, Event], object]


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One file of all days; takes without a file have their row too."""
    text = io.StringIO(newline="")
    lines = csv.writer(text, lineterminator="\r\n")
    lines.writerow(COLUMNS)
    events = [(day, event) for day in days for event in day.events]
    for day, event in events:
        lines.writerow([_cell(column(day, event), how) for column in COLUMNS.values()])
    content = ("\ufeff" if how.spreadsheet else "") + text.getvalue()
    number = days[0].day.number if len(days) == 1 else None
    return Made((MadeFile(day=number, part="", content=content.encode(), events=len(events)),))


def _cell(value: object, how: How) -> str:
    """A cell's text: yes or nothing for a flag, nothing for what nobody knows."""
    if value is None or value is False:
        return ""
    if value is True:
        return "yes"
    return spreadsheet_cell(str(value)) if how.spreadsheet else safe_text(str(value), lines=True)


def _of(what: Callable[[Event], object]) -> _Column:
    return lambda _day, event: what(event)


def _take(name: str) -> _Column:
    return lambda _day, event: getattr(event.take, name)


def _media(name: str) -> _Column:
    return lambda _day, event: getattr(event.media, name, None)


def _setup(name: str) -> _Column:
    return lambda _day, event: getattr(event.setup, name, None)


def _data(name: str) -> _Column:
    return lambda _day, event: getattr(event.data, name)


def _label(of: Callable[[Event], Part | None], which: str) -> _Column:
    def column(_day: EditorialDay, event: Event) -> object:
        part = of(event)
        return event.label(getattr(part, which)) if part is not None else None

    return column


def _frame(which: str) -> _Column:
    return lambda _day, event: getattr(event.roll_part, which, None)


COLUMNS: dict[str, _Column] = {
    "unit": lambda day, _event: day.unit,
    "day": lambda day, _event: day.day.number,
    "date": lambda day, _event: day.day.date,
    "episode": _take("episode"),
    "scene": _take("scene"),
    "scene_heading": _of(lambda event: event.scene.heading if event.scene is not None else None),
    "slate": _take("slate"),
    "take": _take("take"),
    "slated_as": _take("slated_as"),
    "camera": _of(lambda event: event.camera),
    "roll": _of(lambda event: event.roll),
    "name": _of(lambda event: event.name),
    "circled": _of(lambda event: event.circled),
    "status": _take("status"),
    "status_reason": _take("status_reason"),
    "kind": _take("kind"),
    "mos": _take("mos"),
    "tail_slate": _take("tail_slate"),
    "interrupted": _of(lambda event: event.take.state == "interrupted"),
    "setup": _setup("description"),
    "size": _setup("size"),
    "vfx": _setup("vfx"),
    "vfx_note": _setup("vfx_note"),
    "file": _media("name"),
    "path": _media("path"),
    "reel": _media("reel"),
    "recorded_by_onset": _media("own"),
    "file_rate": _media("rate"),
    "file_start": _label(lambda event: event.whole, "first"),
    "file_end": _label(lambda event: event.whole, "last"),
    "file_frames": _media("frames"),
    "file_holds_other_takes": _of(lambda event: event.shared),
    "take_first_frame": _frame("first"),
    "take_end_frame": _frame("last"),
    "take_start": _label(lambda event: event.part, "first"),
    "take_end": _label(lambda event: event.part, "last"),
    "master_in": _of(lambda event: event.master_in),
    "master_out": _of(lambda event: event.master_out),
    "master_source": _take("tc_source"),
    "rate": _take("rate"),
    "duration_frames": _take("duration_frames"),
    "timing_frames": _take("timing_frames"),
    "timing_estimated": _take("timing_estimated"),
    "sound_rolls": _of(lambda event: ", ".join(event.sound_rolls)),
    "sound_files": _of(lambda event: ", ".join(file.name for file in event.sound)),
    "description": _take("description"),
    "notes": _of(lambda event: "\n".join(note.text for note in event.take.notes if not note.mark)),
    "marks": _of(lambda event: "\n".join(marks(event))),
    "tags": _of(lambda event: ", ".join(event.take.tags)),
    "ratings": _of(lambda event: "; ".join(f"{voter}: {said}" for voter, said in event.take.ratings.items())),
    "camera_rating": _of(lambda event: event.angle.rating if event.angle is not None else None),
    **{name: _data(name) for name in CAMERA_DATA},
    "take_id": _of(lambda event: event.take.id),
    "media_id": _media("id"),
}
