"""The key table of the Log screen, on the real log: what each key does, and what it must not do.

What test_whole_day.py plays is not tried again here.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from onset.domain.take import Kind, State, Status
from tests.tui.support import At, Set, at_work, short_pages


@pytest.fixture
def place(tmp_path: Path) -> Set:
    return Set(tmp_path)


async def _take(at: At) -> None:
    """One take, rolled and cut."""
    at.later()
    await at.press("space")
    at.later(30)
    await at.press("space")


async def test_space_rolls_and_cuts_the_proposed_take(place: Set) -> None:
    async with at_work(place) as at:
        proposed = at.board()
        await at.press("space")
        rolling = at.board().rolling
        assert rolling is not None
        assert (rolling.slate, rolling.take) == (proposed.slate, proposed.take)
        assert "ROLLING" in at.drawn()
        at.later(30)
        await at.press("space")
        (take,) = (await at.takes()).values()
        assert take.state is State.CUT
        assert take.duration_frames == 30 * 24
        assert take.tc_in == "12:00:00:00"


async def test_roll_and_cut_pressed_faster_than_the_log_writes_stay_in_order(place: Set) -> None:
    async with at_work(place) as at:
        await at.pilot.press("space", "a", "v", "t")
        await at.settled()
        (take,) = (await at.takes()).values()
        assert take.state is State.ROLLING
        assert len(take.runs) == 1
        assert [note.mark for note in take.notes] == [True]


async def test_a_status_key_sets_and_again_clears(place: Set) -> None:
    keys = {
        "c": Status.CIRCLED, "p": Status.CIRCLED, "C": Status.CIRCLED, "h": Status.HOLD, "x": Status.NG, "n": Status.NG,
    }  # fmt: skip
    async with at_work(place) as at:
        await _take(at)
        for key, status in keys.items():
            await at.press(key)
            assert [take.status for take in (await at.takes()).values()] == [status], key
            at.later(5)
            await at.press(key)
            assert [take.status for take in (await at.takes()).values()] == [Status.NONE], key


async def test_a_digit_after_no_good_is_its_reason_and_later_a_camera_again(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("x", "2")
        (take,) = (await at.takes()).values()
        assert (take.status, take.status_reason) == (Status.NG, "sound")
        at.later(5)
        before = {each.camera: each.in_next for each in at.board().cameras}
        await at.press("1")
        after = {each.camera: each.in_next for each in at.board().cameras}
        assert before.get("A") != after["A"]


async def test_status_goes_to_the_picked_take_and_its_name_is_amber(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await _take(at)
        await _take(at)
        await at.press("up", "up")
        target = at.log.target
        assert target
        assert f"C circles {target.label}" in at.footer
        assert [hint.amber for hint in at.log.hints() if hint.action == "log.circle"] == [True]
        await at.press("c")
        circled = [take.label for take in (await at.takes()).values() if take.status is Status.CIRCLED]
        assert circled == [target.label]
        await at.press("escape")
        assert [hint.amber for hint in at.log.hints() if hint.action == "log.circle"] == [False]


async def test_rolling_lets_go_of_a_picked_take(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await _take(at)
        await at.press("up")
        at.later()
        await at.press("space")
        assert not at.log.takes.on_purpose


async def test_pickup_wild_track_tail_slate_and_mos_are_for_the_next_take(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("u")
        assert at.board().kind is Kind.PICKUP
        await at.press("u", "e", "o")
        board = at.board()
        assert (board.kind, board.tail_slate, board.mos) == (Kind.NORMAL, True, True)
        await at.press("z")
        assert at.status == "next is 42A/1, not MOS"
        await at.press("ctrl+y")
        assert at.status == "next is 42A/1, MOS"
        await at.press("w")
        assert at.board().kind is Kind.WILD_TRACK
        await at.press("w", "space")
        await at.press("w")
        assert "rolls" in at.status


async def test_slate_line_takes_the_next_setup_and_any_slate_typed(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("s")
        await at.type("42c")
        await at.press("enter")
        assert (at.board().scene, at.board().slate, at.board().take) == ("42", "42C", "1")
        await _take(at)
        await at.press("s", "enter")
        assert at.board().slate == "42D"
        await at.press("s")
        await at.type("43/5")
        await at.press("enter")
        assert (at.board().scene, at.board().slate, at.board().take) == ("43", "43", "5")


async def test_slate_line_while_rolling_sets_only_the_next(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        await at.press("s", "enter")
        rolling = at.board().rolling
        assert rolling is not None
        assert rolling.slate == "42A"
        assert at.board().slate == "42B"


async def test_roll_labels_count_on(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("r", "1")
        first = {each.camera: each.roll for each in at.board().cameras}["A"]
        await at.press("r", "1")
        second = {each.camera: each.roll for each in at.board().cameras}["A"]
        assert first is not None
        assert second is not None
        assert int(second[1:]) == int(first[1:]) + 1
        await at.press("r", "0")
        assert at.board().sound_roll == "1"
        await at.press("space", "r", "1")
        assert f" A {second} next {second[:1]}{int(second[1:]) + 1:03d}" in at.drawn(), "what rolls, not what comes"


async def test_camera_late_and_cut_early_while_rolling(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(3)
        await at.press("2")
        at.later(30)
        await at.press("2", "1", "1", "3", "3")
        (take,) = (await at.takes()).values()
        found = {each.camera: (each.start, each.end) for each in take.angles}
        late = ("12:00:33:00", "12:00:33:00")  # C was not in the take: it has not started with it
        assert found == {"B": ("12:00:03:00", "12:00:33:00"), "A": (None, "12:00:33:00"), "C": late}


async def test_quick_phrase_mark_and_slated_as(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(3)
        await at.press("v", "q", "2")
        (take,) = (await at.takes()).values()
        assert [(note.mark, note.tc) for note in take.notes] == [(True, "12:00:03:00"), (False, "12:00:03:00")]
        at.later(3)
        await at.press("space", "v")
        assert "A mark needs a rolling take" in at.status
        await at.press("l")
        await at.type("7X/9")
        await at.press("enter")
        (take,) = (await at.takes()).values()
        assert take.slated_as == "7X/9"


async def test_a_missed_take_is_inserted_cut(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("i")
        await at.type("42C/7")
        await at.press("enter")
        take = (await at.takes())["42C/7"]
        assert take.state is State.CUT
        assert "42C" in at.drawn()


async def test_undo_says_what_and_redo_does_it_again(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("c")
        label = next(iter(await at.takes()))
        await at.press("z")
        assert f"{label} no longer circled" in at.status
        assert [take.status for take in (await at.takes()).values()] == [Status.NONE]
        await at.press("ctrl+y")
        assert [take.status for take in (await at.takes()).values()] == [Status.CIRCLED]


async def test_undoing_a_cut_means_still_rolling(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("z")
        assert at.board().rolling is not None
        await at.press("z")
        assert at.board().rolling is not None, "a roll is never undone"


async def test_edit_a_cell_and_escape_restores(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("right", "enter")
        await at.pilot.press("backspace", "9", "enter")
        await at.settled()
        (take,) = (await at.takes()).values()
        assert take.take == "9"
        await at.press("enter")
        await at.pilot.press("5", "escape")
        await at.settled()
        (take,) = (await at.takes()).values()
        assert take.take == "9"


async def test_find_narrows_as_one_types_and_escape_ends(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("q", "4")
        await _take(at)
        await at.press("slash")
        await at.type("soft")
        await at.until(lambda: at.log.takes.pages.count == 1)
        await at.press("escape")
        await at.until(lambda: at.log.takes.pages.count == 2)


async def test_every_action_has_a_method_that_answers_it(place: Set) -> None:
    from tui.actions import ACTIONS

    async with at_work(place) as at:
        for action in ACTIONS:
            if action.place in ("log", "all"):
                assert action.verb in at.log.doing, action.id


async def test_rehearsal_is_kept_on_setup_and_scene_and_shown_when_the_app_opens_again(place: Set) -> None:
    async with at_work(place) as at:
        at.later()
        await at.press("a")
        assert "Rehearsal runs" in at.status
        at.later(83)
        await at.press("a")
        assert at.status == "Rehearsal of 42A took 1:23."
    async with at_work(place) as at:
        assert "rehearsal 01:23" in at.drawn()
        setup, scene = await at.app.hand.desk.read(lambda log: (log.setup("42A"), log.scene("42")))
        assert setup is not None
        assert scene is not None
        assert (setup.rehearsal_ns, scene.rehearsal_ns) == (83_000_000_000, 83_000_000_000)
        await at.press("s", "enter")
        assert "rehearsal 01:23" not in at.drawn()  # another setup, not rehearsed yet


async def test_a_rehearsal_is_taken_back_in_one_step(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("a")
        at.later(83)
        await at.press("a", "z")
        assert "rehearsal of slate 42A taken back" in at.status
        await at.until(lambda: "rehearsal" not in at.drawn().splitlines()[1])
        setup, scene = await at.app.hand.desk.read(lambda log: (log.setup("42A"), log.scene("42")))
        assert setup is not None
        assert (setup.rehearsal_ns, scene) == (None, None)  # the scene was only there for its rehearsal


async def test_a_take_deleted_long_ago_is_in_the_list_again_when_it_is_restored(
    place: Set, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = short_pages(monkeypatch)
    log = place.open()
    try:
        ids = []
        for _ in range(page + 20):
            place.clock.advance(1.0)
            ids.append(log.add_take(slate="42A", take=None, stamp=place.stamp()).id)
        log.delete(ids[3])
        async with at_work(place) as at:
            count = at.log.takes.pages.count
            assert count == page + 19
            log.restore(ids[3])
            await at.until(lambda: at.log.takes.pages.count == page + 20)
            await at.press("home", "down", "down", "down")
            await at.until(lambda: at.log.takes.take is not None)
            take = at.log.takes.take
            assert take is not None
            assert (take.id, take.label) == (ids[3], "42A/4")
    finally:
        log.close()
