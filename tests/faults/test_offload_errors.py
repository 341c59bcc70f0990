"""One of two targets fails at any call that changes something on it, once or from then on: the other is complete.

After the manner of SQLite's own tests, which fail the n-th call, for each n. Here n runs over one call of each kind on
each kind of file, in benchmarks/soak/offload_errors.py over all of them.
"""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from tests.faults.offload_errors import refused
from tests.faults.offload_kills import Cart, calls, choice
from tests.onset.offload.cards import MIB, make_card

pytestmark = [pytest.mark.faults, pytest.mark.timeout(300)]
WAYS = [(errno.EIO, False), (errno.EIO, True), (errno.ENOSPC, True)]


@pytest.mark.parametrize("way", range(len(WAYS)))
def test_target_that_refuses_a_call_takes_the_other_along(way: int, tmp_path: Path) -> None:
    error, stays = WAYS[way]
    card = make_card(tmp_path / "A001", clips=1, clip_bytes=MIB + 5, small=2)
    whole = Cart.made(card, tmp_path / "whole")
    every = calls(whole, tmp_path / "calls", whole.targets[:1])
    of_history = [at for at in choice(every) if "/ascmhl" in every[at - 1]]
    others = [at for at in choice(every) if at not in of_history]
    steps = [*(of_history[way::2]), *(others[way::4])]
    assert len(steps) > 8, "hardly a call was seen: this sweep proves nothing"
    ends = set()
    for at in steps:
        try:
            ends.add(refused(Cart.made(card, tmp_path / f"run{at}"), at, error, stays=stays))
        except AssertionError as failed:
            raise AssertionError(f"call {at}, {every[at - 1]}") from failed
    assert 10 in ends
