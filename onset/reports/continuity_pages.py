"""How characters look from scene to scene, asked of the log and put in words: what `continuity.py` sets.

Used by `onset report continuity`. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.camera import LinkState
from onset.domain.continuity import Continuity
from onset.domain.production import Day
from onset.domain.scene import Scene, Setup, in_script_order, scene_label
from onset.domain.still import Still
from onset.domain.take import Take
from onset.errors import ReportError
from onset.logbook.continuity import same_name
from onset.logbook.terms import LoggedChange
from onset.reports.continuity import ContinuityReport, LookLine, SceneLooks, StillLine
from onset.reports.day import DayBook, day_of, local, moment, takes_of, totals_of
from onset.slate import sort_key
from onset.text import safe_text

_Key = tuple[str, str]  # episode, and the scene's number as it sorts


class ContinuityBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def continuity(self) -> Sequence[Continuity]: ...

    def scenes(self) -> Sequence[Scene]: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def stills(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Still]: ...

    def take(self, take_id: str) -> Take | None: ...

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Which looks; None means any.

    Attributes:
        scene: its number in any spelling, `episode` of it (empty: the film's).
        character: in any spelling of capitals and blanks.
        story_day: `D1`, in any case.
        day: scenes of which the unit shot something on that day.
    """

    scene: str | None = None
    episode: str | None = None
    character: str | None = None
    story_day: str | None = None
    day: int | None = None


def continuity_report(
    logbook: ContinuityBook,
    wanted: Wanted,
    *,
    unit: str = "Main",
    company: str = "",
    director: str = "",
    picture: Callable[[Still], bytes | None] | None = None,
) -> ContinuityReport:
    """Put continuity in words: by story day, within it in the order of the script.

    Args:
        logbook: asked on the caller's thread.
        wanted: which looks.
        unit: whose day, where a day is wanted.
        company: as the configuration has it; empty leaves the line out.
        director: the same.
        picture: gives a still made small, None where it is gone; None: the report has no pictures.

    Raises:
        ReportError: there is no such unit or day; or nothing was written of the scene or character that was asked for.
    """
    days = logbook.days(unit)
    number = wanted.day if wanted.day is not None else max((each.number for each in days), default=0)
    found = day_of(logbook, number, unit) if wanted.day is not None else None
    takes = takes_of(logbook, number, unit) if wanted.day is not None else ()
    written = logbook.continuity()
    book = _Book(logbook, written, picture, found)
    entries = _matching(written, wanted, {_key(take.episode, take.scene) for take in takes})
    scenes = book.scenes(entries, wanted, takes)
    if not scenes and (wanted.scene or wanted.character or wanted.story_day):
        raise ReportError(_nothing(written, wanted))
    production = logbook.production()
    newest = logbook.history(limit=1)
    return ContinuityReport(
        title=safe_text(production.title),
        unit=safe_text(unit),
        day=number,
        date=safe_text(found.date) if found else "",
        rate=production.rate.name,
        company=safe_text(company),
        director=safe_text(director),
        script_supervisor=safe_text(production.script_supervisor),
        totals=totals_of(takes),
        warnings=(),
        as_of=f"Log as of {moment(newest[0].wall_ns, found.timezone if found else '')}" if newest else "",
        scope=_scope(wanted, safe_text(found.date) if found else "", safe_text(unit)),
        place=tuple(map(safe_text, _place(wanted, unit))),
        scenes=scenes,
    )


def _key(episode: str | None, scene: str) -> _Key:
    return episode or "", sort_key(scene)


def _matching(entries: Iterable[Continuity], wanted: Wanted, shot: set[_Key]) -> list[Continuity]:
    return [
        one
        for one in entries
        if (wanted.scene is None or _key(one.episode, one.scene) == _key(wanted.episode, wanted.scene))
        and (wanted.character is None or same_name(one.character) == same_name(wanted.character))
        and (wanted.story_day is None or same_name(one.story_day) == same_name(wanted.story_day))
        and (wanted.day is None or _key(one.episode, one.scene) in shot)
    ]


def _nothing(entries: Iterable[Continuity], wanted: Wanted) -> str:
    asked = " ".join(
        filter(
            None,
            (
                f"of {wanted.character}" if wanted.character else "",
                f"in scene {scene_label(wanted.scene, wanted.episode)}" if wanted.scene else "",
                f"on story day {wanted.story_day}" if wanted.story_day else "",
                f"on day {wanted.day}" if wanted.day is not None else "",
            ),
        )
    )
    known = ", ".join(dict.fromkeys(one.character for one in entries)) or "nobody"
    return f"No continuity is written {safe_text(asked)}; the log has that of {safe_text(known)}."


def _scope(wanted: Wanted, date: str, unit: str) -> tuple[str, ...]:
    first = f"Scene {scene_label(wanted.scene, wanted.episode)}" if wanted.scene else "All scenes"
    if wanted.day is not None:
        first = f"{first} of day {wanted.day}"
    more = (wanted.character or "", f"story day {wanted.story_day}" if wanted.story_day else "", date)
    of_unit = (f"{unit} unit",) if wanted.day is not None else ()
    return (*(safe_text(text) for text in (first, *more) if text), *of_unit)


def _place(wanted: Wanted, unit: str) -> Iterable[str]:
    if wanted.day is not None:
        yield f"day{wanted.day:02d}"
        if unit != "Main":
            yield unit[:20]
    if wanted.scene is not None:
        yield f"scene_{scene_label(wanted.scene, wanted.episode)}"
    yield from (text[:20] for text in (wanted.character, wanted.story_day) if text)  # a file's name has 255 bytes


