"""The machine's clock as a device: the same label as the production's own, and no step that nobody hears of."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest

from devices.adapter import NS, DeckFormat, Device, Surroundings, Told
from devices.clock_system import Kept, SystemTime, kernel_says, readings
from devices.conformance import CHECKS, Case
from devices.desk_deck import DeckDesk
from devices.disk import DiskLane
from onset.capture.master import MasterClock
from onset.capture.signals import DeckNow, Setup, Slot, TimecodeNow
from onset.clock import ManualClock
from onset.timecode import Timecode, rate
from tests.devices.sources import TEN_O_CLOCK_NS, surroundings

_RIGHT = Kept(True, 12_000_000, 40_000)
_WRONG = Kept(False, 16_000_000_000, 0)


class _Kernel:
    def __init__(self, kept: Kept | None) -> None:
        self.kept = kept

    def __call__(self) -> Kept | None:
        return self.kept


def _clock(
    wall_ns: int = TEN_O_CLOCK_NS, rate_name: str = "25", kept: Kept | None = _RIGHT
) -> tuple[SystemTime, ManualClock, _Kernel]:
    clock, kernel = ManualClock(wall_ns=wall_ns, monotonic_ns=NS), _Kernel(kept)
    around = Surroundings("Harbour Lights", rate(rate_name), clock)
    device = SystemTime("CLOCK", {}, around, kernel, lambda wall_ns: 3600)
    device.open()
    return device, clock, kernel


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_clock_conforms(check: Callable[[Case], None]) -> None:
    def kind(name: str, given: Mapping[str, object], around: Surroundings) -> Device:
        return SystemTime(name, given, around, _Kernel(_RIGHT))

    check(Case(kind, {}, surroundings()))


@pytest.mark.parametrize("name", ["23.976", "25", "29.97df", "59.94"])
@pytest.mark.parametrize("wall_ns", [TEN_O_CLOCK_NS + 123_456_789, 23 * 3600 * NS - NS // 2])
def test_it_says_another_label_than_the_master(name: str, wall_ns: int, tmp_path: Path) -> None:
    """Over midnight, too: the frame that begins at the word's moment is the one that the production counts then."""
    device, clock, _ = _clock(wall_ns, name)
    master = MasterClock(tmp_path, ["clock"], rate(name), clock, utc_offset_s=3600)
    try:
        for _ in range(5):
            word = device.read()
            assert word.label == master.label_at(clock.monotonic_ns())[0]
            assert word.label == master.label_at(word.mono_ns + 1)[0]
            assert word.label != master.label_at(word.mono_ns - 1000)[0]
    finally:
        master.close()


def test_a_clock_that_was_set_keeps_quiet() -> None:
    device, clock, _ = _clock()
    said = [device.read().remarks for _ in range(3)]
    clock.set_wall(clock.wall_ns() + 3 * NS)
    said.append(device.read().remarks)
    clock.set_wall(clock.wall_ns() - NS // 2)
    said += [device.read().remarks for _ in range(2)]
    assert [len(each) for each in said] == [0, 0, 0, 1, 1, 0]
    assert said[3][0] == "The clock of this machine went forward by 3 s: somebody set it, or the machine slept."
    assert said[4][0] == "The clock of this machine went back by 0.5 s: somebody set it."


def test_a_clock_that_is_put_right_slowly_is_told_to_jump() -> None:
    device, clock, _ = _clock()
    for _ in range(50):
        clock.set_wall(clock.wall_ns() + NS * 3 // 10 * 500 // 1_000_000)
        assert device.read().remarks == ()


def test_nobody_keeps_the_clock_and_nobody_says_so() -> None:
    device, _, kernel = _clock(kept=_WRONG)
    first = device.read()
    assert (first.transport, len(first.remarks)) == ("not synchronised", 1)
    assert "is not kept right by any time server" in first.remarks[0]
    assert device.read().remarks == ()
    kernel.kept = _RIGHT
    assert device.read().transport == "synchronised"
    kernel.kept = _WRONG
    assert "is no longer kept right" in device.read().remarks[0]
    kernel.kept = None
    assert device.read().transport == ""
    assert "does not say" in device.identify()


def test_two_readings_that_were_torn_apart_are_a_step() -> None:
    """The machine did something else for 30 ms between them, once."""

    class Torn(ManualClock):
        torn = 0

        def wall_ns(self) -> int:
            self.torn += 1
            if self.torn == 2:
                self.advance(0.03)
            return super().wall_ns()

    clock = Torn(wall_ns=TEN_O_CLOCK_NS)
    apart = []
    for _ in range(3):
        mono_ns, wall_ns = readings(clock)
        apart.append(wall_ns - mono_ns)
    assert max(apart) - min(apart) < NS // 1000


class _Bus:
    def __init__(self) -> None:
        self.slots: list[Slot] = []

    def publish(self, slot: Slot) -> None:
        self.slots.append(slot)


@pytest.fixture
def lane() -> Iterator[DiskLane]:
    lane = DiskLane("CLOCK disk")
    yield lane
    lane.close()


def test_one_clock_is_two_sources(lane: DiskLane, tmp_path: Path) -> None:
    """The time of day is the source `clock` already; under the device's name it would agree with itself."""
    device, clock, _ = _clock()
    setup = Setup(
        device="CLOCK", kind="clock", options={}, production="", media=str(tmp_path), bus="", rate="25", timecode=[]
    )
    bus = _Bus()
    desk = DeckDesk(setup, device, Surroundings("", rate("25"), clock), bus, lane, lambda report: None)
    desk.opened(device.open())
    desk.take_in(device.read())
    desk.show(clock.monotonic_ns())
    assert [slot.tc for slot in bus.slots if isinstance(slot, DeckNow)] == ["11:00:00:00"]
    assert not any(isinstance(slot, TimecodeNow) for slot in bus.slots)
    desk.opened(DeckFormat("deck", rate("25")))
    desk.take_in(Told(NS, label=Timecode(0, rate("25"))))
    desk.show(clock.monotonic_ns())
    assert any(isinstance(slot, TimecodeNow) for slot in bus.slots)


def test_the_kernel_cannot_be_asked() -> None:
    kept = kernel_says()
    if kept is not None:  # Linux
        assert kept.worst_ns >= 0
        assert abs(kept.offset_ns) < 1000 * NS
