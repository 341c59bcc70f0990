"""Feeds that are not what they were: rubbish on the wire, a sender that begins anew, a server that refuses."""

from __future__ import annotations

import os
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, HTTPServer
from itertools import pairwise
from pathlib import Path

import av
import numpy as np
import pytest

from devices.adapter import Shot
from devices.camera_av import AVFeed
from devices.camera_opencv import OpenCVCamera
from devices.jpeg import jpeg
from devices.simulated.strip import read_strip
from onset.clock import ManualClock, SystemClock
from onset.errors import DeviceError
from tests.devices.sources import film_source, surroundings

_TS_PACKET = 188


@contextmanager
def served(body: bytes, kind: str, status: int = 200, *, pieces: int = 1) -> Iterator[str]:
    """An HTTP server that sends `body` to everybody, as fast as it is taken, or 20 pieces a second."""
    ended = threading.Event()
    length = -(-len(body) // pieces)

    class Sends(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # the client has seen enough
                for at in range(0, len(body), length):
                    self.wfile.write(body[at : at + length])
                    if at + length < len(body) and ended.wait(0.05):
                        return

        def log_message(self, format: str, *args: object) -> None:
            pass

    with HTTPServer(("127.0.0.1", 0), Sends) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/live?token=tok123"
        finally:
            ended.set()
            server.shutdown()
            thread.join()


@pytest.fixture(scope="module")
def stream(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """Four seconds of H.264 in a transport stream, key frames every half second."""
    folder = tmp_path_factory.mktemp("stream")
    film, path = film_source(folder / "film.mov", 4), folder / "film.ts"
    with av.open(str(film)) as source, av.open(str(path), "w", format="mpegts") as target:
        given = source.streams.video[0]
        taken = target.add_stream_from_template(given)
        for packet in source.demux(given):
            if packet.dts is not None:
                packet.stream = taken
                target.mux(packet)
    return path.read_bytes()


def read_all(url: str) -> tuple[list[Shot], str]:
    """Every shot of a feed, and how it ended."""
    feed = AVFeed("B", {"url": url}, surroundings(clock=SystemClock()))
    shots = []
    try:
        feed.open()
        while True:
            shots.append(feed.read())
    except DeviceError as error:
        return shots, str(error)
    finally:
        feed.close()


def test_rubbish_in_the_middle_ends_a_feed(stream: bytes) -> None:
    middle = len(stream) // _TS_PACKET // 2 * _TS_PACKET
    rubbish = random.Random(1).randbytes(40 * _TS_PACKET)
    with served(stream[:middle] + rubbish + stream[middle + 12 * _TS_PACKET :], "video/mp2t") as url:
        shots, end = read_all(url)
    with served(stream, "video/mp2t") as url:
        whole, _ = read_all(url)
    assert end.endswith("has ended.")
    assert sum(shot.faults for shot in shots) > 0, "what was broken is counted"
    assert len(whole) - 30 < len(shots) <= len(whole), "those before and after are there"
    assert shots[-1].number == whole[-1].number, "the numbers count on over what was lost"


def test_a_feed_of_rubbish_is_read_for_ever() -> None:
    with served(random.Random(2).randbytes(200_000), "video/mp2t") as url:
        shots, end = read_all(url)
    assert shots == []
    assert "cannot be opened" in end
    assert "tok123" not in end


def _pictures(*sizes: tuple[int, int]) -> list[bytes]:
    """Parts of an MJPEG stream by HTTP, a picture each."""
    part = b"--frame\r\nContent-Type: image/jpeg\r\nContent-Length: %d\r\n\r\n%s\r\n"
    made = []
    for width, height in sizes:
        frame = av.VideoFrame.from_ndarray(np.full((height, width, 3), 90, np.uint8), format="rgb24")
        picture = jpeg(frame)
        made.append(part % (len(picture), picture))
    return made


def test_rubbish_between_two_pictures_ends_a_feed() -> None:
    parts = _pictures(*[(320, 180)] * 8)
    rubbish = b"--frame\r\nContent-Type: text/plain\r\nContent-Length: 5\r\n\r\nhello\r\n"
    with served(b"".join([*parts[:4], rubbish, *parts[4:]]), "multipart/x-mixed-replace; boundary=frame") as url:
        shots, end = read_all(url)
    assert (len(shots), end.rpartition(" ")[2]) == (7, "ended.")
    assert sum(shot.faults for shot in shots) > 0


def test_a_camera_that_changes_its_picture_spoils_the_file() -> None:
    body = b"".join(_pictures(*[(320, 180)] * 4, *[(160, 96)] * 4))
    with served(body, "multipart/x-mixed-replace; boundary=frame") as url:
        shots, end = read_all(url)
    assert len(shots) == 3, "the first was looked at while the feed was opened"
    assert "160 x 96 now; opening it again." in end
    assert end.startswith("B: http://127.0.0.1")
    assert "tok123" not in end


@pytest.mark.parametrize(
    ("body", "kind", "status", "why"),
    [(b"gone", "text/plain", 404, "404"), (b"<html>log in</html>", "text/html", 200, "cannot be opened")],
)
def test_a_refusal_is_no_sentence(
    body: bytes, kind: str, status: int, why: str, capfd: pytest.CaptureFixture[str]
) -> None:
    with served(body, kind, status) as url:
        _, end = read_all(url)
    assert why in end
    assert end.endswith(".")
    assert "tok123" not in end
    assert capfd.readouterr().err == "", "a library's own words may name the address with its secrets"


def test_sound_alone_is_taken_for_a_picture(tmp_path: Path) -> None:
    path = tmp_path / "sound.mka"
    with av.open(str(path), "w", format="matroska") as box:
        track = box.add_stream("pcm_s16le", rate=48_000)
        frame = av.AudioFrame.from_ndarray(np.zeros((1, 4800), np.int16), format="s16", layout="mono")
        frame.sample_rate = 48_000
        for packet in [*track.encode(frame), *track.encode(None)]:
            box.mux(packet)
    _, end = read_all(str(path))
    assert end.endswith("carries no picture.")


def test_a_picture_beyond_all_cameras_fills_the_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.camera_av._MOST_PIXELS", 1000)
    film = film_source(tmp_path / "film.mov", 1)
    feed = AVFeed("B", {"url": str(film)}, surroundings(clock=SystemClock()))
    with pytest.raises(DeviceError, match=r"B: .*film.mov says that its picture is \d+ x \d+; no camera's is"):
        feed.open()


@pytest.mark.parametrize("copied", [True, False])
def test_a_film_is_lost_at_each_of_its_ends(tmp_path: Path, copied: bool) -> None:
    film = film_source(tmp_path / "film.mov", 0.4)
    feed = AVFeed("B", {"url": str(film), "encode": not copied}, surroundings(clock=ManualClock(wall_ns=0)))
    feed.open()
    shots = [feed.read() for _ in range(25)]
    feed.close()
    assert [shot.number for shot in shots] == [*range(25)]
    assert [_strip(shot) for shot in shots] == [number % 10 for number in range(25)]
    assert [shot.coded is not None for shot in shots] == [copied] * 25
    steps = {later.coded.dts - shot.coded.dts for shot, later in pairwise(shots) if shot.coded and later.coded}
    assert len(steps) == int(copied), "a recording runs on across the end"


def test_a_film_by_opencv_is_lost_at_each_of_its_ends(tmp_path: Path) -> None:
    film = film_source(tmp_path / "film.mov", 0.4)
    camera = OpenCVCamera("A", {"source": str(film)}, surroundings(clock=ManualClock(wall_ns=0)))
    camera.open()
    shots = [camera.read() for _ in range(25)]
    camera.close()
    assert [shot.number for shot in shots] == [*range(25)]
    assert [_strip(shot) for shot in shots] == [number % 10 for number in range(25)]


def test_what_came_through_a_pipe_is_shown_again(stream: bytes, tmp_path: Path) -> None:
    pipe = tmp_path / "pipe.ts"
    os.mkfifo(pipe)
    writer = threading.Thread(target=pipe.write_bytes, args=(stream[: len(stream) // 4 // _TS_PACKET * _TS_PACKET],))
    writer.start()
    shots, end = read_all(str(pipe))
    writer.join()
    assert shots
    assert end == f"B: {pipe} has ended."


def test_a_camera_that_came_back_as_another_one_is_judged_by_three_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of one that is known three are enough, and it is live again the sooner."""
    slow, fast = film_source(tmp_path / "25.mov", 0.4), film_source(tmp_path / "30.mov", 0.4, rate_name="30")
    answers: list[Path | None] = [slow, None, slow, fast, fast]
    frames: list[str | None] = []
    real = av.open

    def answer(url: str, mode: str = "r", **more: object) -> object:
        if url == "/dev/null":
            return real(url, "w", format="null")
        options = more["options"]
        assert isinstance(options, dict)
        frames.append(options.get("fpsprobesize"))
        film = answers.pop(0)
        if film is None:
            raise OSError(111, "Connection refused")
        return real(str(film))

    monkeypatch.setattr(av, "open", answer)
    feed = AVFeed("R", {"url": "rtsp://10.0.0.7/live"}, surroundings(clock=ManualClock(wall_ns=0)))
    assert feed.open().fps == 25
    feed.close()
    with pytest.raises(DeviceError, match="refused"):
        feed.open()
    assert feed.open().fps == 25
    feed.close()
    assert feed.open().fps == 30
    feed.close()
    assert frames == [None, "3", "3", "3", None]


def _strip(shot: Shot) -> int | None:
    image = shot.image
    if image is None:
        return None
    frame = image if isinstance(image, av.VideoFrame) else av.VideoFrame.from_ndarray(image, format="yuv420p")
    strip = read_strip(np.asarray(frame.to_ndarray(format="rgb24"), np.uint8))
    return None if strip is None else strip.number
