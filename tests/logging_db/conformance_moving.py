"""What every log must do when takes are put right: several at once, moved, renumbered; a part of conformance.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from onset.domain.take import Status, Take
from onset.errors import RefusedError, SlateError
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet


def shot(on_set: OnSet, slate: str, count: int) -> list[Take]:
    """So many takes of a slate, cut."""
    on_set.log.set_next(Next(slate=slate))
    return [on_set.shoot(2.0) for _ in range(count)]


def ids(takes: list[Take]) -> list[str]:
    return [take.id for take in takes]


def labels(on_set: OnSet) -> list[str]:
    """Every take that is not deleted, in the order in which they were shot."""
    return [take.label for take in reversed(on_set.log.takes())]


class SeveralAtOnce:
    """One edit and one undo, however many takes."""

    @pytest.mark.parametrize(
        ("argument", "expected"),
        [
            ("42C/2", ["2"]),
            ("42C/2-3", ["2", "3", "3 PU"]),
            ("042c/2-3", ["2", "3", "3 PU"]),
            ("42C/3-9", ["3", "3 PU", "4"]),
            ("42C/3 PU-4", ["3 PU", "4"]),
            ("42C/*", ["1", "2", "3", "3 PU", "4"]),
            ("42C/1,4", ["1", "4"]),
            ("42C/4, 1-2, 2", ["4", "1", "2"]),
            ("42C/1,7/1", ["1", "1"]),
            ("42C/4,last", ["4", "1"]),
        ],
    )
    def test_range_means_other_takes(self, on_set: OnSet, argument: str, expected: list[str]) -> None:
        shot(on_set, "42C", 3)
        on_set.log.set_next(Next(take="3 PU"))
        on_set.shoot()
        on_set.shoot()
        shot(on_set, "7", 1)
        assert [take.take for take in on_set.log.find_takes(argument)] == expected

    @pytest.mark.parametrize(
        ("argument", "complaint"),
        [
            ("42C/5-3", "runs backwards; write 42C/3-5"),
            ("42C/7-9", "no take 42C/7-9"),
            ("43/*", "no take 43/\\*"),
            ("1,2", "names no slate"),
            ("42C/1,9", "no take 42C/9"),
            ("42C", "is no take"),
            (",", '"," names no take'),
        ],
    )
    def test_range_that_means_nothing_changes_nothing(self, on_set: OnSet, argument: str, complaint: str) -> None:
        shot(on_set, "42C", 2)
        with pytest.raises(RefusedError, match=complaint):
            on_set.log.find_takes(argument)

    def test_slate_of_two_episodes_is_two_slates(self, on_set: OnSet) -> None:
        for episode in ("101", "102"):
            on_set.log.set_next(Next(episode=episode))
            shot(on_set, "42C", 2)
        with pytest.raises(RefusedError, match="42C/\\* is in episodes 101, 102; say which"):
            on_set.log.find_takes("42C/*")
        found = on_set.log.find_takes("102:42C/1-2")
        assert [(take.episode, take.take) for take in found] == [("102", "1"), ("102", "2")]
        assert on_set.log.find_takes("102:42C/1,2") == found
        assert {take.episode for take in on_set.log.move(ids(list(found)), "43")} == {"102"}

    def test_label_with_a_dash_is_one_take(self, on_set: OnSet) -> None:
        shot(on_set, "42C", 2)
        on_set.log.set_next(Next(take="1-2"))
        dashed = on_set.shoot()
        assert on_set.log.find_takes("42C/1-2") == [dashed]

    def test_circles_of_three_takes_are_one_undo(self, on_set: OnSet) -> None:
        takes = shot(on_set, "42C", 4)
        on_set.log.set_take(takes[0].id, {"status": "hold"})
        on_set.log.set_take(takes[3].id, {"status": "circled"})
        changed = on_set.log.set_takes(ids(takes), {"status": "circled"}, angles={"B": {"rating": "ng"}})
        assert {take.status for take in changed} == {Status.CIRCLED}
        assert {take.angles[0].rating for take in changed} == {"ng"}
        on_set.log.set_takes(ids(takes[:3]), {"status": "ng"})
        assert on_set.undo() == "3 takes of 42C circled"
        assert on_set.redo() == "3 takes of 42C no good"
        on_set.undo()
        on_set.undo()
        assert [take.status for take in reversed(on_set.log.takes())] == ["hold", "none", "none", "circled"]
        assert all(take.angles == () for take in on_set.log.takes())
        assert on_set.redo() == "4 takes of 42C circled"

    def test_words_of_one_undo_of_several(self, on_set: OnSet) -> None:
        takes = ids(shot(on_set, "42C", 2)) + ids(shot(on_set, "7", 1))
        on_set.log.set_take(takes[0], {"description": "wide"})
        on_set.log.set_takes(takes, {"description": "close"})
        on_set.log.note_takes(takes[:2], "boom in")
        on_set.log.tag_takes(takes, add=["stunt", "rain"])
        on_set.log.tag_takes(takes, remove=["rain"])
        on_set.log.delete_takes(takes)
        assert on_set.log.takes() == []
        assert [on_set.undo() for _ in range(5)] == [
            "3 takes restored",
            '3 takes tagged "rain"',
            '3 takes no longer tagged "stunt", "rain"',
            'note on 2 takes of 42C taken back: "boom in"',
            "3 takes description as before",
        ]
        assert [take.description for take in reversed(on_set.log.takes())] == ["wide", "", ""]

    def test_one_bad_take_among_good_ones_changes_none(self, on_set: OnSet) -> None:
        takes = ids(shot(on_set, "42C", 2))
        rolling = on_set.roll()
        wrong: list[Callable[[], object]] = [
            lambda: on_set.log.delete_takes([*takes, rolling.id]),
            lambda: on_set.log.set_takes([*takes, "0" * 32], {"status": "ng"}),
            lambda: on_set.log.set_takes(takes, {"take": "9"}),
            lambda: on_set.log.tag_takes(takes, remove=["rain"]),
            lambda: on_set.log.note_takes(takes, "  "),
        ]
        for verb in wrong:
            with pytest.raises(RefusedError):
                verb()
        assert labels(on_set) == ["42C/1", "42C/2", "42C/3"]
        assert {take.status for take in on_set.log.takes()} == {Status.NONE}

    def test_tag_comes_off_those_that_have_it(self, on_set: OnSet) -> None:
        first, second = shot(on_set, "42C", 2)
        on_set.log.tag(first.id, add=["rain"])
        after = on_set.log.tag_takes([first.id, second.id], add=["night"], remove=["rain"])
        assert [take.tags for take in after] == [("night",), ("night",)]


class WrongSlate:
    """A take logged under the wrong slate or number; what belongs to it goes where it goes."""

    def test_everything_attached_follows(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="42C", cameras={"A": True}, rolls={"A": "A014"}))
        take = on_set.roll()
        log.action(take.id, on_set.stamp())
        log.note(take.id, "boom")
        log.tag(take.id, add=["stunt"])
        log.rate_take(take.id, "director", "4")
        log.set_take(take.id, {"status": "circled"})
        before = log.cut(take.id, on_set.stamp())
        (after,) = log.move([take.id], "43A")
        assert (after.label, after.scene, after.slated_as) == ("43A/1", "43", None)
        kept = ("id", "runs", "notes", "tags", "ratings", "angles", "status", "tc_in", "rolled_ns", "duration_frames")
        assert [getattr(after, name) for name in kept] == [getattr(before, name) for name in kept]
        setup = log.setup("43A")
        assert setup is not None
        assert setup.scene == "43"
        assert log.find_take("43A/1").id == take.id
        assert on_set.undo() == "43A/1 is 42C/1 again"
        assert log.take(take.id) == before
        assert on_set.redo() == "42C/1 is 43A/1 again"
        assert log.take(take.id) == after

    def test_numbers_go_on_where_they_come_to(self, on_set: OnSet) -> None:
        there = shot(on_set, "43A", 2)
        takes = shot(on_set, "42C", 4)
        moved = on_set.log.move(ids([takes[3], takes[1], takes[2]]), "43a")
        assert [take.label for take in moved] == ["43A/5", "43A/3", "43A/4"]
        assert [take.ordinal for take in moved] == [5, 3, 4]
        assert labels(on_set) == ["43A/1", "43A/2", "42C/1", "43A/3", "43A/4", "43A/5"]
        assert on_set.undo() == "3 takes of 43A are in 42C again"
        assert labels(on_set) == ["43A/1", "43A/2", "42C/1", "42C/2", "42C/3", "42C/4"]
        assert on_set.log.take(there[0].id) == there[0]

    def test_numbers_are_kept_where_they_are_free(self, on_set: OnSet) -> None:
        shot(on_set, "43A", 2)
        takes = shot(on_set, "42C", 3)
        moved = on_set.log.move(ids(takes), "43A", keep_numbers=True)
        assert [take.take for take in moved] == ["4", "5", "3"]

    def test_pickups_and_parts_stay_what_they_are(self, on_set: OnSet) -> None:
        shot(on_set, "43A", 3)
        on_set.log.set_next(Next(slate="42C"))
        takes = []
        for number in ("1", "2.1", "2.2", "3 PU", "FALSE"):
            on_set.log.set_next(Next(take=number))
            takes.append(on_set.shoot())
        assert [take.take for take in on_set.log.move(ids(takes), "43A")] == ["4", "5.1", "5.2", "6 PU", "FALSE"]

    def test_clapped_label_is_kept_while_picture_and_sound_say_it(self, on_set: OnSet) -> None:
        (take,) = shot(on_set, "42C", 1)
        (moved,) = on_set.log.move([take.id], "43A", slated=True)
        assert moved.slated_as == "42C/1"
        (again,) = on_set.log.move([take.id], "44", slated=True)
        assert again.slated_as == "42C/1"  # what stood on the board did not change with the log
        (back,) = on_set.log.move([take.id], "42C")
        assert back.slated_as is None

    def test_take_that_was_slated_right_and_logged_wrong(self, on_set: OnSet) -> None:
        (take,) = shot(on_set, "42C", 1)
        on_set.log.set_take(take.id, {"slated_as": "43a/1"})
        assert on_set.log.move([take.id], "43A")[0].slated_as is None

    def test_scene_is_the_setups_or_the_one_that_is_said(self, on_set: OnSet) -> None:
        on_set.log.set_setup("43A", {"description": "the pier"}, scene="43")
        first, second = shot(on_set, "42C", 2)
        assert on_set.log.move([first.id], "43A")[0].scene == "43"
        assert on_set.log.move([second.id], "KITCHEN", scene="44")[0].scene == "44"

    def test_move_that_makes_no_sense_changes_nothing(self, on_set: OnSet) -> None:
        first, second = shot(on_set, "42C", 2)
        on_set.log.delete(second.id)
        with pytest.raises(RefusedError, match="42C/1 is of slate 42C already"):
            on_set.log.move([first.id], "42c")
        with pytest.raises(RefusedError, match="42C/2 is deleted"):
            on_set.log.move([first.id, second.id], "43")
        with pytest.raises(SlateError):
            on_set.log.move([first.id], "43\x00")
        assert labels(on_set) == ["42C/1"]
        assert on_set.undo() == "42C/2 restored"

    def test_taken_number_offers_a_swap(self, on_set: OnSet) -> None:
        first, second = shot(on_set, "42C", 2)
        with pytest.raises(RefusedError, match="42C/2 is in the log already; swap") as refused:
            on_set.log.renumber(first.id, "2")
        assert refused.value.take_id == second.id
        swapped = on_set.log.renumber(first.id, "2", swap=True)
        assert [(take.id, take.label, take.ordinal) for take in swapped] == [
            (first.id, "42C/2", 2),
            (second.id, "42C/1", 1),
        ]
        assert on_set.undo() == "42C/2 and 42C/1 swapped back"
        assert labels(on_set) == ["42C/1", "42C/2"]
        assert on_set.redo() == "42C/1 and 42C/2 swapped again"
        assert labels(on_set) == ["42C/2", "42C/1"]

    def test_free_number_is_given(self, on_set: OnSet) -> None:
        (take,) = shot(on_set, "42C", 1)
        (after,) = on_set.log.renumber(take.id, "7", slated=True)
        assert (after.label, after.slated_as) == ("42C/7", "42C/1")
        with pytest.raises(RefusedError, match="42C/7 has that number already"):
            on_set.log.renumber(take.id, "7")
        (spelled,) = on_set.log.renumber(take.id, "7 PU")
        assert on_set.log.renumber(spelled.id, "7pu")[0].take == "7pu"
        assert on_set.undo() == "42C/7pu is 42C/7 PU again"
        assert on_set.log.board().take == "8"

    def test_number_given_again_is_not_given_twice_by_undo(self, on_set: OnSet) -> None:
        first, second = shot(on_set, "42C", 2)
        on_set.log.set_take(first.id, {"status": "circled"})
        on_set.log.move([second.id], "43A")
        again = on_set.shoot()
        assert again.label == "42C/2"
        assert on_set.undo() == "42C/2 still rolling"
        with pytest.raises(RefusedError, match="42C/2 is another take since") as refused:
            on_set.undo()
        assert refused.value.take_id == again.id
        assert labels(on_set) == ["42C/1", "43A/1", "42C/2"]
        assert on_set.undo() == "42C/1 no longer circled"  # told once; older edits stay in reach
