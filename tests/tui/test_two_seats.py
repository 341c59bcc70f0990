"""Several people at one log, and laptops that were apart: whose word it was stands beside it, and a key picks."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from logging_db.logbook import open_log
from onset.domain.take import Status
from onset.logbook.protocol import Logbook
from onset.logbook.terms import Conflict
from tests.tui.compared import shoot
from tests.tui.support import At, Set, at_work
from tui.card_board import Entry, board_row, evidence
from tui.contested import marked
from tui.day_sheet import read_sheet, sheet_items
from tui.screens.day import DayScreen
from tui.take_marks import conflict_words
from tui.widgets.conflicts_panel import ConflictsPanel
from tui.widgets.setup_panel import FieldName, contested_names


def _of_ben(place: Set, folder: Path) -> Logbook:
    return open_log(folder / "log.onset", role="2nd AC", user="Ben", clock=place.clock)


def _row(at: At, number: int) -> str:
    return next(line for line in at.drawn().splitlines() if line[2:].startswith("42A ") and line[11:12] == str(number))


async def test_another_seats_word_comes_with_its_letter_and_a_conflict_with_both(tmp_path: Path) -> None:
    """The same file first, then a laptop that was apart: the sign, who said what, the pick, and its undo."""
    place = Set(tmp_path / "a")
    (tmp_path / "a").mkdir()
    log = place.open()
    first, second = (shoot(log, place, "42A", rolls={"A": "A014"}) for _ in range(2))
    log.close()
    apart = tmp_path / "b"
    apart.mkdir()
    shutil.copy(tmp_path / "a" / "log.onset", apart)
    ben = _of_ben(place, apart)
    ben.set_take(first.id, {"status": "ng"})
    ben.set_angle(second.id, "A", {"lens": "40"})
    ben.close()
    async with at_work(place) as at:
        beside = _of_ben(place, tmp_path / "a")
        beside.set_take(second.id, {"mos": True})
        await at.until(lambda: _row(at, 2)[1] == "B", "the letter of the seat beside the take")
        assert "MOS" in _row(at, 2)
        assert "B 2nd AC" in _row(at, 2)  # Ben may sit at two
        assert "conflict" not in at.drawn()
        await at.press("up", "up", "c", "end")  # of the first take, while Ben's laptop is away
        beside.set_angle(second.id, "A", {"lens": "35"})
        beside.merge(apart / "log.onset", wall_ns=place.clock.wall_ns())
        beside.close()
        await at.until(lambda: "≠ 2 conflicts" in at.line("#totals"))
        assert _row(at, 1)[1] == "≠"
        assert "≠ status" in _row(at, 1)
        assert "G C 2 conflicts" in at.footer

        await at.press("home", "tab")
        await at.until(lambda: "≠ status" in at.drawn().split("TAKE")[1])
        await at.press("escape", "escape", "g", "c")
        panel = at.log.query_one(ConflictsPanel)
        drawn = at.drawn()
        assert "M maya, script" in drawn
        assert "B Ben, 2nd AC" in drawn
        await at.pilot.resize_terminal(60, 24)
        await at.until(lambda: "   B Ben, 2nd AC" in at.drawn(), "apart from the value where the row is broken, too")
        await at.pilot.resize_terminal(80, 24)
        stands = (await at.takes())["42A/1"].status
        await at.press("down")
        at.later()
        await at.press("space")  # the panel is in nobody's way
        assert at.board().rolling is not None
        at.later()
        await at.press("space", "enter")
        await at.until(lambda: "≠ 1 conflict" in at.line("#totals"))
        picked = (await at.takes())["42A/1"].status
        assert {stands, picked} == {Status.CIRCLED, Status.NG}
        assert at.status == f"42A/1 status is {picked}."
        assert panel.display
        await at.press("z")
        await at.until(lambda: "≠ 2 conflicts" in at.line("#totals"))

        await at.press("escape", "g", "2")
        await at.until(lambda: any(line[2:10].startswith("≠42A/1") for line in at.drawn().splitlines()), "on Review")
        await at.press("g", "6")
        await at.until(lambda: isinstance(at.app.screen, DayScreen) and "2 conflicts between seats" in at.drawn())
        await at.press("g", "c", "enter", "enter")
        await at.until(lambda: not at.app.hand.contested.found)
        await at.until(lambda: "conflict" not in at.drawn())


def test_what_is_no_take_has_the_sign_where_it_is_shown(tmp_path: Path) -> None:
    place = Set(tmp_path)
    log = place.open()
    shoot(log, place, "42A", rolls={"A": "A014"})

    def say(book: Logbook, word: str) -> None:
        book.set_setup("42A", {"description": word}, scene="42", cameras={"A": {"lens": word}})
        book.set_scene("42", {"heading": word})
        book.set_person("Noor", {"phone": word})
        book.set_roll("A014", {"holder": word})

    log.load("A", "A014", place.stamp())
    say(log, "at first")
    log.close()
    (tmp_path / "b").mkdir()
    shutil.copy(tmp_path / "log.onset", tmp_path / "b")
    ben = _of_ben(place, tmp_path / "b")
    say(ben, "apart")
    ben.close()
    log = place.open()
    say(log, "here")
    assert not contested_names(log.conflicts(), log.setup("42A"))
    log.merge(tmp_path / "b" / "log.onset", wall_ns=place.clock.wall_ns())
    found = log.conflicts()
    assert contested_names(found, log.setup("42A")) == {FieldName("description"), FieldName("lens", "A")}
    sheet = read_sheet(log, "Main", next(iter(log.days())), log.takes(), place.clock.wall_ns())
    items = marked(sheet_items(sheet, (), ()), sheet.lines, found)
    assert {item.name for item in items if item.lead.startswith("≠ ")} == {"scene:42", "person:Noor"}
    rolls = [Entry(roll=roll) for roll in log.rolls()]
    assert [board_row(each, found).text.split()[0] for each in rolls] == ["≠A014"]
    (word, *_), _ = evidence(rolls[0], found=found)
    assert sorted(word.text.removeprefix("≠ A014 holder: ").split(", ")) == ["apart B", "here M"]
    log.close()


def test_words_of_another_log_reach_the_terminal_as_they_are() -> None:
    conflict = Conflict(
        take=None, entity="angle", entity_id="a", field="ro\x1b[2Jll", values=("A\x1b[31m1", None),
        seats=("\x1bMaya", "ben"), about="B\x1b]0;PWNED\x07 of 42C/3",
    )  # fmt: skip
    assert conflict_words(conflict) == "B\\x1b]0;PWNED\\x07 ro\\x1b[2Jll: A\\x1b[31m1 ?, empty B"


async def test_own_roll_on_which_a_recorder_wrote_at_once_is_taken_for_somebody_elses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = Set(tmp_path)
    async with at_work(place) as at:
        recorder, desk = place.open(role="capture"), at.app.hand.desk
        write = desk.write

        async def write_and_record(verb: Callable[[Logbook], str]) -> str:
            said = await write(verb)
            for take in recorder.rolling():
                recorder.set_take(take.id, {"description": "it records"})
            return said

        monkeypatch.setattr(desk, "write", write_and_record)
        try:
            await at.press("space")
            await at.until(lambda: at.app.hand.board.rolling is not None)
            at.later(2)  # within the time in which the key only confirms what another seat rolled
            await at.press("space")
            await at.until(lambda: at.app.hand.board.rolling is None)
        finally:
            recorder.close()
