"""Frames to H.264 as they come, for devices that deliver pictures and not packets.

Used by `worker.py`. Encodes all the time, because a recording begins before its key is pressed (pre-roll), and writes
nowhere: packets go into a ring, and the template stream lets any number of files be made from them.
"""

from __future__ import annotations

from fractions import Fraction

import av
import numpy as np
from av import VideoFrame
from av.video.stream import VideoStream

from devices.adapter import Coded, Image, PictureFormat, Shot
from onset.errors import DeviceError

_THREADED_FROM = 1920 * 1080 * 60  # pixels a second that one thread can no longer encode (measured: 0.56 core at 50p)


class PictureEncoder:
    """One camera's encoder. Belongs to one thread."""

    def __init__(self, form: PictureFormat, *, quality: int = 23) -> None:
        """Open the encoder.

        Args:
            form: what the device delivers; odd sizes lose their last row or column (4:2:0 has half of each).
            quality: x264's constant rate factor; lower is better and larger.
        """
        self._form = form
        fps = form.fps
        self._time_base = Fraction(1, fps.numerator)
        self._step = fps.denominator
        self._sink = av.open("/dev/null", "w", format="null")
        # A template made from a muxing stream carries no headers of its own encoder; this one does, once it has begun.
        self.template: VideoStream = self._sink.add_stream(
            "libx264",
            rate=fps,
            options={
                "preset": "ultrafast",
                "tune": "zerolatency",  # no frames held back: start_time is 0 and labels are exact
                "g": str(max(1, round(fps / 2))),  # a killed file loses at most the open half second
                "crf": str(quality),
                "sc_threshold": "0",
                "colorspace": "smpte170m",  # what OpenCV's and JPEG's luma is; players would guess BT.709
                "color_range": "tv",
            },
        )
        self.template.width = form.width // 2 * 2
        self.template.height = form.height // 2 * 2
        self.template.pix_fmt = "yuv420p"
        self.template.time_base = self._time_base
        context = self.template.codec_context
        context.time_base = self._time_base
        context.thread_count = 2 if form.width * form.height * fps > _THREADED_FROM else 1
        self._sink.start_encoding()
        self._told: dict[int, Shot] = {}
        self._newest = -1

    def encode(self, shot: Shot) -> list[Coded]:
        """The packets that `shot` completes; with this tuning its own one.

        Raises:
            DeviceError: the encoder refused the picture.
        """
        if shot.image is None or shot.number <= self._newest:
            return []  # an encoder takes no time twice
        self._newest = shot.number
        width, height = self.template.width, self.template.height
        try:
            if isinstance(shot.image, VideoFrame):
                frame = shot.image.reformat(width, height, "yuv420p", dst_colorspace="ITU601", dst_color_range="MPEG")
            else:
                frame = planar(shot.image[:height, :width])
            frame.pict_type = 0  # a picture that came from a decoder carries its type
            frame.time_base = self._time_base
            frame.pts = shot.number * self._step
            self._told[frame.pts] = shot
            return [self._coded(packet) for packet in self.template.encode(frame)]
        except av.FFmpegError as error:
            raise DeviceError(f"The picture cannot be encoded: {error.strerror}.") from error

    def _coded(self, packet: av.Packet[VideoStream]) -> Coded:
        pts = packet.pts or 0
        shot = self._told.pop(pts)
        return Coded(
            bytes(packet),
            pts,
            packet.dts if packet.dts is not None else pts,
            self._step,
            self._time_base,
            packet.is_keyframe,
            shot.number,
            shot.mono_ns,
            shot.label,
        )

    def close(self) -> None:
        """Let go of the encoder; files made from its template stay valid."""
        self._sink.close()


def planar(image: Image, *, blue_first: bool = False) -> VideoFrame:
    """A picture in the layout that encoders want; its sides must be even.

    OpenCV does this much faster than FFmpeg's scaler (720p: 0.6 against 6.5 to 9 ms of CPU, docs/decisions/0125).
    """
    from devices.opencv import cv2  # only for devices that deliver plain pictures

    cv2.setNumThreads(1)  # waking others costs more than they save: 1.4 ms of CPU with two threads
    code = cv2.COLOR_BGR2YUV_I420 if blue_first else cv2.COLOR_RGB2YUV_I420
    planes = np.asarray(cv2.cvtColor(np.ascontiguousarray(image), code), np.uint8)
    return VideoFrame.from_ndarray(planes, format="yuv420p")
