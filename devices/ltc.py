"""Longitudinal timecode: labels to sound and back (SMPTE ST 12-1, linear timecode).

Used by the simulated mixer, by sound devices with a timecode track, and by `onset ltc`. 80 bits a frame in biphase
mark: a transition at each bit's start and, for a one, in its middle. Times come from zero crossings with hysteresis,
the bit length is followed as it drifts, and a label is given out only when a neighbour agrees with it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from onset.timecode import RATES, Rate, Timecode

BITS = 80
_SYNC = 0b0011111111111101  # as the bits come; the last sixteen
_SYNC_BACK = 0b1011111111111100
_MASK = (1 << BITS) - 1
# Bit numbers of units and tens with their widths; user bits lie between them.
_FIELDS = ((0, 4, 8, 2), (16, 4, 24, 3), (32, 4, 40, 3), (48, 4, 56, 2))  # frames, seconds, minutes, hours
_DROP_BIT, _PHASE_BIT_25, _PHASE_BIT = 10, 59, 27

Wave = NDArray[np.float32]


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
        user: up to eight nibbles of user bits.
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
    bits[64:] = [_SYNC >> (15 - i) & 1 for i in range(16)]
    # An even number of zeros lets every frame begin with the same polarity.
    bits[_PHASE_BIT_25 if rate.nominal == 25 else _PHASE_BIT] = bits.count(0) % 2
    return int("".join(map(str, bits)), 2)


def write_ltc(first: Timecode, start: Fraction, count: int, sample_rate: int, level: float = 0.25) -> Wave:
    """Sound that carries running timecode.

    Args:
        first: label of frame 0; at a rate of at most 30. Goes round at midnight.
        start: seconds from the start of frame 0 to the first sample; at least 0.
        count: samples.
        sample_rate: samples a second.
        level: amplitude, 1.0 is full scale.

    Returns:
        `count` samples; edges between samples are averaged, so their time is kept exactly.
    """
    fps = first.rate.fps
    # One frame more on either side: a sample is the average of the wave half a sample before and after its moment.
    from_frame = int(start * fps) - 1
    to_frame = int((start + Fraction(count + 1, sample_rate)) * fps) + 2
    half_bits: list[int] = []
    for frame in range(from_frame, to_frame):
        word = frame_bits(first.later(frame))
        at = (frame - from_frame) * BITS * 2
        for i in range(BITS):
            half_bits.append(at + 2 * i)
            if word >> (BITS - 1 - i) & 1:
                half_bits.append(at + 2 * i + 1)
    half_bits.append((to_frame - from_frame) * BITS * 2)
    begin = float((Fraction(from_frame) / fps - start) * sample_rate)
    edges = begin + np.array(half_bits, np.float64) * float(sample_rate / (fps * BITS * 2))
    signs = np.where(np.arange(len(edges) - 1) % 2 == 0, 1.0, -1.0)
    integral = np.concatenate(([0.0], np.cumsum(np.diff(edges) * signs)))
    at_samples = np.interp(np.arange(count + 1) - 0.5, edges, integral)
    wave: Wave = (np.diff(at_samples) * level).astype(np.float32)
    return wave


@dataclass(frozen=True, slots=True)
class Heard:
    """A label that was heard.

    Attributes:
        sample: where its frame begins, since the first sample fed; where it ends when `reverse`. May lie between two.
        hours, minutes, seconds, frames, drop: as the bits say.
        user: the eight nibbles of user bits.
        reverse: the tape ran backwards.
        length: samples that this frame took.
        inferred: not read itself; its neighbour says that it must have been there.
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


def _clock_of(word: int) -> tuple[int, int, int, int] | None:
    """Frames, seconds, minutes and hours of a word; None when they are no time of day."""
    values = []
    for (units, wide, tens, wide_tens), limit in zip(_FIELDS, (30, 60, 60, 24), strict=True):
        low = sum((word >> (BITS - 1 - units - i) & 1) << i for i in range(wide))
        high = sum((word >> (BITS - 1 - tens - i) & 1) << i for i in range(wide_tens))
        value = high * 10 + low
        if low > 9 or value >= limit:
            return None
        values.append(value)
    return values[0], values[1], values[2], values[3]


def _follows(earlier: Heard, later: Heard) -> bool:
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


