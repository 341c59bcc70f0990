"""The simulator itself: what it says of a day must hold together, or a good score would prove nothing."""

from __future__ import annotations

from random import Random

import pytest

from onset.match.observed import Side
from tests.onset.match.day_faults import FAULTS, pairs
from tests.onset.match.day_plan import Plan
from tests.onset.match.simulated_day import simulate


@pytest.mark.parametrize("fault", FAULTS)
def test_truth_names_things_that_nobody_observed(fault: str) -> None:
    day = simulate(3, fault)
    takes = {take.id: take for take in day.observed.takes}
    media = {medium.id: medium for medium in day.observed.media}
    assert len(takes) == len(day.observed.takes)
    assert len(media) == len(day.observed.media)
    assert {take for take, _ in day.truth} <= set(takes)
    assert {medium for _, medium in day.truth} <= set(media)
    assert day.contradicted <= day.doubtful <= day.truth
    for take_id, medium_id in day.truth:
        expects = takes[take_id].picture if media[medium_id].side is Side.PICTURE else takes[take_id].sound
        assert expects, "a clip of a wild track, or sound of a MOS take"


def test_same_seed_another_day() -> None:
    assert simulate(5, "B late", "midnight") == simulate(5, "B late", "midnight")
    assert simulate(5, "none") != simulate(6, "none")


@pytest.mark.parametrize("fault", [fault for fault in FAULTS if fault != "none"])
def test_fault_that_alters_nothing(fault: str) -> None:
    """A day with the fault is not the day of the same dice without it."""
    assert FAULTS[fault](Plan(), Random(1)) != Plan()


def test_few_pairs_of_faults_are_left_out() -> None:
    faults = len(FAULTS) - 1
    assert len(pairs()) >= faults * (faults - 1) / 2 - 12


def test_clocks_of_an_ordinary_day_agree() -> None:
    """On a day without faults the labels of a true pair are seconds apart: what the gates rest on."""
    day = simulate(1, "none")
    takes = {take.id: take for take in day.observed.takes}
    media = {medium.id: medium for medium in day.observed.media}
    misfits = []
    for take_id, medium_id in day.truth:
        take, medium = takes[take_id], media[medium_id]
        assert take.label_s is not None
        assert medium.start_s is not None
        misfits.append(abs(take.label_s - medium.start_s))
    misfits.sort()
    assert misfits[len(misfits) // 2] < 4


def test_faults_that_should_tell_against_a_pair_do() -> None:
    for fault in ("names misspelt", "mis-slated", "reports with errors"):
        assert sum(len(simulate(seed, fault).contradicted) for seed in range(5)) >= 5, fault
    assert sum(len(simulate(seed, "mis-slated, noticed").contradicted) for seed in range(5)) == 0
