"""ALE, Avid's log exchange: a text of three parts (heading, column titles, a line a clip), told apart by tabs.

One file a shooting day and camera, and one for sound, that of pictures too (Avid syncs clips, so it needs lines of its
own); a camera whose files count at two rates has two, because the rate stands once in the heading. Names of columns are
Avid's where it has one, since it merges by them (facts on ALE: case- and blank-sensitive; own names of at most 14
characters, 64 headings in all). There is no quoting, so every cell is one line without a tab.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from onset.editorial.event import TIMECODE_TRACKS, EditorialDay, Event, LeftOut, Part
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.words import comments, description, kind_words, status_words, vfx_words
from onset.errors import ExportError
from onset.reel import without_ending
from onset.text import in_ascii, one_field, safe_text
from onset.timecode import Rate

_END = "\r\n"
_HALF = 2
_MOST_TRACKS = 8  # Avid's importer of logs knows A1 to A8
_MARKS: Mapping[bool, str] = {True: "yes", False: ""}


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One file a day, camera and rate.

    Raises:
        ExportError: no event has a file with timecode and length.
    """
    files: list[MadeFile] = []
    left_out: list[LeftOut] = []
    warnings: list[str] = []
    for day in days:
        left_out += day.without_file
        groups: dict[tuple[str, Rate], list[Event]] = {}
        for event in day.files:
            if event.media is None or event.media.start is None or not event.own_part:
                left_out.append(LeftOut(f"{_file(event)} ({event.take.label})", "it has no timecode or no length"))
                continue
            groups.setdefault((event.camera or "sound", event.media.rate), []).append(event)
            if event.shared and event.part is None:
                whole = safe_text(f"{_file(event)} holds more than {event.take.label}")
                warnings.append(f"{whole}, and its timecode does not tell where; it stands there as a whole.")
        for (camera, rate), events in groups.items():
            alone = sum(other == camera for other, _ in groups) == 1
            content = _document(day, in_tape_order(events), rate, how)
            part = camera if alone else f"{camera} {rate.name}"
            files.append(MadeFile(day=day.day.number, part=part, content=content, events=len(events)))
    if not files:
        raise ExportError(_nothing(days, left_out))
    return Made(tuple(files), tuple(left_out), tuple(warnings))


def _nothing(days: Sequence[EditorialDay], left_out: Sequence[LeftOut]) -> str:
    numbers = ", ".join(str(day.day.number) for day in days)
    why = f"; {left_out[0]}" if left_out else ""
    return safe_text(f"Nothing of day {numbers} can stand in an ALE, which needs a confirmed file with timecode{why}.")


