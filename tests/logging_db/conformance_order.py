"""Shooting order, on every engine: a list is the same in every log of the same edits, however they came into it."""

from __future__ import annotations

from itertools import product

import pytest

from logging_db import questions
from logging_db.remembered import Remembered
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.conformance_merging import another, meet
from tests.logging_db.support import OnSet

# How a search goes about it: as it comes, then made to take each of its roads with a handful of takes.
ROADS = {
    "the first hits do": {},
    "the first hits may not do": {"_MORE": 0},
    "too many takes since": {"_MORE": 0, "_WALKED": 1},
    "hits far apart": {"_MORE": 0, "_APART": 0},
}


def labels(on_set: OnSet, wanted: TakeFilter | None = None) -> list[str]:
    return [take.label for take in on_set.log.takes(wanted or TakeFilter())]


def shot(on_set: OnSet, slate: str) -> Take:
    on_set.log.set_next(Next(slate=slate))
    take = on_set.shoot(1.0)
    on_set.log.note(take.id, "boom in frame")
    on_set.log.tag(take.id, add=["stunt"])
    on_set.clock.advance(60)
    return take


def out_of_order(on_set: OnSet) -> list[str]:
    """Seven takes, of which three came when later ones were there; the newest first as they were shot."""
    missed = on_set.stamp()
    on_set.clock.advance(60)
    shot(on_set, "1")
    with another(on_set) as ben:
        bens = shot(ben, "50")  # moves the clock of both
        mine = shot(on_set, "2")
        theirs = shot(ben, "51")
        last = shot(on_set, "3")
        meet(on_set, ben)
    take = on_set.log.add_take(slate="9", take="1", stamp=missed)
    on_set.log.note(take.id, "boom, they say")
    on_set.log.tag(take.id, add=["stunt"])
    late = shot(on_set, "4")
    return [late.label, last.label, theirs.label, mine.label, bens.label, "1/1", "9/1"]


