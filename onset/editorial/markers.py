"""Marker lists as Avid's Markers window reads and writes them: author, timecode, track, colour, text, a line each.

One list a day and camera, in the timecode of its files, to be imported over a clip or over a sequence in source
timecode; what has no file goes into `master`, in the master's timecode. Each take has a marker at its roll, so that
notes which nobody gave a timecode reach the editor too; marks and notes stand where they were made. Fields are told
apart by tabs without quoting (seen in lists that Avid wrote: the sixth field is 1).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from onset.domain.take import Status
from onset.editorial.event import EditorialDay, Event
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.words import headline, mark_words
from onset.errors import ExportError
from onset.text import in_ascii, one_field
from onset.timecode import Timecode

_MASTER = "master"
_AUTHOR = "onset"
# Colours of Avid's; the two that a cutting room reads at a glance are those of a good and of a bad take.
_COLOURS = {Status.CIRCLED: "green", Status.NG: "red", Status.HOLD: "yellow", Status.NONE: "white"}
_MARK, _NOTE = "cyan", "blue"


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One list a day, camera and rate.

    Raises:
        ExportError: no take of the days has a timecode.
    """
    files: list[MadeFile] = []
    for day in days:
        lists: dict[tuple[str, str], dict[str, list[str]]] = {}
        for event in day.events:
            for part, rate, line in _lines(event):
                lists.setdefault((part, rate), {}).setdefault(event.take.id, []).append(_fields(line, how))
        for (part, rate), takes in lists.items():
            name = part if sum(other == part for other, _ in lists) == 1 else f"{part} {rate}"
            lines = [line for of_take in takes.values() for line in dict.fromkeys(of_take)]
            content = "".join(f"{line}\r\n" for line in lines).encode(how.encoding)
            files.append(MadeFile(day=day.day.number, part=name, content=content, events=len(lines)))
    if not files:
        numbers = ", ".join(str(day.day.number) for day in days)
        raise ExportError(f"No take of day {numbers} has a timecode that a marker could stand at.")
    return Made(tuple(files))


_Line = tuple[str, Timecode, str, str, str]  # author, where, track, colour, text


def _lines(event: Event) -> Iterable[tuple[str, str, _Line]]:
    """Markers of an event, each with the list and the rate it goes to."""
    track = "A1" if event.media is not None and event.media.sound else "V1"
    placed = event.media is not None and event.roll_part is not None
    part = (event.camera or "sound") if placed else _MASTER
    head = event.label(event.roll_part.first) if placed and event.roll_part is not None else event.master_in
    if head is not None:
        yield part, head.rate.name, (_AUTHOR, head, track, _COLOURS[event.status], headline(event))
    for marker in event.markers:
        where = event.label(marker.frame) if placed and marker.frame is not None else None
        tc = where or (marker.tc if not placed else None)
        if tc is not None:
            yield part, tc.rate.name, (marker.author, tc, track, _MARK if marker.mark else _NOTE, mark_words(marker))


def _fields(line: _Line, how: How) -> str:
    author, tc, track, colour, text = line
    cells = [one_field(author) or _AUTHOR, tc.label, track, colour, one_field(text), "1"]
    return "\t".join(in_ascii(cell) if how.encoding == "ascii" else cell for cell in cells)
