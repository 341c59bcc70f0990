"""How long commands take to start, beside bare Python: the bar for `onset --version` is 0.1 s.

The last is a whole offload of one small file to two folders. Run by `make bench`. The fastest of several runs counts:
whatever else the machine does only adds.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

RUNS = 15
VERSION_BAR_S = 0.1
ONSET = [sys.executable, "-m", "onset"]


def seconds(command: list[str], folder: Path, anew: Path | None = None) -> float:
    """A command's time, from the start of the process to its end; the fastest of `RUNS`, `anew` empty before each."""
    times = []
    for _ in range(RUNS):
        if anew is not None:
            shutil.rmtree(anew, ignore_errors=True)
            for name in ("one", "two"):
                (anew / name).mkdir(parents=True)
        begun = time.perf_counter()
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        times.append(time.perf_counter() - begun)
    return min(times)


def main() -> int:
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        bare = seconds([sys.executable, "-c", "pass"], folder)
        print(f"{'bare Python':<20} {bare * 1000:6.0f} ms")
        production = folder / "production"
        subprocess.run([*ONSET, "new", str(production), "--rate", "25"], check=True, capture_output=True)
        version = 0.0
        for arguments in (["--version"], ["--help"], ["verify", "--help"], ["log", "list"], ["devices"]):
            took = seconds([*ONSET, *arguments], production)
            version = version or took
            print(f"{'onset ' + ' '.join(arguments):<20} {took * 1000:6.0f} ms   {took / bare:4.1f} x bare Python")
        card, copies = folder / "A001", folder / "copies"
        card.mkdir()
        (card / "A001C001_260930_R1AB.mov").write_bytes(bytes(65_536))
        os.environ["XDG_STATE_HOME"] = str(copies)
        took = seconds([*ONSET, "offload", str(card), *(str(copies / name) for name in ("one", "two"))], folder, copies)
        print(f"{'onset offload':<20} {took * 1000:6.0f} ms   {took / bare:4.1f} x bare Python")
    print(f"bar for --version: {VERSION_BAR_S * 1000:.0f} ms: {'held' if version <= VERSION_BAR_S else 'MISSED'}")
    return 0 if version <= VERSION_BAR_S else 1


if __name__ == "__main__":
    sys.exit(main())
