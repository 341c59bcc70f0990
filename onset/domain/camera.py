"""What the camera department adds to a take: angles, and the clips that hold them."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum


class LinkState(StrEnum):
    """How sure it is that a clip or sound file belongs to a take. Our own recorders' files are confirmed."""

    PROPOSED = "proposed"
    CONFIRMED = "confirmed"
    REFUSED = "refused"


class Source(StrEnum):
    """How a picture or sound file came into the log."""

    RECORDER = "recorder"  # one of our own recorders wrote it for a take
    CARD = "card"  # a camera's or sound recorder's original, found on a card that was offloaded
    FOLDER = "folder"  # brought in from a folder


@dataclass(frozen=True, slots=True, kw_only=True)
class Clip:
    """A picture file. `path` is relative to the production folder (or absolute when it lies outside).

    Attributes:
        tc_in: label of the file's first frame; of the file, not of the take (there is pre-roll).
        tc_source: where that label came from (`MIX.ltc`, `clock`, `file`, `side-car`).
        rate: of those labels; `fps` the frames a second that were recorded, as a fraction ("24000/1001"), when known.
        duration_frames: at `rate`; None while the file is being written, or when it cannot be read.
        link: state of its link to the take it is shown under; `method` says how the link was found, `evidence` why, in
            words, `decided_by` which person said so (empty: nobody).
        source: how it came here; `card` the id of the card it was copied from, `unit` and `day` the shooting day it
            was brought in for.
        reel: the roll's label as the file or the card names it (`A014`).
        number: the clip's number in its name, None without one.
        created_ns: when the device says it was made: a weak hint.
        digest: `xxh128:…` or another format's, of its bytes; with `size` and `name` its identity when it is not ours.
        unreadable: why it could not be copied or opened, in words; empty when it could.
        named_scene, named_take: what the file itself says.
        proxy: path of the small file made of it that has its take's sound too, None while there is none; as `path`.
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
    evidence: str = ""
    decided_by: str = ""
    source: Source = Source.RECORDER
    card: str | None = None
    unit: str = "Main"
    day: int | None = None
    fps: str | None = None
    reel: str = ""
    number: int | None = None
    created_ns: int | None = None
    size: int | None = None
    digest: str | None = None
    unreadable: str = ""
    named_scene: str = ""
    named_take: str = ""
    proxy: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """A take (or one of its cameras) and a clip or sound file, as they stand in the log.

    Attributes:
        question: why a person has to look at it, empty when nothing speaks against it.
        decided_by: the person who confirmed or refused it, and for what `reason`; empty: a recorder of ours, or the
            matcher.
    """

    id: str
    take_id: str
    media_id: str
    state: LinkState
    method: str
    evidence: str = ""
    question: str = ""
    decided_by: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraData:
    """What a camera was set to, as the camera's people say it (`35mm`, `T2.8`, `5'6"`, `-3°`); None: nobody said.

    Attributes:
        filters: in front of the lens, `nd` neutral density wherever it is.
        fps: what the sensor ran at, where that is not the project's rate.
        height, tilt: of the lens.
    """

    lens: str | None = None
    stop: str | None = None
    filters: str | None = None
    nd: str | None = None
    iso: str | None = None
    white_balance: str | None = None
    tint: str | None = None
    shutter: str | None = None
    fps: str | None = None
    focus: str | None = None
    height: str | None = None
    tilt: str | None = None
    rig: str | None = None
    codec: str | None = None
    body: str | None = None
    operator: str | None = None

    def said(self) -> dict[str, str]:
        """What anybody said, by name."""
        return {name: value for name in CAMERA_DATA if (value := getattr(self, name))}


CAMERA_DATA = tuple(field.name for field in fields(CameraData))
NOTHING_SAID = CameraData()


@dataclass(frozen=True, slots=True, kw_only=True)
class Angle:
    """A take as one camera has it, with its own start, end and rating; 0 to n clips.

    Attributes:
        start: label where this camera started when it was not with the take (late); None = with the take.
        end: label where it ended before the take did; None = with the take.
        data: what the camera really was set to; what was meant is the setup's.
        clip_name: as the camera's assistant reports it.
        logged: False where nobody logged this camera and only a clip that is linked to the take speaks of it.
    """

    camera: str
    roll: str | None = None
    start: str | None = None
    end: str | None = None
    rating: str | None = None
    data: CameraData = NOTHING_SAID
    clip_name: str | None = None
    note: str | None = None
    clips: tuple[Clip, ...] = ()
    logged: bool = True

    @property
    def lens(self) -> str | None:
        return self.data.lens


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraOnBoard:
    """A camera as the board shows it: its current roll, and whether it is in the next take."""

    camera: str
    roll: str | None
    in_next: bool = True
