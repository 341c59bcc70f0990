"""Within a take: cameras that start late or end early, and marks, reach the devices they concern and no other."""

from __future__ import annotations

from dataclasses import replace

import msgspec

from onset.capture.signals import ClipOpened, Cut, Mark, Remark, Roll, Said, Uncut, Unmark
from onset.domain.camera import Angle, CameraOnBoard
from onset.domain.note import Audience, Note
from onset.domain.take import Kind, State, Status, Take
from tests.onset.capture.pretend import OnSet, both_live, opened

A_AND_B = (CameraOnBoard(camera="A", roll=None), CameraOnBoard(camera="B", roll=None))


def _rolls(on_set: OnSet, *angles: Angle) -> Take:
    both_live(on_set)
    on_set.log.cameras = A_AND_B
    take = on_set.log.rolls(fields={"angles": angles})
    on_set.turn()
    return take


def _now(on_set: OnSet, take: Take, *angles: Angle) -> int:
    on_set.clock.advance(4)
    on_set.log.put(replace(take, angles=angles))
    on_set.turn()
    return on_set.clock.monotonic_ns()


def test_a_camera_that_was_left_out_and_starts_late_is_not_recorded(on_set: OnSet) -> None:
    take = _rolls(on_set, Angle(camera="B"))
    assert on_set.orders("A") == []
    _now(on_set, take, Angle(camera="B"), Angle(camera="A", start="10:00:19:00", roll="A014"))
    (roll,) = on_set.line("A").orders
    assert isinstance(roll, Roll)
    assert (roll.slated.take_id, roll.slated.roll) == (take.id, "A014")
    assert on_set.orders("MIX") == ["Roll"], "nobody else is told"


def test_a_late_camera_that_recorded_all_along_is_cut_in_two(on_set: OnSet) -> None:
    take = _rolls(on_set, Angle(camera="A"))
    _now(on_set, take, Angle(camera="A", start="10:00:19:00"))
    assert on_set.orders("A") == ["Roll"]


def test_a_camera_that_cuts_early_records_on(on_set: OnSet) -> None:
    take = _rolls(on_set, Angle(camera="A"))
    now_ns = _now(on_set, take, Angle(camera="A", end="10:00:19:00"))
    assert on_set.line("A").orders[1:] == [Cut(take_id=take.id, mono_ns=now_ns)]
    assert on_set.orders("MIX") == ["Roll"]
    on_set.log.cuts(replace(take, angles=(Angle(camera="A", end="10:00:19:00"),)))
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut"], "it was cut once"
    assert on_set.orders("MIX") == ["Roll", "Cut"]


def test_a_camera_that_still_rolls_after_all_stays_cut(on_set: OnSet) -> None:
    take = _rolls(on_set, Angle(camera="A"))
    _now(on_set, take, Angle(camera="A", end="10:00:19:00"))
    _now(on_set, take, Angle(camera="A"))
    assert on_set.line("A").orders[2:] == [Uncut(take_id=take.id)]


def test_undoing_the_cut_of_a_take_starts_the_camera_that_had_cut_before(on_set: OnSet) -> None:
    take = _rolls(on_set, Angle(camera="A"))
    ended = replace(take, angles=(Angle(camera="A", end="10:00:19:00"),))
    on_set.log.put(ended)
    on_set.turn()
    on_set.log.cuts(ended)
    on_set.turn()
    on_set.log.put(replace(ended, state=State.ROLLING))
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut"]
    assert on_set.orders("MIX") == ["Roll", "Cut", "Uncut"]


def test_a_mark_is_placed_by_when_it_was_read_and_not_by_its_key(on_set: OnSet) -> None:
    take = _rolls(on_set)
    rolled_ns = on_set.clock.monotonic_ns()
    on_set.clock.advance(9)
    mark_id = _mark(on_set, take.id, 2_500_000_000, "good")
    on_set.turn()
    expected = Mark(id=mark_id, take_id=take.id, mono_ns=rolled_ns + 2_500_000_000, text="good")
    assert [on_set.line(name).orders[1:] for name in ("A", "MIX")] == [[expected], [expected]]


