"""Scenes of the script and the setups they are shot in."""

from __future__ import annotations

from collections.abc import Mapping

from onset.changes import Value, derived_id
from onset.errors import RefusedError
from onset.logbook import board
from onset.logbook.engine import Transaction
from onset.logbook.fields import checked_fields
from onset.slate import check_label


def set_scene(tx: Transaction, number: str, fields: Mapping[str, Value], *, episode: str | None) -> str:
    """Change a scene, made where there is none; returns its id."""
    number = check_label(number, "scene")
    scene_id = scene_key(number, episode)
    tx.add("scene", {"episode": episode, "number": number}, scene_id)
    tx.set("scene", scene_id, checked_fields("scene", fields))
    return scene_id


def scene_key(number: str, episode: str | None) -> str:
    """A scene is its episode and number: two seats that enter one meet in one row."""
    return derived_id("scene", episode or "", number).hex()


def set_setup(tx: Transaction, slate: str, fields: Mapping[str, Value], *, scene: str | None) -> str:
    """Change a setup, made where there is none; returns its id."""
    setup_id = _setup(tx, slate, scene)
    tx.set("setup", setup_id, checked_fields("setup", fields))
    return setup_id


def set_camera_setup(tx: Transaction, slate: str, camera: str, fields: Mapping[str, Value]) -> str:
    """Change how a camera stands in a setup; returns the setup's id."""
    setup_id = _setup(tx, slate, None)
    camera = check_label(camera, "camera")
    camera_id = derived_id("camera_setup", setup_id, camera).hex()
    tx.add("camera_setup", {"setup": setup_id, "camera": camera, "deleted": 0}, camera_id)
    tx.set("camera_setup", camera_id, checked_fields("camera_setup", fields))
    return setup_id


def rehearsal(tx: Transaction, duration_ns: int, *, unit: str) -> str:
    """Keep the newest rehearsal of the proposed setup, on it and on its scene; returns the setup's id."""
    now = board.proposed(tx, unit)
    if not now.slate:
        raise RefusedError("The board has no slate yet that was rehearsed; set one first.")
    fields: Mapping[str, Value] = {"rehearsal_ns": duration_ns}
    setup_id = board.ensure_setup(tx, now.episode, now.scene, now.slate)
    tx.set("setup", setup_id, checked_fields("setup", fields))
    if now.scene:
        set_scene(tx, now.scene, fields, episode=now.episode)
    return setup_id


def _setup(tx: Transaction, slate: str, scene: str | None) -> str:
    slate = check_label(slate)
    episodes = [row.maybe_text("episode") for row in tx.find("board", {})]
    episode = episodes[0] if episodes else None
    known = tx.find("setup", {"slate": slate})
    here = [row for row in known if row.maybe_text("episode") == episode] or list(known)
    if here and (scene is None or here[0].text("scene") == scene):
        return here[0].id
    return board.ensure_setup(tx, episode, scene or board.scene_for(tx, slate, episode), slate)
