"""The editor's log of a shooting day, as words ready to print.

One frozen `EditorLog` is made from a logbook's answers; `html.py`, `pdf.py` and `text.py` only lay it out, so the three
cannot disagree. Everything from outside has passed `safe_text` here. Notes of audience *editor* are in it, no others.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Protocol

from onset.domain.camera import Angle, Clip, LinkState
from onset.domain.note import Audience, Note
from onset.domain.production import Day, Production, Unit
from onset.domain.scene import CameraSetup, Scene, Setup
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, State, Status, Take
from onset.errors import ReportError
from onset.logbook.protocol import Conflict, TakeFilter
from onset.text import safe_text

_KIND_FLAGS = {
    Kind.PICKUP: "PICKUP",
    Kind.SERIES: "SERIES",
    Kind.FALSE_START: "FALSE START",
    Kind.WILD_TRACK: "WILD TRACK",
    Kind.PLATE: "PLATE",
    Kind.CHART: "CHART",
}
_STATUS_WORDS = {Status.NONE: "", Status.CIRCLED: "circled", Status.HOLD: "hold", Status.NG: "NG"}
_NOT_PICTURE = (Kind.WILD_TRACK, Kind.CHART)


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraLine:
    """How a camera stands in a setup: `A`, `35mm`."""

    camera: str
    lens: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakeLine:
    """One take as a row.

    Attributes:
        number: the take label; `circled` draws a circle round it.
        status: `circled`, `hold`, `NG (sound)` or empty; never only a colour or a shape.
        timing: `0:47`, with `~` when no action was stamped; `rolling` while it is.
        camera_rolls: `A A012`, one a camera.
        tc_in: the master's label at the roll, `tc_note` says where it came from when that was not the master.
        clips: names of picture and sound files; a link that nobody confirmed says `(proposed)`.
        flags: `MOS`, `TAIL SLATE`, `PICKUP` …
        comments: notes, marks, ratings and what happened, one a line.
    """

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
class Totals:
    """The day in numbers; wild tracks and charts are neither setups nor takes.

    Attributes:
        timing, circled_timing: `12:31`; with `~` when a part of it is an estimate.
    """

    setups: int
    takes: int
    circled: int
    hold: int
    ng: int
    wild_tracks: int
    timing: str
    circled_timing: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EditorLog:
    """The whole report; `warnings` are what a reader must know before trusting it (a take still rolling)."""

    title: str
    unit: str
    day: int
    date: str
    rate: str
    company: str
    director: str
    blocks: tuple[SetupBlock, ...]
    totals: Totals
    warnings: tuple[str, ...]

    @property
    def names(self) -> tuple[tuple[str, str], ...]:
        """Company and director, as far as they are known."""
        both = (("Company", self.company), ("Director", self.director))
        return tuple((what, name) for what, name in both if name)

    @property
    def facts(self) -> tuple[tuple[str, str], ...]:
        """The totals as label and value, in the order they are printed."""
        totals = self.totals
        return (
            ("Setups", str(totals.setups)),
            ("Takes", str(totals.takes)),
            ("Circled", str(totals.circled)),
            ("Hold", str(totals.hold)),
            ("NG", str(totals.ng)),
            ("Wild tracks", str(totals.wild_tracks)),
            ("Timing", totals.timing),
            ("Circled timing", totals.circled_timing),
        )


class DayBook(Protocol):
    """The questions that the report asks; every `Logbook` answers them."""

    def production(self) -> Production: ...

    def units(self) -> Sequence[Unit]: ...

    def days(self, unit: str = "Main") -> Sequence[Day]: ...

    def takes(self, wanted: TakeFilter = ...) -> Sequence[Take]: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def scene(self, number: str, *, episode: str | None = None) -> Scene | None: ...

    def conflicts(self) -> Sequence[Conflict]: ...


def editor_log(logbook: DayBook, day: int, *, unit: str = "Main", company: str = "", director: str = "") -> EditorLog:
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
    found = _day(logbook, day, unit)
    takes = logbook.takes(TakeFilter(unit=unit, day=day, limit=None, oldest_first=True))
    setups = {(setup.episode, setup.scene, setup.slate): setup for setup in logbook.setups()}
    scenes: dict[tuple[str | None, str], Scene | None] = {}
    for take in takes:
        key = (take.episode, take.scene)
        if key not in scenes:
            scenes[key] = logbook.scene(take.scene, episode=take.episode)
    production = logbook.production()
    return EditorLog(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=day,
        date=safe_text(found.date),
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        blocks=tuple(_blocks(takes, setups, scenes)),
        totals=_totals(takes),
        warnings=tuple(_warnings(takes, found, logbook.conflicts())),
    )


def _day(logbook: DayBook, number: int, unit: str) -> Day:
    units = [each.name for each in logbook.units()]
    if unit not in units:
        raise ReportError(f'There is no unit "{safe_text(unit)}"; this log has {_listed(units)}.')
    days = logbook.days(unit)
    for day in days:
        if day.number == number:
            return day
    known = [str(day.number) for day in days]
    there_are = f"the log has day {_listed(known)}" if known else "no shooting day has been opened yet"
    raise ReportError(f"There is no day {number} of unit {safe_text(unit)}; {there_are}.")


def _listed(names: Sequence[str]) -> str:
    return safe_text(", ".join(names)) or "none"


def _blocks(
    takes: Sequence[Take],
    setups: Mapping[tuple[str | None, str, str], Setup],
    scenes: Mapping[tuple[str | None, str], Scene | None],
) -> Iterable[SetupBlock]:
    """Group takes of one slate shot in a row: the order of the day stays, wild tracks stand where they were made."""
    seen: set[tuple[str | None, str, str]] = set()
    start = 0
    for end in range(1, len(takes) + 1):
        first = takes[start]
        key = (first.episode, first.scene, first.slate)
        if end < len(takes) and (takes[end].episode, takes[end].scene, takes[end].slate) == key:
            continue
        yield _block(takes[start:end], setups.get(key), scenes[first.episode, first.scene], key in seen)
        seen.add(key)
        start = end


def _block(takes: Sequence[Take], setup: Setup | None, scene: Scene | None, again: bool) -> SetupBlock:
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
        takes=tuple(_line(take) for take in takes),
    )


def _optics(camera: CameraSetup) -> tuple[str, ...]:
    return (camera.lens, camera.height, camera.tilt, camera.filters)


def _line(take: Take) -> TakeLine:
    reason = f" ({safe_text(take.status_reason)})" if take.status_reason else ""
    status = _STATUS_WORDS[take.status]
    return TakeLine(
        number=safe_text(take.take),
        circled=take.status is Status.CIRCLED,
        status=status and status + reason,
        timing=_take_timing(take),
        camera_rolls=tuple(safe_text(f"{each.camera} {each.roll or '-'}") for each in take.angles),
        sound_rolls=tuple(safe_text(each.roll or each.device) for each in take.sound),
        tc_in=safe_text(take.tc_in or ""),
        tc_note=safe_text(take.tc_source) if take.tc_in and take.tc_source else "",
        clips=tuple(_clips(take)),
        flags=tuple(_flags(take)),
        comments=tuple(_comments(take)),
        tags=tuple(safe_text(tag) for tag in take.tags),
    )


def _clips(take: Take) -> Iterable[str]:
    files: list[Clip | SoundFile] = [clip for angle in take.angles for clip in angle.clips]
    files += [file for sound in take.sound for file in sound.files]
    for file in files:
        if file.link is LinkState.REFUSED:
            continue
        yield safe_text(file.name) + (" (proposed)" if file.link is LinkState.PROPOSED else "")


def _flags(take: Take) -> Iterable[str]:
    if take.kind in _KIND_FLAGS:
        yield _KIND_FLAGS[take.kind]
    elif len(take.runs) > 1:
        yield _KIND_FLAGS[Kind.SERIES]
    if take.mos:
        yield "MOS"
    if take.tail_slate:
        yield "TAIL SLATE"
    if take.state is State.INTERRUPTED:
        yield "INTERRUPTED"


def _comments(take: Take) -> Iterable[str]:
    if take.slated_as:
        yield f"Slated as {safe_text(take.slated_as)}"
    if take.description:
        yield safe_text(take.description, lines=True)
    for note in sorted(take.notes, key=lambda each: each.wall_ns):
        if note.audience is Audience.EDITOR and not note.deleted:
            yield _note(note)
    for voter, rating in take.ratings.items():
        yield safe_text(f"{voter}: {rating}")
    for angle in take.angles:
        yield from _angle_comments(angle)


def _note(note: Note) -> str:
    text = safe_text(note.text, lines=True)
    if note.mark:
        return f"▸ {safe_text(note.tc or '')} {text or 'mark'}".replace("  ", " ")
    return text


def _angle_comments(angle: Angle) -> Iterable[str]:
    camera = safe_text(angle.camera)
    if angle.rating:
        yield f"{camera}: {safe_text(angle.rating)}"
    if angle.lens:
        yield f"{camera} on {safe_text(angle.lens)}"
    if angle.start:
        yield f"{camera} late, from {safe_text(angle.start)}"
    if angle.end:
        yield f"{camera} cut early, at {safe_text(angle.end)}"
    for clip in angle.clips:
        if clip.interrupted:
            yield f"{safe_text(clip.name)} was interrupted"
        if clip.dropped:
            yield f"{safe_text(clip.name)} lost {clip.dropped} frame{'s' if clip.dropped > 1 else ''}"


def _take_timing(take: Take) -> str:
    if take.state is State.ROLLING:
        return "rolling"
    frames = take.timing_frames
    if frames is None:
        return ""
    return ("~" if take.timing_estimated else "") + stopwatch(take.frame_rate.seconds_for(frames))


def stopwatch(seconds: Fraction) -> str:
    """Minutes and seconds as a stopwatch reads, rounded to the nearest second.

    >>> stopwatch(Fraction(47)), stopwatch(Fraction(3723)), stopwatch(Fraction(1, 2))
    ('0:47', '1:02:03', '0:01')
    """
    minutes, rest = divmod(int(seconds + Fraction(1, 2)), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02d}:{rest:02d}" if hours else f"{minutes}:{rest:02d}"


def _totals(takes: Sequence[Take]) -> Totals:
    picture = [take for take in takes if take.kind not in _NOT_PICTURE]
    circled = [take for take in picture if take.status is Status.CIRCLED]
    return Totals(
        setups=len({(take.episode, take.scene, take.slate) for take in picture}),
        takes=len(picture),
        circled=len(circled),
        hold=sum(take.status is Status.HOLD for take in picture),
        ng=sum(take.status is Status.NG for take in picture),
        wild_tracks=sum(take.kind is Kind.WILD_TRACK for take in takes),
        timing=_sum_timing(picture),
        circled_timing=_sum_timing(circled),
    )


def _sum_timing(takes: Sequence[Take]) -> str:
    timed = [(take, frames) for take in takes if (frames := take.timing_frames) is not None]
    total = sum((take.frame_rate.seconds_for(frames) for take, frames in timed), Fraction(0))
    return ("~" if any(take.timing_estimated for take, _ in timed) else "") + stopwatch(total)


def _warnings(takes: Sequence[Take], day: Day, conflicts: Sequence[Conflict]) -> Iterable[str]:
    if not takes:
        yield f"No take was logged on day {day.number}."
    for take in takes:
        if take.state is State.ROLLING:
            yield f"{safe_text(take.label)} is still rolling; this log is not complete."
    ids = {take.id for take in takes}
    for conflict in conflicts:
        if conflict.take is not None and conflict.take.id in ids:
            what = f"{conflict.take.label}, {conflict.field}"
            yield f"Two seats changed {safe_text(what)} without having seen each other; one of the values is printed."
