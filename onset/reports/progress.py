"""The daily progress report, which the script supervisor sends to production, as words ready to print.

`progress_day.py` makes one frozen `ProgressReport` from the log's own totals; `html.py`, `pdf.py` and `text.py` only
lay out its sections. It tells what was scheduled, shot, shot in part and owed, and how much of the script remains.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from onset.logbook.totals import Tally
from onset.reports.section import Column, Facts, Section, SectionPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class StampLine:
    """A moment of the day; `time` is empty where nobody stamped it, and `note` says so."""

    key: str
    what: str
    time: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReckonedLine:
    """How much of something there is and was shot.

    Attributes:
        script: in the script, and what it was before a revision of the day; empty for what no script counts.
    """

    what: str
    script: tuple[str, ...]
    before: str
    today: str
    to_date: str
    remaining: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduledLine:
    """A scene that was scheduled for the day or credited on it.

    Attributes:
        result: `shot`, `part`, `not shot`; with `added` where it was not scheduled.
        pages: in the script; `planned` for the day; `credited` on it.
    """

    key: str
    scene: str
    heading: str
    result: str
    pages: str
    planned: str
    credited: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TimedLine:
    """A scene's estimated and its actual screen time; `difference` is said once the scene is complete."""

    key: str
    scene: str
    estimate: str
    today: str
    to_date: str
    difference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class OwedLine:
    """A shot that a scene is owed, or was until that day.

    Attributes:
        how: which takes may be it, or which one is; `then` the same as far as that day knew.
    """

    key: str
    about: str
    kind: str
    what: str
    since: str
    how: str
    then: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WildLine:
    """A wild track."""

    key: str
    take: str
    circled: bool
    scene: str
    timing: str
    rolls: str
    comment: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RetakeLine:
    """What was shot of a scene that had been complete before that day."""

    key: str
    scene: str
    setups: str


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """A roll that takes of the day are on."""

    device: str
    roll: str
    takes: int
    circled: int


@dataclass(frozen=True, slots=True, kw_only=True)
class RemarkLine:
    """A note to production that is about no take."""

    key: str
    about: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProgressReport(SectionPaper):
    """The whole report.

    Attributes:
        place: what is said of the day, as label and value: location, weather, who wrote it.
        partial: the time of the newest edit, where the report is one of a day that goes on; else empty.
        today: the day in numbers, as the log has them.
        schedule: how many scenes and pages were planned, and what became of them.
    """

    kind: ClassVar[str] = "Daily progress report"
    mark: ClassVar[str] = "onset progress report"
    name: ClassVar[str] = "progress"
    legend: ClassVar[str] = "~ estimated by a program, or timed from roll to cut    pages in eighths"

    place: tuple[tuple[str, str], ...]
    partial: str
    today: Tally
    stamps: tuple[StampLine, ...]
    schedule: Facts
    reckoned: tuple[ReckonedLine, ...]
    scheduled: tuple[ScheduledLine, ...]
    timed: tuple[TimedLine, ...]
    owed: tuple[OwedLine, ...]
    settled: tuple[OwedLine, ...]
    retakes: tuple[RetakeLine, ...]
    wild_tracks: tuple[WildLine, ...]
    rolls: tuple[RollLine, ...]
    remarks: tuple[RemarkLine, ...]

    @property
    def covers(self) -> tuple[str, ...]:
        """Which day, and whether all of it."""
        day, *more = super(ProgressReport, self).covers
        return day, *([f"PARTIAL, as of {self.partial}"] if self.partial else []), *more

    @property
    def filed(self) -> tuple[str, ...]:
        """A report of a part of the day does not take the name of the whole one's."""
        return *super(ProgressReport, self).filed, *(["partial"] if self.partial else [])

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """Where it was, and who says so; the numbers are in the tables."""
        return self.place

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers."""
        return {
            "takes": self.today.takes,
            "setups": self.today.setups,
            "circled": self.today.circled,
            "scenes_complete": self.today.scenes_complete,
        }

    @property
    def sections(self) -> tuple[Section, ...]:
        """The report as tables, the day's times first."""
        return (
            _stamps(self.stamps),
            _reckoned(self.reckoned),
            _scheduled(self.scheduled, self.schedule),
            _timed(self.timed),
            _owed("Owed", self.owed, "May be it", "Nothing is owed."),
            *([_owed("Settled today", self.settled, "Shot as", "")] if self.settled else []),
            *([_retakes(self.retakes)] if self.retakes else []),
            _wild_tracks(self.wild_tracks),
            _rolls(self.rolls),
            *([_remarks(self.remarks)] if self.remarks else []),
        )


# -- the tables -------------------------------------------------------------------------------------------------------


def _stamps(lines: Sequence[StampLine]) -> Section:
    return Section(
        heading="Times",
        columns=(Column("", 0.3), Column("Time", 0.2), Column("Note", 0.5)),
        rows=tuple(((line.what,), (line.time,), (line.note,)) for line in lines),
        empty="",
        bold=(1,),
        things=0,
        keys=tuple(line.key for line in lines),
    )


