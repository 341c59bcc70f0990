"""The timecode that a picture feed carries beside its frames: SMPTE words in H.264 and HEVC.

Used by `camera_av.py`. The layout is that of FFmpeg's libavutil/timecode.c. MPEG-2's groups have labels too, but the
decoder puts them on the frame that it gives out at that moment, which is another one.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from fractions import Fraction
from typing import cast

from av import VideoFrame
from av.sidedata.sidedata import SideData, SideDataContainer

from onset.timecode import RATES, Rate, Timecode, frame_number

_DROP = 1 << 30


def label_in(frame: VideoFrame, fps: Fraction, project: Rate) -> Timecode | None:
    """The label of a frame at the rate of its feed; None where the frame brings none, or one that cannot be.

    Args:
        frame: as it was decoded.
        fps: of the feed.
        project: at its rate drop-frame is what the project has: encoders only flag the labels that were left out.
    """
    # Not `frame.side_data`: a frame keeps that, and that keeps the frame, with all its pixels and its scaler's threads,
    # until the garbage collector comes by (135 threads and as many frames were seen).
    beside = cast("Iterable[SideData]", SideDataContainer(frame))  # type: ignore[call-arg]  # its stub lacks this
    words = next((each for each in beside if each.type.name == "S12M_TIMECODE"), None)
    return None if words is None else _from_word(bytes(words), fps, drop=project.drop and project.fps == fps)


def _from_word(data: bytes, fps: Fraction, *, drop: bool = False) -> Timecode | None:
    """How many words, then up to three of them; the first is that of the frame."""
    if len(data) < 8 or not struct.unpack_from("<I", data)[0]:
        return None
    word = struct.unpack_from("<I", data, 4)[0]
    frames = _bcd(word >> 24 & 0x3F)
    if fps > 30:  # counted in pairs; a bit says which of the two
        frames = frames * 2 + bool(word & (1 << 7 if fps == 50 else 1 << 23))
    hours, minutes, seconds = _bcd(word & 0x3F), _bcd(word >> 8 & 0x7F), _bcd(word >> 16 & 0x7F)
    return _label(hours, minutes, seconds, frames, fps, drop=drop or bool(word & _DROP))


def _bcd(digits: int) -> int:
    return (digits >> 4) * 10 + (digits & 15)


def _label(hours: int, minutes: int, seconds: int, frames: int, fps: Fraction, *, drop: bool) -> Timecode | None:
    rate = next((each for each in RATES.values() if _labels(each, fps, drop)), None)
    if rate is None or hours > 23 or minutes > 59 or seconds > 59 or frames >= rate.nominal:
        return None
    if seconds == 0 and minutes % 10 and frames < rate.dropped_a_minute:
        return None
    return Timecode(frame_number(((hours * 60 + minutes) * 60 + seconds) * rate.nominal + frames, rate), rate)


def _labels(rate: Rate, fps: Fraction, drop: bool) -> bool:
    return rate.fps == fps and rate.drop == drop and not rate.sensor_only
