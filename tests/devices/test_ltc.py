"""Timecode on a sound track: read back at every rate, both ways, at any level; and never a label that was not there."""

from __future__ import annotations

import ctypes
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from devices.ltc import LtcDecoder, decode_ltc, frame_bits, write_ltc
from onset.timecode import Timecode, rate
from tests.devices.ltc_sounds import LibltcFrame, LibltcTime, libltc

RATES = ["23.976", "24", "25", "29.97", "29.97df", "30"]
HERTZ = 48_000


def _truth(rate_name: str, seconds: int, start: str = "10:59:55") -> tuple[Timecode, dict[str, float]]:
    fps = rate(rate_name)
    first = Timecode.parse(f"{start}{fps.separator}10", fps)
    frames = int(seconds * fps.fps) + 1
    return first, {first.later(i).label: float(i / fps.fps * HERTZ) for i in range(-1, frames + 1)}


@pytest.mark.parametrize("rate_name", RATES)
def test_clean_labels_are_missed_or_moved(rate_name: str) -> None:
    first, truth = _truth(rate_name, 60)
    tape = decode_ltc(write_ltc(first, Fraction(0), 60 * HERTZ, HERTZ), HERTZ)
    assert tape.rate == rate(rate_name)
    assert len(tape.labels) >= int(60 * rate(rate_name).fps) * 0.999
    for heard in tape.labels:
        assert abs(heard.sample - truth[heard.label]) < 0.6


@pytest.mark.parametrize("level", [1.0, 0.01, 0.001, 0.0003])
def test_a_faint_track_is_silent(level: float) -> None:
    """Down to 10 steps of 16 bits, and clipped at the top."""
    first, truth = _truth("25", 20)
    wave = write_ltc(first, Fraction(0), 20 * HERTZ, HERTZ, level=level)
    stepped = np.clip(np.round(wave * (32768 * 8 if level == 1.0 else 32768)), -32768, 32767) / 32768
    tape = decode_ltc(stepped.astype(np.float32), HERTZ)
    assert len(tape.labels) >= 499
    assert all(heard.label in truth for heard in tape.labels)


@pytest.mark.parametrize("rate_name", RATES)
def test_a_tape_that_runs_backwards_counts_up(rate_name: str) -> None:
    first, truth = _truth(rate_name, 30)
    wave = write_ltc(first, Fraction(0), 30 * HERTZ, HERTZ)
    tape = decode_ltc(wave[::-1].copy(), HERTZ)
    assert tape.rate == rate(rate_name)
    assert len(tape.labels) >= int(30 * rate(rate_name).fps) - 2
    assert all(heard.reverse for heard in tape.labels)
    for heard in tape.labels:
        assert abs(len(wave) - 1 - heard.sample - (truth[heard.label] + HERTZ / float(rate(rate_name).fps))) < 2


@pytest.mark.parametrize("speed", [0.25, 0.5, 0.99, 1.01, 2.0, 4.0])
def test_a_tape_at_another_speed_is_lost(speed: float) -> None:
    first, truth = _truth("25", 40)
    wave = write_ltc(first, Fraction(0), 40 * HERTZ, HERTZ)
    moved = np.interp(np.arange(0, len(wave) - 1, speed), np.arange(len(wave)), wave).astype(np.float32)
    tape = decode_ltc(moved, HERTZ)
    assert len(tape.labels) >= 997
    assert all(heard.label in truth for heard in tape.labels)


@pytest.mark.parametrize("hertz", [16_000, 44_100, 96_000])
def test_another_sample_rate_is_deaf(hertz: int) -> None:
    first = Timecode.parse("01:00:00:00", rate("25"))
    tape = decode_ltc(write_ltc(first, Fraction(0), 20 * hertz, hertz), hertz)
    assert len(tape.labels) >= 499


def test_a_jump_gives_labels_that_were_never_there() -> None:
    one, truth_one = _truth("25", 10, "01:00:00")
    two, truth_two = _truth("25", 10, "20:30:40")
    wave = np.concatenate(
        (write_ltc(one, Fraction(0), 10 * HERTZ - 777, HERTZ), write_ltc(two, Fraction(3, 1000), 10 * HERTZ, HERTZ))
    )
    labels = [heard.label for heard in decode_ltc(wave, HERTZ).labels]
    assert set(labels) <= set(truth_one) | set(truth_two)
    assert len([label for label in labels if label in truth_two]) >= 247


@pytest.mark.parametrize("seed", range(5))
def test_noise_speaks(seed: int) -> None:
    dice = np.random.default_rng(seed)
    noise = dice.normal(0, 0.2, 5 * HERTZ).astype(np.float32)
    brown = np.cumsum(noise).astype(np.float32) / 100
    hum = np.sin(np.arange(5 * HERTZ) * 2 * np.pi * 50 / HERTZ).astype(np.float32)
    for wave in (noise, brown, hum, np.zeros(5 * HERTZ)):
        assert decode_ltc(wave.astype(np.float32), HERTZ).labels == ()


