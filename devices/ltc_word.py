"""The eighty bits of a frame of longitudinal timecode (SMPTE ST 12-1): labels to bits and back, and what follows what.

Used by everything that reads or writes LTC. The sync word ends the frame; BCD units and tens lie between eight nibbles
of user bits.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from onset.timecode import RATES, Rate, Timecode, frame_number, label_number

BITS = 80
SYNC = "0011111111111101"  # as the bits come; the last sixteen
SYNC_BACK = SYNC[::-1]
# Bit numbers of units and tens with their widths; user bits lie between them.
_FIELDS = ((0, 4, 8, 2), (16, 4, 24, 3), (32, 4, 40, 3), (48, 4, 56, 2))  # frames, seconds, minutes, hours
_DROP_BIT, _COLOUR_BIT, _PHASE_BIT_25, _PHASE_BIT = 10, 11, 59, 27
_COUNTS = {(r.nominal, r.drop): r for r in RATES.values() if r.nominal <= 30}


def carried_by(rate: Rate) -> Rate:
    """The rate of the timecode on a sound track in a project of `rate`: no more than 30 labels a second.

    >>> carried_by(RATES["59.94df"]).name, carried_by(RATES["25"]).name
    ('29.97df', '25')
    """
    if rate.nominal <= 30:
        return rate
    return next(r for r in RATES.values() if r.fps == rate.fps / 2 and r.drop == rate.drop)


def frame_bits(label: Timecode, user: Sequence[int] = ()) -> int:
    """The 80 bits of a label, bit 0 in the highest place.

    Args:
        label: at a rate of at most 30.
        user: up to eight nibbles of user bits, the first one in bits 4 to 7.
    """
    rate = label.rate
    hours, minutes, seconds, frames = (int(part) for part in label.label.replace(";", ":").split(":"))
    bits = [0] * BITS
    for value, (units, wide, tens, wide_tens) in zip((frames, seconds, minutes, hours), _FIELDS, strict=True):
        for i in range(wide):
            bits[units + i] = value % 10 >> i & 1
        for i in range(wide_tens):
            bits[tens + i] = value // 10 >> i & 1
    for i, nibble in enumerate(user):
        for j in range(4):
            bits[4 + 8 * i + j] = nibble >> j & 1
    bits[_DROP_BIT] = int(rate.drop)
    bits[64:] = [int(bit) for bit in SYNC]
    # An even number of zeros lets every frame begin with the same polarity.
    bits[_PHASE_BIT_25 if rate.nominal == 25 else _PHASE_BIT] = bits.count(0) % 2
    return int("".join(map(str, bits)), 2)


@dataclass(frozen=True, slots=True)
class Heard:
    """A label that was heard.

    Attributes:
        sample: where its frame begins, since the first sample fed; where it ends when `reverse`. May lie between two.
        hours, minutes, seconds, frames, drop: as the bits say.
        user: the eight nibbles of user bits.
        reverse: the tape ran backwards.
        length: samples that this frame took.
        inferred: not read itself; its neighbours say that it must have been there.
        colour: the colour frame flag.
    """

    sample: float
    hours: int
    minutes: int
    seconds: int
    frames: int
    drop: bool
    user: tuple[int, ...]
    reverse: bool
    length: float
    inferred: bool = False
    colour: bool = False

    @property
    def label(self) -> str:
        """As it is written."""
        mark = ";" if self.drop else ":"
        return f"{self.hours:02d}:{self.minutes:02d}:{self.seconds:02d}{mark}{self.frames:02d}"

    def at(self, rate: Rate) -> Timecode | None:
        """The timecode at `rate`; None where that rate has no such label."""
        if self.drop != rate.drop:
            return None
        try:
            return Timecode.parse(self.label, rate)
        except ValueError:
            return None


def heard_in(word: str, begin: float, end: float, *, reverse: bool) -> Heard | None:
    """What eighty bits say that lie between two moments; None when that is no time of day.

    Args:
        word: "0" and "1" in the order in which a tape that runs forwards gives them.
        begin: sample where they begin.
        end: sample where they end, in the order of the stream.
        reverse: they came the other way round.
    """
    values = []
    for (units, wide, tens, wide_tens), limit in zip(_FIELDS, (30, 60, 60, 24), strict=True):
        low = int(word[units : units + wide][::-1], 2)
        value = int(word[tens : tens + wide_tens][::-1], 2) * 10 + low
        if low > 9 or value >= limit:
            return None
        values.append(value)
    frames, seconds, minutes, hours = values
    drop = word[_DROP_BIT] == "1"
    if drop and seconds == 0 and minutes % 10 and frames < 2:
        return None
    user = tuple(int(word[at : at + 4][::-1], 2) for at in range(4, 64, 8))
    colour = word[_COLOUR_BIT] == "1"
    return Heard(begin, hours, minutes, seconds, frames, drop, user, reverse, end - begin, colour=colour)


def user_text(user: Sequence[int]) -> str:
    """Eight nibbles as they are written.

    >>> user_text((1, 0, 6, 2, 1, 1, 6, 2))
    '26112601'
    """
    return "".join(f"{nibble:X}" for nibble in reversed(user))


def follows(earlier: Heard, later: Heard) -> bool:
    """Whether `later` is the label after `earlier`, at any rate."""
    if earlier.drop != later.drop:
        return False
    seconds = (earlier.hours * 60 + earlier.minutes) * 60 + earlier.seconds
    seconds_later = (later.hours * 60 + later.minutes) * 60 + later.seconds
    if seconds_later == seconds:
        return later.frames == earlier.frames + 1
    if seconds_later != (seconds + 1) % 86_400 or earlier.frames not in (23, 24, 29):
        return False
    dropped = later.drop and seconds_later % 60 == 0 and seconds_later // 60 % 10 != 0
    return later.frames == (2 if dropped else 0)


def count_of(nominal: int, drop: bool) -> Rate | None:
    """A rate that counts so many labels a second; None where there is none."""
    return _COUNTS.get((nominal, drop))


def number_of(heard: Heard, count: Rate) -> int | None:
    """Which frame of the day a label is at a rate that counts that way; None where it has no such label."""
    if heard.drop != count.drop or heard.frames >= count.nominal:
        return None
    seconds = (heard.hours * 60 + heard.minutes) * 60 + heard.seconds
    return frame_number(seconds * count.nominal + heard.frames, count)


def clock_of(number: int, count: Rate) -> tuple[int, int, int, int]:
    """Hours, minutes, seconds and frames of a frame of the day; it goes round at midnight."""
    seconds, frames = divmod(label_number(number % count.frames_a_day, count), count.nominal)
    return seconds // 3600, seconds // 60 % 60, seconds % 60, frames
