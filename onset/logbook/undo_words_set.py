"""Words for an undo or a redo of what is said of the production, its people, units, episodes, days and rolls."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from onset.logbook import days
from onset.logbook.engine import PastChange, Row, Transaction
from onset.logbook.undo_words import contested, turns
from onset.logbook.undo_words_takes import is_field, target
from onset.text import safe_text

_NAMED: dict[str, Callable[[Row], str]] = {
    "production": lambda _: "the production",
    "person": lambda row: row.text("name"),
    "unit": lambda row: f"unit {row.text('name')}",
    "day": lambda row: f"day {row.number('number')}",
    "day_stamp": lambda row: f"{row.text('what')} of day {row.number('day')}",
    "jam": lambda row: f"jam of {row.text('device')} on day {row.number('day')}",
    "episode": lambda row: f"episode {row.text('number')}",
    "issue": lambda row: f"revision {row.number('revision')} of the {row.text('report')} report",
}


def sentence(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """The words; empty where the edit is of another department."""
    if any(change.entity in ("roll", "card") for change in changes):
        return _of_rolls(tx, changes, back)
    for change in changes:
        if change.entity in _NAMED and turns(change):
            row = tx.get(change.entity, change.entity_id) or Row(change.entity_id, 0, {})
            more = len({one.entity_id for one in changes if one.entity == change.entity == "issue"}) - 1
            return _of_thing(tx, change, row, back) + (f", and {more} more likewise" if more > 0 else "")
    return ""


def _of_thing(tx: Transaction, change: PastChange, row: Row, back: bool) -> str:
    name = safe_text(_NAMED[change.entity](row))
    if change.beside:
        return contested(change, name, back)
    if change.created or is_field(change, change.entity, "deleted"):
        gone = back if change.created else target(change, back) == 1
        return f"{name} taken out again" if gone else f"{name} is in again"
    value = target(change, back)
    again = " again" if back else ""
    if change.field == "wrapped_ns":
        return f"{name} {'is open' if value is None else 'has ended'}{again}"
    if change.field == "wall_ns" and isinstance(value, int):
        return f"{name} is at {days.time_on(tx, row, value)}{again}"
    shown = "empty" if value is None else f'"{safe_text(str(value))}"'
    return f"{name}: {change.field.replace('_', ' ')} is {shown}{again}"


def _of_rolls(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`A015 taken out again; A014 is loaded again`; empty for an edit that says more of the board than its rolls."""
    if any(change.entity == "board" and change.field not in ("unit", "sound_roll") for change in changes):
        return ""
    kind = "roll" if any(change.entity == "roll" for change in changes) else "card"
    said = []
    for entity_id in dict.fromkeys(change.entity_id for change in changes if change.entity == kind):
        own = {change.field: change for change in changes if change.entity_id == entity_id}
        row = tx.get(kind, entity_id) or Row(entity_id, 0, {})
        said.append(_of_roll(safe_text(row.text("label")), own, back))
    return "; ".join(said)


def _of_roll(name: str, changes: Mapping[str, PastChange], back: bool) -> str:
    again = " again" if back else ""
    first = next(iter(changes.values()))
    if first.created:
        return f"{name} taken out{again}" if back else f"{name} is loaded again"
    for change in changes.values():
        if change.beside:
            return contested(change, name, back)
    for field in ("day", "state"):
        if field in changes:
            now = str(target(changes[field], back))
            return f"{name} is {'on day ' * (field == 'day')}{now}{again}"
    value = target(first, back)
    shown = "empty" if value is None else f'"{safe_text(str(value))}"'
    return f"{name}: {first.field.replace('_', ' ')} is {shown}{again}"
