"""Clips and takes that are not one to one, words against times, rulings, and input that nobody should send."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from onset.domain.camera import LinkState
from onset.match.found import Evidence, Found
from onset.match.observed import CameraSays, Medium, Observed, Ruling, Said, Side
from onset.match.solve import Matcher
from tests.onset.match.small_day import LENGTHS, ROLLS, TEN, clip, link, match, pairs, sound, straight, takes

FULL = tuple(clip(n) for n in range(14))


def without(*numbers: int) -> tuple[Medium, ...]:
    return tuple(medium for n, medium in enumerate(FULL) if n not in numbers)


def test_clip_of_no_take_between_two() -> None:
    bumped = replace(FULL[4], id="stray", number=99, start_s=TEN + 600, length_s=6.0)
    found = match(Observed(takes=tuple(takes()), media=(*FULL, bumped)))
    assert pairs(found) == straight(14)
    assert [each.medium_id for each in found.unmatched if each.medium_id] == ["stray"]


def test_take_that_no_camera_rolled() -> None:
    found = match(Observed(takes=tuple(takes(cameras=("A",))), media=without(5)))
    assert pairs(found, asked=False) == straight(14) - {("t05", "A05")}
    assert [(each.take_id, each.device) for each in found.unmatched] == [("t05", "A")]


def test_camera_of_which_nothing_is_here() -> None:
    found = match(Observed(takes=tuple(takes(2)), media=(clip(0), clip(1))))
    assert {(each.take_id, each.device) for each in found.unmatched} == {("t00", "B"), ("t01", "B")}


def test_row_that_is_missing_in_the_log() -> None:
    logged = [take for n, take in enumerate(takes()) if n != 6]
    found = match(Observed(takes=tuple(logged), media=FULL))
    assert pairs(found) == straight(14) - {("t06", "A06")}


def test_camera_that_rolls_through_two_takes() -> None:
    through = replace(FULL[4], length_s=ROLLS[5] - ROLLS[4] + LENGTHS[5] + 0.7)
    found = match(Observed(takes=tuple(takes()), media=(*without(4, 5), through)))
    assert pairs(found, asked=False) == straight(14) - {("t05", "A05")} | {("t05", "A04")}


def test_camera_cut_and_rolled_again_in_one_take() -> None:
    begin = float(FULL[3].start_s or 0)
    first = replace(FULL[3], length_s=40.0)
    second = replace(FULL[3], id="again", name="A014C099", number=99, start_s=begin + 44.0, length_s=46.7)
    found = match(Observed(takes=tuple(takes()), media=(*without(3), first, second)))
    assert pairs(found, asked=False) == straight(14) | {("t03", "again")}


def test_camera_that_joins_late() -> None:
    late = replace(FULL[3], start_s=float(FULL[3].start_s or 0) + 35.0, length_s=LENGTHS[3] + 0.7 - 35.0)
    found = match(Observed(takes=tuple(takes()), media=(*without(3), late)))
    assert ("t03", "A03") in pairs(found, asked=False)
    logged = takes()
    logged[3] = replace(logged[3], cameras={"A": CameraSays(late_s=35.0)})
    found = match(Observed(takes=tuple(logged), media=(*without(3), late)))
    assert "start 0.0 s apart" in link(found, "t03", "A03").evidence, "on the camera's own clock it is where it should"


def test_clip_at_another_speed() -> None:
    slow = replace(FULL[3], length_s=(LENGTHS[3] + 0.7) * 4)
    found = match(Observed(takes=tuple(takes()), media=(*without(3), slow)))
    assert pairs(found, asked=False) == straight(14), "it overlaps the next two takes, which have clips of their own"


def test_wild_track_and_mos() -> None:
    logged = takes()
    logged[2] = replace(logged[2], picture=False, slate="42WT", take="1")
    logged[7] = replace(logged[7], sound=False)
    media = (*without(2), *(sound(n) for n in range(14) if n != 7))
    found = match(Observed(takes=tuple(logged), media=media))
    expected = straight(14) - {("t02", "A02")} | {(f"t{n:02d}", f"s{n:02d}") for n in range(14) if n != 7}
    assert pairs(found, asked=False) == expected
    assert {(each.take_id, each.device) for each in found.unmatched} == {
        (f"t{n:02d}", "B") for n in range(14) if n != 2
    }


def test_take_typed_afterwards_has_no_time_to_go_by() -> None:
    logged = takes()
    logged[5] = replace(logged[5], wall_s=logged[4].wall_s, measured=False)
    found = match(Observed(takes=tuple(logged), media=without(5)))
    assert pairs(found) == straight(14) - {("t05", "A05")}


def test_file_that_agrees_confirms() -> None:
    media = [sound(n, scene="42c" if n < 7 else "42 D", take=f"0{n % 7 + 1}") for n in range(14)]
    found = match(Observed(takes=tuple(takes()), media=tuple(media)))
    assert {each.state for each in found.links} == {LinkState.CONFIRMED}
    assert link(found, "t03", "s03").kinds == {Evidence.TIME, Evidence.NAME}


def test_file_that_says_another_take_is_a_question_that_names_both() -> None:
    media = [sound(n) for n in range(14)]
    media[3] = replace(media[3], scene="42C", take="5")
    found = match(Observed(takes=tuple(takes()), media=tuple(media)))
    asked = link(found, "t03", "s03")
    assert asked.state is LinkState.PROPOSED
    assert asked.question is not None
    assert "42C take 5" in asked.question
    assert "42C take 4" in asked.question
    assert len(pairs(found, asked=False)) == 13


def test_slate_that_was_wrong_and_logged_so_agrees() -> None:
    logged = takes()
    logged[3] = replace(logged[3], slated_as="42C/3")
    media = [sound(n) for n in range(14)]
    media[3] = replace(media[3], scene="42C", take="3")
    found = match(Observed(takes=tuple(logged), media=tuple(media)))
    assert link(found, "t03", "s03").state is LinkState.CONFIRMED


def said(take: int, name: str, **changes: object) -> Said:
    logged = takes()[take]
    row = Said(side=Side.PICTURE, device="A", slate=logged.slate, take=logged.take, name=name)
    return replace(row, **changes)  # type: ignore[arg-type]  # fields of a row


@pytest.mark.parametrize("name", ["A014C004", "a_0014c0004", "A014C004_260930_R2KD.mov", "C004"])
def test_report_that_names_the_clip_in_another_spelling(name: str) -> None:
    found = match(Observed(takes=tuple(takes()), media=FULL, said=(said(3, name, roll="A14"),)))
    assert link(found, "t03", "A03").state is LinkState.CONFIRMED, name
    assert pairs(found, asked=True) == set()


def test_report_that_names_the_neighbour_is_asked_on_both() -> None:
    found = match(Observed(takes=tuple(takes()), media=FULL, said=(said(3, "A014C005"),)))
    assert pairs(found, asked=True) == {("t03", "A03"), ("t04", "A04")}
    assert "A014C005" in (link(found, "t03", "A03").question or "")


def test_two_cards_of_one_name() -> None:
    again = [replace(clip(n), id=f"2-{n}", card="second", name=FULL[n - 7].name) for n in range(7, 14)]
    rows = tuple(said(n, FULL[n % 7].name) for n in range(14))
    found = match(Observed(takes=tuple(takes()), media=(*FULL[:7], *again), said=rows))
    assert pairs(found, asked=False) == straight(7) | {(f"t{n:02d}", f"2-{n}") for n in range(7, 14)}


def test_wrong_roll_typed_is_told_where_the_clock_is_certain() -> None:
    logged = [replace(take, cameras={"A": CameraSays(roll="A013")}) for take in takes()]
    found = match(Observed(takes=tuple(logged), media=FULL))
    assert pairs(found, asked=False) == straight(14)
    assert "A013" in link(found, "t03", "A03").evidence


def test_what_a_person_said_stands() -> None:
    rulings = (
        Ruling(take_id="t03", medium_id="A04", belongs=True),
        Ruling(take_id="t07", medium_id="A07", belongs=False),
    )
    found = match(Observed(takes=tuple(takes()), media=FULL, rulings=rulings))
    ruled = link(found, "t03", "A04")
    assert (ruled.state, ruled.method, ruled.question) == (LinkState.CONFIRMED, Evidence.CLAIM, None)
    assert ("t04", "A04") not in pairs(found)
    assert ("t07", "A07") not in pairs(found)
    assert straight(14) - {("t03", "A03"), ("t04", "A04"), ("t07", "A07")} <= pairs(found)


def test_word_of_a_person_settles_which_way_a_pair_of_clips_lies() -> None:
    few = [clip(n, off_s=1234.5) for n in (0, 1, 2)]
    rulings = (Ruling(take_id="t01", medium_id="A01", belongs=True),)
    found = match(Observed(takes=tuple(takes()), media=tuple(few), rulings=rulings))
    assert pairs(found, asked=False) == straight(3)


def test_ruling_about_what_is_not_here() -> None:
    rulings = (
        Ruling(take_id="gone", medium_id="A01", belongs=True),
        Ruling(take_id="t01", medium_id="?", belongs=True),
    )
    assert pairs(match(Observed(takes=tuple(takes()), media=FULL, rulings=rulings))) == straight(14)


def test_card_of_no_camera() -> None:
    reel_tells = [clip(n, device="B", card="?", off_s=3.0) for n in range(14)]
    reel_tells = [replace(medium, device="") for medium in reel_tells]
    found = match(Observed(takes=tuple(takes()), media=tuple(reel_tells)))
    assert pairs(found, asked=False) == straight(14, "B")
    assert {each.camera for each in found.links} == {"B"}
    nothing_tells = [replace(medium, reel="", name=f"clip {n}") for n, medium in enumerate(reel_tells)]
    found = match(Observed(takes=tuple(takes()), media=tuple(nothing_tells)))
    assert pairs(found, asked=False) == set()
    assert pairs(found, asked=True) == straight(14, "B")


def test_files_without_any_time_go_by_what_they_say() -> None:
    media = [
        sound(n, length_s=None, scene="42C" if n < 7 else "42D", take=str(n % 7 + 1), ahead_s=0.0) for n in range(14)
    ]
    media = [replace(medium, start_s=None) for medium in media]
    found = match(Observed(takes=tuple(takes()), media=tuple(media)))
    assert {(f"t{n:02d}", f"s{n:02d}") for n in range(14)} == pairs(found)


EMPTY = Found()


def test_nothing_at_all() -> None:
    assert match(Observed(takes=())) == EMPTY
    assert pairs(match(Observed(takes=(), media=FULL))) == set()
    assert pairs(match(Observed(takes=tuple(takes())))) == set()


@pytest.mark.parametrize("length_s", [-5.0, 0.0, None, 1e9])
@pytest.mark.parametrize("start_s", [None, 0.0, -50.0, 1e9])
def test_absurd_starts_and_lengths(length_s: float | None, start_s: float | None) -> None:
    odd = replace(FULL[3], start_s=start_s, length_s=length_s)
    found = match(Observed(takes=tuple(takes()), media=(*without(3), odd)))
    assert straight(14) - {("t03", "A03")} <= pairs(found, asked=False)


@pytest.mark.parametrize("changes", [
    {"wall_end_s": TEN - 4_000}, {"wall_end_s": None}, {"label_s": None}, {"label_s": -1e6}, {"wall_s": 1e7},
    {"slate": "", "take": ""}, {"slated_as": "nonsense"}, {"slated_as": "/"},
])  # fmt: skip
def test_absurd_takes(changes: dict[str, object]) -> None:
    logged = takes()
    logged[3] = replace(logged[3], **changes)  # type: ignore[arg-type]  # fields of a take
    found = match(Observed(takes=tuple(logged), media=FULL))
    others = {pair for pair in pairs(found, asked=False) if pair[0] != "t03"}
    assert others == straight(14) - {("t03", "A03")}


def test_ten_thousand_clips_end_within_seconds() -> None:
    media = tuple(
        replace(clip(n % 14, off_s=n % 977 * 31.0), id=f"m{n}", number=n, card=f"card {n % 40}") for n in range(10_000)
    )
    begun = time.perf_counter()
    match(Observed(takes=tuple(takes(20)), media=media))
    assert time.perf_counter() - begun < 20


def test_warm_matcher_after_a_take_a_report_and_a_ruling_changed() -> None:
    day = Observed(takes=tuple(takes(13)), media=FULL)
    later = [
        replace(day, takes=tuple(takes(14))),
        replace(day, takes=tuple(takes(14)), said=(said(3, "A014C005"),)),
        replace(day, takes=tuple(takes(14)), rulings=(Ruling(take_id="t03", medium_id="A03", belongs=False),)),
        day,
    ]
    matcher = Matcher()
    for each in (day, *later):
        assert matcher.match(each) == match(each)


def test_report_of_no_device_about_another_camera() -> None:
    rows = (said(3, "B014C004", device=""), said(4, "A014C005", device=""))
    media = (*FULL, *(clip(n, device="B") for n in range(14)))
    found = match(Observed(takes=tuple(takes()), media=media, said=rows))
    assert pairs(found, asked=True) == set()
    assert {each.medium_id for each in found.links if each.state is LinkState.CONFIRMED} == {"B03", "A04"}


def test_report_that_names_a_file_that_is_not_here() -> None:
    found = match(Observed(takes=tuple(takes()), media=FULL, said=(said(3, "A014C077"),)))
    assert pairs(found, asked=True) == {("t03", "A03")}


def test_second_recorder_that_was_off_is_not_missed() -> None:
    media = (*(sound(n) for n in range(14)), *(replace(sound(n), id=f"b{n}", device="BACKUP") for n in range(5)))
    found = match(Observed(takes=tuple(takes(cameras=())), media=media))
    assert found.unmatched == ()
    assert len(pairs(found, asked=False)) == 19


def test_recorder_that_splits_its_files() -> None:
    """Four gigabytes, then the next file: the last one may be a second long."""
    begin, length = float(FULL[3].start_s or 0), LENGTHS[3] + 0.7
    sizes = (40.0, 45.0, length - 85.0)
    split = [
        replace(FULL[3], id=f"piece {n}", name=f"A014C004_{n}", start_s=begin + sum(sizes[:n]), length_s=size)
        for n, size in enumerate(sizes)
    ]
    found = match(Observed(takes=tuple(takes()), media=(*without(3), *split)))
    assert pairs(found, asked=False) == straight(14) - {("t03", "A03")} | {("t03", f"piece {n}") for n in range(3)}


@pytest.mark.parametrize(("scene", "take"), [("42-C", "T4"), ("42_c", "04"), ("042 C", "Take 4")])
def test_file_that_spells_the_slate_as_the_recorder_let_it(scene: str, take: str) -> None:
    media = [sound(n) for n in range(14)]
    media[3] = replace(media[3], scene=scene, take=take)
    found = match(Observed(takes=tuple(takes()), media=tuple(media)))
    assert link(found, "t03", "s03").state is LinkState.CONFIRMED


def test_report_that_repeats_what_the_file_says_overrules_its_time() -> None:
    """The mixer forgot to type the next take; the recorder's own report says the same twice, the clock does not."""
    logged = takes()
    files = [sound(n, scene=logged[n].slate, take=logged[n].take) for n in range(14)]
    forgotten = replace(files[3], id="stray", name="261121_099", number=99, start_s=TEN + 5_000.0)
    said = [
        Said(side=Side.SOUND, device="MIX", slate=each.scene, take=each.take, name=each.name)
        for each in (*files, forgotten)
    ]
    found = match(Observed(takes=tuple(logged), media=(*files, forgotten), said=tuple(said)))
    one = link(found, "t03", "stray")
    assert (one.state, one.question) == (LinkState.PROPOSED, "its time fits no take")
    assert ("t03", "s03") in pairs(found, asked=False)


