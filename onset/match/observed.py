"""What each department saw of a day, in seconds: the matcher's input.

`onset/reconcile/day.py` makes these values from a log; tests make them from a simulated day. Nothing here knows of
files or of the database. Every time is real seconds from one common zero (midnight of the shooting day's date); labels
of different rates are brought there by exact fractions first (frames / frames a second), so that 23.976 against 24 and
drop against non-drop are both a ratio of 1000 to 1001. A day that crosses midnight goes on beyond 86,400, or not: the
matcher may not trust either.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum


class Side(StrEnum):
    """Which department a file comes from."""

    PICTURE = "picture"
    SOUND = "sound"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraSays:
    """What the log has of a camera in a take.

    Attributes:
        roll: label of its roll as it was typed, None when nobody did.
        late_s: how long after the roll of the take this camera started; 0 with the take.
        early_s: how long before the cut it stopped; 0 with the take.
    """

    roll: str | None = None
    late_s: float = 0.0
    early_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class LoggedTake:
    """A take as the log has it.

    Attributes:
        wall_s: the roll by the logging machine's own clock; `wall_end_s` the cut, None while it is not known.
        label_s: the roll by the label that was stamped or typed, None without one; `label_end_s` the cut.
        label_source: where that label came from (`MIX.ltc`, `clock`): another source is another clock.
        cameras: those that were in the take; empty means that the log does not say (any camera may have it).
        picture: False for a wild track: no clip is expected.
        sound: False when MOS: no sound is expected.
        measured: False for a take entered afterwards: its times are somebody's memory.
        slated_as: what picture and sound say when the slate was wrong (`42C/3`), else None.
    """

    id: str
    wall_s: float
    wall_end_s: float | None
    scene: str
    slate: str
    take: str
    label_s: float | None = None
    label_end_s: float | None = None
    label_source: str | None = None
    cameras: Mapping[str, CameraSays] = field(default_factory=dict)
    picture: bool = True
    sound: bool = True
    sound_roll: str | None = None
    slated_as: str | None = None
    measured: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Medium:
    """A clip, or a sound recording (one poly file, or a set of mono files that belong together).

    Attributes:
        device: camera letter, or the recorder's name; empty when nothing tells which.
        card: what it lay on together with others (a card's id, a reel, a folder): the unit whose clock is one.
        reel: the roll's label as the medium names it, for comparison with a typed one.
        name: as it is written, without the ending; `number` the clip number in it, None without one.
        start_s: first frame or sample by its own timecode, None when it has none.
        length_s: how long it ran, real time; None when it cannot be read.
        ahead_s: pre-record that the file itself declares: it starts that long before the record key.
        created_s: the file's own idea of when it was made: a weak hint (wall clock of the device).
        scene, take: what the file itself says (iXML, metadata), empty when nothing.
    """

    id: str
    side: Side
    device: str
    card: str
    name: str
    reel: str = ""
    number: int | None = None
    start_s: float | None = None
    length_s: float | None = None
    ahead_s: float = 0.0
    created_s: float | None = None
    scene: str = ""
    take: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A row of a camera or sound report: a name that somebody wrote beside a slate and a take."""

    side: Side
    device: str
    slate: str
    take: str
    name: str
    roll: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling:
    """A link that stands whatever the matcher thinks: a person's word, or our own recorder's file.

    Attributes:
        belongs: confirmed; False: this medium is not of this take.
    """

    take_id: str
    medium_id: str
    belongs: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Observed:
    """A shooting day of a unit, in any order: the answer does not depend on it."""

    takes: tuple[LoggedTake, ...]
    media: tuple[Medium, ...] = ()
    said: tuple[Said, ...] = ()
    rulings: tuple[Ruling, ...] = ()
