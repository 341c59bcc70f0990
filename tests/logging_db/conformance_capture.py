"""What capture writes besides files: alarms that last, levels, proxies, and what rolled a take. A part of the suite."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.domain.camera import Clip
from onset.domain.sound import SoundFile
from onset.domain.take import Stamp
from onset.errors import RefusedError
from onset.logbook.as_json import take_json
from onset.logbook.terms import Event, Next
from tests.logging_db.support import OnSet


class AlarmsThatLast:
    """An alarm is one row from its beginning to its end, however often it comes back."""

    def test_alarm_that_flaps_is_one_row_with_both_its_times(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take, capture = on_set.shoot(), on_set.other_seat()
        frozen = Event(wall_ns=5, device="B", what="frozen", detail="B: frozen.", take_id=take.id, alarm=True)
        alarm_id = capture.alarm_raised(frozen)
        (stands,) = on_set.log.alarms()
        assert (stands.id, stands.stands, stands.last_ns, stands.count) == (alarm_id, True, 5, 1)
        capture.alarm_cleared(alarm_id, cleared_ns=7)
        assert list(on_set.log.alarms()) == []
        capture.alarm_again(alarm_id, last_ns=9, count=2)
        assert [(each.id, each.cleared_ns, each.count) for each in on_set.log.alarms()] == [(alarm_id, None, 2)]
        capture.alarm_cleared(alarm_id, cleared_ns=12, count=3, detail="B: frozen for 3 s.")
        (told,) = on_set.log.events(take_id=take.id)
        assert (told.wall_ns, told.last_ns, told.cleared_ns, told.count) == (5, 9, 12, 3)
        assert (told.alarm, told.stands, told.detail) == (True, False, "B: frozen for 3 s.")

    def test_events_are_kept_with_their_take(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        lost = Event(wall_ns=5, device="A", what="lost", detail="no frames for 2 s", take_id=take.id)
        on_set.log.event(lost)
        on_set.log.event(Event(wall_ns=6, device="B", what="live", detail=""))
        assert list(on_set.log.events(take_id=take.id)) == [lost]
        assert [event.device for event in on_set.log.events()] == ["B", "A"]

    def test_history_says_which_alarm_ended(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.shoot()
        alarm = Event(wall_ns=5, device="B", what="frozen", detail="", last_ns=5)
        for one in (alarm, replace(alarm, take_id=take.id)):
            on_set.log.alarm_cleared(on_set.log.alarm_raised(one), cleared_ns=9)
        ended = [change.about for change in on_set.log.history() if change.field == "cleared_ns"]
        assert ended == ["B frozen on 1/1", "B frozen"]

    def test_what_only_happened_does_not_stand(self, on_set: OnSet) -> None:
        on_set.log.event(Event(wall_ns=5, device="A014", what="unreadable", detail="C007", alarm=True))
        assert list(on_set.log.alarms()) == []
        (event,) = on_set.log.events()
        assert (event.stands, event.last_ns, event.count) == (False, None, 1)

    def test_standing_alarms_come_in_the_order_in_which_they_began(self, on_set: OnSet) -> None:
        for number, device in enumerate("BCA"):
            on_set.log.alarm_raised(Event(wall_ns=number, device=device, what="lost", detail="", alarm=True))
        assert [each.device for each in on_set.log.alarms()] == ["B", "C", "A"]

    def test_alarm_that_is_not_there_is_refused_and_nothing_made(self, on_set: OnSet) -> None:
        with pytest.raises(RefusedError, match="no event with the id"):
            on_set.log.alarm_cleared("00" * 16, cleared_ns=1)
        assert list(on_set.log.events()) == []


class WhatWasMeasured:
    """Levels, proxies, and which device rolled and cut."""

    def test_levels_of_a_sound_file_are_those_between_roll_and_cut(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        sound = SoundFile(
            id="", name="T001.wav", path="media/T001.wav", device="MIX", tc_in=None, tc_source=None, rate="25",
            duration_frames=None, tracks=("boom", "ltc"),
        )  # fmt: skip
        sound_id = on_set.log.sound_opened(take.id, sound)
        on_set.log.sound_closed(
            sound_id, duration_frames=300, samples=576_000, sample_rate=48_000, interrupted=False,
            peak_db=[-3.04, -200.0], rms_db=[-21.0, -200.0],
        )  # fmt: skip
        found = on_set.log.find_take("last")
        (file,) = found.sound[0].files
        assert (file.peak_db, file.rms_db) == ((-3.0, -200.0), (-21.0, -200.0))
        on_set.log.sound_closed(sound_id, duration_frames=300, samples=1, sample_rate=1, interrupted=True)
        (file,) = on_set.log.find_take("last").sound[0].files
        assert file.peak_db == (-3.0, -200.0), "what was measured is not forgotten by a second word on its length"
        assert "'peak_db': [-3.0, -200.0]" in str(take_json(found))

    def test_files_of_a_mono_set_are_one_recording(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        for track in ("boom", "lav"):
            sound = SoundFile(
                id="", name=f"1-1_MIX_{track}.wav", path=f"media/1-1_MIX_{track}.wav", device="MIX", tc_in=None,
                tc_source=None, rate="25", duration_frames=None, tracks=(track,), family="cd" * 16,
            )  # fmt: skip
            on_set.log.sound_opened(take.id, sound)
        (recording,) = on_set.log.find_take("last").sound
        assert [(file.family, file.tracks) for file in recording.files] == [
            ("cd" * 16, ("boom",)),
            ("cd" * 16, ("lav",)),
        ]

    def test_proxy_belongs_to_its_clip(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.roll()
        clip = Clip(
            id="", name="1-1_A.mov", path="media/day01/1-1_A.mov", camera="A", tc_in=None, tc_source=None, rate="25",
            duration_frames=None,
        )  # fmt: skip
        clip_id = on_set.log.clip_opened(take.id, clip)
        assert on_set.log.find_take("last").angles[0].clips[0].proxy is None
        on_set.log.clip_proxy(clip_id, "media/proxies/1-1_A.mov")
        assert on_set.log.find_take("last").angles[0].clips[0].proxy == "media/proxies/1-1_A.mov"
        with pytest.raises(RefusedError, match="no clip with the id"):
            on_set.log.clip_proxy("00" * 16, "x.mov")

    def test_take_says_what_rolled_and_what_cut_it(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.log.roll(on_set.stamp(), by="DECK")
        assert (take.rolled_by, take.cut_by) == ("DECK", "")
        on_set.clock.advance(4)
        cut = on_set.log.cut(take.id, on_set.stamp(), by="tally 1")
        assert (cut.rolled_by, cut.cut_by) == ("DECK", "tally 1")
        on_set.undo()
        assert on_set.log.rolling()[0].cut_by == ""
        assert on_set.log.cut(take.id, on_set.stamp()).cut_by == "", "a person cut it after all"

    def test_user_bits_of_the_timecode_at_the_roll_are_lost(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        take = on_set.log.roll(replace(on_set.stamp(), user_bits="26112601"))
        on_set.clock.advance(4)
        cut = on_set.log.cut(take.id, replace(on_set.stamp(), user_bits="00000007"))
        assert (take.user_bits, cut.user_bits) == ("26112601", "26112601")
        again = on_set.log.find_take("last")
        assert take_json(again)["user_bits"] == "26112601"
        assert take_json(on_set.shoot())["user_bits"] is None, "the clock of this machine has none"

    def test_master_that_changes_within_a_take_is_told_of_all_its_stamps(self, on_set: OnSet) -> None:
        def stamp(label: str, source: str) -> Stamp:
            on_set.clock.advance(1)
            return replace(on_set.stamp(), tc=label, tc_source=source)

        on_set.log.set_next(Next(slate="1"))
        take = on_set.log.roll(stamp("10:00:00:00", "MIX.ltc"))
        on_set.log.action(take.id, stamp("10:00:01:00", "DECK"))
        on_set.log.mark(take.id, stamp("10:00:02:00", "MIX.ltc"))
        cut = on_set.log.cut(take.id, stamp("18:22:03:00", "clock"))
        assert (cut.tc_source, cut.tc_out_source) == ("MIX.ltc", "clock")
        assert [(run.action_source, run.cut_source) for run in cut.runs] == [("DECK", "clock")]
        assert [(note.tc, note.tc_source) for note in cut.notes] == [("10:00:02:00", "MIX.ltc")]
        told = take_json(cut)
        assert told["tc_out_source"] == "clock"
        assert told["runs"] == [
            {"action": "10:00:01:00", "action_source": "DECK", "cut": "18:22:03:00", "cut_source": "clock"}
        ]
        on_set.undo()
        (rolling,) = on_set.log.rolling()
        assert (rolling.tc_out_source, rolling.runs[0].cut_source) == (None, None)
