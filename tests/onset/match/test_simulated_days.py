"""Days with every fault, alone and in pairs: no wrong link without a question, and few true ones left open.

A sample with fixed seeds that fits the test run; the same over a hundred days a fault: benchmarks/soak/match_days.py.
"""

from __future__ import annotations

from random import Random

import pytest

from onset.match.observed import CameraSays, LoggedTake, Medium, Observed, Side
from onset.match.solve import match
from tests.onset.match.day_faults import FAULTS, JUMPS, REC_RUN, TAKES_ALIKE, pairs
from tests.onset.match.day_plan import Plan
from tests.onset.match.scoring import Score, score
from tests.onset.match.simulated_day import see, simulate

_DAYS = 4
_PAIRS = pairs()
_PAIR_GROUPS = 16
_OF_PAIRS = 6  # every sixth pair; the soak takes all


def scored(seeds: range, *faults: str) -> Score:
    total = Score()
    for seed in seeds:
        day = simulate(seed, *faults)
        total += score(match(day.observed), day)
    return total


@pytest.mark.parametrize("fault", FAULTS)
def test_fault(fault: str) -> None:
    found = scored(range(_DAYS), fault)
    assert found.wrong == 0, found.examples
    assert found.silent == 0, found.examples
    assert found.open <= (0.05 if fault in REC_RUN | JUMPS else 0.02), found
    assert found.right > 100 * _DAYS, "hardly anything was expected: the score would prove nothing"


def test_stretches_of_clocks_lie_on_the_day_of_the_takes() -> None:
    for fault in ("none", "never jammed", "midnight", "no labels"):
        day = simulate(2, fault).observed
        first, last = min(take.wall_s for take in day.takes), max(take.wall_s for take in day.takes)
        for clock in match(day).clocks:
            assert first - 60 <= clock.from_s <= clock.to_s <= last + 60, (fault, clock)


@pytest.mark.parametrize("group", range(_PAIR_GROUPS))
def test_pairs_of_faults(group: int) -> None:
    for pair in _PAIRS[::_OF_PAIRS][group::_PAIR_GROUPS]:
        found = scored(range(1), *pair)
        if found.open > 0.10:  # one day of 60 takes is few to measure a share on: a card more or less is a tenth
            found += scored(range(1, 4), *pair)
        assert found.wrong == 0, (pair, found.examples)
        assert found.silent == 0, (pair, found.examples)
        assert found.open <= 0.10, (pair, found)


@pytest.mark.parametrize("seed", [9, 11, 22])
def test_lengths_of_off_speed_clips_under_the_time_of_their_making(seed: int) -> None:
    """Days of a longer run on which a link was wrong: a file made at its end begins by a length that is not its own."""
    found = scored(range(seed, seed + 1), "A rec run, cards restart", "off-speed")
    assert found.wrong == 0, found.examples


@pytest.mark.parametrize(
    "fault",
    [
        "none", "logger off 20-180 s", "B jumps 8 s", "never jammed", "A rec run, cards restart", "A rec run, goes on",
        "unlogged takes", "unclaimed takes", "rows typed afterwards", "late keys",
    ],
)  # fmt: skip
def test_takes_alike_are_no_reason_to_guess(fault: str) -> None:
    """A table top: each take as long as the next, evenly spaced, so that a neighbour always fits nearly as well."""
    for seed in range(2):
        random = Random(f"alike {seed} {fault}")
        day = see(FAULTS[fault](TAKES_ALIKE(Plan(), random), random), random)
        found = score(match(day.observed), day)
        assert found.wrong == 0, found.examples


def test_evenly_spaced_takes_that_fit_the_neighbour_better() -> None:
    """The log lacks the first take and the card the last clip: one off fits every single file, and is wrong.

    The right one fits all but one, and nobody could know: each link has to be a question.
    """
    random = Random(4)
    rolls = [36_000 + 60 * number + random.uniform(0, 1) for number in range(30)]
    takes = tuple(
        LoggedTake(
            id=f"t{number:02d}", wall_s=roll, wall_end_s=roll + 15, label_s=roll, label_end_s=roll + 15,
            label_source="SYNC.ltc", scene="1", slate="1", take=str(number + 1), cameras={"A": CameraSays()},
        )
        for number, roll in enumerate(rolls)
    )  # fmt: skip
    media = tuple(
        Medium(
            id=f"m{number:02d}", side=Side.PICTURE, device="A", card="one", name=f"A001C{number + 1:03d}",
            number=number + 1, start_s=roll + 5000 + random.uniform(-0.5, 0.5), length_s=15 + random.uniform(0, 1),
        )
        for number, roll in enumerate(rolls)
    )  # fmt: skip
    found = match(Observed(takes=takes[1:], media=media[:-1]))
    bare = [link for link in found.links if link.question is None]
    assert not bare
