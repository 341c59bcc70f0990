"""What a desk watches besides pictures and tracks: the disk that is slow, the timecode that does not come."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from devices.adapter import NS, Surroundings
from devices.desk_sound import SoundDesk
from devices.disk import DiskLane
from devices.life import DeviceLife
from devices.simulated.mixer import SimulatedMixer
from onset.capture.signals import Alarm, Cut, Report, Roll, Setup, Slated, Slot
from onset.clock import ManualClock
from onset.timecode import Timecode, rate

SLATED = Slated(take_id="1" * 32, production="H", unit="Main", day=1, scene="42", slate="42C", take="1")


class NoBus:
    def publish(self, slot: Slot) -> None:
        pass


class NoLabels:
    def label_at(self, mono_ns: int) -> tuple[Timecode, str]:
        return Timecode(0, rate("25")), "clock"

    def user_bits(self, source: str) -> str:
        return ""


class Rig:
    """A mixer's desk on a clock that a test moves, with a disk that can be held up."""

    def __init__(self, media: Path, **options: object) -> None:
        self.clock = ManualClock(wall_ns=0, monotonic_ns=NS)
        around = Surroundings("H", rate("25"), self.clock)
        self.mixer = SimulatedMixer("MIX", {"tracks": ["boom", "ltc"], **options}, around)
        self.reports: list[Report] = []
        self.lane = DiskLane("disk", limit=1_000_000)
        setup = Setup(
            device="MIX", kind="sim-mixer", options={}, production="H", media=str(media), bus="", rate="25",
            timecode=["clock"], preroll_s=1.0, postroll_s=1.0,
        )  # fmt: skip
        self.desk = SoundDesk(setup, self.mixer, around, NoBus(), NoLabels(), self.lane, self.reports.append)
        life = DeviceLife("MIX", self.mixer, self.clock, lambda _: None, self.reports.append)
        life._state = "live"
        self.desk.watch_over(life)
        self.desk.opened(self.mixer.open())

    def runs(self, seconds: float) -> None:
        for block in range(round(seconds * 50)):
            self.clock.advance(0.02)
            self.desk.take_in(self.mixer.read())
            if block % 5 == 4:
                self.desk.beat(self.clock.monotonic_ns())

    @property
    def alarms(self) -> list[tuple[str, bool]]:
        return [(report.what, report.over) for report in self.reports if isinstance(report, Alarm)]


@pytest.fixture
def rigs(tmp_path: Path) -> Iterator[list[Rig]]:
    made: list[Rig] = []
    yield made
    for rig in made:
        rig.desk.finish()
        rig.lane.close()


def test_slow_disk_is_told_before_anything_is_lost_and_ends_when_it_has_caught_up(
    tmp_path: Path, rigs: list[Rig]
) -> None:
    rig = Rig(tmp_path)
    rigs.append(rig)
    held, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        held.set()
        go_on.wait(20)

    rig.lane.put(0, hold)
    assert held.wait(20)
    rig.desk.roll(Roll(slated=SLATED, mono_ns=rig.clock.monotonic_ns()))
    rig.runs(2.4)  # 384 kB a second: over half of a million after 1.3 s
    assert rig.alarms == [("disk slow", False)]
    assert rig.desk._tapes.dropped == 0
    go_on.set()
    done = threading.Event()
    rig.lane.put(0, done.set)
    assert done.wait(20)
    rig.runs(1.5)
    assert rig.alarms == [("disk slow", False), ("disk slow", True)]


def test_a_look_at_a_disk_that_hangs_holds_up_the_device(
    tmp_path: Path, rigs: list[Rig], monkeypatch: pytest.MonkeyPatch
) -> None:
    """How much room there is may take a stick's own good time to find out."""
    asked: set[threading.Thread] = set()
    usage = shutil.disk_usage

    def look(folder: Path) -> object:
        asked.add(threading.current_thread())
        return usage(folder)

    monkeypatch.setattr(shutil, "disk_usage", look)
    rig = Rig(tmp_path)
    rigs.append(rig)
    rig.runs(2)
    done = threading.Event()
    rig.lane.put(0, done.set)
    assert done.wait(20)
    assert asked
    assert threading.current_thread() not in asked


def test_timecode_that_does_not_come_is_told_while_a_take_rolls_only(tmp_path: Path, rigs: list[Rig]) -> None:
    rig = Rig(tmp_path, script=[{"at": 0.0, "kind": "silence", "seconds": 20.0}])
    rigs.append(rig)
    rig.runs(8)
    assert rig.alarms == []
    rig.desk.roll(Roll(slated=SLATED, mono_ns=rig.clock.monotonic_ns()))
    rig.runs(4)
    assert ("no timecode", False) in rig.alarms
    rig.desk.cut(Cut(take_id=SLATED.take_id, mono_ns=rig.clock.monotonic_ns()))
    rig.runs(2)
    assert ("no timecode", True) in rig.alarms


def test_silence_since_a_restart_or_a_reconnection_is_taken_for_a_track_that_is_not_used(
    tmp_path: Path, rigs: list[Rig]
) -> None:
    rig = Rig(tmp_path, script=[{"at": 0.0, "kind": "silence", "seconds": 60.0}])
    rigs.append(rig)
    slated = msgspec.structs.replace(SLATED, peaks={"boom": -20.0})
    rig.desk.roll(Roll(slated=slated, mono_ns=rig.clock.monotonic_ns()))
    rig.runs(11)
    assert ("silence boom", False) in rig.alarms
    rig.desk.gone()
    rig.reports.clear()
    rig.desk.opened(rig.mixer.open())
    rig.runs(11)
    assert ("silence boom", False) in rig.alarms


def test_timecode_that_stops_is_told_twice(tmp_path: Path, rigs: list[Rig]) -> None:
    rig = Rig(tmp_path, script=[{"at": 4.0, "kind": "silence", "seconds": 20.0}])
    rigs.append(rig)
    rig.desk.roll(Roll(slated=SLATED, mono_ns=rig.clock.monotonic_ns()))
    rig.runs(12)
    assert ("no timecode", False) not in rig.alarms, "the clocks of the set tell it"
