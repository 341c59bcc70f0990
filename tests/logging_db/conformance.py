"""What every log must do, whatever keeps it: run on each engine by test_conformance.py."""

from __future__ import annotations

import json

import pytest

from onset.changes import Value
from onset.domain.camera import Clip, LinkState
from onset.domain.card import Card, Copy
from onset.domain.note import Audience
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, State, Status
from onset.errors import RefusedError, SlateError
from onset.logbook.as_json import take_json
from onset.logbook.terms import Next
from tests.logging_db.conformance_bad_copies import CopiesFoundBad
from tests.logging_db.conformance_capture import AlarmsThatLast, WhatWasMeasured
from tests.logging_db.conformance_clocks import ClocksThatJump
from tests.logging_db.conformance_continuity import ContinuityPages
from tests.logging_db.conformance_corrections import TakesPutRight
from tests.logging_db.conformance_credit import CreditIsAPersonsAct, OwedShots, PlanAndBalance
from tests.logging_db.conformance_departments import CardsAndAlarms, ClaimsAndExplanations, FilesOfOthers
from tests.logging_db.conformance_finding import Finding
from tests.logging_db.conformance_interrupted import TakesLeftRolling
from tests.logging_db.conformance_issues import ReportsThatWereIssued
from tests.logging_db.conformance_links import LinksOfTheMatcher, UndoOfWhatWasDecided
from tests.logging_db.conformance_memory import Questions, UndoAndRedo
from tests.logging_db.conformance_merging import Merging
from tests.logging_db.conformance_notes import NotesOnWhatIsNoTake
from tests.logging_db.conformance_order import ShootingOrder
from tests.logging_db.conformance_rolls import RollsInTheirLife
from tests.logging_db.conformance_script import ScenesOfTheScript, SetupsPlannedAndShot
from tests.logging_db.conformance_selects import SelectsInOrder
from tests.logging_db.conformance_set import ShootingDays, TheProduction
from tests.logging_db.conformance_stills import StillsOfTakes
from tests.logging_db.conformance_timing import InOutAndLength
from tests.logging_db.conformance_versions import VersionsOfTheScript
from tests.logging_db.support import OnSet

# The keys of DESIGN, section 6, that other programs rely on.
TAKE_KEYS = frozenset(
    (
        *("id", "unit", "day", "episode", "scene", "slate", "take", "slated_as", "state", "status", "kind", "mos"),
        *("tail_slate", "tc_in", "tc_out", "tc_source", "rate", "duration_frames", "timing_frames", "runs", "notes"),
        *("tags", "ratings", "angles", "sound", "stills"),
    )
)


