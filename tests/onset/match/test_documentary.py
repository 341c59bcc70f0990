"""Clips that nobody logged: what must come together, and above all what must not."""

from __future__ import annotations

from dataclasses import replace
from random import Random

import pytest

from onset.match.documentary import Together, takes_of
from onset.match.found import FoundClock
from onset.match.observed import Medium, Side
from tests.onset.match.simulated_day import simulate

# When somebody called "roll", and for how long: seconds of the day.
ROLLED = ((36_000, 60), (36_200, 95), (36_500, 40), (37_100, 300), (38_000, 75), (39_500, 130))


def clip(device: str, number: int, start_s: float | None, length_s: float | None, *, card: str = "") -> Medium:
    side = Side.SOUND if device == "MIX" else Side.PICTURE
    name = f"{device}001C{number:03d}"
    return Medium(
        id=f"{name}{card}", side=side, device=device, card=card or f"{device}1", name=name,
        start_s=start_s, length_s=length_s,
    )  # fmt: skip


def rolled(device: str, off_s: float = 0.0, wobble: int = 0) -> list[Medium]:
    """That device's files of all the calls; people are up to a second late, each device in another way."""
    late = Random(f"{device} {wobble}")
    return [
        clip(device, number, (start + off_s + late.uniform(0, 1)) % 86_400, length + late.uniform(0, 1))
        for number, (start, length) in enumerate(ROLLED, 1)
    ]


def sets(takes: tuple[Together, ...]) -> set[frozenset[str]]:
    return {frozenset(take.media) for take in takes}


CALLS = {frozenset({f"A001C{number:03d}", f"B001C{number:03d}"}) for number in range(1, len(ROLLED) + 1)}
ALONE = {frozenset({f"{device}001C{number:03d}"}) for device in "AB" for number in range(1, len(ROLLED) + 1)}


@pytest.mark.parametrize("off_s", [0.0, 37.2, -3_600.0, 50_000.0])
def test_two_cameras_with_a_constant_offset(off_s: float) -> None:
    takes = takes_of([*rolled("A"), *rolled("B", off_s)])
    assert sets(takes) == CALLS
    assert [take.name for take in takes] == [f"A001C{number:03d}" for number in range(1, 7)]
    assert all("6 files start and end together" in take.evidence for take in takes)


def test_midnight_between_two_takes_and_within_one() -> None:
    later = 86_400 - 37_200  # the fourth call crosses midnight
    a = [replace(each, start_s=((each.start_s or 0) + later) % 86_400) for each in rolled("A")]
    b = [replace(each, start_s=((each.start_s or 0) + later) % 86_400) for each in rolled("B")]
    assert sets(takes_of([*a, *b])) == CALLS


def test_clocks_that_nothing_proves_stay_apart() -> None:
    """Three takes at an odd offset could be chance, and two operators who roll when they like prove nothing."""
    assert len(takes_of([*rolled("A")[:3], *rolled("B", 500)[:3]])) == 6
    random = Random(8)
    a = [clip("A", number, random.uniform(30_000, 60_000), random.uniform(20, 200)) for number in range(12)]
    b = [clip("B", number, random.uniform(30_000, 60_000), random.uniform(20, 200)) for number in range(12)]
    assert all(len(take.media) == 1 for take in takes_of([*a, *b]))


@pytest.mark.parametrize("midnight_s", [0, 86_400 - 36_210])
def test_three_takes_of_a_small_day_of_jammed_clocks(midnight_s: int) -> None:
    """The mixer rolls some seconds before, another time each: no offset is proved, and none is needed."""
    camera = [replace(each, start_s=((each.start_s or 0) + midnight_s) % 86_400) for each in rolled("A")[:3]]
    sound = [
        replace(one, id=f"MIX{number}", side=Side.SOUND, device="MIX", card="MIX1", name=f"MIX{number}",
                start_s=((one.start_s or 0) - early) % 86_400, length_s=(one.length_s or 0) + early + 3)
        for number, (one, early) in enumerate(zip(camera, (4.0, 13.0, 8.5), strict=True), 1)
    ]  # fmt: skip
    takes = takes_of([*camera, *sound])
    assert sets(takes) == {frozenset({f"A001C{number:03d}", f"MIX{number}"}) for number in (1, 2, 3)}
    assert takes[0].evidence == "A and MIX agree on the time of day, by 3 files of each"


def test_one_file_of_each_is_one_take_only_where_both_started_together() -> None:
    one, near = clip("A", 1, 36_000, 60), clip("MIX", 1, 35_990, 75)
    assert [take.media for take in takes_of([one, near])] == [("A001C001", "MIX001C001")]
    assert len(takes_of([one, replace(near, start_s=35_980)])) == 2, "more than a mixer's head start"
    assert len(takes_of([one, replace(near, length_s=500)])) == 2, "sound that runs on proves no clock"
    assert len(takes_of([one, near, clip("MIX", 2, 40_000, 75)])) == 3, "one of several can be chance"


def test_an_offset_that_more_files_speak_for_is_no_jam() -> None:
    """Two of three overlap as the clocks stand, but all three of them fit at 100 s: which is right cannot be told."""
    a = [clip("A", number, 36_000 + 100 * number, 60) for number in range(3)]
    b = [clip("B", number, 36_100 + 100 * number, 60) for number in range(3)]
    assert all(len(take.media) == 1 for take in takes_of([*a, *b]))


def test_takes_as_regular_as_a_clock_fit_several_offsets() -> None:
    """Chapters of ten minutes each fit the neighbour as well: which offset is right cannot be told."""
    a = [clip("A", number, 36_000 + 700 * number, 600) for number in range(8)]
    b = [clip("B", number, 36_350 + 700 * number, 600) for number in range(8)]
    assert all(len(take.media) == 1 for take in takes_of([*a, *b]))


