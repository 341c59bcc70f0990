"""Faults that are rehearsed: each is just what it is called, and the same every time."""

from __future__ import annotations

import hashlib
from fractions import Fraction
from itertools import pairwise

import numpy as np
import pytest

from devices.adapter import NS, Block, Rehearsing, Shot, Surroundings
from devices.ltc import LtcDecoder
from devices.simulated.camera import KINDS as CAMERA_KINDS
from devices.simulated.camera import SimulatedCamera
from devices.simulated.mixer import KINDS as MIXER_KINDS
from devices.simulated.mixer import SimulatedMixer
from devices.simulated.script import Fault, Script
from onset.errors import ConfigError, DeviceError
from onset.timecode import rate
from tests.devices.sources import surroundings

Row = dict[str, object]
RATE = rate("25")


def camera(*script: Row) -> tuple[SimulatedCamera, Surroundings]:
    around = surroundings()
    device = SimulatedCamera("A", {"width": 160, "height": 96, "seed": 1, "script": list(script)}, around)
    device.open()
    return device, around


def mixer(*script: Row) -> tuple[SimulatedMixer, Surroundings]:
    around = surroundings()
    device = SimulatedMixer("MIX", {"seed": 1, "script": list(script)}, around)
    device.open()
    return device, around


def labels_of(shots: list[Shot]) -> list[int]:
    found = [shot.label.frames for shot in shots if shot.label is not None]
    return [label - found[0] for label in found]


def sound_of(blocks: list[Block], track: int) -> np.ndarray[tuple[int, ...], np.dtype[np.float32]]:
    return np.concatenate([(block.samples[:, track] / 2.0**31).astype(np.float32) for block in blocks])


SCRIPT: list[Row] = [
    {"at": 0.4, "kind": "freeze", "frames": 3},
    {"at": 0.8, "kind": "black", "frames": 2},
    {"at": 1.0, "kind": "reverse", "seconds": 0.2},
    {"at": 1.4, "kind": "drop", "frames": 4},
    {"at": 1.6, "kind": "jump", "frames": 100},
]


def test_the_bytes_of_a_script_are_others_after_a_change_of_the_simulator() -> None:
    """Whoever changes a picture or a sound on purpose changes these; recordings made before do not compare any more."""
    device, _ = camera(*SCRIPT)
    picture = hashlib.sha256()
    for _ in range(50):
        shot = device.read()
        assert isinstance(shot.image, np.ndarray)
        picture.update(f"{shot.number} {shot.mono_ns} {shot.label}".encode() + shot.image.tobytes())
    sound = hashlib.sha256()
    voice, _ = mixer({"at": 0.2, "kind": "clip", "track": "boom"}, {"at": 1.0, "kind": "stand", "seconds": 0.3})
    for _ in range(100):
        block = voice.read()
        # 16 bits: the last of 32 depend on how a processor computes a sine
        sound.update(f"{block.first} {block.mono_ns}".encode() + (block.samples >> 16).astype(np.int16).tobytes())
    assert (picture.hexdigest()[:16], sound.hexdigest()[:16]) == ("b1d42d7b542de854", "efabd4c50d9bd0b7")


def test_timecode_that_runs_backwards_goes_on_where_it_was() -> None:
    device, _ = camera({"at": 0.2, "kind": "reverse", "seconds": 0.2})
    assert labels_of([device.read() for _ in range(14)]) == [0, 1, 2, 3, 4, 5, 4, 3, 2, 1, 0, 1, 2, 3]


def test_timecode_that_stands_moves() -> None:
    device, _ = camera({"at": 0.2, "kind": "stand", "seconds": 0.12})
    assert labels_of([device.read() for _ in range(11)]) == [0, 1, 2, 3, 4, 5, 5, 5, 5, 6, 7]


def test_a_clock_that_runs_free_stays_in_step() -> None:
    device, _ = camera({"at": 0.0, "kind": "free-run", "amount": 20_000})
    shots = [device.read() for _ in range(101)]
    assert labels_of(shots)[-1] == 102
    assert shots[-1].number == 100


def test_the_track_and_the_picture_run_backwards_apart() -> None:
    fault: Row = {"at": 1.0, "kind": "reverse", "seconds": 1.0}
    device, _ = mixer(fault)
    blocks = [device.read() for _ in range(150)]
    heard = LtcDecoder(48_000).feed(sound_of(blocks, 2))
    backwards = [label for label in heard if label.reverse]
    assert len(backwards) > 15
    assert all(0.95 < label.sample / 48_000 < 2.05 for label in backwards)
    frames = [label.at(RATE) for label in heard]
    last, first = frames[-1], frames[0]
    assert last is not None
    assert first is not None
    assert abs(last.since(first) - (heard[-1].sample - heard[0].sample) * 25 / 48_000 + 50) < 1.5, "two seconds behind"


def test_a_generator_that_stands_goes_on_sending() -> None:
    device, _ = mixer({"at": 0.1, "kind": "stand", "seconds": 0.1})
    blocks = [device.read() for _ in range(12)]
    assert [bool(block.samples[:, 2].any()) for block in blocks] == [True] * 5 + [False] * 5 + [True] * 2
    assert all(block.samples[:, 0].any() for block in blocks), "only the timecode stands"


