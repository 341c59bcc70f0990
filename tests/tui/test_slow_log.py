"""A log whose disk does not answer: what is pressed meanwhile means what it meant when it was pressed, and is kept."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from onset.domain.take import Status
from tests.tui.support import At, Set, at_work
from tui.screens import place as places
from tui.widgets.lines import Line


@asynccontextmanager
async def no_answer(at: At) -> AsyncIterator[None]:
    """Inside, nothing is written to the log; at the end all of it is."""
    disk = threading.Event()
    stuck = asyncio.ensure_future(at.app.hand.desk.write(lambda _: disk.wait()))
    try:
        yield
    finally:
        disk.set()
        await stuck
        await at.until(lambda: at.app.hand.idle or at.app.return_code is not None)


def _frame(at: At) -> str:
    return at.log.query_one("#entry-frame", Line).text


async def test_a_note_is_of_the_take_that_was_rolled_before_it_though_the_log_has_not_said_so(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        await at.press("space")
        at.later()
        await at.press("space")
        at.later()
        async with no_answer(at):
            await at.pilot.press("space", "t")
            assert "42A/1" not in _frame(at)
            at.later(1)
            await at.pilot.press("d", "o", "g", "enter")
            at.later()
            await at.pilot.press("space")  # and cut before a word of all that is written
        at.later()
        async with no_answer(at):
            await at.pilot.press("space", "t", "c", "a")
            at.later()
        await at.until(lambda: "42A/3" in _frame(at))
        assert len(at.app.hand.drafts.spots()) == 1
        await at.type("t")
        await at.press("enter")
        at.later()
        await at.press("space")
        at.later()
        async with no_answer(at):
            await at.pilot.press("space", "t", "e", "l", "k", "escape")
        await at.until(lambda: at.app.hand.drafts.spots() != [])
        takes = await at.takes()
        notes = {label: [(note.text, note.tc) for note in take.notes] for label, take in takes.items()}
        assert notes == {
            "42A/1": [],
            "42A/2": [("dog", "12:00:05:00")],
            "42A/3": [("cat", "12:00:09:00")],
            "42A/4": [],
        }
        assert at.app.hand.drafts.spots() == [("note", takes["42A/4"].id)]


async def test_keys_that_wait_are_written_before_the_end(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        await at.press("space")
        at.later()
        await at.press("space")
        async with no_answer(at):
            await at.pilot.press("c", "ctrl+q")
            assert "has not taken your last key yet; Ctrl+Q again quits" in at.status
            await at.pilot.press("ctrl+q", "ctrl+q")
            assert "ends when the log has your last keys" in at.status
            assert at.app.return_code is None
        await at.until(lambda: at.app.return_code == 0)
    log = place.open()
    assert [take.status for take in log.takes()] == [Status.CIRCLED]
    log.close()


async def test_a_log_that_never_answers_does_not_keep_the_screen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "WRITTEN_S", 0.0)
    async with at_work(Set(tmp_path)) as at, no_answer(at):
        await at.pilot.press("space", "ctrl+q", "ctrl+q")
        await at.until(lambda: at.app.return_code == 0)
        assert any("did not take your last keys" in str(each) for each in at.app._exit_renderables)