def _reckoned(lines: Sequence[ReckonedLine]) -> Section:
    columns = (
        Column("", 0.2),
        Column("Script", 0.2),
        Column("Before", 0.15),
        Column("Today", 0.15),
        Column("To date", 0.15),
        Column("Remaining", 0.15),
    )
    return Section(
        heading="Progress",
        columns=columns,
        rows=tuple(
            ((line.what,), line.script, (line.before,), (line.today,), (line.to_date,), (line.remaining,))
            for line in lines
        ),
        empty="",
        bold=(0, 3),
        things=0,
        keys=tuple(line.what for line in lines),
    )


def _scheduled(lines: Sequence[ScheduledLine], schedule: Facts) -> Section:
    columns = (
        Column("Scene", 0.09),
        Column("Result", 0.11),
        Column("Heading", 0.26),
        Column("Pages", 0.09),
        Column("Planned", 0.09),
        Column("Credited", 0.09),
        Column("Note", 0.27, long=True),
    )
    rows = tuple(
        (
            (line.scene,),
            (line.result,),
            (line.heading,),
            (line.pages,),
            (line.planned,),
            (line.credited,),
            (line.note,) if line.note else (),
        )
        for line in lines
    )
    return Section(
        heading="Scenes scheduled and shot",
        columns=columns,
        rows=rows,
        empty="No scene was scheduled or credited.",
        about=(schedule,) if lines else (),
        things=0,
        bold=(0, 1),
        keys=tuple(line.key for line in lines),
    )


def _timed(lines: Sequence[TimedLine]) -> Section:
    columns = (
        Column("Scene", 0.32),
        Column("Estimate", 0.16),
        Column("Credited today", 0.17),
        Column("To date", 0.15),
        Column("Over or under", 0.2),
    )
    return Section(
        heading="Screen time, estimated and actual",
        columns=columns,
        rows=tuple(
            ((line.scene,), (line.estimate,), (line.today,), (line.to_date,), (line.difference,)) for line in lines
        ),
        empty="No screen time was credited.",
        bold=(0, 4),
        things=0,
        keys=tuple(line.key for line in lines),
    )


def _owed(heading: str, lines: Sequence[OwedLine], how: str, empty: str) -> Section:
    columns = (
        Column("Of", 0.12),
        Column("Kind", 0.13),
        Column("Since", 0.1),
        Column(how, 0.2),
        Column("What", 0.45, long=True),
    )

    def rows(told: Iterable[str]) -> tuple[tuple[tuple[str, ...], ...], ...]:
        return tuple(
            ((line.about,), (line.kind,), (line.since,), (each,), (line.what,))
            for line, each in zip(lines, told, strict=True)
        )

    return Section(
        heading=heading,
        columns=columns,
        rows=rows(line.how for line in lines),
        empty=empty,
        keys=tuple(line.key for line in lines),
        compared=rows(line.then for line in lines),
    )


def _retakes(lines: Sequence[RetakeLine]) -> Section:
    return Section(
        heading="Retakes",
        columns=(Column("Scene", 0.2), Column("Setups shot again", 0.8, long=True)),
        rows=tuple(((line.scene,), (line.setups,)) for line in lines),
        empty="",
        keys=tuple(line.key for line in lines),
    )


def _wild_tracks(lines: Sequence[WildLine]) -> Section:
    columns = (
        Column("Take", 0.14),
        Column("Scene", 0.12),
        Column("Timing", 0.1),
        Column("Sound", 0.16),
        Column("Comment", 0.48, long=True),
    )
    return Section(
        heading="Wild tracks",
        columns=columns,
        rows=tuple(
            ((line.take,), (line.scene,), (line.timing,), (line.rolls,), (line.comment,) if line.comment else ())
            for line in lines
        ),
        empty="None.",
        circled=frozenset(place for place, line in enumerate(lines) if line.circled),
        keys=tuple(line.key for line in lines),
    )


def _rolls(lines: Sequence[RollLine]) -> Section:
    return Section(
        heading="Rolls used",
        columns=(Column("Device", 0.3), Column("Roll", 0.3), Column("Takes", 0.2), Column("Circled", 0.2)),
        rows=tuple(((line.device,), (line.roll,), (str(line.takes),), (str(line.circled),)) for line in lines),
        empty="None.",
        bold=(1,),
        keys=tuple(f"{line.device} {line.roll}" for line in lines),
    )


def _remarks(lines: Sequence[RemarkLine]) -> Section:
    return Section(
        heading="Remarks",
        columns=(Column("About", 0.2), Column("", 0.8, long=True)),
        rows=tuple(((line.about,), (line.text,)) for line in lines),
        empty="",
        keys=tuple(line.key for line in lines),
    )
