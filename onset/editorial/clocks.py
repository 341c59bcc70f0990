"""Whose timecode stands apart from the log's, so that labels cannot tell where a take lies in its files.

Used by `day.py`. A file that begins about when its take was rolled has the same clock, give or take what people need
to start a camera. One whose files begin 20 s before or after all their takes has another, and every in and out that
were read off it would be wrong by as much.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from statistics import median

from onset.domain.camera import Clip, Source
from onset.domain.sound import SoundFile
from onset.domain.take import Take
from onset.editorial.sure import sure_files
from onset.editorial.within import comparable, label_of, rate_of
from onset.text import safe_text
from onset.timecode import Timecode

# A camera is started within seconds of the key; sound rolls first, and carries what it pre-recorded (facts on faults
# to expect: 3 to 15 s).
_PICTURE_S, _SOUND_S = 5, 20


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock of a device on one roll, against the source of the log's labels."""

    device: str
    roll: str
    source: str


@dataclass(frozen=True, slots=True)
class Apart:
    """How far a clock stands apart from the log's, in the middle of its files."""

    clock: Clock
    seconds: Fraction

    def __str__(self) -> str:
        on = f" on {self.clock.roll}" if self.clock.roll else ""
        ahead = f"{abs(float(self.seconds)):.0f} s {'ahead of' if self.seconds > 0 else 'behind'}"
        return safe_text(
            f"The timecode of {self.clock.device}{on} is about {ahead} the log's, so nothing tells where takes lie in "
            "its files."
        )


def clock_of(take: Take, file: Clip | SoundFile, roll: str | None) -> Clock | None:
    """Whose clock labelled the file; None for our own recordings, which have the master's labels."""
    if file.source is Source.RECORDER:
        return None
    device, reel = (file.camera, file.reel) if isinstance(file, Clip) else (file.device, file.roll)
    return Clock(device, reel or roll or "", take.tc_source or "")


def standing_apart(takes: Iterable[Take], uses: Mapping[str, int]) -> tuple[Apart, ...]:
    """The clocks of a day that are not the log's.

    Args:
        takes: of the day.
        uses: how many takes a file belongs to; one that holds several says nothing of when a camera was started.
    """
    begins: dict[Clock, list[Fraction]] = {}
    limits: dict[Clock, int] = {}
    for take in takes:
        for file, begin, roll in _pairs(take):
            clock = clock_of(take, file, roll)
            if clock is not None and uses.get(file.id, 0) == 1 and (later := _later_s(file, begin)) is not None:
                begins.setdefault(clock, []).append(later)
                limits[clock] = _PICTURE_S if isinstance(file, Clip) else _SOUND_S
    found = (Apart(clock, median(later)) for clock, later in begins.items())
    return tuple(one for one in found if abs(one.seconds) > limits[one.clock])


def _pairs(take: Take) -> Iterable[tuple[Clip | SoundFile, Timecode, str | None]]:
    """Files of a take that were begun with it, each with the label of that moment and the roll as it was typed."""
    rolled = label_of(take.tc_in, take.frame_rate)
    for angle in take.angles:
        begin = label_of(angle.start, take.frame_rate) or rolled
        first = _first(sure_files(angle.clips))
        if begin is not None and first is not None:
            yield first, begin, angle.roll
    for sound in take.sound:
        for file in sure_files(sound.files):
            if rolled is not None:
                yield file, rolled, take.sound_roll


def _first(clips: Sequence[Clip]) -> Clip | None:
    """A camera that was rolled again within a take has more clips, and began with the first."""
    return min(clips, key=lambda clip: (clip.number or 0, clip.name), default=None)


def _later_s(file: Clip | SoundFile, begin: Timecode) -> Fraction | None:
    """How much later than a moment a file begins, by its own label; None where the two cannot be compared."""
    labelled_at = rate_of(file.rate)
    start = label_of(file.tc_in, labelled_at) if labelled_at is not None else None
    if start is None or not comparable(start.rate, begin.rate):
        return None
    day_s = start.rate.seconds_for(start.rate.frames_a_day)
    apart = (start.seconds - begin.seconds) % day_s
    return apart - day_s if apart > day_s / 2 else apart
