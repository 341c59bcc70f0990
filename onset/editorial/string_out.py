"""All takes of a day one after another, as a cutting room strings them out to watch them.

Used by the formats that hold a sequence. A sequence counts at one rate, so that files whose timecode counts otherwise
have a sequence of their own. Frames are never converted: each file plays frame for frame, whatever its sensor ran at.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from onset.editorial.event import EditorialDay, Event, Heard, LeftOut, Media, Part
from onset.editorial.within import frame_at
from onset.errors import ExportError
from onset.text import safe_text
from onset.timecode import Rate, Timecode

_NAMED = 4  # of what a warning lists


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """A stretch of a file in a sequence.

    Attributes:
        start: label of the file's first frame.
        at: frames from the sequence's first one.
    """

    media: Media
    start: Timecode
    part: Part
    at: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Piece:
    """An event in a sequence: which stretch of its file, from which frame of the sequence on.

    Attributes:
        start: label of the file's first frame.
        at: frames from the sequence's first one.
        beside: other files of a mono set that were recorded with it, for a wild track.
    """

    event: Event
    media: Media
    start: Timecode
    part: Part
    at: int
    beside: tuple[Stretch, ...] = ()

    @property
    def stretch(self) -> Stretch:
        """Where its file lies."""
        return Stretch(media=self.media, start=self.start, part=self.part, at=self.at)

    @property
    def first(self) -> Timecode:
        """The file's label where the piece begins."""
        return self.start.later(self.part.first)

    @property
    def end(self) -> Timecode:
        """The file's label behind the last frame; smaller than `first` over midnight."""
        return self.start.later(self.part.last)


@dataclass(frozen=True, slots=True)
class StringOut:
    """Pieces without a gap, at the rate at which their files are labelled."""

    rate: Rate
    pieces: tuple[Piece, ...]

    @property
    def frames(self) -> int:
        """How long."""
        return sum(piece.part.frames for piece in self.pieces)


@dataclass(frozen=True, slots=True)
class Strung:
    """What became of a day: a sequence a rate, the project's first, and what could not be strung."""

    sequences: tuple[StringOut, ...]
    left_out: tuple[LeftOut, ...]
    warnings: tuple[str, ...]

    def part(self, rate: Rate) -> str:
        """What tells the sequences of a day apart: nothing where there is one."""
        return rate.name if len(self.sequences) > 1 else ""


def string_out(day: EditorialDay) -> Strung:
    """The events of a day that have a file with timecode and length, in their order."""
    left_out = list(day.without_file)
    warnings: list[str] = []
    lists: dict[Rate, list[Piece]] = {}
    for event in day.with_file:
        media, part = event.media, event.known_part
        if media is None or media.start is None or part is None:
            name = media.name if media is not None else ""
            left_out.append(LeftOut(f"{name} ({event.take.label})", "it has no timecode or no length"))
            continue
        if event.shared and event.part is None:
            warnings.append(_place_unknown(media, event))
        pieces = lists.setdefault(media.rate, [])
        at = pieces[-1].at + pieces[-1].part.frames if pieces else 0
        piece = Piece(event=event, media=media, start=media.start, part=part, at=at)
        if pieces and _is_of_one_set(pieces[-1], piece):
            pieces[-1] = replace(pieces[-1], beside=(*pieces[-1].beside, replace(piece.stretch, at=pieces[-1].at)))
        else:
            pieces.append(piece)
    rates = sorted(lists, key=lambda rate: rate != day.rate)
    return Strung(tuple(StringOut(rate, tuple(lists[rate])) for rate in rates), tuple(left_out), tuple(warnings))


def _is_of_one_set(one: Piece, other: Piece) -> bool:
    """Mono files of a wild track, which would be heard one after another."""
    alike = one.media.sound and other.media.sound and one.event.take.id == other.event.take.id
    return alike and (one.start, one.part) == (other.start, other.part)


def sound_beneath(piece: Piece) -> tuple[list[Stretch], list[str]]:
    """Sound of a piece's take, laid by timecode as long as the piece; and names of what cannot be laid.

    Labels of picture and sound are compared where both were found to agree with the log's (`Event.part`, `Heard.part`),
    or neither, as on a day whose log had no timecode: the two were jammed to each other then, or are so far apart that
    they do not overlap. A sensor that ran at another speed has no sync sound.
    """
    laid: list[Stretch] = []
    unlaid: list[str] = []
    if piece.event.sensor_fps is not None:
        return laid, unlaid
    for heard in piece.event.heard:
        found = _laid(piece, heard)
        if found is not None:
            laid.append(found)
        else:
            whose = " ".join(filter(None, (piece.event.take.label, piece.event.camera)))
            unlaid.append(f"{heard.media.name} beneath {whose}")
    return laid, unlaid


def _laid(piece: Piece, heard: Heard) -> Stretch | None:
    media, frames = heard.media, heard.media.frames
    if media.start is None or not frames or media.rate != piece.media.rate:
        return None
    alike = (piece.event.part is None) == (heard.part is None)
    first = frame_at(piece.first, media.start) if alike else None
    if first is None:
        return None
    part = Part(max(first, 0), min(first + piece.part.frames, frames))
    least = 0 if heard.part is not None else min(piece.part.frames, frames) // 2
    if part.frames <= least:
        return None
    return Stretch(media=media, start=media.start, part=part, at=piece.at + part.first - first)


def not_laid(unlaid: Sequence[str]) -> list[str]:
    """Names of sound that could not be laid, as a warning; one for a whole day whose clocks do not agree."""
    if not unlaid:
        return []
    named = ", ".join(unlaid[:_NAMED])
    more = f" and {len(unlaid) - _NAMED} more" if len(unlaid) > _NAMED else ""
    return [safe_text(f"Sound is not laid where timecode does not tell its place: {named}{more}.")]


def _place_unknown(media: Media, event: Event) -> str:
    whole = safe_text(f"{media.name} holds more than {event.take.label}")
    return f"{whole}, and its timecode does not tell where; it stands there as a whole."


def nothing_to_string(days: Iterable[EditorialDay], left_out: Sequence[LeftOut], what: str) -> ExportError:
    """The refusal of a format that would hold nothing; `what` with its article."""
    numbers = ", ".join(str(day.day.number) for day in days)
    why = f"; {left_out[0]}" if left_out else ""
    return ExportError(
        safe_text(f"Nothing of day {numbers} can stand in {what}, which needs a confirmed file with timecode{why}.")
    )


def over_midnight(piece: Piece) -> str | None:
    """What to say of a piece whose labels begin anew within it."""
    if piece.end.frames > piece.first.frames:
        return None
    return safe_text(
        f"{piece.media.name} runs over midnight in {piece.event.take.label}: its out is smaller than its in."
    )
