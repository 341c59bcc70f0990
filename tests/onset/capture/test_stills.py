"""A still belongs to the take that it shows, and is in the log however it was asked for."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from onset.capture.signals import StillTaken
from onset.capture.stills import still_of
from onset.domain.camera import Angle, LinkState
from onset.domain.still import TakenBy
from tests.onset.capture.pretend import OnSet, both_live


def taken(on_set: OnSet, name: str = "A_10.00.12.05.jpg") -> StillTaken:
    return StillTaken(
        device="A", path=f"stills/{name}", digest="xxh128:" + "ab" * 16, width=1280, height=720, tc="10:00:12:05",
        tc_source="MIX.ltc", mono_ns=on_set.clock.monotonic_ns(),
    )  # fmt: skip


def test_still_of_a_take_that_rolls_is_of_it_for_certain_with_its_timecode(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    report, wall_ns = taken(on_set), on_set.clock.wall_ns()
    on_set.clock.advance(0.5)
    on_set.says("A", report)
    (still,) = on_set.log.stills
    assert (still.take_id, still.state, still.taken_ns) == (take.id, LinkState.CONFIRMED, wall_ns)
    assert (still.path, still.camera, still.taken_by) == ("media/stills/A_10.00.12.05.jpg", "A", TakenBy.RECORDER)
    assert still.evidence == "A at 10:00:12:05 (MIX.ltc), while it rolled"
    assert (still.unit, still.day, still.width, still.height) == ("Main", 1, 1280, 720)


def test_still_after_the_cut_is_proposed_for_the_take_that_was_cut_last(on_set: OnSet) -> None:
    both_live(on_set)
    first = on_set.log.rolls(number=1)
    on_set.turn()
    on_set.log.cuts(first)
    on_set.turn()
    second = on_set.log.rolls(number=2)
    on_set.turn()
    on_set.log.cuts(second)
    on_set.turn()
    on_set.says("A", taken(on_set))
    (still,) = on_set.log.stills
    assert (still.take_id, still.state) == (second.id, LinkState.PROPOSED)
    assert still.evidence.endswith("after its cut")


def test_still_before_the_first_take_is_of_none_and_in_the_log(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.says("A", taken(on_set))
    (still,) = on_set.log.stills
    assert (still.take_id, still.unit, still.day) == (None, "", None)


def test_still_that_the_log_cannot_take_at_once_is_written_later(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.unwritable = True
    on_set.says("A", taken(on_set))
    assert on_set.log.stills == []
    on_set.log.unwritable = False
    on_set.turn()
    assert len(on_set.log.stills) == 1


def test_of_two_units_takes_a_still_is_of_that_in_which_its_camera_is(on_set: OnSet, tmp_path: Path) -> None:
    other, own = on_set.log.rolls(number=1), on_set.log.rolls(number=2)
    own = replace(own, angles=(Angle(camera="A"),))
    found = still_of(taken(on_set), 5, [other, own], None, tmp_path / "elsewhere", tmp_path / "production")
    assert found.still.take_id == own.id
    assert found.still.path == str(tmp_path / "elsewhere" / "stills" / "A_10.00.12.05.jpg")
