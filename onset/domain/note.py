"""Notes and marks: an add-only list, each with its author, its audience and the timecode of its first keystroke."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Who may read a note outside the log."""

    EDITOR = "editor"
    PRODUCTION = "production"
    PRIVATE = "private"


class Anchor(StrEnum):
    """What a note is about."""

    TAKE = "take"
    SETUP = "setup"
    SCENE = "scene"
    MOMENT = "moment"  # a timecode of a day


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence about a take, or a timecoded mark within it (`mark` true; the text may then be empty).

    Or one about a setup, a scene or a moment of a day; `take_id` is then None.

    Attributes:
        tc: label at the first keystroke or at the mark; None outside a rolling take. `tc_source` is where it came from.
        offset_ns: nanoseconds from the roll to that moment; None outside a rolling take.
    """

    id: str
    take_id: str | None
    text: str
    author: str
    audience: Audience
    wall_ns: int
    tc: str | None = None
    offset_ns: int | None = None
    mark: bool = False
    deleted: bool = False
    tc_source: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnchoredNote:
    """A note with what it is about.

    Attributes:
        about: as people call it (`42C/3`, `42C`, `101:42`, `10:20:00:00`); `about_id` its id, None of a moment.
        day: the take's; of other notes the one on which it was written, None before the first.
    """

    note: Note
    anchor: Anchor
    about: str
    about_id: str | None
    unit: str
    day: int | None
