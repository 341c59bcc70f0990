"""How the Log screen looks and answers to a finger: any size, no colours, every hint can be tapped."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual.events import MouseScrollDown
from textual.widget import Widget

from logging_db.logbook import SqliteLogbook
from onset.domain.take import Status
from onset.errors import LogError
from tests.tui.support import At, Set, at_work
from tui.screens.day import DayScreen
from tui.widgets.board import BoardView
from tui.widgets.cell_edit import CellEdit
from tui.widgets.keys_panel import KeysPanel
from tui.widgets.lines import Footer, StatusLine
from tui.widgets.take_panel import TakePanel


@pytest.fixture
def place(tmp_path: Path) -> Set:
    return Set(tmp_path)


async def _tap(at: At, action: str) -> None:
    """Tap the hint of an action where it stands."""
    footer = at.app.screen.query_one(Footer)
    for y, row in enumerate(footer._rows()):
        for start, _, hint in row:
            if hint.action == action:
                await at.pilot.click(Footer, offset=(start + 1, y))
                await at.settled()
                return
    raise AssertionError(f"{action} has no hint")


async def test_a_take_can_be_logged_with_taps_alone(place: Set) -> None:
    async with at_work(place) as at:
        await _tap(at, "log.roll_cut")
        assert at.board().rolling is not None
        at.later(20)
        await _tap(at, "log.roll_cut")
        await _tap(at, "log.circle")
        (take,) = (await at.takes()).values()
        assert take.status is Status.CIRCLED
        list_, cell = at.log.takes, at.log.query_one(CellEdit)
        for _ in range(2):
            assert not cell.display
            await at.pilot.click(list_, offset=(list_.size.width - 3, 1))
            await at.settled()
        assert cell.display  # the notes, on the second tap
        assert all(words in at.drawn() for words in ("42A/1 notes", "Ctrl+R rolls"))
        assert at.log.takes.column.key == "notes"
        await at.pilot.resize_terminal(40, 12)
        await at.until(lambda: "Ctrl+R rolls" in at.drawn(), "the field and its frame on a smaller terminal")


async def test_what_matters_is_on_80_by_24_and_nothing_is_cut_off(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        drawn = at.drawn()
        assert all(len(line) == 80 for line in drawn.split("\n"))
        for words in ("● ROLLING 42A/1", "SC 42", "tc clock", "day 1", "42A", "Space cut 42A/1", "Harbour Lights"):
            assert words in drawn, words


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (150, 45), (250, 80)])
async def test_any_size_and_resizing_while_a_note_is_typed(place: Set, size: tuple[int, int]) -> None:
    async with at_work(place, size=size) as at:
        await at.press("space", "t")
        await at.type("still here")
        for words in ("● ROLLING 42A/1", "● 42A/1", "Ctrl+P actions  Ctrl+Q quit"):
            assert words in at.drawn()
        assert "Ctrl+R cut 42A/1" in at.footer
        assert "T note" not in at.footer, "a letter is text there"
        await at.pilot.resize_terminal(size[0] + 17, size[1] + 3)
        await at.pilot.pause()
        assert at.log.entry.field.value == "still here"
        await at.press("enter")
        (take,) = (await at.takes()).values()
        assert [note.text for note in take.notes] == ["still here"]


async def test_without_colours_everything_is_still_said(place: Set, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    async with at_work(place) as at:
        await at.press("space")
        sent = [(each.text, each.style) for strip in at.app.screen._compositor.render_strips() for each in strip]
        assert not any(style and (style.color or style.bgcolor) for _, style in sent)
        assert all(style and style.reverse and style.bold for text, style in sent if "ROLLING" in text)
        at.later(10)
        await at.press("space", "c")
        assert "(C)" in at.drawn()
        await at.press("x")
        assert "NG" in at.drawn()


async def test_timecode_that_is_not_the_masters_says_so(tmp_path: Path) -> None:
    place = Set(tmp_path, config=Set(tmp_path).config + '[capture]\ntimecode = ["MIX.ltc"]\n[[device]]\nname = "MIX"\n'
                'kind = "sim-mixer"\n')  # fmt: skip
    async with at_work(place) as at:
        assert "not MIX.ltc tc clock" in at.drawn()
        place.source = "MIX.ltc"
        at.later(1)
        at.app.screen.query_one(BoardView).tick()
        await at.pilot.pause()
        assert "not MIX.ltc" not in at.drawn()


async def test_a_log_that_cannot_be_written_says_so_and_keeps_the_text(
    place: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(5)
        await at.press("t")
        await at.type("precious")

        def full(*_: object, **__: object) -> None:
            raise LogError("The disk is full; free some space.")

        with monkeypatch.context() as disk:
            disk.setattr(SqliteLogbook, "note", full)
            await at.press("enter")
        assert at.status == "! The disk is full; free some space."
        assert at.log.entry.field.value == "precious"
        await at.press("enter")
        (take,) = (await at.takes()).values()
        assert [note.text for note in take.notes] == ["precious"]


async def test_a_note_and_a_panel_are_ended_and_scrolled_without_a_keyboard(place: Set) -> None:
    async with at_work(place) as at:
        await _tap(at, "log.roll_cut")
        at.later(20)
        await _tap(at, "log.roll_cut")
        await _tap(at, "log.note")
        await at.type("by voice")
        await _tap(at, "text.done")
        await at.press("tab")
        panel = at.log.query_one(TakePanel)
        await at.until(lambda: panel.field.reading)
        await at.pilot.pause()
        first = panel.render_line(1).text
        for _ in range(8):
            panel.post_message(_wheel(panel))
        await at.pilot.pause()
        assert panel.render_line(1).text != first
        assert panel.field.region.y < panel.region.y  # what is typed into is scrolled away, and comes back
        await at.type("x")
        assert panel.field.region.y > panel.region.y
        await _tap(at, "text.leave")
        (take,) = (await at.takes()).values()
        assert [note.text for note in take.notes] == ["by voice"]
        assert not panel.display


def _wheel(on: Widget) -> MouseScrollDown:
    return MouseScrollDown(on, 5, 2, 0, 0, 0, False, False, False)


async def test_places_phrases_and_the_way_back_are_tapped(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(20)
        await at.press("space", "q")
        assert at.status.startswith("Q: 1 good for camera; 2 good for performance; ")
        at.later(6)  # nine phrases are not read in two seconds
        await at.press("2")
        await at.press("up")
        assert "Esc back" in at.footer
        await _tap(at, "back")
        assert "Esc back" not in at.footer
        await at.press("question_mark")
        await _tap(at, "back")
        assert not at.log.query_one(KeysPanel).display
        await _tap(at, "chord.g")
        line = at.app.screen.query_one(StatusLine)
        rows = line._wrapped()
        assert len(rows) == 2
        assert all(any(f"{each.key} {each.text}" in row for row in rows) for each in line._offered[1])
        row, words = next((y, text) for y, text in enumerate(rows) if "6 Day" in text)
        await at.pilot.click(StatusLine, offset=(words.index("6 Day") + 2, row))
        await at.settled()
        assert isinstance(at.app.screen, DayScreen)
        (take,) = (await at.takes()).values()
        assert [note.text for note in take.notes] == ["good for performance"]
        await _tap(at, "chord.g")
        at.later(9)
        await at.press("1")
        assert isinstance(at.app.screen, DayScreen), "after that a digit means itself again"
