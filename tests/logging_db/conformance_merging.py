"""Logs brought together, on every engine: what survives, what is in conflict, and how a person ends that."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from logging_db.logbook import SqliteLogbook
from logging_db.taking_in import edits_after, take_in, vector
from onset.domain.production import Moment
from onset.domain.scene import Coverage
from onset.domain.take import Kind, State, Status
from onset.errors import RefusedError
from onset.logbook.merging import Pick
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet, an_empty_log, assert_projections_are_a_rebuild


@contextmanager
def another(on_set: OnSet) -> Iterator[OnSet]:
    """Ben's log: what this one holds so far, from now on apart from it."""
    ben = OnSet(an_empty_log(on_set.log, "Ben", on_set.clock), on_set.clock)
    try:
        yield ben
        assert_projections_are_a_rebuild(ben.log)
    finally:
        ben.log.close()


def meet(one: OnSet, other: OnSet) -> None:
    """Each takes in what the other holds."""
    for to, frm in ((one, other), (other, one)):
        edits = edits_after(frm.log._writer, vector(to.log._writer))
        take_in(to.log._writer, edits, to.clock.wall_ns(), from_elsewhere=True)


def in_conflict(log: SqliteLogbook) -> list[tuple[str, tuple[object, ...]]]:
    return [(one.field, one.values) for one in log.conflicts()]


