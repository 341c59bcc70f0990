"""Words for what an undo or a redo did to the script, to what is planned of it, and to what is credited and owed."""

from __future__ import annotations

from collections.abc import Sequence

from onset.changes import Value
from onset.domain.measures import in_eighths
from onset.domain.scene import scene_label
from onset.logbook.engine import PastChange, Row, Transaction
from onset.logbook.entities import FIELDS
from onset.logbook.fields import written
from onset.logbook.takes import label
from onset.text import safe_text

_NAMED = 12  # scenes or days in one sentence


def scene_name(row: Row) -> str:
    """`scene 42`."""
    return _scene(row, "number")


def _scene(row: Row, number: str) -> str:
    return f"scene {safe_text(scene_label(row.text(number), row.maybe_text('episode')))}"


def setup_name(row: Row) -> str:
    """`slate 42C`, or the working name of a planned one."""
    return f"slate {safe_text(row.text('slate'))}" if row.text("slate") else f'planned setup "{_working_name(row)}"'


def _working_name(row: Row) -> str:
    return safe_text(row.text("name"))


def note_about(tx: Transaction, note: Row) -> str:
    """What a note is about that is on no take."""
    setup, scene = tx.get("setup", note.text("setup")), tx.get("scene", note.text("scene"))
    return setup_name(setup) if setup else scene_name(scene) if scene else safe_text(note.text("tc"))


def _of(tx: Transaction, change: PastChange) -> Row:
    return tx.get(change.entity, change.entity_id) or Row(change.entity_id, 0, {})


def _gone(change: PastChange, changes: Sequence[PastChange], back: bool) -> bool:
    """Whether the thing is deleted once the edit is taken back, or done again."""
    own = [one for one in changes if one.entity_id == change.entity_id]
    if change.created:
        return back
    return any(one.field == "deleted" and (one.old if back else one.new) == 1 for one in own)


def _value(field: str, row: Row, changes: Sequence[PastChange], back: bool) -> Value:
    """What the field will hold."""
    for change in changes:
        if change.entity_id == row.id and change.field == field and not change.created:
            return change.old if back else change.new
    return row.fields.get(field)


def _credited(tx: Transaction, change: PastChange, changes: Sequence[PastChange], back: bool) -> str:
    """`scene 42 part on day 3 again, 1 2/8 pages`."""
    row = _of(tx, change)
    where = _scene(row, "number")
    if _gone(change, changes, back):
        return f"{where} no longer credited on day {row.number('day')}"
    state = safe_text(str(_value("state", row, changes, back)))
    eighths = _value("eighths", row, changes, back)
    pages = f", {in_eighths(eighths)} pages" if isinstance(eighths, int) else ""
    return f"{where} {state} on day {row.number('day')}{' again' * back}{pages}"


def _planned(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`scene 42, scene 43 no longer planned for day 3`."""
    plans = [change for change in changes if change.entity == "plan"]
    on_or_off = [change for change in plans if change.created or change.field == "deleted"] or plans
    rows = [_of(tx, change) for change in {change.entity_id: change for change in on_or_off}.values()]
    days = sorted({row.number("day") for row in rows})
    mixed = len({_gone(change, changes, back) for change in on_or_off}) > 1
    if len(days) > 1 or len(rows) > _NAMED or mixed:
        return f"schedule of day{'s' * (len(days) > 1)} {_listed(days)} {'as it was before' if back else 'is in again'}"
    scenes = ", ".join(_scene(row, "scene") for row in rows)
    first, day = on_or_off[0], rows[0].number("day")
    if not first.created and first.field == "eighths":
        eighths = _value("eighths", rows[0], changes, back)
        return f"{in_eighths(eighths) if isinstance(eighths, int) else 'all'} of {scenes} planned for day {day}"
    again = "are again" if len(rows) > 1 else "is again"
    return f"{scenes} {'no longer' if _gone(first, changes, back) else again} planned for day {day}"


def _listed(days: Sequence[int]) -> str:
    shown = ", ".join(map(str, days[:_NAMED]))
    return f"{shown} and {len(days) - _NAMED} more" if len(days) > _NAMED else shown


def _owed(tx: Transaction, change: PastChange, changes: Sequence[PastChange], back: bool) -> str:
    row = _of(tx, change)
    what = f'"{safe_text(row.text("text"))}" for {_scene(row, "scene")}'
    if _gone(change, changes, back):
        return f"{what} no longer owed"
    taken = _value("shot", row, changes, back)
    take = tx.get("take", str(taken)) if taken else None
    if take is not None:
        return f"{what} settled by {label(take)}"
    return f"{what} {'dropped' if _value('dropped', row, changes, back) == 1 else 'is owed again'}"


def _balanced(tx: Transaction, change: PastChange, changes: Sequence[PastChange], back: bool) -> str:
    unit = safe_text(_of(tx, change).text("unit"))
    if _gone(change, changes, back):
        return f"opening balance of unit {unit} taken back"
    said = [one for one in changes if one.entity == "balance" and FIELDS["balance"][one.field].open]
    if change.created or not said:
        return f"opening balance of unit {unit} is in again"
    value = said[0].old if back else said[0].new
    shown = "empty" if value is None else written(FIELDS["balance"][said[0].field], value)
    return f"opening balance of unit {unit}: {said[0].field} is {safe_text(shown)}{' again' * back}"


def script_sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """The words; empty where the changes concern none of these."""
    if changes and all(change.entity in ("scene", "seat") for change in changes):
        row = tx.get("scene", changes[0].entity_id)
        if row is not None and changes[0].created:
            return f"{scene_name(row)} {'taken out again' if back else 'is in again'}"
    for change in changes:
        match change.entity:
            case "scene" if change.field == "version" and not change.created:  # a version that was there before
                version = tx.get("script_version", str(change.new))
                name = safe_text(version.text("name")) if version is not None else "?"
                return f'script "{name}" {"taken out again" if back else "is in again"}'
            case "script_version":
                name = safe_text(_of(tx, change).text("name"))
                return f'script "{name}" {"taken out again" if back else "is in again"}'
            case "credit":
                return _credited(tx, change, changes, back)
            case "plan":
                return _planned(tx, changes, back)
            case "owed":
                return _owed(tx, change, changes, back)
            case "balance":
                return _balanced(tx, change, changes, back)
            case "setup" if (
                len(planned := {one.entity_id for one in changes if one.entity == "setup" and one.created}) > 1
            ):
                return f"{len(planned)} setups {'no longer' if back else 'are again'} planned"
            case "setup":
                said = _plan_of_a_setup(tx, change, changes, back)
                if said:
                    return said
    return ""


def _plan_of_a_setup(tx: Transaction, change: PastChange, changes: Sequence[PastChange], back: bool) -> str:
    """A setup was planned, or its plan was given a slate: a new one, or one that had takes already."""
    row = _of(tx, change)
    if change.created:
        name = change.new if change.field == "name" else None
        return f'setup "{safe_text(str(name))}" {"no longer" if back else "is again"} planned' if name else ""
    if change.field == "slate":
        slate = safe_text(str(change.new))
        return f'"{_working_name(row)}" {"has no slate again" if back else f"is slate {slate}"}'
    if change.field == "deleted":
        other = next((one for one in changes if one.entity == "setup" and one.entity_id != change.entity_id), None)
        shot = tx.get("setup", other.entity_id) if other else None
        slate = safe_text(shot.text("slate")) if shot else ""
        return f'"{_working_name(row)}" {"has no slate again" if back else f"is slate {slate}"}'
    return ""
