"""Cameras on this machine (UVC, V4L2, AVFoundation) and files, by OpenCV.

An ordinary adapter of kind `opencv`. OpenCV tells no times and no losses, so frames are numbered by their arrival.
"""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Literal

import numpy as np

from devices.adapter import NS, Image, Options, PictureFormat, Shot, Surroundings
from devices.encoder import planar
from devices.opencv import cv2
from devices.picture_file import rate_of
from devices.timing import ArrivalFit, FrameGrid, exact_rate, wait_until
from onset.errors import DeviceError
from onset.text import safe_path, safe_text

_OPEN_MS, _READ_MS = 5000, 2000
_FIRST_READS = 3  # a camera that wakes up may miss a frame or two, two seconds each
_BACKENDS = {
    "v4l2": cv2.CAP_V4L2,
    "avfoundation": cv2.CAP_AVFOUNDATION,
    "dshow": cv2.CAP_DSHOW,
    "msmf": cv2.CAP_MSMF,
    "any": cv2.CAP_ANY,
}
_OF_THIS_SYSTEM = {"linux": "v4l2", "darwin": "avfoundation", "win32": "dshow"}


def camera_at(path: Path) -> int | str:
    """What OpenCV calls the camera of a device file: what stands in `/dev/v4l/by-id` is a link to `/dev/video0`.

    >>> camera_at(Path("/dev/video3"))
    3
    """
    real = os.path.realpath(path)
    number = real.removeprefix("/dev/video")
    return int(number) if number.isdecimal() else real


