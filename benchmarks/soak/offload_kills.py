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
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.interposed import interposed
from tests.faults.offload_kills import Cart, calls, goes_on, only_whole_files
from tests.faults.power import FILE_SYSTEMS, Volume, volume
from tests.independent import reference_accepts
from tests.onset.offload.cards import MIB, make_card
from tests.real.volumes import loop, mounted

_CLIP = 17 * MIB + 5  # three blocks, the last one odd
WINDOWS = ("exfat", "ntfs")  # by FUSE


@dataclass(frozen=True, slots=True)
class Place:
    """Where the targets lie, and (to cut its power) on what; the job's record lies beside them, on FUSE elsewhere."""

    folder: Path
    state: Path | None = None
    disk: Volume | None = None


def sweep(card: Path, place: Place, steps: Sequence[str], every: int) -> int:
    """End an offload at every call until one gets through; how often it was ended."""
    at, cut = 1, place.disk.folder if place.disk is not None else None
    while True:
        cart = Cart.made(card, place.folder / "run", place.state)
        ended = cart.offload(interposed(cart.watched(), at=at, torn=cut is None, cut=cut))
        if ended.returncode == 0:
            return (at - 1) // every
        try:
            assert ended.returncode == -9, ended.stderr
            if place.disk is not None:
                place.disk.power_up()
            only_whole_files(cart)
            goes_on(cart)
            if at % 20 == 1:
                reference_accepts(cart.copies[1])
        except AssertionError as error:
            raise AssertionError(f"call {at}, about {steps[min(at, len(steps)) - 1]}") from error
        shutil.rmtree(cart.targets[0].parent)
        shutil.rmtree(cart.state, ignore_errors=True)
        at += every


@contextmanager
def ready(scratch: Path, way: str) -> Iterator[Place]:
    """The place that a way is tried at."""
    kind = way.split()[-1]
    if way.startswith("power"):
        with volume(scratch, kind) as disk:
            yield Place(disk.folder, None, disk)
    elif kind in WINDOWS:
        with loop(scratch / "disk.img", kind, "SHUTTLE") as device, mounted(device, kind, scratch / kind) as folder:
            yield Place(folder, scratch / "state")
    else:
        yield Place(scratch)


def main() -> int:
    """Print a line a sweep that found nothing wrong."""
    every = int(sys.argv[1]) if len(sys.argv) > 1 else 1
    ways = ["kill", *(f"power cut, {kind}" for kind in FILE_SYSTEMS), *(f"kill, targets on {kind}" for kind in WINDOWS)]
    print(f"{'ended by':<24} {'times':>6} {'seconds':>8}")
    for way in ways if os.geteuid() == 0 else ways[:1]:
        with TemporaryDirectory() as folder:
            card = make_card(Path(folder) / "A001", clips=1, clip_bytes=_CLIP, small=20)
            steps = calls(Cart.made(card, Path(folder) / "whole"), Path(folder) / "calls")
            started = time.monotonic()
            with ready(Path(folder), way) as place:
                times = sweep(card, place, steps, every)
        print(f"{way:<24} {times:>6} {time.monotonic() - started:>8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
