"""Wrong clocks, one at a time, on short days made by hand: none may put a clip beside another take."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.match.observed import Observed
from tests.onset.match.small_day import LENGTHS, ROLLS, TEN, clip, match, pairs, sound, straight, takes


@pytest.mark.parametrize("off_s", [0.0, 37.2, -180.0, 3600.0, -7200.0, 8 * 3600.0, 50_000.7])
def test_offset_of_seconds_hours_or_never_jammed(off_s: float) -> None:
    found = match(Observed(takes=tuple(takes()), media=tuple(clip(n, off_s=off_s) for n in range(14))))
    assert pairs(found, asked=False) == straight(14)
    (clock,) = found.clocks
    assert (clock.offset_s - off_s - 0.3 + 43_200) % 86_400 - 43_200 == pytest.approx(0.0, abs=0.5)
    assert (clock.pairs, clock.of, clock.rec_run) == (14, 14, False)


@pytest.mark.parametrize(("name", "ratio"), [("1000/1001", 1000 / 1001), ("1001/1000", 1001 / 1000)])
def test_rate_that_differs_by_a_thousandth(name: str, ratio: float) -> None:
    """Over ten hours that is 36 s: one offset alone fits a seventh of the takes."""
    logged = [
        replace(take, wall_s=at, wall_end_s=at + length, label_s=at, label_end_s=at + length)
        for number, take in enumerate(takes(20))
        for length in [LENGTHS[number]]
        for at in [TEN + ROLLS[number] * 9.0]
    ]
    media = [
        replace(clip(number), start_s=(TEN + ROLLS[number] * 9.0 + 0.3) * ratio, length_s=LENGTHS[number] + 0.7)
        for number in range(20)
    ]
    found = match(Observed(takes=tuple(logged), media=tuple(media)))
    assert pairs(found, asked=False) == straight(20)
    assert [clock.ratio_name for clock in found.clocks] == [name]


def test_clock_that_drifts() -> None:
    logged = [replace(take, wall_s=(at := TEN + ROLLS[n] * 9.0), wall_end_s=at + LENGTHS[n], label_s=None)
              for n, take in enumerate(takes(20))]  # fmt: skip
    media = [replace(clip(n), start_s=TEN + ROLLS[n] * 9.0 * (1 + 100e-6)) for n in range(20)]
    found = match(Observed(takes=tuple(logged), media=tuple(media)))
    assert pairs(found, asked=False) == straight(20)
    (clock,) = found.clocks
    assert clock.drift_ppm == pytest.approx(100, abs=15)


def test_jump_within_a_card() -> None:
    media = [clip(n, off_s=0.0 if n < 7 else 25.0) for n in range(14)]
    found = match(Observed(takes=tuple(takes()), media=tuple(media)))
    assert pairs(found, asked=False) == straight(14)
    assert [round(clock.offset_s) for clock in found.clocks] == [0, 25]


def test_log_over_midnight_that_starts_again_at_zero() -> None:
    logged = takes(14, start_s=86_400 - 1_000)
    wrapped = [
        replace(take, wall_s=take.wall_s % 86_400, wall_end_s=(take.wall_end_s or 0) % 86_400,
                label_s=(take.label_s or 0) % 86_400, label_end_s=None)
        for take in logged
    ]  # fmt: skip
    media = tuple(clip(n, start_s=86_400 - 1_000) for n in range(14))
    for observed in (logged, wrapped):
        found = match(Observed(takes=tuple(observed), media=media))
        assert pairs(found, asked=False) == straight(14)
        assert found.links[0].take_id == "t00", "the evening comes before the night"


@pytest.mark.parametrize("zone_s", [0.0, -6.5 * 3600, 9 * 3600.0])
def test_dusk_is_taken_for_the_night_before_dawn(zone_s: float) -> None:
    """Half a day without a take is longer than the night: on record run only the order of the takes is left."""
    logged = []
    for n, take in enumerate(takes(start_s=6 * 3600.0 + zone_s)):
        dusk = 13 * 3600.0 if n >= 7 else 0.0
        at = take.wall_s + dusk
        logged.append(replace(take, wall_s=at, wall_end_s=at + LENGTHS[n], label_s=None, label_end_s=None))
    counted = [3_600.0 + sum(LENGTHS[:n]) + 0.7 * n for n in range(14)]
    media = tuple(replace(clip(n), start_s=counted[n]) for n in range(14))
    found = match(Observed(takes=tuple(logged), media=media))
    assert pairs(found, asked=False) == straight(14)


def test_labels_of_two_sources_are_two_clocks() -> None:
    logged = [
        take if n < 8 else replace(take, label_s=(take.label_s or 0) + 4_000, label_source="clock")
        for n, take in enumerate(takes())
    ]
    found = match(Observed(takes=tuple(logged), media=tuple(clip(n) for n in range(14))))
    assert pairs(found, asked=False) == straight(14)


def test_wrong_clock_of_the_log_that_its_labels_share() -> None:
    logged = [
        replace(take, wall_s=take.wall_s - 95, wall_end_s=(take.wall_end_s or 0) - 95,
                label_s=(take.label_s or 0) - 95, label_source="clock")
        for take in takes()
    ]  # fmt: skip
    found = match(Observed(takes=tuple(logged), media=tuple(clip(n) for n in range(14))))
    assert pairs(found, asked=False) == straight(14), "the second take rolls 95 s after the first"


def test_card_with_two_clips_proves_nothing_alone() -> None:
    """Takes 0 and 1 are 95 s apart; other takes are too, nearly: only a neighbour's clock tells which."""
    few = [clip(n, off_s=1234.5, card="card 2", reel="A015") for n in (0, 1)]
    alone = match(Observed(takes=tuple(takes()), media=tuple(few)))
    assert pairs(alone, asked=False) == set()
    rest = [clip(n, off_s=1234.5) for n in range(2, 14)]
    together = match(Observed(takes=tuple(takes()), media=(*few, *rest)))
    assert pairs(together, asked=False) == straight(14)


