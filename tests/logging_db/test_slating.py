"""The numbers of whole days against tables that were worked out by hand, and whatever people do in between."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from onset.domain.production import SlatingSystem
from onset.domain.take import Kind
from onset.errors import RefusedError, SlateError
from onset.logbook.terms import Next
from onset.slate import sort_key
from tests.logging_db.support import OnSet, memory_log

Step = Callable[[OnSet], object]


def roll(**wanted: object) -> Step:
    """Set what is wanted of the next take, roll and cut it."""

    def step(on_set: OnSet) -> None:
        if wanted:
            on_set.log.set_next(Next(**wanted))  # type: ignore[arg-type]  # the fields of Next by name
        on_set.shoot()

    return step


def series(on_set: OnSet) -> None:
    """Two attempts without a cut are one take with one number."""
    take = on_set.roll()
    on_set.log.action(take.id, on_set.stamp())
    on_set.clock.advance(1)
    on_set.log.action(take.id, on_set.stamp())
    on_set.log.cut(take.id, on_set.stamp())


def after(on_set: OnSet) -> None:
    on_set.log.next_setup()


# A sheet as a script supervisor keeps it, by the rules that the trade publishes: the master is the bare scene, each new
# position the next letter (trekbbs.com, a film-maker's primer, "slating"); I and O are no letters (tumlook.com, "lining
# your script"); after Z come AA, AB (soundrolling.com, "slating UK vs USA"); a pickup keeps the slate and has a number
# of its own, a series is one take, a wild track is WT beside the scene.
US_SHEET: list[tuple[Step, str]] = [
    (roll(scene="24"), "24/1"),
    (roll(), "24/2"),
    (roll(kind=Kind.PICKUP), "24/3"),
    (after, "24A/1"),
    (series, "24A/1"),
    (roll(), "24A/2"),
    (roll(take="3 PU"), "24A/3 PU"),
    (roll(), "24A/4"),
    (roll(kind=Kind.WILD_TRACK), "24WT/1"),
    (roll(), "24A/5"),
    (after, "24B/1"),
    (roll(slate="24H"), "24H/1"),
    (after, "24J/1"),
    (roll(slate="24N"), "24N/1"),
    (after, "24P/1"),
    (roll(slate="24Z"), "24Z/1"),
    (after, "24AA/1"),
    (roll(), "24AA/1"),
    (after, "24AB/1"),
    (roll(scene="10A"), "10A/1"),
    (after, "10AA/1"),
    (roll(slate="41+122"), "41+122/1"),
    (after, "41+122A/1"),
    (roll(scene="24"), "24B/1"),  # back in 24: B was skipped over and is the first that is free
]

# One running number through the production, whatever the scene (soundrolling.com): scene 3 has 1 to 3, scene 4 from 4.
EU_SHEET: list[tuple[Step, str]] = [
    (roll(scene="3"), "1/1"),
    (roll(), "1/2"),
    (after, "2/1"),
    (roll(), "2/1"),
    (after, "3/1"),
    (roll(), "3/1"),
    (roll(scene="4"), "4/1"),
    (roll(kind=Kind.WILD_TRACK), "4WT/1"),
    (after, "5/1"),
    (roll(), "5/1"),
    (roll(scene="3"), "6/1"),
    (roll(slate="27/7"), "27/7/1"),
    (after, "27/8/1"),
    (roll(scene="28"), "8/1"),
]

FILM_SHEET: list[tuple[Step, str]] = [
    (roll(slate="KITCHEN"), "KITCHEN/1"),
    (roll(), "KITCHEN/2"),
    (after, "KITCHEN 2/1"),
    (roll(slate="INT 7"), "INT 7/1"),
    (after, "INT 8/1"),
]


def shown(on_set: OnSet, shot: bool) -> str:
    """The newest take where one was shot, else what the board proposes."""
    if shot:
        return on_set.log.find_take("last").label
    board = on_set.log.board()
    return f"{board.slate}/{board.take}"


@pytest.mark.parametrize(("system", "sheet"), [("us", US_SHEET), ("eu", EU_SHEET), ("none", FILM_SHEET)])
def test_numbers_are_not_those_of_the_sheet(
    tmp_path: Path, system: SlatingSystem, sheet: list[tuple[Step, str]]
) -> None:
    """And the board proposes the same after anything was undone and done again."""
    with memory_log(tmp_path, slating=system) as on_set:
        for step, expected in sheet:
            step(on_set)
            assert shown(on_set, step is not after) == expected
            before = on_set.log.board()
            missed = on_set.log.add_take(slate=before.slate, take=None, stamp=on_set.stamp())
            assert on_set.undo() == f"{missed.label} taken out again"
            on_set.log.next_setup()
            on_set.undo()
            assert on_set.log.board() == before


deeds = st.lists(
    st.sampled_from(
        ["next", "shoot", "false start", "wild", "missed", "delete", "undo", "redo", "scene", "move", "swap"]
    ),
    min_size=4,
    max_size=16,
)


@settings(max_examples=25)
@given(deeds, st.sampled_from(["us", "eu", "none"]), st.booleans(), st.integers(0, 1 << 32))
def test_proposed_label_is_taken(done: list[str], system: SlatingSystem, counts: bool, seed: int) -> None:
    """Whatever was done, in whatever order."""
    chance = random.Random(seed)
    with tempfile.TemporaryDirectory() as folder, memory_log(Path(folder), slating=system) as on_set:
        log = on_set.log
        log.set_production({"false_start_counts": int(counts)})
        log.set_next(Next(scene="42"))
        for deed in done:
            takes = log.takes()
            one = chance.choice(takes) if takes else None
            try:
                match deed:
                    case "next":
                        log.next_setup()
                    case "shoot":
                        on_set.shoot()
                    case "false start" if one:
                        log.set_take(one.id, {"kind": str(Kind.FALSE_START)})
                    case "wild":
                        log.set_next(Next(kind=Kind.WILD_TRACK))
                    case "missed":
                        log.add_take(slate=log.board().slate, take=None, stamp=on_set.stamp())
                    case "delete" if one:
                        log.delete(one.id)
                    case "undo":
                        on_set.undo()
                    case "redo":
                        on_set.redo()
                    case "scene":
                        log.set_next(Next(scene="43"))
                    case "move" if one:
                        log.move([one.id], log.board().slate)
                    case "swap" if one:
                        log.renumber(one.id, "2", swap=True)
            except (RefusedError, SlateError):
                pass
            board = log.board()
            labels = [(take.slate, sort_key(take.take)) for take in log.takes() if counts or take.kind != "false start"]
            assert (board.slate, sort_key(board.take)) not in labels
            assert len(set(labels)) == len(labels)
