"""The capture service's judgement: what is recorded when, and what the log is told, when things go wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

import pytest

from onset.capture.bus import run_folder
from onset.capture.signals import ClipClosed, ClipOpened, Cut, Roll, Uncut
from onset.domain.camera import Angle, CameraOnBoard, Clip, LinkState
from onset.domain.sound import SoundFile
from onset.domain.take import Kind, State
from onset.errors import LogError
from tests.onset.capture.pretend import OnSet, an_onset, both_live, closed, opened


def test_a_roll_in_the_log_starts_every_device_from_the_key(on_set: OnSet) -> None:
    both_live(on_set)
    on_key = {"tc_in": "10:00:15:00", "tc_source": "MIX.ltc", "angles": (Angle(camera="A", roll="A014"),)}
    take = on_set.log.rolls(fields=on_key)
    key_ns = on_set.clock.monotonic_ns()
    on_set.clock.advance(0.02)
    on_set.turn()
    roll = on_set.line("A").orders[0]
    assert isinstance(roll, Roll)
    assert roll.mono_ns == key_ns
    assert (roll.slated.take_id, roll.slated.slate, roll.slated.take) == (take.id, "42C", "3")
    assert (roll.slated.roll, roll.slated.tc, roll.slated.production) == ("A014", "10:00:15:00", "Harbour Lights")
    assert on_set.orders("MIX") == ["Roll"]
    on_set.turn()
    assert on_set.orders("A") == ["Roll"], "one roll a take"


def test_cut_reaches_the_devices_with_the_moment_of_the_key(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.clock.advance(12)
    key_ns = on_set.clock.monotonic_ns()
    on_set.log.cuts(take)
    on_set.clock.advance(0.5)
    on_set.turn()
    assert on_set.line("A").orders[1] == Cut(take_id=take.id, mono_ns=key_ns)


@pytest.mark.parametrize("step_s", [-3600, 3600], ids=["back", "forth"])
def test_wall_clock_is_set_during_a_take_and_the_post_roll_is_kept(on_set: OnSet, step_s: int) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.clock.advance(12)
    on_set.clock.set_wall(on_set.clock.wall_ns() + step_s * 1_000_000_000)
    on_set.turn()
    key_ns = on_set.clock.monotonic_ns()
    on_set.log.cuts(take)
    on_set.clock.advance(0.5)
    on_set.turn()
    assert on_set.line("A").orders[1] == Cut(take_id=take.id, mono_ns=key_ns)


@pytest.mark.parametrize("step_s", [-3600, 3600], ids=["back", "forth"])
def test_wall_clock_is_set_during_a_take_that_another_machine_rolled(on_set: OnSet, step_s: int) -> None:
    """Nothing but the wall clock tells the cut then: it still rolled at the last look, so it is not older than that."""
    both_live(on_set)
    take = on_set.log.rolls(fields={"boot": "another", "rolled_mono_ns": 7})
    on_set.turn()
    on_set.clock.advance(12)
    on_set.log.cuts(take)
    on_set.clock.set_wall(on_set.clock.wall_ns() + step_s * 1_000_000_000)
    last_look_ns = on_set.clock.monotonic_ns() - 12_000_000_000
    on_set.turn()
    cut = on_set.line("A").orders[1]
    assert isinstance(cut, Cut)
    assert last_look_ns <= cut.mono_ns <= on_set.clock.monotonic_ns()


def test_wall_clock_is_set_between_the_roll_and_the_look(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.rolls()
    key_ns = on_set.clock.monotonic_ns()
    on_set.clock.advance(0.02)
    on_set.clock.set_wall(on_set.clock.wall_ns() - 3_600_000_000_000)
    on_set.turn()
    roll = on_set.line("A").orders[0]
    assert isinstance(roll, Roll)
    assert roll.mono_ns == key_ns


@pytest.mark.parametrize(
    ("fields", "rolled"),
    [
        ({"mos": True}, ["A"]),
        ({"kind": Kind.WILD_TRACK}, ["MIX"]),
        ({"angles": (Angle(camera="B"),)}, ["MIX"]),  # the board knows A, and it was left out of this take
        ({"angles": ()}, ["A", "MIX"]),
    ],
)
def test_a_device_that_is_not_wanted_records_nothing(
    on_set: OnSet, fields: dict[str, object], rolled: list[str]
) -> None:
    both_live(on_set)
    on_set.log.cameras = (CameraOnBoard(camera="A", roll=None), CameraOnBoard(camera="B", roll=None))
    take = on_set.log.rolls(fields=fields)
    on_set.turn()
    assert [device for device in ("A", "MIX") if "Roll" in on_set.orders(device)] == rolled
    on_set.log.cuts(take)
    on_set.turn()
    assert [device for device in ("A", "MIX") if "Cut" in on_set.orders(device)] == rolled


def test_a_device_that_is_on_no_board_records_every_take(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.cameras = (CameraOnBoard(camera="B", roll=None),)
    on_set.log.rolls(fields={"angles": (Angle(camera="B"),)})
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]


def test_cut_undone_in_the_post_roll_and_long_after(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.log.cuts(take)
    on_set.turn()
    on_set.log.undoes_the_cut(take)
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut", "Uncut"]
    assert on_set.line("A").orders[2] == Uncut(take_id=take.id)
    on_set.log.cuts(take)
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut", "Uncut", "Cut"]


def test_take_made_mos_by_mistake_is_put_right_before_its_cut_is_undone(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls(fields={"mos": True})
    on_set.turn()
    on_set.log.cuts(take)
    on_set.turn()
    on_set.log.put(replace(on_set.log.on_paper[take.id], mos=False))
    on_set.log.undoes_the_cut(take)
    on_set.turn()
    assert on_set.orders("MIX") == ["Roll"]


def test_cut_and_undone_between_two_looks_changes_nothing(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.log.cuts(take)
    on_set.log.undoes_the_cut(take)
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]


def test_rolled_and_cut_between_two_looks_is_recorded_from_the_pre_roll(on_set: OnSet) -> None:
    both_live(on_set)
    rolled_ns = on_set.clock.monotonic_ns()
    take = on_set.log.rolls()
    on_set.clock.advance(0.3)
    on_set.log.cuts(take)
    cut_ns = on_set.clock.monotonic_ns()
    on_set.clock.advance(0.2)
    on_set.turn()
    roll, cut = on_set.line("A").orders
    assert isinstance(roll, Roll)
    assert (roll.slated.take_id, roll.mono_ns) == (take.id, rolled_ns)
    assert cut == Cut(take_id=take.id, mono_ns=cut_ns)
    assert on_set.session.status().rolling == []
    on_set.log.undoes_the_cut(take)
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut", "Uncut"]


def test_rolled_and_cut_while_the_log_could_not_be_read_is_said_not_to_be_recorded(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.unreadable = True
    on_set.turn()
    take = on_set.log.rolls()
    on_set.clock.advance(20)
    on_set.log.cuts(take)
    on_set.clock.advance(20)  # the pre-roll reaches back for fifteen seconds
    on_set.turn()
    on_set.log.unreadable = False
    on_set.turn()
    assert on_set.orders("A") == []
    assert [(event.what, event.take_id) for event in on_set.log.events] == [("not recorded", take.id)]


def test_rolled_and_cut_before_any_device_was_ready_is_said_not_to_be_recorded(on_set: OnSet) -> None:
    take = on_set.log.rolls()
    on_set.log.cuts(take)
    on_set.turn()
    assert [(event.what, event.take_id) for event in on_set.log.events] == [("not recorded", take.id)]


def test_takes_of_another_machine_that_come_in_afterwards_are_not_recorded_now(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.turn()
    take = on_set.log.rolls(fields={"boot": "another", "rolled_ns": on_set.clock.wall_ns() - 3_600_000_000_000})
    on_set.log.put(replace(take, state=State.CUT, cut_ns=on_set.clock.wall_ns()))
    on_set.turn()
    assert on_set.orders("A") == []
    assert on_set.log.events == []


def test_take_that_rolls_on_another_laptop_starts_no_recorder_here(on_set: OnSet) -> None:
    both_live(on_set)
    rolled = on_set.log.rolls()
    del on_set.log.changes[:]
    on_set.log.comes_from_another_laptop(rolled)
    on_set.turn()
    on_set.clock.advance(3)
    on_set.log.comes_from_another_laptop(replace(rolled, state=State.CUT, cut_ns=on_set.clock.wall_ns()))
    on_set.turn()
    assert on_set.orders("A") == []
    assert on_set.log.events == []


def test_cut_on_another_laptop_stops_no_recorder_here(on_set: OnSet) -> None:
    """The log was copied while the take rolled, and somebody there cut it to get on."""
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.clock.advance(3)
    on_set.log.comes_from_another_laptop(replace(take, state=State.CUT, cut_ns=on_set.clock.wall_ns()))
    on_set.turn()
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]
    on_set.log.rolls(number=4)
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut", "Roll"]


def test_take_cut_on_another_laptop_ends_with_the_day(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.log.comes_from_another_laptop(replace(take, state=State.CUT, cut_ns=on_set.clock.wall_ns()))
    on_set.turn()
    on_set.log.wraps()
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut"]


def test_log_that_is_locked_while_a_take_begins_loses_no_roll(on_set: OnSet, monkeypatch: pytest.MonkeyPatch) -> None:
    both_live(on_set)
    on_set.log.rolls()
    with monkeypatch.context() as trouble:
        trouble.setattr(on_set.log, "board", Mock(side_effect=LogError("log.onset is locked.")))
        on_set.turn()
    assert on_set.orders("A") == []
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]


def test_cut_and_the_next_roll_between_two_looks_come_in_their_order(on_set: OnSet) -> None:
    both_live(on_set)
    first = on_set.log.rolls("42C", 1)
    on_set.turn()
    on_set.log.cuts(first)
    on_set.log.rolls("42C", 2)
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Cut", "Roll"]


def test_two_units_roll_at_once(on_set: OnSet) -> None:
    both_live(on_set)
    first = on_set.log.rolls("42C", 1)
    on_set.log.rolls("7A", 1, {"unit": "Second"})
    on_set.turn()
    on_set.log.cuts(first)
    on_set.turn()
    assert on_set.orders("A") == ["Roll", "Roll", "Cut"]
    assert on_set.session.status().rolling == ["7A/1"]


def test_service_started_in_the_middle_of_a_take_records_the_rest(tmp_path: Path) -> None:
    on_set = an_onset(tmp_path, run_folder("late"))
    on_set.log.rolls()
    on_set.clock.advance(30)
    on_set.session.open()
    both_live(on_set)
    assert on_set.orders("A") == ["Roll"]
    on_set.session.close()
    on_set.box.close()
    assert "42C/3 still rolls; its recording ends here." in on_set.told


def test_clips_are_in_the_log_linked_confirmed_and_relative_to_the_production(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.says("A", opened(on_set, take))
    assert on_set.session.status().devices[0].recording == ["day01/42C-3_A.mov"]
    clip = on_set.log.clips["media/day01/42C-3_A.mov"]
    assert isinstance(clip, Clip)
    assert (clip.name, clip.camera, clip.tc_in, clip.tc_source) == ("42C-3_A.mov", "A", "10:00:00:00", "MIX.ltc")
    assert (clip.link, clip.method) == (LinkState.CONFIRMED, "recorder")
    on_set.says("A", closed(on_set, take))
    facts = {"duration_frames": 500, "dropped": 2, "interrupted": False}
    assert on_set.log.closed == {"media/day01/42C-3_A.mov": facts}
    assert on_set.session.status().devices[0].recording == []


def test_sound_is_logged_with_tracks_levels_and_exact_length(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    facts = {"device": "MIX", "take_id": take.id, "path": "day01/42C-3_MIX.wav", "tc_in": "10:00:00:00"}
    rest = {"medium": "sound", "tc_source": "clock", "rate": "25", "mono_ns": 0, "tracks": ["boom", "lav"]}
    import msgspec

    on_set.says("MIX", msgspec.convert({"type": "clip-opened", **facts, **rest}, ClipOpened))
    sound = on_set.log.clips["media/day01/42C-3_MIX.wav"]
    assert isinstance(sound, SoundFile)
    assert (sound.device, sound.tracks) == ("MIX", ("boom", "lav"))
    length = {
        "duration_frames": 25,
        "samples": 48123,
        "sample_rate": 48000,
        "peak_db": [-3.0, -9.5],
        "rms_db": [-20.0, -30.0],
    }
    on_set.says("MIX", msgspec.convert({"type": "clip-closed", **facts, **rest, **length}, ClipClosed))
    assert on_set.log.closed["media/day01/42C-3_MIX.wav"] == {**length, "interrupted": False}
