"""What the set itself says of takes, as facts for the log: a device rolled, cut or marked one, or names its clip.

Made by from_set.py, written by scribe.py on its thread. The moment of each is the device's, not that of the writing.
"""

from __future__ import annotations

from dataclasses import dataclass

from onset.domain.take import Stamp
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Event
from onset.text import safe_text

SAYS = "records"  # what of an event: the device's own word of a clip


@dataclass(frozen=True, slots=True)
class RolledBy:
    """A device started the take that the unit's board proposes."""

    device: str
    unit: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class CutBy:
    """A device ended a take."""

    device: str
    take_id: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class MarkedBy:
    """A button was pressed while a take rolled."""

    device: str
    take_id: str
    stamp: Stamp


@dataclass(frozen=True, slots=True)
class ClipSaid:
    """How a device calls what it records of a take.

    Attributes:
        camera: the camera whose clip it is.
        clip: the name; empty while it tells none.
        before: the name that it told of this clip before.
        tc: its own label when its lamp went on, at `rate`; None where it told none.
    """

    device: str
    take_id: str
    camera: str
    clip: str
    tc: str | None
    rate: str | None
    wall_ns: int
    before: str = ""


SetFact = RolledBy | CutBy | MarkedBy | ClipSaid


def write(fact: SetFact, logbook: Logbook) -> None:
    """Log it. A roll that somebody was quicker with, and a cut of a take that rolls no more, are void.

    Raises:
        LogError: it cannot be written now.
        RefusedError: it makes no sense as things stand.
    """
    match fact:
        case RolledBy():
            try:
                logbook.roll(fact.stamp, unit=fact.unit, by=fact.device)
            except RefusedError as error:
                if error.take_id is None:  # else it rolls already, which is all that was wanted
                    raise
        case CutBy():
            try:
                logbook.cut(fact.take_id, fact.stamp, by=fact.device)
            except RefusedError as error:
                if error.take_id is None:
                    raise
        case MarkedBy():
            logbook.mark(fact.take_id, fact.stamp, fact.device)
        case ClipSaid():
            _say_clip(fact, logbook)


def _say_clip(fact: ClipSaid, logbook: Logbook) -> None:
    """A name that a person typed stays."""
    take = logbook.take(fact.take_id)
    if take is not None and fact.clip:
        known = next((angle.clip_name for angle in take.angles if angle.camera == fact.camera), None)
        if not known or known == fact.before:
            logbook.set_angle(fact.take_id, fact.camera, {"clip_name": fact.clip})
    name = f" {safe_text(fact.clip)}" if fact.clip else ""
    since = f" from {fact.tc} ({fact.rate})" if fact.tc else ""
    detail = f"{fact.device} records{name}{since}."
    logbook.event(Event(wall_ns=fact.wall_ns, device=fact.device, what=SAYS, detail=detail, take_id=fact.take_id))
