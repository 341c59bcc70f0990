"""The Review screen as stories: what differs stands first, a person's word is logged, nothing by accident."""

from __future__ import annotations

from pathlib import Path

import pytest

from logging_db.logbook import SqliteLogbook
from onset.domain.camera import LinkState
from onset.domain.claim import Explanation
from onset.errors import LogError
from onset.reconcile import compare
from tests.tui.compared import a_compared_day, clip, link, shoot, starts
from tests.tui.reviewing import do, labels, links_of, on, open_review, read, reviewing
from tests.tui.support import At, Set, at_work
from tui.widgets.entry import EntryLine


async def _explained(at: At) -> list[Explanation]:
    return list(await at.app.hand.desk.read(lambda log: log.explanations()))


# -- what is seen ---------------------------------------------------------------------------------------------------


async def test_each_department_is_read_in_words_at_every_size(tmp_path: Path) -> None:
    for number, size in enumerate(((80, 24), (130, 40), (200, 60))):
        folder = tmp_path / str(number)
        folder.mkdir()
        async with reviewing(Set(folder), size) as (at, screen):
            drawn = at.drawn()
            for words in ("42A/1", "(C) A014", "not (C)", "linked", "proposed", "A014C001", "no take"):
                assert words in drawn, (size, words)
            assert all(len(line) == size[0] for line in drawn.splitlines()), size
            for words in ("≠(C) A014", "≠not (C) A014C002") if size[0] > 100 else ():  # the column, and below it
                assert words in drawn, (size, words)
            assert screen.detail.display == (size[1] >= 36)


