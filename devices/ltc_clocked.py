"""Timecode read by its clock: the bit rate as a line in the spectrum of the transitions, then whole half-bits at once.

Used by `ltc.py` where edges are drowned. In biphase mark the sign always changes between two bits, so the second half
of one bit and the first half of the next are one pulse of known shape, and its sign is the best answer there is (a
matched filter over a whole bit). Needs an even speed for a third of a second.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from devices.ltc_word import BITS, SYNC, SYNC_BACK, Heard, heard_in

Wave = NDArray[np.float32]
Numbers = NDArray[np.float64]

_NORMAL = (1726.0, 2640.0)  # bits a second at 23.976 to 30 frames, give or take a tenth
_LINE = 5.0  # how far the clock's line stands over its surroundings; in noise the highest of hundreds is at 3.5
_FAINT = 0.22  # a pulse weaker than this share of the usual one decides nothing
_WHOLE = 25.0  # samples a bit after resampling, at most


class ClockedReader:
    """Gives every word that looks like timecode in a stretch of sound; `ltc_gate.py` judges them."""

    def __init__(self, sample_rate: int) -> None:
        """Read tracks of that many samples a second."""
        self._sample_rate = sample_rate

    def read(self, wave: Wave, at: int, crossings_a_second: float) -> list[Heard]:
        """Words in a stretch of a track.

        Args:
            wave: at least four frames.
            at: number of its first sample.
            crossings_a_second: how often the sound changes its sign; clean timecode does so once or twice a bit.
        """
        spectrum = np.fft.rfft(wave)
        if not np.any(np.abs(spectrum[1:]) > 1e-6):
            return []
        bands = [_NORMAL]
        low, high = crossings_a_second * 0.48, min(crossings_a_second * 1.05, self._sample_rate * 0.45)
        if (high < _NORMAL[0] or low > _NORMAL[1] * 0.8 or high > _NORMAL[1]) and low > _NORMAL[0] / 2 and low < high:
            bands.append((low, high))
        for band in bands:
            found = self._read_band(spectrum, len(wave), at, band)
            if found:
                return found
        return []

    def _read_band(
        self, spectrum: NDArray[np.complex128], count: int, at: int, band: tuple[float, float]
    ) -> list[Heard]:
        middle = (band[0] * band[1]) ** 0.5
        wave, ratio = self._resampled(spectrum, count, middle)
        rate = self._sample_rate * ratio
        integral = np.concatenate((np.zeros(1), np.cumsum(wave)))
        half = max(1, round(rate / middle / 2))
        change = np.abs(integral[2 * half :] - 2 * integral[half:-half] + integral[: -2 * half])
        starts = _bit_starts(change, half, rate, band, len(wave))
        if starts is None:
            return []
        middles = (starts[:-1] + starts[1:]) / 2
        points = np.interp(np.stack((starts[:-1], middles, starts[1:])), np.arange(len(integral)), integral)
        firsts, seconds = points[1] - points[0], points[2] - points[1]
        pulses = np.concatenate(((-firsts[:1]), seconds[:-1] - firsts[1:], seconds[-1:]))
        moments = (starts - 0.5) / ratio + at
        return _words(pulses, moments)

    def _resampled(self, spectrum: NDArray[np.complex128], count: int, bits_a_second: float) -> tuple[Numbers, float]:
        """The sound without what lies below timecode (hum, rumble), at 12 to 25 samples a bit."""
        ratio = 1.0
        while self._sample_rate * ratio / bits_a_second < _WHOLE / 2:
            ratio *= 2
        while self._sample_rate * ratio / bits_a_second > _WHOLE and count % 2 == 0 and ratio > 1 / 8:
            ratio /= 2
        width = self._sample_rate / count
        share = np.arange(len(spectrum)) * width / bits_a_second
        passed = spectrum * np.clip((share - 0.1) / 0.1, 0.0, 1.0)
        size = round(count * ratio)
        wave: Numbers = np.fft.irfft(passed[: size // 2 + 1], size) * ratio
        return wave, ratio


def _bit_starts(change: Numbers, half: int, rate: float, band: tuple[float, float], count: int) -> Numbers | None:
    """Where bits begin, between samples; None where no clock is to be heard.

    Args:
        change: how much the sound changes from one half-bit to the next, around `half` + index.
        half: samples of half a bit, about.
        rate: samples a second.
        band: bits a second.
        count: samples of the stretch.
    """
    change = change - change.mean()
    size = 1 << (len(change) - 1).bit_length()
    lines = np.abs(np.fft.rfft(change, size))
    first, last = int(band[0] * size / rate), int(band[1] * size / rate) + 1
    last = min(last, len(lines) - 2)
    if last - first < 8:
        return None
    peak = first + int(np.argmax(lines[first:last]))
    if lines[peak] < _LINE * np.median(lines[first:last]):
        return None
    left, top, right = lines[peak - 1 : peak + 2]
    bit_rate = (peak + (right - left) / (2 * (2 * top - left - right) + 1e-12)) / size
    # The phase of that line around each moment, over a frame of bits: it follows a speed not quite even.
    turning = change * np.exp(-2j * np.pi * bit_rate * (np.arange(len(change)) + half))
    sums = np.concatenate((np.zeros(1), np.cumsum(turning)))
    step = max(1, round(20 / bit_rate))
    ends = np.arange(4 * step, len(sums), step)
    if not len(ends):
        return None
    phases = np.unwrap(np.angle(sums[ends] - sums[ends - 4 * step])) / (2 * np.pi)
    centres = ends - 2 * step + half
    numbers = np.arange(np.floor(-1 + phases[0]), np.ceil(count * bit_rate + 1 + phases[-1]))
    rough = (numbers - np.interp(numbers / bit_rate, centres, phases)) / bit_rate
    starts: Numbers = (numbers - np.interp(rough, centres, phases)) / bit_rate
    inside: Numbers = starts[(starts > -0.5 / bit_rate) & (starts < count + 0.5 / bit_rate)]
    return inside if len(inside) > BITS else None


def _words(pulses: Numbers, moments: Numbers) -> list[Heard]:
    """Every word between two sync words' ends, and backwards."""
    signs = pulses > 0
    text = (signs[1:] == signs[:-1]).astype(np.uint8) + ord("0")
    bits = text.tobytes().decode("ascii")
    strength = np.abs(pulses)
    found: list[Heard] = []
    for sync, before, reverse in ((SYNC, BITS - len(SYNC), False), (SYNC_BACK, 0, True)):
        place = bits.find(sync)
        while place >= 0:
            begin = place - before
            around = strength[max(0, begin) : begin + BITS + 1]
            if begin >= 0 and len(around) == BITS + 1 and around.min() > _FAINT * np.median(around):
                word = bits[begin : begin + BITS]
                heard = heard_in(
                    word[::-1] if reverse else word,
                    float(moments[begin]),
                    float(moments[begin + BITS]),
                    reverse=reverse,
                )
                if heard is not None:
                    found.append(heard)
            place = bits.find(sync, place + 1)
    return sorted(found, key=lambda heard: heard.sample)
