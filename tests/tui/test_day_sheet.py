"""The sheet of the Day screen: what a key on one of its lines writes, and what the commands beside it say."""

from __future__ import annotations

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from onset.domain.production import Moment
from onset.domain.scene import Coverage, OwedKind
from onset.domain.take import Status
from onset.errors import RefusedError
from tests.tui.compared import shoot
from tests.tui.support import CONFIG, NOON, At, Set, at_work
from tui.commands import Answer
from tui.day_answers import checked, met
from tui.deps import Deps
from tui.intents.day import read_credit
from tui.screens.day import DayScreen

_HOUR_NS = 3_600_000_000_000


def _a_day_of_two_scenes(place: Set) -> None:
    """42 is scheduled, shot and circled; 43 is scheduled; 42 is owed an insert and a wild track."""
    log = place.open()
    try:
        log.set_scene("42", {"heading": "INT. KITCHEN - NIGHT", "eighths": 12})
        log.set_scene("43", {"heading": "EXT. HARBOUR - DAWN", "eighths": 4})
        log.plan(1, [("42", None), ("43", None)])
        take = shoot(log, place, "42A", seconds=80)
        log.set_take(take.id, {"status": str(Status.CIRCLED)})
        log.owe(OwedKind.INSERT, "the letter", scene="42", slate="42B")
        log.owe(OwedKind.WILD_TRACK, "the door", scene="42")
    finally:
        log.close()


async def _open(at: At) -> DayScreen:
    await at.press("g", "6")
    await at.until(lambda: isinstance(at.app.screen, DayScreen) and at.app.screen.is_mounted)
    screen = at.app.screen
    assert isinstance(screen, DayScreen)
    await _read(at, screen)
    return screen


async def _read(at: At, screen: DayScreen) -> None:
    await at.until(lambda: screen.facts is not None and not screen._reread.busy)
    await at.settled()


async def _stamps(at: At) -> dict[Moment, int]:
    found = await at.app.hand.desk.read(lambda log: log.day_stamps(1))
    return {one.what: one.wall_ns for one in found if not one.derived}