@pytest.mark.parametrize("seed", range(3))
def test_scratches_give_false_labels(seed: int) -> None:
    first, truth = _truth("25", 20)
    wave = write_ltc(first, Fraction(0), 20 * HERTZ, HERTZ)
    dice = np.random.default_rng(seed)
    for at in dice.integers(0, len(wave) - 100, 100):
        wave[at : at + dice.integers(5, 48)] = 0
    for heard in decode_ltc(wave, HERTZ).labels:
        assert abs(heard.sample - truth[heard.label]) < 40


@pytest.mark.parametrize("block", [37, 960, 48_000])
def test_the_size_of_the_blocks_matters(block: int) -> None:
    first, truth = _truth("29.97df", 10)
    wave = write_ltc(first, Fraction(0), 10 * HERTZ, HERTZ)
    decoder = LtcDecoder(HERTZ)
    heard = [h for at in range(0, len(wave), block) for h in decoder.feed(wave[at : at + block])]
    assert len(heard) >= 297
    assert all(abs(h.sample - truth[h.label]) < 1.5 for h in heard)
    assert all(b.sample > a.sample for a, b in pairwise(heard))


def test_the_user_bits_are_somebody_elses() -> None:
    label = Timecode.parse("01:02:03:04", rate("25"))
    word = f"{frame_bits(label, user=(1, 2, 3, 4, 5, 6, 7, 15)):080b}"
    # SMPTE ST 12-1: units of frames in bits 0-3, user bits in 4-7, lowest first; the sync word ends the frame.
    assert word[:8] == "0010" + "1000"
    assert word[64:] == "0011111111111101"
    assert word.count("0") % 2 == 0, "an even number of zeros, so that every frame begins alike"


def test_the_decoder_is_too_slow_for_a_long_file() -> None:
    """The floor that keeps `onset ltc` usable; the measured figure is in docs/benchmarks.md."""
    import time

    first, _ = _truth("25", 60)
    wave = write_ltc(first, Fraction(0), 60 * HERTZ, HERTZ)
    began = time.process_time()
    decode_ltc(wave, HERTZ)
    assert time.process_time() - began < 3.0


# -- against libltc, which others use ----------------------------------------------------------------------------------


@pytest.mark.real
@pytest.mark.parametrize("rate_name", RATES)
def test_libltc_reads_something_else(rate_name: str) -> None:
    library = libltc()
    first, truth = _truth(rate_name, 20)
    wave = np.round(write_ltc(first, Fraction(0), 20 * HERTZ, HERTZ, level=0.8) * 127 + 128).astype(np.uint8)
    decoder = ctypes.c_void_p(library.ltc_decoder_create(int(HERTZ / float(rate(rate_name).fps)), 1024))
    library.ltc_decoder_write(
        decoder, wave.ctypes.data_as(ctypes.c_void_p), ctypes.c_size_t(len(wave)), ctypes.c_longlong(0)
    )
    frame, told = LibltcFrame(), LibltcTime()
    found = 0
    while library.ltc_decoder_read(decoder, ctypes.byref(frame)):
        library.ltc_frame_to_time(ctypes.byref(told), ctypes.byref(frame), 0)
        mark = rate(rate_name).separator
        label = f"{told.hours:02d}:{told.mins:02d}:{told.secs:02d}{mark}{told.frame:02d}"
        assert abs(frame.start - truth[label]) < 60, label
        found += 1
    library.ltc_decoder_free(decoder)
    assert found >= int(20 * rate(rate_name).fps) - 2


@pytest.mark.real
@pytest.mark.parametrize(("rate_name", "standard"), [("24", 2), ("25", 1), ("29.97df", 0), ("30", 0)])
def test_what_libltc_writes_is_not_read(rate_name: str, standard: int) -> None:
    library = libltc()
    fps = float(rate(rate_name).fps)
    encoder = ctypes.c_void_p(library.ltc_encoder_create(ctypes.c_double(HERTZ), ctypes.c_double(fps), standard, 0))
    told = LibltcTime(hours=10, mins=59, secs=55, frame=0)
    library.ltc_encoder_set_timecode(encoder, ctypes.byref(told))
    pieces = []
    count = int(20 * fps)
    for _ in range(count):
        library.ltc_encoder_encode_frame(encoder)
        size = library.ltc_encoder_get_buffersize(encoder)
        buffer = (ctypes.c_ubyte * size)()
        length = library.ltc_encoder_get_buffer(encoder, buffer)
        pieces.append(np.frombuffer(buffer, np.uint8)[:length].copy())
        library.ltc_encoder_inc_timecode(encoder)
    library.ltc_encoder_free(encoder)
    wave = ((np.concatenate(pieces).astype(np.float32) - 128) / 128).astype(np.float32)
    tape = decode_ltc(wave, HERTZ)
    # It marks 29.97 as drop-frame.
    first = Timecode.parse(f"10:59:55{rate(rate_name).separator}00", rate(rate_name))
    expected = [first.later(i).label for i in range(count)]
    assert len(tape.labels) >= count - 2
    assert [heard.label for heard in tape.labels] == expected[-len(tape.labels) :] or [
        heard.label for heard in tape.labels
    ] == expected[: len(tape.labels)]
