"""An offload to two targets is ended at every call that changes a file, by a kill or a power cut, and goes on.

Run by `make soak`; power cuts need root. `python -m benchmarks.soak.offload_kills EVERY` takes every EVERY-th call.
After each end every file under a final name is whole; after the next run copies, manifests and report are complete, as
xxhsum and the schemas judge; anything else ends this with a traceback that says which call it was.
"""

from __future__ import annotations

import os
import shutil
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.interposed import interposed
from tests.faults.offload_kills import Cart, calls, goes_on, only_whole_files
from tests.faults.power import FILE_SYSTEMS, Volume, volume
from tests.independent import reference_accepts
from tests.onset.offload.cards import MIB, make_card

_CLIP = 17 * MIB + 5  # three blocks, the last one odd


def sweep(card: Path, scratch: Path, every: int, disk: Volume | None) -> int:
    """End an offload at every call until one gets through; how often it was ended."""
    at = 1
    while True:
        cart = Cart.made(card, (disk.folder if disk else scratch) / "run")
        try:
            cut = disk.folder if disk else None
            ended = cart.offload(interposed(cart.watched(), at=at, torn=disk is None, cut=cut))
            if ended.returncode == 0:
                return (at - 1) // every
            assert ended.returncode == -9, ended.stderr
            if disk is not None:
                disk.power_up()
            only_whole_files(cart)
            goes_on(cart)
            if at % 20 == 1:
                reference_accepts(cart.copies[1])
        except AssertionError as error:
            raise AssertionError(f"call {at} of {', '.join(calls(cart, scratch / 'calls')[at - 1 : at])}") from error
        shutil.rmtree(cart.targets[0].parent)
        at += every


@contextmanager
def _place(scratch: Path, how: str) -> Iterator[Volume | None]:
    if how not in FILE_SYSTEMS:
        yield None
        return
    with volume(scratch, how) as disk:
        yield disk


def main() -> int:
    """Print a line a sweep that found nothing wrong."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    ways = ["kill", *FILE_SYSTEMS] if os.geteuid() == 0 else ["kill"]
    print(f"{'ended by':<20} {'times':>6} {'seconds':>8}")
    for way in ways:
        with TemporaryDirectory() as folder:
            card = make_card(Path(folder) / "A001", clips=1, clip_bytes=_CLIP, small=20)
            with _place(Path(folder), way) as disk:
                started = time.monotonic()
                times = sweep(card, Path(folder), every, disk)
        named = way if disk is None else f"power cut, {way}"
        print(f"{named:<20} {times:>6} {time.monotonic() - started:>8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