async def test_what_is_open_stands_before_what_is_not(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    takes = a_compared_day(place)
    log = place.open(role="dit")
    try:  # 42A/1 comes to agree with everybody, 42D/1 does from the start
        log.set_take(takes["42A/1"].id, {"status": "none"})
        fine = shoot(log, place, "42D", rolls={"A": "A014"})
        log.bring_in([clip("A014C009", starts(fine, -0.5))])
        link(
            log,
            (takes["42A/1"], "A014C002", LinkState.CONFIRMED, ""),
            (takes["42B/1"], "A014C003", LinkState.PROPOSED, "which of two?"),
            (fine, "A014C009", LinkState.CONFIRMED, ""),
        )
    finally:
        log.close()
    async with at_work(place) as at:
        screen = await open_review(at)
        assert labels(screen)[:2] == ["42B/1", "42C/1"]
        assert set(labels(screen)[2:4]) == {"42A/1", "42D/1"}
        await do(at, "exclamation_mark")
        assert "42D/1" not in labels(screen)
        assert "42B/1" in labels(screen)
        assert "only open" in at.drawn()


async def test_a_take_that_is_settled_does_not_jump_away_under_the_cursor(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        before = labels(screen)
        await on(at, screen, "42B/1")
        await do(at, "l")
        assert labels(screen) == before
        assert screen.row is not None
        assert screen.row.label == "42B/1"


async def test_a_day_without_a_take_says_so_and_is_no_alarm(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        await at.press("g", "2")
        await at.until(lambda: "no day 1" in at.drawn())
        assert "no take yet" in at.drawn()
        assert at.status == ""
        await at.press("i")
        assert at.status == "No clip and no still of this day is known yet."


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (119, 35), (250, 80)], ids=str)
async def test_any_size_and_resizing_inside_the_evidence(tmp_path: Path, size: tuple[int, int]) -> None:
    async with reviewing(Set(tmp_path), size) as (at, screen):
        await on(at, screen, "42B/1")
        await do(at, "enter", "down", "down", "down", "down")
        await at.pilot.resize_terminal(size[0] + 17, size[1] + 9)
        await at.settled()
        assert all(len(line) == size[0] + 17 for line in at.drawn().splitlines())
        await at.pilot.resize_terminal(60, 16)
        await do(at, "up", "escape", "down", "up")
        assert "42B/1" in at.drawn()
        assert screen.row is not None
        assert screen.row.label == "42B/1"


# -- links ----------------------------------------------------------------------------------------------------------


async def test_a_proposed_link_is_confirmed_by_a_person_and_that_is_undone_in_words(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42B/1")
        await do(at, "l")
        assert at.status == "A014C003 is 42B/1: linked."
        assert (await links_of(at))["42B/1", "A014C003"] is LinkState.CONFIRMED
        await do(at, "z")
        assert (await links_of(at))["42B/1", "A014C003"] is LinkState.PROPOSED
        assert "A014C003" in at.status


async def test_all_files_of_a_take_are_confirmed_at_once_only_where_nothing_speaks_against_any(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    log = place.open(role="dit")
    try:
        good, doubtful = shoot(log, place, "42A"), shoot(log, place, "42B")
        log.bring_in(
            [
                clip(f"{roll}C00{number}", starts(take, -0.5), camera=roll[0], reel=roll)
                for number, take in enumerate((good, doubtful), 1)
                for roll in ("A014", "B007")
            ]
        )
        link(
            log,
            (good, "A014C001", LinkState.PROPOSED, ""),
            (good, "B007C001", LinkState.PROPOSED, ""),
            (doubtful, "A014C002", LinkState.PROPOSED, ""),
            (doubtful, "B007C002", LinkState.PROPOSED, "it may be another take"),
        )
    finally:
        log.close()
    async with at_work(place) as at:
        screen = await open_review(at)
        for label in ("42A/1", "42B/1"):
            await on(at, screen, label)
            await do(at, "l")
            await do(at, "escape")
        found = await links_of(at)
        assert found["42A/1", "A014C001"] is found["42A/1", "B007C001"] is LinkState.CONFIRMED
        assert found["42B/1", "A014C002"] is found["42B/1", "B007C002"] is LinkState.PROPOSED


async def test_a_link_that_is_wrong_is_refused(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42B/1")
        await do(at, "r")
        assert (await links_of(at))["42B/1", "A014C003"] is LinkState.REFUSED
        assert "refused" in at.status


async def test_another_file_is_chosen_instead(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42B/1")
        await do(at, "o")
        assert "which file is 42B/1 instead of A014C003?" in at.drawn()
        names = [item.text for item in screen.detail._shown]
        for _ in range(next(n for n, text in enumerate(names) if "A014C001" in text)):
            await at.press("down")
        await do(at, "enter")
        links = await links_of(at)
        assert links["42B/1", "A014C001"] is LinkState.CONFIRMED
        assert links["42B/1", "A014C003"] is LinkState.REFUSED


async def test_choosing_is_left_without_a_word_in_the_log(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        before = await links_of(at)
        await on(at, screen, "42B/1")
        await do(at, "o", "escape", "escape")
        assert screen.focused is screen.takes
        assert await links_of(at) == before


async def test_a_file_that_is_linked_for_certain_is_not_given_up_for_another_one(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42A/1")  # its only file is confirmed; what is looked for may be camera B's
        await do(at, "o", "enter")
        assert (await links_of(at))["42A/1", "A014C002"] is LinkState.CONFIRMED


async def test_a_stray_is_put_on_the_take_that_is_typed_and_a_wrong_name_can_be_mended(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "A014C001")
        await do(at, "l")
        assert "O types the take" in at.status
        await at.press("o")
        await at.type("42X/9")
        await do(at, "enter")
        assert "42X/9" in at.status
        entry = screen.query_one(EntryLine)
        assert (entry.display, entry.field.value) == (True, "42X/9")
        await at.press(*["backspace"] * 5)
        await at.type("42C/1")
        await do(at, "enter")
        assert (await links_of(at))["42C/1", "A014C001"] is LinkState.CONFIRMED
        assert at.app.hand.drafts.spots() == []


# -- differences ------------------------------------------------------------------------------------------------------


async def test_a_difference_is_explained_once_and_the_reason_can_be_taken_back(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42A/1")
        await do(at, "enter", "e")
        await at.type("the report was written at lunch")
        await do(at, "enter")
        assert [each.text for each in await _explained(at)] == ["the report was written at lunch"]
        assert "explained: script circled 42A/1" in at.drawn()
        assert screen.focused is screen.detail
        await do(at, "z")
        assert await _explained(at) == []


async def test_a_half_typed_reason_outlives_the_screen_and_escape_leaves_things_as_they_were(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with reviewing(place) as (at, screen):
        await on(at, screen, "42A/1")
        await at.press("enter", "e")
        await at.type("because")
        await at.press("f1")
        await at.press("g", "2")
        await read(at)
        assert [spot[0] for spot in at.app.hand.drafts.spots()] == ["explain"]
    async with at_work(place) as at:
        screen = await open_review(at)
        await on(at, screen, "42A/1")
        await at.press("enter", "e")
        assert screen.query_one(EntryLine).field.value == "because"
        await do(at, "escape")
        assert at.status == "Left as it was."
        assert await _explained(at) == []
        assert at.app.hand.drafts.spots() == []


async def test_a_reason_that_the_log_could_not_take_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise LogError("The disk is full; free some space.")

    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42A/1")
        await at.press("enter", "e")
        await at.type("precious")
        with monkeypatch.context() as disk:
            disk.setattr(SqliteLogbook, "explain", full)
            await at.press("enter")
        assert at.status == "! The disk is full; free some space."
        assert screen.query_one(EntryLine).field.value == "precious"
        assert "why  42A/1" in at.drawn()
        await do(at, "enter")
        assert [each.text for each in await _explained(at)] == ["precious"]


async def test_a_day_that_cannot_be_compared_is_said_and_nothing_ends(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ZeroDivisionError("nobody thought of that")

    place = Set(tmp_path)
    place.open().close()
    a_compared_day(place)
    async with at_work(place) as at:
        with monkeypatch.context() as fault:
            fault.setattr(compare, "board_of", broken)
            await at.press("g", "2")
            await at.until(lambda: "nobody thought of that" in at.status)
        await at.press("g", "1", "space")
        assert at.board().rolling is not None
        screen = await open_review(at)
        assert "42A/1" in labels(screen)


async def test_with_several_differences_none_is_explained_by_accident(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42B/1")
        await at.press("e")
        assert not screen.query_one(EntryLine).display
        assert screen.focused is screen.detail
        assert "Pick the difference" in at.status