@pytest.mark.parametrize("cards_restart", [True, False])
def test_labels_that_count_only_while_rolling_say_nothing(cards_restart: bool) -> None:
    counted, run = 36_000.0, list[Medium]()
    for number, (_, length) in enumerate(ROLLED * 2, 1):
        if cards_restart and number == 7:
            counted = 36_000.0
        run.append(clip("B", number, counted, length, card="B1" if number < 7 else "B2"))
        counted += length
    takes = takes_of([*rolled("A"), *run])
    assert all(len(take.media) == 1 for take in takes)
    assert len(takes) == 18


def test_chapters_of_one_long_recording_are_not_taken_for_rec_run() -> None:
    chapters = [clip("B", 10, 40_000, 600), clip("B", 11, 40_600, 600), clip("B", 12, 41_200, 200)]
    assert sets(takes_of([*rolled("A"), *rolled("B"), *chapters])) >= CALLS


def test_clock_that_the_log_has_proved() -> None:
    """Two clips would prove nothing, but logged takes have told both clocks."""
    clocks = [
        FoundClock(
            device=device, side=Side.PICTURE, card="", offset_s=off, ratio_name="1", drift_ppm=None, pairs=9, of=9,
            spread_s=0.5, from_s=30_000, to_s=50_000,
        )
        for device, off in (("A", 0.0), ("B", 500.0))
    ]  # fmt: skip
    media = [*rolled("A")[:2], *rolled("B", 500)[:2]]
    assert len(takes_of(media)) == 4
    takes = takes_of(media, clocks)
    assert sets(takes) == {frozenset({"A001C001", "B001C001"}), frozenset({"A001C002", "B001C002"})}
    assert takes[0].evidence == "each device's clock is known from the log"
    assert sets(takes_of(media, clocks[:1])) == {frozenset({each.id}) for each in media}


def test_sound_that_runs_on_is_in_each_take_and_unites_none() -> None:
    long = [clip("MIX", 90, 35_990, 600)]
    takes = takes_of([*rolled("A"), *rolled("MIX"), *long])
    first = takes[0]
    assert set(first.media) == {"A001C001", "MIX001C001", "MIX001C090"}
    assert first.picture
    assert first.sound
    assert sum("MIX001C090" in take.media for take in takes) == 3
    assert len(takes) == 6


def test_sound_without_picture_is_a_take() -> None:
    atmosphere = clip("MIX", 50, 50_000, 120)
    takes = takes_of([*rolled("A"), *rolled("MIX"), atmosphere])
    assert takes[-1] == Together(
        media=("MIX001C050",), name="MIX001C050", start_s=50_000, length_s=120, picture=False, sound=True
    )


def test_camera_that_goes_on_holds_one_take_together() -> None:
    media = [*rolled("A"), *rolled("B")]
    media[6] = replace(media[6], length_s=320.0)  # B is not cut between the first call and the second
    del media[7]
    assert frozenset({"A001C001", "A001C002", "B001C001"}) in sets(takes_of(media))


def test_clips_that_only_touch_are_two_takes() -> None:
    media = [*rolled("A"), *rolled("B"), clip("A", 20, 45_000, 60), clip("B", 20, 45_055, 60)]
    found = sets(takes_of(media))
    assert {frozenset({"A001C020"}), frozenset({"B001C020"})} <= found


def test_pre_record_moves_no_clock() -> None:
    sound = [
        replace(each, start_s=(each.start_s or 0) - 10, length_s=(each.length_s or 0) + 10, ahead_s=10)
        for each in rolled("MIX")
    ]
    takes = takes_of([*rolled("A"), *sound])
    assert all(len(take.media) == 2 for take in takes)


def test_order_of_arrival_changes_nothing() -> None:
    media = [*rolled("A"), *rolled("B", 37), *rolled("MIX", -10), clip("", 1, 100.0, 5.0, card="x")]
    expected = takes_of(media)
    for seed in range(5):
        Random(seed).shuffle(media)
        assert takes_of(media) == expected


@pytest.mark.parametrize(
    "bad",
    [
        clip("A", 7, None, 30), clip("A", 7, 100, None), clip("A", 7, 100, 0), clip("A", 7, 100, -5),
        clip("A", 7, 1e9, 1e9), clip("", 7, 36_000, 60),
    ],
)  # fmt: skip
def test_file_without_a_usable_time_stands_alone(bad: Medium) -> None:
    takes = takes_of([*rolled("A"), *rolled("B"), bad])
    assert sets(takes) == CALLS | {frozenset({bad.id})}


def test_nothing_in_nothing_out() -> None:
    assert takes_of([]) == ()


@pytest.mark.parametrize(
    "fault", ["none", "B off 15-240 s", "never jammed", "midnight", "B jumps 8 s", "A rec run, cards restart"]
)
def test_simulated_day_without_its_log(fault: str) -> None:
    """Nothing is brought together that was not shot together, and on days with sound clocks nearly all is."""
    for seed in range(4):
        day = simulate(seed, fault)
        takes_of_medium: dict[str, set[str]] = {}
        for take, medium in day.truth:
            takes_of_medium.setdefault(medium, set()).add(take)
        shared = united = 0
        for proposed in takes_of(day.observed.media):
            known = [takes_of_medium[each] for each in proposed.media if each in takes_of_medium]
            reach = set(known[0]) if known else set()
            for _ in known:
                reach |= {each for other in known if reach & other for each in other}
            assert all(reach & each for each in known), f"{seed}: {proposed}"
            united += len(known) > 1
            shared += 1
        if fault in ("none", "B off 15-240 s", "never jammed", "midnight"):
            assert united > 0.6 * shared
