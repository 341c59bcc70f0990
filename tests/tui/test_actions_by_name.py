"""Every action by name: found by its words or a few letters, run by key and by tap, never in the way of a cut."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.tui.support import Set, at_work
from tui.actions import ACTIONS, PLACES
from tui.keys import key_map
from tui.widgets.action_list import ActionList, narrowed
from tui.widgets.board import BoardView
from tui.widgets.entry import EntryLine
from tui.widgets.items import Items


@pytest.mark.parametrize(
    ("typed", "first"),
    [("false", "log.false_start"), ("fls st", "log.false_start"), ("day go", "all.place.day"), ("f12", "all.theme"),
     ("roll label b", "log.roll_label.B"), ("nogood sound", "log.reason.sound"), ("log.mos", "log.mos")],
)  # fmt: skip
def test_an_action_is_found_by_words_and_letters(typed: str, first: str) -> None:
    assert narrowed(typed, "log", key_map())[0].id == first


def test_every_action_of_a_place_and_of_everywhere_is_listed_there() -> None:
    for _, place, _ in PLACES:
        listed = {each.id for each in narrowed("", place, key_map())}
        assert listed == {each.id for each in ACTIONS if each.place in (place, "all")} - {"all.command"}


async def test_an_action_is_picked_from_the_list_while_a_take_rolls(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        actions = at.log.query_one(ActionList)

        def listed() -> bool:
            return actions.display

        await at.press("space", "ctrl+p")
        assert listed()
        assert actions.region.y >= at.log.query_one(BoardView).region.bottom
        assert at.log.query_one(EntryLine).region.y == actions.region.bottom
        at.later(20)
        await at.press("f9")  # Cut! comes now: the list stays
        assert at.board().rolling is None
        assert listed()
        await at.type("goto")
        await at.press("down", "down", "up", "enter")
        assert at.app.current_mode == "review"
        await at.press("g", "1", "colon")
        await at.type("hold")
        await at.pilot.click(ActionList, offset=(5, 1))
        await at.settled()
        assert not listed()
        assert [str(take.status) for take in (await at.takes()).values()] == ["hold"]
        await at.press("t")
        await at.type("soft")
        await at.press("ctrl+p")
        await at.type("zzz")
        await at.press("enter")
        assert at.status.startswith('There is no action "zzz" here')
        await at.press("t")
        assert at.log.entry.field.value == "soft"  # what was half typed is a draft
        await at.press("escape", "colon", "escape")
        assert not listed()


async def test_a_list_that_a_tap_opens_has_the_cursor_as_one_that_a_key_opens(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        await at.press("space")
        at.later(20)
        await at.press("space", "g", "2", "colon")
        await at.type("filters")
        await at.pilot.click(ActionList, offset=(5, 1))
        await at.settled()
        assert isinstance(at.app.screen.focused, Items)
        await at.press("escape", "g", "4")
        assert "Enter picture" in at.footer, "a key of a small screen, from the first moment on"
