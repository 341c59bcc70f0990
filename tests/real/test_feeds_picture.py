"""Pictures from servers that are not ours: every frame decodes, its number runs on, head and clip agree."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest

from devices.camera_av import AVFeed
from devices.conformance import CHECKS, Case, comes_back_after_it_was_unplugged
from devices.media_av import AvMediaReader
from onset.capture.signals import ClipClosed, StateChanged
from onset.clock import SystemClock
from onset.timecode import Timecode, rate
from tests.devices.sources import decode_all, film_source, surroundings
from tests.devices.workers import WorkerProcess, worker
from tests.real.broken_feeds import MjpegFeed, RtspFeed, UdpFeed
from tests.real.feeds import mjpeg_feed, rtsp_feed, udp_feed

pytestmark = pytest.mark.real
FEEDS = ("udp", "udp-reordered", "http", "rtsp")
TAKE_S = 2.0


@pytest.fixture(scope="module")
def film(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return film_source(tmp_path_factory.mktemp("film") / "film.mov", 40)


@pytest.fixture
def feed(film: Path) -> Iterator[Callable[[str], tuple[str, Callable[[], None]]]]:
    """Start a server; gives its address and what to call before each connection."""
    with ExitStack() as stack:

        def start(kind: str) -> tuple[str, Callable[[], None]]:
            if kind == "http":
                server = stack.enter_context(mjpeg_feed(film))
                return server.url, server.again
            if kind == "rtsp":
                return stack.enter_context(rtsp_feed(film)), _nothing
            return stack.enter_context(udp_feed(film, reordered=kind == "udp-reordered")), _nothing

        yield start


def _nothing() -> None:
    pass


Start = Callable[[str], tuple[str, Callable[[], None]]]


@pytest.mark.parametrize("kind", FEEDS)
def test_two_takes_of_a_feed_have_holes(kind: str, feed: Start, tmp_path: Path) -> None:
    url, _ = feed(kind)
    with worker(tmp_path, "av", name="B", options={"url": url}, preroll_s=1.0, postroll_s=0.5) as camera:
        camera.wait_live()
        for take in ("1", "2"):
            rolled_ns = camera.clock.monotonic_ns()
            camera.roll(take)
            camera.wait_passed(rolled_ns, TAKE_S)
            camera.cut(take)
        clips = [camera.closed(1), camera.closed(2)]
        _check_labels(camera, clips)
        assert camera.hang_up() == 0
    for clip in clips:
        filmed = decode_all(tmp_path / "media" / clip.path)
        assert filmed.gaps == []
        assert len(filmed.strips) >= TAKE_S * 25
        assert filmed.timecode == clip.tc_in
        assert filmed.times[0] == 0
        assert abs(len(filmed.strips) - clip.duration_frames) <= 1
        info = AvMediaReader().probe(tmp_path / "media" / clip.path)
        assert info.start == Timecode.parse(clip.tc_in, rate("25"))
        assert info.duration_frames is not None
        assert abs(info.duration_frames - clip.duration_frames) <= 1


def _check_labels(camera: WorkerProcess, clips: list[ClipClosed]) -> None:
    """A clip's label is the time of day at which its first frame came, in frames."""
    wall_less_mono_ns = camera.clock.wall_ns() - camera.clock.monotonic_ns()
    for number, clip in enumerate(clips, 1):
        came_ns = camera.opened(number).mono_ns + wall_less_mono_ns
        expected = Timecode.at((came_ns % (86_400 * 10**9)) / 1e9, rate("25")).frames
        assert abs(Timecode.parse(clip.tc_in, rate("25")).frames - expected) <= 1


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
@pytest.mark.parametrize("kind", ["udp", "http", "rtsp"])
def test_feed_conforms(kind: str, check: Callable[[Case], None], feed: Start) -> None:
    url, again = feed(kind)
    around = surroundings(clock=SystemClock())
    missing = {"udp": "udp://127.0.0.1:9", "http": "http://127.0.0.1:9/x", "rtsp": "rtsp://127.0.0.1:9/x"}[kind]
    check(Case(AVFeed, {"url": url}, around, missing={"url": missing, "timeout": 1.0}, prepare=again))


@pytest.mark.parametrize("kind", [UdpFeed, MjpegFeed, RtspFeed], ids=lambda kind: kind.name)
def test_a_feed_that_was_unplugged_is_lost_twice_or_never_back(
    kind: Callable[[Path], UdpFeed | MjpegFeed | RtspFeed], film: Path
) -> None:
    feed = kind(film)
    with closing(feed):
        feed.start()
        url = tomllib.loads(feed.device)["url"]
        around = surroundings(clock=SystemClock())
        case = Case(AVFeed, {"url": url}, around, unplug=lambda _: feed.kill(), plug=lambda _: feed.start())
        comes_back_after_it_was_unplugged(case)


def test_a_server_that_stops_and_comes_back_is_not_recorded_again(film: Path, tmp_path: Path) -> None:
    with mjpeg_feed(film) as server, worker(tmp_path, "av", name="B", options={"url": server.url}) as camera:
        camera.wait_live()
        camera.roll()
        camera.opened()
        server.again()
        first = camera.closed()
        camera.wait(StateChanged, lambda report: report.state == "lost")
        camera.wait_live(2)
        camera.opened(2)
        camera.cut()
        second = camera.closed(2)
        assert camera.hang_up() == 0
    assert (first.interrupted, second.interrupted) == (True, False)
    assert decode_all(tmp_path / "media" / second.path).gaps == []