class OpenCVCamera:
    """A camera by its index or its device file, or a film.

    Options: `source` (needed: 0, 1, …; `/dev/v4l/by-id/…`, which stays when others are plugged in; or a film),
    `width`, `height`, `fps`, `fourcc` (asked of a camera, e.g. "MJPG"; it may refuse), `backend` (OpenCV's way to the
    camera: v4l2, avfoundation, dshow, msmf, any; else that of the system).
    """

    medium: Literal["picture"] = "picture"

    def __init__(self, name: str, given: Mapping[str, object], around: Surroundings) -> None:
        options = Options(name, given)
        self._name = name
        self._around = around
        source = options.raw("source")
        if isinstance(source, bool) or not isinstance(source, (int, str)) or source in ("", -1):
            raise options.wrong("source", "the number of a camera, or the path of its device file or of a film")
        if isinstance(source, str) and "://" in source:
            raise options.wrong("source", 'a camera or a film; for a network address use kind = "av" and its url')
        self._source: int | str = source
        self._width = options.whole("width", 0, least=0, most=8192)
        self._height = options.whole("height", 0, least=0, most=8192)
        self._fps = options.number("fps", 0.0, least=0.0, most=240.0)
        self._fourcc = options.text("fourcc", "none")
        if self._fourcc != "none" and (len(self._fourcc) != 4 or not self._fourcc.isascii()):
            raise options.wrong("fourcc", 'the four letters of a format, e.g. "MJPG"')
        self._backend = options.text("backend", _OF_THIS_SYSTEM.get(sys.platform, "any"))
        if self._backend not in _BACKENDS:
            raise options.wrong("backend", f"one of {', '.join(_BACKENDS)}")
        options.done()
        self._closing = threading.Event()
        self._in_use = threading.Lock()  # OpenCV may not be released while another thread reads
        self._capture: cv2.VideoCapture | None = None
        self._film = False
        self._first: Image | None = None
        self._size = (0, 0)
        self._grid = FrameGrid(around.rate.fps)
        self._fit = ArrivalFit()
        self._period = Fraction(1, 25)
        self._started_ns = 0
        self._count = 0

    @property
    def _shown(self) -> str:
        return f"camera {self._source}" if isinstance(self._source, int) else safe_path(self._source)

    def open(self) -> PictureFormat:
        """Open the camera and see its first frame. See `PictureDevice.open`."""
        with self._in_use:
            self._closing.clear()
            self._let_go()
            capture = self._captured()
            try:
                return self._started(capture)
            except DeviceError:
                self._let_go()
                capture.release()
                raise

    def _captured(self) -> cv2.VideoCapture:
        self._film = False
        if isinstance(self._source, int):
            return cv2.VideoCapture(self._source, _BACKENDS[self._backend])
        path = Path(self._source)
        if path.is_char_device():
            return cv2.VideoCapture(camera_at(path), _BACKENDS[self._backend])
        if not path.is_file():
            plugged = "; is it plugged in?" if self._source.startswith("/dev/") else "."
            raise DeviceError(f"{self._name}: {self._shown} is not there{plugged}")
        self._film = True
        limits = [cv2.CAP_PROP_OPEN_TIMEOUT_MSEC, _OPEN_MS, cv2.CAP_PROP_READ_TIMEOUT_MSEC, _READ_MS]
        return cv2.VideoCapture(self._source, cv2.CAP_FFMPEG, limits)

    def _started(self, capture: cv2.VideoCapture) -> PictureFormat:
        """Ask for what is wanted, and believe the first frame: drivers tell sizes that they do not deliver."""
        if not capture.isOpened():
            what = "cannot be read as a film." if self._film else "cannot be opened; is it plugged in, or in use?"
            raise DeviceError(f"{self._name}: {self._shown} {what}")
        for prop, value in self._wishes():
            capture.set(prop, value)
        self._first = None
        for _ in range(1 if self._film else _FIRST_READS):
            if self._first is None and not self._closing.is_set():
                self._first = self._grab(capture)
        if self._first is None:
            raise DeviceError(f"{self._name}: {self._shown} delivers no picture.")
        height, width = self._first.shape[:2]
        self._size = (width, height)
        self._capture = capture
        fps = self._known_rate(capture.get(cv2.CAP_PROP_FPS))
        self._period = 1 / fps
        self._grid, self._fit = FrameGrid(fps), ArrivalFit()
        self._started_ns, self._count = self._around.clock.monotonic_ns(), 0
        return PictureFormat(width, height, fps)

    def _wishes(self) -> list[tuple[int, float]]:
        """What a camera is asked for, the format first: which sizes there are depends on it."""
        if self._film:
            return []
        letters = float(cv2.VideoWriter.fourcc(*self._fourcc)) if self._fourcc != "none" else 0.0
        wishes = (
            (cv2.CAP_PROP_FOURCC, letters),
            (cv2.CAP_PROP_FRAME_WIDTH, float(self._width)),
            (cv2.CAP_PROP_FRAME_HEIGHT, float(self._height)),
            (cv2.CAP_PROP_FPS, self._fps),
        )
        return [(prop, value) for prop, value in wishes if value]

    def _grab(self, capture: cv2.VideoCapture) -> Image | None:
        """A frame with three colours and even sides; None when none came in time.

        Raises:
            DeviceError: OpenCV gave up; a driver may hand it anything.
        """
        try:
            there, image = capture.read()
            if not there or image is None:
                return None
            if image.ndim == 2 or image.shape[2] == 1:
                image = cv2.cvtColor(image, cv2.COLOR_GRAY2BGR)
            elif image.shape[2] == 4:
                image = cv2.cvtColor(image, cv2.COLOR_BGRA2BGR)
        except cv2.error as error:
            why = safe_text(str(error.err or error))
            raise DeviceError(f"{self._name}: {self._shown} delivers what cannot be read: {why}.") from error
        rows, columns = image.shape[0] // 2 * 2, image.shape[1] // 2 * 2
        return np.asarray(image[:rows, :columns], np.uint8) if rows and columns else None

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
            if self._film:
                due_ns = self._started_ns + round(self._count * self._period * NS)
                wait_until(due_ns, self._around.clock, self._closing)
            image, self._first = self._first, None
            if image is None:
                image = self._grab(capture)
            if image is None and self._film and capture.set(cv2.CAP_PROP_POS_FRAMES, 0):
                image = self._grab(capture)  # a film is shown again and again: its end is no fault
            if self._closing.is_set() or image is None:
                what = "was closed" if self._closing.is_set() else "has ended" if self._film else "delivers nothing"
                self._let_go()
                raise DeviceError(f"{self._name}: {self._shown} {what}.")
            if image.shape[1::-1] != self._size:
                self._let_go()
                raise DeviceError(f"{self._name}: {self._shown} changed the size of its picture; opening it anew.")
            arrival_ns = self._around.clock.monotonic_ns()
            number = self._count if self._film else self._grid.number(arrival_ns)
            self._count += 1
            position_ns = round(number * self._period * NS)
            self._fit.saw(position_ns, arrival_ns)
            return Shot(number, self._fit.at(position_ns), planar(image, blue_first=True))

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
        self._first = None
        if capture is not None:
            capture.release()

    def identify(self) -> str:
        """What it is."""
        return f"Camera {self._name}: {self._shown} by OpenCV."
