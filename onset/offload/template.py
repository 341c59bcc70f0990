"""Folder templates of named targets: `{production}/{date}_day{day}/{camera}/{roll}`.

Used by `onset offload --to`. What is not known stays out of the path, and no value may lead out of the target.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, datetime

_FIELD = re.compile(r"\{([a-z]+)\}")
_UNFIT = re.compile(r'[\\/:*?"<>|\x00-\x1f]')


def fill(template: str, production: str, label: str, wall_ns: int, more: Mapping[str, str] | None = None) -> str:
    """The folder for a card.

    Args:
        template: names between slashes, fields in braces.
        production: its title.
        label: the card's, which stands for {roll} and {card}; its leading letter for {camera}.
        wall_ns: now, for {date} (UTC).
        more: other fields, such as `day` and `unit`.

    >>> fill("{production}/{date}_day{day}/{camera}/{roll}", "Harbour: Lights", "A014", 0, {"day": "3"})
    'Harbour_ Lights/1970-01-01_day3/A/A014'
    >>> fill("{unit}/{roll}", "x", "../A1", 0)
    '.._A1'
    """
    values = {
        "production": production,
        "date": datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC).strftime("%Y-%m-%d"),
        "roll": label,
        "card": label,
        "camera": label[:1] if label[:1].isalpha() else "",
        **(more or {}),
    }
    parts = []
    for part in template.split("/"):
        name = _FIELD.sub(lambda match: _UNFIT.sub("_", values.get(match[1], "")), part).strip(" .") or ""
        if name:
            parts.append(_FIELD.sub(lambda match: _UNFIT.sub("_", values.get(match[1], "")), part).strip())
    return "/".join(parts)
