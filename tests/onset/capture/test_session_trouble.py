"""The capture service's judgement when workers, files, the log or a person fail it, and when it ends."""

from __future__ import annotations

import threading
from pathlib import Path

from onset.capture import asks
from onset.capture.bus import run_folder
from onset.capture.session import End
from onset.capture.signals import Answer, Fault, TimecodeNow
from onset.errors import RefusedError
from tests.onset.capture.pretend import OnSet, an_onset, both_live, closed, opened, state_of


def test_rolled_before_the_worker_has_said_what_it_is(on_set: OnSet) -> None:
    on_set.log.rolls(fields={"mos": True})
    on_set.turn()
    assert on_set.orders("A") == on_set.orders("MIX") == []
    on_set.says("A", state_of(on_set, "A", "connecting", "picture"))
    on_set.says("MIX", state_of(on_set, "MIX", "connecting", "sound"))
    assert (on_set.orders("A"), on_set.orders("MIX")) == (["Roll"], [])


def test_worker_dies_while_rolling_gap_is_marked_and_a_new_clip_begun(on_set: OnSet, tmp_path: Path) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.says("A", opened(on_set, take))
    (tmp_path / "media" / "day01").mkdir(parents=True, exist_ok=True)
    (tmp_path / "media" / "day01" / "42C-3_A.mov").write_bytes(b"half")
    dead = on_set.line("A")
    dead.ended = "was ended by SIGSEGV (Segmentation fault)"
    on_set.turn()
    assert on_set.log.closed["media/day01/42C-3_A.mov"] == {"duration_frames": 77, "dropped": 0, "interrupted": True}
    assert [(e.device, e.what, e.take_id) for e in on_set.log.events] == [("A", "gap", take.id)]
    assert "SIGSEGV" in on_set.log.events[0].detail
    assert on_set.session.status().devices[0].state == "back-off"
    on_set.clock.advance(0.4)
    on_set.turn()
    assert on_set.line("A") is dead, "restarted before its back-off was over"
    on_set.clock.advance(0.2)
    on_set.turn()
    assert on_set.line("A") is not dead
    on_set.live("A")
    assert on_set.orders("A") == ["Roll"]
    assert on_set.orders("MIX") == ["Roll"], "the other device was not touched"
    on_set.says("A", opened(on_set, take, "day01/42C-3_A_2.mov"))
    assert "media/day01/42C-3_A_2.mov" in on_set.log.clips


