"""Setups of a scene: what is said of them and of their cameras, and those that are planned and have no slate yet."""

from __future__ import annotations

from collections.abc import Mapping

from onset.changes import Value, checked, derived_id, new_id
from onset.errors import RefusedError
from onset.logbook import board
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import CAMERA_SETUP_FIELDS, SETUP_FIELDS, checked_fields
from onset.logbook.scenes import set_scene
from onset.logbook.terms import Unset
from onset.slate import check_label, new_label
from onset.text import safe_text

_LONGEST_NAME = 80
Cameras = Mapping[str, Mapping[str, Value]]


def set_setup(
    tx: Transaction,
    slate: str,
    fields: Mapping[str, Value],
    *,
    scene: str | None,
    episode: str | Unset | None,
    cameras: Cameras,
) -> str:
    """Change a setup and its cameras, made where there is none; returns its id."""
    setup_id = _setup(tx, slate, scene, episode)
    if scene is not None:
        tx.set("setup", setup_id, {"scene": check_label(scene, "scene")})
    _say(tx, setup_id, fields, cameras)
    return setup_id


def plan_setup(
    tx: Transaction, name: str, fields: Mapping[str, Value], *, scene: str, episode: str | None, cameras: Cameras
) -> str:
    """Plan a setup under a working name, or change that plan; returns its id."""
    scene = check_label(scene, "scene")
    episode = check_label(episode, "episode") if episode else None
    name = _working_name(name)
    found = _plans(tx, name, scene, episode)
    if found:
        setup_id = found[0].id
    else:
        planned: dict[str, Value] = {"episode": episode, "scene": scene, "name": name, "planned": 1}
        setup_id = tx.add("setup", planned, new_id(tx.wall_ns).hex())
    _say(tx, setup_id, fields, cameras)
    return setup_id


def slate_plan(tx: Transaction, name: str, slate: str, *, scene: str | None, episode: str | None) -> str:
    """The plan of that name is shot as `slate`; returns the id of the setup that goes on."""
    slate, name = new_label(slate), _working_name(name)
    found = _plans(tx, name, scene, episode)
    if len(found) != 1:
        where = (
            f"Scenes {', '.join(safe_text(one.text('scene')) for one in found)} each have a" if found else "There is no"
        )
        hint = "say which with --scene" if found else '"onset log setups --planned" lists them'
        raise RefusedError(f'{where} planned setup "{safe_text(name)}"; {hint}.')
    plan = found[0]
    shot = tx.find("setup", {"slate": slate, "episode": episode})
    if not shot:
        tx.set("setup", plan.id, {"slate": slate})
        return plan.id
    _take_over(tx, plan, shot[0])
    return shot[0].id


def _take_over(tx: Transaction, plan: Row, shot: Row) -> None:
    """The setup that was shot already gets from the plan what it lacks; the plan is done with."""
    tx.set("setup", shot.id, _lacking(plan, shot, SETUP_FIELDS) | {"planned": 1})
    for camera in tx.find("camera_setup", {"setup": plan.id}):
        camera_id = _camera_id(shot.id, camera.text("camera"))
        there = tx.get("camera_setup", camera_id) or Row(camera_id, 0, {})
        _say(tx, shot.id, {}, {camera.text("camera"): _lacking(camera, there, CAMERA_SETUP_FIELDS)})
    for note in tx.find("note", {"setup": plan.id}):
        tx.set("note", note.id, {"setup": shot.id})
    tx.set("setup", plan.id, {"deleted": 1})


def _lacking(plan: Row, shot: Row, names: tuple[str, ...]) -> dict[str, Value]:
    return {name: plan.fields[name] for name in names if plan.fields.get(name) and not shot.fields.get(name)}


def _plans(tx: Transaction, name: str, scene: str | None, episode: str | None) -> list[Row]:
    where: dict[str, Value] = {"name": name, "slate": None, "episode": episode}
    return list(tx.find("setup", where | {"scene": scene} if scene else where))


def _working_name(name: str) -> str:
    name = str(checked(name.strip(), "The working name"))
    if not name or len(name) > _LONGEST_NAME or not name.isprintable():
        raise RefusedError(f"A planned setup needs a working name of 1 to {_LONGEST_NAME} characters.")
    return name


def _say(tx: Transaction, setup_id: str, fields: Mapping[str, Value], cameras: Cameras) -> None:
    tx.set("setup", setup_id, checked_fields("setup", fields))
    for camera, said in cameras.items():
        camera = check_label(camera, "camera")
        camera_id = _camera_id(setup_id, camera)
        tx.add("camera_setup", {"setup": setup_id, "camera": camera, "deleted": 0}, camera_id)
        tx.set("camera_setup", camera_id, checked_fields("camera_setup", said))


def _camera_id(setup_id: str, camera: str) -> str:
    return derived_id("camera_setup", setup_id, camera).hex()


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


def _setup(tx: Transaction, slate: str, scene: str | None, wanted: str | Unset | None) -> str:
    slate = check_label(slate)
    episode = wanted
    known = tx.find("setup", {"slate": slate})
    if isinstance(episode, Unset):
        episodes = [row.maybe_text("episode") for row in tx.find("board", {})]
        episode = episodes[0] if episodes else None
        here = [row for row in known if row.maybe_text("episode") == episode] or list(known)
    else:
        episode = check_label(episode, "episode") if episode else None
        here = [row for row in known if row.maybe_text("episode") == episode]
    if here and (scene is None or here[0].text("scene") == scene):
        return here[0].id
    slate = new_label(slate)
    return board.ensure_setup(tx, episode, scene or board.scene_for(tx, slate, episode), slate)
