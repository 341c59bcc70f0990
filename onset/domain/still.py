"""Stills: pictures that the script supervisor, make-up or wardrobe took, and what they show."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from onset.domain.camera import LinkState


class TakenBy(StrEnum):
    """Which clock says when a still was taken, the most trusted first."""

    EXIF_ZONE = "exif with zone"  # the camera wrote its time and its zone
    EXIF = "exif"  # its time alone, taken as this machine's zone
    NAME = "name"  # the file's name, as phones write it
    FILE = "file"  # the file's own time, which a copy or a messenger changes
    RECORDER = "recorder"  # a camera that is recorded here: this machine's clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Still:
    """A still in the production's folder, and what it belongs to.

    Attributes:
        id: empty before it is in the log.
        path: of the copy in the production's folder, relative to it; `source_path` where it came from.
        digest: `xxh128:…` of its bytes; a still is known by them.
        taken_ns: nanoseconds UTC, as the camera's clock says after its correction; None where nothing says it.
        taken_by: which clock that was.
        width, height: as it is looked at, turned as its EXIF orientation says.
        take_id, setup_id: what it belongs to, one of the two, as far as `state` says so.
        continuity_id: the continuity entry that a person put it to, whatever `state` says.
        evidence: why it is proposed for that take or setup, or why for none, in words.
        decided_by: the person who confirmed or refused; empty while nobody has.
    """

    id: str
    path: str
    source_path: str
    digest: str
    unit: str = ""
    day: int | None = None
    taken_ns: int | None = None
    taken_by: TakenBy | None = None
    camera: str = ""
    width: int | None = None
    height: int | None = None
    caption: str = ""
    take_id: str | None = None
    setup_id: str | None = None
    continuity_id: str | None = None
    state: LinkState = LinkState.PROPOSED
    evidence: str = ""
    decided_by: str = ""

    @property
    def name(self) -> str:
        """The file's name."""
        return self.path.rpartition("/")[2]
