"""What is asked of an export: which events, at which rate, with which handles and names, in which order.

Used by `day.py`, which applies it; `onset/cli/export.py` fills it in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from onset.errors import UsageError
from onset.text import safe_text
from onset.timecode import Rate
from onset.toml import nearest

NAME_FIELDS = ("clip", "episode", "scene", "slate", "take", "camera", "roll", "day", "unit")
_FIELD = re.compile(r"\{([^{}]*)\}")
_NEVER = "\ue000"  # stands for an unknown field until its separator is taken away with it


class Order(StrEnum):
    """In which order events stand, and a string-out runs."""

    SHOT = "shot"  # as they were made
    SCENE = "scene"  # by scene, slate and take, as the script has them
    CAMERA = "camera"  # camera by camera, each as it was shot
    TAG = "tag"  # as a person put the takes of the tag that is asked for


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which events, and how.

    Attributes:
        circled: only circled takes, and circled cameras of others.
        camera, episode: only these; None: all. Case makes no difference. With a camera there is no sound alone.
        tag: only takes that have it.
        rate: labels are read at this rate, which counts as many frames a second as theirs; None: as they are.
        handles: frames before the roll and after the cut, as far as the file goes.
        offset: frames at the project's rate by which labels are moved, for clocks that were set wrong.
        pattern: of clip names, with `NAME_FIELDS` in braces; see `named`.
    """

    circled: bool = False
    camera: str | None = None
    episode: str | None = None
    tag: str | None = None
    rate: Rate | None = None
    handles: int = 0
    offset: int = 0
    pattern: str = "{clip}"
    order: Order = Order.SHOT


EVERYTHING = Wanted()


def check_pattern(pattern: str) -> str:
    """A pattern of clip names.

    Raises:
        UsageError: a field that there is not (names the nearest), a brace alone, or nothing that tells takes apart.
    """
    for name in _FIELD.findall(pattern):
        if name not in NAME_FIELDS:
            near = nearest(name, NAME_FIELDS) or f"; there are {', '.join(NAME_FIELDS)}."
            raise UsageError(f"{{{safe_text(name)}}} is no part of a clip's name{near}")
    if "{" in _FIELD.sub("", pattern) or "}" in _FIELD.sub("", pattern):
        raise UsageError(f'"{safe_text(pattern)}" has a brace without its partner; write {{slate}}-{{take}}.')
    if not {"clip", "take"} & set(_FIELD.findall(pattern)):
        raise UsageError(f'"{safe_text(pattern)}" names all takes alike; put {{take}} or {{clip}} into it.')
    return pattern


def named(pattern: str, fields: Mapping[str, str]) -> str:
    """A clip's name by a pattern; what is not known stays out together with its separator.

    >>> named("{scene}_{take}_{camera}", {"scene": "42", "take": "3", "camera": "A"})
    '42_3_A'
    >>> named("{episode}_{slate}-{take} {camera}", {"slate": "42C", "take": "3"})
    '42C-3'
    """
    filled = _FIELD.sub(lambda found: fields.get(found[1]) or _NEVER, pattern)
    return re.sub(rf"^(?:{_NEVER}[ ._-]*)+|[ ._-]*{_NEVER}", "", filled)
