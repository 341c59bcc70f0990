"""The board of a unit: what the next take shall be. An entity of the log, so every seat sees the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onset.changes import Value, derived_id, new_id
from onset.domain.take import Kind
from onset.errors import RefusedError
from onset.logbook import rolls
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import SETUP_FIELDS
from onset.logbook.terms import Next, Unset
from onset.slate import (
    Overflow,
    Slating,
    check_label,
    first_setup,
    new_label,
    next_setup,
    next_take,
    scene_of,
    sort_key,
)
from onset.text import safe_text

SOUND_ONLY = "WT"
NEVER_MOS = "A wild track is sound only, so it cannot be MOS."


@dataclass(frozen=True, slots=True)
class Proposed:
    """The take that a roll would start."""

    episode: str | None
    scene: str
    slate: str
    take: str
    kind: Kind
    mos: bool
    tail_slate: bool
    sound_roll: str | None


def board_id(unit: str) -> str:
    """The id of a unit's board."""
    return derived_id("board", unit).hex()


def camera_id(unit: str, camera: str) -> str:
    """The id of a camera on a unit's board."""
    return derived_id("board_camera", unit, camera).hex()


def cameras(tx: Transaction, unit: str) -> Sequence[Row]:
    """The cameras on the board, in order of their letters."""
    return sorted(tx.find("board_camera", {"unit": unit}), key=lambda row: row.text("camera"))


def proposed(tx: Transaction, unit: str) -> Proposed:
    """What the board proposes now; the number is worked out here, in the transaction that may use it."""
    row = tx.get("board", board_id(unit)) or Row(board_id(unit), 0, {})
    episode, slate = row.maybe_text("episode"), row.text("slate")
    taken = counted_numbers(tx, episode, slate)
    kind = Kind(row.text("kind") or Kind.NORMAL)
    silent = row.flag("mos") or row.maybe_number("sound_in_next") == 0  # whichever key said so
    return Proposed(
        episode,
        row.text("scene"),
        slate,
        row.maybe_text("take") or next_take(taken),
        kind,
        silent and kind is not Kind.WILD_TRACK,
        row.flag("tail_slate"),
        row.maybe_text("sound_roll"),
    )


def counted_numbers(tx: Transaction, episode: str | None, slate: str) -> list[str]:
    """The take numbers of a slate that the next one comes after."""
    free = not false_starts_count(tx)
    return [
        take.text("take")
        for take in tx.find("take", {"slate": slate})
        if take.maybe_text("episode") == episode and not (free and take.text("kind") == Kind.FALSE_START)
    ]


def false_starts_count(tx: Transaction) -> bool:
    """Whether a false start uses up its take number; a production that says nothing counts it."""
    production = tx.newest("production", {})
    return production is None or production.maybe_number("false_start_counts") != 0


def slating(tx: Transaction, unit: str) -> Slating:
    """How a unit of the production numbers."""
    production = tx.newest("production", {}) or Row("", 0, {})
    prefix = next((row.text("slate_prefix") for row in tx.find("unit", {"name": unit})), "")
    match production.text("slating"):
        case "eu":
            return Slating("eu", prefix=prefix)
        case "none":
            return Slating("none")
        case _:
            overflow = next((one for one in Overflow if one == production.text("overflow")), Overflow.AA_AB)
            return Slating("us", production.text("skip_letters"), overflow, prefix)


def set_next(tx: Transaction, unit: str, change: Next) -> None:
    """Change what the next take shall be; see `Next`."""
    check_unit(tx, unit)
    row = tx.get("board", board_id(unit)) or Row(board_id(unit), 0, {})
    fields: dict[str, Value] = {"unit": unit}
    if not isinstance(change.episode, Unset):
        fields["episode"] = check_label(change.episode, "episode") if change.episode else None
    slate_fields = _slate_fields(tx, unit, row, change, fields.get("episode", row.maybe_text("episode")))
    fields |= slate_fields
    if isinstance(change.take, Unset):
        if slate_fields:
            fields["take"] = None
    else:
        fields["take"] = new_label(change.take, "take") if change.take else None
    for name, flag in (("mos", change.mos), ("tail_slate", change.tail_slate), ("sound_in_next", change.sound)):
        if not isinstance(flag, Unset):
            fields[name] = int(flag)
    if not isinstance(change.sound_roll, Unset):
        sound_roll = check_label(change.sound_roll, "roll")
        fields["sound_roll"] = sound_roll
        rolls.loaded(tx, unit, rolls.SOUND, sound_roll)
    if change.mos is True and fields.get("kind", row.text("kind")) == Kind.WILD_TRACK:
        raise RefusedError(NEVER_MOS)
    _refuse_used_number(tx, row, fields)
    tx.add("board", fields, board_id(unit))
    tx.set("board", board_id(unit), {name: None for name, value in fields.items() if value is None})
    _set_cameras(tx, unit, change)