async def test_moments_are_stamped_with_one_key_and_mended_with_a_typed_time(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_day_of_two_scenes(place)
    async with at_work(place) as at:
        screen = await _open(at)
        await at.press("s")  # not on a moment: it only goes there
        assert at.status.startswith("S again stamps call now")
        assert await _stamps(at) == {}
        at.later(600)
        now_ns = place.clock.wall_ns()
        await at.press("s")
        assert await _stamps(at) == {Moment.CALL: now_ns}
        at.later(60)
        await _read(at, screen)
        await at.press("s")  # twice by mistake: the first stays
        assert "is stamped at" in at.status
        assert await _stamps(at) == {Moment.CALL: now_ns}
        await at.press("enter")
        field = screen.query_one("#entry-field")
        await at.press(*(["backspace"] * 5))
        await at.type("25:00")
        await at.press("enter")
        assert "is not a time of day" in at.status
        assert field.has_focus  # what was refused is there to be mended
        await at.press(*(["backspace"] * 5))
        local = datetime.fromtimestamp((NOON - 5 * _HOUR_NS) / 1e9, UTC).astimezone()
        await at.type(f"{local:%H:%M}")
        await at.press("enter")
        assert await _stamps(at) == {Moment.CALL: NOON - 5 * _HOUR_NS}
        await _read(at, screen)
        await at.press("d")
        assert await _stamps(at) == {}
        await at.press("z")
        assert await _stamps(at) == {Moment.CALL: NOON - 5 * _HOUR_NS}


async def test_scene_is_credited_as_proposed_or_as_typed_and_owed_shots_are_settled_and_dropped(tmp_path: Path) -> None:
    place = Set(tmp_path)
    _a_day_of_two_scenes(place)
    async with at_work(place, size=(120, 60)) as at:
        screen = await _open(at)
        assert "shot, not credited" in at.drawn()
        assert "scene 42 was shot and nobody credited it" in at.drawn()
        assert screen.page.stand_on("end:scene:42")
        await at.press("enter")
        assert screen.page.name_under == "scene:42"
        await at.press("enter", "enter")
        assert at.status == "Scene 42, day 1: complete, 1 4/8 pages, 1:20."
        await at.until(lambda: "COMPLETE 1 4/8 1:20" in at.drawn())
        assert "nobody credited it" not in at.drawn()
        assert screen.page.stand_on("scene:43")
        await at.press("enter", *(["backspace"] * 30))
        await at.type("p 2/8 the rain came")
        await at.press("enter")
        credits = {one.label: one for one in await at.app.hand.desk.read(lambda log: log.credits(day=1))}
        assert (credits["42"].state, credits["42"].eighths, credits["42"].seconds) == (Coverage.COMPLETE, 12, 80)
        assert (credits["43"].state, credits["43"].eighths, credits["43"].seconds) == (Coverage.PART, 2, None)
        assert credits["43"].note == "the rain came"
        await at.until(lambda: "1 6/8 pages of 2 scheduled" in at.drawn())

        owed = {one.text: one for one in await at.app.hand.desk.read(lambda log: log.owed())}
        assert screen.page.stand_on(f"owed:{owed['the letter'].id}")
        await at.press("enter")
        await at.type("42A/1")
        await at.press("enter")
        assert at.status == "42B: the letter is settled by 42A/1."
        assert screen.page.stand_on(f"owed:{owed['the door'].id}")
        await at.press("d")
        assert await at.app.hand.desk.read(lambda log: log.owed()) == []
        await at.press("z", "o")
        await at.type("43 wild track gulls")
        await at.press("enter", "p")
        await at.type("Maya Lind, script supervisor, phone=555")
        await at.press("enter")
        await at.until(lambda: "nobody is on the list" not in at.drawn())
        still = {one.text: one.kind for one in await at.app.hand.desk.read(lambda log: log.owed())}
        assert still == {"the door": OwedKind.WILD_TRACK, "gulls": OwedKind.WILD_TRACK}
        assert "Maya Lind              script supervisor, 555" in at.drawn()


@pytest.mark.parametrize("text", ["", "1 4/8", "done", "completely 1:20"])
def test_a_credit_that_does_not_say_how_far_is_refused(text: str) -> None:
    with pytest.raises(RefusedError, match="Begin with complete, part or not started"):
        read_credit(text)


class WithCommands(Set):
    """A set whose app may run onset's commands."""

    def deps(self) -> Deps:
        return replace(super().deps(), onset=[sys.executable, "-P", "-m", "onset", "-p", str(self.folder)])


async def test_what_the_end_of_a_day_lacks_is_listed_and_wrapping_makes_its_backup(tmp_path: Path) -> None:
    slim = '[[recipient]]\nname = "Office"\nreports = ["wrap"]\nformats = ["txt"]\n'
    place = WithCommands(tmp_path, config=f'{CONFIG}[log]\nbackup_to = "{tmp_path}/second"\n{slim}')
    (tmp_path / "config.toml").write_text(place.config)
    (tmp_path / "second").mkdir()
    _a_day_of_two_scenes(place)
    async with at_work(place, size=(120, 60)) as at:
        screen = await _open(at)
        await at.press("k", "k")
        assert at.status == "onset wrap --check still runs."
        await at.press("ctrl+w", "ctrl+w")
        await at.until(lambda: "checked at" in at.drawn())
        assert "clips: 42A/1 has no confirmed file" in at.drawn()
        await at.until(lambda: "Day 1: " in at.status, "what follows the end waits for the check")
        assert at.status.startswith("Day 1: backup and folder are made.")  # and that the disk is the log's own
        assert list((tmp_path / "second").glob("*.onset"))
        assert (tmp_path / "wrap").is_dir()
        assert screen.page.stand_on("stamp:company wrap")
        await at.press("s")
        await _read(at, screen)
        await at.press("home", "s")
        assert at.status == "S again opens the next day with its call."
        await at.press("e")
        assert "[log] exchange in config.toml" in at.status
        assert screen.facts is not None


def test_what_was_met_counts_right_and_a_check_that_failed_says_so() -> None:
    kim = {"by": "Kim on cart", "edits": 1, "takes": 2, "problem": None}
    told = met(Answer(0, {"came": [kim]}, ""), "12:00")
    assert [item.text for item in told.items] == ["met at 12:00: 1 other log", "Kim on cart: 1 edit, 2 takes"]
    assert (told.sentence, told.alarm) == ("Met at 12:00: 1 other log.", False)
    assert checked(Answer(1, {}, "The log is damaged."), "12:00").sentence == "The log is damaged."
