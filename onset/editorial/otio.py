"""OpenTimelineIO's own form: the whole day as an archive that any program with that library opens.

A picture track a camera and a sound track a recorder; takes stand one after another, and within a take all files lie as
their timecode has them, so that it is the synchronised day too. What the log says of a take is metadata of each clip
under `onset`, as in the JSON export; a take whose file is not sure is a clip without media.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from math import ceil
from typing import Any

import opentimelineio as otio

from onset.domain.take import Status, Take
from onset.editorial.event import EditorialDay, Event, LeftOut, Media, Part
from onset.editorial.formats import How, Made, MadeFile
from onset.editorial.plain_json import event_json, media_json
from onset.editorial.string_out import Piece, Stretch, sound_beneath
from onset.editorial.where import relative_url
from onset.editorial.within import frame_at
from onset.editorial.words import mark_words, title
from onset.errors import ExportError
from onset.logbook.as_json import Json
from onset.text import safe_text
from onset.timecode import Rate, Timecode

_COLOURS = {Status.CIRCLED: "GREEN", Status.NG: "RED", Status.HOLD: "YELLOW", Status.NONE: "WHITE"}
_MARK, _NOTE = "CYAN", "BLUE"
_META = "onset"


def write(days: Sequence[EditorialDay], how: How) -> Made:
    """One timeline a day.

    Raises:
        ExportError: no take has a file or a length.
    """
    files: list[MadeFile] = []
    left_out: list[LeftOut] = []
    for day in days:
        made = _Timeline(day, how)
        left_out += made.left_out
        if made.events:
            files.append(MadeFile(day=day.day.number, part="", content=made.document(), events=made.events))
    if not files:
        numbers = ", ".join(str(day.day.number) for day in days)
        raise ExportError(
            f"Nothing of day {numbers} can stand in a timeline, which needs a file or a take with a length."
        )
    return Made(tuple(files), tuple(left_out))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Laid:
    """A clip within its take.

    Attributes:
        track: name of the camera or recorder.
        at_s: seconds from the take's roll, negative before it.
        first: frame number of the label where it begins, at `rate`; `frames` its length.
    """

    event: Event
    media: Media | None
    track: str
    sound: bool
    at_s: Fraction
    rate: Rate
    first: int
    frames: int


class _Timeline:
    """A timeline in the making.

    Attributes:
        events: how many stand in it.
        left_out: takes and files without a length.
    """

    def __init__(self, day: EditorialDay, how: How) -> None:
        self._day = day
        self._how = how
        self._tracks: dict[tuple[bool, str], Any] = {}
        self._ends: dict[tuple[bool, str], Fraction] = {}
        self._markers: list[Any] = []
        self.events = 0
        self.left_out: list[LeftOut] = []
        here = Fraction(0)
        for take, events in _by_take(day.events):
            laid = list(self._laid(take, events))
            if laid:
                here = self._lay(take, laid, here)

    def _laid(self, take: Take, events: Sequence[Event]) -> Iterator[_Laid]:
        begin = _earliest([event.master_in for event in events if event.master_in is not None])
        recorders = {file.id: name for name, file in _sound_files(take)}
        for event in events:
            if event.media is not None:
                name = recorders.get(event.media.id, "sound") if event.media.sound else event.camera
                found = _of_file(event, event.media, event.known_part, begin, name)
            else:
                found = _of_take(event, begin)
            if found is not None:
                self.events += 1
                yield found
            else:
                what = event.media.name if event.media is not None else f"{take.label} {event.camera}".strip()
                self.left_out.append(LeftOut(what, "nobody knows how long it is"))
        for event in events[:1]:
            jammed = _jammed_to(event)
            for heard in event.heard:
                part = heard.part or _whole(heard.media)
                named = recorders.get(heard.media.id, "sound")
                bare = replace(event, part=heard.part, sensor_fps=None, markers=())  # those count in picture frames
                found = _of_file(bare, heard.media, part, begin, named)
                if found is not None and (beneath := jammed.get(heard.media.id)) is not None:
                    at_s = found.rate.seconds_for(beneath.at)
                    first = beneath.start.frames + beneath.part.first
                    found = replace(found, at_s=at_s, first=first, frames=beneath.part.frames)
                if found is not None:
                    yield found
                else:
                    self.left_out.append(LeftOut(heard.media.name, "nobody knows how long it is"))

    def _lay(self, take: Take, laid: Sequence[_Laid], here: Fraction) -> Fraction:
        """Put a take's clips behind the one before it; where the next begins, on a frame of the day."""
        before = min(one.at_s for one in laid)
        behind = here
        for one in sorted(laid, key=lambda one: one.at_s):
            behind = max(behind, self._append(one, here + one.at_s - before))
        fps = self._day.rate.fps
        until = ceil(behind * fps) / fps
        first, last = here * fps, until * fps
        marker = otio.schema.Marker(
            name=safe_text(take.label),
            marked_range=_range(first, last - first, self._day.rate),
            color=_COLOURS[take.status],
            metadata={_META: {"take": take.id}},
        )
        self._markers.append(marker)
        return until

    def _append(self, one: _Laid, at_s: Fraction) -> Fraction:
        """A clip on its track, after a gap where there is room; where it ends."""
        key = (one.sound, one.track)
        if key not in self._tracks:
            kind = otio.schema.TrackKind.Audio if one.sound else otio.schema.TrackKind.Video
            self._tracks[key] = otio.schema.Track(name=safe_text(one.track), kind=kind)
            self._ends[key] = Fraction(0)
        gap = at_s - self._ends[key]
        if gap > 0:
            fps = self._day.rate.fps
            self._tracks[key].append(otio.schema.Gap(source_range=_range(Fraction(0), gap * fps, self._day.rate)))
        self._tracks[key].append(self._clip(one))
        self._ends[key] = max(at_s, self._ends[key]) + one.rate.seconds_for(one.frames)
        return self._ends[key]

    def _clip(self, one: _Laid) -> Any:
        name = one.event.name if one.media is None or one.media is one.event.media else one.media.name
        clip = otio.schema.Clip(
            name=safe_text(name),
            media_reference=self._reference(one.media) if one.media is not None else otio.schema.MissingReference(),
            source_range=_range(one.first, one.frames, one.rate),
            metadata={_META: _storable(_said(one))},
        )
        start = one.media.start if one.media is not None else None
        for marker in one.event.markers:
            if one.media is None:
                frame = marker.tc.frames if marker.tc is not None else None
            else:
                frame = marker.frame + (start.frames if start is not None else 0) if marker.frame is not None else None
            if frame is not None:
                clip.markers.append(
                    otio.schema.Marker(
                        name=safe_text(mark_words(marker)),
                        marked_range=_range(frame, 0, one.rate),
                        color=_MARK if marker.mark else _NOTE,
                        metadata={
                            _META: _storable({"text": marker.text, "author": marker.author, "mark": marker.mark})
                        },
                    )
                )
        return clip

    def _reference(self, media: Media) -> Any:
        start = media.start.frames if media.start is not None else 0
        reference = otio.schema.ExternalReference(
            target_url=relative_url(media.path),
            available_range=_range(start, media.frames, media.rate) if media.frames else None,
            metadata={_META: _storable(media_json(media))},
        )
        reference.name = safe_text(media.name)
        return reference

    def document(self) -> bytes:
        """The file."""
        day = self._day
        timeline = otio.schema.Timeline(name=safe_text(title(day)))
        start = self._how.starts_at(day.rate)
        timeline.global_start_time = otio.opentime.RationalTime(start.frames, float(day.rate.fps))
        timeline.metadata[_META] = _storable(
            {
                "onset_editorial": 1,
                "title": day.production.title,
                "unit": day.unit,
                "day": day.day.number,
                "date": day.day.date,
                "rate": day.rate.name,
                "left_out": [{"what": one.what, "why": one.why} for one in (*day.left_out, *self.left_out)],
                "warnings": list(day.warnings),
            }
        )
        timeline.tracks.extend(self._tracks[key] for key in sorted(self._tracks))  # pictures first
        timeline.tracks.markers.extend(self._markers)
        written: str = otio.core.serialize_json_to_string(timeline, indent=1)
        return written.encode() + b"\n"


