"""Which take a still is proposed for, and how a camera's wrong clock is found."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from logging_db.logbook import log_in_memory
from onset.clock import ManualClock
from onset.domain.still import Still, TakenBy
from onset.stills.clocks import correction_of
from onset.stills.place import Shooting, place
from tests.onset.reconcile.shooting import DATE, MIDNIGHT, NS
from tests.onset.reconcile.shooting import Shooting as Day

NINE = 9 * 3600.0


def still(seconds: float, number: int = 1, *, by: TakenBy = TakenBy.EXIF, camera: str = "R6") -> Still:
    """Taken so many seconds after midnight."""
    return Still(
        id="",
        path=f"media/stills/{number}.jpg",
        source_path="",
        digest=f"xxh128:{number:032x}",
        taken_ns=MIDNIGHT + round(seconds * NS),
        taken_by=by,
        camera=camera,
    )


@pytest.fixture
def day(tmp_path: Path) -> Day:
    """42C/1 from 9:00:00 for 40 s, 42C/2 at 9:05:00, 43/1 at 13:00:00."""
    clock = ManualClock(wall_ns=MIDNIGHT, monotonic_ns=NS)
    made = Day(log_in_memory(folder=tmp_path, clock=clock), clock)
    made.log.open_day("Main", 1, DATE)
    made.shoot("42C", NINE)
    made.shoot("42C", NINE + 300)
    made.shoot("43", 13 * 3600)
    return made


def shooting(day: Day) -> Shooting:
    return Shooting(
        takes=day.log.takes(),
        setups={(one.episode, one.slate): one.id for one in day.log.setups()},
        days={DATE: [("Main", 1)]},
    )


def belongs(day: Day, seconds: float) -> tuple[str | None, str | None, str]:
    """Take and slate that a still is proposed for, and why."""
    (placed,) = place([still(seconds)], shooting(day)).stills
    labels = {take.id: take.label for take in day.log.takes()} | {one.id: one.slate for one in day.log.setups()}
    return labels.get(placed.take_id or ""), labels.get(placed.setup_id or ""), placed.evidence


def test_within_a_take_it_is_that_take(day: Day) -> None:
    assert belongs(day, NINE) == ("42C/1", None, "taken 2026-05-29 09:00:00 during 42C/1")
    assert belongs(day, NINE + 40)[0] == "42C/1"
    assert belongs(day, NINE + 300)[0] == "42C/2"


def test_between_takes_it_is_the_take_before_then_the_setup(day: Day) -> None:
    assert belongs(day, NINE + 52) == ("42C/1", None, "taken 2026-05-29 09:00:52, 12 s after the cut of 42C/1")
    assert belongs(day, NINE + 299)[0] == "42C/1"
    assert belongs(day, NINE + 340 + 600)[:2] == ("42C/2", None)
    assert belongs(day, NINE + 340 + 660) == (None, "42C", "taken 2026-05-29 09:16:40, 11 min after the cut of 42C/2")


def test_far_from_every_take_it_is_none(day: Day) -> None:
    assert belongs(day, NINE - 1)[:2] == (None, None)
    assert belongs(day, NINE + 340 + 3 * 3600 + 1)[:2] == (None, None)  # lunch
    assert "no take before it" in belongs(day, NINE - 1)[2]
    (placed,) = place([still(NINE - 1)], shooting(day)).stills
    assert (placed.unit, placed.day) == ("Main", 1)  # by its date
    (other,) = place([still(NINE - 86_400 * 9)], shooting(day)).stills
    assert (other.unit, other.day) == ("", None)


def test_two_units_at_once_are_asked_and_not_guessed(day: Day) -> None:
    there = shooting(day)
    takes = [*there.takes, *(replace(take, id=f"{take.id}-2", unit="Second") for take in there.takes)]
    (placed,) = place([still(NINE + 5)], replace(there, takes=takes)).stills
    assert (placed.take_id, placed.setup_id) == (None, None)
    assert "during 42C/1 of Main and 42C/1 of Second: say which with --unit" in placed.evidence


def test_only_the_unit_whose_take_it_was_is_meant(day: Day) -> None:
    there = shooting(day)
    first = next(take for take in there.takes if take.label == "42C/1")
    later = replace(first, id="2", unit="Second", rolled_ns=first.rolled_ns - 90 * NS, cut_ns=first.rolled_ns - 50 * NS)
    (placed,) = place([still(NINE + 5)], replace(there, takes=[*there.takes, later])).stills
    assert placed.take_id == first.id


def test_take_that_still_rolls_has_its_still(day: Day) -> None:
    take = day.log.roll(day.stamp(14 * 3600))
    assert belongs(day, 14 * 3600 + 20)[0] == take.label


@pytest.mark.parametrize(("by", "said"), [(TakenBy.NAME, "name alone"), (TakenBy.FILE, "which a copy may change")])
def test_weak_clock_is_told_as_weak(day: Day, by: TakenBy, said: str) -> None:
    (placed,) = place([still(NINE + 5, by=by)], shooting(day)).stills
    assert placed.take_id is not None
    assert said in placed.evidence


def test_offset_that_a_person_says_moves_cameras_and_no_file_times(day: Day) -> None:
    camera, file = still(NINE + 5 - 3600), still(NINE + 5 - 3600, 2, by=TakenBy.FILE)
    first, second = place([camera, file], shooting(day), offset_ns=3600 * NS).stills
    assert first.taken_ns == MIDNIGHT + round((NINE + 5) * NS)
    assert first.evidence == "taken 2026-05-29 09:00:05 during 42C/1; its clock corrected by +1:00:00"
    assert (second.taken_ns, second.take_id) == (file.taken_ns, None)


# -- clocks that are off ----------------------------------------------------------------------------------------------


def a_day(draw: random.Random) -> list[tuple[int, int]]:
    """Sixty takes with pauses as they are on set."""
    at, takes = 8 * 3600, []
    for _ in range(60):
        at += draw.choice([60, 90, 150, 200, 300, 600, 1500])
        length = draw.randint(15, 120)
        takes.append((at * NS, (at + length) * NS))
        at += length
    return takes


def stills_of(draw: random.Random, takes: list[tuple[int, int]], count: int, at_takes: float) -> list[int]:
    """So many stills, this part of them at a take or within a minute of its cut, the others at any time of the day."""
    found = []
    for _ in range(count):
        begin, end = draw.choice(takes)
        if draw.random() < at_takes:
            found.append(end + draw.randint(2, 55) * NS if draw.random() < 0.75 else draw.randint(begin, end))
        else:
            found.append(draw.randint(takes[0][0], takes[-1][1]))
    return found


@pytest.mark.parametrize("off_s", [3600, -7200, 300, 7 * 365 * 86_400 + 4321])
def test_wrong_clock_is_found_and_never_a_wrong_offset(off_s: int) -> None:
    found = 0
    for seed in range(40):
        draw = random.Random(seed)
        takes = a_day(draw)
        correction = correction_of([at - off_s * NS for at in stills_of(draw, takes, 24, 0.85)], takes)
        if correction is not None:
            assert abs(correction.offset_ns - off_s * NS) <= 60 * NS
            found += 1
    assert found >= 32  # four in five


@pytest.mark.parametrize(("count", "at_takes"), [(24, 0.85), (8, 0.85), (24, 0.0), (200, 0.3)])
def test_right_clock_is_left_alone(count: int, at_takes: float) -> None:
    for seed in range(40):
        draw = random.Random(seed)
        takes = a_day(draw)
        assert correction_of(stills_of(draw, takes, count, at_takes), takes) is None


def test_stills_that_have_nothing_to_do_with_the_takes_move_no_clock() -> None:
    for seed in range(40):
        draw = random.Random(seed)
        takes = a_day(draw)
        assert correction_of([at - 3600 * NS for at in stills_of(draw, takes, 24, 0.0)], takes) is None


def test_zone_is_corrected_to_the_second() -> None:
    draw = random.Random(7)
    takes = a_day(draw)
    correction = correction_of([at + 3600 * NS for at in stills_of(draw, takes, 40, 1.0)], takes)
    assert correction is not None
    assert correction.offset_ns == -3600 * NS
    assert (correction.fit, correction.of) == (40, 40)


def test_few_stills_or_no_takes_are_no_vote() -> None:
    draw = random.Random(7)
    takes = a_day(draw)
    moved = [at - 3600 * NS for at in stills_of(draw, takes, 40, 1.0)]
    assert correction_of(moved[:5], takes) is None
    assert correction_of(moved, []) is None
    assert correction_of([], takes) is None


def test_each_camera_votes_for_itself(day: Day) -> None:
    draw = random.Random(3)
    spans = a_day(draw)
    takes = [
        replace(shooting(day).takes[0], id=f"{n}", rolled_ns=MIDNIGHT + begin, cut_ns=MIDNIGHT + end)
        for n, (begin, end) in enumerate(spans)
    ]
    times = stills_of(draw, spans, 40, 1.0)
    stills = [still(at / NS - 3600, n, camera="phone") for n, at in enumerate(times)]
    stills += [still(at / NS, 100 + n, camera="R6") for n, at in enumerate(times)]
    placed = place(stills, replace(shooting(day), takes=takes))
    assert {camera: one.offset_ns for camera, one in placed.corrections.items()} == {"phone": 3600 * NS}
    phone, other = placed.stills[:40], placed.stills[40:]
    assert [one.take_id for one in phone] == [one.take_id for one in other]
    assert all("corrected by +1:00:00" in one.evidence for one in phone)
