"""An offload by way of a fast disk is killed at every kind of step of its second half, and goes on without the card."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pytest

from onset.offload.journal import find_jobs
from tests.faults.interposed import interposed
from tests.faults.offload_kills import Cart, calls, choice, only_whole_files
from tests.independent import reference_accepts, same_bytes
from tests.onset.mhl.samples import assert_valid
from tests.onset.offload.cards import MIB, make_card, manifests

pytestmark = [pytest.mark.faults, pytest.mark.timeout(600)]
EVERY = 5  # of the steps that the sweep of plain offloads takes all of


@dataclass(frozen=True, slots=True)
class Cascade(Cart):
    """The second target is filled from the first."""

    @property
    def words(self) -> list[str]:
        first, second = self.targets
        return [str(self.card), str(first), "--then", str(second)]


def test_killed_at_any_step_and_the_card_is_needed_again(tmp_path: Path) -> None:
    made = make_card(tmp_path / "made" / "A001", clips=1, clip_bytes=MIB + 5, small=2)
    card = tmp_path / "A001"
    made.rename(card)
    whole = Cascade.made(card, tmp_path / "whole")
    made_calls = calls(whole, tmp_path / "calls")
    read = next(number for number, call in enumerate(made_calls, 1) if "rename" in call and "result.json" in call)
    steps = [read - 40, read - 1, *(read + number for number in choice(made_calls[read:])[::EVERY])]
    kills = {True: 0, False: 0}
    for at in steps:
        cart = Cascade.made(card, tmp_path / f"run{at}")
        killed = cart.offload(interposed(cart.watched(), at=at, torn=True))
        assert killed.returncode == -9, killed.stderr
        only_whole_files(cart)
        before = cart.finished()
        kills[before > 0] += 1
        if before == 1:
            card.rename(made)  # taken out of its reader
        done = cart.offload()
        if before == 1:
            made.rename(card)
        assert done.returncode == 0, f"{at}: {done.stderr}"
        result = json.loads(done.stdout)
        assert result["problems"] == []
        assert [(each["verified"], each["failed"]) for each in result["targets"]] == [(result["files"], 0)] * 2
        again = before == 2  # killed after its end, all of it is done once more
        assert cart.finished() == len(find_jobs(cart.state / "onset" / "jobs")) == (4 if again else 2), at
        for copied in cart.copies:
            same_bytes(card, copied)
            assert len(manifests(copied)) == 1 + again, at
            assert_valid(copied)
    assert kills[True] > 8, "hardly a filling was killed: this sweep proves nothing"
    assert kills[False]
    for copied in cart.copies:
        reference_accepts(copied)
