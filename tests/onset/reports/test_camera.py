"""What may go wrong on a camera report: a lens that nobody saw, a clip of no take called one, a roll left out."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from onset.domain.camera import LinkState
from onset.domain.claim import ClaimSource
from onset.domain.take import Status
from onset.errors import ReportError
from onset.reconcile.card import card_verdicts
from onset.reconcile.compare import board_of
from onset.reports.camera import AngleLine, CameraReport, RollSheet
from onset.reports.camera_day import camera_report
from onset.reports.html import sections_html
from onset.reports.pdf import sections_pdf
from onset.reports.text import sections_text
from tests.logging_db.originals import a_card, a_claim, a_clip, a_day, wanted
from tests.logging_db.support import NOON, OnSet, memory_log


@pytest.fixture
def on_set(tmp_path: Path) -> Iterator[OnSet]:
    with memory_log(tmp_path) as on_set:
        a_day(on_set)
        yield on_set


def report(on_set: OnSet, *, roll: str | None = None, camera: str | None = None) -> CameraReport:
    log = on_set.log
    verdicts = card_verdicts(log, log.cards(), as_of_ns=NOON, mounted=lambda _: True)
    return camera_report(log, board_of(log, "Main", 1), verdicts, roll=roll, camera=camera)


def sheet(on_set: OnSet) -> RollSheet:
    (only,) = report(on_set).rolls
    return only


def line(on_set: OnSet, take: str) -> AngleLine:
    return next(one for one in sheet(on_set).angles if one.take == take)


def said(on_set: OnSet) -> dict[str, str]:
    return {label: value for facts in sheet(on_set).about for label, value in facts}


def test_lens_that_was_only_meant_is_not_one_that_was_used(on_set: OnSet) -> None:
    on_set.log.set_setup("42C", {}, cameras={"A": {"lens": "35mm", "stop": "T2.8"}})
    take = on_set.log.find_take("42C/2")
    on_set.log.set_angle(take.id, "A", {"lens": "50mm", "focus": "5'6\""})
    lenses = [(one.settings.lens, one.settings.stop, one.settings.focus) for one in sheet(on_set).angles]
    assert lenses == [("(35mm)", "(T2.8)", ""), ("50mm", "(T2.8)", "5'6\""), ("(35mm)", "(T2.8)", "")]


def test_what_changes_within_a_roll_stands_at_its_takes(on_set: OnSet) -> None:
    one, two = on_set.log.find_take("42C/1"), on_set.log.find_take("42C/2")
    on_set.log.set_angle(one.id, "A", {"iso": "800", "white_balance": "5600"})
    on_set.log.set_angle(two.id, "A", {"iso": "1280", "white_balance": "5600"})
    known = said(on_set)
    assert (known["EI"], known["WB"], known["Shutter"]) == ("800, 1280", "5600", "?")
    assert line(on_set, "1").notes == ("EI 800",)
    assert line(on_set, "2").notes == ("EI 1280",)
    assert line(on_set, "3").notes == ()


def test_clip_that_is_only_proposed_says_so_and_a_refused_one_is_of_no_take(on_set: OnSet) -> None:
    log = on_set.log
    log.bring_in([a_clip(number) for number in (1, 2, 3)])
    clips = {one.name[:8]: one.id for one in log.media()}
    takes = [log.find_take(f"42C/{number}") for number in (1, 2, 3)]
    links = [wanted(take, clips[f"A014C00{n}"]) for n, take in enumerate(takes, 1)]
    log.write_links("Main", 1, links, seen=log.arrival())
    log.decide_link(takes[0].id, clips["A014C001"], LinkState.CONFIRMED)
    log.decide_link(takes[2].id, clips["A014C003"], LinkState.REFUSED)
    assert line(on_set, "1").clips == ("A014C001_260529_R1AB.mov",)
    assert line(on_set, "2").clips == ("A014C002_260529_R1AB.mov (proposed)",)
    assert line(on_set, "3").clips == ()
    assert [one.name for one in sheet(on_set).loose] == ["A014C003_260529_R1AB.mov"]
    known = said(on_set)
    assert (known["Clips linked"], known["proposed"], known["of no take"]) == ("1", "1", "1")
    assert known["Recorded"] == "0:30"  # three clips of 250 frames at 25 a second
    assert (line(on_set, "3").tc_note, line(on_set, "3").length[0]) == ("", "~")


def test_camera_that_does_not_agree_with_the_script_is_heard(on_set: OnSet) -> None:
    log = on_set.log
    one, two = log.find_take("42C/1"), log.find_take("42C/2")
    log.set_take(one.id, {"status": str(Status.CIRCLED)})
    log.set_angle(one.id, "A", {"rating": "NG soft"})
    log.set_take(two.id, {"status": str(Status.NG)})
    log.set_angle(two.id, "A", {"rating": "ng"})
    assert line(on_set, "1").circled
    assert line(on_set, "1").notes == ("Camera: NG soft; script: circled",)
    assert line(on_set, "2").notes == ()


def test_circle_of_the_cameras_own_report_is_told_where_script_has_none(on_set: OnSet) -> None:
    rows = [a_claim(n, source=ClaimSource.CAMERA, device="A", roll="A014", clip=f"A014C00{n}") for n in (1, 2, 3)]
    on_set.log.take_claims(ClaimSource.CAMERA, "A014.csv", "Main", 1, rows)
    assert "camera circled 42C/2, script did not" in line(on_set, "2").notes


def test_roll_that_nothing_was_shot_on_and_one_that_only_a_card_tells_of_have_a_sheet(on_set: OnSet) -> None:
    log = on_set.log
    log.load("B", "B007", on_set.stamp(), serial="SN-4711")
    card = log.record_card(a_card("C002", "xxh128:0c", camera="C", day=1, reel="C002"))
    log.bring_in([a_clip(1, camera="C", reel="C002", card=card.id, name="C002C001_260529_R1AB.mov")])
    made = report(on_set)
    assert [(one.camera, one.roll) for one in made.rolls] == [("A", "A014"), ("B", "B007"), ("C", "C002")]
    assert dict(made.rolls[1].about[0])["Media"] == "SN-4711"
    assert [one.name for one in made.rolls[2].loose] == ["C002C001_260529_R1AB.mov"]
    page = sections_text(made).decode()
    assert "No take was logged on this roll." in page
    assert "C002: CLIPS THAT BELONG TO NO TAKE (1)" in page


def test_two_spellings_of_a_roll_are_one_sheet(on_set: OnSet) -> None:
    on_set.log.set_angle(on_set.log.find_take("42C/3").id, "A", {"roll": "A_0014"})
    assert len(sheet(on_set).angles) == 3


def test_clip_of_another_roll_than_the_one_typed_is_told(on_set: OnSet) -> None:
    log = on_set.log
    log.bring_in([a_clip(1, reel="A015", name="A015C001_260529_R1AB.mov")])
    take = log.find_take("42C/1")
    log.decide_link(take.id, log.media()[0].id, LinkState.CONFIRMED)
    assert "the clip's own roll is A015" in line(on_set, "1").notes


def test_condition_is_the_verdict_with_its_reasons(on_set: OnSet) -> None:
    assert said(on_set)["Condition"] == "not offloaded yet"
    on_set.log.record_card(a_card(verdict="not safe", reasons=("A014C007 could not be read",), day=1))
    known = said(on_set)
    assert known["Card"] == "A014 (0a)"
    assert known["Condition"].startswith("not safe: ")
    assert "A014C007 could not be read" in known["Condition"]


def test_only_the_roll_or_the_camera_that_was_asked_for(on_set: OnSet) -> None:
    on_set.log.load("B", "B007", on_set.stamp())
    assert [one.roll for one in report(on_set, roll="a_0014").rolls] == ["A014"]
    assert [one.roll for one in report(on_set, camera="b").rolls] == ["B007"]
    with pytest.raises(ReportError, match=r"^There is no roll A099 on day 1; its cameras and rolls: A A014, B B007\.$"):
        report(on_set, roll="A099")
    with pytest.raises(ReportError, match=r"^There is no roll A014 of camera B on day 1;"):
        report(on_set, roll="A014", camera="B")


def test_rows_keep_their_keys_between_two_printings(on_set: OnSet) -> None:
    before = report(on_set).sections[0].keys
    on_set.log.set_take(on_set.log.find_take("42C/2").id, {"status": "circled"})
    on_set.shoot()
    after = report(on_set).sections[0].keys
    assert len(set(before)) == 3
    assert after[:3] == before


def test_nothing_from_outside_reaches_the_paper_as_it_came(on_set: OnSet) -> None:
    angle = {"lens": "\x1b[31m35mm", "note": "a\u202eb", "body": "<b>", "codec": "\x07", "roll": "A014"}
    on_set.log.set_angle(on_set.log.find_take("42C/1").id, "A", angle)
    made = report(on_set)
    text = sections_text(made).decode()
    assert "\\x1b[31m35mm" in text
    assert not any(char in text for char in "\x1b\x07\u202e")
    assert b"<b>" not in sections_html(made)
    assert sections_pdf(made) == sections_pdf(report(on_set))


def test_maker_stands_in_for_a_body_that_nobody_wrote_down(on_set: OnSet) -> None:
    log = on_set.log
    log.bring_in([a_clip(1)])
    assert said(on_set)["Body"] == "ARRI, by its clips' names"
    log.bring_in([a_clip(2, name="C0002.MP4")])
    assert said(on_set)["Body"] == "?"
    log.set_angle(log.find_take("42C/1").id, "A", {"body": "ALEXA 35 #4711"})
    assert said(on_set)["Body"] == "ALEXA 35 #4711"


def test_clip_in_question_lends_the_take_neither_its_start_nor_its_length(on_set: OnSet) -> None:
    log = on_set.log
    log.bring_in([a_clip(1, tc_in="22:00:00:00")])
    take = log.find_take("42C/1")
    links = [wanted(take, log.media()[0].id, question="it fits 42C/2 as well")]
    log.write_links("Main", 1, links, seen=log.arrival())
    asked = line(on_set, "1")
    assert (asked.clips, asked.tc_in, asked.length) == ((), "", "~0:10")
    assert "In question: A014C001_260529_R1AB.mov: it fits 42C/2 as well" in asked.notes


def test_what_the_slate_in_the_picture_says_is_told(on_set: OnSet) -> None:
    on_set.log.set_take(on_set.log.find_take("42C/1").id, {"slated_as": "42C/9", "kind": "pickup", "tail_slate": 1})
    assert line(on_set, "1").notes == ("PICKUP", "TAIL SLATE", "slated as 42C/9")


def test_card_of_a_roll_that_nobody_named_is_found_by_its_clips(on_set: OnSet) -> None:
    log = on_set.log
    for take in log.takes():
        log.set_angle(take.id, "A", {"roll": None})
    card = log.record_card(a_card("DAY1", "xxh128:0d", day=1))
    log.bring_in([a_clip(1, card=card.id, reel="", name="C0001.MP4")])
    log.decide_link(log.find_take("42C/1").id, log.media()[0].id, LinkState.CONFIRMED)
    unnamed = next(one for one in report(on_set).rolls if not one.roll)
    assert dict(unnamed.about[0])["Card"] == "DAY1 (0d)"
