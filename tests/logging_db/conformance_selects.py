"""Takes of a tag in the order in which a person puts them; part of conformance.py."""

from __future__ import annotations

import pytest

from logging_db.logbook import SqliteLogbook
from onset.domain.selects import in_order
from onset.domain.take import Take
from onset.errors import RefusedError
from onset.logbook.terms import Next, TakeFilter
from tests.logging_db.conformance_merging import another, meet
from tests.logging_db.support import OnSet


def four(on_set: OnSet) -> list[Take]:
    """1/1 to 1/4, all of them selects."""
    on_set.log.set_next(Next(slate="1"))
    takes = [on_set.shoot() for _ in range(4)]
    return list(on_set.log.tag_takes([take.id for take in takes], add=["selects"]))


def listed(log: SqliteLogbook, tag: str = "selects") -> str:
    return " ".join(take.take for take in in_order(log.takes(TakeFilter(tags=((tag,),), limit=None)), tag))


class SelectsInOrder:
    """The order is an edit like any other."""

    def test_moved_select_moves_others(self, on_set: OnSet) -> None:
        one, two, three, four_ = four(on_set)
        log = on_set.log
        assert listed(log) == "1 2 3 4", "as they were shot"
        log.order_takes("selects", [four_.id], one.id)
        assert listed(log) == "4 1 2 3"
        before = log.arrival()
        log.order_takes("selects", [four_.id], one.id)
        assert log.arrival() == before, "it stands there already"
        log.order_takes("selects", [three.id, one.id], two.id, behind=True)
        assert listed(log) == "4 2 3 1"
        newest = log.history(limit=20)
        changed = sorted(one.about for one in newest if one.arrival == log.arrival())
        assert changed == ["selects on 1/1", "selects on 1/3"], "and nothing is said of the others"
        log.tag(on_set.shoot().id, add=["selects", "rain"])
        assert listed(log) == "4 2 3 1 5"
        assert listed(log, "rain") == "5", "each tag has an order of its own"
        log.order_takes("selects", [four_.id], behind=True)
        log.order_takes("selects", [one.id])
        assert listed(log) == "1 2 3 5 4"
        assert on_set.undo() == '1/1 where it was among "selects"'
        assert on_set.undo() == '1/4 where it was among "selects"'
        assert listed(log) == "4 2 3 1 5"
        assert on_set.redo() == '1/4 moved again among "selects"'
        log.tag(two.id, remove=["selects"])
        assert listed(log) == "3 1 5 4"
        log.tag(two.id, add=["rain"])
        log.order_takes("rain", [take.id for take in in_order(log.takes(), "rain")][::-1])
        log.tag(on_set.shoot().id, add=["rain"])
        assert listed(log, "rain") == "5 2 6"

    def test_many_moves_to_one_place_find_no_room(self, on_set: OnSet) -> None:
        one, *others = four(on_set)
        for _ in range(6):
            for take in others:
                on_set.log.order_takes("selects", [take.id], one.id)
        assert listed(on_set.log) == "2 3 4 1"
        for _ in range(6):
            for take in others:
                on_set.log.order_takes("selects", [take.id], one.id, behind=True)
        assert listed(on_set.log) == "1 4 3 2"

    def test_two_seats_order_and_one_loses(self, on_set: OnSet) -> None:
        one, two, three, last = four(on_set)
        with another(on_set) as ben:
            on_set.log.order_takes("selects", [three.id], one.id)
            ben.log.order_takes("selects", [last.id], one.id)  # to the very same place
            on_set.log.order_takes("selects", [two.id])
            on_set.clock.advance(1)
            ben.log.order_takes("selects", [two.id], behind=True)  # the same take: the newest stands
            meet(on_set, ben)
            assert listed(on_set.log) == listed(ben.log)
            assert listed(on_set.log) in ("3 4 1 2", "4 3 1 2")
            assert list(on_set.log.conflicts()) == [], "nobody is asked about a place"
            on_set.log.order_takes("selects", [one.id], {"3": last, "4": three}[listed(on_set.log)[0]].id)
            assert listed(on_set.log) in ("3 1 4 2", "4 1 3 2"), "there is room between the two"

    def test_take_without_the_tag_is_ordered(self, on_set: OnSet) -> None:
        one, two, *_ = four(on_set)
        on_set.log.tag(two.id, remove=["selects"])
        with pytest.raises(RefusedError, match='1/2 is not tagged "selects"'):
            on_set.log.order_takes("selects", [two.id], one.id)
        with pytest.raises(RefusedError, match='1/2 is not tagged "selects"'):
            on_set.log.order_takes("selects", [one.id], two.id)
        with pytest.raises(RefusedError, match="1/1 cannot be moved beside itself"):
            on_set.log.order_takes("selects", [one.id], one.id)
        assert listed(on_set.log) == "1 3 4"
