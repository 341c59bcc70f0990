"""Links of a day: the same whatever came when, nothing twice, a person's word above all."""

from __future__ import annotations

import itertools
import random
from pathlib import Path

import pytest

from onset.domain.camera import Clip, LinkState
from onset.domain.sound import SoundFile
from onset.match.solve import Matcher
from onset.reconcile.compare import board_of
from onset.reconcile.day import bring_up_to_date, look
from tests.onset.reconcile.shooting import Shooting, new_shooting

STARTS = [36_000.0 + 300.0 * n + (n * n * 37) % 90 for n in range(12)]
LENGTHS = [25.0 + (n * 29) % 61 for n in range(12)]


def shoot_all(day: Shooting) -> None:
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        day.shoot(f"{20 + n // 4}{'ABC'[n // 4]}", start, length, rolls={"A": "A014"}, sound_roll="260529")


def all_media(day: Shooting) -> list[Clip | SoundFile]:
    media: list[Clip | SoundFile] = []
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        media.append(day.clip(f"A014C{n + 1:03d}", start + 37.2, length + 3))
        media.append(day.sound(f"S{n + 1:03d}", start - 4, length + 8))
    media.insert(9, day.clip("A014C050", STARTS[5] + 150, 2.0))  # somebody leaned on the button
    return media