class _Edges:
    """Zero crossings of a stream, with hysteresis and interpolation between samples."""

    def __init__(self) -> None:
        self._at = 0  # number of the next sample
        self._tail: Wave = np.zeros(0, np.float32)
        self._mean = 0.0
        self._sign = 0

    def feed(self, wave: Wave) -> NDArray[np.float64]:
        """Times of the crossings in `wave`, in samples."""
        begin = self._at - len(self._tail)
        self._at += len(wave)
        joined = np.concatenate((self._tail, wave))
        self._tail = wave[-1:].copy()
        if len(joined) < 2:
            return np.zeros(0)
        centre = (float(joined.max()) + float(joined.min())) / 2
        self._mean += 0.2 * (centre - self._mean)
        joined = joined - np.float32(self._mean)
        gate = 0.25 * float(np.percentile(np.abs(joined), 80))
        if gate <= 0:
            return np.zeros(0)
        # The state is the sign of the last sample outside the gate; a crossing is where it changes.
        outside = np.flatnonzero(np.abs(joined) > gate)
        if not len(outside):
            return np.zeros(0)
        signs = np.sign(joined[outside]).astype(np.int8)
        before = np.concatenate(([self._sign], signs[:-1]))
        changed = np.flatnonzero((signs != before) & (before != 0))
        self._sign = int(signs[-1])
        ends = outside[changed]
        # The true crossing lies between the last sample on the old side of zero and the next.
        turns = np.flatnonzero(np.diff(joined > 0)) + 1
        place = np.searchsorted(turns, ends, "right") - 1
        crossings = np.full(len(ends), float(begin))
        known = place >= 0
        after = turns[place[known]]
        low, high = joined[after - 1].astype(np.float64), joined[after].astype(np.float64)
        crossings[known] = begin + after - 1 + low / (low - high)
        return crossings


class LtcDecoder:
    """Finds timecode in a stream of samples, at any speed from a quarter to eight times, both ways."""

    def __init__(self, sample_rate: int) -> None:
        """Listen to a track.

        Args:
            sample_rate: samples a second.
        """
        self._edges = _Edges()
        self._fast = sample_rate / 30 / BITS / 10  # samples a bit at ten times 30 frames
        self._slow = sample_rate / 23 / BITS * 5
        self._bit = 0.0  # samples a bit; 0 while it is not known
        self._intervals: list[tuple[float, float]] = []  # end and length, while the bit is not known
        self._half: float | None = None  # length of the first half of a one
        self._word = 0
        self._starts: list[float] = []  # when the last 81 bits began
        self._last_edge: float | None = None
        self._heard_from: float | None = None  # since when edges have come without a break
        self._waiting: Heard | None = None
        self._trusted: Heard | None = None

    def feed(self, wave: Wave) -> list[Heard]:
        """Labels that have become certain with these samples, in order of time."""
        found: list[Heard] = []
        for crossing in self._edges.feed(wave):
            last = self._last_edge
            self._last_edge = float(crossing)
            if last is not None:
                for heard in self._interval(last, float(crossing)):
                    found.extend(self._judge(heard))
        return found

    def finish(self) -> list[Heard]:
        """The label whose last edge would have come next, when the stream ends with its frame."""
        if self._half is None or self._last_edge is None:
            return []
        closing = self._last_edge + self._bit / 2
        return [heard for word in self._interval(self._last_edge, closing) for heard in self._judge(word)]

    def _interval(self, begin: float, end: float) -> Iterator[Heard]:
        length = end - begin
        if self._heard_from is None or length > self._slow:
            self._heard_from = begin
        if self._bit == 0.0:
            self._intervals.append((begin, length))
            if len(self._intervals) >= 120:
                yield from self._lock()
            return
        share = length / self._bit
        if share > 1.6 or share < 0.3:
            self._lose()
            return
        if share > 0.75:
            self._bit += 0.1 * (length - self._bit)
            if self._half is not None:  # half a one without its other half: out of step
                self._half = None
                self._forget_bits()
            yield from self._add_bit(0, begin, end)
        elif self._half is None:
            self._half = begin
        else:
            first, self._half = self._half, None
            self._bit += 0.1 * (end - first - self._bit)
            yield from self._add_bit(1, first, end)

    def _lock(self) -> Iterator[Heard]:
        """Find the bit length from the two lengths that intervals have, then read what was kept."""
        kept, self._intervals = self._intervals, []
        lengths = np.array([length for _, length in kept])
        low, high = np.percentile(lengths, (15, 85))
        split = (low + high) / 2
        longs, shorts = lengths[lengths > split], lengths[lengths <= split]
        ratio = float(np.median(longs) / np.median(shorts)) if len(longs) and len(shorts) else 0.0
        bit = float(np.median(longs)) if len(longs) else 0.0
        if not 1.5 < ratio < 2.6 or not self._fast <= bit <= self._slow:
            self._intervals = kept[40:]
            return
        self._bit = bit
        for begin, length in kept:
            if self._bit == 0.0:
                self._intervals.append((begin, length))
            else:
                yield from self._interval(begin, begin + length)

    def _lose(self) -> None:
        self._bit = 0.0
        self._half = None
        self._forget_bits()

    def _forget_bits(self) -> None:
        self._word = 0
        self._starts.clear()

    def _add_bit(self, bit: int, begin: float, end: float) -> Iterator[Heard]:
        self._word = (self._word << 1 | bit) & _MASK
        self._starts.append(begin)
        if len(self._starts) > BITS:
            del self._starts[0]
        if len(self._starts) < BITS:
            return
        word = self._word
        if word & 0xFFFF == _SYNC:
            heard = _heard(word, self._starts[0], end, reverse=False)
        elif word >> 64 == _SYNC_BACK:
            turned = int(f"{word:080b}"[::-1], 2)
            heard = _heard(turned, self._starts[0], end, reverse=True)
        else:
            return
        if heard is not None:
            yield heard

    def _before(self, first: Heard) -> Iterator[Heard]:
        """The frame before the first whole one: its first edge is the one that nothing came before."""
        begin = first.sample - first.length
        if self._heard_from is None or self._heard_from > begin + 2 * first.length / BITS or begin < -1:
            return
        frames = first.frames + 1 if first.reverse else first.frames - 1
        least = 2 if first.drop and first.seconds == 0 and first.minutes % 10 else 0
        if least <= frames <= 22:  # beyond that the label depends on a rate that is not known yet
            yield replace(first, sample=max(0.0, begin), frames=frames, inferred=True)

    def _judge(self, heard: Heard) -> Iterator[Heard]:
        """The continuity gate: a label counts when the one before it or after it agrees in count and in time."""
        before = self._trusted or self._waiting
        if before is not None and _agree(before, heard):
            if self._trusted is None and self._waiting is not None:
                yield from self._before(self._waiting)
                yield self._waiting
            self._trusted, self._waiting = heard, None
            yield heard
            return
        if self._waiting is not None and self._trusted is not None and _agree(self._waiting, heard):
            yield self._waiting  # the timecode jumped, and runs on from there
            self._trusted, self._waiting = heard, None
            yield heard
            return
        self._waiting = heard


