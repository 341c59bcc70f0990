"""Recording 1080p25: what encoding and writing a crash-safe MOV costs, beside ffmpeg doing the same.

Run by `make bench`. The same hundred pictures, in memory here and in a file in memory for ffmpeg, so that it needs no
pipe; the same encoder, preset, group and quality; both once from planar and once from RGB pictures.
"""

from __future__ import annotations

import os
import resource
import statistics
import subprocess
import tempfile
from fractions import Fraction
from pathlib import Path

import numpy as np
from av import VideoFrame

from devices.adapter import NS, PictureFormat, Shot, Surroundings
from devices.encoder import PictureEncoder, planar
from devices.picture_file import PictureFile
from devices.simulated.camera import SimulatedCamera
from onset.clock import ManualClock
from onset.timecode import Timecode, rate

_FRAMES, _RUNS = 100, 5
_WIDTH, _HEIGHT, _FPS = 1920, 1080, 25
_BAR = 1.1


def main() -> None:
    """Print the table."""
    around = Surroundings("Benchmark", rate("25"), ManualClock(wall_ns=36_000 * NS))
    camera = SimulatedCamera("A", {"width": _WIDTH, "height": _HEIGHT}, around)
    form = camera.open()
    grain = np.random.default_rng(1)
    shots = []
    for _ in range(_FRAMES):
        shot = camera.read()
        assert isinstance(shot.image, np.ndarray)
        noisy = shot.image.astype(np.int16) + grain.integers(-6, 7, shot.image.shape, np.int16)
        shots.append(Shot(shot.number, shot.mono_ns, np.clip(noisy, 0, 255).astype(np.uint8), label=shot.label))
    flat = [Shot(s.number, s.mono_ns, planar(s.image), label=s.label) for s in shots if isinstance(s.image, np.ndarray)]
    memory = Path("/dev/shm") if Path("/dev/shm").is_dir() else None
    with tempfile.TemporaryDirectory(dir=memory) as folder:
        rgb, planes = Path(folder) / "rgb", Path(folder) / "planes"
        rgb.write_bytes(b"".join(s.image.tobytes() for s in shots if isinstance(s.image, np.ndarray)))
        planes.write_bytes(b"".join(s.image.to_ndarray().tobytes() for s in flat if isinstance(s.image, VideoFrame)))
        print(f"{'1080p25, CPU of one core at real time':<40} onset   ffmpeg  ratio  bar")
        rows = (("planar pictures", flat, planes, "yuv420p"), ("RGB pictures", shots, rgb, "rgb24"))
        for name, given, raw, layout in rows:
            ours, theirs = [], []
            for _ in range(_RUNS):
                ours.append(_record(given, form.fps.numerator, Path(folder) / "ours.mov"))
                theirs.append(_ffmpeg(raw, layout, Path(folder) / "theirs.mov"))
            mine, peer = (statistics.median(costs) * _FPS / _FRAMES * 100 for costs in (ours, theirs))
            print(f"{name:<40} {mine:5.1f} % {peer:5.1f} %  {mine / peer:5.2f}  {_BAR}")


def _record(shots: list[Shot], fps: int, path: Path) -> float:
    """CPU seconds of encoding and writing them."""
    began = _spent(resource.RUSAGE_SELF)
    around_rate = rate(str(fps))
    camera = PictureEncoder(PictureFormat(_WIDTH, _HEIGHT, Fraction(fps)))
    with open(os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC), "w+b", buffering=0) as raw:
        file: PictureFile | None = None
        for shot in shots:
            for coded in camera.encode(shot):
                if file is None:
                    start = shot.label or Timecode(0, around_rate)
                    file = PictureFile(raw, camera.template, start, around_rate.fps, {"title": "42C-3"})
                file.write(coded)
        assert file is not None
        file.close()
    camera.close()
    return _spent(resource.RUSAGE_SELF) - began


def _ffmpeg(raw: Path, layout: str, path: Path) -> float:
    """CPU seconds of ffmpeg doing the same."""
    command = ["ffmpeg", "-v", "error", "-y", "-f", "rawvideo", "-pix_fmt", layout, "-s", f"{_WIDTH}x{_HEIGHT}"]
    command += ["-r", str(_FPS), "-i", str(raw), "-c:v", "libx264", "-preset", "ultrafast", "-tune", "zerolatency"]
    command += ["-g", "12", "-crf", "23", "-threads", "1", "-pix_fmt", "yuv420p", "-timecode", "10:00:00:00"]
    command += ["-frag_duration", "500000", "-flush_packets", "1", "-movflags", "+frag_keyframe", str(path)]
    began = _spent(resource.RUSAGE_CHILDREN)
    subprocess.run(command, check=True, stdin=subprocess.DEVNULL)
    return _spent(resource.RUSAGE_CHILDREN) - began


def _spent(who: int) -> float:
    used = resource.getrusage(who)
    return used.ru_utime + used.ru_stime


if __name__ == "__main__":
    main()
