"""Timecode out of clean, noisy, quiet, fast and backward sound, beside libltc on the same samples.

Run by `make bench`. Bars: the design's row on LTC; no false label in any row, at least as many right as libltc, 100
times real time. `python -m benchmarks.ltc 60` for a minute a row.
"""

from __future__ import annotations

import ctypes
import os
import shutil
import sys
import time

from devices.ltc import decode_ltc
from tests.devices.ltc_sounds import ROWS, judged, libltc, made, read_by_libltc

SECONDS = 30
BAR_TIMES = 100


def main() -> int:
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else SECONDS
    try:
        ctypes.CDLL("libltc.so.11")
        library = libltc()
    except OSError:
        library = None
        print("libltc is not installed (libltc11): its columns stay empty.")
    print(f"{seconds} s a row; load {os.getloadavg()[0]:.1f}\n")
    print("| sound | onset: right % | inferred | false | x real time | libltc: right % | false |")
    print("|---|---|---|---|---|---|---|")
    missed: list[str] = []
    for row in ROWS:
        if row.codec and shutil.which("ffmpeg") is None:
            print(f"| {row.name} | ffmpeg is not installed | | | | | |")
            continue
        case = made(row, seconds)
        slack = 1.5 if row.codec else 0.5  # a codec delays
        began = time.process_time()
        tape = decode_ltc(case.wave, case.hertz)
        times = seconds / (time.process_time() - began)
        own = judged(case, ((heard.label, heard.sample, heard.inferred) for heard in tape.labels), slack)
        peer = None if library is None else judged(case, read_by_libltc(library, case), slack)
        beside = " | " if peer is None else f"{peer.right:.1f} | {peer.false}"
        print(
            f"| {row.name} | {own.right:.1f} | {own.inferred or ''} | {own.false} | {times:.0f} "
            f"| {beside} |", flush=True,
        )  # fmt: skip
        one = 100 / len(case.truth)  # the share of a single label
        bar = 100 * row.bar if row.bar is not None else 0.0
        least = max(min(bar, 100 - one), 0.0 if peer is None else peer.right - one)
        if own.false or own.right + 1e-9 < least:
            missed.append(row.name)
        if times < BAR_TIMES and row.name.startswith(("clean", "speed", "reversed")):
            missed.append(f"{row.name} (speed)")
    print(f"\nltc: bars {'MISSED: ' + ', '.join(missed) if missed else 'met'}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main())