def _by_take(events: Iterable[Event]) -> Iterable[tuple[Take, list[Event]]]:
    found: dict[str, list[Event]] = {}
    for event in events:
        found.setdefault(event.take.id, []).append(event)
    return [(of_take[0].take, of_take) for of_take in found.values()]


def _sound_files(take: Take) -> Iterator[tuple[str, Any]]:
    """Files with the track they lie on: the recorder's, numbered where it made several of a take (a mono set)."""
    for sound in take.sound:
        for number, file in enumerate(sorted(sound.files, key=lambda file: file.name), 1):
            yield sound.device if number == 1 else f"{sound.device} {number}", file


def _earliest(labels: Sequence[Timecode]) -> Timecode | None:
    """The first of a take's labels, which may lie on both sides of midnight."""

    def until_the_last(label: Timecode) -> int:
        return max(other.since(label, over_midnight=True) for other in labels)

    return min(labels, key=until_the_last, default=None)


def _whole(media: Media) -> Part | None:
    return Part(0, media.frames) if media.frames else None


def _of_file(event: Event, media: Media, part: Part | None, begin: Timecode | None, track: str) -> _Laid | None:
    """A stretch of a file; at the roll where labels cannot tell."""
    if part is None or part.frames <= 0:
        return None
    at_s = Fraction(0)
    if begin is not None and media.start is not None and event.part is not None and event.sensor_fps is None:
        roll = frame_at(begin, media.start)
        if roll is not None:
            at_s = media.rate.seconds_for(part.first - roll)
    start = media.start.frames if media.start is not None else 0
    return _Laid(
        event=event,
        media=media,
        track=track,
        sound=media.sound,
        at_s=at_s,
        rate=media.rate,
        first=start + part.first,
        frames=part.frames,
    )


