"""What a camera was set to in a take, and how fast its sensor ran. Used by `day.py`."""

from __future__ import annotations

import re
from fractions import Fraction

from onset.domain.camera import CAMERA_DATA, NOTHING_SAID, Angle, CameraData
from onset.domain.scene import CameraSetup, Setup
from onset.timecode import Rate

_FPS = re.compile(r"(\d{1,4}(?:\.\d{1,3})?)\s*(?:fps|p)?", re.ASCII | re.IGNORECASE)
_WHOLE = (24, 30, 48, 60, 96, 120, 240)  # a thousandth slower each, written as 95.90 or 95.904
_PULLED = {round(n * 1000 / 1001, places): Fraction(n * 1000, 1001) for n in _WHOLE for places in (2, 3)}


def settings(angle: Angle | None, setup: Setup | None) -> CameraData:
    """What the camera was set to, and for what nobody said of the take, what the setup meant."""
    if angle is None:
        return NOTHING_SAID
    meant = _meant(angle.camera, setup)
    both = {name: getattr(angle.data, name) or getattr(meant, name, "") or None for name in CAMERA_DATA}
    return CameraData(**both)


def _meant(camera: str, setup: Setup | None) -> CameraSetup | None:
    return next((one for one in setup.cameras if one.camera == camera), None) if setup is not None else None


def sensor_fps(said: str | None, plays_at: Rate) -> Fraction | None:
    """Frames a second of the sensor, where somebody said so and it is not what the file plays at."""
    found = _FPS.fullmatch((said or "").strip())
    if found is None:
        return None
    written = Fraction(found[1])
    fps = _PULLED.get(float(written), written)
    return fps if fps and abs(fps - plays_at.fps) > plays_at.fps / 200 else None  # "24" is what many call 23.976


def fraction(fps: str | None) -> Fraction | None:
    """`24000/1001` as a number; None where it is none."""
    try:
        return Fraction(fps) if fps else None
    except (ValueError, ZeroDivisionError):
        return None
