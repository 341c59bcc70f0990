"""Feeds as they come: how late a picture is, what a busy interpreter costs the sound, and what an idle worker costs.

Run by `make bench`. A picture with its number in it goes through ffmpeg (H.264 in a transport stream by UDP, JPEG by
HTTP) to the adapter; measured is from the moment it was made to the moment it is there. Sound comes from PipeWire at
real speed, first alone and then beside a thread that never lets go of the interpreter: why each device has a process of
its own. Needs ffmpeg, PipeWire and PyAudio.
"""

from __future__ import annotations

import json
import os
import socket
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np

from devices.adapter import NS, Surroundings
from devices.camera_av import AVFeed
from devices.simulated.strip import Strip, draw_strip, read_strip
from onset.capture.bus import Watcher
from onset.capture.signals import Picture
from onset.clock import SystemClock
from onset.timecode import rate
from tests.devices.workers import WorkerProcess, worker
from tests.real.feeds import SoundServer, free_port, listening, wait_until

WIDTH, HEIGHT, FPS = 640, 360, 25
FRAMES = 150
SOUND_S = 6
IDLE_S = 5.0
UDP = ["-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency", "-g", "12", "-f", "mpegts"]
MJPEG = ["-c:v", "mjpeg", "-q:v", "4", "-f", "mpjpeg", "-listen", "1"]
KINDS = ("udp", "http")


