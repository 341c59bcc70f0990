"""Scenes with everything shot of them, asked of the log and put in words: the `FacingPages` that `facing.py` sets.

Used by `onset report facing`. All words pass `safe_text` here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.credit import Credit, Owed
from onset.domain.measures import in_eighths, in_screen_time
from onset.domain.note import Anchor, AnchoredNote, Audience
from onset.domain.production import Day
from onset.domain.scene import CameraSetup, Scene, Setup, scene_label
from onset.domain.take import Kind, Status, Take
from onset.errors import ReportError
from onset.logbook.terms import LoggedChange, NoteFilter, TakeFilter
from onset.logbook.totals import roots
from onset.reports.day import DayBook, day_of, doubts_of, moment, take_timing, takes_of, totals_of
from onset.reports.facing import CreditLine, FacingPages, FacingScene, FacingSetup, FacingTake
from onset.reports.linked import roll_of
from onset.reports.section import Facts
from onset.reports.take_words import comments, flags, note_words, sound_roll_words, status_words
from onset.slate import sort_key
from onset.text import safe_text
from onset.toml import nearest

_READERS = (Audience.EDITOR, Audience.PRODUCTION)
_NAMED = 4  # scenes in the name of a file
SceneName = tuple[str, str | None]  # number and episode


class FacingBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def scenes(self) -> Sequence[Scene]: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def credits(self, *, unit: str | None = None, day: int | None = None) -> Sequence[Credit]: ...

    def owed(self, *, every: bool = False) -> Sequence[Owed]: ...

    def notes(self, wanted: NoteFilter = ...) -> Sequence[AnchoredNote]: ...

    def take(self, take_id: str) -> Take | None: ...

    def history(self, *, limit: int = 200) -> Sequence[LoggedChange]: ...


def pages_of_scene(logbook: FacingBook, name: SceneName, *, company: str = "", director: str = "") -> FacingPages:
    """Facing pages of one scene, over all days and units.

    One that was only shot together with others (`41+122`), and that the script has not, is on the pages of these.

    Raises:
        ReportError: neither the script nor the log has such a scene; names the nearest.
    """
    binder = _Binder(logbook)
    labels = binder.in_order(binder.spelled(name))
    words = f"Scene {labels[0]}" if len(labels) == 1 else f"Scenes {', '.join(labels)}"
    return binder.pages(labels, _Scope((words,), ("scene", *labels[:_NAMED])), company, director)


def pages_of_day(
    logbook: FacingBook, day: int, *, unit: str = "Main", company: str = "", director: str = ""
) -> FacingPages:
    """Facing pages of the scenes that a day touched: each as it was when that day had ended, over all units.

    Raises:
        ReportError: there is no such unit or day; names those there are.
    """
    found = day_of(logbook, day, unit)
    binder = _Binder(logbook, found)
    touched = {label for take in takes_of(logbook, day, unit) for label in binder.filed_under(take.scene, take.episode)}
    credits = logbook.credits(unit=unit, day=day)
    touched |= {label for one in credits for label in binder.filed_under(one.number, one.episode)}
    place = (f"day{day:02d}", *([unit[:20]] if unit != "Main" else []))
    scope = _Scope((f"Scenes of day {day}", found.date, f"{unit} unit"), place, found)
    return binder.pages(binder.in_order(touched), scope, company, director)


def pages_of_all(logbook: FacingBook, *, company: str = "", director: str = "") -> FacingPages:
    """Facing pages of every scene of which anything was shot, planned as a setup, or credited."""
    binder = _Binder(logbook)
    labels = binder.filed.keys() | {
        label for one in binder.credits for label in binder.filed_under(one.number, one.episode)
    }
    return binder.pages(binder.in_order(labels), _Scope(("All scenes",), ("all",)), company, director)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What pages are about, for their head and for their file's name; `day` where they are those of a day."""

    words: tuple[str, ...]
    place: tuple[str, ...]
    day: Day | None = None


