"""Stills and small pictures as files: nothing is written over, and a clip that a crash left has pictures too."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import av
import pytest

from devices.adapter import NS, Surroundings
from devices.desk_picture import PictureDesk
from devices.disk import DiskLane
from devices.simulated.camera import SimulatedCamera
from devices.stills import keep_still, small_of_file, small_of_whole
from onset.capture.signals import Answer, Ask, Report, Setup, StillTaken
from onset.clock import ManualClock
from onset.errors import MediumError
from onset.media import thumbnails
from onset.timecode import rate
from tests.devices.test_desk_watch import NoBus, NoLabels
from tests.devices.test_proxy import _picture


def test_two_stills_of_one_name_are_one(tmp_path: Path) -> None:
    kept = [keep_still(tmp_path, "A_10.00.00.00", content) for content in (b"one", b"two", b"one")]
    assert [each.path for each in kept] == [f"stills/A_10.00.00.00{tail}.jpg" for tail in ("", "_2", "_3")]
    assert [(tmp_path / each.path).read_bytes() for each in kept] == [b"one", b"two", b"one"]
    assert kept[0].digest == kept[2].digest != kept[1].digest


def test_media_folder_that_is_gone_is_made_again_by_a_still(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        keep_still(tmp_path / "gone", "A", b"x")
    assert not (tmp_path / "gone").exists()


def test_full_disk_leaves_half_a_still(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(_: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        keep_still(tmp_path, "A", b"x")
    assert list((tmp_path / "stills").iterdir()) == []


def test_clip_of_a_worker_that_died_has_small_pictures_of_all_its_length(tmp_path: Path) -> None:
    picture = _picture(tmp_path, "25")
    assert small_of_file(picture) == 3
    looks = []
    for path in thumbnails(str(picture)):
        with av.open(path) as box:
            frame = next(box.decode(video=0))
        assert (frame.width, frame.height) == (320, 180)
        looks.append(frame.to_ndarray(format="gray").tobytes())
    assert len(set(looks)) == 3, "start, middle and end are three moments"
    Path(thumbnails(str(picture))[1]).unlink()
    assert small_of_file(picture) == 0, "some are there: its worker made them, and knew where the take began"
    with pytest.raises(MediumError):
        small_of_file(tmp_path / "none.mov")


def test_small_pictures_of_a_cameras_original_are_put_where_they_are_wanted(tmp_path: Path) -> None:
    picture = _picture(tmp_path, "25")
    small = [tmp_path / f"media/thumbs/{name}.jpg" for name in ("a", "b", "c")]
    with pytest.raises(MediumError, match="is its disk mounted"):
        small_of_whole(picture, small)
    (tmp_path / "media").mkdir()
    assert small_of_whole(picture, small) == 3
    assert len({path.read_bytes() for path in small}) == 3, "start, middle and end are three moments"
    assert not (picture.parent / "thumbs").exists()
    (tmp_path / "no.mov").write_bytes(b"x" * 1000)
    with pytest.raises(MediumError):
        small_of_whole(tmp_path / "no.mov", small)


def test_a_camera_that_is_away_gives_a_still_from_before_the_take(tmp_path: Path) -> None:
    clock = ManualClock(wall_ns=0, monotonic_ns=NS)
    around = Surroundings("H", rate("25"), clock)
    camera = SimulatedCamera("A", {"width": 160, "height": 96}, around)
    setup = Setup(
        device="A", kind="sim-camera", options={}, production="H", media=str(tmp_path), bus="", rate="25",
        timecode=["clock"], preroll_s=1.0, postroll_s=1.0,
    )  # fmt: skip
    reports: list[Report] = []
    lane = DiskLane("disk", limit=1_000_000)
    desk = PictureDesk(setup, camera, around, NoBus(), NoLabels(), lane, reports.append)
    desk.opened(camera.open())
    clock.advance(0.04)
    desk.take_in(camera.read())
    desk.still(Ask(id=1, what="still", args={}))
    desk.gone()
    clock.advance(8.5)
    desk.still(Ask(id=2, what="still", args={}))
    desk.finish()
    lane.close()
    answers = {report.id: (report.ok, report.value) for report in reports if isinstance(report, Answer)}
    assert answers[1][0]
    assert answers[2] == (False, "A has shown no picture for 8 s.")
    assert len([report for report in reports if isinstance(report, StillTaken)]) == 1
