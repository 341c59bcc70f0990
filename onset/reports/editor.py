"""The editor's log of a shooting day, as words ready to print.

One frozen `EditorLog` is made from a logbook's answers; `html.py`, `pdf.py` and `text.py` only lay it out, so the three
cannot disagree. Everything from outside has passed `safe_text` here. Notes of audience *editor* are in it, no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.camera import Clip, Link
from onset.domain.scene import CameraSetup, Scene, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import Status, Take
from onset.reports.day import DayBook, DayPaper, day_of, take_timing, takes_of, totals_of, warnings_of
from onset.reports.linked import LinkedFiles, linked_files
from onset.reports.take_words import comments, flags, sound_roll_words, status_words
from onset.text import safe_text


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLine:
    """How a camera stands in a setup: `A`, `35mm`."""

    camera: str
    lens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLine:
    """One take as a row.

    Attributes:
        key: the take's id, the same in every printing.
        number: the take label; `circled` draws a circle round it.
        status: `circled`, `hold`, `NG (sound)` or empty; never only a colour or a shape.
        timing: `0:47`, with `~` when no action was stamped; `rolling` while it is.
        camera_rolls: `A A012`, one a camera.
        tc_in: the master's label at the roll, `tc_note` says where it came from when that was not the master.
        clips: names of picture and sound files as `linked.py` lets them stand: `(proposed)` until they are confirmed.
        flags: `MOS`, `TAIL SLATE`, `PICKUP` …
        comments: notes, marks, ratings and what happened, one a line.
    """

    key: str
    number: str
    circled: bool
    status: str
    timing: str
    camera_rolls: tuple[str, ...]
    sound_rolls: tuple[str, ...]
    tc_in: str
    tc_note: str
    clips: tuple[str, ...]
    flags: tuple[str, ...]
    comments: tuple[str, ...]
    tags: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupBlock:
    """Takes of one slate that were shot in a row; `again` when the slate was up before that day."""

    slate: str
    scene: str
    heading: str
    description: str
    size: str
    vfx: bool
    again: bool
    cameras: tuple[CameraLine, ...]
    takes: tuple[TakeLine, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorLog(DayPaper):
    """The whole report."""

    blocks: tuple[SetupBlock, ...]


class EditorBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]: ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]: ...


def editor_log(
    logbook: EditorBook, day: int, *, unit: str = "Main", company: str = "", director: str = ""
) -> EditorLog:
    """Ask the log for a day and put it in words.

    Args:
        logbook: asked on the caller's thread.
        day: the day's number.
        unit: name of the unit.
        company: as the configuration has it; empty leaves the line out.
        director: the same.

    Raises:
        ReportError: there is no such unit or day; names those there are.
    """
    found = day_of(logbook, day, unit)
    takes = takes_of(logbook, day, unit)
    setups = {(setup.episode, setup.scene, setup.slate): setup for setup in logbook.setups()}
    scenes: dict[tuple[str | None, str], Scene | None] = {}
    for take in takes:
        key = (take.episode, take.scene)
        if key not in scenes:
            scenes[key] = logbook.scene(take.scene, episode=take.episode)
    production = logbook.production()
    beside = [file for number in (day - 1, day, day + 1) for file in logbook.media(unit=unit, day=number)]
    files = linked_files(takes, logbook.links(unit=unit, day=day), beside)
    return EditorLog(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        blocks=tuple(_blocks(takes, setups, scenes, files)),
        totals=totals_of(takes),
        warnings=tuple(warnings_of(takes, found, logbook.conflicts())),
    )


def _blocks(
    takes: Sequence[Take],
    setups: Mapping[tuple[str | None, str, str], Setup],
    scenes: Mapping[tuple[str | None, str], Scene | None],
    files: LinkedFiles,
) -> Iterable[SetupBlock]:
    """Group takes of one slate shot in a row: the order of the day stays, wild tracks stand where they were made."""
    seen: set[tuple[str | None, str, str]] = set()
    start = 0
    for end in range(1, len(takes) + 1):
        first = takes[start]
        key = (first.episode, first.scene, first.slate)
        if end < len(takes) and (takes[end].episode, takes[end].scene, takes[end].slate) == key:
            continue
        yield _block(takes[start:end], setups.get(key), scenes[first.episode, first.scene], key in seen, files)
        seen.add(key)
        start = end


def _block(
    takes: Sequence[Take], setup: Setup | None, scene: Scene | None, again: bool, files: LinkedFiles
) -> SetupBlock:
    first = takes[0]
    number = f"{first.episode} / {first.scene}" if first.episode else first.scene
    return SetupBlock(
        slate=safe_text(first.slate),
        scene=safe_text(number),
        heading=safe_text(scene.heading) if scene else "",
        description=safe_text(setup.description) if setup else "",
        size=safe_text(setup.size) if setup else "",
        vfx=setup.vfx if setup else False,
        again=again,
        cameras=tuple(
            CameraLine(camera=safe_text(camera.camera), lens=safe_text(", ".join(filter(None, _optics(camera)))))
            for camera in (setup.cameras if setup else ())
        ),
        takes=tuple(_line(take, files) for take in takes),
    )


def _optics(camera: CameraSetup) -> tuple[str, ...]:
    return (camera.lens, camera.height, camera.tilt, camera.filters)


def _line(take: Take, files: LinkedFiles) -> TakeLine:
    return TakeLine(
        key=take.id,
        number=safe_text(take.take),
        circled=take.status is Status.CIRCLED,
        status=status_words(take),
        timing=take_timing(take),
        camera_rolls=tuple(files.rolls(take)),
        sound_rolls=sound_roll_words(take),
        tc_in=safe_text(take.tc_in or ""),
        tc_note=safe_text(take.tc_source) if take.tc_in and take.tc_source else "",
        clips=files.clips(take),
        flags=tuple(flags(take)),
        comments=(*comments(take), *files.comments(take)),
        tags=tuple(safe_text(tag) for tag in take.tags),
    )