class _Binder:
    """What the log says of scenes, by the label that they are filed under."""

    def __init__(self, logbook: FacingBook, until: Day | None = None) -> None:
        """`until`: what later days brought is left out; so are setups of which nothing was shot by then."""
        self._logbook = logbook
        self._until = until
        self._dates = {(each.name, day.number): day.date for each in logbook.units() for day in logbook.days(each.name)}
        self._timezone = until.timezone if until is not None else ""
        scenes = logbook.scenes()
        self._scenes = {scene.label: scene for scene in scenes}
        self._became = _became(scenes)
        self._spelled = {
            (sort_key(scene.number), scene.episode): self._became.get(scene.label, scene.label) for scene in scenes
        }
        self._place = {label: number for number, label in enumerate(self._scenes)}
        self._root = roots(scenes)
        self._setups = {(setup.episode, setup.slate): setup for setup in logbook.setups()}
        self.filed: dict[str, list[Setup]] = {}
        for setup in self._setups.values():
            for label in self.filed_under(setup.scene, setup.episode):
                self.filed.setdefault(label, []).append(setup)
        self.credits = [one for one in logbook.credits() if self._by_then(one.unit, one.day)]
        self._owed = [one for one in logbook.owed(every=until is not None) if self._waits(one)]
        self._main = logbook.units()[0].name
        self._notes = self._notes_by_then()

    def _by_then(self, unit: str, day: int | None) -> bool:
        """Whether a day of some unit was over, or was that very day: another unit's is compared by its date."""
        until = self._until
        if until is None or day is None:
            return True
        return day <= until.number if unit == until.unit else self._dates.get((unit, day), "") <= until.date

    def _waits(self, one: Owed) -> bool:
        """Whether it was owed then; one that was dropped is left out, because nobody knows when."""
        if one.dropped or not self._by_then(one.unit, one.day):
            return False
        shot = self._logbook.take(one.shot.id) if one.shot is not None else None
        return shot is None or not self._by_then(shot.unit, shot.day)

    def _notes_by_then(self) -> Mapping[str, Sequence[str]]:
        """Notes about scenes and setups, by the id of these; none of them private."""
        found: dict[str, list[str]] = {}
        for anchor in (Anchor.SCENE, Anchor.SETUP):
            for one in self._logbook.notes(NoteFilter(anchor=anchor, limit=None)):
                shown = one.note.audience in _READERS and not one.note.deleted
                if one.about_id is not None and shown and self._by_then(one.unit, one.day):
                    found.setdefault(one.about_id, []).append(note_words(one.note))
        return found

    def filed_under(self, scene: str, episode: str | None) -> list[str]:
        """Labels of the scenes on whose pages a slate of `scene` stands: `41+122` is on those of 41 and of 122."""
        parts = [self._spelled.get((part, episode)) for part in _parts(scene)]
        known = [label for label in parts if label is not None]
        return known or [scene_label(scene, episode)]

    def spelled(self, name: SceneName) -> list[str]:
        """The label of the scene that somebody names, as the log spells it; of several, where it was shot with them."""
        number, episode = name
        wanted = (sort_key(number), episode)
        if wanted in self._spelled:
            return [self._spelled[wanted]]
        found = [
            label
            for label, setups in self.filed.items()
            if any(
                setup.episode == episode and wanted[0] in (sort_key(setup.scene), *_parts(setup.scene))
                for setup in setups
            )
        ]
        if found:
            return found
        label = scene_label(number, episode)
        near = nearest(label, [*self._scenes, *self.filed])
        raise ReportError(f"There is no scene {safe_text(label)} in the script or the log{safe_text(near)}.")

    def in_order(self, labels: Iterable[str]) -> list[str]:
        """As the script has them; those that it does not have come last."""
        return sorted(labels, key=lambda label: (self._place.get(label, len(self._place)), sort_key(label)))

    def pages(self, labels: Sequence[str], scope: _Scope, company: str, director: str) -> FacingPages:
        """The pages of these scenes."""
        takes = {label: self._takes(label) for label in labels}
        every = list({take.id: take for those in takes.values() for take in those}.values())
        last = max(every, key=lambda take: take.shot, default=None)
        unit, day = (scope.day.unit, scope.day.number) if scope.day else (self._main, last.day if last else 0)
        newest = self._logbook.history(limit=1)
        production = self._logbook.production()
        return FacingPages(
            title=safe_text(production.title),
            unit=safe_text(unit),
            day=day,
            date=safe_text(self._dates.get((last.unit, day) if last and not scope.day else (unit, day), "")),
            rate=production.rate.name,
            company=safe_text(company),
            director=safe_text(director),
            totals=totals_of(every),
            warnings=(
                *(() if labels else ("Nothing of any scene was shot or credited; there is nothing to file.",)),
                *doubts_of(every, self._logbook.conflicts()),
            ),
            as_of=f"Log as of {moment(newest[0].wall_ns, self._timezone)}" if newest else "",
            scope=tuple(map(safe_text, scope.words)),
            place=scope.place,
            scenes=tuple(self._scene(label, takes[label]) for label in labels),
        )

    def _takes(self, label: str) -> list[Take]:
        """All takes of a scene in the order in which they were shot."""
        spellings = {(setup.scene, setup.episode) for setup in self.filed.get(label, ())}
        for each in (label, *(earlier for earlier, now in self._became.items() if now == label)):
            if each in self._scenes:  # a setup may have been put to another scene since
                spellings.add((self._scenes[each].number, self._scenes[each].episode))
        found: dict[str, Take] = {}
        for scene, episode in spellings:
            wanted = TakeFilter(scene=scene, episode=episode, limit=None, oldest_first=True)
            for take in self._logbook.takes(wanted):
                here = take.episode == episode and label in self.filed_under(take.scene, take.episode)
                if here and self._by_then(take.unit, take.day):
                    found[take.id] = take
        return sorted(found.values(), key=lambda take: take.shot)

    def _scene(self, label: str, takes: Sequence[Take]) -> FacingScene:
        scene = self._scenes.get(label)
        by_slate: dict[tuple[str | None, str], list[Take]] = {
            (setup.episode, setup.slate): [] for setup in self.filed.get(label, ())
        }
        wild = [take for take in takes if take.kind is Kind.WILD_TRACK]
        for take in takes:
            if take.kind is not Kind.WILD_TRACK:
                by_slate.setdefault((take.episode, take.slate), []).append(take)
        only_wild = {(take.episode, take.slate) for take in wild if not by_slate.get((take.episode, take.slate))}
        if self._until is not None:  # planned is not shot
            by_slate = {key: those for key, those in by_slate.items() if those}
        slates = sorted(by_slate.keys() - only_wild, key=lambda key: sort_key(key[1]))
        credits = [one for one in self.credits if self._is_of(one, label, scene)]
        return FacingScene(
            key=scene.id if scene else label,
            heading=safe_text(f"Scene {label}"),
            about=tuple(self._about(label, scene)),
            credits=tuple(map(self._credit, credits)),
            setups=tuple(self._setup(self._setups.get(key), key[1], by_slate[key]) for key in slates),
            wild_tracks=tuple(
                self._take(take, take.label, self._setups.get((take.episode, take.slate))) for take in wild
            ),
        )

    def _is_of(self, credit: Credit, label: str, scene: Scene | None) -> bool:
        """Also what was credited of it while it had another number."""
        if scene is None:
            return credit.label == label
        return self._root.get(credit.scene_id, credit.scene_id) == self._root[scene.id]

    def _about(self, label: str, scene: Scene | None) -> Iterator[Facts]:
        if scene is not None:
            if scene.heading:
                yield (("Heading", safe_text(scene.heading)),)
            said = (
                ("Was", ", ".join(earlier for earlier, now in self._became.items() if now == label)),
                ("Pages", _pages(scene)),
                ("On script page", scene.pages),
                ("Estimate", in_screen_time(scene.estimate_s) if scene.estimate_s is not None else ""),
                ("Story day", scene.story_day),
                ("Script", "OMITTED" if scene.omitted else ""),
            )
            yield tuple((what, safe_text(value)) for what, value in said if value)
            if scene.characters:
                yield (("Characters", safe_text(", ".join(scene.characters))),)
            if scene.note:
                yield (("Note", safe_text(scene.note)),)
            for note in self._notes.get(scene.id, ()):
                yield (("Note", note),)
        for one in self._owed:
            if scene_label(one.scene, one.episode) == label:
                where = f" in {one.slate}" if one.slate else ""
                yield (("Owed", safe_text(f"{one.kind}{where}: {one.text}")),)

    def _credit(self, one: Credit) -> CreditLine:
        return CreditLine(
            key=one.id,
            day=self._day(one.unit, one.day),
            date=safe_text(self._dates.get((one.unit, one.day), "")),
            state=str(one.state),
            pages=in_eighths(one.eighths) if one.eighths is not None else "",
            time=in_screen_time(one.seconds) if one.seconds is not None else "",
            author=safe_text(one.author),
            note=safe_text(one.note),
        )

    def _day(self, unit: str, day: int) -> str:
        return str(day) if unit == self._main else safe_text(f"{day} {unit}")

    def _setup(self, setup: Setup | None, slate: str, takes: Sequence[Take]) -> FacingSetup:
        return FacingSetup(
            key=setup.id if setup is not None else slate,
            heading=safe_text(slate),
            about=tuple(self._said_of(setup)) if setup is not None else (),
            takes=tuple(self._take(take, take.take) for take in takes),
        )

    def _said_of(self, setup: Setup) -> Iterator[Facts]:
        shot = (
            ("Size", setup.size),
            ("Description", setup.description),
            ("VFX", setup.vfx_note or ("yes" if setup.vfx else "")),
            ("MOS", "yes" if setup.mos else ""),
        )
        if any(value for _, value in shot):
            yield tuple((what, safe_text(value)) for what, value in shot if value)
        for camera in setup.cameras:
            yield ((safe_text(camera.camera), safe_text(", ".join(filter(None, _optics(camera))))),)
        if setup.begins or setup.ends:
            ends = (("From", safe_text(setup.begins)), ("to", safe_text(setup.ends)))
            yield tuple((what, words) for what, words in ends if words)
        for what, words in (("On camera", ", ".join(setup.characters)), ("Sound", setup.sound_note)):
            if words:
                yield ((what, safe_text(words)),)
        if setup.note:
            yield (("Note", safe_text(setup.note)),)
        for note in self._notes.get(setup.id, ()):
            yield (("Note", note),)

    def _take(self, take: Take, number: str, setup: Setup | None = None) -> FacingTake:
        """A row; a wild track has no setup to stand under, and says itself what is said of it."""
        status = status_words(take)
        return FacingTake(
            key=take.id,
            number=safe_text(number),
            circled=take.status is Status.CIRCLED,
            day=self._day(take.unit, take.day),
            status=(*([status] if status else []), *(flag for flag in flags(take) if flag != "WILD TRACK")),
            timing=take_timing(take),
            camera_rolls=tuple(safe_text(f"{angle.camera} {roll_of(angle) or '-'}") for angle in take.angles),
            sound_rolls=sound_roll_words(take),
            notes=(*([safe_text(setup.description)] if setup and setup.description else []), *comments(take, _READERS)),
        )


