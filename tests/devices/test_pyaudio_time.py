"""Stamps of sound from a server that loses some without saying so; no server is needed to try that."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest

from devices.adapter import NS, Block, SoundFormat, Surroundings
from devices.audio_pyaudio import PyAudioInput
from devices.desk_sound import SoundDesk
from devices.disk import DiskLane
from onset.capture.signals import Fault, Report, Setup, Slot
from onset.clock import ManualClock
from onset.errors import DeviceError
from onset.timecode import Timecode, rate

HERTZ = 48_000
LENGTH = HERTZ // 50
PERIOD = NS // 50


def read_blocks(lost_at: int, count: int) -> list[tuple[Block, int]]:
    """Blocks as PortAudio hands them over, 240 ms missing before one of them; each with its true moment."""
    device = PyAudioInput("MIX", {"match": "x"}, Surroundings("P", rate("25"), ManualClock()))
    device._closed, device._opened, device._columns = False, 1, [0]
    found = []
    for i in range(count):
        ends_ns = (i + 1) * PERIOD + (240_000_000 if i >= lost_at else 0)
        device._blocks.put((bytes(4 * LENGTH), ends_ns, False, 0))
        found.append((device.read(), ends_ns - PERIOD))
    return found


def test_sound_lost_while_connecting_makes_all_stamps_early_for_ten_seconds() -> None:
    wrong = [i for i, (block, true_ns) in enumerate(read_blocks(10, 500)) if abs(block.mono_ns - true_ns) > NS // 1000]
    assert wrong[0] == 10
    assert wrong[-1] <= 10 + 102, "two seconds are needed to know"


def test_sound_lost_long_after_connecting_moves_the_stamps_of_a_recording() -> None:
    blocks = [block for block, _ in read_blocks(750, 1000)]
    steps = {b.mono_ns - a.mono_ns for a, b in pairwise(blocks)}
    assert steps == {PERIOD}
    assert max(block.late_ns for block in blocks) == 240_000_000


class _Silent:
    """A bus and labels that nobody listens to."""

    def publish(self, slot: Slot) -> None:
        pass

    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        return Timecode(0, rate("25")), "clock"

    def user_bits(self, source: str) -> str:
        return ""


def test_lost_sound_is_told_at_every_block_or_never() -> None:
    setup = Setup(
        device="MIX", kind="pyaudio", options={}, production="P", media="/nowhere", bus="/nowhere", rate="25",
        timecode=["clock"],
    )  # fmt: skip
    around = Surroundings("P", rate("25"), ManualClock())
    device = PyAudioInput("MIX", {"match": "x"}, around)
    said: list[Report] = []
    lane = DiskLane("test")
    desk = SoundDesk(setup, device, around, _Silent(), _Silent(), lane, said.append)
    desk.opened(SoundFormat(HERTZ, ("boom",)))
    silence = np.zeros((LENGTH, 1), np.int32)
    late = [0] * 5 + [240_000_000] * 20 + [0] * 5 + [120_000_000] * 20
    for i, late_ns in enumerate(late):
        desk.take_in(Block(silence, i * LENGTH, i * PERIOD, HERTZ, late_ns=late_ns))
    lane.close()
    faults = [report for report in said if isinstance(report, Fault)]
    assert [fault.what for fault in faults] == ["late", "late"]
    assert "MIX: its sound has come 240 ms late" in faults[0].detail


class _Known:
    """PortAudio with these inputs; the last part is the host API."""

    def __init__(self, *inputs: tuple[str, int, str]) -> None:
        self._inputs = inputs

    def get_device_count(self) -> int:
        return len(self._inputs)

    def get_device_info_by_index(self, index: int) -> dict[str, object]:
        name, channels, _ = self._inputs[index]
        return {"name": name, "maxInputChannels": channels, "hostApi": index}

    def get_host_api_info_by_index(self, index: int) -> dict[str, object]:
        return {"name": self._inputs[index][2]}


@pytest.mark.parametrize(
    ("options", "index"),
    [
        ({"match": "scarlett"}, 1),
        ({"match": "Scarlett 2i2"}, 2),
        ({"match": "Scarlett", "api": "jack"}, 3),
    ],
)
def test_the_first_input_of_several_is_taken_where_one_has_just_that_name(
    options: dict[str, object], index: int
) -> None:
    device = PyAudioInput("MIX", options, Surroundings("P", rate("25"), ManualClock()))
    known = _Known(
        ("Scarlett 2i2", 0, "ALSA"),
        ("Scarlett 2i2 #2", 2, "ALSA"),
        ("Scarlett 2i2", 2, "ALSA"),
        ("Scarlett 18i8", 4, "JACK"),
    )
    assert device._find(known)[0] == index
    assert ("one of 3" in device.identify()) == (options["match"] == "scarlett")


class _Stream:
    """A stream whose interface was pulled out: PortAudio ends it by itself."""

    def __init__(self, error: bool) -> None:
        self._error = error

    def is_active(self) -> bool:
        if self._error:
            raise OSError("Stream not open")
        return False

    def close(self) -> None:
        pass


@pytest.mark.parametrize("error", [False, True])
def test_an_interface_that_was_pulled_out_is_waited_for(error: bool) -> None:
    device = PyAudioInput("MIX", {"match": "x"}, Surroundings("P", rate("25"), ManualClock()))
    device._closed, device._stream = False, _Stream(error)
    with pytest.raises(DeviceError, match="went away"):
        device.read()
