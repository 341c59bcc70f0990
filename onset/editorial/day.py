"""A shooting day for the cutting room, made of a logbook's answers.

Used by `onset export`; every format starts from here. **A link that is only proposed is no fact**: a take whose file
nobody and no two kinds of evidence confirmed is an event without a file, and named among what is left out. Notes of
audience *editor* are in it, no others.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import PurePath
from typing import Protocol

from onset.domain.camera import Angle, Clip, Source
from onset.domain.card import Card
from onset.domain.production import Day, Production, Unit
from onset.domain.scene import Scene, Setup, in_script_order
from onset.domain.selects import place_of
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, State, Take
from onset.editorial.clocks import Clock, clock_of, standing_apart
from onset.editorial.event import EditorialDay, Event, Heard, LeftOut, Marker, Media, Part
from onset.editorial.options import EVERYTHING, Order, Wanted, named
from onset.editorial.settings import fraction, sensor_fps, settings
from onset.editorial.sure import for_the_editor, not_sure, sure_of
from onset.editorial.where import path_elsewhere
from onset.editorial.within import frame_at, frames_at, label_of, part_of, rate_of, renamed, widened
from onset.errors import ExportError, TimecodeError
from onset.logbook.terms import Conflict, TakeFilter
from onset.reel import without_ending
from onset.slate import sort_key
from onset.text import safe_text
from onset.timecode import Rate, Timecode


class EditorialBook(Protocol):
    """The questions that an export asks; every `Logbook` answers them."""

    def production(self) -> Production: ...

    def units(self) -> Sequence[Unit]: ...

    def days(self, unit: str = "Main") -> Sequence[Day]: ...

    def takes(self, wanted: TakeFilter = ...) -> Sequence[Take]: ...

    def setups(self, *, scene: str | None = None) -> Sequence[Setup]: ...

    def scenes(self) -> Sequence[Scene]: ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]: ...

    def conflicts(self) -> Sequence[Conflict]: ...

    def cards(self) -> Sequence[Card]: ...


def days_of(book: EditorialBook, unit: str, number: int | None) -> tuple[Day, ...]:
    """The day of that number, or all days of a unit, in their order.

    Raises:
        ExportError: there is no such unit or day; names those there are.
    """
    units = [one.name for one in book.units()]
    if unit not in units:
        raise ExportError(
            f'There is no unit "{safe_text(unit)}"; this log has {safe_text(", ".join(units)) or "none"}.'
        )
    days = sorted(book.days(unit), key=lambda day: day.number)
    if not days:
        raise ExportError(f"No shooting day of unit {safe_text(unit)} has been opened yet.")
    found = tuple(day for day in days if number in (None, day.number))
    if not found:
        known = ", ".join(str(day.number) for day in days)
        raise ExportError(f"There is no day {number} of unit {safe_text(unit)}; the log has day {known}.")
    return found


def editorial_day(book: EditorialBook, day: Day, wanted: Wanted = EVERYTHING) -> EditorialDay:
    """Ask the log for a day.

    Args:
        book: asked on the caller's thread; the day's links are up to date (`onset.cli.matching`).
        day: of `days_of`.
        wanted: which events, and how.

    Raises:
        ExportError: labels cannot be read at the rate that was asked for; names the file.
    """
    takes = book.takes(TakeFilter(unit=day.unit, day=day.number, limit=None, oldest_first=True))
    production = book.production()
    uses = _uses([*takes, *_takes_near(book, day)])
    apart = standing_apart([take for take in takes if not take.deleted], uses)
    asked = _Asked(
        book=book,
        day=day,
        rate=production.rate,
        wanted=wanted,
        takes=takes,
        scenes={(scene.episode, scene.number): scene for scene in book.scenes()},
        setups={(setup.episode, setup.scene, setup.slate): setup for setup in book.setups()},
        known={file.id: file for near in (-1, 0, 1) for file in book.media(unit=day.unit, day=day.number + near)},
        uses=uses,
        apart=frozenset(one.clock for one in apart),
        copies=frozenset(copy.path for card in book.cards() for copy in card.copies),
    )
    chosen = [take for take in takes if not take.deleted and _is_wanted(take, wanted)]
    left_out = [LeftOut(take.label, "it still rolls") for take in chosen if take.state is State.ROLLING]
    events: list[Event] = []
    sync_sound: list[Event] = []
    for take in chosen:
        if take.state is not State.ROLLING:
            left_out += asked.not_sure(take)
            of_take = asked.events(take)
            events += of_take
            if any(event.camera for event in of_take):
                sync_sound += asked.sound(asked.seen(take))
    return EditorialDay(
        production=production,
        unit=day.unit,
        day=day,
        rate=wanted.rate or production.rate,
        events=tuple(_ordered(events, wanted, asked.scenes)),
        sync_sound=tuple(_ordered(sync_sound, wanted, asked.scenes)),
        left_out=tuple(dict.fromkeys(left_out)),
        warnings=(*_warnings(takes, day, book.conflicts()), *map(str, apart), *_alike(events)),
    )


def _takes_near(book: EditorialBook, day: Day) -> Iterable[Take]:
    """Takes of the days before and after, which a file that ran on belongs to as well."""
    for number in (day.number - 1, day.number + 1):
        yield from book.takes(TakeFilter(unit=day.unit, day=number, limit=None, oldest_first=True))


def _uses(takes: Iterable[Take]) -> Mapping[str, int]:
    """How many takes each file belongs to for sure."""
    return Counter(file for take in takes if not take.deleted for file in {one.id for one in sure_of(take)})


def _is_wanted(take: Take, wanted: Wanted) -> bool:
    if wanted.tag is not None and wanted.tag not in take.tags:
        return False
    return wanted.episode is None or (take.episode or "").casefold() == wanted.episode.casefold()


def _warnings(takes: Sequence[Take], day: Day, conflicts: Sequence[Conflict]) -> Iterable[str]:
    if not takes:
        yield f"No take was logged on day {day.number}."
    for label in dict.fromkeys(take.label for take in takes if take.duplicate and not take.deleted):
        yield f"Two seats gave the number {safe_text(label)}; both takes are exported."
    ids = {take.id for take in takes}
    for one in conflicts:
        if one.take is not None and one.take.id in ids:
            what = safe_text(f"{one.take.label}, {one.field}")
            yield f"Two seats changed {what} without having seen each other; one of the values is exported."


def _alike(events: Iterable[Event]) -> Iterable[str]:
    """Clips of several files that the pattern calls the same; takes of one file may well be called by it."""
    files: dict[str, dict[str, str]] = {}
    for event in events:
        if event.media is not None:
            label = " ".join(filter(None, (event.take.label, event.camera)))
            files.setdefault(event.name, {}).setdefault(event.media.id, label)
    alike = {name: labels for name, labels in files.items() if len(labels) > 1}
    for name, labels in [*alike.items()][:1]:
        which = safe_text(f"{name} ({', '.join(labels.values())})")
        more = f", and so it is with {len(alike) - 1} more names" if len(alike) > 1 else ""
        apart = "{slate}, {take} and {camera} in --name tell them apart"
        yield f"{len(labels)} clips are called {which}{more}; {apart}."


@dataclass(frozen=True, slots=True, kw_only=True)
class _Asked:
    """What the log answered about a day; makes events of it.

    Attributes:
        uses: how many takes a file belongs to for sure.
        apart: whose labels cannot tell where a take lies in its file.
        copies: folders that cards were copied to.
    """

    book: EditorialBook
    day: Day
    rate: Rate
    wanted: Wanted
    takes: Sequence[Take]
    scenes: Mapping[tuple[str | None, str], Scene]
    setups: Mapping[tuple[str | None, str, str], Setup]
    known: Mapping[str, Clip | SoundFile]
    uses: Mapping[str, int]
    apart: Collection[Clock]
    copies: Collection[str]

    def not_sure(self, take: Take) -> Iterable[LeftOut]:
        """Files of a take that are not exported, and why."""
        if self.wanted.circled and not any(event.circled for event in self._every_event(take)):
            return
        for angle in take.angles:
            if self._is_asked(angle.camera):
                yield from not_sure(take, angle.clips, f"{take.label} {angle.camera}")
        if self.wanted.camera is None:
            for sound in take.sound:
                yield from not_sure(take, sound.files, f"{take.label} {sound.device}")

    def events(self, take: Take) -> list[Event]:
        """Events of a take, as they are wanted."""
        return [event for event in self._every_event(take) if event.circled or not self.wanted.circled]

    def _every_event(self, take: Take) -> list[Event]:
        seen = self.seen(take)
        found: list[Event] = []
        alone = take.kind is Kind.WILD_TRACK and not any(angle.clips for angle in take.angles)
        for angle in () if alone else seen.angles:
            if self._is_asked(angle.camera):
                files = sorted(angle.clips, key=lambda clip: (clip.number or 0, clip.name))
                found += [self._event(seen, angle.camera, angle, clip) for clip in files]
                if not files:
                    found.append(self._event(seen, angle.camera, angle, None))
        if not found and self.wanted.camera is None:
            found = self.sound(seen) or [self._event(seen, "", None, None)]
        return found

    def seen(self, take: Take) -> Take:
        """The take as the cutting room may see it."""
        return for_the_editor(take, lambda path: path_elsewhere(path, self.copies))

    def sound(self, seen: Take) -> list[Event]:
        """An event a sound file of a take as the editor may see it; none where one camera is asked for."""
        if self.wanted.camera is not None:
            return []
        files = [file for each in seen.sound for file in sorted(each.files, key=lambda file: file.name)]
        return [self._event(seen, "", None, file) for file in files]

    def _is_asked(self, camera: str) -> bool:
        return self.wanted.camera is None or camera.casefold() == self.wanted.camera.casefold()

    def _event(self, take: Take, camera: str, angle: Angle | None, file: Clip | SoundFile | None) -> Event:
        setup = self.setups.get((take.episode, take.scene, take.slate))
        data = settings(angle, setup)
        media = self._media(take, angle, file) if file is not None else None
        sensor = sensor_fps(data.fps, media.rate) if media is not None and not media.sound else None
        start = _own_start(file)
        begin, end = _ends(take, angle)
        part = self._part(take, angle, file, (begin, end, start), sensor)
        roll = (angle.roll if angle is not None else take.sound_roll) or (media.reel if media is not None else "")
        event = Event(
            name="",
            take=take,
            camera=camera,
            roll=roll,
            angle=angle,
            media=media,
            master_in=self._moved(begin, take.label),
            master_out=self._moved(end, take.label),
            roll_part=part,
            part=self._with_handles(part, media),
            shared=media is not None and self.uses.get(media.id, 0) > 1,
            sensor_fps=sensor,
            sound=tuple(self._full(one) for each in take.sound for one in each.files),
            heard=tuple(self._heard(take, one) for each in take.sound for one in each.files) if camera else (),
            scene=self.scenes.get((take.episode, take.scene)),
            setup=setup,
            data=data,
            markers=tuple(self._markers(take, start if part is not None else None, sensor)),
        )
        return replace(event, name=self._name(event))

    def _heard(self, take: Take, file: SoundFile) -> Heard:
        return Heard(
            self._media(take, None, file), self._part(take, None, file, (*_ends(take, None), _own_start(file)), None)
        )

    def _full(self, file: SoundFile) -> SoundFile:
        """A take does not tell all that its file says."""
        whole = self.known.get(file.id)
        return replace(whole, link=file.link, path=file.path) if isinstance(whole, SoundFile) else file

    def _media(self, take: Take, angle: Angle | None, file: Clip | SoundFile) -> Media:
        start = self._moved(_own_start(file), f"{file.name} of {take.label}")
        if isinstance(file, Clip):
            # Our own recording of a camera's feed does not lie on the camera's roll.
            typed = angle.roll if angle is not None and file.source is not Source.RECORDER else None
            reel = file.reel or typed or ""
        else:
            file = self._full(file)
            reel = file.roll or take.sound_roll or ""
        return Media(
            id=file.id,
            name=PurePath(file.path).name or file.name,
            path=file.path,
            rate=start.rate if start is not None else rate_of(file.rate) or take.frame_rate,
            start=start,
            frames=file.duration_frames,
            reel=reel,
            sound=isinstance(file, SoundFile),
            tracks=file.tracks if isinstance(file, SoundFile) else (),
            fps=fraction(file.fps) if isinstance(file, Clip) else None,
            own=file.source is Source.RECORDER,
            interrupted=file.interrupted if isinstance(file, Clip) else False,
            dropped=file.dropped if isinstance(file, Clip) else 0,
        )

    def _part(
        self,
        take: Take,
        angle: Angle | None,
        file: Clip | SoundFile | None,
        labels: tuple[Timecode | None, Timecode | None, Timecode | None],
        sensor: Fraction | None,
    ) -> Part | None:
        """Where the take lies in the file; `labels` are those of its roll, its cut and the file's first frame."""
        if file is None:
            return None
        clock = clock_of(take, file, angle.roll if angle is not None else take.sound_roll)
        if clock in self.apart:
            return None
        return part_of(*labels, file.duration_frames, sensor, same_clock=clock is None)

    def _with_handles(self, part: Part | None, media: Media | None) -> Part | None:
        if part is None or media is None or not media.frames:
            return None
        return widened(part, self.wanted.handles, media.frames)

    def _markers(self, take: Take, start: Timecode | None, sensor: Fraction | None) -> Iterable[Marker]:
        for note in take.notes:
            tc = label_of(note.tc, take.frame_rate)
            if tc is None and not note.mark:
                continue  # a note that was written outside the take
            frame = frame_at(tc, start, sensor) if tc is not None and start is not None else None
            yield Marker(
                frame=frame, tc=self._moved(tc, take.label), text=note.text, author=note.author, mark=note.mark
            )

    def _moved(self, label: Timecode | None, whose: str) -> Timecode | None:
        """The label as the options have it."""
        if label is None:
            return None
        try:
            offset = frames_at(self.wanted.offset, self.rate, label.rate) if self.wanted.offset else 0
            return renamed(label, self.wanted.rate, offset)
        except TimecodeError as error:
            raise ExportError(f"{safe_text(whose)}: {error}.") from None

    def _name(self, event: Event) -> str:
        take = event.take
        fields = {
            "clip": without_ending(event.media.name) if event.media is not None else "",
            "episode": take.episode or "",
            "scene": take.scene,
            "slate": take.slate,
            "take": take.take,
            "camera": event.camera,
            "roll": event.roll,
            "day": f"{self.day.number:02d}",
            "unit": self.day.unit,
        }
        pattern = self.wanted.pattern
        return named(pattern, fields) or named("{slate}-{take} {camera}", fields)