def _parts(scene: str) -> list[str]:
    """Sort keys of the scenes that a slate covers."""
    return [sort_key(part) for part in scene.split("+") if part.strip()]


def _became(scenes: Sequence[Scene]) -> dict[str, str]:
    """Labels of scenes that the script has no more to those of the scenes that they became; what is parted stays."""
    by_id = {scene.id: scene for scene in scenes}
    after: dict[str, list[Scene]] = {}
    for scene in scenes:
        earlier = by_id.get(scene.predecessor or "")
        if earlier is not None and earlier.omitted:
            after.setdefault(earlier.id, []).append(scene)
    found = {}
    for scene in scenes:
        now, seen = scene, {scene.id}
        while len(later := after.get(now.id, [])) == 1 and later[0].id not in seen:
            now = later[0]
            seen.add(now.id)
        if now is not scene:
            found[scene.label] = now.label
    return found


def _pages(scene: Scene) -> str:
    if scene.eighths is None:
        return ""
    return ("~" if scene.eighths_estimated else "") + in_eighths(scene.eighths)


def _optics(camera: CameraSetup) -> tuple[str, ...]:
    seen = f"on {', '.join(camera.characters)}" if camera.characters else ""
    return (camera.size, camera.lens, camera.height, camera.tilt, camera.filters, camera.description, seen)
