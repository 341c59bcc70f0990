"""Half an hour of takes on two simulated cameras and a mixer, then every frame of every clip decoded and counted.

Run by `make soak` (`python -m benchmarks.soak.recording MINUTES` for another length). Looks for what short tests cannot
see: frames lost under a long run, memory that grows, processes and sockets left behind.
"""

from __future__ import annotations

import subprocess
import sys
import time
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from devices.simulated.strip import read_strip
from onset.capture.lock import lock_holder, service_running
from onset.cli.capture import start_service, stop_service
from onset.cli.find import open_logbook
from onset.cli.new import config_text, make_production
from onset.clock import SystemClock
from onset.domain.camera import Clip

TAKE_S = 40.0
PAUSE_S = 20.0
DEVICES = """
[[device]]
name = "A"
kind = "sim-camera"
[[device]]
name = "B"
kind = "sim-camera"
[[device]]
name = "MIX"
kind = "sim-mixer"
"""


def onset(folder: Path, *arguments: str) -> None:
    """Run a command on the production."""
    subprocess.run([sys.executable, "-m", "onset", "-p", str(folder), *arguments], check=True, capture_output=True)


def resident_mib(pid: int) -> dict[str, float]:
    """Resident memory of the service and each of its workers."""
    listed = subprocess.run(["ps", "-eo", "pid,ppid,rss,args"], check=True, capture_output=True, text=True).stdout
    found = {}
    for line in listed.splitlines()[1:]:
        own, parent, rss, command = line.split(None, 3)
        if pid in (int(own), int(parent)):
            found[f"{own} {'service' if int(own) == pid else command.split()[-1]}"] = int(rss) / 1024
    return found


def frames_of(path: Path, clip: Clip) -> tuple[int, int]:
    """Decoded frames of a clip, and gaps in the numbers burnt into them."""
    numbers = []
    with av.open(str(path)) as box:
        for frame in box.decode(video=0):
            small = frame.reformat(width=320, height=180, format="rgb24")  # the strip survives it, and it is quick
            strip = read_strip(small.to_ndarray().astype(np.uint8))
            numbers.append(None if strip is None else strip.number)
    gaps = sum(one is None or other is None or other != one + 1 for one, other in pairwise(numbers))
    if len(numbers) != clip.duration_frames:
        print(f"{clip.name}: {len(numbers)} frames decode, the log says {clip.duration_frames}")
        gaps += 1
    return len(numbers), gaps


def main() -> int:
    minutes = float(sys.argv[1]) if len(sys.argv) > 1 else 30.0
    clock = SystemClock()
    with TemporaryDirectory() as temporary:
        folder = Path(temporary) / "soak"
        make_production(folder, config_text("Soak", "25", "us", timecode=("MIX.ltc", "clock"), devices=DEVICES))
        pid = start_service(folder)
        try:
            end = time.monotonic() + minutes * 60
            before: dict[str, float] = {}
            onset(folder, "log", "next", "1")
            while time.monotonic() < end:
                onset(folder, "log", "roll")
                time.sleep(TAKE_S)
                onset(folder, "log", "cut", "--wait")
                before = before or resident_mib(pid)
                time.sleep(PAUSE_S)
            after = resident_mib(pid)
            held = lock_holder(folder)
            assert held is not None, "the service ended by itself"
            assert held.pid == pid, "the service was replaced"
        finally:
            stop_service(folder, clock)
        assert not service_running(folder), "the service is still there"
        bad = frames = dropped = 0
        logbook = open_logbook(folder)
        try:
            takes = logbook.takes()
            for take in takes:
                clips = [clip for angle in take.angles for clip in angle.clips]
                bad += len(clips) != 2 or len(take.sound) != 1
                for clip in clips:
                    count, gaps = frames_of(folder / clip.path, clip)
                    frames += count
                    bad += gaps
                    dropped += clip.dropped
        finally:
            logbook.close()
    print(f"{len(takes)} takes, {frames} frames decoded, {dropped} reported as dropped, {bad} gaps or missing files")
    for name, mib in after.items():
        print(f"  {name:<24} {before.get(name, 0):6.0f} MiB after the first take, {mib:6.0f} MiB at the end")
    return 1 if bad or dropped else 0


if __name__ == "__main__":
    sys.exit(main())
