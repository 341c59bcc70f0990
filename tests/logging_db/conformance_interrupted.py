"""What every log must do with a take that was left rolling; part of conformance.py."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.domain.take import State, Take
from onset.errors import RefusedError
from onset.logbook.broken_off import Here
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet


def here(on_set: OnSet, boot: str | None = "boot 1", alive: str = "", since_ns: int | None = None) -> Here:
    return Here(
        wall_ns=on_set.clock.wall_ns(), boot=boot, lives=lambda name: name == alive, recording_since_ns=since_ns
    )


def rolled_by(on_set: OnSet, program: str | None) -> Take:
    on_set.log.set_next(Next(slate="42C"))
    return on_set.log.roll(replace(on_set.stamp("10:00:00:00"), program=program))


class TakesLeftRolling:
    """Recognised as interrupted, offered for closing, and closed by nobody but a person."""

    def test_program_that_rolled_it_is_gone(self, on_set: OnSet) -> None:
        take = rolled_by(on_set, "4711 99")
        assert take.program == "4711 99"
        assert on_set.log.broken_off("Main", here(on_set, alive="4711 99")) == []
        assert on_set.log.broken_off("Main", here(on_set, alive="4711 98")) == [take]
        assert on_set.log.broken_off("Second", here(on_set)) == []
        on_set.log.cut(take.id, on_set.stamp())
        assert on_set.log.broken_off("Main", here(on_set)) == []

    def test_capture_service_that_ran_before_the_roll_records_on(self, on_set: OnSet) -> None:
        take = rolled_by(on_set, "4711 99")
        assert on_set.log.broken_off("Main", here(on_set, since_ns=take.rolled_ns)) == []
        assert on_set.log.broken_off("Main", here(on_set, since_ns=take.rolled_ns + 1)) == [take]

    def test_roll_from_a_shell_waits_for_its_cut(self, on_set: OnSet) -> None:
        take = rolled_by(on_set, None)
        on_set.clock.advance(11 * 3_600)
        assert on_set.log.broken_off("Main", here(on_set)) == []
        on_set.clock.advance(2 * 3_600)  # longer than any take
        assert on_set.log.broken_off("Main", here(on_set)) == [take]

    def test_machine_started_anew_since_the_roll(self, on_set: OnSet) -> None:
        take = rolled_by(on_set, None)
        assert on_set.log.broken_off("Main", here(on_set, boot="boot 2")) == [take]
        assert on_set.log.broken_off("Main", here(on_set, boot=None)) == []
        ben = on_set.other_seat()  # to whom the other boot may be another machine's
        assert ben.broken_off("Main", here(on_set, boot="boot 2")) == []

    def test_length_that_somebody_remembers(self, on_set: OnSet) -> None:
        take = rolled_by(on_set, "4711 99")
        on_set.clock.advance(4.0)
        on_set.log.action(take.id, on_set.stamp("10:00:04:00"))
        on_set.clock.advance(5_000)
        with pytest.raises(RefusedError, match="42C/1 cannot end before its last action"):
            on_set.log.close_take(take.id, 99)
        closed = on_set.log.close_take(take.id, 1_000)
        assert (closed.state, closed.tc_out, closed.duration_frames) == (State.INTERRUPTED, "10:00:40:00", 1_000)
        assert closed.timing_frames == 900
        assert closed.cut_ns == closed.runs[0].cut_ns == take.rolled_ns + 40_000_000_000
        with pytest.raises(RefusedError, match="does not roll"):
            on_set.log.close_take(take.id, 1_000)
        assert on_set.undo() == "42C/1 still rolling"
        assert on_set.redo() == "42C/1 closed as interrupted"
        assert on_set.log.take(take.id) == closed
        assert on_set.roll().label == "42C/2"

    def test_length_that_nobody_remembers_stays_open(self, on_set: OnSet) -> None:
        take = rolled_by(on_set, "4711 99")
        on_set.clock.advance(4.0)
        on_set.log.action(take.id, on_set.stamp("10:00:04:00"))
        on_set.clock.advance(5_000)
        closed = on_set.log.close_take(take.id, None)
        assert (closed.state, closed.tc_out, closed.duration_frames) == (State.INTERRUPTED, None, None)
        assert closed.timing_frames is None
        after = on_set.log.set_take(take.id, {"duration_frames": 1_000})  # found out from the camera later
        assert (after.tc_out, after.timing_frames) == ("10:00:40:00", 900)
