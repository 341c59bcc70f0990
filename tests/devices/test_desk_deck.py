"""A deck's desk: its lamp, its marks and its losses are told once each, and orders reach it without waiting."""

from __future__ import annotations

import queue
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest

from devices.adapter import NS, DeckFormat, Surroundings, Told, Wrong
from devices.desk_deck import DeckDesk
from devices.disk import DiskLane
from onset.capture.signals import Alarm, Answer, Ask, DeckNow, Fault, Report, Setup, Sign, Slot, SlotNow, TimecodeNow
from onset.clock import ManualClock
from onset.errors import DeviceError
from onset.timecode import Timecode, rate

_TEN = Timecode.parse("10:00:00:00", rate("25"))


class _Deck:
    """Refuses what is named `no`."""

    medium: Literal["deck"] = "deck"

    def open(self) -> DeckFormat:
        return DeckFormat("Test deck", rate("25"))

    def read(self) -> Told:
        raise DeviceError("The test deck was closed.")

    def close(self) -> None:
        pass

    def identify(self) -> str:
        return "A test deck."

    def record(self, clip: str) -> str:
        if clip == "break":
            raise ZeroDivisionError("oops\x1b")
        if clip == "no":
            raise DeviceError("The test deck has no medium; put one in.")
        return f"The test deck records {clip}."

    def stop(self) -> str:
        return "The test deck has stopped."


class _Bus:
    def __init__(self) -> None:
        self.slots: list[Slot] = []

    def publish(self, slot: Slot) -> None:
        self.slots.append(slot)


class _Rig:
    def __init__(self, folder: Path) -> None:
        self.reports: queue.SimpleQueue[Report] = queue.SimpleQueue()
        self.bus = _Bus()
        setup = Setup(
            device="DECK", kind="test", options={}, production="", media=str(folder), bus="", rate="25", timecode=[]
        )
        around = Surroundings("", rate("25"), ManualClock(wall_ns=0))
        self.lane = DiskLane("DECK disk")
        self.desk = DeckDesk(setup, _Deck(), around, self.bus, self.lane, self.reports.put)
        self.desk.opened(DeckFormat("Test deck", rate("25")))

    def told(self) -> list[Report]:
        found = []
        while not self.reports.empty():
            found.append(self.reports.get())
        return found


@pytest.fixture
def rig(tmp_path: Path) -> Iterator[_Rig]:
    rig = _Rig(tmp_path)
    yield rig
    rig.lane.close()


