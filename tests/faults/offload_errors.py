"""An offload one of whose two targets refuses a call: what it says of that, and what the next one makes of it.

Used by test_offload_errors.py at a choice of calls, and by benchmarks/soak/offload_errors.py at every one.
"""

from __future__ import annotations

import json

from onset.clock import SystemClock
from onset.mhl.check import verify_history
from tests.faults.interposed import interposed
from tests.faults.offload_kills import Cart, only_whole_files
from tests.independent import same_bytes
from tests.onset.mhl.samples import assert_valid, read_plainly
from tests.onset.offload.cards import manifests


def refused(cart: Cart, at: int, error: int, *, stays: bool) -> int:
    """The first target refuses its `at`-th call, and if it `stays` so all later ones; the job's exit code.

    The other target is complete in any case, what was not done is told, and the same command completes the first.
    """
    done = cart.offload(interposed(cart.targets[:1], at=at, error=error, stays=stays))
    only_whole_files(cart)
    if done.returncode == 1:  # before the first byte
        assert "cannot be made" in done.stderr
        assert len(done.stderr.splitlines()) == 1
    else:
        result = json.loads(done.stdout)
        bad, good = result["targets"]
        assert (good["verified"], good["failed"], good["lost"]) == (result["files"], 0, None)
        _complete(cart, 1)
        if done.returncode == 0:  # another way was found, or it matters to nobody
            assert result["problems"] == []
            _complete(cart, 0)
        else:
            assert (done.returncode, result["verdict"]) == (10, "not safe"), done.stderr
            assert result["problems"]
            assert bad["manifest"] is None or bad["failed"]
    again = cart.offload()
    assert again.returncode == 0, again.stderr + again.stdout
    assert json.loads(again.stdout)["problems"] == []
    for number in (0, 1):
        _complete(cart, number)
    return done.returncode


def _complete(cart: Cart, number: int) -> None:
    copied = cart.copies[number]
    same_bytes(cart.card, copied)
    assert manifests(copied)
    assert_valid(copied)
    assert verify_history(copied, read_plainly, SystemClock(), append=False).exit_code == 0
