"""Which sound rolls a shooting day has: by its takes, by what was loaded, and by what only files tell of.

Used by `sound_day.py`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Protocol

from onset.domain.camera import Clip, Link, LinkState, Source
from onset.domain.card import Card, Roll
from onset.domain.sound import SoundFile, SoundTake
from onset.domain.take import Take
from onset.errors import ReportError
from onset.logbook.rolls import SOUND
from onset.logbook.terms import LoggedChange
from onset.reel import same_roll
from onset.reports.day import DayBook
from onset.slate import sort_key
from onset.text import safe_text


class SoundBook(DayBook, Protocol):
    """The questions that this report asks; every `Logbook` answers them."""

    def links(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Link]: ...

    def media(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Clip | SoundFile]: ...

    def rolls(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Roll]: ...

    def cards(self) -> Sequence[Card]: ...

    def history(self, take_id: str | None = None, *, limit: int = 200) -> Sequence[LoggedChange]: ...


@dataclass(slots=True)
class OnSoundRoll:
    """What was found of a sound roll while the day is gone through: takes with files of one recording each."""

    recorder: str
    roll: str
    recorded: list[tuple[Take, SoundTake, tuple[SoundFile, ...]]] = field(default_factory=list)
    loose: list[tuple[SoundFile, ...]] = field(default_factory=list)

    @property
    def files(self) -> list[SoundFile]:
        """All of them."""
        return [file for _, _, files in self.recorded for file in files] + [one for same in self.loose for one in same]


def sound_rolls(
    logbook: SoundBook,
    takes: Sequence[Take],
    media: Mapping[str, Clip | SoundFile],
    links: Iterable[Link],
    unit: str,
    day: int,
) -> list[OnSoundRoll]:
    """The sound rolls of the day: those with takes, those that were loaded, and those that only files tell of."""
    sheets = sound_rolls_of(takes, media)
    taken = {link.media_id for link in links if link.state is not LinkState.REFUSED}
    of_day = [one for one in logbook.media(unit=unit, day=day) if isinstance(one, SoundFile) and one.id not in taken]
    for same in _sets(of_day, media):
        _sheet_of(sheets, same[0].device, same[0].roll).loose.append(same)
    for roll in logbook.rolls(unit=unit, day=day):
        if roll.device == SOUND:
            _sheet_of(sheets, "", roll.label)  # of whatever recorder has it
    return sorted(sheets, key=lambda sheet: (sort_key(sheet.roll) if sheet.roll else "", sheet.recorder.casefold()))


def sound_rolls_of(takes: Sequence[Take], media: Mapping[str, Clip | SoundFile]) -> list[OnSoundRoll]:
    """The sound rolls that takes are on, as they came to be used; also the one of no name."""
    sheets: list[OnSoundRoll] = []
    for take in takes:
        for sound in _sound_of(take):
            named = _named(sound)
            sheet = _sheet_of(sheets, sound.device, sound.roll or named or take.sound_roll or "")
            standing = [file for file in sound.files if file.link is not LinkState.REFUSED]
            originals = [file for file in standing if file.source is not Source.RECORDER]
            for same in _sets(originals or standing, media) or [()]:
                sheet.recorded.append((take, sound, same))
    return sheets


def _named(sound: SoundTake) -> str:
    """The roll as the recorder's own file names it; one that is only proposed for the take names nothing."""
    sure = (file for file in sound.files if file.link is LinkState.CONFIRMED and file.source is not Source.RECORDER)
    return next((file.roll for file in sure if file.roll), "")


def _sheet_of(sheets: list[OnSoundRoll], recorder: str, label: str) -> OnSoundRoll:
    """That roll, however it is spelt; who names no recorder may mean any."""
    for sheet in sheets:
        same = same_roll(sheet.roll, label) if sheet.roll and label else sheet.roll == label
        if same and (sheet.recorder == recorder or not recorder or not sheet.recorder):
            sheet.recorder = sheet.recorder or recorder
            return sheet
    sheets.append(OnSoundRoll(recorder, label))
    return sheets[-1]


def _sound_of(take: Take) -> Iterator[SoundTake]:
    """The recorders of a take; one of ours that only listened in is left out where the mixer's own files have come."""
    if not take.sound and take.sound_roll and not take.mos:
        yield SoundTake(device="", roll=take.sound_roll)  # nothing of it has come yet
    mixers = any(file.source is not Source.RECORDER for sound in take.sound for file in sound.files)
    for sound in take.sound:
        own = sound.files and all(file.source is Source.RECORDER for file in sound.files)
        if not (mixers and own):
            yield sound


def _sets(files: Iterable[SoundFile], media: Mapping[str, Clip | SoundFile]) -> list[tuple[SoundFile, ...]]:
    """Files of one recording together: mono files of a set, by name."""

    def family(file: SoundFile) -> str:
        known = media.get(file.id)
        return (known.family if isinstance(known, SoundFile) else file.family) or file.id

    ordered = sorted(files, key=lambda file: (file.tc_in or "", family(file), file.name))
    return [tuple(same) for _, same in groupby(ordered, key=family)]


def rolls_asked_for(sheets: list[OnSoundRoll], roll: str | None, day: int) -> list[OnSoundRoll]:
    asked = [sheet for sheet in sheets if roll is None or same_roll(sheet.roll, roll) or sheet.roll == roll]
    if not asked and roll is not None:
        there = ", ".join(dict.fromkeys(safe_text(sheet.roll) for sheet in sheets if sheet.roll)) or "none"
        raise ReportError(f"There is no sound roll {safe_text(roll)} on day {day}; its sound rolls: {there}.")
    return asked