def in_tape_order(events: Sequence[Event]) -> list[Event]:
    """Tape by tape, timecode rising: Avid's *Clean* throws away a clip that begins before the one above it.

    Past midnight the labels begin anew, and the order goes on; such a log is imported *Relaxed*.
    """
    place: dict[int, int] = {}
    days: dict[str, int] = {}
    last: dict[str, int] = {}
    for event in sorted(events, key=lambda one: one.take.shot):
        tape, start, a_day = _tape(event), _start(event), _rate(event).frames_a_day
        fell = last.get(tape, start) - start
        days[tape] = max(days.get(tape, 0) + (fell > a_day // _HALF) - (-fell > a_day // _HALF), 0)
        last[tape] = start
        place[id(event)] = start + days[tape] * a_day
    order = {tape: number for number, tape in enumerate(dict.fromkeys(map(_tape, events)))}
    return sorted(events, key=lambda event: (order[_tape(event)], place[id(event)]))


def _start(event: Event) -> int:
    part = event.own_part
    label = event.label(part.first) if part is not None else None
    return label.frames if label is not None else 0


def _rate(event: Event) -> Rate:
    return event.media.rate if event.media is not None else event.take.frame_rate


def _document(day: EditorialDay, events: Sequence[Event], rate: Rate, how: How) -> bytes:
    tapes = {_tape(event) for event in events}
    heading = [
        ("FIELD_DELIM", "TABS"),
        ("VIDEO_FORMAT", "1080"),
        ("AUDIO_FORMAT", "48khz"),
        *([("TAPE", _cell(min(tapes), how))] if len(tapes) == 1 else []),
        ("FPS", rate.name.removesuffix("df")),
    ]
    lines = ["Heading", *("\t".join(pair) for pair in heading), ""]
    lines += ["Column", "\t".join(COLUMNS), "", "Data"]
    for event in events:
        cells = (_cell(cell, how) for cell in (column(day, event) for column in COLUMNS.values()))
        lines.append("\t".join(cells))
    return (_END.join(lines) + _END).encode("ascii" if how.encoding == "ascii" else "utf-8")


def _cell(text: str, how: How) -> str:
    shown = one_field(text)
    return in_ascii(shown) if how.encoding == "ascii" else shown


def _file(event: Event) -> str:
    return event.media.name if event.media is not None else ""


def _tape(event: Event) -> str:
    """The roll as the file names it, else the file itself, as Avid does without one."""
    return (event.media.reel if event.media is not None else "") or without_ending(_file(event))


def tracks(event: Event) -> str:
    """`V` for MOS, `A1A2` for sound alone, else `V` with the tracks of the take's sound.

    A take whose sound did not come yet is told to have two, as every sync take has on a log.
    """
    names = event.media.tracks if event.media is not None and event.media.sound else _heard(event)
    count = min(sum(name.casefold() not in TIMECODE_TRACKS for name in names), _MOST_TRACKS)
    if event.media is not None and event.media.sound:
        return "".join(f"A{number}" for number in range(1, (count or 1) + 1))
    if event.take.mos:
        return "V"
    return "V" + "".join(f"A{number}" for number in range(1, (count or 2) + 1))


def _heard(event: Event) -> list[str]:
    """Tracks of the take's sound: of its mono files together, or of the poly file."""
    return [name for file in event.sound for name in (file.tracks or ("",))]


def _at(which: str) -> Callable[[EditorialDay, Event], str]:
    def column(_day: EditorialDay, event: Event) -> str:
        part = event.own_part
        label = event.label(getattr(part, which)) if part is not None else None
        return label.label if label is not None else ""

    return column


def _duration(_day: EditorialDay, event: Event) -> str:
    """Empty over midnight, where readers that compute `Start + Duration` would find another `End` than ours."""
    part = event.own_part
    if part is None or event.media is None or event.media.start is None:
        return ""
    first, last = event.label(part.first), event.label(part.last)
    if first is None or last is None or last.frames <= first.frames:
        return ""
    return type(first)(part.frames, first.rate).label


def _mark(which: str) -> Callable[[EditorialDay, Event], str]:
    def column(_day: EditorialDay, event: Event) -> str:
        part: Part | None = event.part
        label = event.label(getattr(part, which)) if part is not None else None
        return label.label if label is not None else ""

    return column


def _said(name: str) -> Callable[[EditorialDay, Event], str]:
    return lambda _day, event: getattr(event.data, name) or ""


def _of(what: Callable[[Event], str]) -> Callable[[EditorialDay, Event], str]:
    return lambda _day, event: what(event)


COLUMNS: dict[str, Callable[[EditorialDay, Event], str]] = {
    "Name": _of(lambda event: event.name),
    "Tracks": _of(tracks),
    "Start": _at("first"),
    "End": _at("last"),
    "Duration": _duration,
    "Mark IN": _mark("first"),
    "Mark OUT": _mark("last"),
    "Tape": _of(_tape),
    "Source File": _of(_file),
    "Scene": _of(lambda event: event.take.scene),
    "Take": _of(lambda event: event.take.take),
    "Camera": _of(lambda event: event.camera),
    "Camroll": _of(lambda event: event.roll if event.camera else ""),
    "Soundroll": _of(lambda event: ", ".join(event.sound_rolls)),
    "Shoot Date": lambda day, _event: day.day.date,
    "DESCRIPT": _of(description),
    "Comments": _of(comments),
    "Slate": _of(lambda event: event.take.slate),
    "Episode": _of(lambda event: event.take.episode or ""),
    "Unit": lambda day, _event: day.unit,
    "Shooting Day": lambda day, _event: str(day.day.number),
    "Circled": _of(lambda event: _MARKS[event.circled]),
    "Status": _of(status_words),
    "Kind": _of(kind_words),
    "MOS": _of(lambda event: _MARKS[event.take.mos]),
    "Tail Slate": _of(lambda event: _MARKS[event.take.tail_slate]),
    "VFX": _of(vfx_words),
    "Tags": _of(lambda event: ", ".join(event.take.tags)),
    "Scene Heading": _of(lambda event: event.scene.heading if event.scene is not None else ""),
    "Sound Files": _of(lambda event: ", ".join(file.name for file in event.sound)),
    "Sensor FPS": _said("fps"),
    "Lens": _said("lens"),
    "T-Stop": _said("stop"),
    "Filter": _said("filters"),
    "ND": _said("nd"),
    "ISO": _said("iso"),
    "White Balance": _said("white_balance"),
    "Tint": _said("tint"),
    "Shutter": _said("shutter"),
    "Focus": _said("focus"),
    "Lens Height": _said("height"),
    "Tilt": _said("tilt"),
    "Recorded By": _of(lambda event: "onset" if event.media is not None and event.media.own else ""),
}
