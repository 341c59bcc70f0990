"""Format watch: what is told of a card before it goes back into the camera, and what is not worth a word."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from onset.cards.contents import Contents
from onset.cards.formats import ClipFormat
from onset.cards.told import Look
from onset.cards.watch import LastCard, watch
from onset.text import safe_text
from onset.timecode import Timecode, rate
from tests.onset.cards.trees import arri, contents, gopro, recorder, red

PRODUCTION = rate("23.976")


def clip(number: int = 1, **more: object) -> ClipFormat:
    plain = ClipFormat(
        name=f"A014C{number:03d}", start=Timecode.parse(f"10:{number:02d}:00:00", PRODUCTION), start_from="file",
        seconds=Fraction(60), fps=PRODUCTION.fps, size=(3840, 2160), codec="prores", iso="800", white_balance="5600",
    )  # fmt: skip
    return replace(plain, **more)  # type: ignore[arg-type]  # the test says what it changes


CARD = contents(arri((1, 2, 3)))
GOOD = (clip(1), clip(2), clip(3))
BEFORE = LastCard("A013", GOOD)


def told(*formats: ClipFormat, last: LastCard | None = BEFORE, card: Contents = CARD, label: str = "A014") -> list[str]:
    return list(watch(card, formats, rate=PRODUCTION, label=label, last=last))


def test_a_card_like_the_last_one_is_not_worth_a_word() -> None:
    assert told(*GOOD) == []
    assert told(*GOOD, last=None) == []


def test_twenty_four_is_not_twenty_three_nine_seven_six() -> None:
    wrong = [clip(n, fps=Fraction(24), start=Timecode.parse("10:00:00:00", rate("24"))) for n in (1, 2, 3)]
    assert told(*wrong) == ["24 fps, the production is 23.976"]
    assert told(GOOD[0], GOOD[1], wrong[2]) == [
        "24 fps (A014C003), the production is 23.976",
        "24 fps (A014C003), the other clips are 23.976 fps",
    ]


def test_clips_that_tell_nothing_are_not_the_others() -> None:
    wrong = [clip(n, fps=Fraction(24), size=(1920, 1080), start=None) for n in (1, 2)]
    assert told(*wrong, ClipFormat(name="A014C003")) == [
        "24 fps, the production is 23.976",
        "1920x1080, the camera's last card A013 was 3840x2160",
    ]


def test_the_rate_is_told_even_where_the_last_card_was_as_wrong() -> None:
    wrong = tuple(clip(n, fps=Fraction(25)) for n in (1, 2))
    assert told(*wrong, last=LastCard("A013", wrong)) == ["25 fps, the production is 23.976"]


def test_outside_of_a_production_the_rate_is_compared_with_the_last_card() -> None:
    new = [clip(n, fps=Fraction(25)) for n in (1, 2)]
    assert watch(CARD, new, last=BEFORE) == ("25 fps, the camera's last card A013 was 23.976 fps",)


def test_drop_frame_in_a_production_without() -> None:
    counted = rate("29.97df")
    dropped = [clip(n, fps=counted.fps, start=Timecode.parse("10:00:00;00", counted)) for n in (1, 2)]
    assert watch(CARD, dropped, rate=rate("29.97")) == ("drop-frame timecode, the production is 29.97",)
    assert watch(CARD, dropped, rate=counted) == ()
    straight = [clip(n, fps=counted.fps, start=Timecode.parse("10:00:00:00", rate("29.97"))) for n in (1, 2)]
    assert watch(CARD, straight, rate=counted) == ("non-drop timecode, the production is 29.97df",)


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"size": (1920, 1080)}, "1920x1080, the camera's last card A013 was 3840x2160"),
        ({"codec": "h264"}, "h264, the camera's last card A013 was prores"),
        ({"iso": "1600"}, "ISO 1600, the camera's last card A013 was ISO 800"),
        ({"white_balance": "3200K"}, "white balance 3200, the camera's last card A013 was white balance 5600"),
    ],
)
def test_what_somebody_changed_since_the_last_card(changed: dict[str, object], words: str) -> None:
    assert told(*(replace(each, **changed) for each in GOOD)) == [words]  # type: ignore[arg-type]
    assert told(*(replace(each, **changed) for each in GOOD), last=None) == []  # type: ignore[arg-type]


def test_a_clip_that_is_unlike_the_others_of_its_card() -> None:
    assert told(GOOD[0], GOOD[1], clip(3, size=(1920, 1080)), last=None) == [
        "1920x1080 (A014C003), the other clips are 3840x2160"
    ]
    assert told(GOOD[0], clip(2, iso="1600"), last=None) == [], "light changes from setup to setup"


def test_one_spelling_of_a_white_balance_is_not_another_white_balance() -> None:
    assert told(*(replace(each, white_balance="5600K") for each in GOOD)) == []


def test_what_nobody_knows_is_not_compared() -> None:
    unknown = [ClipFormat(name=each.name) for each in GOOD]
    assert told(*unknown) == []
    assert told(*GOOD, last=LastCard("A013", tuple(unknown))) == []


def test_timecode_that_nobody_fed() -> None:
    zero = Timecode(0, PRODUCTION)
    assert told(clip(1, start=zero), clip(2), last=None) == ["timecode starts at 00:00:00:00"]
    assert told(clip(1, start=zero), clip(2)) == [
        "timecode starts at 00:00:00:00, on the camera's last card A013 it did not"
    ]
    every = tuple(clip(n, start=zero) for n in (1, 2))
    assert told(*every, last=None) == ["timecode starts at 00:00:00:00"]
    assert told(*every, last=LastCard("A013", every)) == [], "it always does"
    assert told(clip(1), clip(2, start=zero)) == [], "midnight"
    action = contents(gopro())
    assert watch(action, [clip(n, start=zero) for n in range(4)], rate=PRODUCTION) == ()


def test_a_camera_with_another_ones_letter() -> None:
    assert told(*GOOD, label="B014") == ["the clips say camera A, reel A014; the card is called B014"]
    assert told(*GOOD, label="A015") == ["the clips say reel A014; the card is called A015"]
    assert told(*GOOD, label="A_0014") == []
    assert told(*GOOD, label="NO NAME") == []


def test_sound_at_another_rate() -> None:
    card = contents(recorder())
    sound = [ClipFormat(name=f"T00{n}", fps=Fraction(24), sound=True, seconds=Fraction(9)) for n in (1, 2, 3)]
    assert watch(card, sound, rate=PRODUCTION) == ("timecode at 24, the production is 23.976",)


def test_names_from_a_card_cannot_write_on_the_terminal() -> None:
    lines = told(clip(1, codec="\x1b]0;x\x07"), clip(2, iso="\u202e1"), label="B\x1b014")
    assert lines
    assert all(line == safe_text(line) for line in lines)


anything = st.builds(
    ClipFormat,
    name=st.text(max_size=5),
    start=st.none() | st.integers(0, 1000).map(lambda n: Timecode(n, PRODUCTION)),
    seconds=st.none() | st.fractions(0, 10**6),
    fps=st.none() | st.fractions(1, 240),
    size=st.none() | st.tuples(st.integers(1, 9999), st.integers(1, 9999)),
    codec=st.text(max_size=4),
    iso=st.text(max_size=4),
    white_balance=st.text(max_size=4),
    sound=st.booleans(),
    looked=st.booleans(),
)


@given(st.lists(anything, min_size=3, max_size=3), st.lists(anything, max_size=3), st.text(max_size=8))
def test_any_formats_at_all_have_an_answer(now: list[ClipFormat], before: list[ClipFormat], label: str) -> None:
    look = Look(CARD, tuple(now), label, PRODUCTION, LastCard("A013", tuple(before)))
    assert all(line == safe_text(line) for line in look.lines)
    assert len(look.as_json()["files"]) == 3  # type: ignore[arg-type]


def test_the_line_of_a_card() -> None:
    look = Look(CARD, GOOD, "A014", PRODUCTION)
    assert look.lines == (
        "ARRI reel folder, camera A, reel A014, 3 clips, 3 min from 10:01:00:00, 23.976 fps 3840x2160 prores",
    )
    unknown = tuple(ClipFormat(name=each.name) for each in GOOD)
    assert Look(CARD, unknown, "A014", PRODUCTION).line == "ARRI reel folder, camera A, reel A014, 3 clips"
    assert Look(contents(red()), ()).line.startswith("RED magazine, camera A, "), "not RED RED magazine"
    half = (GOOD[0], replace(GOOD[1], start=None), unknown[2])
    assert "2 min in 2 of them from 10:01:00:00" in Look(CARD, half, "A014", PRODUCTION).line
    long = tuple(replace(each, seconds=Fraction(3599)) for each in GOOD)
    assert ", 2 h 59 min from 10:01:00:00" in Look(CARD, long, "A014", PRODUCTION).line
    blind = tuple(replace(each, start=None) for each in GOOD)
    assert "3 min, timecode unknown" in Look(CARD, blind, "A014", PRODUCTION).line