def test_takes_find_their_clips_with_a_clock_that_is_off(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    assert shooting.match() > 0
    links = shooting.links()
    for n, take in enumerate(shooting.takes):
        assert (take.label, f"A014C{n + 1:03d}.mov") in links
        assert (take.label, f"S{n + 1:03d}.wav") in links
    assert len(links) == 24, "a stray is nobody's"


def test_a_second_run_writes_nothing(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    shooting.match()
    before = shooting.log.arrival()
    assert shooting.match() == 0
    assert shooting.log.arrival() == before


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_links_do_not_depend_on_what_came_first(tmp_path: Path, seed: int) -> None:
    plain = new_shooting(tmp_path)
    shoot_all(plain)
    plain.bring(*all_media(plain))
    plain.match()
    mixed = new_shooting(tmp_path)
    media = all_media(mixed)
    random.Random(seed).shuffle(media)
    matcher = Matcher()
    pieces = [media[:5], media[5:6], media[6:]]
    mixed.bring(*pieces[0])  # before anything was logged
    bring_up_to_date(mixed.log, "Main", 1, matcher)
    shoot_all(mixed)
    for piece in pieces[1:]:
        mixed.bring(*piece)
        bring_up_to_date(mixed.log, "Main", 1, matcher)
    assert mixed.links() == plain.links()
    plain.log.close()
    mixed.log.close()


def test_a_persons_word_stands_whatever_is_found(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    shooting.match()
    take, clip = shooting.takes[3], shooting.media_id("A014C004")
    stray = shooting.media_id("A014C050")
    shooting.log.decide_link(take.id, clip, LinkState.REFUSED)
    shooting.log.decide_link(take.id, stray, LinkState.CONFIRMED)
    shooting.match()
    shooting.bring(shooting.clip("A014C051", STARTS[8] + 200, 3.0))
    shooting.match()
    links = shooting.links()
    assert links[take.label, "A014C004.mov"] == "refused"
    assert links[take.label, "A014C050.mov"] == "confirmed"
    shooting.log.decide_link(take.id, clip, LinkState.PROPOSED)
    shooting.log.decide_link(take.id, stray, LinkState.PROPOSED)
    shooting.match()
    assert (take.label, "A014C050.mov") not in shooting.links()
    assert shooting.links()[take.label, "A014C004.mov"] != "refused"


def test_links_follow_a_take_that_is_deleted_restored_renamed_or_moved_in_time(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    shooting.match()
    take = shooting.takes[2]
    shooting.log.delete(take.id)
    shooting.match()
    assert not [pair for pair in shooting.links() if pair[1] == "A014C003.mov"]
    shooting.log.restore(take.id)
    shooting.match()
    assert (take.label, "A014C003.mov") in shooting.links()
    shooting.log.set_take(take.id, {"slate": "99Z", "take": "7"})
    shooting.match()
    assert ("99Z/7", "A014C003.mov") in shooting.links()
    shooting.log.set_take(take.id, {"tc_in": "18:00:00:00"})
    shooting.match()
    assert ("99Z/7", "A014C003.mov") not in shooting.links() or shooting.board().differences


def test_a_rolling_take_has_no_links_yet(shooting: Shooting) -> None:
    shoot_all(shooting)
    rolling = shooting.log.roll(shooting.stamp(50_000.0))
    shooting.bring(*all_media(shooting), shooting.clip("A014C051", 50_000.0 + 37.2, 30.0))
    shooting.match()
    assert not [pair for pair in shooting.links() if pair[0] == rolling.label]


def test_mono_files_of_one_set_are_linked_together(shooting: Shooting) -> None:
    shoot_all(shooting)
    media = [one for one in all_media(shooting) if one.name.startswith("A")]
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        for track in (1, 2):
            media.append(shooting.sound(f"S{n + 1:03d}_{track}", start - 4, length + 8, family=f"set{n}"))
    shooting.bring(*media)
    shooting.match()
    links = shooting.links()
    for n, take in enumerate(shooting.takes):
        states = {links.get((take.label, f"S{n + 1:03d}_{track}.wav")) for track in (1, 2)}
        assert len(states) == 1, f"both files of {take.label} alike"
        assert states != {None}


def test_a_card_that_was_not_changed_at_wrap_is_asked_about(shooting: Shooting) -> None:
    """The last clips of day 1 come with the card of day 2."""
    shoot_all(shooting)
    media = [one for one in all_media(shooting) if one.name[0] == "S"]
    shooting.bring(*media)
    shooting.log.wrap_day("Main", shooting.stamp(70_000.0))
    shooting.log.open_day("Main", 2, "2026-05-30")
    shooting.day = 2
    first = list(shooting.takes)
    for n in range(6):
        shooting.shoot("60", 28_000.0 + 400 * n + 13 * n * n, 30.0 + 7 * n, rolls={"A": "A014"})
    clips = [shooting.clip(f"A014C{n + 1:03d}", STARTS[n] + 1, LENGTHS[n] + 2) for n in range(12)]
    clips += [shooting.clip(f"A014C{n + 21:03d}", 28_001.0 + 400 * n + 13 * n * n, 33.0 + 7 * n) for n in range(6)]
    shooting.bring(*clips)
    shooting.match()
    links = {(link.take_id, link.media_id): link for link in shooting.log.links(day=1)}
    asked = [links.get((take.id, shooting.media_id(f"A014C{n + 1:03d}"))) for n, take in enumerate(first)]
    assert all(link is not None and link.state is LinkState.PROPOSED for link in asked)
    assert all(link is not None and "day 2" in link.question and "day 1" in link.question for link in asked)
    bring_up_to_date(shooting.log, "Main", 1)  # its sound
    again = {(link.take_id, link.media_id): link for link in shooting.log.links(day=1)}
    assert [again.get((link.take_id, link.media_id)) for link in asked if link] == asked
    before = shooting.log.arrival()
    bring_up_to_date(shooting.log, "Main", 2)
    bring_up_to_date(shooting.log, "Main", 1)
    assert shooting.log.arrival() == before, "neither day takes the other's links away"


def test_a_persons_link_to_a_take_of_another_day_stands(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.log.wrap_day("Main", shooting.stamp(70_000.0))
    shooting.log.open_day("Main", 2, "2026-05-30")
    take = shooting.takes[0]
    shooting.bring(shooting.clip("A014C090", 5_000.0, 30.0, day=2))
    shooting.log.decide_link(take.id, shooting.media_id("A014C090"), LinkState.CONFIRMED)
    for day in (1, 2, 1):
        bring_up_to_date(shooting.log, "Main", day)
    assert shooting.links() == {(take.label, "A014C090.mov"): "confirmed"}
    assert board_of(shooting.log, "Main", 2).strays == ()
    claims = board_of(shooting.log, "Main", 1).takes[0].claims
    assert "A014C090.mov" in [claim.clip for claim in claims]


def test_another_units_day_is_its_own(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    assert bring_up_to_date(shooting.log, "Second", 1) == 0
    assert shooting.links() == {}


def test_no_day_and_no_media_cost_nothing(shooting: Shooting) -> None:
    shoot_all(shooting)
    before = shooting.log.arrival()
    assert bring_up_to_date(shooting.log, "Main", 1) == 0
    assert bring_up_to_date(shooting.log, "Main", 9) == 0
    assert shooting.log.arrival() == before


def test_a_log_that_may_only_be_read_is_left_as_it_is(shooting: Shooting) -> None:
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    shooting.log._read_only = "This medium may only be read."
    before = shooting.log.arrival()
    assert shooting.match() == 0
    assert shooting.log.arrival() == before
    assert len(board_of(shooting.log, "Main", 1).takes) == 12


def test_media_that_make_no_sense_are_strays_and_no_error(shooting: Shooting) -> None:
    shoot_all(shooting)
    broken = shooting.clip("A014C090", None, unreadable="Input/output error")
    shooting.bring(*all_media(shooting), broken, shooting.clip("A014C091", 10.0, 0.0))
    shooting.match()
    pairs = list(itertools.chain(shooting.links()))
    assert not [pair for pair in pairs if pair[1] == "A014C091.mov"]


def test_a_refusal_reaches_the_matcher_as_a_yes(shooting: Shooting) -> None:
    """Else the matcher believes that the take has its clip, and looks for no other one."""
    shoot_all(shooting)
    shooting.bring(*all_media(shooting))
    shooting.match()
    take, media_id = shooting.takes[3], shooting.media_id("A014C004")
    shooting.log.decide_link(take.id, media_id, LinkState.REFUSED)
    matched = look(shooting.log, "Main", 1, Matcher())
    assert matched is not None
    assert (take.id, media_id) not in {(link.take_id, link.medium_id) for link in matched.found.links}
    assert take.id in {each.take_id for each in matched.found.unmatched if each.device == "A"}


def test_a_clip_that_its_deck_named_is_not_found(shooting: Shooting) -> None:
    """Two takes, and three clips without a timecode: only the names that the deck said tell which is nobody's."""
    takes = [shooting.shoot("42C", at, rolls={"A": "A001"}) for at in (36_000.0, 36_300.0)]
    for take, name in zip(takes, ("A001_0007", "A001_0009.mov"), strict=True):
        shooting.log.set_angle(take.id, "A", {"clip_name": name})
    shooting.bring(*(shooting.clip(f"A001_{n:04d}", None, camera="A", number=n) for n in (7, 8, 9)))
    shooting.match()
    assert set(shooting.links()) == {(takes[0].label, "A001_0007.mov"), (takes[1].label, "A001_0009.mov")}