def _heard(word: int, begin: float, end: float, *, reverse: bool) -> Heard | None:
    clock = _clock_of(word)
    if clock is None:
        return None
    frames, seconds, minutes, hours = clock
    drop = bool(word >> (BITS - 1 - _DROP_BIT) & 1)
    if drop and seconds == 0 and minutes % 10 and frames < 2:
        return None
    user = tuple(sum((word >> (BITS - 1 - 4 - 8 * i - j) & 1) << j for j in range(4)) for i in range(8))
    return Heard(begin, hours, minutes, seconds, frames, drop, user, reverse, end - begin)


def _agree(before: Heard, after: Heard) -> bool:
    if before.reverse != after.reverse:
        return False
    gap = after.sample - before.sample
    if not 0.8 * before.length < gap < 1.25 * before.length or not 0.8 < after.length / before.length < 1.25:
        return False
    return _follows(after, before) if before.reverse else _follows(before, after)


@dataclass(frozen=True, slots=True)
class Tape:
    """What a whole track says: its rate where that is certain, and its labels."""

    rate: Rate | None
    labels: tuple[Heard, ...]


def decode_ltc(wave: Wave, sample_rate: int) -> Tape:
    """All labels of a track, and the rate they were written at as far as they tell.

    The count of labels a second is certain once a second was seen to end; whether it is the pulled-down rate is told
    by the length of the frames, taken at normal speed.
    """
    decoder = LtcDecoder(sample_rate)
    block = max(1, sample_rate // 10)
    labels: list[Heard] = []
    for at in range(0, len(wave), block):
        labels.extend(decoder.feed(wave[at : at + block]))
    labels.extend(decoder.finish())
    return Tape(_rate_of(labels, sample_rate), tuple(labels))


def _rate_of(labels: Sequence[Heard], sample_rate: int) -> Rate | None:
    nominal = 0
    for earlier, later in pairwise(labels):
        first, second = (later, earlier) if earlier.reverse else (earlier, later)
        if second.seconds != first.seconds and _follows(first, second):
            nominal = max(nominal, first.frames + 1)
    if not nominal:
        return None
    drop = labels[-1].drop
    measured = sample_rate / float(np.median([heard.length for heard in labels]))
    fitting = [r for r in RATES.values() if r.nominal == nominal and r.drop == drop]
    return min(fitting, key=lambda r: abs(float(r.fps) - measured), default=None)
