"""The board: what differs is told once, with its cause; what has not come is no fault; a reason typed once holds."""

from __future__ import annotations

from dataclasses import replace

import pytest

from onset.domain.camera import LinkState
from onset.domain.card import Card, Copy
from onset.domain.claim import ClaimSource
from onset.errors import RefusedError
from onset.logbook.terms import WantedLink
from onset.reconcile.board import Department, Standing
from onset.reconcile.compare import board_of
from tests.onset.reconcile.shooting import MIDNIGHT, NS, Shooting, of_field

STARTS = [36_000.0 + 240.0 * n + (n * n * 37) % 90 for n in range(10)]
LENGTHS = [25.0 + (n * 29) % 61 for n in range(10)]
SLATES = ["42C"] * 5 + ["43A"] * 5


def card(label: str, at: float = 80_000.0) -> Card:
    copy = Copy(path=f"/media/SHUTTLE/{label}", verified=10, failed=0, read_back="direct", manifest=None)
    return Card(
        id="", label=label, fingerprint=f"xxh128:{label}", files=10, size=1, verdict="safe", reasons=(),
        wall_ns=MIDNIGHT + round(at * NS), copies=(copy,), day=1, camera=label[0], reel=label, clips=10,
    )  # fmt: skip


def shoot(day: Shooting, *, circled: tuple[int, ...] = (), typed: str = "A014", sound_roll: str = "260529") -> None:
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        day.shoot(SLATES[n], start, length, rolls={"A": typed}, sound_roll=sound_roll, circled=n in circled)


def bring(day: Shooting, *, without: tuple[str, ...] = (), marks: dict[int, bool] | None = None) -> None:
    day.log.record_card(card("A014"))
    for n, (start, length) in enumerate(zip(STARTS, LENGTHS, strict=True)):
        take = str(n % 5 + 1)
        clip = day.clip(f"A014C{n + 1:03d}", start - 1, length + 3)
        sound = day.sound(
            f"S{n + 1:03d}", start - 4, length + 8, named_scene=SLATES[n], named_take=take,
            circled=(marks or {}).get(n) if marks is not None else None,
        )  # fmt: skip
        day.bring(*(one for one in (clip, sound) if one.name.partition(".")[0] not in without))


