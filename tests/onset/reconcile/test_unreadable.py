"""A file that could not be read from its card: which takes it names, who else has them, and how often it is said."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from onset.domain.camera import Clip, LinkState, Source
from onset.domain.card import FoundBad
from onset.domain.claim import Claim, ClaimSource
from onset.domain.take import Status, Take
from onset.logbook.terms import Event, LookedAt, Next
from onset.reconcile.bad_copies import let_log_know
from onset.reconcile.unreadable import standing_alarms, tell_unreadable
from tests.onset.reconcile.a_card import Day

BROKEN = "cannot be read from the card at byte 4096 (Input/output error)"


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def tell(day: Day) -> list[str]:
    return [event.detail for event in tell_unreadable(day.log, "Main", wall_ns=day.clock.wall_ns())]


def four_takes(day: Day) -> list[Take]:
    takes = [day.shoot() for _ in range(4)]
    day.log.set_take(takes[2].id, {"status": Status.CIRCLED})
    return takes


def test_the_take_between_its_neighbours_is_not_named(day: Day) -> None:
    """The third of four clips is broken: of the takes between its neighbours only one has no clip."""
    takes = four_takes(day)
    card = day.card(clips=4)
    for number in (1, 2, 4):
        day.clip(card, number, takes[number - 1])
    day.clip(card, 3, unreadable=BROKEN)
    other = day.card("B007", fingerprint="f2" * 16, clips=1)
    day.clip(other, 3, takes[2])
    assert tell(day) == ["A014C003 unreadable: 42C/3 circled; B is safe"]
    event = day.log.events()[0]
    assert (event.alarm, event.device, event.take_id) == (True, "A014", takes[2].id)


def test_clip_is_safe_in_a_copy_that_was_found_bad_since(day: Day) -> None:
    takes = four_takes(day)
    day.clip(day.card(clips=4), 3, takes[2], unreadable=BROKEN)
    other = day.card("B007", fingerprint="f2" * 16, clips=1)
    day.clip(other, 3, takes[2])
    assert tell(day) == ["A014C003 unreadable: 42C/3 circled; B is safe"]
    now_ns = day.clock.wall_ns()
    bad = FoundBad(what="1 file failed when it was verified", names="B007C003.mov", at_ns=now_ns)
    let_log_know(day.log, [LookedAt(card_id=other.id, copy=other.copies[0], bad=bad)], now_ns)
    assert [event.detail for event in standing_alarms(day.log.events())] == [
        "A014C003 unreadable: 42C/3 circled; B is copied, but a copy was found bad since"
    ]


def test_it_is_said_again_at_every_run(day: Day) -> None:
    takes = four_takes(day)
    card = day.card(clips=4)
    day.clip(card, 3, takes[2], unreadable=BROKEN)
    assert tell(day) == ["A014C003 unreadable: 42C/3 circled; B is pending"]
    assert tell(day) == []
    other = day.card("B007", fingerprint="f2" * 16, clips=1)
    day.clip(other, 3, takes[2])
    assert tell(day) == ["A014C003 unreadable: 42C/3 circled; B is safe"]  # what there is to say has changed
    assert [event.detail for event in standing_alarms(day.log.events())] == [
        "A014C003 unreadable: 42C/3 circled; B is safe"
    ]


def test_neighbours_that_were_shot_the_other_way_round_bound_it(day: Day) -> None:
    takes = four_takes(day)
    card = day.card(clips=4)
    for number, take in ((1, takes[3]), (3, takes[0]), (4, takes[1])):
        day.clip(card, number, take)
    day.clip(card, 2, unreadable=BROKEN)
    assert tell(day) == ["A014C002 unreadable: 42C/3 circled; B is pending"]


@pytest.mark.parametrize(
    ("what", "words"),
    [
        ("proposed", "B is not confirmed yet"),
        ("unreadable", "B is unreadable too"),
        ("unverified", "B is copied, but not verified everywhere"),
        ("one copy", "B is copied, but not verified everywhere"),
        ("other takes only", "B has no clip of it"),
    ],
)
def test_another_camera_is_called_safe_too_early(day: Day, what: str, words: str) -> None:
    takes = four_takes(day)
    card = day.card(clips=4)
    day.clip(card, 3, takes[2], unreadable=BROKEN)
    other = day.card("B007", fingerprint="f2" * 16, clips=1)
    state = LinkState.PROPOSED if what == "proposed" else LinkState.CONFIRMED
    of = takes[0] if what == "other takes only" else takes[2]
    day.clip(other, 3, of, unreadable=BROKEN if what == "unreadable" else "", state=state)
    if what == "unverified":
        day.log.record_card(day.failed(other))
    if what == "one copy":
        day.log.record_card(replace(other, verdict="not safe", reasons=("there is 1 complete copy, 2 are wanted",)))
    assert tell(day)[0] == f"A014C003 unreadable: 42C/3 circled; {words}"


def test_no_other_camera_was_in_it(day: Day) -> None:
    day.log.set_next(Next(cameras={"B": False}))
    take = day.shoot()
    card = day.card(clips=1)
    day.clip(card, 1, take, unreadable=BROKEN)
    assert tell(day) == ["A014C001 unreadable: 42C/1; no other camera has it"]


def test_a_camera_report_is_not_asked(day: Day) -> None:
    takes = four_takes(day)
    card = day.card(clips=1)
    day.clip(card, 9, unreadable=BROKEN)
    about = {"unit": "Main", "day": 1, "device": "A", "slate": "42C", "take": "2", "clip": "A014C009"}
    claim = Claim(id="", source=ClaimSource.CAMERA, report="cam.csv", row=1, **about)  # type: ignore[arg-type]  # by name
    day.log.take_claims(ClaimSource.CAMERA, "cam.csv", "Main", 1, [claim])
    assert tell(day) == ["A014C009 unreadable: 42C/2; B is pending"]
    assert day.log.events()[0].take_id == takes[1].id


def test_a_take_is_named_that_cannot_be_told(day: Day) -> None:
    """Two takes without a clip between the neighbours and one broken clip: either, and it is said so."""
    takes = four_takes(day)
    card = day.card(clips=3)
    day.clip(card, 1, takes[0])
    day.clip(card, 4, takes[3])
    day.clip(card, 2, unreadable=BROKEN)
    assert tell(day) == ["A014C002 unreadable: 42C/2 or 42C/3 circled, between 42C/1 and 42C/4; B is pending"]
    assert day.log.events()[0].take_id is None


def test_two_broken_clips_in_a_row_are_mixed_up(day: Day) -> None:
    takes = four_takes(day)
    card = day.card(clips=4)
    day.clip(card, 1, takes[0])
    day.clip(card, 4, takes[3])
    day.clip(card, 3, unreadable=BROKEN)
    day.clip(card, 2, unreadable=BROKEN)
    assert tell(day) == [
        "A014C002 unreadable: 42C/2; B is pending",
        "A014C003 unreadable: 42C/3 circled; B is pending",
    ]


def test_a_bumped_button_alarms_with_somebody_elses_take(day: Day) -> None:
    takes = four_takes(day)
    card = day.card(clips=5)
    for number, take in zip((1, 2, 4, 5), takes, strict=True):
        day.clip(card, number, take)
    day.clip(card, 3, unreadable=BROKEN)
    assert tell(day) == ["A014C003 unreadable: no take misses it between 42C/2 and 42C/3"]


def test_a_take_entered_afterwards_cannot_be_the_one(day: Day) -> None:
    """Nobody said which cameras were in it, so each may have been."""
    first = day.shoot()
    added = day.log.add_take(slate="42C", take="2", stamp=day.stamp())
    day.clock.advance(60)
    day.log.set_next(Next(take="3"))
    third = day.shoot()
    card = day.card(clips=3)
    day.clip(card, 1, first)
    day.clip(card, 2, unreadable=BROKEN)
    day.clip(card, 3, third)
    assert tell(day) == ["A014C002 unreadable: 42C/2; no other camera has it"]
    assert day.log.events()[0].take_id == added.id


def test_the_alarm_outlives_a_reader_that_could_read_it(day: Day) -> None:
    takes = four_takes(day)
    card = day.card(clips=1)
    day.clip(card, 3, takes[2], unreadable=BROKEN)
    tell(day)
    day.clip(card, 3, takes[2])
    assert tell(day) == ["A014C003 could be read after all: 42C/3"]
    assert standing_alarms(day.log.events()) == []
    assert tell(day) == []


def test_the_end_of_one_alarm_ends_another() -> None:
    def event(what: str, alarm: bool) -> Event:
        return Event(wall_ns=1, device="A014", what=what, detail=what, alarm=alarm)

    newest_first = [event("unreadable C1", False), event("unreadable C2", True), event("unreadable C1", True)]
    assert [each.what for each in standing_alarms(newest_first)] == ["unreadable C2"]


def test_alarm_that_lasted_and_is_over_does_not_stand_but_what_only_happened_does() -> None:
    def event(what: str, last_ns: int | None, cleared_ns: int | None) -> Event:
        return Event(wall_ns=1, device="B", what=what, detail="", alarm=True, last_ns=last_ns, cleared_ns=cleared_ns)

    found = [event("lost", 1, None), event("black", 1, 5), event("dropped", 4, 4), event("not recorded", None, None)]
    assert [each.what for each in standing_alarms(found)] == ["lost", "dropped", "not recorded"]


def test_a_clip_that_was_copied_is_called_lost(day: Day) -> None:
    """Its side-car failed, or its head is damaged: the bytes are there, and the words say so."""
    take = day.shoot()
    card = day.card(clips=1)
    clip = day.clip(card, 1, take)
    broken = replace(clip, digest="xxh128:" + "7" * 32, name="A014C002.mov", path="/2.mov", unreadable="no index")
    day.log.bring_in([broken])
    assert tell(day)[0].startswith("A014C002 copied, but it does not open: ")


def test_a_good_file_of_the_same_name_on_another_card_ends_the_alarm(day: Day) -> None:
    """Many cameras begin at C0001 on each card, and many cards have one label."""
    takes = four_takes(day)
    first = day.card(clips=1)
    day.clip(first, 3, takes[2], unreadable=BROKEN)
    told = "A014C003 unreadable: 42C/3 circled; B is pending"
    assert tell(day) == [told]
    second = day.card(fingerprint="f2" * 16, clips=1)
    good = Clip(
        id="", name="A014C003.mov", path="/media/RAID/two/A014C003.mov", camera="A", tc_in=None, tc_source=None,
        rate="24", duration_frames=99, source=Source.CARD, card=second.id, day=1, number=3, size=7,
        digest=f"xxh128:{7:032x}",
    )  # fmt: skip
    day.log.bring_in([good])
    assert tell(day) == []
    assert [event.detail for event in standing_alarms(day.log.events())] == [told]


def test_two_broken_files_of_one_name_are_told_by_turns_for_ever(day: Day) -> None:
    takes = four_takes(day)
    first = day.clip(day.card(clips=1), 3, takes[2], unreadable=BROKEN)
    second = day.card(fingerprint="f2" * 16, clips=1)
    day.log.bring_in([replace(first, id="", path="/media/RAID/two/A014C003.mov", card=second.id, size=7)])
    assert len(day.log.media()) == 2
    (told,) = tell(day)
    assert sorted(told.split("; also "))[1:] == ["A014C003 unreadable: 42C/3 circled; B is pending"]
    assert tell(day) == []
    assert [event.detail for event in standing_alarms(day.log.events())] == [told]
