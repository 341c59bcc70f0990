"""Typing on the Log screen: nothing typed is lost, a note is of its first key, a cut is never in the way."""

from __future__ import annotations

from pathlib import Path

import pytest
from textual import events

from onset.domain.note import Audience
from onset.domain.take import State, Status
from onset.logbook.terms import Next
from tests.tui.support import At, Set, at_work
from tui.drafts import DRAFTS, read_drafts
from tui.screens.day import DayScreen
from tui.widgets.cell_edit import CellEdit
from tui.widgets.setup_panel import SetupPanel
from tui.widgets.take_row import clock_text


@pytest.fixture
def place(tmp_path: Path) -> Set:
    return Set(tmp_path)


async def _take(at: At) -> None:
    at.later()
    await at.press("space")
    at.later(30)
    await at.press("space")


async def test_cut_comes_while_a_note_is_typed(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(5)
        await at.press("t")
        await at.type("boom in ")
        assert "Ctrl+R cuts" in at.line("#entry-frame")
        at.later(5)
        await at.press("ctrl+r")
        assert at.board().rolling is None
        await at.type("frame")
        await at.press("enter")
        (take,) = (await at.takes()).values()
        assert take.state is State.CUT
        assert [(note.text, note.tc) for note in take.notes] == [("boom in frame", "12:00:05:00")]


async def test_space_in_a_note_is_a_blank_and_no_roll(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        at.later()
        await at.press("t")
        await at.type("a b")
        await at.press("enter")
        (take,) = (await at.takes()).values()
        assert [(note.text, note.tc) for note in take.notes] == [("a b", None)]


async def test_a_note_begun_on_one_take_stays_there_when_the_next_rolls(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("t")
        await at.type("soft")
        at.later()
        await at.press("f9")
        assert at.board().rolling is not None
        await at.press("enter")
        takes = await at.takes()
        assert [note.text for note in takes["42A/1"].notes] == ["soft"]
        assert takes["42A/2"].notes == ()


async def test_escape_keeps_a_draft_and_t_brings_it_back(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("t")
        await at.type("half a th")
        await at.press("escape")
        assert (await at.takes())["42A/1"].notes == ()
        await at.press("t")
        assert at.log.entry.field.value == "half a th"
        await at.type("ought")
        await at.press("enter")
        assert [note.text for note in (await at.takes())["42A/1"].notes] == ["half a thought"]
        await at.press("t")
        assert at.log.entry.field.value == ""


async def test_a_half_written_note_is_there_after_a_crash(place: Set) -> None:
    async with at_work(place) as at:
        await at.press("space")
        at.later(7)
        await at.press("t")
        await at.type("never fin")
        while not (kept := read_drafts(await at.app.hand.desk.read(lambda log: log.draft(DRAFTS)))):
            await at.pilot.pause(0.05)
        (draft,) = kept.values()
        assert draft.text == "never fin"
        assert draft.stamp is not None
        # the app ends here without a word, as a crash would have it: nothing more is saved
    async with at_work(place) as at:
        assert at.log.entry.field.value == "never fin"
        assert at.board().rolling is not None
        await at.type("ished")
        await at.press("enter")
        (take,) = (await at.takes()).values()
        assert [(note.text, note.tc) for note in take.notes] == [("never finished", "12:00:07:00")]


async def test_quitting_with_a_half_written_note_keeps_it(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("t")
        await at.type("almost")
        await at.press("ctrl+q")
    log = place.open()
    try:
        assert [draft.text for draft in read_drafts(log.draft(DRAFTS)).values()] == ["almost"]
    finally:
        log.close()


async def test_what_the_log_refuses_can_be_mended(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("i")
        await at.type("42A/1")
        await at.press("enter")
        assert "42A/1" in at.status
        assert at.log.entry.field.value == "42A/1"
        await at.press("backspace")
        await at.type("7")
        await at.press("enter")
        assert "42A/7" in await at.takes()


async def test_continuity_goes_to_production_and_not_to_the_editor(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("k")
        await at.type("cup left")
        await at.press("enter")
        assert [note.audience for note in (await at.takes())["42A/1"].notes] == [Audience.PRODUCTION]


async def test_a_pasted_paragraph_is_kept_whole(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("t")
        at.log.entry.field.post_message(events.Paste("one\ntwo\nthree"))
        await at.pilot.pause()
        await at.press("enter")
        assert [note.text for note in (await at.takes())["42A/1"].notes] == ["one two three"]


async def test_setup_panel_logs_what_changed_and_copies_an_earlier_setup(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("d")
        await at.until(lambda: at.log.query_one(SetupPanel).display)
        await at.type("wide")
        await at.press("down", "down")
        await at.type("perhaps")
        await at.press("down", "down")
        await at.type("Mara enters")
        await at.press("down", "down")
        await at.type("35mm")
        await at.press("down")
        await at.type("OTS")
        await at.press("ctrl+s")
        assert "yes or no" in at.status, "what is no flag stays to be mended"
        fields = {each.title: number for number, each in enumerate(at.log.query_one(SetupPanel).fields)}
        at.log.query_one(SetupPanel).go_to(fields["vfx"])
        await at.press(*["backspace"] * 7, "y", "ctrl+s")
        setup = await at.app.hand.desk.read(lambda log: log.setup("42A"))
        assert setup is not None
        assert (setup.description, setup.begins, setup.vfx) == ("wide", "Mara enters", True)
        assert [(each.lens, each.size) for each in setup.cameras if each.camera == "A"] == [("35mm", "OTS")]
        await at.press("s", "enter", "d")
        await at.until(lambda: at.log.query_one(SetupPanel).display)
        await at.press("up")
        await at.type("42a")
        await at.press("enter", "ctrl+s")
        copied = await at.app.hand.desk.read(lambda log: log.setup("42B"))
        assert copied is not None
        assert (copied.description, copied.begins) == ("wide", ""), "where it plays in the script is its own"
        assert [each.size for each in copied.cameras if each.camera == "A"] == ["OTS"]
        await at.press("z")
        gone = await at.app.hand.desk.read(lambda log: log.setup("42B"))
        assert gone is None or (gone.description, gone.cameras) == ("", ())


async def test_any_action_by_its_name(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("colon")
        await at.type("circle")
        await at.press("enter")
        assert "circled" in at.status
        await at.press("colon")
        await at.type("zzz")
        await at.press("enter")
        assert 'no action "zzz"' in at.status


async def test_keys_in_a_burst_go_where_they_would_have_gone_one_by_one(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        for key in ("t", "a", "c", "enter", "c", "s", "enter", "e"):
            at.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await at.settled()
        await at.until(lambda: at.app.hand.idle and at.board().tail_slate)
        (take,) = (await at.takes()).values()
        assert [note.text for note in take.notes] == ["ac"]
        assert take.status is Status.CIRCLED
        assert at.board().slate == "42B"
        for key in ("t", "b", "f6", "o"):
            at.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await at.until(lambda: isinstance(at.app.screen, DayScreen))
        await at.press("escape", "g", "1")
        assert at.log.entry.field.value == "b", "O is of Day"
        await at.press("escape", "g", "6")
        at.later()
        for key in ("g", "1", "space"):
            at.app.post_message(events.Key(key, key if len(key) == 1 else None))
        await at.until(lambda: at.app.hand.idle and at.board().rolling is not None, "Space is of the place gone to")


async def test_space_says_that_the_clock_was_set_as_the_command_line_does_whatever_was_added_since(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("i")
        await at.type("42A/9")
        await at.press("enter")
        before = at.clock.wall_ns()
        at.clock.set_wall(before - 2 * 3_600 * 1_000_000_000)
        at.later()
        await at.press("space")
        assert at.status.startswith("42A/10 rolls. This machine's clock says ")
        assert at.status.endswith("It was set 2.0 hours back since 42A/1 rolled; is it right?")
        at.later(30)
        await at.press("space")
        at.later()
        await at.press("space")
        assert at.status == "42A/11 rolls."


async def test_what_space_does_is_said_anew_while_nothing_else_is_said(place: Set) -> None:
    shell = place.open()
    try:
        async with at_work(place) as at:
            assert at.status == "Space rolls 42A/1."
            taken = shell.roll(place.stamp())
            await at.until(lambda: at.status == "42A/1 rolls; Space cuts it.")
            shell.cut(taken.id, place.stamp())
            await at.until(lambda: at.status == "Space rolls 42A/2.")
            at.later()
            await at.press("o")
            shell.set_next(Next(slate="43"))
            await at.until(lambda: at.board().slate == "43")
            await at.settled()
            assert at.status == "The next take is MOS."  # what was answered stays
    finally:
        shell.close()


async def test_a_missed_take_is_inserted_at_its_time_and_for_its_length(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        await at.press("i")
        assert "42A/4 at 17:20 for 45" in at.drawn()
        for typed, said in (
            ("42A/9 um 17:20", '"9 um 17:20" is no take number'),
            ("42A/9 at 25:00", '"25:00" is not a time of day'),
            ("42A/9 at 9:30 for ages", '"42A/9 at 9:30 for ages"'),
        ):
            at.log.entry.field.value = ""
            await at.type(typed)
            await at.press("enter")
            assert said.split('"')[-1] in at.status, at.status
        at.log.entry.field.value = ""
        await at.type("42A/9 at 9:30:15 for 1:30")
        await at.press("enter")
        take = (await at.takes())["42A/9"]
        assert (take.added, take.duration_frames, take.tc_in) == (True, 90 * 24, "09:30:15:00")
        assert clock_text(take.rolled_ns) == "09:30:15"
        await at.press("i")
        await at.type("at 9:40")
        await at.press("enter")
        assert clock_text((await at.takes())["42A/10"].rolled_ns) == "09:40:00"


async def test_time_of_an_added_take_is_typed_and_of_a_stamped_one_refused(place: Set) -> None:
    async with at_work(place) as at:
        await _take(at)
        while at.log.takes.column.key != "time":
            await at.press("right")
        await at.press("enter")
        assert at.status == "42A/1 was stamped. If its time is wrong: onset log set 42A/1 at=17:20."
        await at.press("i")
        await at.type("42A/9")
        await at.press("enter", "enter")
        at.log.query_one(CellEdit).value = "25:00"
        await at.press("enter")
        assert "not a time of day" in at.status
        await at.press("enter")
        at.log.query_one(CellEdit).value = "9:30"
        await at.press("enter")
        assert at.status == "42A/9 was shot at 9:30."
        assert clock_text((await at.takes())["42A/9"].rolled_ns) == "09:30:00"
        await at.press("z")
        assert clock_text((await at.takes())["42A/9"].rolled_ns) != "09:30:00"
