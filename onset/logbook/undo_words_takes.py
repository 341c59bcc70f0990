"""Which takes an undo or a redo concerns, what they are called, and words for what it did to labels and judgements."""

from __future__ import annotations

from collections.abc import Sequence

from onset.changes import Value
from onset.domain.take import Status
from onset.logbook import days
from onset.logbook.engine import PastChange, Row, Transaction
from onset.logbook.entities import FIELDS, Type
from onset.logbook.takes import label
from onset.logbook.timing import with_fields
from onset.text import safe_text

_OWNED = frozenset(entity for entity, fields in FIELDS.items() if "take" in fields and fields["take"].type is Type.REF)
_OF_A_TAKE = frozenset(("take", "note", "tag", "rating", "angle", "sound_take", "run"))
_SAID = {Status.CIRCLED: "circled", Status.HOLD: "on hold", Status.NG: "no good"}


def takes_of(tx: Transaction, changes: Sequence[PastChange]) -> list[Row]:
    """The takes that an edit was about, in the order in which it changed them."""
    first = take_of(tx, changes)
    if first is None or any(change.entity in ("link", "explanation") for change in changes):
        return [first] if first else []
    found = {first.id: first}
    for change in changes:
        row = tx.get(change.entity, change.entity_id) if change.entity in _OF_A_TAKE else None
        take = row if change.entity == "take" else tx.get("take", row.text("take")) if row else None
        if take is not None:
            found[take.id] = take
    return list(found.values())


def take_of(tx: Transaction, changes: Sequence[PastChange]) -> Row | None:
    for change in changes:
        if change.entity == "take":
            return tx.get("take", change.entity_id)
    things = dict.fromkeys((change.entity, change.entity_id) for change in changes if change.entity in _OWNED)
    for entity, entity_id in things:
        row = tx.get(entity, entity_id)
        owner = row.maybe_text("take") if row else None
        if owner:
            return tx.get("take", owner)
    return None


def names(takes: Sequence[Row]) -> str:
    """`42C/3`, `3 takes of 42C`, `5 takes`."""
    if len(takes) < 2:
        return "".join(map(label, takes))
    slates = {take.text("slate") for take in takes}
    return f"{len(takes)} takes{f' of {safe_text(slates.pop())}' if len(slates) == 1 else ''}"


def relabelled(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`43A/1 is 42C/3 again`, `42C/3 and 42C/4 swapped back`; empty where no label changes."""
    after: dict[str, dict[str, Value]] = {}
    for change in changes:
        if change.entity == "take" and not change.created and change.field in ("slate", "take"):
            after.setdefault(change.entity_id, {})[change.field] = target(change, back)
    found = [(row, with_fields(row, fields)) for take_id, fields in after.items() if (row := tx.get("take", take_id))]
    if not found:
        return ""
    now, then = {label(row) for row, _ in found}, {label(row) for _, row in found}
    if now == then:
        return f"{' and '.join(label(row) for row, _ in found)} swapped {'back' if back else 'again'}"
    if len(found) == 1:
        return f"{now.pop()} is {then.pop()} again"
    slates = sorted({safe_text(row.text("slate")) for _, row in found})
    return f"{names([row for row, _ in found])} are in {' and '.join(slates)} again"


def moved_in_time(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`42C/3 is at 17:05:00 again`; empty where no take was moved as a whole, roll and cut."""
    found: dict[str, int] = {}
    cut = {change.entity_id for change in changes if is_field(change, "take", "cut_ns") and not change.created}
    for change in changes:
        value = target(change, back)
        if is_field(change, "take", "rolled_ns") and change.entity_id in cut and isinstance(value, int):
            found[change.entity_id] = value
    rows = [row for take_id in found if (row := tx.get("take", take_id))]
    if len(rows) == 1:
        return f"{label(rows[0])} is at {days.time_on(tx, rows[0], found[rows[0].id], seconds=True)} again"
    return f"{names(rows)} are {'where they were' if back else 'moved in time again'}" if rows else ""


def judged(changes: Sequence[PastChange], name: str, back: bool) -> str:
    said = {str(status): words for status, words in _SAID.items()}
    before = changes[0].new if back else changes[0].old
    now = {target(change, back) for change in changes}
    if len(now) == 1 and (words := said.get(str(*now))):
        return f"{name} {words}"
    return f"{name} no longer {said.get(str(before), 'marked')}"


def tagged(tx: Transaction, changes: Sequence[PastChange], back: bool) -> str:
    """`no longer tagged "stunt", "rain"; tagged "sun"`: each word once, whatever the number of takes."""
    said: dict[str, dict[str, None]] = {"no longer tagged": {}, "tagged": {}}
    for change in changes:
        row = tx.get("tag", change.entity_id) if change.entity == "tag" and change.field != "place" else None
        if row is not None:
            off = back if change.created else target(change, back) == 1
            said["no longer tagged" if off else "tagged"][f'"{safe_text(row.text("tag"))}"'] = None
    return "; ".join(f"{how} {', '.join(words)}" for how, words in said.items() if words)


def rating_after(tx: Transaction, own: Sequence[PastChange], back: bool) -> str | None:
    """What a rating is after these changes, all of them its own; None: that voter says nothing."""
    if any((change.created and back) or (change.field == "deleted" and target(change, back) == 1) for change in own):
        return None
    row = tx.get("rating", own[0].entity_id) or Row(own[0].entity_id, 0, {})
    said = next((target(change, back) for change in own if change.field == "value"), row.maybe_text("value"))
    return str(said) if said else None


def rated_alike(tx: Transaction, changes: Sequence[PastChange], back: bool) -> bool:
    """Whether all ratings of an edit are the same afterwards."""
    ratings: dict[str, list[PastChange]] = {}
    for change in changes:
        if change.entity == "rating":
            ratings.setdefault(change.entity_id, []).append(change)
    return len({rating_after(tx, own, back) for own in ratings.values()}) < 2


def target(change: PastChange, back: bool) -> Value:
    return change.old if back else change.new


def is_field(change: PastChange, entity: str, field: str) -> bool:
    return change.entity == entity and change.field == field
