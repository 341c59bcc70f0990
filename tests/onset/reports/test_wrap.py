"""What may go wrong at wrap: an open difference that is not told, a card taken for cleared, another day's fault."""

from __future__ import annotations

import random
import re
import subprocess
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from onset.domain.camera import LinkState
from onset.domain.take import Take
from onset.logbook.terms import Event
from onset.reconcile.board import Standing
from onset.reports.html import sections_html
from onset.reports.paper import write_report
from onset.reports.pdf import sections_pdf
from onset.reports.text import sections_text
from onset.reports.wrap import WrapSummary
from tests.needs import require
from tests.onset.reports.a_board import CARDS, EVENTS, card, claims, difference, media, wrapped
from tests.onset.reports.a_day import DAY_THREE, SECOND, START, a_take, note, run

HOUR = 3600 * SECOND
SENTENCES = (
    "script circled 42C/2, sound did not",
    "the mixer's list was written before the cut",
    "A014C001 belongs to no take",
    "camera was not cut, director talked on (Noor)",
    "B007 is not offloaded yet",
    "B runs 37.2 s ahead of the log, found on 61 of 64 clips",
    "2 verified copies on 2 disks.",
    "8 of 9 takes have their clip; 42C/3 A has none.",
    "42C/3 A has no clip on it",
    "A014C007 unreadable: 42C/2 circled; B is safe",
    "No picture from B.",
)


def _plain(page: bytes) -> str:
    return " ".join(page.decode().replace("&#39;", "'").split())


def _rows(summary: WrapSummary, heading: str) -> list[list[str]]:
    section = next(each for each in summary.sections if each.heading == heading)
    return [[" ".join(cell) for cell in row] for row in section.rows]


@pytest.mark.parametrize("make", [sections_html, sections_text])
def test_every_sentence_of_the_day_is_on_the_paper(make: Callable[[WrapSummary], bytes]) -> None:
    page = _plain(make(wrapped()))
    assert [sentence for sentence in SENTENCES if sentence not in page] == []


@pytest.mark.real
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_another_program_reads_every_sentence_of_the_pdf(tmp_path: Path, paper: str) -> None:
    require("pdftotext", "poppler-utils is not installed")
    path = tmp_path / "wrap.pdf"
    path.write_bytes(sections_pdf(wrapped(), paper="letter" if paper == "letter" else "a4"))
    read = subprocess.run(["pdftotext", path, "-"], capture_output=True, check=True, text=True).stdout
    words = read.split()  # it reads neighbouring cells as one where their lines are level
    assert [word for sentence in SENTENCES for word in sentence.split() if word not in words] == []
    assert "Page 1 of 1" in " ".join(words)


def test_card_that_nobody_cleared_stands_first_and_is_not_among_the_cleared() -> None:
    summary = wrapped()
    assert [row[:2] for row in _rows(summary, "Cards not cleared")] == [["A014", "not safe"]]
    assert [row[0] for row in _rows(summary, "Cards cleared for formatting")] == ["A013"]
    assert "Cleared by Noor, 2026-03-05" in _plain(sections_text(summary))
    assert summary.sections[0].heading == "Cards not cleared"


def test_safe_card_is_not_cleared_until_a_person_says_so() -> None:
    summary = wrapped(cards=[card("A013", "safe"), card("A014", "cleared")])
    assert [each.card for each in summary.not_cleared] == ["A013"]


def test_earlier_state_of_a_card_that_came_back_is_not_told_as_cleared() -> None:
    summary = wrapped(cards=[card("A014", "cleared", superseded=True), card("A014", "not safe")])
    assert [(each.card, each.verdict) for each in summary.cards] == [("A014", "not safe")]
    assert "Noor, 2026" not in _plain(sections_text(summary))


def test_every_card_cleared_is_said() -> None:
    assert "Every card of the day is cleared." in _plain(sections_text(wrapped(cards=CARDS[:1])))
    assert "No card was offloaded." in _plain(sections_text(wrapped(cards=())))


