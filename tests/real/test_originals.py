"""Clips that another program wrote, in the containers of cameras: their timecode is read as that program reads it."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from devices.media_av import AvMediaReader
from tests.needs import require

pytestmark = pytest.mark.real


@pytest.mark.parametrize(
    ("ending", "fps", "label", "codec", "rate"),
    [
        ("mov", "30000/1001", "01:00:00;02", "prores", "29.97df"),
        ("mov", "24000/1001", "23:59:00:05", "prores", "23.976"),
        ("mov", "60000/1001", "01:00:00;02", "mjpeg", "59.94df"),
        ("mov", "2997/100", "01:00:00:02", "mjpeg", "29.97"),
        ("mxf", "25", "10:11:12:13", "mpeg2video", "25"),
        ("mxf", "30000/1001", "01:00:00;02", "mpeg2video", "29.97df"),
        ("mp4", "24000/1001", "12:40:14:00", "libx264", "23.976"),
        ("avi", "25", "01:00:00:02", "mjpeg", "25"),
    ],
)
def test_the_label_is_not_the_one_that_was_written(
    ending: str, fps: str, label: str, codec: str, rate: str, tmp_path: Path
) -> None:
    path = _made(tmp_path / f"clip.{ending}", fps, label, codec)
    found = AvMediaReader().probe(path)
    assert found.start is not None
    assert (str(found.start), found.start.rate.name) == (label, rate)
    assert label in _told_by_ffprobe(path)
    assert found.duration_frames == 30


def test_a_clip_faster_than_any_label_has_no_time(tmp_path: Path) -> None:
    """At 120 pictures a second the label counts every second one: half a second stays half a second."""
    path = _made(tmp_path / "fast.mov", "120", "05:00:00:60", "mjpeg")
    start = AvMediaReader().probe(path).start
    assert start is not None
    assert (str(start), start.rate.name) == ("05:00:00:30", "60")


def _made(path: Path, fps: str, label: str, codec: str) -> Path:
    require("ffmpeg", "ffmpeg is not installed")
    pixels = {"prores": "yuv422p10le", "mjpeg": "yuvj420p"}.get(codec, "yuv420p")
    source = ["-f", "lavfi", "-i", f"testsrc=size=320x240:rate={fps}"]
    form = ["-frames:v", "30", "-timecode", label, "-c:v", codec, "-pix_fmt", pixels]
    subprocess.run(["ffmpeg", "-v", "error", "-y", *source, *form, str(path)], check=True, timeout=50)
    return path


def _told_by_ffprobe(path: Path) -> set[str]:
    require("ffprobe", "ffmpeg is not installed")
    asked = ["ffprobe", "-v", "error", "-show_format", "-show_streams", "-of", "json", str(path)]
    told = json.loads(subprocess.run(asked, check=True, capture_output=True, timeout=50).stdout)
    holders = [told["format"], *told["streams"]]
    said = {holder.get("tags", {}).get("timecode") for holder in holders} | {each.get("timecode") for each in holders}
    return {each for each in said if each}
