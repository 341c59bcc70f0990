"""The script as JSON that other programs may rely on: absent is null, never left out."""

from __future__ import annotations

from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.note import AnchoredNote
from onset.domain.scene import CameraSetup, Scene, Setup
from onset.domain.script import ScriptVersion
from onset.logbook.as_json import Json, iso


def length_json(eighths: int | None) -> str | None:
    """`1 4/8`."""
    return None if eighths is None else in_eighths(eighths)


def time_json(seconds: int | None) -> str | None:
    """`1:20`."""
    return None if seconds is None else in_screen_time(seconds)


def scene_json(scene: Scene) -> dict[str, Json]:
    """A scene; `eighths` is a number of eighths of a page, `length` the same as people write it."""
    return {
        "id": scene.id,
        "episode": scene.episode,
        "number": scene.number,
        "heading": scene.heading or None,
        "int_ext": scene.int_ext or None,
        "set": scene.set or None,
        "time_of_day": scene.time_of_day or None,
        "story_day": scene.story_day or None,
        "pages": scene.pages or None,
        "characters": list(scene.characters),
        "note": scene.note or None,
        "eighths": scene.eighths,
        "length": length_json(scene.eighths),
        "eighths_estimated": scene.eighths_estimated,
        "estimate_s": scene.estimate_s,
        "rehearsal_ns": scene.rehearsal_ns,
        "omitted": scene.omitted,
        "ordinal": scene.ordinal,
        "version": scene.version,
        "predecessor": scene.predecessor,
    }


def setup_json(setup: Setup) -> dict[str, Json]:
    """A setup; `slate` is null while it is only planned, under its working name `name`."""
    return {
        "id": setup.id,
        "episode": setup.episode,
        "scene": setup.scene,
        "slate": setup.slate or None,
        "name": setup.name or None,
        "description": setup.description or None,
        "size": setup.size or None,
        "begins": setup.begins or None,
        "ends": setup.ends or None,
        "characters": list(setup.characters),
        "vfx": setup.vfx,
        "vfx_note": setup.vfx_note or None,
        "mos": setup.mos,
        "sound_note": setup.sound_note or None,
        "note": setup.note or None,
        "storyboard": setup.storyboard or None,
        "planned": setup.planned,
        "planned_day": setup.planned_day,
        "unit": setup.unit or None,
        "shot": setup.shot,
        "rehearsal_ns": setup.rehearsal_ns,
        "cameras": [_camera(camera) for camera in setup.cameras],
    }


def note_json(found: AnchoredNote) -> dict[str, Json]:
    """A note with what it is about."""
    note = found.note
    return {
        "id": note.id,
        "anchor": str(found.anchor),
        "about": found.about,
        "about_id": found.about_id,
        "unit": found.unit or None,
        "day": found.day,
        "text": note.text,
        "author": note.author,
        "audience": str(note.audience),
        "tc": note.tc,
        "offset_ns": note.offset_ns,
        "mark": note.mark,
        "written_at": iso(note.wall_ns),
    }


def version_json(version: ScriptVersion) -> dict[str, Json]:
    """A version of the script."""
    return {
        "id": version.id,
        "episode": version.episode,
        "name": version.name,
        "colour": version.colour or None,
        "date": version.date or None,
        "file": version.file or None,
        "note": version.note or None,
        "digest": version.digest or None,
        "taken_in_at": iso(version.wall_ns),
    }


def _camera(camera: CameraSetup) -> dict[str, Json]:
    return {
        "camera": camera.camera,
        "lens": camera.lens or None,
        "height": camera.height or None,
        "tilt": camera.tilt or None,
        "filters": camera.filters or None,
        "size": camera.size or None,
        "characters": list(camera.characters),
        "description": camera.description or None,
        "stop": camera.stop or None,
        "iso": camera.iso or None,
        "shutter": camera.shutter or None,
        "white_balance": camera.white_balance or None,
        "tint": camera.tint or None,
        "fps": camera.fps or None,
        "focus": camera.focus or None,
        "nd": camera.nd or None,
        "rig": camera.rig or None,
        "operator": camera.operator or None,
    }
