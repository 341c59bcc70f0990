"""Scenes of the script: what is said of them, and which scene a person means."""

from __future__ import annotations

from collections.abc import Mapping

from onset.changes import Value, derived_id
from onset.domain.scene import scene_label
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields
from onset.slate import check_label
from onset.text import safe_text


def set_scene(tx: Transaction, number: str, fields: Mapping[str, Value], *, episode: str | None) -> str:
    """Change a scene, made where there is none; returns its id."""
    number = check_label(number, "scene")
    episode = check_label(episode, "episode") if episode else None
    scene_id = scene_key(number, episode)
    tx.add("scene", {"episode": episode, "number": number}, scene_id)
    row = tx.get("scene", scene_id)
    back: Mapping[str, Value] = {"deleted": None} if row is not None and row.flag("deleted") else {}
    tx.set("scene", scene_id, {**back, **checked_fields("scene", fields)})
    return scene_id


def scene_key(number: str, episode: str | None) -> str:
    """A scene is its episode and number: two seats that enter one meet in one row."""
    return derived_id("scene", episode or "", number).hex()


def known_scene(tx: Transaction, number: str, *, episode: str | None) -> Row:
    """The scene of that number; made where only takes or setups know it.

    Raises:
        RefusedError: neither the script nor the log has such a scene.
    """
    number = check_label(number, "scene")
    scene_id = scene_key(number, episode)
    row = tx.get("scene", scene_id)
    if row is None or row.flag("deleted"):
        if not any(tx.newest(kind, {"scene": number, "episode": episode}) for kind in ("take", "setup")):
            shown = safe_text(scene_label(number, episode))
            raise RefusedError(
                f'There is no scene {shown} in the script or the log; "onset log scene {shown} note=…" makes it.'
            )
        set_scene(tx, number, {}, episode=episode)
        row = tx.get("scene", scene_id) or Row(scene_id, 0, {})
    return row
