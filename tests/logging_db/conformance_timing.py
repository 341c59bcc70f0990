"""What every log must do when a person sets where a take begins, ends or how long it was; part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.errors import RefusedError
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet


class InOutAndLength:
    """The three never contradict each other."""

    # 25 frames a second, a take of 10 s: what is set, and what in, out, length and cut then say.
    @pytest.mark.parametrize(
        ("fields", "tc_in", "tc_out", "frames"),
        [
            ({"tc_in": "10:00:00:00"}, "10:00:00:00", "10:00:10:00", 250),
            ({"tc_out": "01:00:04:00"}, "01:00:00:00", "01:00:04:00", 100),
            ({"duration_frames": 100}, "01:00:00:00", "01:00:04:00", 100),
            ({"tc_in": "23:59:59:00", "tc_out": "00:00:01:00"}, "23:59:59:00", "00:00:01:00", 50),
            ({"tc_in": "02:00:00:00", "duration_frames": 25}, "02:00:00:00", "02:00:01:00", 25),
            ({"tc_out": "02:00:01:00", "duration_frames": 25}, "02:00:00:00", "02:00:01:00", 25),
            (
                {"tc_in": "02:00:00:00", "tc_out": "02:00:01:00", "duration_frames": 25},
                "02:00:00:00",
                "02:00:01:00",
                25,
            ),
            ({"tc_in": None}, None, "01:00:10:00", 250),
            ({"tc_out": None, "duration_frames": 25}, "01:00:00:00", None, 25),
        ],
    )
    def test_in_out_and_length_follow_each_other(
        self, on_set: OnSet, fields: dict[str, Value], tc_in: str | None, tc_out: str | None, frames: int
    ) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll("01:00:00:00")
        on_set.log.action(take.id, on_set.stamp("01:00:00:00"))
        on_set.clock.advance(10.0)
        before = on_set.log.cut(take.id, on_set.stamp("01:00:10:00"))
        after = on_set.log.set_take(take.id, fields)
        assert (after.tc_in, after.tc_out, after.duration_frames) == (tc_in, tc_out, frames)
        assert after.timing_frames == frames
        assert after.cut_ns == after.runs[-1].cut_ns == before.rolled_ns + frames * 40_000_000
        on_set.undo()
        assert on_set.log.take(take.id) == before

    def test_rolling_take_has_no_end_to_set(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll("01:00:00:00")
        for fields in ({"tc_out": "01:00:10:00"}, {"duration_frames": 7}):
            with pytest.raises(RefusedError, match="1/1 rolls"):
                on_set.log.set_take(take.id, fields)
        assert on_set.log.set_take(take.id, {"tc_in": "02:00:00:00"}).tc_in == "02:00:00:00"

    def test_length_does_not_end_before_the_last_action(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        on_set.clock.advance(4.0)
        on_set.log.action(take.id, on_set.stamp())
        on_set.log.cut(take.id, on_set.stamp())
        with pytest.raises(RefusedError, match="before its last action"):
            on_set.log.set_take(take.id, {"duration_frames": 99})

    def test_added_take_is_checked_like_a_changed_one(self, on_set: OnSet) -> None:
        stamp = on_set.stamp("10:00:00:00")
        with pytest.raises(RefusedError, match="a day has"):
            on_set.log.add_take(slate="1", take="1", stamp=stamp, duration_frames=1 << 62)
        added = on_set.log.add_take(slate="1", take="1", stamp=stamp, fields={"duration_frames": 50})
        assert (added.tc_out, added.duration_frames) == ("10:00:02:00", 50)
        assert added.cut_ns == stamp.wall_ns + 2_000_000_000
