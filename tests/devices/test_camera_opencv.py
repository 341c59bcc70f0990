"""Cameras through OpenCV that no test machine has: what drivers do is played by a stand-in for `cv2.VideoCapture`."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from devices.camera_opencv import OpenCVCamera
from onset.errors import ConfigError, DeviceError
from tests.devices.sources import surroundings

Pictures = Sequence[NDArray[np.uint8] | cv2.error | None]


class Driver:
    """A camera's driver as OpenCV shows it."""

    def __init__(self, pictures: Pictures, told: dict[int, float] | None = None) -> None:
        self.opened_as: list[tuple[object, int]] = []
        self.asked: list[tuple[int, float]] = []
        self.released = 0
        self._pictures = list(pictures)
        self._told = told or {}

    def __call__(self, source: object, backend: int, *_: object) -> Driver:
        self.opened_as.append((source, backend))
        return self

    def isOpened(self) -> bool:  # noqa: N802 - OpenCV's name
        return True

    def set(self, prop: int, value: float) -> bool:
        self.asked.append((prop, value))
        return False  # it refuses, as many do

    def get(self, prop: int) -> float:
        return self._told.get(prop, 0.0)

    def read(self) -> tuple[bool, NDArray[np.uint8] | None]:
        picture = self._pictures.pop(0) if self._pictures else None
        if isinstance(picture, cv2.error):
            raise picture
        return picture is not None, picture

    def release(self) -> None:
        self.released += 1


def picture(height: int, width: int, *colours: int) -> NDArray[np.uint8]:
    return np.full((height, width, *colours), 90, np.uint8)


def camera(driver: Driver, monkeypatch: pytest.MonkeyPatch, **options: object) -> OpenCVCamera:
    monkeypatch.setattr(cv2, "VideoCapture", driver)
    return OpenCVCamera("A", {"source": 0, **options}, surroundings())


def test_a_driver_that_tells_another_size_than_it_delivers_is_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    told = {cv2.CAP_PROP_FRAME_WIDTH: 1920.0, cv2.CAP_PROP_FRAME_HEIGHT: 1080.0, cv2.CAP_PROP_FPS: 25.0}
    device = camera(Driver([picture(480, 641, 3)] * 2, told), monkeypatch)
    form = device.open()
    shot = device.read()
    assert (form.width, form.height, form.fps) == (640, 480, Fraction(25))
    assert shot.number == 0, "the frame that opening has seen is delivered, not thrown away"


@pytest.mark.parametrize("colours", [(), (1,), (4,)])
def test_a_grey_camera_breaks_the_encoder(colours: tuple[int, ...], monkeypatch: pytest.MonkeyPatch) -> None:
    device = camera(Driver([picture(96, 160, *colours)]), monkeypatch)
    device.open()
    image = device.read().image
    assert image is not None
    assert not isinstance(image, np.ndarray)
    assert (image.width, image.height, image.format.name) == (160, 96, "yuv420p")


def test_a_picture_that_changes_its_size_reaches_the_encoder(monkeypatch: pytest.MonkeyPatch) -> None:
    device = camera(Driver([picture(96, 160, 3), picture(48, 80, 3), picture(48, 80, 3)]), monkeypatch)
    device.open()
    device.read()
    with pytest.raises(DeviceError, match="changed the size"):
        device.read()
    assert device.open().width == 80


def test_a_camera_that_wakes_up_slowly_is_given_up_at_its_first_time_out(monkeypatch: pytest.MonkeyPatch) -> None:
    device = camera(Driver([None, None, picture(96, 160, 3)]), monkeypatch)
    assert device.open().width == 160
    dead = Driver([])
    device = camera(dead, monkeypatch)
    with pytest.raises(DeviceError, match=r"A: camera 0 delivers no picture\."):
        device.open()
    assert dead.released == 1


def test_opencvs_own_error_passes_the_adapter(monkeypatch: pytest.MonkeyPatch) -> None:
    device = camera(Driver([picture(96, 160, 3), cv2.error("x\x1b y")]), monkeypatch)
    device.open()
    device.read()
    with pytest.raises(DeviceError, match="cannot be read") as told:
        device.read()
    assert "\x1b" not in str(told.value)


def test_a_size_is_asked_for_before_the_format_that_has_it(monkeypatch: pytest.MonkeyPatch) -> None:
    driver = Driver([picture(96, 160, 3)])
    camera(driver, monkeypatch, fourcc="MJPG", width=1920, height=1080, fps=25, backend="any").open()
    assert driver.asked == [
        (cv2.CAP_PROP_FOURCC, float(cv2.VideoWriter.fourcc(*"MJPG"))),
        (cv2.CAP_PROP_FRAME_WIDTH, 1920.0),
        (cv2.CAP_PROP_FRAME_HEIGHT, 1080.0),
        (cv2.CAP_PROP_FPS, 25.0),
    ]
    assert driver.opened_as == [(0, cv2.CAP_ANY)]


def test_a_camera_by_its_stable_path_is_taken_for_a_film(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = tmp_path / "usb-Cam_Link-video-index0"
    link.symlink_to("/dev/null")  # a device file like /dev/video0
    driver = Driver([picture(96, 160, 3)])
    camera(driver, monkeypatch, source=str(link), backend="v4l2").open()
    assert driver.opened_as == [("/dev/null", cv2.CAP_V4L2)]
    gone = OpenCVCamera("A", {"source": "/dev/v4l/by-id/usb-none"}, surroundings())
    with pytest.raises(DeviceError, match="is not there; is it plugged in"):
        gone.open()


@pytest.mark.parametrize(
    "options",
    [{"fourcc": "MJPEG"}, {"backend": "magic"}, {"source": True}, {"source": "rtsp://camera/1"}, {"fps": 500}],
)
def test_an_option_that_cannot_be_is_taken(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r'\[\[device\]\] "A"'):
        OpenCVCamera("A", {"source": 0, **options}, surroundings())


def test_a_text_file_is_opened_as_a_film(tmp_path: Path) -> None:
    film = tmp_path / "film.mov"
    film.write_text("no film")
    with pytest.raises(DeviceError, match="cannot be read as a film"):
        OpenCVCamera("A", {"source": str(film)}, surroundings()).open()
