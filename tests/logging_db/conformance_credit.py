"""What every log must know of credits, plans, opening balances and owed shots; part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.credit import Scheduled
from onset.domain.scene import Coverage, OwedKind
from onset.domain.take import Kind, Take
from onset.errors import OnsetError, RefusedError
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet


def day_one(on_set: OnSet) -> Take:
    """A take of 42, ten seconds from action to cut, circled; scene 42 measures 1 4/8 pages."""
    on_set.log.set_scene("42", {"eighths": 12})
    on_set.log.set_next(Next(slate="42"))
    take = on_set.roll()
    on_set.clock.advance(2.0)
    on_set.log.action(take.id, on_set.stamp())
    on_set.clock.advance(10.0)
    on_set.log.cut(take.id, on_set.stamp())
    return on_set.log.set_take(take.id, {"status": "circled"})


class CreditIsAPersonsAct:
    """Totals sum what people credited, never what takes add up to."""

    def test_credit_does_not_come_back_as_given(self, on_set: OnSet) -> None:
        day_one(on_set)
        made = on_set.log.credit("42", Coverage.PART, eighths=5, seconds=40, note="to the window")
        assert (made.number, made.unit, made.day, made.state) == ("42", "Main", 1, Coverage.PART)
        assert (made.eighths, made.seconds, made.note) == (5, 40, "to the window")
        assert (made.author, made.wall_ns) == (on_set.log.seat.name.split(",")[0], on_set.clock.wall_ns())
        assert list(on_set.log.credits()) == [made]

    def test_correction_of_a_day_is_added_to_it(self, on_set: OnSet) -> None:
        day_one(on_set)
        on_set.log.credit("42", Coverage.PART, eighths=5, seconds=40, note="to the window")
        on_set.log.credit("42", Coverage.COMPLETE, eighths=6)
        (only,) = on_set.log.credits()
        assert (only.state, only.eighths, only.seconds, only.note) == (Coverage.COMPLETE, 6, None, "")
        on_set.log.wrap_day("Main", on_set.stamp())
        on_set.log.set_next(Next(slate="42A"))
        on_set.shoot()
        on_set.log.credit("42", Coverage.COMPLETE, eighths=4)
        assert [(one.day, one.eighths) for one in on_set.log.credits()] == [(1, 6), (2, 4)]
        assert [one.day for one in on_set.log.credits(day=2)] == [2]
        assert on_set.log.credits(unit="Second") == []
        totals = on_set.log.totals()
        assert (totals.before.eighths, totals.today.eighths, totals.to_date.scenes_complete) == (6, 4, 1)

    def test_revision_changes_what_was_credited(self, on_set: OnSet) -> None:
        day_one(on_set)
        on_set.log.credit("42", Coverage.PART, eighths=5, seconds=40)
        before = on_set.log.credits()
        on_set.log.set_scene("42", {"eighths": 20, "omitted": 1})
        assert on_set.log.credits() == before
        assert on_set.log.totals().today.eighths == 5

    def test_proposal_is_what_was_credited_already(self, on_set: OnSet) -> None:
        take = day_one(on_set)
        found = on_set.log.propose_credit("42")
        assert (found.eighths, found.seconds, found.run_s, found.take) == (12, 10, 10, take.label)
        on_set.log.credit("42", Coverage.PART, eighths=5, seconds=4)
        assert on_set.log.propose_credit("42").eighths == 12  # that day's row would give way
        on_set.log.wrap_day("Main", on_set.stamp())
        on_set.shoot()
        found = on_set.log.propose_credit("42")
        assert (found.eighths, found.seconds, found.run_s) == (7, 6, 10)
        assert on_set.log.propose_credit("42", day=1).eighths == 12

    def test_scene_of_another_episode_is_credited(self, on_set: OnSet) -> None:
        day_one(on_set)
        on_set.log.set_scene("42", {"eighths": 3}, episode="101")
        assert on_set.log.propose_credit("42", episode="101").run_s is None
        on_set.log.credit("42", Coverage.COMPLETE, episode="101", eighths=3)
        assert [one.label for one in on_set.log.credits()] == ["101:42"]
        assert on_set.log.propose_credit("42").eighths == 12

    def test_scene_that_only_takes_know_cannot_be_credited(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="7A"))
        on_set.shoot()
        assert on_set.log.credit("7", Coverage.COMPLETE).number == "7"
        assert [scene.number for scene in on_set.log.scenes()] == ["7"]
        assert on_set.undo() == "scene 7 no longer credited on day 1"
        assert on_set.log.scenes() == []

    def test_undo_says_something_else_of_a_credit(self, on_set: OnSet) -> None:
        day_one(on_set)
        on_set.log.credit("42", Coverage.PART, eighths=10)
        on_set.log.credit("42", Coverage.COMPLETE, eighths=12)
        on_set.log.uncredit("42")
        assert on_set.log.credits() == []
        assert on_set.undo() == "scene 42 complete on day 1 again, 1 4/8 pages"
        assert on_set.undo() == "scene 42 part on day 1 again, 1 2/8 pages"
        assert on_set.undo() == "scene 42 no longer credited on day 1"
        assert on_set.redo() == "scene 42 part on day 1, 1 2/8 pages"
        assert [one.eighths for one in on_set.log.credits()] == [10]
        on_set.undo()
        on_set.log.credit("42", Coverage.PART, eighths=1)
        assert [one.eighths for one in on_set.log.credits()] == [1]

    def test_credit_that_cannot_be_is_half_written(self, on_set: OnSet) -> None:
        on_set.log.set_scene("42", {"eighths": 12})
        with pytest.raises(RefusedError, match="no shooting day yet"):
            on_set.log.credit("42", Coverage.PART)
        day_one(on_set)
        with pytest.raises(RefusedError, match="There is no scene 43"):
            on_set.log.credit("43", Coverage.PART)
        with pytest.raises(RefusedError, match="There is no scene 43"):
            on_set.log.propose_credit("43")
        with pytest.raises(RefusedError, match="has not opened day 2"):
            on_set.log.credit("42", Coverage.PART, day=2)
        with pytest.raises(RefusedError, match="say part"):
            on_set.log.credit("42", Coverage.NOT_STARTED, eighths=1)
        with pytest.raises(RefusedError, match="at least 0"):
            on_set.log.credit("42", Coverage.PART, eighths=-1)
        with pytest.raises(RefusedError, match="not text"):
            on_set.log.credit("42", Coverage.PART, note="a\x00")
        with pytest.raises(RefusedError, match="is not credited on day 1"):
            on_set.log.uncredit("42")
        with pytest.raises(OnsetError, match='no unit "Second"'):
            on_set.log.credit("42", Coverage.PART, unit="Second")
        assert on_set.log.credits() == []

    def test_two_seats_that_credit_a_scene_make_two_rows(self, on_set: OnSet) -> None:
        day_one(on_set)
        on_set.log.credit("42", Coverage.PART, eighths=5)
        on_set.other_seat().credit("42", Coverage.COMPLETE, eighths=12)
        assert [(one.state, one.eighths) for one in on_set.log.credits()] == [(Coverage.COMPLETE, 12)]
        with pytest.raises(RefusedError, match="was changed since"):
            on_set.undo()

    def test_history_does_not_say_of_what(self, on_set: OnSet) -> None:
        day_one(on_set)
        log = on_set.log
        log.set_setup("42", {"size": "CU"})
        log.plan_setup("over Tom", {}, scene="42")
        log.set_scene("7", {"note": "x"}, episode="101")
        log.credit("7", Coverage.PART, episode="101")
        log.plan(2, [("7", "101")])
        log.owe(OwedKind.SHOT, "x", scene="42")
        log.set_balance({"days": 1})
        about = {(change.entity, change.about) for change in log.history(limit=500)}
        assert about >= {
            ("scene", "42"),
            ("setup", "42"),
            ("setup", "over Tom"),
            ("scene", "101:7"),
            ("credit", "of scene 101:7 on day 1"),
            ("plan", "of scene 101:7 for day 2"),
            ("owed", "to scene 42"),
            ("balance", "Main"),
        }


class PlanAndBalance:
    """What was to be shot, and what was shot before this log."""

    def test_schedule_loses_its_order(self, on_set: OnSet) -> None:
        for number in ("1", "2", "3"):
            on_set.log.set_scene(number, {"eighths": 4})
        on_set.log.plan(5, [("3", None), ("1", None)])
        found = on_set.log.plan(5, [("2", None), ("3", None)], eighths=2)
        assert [(one.number, one.eighths) for one in found] == [("3", 2), ("1", None), ("2", 2)]
        assert on_set.log.planned(day=4) == []
        assert [one.number for one in on_set.log.unplan(5, [("1", None), ("3", None)])] == ["2"]
        assert on_set.undo() == "scene 1, scene 3 are again planned for day 5"
        assert on_set.undo() == "scene 2 no longer planned for day 5"
        left = [(one.number, one.eighths) for one in on_set.log.planned(unit="Main", day=5)]
        assert left == [("3", None), ("1", None)]
        on_set.log.plan(5, [("3", None)], eighths=1)
        assert on_set.undo() == "all of scene 3 planned for day 5"
        assert on_set.undo() == "scene 3, scene 1 no longer planned for day 5"
        assert on_set.log.planned() == []

    def test_schedule_from_outside_leaves_what_it_lacks_on_its_days(self, on_set: OnSet) -> None:
        for number in ("1", "2", "3"):
            on_set.log.set_scene(number, {"eighths": 4})
        on_set.log.plan(4, [("1", None)])
        on_set.log.plan(5, [("1", None), ("2", None)])
        rows = [
            Scheduled(day=5, number="3"),
            Scheduled(day=5, number="2", eighths=2, note="fog"),
            Scheduled(day=6, number="1"),
        ]
        found = on_set.log.take_schedule(rows)
        assert [(one.day, one.number, one.eighths, one.note) for one in found] == [
            *((4, "1", None, ""), (5, "3", None, ""), (5, "2", 2, "fog"), (6, "1", None, "")),
        ]
        arrival = on_set.log.arrival()
        assert on_set.log.take_schedule(rows) == found
        assert on_set.log.arrival() == arrival
        assert on_set.undo() == "schedule of days 5, 6 as it was before"
        assert [(one.day, one.number) for one in on_set.log.planned()] == [(4, "1"), (5, "1"), (5, "2")]
        assert on_set.redo() == "schedule of days 5, 6 is in again"
        assert on_set.log.planned() == found

    def test_schedule_from_outside_comes_in_by_halves(self, on_set: OnSet) -> None:
        on_set.log.set_scene("1", {})
        for rows in ([], [Scheduled(day=1, number="1"), Scheduled(day=1, number="9")], [Scheduled(day=0, number="1")]):
            with pytest.raises(RefusedError):
                on_set.log.take_schedule(rows)
        with pytest.raises(RefusedError, match="Second"):
            on_set.log.take_schedule([Scheduled(day=1, number="1")], unit="Second")
        assert on_set.log.planned() == []

    def test_unknown_scene_comes_on_the_schedule(self, on_set: OnSet) -> None:
        on_set.log.set_scene("1", {})
        with pytest.raises(RefusedError, match="There is no scene 9"):
            on_set.log.plan(5, [("1", None), ("9", None)])
        with pytest.raises(RefusedError, match="Scene 1 is not planned for day 5"):
            on_set.log.unplan(5, [("1", None)])
        with pytest.raises(RefusedError, match="at least 1"):
            on_set.log.plan(0, [("1", None)])
        with pytest.raises(RefusedError, match="at most 9999"):
            on_set.log.plan(10_000, [("1", None)])
        assert on_set.log.planned() == []

    def test_balance_is_left_out_of_the_totals(self, on_set: OnSet) -> None:
        assert on_set.log.balance() is None
        said: dict[str, Value] = {"days": 11, "scenes": 30, "setups": 204, "takes": 800, "circled": 300}
        made = on_set.log.set_balance(said | {"eighths": 491, "seconds": 3600, "note": "from Ann"})
        assert (made.days, made.scenes, made.setups, made.takes, made.circled) == (11, 30, 204, 800, 300)
        assert (made.eighths, made.seconds, made.note) == (491, 3600, "from Ann")
        assert on_set.log.totals().before.setups == 204
        on_set.log.set_balance({"eighths": 492})
        assert on_set.undo() == "opening balance of unit Main: eighths is 61 3/8 again"
        assert on_set.log.balance() == made
        assert on_set.undo() == "opening balance of unit Main taken back"
        assert on_set.log.balance() is None
        assert on_set.redo() == "opening balance of unit Main is in again"
        with pytest.raises(RefusedError, match="at least 0"):
            on_set.log.set_balance({"setups": -1})

    def test_deleted_take_is_counted(self, on_set: OnSet) -> None:
        take = day_one(on_set)
        on_set.shoot()
        assert (on_set.log.totals().today.setups, on_set.log.totals().today.takes) == (1, 2)
        on_set.log.delete(take.id)
        totals = on_set.log.totals()
        assert (totals.today.setups, totals.today.takes, totals.today.circled) == (1, 1, 0)

    def test_units_are_told_apart_by_their_day_numbers(self, on_set: OnSet) -> None:
        day_one(on_set)
        on_set.log.wrap_day("Main", on_set.stamp())
        on_set.clock.advance(86_400)
        on_set.shoot()
        on_set.log.add_unit("Second")
        on_set.log.set_next(Next(slate="X42"), unit="Second")
        second = on_set.log.roll(on_set.stamp(), unit="Second")
        assert (second.day, on_set.log.days("Second")[0].date) == (1, on_set.log.days()[1].date)
        both = on_set.log.totals(all_units=True)
        assert (both.unit, both.day, both.today.takes, both.before.takes) == (None, 2, 2, 1)
        assert on_set.log.totals(unit="Second").to_date.takes == 1
        on_set.log.credit("42", Coverage.COMPLETE, unit="Second", eighths=12)
        assert on_set.log.totals().remaining.scenes == 0
        assert on_set.log.totals().to_date.eighths == 0
        assert on_set.log.totals(day=1).remaining.scenes == 1


class OwedShots:
    """Carried until a person says what settled them."""

    def test_owed_shot_is_forgotten(self, on_set: OnSet) -> None:
        day_one(on_set)
        made = on_set.log.owe(OwedKind.INSERT, " the letter ", scene="42", slate="42D")
        assert (made.kind, made.text, made.scene, made.slate, made.day) == (
            OwedKind.INSERT,
            "the letter",
            "42",
            "42D",
            1,
        )
        assert made.open
        on_set.log.wrap_day("Main", on_set.stamp())
        assert list(on_set.log.owed()) == [made]
        assert on_set.log.totals().owed == (made,)

    def test_take_settles_it_silently(self, on_set: OnSet) -> None:
        day_one(on_set)
        made = on_set.log.owe(OwedKind.INSERT, "the letter", scene="42", slate="42D")
        on_set.clock.advance(60)
        on_set.log.set_next(Next(slate="42D"))
        take = on_set.shoot()
        on_set.log.set_next(Next(slate="42E"))
        on_set.shoot()
        (still,) = on_set.log.owed()
        assert still.open
        assert [one.label for one in still.proposed] == ["42D/1"]
        done = on_set.log.settle_owed(made.id, take.id)
        assert (done.open, done.shot and done.shot.label, done.proposed) == (False, "42D/1", ())
        assert on_set.log.owed() == []
        assert list(on_set.log.owed(every=True)) == [done]
        assert on_set.undo() == '"the letter" for scene 42 is owed again'
        assert on_set.redo() == '"the letter" for scene 42 settled by 42D/1'

    def test_takes_from_before_or_of_no_use_are_proposed(self, on_set: OnSet) -> None:
        before = day_one(on_set)
        on_set.clock.advance(60)
        on_set.log.owe(OwedKind.RETAKE, "focus", scene="42", slate="42")
        on_set.log.owe(OwedKind.WILD_TRACK, "rain", scene="42")
        on_set.log.owe(OwedKind.SHOT, "anything", scene="42")
        on_set.clock.advance(60)
        bad = on_set.shoot()
        on_set.log.set_take(bad.id, {"status": "ng"})
        gone = on_set.shoot()
        on_set.log.delete(gone.id)
        on_set.log.set_take(on_set.shoot().id, {"kind": "false start"})
        good = on_set.shoot()
        on_set.log.set_next(Next(kind=Kind.WILD_TRACK))
        wild = on_set.shoot()
        assert [[one.id for one in owed.proposed] for owed in on_set.log.owed()] == [[good.id], [wild.id], []]
        assert before.id not in {one.id for owed in on_set.log.owed() for one in owed.proposed}

    def test_settled_shot_is_settled_again(self, on_set: OnSet) -> None:
        take = day_one(on_set)
        made = on_set.log.owe(OwedKind.PICKUP, "from the door", scene="42")
        with pytest.raises(RefusedError, match="no take with the id"):
            on_set.log.settle_owed(made.id, "0" * 32)
        on_set.log.delete(take.id)
        with pytest.raises(RefusedError, match="42/1 is deleted"):
            on_set.log.settle_owed(made.id, take.id)
        on_set.log.restore(take.id)
        on_set.log.settle_owed(made.id, take.id)
        with pytest.raises(RefusedError, match='"from the door" was settled by 42/1 already'):
            on_set.log.settle_owed(made.id, take.id)
        with pytest.raises(RefusedError, match='"from the door" was settled by 42/1 already'):
            on_set.log.drop_owed(made.id)

    def test_dropped_shot_is_still_waited_for(self, on_set: OnSet) -> None:
        day_one(on_set)
        made = on_set.log.owe(OwedKind.PICKUP, "from the door", scene="42")
        assert on_set.log.drop_owed(made.id).dropped
        assert on_set.log.owed() == []
        with pytest.raises(RefusedError, match="was dropped already"):
            on_set.log.drop_owed(made.id)
        assert on_set.undo() == '"from the door" for scene 42 is owed again'
        assert on_set.undo() == '"from the door" for scene 42 no longer owed'
        assert on_set.log.owed(every=True) == []
        with pytest.raises(RefusedError, match="is owed"):
            on_set.log.drop_owed(made.id)
        with pytest.raises(RefusedError, match="is owed"):
            on_set.log.drop_owed("no id")

    def test_nothing_is_owed_to_a_scene_that_is_not_there(self, on_set: OnSet) -> None:
        day_one(on_set)
        with pytest.raises(RefusedError, match="There is no scene 43"):
            on_set.log.owe(OwedKind.SHOT, "x", scene="43")
        with pytest.raises(RefusedError, match="in a few words"):
            on_set.log.owe(OwedKind.SHOT, "  ", scene="42")
        with pytest.raises(RefusedError, match="not opened day 9"):
            on_set.log.owe(OwedKind.SHOT, "x", scene="42", day=9)
        assert on_set.log.owed() == []
