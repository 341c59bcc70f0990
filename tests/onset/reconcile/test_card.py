"""May this card be formatted: what must never make the answer a yes, and what must not make it a no."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from onset.domain.camera import LinkState
from onset.errors import RefusedError
from onset.mhl.since import Since
from onset.reconcile.board import CardVerdict
from onset.reconcile.card import card_verdict, cards_named, clear, consent
from onset.reconcile.card_copies import is_there
from onset.reconcile.compare import board_of
from tests.onset.reconcile.a_card import RAID, SHUTTLE, Day


@pytest.fixture
def day(tmp_path: Path) -> Day:
    return Day(tmp_path)


def test_a_whole_card_is_called_unsafe(day: Day) -> None:
    takes = [day.shoot() for _ in range(3)]
    card = day.card(clips=3)
    for number, take in enumerate(takes, 1):
        day.clip(card, number, take)
    verdict = day.verdict(card)
    assert verdict.verdict == "safe", verdict.sentence
    assert verdict.sentence == (
        "A014 may be formatted: 2 complete copies, all 3 expected clips linked, nobody has cleared it yet."
    )
    assert (verdict.log.expected, verdict.log.linked) == (3, 3)
    assert verdict.copies.mounted == (SHUTTLE, RAID)


def test_a_take_without_a_clip_does_not_hold_the_card_back(day: Day) -> None:
    first, _second, third = [day.shoot() for _ in range(3)]
    card = day.card(clips=2)
    day.clip(card, 1, first)
    day.clip(card, 2, third)
    verdict = day.verdict(card)
    assert verdict.verdict == "not safe"
    assert verdict.sentence == "Do NOT format A014: 42C/2 A has no clip on it."
    assert verdict.log.without_clip == ("42C/2 A",)


def test_a_take_whose_roll_nobody_typed_is_forgotten(day: Day) -> None:
    """Between two takes of this card the camera had this card."""
    first = day.shoot()
    second = day.shoot()
    for camera in "AB":
        day.log.set_angle(second.id, camera, {"roll": None})
    third = day.shoot()
    card = day.card(clips=2)
    day.clip(card, 1, first)
    day.clip(card, 2, third)
    assert day.verdict(card).log.without_clip == ("42C/2 A",)


def test_a_take_of_which_nobody_logged_a_camera_is_forgotten(day: Day) -> None:
    """It was typed in later, between two takes of this card; a clip of any camera would do."""
    typed = []
    for number in "123":
        typed.append(day.log.add_take(slate="43", take=number, stamp=day.stamp(), duration_frames=720))
        day.clock.advance(90)
    card = day.card(clips=2)
    day.clip(card, 1, typed[0])
    day.clip(card, 2, typed[2])
    assert day.verdict(card).sentence == "Do NOT format A014: 43/2 A has no clip on it."
    other = day.card("B007", fingerprint="f2" * 16, clips=1)
    day.clip(other, 1, typed[1])
    assert day.verdict(card).verdict == "safe", "B shot it"


def test_the_first_clip_of_a_day_typed_in_later_is_lost(day: Day) -> None:
    """Nothing lies before it, so it has to be on the first card; what comes after the last may be on the next one."""
    typed = []
    for number in "1234":
        typed.append(day.log.add_take(slate="43", take=number, stamp=day.stamp(), duration_frames=720))
        day.clock.advance(90)
    card = day.card(clips=1)
    day.clip(card, 1, typed[1])
    assert day.verdict(card).sentence == "Do NOT format A014: 43/1 A has no clip on it."
    later = day.card("A015", fingerprint="f3" * 16, clips=1)
    day.clip(later, 1, typed[3])
    assert day.verdict(later).log.without_clip == ("43/3 A",), "shot after the last take of the card before"
    assert day.verdict(card).log.without_clip == ("43/1 A",)


def test_the_last_clip_of_a_day_that_was_ended_is_lost(day: Day) -> None:
    typed = []
    for number in "12":
        typed.append(day.log.add_take(slate="43", take=number, stamp=day.stamp(), duration_frames=720))
        day.clock.advance(90)
    card = day.card(clips=1)
    day.clip(card, 1, typed[0])
    assert day.verdict(card).verdict == "safe", "the second may be on a card that is still in the camera"
    day.log.wrap_day("Main", day.stamp())
    assert day.verdict(card).sentence == "Do NOT format A014: 43/2 A has no clip on it."


def test_a_clip_without_a_take_does_not_hold_the_card_back(day: Day) -> None:
    card = day.card(clips=2)
    day.clip(card, 1, day.shoot())
    day.clip(card, 2)
    verdict = day.verdict(card)
    assert verdict.verdict == "not safe"
    assert verdict.log.without_take == ("A014C002",)
    assert verdict.sentence == "Do NOT format A014: A014C002 belongs to no take."


def test_an_unreadable_clip_does_not_hold_the_card_back(day: Day) -> None:
    card = day.card(clips=1)
    day.clip(card, 1, day.shoot(), unreadable="cannot be read from the card at byte 4096 (Input/output error)")
    verdict = day.verdict(card)
    assert verdict.verdict == "not safe"
    assert verdict.log.unreadable == ("A014C001",)
    assert verdict.log.without_clip == ()  # said once


def test_a_roll_typed_in_another_spelling_is_another_card(day: Day) -> None:
    day.rolls({"A": "A_0014", "B": "B007"})
    take = day.shoot()
    card = day.card(clips=1)
    assert day.verdict(card).log.without_clip == ("42C/1 A",)
    day.clip(card, 1, take)
    assert day.verdict(card).verdict == "safe"


def test_a_wrongly_typed_roll_is_missing_on_this_card_for_ever(day: Day) -> None:
    """The take names A014, but its clip lies on A015: that is a difference of the board, not of this card."""
    first, second = day.shoot(), day.shoot()
    card, other = day.card(clips=1), day.card("A015", fingerprint="f2" * 16, clips=1)
    day.clip(card, 1, first)
    day.clip(other, 1, second)
    assert day.verdict(card).verdict == "safe"


def test_a_question_is_taken_for_an_answer_and_a_proposal_for_a_question(day: Day) -> None:
    card = day.card(clips=1)
    take = day.shoot()
    clip = day.clip(card, 1, take, state=LinkState.PROPOSED, question="42C/2 starts as near")
    verdict = day.verdict(card)
    assert verdict.verdict == "not safe"
    assert "a question is open about 42C/1 and A014C001: 42C/2 starts as near" in verdict.reasons
    day.wanted = []
    day.clip(card, 1, take, state=LinkState.PROPOSED)
    verdict = day.verdict(card)
    assert verdict.verdict == "safe"
    assert verdict.log.pending == ("1 link is proposed and not confirmed",)
    day.log.decide_link(take.id, clip.id, LinkState.REFUSED)
    assert day.verdict(card).log.without_clip == ("42C/1 A",)


def test_one_doubt_about_a_whole_card_is_said_of_each_clip_in_one_breath(day: Day) -> None:
    takes = [day.shoot() for _ in range(3)]
    card = day.card(clips=3)
    for number, take in enumerate(takes, 1):
        day.clip(card, number, take, state=LinkState.PROPOSED, question="the clock of A is not certain")
    assert day.verdict(card).sentence == (
        "Do NOT format A014: questions are open about 42C/1 and A014C001, 42C/2 and A014C002, 42C/3 and A014C003:"
        " the clock of A is not certain."
    )


def test_a_take_that_still_rolls_on_it_is_forgotten(day: Day) -> None:
    card = day.card(clips=1)
    day.clip(card, 1, day.shoot())
    day.log.roll(day.stamp())
    assert day.verdict(card).reasons == ("42C/2 A still rolls",)


def test_a_copy_deleted_from_a_mounted_disk_still_counts(day: Day) -> None:
    card = day.card(clips=1)
    day.clip(card, 1, day.shoot())
    day.there -= {SHUTTLE}
    verdict = day.verdict(card)
    assert verdict.verdict == "not safe"
    assert verdict.reasons == (f"the copy {SHUTTLE} or its manifest is gone, though its disk is there",)


def test_a_disk_that_is_away_makes_a_safe_card_unsafe(day: Day) -> None:
    card = day.card(clips=1)
    day.clip(card, 1, day.shoot())
    day.there -= {SHUTTLE, "/media/SHUTTLE", "/m/SHUTTLE/A014"}
    verdict = day.verdict(card)
    assert verdict.verdict == "safe"
    assert (verdict.copies.mounted, verdict.copies.away) == ((RAID,), (SHUTTLE,))
    assert f"not mounted: {SHUTTLE}" in verdict.copies.sentence


def test_bad_copies_are_outweighed_by_a_good_log(day: Day) -> None:
    card = day.card(clips=1, verdict="not safe", reasons=("there are 1 of 2 copies",))
    day.clip(card, 1, day.shoot())
    verdict = day.verdict(card)
    assert (verdict.verdict, verdict.log.ok, verdict.copies.ok) == ("not safe", True, False)
    with pytest.raises(RefusedError, match="cannot be cleared, whatever the reason"):
        clear_it(day, card.id, note="I want to")


def test_a_target_that_was_gone_half_way_counts_as_a_complete_copy(day: Day) -> None:
    card = day.card(verdict="not safe", reasons=("/media/RAID/A014 was given up: it is no longer mounted there",))
    for lost in ({"verified": 4}, {"manifest": None}):
        there, gone = card.copies
        card = day.log.record_card(replace(card, copies=(there, replace(gone, **lost))))
        assert "1 of 2 copies complete; mounted now" in day.verdict(card).copies.sentence


def test_a_card_whose_clips_nobody_looked_at_is_safe(day: Day) -> None:
    assert day.verdict(day.card(clips=None)).verdict == "not safe"
    assert day.verdict(day.card("A015", fingerprint="f2" * 16, clips=3)).reasons == (
        "3 clips of it are in no copy yet",
    )


def test_a_copy_found_bad_counts_and_one_that_the_newest_offload_did_without_holds_the_card_back(day: Day) -> None:
    card = day.card()
    at_ns = day.clock.wall_ns() + 60 * 1_000_000_000
    bad = {"/m/RAID/ascmhl/1_2026-05-29_120000Z.mhl": Since(("A\x1bC.mov",), ("a", "b", "c"), at_ns)}

    def found(newest: str, wall_ns: int) -> CardVerdict:
        manifests = ("/m/SHUTTLE/ascmhl/1_" + newest, *bad)
        copies = tuple(replace(each, manifest=it) for each, it in zip(card.copies, manifests, strict=True))
        known = replace(card, copies=copies, wall_ns=wall_ns)
        return card_verdict(day.log, known, as_of_ns=wall_ns, mounted=lambda _: False, found=bad.get)

    told = f"{RAID}: 1 file failed and 3 files were gone when it was verified at "
    same_run = found("2026-05-29_120000Z.mhl", at_ns + 1)
    assert same_run.reasons[0].startswith(told)
    later = found("2026-05-29_130000Z.mhl", at_ns - 1)
    assert later.reasons[0].endswith(": A\\x1bC.mov, a, b and 1 more")
    without = found("2026-05-29_130000Z.mhl", at_ns + 1)
    assert (without.verdict, without.reasons[0]) == ("safe", "1 complete copy")
    assert f"{later.reasons[0]}; the offload since did without it" in without.copies.sentence


def clear_it(day: Day, card_id: str, note: str = "", by: str = "Maya") -> None:
    card = next(each for each in day.log.cards() if each.id == card_id)
    now = day.clock.wall_ns()
    gaps = consent(day.log, card, by=by, note=note, as_of_ns=now, mounted=day.there.__contains__)
    clear(day.log, card, gaps, by=by, note=note)


def test_cleared_without_anybodys_name(day: Day) -> None:
    card = day.card(clips=1)
    day.clip(card, 1, day.shoot())
    with pytest.raises(RefusedError, match="named person"):
        clear_it(day, card.id, by=" ")
    clear_it(day, card.id)
    verdict = day.verdict(card)
    assert verdict.verdict == "cleared"
    assert "cleared by Maya at 12:" in verdict.sentence
    day.log.clear_card(card.id, by="Maya", cleared=False)
    assert day.verdict(card).verdict == "safe"


def test_gaps_are_cleared_without_a_reason_and_later_ones_with_an_old_reason(day: Day) -> None:
    first, _missing = day.shoot(), day.shoot()
    card = day.card(clips=1)
    day.clip(card, 1, first)
    with pytest.raises(RefusedError, match=r"42C/2 A has no clip on it"):
        clear_it(day, card.id)
    clear_it(day, card.id, note="A was not in it")
    verdict = day.verdict(card)
    assert (verdict.verdict, verdict.log.explained) == ("cleared", 1)
    day.shoot()  # a take that nobody spoke of
    verdict = day.verdict(card)
    assert verdict.verdict == "not safe"
    assert verdict.reasons[0].startswith("cleared by Maya at 12:")
    assert verdict.reasons[1] == "42C/3 A has no clip on it"


def test_what_was_explained_on_the_board_is_asked_again(day: Day) -> None:
    """A bumped button is a stray of the day's board; the reason given there is the card's too, and no other one is."""
    first, second = day.shoot(), day.shoot()
    card = day.card(clips=2)
    day.clip(card, 1, first)
    day.clip(card, 9)
    day.log.set_take(second.id, {"status": "circled"})
    board = board_of(day.log, "Main", 1)
    (stray,) = board.strays
    day.log.explain(stray.difference.key, "a bumped button", unit="Main", day=1)
    verdict = day.verdict(card)
    assert verdict.log.without_take == ()
    assert verdict.log.explained == 1
    assert verdict.reasons == ("42C/2 A has no clip on it",)
    missing = [
        each
        for each in board_of(day.log, "Main", 1).differences
        if each.take_id == second.id and each.device == "A" and each.field in ("clip", "file")
    ]
    for each in missing:
        day.log.explain(each.key, "A was not loaded", unit="Main", day=1)
    assert missing
    assert day.verdict(card).verdict == "safe"


def test_a_card_that_came_back_with_more_stays_cleared(day: Day) -> None:
    first = day.shoot()
    old = day.card(clips=1)
    day.clip(old, 1, first)
    clear_it(day, old.id)
    later = [day.shoot() for _ in range(3)]
    new = day.card(fingerprint="f9" * 16, clips=4, supersedes=old.id, files=12)
    day.wanted = []
    day.clip(new, 1, first)
    for number, take in enumerate(later, 2):
        day.clip(new, number, take)
    before, now = day.verdict(old), day.verdict(new)
    assert before.superseded
    assert before.verdict == "not safe"
    assert "it came back with 3 more clips" in before.sentence
    assert (before.log.without_clip, before.log.pending) == ((), ()), "its clips are the newer state's now"
    assert now.verdict == "safe"
    assert any("it came back with 3 more clips" in each for each in now.reasons)
    assert any("does not count" in each for each in now.reasons)
    with pytest.raises(RefusedError, match="newest state"):
        clear_it(day, old.id)


def test_that_a_card_came_back_is_no_reason_against_it(day: Day) -> None:
    old = day.card(clips=1)
    new = day.card(
        fingerprint="f9" * 16, clips=4, supersedes=old.id, files=12, verdict="not safe", reasons=("a copy failed",)
    )
    verdict = day.verdict(new)
    assert verdict.verdict == "not safe"
    assert "a copy failed" in verdict.reasons
    assert not any("came back" in each for each in verdict.reasons)
    assert ". It came back with 3 more clips" in verdict.sentence


def test_two_cards_of_one_label_are_one(day: Day) -> None:
    one, other = day.card(clips=0), day.card(fingerprint="f2" * 16, clips=0)
    assert {card.id for card in cards_named(day.log, "A014")} == {one.id, other.id}
    assert [card.id for card in cards_named(day.log, "f2f2f2f2")] == [other.id]
    assert not day.verdict(one).superseded


def test_hostile_words_reach_the_sentence(day: Day) -> None:
    card = day.card(clips=0, verdict="not safe", reasons=("A\x1b]0;PWNED\x07.mov is gone",))
    verdict = day.verdict(replace(card))
    assert "\x1b" not in verdict.sentence + verdict.copies.sentence


def test_an_empty_mount_point_is_a_mounted_disk(tmp_path: Path) -> None:
    (tmp_path / "SHUTTLE").mkdir()
    assert not is_there(str(tmp_path / "SHUTTLE"))
    (tmp_path / "SHUTTLE" / "A014").mkdir()
    assert is_there(str(tmp_path / "SHUTTLE"))
    assert not is_there(str(tmp_path / "SHUTTLE" / "A015"))
    assert not is_there("\0")
