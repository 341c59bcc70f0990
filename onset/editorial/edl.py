"""EDL, the edit decision list of CMX 3600: the day strung out on one picture track, a line of timecodes an event.

One list a day and rate; the form has three digits for events and one day of record timecode, so that a longer one is
continued in a second list. A reel has eight characters there: it is cut, unique within the list, and the whole name
stands in a comment. Locators stand at *record* timecode, as Avid writes them (facts on EDLs). Nothing is retimed:
what ran at another speed plays frame for frame, so that source and record are of one length and no M2 is needed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from onset.domain.take import Status
from onset.editorial.event import EditorialDay, Event
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.string_out import Piece, StringOut, nothing_to_string, over_midnight, string_out
from onset.editorial.words import about, headline, mark_words, settings_words, sound_words, title, unplaced
from onset.errors import ExportError
from onset.reel import without_ending
from onset.text import in_ascii, one_field
from onset.timecode import Timecode

_END = "\r\n"
_MOST_EVENTS = 999
_REEL = 8
_NOT_IN_REELS = re.compile(r"[^A-Za-z0-9_-]")
_RESERVED = frozenset({"ax", "bl", "black", "bars"})  # sources that a CMX system knew without a tape
# Colours of Avid's locators.
_COLOURS = {Status.CIRCLED: "GREEN", Status.NG: "RED", Status.HOLD: "YELLOW", Status.NONE: "WHITE"}
_MARK, _NOTE = "CYAN", "BLUE"


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One list a day and rate, more where it is too long for one.

    Raises:
        ExportError: no event has a file with timecode and length, or one is too long for any list.
    """
    files: list[MadeFile] = []
    strung = [string_out(day) for day in days]
    left_out = [one for each in strung for one in each.left_out]
    warnings = [one for each in strung for one in each.warnings]
    for day, each in zip(days, strung, strict=True):
        for sequence in each.sequences:
            start = how.starts_at(sequence.rate)
            lists = list(_lists(sequence, start))
            for number, pieces in enumerate(lists, 1):
                part = " ".join(filter(None, (each.part(sequence.rate), str(number) if len(lists) > 1 else "")))
                content = _document(day, pieces, start, part, how)
                files.append(MadeFile(day=day.day.number, part=part, content=content, events=len(pieces)))
            warnings += filter(None, map(over_midnight, sequence.pieces))
    if not files:
        raise nothing_to_string(days, left_out, "an EDL")
    return Made(tuple(files), tuple(left_out), tuple(warnings))


def _lists(sequence: StringOut, start: Timecode) -> Iterator[list[Piece]]:
    """As many events as three digits count and as record timecode reaches without midnight."""
    room = sequence.rate.frames_a_day - 1 - start.frames
    pieces: list[Piece] = []
    for piece in sequence.pieces:
        if piece.part.frames > room:
            raise ExportError(f"{one_field(piece.media.name)} is too long for a list that begins at {start}.")
        if pieces and (len(pieces) == _MOST_EVENTS or piece.at + piece.part.frames - pieces[0].at > room):
            yield pieces
            pieces = []
        pieces.append(piece)
    yield pieces


def _document(day: EditorialDay, pieces: Sequence[Piece], start: Timecode, part: str, how: How) -> bytes:
    name = " ".join(filter(None, (title(day), part)))
    drop = "DROP FRAME" if start.rate.drop else "NON-DROP FRAME"
    reels = short_reels(reel(piece.event) for piece in pieces)
    lines = [f"TITLE: {name}", f"FCM: {drop}"]
    for number, piece in enumerate(pieces, 1):
        record = start + (piece.at - pieces[0].at)
        lines += _event(number, piece, record, reels[reel(piece.event)])
    shown = (one_field(line) for line in lines)
    text = "".join((in_ascii(line) if how.encoding == "ascii" else line) + _END for line in shown)
    return text.encode(how.encoding)


def _event(number: int, piece: Piece, record: Timecode, short: str) -> Iterator[str]:
    event, media = piece.event, piece.media
    channel = "AA" if media.sound else "V"
    labels = (piece.first, piece.end, record, record + piece.part.frames)
    yield f"{number:03d}  {short:<8} {channel:<4}  C        {' '.join(label.label for label in labels)}"
    yield f"* FROM CLIP NAME: {event.name}"
    yield f"* SOURCE FILE: {media.name}"
    if reel(event) != short:
        yield f"* REEL NAME: {reel(event)}"
    if said := about(event):
        yield f"* DESCRIPTION: {said}"
    if said := settings_words(event):
        yield f"* CAMERA: {said}"
    if said := sound_words(event) or ", ".join(one.media.name for one in piece.beside):
        yield f"* SOUND: {said}"
    yield _locator(record, _COLOURS[event.status], headline(event, unplaced(event, piece.part)))
    for marker in event.markers:
        if marker.frame is not None and piece.part.first <= marker.frame < piece.part.last:
            where = record + (marker.frame - piece.part.first)
            yield _locator(where, _MARK if marker.mark else _NOTE, one_field(mark_words(marker)))


def _locator(where: Timecode, colour: str, text: str) -> str:
    return f"* LOC: {where.label} {colour:<7} {text}"


def reel(event: Event) -> str:
    """The roll as the file names it, else the file itself."""
    media = event.media
    return (media.reel or without_ending(media.name)) if media is not None else ""


def short_reels(reels: Iterable[str]) -> Mapping[str, str]:
    """Names of at most eight plain characters, each reel another one.

    >>> dict(short_reels(["A012", "A_0001_1BY9", "A_0001_2BY9", "bl"]))
    {'A012': 'A012', 'A_0001_1BY9': 'A_0001_1', 'A_0001_2BY9': 'A_0001_2', 'bl': 'bl02'}
    """
    found: dict[str, str] = {}
    taken = set(_RESERVED)
    for whole in dict.fromkeys(reels):
        plain = _NOT_IN_REELS.sub("_", in_ascii(whole)) or "REEL"
        short, number = plain[:_REEL], 1
        while short.casefold() in taken:
            number += 1
            short = f"{plain[: _REEL - len(f'{number:02d}')]}{number:02d}"
        taken.add(short.casefold())
        found[whole] = short
    return found
