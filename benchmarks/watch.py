"""Watching: what it costs a worker to look at pictures, to measure a take, and to keep its small pictures.

Run by `make bench`. CPU time of this process, median of many; a worker has one core for a camera.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

import numpy as np
from av import VideoFrame

from devices.adapter import NS, Block, Image, Samples, Shot
from devices.desk_picture import small_jpeg
from devices.gauge import SoundGauge
from devices.watch_picture import PictureWatch
from onset.limits import Limits

_LOOKS_A_SECOND, _BLOCKS_A_SECOND = 5, 50
_RATE = 48_000


def _cost_ms(times: int, what: Callable[[int], object]) -> float:
    taken = []
    for number in range(times):
        began = time.process_time()
        what(number)
        taken.append(time.process_time() - began)
    return statistics.median(taken) * 1000


def main() -> None:
    """Print the table."""
    grain = np.random.default_rng(1)
    rgb = grain.integers(0, 255, (1080, 1920, 3), dtype=np.uint8)
    planar = VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format="yuv420p")
    print("| 1080p and 48 kHz | ms each | times a second | % of a core |")
    print("|---|---|---|---|")
    for name, image in (("RGB", rgb), ("planar", planar)):
        _row(f"a look at the picture, {name}", _look_ms(image), _LOOKS_A_SECOND)
        _row(f"a small picture of a take, {name}", _small_picture_ms(image), 1)
    for tracks in (2, 8):
        samples = grain.integers(-(2**30), 2**30, (_RATE // _BLOCKS_A_SECOND, tracks)).astype(np.int32)
        _row(f"levels of a take, {tracks} tracks", _levels_ms(samples), _BLOCKS_A_SECOND)


def _look_ms(image: Image | VideoFrame) -> float:
    watch = PictureWatch("A", Limits(), lambda _: None)
    return _cost_ms(100, lambda n: watch.see(Shot(n, n * NS, image), rolling=True))


def _small_picture_ms(image: Image | VideoFrame) -> float:
    return _cost_ms(30, lambda n: small_jpeg(Shot(n, 0, image)))


def _levels_ms(samples: Samples) -> float:
    gauge = SoundGauge(samples.shape[1])
    return _cost_ms(500, lambda n: gauge.hear(_block(samples, n), 0, None))


def _block(samples: Samples, number: int) -> Block:
    return Block(samples, number * len(samples), number * NS // _BLOCKS_A_SECOND, _RATE)


def _row(what: str, cost_ms: float, times: int) -> None:
    print(f"| {what} | {cost_ms:.2f} | {times} | {cost_ms * times / 10:.2f} |")


if __name__ == "__main__":
    main()
