"""Watches a camera's pictures: black, frozen, or the flat colour that a capture card shows without a signal.

Used by `desk_picture.py`. Five times a second a few thousand points of the newest frame are looked at (half a
millisecond of 1080p). Frozen means that these points are exactly the same: the noise of a real sensor makes that
impossible, however still the set. A feed of a screen may stand still by right: `watch = { frozen = "0 s" }` says so.
"""

from __future__ import annotations

import zlib

import numpy as np
from av import VideoFrame

from devices.adapter import NS, Image, Shot
from devices.watch import Say, Trouble
from onset.limits import Limits
from onset.text import safe_text

_LOOK_NS = NS // 5
_WIDE, _HIGH = 160, 90  # points that are looked at
_BLACK_SPREAD = 8.0  # standard deviation: the noise of a capped lens is less, a candle in the dark is more
_FLAT_SPREAD = 0.25  # one colour, encoded and decoded again; a grey card before a camera has more noise


class PictureWatch:
    """One camera's pictures."""

    def __init__(self, device: str, limits: Limits, say: Say) -> None:
        """Nothing was seen yet."""
        name = safe_text(device)
        self._level = limits.black_level
        self._black = Trouble(device, "black", f"{name}: the picture is black.", limits.black_s, say)
        self._flat = Trouble(
            device, "no signal", f"{name}: no signal; the picture is one flat colour.", limits.no_signal_s, say
        )
        self._frozen = Trouble(
            device,
            "frozen",
            f"{name}: the picture is frozen; frames come, and each is the one before.",
            limits.frozen_s,
            say,
        )
        self._looked_ns: int | None = None
        self._seen: tuple[int, int] | None = None  # number and checksum of the frame that was looked at last

    def see(self, shot: Shot, *, rolling: bool) -> None:
        """Look at a frame, now and then.

        Args:
            shot: as it came; without a picture nothing is judged.
            rolling: a take rolls; between takes a lens is capped, and black is no alarm.
        """
        if shot.image is None or (self._looked_ns is not None and shot.mono_ns - self._looked_ns < _LOOK_NS):
            return
        self._looked_ns = now_ns = shot.mono_ns
        points = few_points(shot.image)
        spread = points.reshape(-1, 3).std(axis=0)
        dark = float(points.mean()) <= self._level and float(spread.max()) <= _BLACK_SPREAD
        self._black.judge_take(dark, now_ns, rolling=rolling)
        self._flat.judge(not dark and float(spread.max()) <= _FLAT_SPREAD, now_ns)
        checksum = zlib.crc32(points.tobytes())
        before, self._seen = self._seen, (shot.number, checksum)
        same = before is not None and before[1] == checksum and before[0] != shot.number
        self._frozen.judge(same and not dark and not self._flat.told, now_ns)

    def gone(self, now_ns: int) -> None:
        """No picture comes any more; that is an alarm of its own."""
        for trouble in (self._black, self._flat, self._frozen):
            trouble.end(now_ns, "The device went away.")
        self._looked_ns = self._seen = None


def few_points(image: Image | VideoFrame) -> Image:
    """At most 160 x 90 points of a picture, not mixed with their neighbours; height x width x 3."""
    if isinstance(image, VideoFrame):
        small = image.reformat(min(_WIDE, image.width), min(_HIGH, image.height), "rgb24", interpolation="POINT")
        return np.ascontiguousarray(small.to_ndarray())
    down, across = max(1, image.shape[0] // _HIGH), max(1, image.shape[1] // _WIDE)
    return np.ascontiguousarray(image[::down, ::across])