def test_differences_stand_where_they_belong_and_only_there() -> None:
    summary = wrapped()
    assert [line.what for line in summary.open] == [
        "script circled 42C/2, sound did not",
        "A014C009 may be 42C/3 or 42C/2PK",
        "A014C001 belongs to no take",
    ]
    assert [line.what for line in summary.pending] == ["B007 is not offloaded yet"]
    assert [(line.what, line.by) for line in summary.explained] == [("script says 0:12, A ran 0:40", "Noor")]


def test_evidence_for_a_link_is_not_told_as_a_cause() -> None:
    text = " ".join(_plain(sections_text(wrapped())).split())
    assert "evidence: two takes of one length in a row" in text
    assert "likely cause: chart or slate test" in text


def test_a_card_that_has_not_come_is_told_once_with_the_takes_that_wait() -> None:
    late = difference("B007 is not offloaded yet", standing=Standing.PENDING, field="clip", device="B")
    takes = [claims(take, differences=[late]) for take in DAY_THREE[:3]]
    assert [(line.what, line.takes) for line in wrapped(on_board=takes).pending] == [
        ("B007 is not offloaded yet", ("42C/1 B", "42C/2 B", "42C/3 B"))
    ]
    assert [line.what for line in wrapped(on_board=()).pending] == ["B007 has not come yet"]


def test_link_awaits_confirmation_once_and_a_confirmed_one_never() -> None:
    # A014C008 is confirmed, A014C009 is asked about as a difference.
    assert _rows(wrapped(), "Links awaiting confirmation") == [
        ["A", "offset +37.2 s found on 61 of 64 pairs", "42C/2\xa0A014C007"]
    ]


def test_links_of_one_clock_are_one_row_and_all_are_counted() -> None:
    takes = [claims(take, media(f"A014C00{number}")) for number, take in enumerate(DAY_THREE[:3])]
    section = next(each for each in wrapped(on_board=takes).sections if each.heading.startswith("Links"))
    assert section.title == "Links awaiting confirmation (3)"
    assert [row[2] for row in section.rows] == [("42C/1\xa0A014C000, 42C/2\xa0A014C001, 42C/3\xa0A014C002",)]


def test_mono_set_waits_as_one_file() -> None:
    take = claims(DAY_THREE[1], media("S1_1.wav", device="MIX"), media("S1_1.wav", device="MIX", media_id="9" * 32))
    assert len(wrapped(on_board=[take]).links) == 1


def test_refused_link_awaits_nothing() -> None:
    take = claims(DAY_THREE[1], media("A014C007", link=LinkState.REFUSED))
    assert wrapped(on_board=[take]).links == ()


def test_alarm_is_a_word() -> None:
    rows = _rows(wrapped(), "Gaps and alarms")
    assert [row[1:] for row in rows] == [
        ["B 42C/2", "No picture from B."],
        ["A014 42C/2", "ALARM: A014C007 unreadable: 42C/2 circled; B is safe"],
    ]


