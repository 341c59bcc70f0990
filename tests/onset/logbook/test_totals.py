"""A day's numbers against sheets worked out by hand; the arithmetic stands in each docstring."""

from __future__ import annotations

from itertools import product
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from onset.domain.credit import Balance, Credit, PlannedScene
from onset.domain.scene import Coverage, Scene
from onset.domain.take import Kind, Run, State, Status, Take
from onset.logbook.proposal import proposal
from onset.logbook.totals import Asked, Attempts, Extent, Tally, Totals, totals

_NS = 1_000_000_000


def a_scene(
    number: str, eighths: int | None, *, seconds: int | None = None, omitted: bool = False, was: str | None = None
) -> Scene:
    return Scene(
        id=number,
        episode=None,
        number=number,
        eighths=eighths,
        estimate_s=seconds,
        omitted=omitted,
        predecessor=was,
        ordinal=0,
    )


def a_credit(
    number: str, day: int, state: str, eighths: int | None, seconds: int | None = None, unit: str = "Main"
) -> Credit:
    return Credit(
        id=f"{number} {unit} {day}",
        scene_id=number,
        episode=None,
        number=number,
        unit=unit,
        day=day,
        state=Coverage(state),
        eighths=eighths,
        seconds=seconds,
    )


def plan(day: int, *numbers: str, eighths: int | None = None) -> list[PlannedScene]:
    return [
        PlannedScene(id=number, unit="Main", day=day, episode=None, number=number, eighths=eighths)
        for number in numbers
    ]


# Scene 40: 2 pages, 41: 4/8, 42: 1 4/8, 43: 6/8, 44: nobody counted, 45: omitted, 3 pages.
SCRIPT = [
    a_scene("40", 16, seconds=120),
    a_scene("41", 4, seconds=30),
    a_scene("42", 12, seconds=90),
    a_scene("43", 6, seconds=45),
    a_scene("44", None),
    a_scene("45", 24, seconds=200, omitted=True),
]
CREDITS = [
    a_credit("40", 1, "complete", 16, 110),
    a_credit("42", 1, "part", 5, 40),
    a_credit("41", 1, "not started", None),
    a_credit("42", 2, "complete", 7, 55),
    a_credit("41", 2, "part", 1, 10),
    a_credit("43", 3, "complete", 6, 44),
]
SHOT = [
    Attempts(unit="Main", day=1, episode=None, slate="40", count=3),
    Attempts(unit="Main", day=1, episode=None, slate="40", status=Status.CIRCLED),
    Attempts(unit="Main", day=1, episode=None, slate="40A", status=Status.CIRCLED, count=2),
    Attempts(unit="Main", day=1, episode=None, slate="42", kind=Kind.FALSE_START),
    Attempts(unit="Main", day=1, episode=None, slate="42", kind=Kind.SERIES, status=Status.HOLD),
    Attempts(unit="Main", day=2, episode=None, slate="42", kind=Kind.PICKUP, status=Status.CIRCLED),
    Attempts(unit="Main", day=2, episode="101", slate="42", status=Status.NG),
    Attempts(unit="Main", day=2, episode=None, slate="42WT", kind=Kind.WILD_TRACK, status=Status.CIRCLED, count=2),
    Attempts(unit="Main", day=2, episode=None, slate="CHART", kind=Kind.CHART),
    Attempts(unit="Main", day=2, episode=None, slate="42B", kind=Kind.FALSE_START, count=2),
    Attempts(unit="Main", day=3, episode=None, slate="43", count=9),
    Attempts(unit="Second", day=1, episode=None, slate="X40", count=4),
]


def sheet(asked: Asked, planned: list[PlannedScene] | None = None, **balances: Balance) -> Totals:
    return totals(
        asked,
        scenes=SCRIPT,
        attempts=SHOT,
        credits=CREDITS,
        planned=planned or [],
        balances=balances,
        owed=[],
    )


def day_of_main(day: int) -> Asked:
    before = frozenset(("Main", earlier) for earlier in range(1, day))
    return Asked("Main", day, "", frozenset([("Main", day)]), before)


