"""Nothing half typed is lost: every field opens with its draft after a crash, and Enter or Escape ends the draft."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from textual import events

from tests.tui.support import At, Set, at_work
from tui.drafts import DRAFTS, Draft, Drafts, read_drafts
from tui.screens.offload import OffloadScreen
from tui.widgets.cell_edit import CellEdit
from tui.widgets.entry import SafeInput
from tui.widgets.setup_panel import SetupField, SetupPanel

LINES = {"slate": ("s",), "insert": ("i",), "slated_as": ("l",)}


@pytest.fixture
def place(tmp_path: Path) -> Set:
    return Set(tmp_path)


async def _take(at: At) -> None:
    at.later()
    await at.press("space")
    at.later(30)
    await at.press("space")


async def _kept(at: At) -> list[str]:
    """The texts that the log itself holds: what a killed program leaves behind."""
    kept = read_drafts(await at.app.hand.desk.read(lambda log: log.draft(DRAFTS)))
    return [draft.text for draft in kept.values()]


async def _until_kept(at: At, *texts: str) -> None:
    while await _kept(at) != list(texts):
        await at.pilot.pause(0.05)


async def _open_setup(at: At) -> list[SetupField]:
    await at.press("d")
    await at.until(lambda: at.log.query_one(SetupPanel).display)
    return at.log.query_one(SetupPanel).setup_fields


@pytest.mark.parametrize("kind", LINES)
async def test_a_half_typed_line_is_there_after_a_crash(place: Set, kind: str) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press(*LINES[kind])
        await at.type("42D/")
        await _until_kept(at, "42D/")  # 0.4 s later; the app ends here without a word
    async with at_work(place) as at:
        assert "Half typed" in at.status
        await at.press(*LINES[kind])
        assert at.log.entry.field.value == "42D/"
        assert "half typed before" in at.status  # S and Enter would else be taken for the next setup
        await at.type("3")
        await at.press("enter")
        await _until_kept(at)
        await at.press(*LINES[kind])
        assert at.log.entry.field.value != "42D/"


@pytest.mark.parametrize("kind", LINES)
async def test_escape_drops_a_half_typed_line(place: Set, kind: str) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press(*LINES[kind])
        await at.type("42D/")
        await _until_kept(at, "42D/")
        await at.press("escape")
        await _until_kept(at)
        await at.press(*LINES[kind])
        assert at.log.entry.field.value == ""


async def test_a_take_that_still_rolls_is_named_before_what_was_half_typed(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space", "s")
        await at.type("42D")
        await _until_kept(at, "42D")
    async with at_work(place) as at:
        assert at.status.startswith("42A/1 is still rolling. Half typed")


async def test_a_line_left_for_another_keeps_what_was_typed(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("s")
        await at.type("77")
        await at.press("f3")
        await at.until(lambda: isinstance(at.app.screen, OffloadScreen))
        assert at.app.hand.drafts.at(("slate",)) == Draft("77")


async def _to_lens(at: At) -> CellEdit:
    await at.press("up")
    for _ in range(30):
        if at.log.takes.column.key == "lens":
            break
        await at.press("right")
    assert at.log.takes.column.key == "lens"
    await at.press("enter")
    return at.log.query_one(CellEdit)


async def test_a_half_typed_cell_is_there_after_a_crash_and_escape_restores_the_log(place: Set) -> None:
    async with at_work(place, (150, 45)) as at:
        await _take(at)
        await _to_lens(at)
        await at.type("35m")
        await _until_kept(at, "35m")
    async with at_work(place, (150, 45)) as at:
        cell = await _to_lens(at)
        assert cell.value == "35m"
        await at.press("escape")
        await _until_kept(at)
        assert (await _to_lens(at)).value == ""
        await at.type("50mm")
        await at.press("enter")
        await _until_kept(at)
        assert next(each.lens for each in (await at.takes())["42A/1"].angles) == "50mm"


async def test_a_cell_that_the_log_refuses_is_still_typed_when_it_opens_again(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("home")
        while at.log.takes.column.key != "slate":
            await at.press("left")
        await at.press("enter")
        cell = at.log.query_one(CellEdit)
        before = cell.value
        cell.begin("")
        await at.press("enter")
        assert (await at.takes()).keys() == {"42A/1"}
        await at.press("enter")
        assert cell.value == ""
        await at.press("escape", "enter")
        assert cell.value == before


async def test_every_field_of_the_setup_panel_is_there_after_a_crash(place: Set) -> None:
    async with at_work(place) as at:
        fields = await _open_setup(at)
        typed = ["yes" if each.title == "vfx" else f"x{number}" for number, each in enumerate(fields[:9])]
        typed[0] = "over the quay, her back first"
        for text in typed:  # the setup's own first, then some of a camera
            await at.type(text)
            await at.press("down")
        await _until_kept(at, *typed)
    async with at_work(place) as at:
        assert "the setup panel" in at.status
        assert [each.value for each in await _open_setup(at) if each.value] == typed
        await at.until(lambda: "her back first" in at.drawn(), "what is longer than its field: the caret's end")
        await at.press("ctrl+s")
        await _until_kept(at)
        setup = await at.app.hand.desk.read(lambda log: log.setup("42A"))
        assert setup is not None
        assert setup.description == typed[0]


async def test_a_draft_of_one_setup_does_not_show_in_another(place: Set) -> None:
    async with at_work(place) as at:
        await _open_setup(at)
        await at.type("wide")
        await _until_kept(at, "wide")
    async with at_work(place) as at:
        await at.press("s", "enter")
        assert next(each.value for each in await _open_setup(at)) == ""
        await at.press("escape")
        assert await _kept(at) == ["wide"]


async def test_escape_drops_what_was_typed_into_the_setup_panel(place: Set) -> None:
    async with at_work(place) as at:
        await _open_setup(at)
        await at.type("wide")
        await at.press("down")
        await at.type("MS")
        await _until_kept(at, "wide", "MS")
        await at.press("escape")
        await _until_kept(at)
        assert {each.value for each in await _open_setup(at)} == {""}


async def test_the_card_of_a_copy_is_there_after_a_crash(place: Set) -> None:
    def field(at: At) -> SafeInput:
        return at.app.screen.query_one("#entry-field", SafeInput)

    async def form(at: At) -> None:
        await at.press("g", "3")
        await at.until(lambda: isinstance(at.app.screen, OffloadScreen) and at.app.screen.is_mounted)
        await at.settled()
        await at.press("enter")

    async with at_work(place) as at:
        await form(at)
        await at.type("/media/A0")
        await _until_kept(at, "/media/A0")
        await at.press("enter")
        await at.type("shut")
        await _until_kept(at, "/media/A0", "shut")
    async with at_work(place) as at:
        await form(at)
        assert field(at).value == "/media/A0"
        await at.press("enter")
        assert field(at).value == "shut"
        await at.press("escape")
        await _until_kept(at)


async def test_backspace_in_a_burst_of_keys_deletes_what_was_typed_after_it(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("t")
        for key in ("a", "b", "c", "backspace", "d", "left", "e", "ctrl+u", "f", "end", "g"):
            at.app.post_message(events.Key(key, key if len(key) == 1 else None))  # all at once, as over a slow line
        await at.until(lambda: at.app.screen.query_one("#entry-field", SafeInput).value == "fdg")


def test_drafts_that_nobody_can_read_are_passed_over() -> None:
    for kept in ("{", "[1]", '[{"spot": 3}]', '[{"spot": ["a"], "text": "t", "stamp": {"x": 1}}]', "null", "7"):
        assert read_drafts(kept) == {}


def test_only_a_change_is_written() -> None:
    saved: list[str | None] = []
    save: Callable[[str, str | None], None] = lambda _, text: saved.append(text)  # noqa: E731
    drafts = Drafts(save)
    drafts.keep(("note", "1"), "a")
    drafts.keep(("note", "1"), "a")
    drafts.forget(("note",), ("note", "2"))
    assert len(saved) == 1
    drafts.keep(("note", "1"), " ")
    assert saved[1:] == [None]
