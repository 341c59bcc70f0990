"""Timecode read edge by edge: times of zero crossings with hysteresis, and a bit length that is followed as it drifts.

Used by `ltc.py`. Reads clean sound at any speed and both ways, also while the speed changes, and is one frame late at
most; noise above a third of the signal is not its matter (`ltc_clocked.py`).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from devices.ltc_word import BITS, SYNC, SYNC_BACK, Heard, heard_in

Wave = NDArray[np.float32]
_ENOUGH = 120  # intervals from which the bit length is told
_WORTH = 24  # edges from which arrays are quicker than a loop
_RECENT = 24  # bits whose length is that of the next ones
_SYNC, _SYNC_BACK = int(SYNC, 2), int(SYNC_BACK, 2)
_MASK = (1 << BITS) - 1


class _Crossings:
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


class EdgeReader:
    """Gives every word that looks like timecode, in order of time; `ltc_gate.py` judges them."""

    def __init__(self, sample_rate: int) -> None:
        """Listen to a track.

        Args:
            sample_rate: samples a second.
        """
        self._crossings = _Crossings()
        self._fast = sample_rate / 30 / BITS / 10  # samples a bit at ten times 30 frames
        self._slow = sample_rate / 23 / BITS * 5
        self._bit = 0.0  # samples a bit; 0 while it is not known
        self._kept: NDArray[np.float64] = np.zeros(0)  # crossings, while it is not
        self._half: float | None = None  # begin of the first half of a one
        self._word = 0
        self._starts: list[float] = []  # when the last 80 bits began
        self._last_edge: float | None = None
        self._heard_from: float | None = None  # since when edges have come without a break
        self._first_word = True
        self.crossings = 0  # so far; of clean sound there are one or two a bit

    def feed(self, wave: Wave) -> list[Heard]:
        """Words that end with these samples."""
        crossings = self._crossings.feed(wave)
        self.crossings += len(crossings)
        found: list[Heard] = []
        while len(crossings):
            if self._bit == 0.0:
                crossings = self._lock(crossings)
                continue
            at_once = self._all_at_once(crossings)
            if at_once is not None:
                found.extend(at_once)
                break
            for i, end in enumerate(crossings.tolist()):
                if self._last_edge is not None:
                    found.extend(self._interval(self._last_edge, end))
                self._last_edge = end
                if self._bit == 0.0:  # lost here: the rest may tell a new length
                    crossings = crossings[i:]
                    break
            else:
                break
        return found

    def finish(self) -> list[Heard]:
        """The word whose last edge would have come next, when the stream ends with its frame."""
        if self._bit == 0.0 or self._last_edge is None:
            return []
        closing = self._last_edge + (self._bit if self._half is None else self._bit / 2)
        return list(self._interval(self._last_edge, closing))

    def _lock(self, crossings: NDArray[np.float64]) -> NDArray[np.float64]:
        """Find the bit length from the two lengths that intervals have; gives back what is to be read with it."""
        kept = np.concatenate((self._kept, crossings))
        while len(kept) > _ENOUGH:
            some = np.diff(kept[: _ENOUGH + 1])
            ordered = np.sort(some)
            split = (ordered[_ENOUGH * 15 // 100] + ordered[_ENOUGH * 85 // 100]) / 2
            cut = int(np.searchsorted(ordered, split, "right"))
            shorts, longs = ordered[:cut], ordered[cut:]
            bit = float(longs[len(longs) // 2]) if len(longs) else 0.0
            short = float(shorts[len(shorts) // 2]) if len(shorts) else 0.0
            # Of ten samples a bit or less, edges are off by some tenths: both halves of a one together tell its length.
            if 1.5 * short < bit < 2.6 * short and self._fast <= bit <= self._slow:
                self._bit = bit
                self._last_edge = None
                if self._heard_from is None or float(some.max()) > self._slow:
                    self._heard_from = float(kept[0])
                self._kept = np.zeros(0)
                return kept
            self._heard_from = None
            kept = kept[_ENOUGH // 2 :]
        self._kept = kept
        return np.zeros(0)

    def _all_at_once(self, crossings: NDArray[np.float64]) -> list[Heard] | None:
        """The words in a block that is beyond doubt, with array operations; None where edge by edge is safer."""
        if self._last_edge is None or len(crossings) < _WORTH:
            return None
        edges = np.concatenate(((self._last_edge,), crossings))
        share = np.diff(edges) / self._bit
        whole = share > 0.75
        clear = np.where(whole, (share > 0.85) & (share < 1.2), (share > 0.38) & (share < 0.63))
        halves = np.cumsum(~whole) + (self._half is not None)
        if not clear.all() or (halves[whole] % 2).any():
            return None
        bits = whole | (halves % 2 == 0)
        places = np.flatnonzero(bits)
        firsts = np.where(whole[places], places, places - 1)  # a one begins with the half before
        starts = edges[np.maximum(firsts, 0)]
        if len(places) and firsts[0] < 0 and self._half is not None:
            starts[0] = self._half
        kept = len(self._starts)
        text = (f"{self._word:080b}"[BITS - kept :] if kept else "") + "".join(
            "0" if each else "1" for each in whole[places]
        )
        begins = [*self._starts, *starts.tolist()]
        ends = [*begins[1:], float(edges[places[-1] + 1]) if len(places) else 0.0]
        self._half = float(edges[-2]) if halves[-1] % 2 else None
        self._last_edge = float(edges[-1])
        self._word = int(text[-BITS:] or "0", 2)
        self._starts = begins[-BITS:]
        if len(starts) > 1:
            recent = starts[-_RECENT:]
            self._bit = float(recent[-1] - recent[0]) / (len(recent) - 1)
        return list(self._words(text, kept, begins, ends))

    def _words(self, text: str, read: int, begins: list[float], ends: list[float]) -> Iterator[Heard]:
        """Words of a stretch of bits, but for those that end within the first `read` bits."""
        places = []
        for sync, before, reverse in ((SYNC, BITS - len(SYNC), False), (SYNC_BACK, 0, True)):
            place = text.find(sync)
            while place >= 0:
                begin = place - before
                if begin >= 0 and read < begin + BITS <= len(text):
                    places.append((begin, reverse))
                place = text.find(sync, place + 1)
        for begin, reverse in sorted(places):
            word = text[begin : begin + BITS]
            yield from self._whole(word[::-1] if reverse else word, begins[begin], ends[begin + BITS - 1], reverse)

    def _interval(self, begin: float, end: float) -> Iterator[Heard]:
        length = end - begin
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

    def _lose(self) -> None:
        self._bit = 0.0
        self._half = None
        self._heard_from = None
        self._first_word = True
        self._kept = np.zeros(0)
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
            yield from self._whole(f"{word:080b}", self._starts[0], end, False)
        elif word >> 64 == _SYNC_BACK:
            yield from self._whole(f"{word:080b}"[::-1], self._starts[0], end, True)

    def _whole(self, word: str, begin: float, end: float, reverse: bool) -> Iterator[Heard]:
        heard = heard_in(word, begin, end, reverse=reverse)
        if heard is not None:
            if self._first_word:
                yield from self._before(heard)
            self._first_word = False
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
