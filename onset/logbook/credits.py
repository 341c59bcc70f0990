"""What a person credits of a scene on a day, what is planned for a day, and opening balances."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from onset.changes import Value, derived_id
from onset.domain.credit import Scheduled
from onset.domain.scene import Coverage, scene_label
from onset.errors import RefusedError
from onset.logbook import days
from onset.logbook.engine import Row, Transaction
from onset.logbook.fields import checked_fields, fitting
from onset.logbook.scenes import known_scene
from onset.text import safe_text

SceneName = tuple[str, str | None]  # number and episode


def day_for(tx: Transaction, unit: str, day: int | None) -> int:
    """The day that is meant: as said, else the newest of the unit.

    Raises:
        RefusedError: the unit has not opened that day, or none.
    """
    if day is not None:
        return days.opened(tx, unit, day)
    newest = days.newest(tx, unit)
    if newest is None:
        raise RefusedError(f"Unit {safe_text(unit)} has no shooting day yet; the first roll opens it.")
    return newest.number("number")


def credit(
    tx: Transaction,
    number: str,
    state: Coverage,
    *,
    episode: str | None,
    unit: str,
    day: int | None,
    eighths: int | None,
    seconds: int | None,
    note: str | None,
) -> str:
    """Credit a scene on a day, in place of what was credited of it on that day; returns the credit's id."""
    scene = known_scene(tx, number, episode=episode)
    if state is Coverage.NOT_STARTED and (eighths or seconds):
        raise RefusedError(f"{_shown(scene)} cannot be not started with pages or time credited; say part.")
    said: dict[str, Value] = {"state": str(state), "eighths": eighths, "seconds": seconds, "note": note or None}
    day = day_for(tx, unit, day)
    credit_id = _credit_id(scene.id, unit, day)
    identity: dict[str, Value] = {"scene": scene.id, "episode": scene.maybe_text("episode"), "unit": unit, "day": day}
    tx.add("credit", identity | {"number": scene.text("number"), "deleted": 0}, credit_id)
    written: dict[str, Value] = {"author": tx.author, "wall_ns": tx.wall_ns}
    tx.set("credit", credit_id, checked_fields("credit", said) | written)
    return credit_id


def take_off(tx: Transaction, number: str, *, episode: str | None, unit: str, day: int | None) -> None:
    """Nothing was credited of the scene on that day."""
    scene = known_scene(tx, number, episode=episode)
    day = day_for(tx, unit, day)
    row = tx.get("credit", _credit_id(scene.id, unit, day))
    if row is None or row.flag("deleted"):
        raise RefusedError(f"{_shown(scene)} is not credited on day {day}.")
    tx.set("credit", row.id, {"deleted": 1})


def _credit_id(scene_id: str, unit: str, day: int) -> str:
    """One row a scene and day: two seats that credit it meet in it, and the later word is a visible conflict."""
    return derived_id("credit", scene_id, unit, str(day)).hex()


def _shown(scene: Row) -> str:
    return f"Scene {safe_text(scene_label(scene.text('number'), scene.maybe_text('episode')))}"


def set_balance(tx: Transaction, fields: Mapping[str, Value], *, unit: str) -> str:
    """What the unit had shot before this log began; returns the balance's id."""
    balance_id = derived_id("balance", unit).hex()
    tx.add("balance", {"unit": unit, "deleted": 0}, balance_id)
    tx.set("balance", balance_id, checked_fields("balance", fields))
    return balance_id


def plan(tx: Transaction, day: int, scenes: Sequence[SceneName], *, unit: str, eighths: int | None) -> None:
    """Put scenes on a day's schedule, after those that are on it; `eighths` of them, where not all."""
    fitting("plan", {"day": day})
    there = tx.find("plan", {"unit": unit, "day": day})
    place = max((row.number("ordinal") for row in there), default=0)
    for number, episode in scenes:
        scene = known_scene(tx, number, episode=episode)
        plan_id = _plan_id(unit, day, scene)
        row = tx.get("plan", plan_id)
        if row is None or row.flag("deleted"):
            place += 1
            identity: dict[str, Value] = {"unit": unit, "day": day, "episode": scene.maybe_text("episode")}
            tx.add("plan", identity | {"scene": scene.text("number"), "ordinal": place, "deleted": 0}, plan_id)
        tx.set("plan", plan_id, checked_fields("plan", {"eighths": eighths}))


def take_schedule(tx: Transaction, rows: Sequence[Scheduled], *, unit: str) -> None:
    """The days of these rows hold these scenes in this order, and no others."""
    if not rows:
        raise RefusedError("This schedule has no scene on any day, so nothing of it was taken in.")
    places: dict[int, list[str]] = {}
    for one in rows:
        fitting("plan", {"day": one.day})
        scene = known_scene(tx, one.number, episode=one.episode)
        plan_id = _plan_id(unit, one.day, scene)
        places.setdefault(one.day, []).append(plan_id)
        identity: dict[str, Value] = {"unit": unit, "day": one.day, "episode": scene.maybe_text("episode")}
        said: dict[str, Value] = {"eighths": one.eighths, "note": one.note or None}
        place = {"ordinal": len(places[one.day]), "deleted": 0}
        fields = checked_fields("plan", said) | place
        tx.add("plan", identity | {"scene": scene.text("number")} | fields, plan_id)
        tx.set("plan", plan_id, fields)
    for day, there in places.items():
        for row in tx.find("plan", {"unit": unit, "day": day}):
            if row.id not in there:
                tx.set("plan", row.id, {"deleted": 1})


def take_off_plan(tx: Transaction, day: int, scenes: Sequence[SceneName], *, unit: str) -> None:
    """Take scenes off a day's schedule."""
    for number, episode in scenes:
        scene = known_scene(tx, number, episode=episode)
        row = tx.get("plan", _plan_id(unit, day, scene))
        if row is None or row.flag("deleted"):
            raise RefusedError(f"{_shown(scene)} is not planned for day {day}.")
        tx.set("plan", row.id, {"deleted": 1})


def _plan_id(unit: str, day: int, scene: Row) -> str:
    return derived_id("plan", unit, str(day), scene.id).hex()
