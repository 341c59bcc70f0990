"""Simulated devices: the same bytes each time, in step with each other, and faults that are what they say."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from devices.adapter import NS, Block, Shot, Surroundings
from devices.ltc import LtcDecoder
from devices.simulated.camera import SimulatedCamera
from devices.simulated.mixer import SimulatedMixer
from devices.simulated.script import CLAP_AFTER_NS
from devices.simulated.strip import Strip, draw_strip, read_strip
from onset.capture.signals import Slated
from onset.clock import ManualClock
from onset.errors import ConfigError, DeviceError
from onset.timecode import Timecode, rate, samples_since_midnight
from tests.devices.sources import TEN_O_CLOCK_NS

SMALL: dict[str, object] = {"width": 320, "height": 180}
SLATED = Slated(
    take_id="0" * 32, production="Harbour Lights", unit="main", day=3, scene="42", slate="42C", take="3", roll="A001"
)


def _around(rate_name: str = "23.976", wall_ns: int = TEN_O_CLOCK_NS, offset_s: int = 0) -> Surroundings:
    return Surroundings("Harbour Lights", rate(rate_name), ManualClock(wall_ns=wall_ns), offset_s)


def _camera(around: Surroundings, **options: object) -> SimulatedCamera:
    camera = SimulatedCamera("A", {**SMALL, **options}, around)
    camera.open()
    return camera


def _image(shot: Shot) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    assert isinstance(shot.image, np.ndarray)
    return shot.image


def _pictures_digest(seed: str, script: list[dict[str, object]]) -> str:
    camera = _camera(_around(), seed=seed, script=script)
    camera.clap(SLATED, camera.read().mono_ns)
    digest = hashlib.sha256()
    for _ in range(60):
        shot = camera.read()
        digest.update(f"{shot.number} {shot.mono_ns} {shot.label}".encode())
        digest.update(_image(shot).tobytes())
    return digest.hexdigest()


def _sound_digest(seed: str) -> str:
    mixer = SimulatedMixer("MIX", {"seed": seed}, _around())
    mixer.open()
    mixer.clap(SLATED, mixer.read().mono_ns)
    return hashlib.sha256(b"".join(mixer.read().samples.tobytes() for _ in range(120))).hexdigest()


def test_a_second_run_gives_other_bytes() -> None:
    script: list[dict[str, object]] = [{"at": 0.5, "kind": "freeze", "seconds": 0.3}]
    assert _pictures_digest("x", script) == _pictures_digest("x", script)
    assert _pictures_digest("x", script) != _pictures_digest("y", script)
    assert _pictures_digest("x", script) != _pictures_digest("x", [])
    assert _sound_digest("x") == _sound_digest("x")
    assert _sound_digest("x") != _sound_digest("y")


@pytest.mark.parametrize("rate_name", ["23.976", "24", "25", "29.97", "29.97df", "30", "50", "59.94df"])
def test_picture_and_timecode_track_drift_apart(rate_name: str) -> None:
    """The label in the picture at a moment is the one on the track, at the exact sample."""
    around = _around(rate_name, wall_ns=TEN_O_CLOCK_NS + 123_456_789, offset_s=3600)
    camera = _camera(around)
    # A clock of its own that shows the same: reading ahead on one would make the other late.
    mixer = SimulatedMixer("MIX", {}, _around(rate_name, wall_ns=TEN_O_CLOCK_NS + 123_456_789, offset_s=3600))
    form = mixer.open()
    shots = [camera.read() for _ in range(int(3 * around.rate.fps))]
    blocks = [mixer.read() for _ in range(150)]
    decoder = LtcDecoder(form.sample_rate)
    heard = []
    for block in blocks:
        heard += decoder.feed((block.samples[:, form.tracks.index("ltc")] / 2.0**31).astype(np.float32))
    assert len(heard) > 60
    step = 2 if around.rate.nominal > 30 else 1
    by_label = {shot.label.frames: shot.mono_ns for shot in shots if shot.label is not None}
    carried = rate({"50": "25", "59.94df": "29.97df"}.get(rate_name, rate_name))
    compared = 0
    for label in heard:
        timecode = label.at(carried)
        assert timecode is not None
        if timecode.frames * step in by_label:
            sounded_ns = blocks[0].mono_ns + label.sample * NS / form.sample_rate
            assert abs(sounded_ns - by_label[timecode.frames * step]) < NS / form.sample_rate
            compared += 1
    assert compared > 40
    # The rule of the time of day, worked out apart: frames since local midnight at the exact rate.
    first = shots[0].label
    assert first is not None
    since_midnight_s = Fraction(11 * 3600) + Fraction(123_456_789, NS)
    assert first.frames in (int(since_midnight_s * around.rate.fps), int(since_midnight_s * around.rate.fps) + 1)


def test_midnight_is_crossed_while_the_camera_runs() -> None:
    camera = _camera(_around("25", wall_ns=24 * 3600 * NS - NS // 2))
    labels = [str(camera.read().label) for _ in range(16)]
    assert labels[0].startswith("23:59:59:")
    assert "00:00:00:00" in labels


def test_a_damaged_strip_is_read_as_another_number() -> None:
    image = np.zeros((180, 320, 3), np.uint8)
    draw_strip(image, Strip(1_234_567, 2_073_599))
    assert read_strip(image) == Strip(1_234_567, 2_073_599)
    image[-10:, 100:140] = 255 - image[-10:, 100:140]
    assert read_strip(image) is None
    assert read_strip(np.zeros((180, 320, 3), np.uint8)) is None


def test_dropped_frames_are_not_missing_from_the_numbers() -> None:
    camera = _camera(_around("25"), script=[{"at": 0.2, "kind": "drop", "frames": 3}])
    assert [camera.read().number for _ in range(8)] == [0, 1, 2, 3, 4, 8, 9, 10]


def test_a_frozen_picture_moves_and_a_black_one_shows() -> None:
    camera = _camera(
        _around("25"),
        script=[{"at": 0.2, "kind": "freeze", "frames": 3}, {"at": 0.6, "kind": "black", "frames": 2}],
    )
    shots = [camera.read() for _ in range(18)]
    strips = [read_strip(_image(shot)) for shot in shots]
    assert [strip.number for strip in strips[3:10] if strip] == [3, 4, 4, 4, 4, 8, 9]
    assert not _image(shots[15]).any()
    assert [shot.number for shot in shots] == list(range(18))


def test_a_jump_of_the_timecode_moves_the_numbers_too() -> None:
    camera = _camera(_around("25"), script=[{"at": 0.2, "kind": "jump", "frames": -1000}])
    shots = [camera.read() for _ in range(8)]
    labels = [shot.label.frames for shot in shots if shot.label]
    assert [b - a for a, b in pairwise(labels)] == [1, 1, 1, 1, -999, 1, 1]
    assert [shot.number for shot in shots] == list(range(8))


def test_a_pulled_cable_is_back_too_soon_or_never() -> None:
    around = _around("25")
    camera = _camera(around, script=[{"at": 0.2, "kind": "disconnect", "seconds": 2.0}])
    for _ in range(5):
        camera.read()
    with pytest.raises(DeviceError, match="pulled"):
        camera.read()
    with pytest.raises(DeviceError, match="cable is out"):
        camera.open()
    around.clock.sleep(2.5)
    camera.open()
    assert camera.read().number > 50


def test_the_clap_is_seen_and_heard_at_different_moments() -> None:
    around = _around("25")
    camera, mixer = _camera(around), SimulatedMixer("MIX", {}, _around("25"))
    form = mixer.open()
    shots, blocks = [camera.read()], [mixer.read()]
    rolled_ns = shots[0].mono_ns
    camera.clap(SLATED, rolled_ns)
    mixer.clap(SLATED, rolled_ns)
    shots += [camera.read() for _ in range(60)]
    blocks += [mixer.read() for _ in range(120)]
    flash = next(b for a, b in pairwise(shots) if _image(b)[0, 0].min() >= 128 > _image(a)[0, 0].min())
    boom = np.concatenate([block.samples[:, form.tracks.index("boom")] for block in blocks]).astype(np.float64)
    hit = int(np.argmax(np.abs(boom) > 0.45 * 2**31))
    hit_ns = blocks[0].mono_ns + hit * NS // form.sample_rate
    assert abs(hit_ns - (rolled_ns + CLAP_AFTER_NS)) < NS // 1000
    assert 0 <= flash.mono_ns - hit_ns <= NS // 25


def test_lost_samples_are_not_told() -> None:
    mixer = SimulatedMixer("MIX", {"script": [{"at": 0.1, "kind": "drop", "seconds": 0.04}]}, _around("25"))
    mixer.open()
    blocks: list[Block] = [mixer.read() for _ in range(10)]
    assert [block.lost for block in blocks] == [0, 0, 0, 0, 0, 1920, 0, 0, 0, 0]
    assert [b.first for b in blocks][4:7] == [3840, 6720, 7680]


def test_the_samples_of_the_day_are_those_of_the_label() -> None:
    """48 kHz at 29.97 has 1601.6 samples a frame: the track must not round at every frame."""
    around = _around("29.97df")
    mixer = SimulatedMixer("MIX", {"tracks": ["ltc"]}, around)
    mixer.open()
    decoder = LtcDecoder(48_000)
    heard = [h for _ in range(500) for h in decoder.feed((mixer.read().samples[:, 0] / 2.0**31).astype(np.float32))]
    first = heard[0].at(around.rate)
    assert isinstance(first, Timecode)
    for label in heard:
        timecode = label.at(around.rate)
        assert timecode is not None
        expected = samples_since_midnight(timecode, 48_000) - samples_since_midnight(first, 48_000)
        assert abs(label.sample - heard[0].sample - expected) <= 1


@pytest.mark.parametrize(
    "options",
    [
        {"script": "drop"},
        {"script": [{"at": 1}]},
        {"script": [{"at": 1, "kind": "explode"}]},
        {"script": [{"at": "soon", "kind": "drop"}]},
        {"script": [{"at": 1, "kind": "drop", "how": 1}]},
        {"width": 10},
        {"width": "wide"},
        {"seed": 1.5},
        {"seed": True},
    ],
)
def test_a_wrong_option_is_taken(options: dict[str, object]) -> None:
    with pytest.raises(ConfigError, match=r'\[\[device\]\] "A"'):
        SimulatedCamera("A", options, _around())


def test_an_unknown_fault_is_rehearsed() -> None:
    camera = _camera(_around())
    with pytest.raises(DeviceError, match="no fault"):
        camera.fault("explode", {})
    with pytest.raises(DeviceError, match="numbers"):
        camera.fault("drop", {"frames": "many"})
    assert "freeze" in camera.fault("freeze", {"seconds": "1.5"})
