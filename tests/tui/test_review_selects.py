"""The day's selects on Review: picked, ordered by keys and by a tap, begun to be sent."""

from __future__ import annotations

import sys
from dataclasses import replace
from pathlib import Path

from onset.domain.selects import in_order
from tests.tui.reviewing import do, on, read, reviewing
from tests.tui.support import At, Set
from tui.copies import is_same_folder
from tui.jobs import _result_rows
from tui.widgets.items import Items


async def _order(at: At) -> list[str]:
    return [take.label for take in in_order((await at.takes()).values())]


async def test_selects_are_picked_ordered_and_taken_off_without_the_mouse(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await do(at, "s")
        assert "none yet" in at.drawn()
        await do(at, "escape")
        for label in ("42A/1", "42B/1", "42C/1"):
            await on(at, screen, label)
            await do(at, "k")
        shot = await _order(at)
        assert set(shot) == {"42A/1", "42B/1", "42C/1"}
        await do(at, "s", "down", "down", "minus", "minus", "minus")
        assert await _order(at) == [shot[2], shot[0], shot[1]]
        assert "is the first of the selects" in at.drawn()
        drawn = at.drawn()
        assert f"  1  {shot[2]}" in drawn, "the cursor went with the take"
        assert screen.query_one("#detail", Items).name_under.removeprefix("select:") == (await at.takes())[shot[2]].id
        await do(at, "ctrl+down", "k")
        assert await _order(at) == [shot[0], shot[1]]
        await do(at, "enter")
        assert screen.row is not None
        assert screen.row.label in shot, "Enter leads to the take in the list"
        await do(at, "s", "escape", "z")
        before = await _order(at)
        assert len(before) == 3, "undo brings it back"
        await do(at, "s")
        await at.pilot.mouse_down(screen.detail, offset=(8, 1))
        for row in (2, 3):  # below the head
            await at.pilot.hover(screen.detail, offset=(8, row))
        await at.pilot.mouse_up(screen.detail, offset=(8, 3))
        await read(at)
        assert await _order(at) == [*before[1:], before[0]], "it was dragged to the end"
        assert f"  3  {before[0]}" in at.drawn(), "which is no tap that leads to the take"
        await at.pilot.mouse_down(screen.detail, offset=(8, 3))
        for row in (0, 3):
            await at.pilot.hover(screen.detail, offset=(8, row))
        await at.pilot.mouse_up(screen.detail, offset=(8, 3))
        await read(at)
        assert await _order(at) == [*before[1:], before[0]], "there and back again"
        assert f"  3  {before[0]}" in at.drawn()


async def test_string_out_and_sending_are_commands_of_their_own(tmp_path: Path) -> None:
    """What they are is tried with them; here, that they are given the words, and their answer is told."""
    files = "[{'path': '/set/exports/' + '.'.join(sys.argv[2:5])}]"
    says = [sys.executable, "-c", f"import json, sys; print(json.dumps({{'files': {files}, 'left_out': [1]}}))"]
    async with reviewing(Set(tmp_path)) as (at, screen):
        at.app.hand.deps = replace(at.app.hand.deps, onset=says)
        await on(at, screen, "42C/1")
        await do(at, "w")
        assert "K adds one" in at.drawn()
        await do(at, "k", "s", "w")
        await at.until(lambda: "In exports: edl.--tag.selects, fcpxml.--tag.selects; 1 left out." in at.drawn())
        await at.press("ctrl+s")
        await at.type("/media/EDIT --clips")
        await do(at, "enter")
        await at.until(lambda: "are on /media/EDIT" in at.drawn())


def test_sending_of_a_production_that_is_gone_is_gone_on_with(tmp_path: Path) -> None:
    assert is_same_folder(f"{tmp_path}/../{tmp_path.name}", tmp_path)
    assert not is_same_folder(str(tmp_path / "gone"), tmp_path)
    assert not is_same_folder(str(tmp_path), tmp_path / "gone")


def test_sending_is_told_as_a_card_that_is_not_safe() -> None:
    result: dict[str, object] = {"verdict": "sent", "as_of_ns": 0, "targets": [], "files": 2, "bytes": 5}
    assert [row.text.split(",")[0] for row in _result_rows(result, None, ())] == [
        "SENT. Every byte was read back",
        "2 files",
    ]
    (first, _) = _result_rows({**result, "verdict": "not sent"}, None, ())
    assert first.alarm
    assert first.text.startswith("NOT SENT")
