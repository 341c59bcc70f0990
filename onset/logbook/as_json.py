"""Takes and changes as the JSON that other programs may rely on (DESIGN, section 6): absent is null, never left out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TypeAlias

from onset.domain.camera import CAMERA_DATA, Angle, CameraOnBoard, Clip
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.still import Still
from onset.domain.take import Board, Take
from onset.logbook.terms import Conflict, LoggedChange, SavedFilter, Value

Json: TypeAlias = "bool | int | float | str | list[Json] | dict[str, Json] | None"


def take_json(take: Take) -> dict[str, Json]:
    """A whole take."""
    notes: list[Json] = [
        {
            "text": note.text,
            "author": note.author,
            "tc": note.tc,
            "tc_source": note.tc_source,
            "audience": str(note.audience),
        }
        for note in take.notes
        if not note.mark
    ]
    marks: list[Json] = [
        {
            "text": note.text,
            "author": note.author,
            "tc": note.tc,
            "tc_source": note.tc_source,
            "offset_ns": note.offset_ns,
        }
        for note in take.notes
        if note.mark
    ]
    runs: list[Json] = [
        {
            "action": run.action,
            "action_source": run.action_source,
            "cut": run.cut,
            "cut_source": run.cut_source,
        }
        for run in take.runs
    ]
    return {
        "id": take.id,
        "unit": take.unit,
        "day": take.day,
        "episode": take.episode,
        "scene": take.scene,
        "slate": take.slate,
        "take": take.take,
        "slated_as": take.slated_as,
        "state": str(take.state),
        "status": str(take.status),
        "status_reason": take.status_reason,
        "kind": str(take.kind),
        "mos": take.mos,
        "tail_slate": take.tail_slate,
        "description": take.description,
        "tc_in": take.tc_in,
        "tc_out": take.tc_out,
        "tc_source": take.tc_source,
        "tc_out_source": take.tc_out_source,
        "user_bits": take.user_bits,
        "rate": take.rate,
        "duration_frames": take.duration_frames,
        "timing_frames": take.timing_frames,
        "timing_estimated": take.timing_estimated,
        "rolled_at": iso(take.rolled_ns),
        "cut_at": iso(take.cut_ns) if take.cut_ns is not None else None,
        "runs": runs,
        "notes": notes,
        "marks": marks,
        "tags": list(take.tags),
        "ratings": dict(take.ratings),
        "rating_reasons": dict(take.rating_reasons),
        "angles": [_angle(angle) for angle in take.angles],
        "sound_roll": take.sound_roll,
        "sound": [_sound(sound) for sound in take.sound],
        "stills": [still_json(still) for still in take.stills],
        "deleted": take.deleted,
        "added": take.added,
        "duplicate": take.duplicate,
        "elsewhere": take.elsewhere,
        "rolled_by": take.rolled_by or None,
        "cut_by": take.cut_by or None,
    }


def still_json(still: Still) -> dict[str, Json]:
    """A still, and how sure it is what it belongs to."""
    return {
        "id": still.id,
        "path": still.path,
        "taken_at": iso(still.taken_ns) if still.taken_ns is not None else None,
        "state": str(still.state),
        "caption": still.caption or None,
        "evidence": still.evidence or None,
        "decided_by": still.decided_by or None,
    }


def _angle(angle: Angle) -> dict[str, Json]:
    return {
        "camera": angle.camera,
        "roll": angle.roll,
        "start": angle.start,
        "end": angle.end,
        "rating": angle.rating,
        **{name: getattr(angle.data, name) for name in CAMERA_DATA},
        "clip_name": angle.clip_name,
        "note": angle.note,
        "clips": [_clip(clip) for clip in angle.clips],
    }


def _clip(clip: Clip) -> dict[str, Json]:
    return {
        "id": clip.id,
        "name": clip.name,
        "path": clip.path,
        "tc_in": clip.tc_in,
        "tc_source": clip.tc_source,
        "rate": clip.rate,
        "duration_frames": clip.duration_frames,
        "dropped": clip.dropped,
        "interrupted": clip.interrupted,
        "reel": clip.reel or None,
        "proxy": clip.proxy,
        **_linked(clip),
    }


def _linked(file: Clip | SoundFile) -> dict[str, Json]:
    """Where a file came from, and how sure it is that it belongs to the take."""
    return {
        "source": str(file.source),
        "card": file.card,
        "unreadable": file.unreadable or None,
        "link": str(file.link),
        "method": file.method or None,
        "evidence": file.evidence or None,
        "decided_by": file.decided_by or None,
    }


def _sound(sound: SoundTake) -> dict[str, Json]:
    states = {str(file.link) for file in sound.files}
    return {
        "device": sound.device,
        "roll": sound.roll,
        "tracks": list(sound.tracks),
        "circled": sound.circled,
        "note": sound.note,
        "files": [_sound_file(file) for file in sound.files],
        # One state for the whole take: the least sure of its files'.
        "link": next((state for state in ("refused", "proposed", "confirmed") if state in states), None),
    }


def _sound_file(file: SoundFile) -> dict[str, Json]:
    return {
        "id": file.id,
        "name": file.name,
        "path": file.path,
        "tc_in": file.tc_in,
        "tc_source": file.tc_source,
        "rate": file.rate,
        "duration_frames": file.duration_frames,
        "samples": file.samples,
        "sample_rate": file.sample_rate,
        "tracks": list(file.tracks),
        "interrupted": file.interrupted,
        "reel": file.roll or None,
        "peak_db": list(file.peak_db),
        "rms_db": list(file.rms_db),
        **_linked(file),
    }


def board_json(board: Board) -> dict[str, Json]:
    """What the next take shall be, and what rolls."""
    return {
        "unit": board.unit,
        "day": board.day,
        "episode": board.episode,
        "scene": board.scene,
        "slate": board.slate,
        "take": board.take,
        "kind": str(board.kind),
        "mos": board.mos,
        "tail_slate": board.tail_slate,
        "heading": board.heading,
        "cameras": [_camera(camera) for camera in board.cameras],
        "sound_roll": board.sound_roll,
        "sound_in_next": board.sound_in_next,
        "rolling": board.rolling.id if board.rolling else None,
        "last_cut": board.last_cut.id if board.last_cut else None,
    }


def _camera(camera: CameraOnBoard) -> dict[str, Json]:
    return {"camera": camera.camera, "roll": camera.roll, "in_next": camera.in_next}


def change_json(change: LoggedChange) -> dict[str, Json]:
    """A line of the history."""
    return {
        "arrival": change.arrival,
        "time": iso(change.wall_ns),
        "seat": change.seat,
        "seat_name": change.seat_name,
        "author": change.author,
        "entity": change.entity,
        "entity_id": change.entity_id,
        "take": change.take_id,
        "field": change.field,
        "old": _value(change.old),
        "new": _value(change.new),
        "undoes": change.undoes,
        "merged": change.merged,
        "about": change.about or None,
        "verb": change.verb or None,
        "undone": change.undone,
        "old_about": change.old_about or None,
        "new_about": change.new_about or None,
    }


def filter_json(one: SavedFilter) -> dict[str, Json]:
    """A filter under its name."""
    return {"name": one.name, "query": one.query, "author": one.author}


def conflict_json(conflict: Conflict) -> dict[str, Json]:
    """Values of one field that a person has to choose from, the one that stands now first."""
    return {
        "take": take_json(conflict.take) if conflict.take else None,
        "entity": conflict.entity,
        "entity_id": conflict.entity_id,
        "field": conflict.field,
        "values": [_value(value) for value in conflict.values],
        "by": list(conflict.by),
        "times": [iso(wall_ns) for wall_ns in conflict.wall_ns],
    }


def iso(wall_ns: int) -> str:
    """A moment as ISO 8601 in UTC, to the millisecond.

    >>> iso(1_780_000_000_250_000_000)
    '2026-05-28T20:26:40.250Z'
    """
    seconds, rest = divmod(wall_ns, 1_000_000_000)
    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%dT%H:%M:%S}.{rest // 1_000_000:03d}Z"


def _value(value: Value) -> Json:
    return value.hex() if isinstance(value, bytes) else value
