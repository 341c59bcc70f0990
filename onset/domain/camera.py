"""What the camera department adds to a take: angles, and the clips that hold them."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class LinkState(StrEnum):
    """How sure it is that a clip or sound file belongs to a take. Our own recorders' files are confirmed."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A picture file. `path` is relative to the production folder (or absolute when it lies outside).

    Attributes:
        tc_in: label of the file's first frame; of the file, not of the take (there is pre-roll).
        tc_source: where that label came from (`MIX.ltc`, `clock`, `file`).
        duration_frames: None while the file is being written.
        link: state of its link to the take it is shown under; `method` says how the link was found.
    """

    id: str
    name: str
    path: str
    camera: str
    tc_in: str | None
    tc_source: str | None
    rate: str
    duration_frames: int | None
    dropped: int = 0
    interrupted: bool = False
    link: LinkState = LinkState.PROPOSED
    method: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """A take as one camera has it, with its own start, end and rating; 0 to n clips.

    Attributes:
        start: label where this camera started when it was not with the take (late); None = with the take.
        end: label where it ended before the take did; None = with the take.
    """

    camera: str
    roll: str | None = None
    start: str | None = None
    end: str | None = None
    rating: str | None = None
    lens: str | None = None
    clips: tuple[Clip, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraOnBoard:
    """A camera as the board shows it: its current roll, and whether it is in the next take."""

    camera: str
    roll: str | None
    in_next: bool = True
