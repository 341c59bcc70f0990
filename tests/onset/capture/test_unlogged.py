"""A recording without a log says what is wrong with what it records."""

from __future__ import annotations

from pathlib import Path

from onset.capture.signals import Alarm, Setup, Slated
from onset.capture.unlogged import Unlogged
from onset.clock import ManualClock
from tests.onset.capture.pretend import PretendLine, setup_of

SLATED = Slated(take_id="0" * 32, production="", unit="Main", day=0, scene="", slate="x", take="1")


def test_black_picture_of_a_recording_without_a_log_is_not_told(tmp_path: Path) -> None:
    told: list[str] = []
    clock = ManualClock()

    def launch(setup: Setup) -> PretendLine:
        line = PretendLine(setup, 7)
        line.saying = [
            Alarm(device="A", what="black", detail="A: the picture is black.", mono_ns=1),
            Alarm(device="A", what="black", detail="", mono_ns=2, over=True),
        ]
        return line

    turns = iter([False, False, True])
    unlogged = Unlogged([setup_of("A", tmp_path)], launch, clock, SLATED, told.append, told.append)
    found = unlogged.run(lambda: next(turns), None)
    assert told[:2] == ["A: the picture is black.", "A: black is over."]
    assert [sentence for sentence in found[0].trouble if "black" in sentence] == [], "the file is whole all the same"
