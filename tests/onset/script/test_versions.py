"""A new version against the one before: numbers, keys, demoted headings, omitted scenes."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.errors import ScriptError, SlateError, UsageError
from onset.script.screenplay import Kind
from onset.script.take_in import Incoming, TextChange
from tests.onset.script.written import in_the_log, keys, taken

WHITE = """FADE IN:

EXT. HARBOUR - DAWN

Gulls over the water. MARA walks the quay, collar up.

INT. KITCHEN - DAY

TOM stands at the stove and does not turn round.

TOM
You came back.

INT. CAR - NIGHT

Rain. She counts the money twice and puts it back.

INT. CAR - NIGHT

A face in the glass, then nothing.

EXT. LIGHTHOUSE - NIGHT

The lamp turns. Nobody is up there tonight.
"""


def headings(incoming: Incoming) -> list[tuple[str, str]]:
    return [(scene.number, scene.heading) for scene in incoming.scenes if not scene.omitted]


def test_first_version_without_numbers_is_counted_and_says_so(tmp_path: Path) -> None:
    found = taken(tmp_path, WHITE)
    assert [number for number, _ in headings(found)] == ["1", "2", "3", "4", "5"]
    assert found.numbered == ("1", "2", "3", "4", "5")
    assert found.elements[0].text == "FADE IN:"


def test_scenes_keep_the_numbers_they_were_given_when_others_come_between_and_go(tmp_path: Path) -> None:
    white = taken(tmp_path, WHITE)
    text = WHITE.replace(
        "INT. KITCHEN - DAY", "EXT. QUAY - DAWN\n\nA boat comes in under the fog.\n\nINT. KITCHEN - DAY"
    )
    without = text[: text.index("INT. CAR")] + text[text.index("EXT. LIGHTHOUSE") :]
    blue = taken(tmp_path, without, in_the_log(white))
    assert headings(blue) == [
        ("1", "EXT. HARBOUR - DAWN"),
        ("1A", "EXT. QUAY - DAWN"),
        ("2", "INT. KITCHEN - DAY"),
        ("5", "EXT. LIGHTHOUSE - NIGHT"),
    ]
    assert [scene.number for scene in blue.scenes if scene.omitted] == ["3", "4"]
    assert [scene.number for scene in blue.scenes] == ["1", "1A", "2", "3", "4", "5"]


def test_omitted_scenes_come_back_with_their_numbers_and_keys(tmp_path: Path) -> None:
    white = taken(tmp_path, WHITE)
    blue = taken(tmp_path, WHITE[: WHITE.index("INT. CAR")], in_the_log(white))
    pink = taken(tmp_path, WHITE, in_the_log(blue))
    assert headings(pink) == headings(white)
    assert keys(pink) == keys(white)


def test_number_of_an_omitted_scene_is_never_given_again(tmp_path: Path) -> None:
    white = taken(tmp_path, "INT. A - DAY\n\nOne thing happens here.\n\nINT. B - DAY\n\nAnother happens there.\n")
    blue = taken(tmp_path, "INT. A - DAY\n\nOne thing happens here.\n", in_the_log(white))
    new = "INT. A - DAY\n\nOne thing happens here.\n\nINT. NEW - NIGHT\n\nSomething else entirely.\n"
    assert [number for number, _ in headings(taken(tmp_path, new, in_the_log(blue)))] == ["1", "1A"]


def test_paragraphs_keep_their_keys_when_they_stay_change_or_move(tmp_path: Path) -> None:
    white = taken(tmp_path, WHITE)
    moved = "Rain. She counts the money twice and puts it back."
    text = WHITE.replace(f"{moved}\n\n", "She drives.\n\n").replace("tonight.\n", f"tonight.\n\n{moved}\n")
    changed = "TOM stands at the stove and turns round at last."
    text = text.replace("TOM stands at the stove and does not turn round.", changed)
    blue = taken(tmp_path, text, in_the_log(white))
    before, after = keys(white), keys(blue)
    assert after[moved] == before[moved]
    assert after[changed] == before["TOM stands at the stove and does not turn round."]
    assert after["You came back."] == before["You came back."]
    assert after["She drives."] not in before.values()
    assert len({one.key for one in blue.elements}) == len(blue.elements)
    assert TextChange("2", added=0, changed=1, gone=0) in blue.text


def test_lines_that_stand_many_times_have_keys_of_their_own(tmp_path: Path) -> None:
    text = "INT. A - DAY #1#\n\n" + "TOM\nNo.\n\n" * 5
    white = taken(tmp_path, text)
    assert len({one.key for one in white.elements}) == 11
    fewer = taken(tmp_path, text.removesuffix("TOM\nNo.\n\n"), in_the_log(white))
    assert [one.key for one in fewer.elements] == [one.key for one in white.elements][:9]


def test_line_that_stands_in_thousands_costs_no_time(tmp_path: Path) -> None:
    white = taken(tmp_path, "INT. A - DAY\n\n" + "TOM\nNo.\n\n" * 1_500)
    blue = taken(tmp_path, "INT. A - DAY\n\n" + "TOM\nNo.\n\n" * 1_400, in_the_log(white))
    assert [one.key for one in blue.elements] == [one.key for one in white.elements][:2_801]


def test_scene_that_was_moved_is_told_and_those_around_it_are_not(tmp_path: Path) -> None:
    white = taken(tmp_path, WHITE)
    head, tail = WHITE[: WHITE.index("INT. KITCHEN")], WHITE[WHITE.index("EXT. LIGHTHOUSE") :]
    moved = f"{head}{tail}\n{WHITE[len(head) : -len(tail)]}"
    blue = taken(tmp_path, moved, in_the_log(white))
    assert [number for number, _ in headings(blue)] == ["1", "5", "2", "3", "4"]
    assert blue.moved == ("5",)
    assert white.moved == ()


def test_same_file_twice_gives_the_same(tmp_path: Path) -> None:
    white = taken(tmp_path, WHITE)
    again = taken(tmp_path, WHITE, in_the_log(white))
    assert (again.scenes, again.elements, again.text) == (white.scenes, white.elements, ())


def test_renumbered_scene_names_what_it_was_and_keeps_its_keys(tmp_path: Path) -> None:
    white = taken(tmp_path, WHITE)
    numbered = WHITE.replace("LIGHTHOUSE - NIGHT", "LIGHTHOUSE - NIGHT #5A#")
    blue = taken(tmp_path, numbered, in_the_log(white))
    scene = next(one for one in blue.scenes if one.number == "5A")
    assert scene.was == "5"
    assert "5" not in [one.number for one in blue.scenes]
    assert keys(blue) == keys(white)


def test_scripts_whose_numbers_were_not_locked_are_told(tmp_path: Path) -> None:
    def numbered(*scenes: str) -> str:
        return "\n".join(f"INT. {s} - DAY #{n}#\n\nWhat happens in {s} is told.\n" for n, s in enumerate(scenes, 1))

    white = taken(tmp_path, numbered("ATTIC", "BARN", "CELLAR"))
    blue = taken(tmp_path, numbered("ATTIC", "NEW WING", "BARN", "CELLAR"), in_the_log(white))
    assert "3 (was 2)" in blue.doubts[0]
    assert "locked" in blue.doubts[0]
    assert keys(blue)["What happens in BARN is told."] == keys(white)["What happens in BARN is told."]


@pytest.mark.parametrize("number", ["10aA", "A10", "12-14", "101B", "3.5", "Ä1"])
def test_numbers_of_every_form_stay_as_they_are_written(tmp_path: Path, number: str) -> None:
    assert headings(taken(tmp_path, f"INT. A - DAY #{number}#\n\nX.\n")) == [(number, "INT. A - DAY")]


def test_number_twice_is_refused_with_both_headings(tmp_path: Path) -> None:
    with pytest.raises(ScriptError, match=r'scene 7 twice, "INT. A" in line 1 and "INT. B" in line 3'):
        taken(tmp_path, "INT. A #7#\n\nINT. B #7#\n")


def test_number_that_no_board_can_show_is_refused(tmp_path: Path) -> None:
    with pytest.raises(SlateError, match="longer than 32"):
        taken(tmp_path, f"INT. A #{'9' * 40}#\n\nX.\n")


OMITTED = "INT. A #14#\n\nX.\n\n{}\n\nINT. B #18#\n\nY.\n"


@pytest.mark.parametrize(
    "line", ["OMITTED #15-17#", ".OMITTED #15-17#", "OMITTED 15-17", "15-17 OMITTED", "SCENES 15 THRU 17 OMITTED"]
)
def test_omitted_range_is_every_scene_of_it(tmp_path: Path, line: str) -> None:
    found = taken(tmp_path, OMITTED.format(line))
    assert [(one.number, one.omitted) for one in found.scenes] == [
        ("14", False),
        ("15", True),
        ("16", True),
        ("17", True),
        ("18", False),
    ]


def test_scene_that_stands_is_not_omitted_by_a_range(tmp_path: Path) -> None:
    found = taken(tmp_path, OMITTED.format("OMITTED 17-19"))
    assert [(one.number, one.omitted) for one in found.scenes] == [
        ("14", False),
        ("17", True),
        ("19", True),
        ("18", False),
    ]
    assert "Scene 18 is said to be omitted and stands" in found.doubts[0]


FALSE_SCENE = WHITE.replace("TOM\nYou", "INT. THE THOUGHT OF IT #2x#\n\nHe thinks about it.\n\nTOM\nYou")


@pytest.mark.parametrize("which", ["int. the  thought of it", "11", "#2x"])
def test_demoted_heading_is_a_paragraph_and_stays_one_in_the_next_version(tmp_path: Path, which: str) -> None:
    assert len(headings(taken(tmp_path, FALSE_SCENE))) == 6
    white = taken(tmp_path, FALSE_SCENE, demoted=[which])
    assert headings(white) == headings(taken(tmp_path, WHITE))
    assert white.demoted == ("INT. THE THOUGHT OF IT",)
    kinds = {one.text: (one.kind, one.scene) for one in white.elements}
    assert kinds["INT. THE THOUGHT OF IT"] == (Kind.DEMOTED, "2")
    later = FALSE_SCENE.replace("Gulls", "Many gulls")
    blue = taken(tmp_path, later, in_the_log(white))
    assert headings(blue) == headings(white)
    assert blue.demoted == white.demoted
    back = taken(tmp_path, later, in_the_log(blue), promoted=["INT. THE THOUGHT OF IT"])
    assert ("2x", "INT. THE THOUGHT OF IT") in headings(back)


def test_one_of_two_like_headings_is_demoted_by_its_line_and_only_that_one_stays_so(tmp_path: Path) -> None:
    line = WHITE.split("\n").index("A face in the glass, then nothing.") - 1
    white = taken(tmp_path, WHITE, demoted=[str(line)])
    assert [heading for _, heading in headings(white)].count("INT. CAR - NIGHT") == 1
    blue = taken(tmp_path, WHITE.replace("Rain.", "Much rain."), in_the_log(white))
    assert headings(blue) == headings(white)


@pytest.mark.parametrize(("word", "complaint"), [("INT. KITCHN - DAY", "did you mean"), ("4", "Line 4 is no scene")])
def test_heading_to_demote_that_is_not_there_is_refused(tmp_path: Path, word: str, complaint: str) -> None:
    with pytest.raises(UsageError, match=complaint):
        taken(tmp_path, WHITE, demoted=[word])


def test_numbers_that_were_printed_beside_the_heading_are_its_number(tmp_path: Path) -> None:
    text = "12   INT. KITCHEN - DAY   12\n\nTOM cooks.\n\n12A. EXT. YARD - NIGHT\n\nGulls.\n\n1984 was a good year.\n"
    assert headings(taken(tmp_path, text)) == [("12", "INT. KITCHEN - DAY"), ("12A", "EXT. YARD - NIGHT")]


def test_headings_of_other_languages_are_scenes_and_a_line_in_small_letters_is_none(tmp_path: Path) -> None:
    found = taken(
        tmp_path, "INNEN. KÜCHE - TAG\n\nEr kocht.\n\nInnen ist es warm.\n\nAUSSEN. HAFEN - NACHT\n\nMöwen.\n"
    )
    assert [(one.int_ext, one.set, one.time_of_day) for one in found.scenes] == [
        ("INT.", "KÜCHE", "TAG"),
        ("EXT.", "HAFEN", "NACHT"),
    ]