class LogsBroughtTogether:
    """Two seats apart, and then not."""

    def test_a_status_key_acts_on_another_laptops_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        with another(on_set) as ben:
            ben.log.set_next(Next(slate="50"))
            far = ben.shoot()
            own = on_set.shoot()
            meet(on_set, ben)
            for log, mine in ((on_set.log, own), (ben.log, far)):
                last_cut = log.board().last_cut
                assert last_cut is not None
                assert (last_cut.id, log.find_take("last").id) == (mine.id, mine.id)

    def test_a_laptop_that_shot_nothing_has_no_last_take(self, on_set: OnSet) -> None:
        with another(on_set) as ben:
            ben.log.set_next(Next(slate="50"))
            far = ben.shoot()
            meet(on_set, ben)
            assert on_set.log.find_take("last").id == far.id

    def test_undo_passes_over_a_cut_because_another_laptop_shot_since(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        with another(on_set) as ben:
            own = on_set.shoot()
            ben.log.set_next(Next(slate="50"))
            ben.shoot()
            meet(on_set, ben)
            assert on_set.undo() == f"{own.label} still rolling"
            on_set.log.cut(own.id, on_set.stamp())
            on_set.shoot()  # here; now the set has moved on
            assert own.label not in on_set.undo()

    def test_different_fields_of_one_take_both_stand(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"status": "circled"})
            ben.log.set_take(take.id, {"description": "wide"})
            meet(on_set, ben)
            for log in (on_set.log, ben.log):
                found = log.find_take(take.id)
                assert (found.status, found.description) == (Status.CIRCLED, "wide")
                assert log.conflicts() == []

    def test_same_field_is_a_conflict_until_a_person_picks_and_undo_brings_it_back(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"status": "circled"})
            on_set.clock.advance(1)
            ben.log.set_take(take.id, {"status": "ng"})
            meet(on_set, ben)
            assert in_conflict(on_set.log) == in_conflict(ben.log) == [("status", ("ng", "circled"))]
            (conflict,) = on_set.log.conflicts()
            assert conflict.by == (ben.log.seat.name, on_set.log._author)
            pick = Pick(entity="take", entity_id=take.id, field="status", value="circled")
            resolved = on_set.log.resolve([pick])
            assert resolved is not None
            assert resolved.status is Status.CIRCLED
            meet(on_set, ben)
            assert ben.log.find_take(take.id).status is Status.CIRCLED
            assert on_set.log.conflicts() == ben.log.conflicts() == []
            assert on_set.undo() == "1/1 status: ng or circled is open again"
            meet(on_set, ben)
            assert in_conflict(on_set.log) == in_conflict(ben.log) == [("status", ("ng", "circled"))]
            assert on_set.redo() == "1/1 status: circled again"
            meet(on_set, ben)
            assert on_set.log.conflicts() == ben.log.conflicts() == []
            assert ben.log.find_take(take.id).status is Status.CIRCLED

    def test_undo_in_a_conflict_takes_back_what_another_seat_said(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            ben.log.set_take(take.id, {"status": "ng"})
            on_set.clock.advance(1)
            on_set.log.set_take(take.id, {"status": "circled"})
            meet(on_set, ben)
            assert in_conflict(on_set.log) == [("status", ("circled", "ng"))]
            assert on_set.undo() == "1/1 no good"
            meet(on_set, ben)
            assert on_set.log.find_take(take.id).status is ben.log.find_take(take.id).status is Status.NG
            assert on_set.log.conflicts() == ben.log.conflicts() == []
            assert on_set.redo() == "1/1 circled"
            meet(on_set, ben)
            assert in_conflict(on_set.log) == in_conflict(ben.log) == [("status", ("circled", "ng"))]
            assert on_set.undo() == "1/1 no good"
            meet(on_set, ben)
            assert on_set.log.find_take(take.id).status is ben.log.find_take(take.id).status is Status.NG

    def test_people_who_said_the_same_are_asked_who_said_it(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        with another(on_set) as ben:
            for one in (ben, on_set):
                on_set.clock.advance(60)
                one.log.explain("a" * 32, "the report has another roll", unit="Main", day=1)
                one.log.credit("1", Coverage.PART, eighths=3)
                one.log.load("A", "A001", one.stamp())
                one.log.stamp_day(Moment.CALL, one.stamp())
            meet(on_set, ben)
            assert [(one.entity, one.field) for one in on_set.log.conflicts()] == [("day_stamp", "wall_ns")]

    def test_undo_of_a_rating_takes_back_that_of_another_seat(self, on_set: OnSet) -> None:
        """The director was asked by both: the rating is one thing, made by both."""
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            ben.log.rate_take(take.id, "director", "ng")
            on_set.clock.advance(1)
            on_set.log.rate_take(take.id, "director", "ok")
            meet(on_set, ben)
            assert on_set.undo() == '1/1: director\'s rating is "ng" again'
            meet(on_set, ben)
            assert ben.log.find_take(take.id).ratings == {"director": "ng"}
            assert on_set.redo() == '1/1: director\'s rating is "ok"'
            meet(on_set, ben)
            assert in_conflict(ben.log) == [("value", ("ok", "ng"))]

    def test_value_that_stands_already_can_be_picked(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"status": "circled"})
            ben.log.set_take(take.id, {"status": "ng"})
            meet(on_set, ben)
            stands = on_set.log.find_take(take.id).status
            on_set.log.resolve([Pick(entity="take", entity_id=take.id, field="status", value=str(stands))])
            meet(on_set, ben)
            assert (on_set.log.conflicts(), ben.log.conflicts()) == ([], [])
            assert ben.log.find_take(take.id).status is stands
            assert "is open again" in on_set.undo()
            assert len(on_set.log.conflicts()) == 1
            roll = on_set.log.load("A", "A014", on_set.stamp())
            meet(on_set, ben)
            for seat, holder in ((on_set, "Kim"), (ben, "Sam")):
                seat.log.set_roll("A014", {"holder": holder})
            meet(on_set, ben)
            on_set.log.resolve([Pick(entity="roll", entity_id=roll.id, field="holder", value="Kim")])
            assert on_set.undo() in [f"A014 holder: {both} is open again" for both in ("Kim or Sam", "Sam or Kim")]

    def test_two_people_who_resolve_it_differently_are_in_conflict(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"status": "circled"})
            ben.log.set_take(take.id, {"status": "ng"})
            meet(on_set, ben)
            for log, value in ((on_set.log, "circled"), (ben.log, "hold")):
                log.resolve([Pick(entity="take", entity_id=take.id, field="status", value=value)])
            meet(on_set, ben)
            assert [set(values) for _, values in in_conflict(on_set.log)] == [{"circled", "hold"}]
            assert in_conflict(on_set.log) == in_conflict(ben.log)

    def test_later_edit_of_who_saw_both_ends_the_conflict(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"description": "wide"})
            ben.log.set_take(take.id, {"description": "tight"})
            meet(on_set, ben)
            on_set.log.set_take(take.id, {"description": "wide, then tight"})
            meet(on_set, ben)
            assert (on_set.log.conflicts(), ben.log.conflicts()) == ([], [])
            assert ben.log.find_take(take.id).description == "wide, then tight"

    def test_same_value_from_both_is_no_conflict(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            for log in (on_set.log, ben.log):
                log.set_take(take.id, {"status": "circled"})
            meet(on_set, ben)
            assert on_set.log.conflicts() == []
            on_set.log.set_take(take.id, {"status": "ng"})
            meet(on_set, ben)
            assert ben.log.find_take(take.id).status is Status.NG
            assert ben.log.conflicts() == []

    def test_nothing_else_can_be_resolved(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        before = on_set.log.arrival()
        with pytest.raises(RefusedError, match="1/1 status is not in conflict"):
            on_set.log.resolve([Pick(entity="take", entity_id=take.id, field="status", value="ng")])
        with pytest.raises(RefusedError, match="newer onset"):
            on_set.log.resolve([Pick(entity="hologram", entity_id=take.id, field="x", value="ng")])
        with pytest.raises(RefusedError, match="Nothing is in conflict"):
            on_set.log.resolve([])
        assert on_set.log.arrival() == before

    def test_value_that_the_field_cannot_hold_is_refused(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"status": "circled"})
            ben.log.set_take(take.id, {"status": "ng"})
            meet(on_set, ben)
            with pytest.raises(RefusedError, match='cannot be "splendid"'):
                on_set.log.resolve([Pick(entity="take", entity_id=take.id, field="status", value="splendid")])
            assert len(on_set.log.conflicts()) == 1


class RollingOnAnotherLaptop:
    """Nothing here waits for its cut."""

    def test_take_that_rolls_there_is_shown_and_holds_nothing_up(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.shoot()
        with another(on_set) as ben:
            feed = on_set.log.feed()
            there = ben.roll()
            meet(on_set, ben)
            rolls = [change for change in feed.poll() if change.field == "state"]
            feed.close()
            assert [(change.take_id, change.merged) for change in rolls] == [(there.id, True)]
            found = on_set.log.find_take(there.id)
            assert (found.state, found.elsewhere) == (State.ROLLING, True)
            assert on_set.log.rolling() == []
            assert on_set.log.board().rolling is None
            assert [take.id for take in ben.log.rolling()] == [there.id]
            here = on_set.roll()
            assert [take.id for take in on_set.log.rolling()] == [here.id]
            with pytest.raises(RefusedError, match="rolls already"):
                on_set.roll()
            meet(on_set, ben)
            assert [take.id for take in ben.log.rolling()] == [there.id]
            on_set.log.cut(here.id, on_set.stamp())
            on_set.log.wrap_day("Main", on_set.stamp())
            ben.log.cut(there.id, ben.stamp())
            meet(on_set, ben)
            assert on_set.log.find_take(there.id).state is State.CUT

    def test_take_that_was_deleted_there_rolls_on_the_board_here(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            ben.log.delete(take.id)
            assert on_set.undo() == "1/1 still rolling"
            meet(on_set, ben)
            assert on_set.log.rolling() == []
            assert on_set.log.board().rolling is None

    def test_wild_track_that_was_made_silent_there_cannot_be_put_right(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.set_take(take.id, {"kind": str(Kind.WILD_TRACK)})
            ben.log.set_take(take.id, {"mos": 1})
            meet(on_set, ben)
            found = on_set.log.set_take(take.id, {"description": "the pier"})
            assert (found.kind, found.mos, found.description) == (Kind.WILD_TRACK, True, "the pier")
            assert not on_set.log.set_take(take.id, {"mos": 0}).mos

    def test_own_take_rolls_on_here_when_the_other_said_something_of_it(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        with another(on_set) as ben:
            ben.log.note(take.id, "plane")
            meet(on_set, ben)
            assert [one.id for one in on_set.log.rolling()] == [take.id]
            assert not on_set.log.history()[-1].merged

    def test_ranges_of_what_came_grow_together(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        with another(on_set) as ben:
            for _ in range(3):
                ben.shoot()
                meet(on_set, ben)
            on_set.shoot()
            ben.shoot()
            meet(on_set, ben)
            assert len(on_set.log._writer.execute("SELECT first FROM came").fetchall()) == 2


class DeletedHereEditedThere:
    """The edit survives, and a person says which it shall be."""

    @pytest.mark.parametrize("what", ["field", "note", "tag", "rating", "angle"])
    def test_take_that_one_deleted_and_one_edited_stays(self, on_set: OnSet, what: str) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        on_set.log.note(take.id, "before")
        with another(on_set) as ben:
            on_set.log.delete(take.id)
            match what:
                case "field":
                    ben.log.set_take(take.id, {"status": "circled"})
                case "note":
                    ben.log.note(take.id, "the best")
                case "tag":
                    ben.log.tag(take.id, add=["stunt"])
                case "rating":
                    ben.log.rate_take(take.id, "director", "4")
                case _:
                    ben.log.set_angle(take.id, "A", {"roll": "A001"})
            meet(on_set, ben)
            for log in (on_set.log, ben.log):
                assert [found.id for found in log.takes()] == [take.id]
                assert [(field, set(values)) for field, values in in_conflict(log)] == [("deleted", {0, 1})]
            on_set.log.resolve([Pick(entity="take", entity_id=take.id, field="deleted", value=1)])
            meet(on_set, ben)
            assert (list(ben.log.takes()), list(ben.log.conflicts())) == ([], [])

    def test_undo_of_a_word_on_it_is_followed_by_a_word_that_nobody_said(self, on_set: OnSet) -> None:
        """Deleted here, edited there, settled, and taken back: the question stays open, whatever else is said."""
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.delete(take.id)
            ben.log.set_take(take.id, {"description": "wide"})
            meet(on_set, ben)
            question = [("deleted", (0, 1))]
            for stays in (0, 1):
                ben.log.resolve([Pick(entity="take", entity_id=take.id, field="deleted", value=stays)])
                assert in_conflict(ben.log) == []
                ben.undo()
                assert in_conflict(ben.log) == question
                ben.redo()
                assert in_conflict(ben.log) == []
                ben.undo()
                assert in_conflict(ben.log) == question
            ben.log.set_take(take.id, {"description": "tight"})
            assert in_conflict(ben.log) == question

    def test_deletion_of_who_saw_the_edit_holds(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            ben.log.note(take.id, "soft")
            meet(on_set, ben)
            on_set.log.delete(take.id)
            meet(on_set, ben)
            assert list(ben.log.takes()) == []
            assert ben.log.conflicts() == []

    def test_edit_of_who_saw_the_deletion_brings_nothing_back(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        with another(on_set) as ben:
            on_set.log.delete(take.id)
            meet(on_set, ben)
            ben.log.note(take.id, "keep the sound")
            meet(on_set, ben)
            for log in (on_set.log, ben.log):
                assert list(log.takes()) == []
                assert log.conflicts() == []

    def test_what_is_said_only_for_a_merge_is_not_in_the_history_nor_in_the_feed(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        feed = on_set.log.feed()
        on_set.log.set_take(take.id, {"description": "wide"})
        assert [change.field for change in feed.poll()] == ["description"]
        feed.close()
        assert ("take", "deleted") not in {(change.entity, change.field) for change in on_set.log.history()}
        assert on_set.undo() == "1/1 description is empty again"


class OneNumberTwice:
    """Two seats that were apart gave one number; clapped is clapped."""

    def test_both_takes_survive_and_are_marked(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="12A"))
        kept = on_set.shoot()
        with another(on_set) as ben:
            mine, bens = on_set.shoot(), ben.shoot()
            assert mine.label == bens.label == "12A/2"
            meet(on_set, ben)
            for log in (on_set.log, ben.log):
                marked = {take.id: take.duplicate for take in log.takes()}
                assert marked == {kept.id: False, mine.id: True, bens.id: True}
                assert [{take.id for take in group} for group in log.duplicates()] == [{mine.id, bens.id}]
                assert {take.id for take in log.takes(TakeFilter(duplicates=True))} == {mine.id, bens.id}
                assert log.board().take == "3"
            with pytest.raises(RefusedError, match="There are 2 takes 12A/2"):
                on_set.log.find_take("12A/2")
            on_set.log.set_take(bens.id, {"take": "3"})
            meet(on_set, ben)
            assert ben.log.duplicates() == []

    def test_setup_day_and_scene_of_two_seats_meet_in_one(self, on_set: OnSet) -> None:
        with another(on_set) as ben:
            for one in (on_set, ben):
                one.log.set_scene("42", {"heading": "A KITCHEN"})
                one.log.set_next(Next(scene="42", slate="42C"))
                one.shoot()
                one.log.set_setup("42C", {"description": "wide"})
            meet(on_set, ben)
            assert [setup.slate for setup in ben.log.setups()] == ["42C"]
            assert [day.number for day in ben.log.days()] == [1]
            assert [one.field for one in ben.log.conflicts()] == []

    def test_slate_of_a_setup_that_was_renamed_is_a_setup_of_its_own(self, on_set: OnSet) -> None:
        first = on_set.log.set_setup("7", {"description": "wide"}, scene="7")
        with on_set.log._edit("set setup") as edit:
            edit.set("setup", first.id, {"slate": "7A"})
        again = on_set.log.set_setup("7", {"description": "tight"}, scene="7")
        assert again.id != first.id
        assert [setup.slate for setup in on_set.log.setups()] == ["7", "7A"]


class Merging(LogsBroughtTogether, DeletedHereEditedThere, RollingOnAnotherLaptop, OneNumberTwice):
    """All of it."""

    def test_undo_of_the_first_board_says_nothing(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        assert on_set.undo() == "the board is empty"