def test_names_and_a_report_stand_where_the_time_of_the_take_is_from_memory() -> None:
    logged = takes()
    logged[3] = replace(logged[3], measured=False, wall_s=TEN + 9_000.0, wall_end_s=None, label_s=None)
    files = [sound(n, scene=logged[n].slate, take=logged[n].take) for n in range(14)]
    said = Said(side=Side.SOUND, device="MIX", slate=logged[3].slate, take=logged[3].take, name=files[3].name)
    found = match(Observed(takes=tuple(logged), media=tuple(files), said=(said,)))
    assert link(found, "t03", "s03").state is LinkState.CONFIRMED


def test_two_files_of_one_camera_that_fit_one_take_are_chosen_between_silently() -> None:
    """A camera that writes on two slots, or a proxy that was taken for a clip: somebody has to say which is meant."""
    twin = replace(FULL[4], id="twin", name="A014C099", number=99)
    found = match(Observed(takes=tuple(takes()), media=(*FULL, twin)))
    assert {("t04", "A04"), ("t04", "twin")} <= pairs(found, asked=True)


def test_two_pieces_of_a_take_are_taken_for_sure_by_their_length_alone() -> None:
    """On record run nothing tells a camera that was cut and rolled again from two files that add up by chance."""
    lengths = [LENGTHS[n] + 0.7 for n in range(14)]
    lengths[3:4] = [40.0, 46.7]
    files = [
        replace(
            clip(0), id=f"m{n:02d}", name=f"A014C{n + 1:03d}", number=n + 1, start_s=sum(lengths[:n]), length_s=size
        )
        for n, size in enumerate(lengths)
    ]
    found = match(Observed(takes=tuple(takes()), media=tuple(files)))
    assert pairs(found, asked=True) == {("t03", "m03"), ("t03", "m04")}
    assert len(pairs(found, asked=False)) == 13
