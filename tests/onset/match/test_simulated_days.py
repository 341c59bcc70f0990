"""Days with every fault, alone and in pairs: no wrong link without a question, and few true ones left open.

A sample with fixed seeds that fits the test run; the same over a hundred days a fault: benchmarks/soak/match_days.py.
"""

from __future__ import annotations

import pytest

from onset.match.solve import match
from tests.onset.match.day_faults import FAULTS, JUMPS, REC_RUN, pairs
from tests.onset.match.scoring import Score, score
from tests.onset.match.simulated_day import simulate

_DAYS = 4
_PAIRS = pairs()
_PAIR_GROUPS = 16
_OF_PAIRS = 3  # every third pair; the soak takes all


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
        assert found.wrong == 0, (pair, found.examples)
        assert found.silent == 0, (pair, found.examples)
        assert found.open <= 0.10, (pair, found)
