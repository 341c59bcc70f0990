"""A morning at the script supervisor's cart, through the real app, and in a real terminal that is killed."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

from onset.domain.take import Kind, State, Status
from tests.tui.support import Set, at_work
from tests.tui.terminal import Terminal, onset


async def test_a_setup_is_shot_corrected_and_there_after_reopening(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        await at.press("space")  # 42A/1 rolls
        at.later(6)
        await at.press("a")
        at.later(40)
        await at.press("space", "f")  # cut, and it was a false start
        at.later(20)
        await at.press("space")  # 42A/2
        at.later(5)
        await at.press("a", "t")
        await at.type("good look to the door")
        at.later(61)
        await at.press("ctrl+r", "enter", "c")  # cut from inside the note, logged, circled
        await at.press("s", "enter")  # next setup
        assert at.board().slate == "42B"
        await at.press("c")  # by mistake: no longer circled
        assert "no longer circled" in at.status
        await at.press("z")
        assert "circled" in at.status
        at.later(20)
        await at.press("space")  # 42B/1
        await at.press("ctrl+q")  # the first press only asks
        assert at.app.is_running
        assert "goes on" in at.status
        await at.press("ctrl+q")
        await at.until(lambda: not at.app.is_running)
    place.clock.advance(30)
    async with at_work(place) as at:
        assert "42B/1 is still rolling" in at.status
        assert "ROLLING 42B/1" in at.drawn()
        takes = await at.takes()
        assert takes["42A/1"].kind is Kind.FALSE_START
        second = takes["42A/2"]
        assert (second.status, second.state, second.timing_frames) == (Status.CIRCLED, State.CUT, 61 * 24)
        assert [(note.text, note.tc) for note in second.notes] == [("good look to the door", "12:01:11:00")]
        await at.press("space")
        assert (await at.takes())["42B/1"].state is State.CUT
        assert "circled 1" in at.line("#totals")


def test_the_app_is_killed_while_rolling_and_shows_the_take_still_rolling(tmp_path: Path) -> None:
    production = tmp_path / "day"
    subprocess.run(onset("new", str(production), "--title", "Kill", "--rate", "25", "--slating", "us"), check=True)
    command = onset("-p", str(production), "tui")
    with Terminal(command) as terminal:
        terminal.wait_for("S types the first slate")
        terminal.send(b"s7b\r")  # as fast as keys can come
        terminal.wait_for("Next is 7B/1")
        terminal.send(b" ")
        terminal.wait_for("7B/1 rolls.")
        terminal.kill()
    with Terminal(command) as terminal:
        terminal.wait_for("7B/1 is still rolling; Space cuts it; J closes it as interrupted")
        terminal.send(b"j")
        terminal.wait_for("7B/1 closed as interrupted, of unknown length.")
        terminal.send(b"\x11")
        assert terminal.ended() == 0
    listed = subprocess.run(
        onset("-p", str(production), "log", "list", "--json"), check=True, capture_output=True, text=True
    )
    (take,) = json.loads(listed.stdout)["takes"]
    assert (take["slate"], take["take"], take["state"]) == ("7B", "1", "interrupted")


async def test_another_program_rolls_and_the_key_confirms_instead_of_cutting(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        other = place.open(role="capture")
        try:
            other.roll(place.stamp())
            await at.until(lambda: at.board().rolling is not None)
            at.later(1)
            await at.press("space")
            assert at.board().rolling is not None
            assert "rolls already" in at.status
            at.later(3)
            await at.press("space")
            assert at.board().rolling is None
        finally:
            other.close()


async def test_two_seats_cut_at_once_and_the_take_is_cut_once(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        await at.press("space")
        at.later(10)
        rolling = at.board().rolling
        assert rolling is not None
        other = place.open(role="dit")
        try:
            other.cut(rolling.id, place.stamp())
            at.later(1)
            await at.pilot.press("space")  # perhaps before this screen has seen the cut
            await at.settled()
            await at.until(lambda: at.board().rolling is None or at.board().rolling != rolling)
        finally:
            other.close()
        takes = await at.takes()
        assert takes["42A/1"].tc_out == "12:00:10:00"
