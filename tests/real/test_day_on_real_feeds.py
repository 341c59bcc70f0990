"""A day whose pictures and sound come from other people's programs, through the capture service into the log.

ffmpeg serves H.264 in a transport stream over UDP and MJPEG over HTTP, GStreamer serves RTSP. Two takes are rolled in a
shell; every frame of every file is then decoded and its burnt-in number read.
`ONSET_FEED_SECONDS` lengthens the takes for a run by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from onset.timecode import Timecode, rate
from tests.devices.sources import decode_all, film_source
from tests.needs import require

pytestmark = [pytest.mark.real, pytest.mark.timeout(180)]

_SECONDS = float(os.environ.get("ONSET_FEED_SECONDS", "5"))
_UDP, _HTTP, _RTSP = 23751, 23752, 23753
_RATE = rate("25")

_CONFIG = f"""
[production]
title = "Other people's feeds"
rate = "25"
slating = "us"

[capture]
timecode = ["clock"]
preroll = "2 s"
postroll = "1 s"

[[device]]
name = "A"
kind = "av"
url = "udp://127.0.0.1:{_UDP}"

[[device]]
name = "B"
kind = "av"
url = "http://127.0.0.1:{_HTTP}/feed"

[[device]]
name = "C"
kind = "av"
url = "rtsp://127.0.0.1:{_RTSP}/feed"
"""

_RTSP_SERVER = """
import sys
import gi
gi.require_version("Gst", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtspServer
Gst.init(None)
server = GstRtspServer.RTSPServer.new()
server.set_address("127.0.0.1")
server.set_service(sys.argv[2])
factory = GstRtspServer.RTSPMediaFactory.new()
pipe = f"filesrc location={sys.argv[1]} ! qtdemux ! h264parse ! rtph264pay name=pay0 pt=96 config-interval=-1"
factory.set_launch(f"( {pipe} )")
factory.set_shared(True)
server.get_mount_points().add_factory("/feed", factory)
server.attach(None)
print("ready", flush=True)
GLib.MainLoop().run()
"""


@contextmanager
def _running(*command: str, wait_for: str | None = None) -> Iterator[subprocess.Popen[str]]:
    out = subprocess.PIPE if wait_for else subprocess.DEVNULL
    process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.DEVNULL, text=True)
    try:
        if wait_for and process.stdout is not None:
            assert process.stdout.readline().strip() == wait_for
        yield process
    finally:
        process.terminate()
        process.communicate(timeout=10)


def _onset(folder: Path, *words: str) -> dict[str, object]:
    command = [sys.executable, "-m", "onset", "-p", str(folder), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
    found: dict[str, object] = json.loads(done.stdout)
    return found


def _all_live(folder: Path) -> bool:
    command = [sys.executable, "-m", "onset", "-p", str(folder), "devices", "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    devices = json.loads(done.stdout or "{}").get("devices", [])
    return bool(devices) and all(device["state"] == "live" for device in devices)


def _until(condition: object, what: str, seconds: float = 40.0) -> None:
    assert callable(condition)
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.2)  # asks another process; nothing here could wake us


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A minute and more of numbered frames."""
    return film_source(tmp_path_factory.mktemp("feed") / "source.mov", 90 + 2 * _SECONDS, width=640, height=360)


def test_two_takes_of_three_foreign_feeds(source: Path, tmp_path: Path) -> None:
    require("ffmpeg")
    has_gst = subprocess.run(
        ["/usr/bin/python3", "-c", "import gi; gi.require_version('GstRtspServer', '1.0')"], check=False, stderr=-3
    )
    require(has_gst.returncode == 0, "GStreamer's RTSP server: apt install gir1.2-gst-rtsp-server-1.0 python3-gi")
    folder = tmp_path / "Feeds"
    _onset_new(folder)
    (folder / "config.toml").write_text(_CONFIG)
    ffmpeg = ("ffmpeg", "-nostdin", "-v", "error", "-re", "-i", str(source))
    with ExitStack() as feeds:
        udp = f"udp://127.0.0.1:{_UDP}?pkt_size=1316"
        feeds.enter_context(_running(*ffmpeg, "-c", "copy", "-bsf:v", "h264_mp4toannexb", "-f", "mpegts", udp))
        http = f"http://127.0.0.1:{_HTTP}/feed"
        feeds.enter_context(_running(*ffmpeg, "-c:v", "mjpeg", "-q:v", "3", "-listen", "1", "-f", "mpjpeg", http))
        server = ("/usr/bin/python3", "-c", _RTSP_SERVER, str(source), str(_RTSP))
        feeds.enter_context(_running(*server, wait_for="ready"))
        service = feeds.enter_context(_running(sys.executable, "-m", "onset", "-p", str(folder), "capture"))
        try:
            _until(lambda: _all_live(folder), "the feeds do not go live")
            for _ in range(2):
                _onset(folder, "log", "roll", "42C")
                _until_rolled_for(_SECONDS)
                _onset(folder, "log", "cut", "--wait")
        finally:
            subprocess.run(
                [sys.executable, "-m", "onset", "-p", str(folder), "capture", "--stop"],
                check=False,
                capture_output=True,
            )
            service.wait(30)
    takes = _onset(folder, "log", "list")["takes"]
    assert isinstance(takes, list)
    assert len(takes) == 2
    for take in takes:
        clips = {angle["camera"]: angle["clips"] for angle in take["angles"]}
        assert sorted(clips) == ["A", "B", "C"]
        for camera, files in clips.items():
            assert len(files) == 1, f"{camera}: {files}"
            _as_logged(folder, files[0], take["duration_frames"])


def _onset_new(folder: Path) -> None:
    words = [sys.executable, "-m", "onset", "new", str(folder), "--title", "Feeds", "--rate", "25", "--slating", "us"]
    subprocess.run(words, check=True, capture_output=True)


def _until_rolled_for(seconds: float) -> None:
    """Let the take roll; the length of a take is real time, as the feeds are."""
    time.sleep(seconds)


def _as_logged(folder: Path, clip: dict[str, object], take_frames: int) -> None:
    path = folder / str(clip["path"])
    filmed = decode_all(path)
    assert filmed.gaps == [], path
    assert filmed.timecode == clip["tc_in"]
    Timecode.parse(str(clip["tc_in"]), _RATE)
    assert abs(len(filmed.strips) - int(str(clip["duration_frames"]))) <= 1, path
    assert take_frames <= len(filmed.strips) <= take_frames + 5 * 25, path
    assert clip["link"] == "confirmed"
