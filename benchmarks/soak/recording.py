"""Half an hour of takes on two simulated cameras, a mixer and a deck, then every frame and sample counted.

Run by `make soak` (`python -m benchmarks.soak.recording MINUTES` for another length). Looks for what short tests cannot
see: frames or samples lost under a long run, memory and descriptors that grow, alarms about nothing, processes and
sockets left behind.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import av
import numpy as np

from devices.ltc import decode_ltc
from devices.simulated.strip import read_strip
from devices.wave_tracks import open_wave
from onset.capture.asks import status
from onset.capture.lock import lock_holder, service_running
from onset.cli.capture import start_service, stop_service
from onset.cli.find import open_logbook
from onset.cli.new import config_text, make_production
from onset.clock import SystemClock
from onset.domain.camera import Clip
from onset.domain.sound import SoundFile

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
[[device]]
name = "DECK"
kind = "sim-hyperdeck"
minutes = 1000
"""
EXPECTED = ("clock",)  # what the machine itself may have to say of its own clock
GROWN_MIB = 20.0  # rings and pools fill during the first takes; what grows after that goes on growing
GROWN_DESCRIPTORS = 2


def onset(folder: Path, *arguments: str) -> None:
    """Run a command on the production."""
    subprocess.run([sys.executable, "-m", "onset", "-p", str(folder), *arguments], check=True, capture_output=True)


@dataclass(frozen=True, slots=True)
class Held:
    """What a process holds."""

    mib: float
    descriptors: int
    threads: int


def held_by(folder: Path) -> dict[str, Held]:
    """The service and each of its workers, by name."""
    lock = lock_holder(folder)
    assert lock is not None, "the service ended by itself"
    now = status(Path(lock.folder), 10.0)
    pids = {"service": now.pid, **{device.name: device.pid for device in now.devices if device.pid is not None}}
    found = {}
    for name, pid in pids.items():
        process = Path(f"/proc/{pid}")
        pages = int((process / "statm").read_text().split()[1])
        found[name] = Held(
            pages * os.sysconf("SC_PAGE_SIZE") / 2**20,
            len(list((process / "fd").iterdir())),
            len(list((process / "task").iterdir())),
        )
    return found


def lost_sound(path: Path, file: SoundFile) -> int:
    """Samples that are missing: against what the log says, and between the labels of the timecode on the last track."""
    tracks = open_wave(path)
    lost = abs(tracks.count - (file.samples or 0))
    sound = np.concatenate(list(tracks.blocks(0, tracks.count, [tracks.channels - 1])))[:, 0]
    labels = decode_ltc(sound, tracks.sample_rate).labels
    for one, other in pairwise(labels):
        step = abs(other.sample - one.sample - tracks.sample_rate / 25)
        lost += round(step) if step > 2 else 0
    missing = tracks.count * 25 // tracks.sample_rate - 3 - len(labels)
    return lost + max(0, missing) * tracks.sample_rate // 25


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
            before: dict[str, Held] = {}
            onset(folder, "log", "next", "1")
            while time.monotonic() < end:
                onset(folder, "log", "roll")
                time.sleep(TAKE_S)
                onset(folder, "log", "cut", "--wait")
                time.sleep(PAUSE_S)
                before = before or held_by(folder)
            after = held_by(folder)
            lock = lock_holder(folder)
            assert lock is not None, "the service ended by itself"
            assert lock.pid == pid, "the service was replaced"
        finally:
            stop_service(folder, clock)
        assert not service_running(folder), "the service is still there"
        bad = frames = dropped = samples = 0
        logbook = open_logbook(folder)
        try:
            takes = logbook.takes()
            told = [event for event in logbook.events(limit=1000) if event.what not in EXPECTED]
            for take in takes:
                clips = [clip for angle in take.angles for clip in angle.clips]
                files = [file for sound in take.sound for file in sound.files]
                bad += len(clips) != 2 or len(files) != 1
                for clip in clips:
                    count, gaps = frames_of(folder / clip.path, clip)
                    frames += count
                    bad += gaps
                    dropped += clip.dropped
                for file in files:
                    samples += file.samples or 0
                    dropped += lost_sound(folder / file.path, file)
        finally:
            logbook.close()
    print(f"{len(takes)} takes, {frames} frames and {samples} samples read back; {dropped} lost, {bad} gaps")
    for event in told:
        print(f"  {event.device}: {event.detail}")
    print("\n| process | MiB after the first take, at the end | descriptors | threads |")
    print("|---|---|---|---|")
    for name, held in after.items():
        first = before.get(name, held)
        grown = held.mib - first.mib > GROWN_MIB or held.descriptors - first.descriptors > GROWN_DESCRIPTORS
        bad += grown or held.threads > first.threads + 1
        print(
            f"| {name} | {first.mib:.0f}, {held.mib:.0f} | {first.descriptors}, {held.descriptors} | "
            f"{first.threads}, {held.threads} |{' GROWS' if grown else ''}"
        )
    return 1 if bad or dropped or told else 0


if __name__ == "__main__":
    sys.exit(main())