class Source:
    """Makes pictures at real speed, and remembers when."""

    def __init__(self, url: str, coding: list[str]) -> None:
        raw = ["-f", "rawvideo", "-pix_fmt", "rgb24", "-s", f"{WIDTH}x{HEIGHT}", "-r", str(FPS), "-i", "pipe:0"]
        command = ["ffmpeg", "-v", "error", "-fflags", "nobuffer", *raw, *coding, "-flush_packets", "1", url]
        self.ffmpeg = subprocess.Popen(command, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.made: dict[int, int] = {}
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._make, daemon=True)
        self._thread.start()

    def _make(self) -> None:
        pipe = self.ffmpeg.stdin
        assert pipe is not None
        noise = np.random.default_rng(1).integers(0, 60, (HEIGHT, WIDTH, 3), np.uint8)
        began_ns = time.monotonic_ns()
        number = 0
        while not self._ended.is_set():
            image = np.roll(noise, number * 3, axis=1)
            draw_strip(image, Strip(number, number))
            self._ended.wait(max(0.0, (began_ns + number * NS // FPS - time.monotonic_ns()) / NS))
            self.made[number] = time.monotonic_ns()
            try:
                pipe.write(image.tobytes())
                pipe.flush()
            except OSError:
                return
            number += 1

    def close(self) -> None:
        """End it."""
        self._ended.set()
        self.ffmpeg.kill()
        self.ffmpeg.wait()
        self._thread.join()
        if self.ffmpeg.stdin is not None:
            with suppress(OSError):  # what it had not read is gone with it
                self.ffmpeg.stdin.close()


@contextmanager
def feed(kind: str) -> Iterator[tuple[str, Source]]:
    """A feed of pictures that are made now."""
    if kind == "udp":
        url = f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"
        source = Source(f"{url}?pkt_size=1316", UDP)
    else:
        port = free_port()
        url = f"http://127.0.0.1:{port}/picture"
        source = Source(url, MJPEG)
        wait_until(lambda: listening(port), "ffmpeg did not listen")
    try:
        yield url, source
    finally:
        source.close()


def latencies(kind: str) -> tuple[list[float], int]:
    """Milliseconds from making a picture to having it, sorted; and how many numbers were missing."""
    with feed(kind) as (url, source):
        device = AVFeed("B", {"url": url}, Surroundings("Bench", rate("25"), SystemClock()))
        device.open()
        found, numbers = [], list[int]()
        for _ in range(FRAMES):
            shot = device.read()
            came_ns = time.monotonic_ns()
            if shot.image is None or isinstance(shot.image, np.ndarray):
                continue
            strip = read_strip(np.asarray(shot.image.to_ndarray(format="rgb24"), np.uint8))
            if strip is not None and strip.number in source.made:
                numbers.append(strip.number)
                found.append((came_ns - source.made[strip.number]) / 1e6)
        device.close()
    return sorted(found), max(numbers) - min(numbers) + 1 - len(set(numbers))


def to_the_bus(folder: Path) -> list[float]:
    """Milliseconds from a simulated camera's frame to its small picture on the live bus, sorted."""
    (folder / "bus-bench").mkdir()
    with worker(folder / "bus-bench", options={"width": 1280, "height": 720}) as camera:
        camera.wait_live()
        watcher = Watcher(folder / "bus-bench" / "bus")
        found, seen = [], -1
        until = time.monotonic() + 5
        while time.monotonic() < until:
            picture = watcher.newest("A", Picture)
            if picture is not None and picture.frame != seen:
                seen = picture.frame
                found.append((time.monotonic_ns() - picture.mono_ns) / 1e6)
            time.sleep(0.001)
        watcher.close()
        camera.hang_up()
    return sorted(found)


_HEAR = """
import json, sys, threading, time
from devices.adapter import Surroundings
from devices.audio_pyaudio import PyAudioInput
from onset.clock import SystemClock
from onset.timecode import rate
device = PyAudioInput("MIX", {"match": "onset_mic"}, Surroundings("T", rate("25"), SystemClock()))
device.open()
for _ in range(50):
    device.read()
ended = threading.Event()
def hog():
    while not ended.is_set():
        sum(range(2000))
if sys.argv[1] == "busy":
    threading.Thread(target=hog, daemon=True).start()
first, began = device.read(), time.monotonic()
lost = late = 0
while time.monotonic() - began < float(sys.argv[2]):
    block = device.read()
    lost += block.lost
    late = max(late, block.late_ns)
got = block.first + len(block.samples) - first.first - lost
ended.set()
device.close()
print(json.dumps([got / 48000 / (time.monotonic() - began), lost, late / 1e6]))
"""


def heard(folder: Path) -> dict[str, tuple[float, int, float]]:
    """Samples that came for each that should have, alone and beside a busy thread; lost; late by how many ms."""
    sound = folder / "tone.raw"
    sound.write_bytes(np.zeros(48_000 * 2 * 40, np.int16).tobytes())
    wav = folder / "tone.wav"
    subprocess.run(["ffmpeg", "-v", "error", "-f", "s16le", "-ar", "48000", "-ac", "2", "-i", sound, wav], check=True)
    found = {}
    with ExitStack() as stack:
        server = SoundServer(folder, wav, stack)
        server.start()
        for name in ("alone", "busy"):
            command = [sys.executable, "-c", _HEAR, name, str(SOUND_S)]
            env = {**os.environ, **server.env}
            done = subprocess.run(command, env=env, capture_output=True, check=True, timeout=60)
            ratio, lost, late = json.loads(done.stdout)
            found[name] = (float(ratio), int(lost), float(late))
    return found


def idle(folder: Path) -> dict[str, float]:
    """Percent of a core that a worker takes while its device is not there, and while nothing rolls."""
    cases: dict[str, tuple[str, dict[str, object]]] = {
        "feed that refuses (http)": ("av", {"url": "http://127.0.0.1:9/x"}),
        "feed that is silent (udp)": ("av", {"url": f"udp://127.0.0.1:{free_port(socket.SOCK_DGRAM)}"}),
        "camera that is not plugged in (opencv)": ("opencv", {"source": "/dev/v4l/by-id/none"}),
        "sound interface that is not plugged in (pyaudio)": ("pyaudio", {"match": "none"}),
        "camera 1280 x 720, live, its pre-roll encoded (sim-camera)": ("sim-camera", {"width": 1280, "height": 720}),
    }
    found = {}
    for number, (name, (kind, options)) in enumerate(cases.items()):
        place = folder / f"idle{number}"
        place.mkdir()
        with worker(place, kind, options=options) as device:
            time.sleep(3)  # its start
            before = _cpu_s(device)
            time.sleep(IDLE_S)
            found[name] = (_cpu_s(device) - before) / IDLE_S * 100
            device.hang_up()
    return found


def _cpu_s(device: WorkerProcess) -> float:
    words = Path(f"/proc/{device.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
    return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")


def main() -> int:
    print("| picture to adapter | median ms | p95 ms | missing |\n|---|---|---|---|")
    for kind in KINDS:
        found, missing = latencies(kind)
        print(f"| {kind} | {statistics.median(found):.0f} | {found[int(len(found) * 0.95)]:.0f} | {missing} |")
    with TemporaryDirectory(prefix="bench-") as made:
        folder = Path(made)
        bus = to_the_bus(folder)
        print(
            f"| simulated camera to the live bus | {statistics.median(bus):.0f} | {bus[int(len(bus) * 0.95)]:.0f} | |"
        )
        print("\n| sound from PipeWire | came of what should | samples lost | late ms |\n|---|---|---|---|")
        for name, (ratio, lost, late) in heard(folder).items():
            print(f"| {name} | {ratio:.4f} | {lost} | {late:.0f} |")
        print("\n| idle worker | % of a core |\n|---|---|")
        for name, percent in idle(folder).items():
            print(f"| {name} | {percent:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
