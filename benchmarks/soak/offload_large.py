"""Cards at the edges: a hollow clip of more than 4 GiB, and a hundred thousand files; time and memory.

Run by `make soak`; wants 12 GB of free disk (`python -m benchmarks.soak.offload_large FILES` for another number of
files). xxhsum and the schema judge what was copied. Ends with 1 when a job took more than 200 MiB of memory.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.independent import same_bytes
from tests.onset.mhl.samples import assert_valid
from tests.onset.offload.cards import make_card

_FILES = 100_000
_MOST_MIB = 200
_HOLLOW = (4 << 30) + 12_345


def offload(card: Path, folder: Path) -> tuple[float, float, Path]:
    """Copy a card to two targets: seconds, MiB at the peak, and the second copy."""
    targets = [folder / f"{card.name}-{number}" for number in (1, 2)]
    for target in targets:
        target.mkdir()
    command = [sys.executable, "-m", "onset", "offload", *map(str, (card, *targets)), "--json"]
    environment = {**os.environ, "XDG_STATE_HOME": str(folder / "state")}
    started = time.monotonic()
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE) as job:
        assert job.stdout is not None
        told = job.stdout.read()
        _, status, used = os.wait4(job.pid, 0)
        job.returncode = os.waitstatus_to_exitcode(status)
    assert job.returncode == 0, told
    result = json.loads(told)
    assert [target["verified"] for target in result["targets"]] == [result["files"]] * 2
    return time.monotonic() - started, used.ru_maxrss / 1024, targets[1] / card.name


def hollow(folder: Path) -> Path:
    """Data at both ends and around 4 GiB, nothing between; the card's file system keeps no room for nothing."""
    card = make_card(folder / "hollow", clips=1, small=1)
    with (card / "CLIPS" / "A001C002.mov").open("wb") as clip:
        for at in (0, (1 << 32) - 3, _HOLLOW - 7):
            clip.seek(at)
            clip.write(b"picture")
    return card


def many(folder: Path, files: int) -> Path:
    """An image sequence of small frames, a thousand to a folder."""
    card = folder / "many"
    for number in range(files):
        if number % 1000 == 0:
            (shot := card / f"shot{number // 1000:03}").mkdir(parents=True)
        (shot / f"frame{number:07}.dpx").write_bytes(number.to_bytes(8, "big") * 32)
    return card


def main() -> int:
    """Print a line a card."""
    files = int(sys.argv[1]) if len(sys.argv) > 1 else _FILES
    most = 0.0
    print(f"{'card':<26} {'seconds':>8} {'MiB of memory':>14} {'MB of manifest':>15}")
    with TemporaryDirectory() as scratch:
        folder = Path(scratch)
        cards = {"a clip of 4 GiB + 12 kB": hollow(folder), f"{files:,} files": many(folder, files)}
        for name, card in cards.items():
            seconds, memory, copied = offload(card, folder)
            same_bytes(card, copied)
            assert_valid(copied)
            (manifest,) = (copied / "ascmhl").glob("*.mhl")
            print(f"{name:<26} {seconds:>8.1f} {memory:>14.0f} {manifest.stat().st_size / 1e6:>15.1f}", flush=True)
            most = max(most, memory)
    return int(most > _MOST_MIB)


if __name__ == "__main__":
    sys.exit(main())
