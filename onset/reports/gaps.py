"""What a report lacks before it goes out: takes without what its reader needs, and the warnings in its head.

Used by the Reports screen and by `onset wrap --check`. A gap that is about a take knows which: one key leads there.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.camera import LinkState
from onset.domain.production import DayStamp, Moment
from onset.domain.take import Kind, State, Take
from onset.reports.day import DayBook, DayPaper, takes_of
from onset.text import safe_text

_SHOWN = 8  # takes that lack the same; what lies below them must stay in sight


@dataclass(frozen=True, slots=True)
class Gap:
    """A sentence about what is missing; `take_id`: of that take."""

    text: str
    take_id: str | None = None


class GapBook(DayBook, Protocol):
    """The questions it asks; every `Logbook` answers them."""

    def day_stamps(self, day: int, *, unit: str = "Main") -> Sequence[DayStamp]: ...


def gaps_of(log: GapBook, kind: str, paper: DayPaper, *, partial: bool = False) -> tuple[Gap, ...]:
    """What a report of a day lacks, the warnings of its head first.

    Args:
        log: asked for the day's takes and stamps.
        kind: as `onset report` names it.
        paper: the report.
        partial: of a day that goes on, whose end nobody can have stamped.
    """
    takes = takes_of(log, paper.day, paper.unit)
    found = [Gap(text, _named_in(text, takes)) for text in paper.warnings]
    for words, lacks in _LACKS.get(kind, {}).items():
        without = [take for take in takes if lacks(take)]
        found += [Gap(safe_text(f"{take.label}: {words}"), take.id) for take in without[:_SHOWN]]
        if len(without) > _SHOWN:
            found.append(Gap(f"{len(without) - _SHOWN} more: {words}"))
    if kind == "progress":
        found += [Gap(text) for text in unstamped(log, paper.day, paper.unit, partial=partial)]
    return tuple(found)


def _named_in(text: str, takes: Sequence[Take]) -> str | None:
    """The take that a sentence names; None where it names none, or more than one."""
    words = set(re.split(r"[\s,;:.]+", text))
    named = {take.id for take in takes if safe_text(take.label) in words}
    return named.pop() if len(named) == 1 else None


def unstamped(log: GapBook, day: int, unit: str, *, partial: bool = False) -> Iterator[str]:
    """The moments that every day has and nobody stamped, with what stamps them; `partial`: the day goes on."""
    stamped = {stamp.what for stamp in log.day_stamps(day, unit=unit) if not stamp.derived}
    if Moment.CALL not in stamped:
        yield 'nobody stamped the call; "onset log stamp call --at 07:00" does'
    if not partial and not stamped & {Moment.CAMERA_WRAP, Moment.COMPANY_WRAP}:
        yield """nobody stamped the end; 'onset log stamp "camera wrap"' does"""


def without_file(take: Take) -> bool:
    """Whether a take that was meant to be one has no picture or sound that is its own for certain."""
    links = [clip.link for angle in take.angles for clip in angle.clips]
    links += [file.link for sound in take.sound for file in sound.files]
    return take.kind is not Kind.FALSE_START and LinkState.CONFIRMED not in links


def _shot(take: Take) -> bool:
    return take.kind is not Kind.FALSE_START and take.state is not State.ROLLING


def _with_picture(take: Take) -> bool:
    return _shot(take) and take.kind is not Kind.WILD_TRACK


def _no_file(take: Take) -> bool:
    return _shot(take) and without_file(take)


def _no_length(take: Take) -> bool:
    return _shot(take) and take.timing_frames is None


def _no_roll(take: Take) -> bool:
    return _with_picture(take) and any(not angle.roll for angle in take.angles if angle.logged)


def _no_lens(take: Take) -> bool:
    return _with_picture(take) and any(not angle.lens for angle in take.angles if angle.logged)


def _no_sound_roll(take: Take) -> bool:
    return _shot(take) and not take.mos and not (take.sound_roll or any(each.roll for each in take.sound))


def _no_sound(take: Take) -> bool:
    links = [file.link for sound in take.sound for file in sound.files]
    return _shot(take) and not take.mos and LinkState.CONFIRMED not in links


_NO_LENGTH = {"no length, because nobody saw its cut": _no_length}
_NO_FILE = {"no confirmed file": _no_file}
_LACKS: Mapping[str, Mapping[str, Callable[[Take], bool]]] = {
    "editor": _NO_LENGTH | _NO_FILE,
    "facing": _NO_LENGTH,
    "camera": {"a camera without a roll": _no_roll, "a camera without a logged lens": _no_lens},
    "sound": {"no sound roll": _no_sound_roll, "no confirmed sound": _no_sound},
    "wrap": _NO_FILE,
}