class RollAndCut:
    """Roll, action and cut are stamps about a thing seen."""

    def test_second_roll_names_the_take_that_rolls(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        first = on_set.roll()
        with pytest.raises(RefusedError, match="42C/1 rolls already") as refused:
            on_set.other_seat().roll(on_set.stamp())
        assert refused.value.take_id == first.id
        assert [take.id for take in on_set.log.takes()] == [first.id]

    def test_second_cut_is_void(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot(4.0)
        on_set.clock.advance(60)
        with pytest.raises(RefusedError, match="42C/1 does not roll"):
            on_set.log.cut(take.id, on_set.stamp())
        after = on_set.log.take(take.id)
        assert after == take
        assert after.duration_frames == 100

    def test_roll_with_an_empty_board_asks_for_a_slate(self, on_set: OnSet) -> None:
        with pytest.raises(RefusedError, match="no slate yet"):
            on_set.roll()
        assert on_set.log.takes() == []

    def test_roll_is_told_on_the_clock_that_nobody_sets(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.clock.advance(3.5)
        rolled = on_set.roll()
        found = on_set.log.find_take("last")
        assert (rolled.rolled_mono_ns, rolled.boot) == (4_500_000_000, "boot 1")  # the clock began at 1 s
        assert (found.rolled_mono_ns, found.boot) == (4_500_000_000, "boot 1")
        added = on_set.log.add_take(slate="1", take="7", stamp=on_set.stamp())
        assert (added.rolled_mono_ns, added.boot) == (None, None)  # nobody saw it roll

    def test_machine_restarted_while_rolling_counts_by_the_wall_clock(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        on_set.clock.advance(20.0)
        on_set.boot = "boot 2"
        assert on_set.log.interrupt(take.id, on_set.stamp()).duration_frames == 500
        after = on_set.log.take(take.id)
        assert after is not None
        assert after.state is State.INTERRUPTED

    def test_reset_is_a_new_run_of_the_same_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll("10:00:00:00")
        on_set.clock.advance(2.0)
        on_set.log.action(take.id, on_set.stamp("10:00:02:00"))
        on_set.clock.advance(3.0)
        on_set.log.action(take.id, on_set.stamp("10:00:05:00"))
        on_set.clock.advance(4.0)
        cut = on_set.log.cut(take.id, on_set.stamp("10:00:09:00"))
        assert [(run.action, run.cut) for run in cut.runs] == [
            ("10:00:02:00", "10:00:05:00"),
            ("10:00:05:00", "10:00:09:00"),
        ]
        assert (cut.kind, cut.timing_frames, cut.duration_frames) == (Kind.SERIES, 175, 225)

    def test_midnight_changes_no_shooting_day(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        on_set.clock.advance(14 * 3600)
        assert on_set.shoot().day == 1
        on_set.log.wrap_day("Main", on_set.stamp())
        assert on_set.log.board().day == 2
        assert on_set.shoot().day == 2
        assert [(day.number, day.date) for day in on_set.log.days()] == [(1, "2026-05-29"), (2, "2026-05-30")]

    def test_day_does_not_end_while_a_take_rolls(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.roll()
        with pytest.raises(RefusedError, match="1/1 still rolls"):
            on_set.log.wrap_day("Main", on_set.stamp())

    def test_missed_take_gets_its_place_and_its_times(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42"))
        on_set.shoot()
        added = on_set.log.add_take(
            slate="42",
            take="7",
            stamp=on_set.stamp("10:00:00:00"),
            fields={"status": "hold"},
            duration_frames=50,
        )
        assert (added.state, added.tc_out, added.status) == (State.CUT, "10:00:02:00", Status.HOLD)
        assert on_set.log.board().take == "8"
        with pytest.raises(RefusedError, match="42/7 is in the log already"):
            on_set.log.add_take(slate="42", take="07", stamp=on_set.stamp())


class TheBoard:
    """What is next is in the log, and is proposed to every seat."""

    def test_every_seat_proposes_the_same_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(scene="42", cameras={"A": True, "B": False}, rolls={"A": "A014"}))
        seen = on_set.other_seat().board()
        assert (seen.scene, seen.slate, seen.take) == ("42", "42", "1")
        assert [(one.camera, one.roll, one.in_next) for one in seen.cameras] == [
            ("A", "A014", True),
            ("B", None, False),
        ]

    def test_take_gets_the_cameras_and_rolls_of_its_moment(self, on_set: OnSet) -> None:
        on_set.log.set_next(
            Next(slate="1", cameras={"B": True, "A": True, "C": False}, rolls={"A": "A014", "B": "B003"})
        )
        take = on_set.shoot()
        on_set.log.set_next(Next(rolls={"A": "A015"}))
        assert [(angle.camera, angle.roll) for angle in take.angles] == [("A", "A014"), ("B", "B003")]
        assert on_set.log.take(take.id) == take
        assert on_set.shoot().angles[0].roll == "A015"

    def test_flags_hold_for_one_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", kind=Kind.PICKUP, mos=True, tail_slate=True))
        first, second = on_set.shoot(), on_set.shoot()
        assert (first.kind, first.mos, first.tail_slate) == (Kind.PICKUP, True, True)
        assert (second.kind, second.mos, second.tail_slate) == (Kind.NORMAL, False, False)

    def test_wild_track_gives_the_board_back(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="49B", cameras={"A": True}))
        on_set.shoot()
        on_set.log.set_next(Next(kind=Kind.WILD_TRACK))
        assert on_set.log.board().slate == "49WT"
        wild = on_set.shoot()
        assert (wild.label, wild.kind, wild.scene, wild.angles) == ("49WT/1", Kind.WILD_TRACK, "49", ())
        board = on_set.log.board()
        assert (board.slate, board.take, board.kind) == ("49B", "2", Kind.NORMAL)

    def test_wild_track_called_off_gives_the_board_back(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="49B"))
        on_set.log.set_next(Next(kind=Kind.WILD_TRACK))
        assert on_set.log.set_next(Next(kind=Kind.NORMAL)).slate == "49B"

    def test_next_setup_skips_letters_and_what_is_taken(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="24H"))
        on_set.shoot()
        assert on_set.log.next_setup().slate == "24J"
        on_set.log.set_next(Next(slate="24"))
        on_set.shoot()
        on_set.log.set_next(Next(slate="24G"))
        assert on_set.log.next_setup().slate == "24J"  # 24H was shot

    def test_number_once_clapped_is_not_given_again(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", take="5"))
        assert on_set.shoot().take == "5"
        assert on_set.shoot().take == "6"
        with pytest.raises(RefusedError, match="1/5 is in the log already"):
            on_set.log.set_next(Next(take="5"))

    def test_false_start_consumes_a_number(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.log.set_take(on_set.shoot().id, {"kind": "false start"})
        assert on_set.shoot().take == "2"

    def test_unit_that_does_not_exist_is_named(self, on_set: OnSet) -> None:
        with pytest.raises(RefusedError, match='no unit "Second"; there is Main'):
            on_set.log.set_next(Next(slate="1"), unit="Second")

    # Real labels of the domain study: sheets of several productions.
    @pytest.mark.parametrize(
        ("slate", "take"),
        [
            ("41+122A", "4"),
            ("97+121", "4"),
            ("42", "2PK"),
            ("42", "3 PU"),
            ("42", "2.1"),
            ("27/7", "2"),
            ("6WT", "1 PL"),
        ],
    )
    def test_label_stays_as_it_was_written(self, on_set: OnSet, slate: str, take: str) -> None:
        on_set.log.set_next(Next(slate=slate, take=take))
        made = on_set.shoot()
        assert (made.slate, made.take) == (slate, take)
        found = on_set.log.find_take(f"{slate}/{take}")
        assert found == made
        assert take_json(found)["slate"] == slate

    def test_label_that_no_board_can_show_is_refused(self, on_set: OnSet) -> None:
        for slate in ("", "x" * 33, "42\x1b[2J", "a\x00b"):
            with pytest.raises(SlateError):
                on_set.log.set_next(Next(slate=slate))


class WhatIsSaidOfATake:
    """Fields, notes, tags, ratings, media."""

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"colour": "red"}, 'no field "colour"'),
            ({"status": "great"}, 'cannot be "great"'),
            ({"state": "rolling"}, 'no field "state"'),
            ({"mos": 2}, "yes or no"),
            ({"take": ""}, "must not be empty"),
            ({"slate": None}, "cannot be empty"),
            ({"tc_in": "25:00:00:00"}, "does not exist at 25"),
            ({"description": "a\x00b"}, "not text"),
            ({"day": "first"}, "whole number"),
            ({"day": 0}, "at least 1"),
            ({"day": -4}, "at least 1"),
            ({"day": 10_000}, "at most 9999"),
            ({"day": 7}, "has not opened day 7"),
            ({"duration_frames": -7}, "at least 0"),
            ({"duration_frames": 99_999_999_999_999_999}, "a day has 2160000"),
            ({"tc_in": "01:00:00:00", "tc_out": "01:00:02:00", "duration_frames": 49}, "are 50 frames, not 49"),
        ],
    )
    def test_value_that_cannot_be_is_refused_and_nothing_changes(
        self, on_set: OnSet, fields: dict[str, Value], said: str
    ) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        before = on_set.log.history()
        with pytest.raises((RefusedError, SlateError), match=said):
            on_set.log.set_take(take.id, {"description": "wide", **fields})
        assert on_set.log.history() == before

    def test_take_and_its_cameras_are_set_in_one_edit(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", cameras={"A": True, "B": True}))
        before = on_set.shoot()
        fields: dict[str, Value] = {"description": "wide"}
        after = on_set.log.set_take(before.id, fields, angles={"A": {"roll": "A1"}, "B": {"roll": "B1"}})
        assert (after.description, [angle.roll for angle in after.angles]) == ("wide", ["A1", "B1"])
        on_set.undo()
        assert on_set.log.take(before.id) == before
        with pytest.raises(RefusedError, match='no field "colour"'):
            on_set.log.set_take(before.id, fields, angles={"A": {"roll": "A1"}, "B": {"colour": "red"}})
        assert on_set.log.take(before.id) == before

    def test_same_value_again_is_no_edit(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        on_set.log.set_take(take.id, {"status": "circled"})
        before = on_set.log.history()
        on_set.log.set_take(take.id, {"status": "circled"})
        assert on_set.log.history() == before

    def test_reason_goes_with_its_status(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        assert on_set.log.set_take(take.id, {"status": "ng", "status_reason": "sound"}).status_reason == "sound"
        assert on_set.log.set_take(take.id, {"status": "circled"}).status_reason is None

    def test_renamed_take_frees_no_number_in_use(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        first, second = on_set.shoot(), on_set.shoot()
        with pytest.raises(RefusedError, match="1/1 is in the log already"):
            on_set.log.set_take(second.id, {"take": "1"})
        assert on_set.log.set_take(second.id, {"slate": "2", "take": "1"}).label == "2/1"
        assert on_set.log.find_take("1/1").id == first.id

    def test_note_carries_the_moment_of_its_first_key(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll("10:00:00:00")
        on_set.clock.advance(3.0)
        first_key = on_set.stamp("10:00:03:00")
        on_set.clock.advance(3.0)
        on_set.log.cut(take.id, on_set.stamp())
        note = on_set.log.note(take.id, " boom in shot ", stamp=first_key, audience=Audience.PRODUCTION)
        assert (note.text, note.tc, note.offset_ns) == ("boom in shot", "10:00:03:00", 3_000_000_000)
        assert (note.author, note.audience) == (on_set.log._author, Audience.PRODUCTION)
        on_set.clock.advance(60.0)
        assert on_set.log.note(take.id, "later", stamp=on_set.stamp("10:01:06:00")).tc is None

    def test_mark_needs_a_rolling_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        on_set.clock.advance(1.5)
        mark = on_set.log.mark(take.id, on_set.stamp("10:00:01:12"))
        assert (mark.mark, mark.tc, mark.offset_ns) == (True, "10:00:01:12", 1_500_000_000)
        on_set.log.cut(take.id, on_set.stamp())
        with pytest.raises(RefusedError, match="does not roll"):
            on_set.log.mark(take.id, on_set.stamp())

    def test_tag_comes_and_goes(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        assert on_set.log.tag(take.id, add=["stunt", "vfx"]).tags == ("stunt", "vfx")
        assert on_set.log.tag(take.id, remove=["stunt"]).tags == ("vfx",)
        assert on_set.log.tag(take.id, add=["stunt"]).tags == ("stunt", "vfx")
        on_set.log.tag(on_set.shoot().id, add=["vfx"])
        assert on_set.log.tags() == ["vfx", "stunt"]
        with pytest.raises(RefusedError, match='not tagged "crane"'):
            on_set.log.tag(take.id, remove=["crane"])

    def test_ratings_are_kept_by_voter(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        on_set.log.rate_take(take.id, "director", "4")
        assert on_set.log.rate_take(take.id, "client", "2").ratings == {"director": "4", "client": "2"}
        assert on_set.log.rate_take(take.id, "director", None).ratings == {"client": "2"}

    def test_camera_that_joined_late_is_in_the_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", cameras={"A": True}))
        take = on_set.shoot()
        on_set.log.set_angle(take.id, "B", {"start": "10:00:05:00", "rating": "ng"})
        assert [(one.camera, one.start, one.rating) for one in on_set.log.find_take("last").angles] == [
            ("A", None, None),
            ("B", "10:00:05:00", "ng"),
        ]

    def test_recorded_files_are_linked_and_end_up_complete(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", sound_roll="S001"))
        take = on_set.roll()
        on_set.log.set_next(Next(sound_roll="S002"))  # from the next take
        capture = on_set.other_seat()
        clip = Clip(
            id="", name="A001C001.mov", path="media/A001C001.mov", camera="A", tc_in="10:00:00:00",
            tc_source="MIX.ltc", rate="25", duration_frames=None,
        )  # fmt: skip
        sound = SoundFile(
            id="", name="T001.wav", path="media/T001.wav", device="MIX", tc_in="10:00:00:00", tc_source="MIX.ltc",
            rate="25", duration_frames=None, tracks=("boom", "läv"),
        )  # fmt: skip
        clip_id, sound_id = capture.clip_opened(take.id, clip), capture.sound_opened(take.id, sound)
        rolling = on_set.log.find_take("last")
        assert rolling.angles[0].clips[0].duration_frames is None
        capture.clip_closed(clip_id, duration_frames=None, dropped=0, interrupted=True)
        capture.sound_closed(sound_id, duration_frames=None, samples=0, sample_rate=0, interrupted=True)
        cut_off = on_set.log.find_take("last")
        for one in (cut_off.angles[0].clips[0], cut_off.sound[0].files[0]):
            assert (one.duration_frames, one.interrupted) == (None, True), "a file that cannot be read has no length"
        capture.clip_closed(clip_id, duration_frames=300, dropped=2, interrupted=False)
        capture.sound_closed(sound_id, duration_frames=300, samples=576_000, sample_rate=48_000, interrupted=True)
        done = on_set.log.find_take("last")
        made = done.angles[0].clips[0]
        assert (made.id, made.duration_frames, made.dropped, made.link) == (clip_id, 300, 2, LinkState.CONFIRMED)
        assert done.sound[0].roll == "S001"
        heard = done.sound[0].files[0]
        assert (heard.tracks, heard.samples, heard.interrupted) == (("boom", "läv"), 576_000, True)
        with pytest.raises(RefusedError, match="no clip with the id"):
            capture.clip_closed("00" * 16, duration_frames=1, dropped=0, interrupted=False)

    def test_same_card_again_is_the_same_card(self, on_set: OnSet) -> None:
        def card(verdict: str, *copies: Copy) -> Card:
            return Card(
                id="", label="A014", fingerprint="xxh128:1", files=3, size=9, verdict=verdict,
                reasons=("only one copy",), wall_ns=on_set.clock.wall_ns(), copies=copies,
            )  # fmt: skip

        one = Copy(path="/a", verified=3, failed=0, read_back="direct", manifest="m.mhl", disk="sda")
        two = Copy(path="/b", verified=3, failed=0, read_back="evicted", manifest=None)
        first = on_set.log.record_card(card("not safe", one))
        second = on_set.log.record_card(card("safe", one, two))
        assert first.id == second.id
        assert [(kept.verdict, kept.copies) for kept in on_set.log.cards()] == [("safe", (one, two))]

    def test_setups_and_scenes_are_made_when_first_named(self, on_set: OnSet) -> None:
        on_set.log.set_scene("42", {"heading": "INT. KITCHEN - NIGHT", "eighths": 12})
        with pytest.raises(RefusedError, match="at least 0"):
            on_set.log.set_scene("42", {"eighths": -1})
        on_set.log.set_setup("42B", {"description": "over the shoulder", "vfx": 1})
        setup = on_set.log.set_camera_setup("42B", "A", {"lens": "35mm", "tilt": "-3°"})
        assert (setup.scene, setup.description, setup.vfx) == ("42", "over the shoulder", True)
        assert [(one.camera, one.lens, one.tilt) for one in setup.cameras] == [("A", "35mm", "-3°")]
        on_set.log.set_next(Next(slate="42B"))
        assert on_set.log.board().heading == "INT. KITCHEN - NIGHT"

    def test_rehearsal_is_kept_on_setup_and_scene_and_undone_at_once(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(scene="42", slate="42B"))
        assert on_set.log.rehearsal(83_000_000_000).rehearsal_ns == 83_000_000_000
        on_set.log.rehearsal(90_500_000_000)
        assert _rehearsals(on_set) == [90_500_000_000] * 3
        assert on_set.undo() == "rehearsal of slate 42B took 83 s"
        assert _rehearsals(on_set) == [83_000_000_000] * 3
        assert on_set.undo() == "rehearsal of slate 42B taken back"  # the edit that made the setup
        assert _rehearsals(on_set) == [None] * 3
        on_set.log.redo(wall_ns=on_set.clock.wall_ns())
        assert _rehearsals(on_set) == [83_000_000_000] * 3
        on_set.log.next_setup()
        assert on_set.log.board().rehearsal_ns is None

    def test_rehearsal_without_a_slate_is_refused(self, on_set: OnSet) -> None:
        with pytest.raises(RefusedError, match="no slate"):
            on_set.log.rehearsal(1)

    def test_what_was_first_said_of_a_setup_is_undone(self, on_set: OnSet) -> None:
        on_set.log.set_setup("42B", {"description": "wide"})
        assert on_set.undo() == "slate 42B description is empty again"
        setup = on_set.log.setup("42B")
        assert setup is not None
        assert setup.description == ""

    def test_json_has_every_key_other_programs_rely_on(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", cameras={"A": True}))
        made = take_json(on_set.roll())
        assert made.keys() >= TAKE_KEYS
        assert (made["episode"], made["tc_in"], made["duration_frames"]) == (None, None, None)
        assert json.loads(json.dumps(made)) == made


def _rehearsals(on_set: OnSet) -> list[int | None]:
    setup, scene = on_set.log.setup("42B"), on_set.log.scene("42")
    return [each.rehearsal_ns if each is not None else None for each in (setup, scene, on_set.log.board())]


class LogbookConformance(
    RollAndCut,
    TheBoard,
    WhatIsSaidOfATake,
    InOutAndLength,
    TakesPutRight,
    TakesLeftRolling,
    ClocksThatJump,
    UndoAndRedo,
    Questions,
    ShootingOrder,
    Finding,
    FilesOfOthers,
    ClaimsAndExplanations,
    CardsAndAlarms,
    AlarmsThatLast,
    WhatWasMeasured,
    ContinuityPages,
    StillsOfTakes,
    Merging,
    LinksOfTheMatcher,
    UndoOfWhatWasDecided,
    ScenesOfTheScript,
    SetupsPlannedAndShot,
    VersionsOfTheScript,
    NotesOnWhatIsNoTake,
    CreditIsAPersonsAct,
    PlanAndBalance,
    OwedShots,
    TheProduction,
    ShootingDays,
    RollsInTheirLife,
    ReportsThatWereIssued,
    SelectsInOrder,
    CopiesFoundBad,
):
    """All of it."""
