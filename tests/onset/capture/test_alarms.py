"""The alarm list: once raised, once cleared, counted in between, and cheap for the log whatever a device does."""

from __future__ import annotations

import pytest

from onset.capture.alarms import AlarmList, CameAgain, Cleared, Raised, Written
from onset.capture.bus import run_folder
from onset.capture.signals import Alarm, Standing
from onset.clock import ManualClock
from onset.logbook.terms import Event
from tests.onset.capture.pretend import DAY_NS, OnSet, an_onset, both_live, state_of

NS = 1_000_000_000


class Set:
    """An alarm list, its clock, and what it wrote and told."""

    def __init__(self) -> None:
        self.clock = ManualClock(wall_ns=DAY_NS, monotonic_ns=1000 * NS)
        self.written: list[Written] = []
        self.told: list[str] = []
        self.alarms = AlarmList(self.clock, self.written.append, self.told.append)

    def black(self, take: str | None = None) -> None:
        self.alarms.stands("B", "black", "B: black.", self.clock.monotonic_ns(), take)

    def over(self) -> None:
        self.alarms.clear("B", {"black"}, self.clock.monotonic_ns())

    def passes(self, seconds: float) -> None:
        for _ in range(round(seconds)):
            self.clock.advance(1)
            self.alarms.tick(lambda _: True)

    @property
    def kinds(self) -> list[str]:
        return [type(each).__name__ for each in self.written]


@pytest.fixture
def alarms() -> Set:
    return Set()


def test_alarm_said_a_hundred_times_is_raised_once_and_cleared_once(alarms: Set) -> None:
    for _ in range(100):
        alarms.black()
        alarms.clock.advance(0.1)
    alarms.over()
    alarms.over()
    raised, cleared = alarms.written
    assert isinstance(raised, Raised)
    assert isinstance(cleared, Cleared)
    assert (raised.event.wall_ns, raised.event.stands, raised.event.alarm) == (DAY_NS, True, True)
    assert (cleared.id, cleared.cleared_ns - DAY_NS, cleared.count) == (raised.event.id, 10 * NS, 1)
    assert alarms.told == ["B: black."]


def test_trouble_that_comes_back_soon_is_the_same_row(alarms: Set) -> None:
    for _ in range(3):
        alarms.black()
        alarms.passes(2)
        alarms.over()
        alarms.passes(30)
    assert alarms.kinds == ["Raised", "Cleared", "CameAgain", "Cleared", "CameAgain", "Cleared"]
    assert len({each.event.id if isinstance(each, Raised) else each.id for each in alarms.written}) == 1
    last = alarms.written[-1]
    assert isinstance(last, Cleared)
    assert (last.count, last.cleared_ns - DAY_NS) == (3, 66 * NS)


def test_trouble_that_comes_back_after_long_is_another_row(alarms: Set) -> None:
    alarms.black()
    alarms.over()
    alarms.passes(301)
    alarms.black()
    assert alarms.kinds == ["Raised", "Cleared", "Raised"]


def test_another_take_has_its_own_row(alarms: Set) -> None:
    alarms.black("aa")
    alarms.over()
    alarms.black("bb")
    assert [each.event.take_id for each in alarms.written if isinstance(each, Raised)] == ["aa", "bb"]