def test_a_clean_day_shows_no_difference(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    board = shooting.board()
    assert [one.what for one in board.differences] == []
    assert board.rolls_pending == ()
    files = [claim.clip for claim in board.takes[0].claims if claim.department is Department.MEDIA]
    assert files == ["A014C001.mov", "S001.wav"]


def test_circled_marks_disagree(shooting: Shooting) -> None:
    shoot(shooting, circled=(2,))
    bring(shooting, marks={n: n == 1 for n in range(10)})
    found = of_field(shooting.board(), "circled")
    assert [one.what for one in found] == [
        "sound circled 42C/2, script did not",
        "script circled 42C/3, sound did not",
    ]
    assert found[1].cause == "sound has it on 42C/2 instead"
    assert all(one.standing is Standing.OPEN for one in found)


def test_a_mixer_who_circles_nothing_is_told_once(shooting: Shooting) -> None:
    shoot(shooting, circled=(0, 1, 2, 3, 6))
    bring(shooting, marks=dict.fromkeys(range(10), False))
    found = of_field(shooting.board(), "circled")
    assert len(found) == 1
    assert found[0].take_id is None
    assert "sound circled nothing all day" in found[0].what


def test_an_explanation_holds_over_another_run_and_falls_when_the_facts_change(shooting: Shooting) -> None:
    shoot(shooting, circled=(2,))
    bring(shooting, marks=dict.fromkeys(range(10), False))
    difference = of_field(shooting.board(), "circled")[0]
    shooting.log.explain(difference.key, "the mixer never circles", unit="Main", day=1)
    shooting.bring(shooting.clip("A014C011", STARTS[9] + 400, 9.0))
    shooting.log.record_card(card("A014", 81_000.0))
    again = of_field(shooting.board(), "circled")[0]
    assert (again.standing, again.explanation) == (Standing.EXPLAINED, "the mixer never circles")
    assert again.explained_by
    shooting.report(shooting.row(ClaimSource.CAMERA, "42C", "3", circled=False))
    changed = of_field(shooting.board(), "circled")[0]
    assert changed.standing is Standing.OPEN, "camera disagrees too now: that was never explained"
    shooting.log.set_take(shooting.takes[2].id, {"status": "none"})
    assert of_field(shooting.board(), "circled") == []


def test_a_roll_that_is_not_offloaded_yet_is_no_fault(shooting: Shooting) -> None:
    shoot(shooting, typed="A015")
    board = shooting.board()
    assert board.count(Standing.OPEN) == 0
    assert board.rolls_pending == ("A015", "sound roll 260529")
    waiting = [one for one in board.takes[0].differences if one.device == "A"]
    assert [(one.standing, one.what) for one in waiting] == [(Standing.PENDING, "A015 is not offloaded yet")]


def test_a_card_of_which_nobody_knows_the_clips_holds_nobody_back(shooting: Shooting) -> None:
    shoot(shooting)
    shooting.log.record_card(replace(card("A014"), clips=None))
    waiting = [one for one in shooting.board().takes[0].differences if one.device == "A"]
    assert [one.standing for one in waiting] == [Standing.PENDING]
    assert "offload it again" in waiting[0].what


def test_a_clip_that_should_be_there_is_missing(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting, without=("A014C004", "S006"))
    board = shooting.board()
    found = {(one.field, one.what) for one in board.differences if one.standing is Standing.OPEN}
    assert found == {("clip", "no clip of A for 42C/4"), ("file", "no sound for 43A/1")}


def test_a_card_that_was_offloaded_before_the_take_has_to_come_again(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting, without=("A014C010",))
    shooting.log.record_card(card("A014", STARTS[8] + 200))
    late = shooting.board().takes[9].differences
    assert [one.standing for one in late] == [Standing.PENDING]
    assert "has to come again" in late[0].what


def test_a_take_of_which_nobody_logged_a_camera_wants_any_clip(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    added = shooting.log.add_take(slate="44", take="1", stamp=shooting.stamp(STARTS[3] + 90), duration_frames=500)
    late = shooting.log.add_take(slate="44", take="2", stamp=shooting.stamp(STARTS[9] + 300), duration_frames=500)
    found = {one.take_id: one for one in of_field(shooting.board(), "clip")}
    assert (found[added.id].standing, found[added.id].what) == (Standing.OPEN, "no clip for 44/1")
    assert found[late.id].standing is Standing.PENDING


def test_a_roll_typed_wrong_is_one_difference(shooting: Shooting) -> None:
    shoot(shooting, typed="A013")
    bring(shooting)
    board = shooting.board()
    found = of_field(board, "roll")
    assert len(found) == 1
    assert found[0].what.startswith("the log has roll A013 for 42C/1, 42C/2")
    assert found[0].what.endswith("the files say A014")
    assert board.rolls_pending == (), "A013 is nothing to wait for"


def test_a_report_names_another_clip(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    right = [shooting.row(ClaimSource.CAMERA, SLATES[n], str(n % 5 + 1), clip=f"A_0014C{n + 1:04d}") for n in range(9)]
    wrong = shooting.row(ClaimSource.CAMERA, "43A", "5", clip="A014C009")
    shooting.report(*right, wrong)
    about = [one for one in shooting.board().takes[9].differences if one.field in ("clip", "link")]
    assert len(about) == 1
    assert "A014C009" in about[0].what


def test_a_report_of_a_take_that_nobody_logged(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    shooting.bring(shooting.clip("A014C011", STARTS[9] + 200, 30.0))
    shooting.report(shooting.row(ClaimSource.CAMERA, "43A", "6", clip="A014C011"))
    board = shooting.board()
    assert [one.what for one in board.others] == ["the camera report has 43A/6 (A014C011), the log has no such take"]
    assert [(one.name, one.difference.cause) for one in board.strays] == [
        ("A014C011.mov", "a report names it 43A/6, which the log does not have")
    ]


def test_mos_with_a_sound_file(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    shooting.log.set_take(shooting.takes[4].id, {"mos": 1})
    shooting.log.decide_link(shooting.takes[4].id, shooting.media_id("S005"), LinkState.CONFIRMED)
    assert [one.what for one in of_field(shooting.board(), "mos")] == [
        "42C/5 is MOS in the log, and S005.wav is linked to it"
    ]


def test_a_report_starts_a_file_elsewhere(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    row = shooting.row(ClaimSource.SOUND, "42C", "1", clip="S001", tc_in="11:59:56:00")
    shooting.report(row)
    found = of_field(shooting.board(), "start")
    assert [one.what for one in found] == [
        "the sound report starts S001.wav at 11:59:56:00, the file itself at 09:59:56:00"
    ]
    assert found[0].cause == "whole hours apart: another time zone, or summer time"


def test_a_clip_is_much_shorter_than_its_take(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting, without=("A014C003",))
    shooting.bring(shooting.clip("A014C003", STARTS[2] - 1, LENGTHS[2] - 30))
    shooting.log.decide_link(shooting.takes[2].id, shooting.media_id("A014C003"), LinkState.CONFIRMED)
    found = of_field(shooting.board(), "duration")
    assert [one.what for one in found] == ["A014C003.mov is 30.0 s shorter than 42C/3"]


def test_an_unreadable_clip_names_its_take(shooting: Shooting) -> None:
    shoot(shooting, circled=(2,))
    bring(shooting, without=("A014C003",))
    shooting.bring(shooting.clip("A014C003", None, unreadable="Input/output error after 4,096 bytes"))
    shooting.log.decide_link(shooting.takes[2].id, shooting.media_id("A014C003"), LinkState.CONFIRMED)
    found = [one for one in of_field(shooting.board(), "file") if one.media_id == shooting.media_id("A014C003")]
    assert [one.what for one in found] == ["A014C003.mov cannot be read: 42C/3 circled"]
    assert found[0].cause == "Input/output error after 4,096 bytes"


def test_an_unreadable_clip_of_no_take_may_be_the_one_that_is_missing(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting, without=("A014C003",))
    shooting.bring(shooting.clip("A014C003", None, unreadable="Input/output error"))
    missing = of_field(shooting.board(), "clip")
    assert [(one.what, one.cause) for one in missing] == [
        ("no clip of A for 42C/3", "A014C003 cannot be read, and may be it")
    ]


def test_a_clip_that_a_person_refused_is_told_with_that_persons_name(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting)
    shooting.match()
    shooting.log.decide_link(shooting.takes[2].id, shooting.media_id("A014C003"), LinkState.REFUSED)
    board = shooting.board()
    assert [one.cause for one in of_field(board, "clip")] == ["A014C003 was refused by rehearsal"]
    assert [stray.difference.cause for stray in board.strays] == ["rehearsal said that it is not 42C/3"]


def test_a_question_offers_the_files_that_could_be_meant(shooting: Shooting) -> None:
    shoot(shooting)
    bring(shooting, without=("A014C003",))
    shooting.bring(shooting.clip("A014C070", 70_000.0), shooting.clip("A014C071", 71_000.0))
    shooting.match()
    take, first = shooting.takes[2], shooting.media_id("A014C070")
    asked = WantedLink(
        take_id=take.id, media_id=first, state=LinkState.PROPOSED, method="time", evidence="offset +37.2 s",
        question="two clips fit, 0.4 s apart",
    )  # fmt: skip
    shooting.log.write_links("Main", 1, [asked], seen=shooting.log.arrival())
    found = of_field(board_of(shooting.log, "Main", 1), "link")
    assert len(found) == 1
    assert found[0].choices[0] == first
    assert shooting.media_id("A014C071") in found[0].choices
    key = found[0].key
    reworded = WantedLink(
        take_id=take.id, media_id=first, state=LinkState.PROPOSED, method="time", evidence="offset +37.3 s",
        question="two clips fit, 0.5 s apart",
    )  # fmt: skip
    shooting.log.write_links("Main", 1, [reworded], seen=shooting.log.arrival())
    assert of_field(board_of(shooting.log, "Main", 1), "link")[0].key == key, "measured anew, the same question"
    shooting.log.decide_link(take.id, first, LinkState.CONFIRMED)
    assert of_field(shooting.board(), "link") == []


def test_own_recordings_alone_are_a_clean_board(shooting: Shooting) -> None:
    shooting.shoot("1", 36_000.0)
    board = shooting.board()
    assert board.count(Standing.OPEN) == 0


def test_names_that_would_drive_a_terminal_are_shown_as_text(shooting: Shooting) -> None:
    shoot(shooting)
    evil = "A014\x1b]0;PWNED\x07\u202egpj"
    shooting.bring(shooting.clip("A014C011", 70_000.0, reel=evil, named_scene=evil))
    shooting.report(shooting.row(ClaimSource.CAMERA, "42C", "1", clip=evil, roll=evil, note=evil))
    board = shooting.board()
    words = repr(board)
    assert "\x1b" not in words
    assert "\\x1b" in repr([one.what + one.cause for one in board.differences] + [one.card for one in board.strays])
    for one in board.differences:
        assert one.what.isprintable()
        assert one.cause.isprintable()


def test_a_day_that_was_never_opened(shooting: Shooting) -> None:
    with pytest.raises(RefusedError, match="no day 7"):
        board_of(shooting.log, "Main", 7)
