"""Every condition in which timecode arrives, on short pieces: enough is read, and never a label that was not there."""

from __future__ import annotations

import numpy as np
import pytest

from devices.ltc import decode_ltc
from tests.devices.ltc_sounds import HERTZ, ROWS, Row, brown, judged, libltc, made, noise, ours, read_by_libltc

_PLAIN = [row for row in ROWS if not row.codec]
_CODECS = [row for row in ROWS if row.codec]


def _seconds(row: Row) -> int:
    return 20 if row.speed < 1 else 8


@pytest.mark.parametrize("row", _PLAIN, ids=[row.name for row in _PLAIN])
def test_a_condition_is_too_hard_or_brings_false_labels(row: Row) -> None:
    case = made(row, _seconds(row))
    score = ours(case)
    assert score.wrong == []
    one = 100 / len(case.truth)
    assert score.right >= (0 if row.bar is None else min(100 * row.bar, 100 - one))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("db", [-3, -6, -9])
def test_noise_louder_than_timecode_gives_false_labels(db: int, seed: int) -> None:
    case = made(Row("noise", noise(db), rate=("25", "29.97df", "30", "23.976")[seed]), 6, seed=seed)
    assert ours(case).wrong == []


def test_labels_in_noise_are_read_and_not_only_inferred() -> None:
    """At 0 dB libltc reads none at all."""
    case = made(Row("noise", noise(0)), 8)
    score = ours(case)
    assert score.right - 100 * score.inferred / len(case.truth) > 97
    assert {heard.inferred for heard in decode_ltc(made(Row("noise", noise(-3)), 8).wave, HERTZ).labels} == {
        True,
        False,
    }


def test_a_gap_is_filled_with_labels_that_say_so() -> None:
    case = made(Row("clean"), 8)
    case.wave[2 * HERTZ : 2 * HERTZ + HERTZ // 5] = 0
    labels = decode_ltc(case.wave, HERTZ).labels
    guessed = [heard for heard in labels if heard.inferred]
    assert 5 <= len(guessed) <= 7
    assert all(1.9 * HERTZ < heard.sample < 2.3 * HERTZ for heard in guessed)
    assert judged(case, ((heard.label, heard.sample, heard.inferred) for heard in labels)).wrong == []


def test_timecode_that_stopped_is_counted_on() -> None:
    case = made(Row("clean"), 8)
    case.wave[3 * HERTZ :] = 0
    labels = decode_ltc(case.wave, HERTZ).labels
    assert 74 <= len(labels) <= 75
    assert labels[-1].sample < 3 * HERTZ


def test_speech_and_music_are_heard_as_timecode() -> None:
    dice = np.random.default_rng(3)
    at = np.arange(8 * HERTZ) / HERTZ
    square = np.sign(np.sin(2 * np.pi * 2000 * at))  # timecode's own pitch, and nothing in it
    chord = np.sum([np.sin(2 * np.pi * f * at) for f in (220.0, 277.2, 329.6, 440.0, 2000.0)], axis=0)
    for wave in (square, chord, brown(square, dice, HERTZ), chord * dice.normal(0, 1, len(at))):
        assert decode_ltc(wave.astype(np.float32) * 0.2, HERTZ).labels == ()


def test_a_track_before_its_timecode_is_not_read_through() -> None:
    """Two seconds of room noise, then timecode: everything from there on."""
    case = made(Row("clean"), 6)
    room = np.random.default_rng(1).normal(0, 0.01, 2 * HERTZ + 123).astype(np.float32)
    labels = decode_ltc(np.concatenate((room, case.wave)), HERTZ).labels
    found = {heard.label for heard in labels}
    assert len(found & case.truth.keys()) >= len(case.truth) - 1
    assert found <= case.truth.keys()


@pytest.mark.real
@pytest.mark.parametrize("row", _CODECS, ids=[row.name for row in _CODECS])
def test_a_codec_brings_false_labels(row: Row) -> None:
    case = made(row, 20)
    score = ours(case, slack=1.5)
    assert score.wrong == []
    assert score.right >= 80


@pytest.mark.real
@pytest.mark.parametrize("row", ROWS, ids=[row.name for row in ROWS])
def test_libltc_reads_more(row: Row) -> None:
    case = made(row, _seconds(row))
    slack = 1.5 if row.codec else 0.5
    peer = judged(case, read_by_libltc(libltc(), case), slack)
    assert ours(case, slack).right + 100 / len(case.truth) >= peer.right


@pytest.mark.parametrize(("seed", "start"), [(6, "06:42:06"), (8, "08:56:28"), (13, "13:31:23")])
def test_labels_around_a_hole_tell_a_wrong_count_of_frames(seed: int, start: str) -> None:
    """16:23 and 17:00 seven frames apart are no sign of 24 frames a second."""
    case = made(Row("noise", noise(-5), rate="30"), 20, start, seed)
    assert ours(case).wrong == []


@pytest.mark.parametrize("seed", range(2))
def test_a_tape_that_is_wound_by_hand_gives_false_labels(seed: int) -> None:
    """The speed wanders between four times backwards and four times forwards."""
    case = made(Row("clean", rate=("25", "29.97df")[seed]), 24, seed=seed)
    dice = np.random.default_rng(seed)
    count = 12 * HERTZ
    speed = np.interp(np.arange(count), np.linspace(0, count, 8), dice.uniform(-4, 4, 8))
    tape = np.clip(12 * HERTZ + np.cumsum(speed), 0, len(case.wave) - 2)
    wound = np.interp(tape, np.arange(len(case.wave)), case.wave).astype(np.float32)
    labels = decode_ltc(wound, HERTZ).labels
    assert len(labels) > 250
    for heard in labels:
        begin, end = (int(np.clip(at, 0, count - 1)) for at in (heard.sample, heard.sample + heard.length))
        assert abs(min(tape[begin], tape[end]) - case.truth[heard.label]) < 0.7 * case.frame
