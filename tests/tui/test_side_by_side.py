"""The takes of a setup side by side: what is compared stands on one row, and keys mean the column under the cursor."""

from __future__ import annotations

from pathlib import Path

from onset.logbook.terms import Next
from onset.text import safe_text
from tests.tui.compared import a_compared_day, clip, shoot, starts
from tests.tui.reviewing import open_review, read
from tests.tui.support import Set, at_work
from tests.tui.test_hostile import FORBIDDEN
from tests.tui.test_player import _take
from tests.tui.test_stills import picture
from tui.screens.review_beside import row_of
from tui.widgets.side_by_side import SideBySide, column_text


def test_a_long_note_pushes_what_is_compared_off_its_row(tmp_path: Path) -> None:
    take = _take(tmp_path, mark="10:00:13:05")
    sections = column_text(take, 16)
    assert [section[0][0] for section in sections if section] == ["no status", "- 10:00:12:00", "10:00:13:05", "A"]
    assert all(len(words) < 16 for section in sections for words, _ in section)
    assert row_of(take, "director").label == "42C/3"


async def test_a_rating_is_given_to_the_take_that_the_list_stood_on(tmp_path: Path) -> None:
    hostile = "[red]A\x1b]0;PWNED\x07\u202e[/]"
    place = Set(tmp_path)
    place.open().close()
    a_compared_day(place)
    log = place.open(role="dit")
    try:
        more = [shoot(log, place, "42A") for _ in range(4)]
        log.note(more[1].id, hostile + " and on" * 60)
        log.set_next(Next(slate="42D"))
    finally:
        log.close()
    async with at_work(place) as at:
        screen = await open_review(at)
        screen.takes.pick([row.label for row in screen.takes.rows].index("42A/3"))
        await at.press("equals_sign")
        view = screen.query_one(SideBySide)
        await at.until(lambda: [take.label for take in view.in_view] == ["42A/1", "42A/2", "42A/3"])
        await at.press("right")
        assert [take.label for take in view.in_view] == ["42A/2", "42A/3", "42A/4"]
        assert "circles 42A/4" in at.footer
        assert "takes 2-4 of 5" in at.drawn()
        assert safe_text("[red]A\x1b]0") in at.drawn()
        assert not set(at.drawn().replace("\n", "")) & set(FORBIDDEN)
        await at.press("c", "left", "h")
        await read(at)
        takes = await at.takes()
        assert {label: take.ratings for label, take in takes.items() if take.ratings} == {
            "42A/4": {"director": "circled"},
            "42A/3": {"director": "hold"},
        }
        await at.until(lambda: "director: hold" in at.drawn())
        await at.press("down", "down", "t")
        await at.type("best")
        await at.press("enter")
        assert (await at.takes())["42A/3"].tags == ("best",)
        await read(at)
        assert "director: hold" not in at.drawn()  # where one had read on to: an edit does not jump back
        await at.press("f9")
        assert at.board().rolling is not None
        assert "● ROLLING 42D/1" in at.drawn()
        at.later()
        await at.press("f9", "enter")
        assert "42A/3 has no file yet" in at.status
        await at.press("space", "home", "escape")
        assert screen.row is not None
        assert screen.row.label == "42A/1"
        assert not view.display
        assert "42B/1" in at.drawn()


async def test_pictures_of_columns_come_while_no_key_does(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    takes = a_compared_day(place)
    log = place.open(role="dit")
    try:
        (first,) = (each.id for each in log.media() if each.name == "A014C002.mov")
        picture(tmp_path / f"media/thumbs/{first}_middle.jpg")
        log.bring_in([clip("B001C001", starts(takes["42A/1"]), camera="B")])
    finally:
        log.close()
    async with at_work(place, size=(120, 40)) as at:
        screen = await open_review(at)
        screen.takes.pick([row.label for row in screen.takes.rows].index("42A/1"))
        await at.press("equals_sign")
        view = screen.query_one(SideBySide)
        await at.until(lambda: view.display and "▀" * 30 in at.drawn())
        await at.press("i")
        assert "their end" in at.drawn()
        await at.until(lambda: "▀" * 30 in at.drawn(), "the middle stands in for an end that is not there")
        await at.press("e")
        assert not view.display, "a reason is typed below the list"
