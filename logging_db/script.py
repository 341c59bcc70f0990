"""Questions about the script: its versions, scenes and elements, and the setups they are shot in."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, exists, select, true
from sqlalchemy.engine import RowMapping

from logging_db import files
from logging_db.rows import hex_of, things
from logging_db.schema import projections, take
from onset.domain.scene import CameraSetup, Scene, Setup, in_script_order
from onset.domain.script import ScriptElement, ScriptVersion
from onset.logbook.scenes import scene_key
from onset.slate import sort_key

_SETUP = projections["setup"]


def scene(connection: Connection, number: str, episode: str | None) -> Scene | None:
    """The scene of that number."""
    found = things(connection, "scene", uid=bytes.fromhex(scene_key(number, episode)))
    return _scene(found[0]) if found else None


def scenes(connection: Connection, **where: object) -> list[Scene]:
    """In the order of the script."""
    return in_script_order(_scene(row) for row in things(connection, "scene", **where))


def _scene(row: RowMapping) -> Scene:
    return Scene(
        id=row["uid"].hex(),
        episode=row["episode"],
        number=row["number"] or "",
        heading=row["heading"] or "",
        int_ext=row["int_ext"] or "",
        set=row["set"] or "",
        time_of_day=row["time_of_day"] or "",
        story_day=row["story_day"] or "",
        pages=row["pages"] or "",
        characters=files.texts(row["characters"]),
        note=row["note"] or "",
        eighths=row["eighths"],
        eighths_estimated=row["eighths_estimated"] == 1,
        estimate_s=row["estimate_s"],
        rehearsal_ns=row["rehearsal_ns"],
        omitted=row["omitted"] == 1,
        ordinal=row["ordinal"],
        version=hex_of(row["version"]),
        predecessor=hex_of(row["predecessor"]),
    )


def versions(connection: Connection) -> list[ScriptVersion]:
    """As they came in."""
    return [
        ScriptVersion(
            id=row["uid"].hex(),
            episode=row["episode"],
            wall_ns=row["wall_ns"] or 0,
            **_said(row, "name colour date file note digest"),
        )
        for row in things(connection, "script_version")
    ]


def elements(connection: Connection, number: str, episode: str | None) -> list[ScriptElement]:
    """The paragraphs of a scene, in their order."""
    rows = things(connection, "script_element", scene=number, episode=episode)
    return [
        ScriptElement(line=row["line"] or 0, **_said(row, "key scene kind text character page"))
        for row in sorted(rows, key=lambda row: int(row["ordinal"] or 0))
    ]


def setups(connection: Connection, *, plans: bool = False, **where: object) -> list[Setup]:
    """Setups in the order of their slates; with `plans` also those that have no slate yet, the last."""
    shot = exists().where(
        take.c.slate == _SETUP.c.slate, take.c.episode.is_not_distinct_from(_SETUP.c.episode), take.c.deleted.is_not(1)
    )
    rows = things(connection, "setup", **where)
    # Of some the rest is asked for by their numbers: a film has thousands.
    some = _SETUP.c.id.in_([row["id"] for row in rows]) if where else true()
    cameras_of: dict[str, object] = {"setup": [row["uid"] for row in rows]} if where else {}
    with_takes = {uid for (uid,) in connection.execute(select(_SETUP.c.uid).where(shot, some))} if rows else frozenset()
    cameras: dict[bytes, list[CameraSetup]] = {}
    for one in things(connection, "camera_setup", **cameras_of) if rows else ():
        cameras.setdefault(one["setup"], []).append(_camera_setup(one))
    found = [
        _setup(row, shot=row["uid"] in with_takes, cameras=cameras.get(row["uid"], []))
        for row in rows
        if plans or row["slate"]
    ]
    return sorted(found, key=lambda setup: (not setup.slate, sort_key(setup.slate or setup.scene), setup.name))


def _setup(row: RowMapping, *, shot: bool, cameras: list[CameraSetup]) -> Setup:
    return Setup(
        id=row["uid"].hex(),
        episode=row["episode"],
        scene=row["scene"] or "",
        slate=row["slate"] or "",
        characters=files.texts(row["characters"]),
        vfx=row["vfx"] == 1,
        mos=row["mos"] == 1,
        planned=row["planned"] == 1,
        planned_day=row["planned_day"],
        shot=shot,
        rehearsal_ns=row["rehearsal_ns"],
        cameras=tuple(sorted(cameras, key=lambda camera: camera.camera)),
        **_said(row, "name description size begins ends vfx_note sound_note note storyboard unit"),
    )


def _camera_setup(row: RowMapping) -> CameraSetup:
    return CameraSetup(
        camera=row["camera"] or "",
        characters=files.texts(row["characters"]),
        **_said(
            row,
            "lens height tilt filters size description stop iso shutter white_balance tint fps focus nd rig operator",
        ),
    )


def _said(row: RowMapping, names: str) -> dict[str, Any]:
    """Texts, empty where nothing was said."""
    return {name: row[name] or "" for name in names.split()}
