"""The camera report: one sheet a roll, what was on it and what the camera was set to, as words ready to print.

`camera_day.py` makes one frozen `CameraReport` from the log; `html.py`, `pdf.py` and `text.py` lay out its sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from onset.reports.day import apart
from onset.reports.department import RollReport
from onset.reports.section import Column, Facts, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a camera was set to in a take, in the order of the columns; in parentheses what was only meant."""

    lens: str = ""
    stop: str = ""
    filters: str = ""
    nd: str = ""
    focus: str = ""
    height: str = ""
    tilt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class AngleLine:
    """A take as one camera has it.

    Attributes:
        key: the take's id and the camera.
        slate: the slate, and the scene below it where the slate does not begin with that.
        clips: names as `linked.py` lets them stand, `(proposed)` until they are confirmed.
        tc_in: of the clip; of the take where there is none, which `tc_note` says.
        length: of the clip as a stopwatch reads; of the take, with `~`, where there is none.
        notes: the camera's own rating where it is not the script's, and what else was said of this camera.
    """

    key: str
    slate: tuple[str, ...]
    take: str
    circled: bool
    clips: tuple[str, ...]
    settings: Settings
    tc_in: str
    tc_note: str
    length: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class LooseClip:
    """A clip of the roll that belongs to no take; `why` says what is known of it."""

    key: str
    name: str
    tc_in: str
    length: str
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class RollSheet:
    """A roll.

    Attributes:
        roll: its label, empty where nobody typed one.
        about: the roll, its settings, its totals and its card, a line each.
    """

    camera: str
    roll: str
    about: tuple[Facts, ...]
    angles: tuple[AngleLine, ...]
    loose: tuple[LooseClip, ...]

    @property
    def heading(self) -> str:
        """`Camera A, roll A014`."""
        camera = f"Camera {self.camera}" if self.camera else "No camera named"
        return f"{camera}, {f'roll {self.roll}' if self.roll else 'no roll named'}"


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraReport(RollReport):
    """The whole report; `asked` are the camera and the roll where it is not of all."""

    kind: ClassVar[str] = "Camera report"
    mark: ClassVar[str] = "onset camera report"
    name: ClassVar[str] = "camera"
    legend: ClassVar[str] = (
        "○ circled take    (35mm) as meant, nobody said what was used    ~ length of the take, no clip"
    )

    dp: str
    rolls: tuple[RollSheet, ...]

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Company, director and director of photography."""
        known = (("Company", self.company), ("Director", self.director), ("DP", self.dp))
        return tuple((what, name) for what, name in known if name)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in the order they are printed."""
        return (
            ("Rolls", str(len(self.rolls))),
            ("Takes", str(self.totals.shot.takes)),
            ("Circled", str(self.totals.shot.circled)),
            *apart(self.totals.shot, wild_tracks=False),
            ("Clips of no take", str(sum(len(roll.loose) for roll in self.rolls))),
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        return {"rolls": len(self.rolls), "takes": self.totals.shot.takes}

    @property
    def sections(self) -> tuple[Section, ...]:
        """A sheet a roll."""
        if not self.rolls:
            return (Section(heading="Camera rolls", columns=_ANGLES, rows=(), empty="No camera was logged."),)
        return tuple(section for roll in self.rolls for section in _roll_sections(roll))


_ANGLES = (
    Column("Slate", 0.075),
    Column("Take", 0.05),
    Column("Clip", 0.16, long=True),
    Column("Lens", 0.08),
    Column("Stop", 0.045),
    Column("Filter", 0.07),
    Column("ND", 0.045),
    Column("Focus", 0.055),
    Column("Height", 0.055),
    Column("Tilt", 0.045),
    Column("TC in", 0.085),
    Column("Length", 0.055),
    Column("Note", 0.18, long=True),
)
_LOOSE = (
    Column("Clip", 0.3),
    Column("TC in", 0.12),
    Column("Length", 0.1),
    Column("What is known", 0.48, long=True),
)


def _roll_sections(roll: RollSheet) -> Iterator[Section]:
    yield Section(
        heading=roll.heading,
        columns=_ANGLES,
        rows=tuple(_row(angle) for angle in roll.angles),
        empty="No take was logged on this roll.",
        bold=(1,),
        things=0,  # the totals are in `about`
        keys=tuple(angle.key for angle in roll.angles),
        about=roll.about,
        new_page=True,
        circled=frozenset(place for place, angle in enumerate(roll.angles) if angle.circled),
        circle_in=1,
    )
    if roll.loose:
        yield Section(
            heading=f"{roll.roll or roll.heading}: clips that belong to no take",
            columns=_LOOSE,
            rows=tuple(((clip.name,), (clip.tc_in,), (clip.length,), clip.why) for clip in roll.loose),
            empty="",
            keys=tuple(clip.key for clip in roll.loose),
        )


def _row(angle: AngleLine) -> tuple[tuple[str, ...], ...]:
    said = angle.settings
    return (
        angle.slate,
        (angle.take,),
        angle.clips,
        *((value,) for value in (said.lens, said.stop, said.filters, said.nd, said.focus, said.height, said.tilt)),
        tuple(filter(None, (angle.tc_in, angle.tc_note))),
        (angle.length,),
        angle.notes,
    )
