"""What every log must do with the production, its people, units and episodes: part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.production import Episode, Overflow
from onset.errors import RefusedError, SlateError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.support import OnSet


class TheProduction:
    """Settings, people, units and episodes, as they may change while it is shot."""

    def test_production_says_what_was_set_and_undo_takes_it_back(self, on_set: OnSet) -> None:
        log = on_set.log
        before = log.production()
        assert (before.director, before.paper, before.overflow, before.false_start_counts) == (
            *("", ""),
            *(Overflow.AA_AB, True),
        )
        log.set_production({"title": "Harbour Nights", "director": "Ana Reyes", "paper": "A4", "focus_units": "m"})
        after = log.set_production({"overflow": "AA BB", "false_start_counts": 0})
        assert (after.title, after.director, after.paper, after.focus_units) == (
            *("Harbour Nights", "Ana Reyes"),
            *("A4", "m"),
        )
        assert (after.overflow, after.false_start_counts, after.id) == (Overflow.AA_BB, False, before.id)
        assert on_set.other_seat().production() == after
        assert on_set.undo() == "the production: overflow is empty again"
        assert on_set.undo() == f'the production: title is "{before.title}" again'
        assert log.production() == before
        on_set.redo()
        assert log.production().director == "Ana Reyes"

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"rate": "25"}, "The rate is fixed when a production is made"),
            ({"slating": "eu"}, "The slating is fixed"),
            ({"skip_letters": "IOZ"}, "The skipped letters are fixed"),
            ({"title": " "}, "title"),
            ({"title": None}, "title of a production cannot be empty"),
            ({"paper": "A3"}, "it is one of A4, Letter"),
            ({"focus_units": "cubits"}, "it is one of ft, m"),
            ({"director": "a\x00b"}, "not text"),
            ({"producer": "Kim"}, 'no field "producer"'),
        ],
    )
    def test_what_a_production_cannot_be_is_refused(self, on_set: OnSet, fields: dict[str, Value], said: str) -> None:
        before = on_set.log.production()
        with pytest.raises(RefusedError, match=said):
            on_set.log.set_production({"company": "Nordlys", **fields})
        assert on_set.log.production() == before

    def test_person_is_one_however_the_name_is_spelled(self, on_set: OnSet) -> None:
        log = on_set.log
        kim = log.set_person("Kim Lee", {"role": "1st AC"})
        assert on_set.other_seat().set_person(" kim lee ", {"phone": "+47 1"}).id == kim.id
        assert [(one.name, one.role, one.phone) for one in log.people()] == [("Kim Lee", "1st AC", "+47 1")]
        log.set_person("Ana", {"department": "direction"})
        assert [one.name for one in log.people()] == ["Ana", "Kim Lee"]
        with pytest.raises(RefusedError, match='somebody called "Ana" already'):
            log.set_person("Kim Lee", {"name": "ana"})
        assert log.set_person("Kim Lee", {"name": "Kim Berg"}).id == kim.id
        assert log.set_person("Kim Lee", {"role": "loader"}).id != kim.id  # another one, not Kim Berg renamed back
        assert [one.name for one in log.people()] == ["Ana", "Kim Berg", "Kim Lee"]

    def test_person_who_left_comes_back_by_undo(self, on_set: OnSet) -> None:
        log = on_set.log
        kim = log.set_person("Kim Lee", {"role": "1st AC"})
        log.set_person("Kim Lee", {"role": "2nd AC"})
        log.remove_person("KIM LEE")
        assert log.people() == []
        assert on_set.undo() == "Kim Lee is in again"
        assert on_set.undo() == 'Kim Lee: role is "1st AC" again'
        assert log.people() == [kim]
        assert on_set.undo() == "Kim Lee taken out again"
        assert log.people() == []
        assert log.set_person("Kim Lee", {}).id == kim.id
        with pytest.raises(RefusedError, match='Nobody called "Nobody"'):
            log.remove_person("Nobody")
        with pytest.raises(RefusedError, match="Say the person's name"):
            log.remove_person("  ")
        with pytest.raises(RefusedError, match="at most 200"):
            log.set_person("x" * 201, {})

    def test_second_unit_has_its_own_board_days_and_rolling_take(self, on_set: OnSet) -> None:
        log = on_set.log
        second = log.add_unit(" Second ", {"slate_prefix": "X"})
        assert [(unit.name, unit.slate_prefix) for unit in log.units()] == [("Main", ""), ("Second", "X")]
        log.set_next(Next(slate="42C", rolls={"A": "A014"}))
        log.set_next(Next(slate="X42C", rolls={"A": "X001"}), unit="Second")
        first = on_set.roll()
        other = log.roll(on_set.stamp(), unit="Second")  # while the main unit rolls
        assert [take.id for take in log.rolling("Second")] == [other.id]
        assert {take.id for take in log.rolling()} == {first.id, other.id}
        on_set.clock.advance(10)
        log.cut(other.id, on_set.stamp())
        log.wrap_day("Second", on_set.stamp())  # the main unit still rolls, and its day goes on
        assert (log.board().day, log.board("Second").day) == (1, 2)
        assert [take.label for take in log.takes(TakeFilter(unit="Second"))] == ["X42C/1"]
        assert log.find_take("last", unit="Second").id == other.id
        assert [angle.roll for angle in log.find_take("X42C/1").angles] == ["X001"]
        assert log.set_unit("Second", {"slate_prefix": None}).slate_prefix == ""
        assert on_set.undo() == 'unit Second: slate prefix is "X" again'
        assert log.units()[1].id == second.id

    def test_unit_that_has_shot_is_not_undone(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        log.set_next(Next(slate="2"))
        log.add_unit("Splinter")
        log.open_day("Splinter", 1, "2026-05-29")
        assert on_set.undo() == "next is 1/1"  # what was done before it stays in reach
        assert [unit.name for unit in log.units()] == ["Main", "Splinter"]

    def test_unit_added_by_mistake_is_undone(self, on_set: OnSet) -> None:
        log = on_set.log
        made = log.add_unit("Sceond")
        assert on_set.undo() == "unit Sceond taken out again"
        with pytest.raises(RefusedError, match='no unit "Sceond"; there is Main'):
            log.set_next(Next(slate="1"), unit="Sceond")
        assert on_set.redo() == "unit Sceond is in again"
        on_set.undo()
        assert log.add_unit("Sceond").id == made.id

    def test_unit_that_cannot_be_is_refused(self, on_set: OnSet) -> None:
        with pytest.raises(RefusedError, match='There is a unit "Main" already'):
            on_set.log.add_unit("main")
        with pytest.raises(RefusedError, match='no unit "Third"; there is Main'):
            on_set.log.set_unit("Third", {"slate_prefix": "Y"})
        for name in ("", "x" * 33, "two\nlines", "\x00"):
            with pytest.raises(SlateError):
                on_set.log.add_unit(name)
        with pytest.raises(SlateError, match="slate prefix"):
            on_set.log.add_unit("Second", {"slate_prefix": "x" * 33})
        assert [unit.name for unit in on_set.log.units()] == ["Main"]

    def test_episode_is_known_as_soon_as_the_board_shows_it(self, on_set: OnSet) -> None:
        log = on_set.log
        assert log.episodes() == []
        log.set_next(Next(episode="102", slate="1"))
        log.set_scene("4", {}, episode="9")
        log.set_episode("101", {"title": "Pilot"})
        assert log.episodes() == [Episode(number="9"), Episode(number="101", title="Pilot"), Episode(number="102")]
        log.set_episode("101", {"title": "The Harbour", "note": "double length"})
        assert on_set.undo() == 'episode 101: title is "Pilot" again'
        assert on_set.undo() == "episode 101 taken out again"
        assert [episode.number for episode in log.episodes()] == ["9", "102"]
        with pytest.raises(SlateError):
            log.set_episode(" ", {})

    def test_history_names_what_changed(self, on_set: OnSet) -> None:
        on_set.log.set_person("Kim Lee", {"role": "1st AC"})
        on_set.log.add_unit("Second")
        on_set.log.set_episode("101", {"title": "Pilot"})
        named = {(line.entity, line.about) for line in on_set.log.history()}
        assert named >= {("person", "Kim Lee"), ("unit", "Second"), ("episode", "101")}
