"""Review as the assistant's list: ratings, tags, several takes at once, narrowing, days, taps."""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.domain.camera import LinkState
from onset.logbook.terms import Next
from tests.tui.compared import a_compared_day, clip, link, media_ids, shoot, starts
from tests.tui.reviewing import do, found, labels, links_of, narrow, on, open_review, read, reviewing
from tests.tui.support import CONFIG, Set, at_work
from tui.screens import review_links
from tui.screens.review import ReviewScreen
from tui.widgets.entry import EntryLine


async def test_ratings_are_those_of_the_chosen_voter_and_the_same_again_clears(tmp_path: Path) -> None:
    config = CONFIG + 'voters = ["director", "script", "editor"]\n'
    async with reviewing(Set(tmp_path, config=config)) as (at, screen):
        await on(at, screen, "42C/1")
        await do(at, "c", "v", "h", "v", "x")
        assert (await at.takes())["42C/1"].ratings == {"director": "circled", "script": "hold", "editor": "ng"}
        assert "NG" in at.drawn()
        await do(at, "x")
        assert (await at.takes())["42C/1"].ratings == {"director": "circled", "script": "hold"}
        assert (await at.takes())["42C/1"].status == "none"  # a rating is no status of the take


async def test_tags_are_completed_from_those_in_use_and_taken_off_again(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await on(at, screen, "42A/1")
        await at.press("t")
        await at.type("eyeline, push in")
        await do(at, "enter")
        assert set((await at.takes())["42A/1"].tags) == {"eyeline", "push in"}
        await on(at, screen, "42C/1")
        await at.press("t")
        await at.type("eye")
        await at.until(lambda: bool(screen.query_one(EntryLine).field._suggestion))
        await at.press("right")
        await do(at, "enter")
        assert (await at.takes())["42C/1"].tags == ("eyeline",)
        await at.press("t")
        await at.type("-eyeline")
        await do(at, "enter")
        assert (await at.takes())["42C/1"].tags == ()


async def test_several_takes_are_judged_and_tagged_in_one_edit_that_one_undo_takes_back(tmp_path: Path) -> None:
    place = Set(tmp_path)
    place.open().close()
    log = place.open(role="assistant")
    log.tag(a_compared_day(place)["42C/1"].id, add=["eyeline"])
    log.close()
    async with at_work(place) as at:
        screen = await open_review(at)
        await on(at, screen, "42A/1")
        await do(at, "shift+down", "shift+down", "shift+up", "c")
        assert at.status == "director circles 2 takes."
        assert "C director circles 2 takes  H holds  X no good  T tag" in at.footer
        assert "2 selected" in at.drawn()
        assert [line[1] for line in at.drawn().splitlines()[3:7]] == ["+", "+", " ", " "]
        await do(at, "down", "space", "x")
        await at.press("t")
        await at.type("eye")
        await at.until(lambda: bool(screen.query_one(EntryLine).field._suggestion))
        await at.press("tab")
        await at.type(", push in")
        await do(at, "enter")
        assert at.status == "3 takes tagged eyeline, push in."
        takes = await at.takes()
        assert {label: take.ratings for label, take in takes.items()} == {label: {"director": "ng"} for label in takes}
        assert all(set(take.tags) == {"eyeline", "push in"} for take in takes.values())
        await do(at, "z")
        assert 'no longer tagged "eyeline", "push in"' in at.status
        await do(at, "z")
        assert "3 takes: director's rating as before" in at.status
        assert [take.ratings.get("director") for take in (await at.takes()).values()] == [None, "circled", "circled"]
        await do(at, "escape", "h")
        assert at.status == "director holds 42C/1."
        await at.pilot.click(screen.takes, offset=(1, 1))
        await at.pilot.click(screen.takes, offset=(9, 3), shift=True)
        await do(at, "x")
        assert at.status == "director calls no good: 3 takes."
        await at.press("slash")
        await narrow(at, "slate:42B")
        await at.press("enter")
        await do(at, "x")  # what is not seen is not meant
        assert at.status == "director says nothing of 42B/1 any more."


async def test_the_list_narrows_as_one_types_with_the_filters_of_the_command_line(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await at.press("slash")
        assert await narrow(at, "c003 prop") == ["42B/1"]
        await at.press("escape", "slash")
        assert len(await narrow(at, "")) == 4
        assert await narrow(at, "has:clips") == ["42A/1", "42B/1"]  # no stray: a take is asked for
        assert await narrow(at, " statu:circled") == ["42A/1", "42B/1"]  # the last good list
        assert "do you mean status:" in at.status
        assert not at.status.startswith("!")
        await at.press(*["backspace"] * len("u:circled"), "u", "s")
        assert at.status == ""
        assert await narrow(at, ":ng,circled a014") == ["42A/1"]
        await at.press("enter")
        assert "/ has:clips status:ng,circled a014: 1 of 4" in at.drawn()
        await at.press("slash")
        await at.type(" statu:x")
        await at.press("enter")
        assert at.status.endswith("The list stays as it was.")
        await at.press("escape")
        assert at.status == ""
        assert len(labels(screen)) == 4


async def test_a_take_that_no_longer_fits_what_was_typed_stays_under_the_cursor(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await at.press("slash")
        assert await narrow(at, "rating:director=") == ["42A/1", "42B/1", "42C/1"]
        await at.press("enter", "down")
        await do(at, "c")
        await found(at)
        assert (await at.takes())["42B/1"].ratings == {"director": "circled"}
        assert labels(screen) == ["42A/1", "42B/1", "42C/1"]
        assert screen.row is not None
        assert screen.row.label == "42B/1"
        await do(at, "exclamation_mark", "exclamation_mark")
        assert labels(screen) == ["42A/1", "42C/1"]


async def test_the_list_is_narrowed_by_words_of_the_scene_and_the_setup(tmp_path: Path) -> None:
    place = Set(tmp_path)
    other = place.open(role="assistant")
    other.set_scene("42", {"heading": "INT. KÜCHE - NIGHT"})
    other.set_setup("42B", {"description": "wide, from the door"}, cameras={"A": {"lens": "35mm"}})
    other.close()
    async with reviewing(place) as (at, _):
        await at.press("slash")
        assert await narrow(at, "kuche night WIDE 35mm") == ["42B/1"]


async def test_another_seat_s_word_is_seen_without_a_key(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with reviewing(place) as (at, screen):
        await on(at, screen, "42B/1")
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
        screen = await open_review(at)
        assert labels(screen)[0] == "50/1"
        await do(at, "left")
        assert "42A/1" in labels(screen)
        assert "day 1" in at.line("#heading")
        await do(at, "left")
        assert "no day before day 1" in at.status
        await do(at, "right")
        assert labels(screen)[0] == "50/1"


async def test_coming_back_one_does_not_read_which_keys_lead_away(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, _):
        await at.press("g", "1", "g", "2")
        await at.until(lambda: isinstance(at.app.screen, ReviewScreen))
        await read(at)
        assert at.status == ""


async def test_rows_and_hints_answer_to_a_tap(tmp_path: Path) -> None:
    async with reviewing(Set(tmp_path)) as (at, screen):
        await at.pilot.click(screen.takes, offset=(5, 2))
        await read(at)
        assert screen.row is not None
        assert screen.row.label == "42B/1"
        await at.pilot.click(screen.takes, offset=(5, 2))
        await read(at)
        assert screen.focused is screen.detail
        await at.pilot.click("#footer", offset=(2, 0))
        await read(at)
        assert (await links_of(at))["42B/1", "A014C003"] is LinkState.CONFIRMED
        while not screen.links.playable:
            await at.press("down")
        rows = [number for number, _ in screen.detail._rows]
        await at.pilot.click(screen.detail, offset=(5, rows.index(screen.detail.cursor) + 1))
        await at.until(lambda: "player" in at.status, "the tapped file is opened")


async def test_filters_are_taken_by_a_digit_kept_under_a_name_and_deleted(tmp_path: Path) -> None:
    place = Set(tmp_path)
    async with reviewing(place) as (at, screen):
        await at.press("f")
        await at.until(lambda: screen.inside)
        assert "1  circled" in at.drawn()
        await at.press("quotation_mark")  # a bare 3 of a keyboard where digits need Shift: no good
        await found(at)
        assert labels(screen) == []
        await at.press("f")
        await at.until(lambda: screen.inside)  # of an empty list too
        await at.press("1")
        await found(at)
        assert labels(screen) == ["42A/1"]
        assert at.status == "circled: status:circled"
        await at.press("escape")
        assert at.status == "", "no filter is taken any more"
        await at.press("slash")
        await narrow(at, "camera:A lacks:sound")
        await at.press("enter", "f")
        await at.until(lambda: screen.inside)
        await at.press("up", "up")
        for _ in range(9):
            await at.press("down")
        await at.press("enter")
        await at.type("a without [b]sound")
        await do(at, "enter")
        assert at.status == '"a without [b]sound" is a filter of every seat now: camera:A lacks:sound'
        await at.until(lambda: "1  a without [b]sound" in at.drawn())
    async with at_work(place) as at:
        screen = await open_review(at)
        await at.press("f")
        await at.until(lambda: screen.inside)
        await at.press("1")
        await found(at)
        assert labels(screen) == ["42A/1", "42B/1", "42C/1"]
        await at.press("f")
        await at.until(lambda: screen.inside)
        assert "Delete deletes it" in at.footer
        await do(at, "delete")
        assert at.status == 'Filter "a without [b]sound" is deleted for every seat; undo brings it back.'
        await do(at, "delete")
        assert at.status == '"circled" is always there.'
        await do(at, "escape", "z")
        assert [each.name for each in await at.app.hand.desk.read(lambda log: log.filters())] == ["a without [b]sound"]


async def test_a_mark_opens_the_file_of_its_moment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[tuple[str, str | None]] = []

    async def play(hand: object, take_id: str, media_id: str, say: object, at: str | None = None) -> None:
        opened.append((media_id, at))

    monkeypatch.setattr(review_links, "play", play)
    place = Set(tmp_path)
    place.open().close()
    log = place.open(role="dit")
    take = log.roll(place.stamp(), change=Next(slate="42A"))
    place.clock.advance(10)
    log.mark(take.id, place.stamp(), "look up")
    take = log.cut(take.id, place.stamp())
    log.note(take.id, "soft \x1b[31m from the middle on")
    log.bring_in([clip("A014C001", starts(take, -0.5), 5.0), clip("A014C002", starts(take, 6.0))])
    link(log, *((take, name, LinkState.CONFIRMED, "") for name in ("A014C001", "A014C002")))
    ids = media_ids(log)
    log.close()
    async with at_work(place, size=(120, 40)) as at:
        screen = await open_review(at)
        await on(at, screen, "42A/1")
        assert "12:00:10:00 mark  look up" in at.drawn()
        await at.press("enter")
        while not screen.detail.name_under.startswith("note:"):
            await at.press("down")
        await at.press("enter", "down", "enter")
        assert opened == [(ids["A014C002"], "12:00:10:00"), (ids["A014C001"], "12:00:00:00")]
        assert "\x1b" not in at.drawn()
