"""Two seats edit, undo and redo at random; a plain dictionary says what the log must show after each step."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from logging_db.chains import look_at_chains
from logging_db.logbook import SqliteLogbook, log_in_memory
from onset.domain.take import Kind, State
from onset.errors import RefusedError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, a_clock, assert_projections_are_a_rebuild

Key = tuple[str, str, str]  # take id, what, which
seats = st.integers(0, 1)
picks = st.integers(0, 50)


@dataclass
class Cell:
    """A value and the edit it really comes from (an undo gives it back to the one before)."""

    value: object
    origin: int = 0


@dataclass
class Done:
    """An edit a seat can take back: what each key was, and became."""

    number: int
    verb: str
    take: str
    keys: dict[Key, tuple[Cell, Cell]] = field(default_factory=dict)


class TwoSeats(RuleBasedStateMachine):
    """The log in memory beside the dictionary."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = a_clock()
        log = log_in_memory(rate="25", folder=Path(tempfile.gettempdir()), clock=self.clock)
        self.on_set = OnSet(log, self.clock)
        self.logs: list[SqliteLogbook] = [log, self.on_set.other_seat()]
        self.cells: dict[Key, Cell] = {}
        self.order: list[str] = []
        self.labels: dict[str, str] = {}
        self.undos: list[list[Done]] = [[], []]
        self.redos: list[list[Done]] = [[], []]
        self.told: list[set[int]] = [set(), set()]
        self.acted: list[str] = []
        self.count = 0

    # -- the model ------------------------------------------------------------------------------------------------

    def cell(self, key: Key) -> Cell:
        return self.cells.setdefault(key, Cell(None))

    def edit(self, seat: int, verb: str, take: str, values: dict[Key, object]) -> None:
        changed = {key: value for key, value in values.items() if self.cell(key).value != value}
        if not changed:
            return
        self.count += 1
        done = Done(self.count, verb, take)
        for key, value in changed.items():
            done.keys[key] = (self.cell(key), Cell(value, self.count))
            self.cells[key] = done.keys[key][1]
        self.redos[seat].clear()
        if verb != "roll":
            self.undos[seat].append(done)

    def value(self, take: str, what: str, which: str = "") -> object:
        return self.cell((take, what, which)).value

    def rolling(self) -> str | None:
        return next((take for take in self.order if self.value(take, "state") == State.ROLLING), None)

    def pick(self, number: int) -> str:
        return self.order[number % len(self.order)]

    def refused(self, act: Callable[[], object]) -> None:
        with pytest.raises(RefusedError):
            act()

    # -- what seats do --------------------------------------------------------------------------------------------

    @rule(seat=seats, slate=st.sampled_from(["1", "2", "2A"]), seconds=st.floats(0, 100))
    def roll(self, seat: int, slate: str, seconds: float) -> None:
        self.clock.advance(seconds)
        if self.rolling():
            self.refused(lambda: self.logs[seat].roll(self.on_set.stamp()))
            return
        taken = [
            int(label.split("/")[1])
            for take, label in self.labels.items()
            if label.startswith(f"{slate}/") and not self.value(take, "deleted")
        ]
        made = self.logs[seat].roll(self.on_set.stamp(), change=Next(slate=slate))
        assert made.label == f"{slate}/{max(taken, default=0) + 1}"
        self.order.append(made.id)
        self.labels[made.id] = made.label
        first = {"state": State.ROLLING, "status": "none", "kind": Kind.NORMAL, "text": ""}
        self.edit(seat, "roll", made.id, {(made.id, what, ""): value for what, value in first.items()})

    @precondition(lambda self: self.order)
    @rule(seat=seats, number=picks)
    def cut(self, seat: int, number: int) -> None:
        take = self.rolling() or self.pick(number)
        if self.value(take, "state") != State.ROLLING:
            self.refused(lambda: self.logs[seat].cut(take, self.on_set.stamp()))
            return
        self.logs[seat].cut(take, self.on_set.stamp())
        values: dict[Key, object] = {(take, "closed", run): True for run in self.runs(take)}
        self.edit(seat, "cut", take, {(take, "state", ""): State.CUT, **values})

    @precondition(lambda self: self.rolling())
    @rule(seat=seats)
    def action(self, seat: int) -> None:
        take = self.rolling()
        assert take is not None
        before = self.logs[0].take(take)
        after = self.logs[seat].action(take, self.on_set.stamp())
        assert before is not None
        values: dict[Key, object] = {(take, "closed", run): True for run in self.runs(take)}
        values[take, "run", after.runs[-1].id] = True
        self.acted.append(after.runs[-1].id)
        if before.runs and self.value(take, "kind") == Kind.NORMAL:
            values[take, "kind", ""] = Kind.SERIES
        self.edit(seat, "action", take, values)

    @precondition(lambda self: self.order)
    @rule(seat=seats, number=picks, status=st.sampled_from(["none", "circled", "ng"]))
    def say_status(self, seat: int, number: int, status: str) -> None:
        take = self.pick(number)
        self.logs[seat].set_take(take, {"status": status})
        self.edit(seat, "set", take, {(take, "status", ""): status})

    @precondition(lambda self: self.order)
    @rule(
        seat=seats, number=picks, text=st.sampled_from(["wide", "close", "pan"]), status=st.sampled_from(["hold", "ng"])
    )
    def say_both(self, seat: int, number: int, text: str, status: str) -> None:
        take = self.pick(number)
        self.logs[seat].set_take(take, {"status": status, "description": text})
        self.edit(seat, "set", take, {(take, "status", ""): status, (take, "text", ""): text})

    @precondition(lambda self: self.order)
    @rule(seat=seats, number=picks)
    def note(self, seat: int, number: int) -> None:
        take = self.pick(number)
        note = self.logs[seat].note(take, "boom")
        self.edit(seat, "note", take, {(take, "note", note.id): True})

    @precondition(lambda self: self.order)
    @rule(seat=seats, number=picks, tag=st.sampled_from(["vfx", "stunt"]))
    def tag(self, seat: int, number: int, tag: str) -> None:
        take = self.pick(number)
        self.logs[seat].tag(take, add=[tag])
        self.edit(seat, "tag", take, {(take, "tag", tag): True})

    @precondition(lambda self: self.order)
    @rule(seat=seats, number=picks, tag=st.sampled_from(["vfx", "stunt"]))
    def untag(self, seat: int, number: int, tag: str) -> None:
        take = self.pick(number)
        if (take, "tag", tag) not in self.cells:
            self.refused(lambda: self.logs[seat].tag(take, remove=[tag]))
            return
        self.logs[seat].tag(take, remove=[tag])
        self.edit(seat, "tag", take, {(take, "tag", tag): False})

    @precondition(lambda self: self.order)
    @rule(seat=seats, number=picks, gone=st.booleans())
    def delete_or_restore(self, seat: int, number: int, gone: bool) -> None:
        take = self.pick(number)
        if gone and self.value(take, "state") == State.ROLLING:
            self.refused(lambda: self.logs[seat].delete(take))
            return
        log = self.logs[seat]
        (log.delete if gone else log.restore)(take)
        if gone or self.value(take, "deleted"):
            self.edit(seat, "delete", take, {(take, "deleted", ""): gone})

    @rule(seat=seats)
    def undo(self, seat: int) -> None:
        stack = self.undos[seat]
        place = len(stack) - 1
        while place >= 0 and (
            self.moved_on(stack[place]) or (stack[place].number in self.told[seat] and self.overwritten(stack[place]))
        ):
            place -= 1
        ours = self.still_ours(stack[place], undone=False) if place >= 0 else {}
        overwritten = place >= 0 and self.overwritten(stack[place])
        if not ours or overwritten or self.unseen({key: before.value for key, (before, _) in ours.items()}):
            self.refused(lambda: self.logs[seat].undo(wall_ns=self.clock.wall_ns()))
            self.told[seat] |= {stack[place].number} if overwritten else set()
            return
        done = stack.pop(place)
        undone = self.logs[seat].undo(wall_ns=self.clock.wall_ns())
        assert self.labels[done.take] in undone.sentence
        for key, (before, _) in ours.items():
            self.cells[key] = Cell(before.value if before.value is not None else False, before.origin)
        self.redos[seat].append(done)

    @rule(seat=seats)
    def redo(self, seat: int) -> None:
        stack = self.redos[seat]
        ours = self.still_ours(stack[-1], undone=True) if stack else {}
        wanted = {key: after.value for key, (_, after) in ours.items()}
        if not ours or self.unseen(wanted) or not self.makes_sense(wanted):
            self.refused(lambda: self.logs[seat].redo(wall_ns=self.clock.wall_ns()))
            return
        done = stack.pop()
        self.logs[seat].redo(wall_ns=self.clock.wall_ns())
        for key, (_, after) in ours.items():
            self.cells[key] = after
        self.undos[seat].append(done)
        self.undos[seat].sort(key=lambda one: one.number)

    def still_ours(self, done: Done, *, undone: bool) -> dict[Key, tuple[Cell, Cell]]:
        """Keys that nobody has changed since the edit (or since it was taken back)."""
        expected = 0 if undone else 1
        return {key: pair for key, pair in done.keys.items() if self.cell(key).origin == pair[expected].origin}

    def runs(self, take: str) -> list[str]:
        """Those that are not taken back, in the order of their actions."""
        return [run for run in self.acted if self.cells.get((take, "run", run), Cell(None)).value]

    def moved_on(self, done: Done) -> bool:
        """A cut after which the unit rolled again, an action that a cut or another action has followed."""
        if done.verb == "action":
            newest = self.runs(done.take)[-1:]
            return self.value(done.take, "state") != State.ROLLING or (done.take, "run", *newest) not in done.keys
        return done.verb == "cut" and done.take != self.order[-1]

    def makes_sense(self, wanted: dict[Key, object]) -> bool:
        """Only the newest run of a rolling take is open."""
        if not any(what in ("state", "run", "closed") for _, what, _ in wanted):
            return True
        before = dict(self.cells)
        take = next(iter(wanted))[0]
        self.cells |= {key: Cell(value) for key, value in wanted.items()}
        open_runs = [run for run in self.runs(take) if not self.value(take, "closed", run)]
        newest = self.runs(take)[-1:] if self.value(take, "state") == State.ROLLING else []
        self.cells = before
        return open_runs == newest

    def overwritten(self, done: Done) -> bool:
        """Nothing is left that could be taken back, or it makes no sense without the rest."""
        ours = self.still_ours(done, undone=False)
        return not ours or not self.makes_sense({key: before.value for key, (before, _) in ours.items()})

    def unseen(self, wanted: dict[Key, object]) -> bool:
        """A take that is deleted and rolls would roll unseen."""
        return any(
            (what == "state" and value == State.ROLLING and bool(self.value(take, "deleted")))
            or (what == "deleted" and value is True and self.value(take, "state") == State.ROLLING)
            for (take, what, _), value in wanted.items()
        )

    # -- what must be true ----------------------------------------------------------------------------------------

    @invariant()
    def log_shows_what_the_model_says(self) -> None:
        shown = {take.id: take for take in self.logs[0].takes(TakeFilter(deleted=True, limit=None))}
        assert set(shown) == set(self.order)
        for take_id, take in shown.items():
            assert take.state == self.value(take_id, "state")
            assert take.status == self.value(take_id, "status")
            assert take.kind == self.value(take_id, "kind")
            assert take.description == (self.value(take_id, "text") or "")
            assert take.deleted == bool(self.value(take_id, "deleted"))
            for what, ids in (
                ("note", {note.id for note in take.notes}),
                ("tag", set(take.tags)),
                ("run", {run.id for run in take.runs}),
            ):
                assert ids == {key[2] for key, cell in self.cells.items() if key[:2] == (take_id, what) and cell.value}

    def teardown(self) -> None:
        assert_projections_are_a_rebuild(self.logs[0])
        assert look_at_chains(self.logs[0]._writer).findings == ()
        self.logs[0].close()


TwoSeats.TestCase.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
TestTwoSeatsAgainstAModel = TwoSeats.TestCase