def _slate_fields(tx: Transaction, unit: str, row: Row, change: Next, episode: Value) -> dict[str, Value]:
    """The board's scene, slate and kind after `change`; empty when it touches none of them."""
    fields: dict[str, Value] = {}
    wild = row.text("kind") == Kind.WILD_TRACK
    if not isinstance(change.kind, Unset):
        fields["kind"] = str(change.kind)
        if change.kind is Kind.WILD_TRACK and not wild and isinstance(change.slate, Unset):
            fields |= {"back_slate": row.maybe_text("slate"), "back_scene": row.maybe_text("scene")}
            scene = row.text("scene") if isinstance(change.scene, Unset) else check_label(change.scene, "scene")
            if not scene:
                raise RefusedError("The board has no scene yet that a wild track could belong to; set one first.")
            stem = slating(tx, unit).prefix + scene
            return fields | {"scene": scene, "slate": check_label(f"{stem}{SOUND_ONLY}")}
        if wild and change.kind is not Kind.WILD_TRACK:
            fields |= _back(row)
        elif change.kind is Kind.WILD_TRACK and not wild and episode == row.maybe_text("episode"):
            fields |= {"back_slate": row.maybe_text("slate"), "back_scene": row.maybe_text("scene")}
    if not isinstance(change.slate, Unset):
        slate = new_label(change.slate)
        fields |= {"slate": slate, "scene": scene_for(tx, slate, episode if isinstance(episode, str) else None, unit)}
    if not isinstance(change.scene, Unset):
        scene = check_label(change.scene, "scene")
        fields["scene"] = scene
        if isinstance(change.slate, Unset):
            fields["slate"] = new_label(first_setup(scene, slating(tx, unit), _taken(tx, unit, episode, scene)))
    return fields


def _back(row: Row) -> dict[str, Value]:
    """After a wild track the board shows the setup that stood there before."""
    return {
        "slate": row.maybe_text("back_slate"),
        "scene": row.maybe_text("back_scene"),
        "back_slate": None,
        "back_scene": None,
    }


def _refuse_used_number(tx: Transaction, row: Row, fields: dict[str, Value]) -> None:
    number = fields.get("take")
    if not isinstance(number, str):
        return
    slate, episode = fields.get("slate", row.text("slate")), fields.get("episode", row.maybe_text("episode"))
    free = not false_starts_count(tx)
    for take in tx.find("take", {"slate": slate}):
        if free and take.text("kind") == Kind.FALSE_START:
            continue  # its number is given again, and it then gets the suffix
        if take.maybe_text("episode") == episode and sort_key(take.text("take")) == sort_key(number):
            shown = safe_text(take.text("slate") + "/" + number)
            raise RefusedError(f"{shown} is in the log already.", take.id)


def _set_cameras(tx: Transaction, unit: str, change: Next) -> None:
    wanted: dict[str, dict[str, Value]] = {}
    if not isinstance(change.cameras, Unset):
        for camera, in_next in change.cameras.items():
            wanted.setdefault(camera, {})["in_next"] = int(in_next)
    if not isinstance(change.rolls, Unset):
        for camera, roll in change.rolls.items():
            wanted.setdefault(camera, {})["roll"] = check_label(roll, "roll")
    for camera, told in wanted.items():
        camera = check_label(camera, "camera")
        known = tx.get("board_camera", camera_id(unit, camera))
        fields: dict[str, Value] = {"unit": unit, "camera": camera, "deleted": 0}
        if known is None or known.flag("deleted"):
            fields["in_next"] = 1
        tx.add("board_camera", fields | told, camera_id(unit, camera))
        loaded = told.get("roll")
        if isinstance(loaded, str):
            rolls.loaded(tx, unit, camera, loaded)


def unload(tx: Transaction, unit: str, device: str, label: str) -> None:
    """The board shows no roll any more where this one was."""
    row = tx.get("board", board_id(unit))
    if device == rolls.SOUND and row is not None and row.text("sound_roll") == label:
        tx.set("board", row.id, {"sound_roll": None})
    for camera in cameras(tx, unit):
        if camera.text("camera") == device and camera.text("roll") == label:
            tx.set("board_camera", camera.id, {"roll": None})


