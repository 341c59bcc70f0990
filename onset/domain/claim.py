"""What a report of another department claims about a take, and what a person said about a difference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class ClaimSource(StrEnum):
    """Which department's report."""

    CAMERA = "camera report"
    SOUND = "sound report"


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """One row of a camera or sound report, as it was written; None and empty where it says nothing.

    Attributes:
        report: the report's file name; `row` counts its rows from 1.
        device: camera letter, or the recorder's name.
        clip: the clip's or sound file's name.
        tc_in: start of the clip or file, a label at `rate`.
    """

    id: str
    source: ClaimSource
    report: str
    row: int
    unit: str
    day: int
    device: str
    slate: str
    take: str
    clip: str = ""
    roll: str = ""
    circled: bool | None = None
    mos: bool | None = None
    wild: bool | None = None
    tc_in: str | None = None
    duration_frames: int | None = None
    rate: str = ""
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """A difference explained once and for all by a person.

    Attributes:
        key: of the difference, as `onset.reconcile.board` makes it; stays the same while the difference is the same.
    """

    id: str
    key: str
    unit: str
    day: int
    text: str
    author: str
    wall_ns: int