def test_a_lamp_that_stays_on_starts_a_take_again_and_again(rig: _Rig) -> None:
    for second, recording in enumerate([False, True, True, False]):
        rig.desk.take_in(Told(second * NS, recording=recording, clip="CLIP7", label=_TEN))
    signs = [each for each in rig.told() if isinstance(each, Sign)]
    assert [(sign.what, sign.mono_ns // NS, sign.at_first) for sign in signs] == [
        ("stop", 0, True),
        ("record", 1, False),
        ("stop", 3, False),
    ]
    assert signs[1].clip == "CLIP7"
    assert (signs[1].tc, signs[1].rate) == ("10:00:00:00", "25")


def test_a_cable_that_was_out_while_the_lamp_changed_hides_the_change(rig: _Rig) -> None:
    rig.desk.take_in(Told(0, recording=True))
    rig.desk.gone()
    rig.desk.opened(DeckFormat("Test deck"))
    rig.desk.take_in(Told(NS, recording=False))
    rig.desk.gone()
    rig.desk.opened(DeckFormat("Test deck"))
    rig.desk.take_in(Told(2 * NS, recording=False))
    signs = [each for each in rig.told() if isinstance(each, Sign)]
    assert [(sign.what, sign.at_first) for sign in signs] == [("record", True), ("stop", False), ("stop", True)]


def test_what_the_deck_lost_is_told_again_with_every_word(rig: _Rig) -> None:
    for second, dropped in enumerate([0, 3, 3, 5]):
        rig.desk.take_in(Told(second * NS, dropped=dropped))
    faults = [each.detail for each in rig.told() if isinstance(each, Fault)]
    assert faults == [
        "DECK says that it lost 3 frames of its own recording.",
        "DECK says that it lost 2 frames of its own recording.",
    ]


def test_what_is_wrong_with_a_deck_is_raised_with_every_word_or_never_ends(rig: _Rig) -> None:
    local, empty = Wrong("local", "DECK is in LOCAL."), Wrong("no medium", "DECK has no medium.")
    for second, wrong in enumerate([(local,), (local, empty), (local, empty), (empty,)]):
        rig.desk.take_in(Told(second * NS, wrong=wrong))
    rig.desk.gone()
    rig.desk.opened(DeckFormat("Test deck"))
    rig.desk.take_in(Told(5 * NS, wrong=(empty,)))
    alarms = [(each.what, each.over, each.detail) for each in rig.told() if isinstance(each, Alarm)]
    assert alarms == [
        ("local", False, "DECK is in LOCAL."),
        ("no medium", False, "DECK has no medium."),
        ("local", True, ""),
        ("no medium", True, "The device went away."),
        ("no medium", False, "DECK has no medium."),
    ]


def test_a_standing_timecode_runs_on_the_screens(rig: _Rig) -> None:
    rig.desk.take_in(Told(NS, transport="stopped", recording=False))
    rig.desk.show(NS)
    rig.desk.take_in(Told(2 * NS, transport="record", recording=True, label=_TEN))
    rig.desk.show(2 * NS)
    kinds = [type(slot) for slot in rig.bus.slots]
    assert kinds == [DeckNow, DeckNow, TimecodeNow]


def test_a_button_rolls_only_the_first_take(rig: _Rig) -> None:
    """A button says that it was pressed and then nothing; nobody knows what a person has cut meanwhile."""
    for second, recording in enumerate([None, True, None, True, False]):
        rig.desk.take_in(Told(second * NS, recording=recording))
    signs = [each for each in rig.told() if isinstance(each, Sign)]
    assert [(sign.what, sign.mono_ns // NS, sign.at_first) for sign in signs] == [
        ("record", 1, False),
        ("record", 3, False),
        ("stop", 4, False),
    ]


def test_a_button_that_was_pressed_twice_marks_once(rig: _Rig) -> None:
    rig.desk.take_in(Told(3 * NS, marks=(NS, 2 * NS)))
    assert [each.mono_ns for each in rig.told() if isinstance(each, Sign)] == [NS, 2 * NS]


@pytest.mark.parametrize(
    ("what", "clip", "ok", "said"),
    [
        ("record", "42C-3", True, "The test deck records 42C-3."),
        ("record", "no", False, "The test deck has no medium; put one in."),
        ("record", "break", False, r"DECK: its adapter failed with ZeroDivisionError: oops\x1b."),
        ("stop", "", True, "The test deck has stopped."),
    ],
)
def test_the_answer_of_a_deck_is_lost(rig: _Rig, what: str, clip: str, ok: bool, said: str) -> None:
    rig.desk.answer(Ask(id=7, what=what, args={"clip": clip}))
    answer = rig.reports.get(timeout=10)
    assert answer == Answer(id=7, ok=ok, value=said)


def test_a_clip_that_gets_its_name_when_it_is_closed_stays_nameless(rig: _Rig) -> None:
    rig.desk.take_in(Told(0, recording=False, clip="CLIP6"))
    rig.desk.take_in(Told(NS, recording=True, clip=""))
    rig.desk.take_in(Told(2 * NS, recording=False, clip=""))
    rig.desk.take_in(Told(3 * NS, recording=False, clip="CLIP7"))
    rig.desk.take_in(Told(4 * NS, recording=False, clip="CLIP7"))
    signs = [each for each in rig.told() if isinstance(each, Sign)]
    assert [(sign.what, sign.clip) for sign in signs] == [
        ("stop", "CLIP6"),
        ("record", ""),
        ("stop", ""),
        ("named", "CLIP7"),
    ]


def test_media_that_run_full_ring_with_every_word_or_never(rig: _Rig) -> None:
    for second, minutes in enumerate([6.0, 4.9, 4.8, 4.7, 4.6, 60.0, 59.9]):
        slots = (SlotNow(name="slot 1", state="mounted", minutes=minutes), SlotNow(name="slot 2", state="empty"))
        rig.desk.take_in(Told(second * NS, slots=slots))
        rig.desk.show(second * NS)
    alarms = [each for each in rig.told() if isinstance(each, Alarm)]
    assert [(each.what, each.mono_ns // NS, each.over) for each in alarms] == [
        ("media nearly full", 1, False),
        ("media nearly full", 5, True),
    ]
    assert "less than 5 min" in alarms[0].detail


def test_an_adapter_that_cannot_say_what_it_is_ends_the_worker(rig: _Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: _Deck) -> str:
        raise KeyError("model")

    monkeypatch.setattr(_Deck, "identify", broken)
    rig.desk.answer(Ask(id=3, what="identify"))
    assert rig.told() == [Answer(id=3, ok=False, value="DECK: its adapter failed with KeyError: 'model'.")]
