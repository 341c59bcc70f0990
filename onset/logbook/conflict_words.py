"""A conflict in words: what it is about, and what each seat said. Screens and the command line say it alike."""

from __future__ import annotations

from collections.abc import Sequence

from onset.logbook.fields import field_name, value_words
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
    return safe_text(f"{whose} {field_name(conflict.entity, conflict.field)}")


def said(conflict: Conflict, number: int) -> str:
    """What one of its values is, safe to show; an empty one says so."""
    return value_words(conflict.entity, conflict.field, conflict.values[number])


def initial(name: str) -> str:
    r"""The one letter that stands for a seat or a person where there is no room for more.

    >>> initial("maya, script"), initial("  "), initial("\x1b")
    ('M', '?', '?')
    """
    first = safe_text(name.strip())[:1].upper()
    return first if first.isalnum() else "?"


def initials(seats: Sequence[str]) -> tuple[str, ...]:
    """What stands for each of several seats: its letter; of those that share it also what tells them apart.

    >>> initials(["maya, script", "Ben, dit"]), initials(["maya, script", "maya, dit"])
    (('M', 'B'), ('Ms', 'Md'))
    >>> initials(["maya, script", "maya, sound"]), initials(["maya, script", "max, script"])
    (('Msc', 'Mso'), ('maya', 'max'))
    """
    marks = {seat: _marks(seat) for seat in seats}

    def mark_of(seat: str) -> str:
        others = [each for other, each in marks.items() if other != seat]
        own = enumerate(marks[seat])
        return next((mark for at, mark in own if all(each[at] != mark for each in others)), safe_text(seat))

    return tuple(map(mark_of, seats))


def _marks(seat: str) -> Sequence[str]:
    """What could stand for a seat, shortest first."""
    whole = safe_text(seat)
    name, _, role = whole.partition(",")
    return [initial(seat) + role.strip()[:more].lower() for more in range(4)] + [name.strip(), whole]
