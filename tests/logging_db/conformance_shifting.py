"""What every log must do when a whole take is moved in time; part of conformance.py."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from onset.domain.take import Stamp
from onset.errors import RefusedError
from onset.logbook.terms import Next, Shift
from tests.logging_db.support import OnSet

NS = 1_000_000_000
HOUR = 3600 * NS


def clocked(on_set: OnSet, tc: str) -> Stamp:
    return replace(on_set.stamp(tc), tc_source="clock")


class MovedInTime:
    """Roll, runs, cut and marks go together; what a device said stays."""

    def test_take_that_rolled_while_the_clock_was_wrong(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.log.roll(clocked(on_set, "10:00:00:00"))
        on_set.clock.advance(2.0)
        on_set.log.action(take.id, clocked(on_set, "10:00:02:00"))
        on_set.clock.advance(2.0)
        on_set.log.mark(take.id, clocked(on_set, "10:00:04:00"), "the look")
        on_set.clock.advance(6.0)
        before = on_set.log.cut(take.id, clocked(on_set, "10:00:10:00"))
        (after,) = on_set.log.set_takes([take.id], {}, by=Shift(ns=2 * HOUR))
        assert after.rolled_ns == before.rolled_ns + 2 * HOUR
        assert (after.cut_ns or 0) - after.rolled_ns == 10 * NS
        assert (after.tc_in, after.tc_out, after.duration_frames) == ("12:00:00:00", "12:00:10:00", 250)
        (run,) = after.runs
        assert (run.action, run.cut, run.action_ns - after.rolled_ns) == ("12:00:02:00", "12:00:10:00", 2 * NS)
        (note,) = after.notes
        assert (note.tc, note.offset_ns) == ("12:00:04:00", 4 * NS)
        assert (after.day, after.take) == (before.day, before.take)
        assert on_set.undo() == "1/1 is at " + _shown(before.rolled_ns) + " again"
        assert on_set.log.take(take.id) == before
        assert on_set.redo() == "1/1 is at " + _shown(after.rolled_ns) + " again"
        assert on_set.log.take(take.id) == after

    def test_timecode_of_a_device_was_right_all_along(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.log.roll(replace(on_set.stamp("10:00:00:00"), tc_source="MIX.ltc"))
        on_set.clock.advance(4.0)
        on_set.log.cut(take.id, replace(on_set.stamp("10:00:04:00"), tc_source="MIX.ltc"))
        (after,) = on_set.log.set_takes([take.id], {}, by=Shift(ns=-HOUR))
        assert (after.tc_in, after.tc_out) == ("10:00:00:00", "10:00:04:00")
        assert after.rolled_ns == take.rolled_ns - HOUR

    def test_master_that_came_during_the_take_was_right_too(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.log.roll(clocked(on_set, "10:00:00:00"))
        on_set.clock.advance(2.0)
        on_set.log.action(take.id, on_set.stamp("12:00:02:00"))
        on_set.clock.advance(2.0)
        on_set.log.cut(take.id, on_set.stamp("12:00:04:00"))
        (after,) = on_set.log.set_takes([take.id], {}, by=Shift(ns=2 * HOUR))
        assert (after.tc_in, after.tc_out) == ("12:00:00:00", "12:00:04:00")
        assert [(run.action, run.cut) for run in after.runs] == [("12:00:02:00", "12:00:04:00")]

    def test_added_take_stands_where_it_was_shot(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        on_set.clock.advance(600.0)
        added = on_set.log.add_take(slate="1", take="9", stamp=clocked(on_set, "12:10:10:00"), duration_frames=50)
        assert [take.take for take in on_set.log.takes()] == ["9", "1"]
        by = Shift(ns=-HOUR, tc_in="11:10:00:00")
        (after,) = on_set.log.set_takes([added.id], {"description": "wide"}, by=by)
        assert (after.tc_in, after.tc_out, after.description) == ("11:10:00:00", "11:10:02:00", "wide")
        assert [take.take for take in on_set.log.takes()] == ["1", "9"]
        assert on_set.undo().startswith("1/9 is at ")
        assert on_set.log.take(added.id) == added

    def test_several_are_one_edit(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        before = [on_set.shoot(), on_set.shoot()]
        on_set.log.set_takes([take.id for take in before], {}, by=Shift(ns=HOUR))
        assert on_set.undo() == "2 takes of 1 are where they were"
        assert [on_set.log.take(take.id) for take in before] == before
        assert on_set.redo() == "2 takes of 1 are moved in time again"

    def test_take_is_moved_into_another_week(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        first, second = on_set.shoot(), on_set.shoot()
        for by in (Shift(ns=50 * HOUR), Shift(ns=-72 * HOUR), Shift(ns=9_999 * HOUR)):
            with pytest.raises(RefusedError, match=r"1/1 (would be at .* more than a day away|cannot be moved)"):
                on_set.log.set_takes([first.id, second.id], {}, by=by)
        assert [on_set.log.take(take.id) for take in (first, second)] == [first, second]
        rolling = on_set.roll()
        with pytest.raises(RefusedError, match="1/3 rolls; cut it before"):
            on_set.log.set_takes([rolling.id], {}, by=Shift(ns=HOUR))

    def test_added_take_was_earlier_as_a_whole(self, on_set: OnSet) -> None:
        added = on_set.log.add_take(slate="1", take="9", stamp=clocked(on_set, "12:10:10:00"), duration_frames=50)
        after = on_set.log.earlier(added.id, 17_000)
        assert (after.rolled_ns, after.duration_frames) == (added.rolled_ns - 17_000 * NS, 50)
        assert after.tc_in == "07:26:50:00"
        assert on_set.undo().startswith("1/9 is at ")
        assert on_set.log.take(added.id) == added

    def test_stamp_three_years_ago(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        rolling = on_set.roll()
        for take in (rolling, on_set.log.add_take(slate="2", take="1", stamp=on_set.stamp())):
            with pytest.raises(RefusedError, match="more than a day"):
                on_set.log.earlier(take.id, 99_999_999)


def _shown(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns // NS).astimezone():%H:%M:%S}"
