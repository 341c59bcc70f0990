"""A day whose pictures and sound come from other people's programs, through the capture service into the log.

ffmpeg serves H.264 in a transport stream over UDP and MJPEG over HTTP, GStreamer serves RTSP, PipeWire plays sound with
timecode, the day's master. Two takes are rolled in a shell; every frame of every file is then decoded and its burnt-in
number read. `ONSET_FEED_SECONDS` lengthens the takes for a run by hand.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from contextlib import ExitStack, closing
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from devices.ltc import decode_ltc, write_ltc
from logging_db.logbook import open_log
from onset.capture.bus import run_folder
from onset.capture.master import MasterClock
from onset.clock import SystemClock
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate, samples_since_midnight
from tests.devices.sources import decode_all, film_source
from tests.devices.test_sound_file import track_of
from tests.needs import require
from tests.real.feeds import mjpeg_feed, pipewire_input, rtsp_feed, udp_feed, wait_until

pytestmark = [pytest.mark.real, pytest.mark.timeout(300)]

_SECONDS = float(os.environ.get("ONSET_FEED_SECONDS", "4"))
_RATE = rate("25")
_HERTZ = 48_000

_CONFIG = """
[production]
title = "Other people's feeds"
rate = "25"
slating = "us"

[capture]
timecode = ["MIX.ltc", "clock"]
preroll = "2 s"
postroll = "1 s"

[[device]]
name = "A"
kind = "av"
url = "{udp}"

[[device]]
name = "B"
kind = "av"
url = "{mjpeg}"

[[device]]
name = "C"
kind = "av"
url = "{rtsp}"

[[device]]
name = "MIX"
kind = "pyaudio"
match = "onset_mic"
channels = {{ boom = 1, ltc = 2 }}
"""


class _Production:
    """A production as a shell sees it."""

    def __init__(self, folder: Path, env: dict[str, str]) -> None:
        self.folder = folder
        self.env = {**os.environ, **env}

    def command(self, *words: str) -> list[str]:
        return [sys.executable, "-m", "onset", "-p", str(self.folder), *words]

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.command(*words), env=self.env, capture_output=True, text=True, timeout=120, check=False
        )

    def told(self, *words: str) -> dict[str, object]:
        done = self.run(*words, "--json")
        assert done.returncode == 0, done.stderr
        found: dict[str, object] = json.loads(done.stdout)
        return found

    def master(self) -> str:
        """The source of the newest label; a sound server that stutters at its start is no master for ten seconds."""
        with closing(open_log(self.folder / "log.onset", user="test")) as log:
            bus = run_folder(log.production().id, self.env)
        with closing(MasterClock(bus, ["MIX.ltc"], _RATE, SystemClock())) as clock:
            clock.settle()
            return clock.label_at(SystemClock().monotonic_ns())[1]

    def all_live(self) -> bool:
        devices = json.loads(self.run("devices", "--json").stdout or "{}").get("devices", [])
        return len(devices) == 4 and all(device["state"] == "live" for device in devices)


def _sound(path: Path, seconds: int) -> Path:
    """A tone on one track, timecode from ten o'clock on the other."""
    count = seconds * _HERTZ
    tone = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(count) / _HERTZ)
    label = write_ltc(Timecode.parse("10:00:00:00", _RATE), Fraction(0), count, _HERTZ)
    with wave.open(str(path), "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(_HERTZ)
        writer.writeframes((np.column_stack((tone, label.astype(np.float64))) * 32767).astype(np.int16).tobytes())
    return path


def test_two_takes_of_four_foreign_feeds(tmp_path: Path) -> None:
    try:
        import pyaudio  # noqa: F401 - only whether it is there
    except ImportError:
        require(False, "PyAudio is not installed (make audio)")
    length = 110 + 3 * round(_SECONDS)
    film = film_source(tmp_path / "film.mov", length, width=640, height=360)
    server = tmp_path / "server"
    server.mkdir()
    folder = tmp_path / "Feeds"
    with ExitStack() as feeds:
        env = feeds.enter_context(pipewire_input(server, _sound(tmp_path / "sound.wav", length)))
        day = _Production(folder, env)
        new = ["new", str(folder), "--title", "Feeds", "--rate", "25", "--slating", "us"]
        subprocess.run([sys.executable, "-m", "onset", *new], check=True, capture_output=True)
        urls = {
            "udp": feeds.enter_context(udp_feed(film)),
            "mjpeg": feeds.enter_context(mjpeg_feed(film)).url,
            "rtsp": feeds.enter_context(rtsp_feed(film)),
        }
        (folder / "config.toml").write_text(_CONFIG.format(**urls))
        service = subprocess.Popen(day.command("capture"), env=day.env, stderr=subprocess.DEVNULL)
        try:
            wait_until(day.all_live, "the feeds do not go live", 40)
            wait_until(lambda: day.master() == "MIX.ltc", "no timecode is heard", 40)
            for _ in range(2):
                day.told("log", "roll", "42C")
                SystemClock().sleep(_SECONDS)  # the take's own length: the feeds run in real time
                day.told("log", "cut", "--wait")
        finally:
            day.run("capture", "--stop")
            service.wait(40)
        takes = day.told("log", "list")["takes"]
    assert isinstance(takes, list)
    assert [take["take"] for take in takes] == ["2", "1"]
    for take in takes:
        assert take["tc_source"] == "MIX.ltc"
        clips = {angle["camera"]: angle["clips"] for angle in take["angles"]}
        assert sorted(clips) == ["A", "B", "C"]
        for files in clips.values():
            assert len(files) == 1
            _picture_as_logged(folder, files[0], take)
        assert len(take["sound"]) == 1
        _sound_as_logged(folder, take["sound"][0], take)


def _rolled_before(start: str, take: dict[str, object]) -> int:
    """Frames from a file's start to the key; the pre-roll."""
    return Timecode.parse(str(take["tc_in"]), _RATE).since(Timecode.parse(start, _RATE))


def _picture_as_logged(folder: Path, clip: dict[str, object], take: dict[str, object]) -> None:
    path = folder / str(clip["path"])
    filmed = decode_all(path)
    assert filmed.gaps == [], path
    assert filmed.timecode == clip["tc_in"]
    # A frame that came late may stand on the next one's place: one frame is what a length may be off.
    assert abs(len(filmed.strips) - int(str(clip["duration_frames"]))) <= 1
    assert clip["link"] == "confirmed"
    before = _rolled_before(str(clip["tc_in"]), take)
    assert 0 <= before <= 5 * 25, path  # a copied feed starts at its last key frame before the pre-roll
    assert len(filmed.strips) >= before + int(str(take["duration_frames"]))


def _sound_as_logged(folder: Path, sound: dict[str, object], take: dict[str, object]) -> None:
    files = sound["files"]
    assert isinstance(files, list)
    assert len(files) == 1
    path = folder / str(files[0]["path"])
    head = read_wave(path)
    start = Timecode.parse(str(files[0]["tc_in"]), _RATE)
    assert head.time_reference is not None
    assert abs(head.time_reference - samples_since_midnight(start, _HERTZ)) <= _HERTZ // 25
    assert abs(head.samples * 25 // _HERTZ - int(str(files[0]["duration_frames"]))) <= 1
    labels = decode_ltc(track_of(path, 1), _HERTZ).labels
    first = labels[0].at(_RATE)
    assert first is not None
    assert abs(first.since(start) - labels[0].sample * 25 // _HERTZ) <= 1
    assert len(labels) >= head.samples * 25 // _HERTZ - 2
    assert 0 <= _rolled_before(str(files[0]["tc_in"]), take) <= 3 * 25
