"""The sound report: one sheet a sound roll, its files with tracks and levels, as words ready to print.

`sound_day.py` makes one frozen `SoundReport` from the log; `html.py`, `pdf.py` and `text.py` lay out its sections.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar

from onset.reports.day import apart
from onset.reports.department import RollReport
from onset.reports.section import Column, Facts, Section


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordingLine:
    """A file, or a mono set as one; or a take whose file has not come.

    Attributes:
        key: the take's id and the file's, as far as there are any.
        file: its name as `linked.py` lets it stand, `(proposed)` until it is confirmed.
        scene, take: of the log; of a file that belongs to no take what the file says.
        circled: by the script supervisor.
        tracks: `1 boom`, one a track; with peak and mean in dBFS where they were measured: `1 boom  -6.2 / -21.0`.
        tc_in: label of the first sample.
        kind: `wild`, `MOS` or empty.
        notes: what the mixer said of it, and where that is not what the script says.
    """

    key: str
    file: tuple[str, ...]
    scene: str
    take: str
    circled: bool
    tracks: tuple[str, ...]
    tc_in: str
    length: str
    kind: str
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundRollSheet:
    """A sound roll on a recorder.

    Attributes:
        about: the recorder, the format, the microphones, the totals and the card, a line each.
        loose: files that belong to no take.
    """

    recorder: str
    roll: str
    about: tuple[Facts, ...]
    recordings: tuple[RecordingLine, ...]
    loose: tuple[RecordingLine, ...]

    @property
    def heading(self) -> str:
        """`Roll S003, recorder MIX`."""
        roll = f"Roll {self.roll}" if self.roll else "No roll named"
        return f"{roll}, recorder {self.recorder}" if self.recorder else roll


@dataclass(frozen=True, slots=True, kw_only=True)
class SoundReport(RollReport):
    """The whole report; `asked` is the roll where it is not of all."""

    kind: ClassVar[str] = "Sound report"
    mark: ClassVar[str] = "onset sound report"
    name: ClassVar[str] = "sound"
    legend: ClassVar[str] = "○ circled take    levels: peak / mean in dBFS between roll and cut    NDF: non-drop frame"

    mixer: str
    location: str
    rolls: tuple[SoundRollSheet, ...]

    @property
    def covers(self) -> tuple[str, ...]:
        """The day and where it was shot, and what of it was asked for."""
        return (*super(RollReport, self).covers, *((self.location,) if self.location else ()), *self.asked)

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Company, director and sound mixer."""
        known = (("Company", self.company), ("Director", self.director), ("Mixer", self.mixer))
        return tuple((what, name) for what, name in known if name)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Label and value, in the order they are printed."""
        return (
            ("Rolls", str(len(self.rolls))),
            ("Takes", str(self.totals.shot.takes)),
            ("Circled", str(self.totals.shot.circled)),
            *apart(self.totals.shot),
            ("Files of no take", str(sum(len(roll.loose) for roll in self.rolls))),
        )

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        recordings = [line for roll in self.rolls for line in (*roll.recordings, *roll.loose)]
        return {
            "rolls": len(self.rolls),
            "recordings": len(recordings),
            "without_file": sum(not line.file for line in recordings),
        }

    @property
    def sections(self) -> tuple[Section, ...]:
        """A sheet a roll."""
        if not self.rolls:
            return (Section(heading="Sound rolls", columns=_COLUMNS, rows=(), empty="No sound roll was logged."),)
        return tuple(section for roll in self.rolls for section in _roll_sections(roll))


_COLUMNS = (
    Column("Scene", 0.08),
    Column("Take", 0.055),
    Column("File", 0.185, long=True),
    Column("TC in", 0.09),
    Column("Length", 0.06),
    Column("Kind", 0.05),
    Column("Tracks, levels", 0.21, long=True),
    Column("Note", 0.27, long=True),
)


def _roll_sections(roll: SoundRollSheet) -> Iterator[Section]:
    yield Section(
        heading=roll.heading,
        columns=_COLUMNS,
        rows=tuple(map(_row, roll.recordings)),
        empty="No take was recorded on this roll.",
        bold=(1,),
        things=0,  # the totals are in `about`
        keys=tuple(line.key for line in roll.recordings),
        about=roll.about,
        new_page=True,
        circled=frozenset(place for place, line in enumerate(roll.recordings) if line.circled),
        circle_in=1,
    )
    if roll.loose:
        yield Section(
            heading=f"{roll.roll or roll.heading}: files that belong to no take",
            columns=_COLUMNS,
            rows=tuple(map(_row, roll.loose)),
            empty="",
            bold=(),
            keys=tuple(line.key for line in roll.loose),
        )


def _row(line: RecordingLine) -> tuple[tuple[str, ...], ...]:
    return (
        (line.scene,),
        (line.take,),
        line.file,
        (line.tc_in,),
        (line.length,),
        (line.kind,) if line.kind else (),
        line.tracks,
        line.notes,
    )
