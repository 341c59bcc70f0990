"""A bit flips on the medium of a target, a hundred times on ext4 and XFS: before the read-back, and in the copy later.

Run by `make soak`, as root (`python -m benchmarks.soak.offload_flips TIMES` for another number). Which file, which byte
and which bit are random; each time the job must name the file, give it no final name on that target, and make it good
in the next run. Then another bit flips in the copy while the cache holds the right bytes, and `onset verify` must name
that file.
"""

from __future__ import annotations

import random
import shutil
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.faults.medium import offload_with_a_flip, verify_with_a_flip
from tests.faults.power import FILE_SYSTEMS, volume
from tests.onset.offload.cards import MIB, make_card

_TIMES = 100
_SEED = 33


def main() -> int:
    """Print a line a file system; a flip that is not told ends this with a traceback."""
    times = int(sys.argv[1]) if len(sys.argv) > 1 else _TIMES
    print(f"{'file system':<12} {'told twice':>10} {'seconds':>8}   (seed {_SEED})")
    for file_system in FILE_SYSTEMS:
        chance = random.Random(_SEED)  # places, no secrets
        started = time.monotonic()
        with TemporaryDirectory() as scratch, volume(Path(scratch), file_system) as disk:
            folder = Path(scratch)
            card = make_card(folder / "A001", clips=2, clip_bytes=9 * MIB + 77, small=6)
            for number in range(times):
                place = folder / f"run{number}"
                place.mkdir()
                offload_with_a_flip(card, disk, place, chance)
                verify_with_a_flip(disk.folder / place.name / card.name, disk, chance)
                shutil.rmtree(disk.folder / place.name)
                shutil.rmtree(place)
        print(f"{file_system:<12} {times:>10} {time.monotonic() - started:>8.0f}", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
