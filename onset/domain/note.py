"""Notes and marks: an add-only list, each with its author, its audience and the timecode of its first keystroke."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Audience(StrEnum):
    """Who may read a note outside the log."""

    EDITOR = "editor"
    PRODUCTION = "production"
    PRIVATE = "private"


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """A sentence about a take, or a timecoded mark within it (`mark` true; the text may then be empty).

    Attributes:
        tc: label at the first keystroke or at the mark; None outside a rolling take.
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
