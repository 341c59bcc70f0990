"""A version of the script comes into the log, in one edit. What was shot and credited stays; nothing is deleted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from onset.changes import Value, derived_id
from onset.domain.script import SceneDiff, ScriptDiff, ScriptElement, ScriptScene, ScriptVersion
from onset.errors import RefusedError
from onset.logbook.engine import Row, Transaction
from onset.logbook.entities import FIELDS
from onset.logbook.fields import fitting, written
from onset.logbook.scenes import scene_key
from onset.slate import check_label
from onset.text import safe_text

_SAID = ("heading", "int_ext", "set", "time_of_day", "story_day", "pages")
_SHOWN = (*_SAID, "characters", "eighths", "estimate_s")
_SAME_TEXT = ("kind", "character", "text", "scene")


@dataclass(frozen=True, slots=True)
class _Elements:
    added: int = 0
    changed: int = 0
    gone: int = 0


def take_script(
    tx: Transaction, version: ScriptVersion, scenes: Sequence[ScriptScene], elements: Sequence[ScriptElement]
) -> ScriptDiff:
    """Write a version; see `onset.logbook.book_script.ScriptDepartment.take_script`."""
    episode = check_label(version.episode, "episode") if version.episode else None
    scenes = [replace(scene, number=check_label(scene.number, "scene")) for scene in scenes]
    _refuse_void(scenes, elements)
    known = {row.text("number"): row for row in tx.find("scene", {"episode": episode})}
    before = _keys_by_scene(tx, episode)
    version = _write_version(tx, version, episode)
    changed, restored, credited = [], [], []
    for place, scene in enumerate(scenes):
        row = known.get(scene.number)
        values = _values(scene, row) | {"ordinal": place}
        fields = () if row is None else _differences(row, values)
        if row is not None and row.flag("omitted") and not scene.omitted:
            restored.append(scene.number)
        if row is not None and fields:
            changed.append(SceneDiff(number=scene.number, fields=fields))
        _write_scene(tx, scene.number, episode, values | {"version": version.id})
    there = {scene.number for scene in scenes}
    gone = [row for number, row in known.items() if number not in there and _was_in_script(row)]
    gone.sort(key=lambda row: row.number("ordinal"))
    for row in gone:
        tx.set("scene", row.id, {"omitted": 1})
    added = [scene for scene in scenes if scene.number not in known]
    renumbered = _renumbered(added, gone, before, elements)
    for old, new in renumbered:
        tx.set("scene", scene_key(new, episode), {"predecessor": scene_key(old, episode)})
    old_numbers, new_numbers = {old for old, _ in renumbered}, {new for _, new in renumbered}
    newly_omitted = [scene.number for scene in scenes if scene.omitted and _stood(known.get(scene.number))]
    omitted = [*(row.text("number") for row in gone), *newly_omitted]
    for number in dict.fromkeys([*omitted, *(one.number for one in changed)]):
        if number in known and tx.find("credit", {"scene": known[number].id}):
            credited.append(number)
    counted = _write_elements(tx, version.id, episode, elements) if elements else _Elements()
    return ScriptDiff(
        version=version,
        added=tuple(scene.number for scene in added if scene.number not in new_numbers),
        omitted=tuple(number for number in omitted if number not in old_numbers),
        restored=tuple(restored),
        renumbered=tuple(renumbered),
        changed=tuple(changed),
        credited=tuple(credited),
        elements_added=counted.added,
        elements_changed=counted.changed,
        elements_gone=counted.gone,
    )


def _refuse_void(scenes: Sequence[ScriptScene], elements: Sequence[ScriptElement]) -> None:
    if not scenes:
        raise RefusedError("This script has no scenes, so nothing of it was taken in.")
    for what, names in (("scene", [one.number for one in scenes]), ("element", [one.key for one in elements])):
        seen: set[str] = set()
        for name in names:
            if name in seen:
                raise RefusedError(f"The script has {what} {safe_text(name)} twice; give one of them another number.")
            seen.add(name)
    numbers = {scene.number for scene in scenes}
    for one in elements:
        if one.scene not in numbers:
            raise RefusedError(f"The script has text of scene {safe_text(one.scene)}, but no such scene.")


def _write_version(tx: Transaction, version: ScriptVersion, episode: str | None) -> ScriptVersion:
    """A version is its file, whoever takes it in; one without a file is its name."""
    version_id = derived_id("script_version", episode or "", version.digest or version.name).hex()
    said = {name: getattr(version, name) or None for name in ("colour", "date", "file", "note", "digest")}
    fields = fitting("script_version", {"name": version.name.strip() or None, "episode": episode} | said)
    row = tx.get("script_version", version_id)
    wall_ns = row.number("wall_ns") if row and not row.flag("deleted") else tx.wall_ns
    tx.add("script_version", {**fields, "wall_ns": wall_ns}, version_id)
    tx.set("script_version", version_id, {"deleted": None})
    return replace(version, id=version_id, episode=episode, wall_ns=wall_ns)


def _values(scene: ScriptScene, row: Row | None) -> dict[str, Value]:
    """What the script says of the scene; an estimate of its length never takes the place of a count."""
    values: dict[str, Value] = {name: getattr(scene, name) for name in _SAID if getattr(scene, name)}
    if scene.characters:
        values["characters"] = json.dumps(scene.characters, ensure_ascii=False)
    counted = row is not None and row.maybe_number("eighths") is not None and not row.flag("eighths_estimated")
    if scene.eighths is not None and not (scene.eighths_estimated and counted):
        values |= {"eighths": scene.eighths, "eighths_estimated": 1 if scene.eighths_estimated else None}
    if scene.estimate_s is not None:
        values["estimate_s"] = scene.estimate_s
    return fitting("scene", values | {"omitted": 1 if scene.omitted else None})


def _differences(row: Row, values: Mapping[str, Value]) -> tuple[tuple[str, str, str], ...]:
    return tuple(
        (name, _shown(name, row.fields.get(name)), _shown(name, values[name]))
        for name in _SHOWN
        if name in values and row.fields.get(name) != values[name]
    )


def _shown(name: str, value: Value) -> str:
    return "" if value is None else written(FIELDS["scene"][name], value)


def _write_scene(tx: Transaction, number: str, episode: str | None, values: Mapping[str, Value]) -> None:
    scene_id = scene_key(number, episode)
    tx.add("scene", {"episode": episode, "number": number, **values}, scene_id)
    tx.set("scene", scene_id, {**values, "deleted": None})


def _was_in_script(row: Row) -> bool:
    """A scene that somebody typed in was never in a script, and no script omits it."""
    return row.maybe_text("version") is not None and not row.flag("omitted")


def _stood(row: Row | None) -> bool:
    return row is not None and not row.flag("omitted")


def _renumbered(
    added: Sequence[ScriptScene],
    gone: Sequence[Row],
    before: Mapping[str, set[str]],
    elements: Sequence[ScriptElement],
) -> list[tuple[str, str]]:
    """Pairs of old and new number: as the script says; else the same text, or the one scene of the same heading."""
    found: list[tuple[str, str]] = []
    left = {row.text("number"): row for row in gone}
    keys: dict[str, set[str]] = {}
    for element in elements:
        keys.setdefault(element.scene, set()).add(element.key)
    for scene in added:
        if scene.was in left:  # else it is still there, and this one was parted from it
            found.append((left.pop(scene.was).text("number"), scene.number))
    said = {new for _, new in found}
    for scene in added:
        if scene.number in said:
            continue
        own = keys.get(scene.number, set())
        alike = [number for number in left if _most(own & before.get(number, set()), own)]
        if not alike and not own:
            alike = [number for number, row in left.items() if row.text("heading") == scene.heading != ""]
            twins = [other for other in added if other.heading == scene.heading]
            alike = alike if len(twins) == 1 else []
        if len(alike) == 1:
            found.append((alike[0], scene.number))
            del left[alike[0]]
    return found


def _most(shared: set[str], own: set[str]) -> bool:
    return len(shared) * 2 > len(own)


def _keys_by_scene(tx: Transaction, episode: str | None) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    for row in tx.find("script_element", {"episode": episode}):
        found.setdefault(row.text("scene"), set()).add(row.text("key"))
    return found


def _write_elements(
    tx: Transaction, version_id: str, episode: str | None, elements: Sequence[ScriptElement]
) -> _Elements:
    """Elements keep their identity by their key; `version` is the one that last changed the text."""
    known = {row.text("key"): row for row in tx.find("script_element", {"episode": episode})}
    hidden = {row.text("key"): row for row in tx.find("script_element", {"episode": episode, "deleted": 1})}
    added = changed = 0
    places: dict[str, int] = {}
    for one in elements:
        place = places[one.scene] = places.get(one.scene, -1) + 1
        text: dict[str, Value] = {name: getattr(one, name) or None for name in _SAME_TEXT}
        where: dict[str, Value] = {"ordinal": place, "page": one.page or None, "line": one.line or None}
        values = fitting("script_element", text | where)
        row = known.get(one.key)
        if row is None:
            added += 1
            identity: dict[str, Value] = {"key": one.key, "episode": episode}
            element_id = derived_id("script_element", episode or "", one.key).hex()
            tx.add("script_element", fitting("script_element", identity) | values | {"version": version_id}, element_id)
            if one.key in hidden:
                tx.set("script_element", element_id, {"deleted": None})
            continue
        same = all(row.fields.get(name) == values[name] for name in _SAME_TEXT)
        changed += not same
        tx.set("script_element", row.id, values if same else values | {"version": version_id})
    there = {one.key for one in elements}
    gone = [row for key, row in known.items() if key not in there]
    for row in gone:
        tx.set("script_element", row.id, {"deleted": 1})
    return _Elements(added, changed, len(gone))
