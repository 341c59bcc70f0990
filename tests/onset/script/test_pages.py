"""Paper: 55 lines a page, eighths, and where paragraphs fall."""

from __future__ import annotations

import pytest

from onset.script.pages import LINES, lay_out
from onset.script.screenplay import DraftScene, Kind, Paragraph


def scene(*heights: int, number: str = "1") -> DraftScene:
    """A heading and paragraphs of action of so many lines."""
    return DraftScene("INT. A - DAY", number, tuple(Paragraph(Kind.ACTION, "\n".join("x" * h)) for h in heights))


# A page is 55 lines, an eighth 6.875: what goes over a strip counts the next one.
@pytest.mark.parametrize(
    ("lines", "eighths"), [(3, 1), (6, 1), (7, 2), (13, 2), (14, 3), (48, 7), (49, 8), (55, 8), (56, 9), (110, 16)]
)
def test_strip_that_is_begun_counts(lines: int, eighths: int) -> None:
    found = lay_out([scene(lines - 2)])[0]
    assert (found.lines, found.eighths) == (lines, eighths)


def test_no_scene_is_shorter_than_an_eighth() -> None:
    assert lay_out([scene()])[0].eighths == 1


def test_scene_that_goes_over_a_page_says_both_and_the_next_begins_where_it_ends() -> None:
    first, second = lay_out([scene(60), scene(3)])
    assert (first.pages, second.pages) == ("1-2", "2")
    assert (first.places[0].page, first.places[0].line) == (1, 1)
    assert (second.places[0].page, second.places[0].line) == (2, 62 - LINES + 3)  # two blank lines before a heading


def test_heading_is_never_the_last_line_of_a_page() -> None:
    _, second = lay_out([scene(49), scene(3)])  # 51 lines used; heading, blank and action would end at 54 or later
    assert (second.places[0].page, second.places[0].line) == (2, 1)


def test_two_who_speak_at_once_take_the_room_of_the_longer_one() -> None:
    def column(text: str) -> tuple[Paragraph, ...]:
        return Paragraph(Kind.DUAL_CHARACTER, "TOM", "TOM"), Paragraph(Kind.DUAL_DIALOGUE, text, "TOM")

    both = DraftScene("INT. A", "1", (*column("one\ntwo\nthree"), *column("one")))
    alone = DraftScene("INT. A", "1", column("one\ntwo\nthree"))
    assert lay_out([both])[0].lines == lay_out([alone])[0].lines == 1 + 1 + 4
    places = lay_out([both])[0].places
    assert places[1].line == places[3].line


def test_page_break_of_the_writer_begins_a_page() -> None:
    broken = DraftScene("INT. A", "1", (Paragraph(Kind.ACTION, "x"), Paragraph(Kind.ACTION, "y", new_page=True)))
    assert [(place.page, place.line) for place in lay_out([broken])[0].places] == [(1, 1), (1, 3), (2, 1)]


def test_every_paragraph_stands_behind_the_one_before() -> None:
    scenes = [scene(*(1 + (3 * at + step) % 11 for step in range(9))) for at in range(30)]
    places = [place for one in lay_out(scenes) for place in one.places]
    order = [(place.page, place.line) for place in places]
    assert order == sorted(order)
    assert all(1 <= line <= LINES for _, line in order)
