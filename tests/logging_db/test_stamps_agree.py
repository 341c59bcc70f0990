"""Whatever two seats stamp, move, undo and redo: a cut take has no open run, and lasts from its roll to its cut."""

from __future__ import annotations

import contextlib
import tempfile
from fractions import Fraction
from pathlib import Path

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from logging_db.logbook import log_in_memory
from onset.domain.take import State, Take
from onset.errors import RefusedError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, a_clock, assert_projections_are_a_rebuild

seats = st.integers(0, 1)
moments = st.sampled_from([1.0, 2.5, 4.0, 7.25])


class Stamps(RuleBasedStateMachine):
    """Random stamps; what is void is refused, and nothing else is asked but that the takes make sense."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = a_clock()
        log = log_in_memory(rate="25", folder=Path(tempfile.gettempdir()), clock=self.clock)
        self.on_set = OnSet(log, self.clock)
        self.logs = [log, self.on_set.other_seat()]

    def last(self) -> Take | None:
        """The one that rolls, wherever a moved stamp has put it, else the last in the list."""
        found = self.logs[0].rolling() or self.logs[0].takes(TakeFilter(limit=1))
        return found[0] if found else None

    @rule(seat=seats, seconds=moments)
    def roll_or_cut(self, seat: int, seconds: float) -> None:
        self.clock.advance(seconds)
        take = self.last()
        if take is not None and take.state is State.ROLLING:
            self.logs[seat].cut(take.id, self.on_set.stamp())
        else:
            self.logs[seat].roll(self.on_set.stamp(), change=Next(slate="1"))

    @rule(seat=seats, seconds=moments)
    def action(self, seat: int, seconds: float) -> None:
        self.clock.advance(seconds)
        take = self.last()
        if take is not None and take.state is State.ROLLING:
            self.logs[seat].action(take.id, self.on_set.stamp())

    @rule(seat=seats, seconds=st.integers(1, 5), back=st.integers(0, 1))
    def earlier(self, seat: int, seconds: int, back: int) -> None:
        takes = self.logs[0].takes(TakeFilter(limit=2))
        if takes:
            with contextlib.suppress(RefusedError):
                self.logs[seat].earlier(takes[min(back, len(takes) - 1)].id, seconds)

    @rule(seat=seats)
    def undo(self, seat: int) -> None:
        with contextlib.suppress(RefusedError):
            self.logs[seat].undo(wall_ns=self.clock.wall_ns())

    @rule(seat=seats)
    def redo(self, seat: int) -> None:
        with contextlib.suppress(RefusedError):
            self.logs[seat].redo(wall_ns=self.clock.wall_ns())

    @invariant()
    def every_take_makes_sense(self) -> None:
        for take in self.logs[0].takes(TakeFilter(limit=None)):
            ends = [run.cut_ns for run in take.runs]
            if take.state is State.ROLLING:
                assert (take.cut_ns, take.duration_frames) == (None, None)
                assert None not in ends[:-1]
                assert ends[-1:] in ([], [None])
            else:
                assert None not in ends
                assert take.cut_ns is not None
                lasted = Fraction(take.cut_ns - take.rolled_ns, 1_000_000_000)
                assert take.duration_frames == int(lasted * 25)
            stamps = [take.rolled_ns]
            for run in take.runs:
                stamps += [run.action_ns, *([] if run.cut_ns is None else [run.cut_ns])]
            stamps += [] if take.cut_ns is None else [take.cut_ns]
            assert stamps == sorted(stamps)

    def teardown(self) -> None:
        assert_projections_are_a_rebuild(self.logs[0])
        self.logs[0].close()


Stamps.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestStampsAgree = Stamps.TestCase
