"""A day's editor log of 300 takes as PDF: the bar is 1 s, from the start of the program to the file on disk.

Run by `make bench`. The day is made of values, not read from a log: reading it is measured in benchmarks/log.py.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

from onset.logbook.totals import Tally
from onset.reports.day import Totals
from onset.reports.editor import EditorLog, SetupBlock, TakeLine
from onset.reports.html import editor_html
from onset.reports.pdf import editor_pdf

TAKES = 300
RUNS = 5
BAR_S = 1.0


def a_long_day(takes: int) -> EditorLog:
    """Setups of five takes, with the comments that such takes have."""
    line = TakeLine(
        key="3",
        number="3",
        circled=True,
        status="circled",
        timing="1:47",
        camera_rolls=("A A012", "B B007"),
        sound_rolls=("S003",),
        tc_in="10:12:13:14",
        tc_note="MIX.ltc",
        clips=("day03/42C-3_A.mov", "day03/42C-3_B.mov", "day03/42C-3_MIX.wav"),
        flags=("SERIES",),
        comments=("Best for the look to the door; line 3 fluffed, cut away before.", "▸ 10:12:47:02 phone"),
        tags=("door", "night"),
    )
    blocks = [
        SetupBlock(
            slate=f"{setup}C",
            scene=str(setup),
            heading="INT. KITCHEN - NIGHT",
            description="Close on Edward, pan to door",
            size="CU",
            vfx=False,
            again=False,
            cameras=(),
            takes=(line,) * 5,
        )
        for setup in range(1, takes // 5 + 1)
    ]
    totals = Totals(
        shot=Tally(days=1, setups=takes // 5, takes=takes, circled=takes),
        hold=0,
        ng=0,
        timing="8:55:00",
        circled_timing="8:55:00",
    )
    return EditorLog(
        title="Harbour Lights",
        unit="Main",
        day=3,
        date="2026-03-05",
        rate="24",
        company="",
        director="",
        blocks=tuple(blocks),
        totals=totals,
        warnings=(),
    )


def main() -> int:
    """Print the table; with an argument, be the program that is measured."""
    if len(sys.argv) > 1:
        form, target = sys.argv[1:]
        log = a_long_day(TAKES)
        Path(target).write_bytes(editor_pdf(log) if form == "pdf" else editor_html(log))
        return 0
    missed = False
    with TemporaryDirectory() as folder:
        for form in ("pdf", "html"):
            path = Path(folder) / f"day.{form}"
            seconds = []
            for _ in range(RUNS):
                start = time.perf_counter()
                subprocess.run([sys.executable, __file__, form, str(path)], check=True)
                seconds.append(time.perf_counter() - start)
            median = statistics.median(seconds)
            missed |= form == "pdf" and median > BAR_S
            print(
                f"report: {TAKES} takes as {form}: {median:.2f} s median of {RUNS}, {path.stat().st_size // 1024} KiB"
            )
    print(f"report: bar {BAR_S:.1f} s for the PDF: {'MISSED' if missed else 'met'}")
    return int(missed)


if __name__ == "__main__":
    sys.exit(main())
