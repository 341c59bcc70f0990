"""Every feed adapter in a real production: its server stalls, dies, comes back, sends rubbish, hiccups or refuses.

Four feeds of other people's programs go wrong at the same moment of a take, each in its own way; a camera and a mixer
beside them must not notice. The take survives, the log says from when to when each feed was away, and nothing is left
behind in any worker.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
import wave
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from logging_db.logbook import create_log
from onset.capture.asks import Status
from onset.domain.take import Take
from onset.logbook.terms import Event, Next
from tests.devices.sources import decode_all, film_source
from tests.needs import require
from tests.onset.capture.service import ONSET, end_service, lengths, now, seat, service_status, wait_for
from tests.real.broken_feeds import Feed, MjpegFeed, RtspFeed, SoundFeed, UdpFeed

pytestmark = [pytest.mark.real, pytest.mark.timeout(180), pytest.mark.xdist_group("feed-faults")]

_HEAD = """
[production]
title = "Harbour Lights"
rate = "25"
slating = "us"

[capture]
timecode = ["clock"]
preroll = "1 s"
postroll = "0.4 s"

[[device]]
name = "S"
kind = "sim-camera"
width = 320
height = 180

[[device]]
name = "M"
kind = "sim-mixer"
"""
_HERTZ = 48_000
_NS = 1_000_000_000
_AWAY_WITHIN_S = 3.5  # half a second without anything is stalled, two are lost; the rest is this machine's
_STALLED_S = 3.0
_GONE_S = 1.5
_HICCUPS_S = 2.0


@dataclass
class Set:
    """The production, its feeds, and what its workers held before anything went wrong."""

    folder: Path
    feeds: list[Feed]
    held: dict[str, tuple[int, int]]

    def all_feeds(self, act: Callable[[Feed], object]) -> None:
        with ThreadPoolExecutor(len(self.feeds)) as pool:
            list(pool.map(act, self.feeds))

    def status(self) -> Status:
        found = service_status(self.folder)
        assert found is not None
        return found

    def states(self) -> dict[str, str]:
        return {device.name: device.state for device in self.status().devices}

    def wait_live(self) -> None:
        def all_live() -> bool:
            for feed in self.feeds:
                feed.keep()
            return set(self.states().values()) == {"live"}

        wait_for(all_live, "not all are live again")


@pytest.fixture(scope="module")
def the_set(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Set]:
    try:
        import pyaudio  # noqa: F401 - only whether it is there
    except ImportError:
        require(False, "PyAudio is not installed (make audio)")
    folder = tmp_path_factory.mktemp("faults")
    film = film_source(folder / "film.mov", 90)
    (folder / "server").mkdir()
    with ExitStack() as stack:
        sound = SoundFeed(folder / "server", _sound(folder / "sound.wav", 120))
        feeds: list[Feed] = [UdpFeed(film), MjpegFeed(film), RtspFeed(film), sound]
        for feed in feeds:
            stack.callback(feed.close)
            feed.start()
        production = folder / "P"
        production.mkdir()
        devices = "".join(f'\n[[device]]\nname = "{feed.name}"\n{feed.device}' for feed in feeds)
        (production / "config.toml").write_text(_HEAD + devices)
        create_log(production, title="Harbour Lights", rate="25")
        env = {**os.environ, **sound.server.env}
        patch = stack.enter_context(pytest.MonkeyPatch.context())
        for key, value in sound.server.env.items():
            patch.setenv(key, value)  # where the service's sockets lie hangs on it
        command = [*ONSET, "-p", str(production), "capture"]
        service = subprocess.Popen(command, env=env, stderr=subprocess.DEVNULL)
        try:
            found = Set(production, feeds, {})
            wait_for(lambda: service_status(production) is not None, "the service does not start")
            found.wait_live()
            found.held = _held(found.status())
            yield found
        finally:
            pids = [device.pid for device in (service_status(production) or _NOBODY).devices]
            end_service(production)
            service.wait(40)
            assert not [pid for pid in pids if pid is not None and Path(f"/proc/{pid}").exists()]


_NOBODY = Status(pid=0, started_ns=0, devices=[], rolling=[], seats=[])


def _sound(path: Path, seconds: int) -> Path:
    count = seconds * _HERTZ
    tone = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(count) / _HERTZ) * 32767
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(_HERTZ)
        writer.writeframes(np.column_stack((tone, tone)).astype(np.int16).tobytes())
    return path


def _held(status: Status) -> dict[str, tuple[int, int]]:
    """Threads and descriptors of each worker."""
    found = {}
    for device in status.devices:
        process = Path(f"/proc/{device.pid}")
        found[device.name] = (len(list((process / "task").iterdir())), len(list((process / "fd").iterdir())))
    return found


def _stall(the_set: Set) -> None:
    the_set.all_feeds(lambda feed: feed.stop())
    time.sleep(_STALLED_S)  # the fault's own length
    the_set.all_feeds(lambda feed: feed.wake())


def _unplug(the_set: Set) -> None:
    the_set.all_feeds(lambda feed: feed.kill())
    wait_for(lambda: all(the_set.states()[feed.name] != "live" for feed in the_set.feeds), "not seen to be away")
    time.sleep(_GONE_S)  # the fault's own length
    the_set.all_feeds(lambda feed: feed.start())


def _garbage(the_set: Set) -> None:
    for _ in range(3):
        the_set.all_feeds(lambda feed: feed.garble())
        time.sleep(0.2)  # the fault's own length


def _hiccups(the_set: Set) -> None:
    the_set.all_feeds(lambda feed: feed.hiccup(_HICCUPS_S))


def _refuse(the_set: Set) -> None:
    the_set.all_feeds(lambda feed: feed.refuse())
    wait_for(lambda: all(the_set.states()[feed.name] != "live" for feed in the_set.feeds), "not seen to be away")
    time.sleep(_GONE_S)  # the fault's own length
    the_set.all_feeds(lambda feed: feed.start())


@pytest.mark.parametrize(
    ("fault", "away"),
    [(_stall, True), (_unplug, True), (_garbage, False), (_hiccups, False), (_refuse, True)],
    ids=["stall", "unplug-and-return", "garbage", "slow", "refusal"],
)
def test_a_broken_feed_costs_the_take_or_another_device(fault: Callable[[Set], None], away: bool, the_set: Set) -> None:
    with closing(seat(the_set.folder)) as log:
        take = log.roll(now(), change=None if log.takes() else Next(slate="1"))
        time.sleep(0.7)  # something before the fault
        began_ns = time.time_ns()
        fault(the_set)
        the_set.wait_live()
        healed_ns = time.time_ns()
        time.sleep(0.7)  # and after it
        log.cut(take.id, now())
        wait_for(lambda: _all_closed(log.take(take.id)), f"files stay open: {lengths(log.take(take.id))}")
        found = log.take(take.id)
        events = [event for event in log.events(limit=200) if began_ns <= event.wall_ns <= healed_ns]
    assert found is not None
    _others_did_not_notice(the_set, found, events)
    for feed in the_set.feeds:
        if away:
            _gap_is_in_the_log(feed.name, events, began_ns, healed_ns)
        _files_are_whole(the_set, feed, found, {event.device for event in events if event.what == "dropped"})
    _nothing_is_left(the_set)


def _all_closed(take: Take | None) -> bool:
    found = lengths(take)
    return len(found) >= 6 and None not in found.values()


def _others_did_not_notice(the_set: Set, take: Take, events: list[Event]) -> None:
    assert [event for event in events if event.device in ("S", "M")] == []
    clips = [clip for angle in take.angles if angle.camera == "S" for clip in angle.clips]
    files = [file for sound in take.sound for file in sound.files if re.search(r"_M\b", file.name)]
    assert (len(clips), len(files)) == (1, 1)
    assert clips[0].dropped == 0
    assert decode_all(the_set.folder / clips[0].path).gaps == []


def _gap_is_in_the_log(device: str, events: list[Event], began_ns: int, healed_ns: int) -> None:
    away = [event for event in events if event.device == device and event.what in ("stalled", "lost", "missing")]
    assert len(away) == 1, f"{device}: raised once, not {events}"
    gap = away[0]
    assert gap.wall_ns - began_ns < _AWAY_WITHIN_S * _NS, f"{device}: noticed too late"
    assert gap.cleared_ns is not None, f"{device} is back, and the log does not say so"
    assert gap.wall_ns < gap.cleared_ns <= healed_ns + _NS
    assert gap.take_id is not None


def _files_are_whole(the_set: Set, feed: Feed, take: Take, told: set[str]) -> None:
    """Each file is whole, or it was told that frames of the feed were lost; one that was away begins a new file."""
    if feed.name == "MIX":
        assert [file for sound in take.sound for file in sound.files if "_MIX" in file.name]
        return
    clips = [clip for angle in take.angles if angle.camera == feed.name for clip in angle.clips]
    assert clips, f"{feed.name} recorded nothing of the take"
    for clip in clips:
        assert clip.dropped or feed.name in told or decode_all(the_set.folder / clip.path).gaps == [], clip.path


def _nothing_is_left(the_set: Set) -> None:
    """No thread, no descriptor, no child of a worker, and no shared memory; and no worker had to be started again."""
    status = the_set.status()
    assert {device.name: device.restarts for device in status.devices} == dict.fromkeys(the_set.held, 0)

    def grown() -> dict[str, tuple[int, int]]:
        held = _held(the_set.status())
        first = the_set.held
        return {name: now for name, now in held.items() if now[0] > first[name][0] + 1 or now[1] > first[name][1] + 2}

    wait_for(lambda: not grown(), f"left behind: {grown()} after {the_set.held}", 10)
    for device in status.devices:
        assert Path(f"/proc/{device.pid}/task/{device.pid}/children").read_text() == ""
        assert "/dev/shm/" not in Path(f"/proc/{device.pid}/maps").read_text() or device.name == "MIX"
