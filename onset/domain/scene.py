"""Scenes of the script and the setups they are shot in."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Coverage(StrEnum):
    """How far a scene is shot, in the words of the person who credits it."""

    NOT_STARTED = "not started"
    PART = "part"
    COMPLETE = "complete"


class OwedKind(StrEnum):
    """What is owed to a scene until it is shot."""

    INSERT = "insert"
    PICKUP = "pickup"
    WILD_TRACK = "wild track"
    RETAKE = "retake"
    SHOT = "shot"  # anything else


@dataclass(frozen=True, slots=True, kw_only=True)
class Scene:
    """A scene; its identity is (episode, number), the number kept as the script writes it.

    Attributes:
        heading: `INT. KITCHEN - NIGHT`, empty while no script is known.
        eighths: length in eighths of a page.
        rehearsal_ns: how long its newest rehearsal took, None before the first.
    """

    id: str
    episode: str | None
    number: str
    heading: str = ""
    eighths: int | None = None
    rehearsal_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSetup:
    """How one camera stands in a setup; free text as people say it (`35mm`, `5'6"`, `-3°`)."""

    camera: str
    lens: str = ""
    height: str = ""
    tilt: str = ""
    filters: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Setup:
    """A slate and how it is shot.

    Attributes:
        rehearsal_ns: how long its newest rehearsal took, None before the first.
    """

    id: str
    episode: str | None
    scene: str
    slate: str
    description: str = ""
    size: str = ""
    vfx: bool = False
    rehearsal_ns: int | None = None
    cameras: tuple[CameraSetup, ...] = ()
