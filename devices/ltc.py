"""Longitudinal timecode: labels to sound and back (SMPTE ST 12-1, linear timecode).

Used by the simulated mixer, by sound devices with a timecode track, and by `onset ltc`. 80 bits a frame in biphase
mark: a transition at each bit's start and, for a one, in its middle. Two readers stand side by side: one goes from edge
to edge, quick and at any speed (`ltc_edges.py`), one finds the clock in noise (`ltc_clocked.py`) and is only asked
where the first one has gaps. What they say passes one gate (`ltc_gate.py`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise

import numpy as np

from devices.ltc_clocked import ClockedReader
from devices.ltc_edges import EdgeReader, Wave
from devices.ltc_gate import Gate
from devices.ltc_word import BITS, Heard, carried_by, follows, frame_bits
from onset.timecode import RATES, Rate, Timecode

__all__ = ["Heard", "LtcDecoder", "Tape", "Wave", "carried_by", "decode_ltc", "frame_bits", "write_ltc"]

_FRAME_S = 1 / 23  # the longest frame at normal speed
_STRETCH_S = 0.34  # what the clocked reader looks at: eight frames


def write_ltc(
    first: Timecode, start: Fraction, count: int, sample_rate: int, level: float = 0.25, user: Sequence[int] = ()
) -> Wave:
    """Sound that carries running timecode.

    Args:
        first: label of frame 0; at a rate of at most 30. Goes round at midnight.
        start: seconds from the start of frame 0 to the first sample; at least 0.
        count: samples.
        sample_rate: samples a second.
        level: amplitude, 1.0 is full scale.
        user: up to eight nibbles of user bits.

    Returns:
        `count` samples; edges between samples are averaged, so their time is kept exactly.
    """
    fps = first.rate.fps
    # One frame more on either side: a sample is the average of the wave half a sample before and after its moment.
    from_frame = int(start * fps) - 1
    to_frame = int((start + Fraction(count + 1, sample_rate)) * fps) + 2
    half_bits: list[int] = []
    for frame in range(from_frame, to_frame):
        word = frame_bits(first.later(frame), user)
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


class LtcDecoder:
    """Finds timecode in a stream of samples, at any speed from a quarter to eight times, both ways."""

    def __init__(self, sample_rate: int) -> None:
        """Listen to a track.

        Args:
            sample_rate: samples a second.
        """
        self._edges = EdgeReader(sample_rate)
        self._clocked = ClockedReader(sample_rate)
        self._gate = Gate(sample_rate)
        self._sample_rate = sample_rate
        self._stretch = round(sample_rate * _STRETCH_S / 64) * 64
        self._overlap = round(sample_rate * _FRAME_S * 1.1)  # so that no frame is cut by the end of a stretch
        self._held: list[Wave] = []
        self._held_from = 0  # number of the first sample held
        self._count = 0  # samples fed
        self._crossings = 0  # when the stretch began
        self._waiting: list[Heard] = []  # read, and not the very next one
        self._steady_from = 0.0  # since when every frame was read edge by edge
        self._steady_to = 0.0

    def feed(self, wave: Wave) -> list[Heard]:
        """Labels that have become certain with these samples, in order of time; 0.3 s late where sound is bad."""
        found: list[Heard] = []
        self._hear(self._edges.feed(wave), found)
        self._held.append(wave)
        self._count += len(wave)
        while self._count - self._held_from >= self._stretch:
            self._read_stretch(self._held_from + self._stretch, found)
        return found

    def finish(self) -> list[Heard]:
        """Labels at the end of the stream, and the one whose last edge would have come next."""
        found: list[Heard] = []
        self._hear(self._edges.finish(), found)
        self._read_stretch(self._count, found, last=True)
        return found

    def _hear(self, words: Iterable[Heard], found: list[Heard]) -> None:
        """What comes frame after frame goes on at once; anything else waits for the clocked reader's opinion."""
        for heard in words:
            if not self._waiting and self._gate.continues(heard):
                self._note_steady(heard)
                found.extend(self._gate.judge(heard))
            else:
                self._waiting.append(heard)

    def _note_steady(self, heard: Heard) -> None:
        if abs(heard.sample - self._steady_to) > heard.length / 2:
            self._steady_from = heard.sample
        self._steady_to = heard.sample + heard.length

    def _read_stretch(self, end: int, found: list[Heard], *, last: bool = False) -> None:
        begin = self._held_from
        kept = np.concatenate(self._held) if self._held else np.zeros(0, np.float32)
        # At half speed and below a frame ends later than its stretch, and is none the less read edge by edge.
        steady = self._steady_from <= begin + self._overlap and self._steady_to >= end - self._overlap
        words = list(self._waiting)
        if not steady or (last and self._waiting):
            often = (self._edges.crossings - self._crossings) / max(1, self._count - begin) * self._sample_rate
            stretch = kept[: end - begin]
            short = self._stretch // 2 - len(stretch)
            words += self._clocked.read(np.pad(stretch, (0, max(0, short))), begin, often)
        limit = end if last else end - self._overlap
        rest = [] if last else sorted((each for each in words if each.sample >= limit), key=_read_first)
        for heard in sorted((each for each in words if last or each.sample < limit), key=_read_first):
            if self._gate.continues(heard):
                self._note_steady(heard)
            found.extend(self._gate.judge(heard))
        self._waiting = []
        self._hear((heard for heard in rest if not self._gate.has(heard)), found)
        self._held = [kept[limit - begin :]]
        self._held_from = limit
        self._crossings = self._edges.crossings


def _read_first(heard: Heard) -> tuple[float, bool]:
    return heard.sample, heard.inferred


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
    return Tape(rate_of(labels, sample_rate), tuple(labels))


def rate_of(labels: Sequence[Heard], sample_rate: int) -> Rate | None:
    """The rate at which labels were written, as `decode_ltc` tells it."""
    nominal = 0
    for earlier, later in pairwise(labels):
        first, second = (later, earlier) if earlier.reverse else (earlier, later)
        if second.seconds != first.seconds and follows(first, second):
            nominal = max(nominal, first.frames + 1)
    if not nominal:
        return None
    drop = labels[-1].drop
    measured = sample_rate / float(np.median([heard.length for heard in labels]))
    fitting = [r for r in RATES.values() if r.nominal == nominal and r.drop == drop]
    return min(fitting, key=lambda r: abs(float(r.fps) - measured), default=None)
