"""A picture as a JPEG file: stills for the log, thumbnails for reports.

Used by `desk_picture.py` and `media_av.py`.
"""

from __future__ import annotations

from fractions import Fraction

import av
from av import VideoFrame


def jpeg(frame: VideoFrame, quality: int = 3) -> bytes:
    """`frame` as a JPEG file; `quality` from 2 (best) to 31."""
    coder = av.CodecContext.create("mjpeg", "w")
    coder.width, coder.height, coder.pix_fmt = frame.width, frame.height, "yuvj420p"
    coder.time_base = Fraction(1, 25)
    coder.options = {"qmin": str(quality), "qmax": str(quality)}
    fresh = frame.reformat(format="yuvj420p", dst_color_range="JPEG")
    fresh.pts = 0
    fresh.time_base = Fraction(1, 25)
    return b"".join(bytes(packet) for packet in [*coder.encode(fresh), *coder.encode(None)])