def test_sheet_of_the_second_day_does_not_add_up() -> None:
    """By hand.

    Day 1: slates 40, 40A, 42 have takes = 3 setups. Takes 3 + 1 + 2 + 1 (the series) = 7, circled 1 + 2 = 3, one false
    start. Credited 16 + 5 = 21 eighths, 110 + 40 = 150 s; 40 and 42 are started (41 was called not started), 40 is
    complete. Day 2: 42, and 42 of episode 101, = 2 setups with 2 takes, 1 circled; 42B has only false starts and is no
    setup; 2 false starts, 2 wild tracks, 1 chart. Credited 7 + 1 = 8 eighths, 55 + 10 = 65 s; 41 is new, 42 complete.
    To date: 21 + 8 = 29 eighths.

    Script without 45: 5 scenes, 16 + 4 + 12 + 6 = 38 eighths, 120 + 30 + 90 + 45 = 285 s. Neither 40 nor 42 remains;
    41 has 4 - 1 = 3 eighths and 30 - 10 = 20 s left, 43 all its 6 and 45 s, 44 nobody knows: 3 scenes, 9 eighths, 65 s.
    """
    found = sheet(day_of_main(2))
    assert found.before == Tally(
        days=1,
        setups=3,
        takes=7,
        circled=3,
        false_starts=1,
        scenes_started=2,
        scenes_complete=1,
        eighths=21,
        seconds=150,
    )
    assert found.today == Tally(
        days=1,
        setups=2,
        takes=2,
        circled=1,
        false_starts=2,
        wild_tracks=2,
        charts=1,
        scenes_started=1,
        scenes_complete=1,
        eighths=8,
        seconds=65,
    )
    assert (found.to_date.eighths, found.to_date.scenes_started, found.to_date.scenes_complete) == (29, 3, 2)
    assert found.script == Extent(scenes=5, eighths=38, seconds=285, without_eighths=1)
    assert found.remaining == Extent(scenes=3, eighths=9, seconds=65, without_eighths=1)


def test_day_that_comes_later_is_counted() -> None:
    """Of day 1 alone: 41, 42, 43 and 44 remain, 4 + (12 - 5) + 6 = 17 eighths, 30 + (90 - 40) + 45 = 125 s."""
    found = sheet(day_of_main(1))
    assert found.before == Tally()
    assert found.to_date == found.today
    assert found.remaining == Extent(scenes=4, eighths=17, seconds=125, without_eighths=1)


def test_opening_balance_is_not_in_the_totals() -> None:
    """Someone joined after 11 days: 204 setups, 2 scenes with 9 eighths and 70 s.

    To date on the second day: 11 + 2 days, 204 + 3 + 2 setups, 9 + 29 eighths. Of the 3 scenes, 9 eighths and 65 s that
    remained, 2 scenes, 9 eighths and 70 s were shot before: 1 scene, no pages and no time, never less.
    """
    opening = Balance(unit="Main", days=11, setups=204, scenes=2, eighths=9, seconds=70)
    found = sheet(day_of_main(2), Main=opening, Second=Balance(unit="Second", days=5))
    assert (found.to_date.days, found.to_date.setups, found.to_date.eighths) == (13, 209, 38)
    assert (found.to_date.scenes_complete, found.today.days) == (4, 1)
    assert found.remaining == Extent(scenes=1, eighths=0, seconds=0, without_eighths=1)


def test_other_units_days_are_mixed_up() -> None:
    """Second's day 1 was on the date of Main's day 2: all units have 2 + 1 setups that day, and 2 + 4 takes."""
    together = Asked(None, 2, "", frozenset([("Main", 2), ("Second", 1)]), frozenset([("Main", 1)]))
    found = sheet(together)
    assert (found.today.days, found.today.setups, found.today.takes) == (2, 3, 6)
    assert found.before.takes == 7


def test_scene_that_another_unit_finished_remains() -> None:
    """Second completes 43 on its day 1: of 3 scenes and 9 eighths 43 goes, 2 scenes and 3 eighths are left."""
    asked = Asked("Main", 2, "", frozenset([("Main", 2)]), frozenset([("Main", 1)]), frozenset([("Second", 1)]))
    found = totals(
        asked,
        scenes=SCRIPT,
        attempts=[],
        credits=[*CREDITS, a_credit("43", 1, "complete", 6, unit="Second")],
        planned=[],
        balances={},
        owed=[],
    )
    assert found.today.eighths == 8
    assert (found.remaining.scenes, found.remaining.eighths) == (2, 3)


def test_plan_says_shot_what_was_not() -> None:
    """Day 2 plans 40 (complete the day before), 41 (part that day), 42 (complete that day), 44 and 9 (unknown).

    Pages planned: 16 + 4 + 12 + nobody knows twice = 32 eighths. Nothing but 41 and 42 was credited: nothing is added.
    Had only 41 been planned, 42 would be.
    """
    found = sheet(day_of_main(2), plan(2, "40", "41", "42", "44", "9"))
    assert (found.shot, found.part, found.not_shot, found.added) == (("40", "42"), ("41",), ("44", "9"), ())
    assert found.planned_eighths == 32
    found = sheet(day_of_main(2), plan(2, "41", eighths=1))
    assert (found.part, found.added, found.planned_eighths) == (("41",), ("42",), 1)


def test_scene_completed_twice_counts_twice() -> None:
    again = [a_credit("40", 1, "complete", 16), a_credit("40", 2, "complete", 2), a_credit("40", 3, "part", 1)]
    found = totals(day_of_main(3), scenes=SCRIPT, attempts=[], credits=again, planned=[], balances={}, owed=[])
    assert (found.to_date.scenes_complete, found.to_date.scenes_started, found.to_date.eighths) == (1, 1, 19)
    assert found.today.scenes_complete == 0
    assert found.remaining.scenes == 4


