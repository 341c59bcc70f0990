"""Continuity as a person reads it, in 80 columns. `log.py` makes every line safe before it is printed."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from onset.domain.continuity import Continuity
from onset.domain.still import Still
from onset.text import safe_text

_WIDTH = 80
_NAMES = {"wardrobe": "wardrobe", "hair_makeup": "hair, make-up", "props": "props", "action": "action", "note": "note"}
_INDENT = 17


def look_lines(entry: Continuity) -> list[str]:
    """One entry; where it is only carried over, that is said first."""
    day = f" ({entry.story_day})" if entry.story_day else ""
    if entry.id is None:
        head = f"{entry.character} in scene {entry.scene}{day}: nothing written; as in scene {entry.carried_from}:"
    else:
        head = f"{entry.character} in scene {entry.scene}{day}:"
    return [head, *_said(entry)]


def carried_line(entry: Continuity) -> str:
    """What a new entry took over."""
    names = ", ".join(_NAMES[name] for name in entry.carried)
    return f"  ({names} as in scene {entry.carried_from})"


def page_lines(entries: Sequence[Continuity]) -> list[str]:
    """Entries of a page or more, a heading wherever another page begins."""
    if not entries:
        return ["No continuity."]
    lines: list[str] = []
    page = None
    for entry in entries:
        if page != (entry.character, entry.story_day):
            page = entry.character, entry.story_day
            lines.append(f"{entry.character}, {entry.story_day or 'no story day'}")
        lines.append(f" scene {entry.scene}")
        lines += _said(entry)
    return lines


def _said(entry: Continuity) -> list[str]:
    lines: list[str] = []
    said = [(_NAMES[name], value) for name, value in entry.looks.items()]
    for name, value in (*said, *(("still", _still(still)) for still in entry.stills)):
        if value:
            wrapped = textwrap.wrap(safe_text(value), _WIDTH - _INDENT) or [""]
            lines.append(f"  {name:<{_INDENT - 2}}{wrapped[0]}")
            lines += [" " * _INDENT + line for line in wrapped[1:]]
    return lines


def _still(still: Still) -> str:
    return f"{still.path}{f', {still.caption}' if still.caption else ''}"
