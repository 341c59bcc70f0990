"""Cameras on this machine (UVC, V4L2, AVFoundation) and files, by OpenCV.

An ordinary adapter of kind `opencv`. OpenCV tells no times and no losses, so frames are numbered by their arrival.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from devices.adapter import NS, Options, PictureFormat, Shot, Surroundings
from devices.encoder import planar
from devices.picture_file import rate_of
from devices.timing import ArrivalFit, FrameGrid, exact_rate
from onset.errors import DeviceError
from onset.text import safe_path

_OPEN_MS, _READ_MS = 5000, 2000
_NAP_S = 0.02
os.environ.setdefault("OPENCV_VIDEOIO_V4L_SELECT_TIMEOUT", "2")  # seconds; its own default of 10 hides a dead camera
os.environ.setdefault("OPENCV_LOG_LEVEL", "SILENT")

import cv2  # noqa: E402 - reads both when it is loaded


class OpenCVCamera:
    """A camera by its index, or a file.

    Options: `source` (needed: 0, 1, … or a path), `width`, `height`, `fps` (asked of a camera; it may refuse).
    """

    medium: Literal["picture"] = "picture"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._name = name
        self._around = around
        source = options.raw("source")
        if isinstance(source, bool) or not isinstance(source, (int, str)) or source == "":
            raise options.wrong("source", "the number of a camera, or the path of a file")
        if isinstance(source, str) and "://" in source:
            raise options.wrong("source", 'a camera or a file; for a network address use kind = "av" and its url')
        self._source: int | str = source
        self._width = options.whole("width", 0, least=0, most=8192)
        self._height = options.whole("height", 0, least=0, most=8192)
        self._fps = options.number("fps", 0.0, least=0.0, most=240.0)
        options.done()
        self._closing = threading.Event()
        self._in_use = threading.Lock()  # OpenCV may not be released while another thread reads
        self._capture: cv2.VideoCapture | None = None
        self._grid = FrameGrid(around.rate.fps)
        self._fit = ArrivalFit()
        self._period = Fraction(1, 25)
        self._started_ns = 0
        self._count = 0

    @property
    def _shown(self) -> str:
        return f"camera {self._source}" if isinstance(self._source, int) else safe_path(self._source)

    def open(self) -> PictureFormat:
        """Open the camera. See `PictureDevice.open`."""
        with self._in_use:
            self._closing.clear()
            self._let_go()
            capture = self._captured()
            if not capture.isOpened():
                capture.release()
                raise DeviceError(f"{self._name}: {self._shown} cannot be opened; is it plugged in, or in use?")
            for prop, value in (
                (cv2.CAP_PROP_FRAME_WIDTH, self._width),
                (cv2.CAP_PROP_FRAME_HEIGHT, self._height),
                (cv2.CAP_PROP_FPS, self._fps),
            ):
                if value and isinstance(self._source, int):
                    capture.set(prop, value)
            width, height = int(capture.get(cv2.CAP_PROP_FRAME_WIDTH)), int(capture.get(cv2.CAP_PROP_FRAME_HEIGHT))
            if width < 2 or height < 2:
                capture.release()
                raise DeviceError(f"{self._name}: {self._shown} delivers no picture.")
            self._capture = capture
            fps = self._known_rate(capture.get(cv2.CAP_PROP_FPS))
            self._period = 1 / fps
            self._grid, self._fit = FrameGrid(fps), ArrivalFit()
            self._started_ns, self._count = self._around.clock.monotonic_ns(), 0
            return PictureFormat(width, height, fps)

    def _captured(self) -> cv2.VideoCapture:
        if isinstance(self._source, int):
            return cv2.VideoCapture(self._source)
        if not Path(self._source).is_file():
            raise DeviceError(f"{self._name}: {self._shown} is not there.")
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_MS]
        return cv2.VideoCapture(self._source, cv2.CAP_FFMPEG, limits)

    def _known_rate(self, told: float) -> Fraction:
        """A rate that timecode is labelled at; a camera at another one is laid on the project's frames."""
        fps = exact_rate(Fraction(told)) if told > 0 else None
        project = self._around.rate
        return fps if fps is not None and rate_of(fps, project) is not None else project.fps

    def read(self) -> Shot:
        """The next frame. See `PictureDevice.read`."""
        with self._in_use:
            capture = self._capture
            if capture is None or self._closing.is_set():
                self._let_go()
                raise DeviceError(f"{self._name}: {self._shown} was closed.")
            is_file = isinstance(self._source, str)
            if is_file:
                self._wait_until(self._started_ns + round(self._count * self._period * NS))
            there, image = capture.read()
            if self._closing.is_set() or not there or image is None:
                what = "was closed" if self._closing.is_set() else "has ended" if is_file else "delivers nothing"
                self._let_go()
                raise DeviceError(f"{self._name}: {self._shown} {what}.")
            arrival_ns = self._around.clock.monotonic_ns()
            number = self._count if is_file else self._grid.number(arrival_ns)
            self._count += 1
            position_ns = round(number * self._period * NS)
            self._fit.saw(position_ns, arrival_ns)
            rows, columns = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
            frame = planar(np.asarray(image[:rows, :columns], np.uint8), blue_first=True)
            return Shot(number, self._fit.at(position_ns), frame)

    def _wait_until(self, due_ns: int) -> None:
        clock = self._around.clock
        while not self._closing.is_set():
            left_s = (due_ns - clock.monotonic_ns()) / NS
            if left_s <= 0:
                return
            clock.sleep(min(left_s, _NAP_S))

    def close(self) -> None:
        """Ask the reader to stop; a waiting `read` ends with the frame it waits for, or its time-out."""
        self._closing.set()
        if self._in_use.acquire(blocking=False):
            try:
                self._let_go()
            finally:
                self._in_use.release()

    def _let_go(self) -> None:
        capture, self._capture = self._capture, None
        if capture is not None:
            capture.release()

    def identify(self) -> str:
        """What it is."""
        return f"Camera {self._name}: {self._shown} by OpenCV."