@pytest.mark.parametrize("period_s", [2, 20, 70, 200, 400], ids=lambda period: f"every {period} s")
def test_device_that_fails_all_day_does_not_fill_the_log(alarms: Set, period_s: int) -> None:
    for _ in range(12 * 3600 // period_s):
        alarms.black()
        alarms.passes(1)
        alarms.over()
        alarms.passes(period_s - 1)
    assert len(alarms.written) <= 220, alarms.kinds
    alarms.passes(301)
    last = alarms.written[-1]
    assert isinstance(last, Cleared)
    if period_s < 300:
        assert last.count == 12 * 3600 // period_s, "nothing of it is forgotten"


def test_what_comes_and_goes_stands_until_it_is_quiet(alarms: Set) -> None:
    for _ in range(6):
        alarms.black()
        alarms.passes(2)
        alarms.over()
        alarms.passes(2)
    assert [(each.what, each.on, each.count) for each in alarms.alarms.now] == [("black", False, 6)]
    assert alarms.alarms.now[0].detail == "B: black. It comes and goes."
    went_ns = alarms.clock.wall_ns() - 2 * NS
    alarms.passes(200)
    assert alarms.alarms.now == []
    assert isinstance(alarms.written[-1], Cleared)
    assert alarms.written[-1].cleared_ns == went_ns, "the log has when it really went"


def test_fault_that_repeats_itself_is_one_row_with_its_count(alarms: Set) -> None:
    for _ in range(100):
        alarms.alarms.happened("B", "dropped", "B: lost.", alarms.clock.monotonic_ns(), None)
        alarms.clock.advance(0.5)
    alarms.passes(400)
    assert [each.count for each in alarms.written if isinstance(each, CameAgain)] == [2, 4, 8, 16, 32, 64, 100]
    assert alarms.alarms.now == [], "it only happened; nothing stands"
    assert len(alarms.told) == 5, "said at most every ten seconds"


def test_alarms_of_a_killed_service_are_taken_over_or_cleared_with_a_reason(alarms: Set) -> None:
    def left(what: str) -> Event:
        return Event(wall_ns=5, device="B", what=what, detail=f"B: {what}.", alarm=True, last_ns=7, count=2, id=what)

    alarms.alarms.take_over([left("black"), left("frozen")])
    assert [each.what for each in alarms.alarms.now] == ["black", "frozen"]
    alarms.black("some take")  # the new worker sees it too
    alarms.passes(30)
    (cleared,) = alarms.written
    assert isinstance(cleared, Cleared)
    assert (cleared.id, cleared.count) == ("frozen", 2)
    assert "when the capture service started again" in cleared.detail
    assert [each.what for each in alarms.alarms.now] == ["black"]


def test_alarm_of_a_device_that_is_still_away_is_not_cleared_by_a_new_service(alarms: Set) -> None:
    alarms.alarms.take_over([Event(wall_ns=5, device="B", what="lost", detail="", alarm=True, last_ns=5, id="x")])
    for _ in range(60):
        alarms.clock.advance(1)
        alarms.alarms.tick(lambda _: False)
    assert [each.what for each in alarms.alarms.now] == ["lost"]


def test_end_of_the_service_leaves_no_alarm_standing(alarms: Set) -> None:
    alarms.black()
    alarms.alarms.close()
    assert alarms.kinds == ["Raised", "Cleared"]
    assert isinstance(alarms.written[1], Cleared)
    assert "nobody watches any more" in alarms.written[1].detail


# -- in the session ---------------------------------------------------------------------------------------------------


def alarm(on_set: OnSet, what: str, *, over: bool = False) -> Alarm:
    return Alarm(
        device="A", what=what, detail=f"A: {what}." * (not over), mono_ns=on_set.clock.monotonic_ns(), over=over
    )


def test_alarm_of_a_worker_is_in_status_on_the_bus_and_in_the_log_with_its_take(on_set: OnSet) -> None:
    both_live(on_set)
    take = on_set.log.rolls()
    on_set.turn()
    on_set.says("A", alarm(on_set, "black"))
    assert [(each.what, each.take_id) for each in on_set.session.status().alarms] == [("black", take.id)]
    (slot,) = [slot for slot in on_set.slots[-1:] if isinstance(slot, Standing)]
    assert [each.what for each in slot.alarms] == ["black"]
    assert [(each.what, each.take_id, each.stands) for each in on_set.log.events] == [("black", take.id, True)]
    on_set.clock.advance(3)
    on_set.says("A", alarm(on_set, "black", over=True))
    (event,) = on_set.log.events
    assert event.cleared_ns == event.wall_ns + 3 * NS
    assert on_set.session.status().alarms == []
    assert isinstance(on_set.slots[-1], Standing)
    assert on_set.slots[-1].alarms == []


def test_a_service_that_ends_as_asked_looks_like_one_that_was_killed(on_set: OnSet) -> None:
    both_live(on_set)
    assert not any(slot.last for slot in on_set.slots if isinstance(slot, Standing))
    for line in on_set.lines:
        line.ended = "ended"
    on_set.session.close()
    assert [slot.last for slot in on_set.slots if isinstance(slot, Standing)][-1]


def test_alarms_of_a_worker_that_died_do_not_stand_for_ever(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.says("A", alarm(on_set, "black"))
    on_set.line("A").ended = "was ended by SIGKILL"
    on_set.turn()
    assert [(each.what, each.stands) for each in on_set.log.events] == [("black", False), ("worker ended", True)]
    assert "Its worker ended." in on_set.log.events[0].detail


def test_stalled_then_lost_is_one_alarm_from_the_first_missing_frame(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.says("A", state_of(on_set, "A", "stalled", detail="A: nothing has come for half a second."))
    on_set.clock.advance(2)
    on_set.says("A", state_of(on_set, "A", "lost", detail="A: nothing has come for two seconds."))
    (event,) = on_set.log.events
    assert (event.detail, event.count) == ("A: nothing has come for two seconds.", 1), (
        "half a second is no news any more"
    )
    on_set.says("A", state_of(on_set, "A", "back-off"))
    on_set.says("A", state_of(on_set, "A", "lost", detail="A: cannot be opened."))
    on_set.clock.advance(2)
    on_set.live("A")
    (event,) = on_set.log.events
    assert (event.what, event.cleared_ns) == ("stalled", event.wall_ns + 4 * NS)
    assert event.detail == "A: nothing has come for two seconds. Live again after 4.0 s."
    for words in (
        *["A: nothing has come for two seconds."] * 2,
        "A: nothing has come for half a second. It comes and goes.",
    ):
        on_set.says("A", state_of(on_set, "A", "stalled", detail="A: nothing has come for half a second."))
        on_set.says("A", state_of(on_set, "A", "lost", detail="A: nothing has come for two seconds."))
        assert on_set.session.status().alarms[0].detail == words
        on_set.live("A")


def test_new_service_goes_on_with_its_alarms_and_leaves_those_of_another_seat(on_set: OnSet) -> None:
    both_live(on_set)
    on_set.says("A", state_of(on_set, "A", "lost"))
    foreign = Event(wall_ns=1, device="A", what="black", detail="", alarm=True, last_ns=1, id="f", seat="elsewhere")
    on_set.log.events.append(foreign)
    killed = on_set.log
    again = an_onset(killed.folder, run_folder("the next service"), log=killed)
    again.session.open()
    again.live("A")
    assert [(each.what, each.stands) for each in killed.events] == [("lost", False), ("black", True)]
    again.session.close()
    again.box.close()
