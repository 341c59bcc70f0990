"""What is watched for: told when it lasts, with its true beginning; and no alarm that a crew would learn to ignore."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from fractions import Fraction
from itertools import cycle

import numpy as np
import pytest
from av import VideoFrame

from devices.adapter import NS, Image, Shot, Surroundings
from devices.desk_sound import Meter
from devices.simulated.camera import SimulatedCamera
from devices.watch import Trouble
from devices.watch_picture import PictureWatch
from devices.watch_sound import SoundWatch
from onset.capture.signals import Alarm
from onset.clock import ManualClock
from onset.limits import Limits
from onset.timecode import rate

LIMITS = Limits()
NOISE = np.random.default_rng(1)
_SHAPE = (180, 320, 3)
_WALLS = cycle([np.clip(120 + NOISE.normal(0, 1.0, _SHAPE), 0, 255).astype(np.uint8) for _ in range(7)])
_CAPPED = cycle([np.clip(4 + np.abs(NOISE.normal(0, 2.0, _SHAPE)), 0, 255).astype(np.uint8) for _ in range(7)])


def said(alarms: list[Alarm]) -> list[tuple[str, bool, float]]:
    return [(alarm.what, alarm.over, round(alarm.mono_ns / NS, 2)) for alarm in alarms]


def test_trouble_is_told_once_with_its_true_beginning_and_end() -> None:
    told: list[Alarm] = []
    trouble = Trouble("A", "black", "A: black.", 2.0, told.append, over_s=1.0)
    for tenth in range(100):
        trouble.judge(10 <= tenth < 50, tenth * NS // 10)
    assert said(told) == [("black", False, 1.0), ("black", True, 5.0)]


def test_short_trouble_is_not_told_and_a_short_good_moment_does_not_end_it() -> None:
    told: list[Alarm] = []
    trouble = Trouble("A", "black", "A: black.", 2.0, told.append, over_s=1.0)
    for tenth in range(15):
        trouble.judge(True, tenth * NS // 10)
    trouble.judge(False, 2 * NS)
    for tenth in range(30, 70):
        trouble.judge(tenth != 60, tenth * NS // 10)
    assert said(told) == [("black", False, 3.0)]


# -- pictures ---------------------------------------------------------------------------------------------------------


class Camera:
    """Shows pictures to a watch, 25 a second."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.told: list[Alarm] = []
        self.watch = PictureWatch("A", limits, self.told.append)
        self.number = 0

    def shows(self, seconds: float, picture: Callable[[], Image | VideoFrame | None], *, rolling: bool = True) -> None:
        for _ in range(round(seconds * 25)):
            self.watch.see(Shot(self.number, self.number * NS // 25, picture()), rolling=rolling)
            self.number += 1

    @property
    def whats(self) -> list[str]:
        return [f"{alarm.what} over" if alarm.over else alarm.what for alarm in self.told]


def still_set() -> Image:
    """A locked-off shot of a wall: only the sensor's noise moves."""
    return next(_WALLS)


def capped() -> Image:
    return np.array(next(_CAPPED))


def candle() -> Image:
    """A dark room, and a light in it."""
    dark: Image = capped()
    dark[80:100, 150:170] = 230
    return dark


def flat(colour: tuple[int, int, int]) -> Callable[[], Image]:
    picture = np.full((180, 320, 3), colour, np.uint8)
    return lambda: picture


def test_black_while_a_take_rolls_is_told_and_ends_with_the_picture() -> None:
    camera = Camera()
    camera.shows(1, still_set)
    camera.shows(3, capped)
    assert said(camera.told) == [("black", False, 1.0)]
    camera.shows(1, still_set)
    assert said(camera.told)[1:] == [("black", True, 4.0)]


def test_capped_lens_between_takes_and_a_candle_in_the_dark_are_no_alarm() -> None:
    camera = Camera()
    camera.shows(10, capped, rolling=False)
    camera.shows(10, candle)
    assert camera.told == []
    camera.shows(3, capped)  # rolled with the cap on
    assert camera.whats == ["black"]


@pytest.mark.parametrize("colour", [(0, 0, 255), (128, 128, 128), (16, 180, 16)], ids=["blue", "grey", "green"])
def test_flat_colour_of_a_card_without_signal_is_told_as_that_and_not_as_frozen(colour: tuple[int, int, int]) -> None:
    camera = Camera()
    camera.shows(10, flat(colour), rolling=False)
    assert camera.whats == ["no signal"]


def test_black_of_a_card_without_signal_is_black() -> None:
    camera = Camera()
    camera.shows(10, flat((0, 0, 0)))
    assert camera.whats == ["black"]


def test_frozen_picture_is_told_and_a_set_on_which_nothing_moves_is_not() -> None:
    camera = Camera()
    camera.shows(20, still_set)
    assert camera.told == []
    frozen = still_set()
    camera.shows(6, lambda: frozen)
    assert camera.whats == ["frozen"]
    camera.shows(1, still_set)
    assert camera.whats == ["frozen", "frozen over"]


def test_frozen_feed_that_is_decoded_from_a_stream_is_told() -> None:
    def decoded(picture: Image) -> VideoFrame:
        return VideoFrame.from_ndarray(picture, format="rgb24").reformat(format="yuv420p")

    camera = Camera()
    camera.shows(6, lambda: decoded(still_set()))
    assert camera.told == []
    frozen = decoded(still_set())
    camera.shows(6, lambda: frozen)
    assert camera.whats == ["frozen"]
    camera.shows(3, lambda: decoded(np.zeros((180, 320, 3), np.uint8)))
    assert camera.whats[-1] == "black"


def test_screen_that_may_stand_still_is_not_watched_for_it() -> None:
    camera = Camera(replace(LIMITS, frozen_s=0.0))
    frozen = still_set()
    camera.shows(60, lambda: frozen)
    assert camera.told == []


def test_frames_that_cannot_be_decoded_and_a_lost_camera_end_nothing_wrongly() -> None:
    camera = Camera()
    camera.shows(3, capped)
    camera.shows(3, lambda: None)
    assert camera.whats == ["black"]
    camera.watch.gone(camera.number * NS // 25)
    assert camera.whats == ["black", "black over"]
    assert camera.told[-1].detail == "The device went away."


def test_simulated_faults_are_told_by_their_names_and_its_ordinary_picture_is_not() -> None:
    clock = ManualClock(wall_ns=0, monotonic_ns=NS)
    script = [{"at": 10.0, "kind": "black", "seconds": 4.0}, {"at": 20.0, "kind": "freeze", "seconds": 6.0}]
    options = {"width": 320, "height": 180, "script": script}
    device = SimulatedCamera("A", options, Surroundings("Harbour", rate("25"), clock))
    form = device.open()
    assert form.fps == Fraction(25)
    told: list[Alarm] = []
    watch = PictureWatch("A", LIMITS, told.append)
    for _ in range(30 * 25):
        clock.advance(0.04)
        watch.see(device.read(), rolling=True)
    assert [(alarm.what, alarm.over) for alarm in told] == [
        ("black", False),
        ("black", True),
        ("frozen", False),
        ("frozen", True),
    ]


# -- sound ------------------------------------------------------------------------------------------------------------


class Mixer:
    """Plays tenths of a second of sound to a watch, through the meter that a worker has."""

    def __init__(self, limits: Limits = LIMITS) -> None:
        self.told: list[Alarm] = []
        self.tracks = ("boom", "lav", "ltc")
        self.watch = SoundWatch("MIX", self.tracks, 2, limits, self.told.append)
        self.meter = Meter(self.tracks)
        self.tenths = 0

    def plays(self, seconds: float, boom: float, lav: float, *, rolling: bool = True) -> None:
        """Noise of these peaks, 1.0 being full scale; the timecode's track clips all the time."""
        for _ in range(round(seconds * 10)):
            share = np.array([boom, lav, 1.0])
            samples = np.clip(NOISE.uniform(-1, 1, (4800, 3)) * share, -1, 1)
            samples[0] = share
            self.tenths += 1
            self.meter.hear((samples * (2**31 - 1)).astype(np.int32))
            levels = self.meter.read("MIX", self.tenths * NS // 10)
            assert levels is not None
            self.watch.hear(levels, rolling=rolling)

    @property
    def whats(self) -> list[str]:
        return [f"{alarm.what} over" if alarm.over else alarm.what for alarm in self.told]


@pytest.fixture
def mixer() -> Mixer:
    return Mixer()


def test_a_track_that_was_silent_since_a_restart_never_had_sound(mixer: Mixer) -> None:
    mixer.watch.remember({"boom": -75.0, "lav": -12.0})
    mixer.plays(12, 0.0001, 0.0001)
    assert mixer.whats == ["silence lav"], "the boom was below the limit in its files, too"


def test_track_that_had_sound_and_falls_silent_in_a_take_is_told(mixer: Mixer) -> None:
    mixer.plays(5, 0.3, 0.3)
    mixer.plays(12, 0.3, 0.0001)
    assert mixer.whats == ["silence lav"]
    assert mixer.told[0].detail == "MIX: lav is silent, below -70 dBFS; it had sound before."
    mixer.plays(0.5, 0.3, 0.3)
    assert mixer.whats == ["silence lav", "silence lav over"]


def test_quiet_between_takes_and_a_pause_in_the_talk_are_no_alarm(mixer: Mixer) -> None:
    mixer.plays(5, 0.3, 0.3)
    mixer.plays(60, 0.0001, 0.0001, rolling=False)
    mixer.plays(8, 0.0001, 0.0001)
    mixer.plays(60, 0.003, 0.003)  # room tone
    assert mixer.told == []


def test_track_that_never_had_sound_is_missing_and_not_silent(mixer: Mixer) -> None:
    mixer.plays(20, 0.3, 0.0)
    assert mixer.whats == ["missing lav"]
    mixer.plays(1, 0.3, 0.3)
    assert mixer.whats == ["missing lav", "missing lav over"]


def test_cut_ends_the_alarms_of_its_take(mixer: Mixer) -> None:
    mixer.plays(20, 0.3, 0.0)
    mixer.plays(1, 0.3, 0.0, rolling=False)
    assert mixer.whats == ["missing lav", "missing lav over"]
    assert mixer.told[-1].detail == "The take was cut.", "the plug is out all the same"


def test_clipping_is_told_at_once_and_over_when_it_stays_away(mixer: Mixer) -> None:
    mixer.plays(2, 0.3, 0.3)
    mixer.plays(1, 1.0, 0.3)
    assert mixer.whats == ["clipping boom"]
    for _ in range(3):  # every second again: one alarm
        mixer.plays(1, 0.3, 0.3)
        mixer.plays(0.3, 1.0, 0.3)
    assert mixer.whats == ["clipping boom"]
    mixer.plays(6, 0.3, 0.3)
    assert mixer.whats == ["clipping boom", "clipping boom over"]


def test_nothing_is_told_that_the_configuration_turned_off() -> None:
    mixer = Mixer(replace(LIMITS, silence_s=0.0, missing_s=0.0, clipped=0))
    mixer.plays(5, 1.0, 0.3)
    mixer.plays(30, 1.0, 0.0)
    assert mixer.told == []
