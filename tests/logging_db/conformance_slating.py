"""What every log must propose: next slate and take, false starts, what has sound, prefixes; part of conformance.py."""

from __future__ import annotations

import pytest

from onset.domain.take import Kind, Take
from onset.errors import RefusedError
from onset.logbook.terms import Next
from tests.logging_db.support import OnSet


def proposed(on_set: OnSet, unit: str = "Main") -> str:
    board = on_set.log.board(unit)
    return f"{board.slate}/{board.take}"


def false_start(on_set: OnSet, take: Take, kind: Kind = Kind.FALSE_START) -> None:
    on_set.log.set_take(take.id, {"kind": str(kind)})


def labels(on_set: OnSet) -> list[str]:
    return [take.label for take in reversed(on_set.log.takes())]


class FalseStarts:
    """Whether one uses up its number; what was clapped never changes because somebody said so."""

    def test_false_start_counts_unless_the_production_says_otherwise(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C", kind=Kind.FALSE_START))
        first = on_set.shoot()
        assert (first.label, first.kind, proposed(on_set)) == ("42C/1", Kind.FALSE_START, "42C/2")

    def test_known_before_the_roll_it_leaves_its_number_to_the_next(self, on_set: OnSet) -> None:
        on_set.log.set_production({"false_start_counts": 0})
        for expected in ("42C/1 FS", "42C/1 FS 2"):
            on_set.log.set_next(Next(slate="42C", kind=Kind.FALSE_START))
            assert on_set.shoot().label == expected
            assert proposed(on_set) == "42C/1"
        assert on_set.shoot().label == "42C/1"
        assert proposed(on_set) == "42C/2"

    def test_marked_afterwards_its_label_stays_until_the_number_is_clapped_again(self, on_set: OnSet) -> None:
        on_set.log.set_production({"false_start_counts": 0})
        on_set.log.set_next(Next(slate="42C"))
        first = on_set.shoot()
        false_start(on_set, first)
        assert (labels(on_set), proposed(on_set)) == (["42C/1"], "42C/1")
        false_start(on_set, first, Kind.NORMAL)
        assert proposed(on_set) == "42C/2"
        false_start(on_set, first)
        second = on_set.shoot()
        assert labels(on_set) == ["42C/1 FS", "42C/1"]
        again = on_set.log.take(first.id)
        assert again is not None
        assert (again.slated_as, again.kind) == ("42C/1", Kind.FALSE_START)
        assert on_set.log.find_take("42C/1").id == second.id
        assert on_set.log.find_take("42C/1 fs").id == first.id
        false_start(on_set, first, Kind.NORMAL)
        assert labels(on_set) == ["42C/1 FS", "42C/1"]

    def test_marked_while_it_rolls_it_frees_the_number(self, on_set: OnSet) -> None:
        on_set.log.set_production({"false_start_counts": 0})
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.roll()
        false_start(on_set, take)
        assert proposed(on_set) == "42C/1"
        assert on_set.log.cut(take.id, on_set.stamp()).label == "42C/1"

    def test_number_in_the_middle_is_not_clapped_again(self, on_set: OnSet) -> None:
        on_set.log.set_production({"false_start_counts": 0})
        on_set.log.set_next(Next(slate="42C"))
        first, _ = on_set.shoot(), on_set.shoot()
        false_start(on_set, first)
        assert proposed(on_set) == "42C/3"

    def test_missed_take_gets_the_freed_number(self, on_set: OnSet) -> None:
        on_set.log.set_production({"false_start_counts": 0})
        on_set.log.set_next(Next(slate="42C"))
        false_start(on_set, on_set.shoot())
        on_set.log.set_next(Next(take="1"))  # what the board on set says is no number twice
        on_set.log.add_take(slate="42C", take="1", stamp=on_set.stamp())
        assert labels(on_set) == ["42C/1 FS", "42C/1"]
        assert on_set.undo() == "42C/1 taken out again"
        assert labels(on_set) == ["42C/1"]
        assert on_set.redo() == "42C/1 is in again"
        assert labels(on_set) == ["42C/1 FS", "42C/1"]
        with pytest.raises(RefusedError, match="42C/1 is in the log already"):
            on_set.log.add_take(slate="42C", take="1", stamp=on_set.stamp())


class NextSlates:
    """What is proposed was never given, and is proposed again when what was given is taken back."""

    def test_take_without_its_sound_is_mos(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="49B", sound=False))
        silent = on_set.shoot()
        assert [silent.mos, on_set.shoot().mos] == [True, True]
        on_set.log.set_next(Next(mos=True))
        assert not on_set.log.set_next(Next(kind=Kind.WILD_TRACK)).mos
        with pytest.raises(RefusedError, match="sound only"):
            on_set.log.set_next(Next(mos=True))
        wild = on_set.shoot()
        assert not wild.mos
        for take, fields in ((wild, {"mos": 1}), (silent, {"kind": str(Kind.WILD_TRACK)})):
            with pytest.raises(RefusedError, match="sound only"):
                on_set.log.set_take(take.id, fields)
        assert on_set.log.set_take(silent.id, {"kind": str(Kind.WILD_TRACK), "mos": 0}).kind is Kind.WILD_TRACK
        on_set.log.set_next(Next(sound=True))
        assert not on_set.shoot().mos

    def test_after_z_as_the_production_says(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="24Z"))
        assert on_set.log.next_setup().slate == "24AA"
        assert on_set.log.next_setup().slate == "24AB"
        on_set.log.set_production({"overflow": "AA BB"})
        assert on_set.log.next_setup().slate == "24BB"
        on_set.undo()
        on_set.undo()
        assert on_set.log.next_setup().slate == "24AC"

    def test_slate_of_an_undone_take_is_free_again(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42B"))
        on_set.shoot()
        on_set.log.add_take(slate="42C", take="1", stamp=on_set.stamp())
        assert on_set.log.next_setup().slate == "42D"
        on_set.undo()
        on_set.undo()
        assert on_set.log.next_setup().slate == "42C"
        on_set.log.set_next(Next(slate="42B"))
        on_set.log.set_camera_setup("42C", "A", {"lens": "35mm"})  # prepared: it has its letter
        assert on_set.log.next_setup().slate == "42D"

    def test_slate_is_given_twice_in_another_spelling(self, on_set: OnSet) -> None:
        on_set.log.add_take(slate="42 a", take="1", stamp=on_set.stamp())
        assert on_set.log.set_next(Next(scene="042")).slate == "042"
        assert on_set.log.next_setup().slate == "042B"

    def test_slate_of_a_deleted_take_is_free_again(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42"))
        on_set.shoot()
        wrong = on_set.log.add_take(slate="42A", take="1", stamp=on_set.stamp())
        on_set.log.delete(wrong.id)
        assert on_set.log.next_setup().slate == "42A"

    def test_second_unit_slates_with_its_prefix(self, on_set: OnSet) -> None:
        log = on_set.log
        log.add_unit("Second", {"slate_prefix": "X"})
        log.set_next(Next(slate="42A"))
        on_set.shoot()
        assert log.set_next(Next(scene="42"), unit="Second").slate == "X42"
        take = log.roll(on_set.stamp(), unit="Second")
        log.cut(take.id, on_set.stamp())
        assert (take.label, take.scene) == ("X42/1", "42")
        assert log.next_setup(unit="Second").slate == "X42A"
        assert log.set_next(Next(slate="X42C"), unit="Second").scene == "42"
        assert log.set_next(Next(kind=Kind.WILD_TRACK), unit="Second").slate == "X42WT"
        assert log.next_setup().slate == "42B"
        log.set_scene("X43", {"heading": "INT. LAB"})
        assert log.set_next(Next(slate="X43B"), unit="Second").scene == "X43"  # a scene of that name is in the script
        assert log.move([take.id], "X44")[0].scene == "44"

    def test_two_units_do_not_propose_one_slate(self, on_set: OnSet) -> None:
        on_set.log.add_unit("Second", {})
        on_set.log.set_next(Next(slate="42A"))
        on_set.shoot()
        assert on_set.log.set_next(Next(scene="42"), unit="Second").slate == "42"
        assert on_set.log.next_setup(unit="Second").slate == "42B"
        assert on_set.log.next_setup().slate == "42C"
