"""Facing pages: each scene with its setups and takes of all days, filed opposite its script page, as words to print.

`facing_pages.py` makes one frozen `FacingPages` from the log; `html.py`, `pdf.py` and `text.py` only lay out its
sections. A page begins each scene. Notes to the editor and to production are in it, private ones never.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import ClassVar

from onset.reports.day import apart
from onset.reports.section import Column, Facts, Section, SectionPaper


@dataclass(frozen=True, slots=True, kw_only=True)
class FacingTake:
    """A take as a row.

    Attributes:
        number: the take label; of a wild track slate and take. `circled` draws a circle round it.
        day: `3`, with the unit where that is not the main one.
        status: `circled`, `NG (sound)` …, and below it what sort of take it is.
    """

    key: str
    number: str
    circled: bool
    day: str
    status: tuple[str, ...]
    timing: str
    camera_rolls: tuple[str, ...]
    sound_rolls: tuple[str, ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacingSetup:
    """A setup with its takes; `heading` is its slate, `about` its size, description and cameras, and what was said."""

    key: str
    heading: str
    about: tuple[Facts, ...]
    takes: tuple[FacingTake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CreditLine:
    """What was credited of the scene on a day, and who said so."""

    key: str
    day: str
    date: str
    state: str
    pages: str
    time: str
    author: str
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FacingScene:
    """A scene; `heading` is its number, the same in every printing, `about` what script and people say of it."""

    key: str
    heading: str
    about: tuple[Facts, ...]
    credits: tuple[CreditLine, ...]
    setups: tuple[FacingSetup, ...]
    wild_tracks: tuple[FacingTake, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class FacingPages(SectionPaper):
    """The whole report.

    Attributes:
        scope: what it is about, for its head: a scene, a day's scenes, or all; `place` the same for its file's name.
    """

    kind: ClassVar[str] = "Facing pages"
    mark: ClassVar[str] = "onset facing pages"
    name: ClassVar[str] = "facing"
    legend: ClassVar[str] = "○ round the number: circled take    ~ timed from roll to cut    ▸ mark"

    scope: tuple[str, ...]
    place: tuple[str, ...]
    scenes: tuple[FacingScene, ...]

    @property
    def covers(self) -> tuple[str, ...]:
        """A scene over all days, or the scenes that a day touched."""
        return self.scope

    @property
    def part(self) -> str:
        """A scene, or all; empty for those of a day."""
        return " ".join(self.place) if self.place[0] in ("scene", "all") else ""

    @property
    def filed(self) -> tuple[str, ...]:
        """The same for the name of its file."""
        return self.place

    @property
    def counts(self) -> Mapping[str, int]:
        """What is told of it when it was written, in numbers; what stands on two pages counts once."""
        return {
            "scenes": len(self.scenes),
            "setups": len({setup.key for scene in self.scenes for setup in scene.setups}),
            "takes": self.totals.shot.takes,
            "wild_tracks": self.totals.shot.wild_tracks,
        }

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """How much it holds; slates, for a setup counts once a day, and is here though only planned."""
        return (
            ("Scenes", str(self.counts["scenes"])),
            ("Slates", str(self.counts["setups"])),
            ("Takes", str(self.totals.shot.takes)),
            ("Circled", str(self.totals.shot.circled)),
            *apart(self.totals.shot),
        )

    @property
    def sections(self) -> tuple[Section, ...]:
        """Scene by scene: the scene, its setups, its wild tracks."""
        return tuple(section for scene in self.scenes for section in _scene(scene))


# -- the tables -------------------------------------------------------------------------------------------------------


def _scene(scene: FacingScene) -> Iterator[Section]:
    yield _credits(scene)
    for setup in scene.setups:
        yield _takes(setup.heading, setup.takes, "Take", setup.about)
    if scene.wild_tracks:
        yield _takes(f"{scene.heading}: wild tracks", scene.wild_tracks, "Track")


def _credits(scene: FacingScene) -> Section:
    columns = (
        Column("Day", 0.08),
        Column("Date", 0.12),
        Column("Credited", 0.12),
        Column("Pages", 0.08),
        Column("Time", 0.08),
        Column("By", 0.14),
        Column("Note", 0.38, long=True),
    )
    rows = tuple(
        (
            (line.day,),
            (line.date,),
            (line.state,),
            (line.pages,),
            (line.time,),
            (line.author,),
            (line.note,) if line.note else (),
        )
        for line in scene.credits
    )
    return Section(
        heading=scene.heading,
        columns=columns,
        rows=rows,
        empty="Nobody has credited it.",
        bold=(2,),
        things=0,
        keys=tuple(line.key for line in scene.credits),
        about=scene.about,
        new_page=True,
        verbatim=True,
    )


def _takes(heading: str, takes: Sequence[FacingTake], number: str, about: tuple[Facts, ...] = ()) -> Section:
    columns = (
        Column(number, 0.08 if number == "Take" else 0.14),
        Column("Day", 0.06),
        Column("Status", 0.13),
        Column("Timing", 0.08),
        Column("Camera rolls", 0.13),
        Column("Sound", 0.1),
        Column("Notes", 0.42 if number == "Take" else 0.36, long=True),
    )
    rows = tuple(
        (
            (take.number,),
            (take.day,),
            take.status,
            (take.timing,),
            take.camera_rolls,
            take.sound_rolls,
            take.notes,
        )
        for take in takes
    )
    return Section(
        heading=heading,
        columns=columns,
        rows=rows,
        empty="No take yet.",
        circled=frozenset(place for place, take in enumerate(takes) if take.circled),
        keys=tuple(take.key for take in takes),
        about=about,
        verbatim=True,
    )
