"""Timecode as it arrives: noise, hum, filters, levels, codecs, speeds; with the truth beside it, and libltc as a peer.

Used by `test_ltc_rows.py` on short pieces and by `benchmarks/ltc.py` on long ones. Everything is made from a seed.
"""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from devices.ltc import Wave, decode_ltc, write_ltc
from onset.timecode import Timecode, rate
from tests.needs import require

HERTZ = 48_000
LEVEL = 0.5  # -6 dBFS
Sound = NDArray[np.float64]
Change = Callable[[Sound, np.random.Generator, int], Sound]


@dataclass(frozen=True, slots=True)
class Row:
    """A condition.

    Attributes:
        change: what happens to the clean sound.
        bar: share of labels that must be read; None where only false ones are forbidden.
        codec: arguments for ffmpeg, through which the sound goes; () for none.
    """

    name: str
    change: Change = lambda wave, dice, hertz: wave
    bar: float | None = 0.999
    rate: str = "25"
    hertz: int = HERTZ
    speed: Fraction = Fraction(1)
    reverse: bool = False
    codec: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Case:
    """A row's sound and where each label's frame begins in it, in samples."""

    wave: Wave
    truth: dict[str, float]
    frame: float
    hertz: int
    rate: str


@dataclass(slots=True)
class Score:
    """How a decoder did: `right` in per cent of the whole frames in the sound."""

    right: float = 0.0
    inferred: int = 0
    false: int = 0
    wrong: list[str] = field(default_factory=list)


def _power(wave: Sound) -> float:
    return float(np.sqrt(np.mean(np.square(wave))))


