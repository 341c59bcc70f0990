"""A conflict in words: what it is about, and what each seat said. Screens and the command line say it alike."""

from __future__ import annotations

from onset.changes import Value
from onset.logbook.entities import FIELDS
from onset.logbook.fields import written
from onset.logbook.terms import Conflict
from onset.text import safe_text


def conflict_name(conflict: Conflict) -> str:
    """`42C/3 status`, `angle B of 42C/3 roll`, `scene 42 heading`; safe to show."""
    take = conflict.take.label if conflict.take else ""
    thing = conflict.entity.replace("_", " ")
    if conflict.entity == "take":
        whose = take
    else:
        whose = f"{thing} {conflict.about}" if conflict.about else f"{take} {thing}".strip()
    return safe_text(f"{whose} {conflict.field}")


def said(conflict: Conflict, number: int) -> str:
    """What one of its values is, safe to show; an empty one says so."""
    value: Value = conflict.values[number]
    if value is None or value == "":
        return "empty"
    field = FIELDS.get(conflict.entity, {}).get(conflict.field)
    return safe_text(written(field, value) if field is not None else str(value))


def initial(name: str) -> str:
    r"""The one letter that stands for a seat or a person where there is no room for more.

    >>> initial("maya, script"), initial("  "), initial("\x1b")
    ('M', '?', '?')
    """
    first = safe_text(name.strip())[:1].upper()
    return first if first.isalnum() else "?"
