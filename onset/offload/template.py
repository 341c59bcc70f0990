"""Folder templates of named targets: `{production}/{date}_day{day}/{camera}/{roll}`.

Used by `onset offload --to`. What is not known stays out of the path, no value may lead out of the target, and every
name is legal on every file system, because a shuttle drive goes on to machines that nobody here knows.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

from onset.offload.names import clean_name
from onset.offload.place import COUNTER

_FIELD = re.compile(r"\{([a-z]+)\}")
_UNFIT = re.compile(r'[\\/:*?"<>|{}\x00-\x1f]')  # in a value: braces too, which would be a field
_OF_CARD = ("roll", "card", "camera")  # cards that differ in these are counted together
_ANY, _NUMBER = "\ue000", "\ue001"  # stand for what a pattern leaves open until the name around them is clean


def fill(template: str, production: str, label: str, wall_ns: int, more: Mapping[str, str] | None = None) -> str:
    """The folder for a card. `{counter}` stays in it: which number is free is seen on the target (`place.py`).

    Args:
        template: names between slashes, fields in braces.
        production: its title.
        label: the card's, which stands for {roll} and {card}; its leading letter for {camera}.
        wall_ns: now, for {date} where `more` has none: the date on this machine's calendar.
        more: other fields, such as `day`, `unit` and the shooting day's `date`.

    >>> fill("{production}/{date}_day{day}/{camera}/{roll}", "Harbour: Lights", "A014", 0, {"day": "3"})
    'Harbour_ Lights/1970-01-01_day3/A/A014'
    >>> fill("{unit}/{counter}_{roll}", "x", "../A1", 0)
    '{counter}_.._A1'
    """
    values = _values(production, label, wall_ns, more or {})
    parts = [_FIELD.sub(lambda match: values.get(match[1], ""), part) for part in template.split("/")]
    return "/".join(name for part in parts if (name := clean_name(part)))


def counted(template: str, production: str, label: str, wall_ns: int, more: Mapping[str, str] | None = None) -> str:
    r"""A pattern of the names that `{counter}` counts: those of its folder, whichever card they are of.

    Returns:
        A regular expression with the number as its only group; empty where the template counts nothing.

    >>> counted("{production}/day{day}_{counter}_{roll}", "Harbour", "A014", 0, {"day": "3"})
    'day3_(\\d+)_.*'
    """
    part = next((part for part in template.split("/") if COUNTER in part), None)
    if part is None:
        return ""
    values = _values(production, label, wall_ns, more or {}) | dict.fromkeys(_OF_CARD, _ANY) | {"counter": _NUMBER}
    name = clean_name(_FIELD.sub(lambda match: values.get(match[1], ""), part))
    return re.escape(name).replace(_ANY, ".*").replace(_NUMBER, r"(\d+)")


def _values(production: str, label: str, wall_ns: int, more: Mapping[str, str]) -> dict[str, str]:
    today = datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC).astimezone()
    values = {
        "production": production,
        "date": today.strftime("%Y-%m-%d"),
        "roll": label,
        "card": label,
        "camera": label[:1] if label[:1].isalpha() else "",
        **more,
    }
    return {name: _UNFIT.sub("_", value) for name, value in values.items()} | {"counter": COUNTER}
