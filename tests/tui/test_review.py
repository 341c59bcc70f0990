"""The Review screen as stories: what differs stands first, a person's word is logged, nothing by accident."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from logging_db.logbook import SqliteLogbook
from onset.domain.camera import LinkState
from onset.domain.claim import Explanation
from onset.errors import LogError
from onset.reconcile import compare
from tests.tui.compared import a_compared_day, clip, link, media_ids, shoot, starts
from tests.tui.support import CONFIG, At, Set, at_work
from tui.screens.review import ReviewScreen
from tui.widgets.entry import EntryLine


def _screen(at: At) -> ReviewScreen:
    screen = at.app.screen
    assert isinstance(screen, ReviewScreen)
    return screen


async def _read(at: At) -> None:
    """Wait until the screen shows what the log holds."""
    await at.settled()
    screen = _screen(at)
    await at.until(lambda: screen.page is not None and not screen._reread.busy)
    await at.settled()


async def _open(at: At) -> ReviewScreen:
    await at.press("g", "2")
    await at.until(lambda: isinstance(at.app.screen, ReviewScreen) and at.app.screen.is_mounted)
    await _read(at)
    return _screen(at)


async def _do(at: At, *keys: str) -> None:
    for key in keys:
        await at.press(key)
        await _read(at)


@asynccontextmanager
async def reviewing(place: Set, size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[At, ReviewScreen]]:
    """The app on a compared day, on Review."""
    place.open().close()
    a_compared_day(place)
    async with at_work(place, size=size) as at:
        yield at, await _open(at)


async def _links(at: At) -> dict[tuple[str, str], LinkState]:
    """State of each link, by take and file."""
    takes = {take.id: label for label, take in (await at.takes()).items()}
    links = await at.app.hand.desk.read(lambda log: log.links())
    names = {media_id: name for name, media_id in (await at.app.hand.desk.read(media_ids)).items()}
    return {(takes[each.take_id], names[each.media_id]): each.state for each in links}


async def _explained(at: At) -> list[Explanation]:
    return list(await at.app.hand.desk.read(lambda log: log.explanations()))


def _labels(screen: ReviewScreen) -> list[str]:
    return [row.label for row in screen.takes.rows]


async def _on(at: At, screen: ReviewScreen, label: str) -> None:
    """Put the cursor on a row."""
    screen.takes.pick(_labels(screen).index(label))
    await at.settled()


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
        screen = await _open(at)
        assert _labels(screen)[:2] == ["42B/1", "42C/1"]
        assert set(_labels(screen)[2:4]) == {"42A/1", "42D/1"}
        await _do(at, "exclamation_mark")
        assert "42D/1" not in _labels(screen)
        assert "42B/1" in _labels(screen)
        assert "only open" in at.drawn()


async def test_a_take_that_is_settled_does_not_jump_away_under_the_cursor(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        before = _labels(screen)
        await _on(at, screen, "42B/1")
        await _do(at, "l")
        assert _labels(screen) == before
        assert screen.row is not None
        assert screen.row.label == "42B/1"


async def test_a_day_without_a_take_says_so_and_is_no_alarm(tmp_path: Path) -> None:
    async with at_work(Set(tmp_path)) as at:
        await at.press("g", "2")
        await at.until(lambda: "no day 1" in at.status)
        assert not at.status.startswith("!")


@pytest.mark.parametrize("size", [(40, 12), (80, 24), (119, 35), (250, 80)], ids=str)
async def test_any_size_and_resizing_inside_the_evidence(tmp_path: Path, size: tuple[int, int]) -> None:
    async with reviewing(Set(tmp_path), size) as (at, screen):
        await _on(at, screen, "42B/1")
        await _do(at, "enter", "down", "down", "down", "down")
        await at.pilot.resize_terminal(size[0] + 17, size[1] + 9)
        await at.settled()
        assert all(len(line) == size[0] + 17 for line in at.drawn().splitlines())
        await at.pilot.resize_terminal(60, 16)
        await _do(at, "up", "escape", "down", "up")
        assert "42B/1" in at.drawn()
        assert screen.row is not None
        assert screen.row.label == "42B/1"


# -- links ----------------------------------------------------------------------------------------------------------


async def test_a_proposed_link_is_confirmed_by_a_person_and_that_is_undone_in_words(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42B/1")
        await _do(at, "l")
        assert at.status == "A014C003 is 42B/1: linked."
        assert (await _links(at))["42B/1", "A014C003"] is LinkState.CONFIRMED
        await _do(at, "z")
        assert (await _links(at))["42B/1", "A014C003"] is LinkState.PROPOSED
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
        screen = await _open(at)
        for label in ("42A/1", "42B/1"):
            await _on(at, screen, label)
            await _do(at, "l")
            await _do(at, "escape")
        found = await _links(at)
        assert found["42A/1", "A014C001"] is found["42A/1", "B007C001"] is LinkState.CONFIRMED
        assert found["42B/1", "A014C002"] is found["42B/1", "B007C002"] is LinkState.PROPOSED


async def test_a_link_that_is_wrong_is_refused(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42B/1")
        await _do(at, "r")
        assert (await _links(at))["42B/1", "A014C003"] is LinkState.REFUSED
        assert "refused" in at.status


async def test_another_file_is_chosen_instead(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42B/1")
        await _do(at, "o")
        assert "which file is 42B/1 instead of A014C003?" in at.drawn()
        names = [item.text for item in screen.detail._shown]
        for _ in range(next(n for n, text in enumerate(names) if "A014C001" in text)):
            await at.press("down")
        await _do(at, "enter")
        links = await _links(at)
        assert links["42B/1", "A014C001"] is LinkState.CONFIRMED
        assert links["42B/1", "A014C003"] is LinkState.REFUSED


async def test_choosing_is_left_without_a_word_in_the_log(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        before = await _links(at)
        await _on(at, screen, "42B/1")
        await _do(at, "o", "escape", "escape")
        assert screen.focused is screen.takes
        assert await _links(at) == before


async def test_a_file_that_is_linked_for_certain_is_not_given_up_for_another_one(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42A/1")  # its only file is confirmed; what is looked for may be camera B's
        await _do(at, "o", "enter")
        assert (await _links(at))["42A/1", "A014C002"] is LinkState.CONFIRMED


async def test_a_stray_is_put_on_the_take_that_is_typed_and_a_wrong_name_can_be_mended(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "A014C001")
        await _do(at, "l")
        assert "O types the take" in at.status
        await at.press("o")
        await at.type("42X/9")
        await _do(at, "enter")
        assert "42X/9" in at.status
        entry = screen.query_one(EntryLine)
        assert (entry.display, entry.field.value) == (True, "42X/9")
        await at.press(*["backspace"] * 5)
        await at.type("42C/1")
        await _do(at, "enter")
        assert (await _links(at))["42C/1", "A014C001"] is LinkState.CONFIRMED
        assert at.app.hand.drafts.spots() == []


# -- differences ------------------------------------------------------------------------------------------------------


async def test_a_difference_is_explained_once_and_the_reason_can_be_taken_back(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42A/1")
        await _do(at, "enter", "e")
        await at.type("the report was written at lunch")
        await _do(at, "enter")
        assert [each.text for each in await _explained(at)] == ["the report was written at lunch"]
        assert "explained: script circled 42A/1" in at.drawn()
        assert screen.focused is screen.detail
        await _do(at, "z")
        assert await _explained(at) == []


async def test_a_half_typed_reason_outlives_the_screen_and_escape_leaves_things_as_they_were(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with reviewing(place) as (at, screen):
        await _on(at, screen, "42A/1")
        await at.press("enter", "e")
        await at.type("because")
        await at.press("f1")
        await at.press("g", "2")
        await _read(at)
        assert [spot[0] for spot in at.app.hand.drafts.spots()] == ["explain"]
    async with at_work(place) as at:
        screen = await _open(at)
        await _on(at, screen, "42A/1")
        await at.press("enter", "e")
        assert screen.query_one(EntryLine).field.value == "because"
        await _do(at, "escape")
        assert at.status == "Left as it was."
        assert await _explained(at) == []
        assert at.app.hand.drafts.spots() == []


async def test_a_reason_that_the_log_could_not_take_is_there_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object, **__: object) -> None:
        raise LogError("The disk is full; free some space.")

    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42A/1")
        await at.press("enter", "e")
        await at.type("precious")
        with monkeypatch.context() as disk:
            disk.setattr(SqliteLogbook, "explain", full)
            await at.press("enter")
        assert at.status == "! The disk is full; free some space."
        assert screen.query_one(EntryLine).field.value == "precious"
        await _do(at, "enter")
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
        screen = await _open(at)
        assert "42A/1" in _labels(screen)


async def test_with_several_differences_none_is_explained_by_accident(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42B/1")
        await at.press("e")
        assert not screen.query_one(EntryLine).display
        assert screen.focused is screen.detail
        assert "Pick the difference" in at.status


# -- ratings, tags, find, days -----------------------------------------------------------------------------------


async def test_ratings_are_those_of_the_chosen_voter_and_the_same_again_clears(tmp_path: Path) -> None:
    config = CONFIG + 'voters = ["director", "script", "editor"]\n'
    async with reviewing(Set(tmp_path, config=config)) as (at, screen):
        await _on(at, screen, "42C/1")
        await _do(at, "c", "v", "h", "v", "x")
        assert (await at.takes())["42C/1"].ratings == {"director": "circled", "script": "hold", "editor": "ng"}
        assert "NG" in at.drawn()
        await _do(at, "x")
        assert (await at.takes())["42C/1"].ratings == {"director": "circled", "script": "hold"}
        assert (await at.takes())["42C/1"].status == "none"  # a rating is no status of the take


async def test_tags_are_completed_from_those_in_use_and_taken_off_again(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await _on(at, screen, "42A/1")
        await at.press("t")
        await at.type("eyeline, push in")
        await _do(at, "enter")
        assert set((await at.takes())["42A/1"].tags) == {"eyeline", "push in"}
        await _on(at, screen, "42C/1")
        await at.press("t")
        await at.type("eye")
        await at.until(lambda: bool(screen.query_one(EntryLine).field._suggestion))
        await at.press("right")
        await _do(at, "enter")
        assert (await at.takes())["42C/1"].tags == ("eyeline",)
        await at.press("t")
        await at.type("-eyeline")
        await _do(at, "enter")
        assert (await at.takes())["42C/1"].tags == ()


async def _narrow(at: At, text: str) -> list[str]:
    """Type on in the open line, and wait for what is found."""
    await at.type(text)
    await _found(at)
    return _labels(_screen(at))


async def _found(at: At) -> None:
    await at.until(lambda: not _screen(at).narrowing.busy)
    await at.settled()


async def test_several_takes_are_judged_and_tagged_in_one_edit_that_one_undo_takes_back(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    log = place.open(role="assistant")
    log.tag(a_compared_day(place)["42C/1"].id, add=["eyeline"])
    log.close()
    async with at_work(place) as at:
        screen = await _open(at)
        await _on(at, screen, "42A/1")
        await _do(at, "shift+down", "shift+down", "shift+up", "c")
        assert at.status == "director circles 2 takes."
        assert "C director circles 2 takes" in at.footer
        assert "2 selected" in at.drawn()
        assert [line[1] for line in at.drawn().splitlines()[3:7]] == ["+", "+", " ", " "]
        await _do(at, "down", "space", "x")
        await at.press("t")
        await at.type("eye")
        await at.until(lambda: bool(screen.query_one(EntryLine).field._suggestion))
        await at.press("tab")
        await at.type(", push in")
        await _do(at, "enter")
        assert at.status == "3 takes tagged eyeline, push in."
        takes = await at.takes()
        assert {label: take.ratings for label, take in takes.items()} == {label: {"director": "ng"} for label in takes}
        assert all(set(take.tags) == {"eyeline", "push in"} for take in takes.values())
        await _do(at, "z")
        assert 'no longer tagged "eyeline", "push in"' in at.status
        await _do(at, "z")
        assert "3 takes: director's rating as before" in at.status
        assert [take.ratings.get("director") for take in (await at.takes()).values()] == [None, "circled", "circled"]
        await _do(at, "escape", "h")
        assert at.status == "director holds 42C/1."
        await at.pilot.click(screen.takes, offset=(1, 1))
        await at.pilot.click(screen.takes, offset=(9, 3), shift=True)
        await _do(at, "x")
        assert at.status == "director calls no good: 3 takes."
        await at.press("slash")
        await _narrow(at, "slate:42B")
        await at.press("enter")
        await _do(at, "x")  # what is not seen is not meant
        assert at.status == "director says nothing of 42B/1 any more."


async def test_the_list_narrows_as_one_types_with_the_filters_of_the_command_line(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await at.press("slash")
        assert await _narrow(at, "c003 prop") == ["42B/1"]
        await at.press("escape", "slash")
        assert len(await _narrow(at, "")) == 4
        assert await _narrow(at, "has:clips") == ["42A/1", "42B/1"]  # no stray: a take is asked for
        assert await _narrow(at, " statu:circled") == ["42A/1", "42B/1"]  # the last good list
        assert "do you mean status:" in at.status
        assert not at.status.startswith("!")
        await at.press(*["backspace"] * len("u:circled"), "u", "s")
        assert at.status == ""
        assert await _narrow(at, ":ng,circled a014") == ["42A/1"]
        await at.press("enter")
        assert "/ has:clips status:ng,circled a014: 1 of 4" in at.drawn()
        await at.press("escape")
        assert len(_labels(screen)) == 4


async def test_a_take_that_no_longer_fits_what_was_typed_stays_under_the_cursor(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await at.press("slash")
        assert await _narrow(at, "rating:director=") == ["42A/1", "42B/1", "42C/1"]
        await at.press("enter", "down")
        await _do(at, "c")
        await _found(at)
        assert (await at.takes())["42B/1"].ratings == {"director": "circled"}
        assert _labels(screen) == ["42A/1", "42B/1", "42C/1"]
        assert screen.row is not None
        assert screen.row.label == "42B/1"
        await _do(at, "exclamation_mark", "exclamation_mark")
        assert _labels(screen) == ["42A/1", "42C/1"]


async def test_the_list_is_narrowed_by_words_of_the_scene_and_the_setup(tmp_path: Path) -> None:
    place = Set(tmp_path)
    other = place.open(role="assistant")
    other.set_scene("42", {"heading": "INT. KÜCHE - NIGHT"})
    other.set_setup("42B", {"description": "wide, from the door"}, cameras={"A": {"lens": "35mm"}})
    other.close()
    async with reviewing(place) as (at, _):
        await at.press("slash")
        assert await _narrow(at, "kuche night WIDE 35mm") == ["42B/1"]


async def test_another_seat_s_word_is_seen_without_a_key(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with reviewing(place) as (at, screen):
        await _on(at, screen, "42B/1")
        other = place.open(role="assistant")
        try:
            take = (await at.takes())["42B/1"]
            other.decide_link(take.id, media_ids(other)["A014C003"], LinkState.CONFIRMED)
        finally:
            other.close()
        await at.until(lambda: "linked" in at.drawn().split("42B/1", 1)[1].split("\n", 1)[0])


async def test_the_day_before_and_back(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    a_compared_day(place)
    log = place.open(role="dit")
    try:
        log.wrap_day("Main", place.stamp())
        place.clock.advance(86_400)
        shoot(log, place, "50")
    finally:
        log.close()
    async with at_work(place) as at:
        screen = await _open(at)
        assert _labels(screen)[0] == "50/1"
        await _do(at, "left")
        assert "42A/1" in _labels(screen)
        assert "day 1" in at.line("#heading")
        await _do(at, "left")
        assert "no day before day 1" in at.status
        await _do(at, "right")
        assert _labels(screen)[0] == "50/1"


async def test_coming_back_one_does_not_read_which_keys_lead_away(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, _):
        await at.press("g", "1", "g", "2")
        await at.until(lambda: isinstance(at.app.screen, ReviewScreen))
        await _read(at)
        assert at.status == ""


async def test_rows_and_hints_answer_to_a_tap(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await at.pilot.click(screen.takes, offset=(5, 2))
        await _read(at)
        assert screen.row is not None
        assert screen.row.label == "42B/1"
        await at.pilot.click(screen.takes, offset=(5, 2))
        await _read(at)
        assert screen.focused is screen.detail
        await at.pilot.click("#footer", offset=(2, 0))
        await _read(at)
        assert (await _links(at))["42B/1", "A014C003"] is LinkState.CONFIRMED
