"""The gate behind the readers of timecode: what a raw reader may say, and what may leave."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from devices.ltc_gate import Gate
from devices.ltc_word import Heard, frame_bits, heard_in
from onset.timecode import Timecode, rate

FRAME = 1920.0


def read(label: str, sample: float, *, reverse: bool = False) -> Heard:
    """A word as it is read from 48 kHz sound at 25 frames."""
    word = f"{frame_bits(Timecode.parse(label, rate('25'))):080b}"
    heard = heard_in(word, sample, sample + FRAME, reverse=reverse)
    assert heard is not None
    return heard


def run(start: str, first: int, count: int) -> list[Heard]:
    """Frames one after the other; `first` is their place in the sound."""
    label = Timecode.parse(start, rate("25"))
    return [read(str(label.later(i)), (first + i) * FRAME) for i in range(count)]


def passed(words: Sequence[Heard]) -> list[str]:
    gate = Gate(48_000)
    return [f"{heard.label}{'?' * heard.inferred}" for word in words for heard in gate.judge(word)]


def labels(words: Sequence[Heard]) -> list[str]:
    return [word.label for word in words]


def test_one_word_alone_is_believed() -> None:
    assert passed(run("10:00:00:00", 0, 1)) == []
    assert passed(run("10:00:00:00", 0, 2)) == ["10:00:00:00", "10:00:00:01"]


def test_two_wrong_words_that_agree_are_believed_while_timecode_runs() -> None:
    """A codec damages the same bit of two frames: the hour is wrong, everything else fits."""
    true = run("10:00:00:00", 0, 30)
    wrong = [replace(word, hours=18) for word in true[12:14]]
    assert passed([*true[:12], *wrong, *true[14:]]) == [
        *labels(true[:12]), "10:00:00:12?", "10:00:00:13?", *labels(true[14:])
    ]  # fmt: skip


def test_a_jump_is_not_believed_after_three() -> None:
    before, after = run("10:00:00:00", 0, 12), run("20:00:00:00", 12, 3)
    assert passed([*before, *after]) == labels([*before, *after])
    assert passed([*before, *after[:2]]) == labels(before)


def test_the_last_label_of_a_second_is_misread_and_believed() -> None:
    """The first word after a splice says 23 and is 24: at this length of frames no second ends with 23."""
    true = run("10:00:01:00", 1, 4)
    assert passed([read("10:00:00:23", 0), *true]) == labels(true)


@pytest.mark.parametrize("way", [1, -1])
def test_a_tape_at_another_speed_loses_the_end_of_a_second(way: int) -> None:
    """24 labels a second, played so that their frames are as long as those of 25."""
    told = ["10:00:00:20", "10:00:00:21", "10:00:00:22", "10:00:00:23", "10:00:01:00", "10:00:01:01", "10:00:01:02"]
    words = [read(label, i * FRAME, reverse=way < 0) for i, label in enumerate(told[::way])]
    assert passed(words) == told[::way]


def test_words_at_the_wrong_moment_are_believed() -> None:
    true = run("10:00:00:00", 0, 12)
    early = read("10:00:00:12", 11.5 * FRAME)
    assert passed([*true, early]) == labels(true)


def test_a_word_read_twice_is_given_out_twice() -> None:
    true = run("10:00:00:00", 0, 5)
    assert passed([each for word in true for each in (word, replace(word, sample=word.sample + 3))]) == labels(true)


def test_a_hole_of_many_seconds_is_filled() -> None:
    before, after = run("10:00:00:00", 0, 12), run("10:00:03:00", 75, 12)
    assert passed([*before, *after]) == labels([*before, *after]), "63 frames are more than may be guessed"
    near = run("10:00:01:05", 30, 3)
    assert passed([*before, *near]) == [
        *labels(before), *(f"10:00:00:{frame:02d}?" for frame in range(12, 25)),
        *(f"10:00:01:{frame:02d}?" for frame in range(5)), *labels(near)
    ]  # fmt: skip


def test_a_tape_that_turns_round_goes_on_counting_up() -> None:
    forth = run("10:00:00:00", 0, 12)
    back = [replace(word, sample=(23 - i) * FRAME, reverse=True) for i, word in enumerate(forth)][::-1]
    assert passed([*forth, *back]) == labels([*forth, *back])