class ShootingOrder:
    """By day, by the moment it rolled, then by id."""

    def test_missed_take_stands_where_it_was_shot_and_is_the_last_one_all_the_same(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42A"))
        on_set.shoot()
        between = on_set.stamp()
        on_set.clock.advance(600)
        on_set.log.set_next(Next(slate="50"))
        on_set.shoot()
        missed = on_set.log.add_take(slate="42A", take="3", stamp=between, duration_frames=750)
        assert labels(on_set) == ["50/1", "42A/3", "42A/1"]
        assert labels(on_set, TakeFilter(oldest_first=True)) == ["42A/1", "42A/3", "50/1"]
        assert labels(on_set, TakeFilter(slate="42A")) == ["42A/3", "42A/1"]
        assert on_set.log.find_take("last").id == missed.id  # what was entered last is what a status key means

    def test_a_day_stands_before_the_next_whatever_its_clock_said(self, on_set: OnSet) -> None:
        on_set.clock.set_wall(on_set.clock.wall_ns() + 2 * 86_400_000_000_000)
        first = shot(on_set, "1")
        on_set.log.wrap_day("Main", on_set.stamp())
        on_set.clock.set_wall(on_set.clock.wall_ns() - 86_400_000_000_000)
        second = shot(on_set, "2")
        assert (first.day, second.day) == (1, 2)
        assert second.rolled_ns < first.rolled_ns
        assert labels(on_set) == ["2/1", "1/1"]
        on_set.log.set_take(second.id, {"day": 1})
        assert labels(on_set) == ["1/1", "2/1"]
        on_set.undo()
        assert labels(on_set) == ["2/1", "1/1"]

    def test_take_that_rolled_earlier_than_was_typed_moves(self, on_set: OnSet) -> None:
        shot(on_set, "1")
        on_set.log.set_next(Next(slate="2"))
        rolling = on_set.roll()
        on_set.log.earlier(rolling.id, 3_600)
        assert labels(on_set) == ["1/1", "2/1"]

    @pytest.mark.parametrize("road", ROADS)
    def test_pages_are_the_list_whatever_is_asked(
        self, on_set: OnSet, monkeypatch: pytest.MonkeyPatch, road: str
    ) -> None:
        expected = out_of_order(on_set)
        for name, value in ROADS[road].items():
            monkeypatch.setattr(questions, name, value)
        everything: tuple[dict[str, object], ...] = (
            {},
            {"text": "boom"},
            {"tags": [["stunt"]]},
            {"text": "boom", "unit": "Main"},
        )
        for wanted, (oldest_first, whole) in product(everything, ((False, expected), (True, expected[::-1]))):
            on_set.log._remembered = Remembered()  # as in a log that was not asked before
            asked = TakeFilter(**wanted, oldest_first=oldest_first, limit=None)  # type: ignore[arg-type]  # fields by name
            assert labels(on_set, asked) == whole, wanted
            for size in (1, 2, 3, 7, 8):
                paged: list[str] = []
                before: str | None = None
                while page := on_set.log.takes(
                    TakeFilter(**wanted, oldest_first=oldest_first, limit=size, before=before)  # type: ignore[arg-type]  # fields by name
                ):
                    paged += [take.label for take in page]
                    before = page[-1].id
                assert paged == whole, (wanted, size)

    def test_tag_is_found_as_it_was_written(self, on_set: OnSet) -> None:
        for slate, tags in (("1", ["#"]), ("2", ["Stunt"]), ("3", ["stunt!"]), ("4", ["stunt", "Café"]), ("5", [])):
            on_set.log.set_next(Next(slate=slate))
            on_set.log.tag(on_set.shoot().id, add=tags or ["gone"], remove=[])
        on_set.log.tag(on_set.log.find_take("5/1").id, remove=["gone"])
        asked: tuple[list[list[str]], ...] = (
            [["#"]],
            [["Stunt"]],
            [["stunt!"]],
            [["stunt"]],
            [["Café"]],
            [["Cafe"]],
            [["gone"]],
            [[]],
        )
        found = [labels(on_set, TakeFilter(tags=tags)) for tags in asked]
        assert found == [["1/1"], ["2/1"], ["3/1"], ["4/1"], ["4/1"], [], [], []]
        assert labels(on_set, TakeFilter(tags=[["stunt", "#"]])) == ["4/1", "1/1"]
        assert labels(on_set, TakeFilter(tags=[["stunt"], ["Café", "#"]])) == ["4/1"]

    @pytest.mark.parametrize("wanted", [{"text": "boom"}, {"tags": [["stunt"]]}])
    def test_search_knows_what_moved_or_came_since_the_last_one(
        self, on_set: OnSet, monkeypatch: pytest.MonkeyPatch, wanted: dict[str, object]
    ) -> None:
        monkeypatch.setattr(questions, "_MORE", 0)
        newest = TakeFilter(**wanted, limit=2)  # type: ignore[arg-type]  # fields by name
        first = shot(on_set, "1")
        shot(on_set, "2")
        on_set.log.wrap_day("Main", on_set.stamp())
        shot(on_set, "3")
        assert labels(on_set, newest) == ["3/1", "2/1"]
        on_set.log.set_take(first.id, {"day": 2})
        assert labels(on_set, newest) == ["3/1", "1/1"]
        on_set.undo()
        assert labels(on_set, newest) == ["3/1", "2/1"]
        with another(on_set) as ben:
            shot(ben, "50")
            meet(on_set, ben)
        assert labels(on_set, newest) == ["50/1", "3/1"]
        on_set.log.set_next(Next(slate="4"))
        rolling = on_set.roll()
        on_set.log.note(rolling.id, "boom in frame")
        on_set.log.tag(rolling.id, add=["stunt"])
        assert labels(on_set, newest) == ["4/1", "50/1"]
        on_set.log.earlier(rolling.id, 36_000)  # before the two of that day
        assert labels(on_set, newest) == ["50/1", "3/1"]
        assert labels(on_set, TakeFilter(**wanted, limit=1)) == ["50/1"]  # type: ignore[arg-type]  # fields by name

    def test_count_before_a_take_is_its_place(self, on_set: OnSet) -> None:
        expected = out_of_order(on_set)
        for place, label in enumerate(reversed(expected)):
            take = on_set.log.find_take(label)
            assert on_set.log.count_takes(TakeFilter(before=take.id, limit=None)) == place
        on_set.log.delete(take.id)  # a page may end with a take that is deleted before the next is asked for
        assert on_set.log.count_takes(TakeFilter(before=take.id, limit=None)) == place

    @pytest.mark.parametrize("before", ["", "no id", "00" * 16])
    def test_page_that_begins_at_no_take_is_refused(self, on_set: OnSet, before: str) -> None:
        shot(on_set, "1")
        with pytest.raises(RefusedError, match=rf"There is no take with the id {before} in this log"):
            on_set.log.takes(TakeFilter(before=before))

    def test_merged_in_either_order_lists_are_the_same(self, on_set: OnSet) -> None:
        shot(on_set, "1")
        with another(on_set) as ben, another(on_set) as kim:
            for slate in ("2", "3"):
                for one in (ben, on_set, kim):
                    shot(one, slate)
            meet(ben, kim)
            meet(ben, on_set)
            meet(on_set, kim)
            for wanted in (TakeFilter(), TakeFilter(text="boom"), TakeFilter(tags=[["stunt"]]), TakeFilter(limit=3)):
                lists = [[take.id for take in one.log.takes(wanted)] for one in (on_set, ben, kim)]
                assert lists == [lists[0]] * 3
            arrivals = [[take.arrival for take in one.log.takes()] for one in (on_set, ben, kim)]
            assert any(found != sorted(found, reverse=True) for found in arrivals)
            groups = [[[take.id for take in group] for group in one.log.duplicates()] for one in (on_set, ben, kim)]
            assert groups == [groups[0]] * 3
            assert len(groups[0]) == 2