def test_first_clip_of_a_jammed_camera_needs_no_neighbour() -> None:
    found = match(Observed(takes=tuple(takes(1)), media=(clip(0),)))
    assert pairs(found, asked=False) == {("t00", "A00")}


def test_days_on_which_every_take_is_alike() -> None:
    """One a minute, all half a minute long: a shift by one fits all but one, so nobody can tell."""
    logged = [replace(take, wall_s=TEN + 60 * n, wall_end_s=TEN + 60 * n + 30, label_s=None)
              for n, take in enumerate(takes(12))]  # fmt: skip
    media = [clip(n, start_s=0, length_s=30.5) for n in range(12)]
    media = [replace(medium, start_s=50_000.0 + 60 * n) for n, medium in enumerate(media)]
    assert pairs(match(Observed(takes=tuple(logged), media=tuple(media[:-1]))), asked=False) == set()


@pytest.mark.parametrize("ahead_s", [0.0, 10.0])
def test_sound_that_keeps_what_was_before_its_key(ahead_s: float) -> None:
    """Declared or not, the ten seconds are the same in every file."""
    media = [
        sound(n, off_s=-10.0, ahead_s=ahead_s, length_s=LENGTHS[n] + 15.0)
        for n in range(14)
    ]  # fmt: skip
    found = match(Observed(takes=tuple(takes()), media=tuple(media)))
    assert pairs(found, asked=False) == {(f"t{n:02d}", f"s{n:02d}") for n in range(14)}


def run_labels(numbers: range, begin_s: float = 3600.0) -> list[float]:
    labels = [begin_s]
    for number in numbers:
        labels.append(labels[-1] + LENGTHS[number] + 0.7)
    return labels


def test_record_run_goes_by_order_and_length() -> None:
    labels = run_labels(range(20))
    media = [clip(n, start_s=0) for n in range(20)]
    media = [replace(medium, start_s=labels[n]) for n, medium in enumerate(media)]
    found = match(Observed(takes=tuple(takes(20)), media=tuple(media)))
    assert pairs(found) == straight(20)
    assert len(pairs(found, asked=False)) >= 18
    assert [clock.rec_run for clock in found.clocks] == [True]


def test_record_run_of_takes_that_are_all_alike_is_open() -> None:
    """Two clips too few, all takes of one length: any two may be the missing ones."""
    logged = [replace(take, wall_s=TEN + 60 * n, wall_end_s=TEN + 60 * n + 30, label_s=None)
              for n, take in enumerate(takes(12))]  # fmt: skip
    media = [replace(clip(n), start_s=3600 + 30.5 * n, length_s=30.5) for n in range(10)]
    assert pairs(match(Observed(takes=tuple(logged), media=tuple(media))), asked=False) == set()


def test_record_run_with_a_card_whose_reel_sorts_elsewhere() -> None:
    first, second = run_labels(range(10)), run_labels(range(10, 20))
    media = [replace(clip(n), start_s=first[n], card="late name", reel="A900") for n in range(10)]
    media += [replace(clip(n), start_s=second[n - 10], card="early name", reel="A001") for n in range(10, 20)]
    found = match(Observed(takes=tuple(takes(20)), media=tuple(media)))
    assert pairs(found, asked=False) <= straight(20)
    assert len(pairs(found, asked=False)) >= 16