class _Book:
    """The scenes of the log with their stills."""

    def __init__(
        self,
        logbook: ContinuityBook,
        written: Sequence[Continuity],
        picture: Callable[[Still], bytes | None] | None,
        until: Day | None,
    ) -> None:
        self._logbook = logbook
        self._until = until
        self._written = {(_key(one.episode, one.scene), same_name(one.character)) for one in written}
        self._at_looks = {still.id for one in written for still in one.stills}
        self._picture = picture
        self._timezone = until.timezone if until is not None else ""
        self._scenes = {_key(scene.episode, scene.number): scene for scene in logbook.scenes()}
        self._typed: dict[_Key, str] = {}  # numbers of scenes that no script has
        self._of_scene = self._stills_of_scenes()

    def _by_then(self, unit: str, day: int | None) -> bool:
        """Whether a still is not of a later day of the unit whose day was asked for."""
        until = self._until
        return until is None or day is None or unit != until.unit or day <= until.number

    def _stills_of_scenes(self) -> Mapping[_Key, Sequence[tuple[Still, str]]]:
        """Stills that belong to a take or a setup, with its label; a refused one belongs to none."""
        setups = {setup.id: setup for setup in self._logbook.setups()}
        takes: dict[str, Take | None] = {}
        found: dict[_Key, list[tuple[Still, str]]] = {}

        def put(still: Still, of: Take | Setup) -> None:
            key = _key(of.episode, of.scene)
            self._typed.setdefault(key, of.scene)
            found.setdefault(key, []).append((still, of.label + ("?" if still.state is LinkState.PROPOSED else "")))

        for still in self._logbook.stills():
            if still.state is LinkState.REFUSED or not self._by_then(still.unit, still.day):
                continue
            if still.take_id is not None:
                if still.take_id not in takes:
                    takes[still.take_id] = self._logbook.take(still.take_id)
                take = takes[still.take_id]
                if take is not None and not take.deleted:
                    put(still, take)
            elif still.setup_id in setups:
                put(still, setups[still.setup_id])
        return found

    def scenes(self, entries: Sequence[Continuity], wanted: Wanted, takes: Sequence[Take]) -> tuple[SceneLooks, ...]:
        """Those with looks or, where nobody in particular was asked for, with stills of their takes."""
        by_place: dict[tuple[str, _Key], list[Continuity]] = {}
        for entry in entries:
            self._typed.setdefault(_key(entry.episode, entry.scene), entry.scene)
            by_place.setdefault((entry.story_day, _key(entry.episode, entry.scene)), []).append(entry)
        if wanted.character is None:
            written = {key for _, key in by_place}
            for key in self._with_stills(wanted, takes):
                day = self._scenes[key].story_day if key in self._scenes else ""
                if key not in written and (not wanted.story_day or same_name(day) == same_name(wanted.story_day)):
                    by_place[day, key] = []
        order = self._order(key for _, key in by_place)
        story_days: dict[str, int] = {}
        for day, key in sorted(by_place, key=lambda place: order[place[1]]):
            story_days.setdefault(same_name(day), order[key] if day else len(order) + 1)
        places = sorted(by_place, key=lambda place: (story_days[same_name(place[0])], order[place[1]], place[0]))
        told: set[_Key] = set()
        made = []
        for day, key in places:
            whole = wanted.character is None and key not in told
            told.add(key)
            made.append(self._scene(day, key, by_place[day, key], whole=whole))
        return tuple(made)

    def _with_stills(self, wanted: Wanted, takes: Sequence[Take]) -> Iterable[_Key]:
        shot = {_key(take.episode, take.scene) for take in takes}
        for key in self._of_scene:
            asked = wanted.scene is None or key == _key(wanted.episode, wanted.scene)
            if asked and (wanted.day is None or key in shot):
                yield key

    def _order(self, keys: Iterable[_Key]) -> Mapping[_Key, int]:
        """Places in the script; a scene that it does not have stands where its number would put it."""
        known = dict(self._scenes)
        for key in keys:
            if key not in known:
                known[key] = Scene(id="", episode=key[0] or None, number=self._typed[key])
        return {_key(scene.episode, scene.number): place for place, scene in enumerate(in_script_order(known.values()))}

    def _scene(self, story_day: str, key: _Key, entries: Sequence[Continuity], *, whole: bool) -> SceneLooks:
        """A scene; where it is told as a `whole`, also who is missing, and the stills of its takes."""
        scene = self._scenes.get(key)
        label = safe_text(scene_label(scene.number if scene is not None else self._typed[key], key[0] or None))
        heading = safe_text(scene.heading) if scene is not None else ""
        characters = scene.characters if scene is not None and whole else ()
        stills = self._of_scene.get(key, ()) if whole else ()
        return SceneLooks(
            heading=" · ".join(filter(None, (safe_text(story_day), f"Scene {label}", heading))),
            scene=f"Scene {label}",
            not_written=tuple(safe_text(name) for name in characters if (key, same_name(name)) not in self._written),
            looks=tuple(self._look(entry) for entry in entries),
            stills=tuple(self._still(still, safe_text(of)) for still, of in stills if still.id not in self._at_looks),
        )

    def _look(self, entry: Continuity) -> LookLine:
        said = {name: safe_text(text, lines=True) for name, text in entry.looks.items()}
        return LookLine(
            key=entry.id or "",
            character=safe_text(entry.character),
            stills=tuple(self._still(still, "") for still in entry.stills),
            **said,
        )

    def _still(self, still: Still, of: str) -> StillLine:
        picture = self._picture(still) if self._picture is not None else None
        return StillLine(
            key=still.id,
            name=safe_text(still.name),
            of=of,
            taken=f"{local(still.taken_ns, self._timezone):%Y-%m-%d %H:%M}" if still.taken_ns is not None else "",
            caption=safe_text(still.caption),
            picture=picture,
            gone=picture is None and self._picture is not None,
        )
