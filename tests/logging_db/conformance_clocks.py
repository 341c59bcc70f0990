"""What every log must do when midnight, summer time or a wrong clock comes into the day; part of conformance.py."""

from __future__ import annotations

import pytest

from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet

_HOUR_NS = 3_600_000_000_000
_YEAR_NS = 365 * 24 * _HOUR_NS


class ClocksThatJump:
    """Durations come from a clock that nobody sets, the order from the log."""

    def test_midnight_passes_while_a_take_rolls(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.clock.advance(12 * 3600 - 4)  # the clock began at noon
        take = on_set.roll("23:59:56:00")
        on_set.clock.advance(10.0)
        cut = on_set.log.cut(take.id, on_set.stamp("00:00:06:00"))
        assert (cut.day, cut.duration_frames, cut.tc_out) == (1, 250, "00:00:06:00")
        assert [(day.number, day.date) for day in on_set.log.days()] == [(1, "2026-05-29")]

    def test_clock_jumps_back_an_hour_while_a_take_rolls(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        take = on_set.roll()
        on_set.clock.advance(4.0)
        on_set.clock.set_wall(on_set.clock.wall_ns() - _HOUR_NS)
        on_set.log.action(take.id, on_set.stamp())
        on_set.clock.advance(6.0)
        cut = on_set.log.cut(take.id, on_set.stamp())
        assert (cut.duration_frames, cut.timing_frames) == (250, 150)
        on_set.shoot()
        assert [one.label for one in on_set.log.takes()] == ["1/2", "1/1", "1/3"]  # as the clock said when they rolled
        assert on_set.log.find_take("last").label == "1/3"

    @pytest.mark.parametrize(("years", "shown"), [(-1, ["1/3", "1/1", "1/2"]), (1, ["1/2", "1/3", "1/1"])])
    def test_clock_a_year_wrong_changes_a_place_within_the_day_alone(
        self, on_set: OnSet, years: int, shown: list[str]
    ) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        right_ns = on_set.clock.wall_ns()
        on_set.clock.set_wall(right_ns + years * _YEAR_NS)
        assert on_set.shoot().duration_frames == 250
        on_set.clock.set_wall(right_ns + 60 * 1_000_000_000)
        assert on_set.shoot().day == 1
        assert [one.label for one in on_set.log.takes()] == shown
        assert [one.label for one in on_set.log.takes(TakeFilter(oldest_first=True))] == shown[::-1]
        assert (on_set.log.board().take, on_set.log.find_take("last").label) == ("4", "1/3")
        on_set.log.wrap_day("Main", on_set.stamp())
        on_set.clock.advance(20 * 3_600)
        assert on_set.shoot().day == 2
        assert [one.label for one in on_set.log.takes()] == ["1/4", *shown]

    def test_undo_leaves_both_states_in_the_history(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        on_set.log.set_take(take.id, {"status": "circled"})
        assert on_set.undo() == "1/1 no longer circled"
        history = [one for one in on_set.log.history(take.id) if one.field == "status"]
        told = [(one.old, one.new, one.undoes) for one in history]
        assert told == [("circled", "none", True), ("none", "circled", False), (None, "none", False)]
