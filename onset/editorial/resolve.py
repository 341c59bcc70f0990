"""Metadata for DaVinci Resolve: the CSV that *File > Import Metadata to > Media Pool* reads.

One file a day, in UTF-16 with a byte order mark as Resolve's own exports are, everything quoted (facts on Resolve's
CSV: names of fields, the flag *Tag* for good takes, Keywords as one list with commas). A row is a file, not a take:
Resolve has one set of metadata a clip, so that takes which share a file share its row. Sound files are clips there too.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Sequence

from onset.editorial.event import EditorialDay, Event, LeftOut
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.words import comments, description, keywords
from onset.errors import ExportError
from onset.text import safe_text

_MILLIMETRES = re.compile(r"(\d{1,4}(?:\.\d)?)\s*(?:mm)?", re.ASCII | re.IGNORECASE)
_KELVIN = re.compile(r"(\d{4,5})\s*k?", re.ASCII | re.IGNORECASE)


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One file a day.

    Raises:
        ExportError: no take has a confirmed file.
    """
    files: list[MadeFile] = []
    for day in days:
        rows = [_row(day, events) for events in _of_one_file(day.files)]
        if rows:
            content = _document(rows, how)
            files.append(MadeFile(day=day.day.number, part="", content=content, events=len(day.files)))
    left_out = [one for day in days for one in day.without_file]
    if not files:
        raise ExportError(_nothing(days, left_out))
    return Made(tuple(files), tuple(left_out))


def _nothing(days: Sequence[EditorialDay], left_out: Sequence[LeftOut]) -> str:
    numbers = ", ".join(str(day.day.number) for day in days)
    why = f"; {left_out[0]}" if left_out else ""
    return safe_text(f"Nothing of day {numbers} can stand in Resolve's list, which needs a confirmed file{why}.")


def _document(rows: Iterable[Sequence[str]], how: How) -> bytes:
    text = io.StringIO(newline="")
    lines = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\r\n")
    lines.writerow(FIELDS)
    lines.writerows(rows)
    if how.encoding == "utf-8":
        return text.getvalue().encode()
    return ("\ufeff" + text.getvalue()).encode("utf-16-le")


def _of_one_file(events: Iterable[Event]) -> Iterable[Sequence[Event]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        if event.media is not None:
            found.setdefault(event.media.id, []).append(event)
    return found.values()


def _row(day: EditorialDay, events: Sequence[Event]) -> list[str]:
    return [safe_text(_unix_lines(of(day, events)), lines=True) for of in FIELDS.values()]


def _unix_lines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")


def _each(of: Callable[[Event], str]) -> Callable[[EditorialDay, Sequence[Event]], str]:
    """What the takes of a file say, each once."""
    return lambda _day, events: ", ".join(dict.fromkeys(said for event in events if (said := of(event))))


def _first(of: Callable[[Event], str]) -> Callable[[EditorialDay, Sequence[Event]], str]:
    """What is the file's own, and so the same for all its takes."""
    return lambda _day, events: of(events[0])


def _said(name: str) -> Callable[[EditorialDay, Sequence[Event]], str]:
    return _each(lambda event: getattr(event.data, name) or "")


def _name(event: Event) -> str:
    return event.media.name if event.media is not None else ""


def _folder(event: Event) -> str:
    """Where the file lies in what is handed over; Resolve looks by name and timecode, so it is found anywhere."""
    return event.media.path.rpartition("/")[0] if event.media is not None else ""


def _start(event: Event) -> str:
    label = event.label(0)
    return label.label if label is not None else ""


def _end(event: Event) -> str:
    label = event.label(event.whole.last) if event.whole is not None else None
    return label.label if label is not None else ""


def _duration(event: Event) -> str:
    start = event.label(0)
    if start is None or event.whole is None or event.whole.frames >= start.rate.frames_a_day:
        return ""
    return type(start)(event.whole.frames, start.rate).label


def _frame_rate(event: Event) -> str:
    return event.media.rate.name.removesuffix("df") if event.media is not None else ""


def _comments(_day: EditorialDay, events: Sequence[Event]) -> str:
    if len(events) == 1:
        return comments(events[0])
    return "\n".join(f"{event.take.label}: {said}" for event in events if (said := comments(event)))


def _keywords(_day: EditorialDay, events: Sequence[Event]) -> str:
    words = [word.replace(",", " ") for event in events for word in keywords(event)]
    return ",".join(dict.fromkeys(words))


def _description(event: Event) -> str:
    heading = event.scene.heading if event.scene is not None else ""
    return "; ".join(filter(None, (heading, description(event))))


def _focal(event: Event) -> str:
    found = _MILLIMETRES.fullmatch((event.data.lens or "").strip())
    return found[1] if found is not None else ""


def _kelvin(event: Event) -> str:
    found = _KELVIN.fullmatch((event.data.white_balance or "").strip())
    return found[1] if found is not None else ""


def _reel(event: Event) -> str:
    return event.media.reel if event.media is not None else ""


FIELDS: dict[str, Callable[[EditorialDay, Sequence[Event]], str]] = {
    "File Name": _first(_name),
    "Clip Directory": _first(_folder),
    "Duration TC": _first(_duration),
    "Shot Frame Rate": _first(_frame_rate),
    "Start TC": _first(_start),
    "End TC": _first(_end),
    "Reel Name": _first(_reel),
    "Description": _each(_description),
    "Comments": _comments,
    "Keywords": _keywords,
    "Tag": lambda _day, events: "1" if any(event.circled for event in events) else "0",
    "Shot": _each(lambda event: event.take.slate),
    "Scene": _each(lambda event: event.take.scene),
    "Take": _each(lambda event: event.take.take),
    "Angle": _first(lambda event: event.camera),
    "Shot Type": _each(lambda event: event.setup.size if event.setup is not None else ""),
    "Date Recorded": lambda day, _events: day.day.date,
    "Camera #": _first(lambda event: event.camera),
    "Camera FPS": _said("fps"),
    "Shutter": _said("shutter"),
    "ISO": _said("iso"),
    "White Point (Kelvin)": _each(_kelvin),
    "White Balance Tint": _said("tint"),
    "Lens Type": _said("lens"),
    "Camera Aperture": _said("stop"),
    "Focal Point (mm)": _each(_focal),
    "Distance": _said("focus"),
    "Filter": _said("filters"),
    "ND Filter": _said("nd"),
}