def _jammed_to(event: Event) -> Mapping[str, Stretch]:
    """Sound that has a picture's timecode where neither has the log's; the picture then lies at the roll."""
    media, part = event.media, event.known_part
    if media is None or media.start is None or part is None or event.part is not None:
        return {}
    laid, _ = sound_beneath(Piece(event=event, media=media, start=media.start, part=part, at=0))
    return {one.media.id: one for one in laid}


def _of_take(event: Event, begin: Timecode | None) -> _Laid | None:
    """A take whose file is not sure, by the master's labels."""
    frames = event.take.duration_frames
    first, last = event.master_in, event.master_out
    if first is not None and last is not None:
        frames = last.since(first, over_midnight=True)
    if not frames:
        return None
    late = first.since(begin, over_midnight=True) if first is not None and begin is not None else 0
    rate = first.rate if first is not None else event.take.frame_rate
    return _Laid(
        event=event,
        media=None,
        track=event.camera or "sound",
        sound=not event.camera,
        at_s=rate.seconds_for(late),
        rate=rate,
        first=first.frames if first is not None else 0,
        frames=frames,
    )


def _said(one: _Laid) -> Json:
    """All of the take with its picture or wild track; sound beneath it only names it."""
    if one.media is None or one.media is one.event.media:
        return event_json(one.event)
    take = one.event.take
    return {"take": {"id": take.id, "slate": take.slate, "take": take.take}}


def _range(first: Fraction | int, frames: Fraction | int, rate: Rate) -> Any:
    fps = float(rate.fps)
    return otio.opentime.TimeRange(
        otio.opentime.RationalTime(float(first), fps), otio.opentime.RationalTime(float(frames), fps)
    )


def _storable(value: Any) -> Any:
    """Words as they were typed, but for what no UTF-8 can hold."""
    if isinstance(value, str):
        return value if _is_text(value) else safe_text(value, lines=True)
    if isinstance(value, Mapping):
        return {_storable(key): _storable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [_storable(each) for each in value]
    return value


def _is_text(words: str) -> bool:
    """Whether the library stores it: it refuses lone surrogates, and cuts a text off at a NUL (measured)."""
    return not any(0xD800 <= ord(char) <= 0xDFFF or char == "\0" for char in words)