def test_a_mark_that_was_taken_back_stays_in_the_files(on_set: OnSet) -> None:
    take = _rolls(on_set)
    mark_id = _mark(on_set, take.id, 2_500_000_000, "slip")
    on_set.turn()
    on_set.log.changed("note", "deleted", mark_id, 1, undoes=True)
    on_set.turn()
    assert on_set.line("A").orders[2:] == [Unmark(id=mark_id)]
    on_set.log.cuts(take)
    on_set.log.changed("note", "deleted", mark_id, 0, undoes=True)
    on_set.turn()
    assert on_set.line("MIX").orders[4:] == [Unmark(id=mark_id, gone=False)], "in the post-roll, too"


def test_a_note_or_a_mark_of_another_laptop_becomes_a_chapter(on_set: OnSet) -> None:
    take = _rolls(on_set)
    _mark(on_set, take.id, 1_000_000_000, "a note", mark=0)
    _mark(on_set, take.id, 1_000_000_000, "theirs", merged=True)
    _mark(on_set, "7" * 32, 1_000_000_000, "of a take that is over")
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]


def test_what_is_said_of_a_take_does_not_reach_its_open_files(on_set: OnSet) -> None:
    take = _rolls(on_set, Angle(camera="A"))
    on_set.says("MIX", _sound_opened(on_set, take))
    circled = replace(take, status=Status.CIRCLED, description="walks in")
    on_set.log.put(circled)
    on_set.turn()
    said = Said(circled=True, note="walks in")
    assert on_set.line("MIX").orders[1:] == [Remark(take_id=take.id, said=said)]
    on_set.log.cuts(circled)
    on_set.turn()
    notes = [
        Note(id="1", take_id=take.id, text="plane", author="Jo", audience=Audience.EDITOR, wall_ns=2),
        Note(id="2", take_id=take.id, text="he drinks", author="Jo", audience=Audience.PRIVATE, wall_ns=3),
        Note(id="3", take_id=take.id, text="slip", author="Jo", audience=Audience.EDITOR, wall_ns=1, deleted=True),
        Note(id="4", take_id=take.id, text="good", author="Jo", audience=Audience.EDITOR, wall_ns=4, mark=True),
    ]
    cut = on_set.log.on_paper[take.id]
    on_set.log.put(replace(cut, status=Status.NG, kind=Kind.PICKUP, notes=tuple(notes)))
    on_set.turn()
    said = Said(no_good=True, kind="pickup", note="walks in; plane")
    assert on_set.line("MIX").orders[3:] == [Remark(take_id=take.id, said=said)]
    on_set.log.put(on_set.log.on_paper[take.id])
    on_set.turn()
    assert len(on_set.line("MIX").orders) == 4, "nothing else is said"


def test_a_take_is_read_again_and_again_though_its_files_are_closed(on_set: OnSet) -> None:
    take = _rolls(on_set)
    on_set.log.cuts(take)
    on_set.turn()
    on_set.log.put(replace(on_set.log.on_paper[take.id], status=Status.CIRCLED))
    on_set.turn()
    assert on_set.orders("MIX") == ["Roll", "Cut"]


def _sound_opened(on_set: OnSet, take: Take) -> ClipOpened:
    return msgspec.structs.replace(opened(on_set, take, "day01/42C-3_MIX.wav"), device="MIX", medium="sound")


def _mark(on_set: OnSet, take_id: str, offset_ns: int, text: str, *, mark: int = 1, merged: bool = False) -> str:
    note_id = f"{len(on_set.log.changes):032x}"
    for field, value in (("take", take_id), ("mark", mark), ("text", text), ("offset_ns", offset_ns)):
        on_set.log.changed("note", field, note_id, value, merged=merged)
    return note_id
