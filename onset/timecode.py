"""Timecode: a count of frames, an exact rate, and whether labels are dropped.

A label (`01:00:00;02`) is only a way to write a frame count. Rates are exact fractions: 23.976 is 24000/1001, and a
float never enters. Impossible labels are refused, and midnight is never crossed unless the caller says so (both
public libraries accept `01:01:00;00` and wrap in silence: measured, facts on timecode).

Drop-frame: labels 00 and 01 (00 to 03 at 59.94) are left out at each minute that is not a tenth one, so that labels
keep up with the wall clock (SMPTE ST 12-1, drop-frame compensation).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Self

from onset.errors import TimecodeError

# 01:00:00:00, 01:00:00;00, 01:00:00.00, or one separator all through (01;00;00;00 is what some editors write).
_LABEL = re.compile(r"(\d\d)([:;.,])(\d\d)\2(\d\d)((?<=:\d\d)[:;.,]|\2)(\d\d\d?)", re.ASCII)
_DROP_SEPARATORS = frozenset(";,")
SECONDS_A_DAY = 86_400


@dataclass(frozen=True, slots=True)
class Rate:
    """A frame rate.

    Attributes:
        name: as the configuration and the JSON spell it, `"29.97df"`.
        fps: exact frames a second.
        nominal: labels a second (24 for 23.976).
        drop: whether drop-frame labels are used.
        sensor_only: a rate a sensor may run at, that no timecode is labelled with (96 and more).
    """

    name: str
    fps: Fraction
    nominal: int
    drop: bool = False
    sensor_only: bool = False

    @property
    def dropped_a_minute(self) -> int:
        """Labels left out at a minute that is not a tenth one."""
        return self.nominal // 15 if self.drop else 0

    @property
    def frames_a_day(self) -> int:
        """Labels from 00:00:00:00 to the next midnight."""
        return self.nominal * SECONDS_A_DAY - self.dropped_a_minute * 9 * 144

    @property
    def separator(self) -> str:
        """What stands before the frames: `;` marks drop-frame."""
        return ";" if self.drop else ":"

    def frames_in(self, seconds: Fraction | float) -> int:
        """Whole frames that pass in `seconds` of real time (rounded down)."""
        return int(Fraction(seconds) * self.fps // 1)

    def seconds_for(self, frames: int) -> Fraction:
        """Real time that `frames` take."""
        return frames / self.fps

    def __str__(self) -> str:
        return self.name


def _rates() -> dict[str, Rate]:
    whole = [Rate(str(n), Fraction(n), n, sensor_only=n >= 96) for n in (24, 25, 30, 48, 50, 60, 96, 100, 120)]
    pulled = [
        Rate(name, Fraction(n * 1000, 1001), n, sensor_only=n >= 96)
        for name, n in (("23.976", 24), ("29.97", 30), ("47.952", 48), ("59.94", 60), ("119.88", 120))
    ]
    dropped = [Rate(f"{r.name}df", r.fps, r.nominal, drop=True) for r in pulled if r.nominal in (30, 60)]
    return {rate.name: rate for rate in sorted([*whole, *pulled, *dropped], key=lambda r: (r.fps, r.drop))}


RATES: dict[str, Rate] = _rates()
_SPELLINGS = {"23.98": "23.976", "29.97ndf": "29.97", "59.94ndf": "59.94", "47.95": "47.952"}


def rate(name: str) -> Rate:
    """The rate of that name.

    >>> rate("23.976").fps
    Fraction(24000, 1001)
    >>> rate("29.97df").frames_a_day
    2589408

    Raises:
        TimecodeError: no such rate; names those there are.
    """
    key = name.strip().lower().replace(" ", "")
    found = RATES.get(_SPELLINGS.get(key, key))
    if found is None:
        raise TimecodeError(f'"{name}" is not a frame rate onset knows; use one of {", ".join(RATES)}.')
    return found


@dataclass(frozen=True, slots=True)
class Timecode:
    """A frame of the day at a rate: 0 is 00:00:00:00, and there is none at or beyond the next midnight.

    >>> Timecode.parse("01:00:59;29", rate("29.97df")) + 1
    Timecode('01:01:00;02', '29.97df')
    >>> str(Timecode.parse("23:59:59:24", rate("25")).later(1))
    '00:00:00:00'
    """

    frames: int
    rate: Rate

    def __post_init__(self) -> None:
        if self.rate.sensor_only:
            raise TimecodeError(f"{self.rate.name} is a sensor rate; timecode is not labelled at it.")
        if not 0 <= self.frames < self.rate.frames_a_day:
            raise TimecodeError(f"Frame {self.frames} is not within one day at {self.rate.name}.")

    @classmethod
    def parse(cls, label: str, rate: Rate) -> Self:
        """Read `HH:MM:SS:FF`; `;` (or `,`) before the frames marks drop-frame and must agree with the rate.

        Raises:
            TimecodeError: not a label, or one that this rate never shows.
        """
        match = _LABEL.fullmatch(label.strip())
        if match is None:
            raise TimecodeError(f'"{label[:40]}" is not a timecode; write HH:MM:SS{rate.separator}FF.')
        hours, minutes, seconds, frames = (int(match[i]) for i in (1, 3, 4, 6))
        marked_drop = match[5] in _DROP_SEPARATORS
        if marked_drop and not rate.drop:
            raise TimecodeError(f'"{label}" is written as drop-frame, but the rate is {rate.name}.')
        if not marked_drop and rate.drop and match[5] == ":":
            raise TimecodeError(f'"{label}" is written as non-drop, but the rate is {rate.name}; use ";".')
        if hours > 23 or minutes > 59 or seconds > 59 or frames >= rate.nominal:
            raise TimecodeError(f'"{label}" does not exist at {rate.name}.')
        if rate.drop and seconds == 0 and minutes % 10 and frames < rate.dropped_a_minute:
            raise TimecodeError(f'"{label}" is one of the labels that drop-frame leaves out.')
        return cls(frame_number(((hours * 60 + minutes) * 60 + seconds) * rate.nominal + frames, rate), rate)

    @classmethod
    def at(cls, seconds_of_day: Fraction | float, rate: Rate) -> Self:
        """The label a clock shows that started with 00:00:00:00 at midnight and ran at the exact rate since.

        This is the rule of BWF's time reference (samples since midnight x rate), verified on recorders' files: at
        23.976 it reads 12:40:14:00 when the wall clock says 12:40:59.
        """
        return cls(rate.frames_in(seconds_of_day) % rate.frames_a_day, rate)

    @property
    def label(self) -> str:
        """`HH:MM:SS:FF`, `;` before the frames when drop-frame."""
        rate = self.rate
        seconds, frames = divmod(label_number(self.frames, rate), rate.nominal)
        minutes, seconds = divmod(seconds, 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours:02d}:{minutes:02d}:{seconds:02d}{rate.separator}{frames:02d}"

    @property
    def seconds(self) -> Fraction:
        """Real seconds from 00:00:00:00 to this frame."""
        return self.frames / self.rate.fps

    def __add__(self, frames: int) -> Self:
        """`frames` later on the same day; crossing midnight is an error (see `later`)."""
        return type(self)(self.frames + frames, self.rate)

    def later(self, frames: int) -> Self:
        """`frames` later (earlier when negative), going round at midnight as a free-running clock does."""
        return type(self)((self.frames + frames) % self.rate.frames_a_day, self.rate)

    def since(self, start: Timecode, *, over_midnight: bool = False) -> int:
        """Frames from `start` to here.

        Args:
            start: a label at the same rate.
            over_midnight: a smaller label means the next day; otherwise it gives a negative count.
        """
        if start.rate != self.rate:
            raise TimecodeError(f"{self.rate.name} and {start.rate.name} labels cannot be compared.")
        frames = self.frames - start.frames
        return frames % self.rate.frames_a_day if over_midnight else frames

    def to(self, rate: Rate) -> Timecode:
        """The label at `rate` that shows the same real time of day (nearest frame at or before)."""
        return Timecode.at(self.seconds, rate)

    def __str__(self) -> str:
        return self.label

    def __repr__(self) -> str:
        return f"Timecode({self.label!r}, {self.rate.name!r})"


def label_number(frame: int, rate: Rate) -> int:
    """Which label of the day a frame shows, counting those that drop-frame leaves out.

    Plain integer arithmetic without a branch, so that it holds for an array of frames too (LTC, and the test of every
    label of a day).

    >>> label_number(1800, rate("29.97df"))  # 00:01:00;02
    1802
    """
    dropped = rate.dropped_a_minute
    tens, rest = divmod(frame, rate.nominal * 600 - dropped * 9)
    # The first of ten minutes is whole; `rest < dropped` would count as a minute before it.
    minutes = (rest - dropped) // (rate.nominal * 60 - dropped) * (rest >= dropped)
    return frame + dropped * (tens * 9 + minutes)


def frame_number(label: int, rate: Rate) -> int:
    """The other direction of `label_number`, for labels that exist."""
    minutes = label // (rate.nominal * 60)
    return label - rate.dropped_a_minute * (minutes - minutes // 10)


def samples_since_midnight(start: Timecode, sample_rate: int) -> int:
    """BWF's time reference of a file that starts at this frame.

    >>> samples_since_midnight(Timecode.parse("12:40:14:00", rate("23.976")), 48000)
    2191661472
    """
    return int(start.seconds * sample_rate + Fraction(1, 2))
