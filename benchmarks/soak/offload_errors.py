"""One of two targets refuses each call that changes something on it, once or from then on: is the other complete?

Run by `make soak` (`python -m benchmarks.soak.offload_errors EVERY` takes every EVERY-th). What was not done must be
told, and the same command must complete it; anything else ends this with a traceback that says which call it was.
"""

from __future__ import annotations

import errno
import shutil
import sys
import time
from collections import Counter
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.offload_errors import refused
from tests.faults.offload_kills import Cart, calls
from tests.onset.offload.cards import MIB, make_card

_CLIP = 17 * MIB + 5  # three blocks, the last one odd
_WAYS = {"EIO once": (errno.EIO, False), "EIO from then on": (errno.EIO, True), "full": (errno.ENOSPC, True)}


def main() -> int:
    """Print a line a way that found nothing wrong."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    print(f"{'refused with':<18} {'times':>6} {'seconds':>8}   exit codes")
    for way, (error, stays) in _WAYS.items():
        with TemporaryDirectory() as folder:
            scratch = Path(folder)
            card = make_card(scratch / "A001", clips=1, clip_bytes=_CLIP, small=20)
            whole = Cart.made(card, scratch / "whole")
            steps = calls(whole, scratch / "calls", whole.targets[:1])
            started, ends = time.monotonic(), Counter[int]()
            for at in range(1, len(steps) + 1, every):
                cart = Cart.made(card, scratch / "run")
                try:
                    ends[refused(cart, at, error, stays=stays)] += 1
                except AssertionError as failed:
                    raise AssertionError(f"call {at}, about {steps[at - 1]}") from failed
                shutil.rmtree(cart.targets[0].parent)
        codes = ", ".join(f"{code}: {times}" for code, times in sorted(ends.items()))
        print(f"{way:<18} {ends.total():>6} {time.monotonic() - started:>8.0f}   {codes}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
