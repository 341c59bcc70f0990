"""Side-cars that say a thing twice: what is read may not depend on the run."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

_READ = """
import sys
from pathlib import Path
from onset.camera.sidecar import read_sidecar
from onset.timecode import rate
print(read_sidecar(Path(sys.argv[1]), rate("25")).start)
"""


def test_two_starts_are_read_differently_from_run_to_run(tmp_path: Path) -> None:
    """Sets of words have another order in each run of a program, unless their seed is fixed."""
    path = tmp_path / "0001AB.XML"
    path.write_text("<Clip><Start>00:00:00:00</Start><StartTimecode>10:11:12:13</StartTimecode></Clip>")
    for seed in ("1", "2", "6"):
        command = [sys.executable, "-c", _READ, str(path)]
        run = subprocess.run(
            command, env={**os.environ, "PYTHONHASHSEED": seed}, capture_output=True, text=True, check=True
        )
        assert run.stdout.strip() == "10:11:12:13"