def test_worker_dies_in_the_post_roll_and_the_cut_take_is_not_rolled_again(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.says("A", opened(on_set, take))
    on_set.log.cuts(take)
    on_set.turn()
    on_set.line("A").ended = "was ended by SIGKILL"
    on_set.turn()
    on_set.clock.advance(1)
    on_set.turn()
    on_set.live("A")
    assert on_set.orders("A") == []
    assert on_set.log.closed["media/day01/42C-3_A.mov"]["interrupted"] is True
    assert [(event.what, event.stands) for event in on_set.log.events] == [("worker ended", False)]
    on_set.log.undoes_the_cut(take)
    on_set.turn()
    assert on_set.orders("A") == ["Roll"], "the new worker knows nothing of the take"


def test_worker_that_dies_at_once_is_restarted_ever_more_slowly(on_set: OnSet) -> None:
    starts = len(on_set.lines)
    for _ in range(240):
        on_set.line("A").ended = "ended with code 1 (ImportError: no module)"
        on_set.turn()
        on_set.clock.advance(0.5)
    # 0.5 + 1 + 2 + 4 + 8 + 16 = 31.5 s, then each 30 s: within 120 s that is 6 + 2
    assert 8 <= len(on_set.lines) - starts <= 9
    assert on_set.session.status().devices[0].restarts >= 8


def test_worker_that_cannot_be_started_leaves_the_others_working(tmp_path: Path) -> None:
    on_set = an_onset(tmp_path, run_folder("no worker"))
    on_set.refused_starts.append("A")
    on_set.session.open()
    on_set.live("MIX", "sound")
    on_set.log.rolls()
    on_set.turn()
    assert on_set.orders("MIX") == ["Roll"]
    assert any("cannot be started: Permission denied. Next try in 0.5 s." in sentence for sentence in on_set.told)
    on_set.refused_starts.clear()
    on_set.clock.advance(0.6)
    on_set.turn()
    on_set.live("A")
    assert on_set.orders("A") == ["Roll"]
    on_set.session.close()
    on_set.box.close()


def test_a_worker_that_dies_all_day_is_logged_once_until_it_lived(on_set: OnSet) -> None:
    on_set.live("A")
    for _ in range(100):
        on_set.line("A").ended = "ended with code 1 (ImportError: no module)"
        on_set.turn()
        on_set.clock.advance(30)
        on_set.turn()
    assert [(event.what, event.stands, event.count) for event in on_set.log.events] == [("worker ended", True, 1)]
    on_set.live("A")
    (ended,) = on_set.log.events
    assert ended.cleared_ns == ended.wall_ns + 3_000_000_000_000
    assert ended.detail.endswith("Live again after 3000.0 s.")
    on_set.line("A").ended = "was ended by SIGKILL"
    on_set.turn()
    assert [(event.stands, event.count) for event in on_set.log.events] == [(True, 2)]


def test_worker_that_hangs_while_rolling_is_killed_and_restarted(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.rolls()
    on_set.turn()
    hung = on_set.line("A")

    def turn_for(seconds: float, *, a_beats: bool) -> None:
        for _ in range(round(seconds * 100)):
            on_set.clock.advance(0.01)
            on_set.pulses["MIX"] = on_set.clock.monotonic_ns()
            if a_beats:
                on_set.pulses["A"] = on_set.clock.monotonic_ns()
            on_set.turn()

    turn_for(30, a_beats=True)
    assert on_set.line("A") is hung
    turn_for(9, a_beats=False)
    assert on_set.line("A") is hung
    turn_for(3, a_beats=False)
    assert on_set.line("A") is not hung
    on_set.live("A")
    assert on_set.orders("A") == ["Roll"]
    assert [event.what for event in on_set.log.events] == ["worker hung", "gap"]
    assert on_set.orders("MIX") == ["Roll"]
    turn_for(30, a_beats=False)
    assert [event.what for event in on_set.log.events].count("worker hung") == 1, "before its first beat it starts"


def test_change_of_a_device_is_said_without_saying_it_twice(on_set: OnSet) -> None:
    on_set.says(
        "A",
        state_of(on_set, "A", "connecting", detail="A: connecting."),
        state_of(on_set, "A", "live", detail="A: live."),
        state_of(on_set, "A", "missing", detail="A: no camera 0."),
    )
    assert on_set.told[-3:] == ["A        connecting", "A        live", "A        missing    no camera 0."]


def test_mixer_that_went_away_is_one_alarm_and_its_timecode_no_other(on_set: OnSet) -> None:
    both_live(on_set)

    def half_seconds(count: int, *, runs: bool) -> None:
        for _ in range(count):
            on_set.clock.advance(0.5)
            if runs:
                frames = on_set.clock.wall_ns() % (86_400 * 10**9) * 25 // 10**9
                now_ns = on_set.clock.monotonic_ns()
                slot = TimecodeNow(source="MIX.ltc", frames=frames, rate="25", mono_ns=now_ns, polled=True)
                on_set.timecodes["MIX.ltc"] = slot
            for _ in range(50):
                on_set.session.turn(0)
        on_set.scribe.write_all()

    half_seconds(8, runs=True)
    on_set.says("MIX", state_of(on_set, "MIX", "lost", "sound", "MIX: gone."))
    half_seconds(8, runs=False)
    assert [(alarm.device, alarm.what) for alarm in on_set.session.status().alarms] == [("MIX", "lost")]
    on_set.live("MIX", "sound")
    half_seconds(8, runs=False)
    assert [(alarm.device, alarm.what) for alarm in on_set.session.status().alarms] == [("MIX.ltc", "timecode stopped")]


def test_missing_camera_is_logged_once_and_not_at_every_try(on_set: OnSet) -> None:
    for _ in range(100):
        on_set.says(
            "A", state_of(on_set, "A", "connecting"), state_of(on_set, "A", "missing", detail="A: no camera 0.")
        )
    assert [(event.what, event.detail) for event in on_set.log.events] == [("missing", "A: no camera 0.")]
    on_set.clock.advance(5)
    on_set.live("A")
    (missing,) = on_set.log.events
    assert (missing.detail, missing.stands) == ("A: no camera 0. Live again after 5.0 s.", False)
    assert "A is live again after 5.0 s." in on_set.told
    assert missing.cleared_ns == on_set.clock.wall_ns()


def test_fault_during_a_take_is_an_event_of_that_take_at_its_own_time(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    happened_ns, happened_wall = on_set.clock.monotonic_ns(), on_set.clock.wall_ns()
    on_set.clock.advance(0.8)
    fault = Fault(device="A", what="dropped", detail="A lost 3\x1b[2J frames.", mono_ns=happened_ns, take_id=take.id)
    on_set.says("A", fault)
    event = on_set.log.events[-1]
    assert (event.what, event.take_id, event.wall_ns) == ("dropped", take.id, happened_wall)
    assert "A lost 3\\x1b[2J frames." in on_set.told


def test_a_fault_that_repeats_itself_does_not_fill_the_log(on_set: OnSet) -> None:
    for _ in range(1000):  # 25 s of a camera that drops every frame
        on_set.says("A", Fault(device="A", what="dropped", detail="Lost.", mono_ns=on_set.clock.monotonic_ns()))
        on_set.clock.advance(0.025)
    on_set.clock.advance(400)
    for _ in range(100):
        on_set.turn()
    (dropped,) = on_set.log.events
    assert (dropped.detail, dropped.count, dropped.stands) == ("Lost.", 1000, False)
    assert dropped.last_ns == dropped.cleared_ns == dropped.wall_ns + 999 * 25_000_000
    assert on_set.log.edits <= 11, "the log was told at each doubling"
    assert on_set.told.count("Lost. (399 more times since it was last said.)") == 2


def test_log_that_cannot_be_read_for_a_while_loses_no_roll(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.unreadable = True
    on_set.log.rolls()
    for _ in range(5):
        on_set.turn()
    assert on_set.orders("A") == []
    assert sum("The log cannot be followed" in sentence for sentence in on_set.told) == 1
    on_set.log.unreadable = False
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]


def test_log_that_is_locked_just_when_a_take_rolls_loses_no_roll(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.log.locked = True
    on_set.log.rolls()
    on_set.turn()
    on_set.turn()  # the feed has nothing new any more
    assert on_set.orders("A") == []
    on_set.log.locked = False
    on_set.turn()
    assert on_set.orders("A") == ["Roll"]


def test_log_that_is_full_for_a_while_gets_every_clip_afterwards(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.log.unwritable = True
    on_set.says("A", opened(on_set, take), closed(on_set, take))
    assert on_set.log.clips == {}
    assert sum("No space left" in sentence for sentence in on_set.told) == 1
    on_set.log.unwritable = False
    on_set.turn()
    assert on_set.log.closed["media/day01/42C-3_A.mov"]["duration_frames"] == 500
    assert on_set.scribe.waiting == 0


def test_clip_that_the_log_refuses_is_said_aloud_and_does_not_stop_the_rest(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.log.refuses = RefusedError("There is no such take.")
    on_set.says("A", opened(on_set, take))
    on_set.log.refuses = None
    on_set.says("A", opened(on_set, take, "day01/other.mov"))
    assert "The log refused what A reported: There is no such take." in on_set.told
    assert list(on_set.log.clips) == ["media/day01/other.mov"]
    on_set.says("A", closed(on_set, take))  # of the one whose opening was refused
    assert on_set.log.closed["media/day01/42C-3_A.mov"]["duration_frames"] == 500


def test_service_that_ends_with_a_dead_log_names_the_files(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.log.unwritable = True
    on_set.says("A", opened(on_set, take))
    on_set.scribe.close()
    assert any("42C-3_A.mov was recorded, but the log could not be told of it" in told for told in on_set.told)


def test_ends_after_ten_idle_minutes_but_not_while_a_seat_is_there_or_a_take_rolls(on_set: OnSet) -> None:
    on_set.clock.advance(599)
    assert on_set.turn() is None
    on_set.session._seats["Maya"] = on_set.clock.monotonic_ns()
    on_set.clock.advance(30)
    assert on_set.turn() is None
    on_set.clock.advance(590)
    assert on_set.turn() is None, "the seat has gone, but not ten minutes ago"
    take = on_set.log.rolls()
    on_set.turn()
    on_set.clock.advance(7200)
    assert on_set.turn() is None
    on_set.log.cuts(take)
    on_set.turn()
    on_set.clock.advance(601)
    assert on_set.turn() is End.IDLE


def test_ends_at_wrap_but_not_before_the_last_cut(on_set: OnSet) -> None:
    take = on_set.log.rolls()
    on_set.turn()
    on_set.log.wraps()
    assert on_set.turn() is None
    on_set.log.cuts(take)
    assert on_set.turn() is End.WRAPPED


def test_ends_when_the_production_is_gone_but_not_before_the_last_cut(on_set: OnSet, tmp_path: Path) -> None:
    take = on_set.log.rolls()
    on_set.turn()
    (tmp_path / "media").rmdir()
    on_set.gone.append("deleted")
    assert [on_set.turn() for _ in range(300)] == [None] * 300
    assert sum("was deleted, moved or replaced" in sentence for sentence in on_set.told) == 1
    assert not (tmp_path / "media").exists(), "nothing is made where the production was"
    on_set.log.cuts(take)
    assert on_set.turn() is End.GONE


def test_take_that_nobody_can_cut_any_more_does_not_keep_a_service_without_production(on_set: OnSet) -> None:
    on_set.log.rolls()
    on_set.gone.append("deleted")
    for _ in range(100):
        assert on_set.turn() is None
    on_set.clock.advance(599)
    assert on_set.turn() is None
    on_set.clock.advance(2)
    assert on_set.turn() is End.GONE


def test_hung_worker_does_not_keep_the_service_from_ending(on_set: OnSet) -> None:
    on_set.line("A").hung = True
    thread = threading.Thread(target=on_set.session.close)
    thread.start()
    while not on_set.line("A").hung_up:
        pass
    on_set.clock.advance(31)
    thread.join(20)
    assert not thread.is_alive()
    assert "The worker of A does not end; it is killed." in on_set.told
    on_set.session.close()


def answered(on_set: OnSet, *question: str, **args: str) -> Answer:
    """Ask from another thread while the session turns."""
    found: list[Answer] = []
    folder = run_folder("session test")
    device = question[1] if len(question) > 1 else None
    thread = threading.Thread(target=lambda: found.append(asks.ask(folder, question[0], device, args, timeout_s=20)))
    thread.start()
    while thread.is_alive():
        on_set.session.turn(5)
    return found[0]


def test_asks_are_answered_by_the_service_by_the_device_or_by_a_reason(on_set: OnSet) -> None:
    assert answered(on_set, "identify", "A").value == "A blinks."
    assert answered(on_set, "identify", "Z") == Answer(id=0, ok=False, value="There is no device Z in config.toml.")
    assert answered(on_set, "dance").ok is False
    assert answered(on_set, "attach", seat="Maya").ok
    assert on_set.session.status().seats == ["Maya"]
    assert answered(on_set, "detach", seat="Maya").ok
    assert on_set.session.status().seats == []
    on_set.line("A").ended = "was ended by SIGKILL"
    on_set.turn()
    answer = answered(on_set, "identify", "A")
    assert (answer.ok, "has no worker at the moment" in answer.value) == (False, True)
    assert answered(on_set, "stop").ok
    assert on_set.turn() is End.ASKED


def test_worker_that_dies_before_it_answers(on_set: OnSet) -> None:
    replies: list[tuple[bool, str]] = []
    on_set.session._rack.stations["A"].ask("still", {}, lambda ok, value: replies.append((ok, value)))
    on_set.line("A").ended = "was ended by SIGKILL"
    on_set.turn()
    assert replies == [(False, "The worker of A was ended by SIGKILL before it answered.")]
