"""Pictures to feed to adapters: simulated frames with numbers to read back, as files that other programs serve."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import av
import numpy as np

from devices.adapter import NS, Surroundings
from devices.encoder import PictureEncoder
from devices.picture_file import PictureFile
from devices.simulated.camera import SimulatedCamera
from devices.simulated.strip import Strip, read_strip
from onset.clock import Clock, ManualClock
from onset.timecode import Timecode, rate

TEN_O_CLOCK_NS = 10 * 3600 * NS


def surroundings(rate_name: str = "25", clock: Clock | None = None) -> Surroundings:
    """A production at ten o'clock."""
    return Surroundings("Harbour Lights", rate(rate_name), clock or ManualClock(wall_ns=TEN_O_CLOCK_NS))


def film_source(path: Path, seconds: float, *, rate_name: str = "25", width: int = 320, height: int = 180) -> Path:
    """A file of simulated frames, made without waiting."""
    around = surroundings(rate_name)
    camera = SimulatedCamera("SRC", {"width": width, "height": height}, around)
    form = camera.open()
    encoder = PictureEncoder(form)
    with path.open("w+b", buffering=0) as raw:
        file: PictureFile | None = None
        for _ in range(int(seconds * form.fps)):
            shot = camera.read()
            for coded in encoder.encode(shot):
                if file is None:
                    file = PictureFile(raw, encoder.template, shot.label or Timecode(0, around.rate), form.fps, {})
                file.write(coded)
        if file is not None:
            file.close()
    encoder.close()
    return path


@dataclass(frozen=True)
class Filmed:
    """What decoding every frame of a file showed."""

    strips: list[Strip | None]
    times: list[Fraction]
    timecode: str | None
    tags: dict[str, str]

    @property
    def gaps(self) -> list[tuple[Strip | None, Strip | None]]:
        """Neighbours whose numbers do not follow each other, or that cannot be read."""
        pairs = zip(self.strips, self.strips[1:], strict=False)
        return [(a, b) for a, b in pairs if a is None or b is None or b.number != a.number + 1]


def decode_all(path: Path) -> Filmed:
    """Decode every frame, strictly: a damaged one is an error."""
    strips: list[Strip | None] = []
    times: list[Fraction] = []
    with av.open(str(path)) as box:
        stream = box.streams.video[0]
        stream.codec_context.options = {"err_detect": "explode"}
        for frame in box.decode(stream):
            strips.append(read_strip(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8)))
            if frame.pts is not None and frame.time_base is not None:
                times.append(frame.pts * frame.time_base)
        return Filmed(strips, times, stream.metadata.get("timecode"), dict(box.metadata))