def _own_start(file: Clip | SoundFile | None) -> Timecode | None:
    """The label that the file itself has: takes are placed by it, whatever is exported."""
    labelled_at = rate_of(file.rate) if file is not None else None
    return label_of(file.tc_in, labelled_at) if file is not None and labelled_at is not None else None


def _ends(take: Take, angle: Angle | None) -> tuple[Timecode | None, Timecode | None]:
    """Roll and cut, or where this camera was late or ended early."""
    rate = take.frame_rate
    begin = label_of(take.tc_in, rate)
    end = label_of(take.tc_out, rate)
    if end is None and begin is not None and take.duration_frames is not None:
        end = begin.later(take.duration_frames)
    late, early = (label_of(angle.start, rate), label_of(angle.end, rate)) if angle is not None else (None, None)
    return late or begin, early or end


def _ordered(
    events: Sequence[Event], wanted: Wanted, scenes: Mapping[tuple[str | None, str], Scene]
) -> Sequence[Event]:
    """Sorting is stable: what is alike stays as it was shot."""
    order, tag = wanted.order, wanted.tag
    if order is Order.TAG and tag is not None:
        return sorted(events, key=lambda event: place_of(event.take, tag))
    if order is Order.CAMERA:
        return sorted(events, key=lambda event: (not event.camera, event.camera.casefold()))
    if order is Order.SCENE:
        place = {scene.id: n for n, scene in enumerate(in_script_order(scenes.values()))}
        return sorted(events, key=lambda event: _in_script(event, place))
    return events


def _in_script(event: Event, place: Mapping[str, int]) -> tuple[int, str, str, int]:
    take = event.take
    known = place.get(event.scene.id, len(place)) if event.scene is not None else len(place)
    return known, sort_key(take.scene), sort_key(take.slate), take.ordinal
