"""Sound through PortAudio: a real sound server at real speed, and a file that loses no sample."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import wave
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from devices.conformance import CHECKS
from devices.ltc import decode_ltc, write_ltc
from onset.capture.signals import StateChanged
from onset.sound.wave import read_wave
from onset.timecode import Timecode, rate, samples_since_midnight
from tests.devices.test_sound_file import track_of
from tests.devices.workers import worker
from tests.needs import lacking
from tests.real.feeds import alsa_file, pipewire_input

pytestmark = pytest.mark.real
HERTZ = 48_000
OPTIONS = {"match": "onset_mic", "channels": {"boom": 1, "ltc": 2}}


@pytest.fixture(scope="module", autouse=True)
def _portaudio() -> None:
    try:
        import pyaudio  # noqa: F401
    except ImportError:
        lacking("PyAudio is not installed (make audio)")


def _stereo(seconds: int) -> np.ndarray[tuple[int, ...], np.dtype[np.int16]]:
    """A tone, and timecode from ten o'clock."""
    count = seconds * HERTZ
    tone = 0.25 * np.sin(2 * np.pi * 1000 * np.arange(count) / HERTZ)
    label = write_ltc(Timecode.parse("10:00:00:00", rate("25")), Fraction(0), count, HERTZ)
    both = np.column_stack((tone, label.astype(np.float64)))
    return (both * 32767).astype(np.int16)


def test_sound_of_a_server_is_late_or_torn(tmp_path: Path) -> None:
    sound = tmp_path / "tone.wav"
    with wave.open(str(sound), "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(HERTZ)
        writer.writeframes(_stereo(40).tobytes())
    server = tmp_path / "server"
    server.mkdir()
    with (
        pipewire_input(server, sound) as env,
        worker(tmp_path, "pyaudio", name="MIX", options=OPTIONS, timecode=("MIX.ltc", "clock"), env=env) as mixer,
    ):
        mixer.wait_live()
        mixer.wait_passed(mixer.clock.monotonic_ns(), 1.5)
        rolled_ns = mixer.clock.monotonic_ns()
        mixer.roll()
        mixer.wait_passed(rolled_ns, 3)
        mixer.cut()
        clip = mixer.closed()
        assert mixer.hang_up() == 0
        assert mixer.told_stderr() == "", "PortAudio's libraries are kept quiet"
    path = tmp_path / "media" / clip.path
    head = read_wave(path)
    assert (clip.tc_source, clip.dropped, clip.samples) == ("MIX.ltc", 0, head.samples)
    assert 3.5 * HERTZ < head.samples < 4.5 * HERTZ
    labels = decode_ltc(track_of(path, 1), HERTZ).labels
    assert len(labels) >= head.samples * 25 // HERTZ - 2
    for heard in labels:
        label = heard.at(rate("25"))
        assert label is not None
        assert head.time_reference is not None
        # To one frame is asked; the fit to the clock is much better.
        assert abs(head.time_reference + heard.sample - samples_since_midnight(label, HERTZ)) < HERTZ / 25 / 4
    tone = track_of(path, 0)
    assert abs(20 * np.log10(np.sqrt(np.mean(np.square(tone.astype(np.float64))))) - -15.05) < 0.1


_READ = """
import json, sys
from devices.audio_pyaudio import PyAudioInput
from devices.adapter import Surroundings
from onset.clock import SystemClock
from onset.timecode import rate
device = PyAudioInput("MIX", json.loads(sys.argv[1]), Surroundings("T", rate("25"), SystemClock()))
form = device.open()
blocks = [device.read() for _ in range(100)]
device.close()
sys.stdout.buffer.write(b"".join(block.samples.tobytes() for block in blocks[:50] if not block.lost))
"""


def test_samples_are_changed_on_the_way(tmp_path: Path) -> None:
    """Bit for bit what is in the file, upper 16 of 32 bits, in a process of its own as always."""
    given = _stereo(10)
    raw = tmp_path / "tone.raw"
    raw.write_bytes((given.astype(np.int32) << 16).tobytes())  # ALSA takes it for what is asked: 32 bits
    env = alsa_file(tmp_path, raw)
    done = subprocess.run(
        [sys.executable, "-c", _READ, json.dumps(OPTIONS)], env={**os.environ, **env}, capture_output=True, check=True
    )
    got = np.frombuffer(done.stdout, np.int32).reshape(-1, 2)
    assert len(got) >= 20 * HERTZ // 50
    assert np.array_equal(got, given[: len(got)].astype(np.int32) << 16)


def test_an_input_that_is_not_there_is_not_named(tmp_path: Path) -> None:
    raw = tmp_path / "tone.raw"
    raw.write_bytes(_stereo(1).tobytes())
    env = alsa_file(tmp_path, raw)
    with worker(tmp_path, "pyaudio", name="MIX", options={"match": "Scarlett"}, env=env) as mixer:
        missing = mixer.wait(StateChanged, lambda report: report.state == "missing")
        assert 'no sound input is called "Scarlett"' in missing.detail
        assert "onset_mic" in missing.detail
        assert mixer.hang_up() == 0


def test_missing_pyaudio_is_a_traceback(tmp_path: Path) -> None:
    hidden = tmp_path / "hidden"
    hidden.mkdir()
    (hidden / "pyaudio.py").write_text("raise ImportError('hidden')")
    with worker(tmp_path, "pyaudio", name="MIX", options={"match": "x"}, env={"PYTHONPATH": str(hidden)}) as mixer:
        missing = mixer.wait(StateChanged, lambda report: report.state == "missing")
        assert "make audio" in missing.detail
        assert mixer.hang_up() == 0
        assert "Traceback" not in mixer.told_stderr()


_CONFORM = """
import json, sys
from devices.adapter import Surroundings
from devices.audio_pyaudio import PyAudioInput
from devices.conformance import CHECKS, Case
from onset.clock import SystemClock
from onset.timecode import rate
around = Surroundings("T", rate("25"), SystemClock())
case = Case(PyAudioInput, json.loads(sys.argv[1]), around, missing={"match": "no such input"})
for check in CHECKS:
    check(case)
    print(check.__name__)
"""


def _conforms(env: dict[str, str]) -> None:
    """In a process of its own: ALSA reads its configuration once, and PortAudio has ended processes before."""
    command = [sys.executable, "-c", _CONFORM, json.dumps(OPTIONS)]
    done = subprocess.run(command, env={**os.environ, **env}, capture_output=True, text=True, check=False, timeout=50)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [check.__name__ for check in CHECKS]


def test_an_alsa_file_does_not_conform(tmp_path: Path) -> None:
    raw = tmp_path / "tone.raw"
    raw.write_bytes((_stereo(10).astype(np.int32) << 16).tobytes())
    _conforms(alsa_file(tmp_path, raw))


def test_pipewire_does_not_conform(tmp_path: Path) -> None:
    sound = tmp_path / "tone.wav"
    with wave.open(str(sound), "wb") as writer:
        writer.setnchannels(2)
        writer.setsampwidth(2)
        writer.setframerate(HERTZ)
        writer.writeframes(_stereo(50).tobytes())
    with pipewire_input(tmp_path, sound) as env:
        _conforms(env)