def test_credit_of_a_scene_is_lost_when_it_gets_another_number() -> None:
    """42 became 42A in the blue pages and grew to 2 pages; 7 eighths were credited: 16 - 7 = 9 remain of it."""
    scenes = [a_scene("42", 12, omitted=True), a_scene("42A", 16, was="42")]
    found = totals(
        day_of_main(2),
        scenes=scenes,
        attempts=[],
        credits=[a_credit("42", 1, "part", 7), a_credit("42A", 2, "part", None)],
        planned=[],
        balances={},
        owed=[],
    )
    assert (found.script.scenes, found.remaining.eighths) == (1, 9)
    assert (found.to_date.scenes_started, found.today.scenes_started) == (1, 0)


def test_scenes_that_were_each_other_never_end() -> None:
    scenes = [a_scene("1", 8, was="2"), a_scene("2", 8, was="1")]
    found = totals(day_of_main(1), scenes=scenes, attempts=[], credits=[], planned=[], balances={}, owed=[])
    assert found.remaining.eighths == 16


@given(
    st.lists(
        st.tuples(
            st.sampled_from([scene.number for scene in SCRIPT]),
            st.integers(1, 4),
            st.sampled_from(list(map(str, Coverage))),
            st.none() | st.integers(0, 40),
            st.none() | st.integers(0, 500),
            st.sampled_from(["Main", "Second"]),
        ),
        max_size=12,
    ),
    st.randoms(),
)
def test_days_do_not_add_up_to_what_people_credited(
    said: list[tuple[str, int, str, int | None, int | None, str]], random: Random
) -> None:
    credits = [a_credit(*one) for one in said]
    asked = Asked(
        None, 4, "", frozenset([("Main", 4), ("Second", 4)]), frozenset(product(["Main", "Second"], [1, 2, 3]))
    )

    def of(given: list[Credit]) -> Totals:
        return totals(asked, scenes=SCRIPT, attempts=[], credits=given, planned=[], balances={}, owed=[])

    found = of(credits)
    assert found.to_date.eighths == sum(eighths or 0 for _, _, _, eighths, _, _ in said)
    assert found.to_date.seconds == sum(seconds or 0 for _, _, _, _, seconds, _ in said)
    complete = {number for number, _, state, *_ in said if state == "complete"}
    started = {number for number, _, state, *_ in said if state != "not started"}
    assert (found.to_date.scenes_complete, found.to_date.scenes_started) == (len(complete), len(started))
    assert found.remaining.scenes == len({"40", "41", "42", "43", "44"} - complete)
    assert 0 <= found.remaining.eighths <= found.script.eighths
    random.shuffle(credits)
    assert of(credits) == found


def a_take(number: str, *runs_s: float, status: Status = Status.CIRCLED, kind: Kind = Kind.NORMAL) -> Take:
    """Rolled for 100 s; each run began 5 s after the roll."""
    return Take(
        id=number,
        unit="Main",
        day=1,
        episode=None,
        scene="42",
        slate="42",
        take=number,
        ordinal=1,
        arrival=1,
        state=State.CUT,
        rate="24",
        rolled_ns=0,
        cut_ns=100 * _NS,
        status=status,
        kind=kind,
        runs=tuple(
            Run(id=str(n), action=None, cut=None, action_ns=5 * _NS, cut_ns=int((5 + length) * _NS))
            for n, length in enumerate(runs_s)
        ),
    )


def test_time_is_proposed_from_the_wrong_run() -> None:
    """The longest whole run of a circled take is take 3's second, 80.6 s: 1:21. On day 1 0:40 and 5/8 were credited."""
    takes = [
        a_take("1", 90.0, status=Status.HOLD),
        a_take("2", 79.0),
        a_take("3", 20.0, 80.6, kind=Kind.SERIES),
        a_take("4", 95.0, kind=Kind.PICKUP),
        a_take("5", 99.0, kind=Kind.FALSE_START),
    ]
    credits = [a_credit("42", 1, "part", 5, 40), a_credit("42", 2, "part", 3, 9), a_credit("41", 1, "part", 4, 7)]
    found = proposal(SCRIPT[2], SCRIPT, credits, takes, on=("Main", 2))
    assert (found.run_s, found.take, found.run_estimated) == (81, "42/3", False)
    assert (found.seconds, found.eighths) == (41, 7)


def test_take_without_action_proposes_nothing() -> None:
    found = proposal(SCRIPT[2], SCRIPT, [], [a_take("1")], on=("Main", 1))
    assert (found.run_s, found.seconds, found.run_estimated) == (100, 100, True)
    nothing = proposal(SCRIPT[4], SCRIPT, [], [], on=("Main", 1))
    assert (nothing.eighths, nothing.seconds, nothing.take) == (None, None, "")


def test_more_is_credited_than_there_is() -> None:
    found = proposal(SCRIPT[1], SCRIPT, [a_credit("41", 1, "part", 9, 500)], [a_take("1", 30.0)], on=("Main", 2))
    assert (found.eighths, found.seconds) == (0, 0)
