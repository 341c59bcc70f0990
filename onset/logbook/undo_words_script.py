"""Words for what an undo or a redo did to the script, to what is planned of it, and to what is credited and owed."""

from __future__ import annotations

from collections.abc import Sequence

from onset.domain.scene import scene_label
from onset.logbook.engine import PastChange, Row, Transaction
from onset.text import safe_text


def scene_name(row: Row) -> str:
    """`scene 42`."""
    return f"scene {safe_text(scene_label(row.text('number'), row.maybe_text('episode')))}"


def setup_name(row: Row) -> str:
    """`slate 42C`, or the working name of a planned one."""
    return f"slate {safe_text(row.text('slate'))}" if row.text("slate") else f'planned setup "{_working_name(row)}"'


def _working_name(row: Row) -> str:
    return safe_text(row.text("name"))


def script_sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """The words; empty where the changes concern none of these."""
    if changes and all(change.entity in ("scene", "seat") for change in changes):
        row = tx.get("scene", changes[0].entity_id)
        if row is not None and changes[0].created:
            return f"{scene_name(row)} {'taken out again' if back else 'is in again'}"
    for change in changes:
        row = tx.get(change.entity, change.entity_id)
        if row is not None and change.entity == "setup":
            said = _plan_of_a_setup(tx, row, change, changes, back)
            if said:
                return said
    return ""


def _plan_of_a_setup(tx: Transaction, row: Row, change: PastChange, changes: Sequence[PastChange], back: bool) -> str:
    """A setup was planned, or its plan was given a slate: a new one, or one that had takes already."""
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
