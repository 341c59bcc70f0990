"""The end of a day of 200 takes: `onset wrap` with everything for everybody, from the start of the program to its end.

Run by `make bench`. Two cameras and a recorder; three recipients, with all reports as PDF, HTML and text, all exports
and a copy of the log. The second wrap is after a correction: what it changed is made again, as revision 2. Beside it
the time of `onset report editor` for the same day.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from benchmarks.review import build
from logging_db.logbook import open_log
from onset.clock import SystemClock
from onset.domain.camera import LinkState
from onset.editorial.formats import FORMATS
from onset.logbook.as_json import Json
from tests.tui.terminal import onset

TAKES = 200
BAR_S = 15.0  # of CPU: nobody at wrap should have time for a coffee
_REPORTS = ("editor", "facing", "progress", "camera", "sound", "continuity", "offload", "wrap")


def _recipients() -> str:
    """The cutting room, production and an archive, each with what it is sent."""
    reports, exports = json.dumps(_REPORTS), json.dumps(list(FORMATS))
    return f"""
[[recipient]]
name = "Cutting room"
reports = {reports}
exports = {exports}
formats = ["pdf", "html", "txt"]

[[recipient]]
name = "Production"
reports = ["progress", "wrap"]
zip = true

[[recipient]]
name = "Archive"
reports = {reports}
log = true
"""


def _confirm_all(folder: Path) -> None:
    """A person says of every file that is only proposed that it is its take's: exports hold nothing else."""
    log = open_log(folder / "log.onset", clock=SystemClock())
    for link in log.links(day=1):
        if link.state is LinkState.PROPOSED:
            log.decide_link(link.take_id, link.media_id, LinkState.CONFIRMED)
    log.close()


def timed(folder: Path, words: Sequence[str]) -> tuple[float, float, Json]:
    """Seconds on the clock and of the processor that a command took, and what it printed as JSON."""
    began, used = time.perf_counter(), os.times()
    done = subprocess.run(onset("-p", str(folder), *words), stdout=subprocess.PIPE, check=False)
    if done.returncode:
        raise SystemExit(f"wrap: onset {' '.join(words)} failed with {done.returncode}")
    now = os.times()
    cpu = now.children_user + now.children_system - used.children_user - used.children_system
    return time.perf_counter() - began, cpu, json.loads(done.stdout) if "--json" in words else None


def main() -> int:
    """Print the table."""
    missed = False
    with TemporaryDirectory() as base:
        folder = Path(base) / "Harbour"
        (Path(base) / "backup").mkdir()
        build(folder, TAKES)
        _confirm_all(folder)
        with (folder / "config.toml").open("a") as config:
            config.write(_recipients())
        report, cpu, _ = timed(folder, ("report", "editor", "-o", str(Path(base) / "editor.pdf")))
        print(f"wrap: the editor's log alone: {report:.1f} s ({cpu:.1f} s of CPU)")
        for what in ("the day", "after a correction"):
            seconds, cpu, _ = timed(folder, ("wrap", "--to", str(Path(base) / "backup"), "--json"))
            missed |= cpu > BAR_S
            files = [path for path in (folder / "wrap").rglob("*") if path.is_file()]
            size = sum(path.stat().st_size for path in files) / (1 << 20)
            print(
                f"wrap: {what}, {TAKES} takes: {seconds:.1f} s ({cpu:.1f} s of CPU), "
                f"{seconds / report:.0f} x the editor's log; {len(files)} files, {size:.1f} MiB in the folder now"
            )
            subprocess.run(
                onset("-p", str(folder), "log", "set", "42A/2", "status=circled"), stdout=subprocess.DEVNULL, check=True
            )
    print(f"wrap: bar {BAR_S:.0f} s of CPU: {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
