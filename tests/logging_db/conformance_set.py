"""What every log must do with the production, its people, units, episodes and days: part of conformance.py."""

from __future__ import annotations

import pytest

from onset.changes import Value
from onset.domain.production import Episode, Moment
from onset.domain.take import Kind, Stamp
from onset.errors import RefusedError, SlateError
from onset.logbook.days import clock_time
from onset.logbook.terms import Next, TakeFilter
from onset.slate import Overflow
from tests.logging_db.support import OnSet


class TheProduction:
    """Settings, people, units and episodes, as they may change while it is shot."""

    def test_production_says_what_was_set_and_undo_takes_it_back(self, on_set: OnSet) -> None:
        log = on_set.log
        before = log.production()
        assert (before.director, before.paper, before.overflow, before.false_start_counts) == (
            *("", ""),
            *(Overflow.AA_AB, True),
        )
        log.set_production({"title": "Harbour Nights", "director": "Ana Reyes", "paper": "A4", "focus_units": "m"})
        after = log.set_production({"overflow": "AA BB", "false_start_counts": 0})
        assert (after.title, after.director, after.paper, after.focus_units) == (
            *("Harbour Nights", "Ana Reyes"),
            *("A4", "m"),
        )
        assert (after.overflow, after.false_start_counts, after.id) == (Overflow.AA_BB, False, before.id)
        assert on_set.other_seat().production() == after
        assert on_set.undo() == "the production: overflow is empty again"
        assert on_set.undo() == f'the production: title is "{before.title}" again'
        assert log.production() == before
        on_set.redo()
        assert log.production().director == "Ana Reyes"

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"rate": "25"}, "The rate is fixed when a production is made"),
            ({"slating": "eu"}, "The slating is fixed"),
            ({"skip_letters": "IOZ"}, "The skipped letters are fixed"),
            ({"title": " "}, "title"),
            ({"title": None}, "title of a production cannot be empty"),
            ({"paper": "A3"}, "it is one of A4, Letter"),
            ({"focus_units": "cubits"}, "it is one of ft, m"),
            ({"director": "a\x00b"}, "not text"),
            ({"producer": "Kim"}, 'no field "producer"'),
        ],
    )
    def test_what_a_production_cannot_be_is_refused(self, on_set: OnSet, fields: dict[str, Value], said: str) -> None:
        before = on_set.log.production()
        with pytest.raises(RefusedError, match=said):
            on_set.log.set_production({"company": "Nordlys", **fields})
        assert on_set.log.production() == before

    def test_person_is_one_however_the_name_is_spelled(self, on_set: OnSet) -> None:
        log = on_set.log
        kim = log.set_person("Kim Lee", {"role": "1st AC"})
        assert on_set.other_seat().set_person(" kim lee ", {"phone": "+47 1"}).id == kim.id
        assert [(one.name, one.role, one.phone) for one in log.people()] == [("Kim Lee", "1st AC", "+47 1")]
        log.set_person("Ana", {"department": "direction"})
        assert [one.name for one in log.people()] == ["Ana", "Kim Lee"]
        with pytest.raises(RefusedError, match='somebody called "Ana" already'):
            log.set_person("Kim Lee", {"name": "ana"})
        assert log.set_person("Kim Lee", {"name": "Kim Berg"}).id == kim.id
        assert log.set_person("Kim Lee", {"role": "loader"}).id != kim.id  # another one, not Kim Berg renamed back
        assert [one.name for one in log.people()] == ["Ana", "Kim Berg", "Kim Lee"]

    def test_person_who_left_comes_back_by_undo(self, on_set: OnSet) -> None:
        log = on_set.log
        kim = log.set_person("Kim Lee", {"role": "1st AC"})
        log.set_person("Kim Lee", {"role": "2nd AC"})
        log.remove_person("KIM LEE")
        assert log.people() == []
        assert on_set.undo() == "Kim Lee is in again"
        assert on_set.undo() == 'Kim Lee: role is "1st AC" again'
        assert log.people() == [kim]
        assert on_set.undo() == "Kim Lee taken out again"
        assert log.people() == []
        assert log.set_person("Kim Lee", {}).id == kim.id
        with pytest.raises(RefusedError, match='Nobody called "Nobody"'):
            log.remove_person("Nobody")
        with pytest.raises(RefusedError, match="Say the person's name"):
            log.remove_person("  ")
        with pytest.raises(RefusedError, match="at most 200"):
            log.set_person("x" * 201, {})

    def test_second_unit_has_its_own_board_days_and_rolling_take(self, on_set: OnSet) -> None:
        log = on_set.log
        second = log.add_unit(" Second ", {"slate_prefix": "X"})
        assert [(unit.name, unit.slate_prefix) for unit in log.units()] == [("Main", ""), ("Second", "X")]
        log.set_next(Next(slate="42C", rolls={"A": "A014"}))
        log.set_next(Next(slate="X42C", rolls={"A": "X001"}), unit="Second")
        first = on_set.roll()
        other = log.roll(on_set.stamp(), unit="Second")  # while the main unit rolls
        assert [take.id for take in log.rolling("Second")] == [other.id]
        assert {take.id for take in log.rolling()} == {first.id, other.id}
        on_set.clock.advance(10)
        log.cut(other.id, on_set.stamp())
        log.wrap_day("Second", on_set.stamp())  # the main unit still rolls, and its day goes on
        assert (log.board().day, log.board("Second").day) == (1, 2)
        assert [take.label for take in log.takes(TakeFilter(unit="Second"))] == ["X42C/1"]
        assert log.find_take("last", unit="Second").id == other.id
        assert [angle.roll for angle in log.find_take("X42C/1").angles] == ["X001"]
        assert log.set_unit("Second", {"slate_prefix": None}).slate_prefix == ""
        assert on_set.undo() == 'unit Second: slate prefix is "X" again'
        assert log.units()[1].id == second.id

    def test_unit_that_has_shot_is_not_undone(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        log.set_next(Next(slate="2"))
        log.add_unit("Splinter")
        log.open_day("Splinter", 1, "2026-05-29")
        assert on_set.undo() == "next is 1/1"  # what was done before it stays in reach
        assert [unit.name for unit in log.units()] == ["Main", "Splinter"]

    def test_unit_added_by_mistake_is_undone(self, on_set: OnSet) -> None:
        log = on_set.log
        made = log.add_unit("Sceond")
        assert on_set.undo() == "unit Sceond taken out again"
        with pytest.raises(RefusedError, match='no unit "Sceond"; there is Main'):
            log.set_next(Next(slate="1"), unit="Sceond")
        assert on_set.redo() == "unit Sceond is in again"
        on_set.undo()
        assert log.add_unit("Sceond").id == made.id

    def test_unit_that_cannot_be_is_refused(self, on_set: OnSet) -> None:
        with pytest.raises(RefusedError, match='There is a unit "Main" already'):
            on_set.log.add_unit("main")
        with pytest.raises(RefusedError, match='no unit "Third"; there is Main'):
            on_set.log.set_unit("Third", {"slate_prefix": "Y"})
        for name in ("", "x" * 33, "two\nlines", "\x00"):
            with pytest.raises(SlateError):
                on_set.log.add_unit(name)
        with pytest.raises(SlateError, match="slate prefix"):
            on_set.log.add_unit("Second", {"slate_prefix": "x" * 33})
        assert [unit.name for unit in on_set.log.units()] == ["Main"]

    def test_episode_is_known_as_soon_as_the_board_shows_it(self, on_set: OnSet) -> None:
        log = on_set.log
        assert log.episodes() == []
        log.set_next(Next(episode="102", slate="1"))
        log.set_scene("4", {}, episode="9")
        log.set_episode("101", {"title": "Pilot"})
        assert log.episodes() == [Episode(number="9"), Episode(number="101", title="Pilot"), Episode(number="102")]
        log.set_episode("101", {"title": "The Harbour", "note": "double length"})
        assert on_set.undo() == 'episode 101: title is "Pilot" again'
        assert on_set.undo() == "episode 101 taken out again"
        assert [episode.number for episode in log.episodes()] == ["9", "102"]
        with pytest.raises(SlateError):
            log.set_episode(" ", {})

    def test_one_slate_in_two_episodes_is_two_slates(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(episode="101", slate="42C"))
        first, again = on_set.shoot(), on_set.shoot()
        log.set_next(Next(episode="102"))
        other = on_set.shoot()
        assert [(take.episode, take.label) for take in (first, again, other)] == [
            *(("101", "42C/1"), ("101", "42C/2")),
            ("102", "42C/1"),
        ]
        assert log.find_take("101:42C/1") == first
        assert log.find_take("102: 42c/01") == other
        assert log.find_take("42C/2") == again  # there is only one
        with pytest.raises(RefusedError, match="say which: 102:42C/1, 101:42C/1"):
            log.find_take("42C/1")
        with pytest.raises(RefusedError, match="no take 103:42C/1"):
            log.find_take("103:42C/1")
        assert {(setup.episode, setup.slate) for setup in log.setups()} == {("101", "42C"), ("102", "42C")}
        missed = log.add_take(slate="42C", take="2", stamp=on_set.stamp(), episode=None)
        assert (missed.episode, log.add_take(slate="42C", take=None, stamp=on_set.stamp()).label) == (None, "42C/2")
        assert log.add_take(slate="42C", take=None, stamp=on_set.stamp(), episode="101").label == "42C/3"

    def test_history_names_what_changed(self, on_set: OnSet) -> None:
        on_set.log.set_person("Kim Lee", {"role": "1st AC"})
        on_set.log.add_unit("Second")
        on_set.log.set_episode("101", {"title": "Pilot"})
        named = {(line.entity, line.about) for line in on_set.log.history()}
        assert named >= {("person", "Kim Lee"), ("unit", "Second"), ("episode", "101")}


class ShootingDays:
    """Stamps, jams and what is said of a day, open or ended; and a day that nobody ended."""

    def test_moment_that_happens_once_a_day_is_moved(self, on_set: OnSet) -> None:
        log = on_set.log
        log.open_day("Main", 1, "2026-05-29")
        first = log.stamp_day(Moment.LUNCH_OUT, at(on_set, 13, 5))
        again = log.stamp_day(Moment.LUNCH_OUT, at(on_set, 13, 15), note="half an hour late")
        assert (again.id, again.derived) == (first.id, False)
        assert [(one.what, one.wall_ns, one.note) for one in log.day_stamps(1)] == [
            (Moment.LUNCH_OUT, at(on_set, 13, 15).wall_ns, "half an hour late")
        ]
        assert on_set.undo() == f"lunch out of day 1 is at {clock_time(at(on_set, 13, 5).wall_ns, None)} again"
        assert log.day_stamps(1) == [first]
        assert on_set.undo() == "lunch out of day 1 taken out again"
        assert log.day_stamps(1) == []
        on_set.redo()
        assert log.day_stamps(1) == [first]

    def test_company_moves_are_several(self, on_set: OnSet) -> None:
        log = on_set.log
        log.open_day("Main", 1, "2026-05-29")
        later = log.stamp_day(Moment.COMPANY_MOVE, at(on_set, 16), note="to the quay")
        early = log.stamp_day(Moment.COMPANY_MOVE, at(on_set, 11), note="to the boathouse")
        assert log.day_stamps(1) == [early, later]
        log.remove_stamp(early.id)
        assert log.day_stamps(1) == [later]
        assert on_set.undo() == "company move of day 1 is in again"
        assert log.day_stamps(1) == [early, later]
        with pytest.raises(RefusedError, match="no stamp with the id"):
            log.remove_stamp("0" * 32)

    def test_first_shots_are_proposed_from_the_takes_until_someone_stamps_them(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1", kind=Kind.WILD_TRACK, scene="1"))
        on_set.shoot()  # sound only
        on_set.clock.advance(600)
        log.set_next(Next(slate="1", kind=Kind.CHART))
        on_set.shoot()
        on_set.clock.advance(600)
        log.set_next(Next(slate="1"))
        shot = on_set.shoot()
        log.stamp_day(Moment.LUNCH_OUT, on_set.stamp())
        on_set.clock.advance(3600)
        log.stamp_day(Moment.LUNCH_IN, on_set.stamp())
        assert [one.what for one in log.day_stamps(1) if one.derived] == [Moment.FIRST_SHOT]
        on_set.clock.advance(900)
        after = on_set.shoot()
        derived = {one.what: one.wall_ns for one in log.day_stamps(1) if one.derived}
        assert derived == {Moment.FIRST_SHOT: shot.rolled_ns, Moment.FIRST_AFTER_LUNCH: after.rolled_ns}
        stamped = log.stamp_day(Moment.FIRST_SHOT, on_set.stamp())
        assert [one for one in log.day_stamps(1) if one.what is Moment.FIRST_SHOT] == [stamped]
        log.delete(after.id)
        assert not any(one.derived for one in log.day_stamps(1))

    def test_call_opens_the_day_and_its_undo_takes_the_day_away(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        on_set.shoot()
        log.wrap_day("Main", on_set.stamp())
        late = log.stamp_day(Moment.COMPANY_WRAP, later(on_set, 600))
        assert late.day == 1  # of the day that has ended
        assert log.stamp_day(Moment.CALL, later(on_set, -7200)).day == 1
        call = log.stamp_day(Moment.CALL, later(on_set, 12 * 3600))
        assert (call.day, [day.number for day in log.days()]) == (2, [1, 2])
        assert on_set.undo() == "call of day 2 taken out again"
        assert [day.number for day in log.days()] == [1]
        on_set.redo()
        assert (log.days()[1].date, log.day_stamps(2)) == ("2026-05-30", [call])
        on_set.clock.advance(13 * 3600)
        assert on_set.shoot().day == 2
        log.delete(log.find_take("last").id)

    def test_day_that_a_call_opened_stays_when_it_was_shot(self, on_set: OnSet) -> None:
        on_set.log.set_next(Next(slate="1"))
        on_set.log.stamp_day(Moment.CALL, on_set.stamp())
        on_set.shoot()
        said = [on_set.undo() for _ in range(2)]
        assert said == ["1/1 still rolling", "call of day 1 taken out again"]
        assert [(day.number, day.date) for day in on_set.log.days()] == [(1, "2026-05-29")]

    def test_day_that_a_missed_take_opened_goes_with_it(self, on_set: OnSet) -> None:
        log = on_set.log
        added = log.add_take(slate="1", take="1", stamp=on_set.stamp())
        assert ([day.number for day in log.days()], added.day) == ([1], 1)
        assert on_set.undo() == "1/1 taken out again"
        assert log.days() == []
        on_set.redo()
        assert [day.number for day in log.days()] == [1]

    def test_ended_day_stays_correctable(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        on_set.shoot()
        log.wrap_day("Main", on_set.stamp())
        before = log.days()[0]
        after = log.set_day(1, {"weather": "rain", "location": "Quay 4", "timezone": "+02:00", "date": "2026-05-28"})
        assert (after.weather, after.location, after.timezone, after.date) == (
            *("rain", "Quay 4"),
            *("+02:00", "2026-05-28"),
        )
        assert after.wrapped_ns == before.wrapped_ns
        assert on_set.undo() == "day 1: weather is empty again"
        assert log.days() == [before]
        assert log.stamp_day(Moment.CAMERA_WRAP, on_set.stamp(), day=1).day == 1
        assert log.add_take(slate="1", take="7", stamp=on_set.stamp(), day=1).day == 1

    def test_day_that_was_ended_by_mistake_goes_on(self, on_set: OnSet) -> None:
        log = on_set.log
        with pytest.raises(RefusedError, match="has no day yet"):
            log.reopen_day("Main")
        log.set_next(Next(slate="1"))
        on_set.shoot()
        with pytest.raises(RefusedError, match="Day 1 of unit Main is open"):
            log.reopen_day("Main")
        ended = log.wrap_day("Main", on_set.stamp())
        assert log.reopen_day("Main").wrapped_ns is None
        assert on_set.shoot().day == 1
        assert [on_set.undo() for _ in range(2)] == ["1/2 still rolling", "day 1 has ended again"]
        assert log.days() == [ended]

    @pytest.mark.parametrize(
        ("fields", "said"),
        [
            ({"date": "29.5.2026"}, "write it as 2026-05-14"),
            ({"date": None}, "write it as 2026-05-14"),
            ({"timezone": "Atlantis/Centre"}, "There is no time zone"),
            ({"timezone": "../../etc/passwd"}, "There is no time zone"),
            ({"timezone": "+99:00"}, "There is no time zone"),
            ({"weather": "a\x00b"}, "not text"),
            ({"number": 3}, 'no field "number"'),
        ],
    )
    def test_what_a_day_cannot_be_is_refused(self, on_set: OnSet, fields: dict[str, Value], said: str) -> None:
        on_set.log.open_day("Main", 1, "2026-05-29")
        before = on_set.log.days()
        with pytest.raises(RefusedError, match=said):
            on_set.log.set_day(1, {"location": "Quay 4", **fields})
        assert on_set.log.days() == before
        with pytest.raises(RefusedError, match="Unit Main has not opened day 9"):
            on_set.log.set_day(9, {})
        with pytest.raises(RefusedError, match="Unit Main has not opened day 9"):
            on_set.log.stamp_day(Moment.CALL, on_set.stamp(), day=9)
        with pytest.raises(RefusedError, match='no unit "Third"'):
            on_set.log.stamp_day(Moment.CALL, on_set.stamp(), unit="Third")

    def test_clocks_that_were_jammed_are_told_by_device(self, on_set: OnSet) -> None:
        log = on_set.log
        first = log.jam("MIX", on_set.stamp(), tc="08:12:00:00")
        on_set.clock.advance(60)
        again = log.jam("MIX", on_set.stamp(), tc="08:13:00:00", note="after lunch")
        other = log.jam("A", on_set.stamp())
        assert log.jams(1) == [first, other, again]
        assert (first.day, first.tc, other.tc) == (1, "08:12:00:00", None)
        assert on_set.undo() == "jam of A on day 1 taken out again"
        log.remove_jam(first.id)
        assert log.jams(1) == [again]
        assert on_set.undo() == "jam of MIX on day 1 is in again"
        for tc, said in (("25:00:00:00", "does not exist at 25"), ("noon", "noon")):
            with pytest.raises(RefusedError, match=said):
                log.jam("A", on_set.stamp(), tc=tc)
        with pytest.raises(SlateError, match="device"):
            log.jam(" ", on_set.stamp())
        with pytest.raises(RefusedError, match="no jam with the id"):
            log.remove_jam("0" * 32)

    def test_open_yesterday_is_told_after_six_silent_hours_of_another_date(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        take = on_set.shoot(10.0)
        assert take.cut_ns is not None
        hour = 3_600_000_000_000
        until_tomorrow = 36 * hour  # noon in UTC: another date in every zone
        assert log.open_yesterday(now_ns=take.cut_ns + 2 * hour) is None
        found = log.open_yesterday(now_ns=take.cut_ns + until_tomorrow)
        assert found is not None
        assert (found.day, found.newest_ns) == (log.days()[0], take.cut_ns)
        log.stamp_day(Moment.SECOND_MEAL, later(on_set, 31 * 3600))  # the night goes on
        assert log.open_yesterday(now_ns=take.cut_ns + until_tomorrow) is None
        on_set.undo()
        log.wrap_day("Main", on_set.stamp())
        assert log.open_yesterday(now_ns=take.cut_ns + until_tomorrow) is None
        log.open_day("Main", 2, "2026-05-30")  # and nothing was shot on it
        empty = log.open_yesterday(now_ns=take.cut_ns + 3 * until_tomorrow)
        assert empty is not None
        assert (empty.day.number, empty.newest_ns) == (2, None)

    def test_new_day_ends_the_open_one_where_it_was_silent(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        log.roll(on_set.stamp(), new_day=True)
        on_set.clock.advance(10)
        first = log.cut(log.rolling()[0].id, on_set.stamp())
        on_set.clock.advance(20 * 3600)
        second = log.roll(on_set.stamp(), new_day=True)
        assert (first.day, second.day) == (1, 2)
        assert [(day.number, day.wrapped_ns) for day in log.days()] == [(1, first.cut_ns), (2, None)]
        with pytest.raises(RefusedError, match="rolls already"):
            log.roll(on_set.stamp(), new_day=True)
        assert [day.number for day in log.days()] == [1, 2]

    def test_day_left_open_ended_when_it_was_silent_and_not_next_morning(self, on_set: OnSet) -> None:
        log = on_set.log
        log.set_next(Next(slate="1"))
        take = on_set.shoot()
        on_set.clock.advance(36 * 3600)
        assert log.wrap_day("Main", on_set.stamp()).wrapped_ns == take.cut_ns
        late = on_set.shoot()
        on_set.clock.advance(5 * 3600)  # a long wrap after the last take
        assert late.cut_ns is not None
        assert log.wrap_day("Main", on_set.stamp()).wrapped_ns == late.cut_ns + 5 * 3600 * 1_000_000_000

    def test_history_names_the_moment(self, on_set: OnSet) -> None:
        on_set.log.stamp_day(Moment.CALL, on_set.stamp())
        on_set.log.jam("MIX", on_set.stamp())
        on_set.log.set_day(1, {"weather": "rain"})
        named = {(line.entity, line.about) for line in on_set.log.history()}
        assert named >= {("day_stamp", "call of day 1"), ("jam", "MIX on day 1"), ("day", "1")}


def later(on_set: OnSet, seconds: int) -> Stamp:
    return Stamp(wall_ns=on_set.clock.wall_ns() + seconds * 1_000_000_000, mono_ns=0)


def at(on_set: OnSet, hour: int, minute: int = 0) -> Stamp:
    """On the day of the clock, in UTC; the test's clock stands at noon."""
    return later(on_set, ((hour - 12) * 60 + minute) * 60)