def check_unit(tx: Transaction, unit: str) -> None:
    """Refuse a unit that the production does not have."""
    names = [row.text("name") for row in tx.find("unit", {})]
    if unit not in names:
        raise RefusedError(f'There is no unit "{safe_text(unit)}"; there is {safe_text(", ".join(names))}.')


def advance(tx: Transaction, unit: str) -> None:
    """The next setup by the production's slating."""
    now = proposed(tx, unit)
    row = tx.get("board", board_id(unit))
    slate, scene = now.slate, now.scene
    if row is not None and now.kind is Kind.WILD_TRACK and row.maybe_text("back_slate"):
        slate, scene = row.text("back_slate"), row.text("back_scene")
    if not slate:
        raise RefusedError("The board has no slate yet to go on from; set a scene or a slate first.")
    following = next_setup(slate, scene, slating(tx, unit), _taken(tx, unit, now.episode, scene))
    set_next(tx, unit, Next(scene=scene, slate=following, kind=Kind.NORMAL))


def _taken(tx: Transaction, unit: str, episode: Value, scene: str) -> list[str]:
    """Slates in use, those on other units' boards included: EU numbers run through the production, US letters through
    an episode. A setup that no take and no word is left of (an added take that was undone) is as free as it was.
    """
    system = slating(tx, unit).system
    everywhere = system == "eu"
    of_scene = "".join(scene.split()).upper().lstrip("0") if system == "us" else ""
    shot = [row for row in tx.find("setup", {}) if everywhere or row.maybe_text("episode") == episode]
    boards = [row for row in tx.find("board", {}) if row.text("unit") != unit]
    here = [row for row in boards if everywhere or row.maybe_text("episode") == episode]
    # Only slates with the scene's number in them can be proposed in US slating; asking after all takes 45 ms at 2,000.
    near = [row for row in shot if of_scene in "".join(row.text("slate").split()).upper()]
    return [row.text("slate") for row in (*filter(lambda row: _in_use(tx, row), near), *here) if row.text("slate")]


def _in_use(tx: Transaction, setup: Row) -> bool:
    if any(setup.fields.get(name) not in (None, "", 0) for name in SETUP_FIELDS):
        return True
    of_slate = {"episode": setup.maybe_text("episode"), "slate": setup.text("slate")}
    return tx.newest("take", of_slate) is not None or tx.newest("camera_setup", {"setup": setup.id}) is not None


def scene_for(tx: Transaction, slate: str, episode: str | None, unit: str | None = None) -> str:
    """The scene a slate belongs to: as its setup says, else read from the label by the slating system.

    Args:
        tx: the edit.
        slate: as it was written, with or without a unit's prefix.
        episode: it belongs to.
        unit: whose board tells the scene of a running number, which says nothing of it.
    """
    for row in tx.find("setup", {"slate": slate}):
        if row.maybe_text("episode") == episode:
            return row.text("scene")
    scenes = [row.text("number") for row in tx.find("scene", {}) if row.maybe_text("episode") == episode]
    prefixes = [row.text("slate_prefix") for row in tx.find("unit", {})]
    if slating(tx, unit or "").system == "eu" and "/" not in slate:
        shown = tx.get("board", board_id(unit)) if unit else None
        if shown is not None and shown.text("scene"):
            return shown.text("scene")
    # A scene of the script that is called X42 comes before a second unit's slates of scene 42.
    readings = [scene_of(slate, scenes), *(scene_of(slate, scenes, prefix) for prefix in prefixes if prefix)]
    return next((scene for scene in readings if scene in scenes), min(readings, key=len))


def ensure_setup(tx: Transaction, episode: str | None, scene: str, slate: str) -> str:
    """The id of the setup of that slate, made where there is none."""
    for row in tx.find("setup", {"slate": slate}):
        if row.maybe_text("episode") == episode:
            return row.id
    fields = {"episode": episode, "scene": scene, "slate": slate}
    setup_id = derived_id("setup", episode or "", slate).hex()
    if tx.get("setup", setup_id) is not None:  # it was given another slate since, or deleted, and this is a new one
        setup_id = new_id(tx.wall_ns).hex()
    return tx.add("setup", fields, setup_id)


def after_roll(tx: Transaction, unit: str) -> None:
    """Take off what holds for one take; after a wild track the setup before it comes back."""
    row = tx.get("board", board_id(unit))
    if row is None:
        return
    fields: dict[str, Value] = {"take": None, "kind": str(Kind.NORMAL), "mos": 0, "tail_slate": 0}
    if row.text("kind") == Kind.WILD_TRACK and row.maybe_text("back_slate"):
        fields |= _back(row)
    tx.set("board", board_id(unit), fields)
