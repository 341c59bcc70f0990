"""What every log must do with labels as a person types them; part of conformance.py."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from logging_db.logbook import SqliteLogbook
from onset.domain.take import Kind
from onset.errors import SlateError
from onset.logbook.terms import Next
from onset.slate import split_take
from tests.logging_db.support import OnSet


class LabelsThatCanBeTyped:
    """A label that is entered is found again by what is typed; a wild track with a slate leaves the board as it was."""

    @pytest.mark.parametrize(
        "enter",
        [
            lambda log, take: log.set_take(take, {"take": "x/y"}),
            lambda log, take: log.set_take(take, {"slate": "zz//"}),
            lambda log, take: log.renumber(take, "a/b"),
            lambda log, take: log.move([take], "zz//"),
            lambda log, take: log.set_next(Next(slate="zz//")),
            lambda log, take: log.set_next(Next(slate="/z")),
            lambda log, take: log.set_next(Next(take="a/b")),
            lambda log, take: log.set_setup("zz//", {"description": "wide"}),
        ],
    )
    def test_label_that_nobody_could_type_again(
        self, on_set: OnSet, enter: Callable[[SqliteLogbook, str], object]
    ) -> None:
        on_set.log.set_next(Next(slate="42C"))
        take = on_set.shoot()
        arrival = on_set.log.arrival()
        with pytest.raises(SlateError, match="slash"):
            enter(on_set.log, take.id)
        assert (on_set.log.arrival(), on_set.log.find_take("42C/1")) == (arrival, take)

    def test_added_take_with_such_a_label(self, on_set: OnSet) -> None:
        for slate, take in (("zz/", "x"), ("42C", "x/y")):
            with pytest.raises(SlateError, match="slash"):
                on_set.log.add_take(slate=slate, take=take, stamp=on_set.stamp())

    @pytest.mark.parametrize("label", ["27/7/3", "3P/U/1", "27/7/3 P/U", "41+122A/2 PU", "49WT/1", "2/3"])
    def test_label_of_a_real_set_is_found_again(self, on_set: OnSet, label: str) -> None:
        slate, take = split_take(label)
        added = on_set.log.add_take(slate=slate, take=take, stamp=on_set.stamp())
        assert on_set.log.find_take(label) == added

    def test_wild_track_with_its_slate_leaves_the_board(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="42C"))
        on_set.shoot()
        wild = on_set.log.roll(on_set.stamp(), change=Next(slate="42WT", kind=Kind.WILD_TRACK))
        on_set.log.cut(wild.id, on_set.stamp())
        board = on_set.log.board()
        assert (wild.label, board.slate, board.scene, board.take, board.kind) == (
            "42WT/1",
            "42C",
            "42",
            "2",
            Kind.NORMAL,
        )

    def test_scene_that_is_omitted_no_more(self, on_set: OnSet) -> None:
        on_set.log.set_scene("50", {"omitted": 1})
        on_set.log.set_scene("51", {"set": "A"})
        on_set.undo()
        on_set.redo()
        on_set.log.set_scene("51", {"omitted": 1})
        assert on_set.undo() == "scene 51 no longer omitted"
        assert on_set.redo() == "scene 51 omitted"
        on_set.log.set_scene("51", {"omitted": None})
        assert on_set.undo() == "scene 51 omitted"