def test_event_of_another_day_is_not_told_again() -> None:
    # Day 1 is 2026-03-03 and day 3 2026-03-05, as the test's log has them: an event without a take goes by its moment.
    yesterday = Event(wall_ns=START - 30 * HOUR, device="A", what="lost", detail="yesterday")
    today = Event(wall_ns=START - HOUR // 4, device="A", what="lost", detail="before the first take")
    of_other_take = Event(wall_ns=START, device="A", what="lost", detail="elsewhere", take_id="b" * 32)
    told = [line.what for line in wrapped(events=[yesterday, today, of_other_take]).events]
    assert told == ["before the first take"]


def test_a_device_that_flaps_does_not_bury_an_alarm() -> None:
    flapping = [Event(wall_ns=START + n * SECOND, device="B", what="lost", detail=f"lost {n}") for n in range(500)]
    alarm = replace(EVENTS[1], wall_ns=START + 499 * SECOND)
    events = wrapped(events=[*flapping, alarm]).events
    assert len(events) == 62
    assert [line.what for line in events if line.alarm] == [alarm.detail]
    assert events[-1].what == "… and 440 more that were no alarm"


def test_alarm_says_until_when_and_rings_only_while_it_stands() -> None:
    def alarm(what: str, cleared_ns: int | None, count: int) -> Event:
        return Event(
            wall_ns=START, device="B", what=what, detail=f"B: {what}.", alarm=True, last_ns=START, count=count,
            cleared_ns=cleared_ns,
        )  # fmt: skip

    lines = wrapped(events=[alarm("black", START + 12 * SECOND, 3), alarm("frozen", None, 1)]).events
    assert [line.alarm for line in lines] == [False, True]
    assert re.fullmatch(r"B: black\. \(until \d\d:\d\d:\d\d, 3 times\)", lines[0].what)
    assert lines[1].what == "B: frozen. (no end is known)"


def test_totals_are_those_of_the_editors_log() -> None:
    summary = wrapped()
    assert (summary.totals.shot.takes, summary.totals.shot.circled, summary.totals.timing) == (5, 2, "~1:04")
    assert [(line.scene, line.heading) for line in summary.scenes] == [("42", "INT. KITCHEN - NIGHT")]


@pytest.mark.parametrize("make", [sections_pdf, sections_html, sections_text])
def test_same_day_gives_the_same_bytes_and_replaces_itself(
    tmp_path: Path, make: Callable[[WrapSummary], bytes]
) -> None:
    path = tmp_path / "wrap"
    write_report(path, make(wrapped()))
    assert make(wrapped()) == path.read_bytes()
    write_report(path, make(wrapped(title="Harbour Dark")))
    assert path.read_bytes() == make(wrapped(title="Harbour Dark"))


@pytest.mark.parametrize("make", [sections_html, sections_text])
def test_hostile_words_stay_words(make: Callable[[WrapSummary], bytes]) -> None:
    words = "<script>alert(1)</script>\x1b]0;PWNED\x07\u202e"
    take = claims(
        replace(DAY_THREE[0], slate=words),
        media(words),
        differences=[difference(words, cause=words, explanation=words)],
    )
    events = [Event(wall_ns=START, device=words, what=words, detail=words)]
    cards = [card(words, "cleared", cleared_by=words, cleared_note=words)]
    page = make(wrapped(on_board=[take], cards=cards, events=events, title=words, company=words)).decode()
    assert page.count("\\x1b]0;PWNED\\x07\\u202e") >= 8
    assert "\x1b" not in page
    assert "\u202e" not in page
    assert make is sections_text or "<script" not in page


def _long_day(seed: int) -> tuple[list[Take], WrapSummary]:
    dice = random.Random(seed)
    takes = [
        a_take(f"{42 + n // 5}/{n % 5 + 1}", id=f"{n:032x}", runs=(run(0, dice.randint(5, 90)),)) for n in range(80)
    ]
    board = [
        claims(
            take,
            media(f"A0{dice.randint(10, 99)}C{n:03}_260305_R{dice.randint(1000, 9999)}", media_id=f"{n:032x}"),
            differences=[
                difference(f"d{n}x{k} " + " ".join("word" for _ in range(dice.choice((3, 30, 300)))))
                for k in range(dice.choice((0, 0, 1, 2)))
            ],
        )
        for n, take in enumerate(takes)
    ]
    return takes, wrapped(takes=takes, on_board=board)


@pytest.mark.real
@pytest.mark.parametrize("seed", range(3))
def test_nothing_is_lost_where_a_section_runs_over_pages(tmp_path: Path, seed: int) -> None:
    require("pdftotext", "poppler-utils is not installed")
    _, summary = _long_day(seed)
    path = tmp_path / "wrap.pdf"
    path.write_bytes(sections_pdf(summary))
    read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout
    words = read.split()
    assert [line.what.split()[0] for line in summary.open if line.what.split()[0] not in words] == []
    assert words.count("word") == sum(line.what.split().count("word") for line in summary.open)
    pages = read.rstrip("\f").split("\f")
    assert len(pages) > 3
    assert [f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)


def test_arabic_and_chinese_notes_do_not_stop_the_paper() -> None:
    explained = difference("x", explanation="الكاميرا لم تتوقف 镜头没有停", explained_by="نور")
    for make in (sections_pdf, sections_html, sections_text):
        assert make(wrapped(on_board=[claims(DAY_THREE[1], differences=[explained])]))


def test_note_of_a_take_is_not_in_the_wrap_summary() -> None:
    take = a_take("42C/1", notes=(note("he forgot everything"),))
    assert "forgot" not in sections_text(wrapped(takes=[take])).decode()
