"""Words for an undo or a redo of what is said of the production, its people, units, episodes and days."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from onset.logbook import days
from onset.logbook.engine import PastChange, Row, Transaction
from onset.logbook.undo_words import is_field, target, turns
from onset.text import safe_text

_NAMED: dict[str, Callable[[Row], str]] = {
    "production": lambda _: "the production",
    "person": lambda row: row.text("name"),
    "unit": lambda row: f"unit {row.text('name')}",
    "day": lambda row: f"day {row.number('number')}",
    "day_stamp": lambda row: f"{row.text('what')} of day {row.number('day')}",
    "jam": lambda row: f"jam of {row.text('device')} on day {row.number('day')}",
    "episode": lambda row: f"episode {row.text('number')}",
}


def sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """The words; empty where the edit is of another department."""
    for change in changes:
        if change.entity in _NAMED and turns(change):
            row = tx.get(change.entity, change.entity_id) or Row(change.entity_id, 0, {})
            return _of_thing(tx, change, row, back)
    return ""


def _of_thing(tx: Transaction, change: PastChange, row: Row, back: bool) -> str:
    name = safe_text(_NAMED[change.entity](row))
    if change.created or is_field(change, change.entity, "deleted"):
        gone = back if change.created else target(change, back) == 1
        return f"{name} taken out again" if gone else f"{name} is in again"
    value = target(change, back)
    again = " again" if back else ""
    if change.field == "wall_ns" and isinstance(value, int):
        return f"{name} is at {days.time_on(tx, row, value)}{again}"
    shown = "empty" if value is None else f'"{safe_text(str(value))}"'
    return f"{name}: {change.field.replace('_', ' ')} is {shown}{again}"
