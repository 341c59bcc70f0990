"""What every log must know of camera and sound rolls in their life: part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.card import Card, RollState
from onset.errors import OverwrittenError, RefusedError, SlateError
from onset.logbook.terms import Next
from tests.logging_db.originals import a_card, a_clip
from tests.logging_db.support import OnSet

States = list[tuple[str, str, str]]


def states(on_set: OnSet, unit: str = "Main") -> States:
    """Label, state and device of every roll, in the order in which they came."""
    return [(roll.label, str(roll.state), roll.device) for roll in on_set.log.rolls(unit=unit)]


def boards(on_set: OnSet, unit: str = "Main") -> dict[str, str | None]:
    board = on_set.log.board(unit)
    return {camera.camera: camera.roll for camera in board.cameras} | {"sound": board.sound_roll}


def offload(
    on_set: OnSet, label: str = "A014", verdict: str = "safe", mark: str = "a", **more: str | int | None
) -> Card:
    return on_set.log.record_card(a_card(label=label, verdict=verdict, fingerprint=f"xxh128:0{mark}", **more))


class RollsInTheirLife:
    """Loaded, pulled, handed over, copied, cleared, used again; and taken back."""

    def test_loading_a_roll_pulls_the_one_before_it(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        first = log.load("A", "A014", on_set.stamp(), serial="R-77")
        assert (first.state, first.device, first.serial, first.loaded_ns) == (
            *(RollState.LOADED, "A"),
            *("R-77", on_set.clock.wall_ns()),
        )
        log.load("B", "B007", on_set.stamp())
        log.load("sound", "S001", on_set.stamp())
        assert boards(on_set) == {"A": "A014", "B": "B007", "sound": "S001"}
        take = on_set.shoot()
        assert ([angle.roll for angle in take.angles], take.sound_roll) == (["A014", "B007"], "S001")
        on_set.clock.advance(600)
        log.load("A", "A015", on_set.stamp())
        assert states(on_set) == [
            ("A014", "pulled", "A"),
            ("B007", "loaded", "B"),
            ("S001", "loaded", "sound"),
            ("A015", "loaded", "A"),
        ]
        assert log.rolls()[0].pulled_ns == on_set.clock.wall_ns()
        before = log.arrival()
        log.load("A", "A015", on_set.stamp())  # it is there already
        assert log.arrival() == before

    def test_board_that_changes_a_roll_loads_it(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1", rolls={"A": "A014", "B": "B007"}, sound_roll="S001"))
        on_set.log.set_next(Next(rolls={"A": "A015"}, sound_roll="S002"))
        assert sorted(states(on_set)) == [
            ("A014", "pulled", "A"),
            ("A015", "loaded", "A"),
            ("B007", "loaded", "B"),
            ("S001", "pulled", "sound"),
            ("S002", "loaded", "sound"),
        ]

    def test_roll_has_the_day_it_was_loaded_or_first_shot_on(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1", rolls={"A": "A001"}, sound_roll="S001"))  # no day is open yet
        assert [roll.day for roll in log.rolls()] == [None, None]
        on_set.shoot()
        log.load("A", "A002", on_set.stamp())
        log.wrap_day("Main", on_set.stamp())
        log.load("A", "A003", on_set.stamp())  # in the evening, for tomorrow
        on_set.clock.advance(14 * 3600)
        on_set.shoot()
        assert {roll.label: roll.day for roll in log.rolls()} == {"A001": 1, "S001": 1, "A002": 1, "A003": 2}
        assert [roll.label for roll in log.rolls(day=2)] == ["A003"]

    def test_pulled_roll_is_off_the_board_and_waits_with_whom_it_was_given(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        log.load("sound", "S001", on_set.stamp())
        pulled = log.pull("A014", on_set.stamp())
        assert (pulled.state, pulled.holder, pulled.pulled_ns) == (RollState.PULLED, "", on_set.clock.wall_ns())
        assert log.pull("S001", on_set.stamp(), to="Sam").state is RollState.WAITING
        assert boards(on_set) == {"A": None, "sound": None}
        handed = log.hand("A014", " Sam ")
        assert (handed.state, handed.holder) == (RollState.WAITING, "Sam")
        offload(on_set)
        assert (log.hand("A014", "Kim").state, log.rolls()[0].holder) == (RollState.SAFE, "Kim")
        with pytest.raises(RefusedError, match="A014 is in no camera; it is safe"):
            log.pull("A014", on_set.stamp())
        with pytest.raises(RefusedError, match="Say who has A014"):
            log.hand("A014", "  ")
        with pytest.raises(RefusedError, match="has no roll A099"):
            log.hand("A099", "Sam")
        log.load("A", "A015", on_set.stamp())
        with pytest.raises(RefusedError, match="A015 is still loaded"):
            log.hand("A015", "Sam")

    def test_offload_moves_the_roll_that_it_names(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        log.pull("A014", on_set.stamp(), to="Sam")
        log.copying("A014R1AB")  # by its reel
        assert states(on_set) == [("A014", "copying", "A")]
        log.copying("A014R1AB", going=False)  # refused, before the first byte
        assert states(on_set) == [("A014", "waiting", "A")]
        card = offload(on_set, "NO NAME", "not safe", reel="A014R1AB")
        assert states(on_set) == [("A014", "waiting", "A")]
        offload(on_set, "NO NAME", "safe", reel="A014R1AB")
        assert states(on_set) == [("A014", "safe", "A")]
        assert log.rolls()[0].card == card.id
        log.clear_card(card.id, by="Kim")
        assert states(on_set) == [("A014", "cleared", "A")]
        log.copying("A014")  # the same card once more, on a third disk
        assert states(on_set) == [("A014", "cleared", "A")]
        log.clear_card(card.id, by="Kim", cleared=False)
        assert states(on_set) == [("A014", "safe", "A")]
        log.copying("Z999")
        assert len(log.rolls()) == 1

    def test_card_that_comes_back_with_more_is_not_cleared(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        card = offload(on_set)
        log.clear_card(card.id, by="Kim")
        back = offload(on_set, verdict="not safe", mark="b", supersedes=card.id)
        assert [(roll.state, roll.card) for roll in log.rolls()] == [(RollState.WAITING, back.id)]
        offload(on_set, verdict="safe", mark="b", supersedes=card.id)
        assert states(on_set) == [("A014", "safe", "A")]
        log.clear_card(back.id, by="Kim")
        offload(on_set, verdict="not safe", mark="b", supersedes=card.id)
        assert states(on_set) == [("A014", "waiting", "A")]

    def test_label_that_was_cleared_is_another_roll(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A001", on_set.stamp(), serial="R-77")
        log.clear_card(offload(on_set, "A001").id, by="Kim")
        log.load("A", "A001", on_set.stamp())
        assert states(on_set) == [("A001", "reused", "A"), ("A001", "loaded", "A")]
        old, new = log.rolls()
        assert old.id != new.id
        assert (new.card, new.serial, new.pulled_ns) == (None, "", None)
        second = offload(on_set, "A001", mark="b")
        assert states(on_set) == [("A001", "reused", "A"), ("A001", "safe", "A")]
        assert [roll.card == second.id for roll in log.rolls()] == [False, True]
        log.clear_card(second.id, by="Kim")
        third = offload(on_set, "A001", mark="c")  # nobody said that it was loaded again
        assert [str(roll.state) for roll in log.rolls()] == ["reused", "reused", "safe"]
        assert log.rolls()[2].card == third.id

    def test_roll_that_goes_back_into_the_camera_is_the_same(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        card = offload(on_set)
        log.load("A", "A014", on_set.stamp())
        assert [(str(roll.state), roll.card) for roll in log.rolls()] == [("loaded", None)]
        offload(on_set, mark="b", supersedes=card.id)
        assert states(on_set) == [("A014", "safe", "A")]

    def test_card_nobody_loaded_is_a_roll_and_a_second_card_of_its_label_another(self, on_set: OnSet) -> None:
        offload(on_set, "NO NAME", mark="a")
        offload(on_set, "NO NAME", "not safe", mark="b")
        offload(on_set, "NO NAME", "safe", mark="a")  # the first again
        assert [label for label, _, _ in states(on_set)] == ["NO NAME", "NO NAME"]
        assert [state for _, state, _ in states(on_set)] == ["safe", "waiting"]

    def test_magazine_that_was_not_cleared_is_not_loaded_as_another_roll(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp(), serial="R-77")
        log.pull("A014", on_set.stamp(), to="Sam")
        before = log.arrival()
        with pytest.raises(RefusedError, match="Magazine R-77 holds A014, which is waiting and not cleared"):
            log.load("A", "A015", on_set.stamp(), serial="R-77")
        assert (log.arrival(), boards(on_set)["A"]) == (before, None)
        log.clear_card(offload(on_set).id, by="Kim")
        log.load("A", "A015", on_set.stamp(), serial="R-77")
        assert states(on_set) == [("A014", "reused", "A"), ("A015", "loaded", "A")]

    def test_units_have_their_own_rolls_of_one_label(self, on_set: OnSet) -> None:
        log = on_set.log
        log.add_unit("Second")
        log.load("A", "A014", on_set.stamp())
        log.load("A", "A014", on_set.stamp(), unit="Second")
        offload(on_set, "A014", unit="Second")
        assert (states(on_set), states(on_set, "Second")) == ([("A014", "loaded", "A")], [("A014", "safe", "A")])
        log.load("A", "A015", on_set.stamp(), unit="Second")
        assert boards(on_set)["A"] == "A014"

    def test_state_is_set_by_hand_where_no_copy_speaks(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        changed = log.set_roll("A014", {"state": "safe", "note": "copied by the DIT of unit two", "serial": "R-77"})
        assert (changed.state, changed.serial) == (RollState.SAFE, "R-77")
        assert changed.pulled_ns is not None
        assert boards(on_set)["A"] is None
        assert log.set_roll("A014", {"state": "cleared"}).state is RollState.CLEARED
        log.load("B", "B007", on_set.stamp())
        offload(on_set, "B007")
        with pytest.raises(RefusedError, match="B007 has copies, so nobody clears it by hand"):
            log.set_roll("B007", {"state": "cleared"})
        with pytest.raises(RefusedError, match='"onset log load A B007"'):
            log.set_roll("B007", {"state": "loaded"})

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"state": "lost"}, "it is one of loaded, pulled"),
            ({"state": None}, "state of a roll cannot be empty"),
            ({"day": 9}, "has not opened day 9"),
            ({"label": "A015"}, 'no field "label"'),
            ({"serial": "a\x00"}, "not text"),
            ({"unit": "Third"}, 'no field "unit"'),
        ],
    )
    def test_what_a_roll_cannot_be_is_refused(self, on_set: OnSet, fields: dict[str, Value], said: str) -> None:
        on_set.log.load("A", "A014", on_set.stamp())
        before = on_set.log.rolls()
        with pytest.raises(RefusedError, match=said):
            on_set.log.set_roll("A014", {"note": "dent", **fields})
        assert on_set.log.rolls() == before
        for label in ("", "x" * 33, "a\x1b[2J"):
            with pytest.raises(SlateError):
                on_set.log.load("A", label, on_set.stamp())

    def test_rolls_of_another_day_take_their_cards_and_files_along(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1", rolls={"A": "A014"}))
        take = on_set.shoot()
        log.wrap_day("Main", on_set.stamp())
        log.open_day("Main", 2, "2026-05-30")
        first = offload(on_set, day=2)
        card = offload(on_set, mark="b", supersedes=first.id, day=2)
        log.bring_in([a_clip(1, card=card.id, day=2)])
        lone = offload(on_set, "C003", mark="c", day=2)
        log.set_roll("A014", {"day": 2})
        before = (log.rolls(), log.cards(), log.media())
        moved = log.move_rolls(["A014", "C003", "A014"], 1)
        assert [(roll.label, roll.day) for roll in moved] == [("A014", 1), ("C003", 1)]
        assert {one.id: one.day for one in log.cards()} == {first.id: 1, card.id: 1, lone.id: 1}
        assert [one.day for one in log.media()] == [1]
        assert on_set.undo() == "A014 is on day 2 again; C003 is on day 2 again"
        assert (log.rolls(), log.cards(), log.media()) == before
        with pytest.raises(RefusedError, match="no roll and no card Z9"):
            log.move_rolls(["A014", "Z9"], 1)
        with pytest.raises(RefusedError, match="has not opened day 3"):
            log.move_rolls(["A014"], 3)
        assert log.rolls() == before[0]
        found = log.take(take.id)
        assert found is not None
        assert found.day == 1

    def test_loaded_by_mistake_is_taken_back(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        before = (log.rolls(), boards(on_set))
        log.load("A", "A051", on_set.stamp())
        assert on_set.undo() == "A014 is loaded again; A051 taken out again"
        assert (log.rolls(), boards(on_set)) == before
        assert on_set.redo() == "A014 is pulled; A051 is loaded again"
        assert states(on_set) == [("A014", "pulled", "A"), ("A051", "loaded", "A")]
        log.set_roll("A051", {"holder": "Sam"})
        assert on_set.undo() == "A051: holder is empty again"
        log.pull("A051", on_set.stamp())
        assert on_set.undo() == "A051 is loaded again"
        assert boards(on_set)["A"] == "A051"

    def test_roll_that_was_shot_stays_in_its_camera(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="42", rolls={"A": "A014"}))
        log.set_next(Next(rolls={"A": "A015"}))
        on_set.shoot()
        assert on_set.undo() == "42/1 still rolling"
        with pytest.raises(RefusedError, match="nothing of yours to undo"):
            on_set.undo()
        assert states(on_set) == [("A014", "pulled", "A"), ("A015", "loaded", "A")]

    def test_roll_that_somebody_has_moved_on_is_not_half_undone(self, on_set: OnSet) -> None:
        log = on_set.log
        log.load("A", "A014", on_set.stamp())
        log.load("A", "A015", on_set.stamp())
        on_set.other_seat().hand("A014", "Sam")
        with pytest.raises(OverwrittenError):
            on_set.undo()
        assert states(on_set) == [("A014", "waiting", "A"), ("A015", "loaded", "A")]

    def test_roll_the_board_had_before_the_log_knew_of_rolls_is_known_by_its_first_take(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1", rolls={"A": "A014"}, sound_roll="S001"))
        for roll in log.rolls():  # as if an older version had written the board
            with log._edit("forget") as edit:
                edit.set("roll", roll.id, {"deleted": 1})
        assert log.rolls() == []
        on_set.shoot()
        assert sorted(states(on_set)) == [("A014", "loaded", "A"), ("S001", "loaded", "sound")]
        assert [roll.day for roll in log.rolls()] == [1, 1]

    def test_history_names_the_roll(self, on_set: OnSet) -> None:
        on_set.log.load("A", "A014", on_set.stamp())
        assert {line.about for line in on_set.log.history() if line.entity == "roll"} == {"A014"}