def noise(db: float) -> Change:
    """White noise over the whole band, the signal `db` above it."""

    def change(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
        del hertz
        return wave + dice.normal(0, _power(wave) / 10 ** (db / 20), len(wave))

    return change


def brown(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
    """As much brown noise as signal, above 20 Hz (what a converter lets through)."""
    lines = np.fft.rfft(dice.normal(0, 1, len(wave)))
    hertz_of = np.arange(len(lines)) * hertz / len(wave)
    rumble = np.fft.irfft(lines * (hertz_of > 20) / np.maximum(hertz_of, 1), len(wave))
    return wave + rumble / _power(rumble) * _power(wave)


def hum(db: float) -> Change:
    """50 Hz, `db` over the signal."""

    def change(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
        del dice
        loud = _power(wave) * 2**0.5 * 10 ** (db / 20)
        return wave + loud * np.sin(np.arange(len(wave)) * 2 * np.pi * 50 / hertz)

    return change


def level(db: float) -> Change:
    """Quieter (or louder) by that much, then 16 bits."""
    return lambda wave, dice, hertz: np.clip(np.round(wave * 10 ** (db / 20) * 32768), -32768, 32767) / 32768


def low_pass(cut: float) -> Change:
    """A pole at `cut` hertz, twice."""

    def change(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
        del dice
        turn = 1j * np.arange(len(wave) // 2 + 1) * hertz / len(wave) / cut
        return np.fft.irfft(np.fft.rfft(wave) / (1 + turn) ** 2, len(wave))

    return change


def high_pass(cut: float) -> Change:
    """Second order with its phase, as a transformer or a coupling capacitor does it."""

    def change(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
        del dice
        turn = 1j * np.arange(len(wave) // 2 + 1) * hertz / len(wave) / cut
        return np.fft.irfft(np.fft.rfft(wave) * turn**2 / (1 + 1.414 * turn + turn**2), len(wave))

    return change


def dropouts(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
    """Five a second, of 0.1 to 1 ms."""
    wave = wave.copy()
    for at in dice.integers(0, len(wave), len(wave) * 5 // hertz):
        wave[at : at + int(dice.integers(hertz // 10_000, hertz // 1000))] = 0
    return wave


def swell(wave: Sound, dice: np.random.Generator, hertz: int) -> Sound:
    """90 % up and down, three times a second."""
    del dice
    return wave * (1 + 0.9 * np.sin(np.arange(len(wave)) * 2 * np.pi * 3 / hertz)) / 1.9


ROWS: tuple[Row, ...] = (
    *(Row(f"clean {name}", rate=name) for name in ("23.976", "24", "25", "29.97", "29.97df", "30")),
    Row("white noise, SNR +10 dB", noise(10), 0.98),
    Row("white noise, SNR +6 dB", noise(6), 0.98),
    Row("white noise, SNR +3 dB", noise(3), 0.98),
    Row("white noise, SNR +3 dB, 29.97df", noise(3), 0.98, rate="29.97df"),
    Row("white noise, SNR 0 dB", noise(0), 0.95),
    Row("white noise, SNR 0 dB, 30", noise(0), 0.95, rate="30"),
    Row("white noise, SNR -3 dB", noise(-3), None),
    Row("white noise, SNR -6 dB", noise(-6), None),
    Row("brown noise, 0 dB", brown, None),
    Row("40 dB down", level(-40), 0.99),
    Row("60 dB down", level(-60), 0.99),
    Row("70 dB down (-76 dBFS)", level(-70), 0.99),
    Row("clipped by 20 dB", level(20), 0.999),
    Row("50 Hz hum, 6 dB over", hum(6), 0.99),
    Row("50 Hz hum, 20 dB over", hum(20), 0.99),
    Row("low-pass 2.2 kHz", low_pass(2200), 0.999),
    Row("high-pass 300 Hz", high_pass(300), 0.99),
    Row("150 dropouts in 30 s", dropouts, None),
    Row("swell of 90 % at 3 Hz", swell, None),
    Row("reversed", reverse=True),
    Row("reversed, 29.97df", reverse=True, rate="29.97df"),
    *(Row(f"speed {speed}", speed=Fraction(speed)) for speed in ("0.25", "0.5", "0.99", "1.01", "1.1", "1.5")),
    *(Row(f"speed {speed}", speed=Fraction(speed)) for speed in ("2", "3", "4", "6", "8")),
    Row("speed 8, 30", speed=Fraction(8), rate="30"),
    Row("speed 8, reversed", speed=Fraction(8), reverse=True),
    *(Row(f"{hertz} Hz", hertz=hertz) for hertz in (8_000, 16_000, 44_100, 96_000)),
    Row("AAC 64k", bar=None, codec=("-c:a", "aac", "-b:a", "64k", "-f", "adts")),
    Row("Opus 24k", bar=None, codec=("-c:a", "libopus", "-b:a", "24k", "-f", "ogg")),
    Row("MP3 48k", bar=None, codec=("-c:a", "libmp3lame", "-b:a", "48k", "-f", "mp3")),
)


def made(row: Row, seconds: int, start: str = "10:59:52", seed: int = 7) -> Case:
    """The sound of a row: `seconds` of it, beginning with a frame; over the hour where it is long enough."""
    fps = rate(row.rate)
    first = Timecode.parse(f"{start}{fps.separator}10", fps)
    played = Timecode(first.frames, replace(fps, fps=fps.fps * row.speed))
    count = seconds * row.hertz
    wave: Sound = write_ltc(played, Fraction(0), count, row.hertz, LEVEL).astype(np.float64)
    frame = float(row.hertz / played.rate.fps)
    truth = {first.later(i).label: i * frame for i in range(int(count / frame))}
    wave = row.change(wave, np.random.default_rng(seed), row.hertz)
    if row.reverse:
        wave = wave[::-1].copy()
        truth = {label: count - 1 - at - frame for label, at in truth.items()}
    if row.codec:
        wave = through(wave, row.hertz, row.codec)
    return Case(wave.astype(np.float32), truth, frame, row.hertz, row.rate)


def through(wave: Sound, hertz: int, codec: Sequence[str]) -> Sound:
    """The sound after a codec, as ffmpeg gives it back."""
    require("ffmpeg")
    raw = ("-f", "f32le", "-ar", str(hertz), "-ac", "1")
    quiet = (shutil.which("ffmpeg") or "ffmpeg", "-v", "error")
    packed = subprocess.run(
        [*quiet, *raw, "-i", "-", *codec, "-"], input=wave.astype("<f4").tobytes(), capture_output=True, check=True
    )
    back = subprocess.run([*quiet, "-i", "-", *raw, "-"], input=packed.stdout, capture_output=True, check=True)
    return np.frombuffer(back.stdout, "<f4").astype(np.float64)


def judged(case: Case, heard: Iterator[tuple[str, float, bool]], slack: float = 0.5) -> Score:
    """How many labels are right (each once, within `slack` of a frame of where it is), inferred, false."""
    score, right = Score(), set[str]()
    for label, sample, inferred in heard:
        at = case.truth.get(label)
        if at is not None and abs(at - sample) < slack * case.frame:
            right.add(label)
            score.inferred += inferred
        elif at is not None or not -case.frame < sample < 0.01 * case.frame:  # a first frame that is cut is no error
            score.false += 1
            score.wrong.append(f"{label} at {sample:.0f}, not {at}")
    score.right = 100 * len(right) / len(case.truth)
    return score


def ours(case: Case, slack: float = 0.5) -> Score:
    """How `decode_ltc` does."""
    labels = decode_ltc(case.wave, case.hertz).labels
    return judged(case, ((heard.label, heard.sample, heard.inferred) for heard in labels), slack)


# -- libltc, which others use -----------------------------------------------------------------------------------------


class LibltcTime(ctypes.Structure):
    """`SMPTETimecode`."""

    _fields_ = (
        ("timezone", ctypes.c_char * 6), ("years", ctypes.c_ubyte), ("months", ctypes.c_ubyte),
        ("days", ctypes.c_ubyte), ("hours", ctypes.c_ubyte), ("mins", ctypes.c_ubyte), ("secs", ctypes.c_ubyte),
        ("frame", ctypes.c_ubyte),
    )  # fmt: skip


class LibltcFrame(ctypes.Structure):
    """`LTCFrameExt`."""

    _fields_ = (
        ("ltc", ctypes.c_ubyte * 10), ("start", ctypes.c_longlong), ("end", ctypes.c_longlong),
        ("reverse", ctypes.c_int), ("tics", ctypes.c_float * 80), ("low", ctypes.c_ubyte), ("high", ctypes.c_ubyte),
        ("volume", ctypes.c_double),
    )  # fmt: skip


def libltc() -> ctypes.CDLL:
    """The library; lacking where it is not installed."""
    try:
        library = ctypes.CDLL("libltc.so.11")
    except OSError:
        require(False, "libltc (libltc11) is not installed")
        raise
    for name in ("ltc_encoder_create", "ltc_decoder_create"):
        getattr(library, name).restype = ctypes.c_void_p
    return library


def read_by_libltc(library: ctypes.CDLL, case: Case) -> Iterator[tuple[str, float, bool]]:
    """Label, first sample, False; of each frame that libltc finds, its float input used."""
    decoder = ctypes.c_void_p(library.ltc_decoder_create(round(case.frame), 1 << 16))
    frame, told = LibltcFrame(), LibltcTime()
    block = 1024
    for at in range(0, len(case.wave), block):
        piece = np.ascontiguousarray(case.wave[at : at + block], np.float32)
        library.ltc_decoder_write_float(
            decoder, piece.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(piece)), ctypes.c_longlong(at)
        )
        while library.ltc_decoder_read(decoder, ctypes.byref(frame)):
            library.ltc_frame_to_time(ctypes.byref(told), ctypes.byref(frame), 0)
            mark = ";" if frame.ltc[1] & 4 else ":"
            label = f"{told.hours:02d}:{told.mins:02d}:{told.secs:02d}{mark}{told.frame:02d}"
            yield label, float(frame.start), False
    library.ltc_decoder_free(decoder)
