"""Everything of the days as JSON, for programs: events, each with its take as `onset log show --json` has it."""

from __future__ import annotations

import json
from collections.abc import Sequence

from onset.editorial.event import EditorialDay, Event, Marker, Media, Part
from onset.editorial.formats import How, Made, MadeFile
from onset.logbook.as_json import Json, take_json
from onset.timecode import Timecode

_VERSION = 1


def write(days: Sequence[EditorialDay], _how: How) -> Made:
    """One file of all days; takes without a file are events too."""
    document: dict[str, Json] = {
        "onset_editorial": _VERSION,
        "title": days[0].production.title,
        "unit": days[0].unit,
        "days": [_day(day) for day in days],
    }
    content = json.dumps(document).encode() + b"\n"
    number = days[0].day.number if len(days) == 1 else None
    return Made((MadeFile(day=number, part="", content=content, events=sum(len(day.events) for day in days)),))


def _day(day: EditorialDay) -> Json:
    return {
        "day": day.day.number,
        "date": day.day.date,
        "rate": day.rate.name,
        "events": [event_json(event) for event in day.events],
        "left_out": [{"what": one.what, "why": one.why} for one in day.left_out],
        "warnings": list(day.warnings),
    }


def event_json(event: Event) -> Json:
    """An event; what is not known is null."""
    start = event.media.start if event.media is not None else None
    return {
        "name": event.name,
        "camera": event.camera or None,
        "roll": event.roll or None,
        "circled": event.circled,
        "media": media_json(event.media) if event.media is not None else None,
        "master_in": _label(event.master_in),
        "master_out": _label(event.master_out),
        "take_in_file": _part(start, event.roll_part),
        "with_handles": _part(start, event.part),
        "file_holds_other_takes": event.shared,
        "sensor_fps": str(event.sensor_fps) if event.sensor_fps is not None else None,
        "sound_rolls": list(event.sound_rolls),
        "sound_files": [file.path for file in event.sound],
        "sound": [{**media_json(one.media), "take_in_file": _part(one.media.start, one.part)} for one in event.heard],
        "scene_heading": (event.scene.heading or None) if event.scene is not None else None,
        "setup": (event.setup.description or None) if event.setup is not None else None,
        "size": (event.setup.size or None) if event.setup is not None else None,
        "vfx": event.setup.vfx if event.setup is not None else None,
        "camera_data": dict(event.data.said()),
        "markers": [_marker(event, marker) for marker in event.markers],
        "take": take_json(event.take),
    }


def media_json(media: Media) -> dict[str, Json]:
    """A file."""
    end = media.start.later(media.frames) if media.start is not None and media.frames is not None else None
    return {
        "id": media.id,
        "name": media.name,
        "path": media.path,
        "kind": "sound" if media.sound else "picture",
        "rate": media.rate.name,
        "tc_in": _label(media.start),
        "tc_out": _label(end),
        "duration_frames": media.frames,
        "reel": media.reel or None,
        "tracks": list(media.tracks),
        "fps": str(media.fps) if media.fps is not None else None,
        "recorded_by_onset": media.own,
    }


def _part(start: Timecode | None, part: Part | None) -> Json:
    """A stretch of a file whose first frame has this label."""
    if part is None:
        return None
    return {
        "first_frame": part.first,
        "end_frame": part.last,
        "tc_in": _label(start.later(part.first) if start is not None else None),
        "tc_out": _label(start.later(part.last) if start is not None else None),
    }


def _marker(event: Event, marker: Marker) -> Json:
    return {
        "frame": marker.frame,
        "tc": _label(event.label(marker.frame)) if marker.frame is not None else None,
        "master_tc": _label(marker.tc),
        "text": marker.text,
        "author": marker.author,
        "mark": marker.mark,
    }


def _label(label: Timecode | None) -> Json:
    return label.label if label is not None else None