def test_a_cheap_clock_keeps_time() -> None:
    device, _ = camera({"at": 0.0, "kind": "ppm", "amount": 1000})
    shots = [device.read() for _ in range(251)]
    assert shots[-1].mono_ns - shots[0].mono_ns == 10 * NS - 10_000_000
    voice, _ = mixer({"at": 0.0, "kind": "ppm", "amount": -1000})
    blocks = [voice.read() for _ in range(501)]
    assert blocks[-1].mono_ns - blocks[0].mono_ns == 10 * NS + 10_000_000
    assert blocks[-1].first == 500 * 960, "not a sample is lost by that"


def test_a_long_way_changes_the_order_or_the_stamps() -> None:
    device, around = camera({"at": 0.2, "kind": "latency", "seconds": 1, "amount": 100, "jitter": 300})
    came, stamps, numbers = [], [], []
    for _ in range(40):
        shot = device.read()
        came.append(around.clock.monotonic_ns() - shot.mono_ns)
        stamps.append(shot.mono_ns)
        numbers.append(shot.number)
    assert numbers == list(range(40))
    assert {b - a for a, b in pairwise(stamps)} == {NS // 25}
    late = came[5:30]
    assert min(late) >= NS // 10
    assert len(set(late)) > 10, "it jitters"
    assert max(came[:5]) < NS // 100


def test_what_was_held_up_comes_bit_by_bit_or_never() -> None:
    for device, around in (camera({"at": 0.2, "kind": "overload", "seconds": 0.8}), mixer_for_overload()):
        times = []
        for _ in range(60):
            piece = device.read()
            times.append(around.clock.monotonic_ns())
            assert isinstance(piece, Shot) or not piece.lost
        gaps = [b - a for a, b in pairwise(times)]
        assert max(gaps) >= NS * 7 // 10
        assert sum(gap < NS // 1000 for gap in gaps) >= 15, "then all at once"


def mixer_for_overload() -> tuple[SimulatedMixer, Surroundings]:
    return mixer({"at": 0.2, "kind": "overload", "seconds": 0.8})


def test_a_refusal_pulls_the_cable() -> None:
    for device, around in (camera(), mixer()):
        assert isinstance(device, Rehearsing)
        device.read()
        device.fault("refuse", {"seconds": "2"})
        device.read()
        device.close()
        with pytest.raises(DeviceError, match="another program has it"):
            device.open()
        around.clock.sleep(2)
        device.open()
        device.read()


def test_one_plug_that_is_out_silences_all() -> None:
    device, _ = mixer(
        {"at": 0.0, "kind": "missing", "track": "lav", "seconds": 0.1},
        {"at": 0.2, "kind": "silence", "track": "boom", "seconds": 0.1},
        {"at": 0.4, "kind": "clip", "track": "lav", "seconds": 0.1},
    )
    blocks = [device.read() for _ in range(25)]
    heard = [[bool(block.samples[:, track].any()) for track in range(3)] for block in blocks]
    assert heard[0] == [True, False, True]
    assert heard[10] == [False, True, True]
    assert heard[16] == [True, True, True]
    peaks = [np.abs(block.samples.astype(np.int64)).max(axis=0) / 2.0**31 for block in blocks[20:]]
    assert max(peak[1] for peak in peaks) > 0.999
    assert max(peak[0] for peak in peaks) < 0.9


def test_a_slow_reader_gets_frames_of_an_hour_ago() -> None:
    device, around = camera()
    device.read()
    around.clock.sleep(60)
    device.read()
    shot = device.read()
    assert around.clock.monotonic_ns() - shot.mono_ns < 2 * NS, (
        "what was not read in time is lost, as in a card's memory"
    )


@pytest.mark.parametrize(
    "row",
    [
        {"at": 0, "kind": "latency", "amount": "much"},
        {"at": 0, "kind": "ppm", "amount": 1e9},
        {"at": float("nan"), "kind": "black"},
        {"at": 0, "kind": "black", "seconds": -1},
        {"at": 0, "kind": "black", "seconds": float("inf")},
        {"at": 0, "kind": "black", "ammount": 1},
        {"at": 0, "kind": "clip"},
    ],
)
def test_a_fault_that_cannot_be_is_rehearsed(row: Row) -> None:
    with pytest.raises(ConfigError, match='"script" must be a list of tables'):
        camera(row)


def test_a_misspelt_word_of_a_fault_is_passed_over() -> None:
    device, _ = camera()
    with pytest.raises(DeviceError, match=r'no "ammount"; it may have amount, frames, jitter, seconds, track\.'):
        device.fault("latency", {"kind": "latency", "ammount": "3"})
    with pytest.raises(DeviceError, match="numbers, and not so big"):
        device.fault("latency", {"amount": "1e12"})


@pytest.mark.parametrize("kind", sorted({*CAMERA_KINDS, *MIXER_KINDS}))
def test_a_kind_of_fault_has_no_length_or_no_words(kind: str) -> None:
    fault = Script("A", (kind,), 0.04).add(kind, 1.0, {"frames": "3"} if kind == "jump" else {})
    assert kind == "jump" or fault.seconds > 0
    assert fault.said().startswith(kind)
    assert Fraction(fault.lasted(fault.at_s + 1e9)) == Fraction(fault.seconds)
    assert Fault("ppm", 0, 10 * 86_400, amount=5).said() == "ppm, 5 ppm, from now on"
