"""What may go wrong with a second printing: a change that is not marked, a mark where nothing changed, a wrong list."""

from __future__ import annotations

import base64
import random
import re
import string
import subprocess
import zlib
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pytest
from lxml import html

from onset.domain.issue import Issue
from onset.domain.take import Status, Take
from onset.reports import cells
from onset.reports.cells import TAKES, Cells, Row, Table, cells_of, unpacked
from onset.reports.editor import EditorLog, editor_log
from onset.reports.html import editor_html, sections_html
from onset.reports.pdf import editor_groups, editor_pdf, sections_pdf
from onset.reports.revision import Revision, compare, draft_after, issued_as
from onset.reports.sheet import Setter
from onset.reports.text import editor_text, sections_text
from onset.reports.wrap import WrapSummary
from onset.reports.wrap_pictures import PicturedTake
from tests.needs import require
from tests.onset.reports.a_board import CARDS, wrapped
from tests.onset.reports.a_day import DAY_THREE, START, DayLog, a_take, note, sound

FIRST = Issue(
    id="1" * 32,
    report="editor",
    unit="Main",
    day=3,
    revision=1,
    digest="",
    position={},
    author="Maya",
    wall_ns=START,
)
SECOND = replace(FIRST, revision=2, author="Ben", note="by mail")


def day(takes: tuple[Take, ...] = DAY_THREE) -> EditorLog:
    return editor_log(DayLog(takes), 3)


def corrected() -> tuple[EditorLog, Revision]:
    """The day with 42C/2 no longer circled, a word more at 42C/3, 42WT/1 taken out and 42E/1 added."""
    false_start, circled, bad, _, *rest = DAY_THREE
    takes = (
        false_start,
        replace(circled, status=Status.HOLD),
        replace(bad, notes=(note("boom in shot"),)),
        *rest,
        a_take("42E/1", id="e" * 32),
    )
    log = day(takes)
    return log, issued_as(SECOND, cells_of(log), (FIRST, cells_of(day())))


def test_same_day_differs_from_itself() -> None:
    cells = cells_of(day())
    assert compare(cells, cells_of(day())) == ()
    assert unpacked(cells.packed()) == cells
    assert cells.digest == cells_of(day()).digest
    assert len(cells.packed()) < 2_000


def test_list_of_changes_is_another_than_what_was_changed() -> None:
    _, revision = corrected()
    assert [(each.label, each.column, each.was, each.now) for each in revision.differences if each.table] == [
        ("42C/2", "Status", "circled", "hold"),
        ("42C/3", "Comment", "", "boom in shot"),
        ("42E/1", "new", "", _summary(revision, "42E/1")),
        ("42WT/1", "taken out", _summary(revision, "42WT/1"), ""),
        ("42E", "new", "", _summary(revision, "42E")),
        ("42WT", "taken out", _summary(revision, "42WT"), ""),
    ]
    facts = {each.label: (int(each.was), int(each.now)) for each in revision.differences if each.now.isdecimal()}
    assert {label: now - was for label, (was, now) in facts.items()} == {
        "Circled": -1,
        "Hold": 1,
        "Wild tracks": -1,
        "Setups": 1,
        "Takes": 1,
    }


def _summary(revision: Revision, label: str) -> str:
    (found,) = [each for each in revision.differences if each.label == label and each.row]
    return found.was or found.now


def test_text_marks_other_cells_than_those_that_changed() -> None:
    log, revision = corrected()
    lines = editor_text(replace(log, revision=revision)).decode().splitlines()
    assert " ".join(map(str.strip, lines[2:4])) == (
        f"Revision 2, issued {_time()} by Ben: by mail. "
        "What changed since revision 1 is marked * and listed at the end."
    )
    body = lines[lines.index("") + 3 : next(n for n, line in enumerate(lines) if line.startswith("WHAT CHANGED"))]
    starred = [line.strip() for line in body if "*" in line]
    assert starred[0].endswith("*hold")
    assert starred[1] == "*boom in shot"
    assert starred[2].startswith("*42E")
    assert all(line.count("*") >= 1 for line in starred[3:])
    assert len(starred) <= 6, "only the new take follows"
    plain = editor_text(day()).decode()
    assert "*" not in plain
    assert "Revision" not in plain


def _time() -> str:
    (when,) = re.findall(r"\d{4}-\d\d-\d\d \d\d:\d\d", corrected()[1].line)
    return str(when)


def test_html_marks_other_cells_than_those_that_changed() -> None:
    log, revision = corrected()
    page = html.fromstring(editor_html(replace(log, revision=revision)))
    marked = [each.text_content() for each in page.find_class("changed")]
    assert marked[:3] == ["*hold", "*boom in shot", "*42E · Scene 42 · INT. KITCHEN - NIGHT"]
    assert all(each.startswith("*") for each in marked), "never by colour alone"
    (changes,) = page.xpath("//section")
    assert (
        changes.findtext("h2")
        == f"What changed since revision 1 (issued {_time()} by Maya) ({len(revision.differences)})"
    )
    first = [cell.text_content() for cell in changes.xpath(".//tbody/tr")[-6].xpath("td")]
    assert first == ["42C/2", "Status", "circled", "hold"]
    assert html.fromstring(editor_html(day())).find_class("changed") == []


def test_pdf_marks_other_cells_than_those_that_changed() -> None:
    log, revision = corrected()
    groups = editor_groups(replace(log, revision=revision), Setter(780.0))
    marked = [[sorted(row.marked) for row in group.rows] for group in groups]
    assert marked[0][:3] == [[], [1], [7]]
    assert not any(marked[0][3:])
    assert [bool(group.heading[0].marked) for group in groups[:-1]] == [group is groups[-2] for group in groups[:-1]]
    assert all(row.marked == frozenset() for group in editor_groups(day(), Setter(780.0)) for row in group.rows)


@pytest.mark.real
def test_another_program_finds_no_star_in_the_pdf(tmp_path: Path) -> None:
    require("pdftotext", "poppler-utils is not installed")
    log, revision = corrected()
    (tmp_path / "a.pdf").write_bytes(editor_pdf(replace(log, revision=revision)))
    read = subprocess.run(
        ["pdftotext", "-layout", tmp_path / "a.pdf", "-"], capture_output=True, check=True, text=True
    ).stdout
    assert re.search(r"\* ?hold\b", read)
    assert re.search(r"\* ?boom in shot", read)
    assert "Revision 2" in read
    assert "What changed since revision 1" in read
    assert re.search(r"^42C/2 +Status +circled +hold$", read, re.MULTILINE)


def test_report_of_sections_marks_other_cells_than_those_that_changed() -> None:
    before = wrapped()
    first = next(card for card in CARDS if card.verdict != "cleared" and not card.superseded)
    rest = [card for card in CARDS if card is not first]
    after = wrapped(cards=(replace(first, verdict="cleared", cleared_by="Dana", cleared_ns=START), *rest))
    revision = draft_after(FIRST, cells_of(before), cells_of(after))
    assert revision.label == "Draft, differs from revision 1"
    moved = {(each.table, each.column) for each in revision.differences if each.label == first.card}
    assert moved >= {("Cards not cleared", "taken out"), ("Cards cleared for formatting", "new")}
    marked = replace(after, revision=revision)
    page = html.fromstring(sections_html(marked))
    cleared = [each for each in page.xpath("//section") if each.findtext("h2", "").startswith("Cards cleared")]
    assert cleared[0].xpath(".//tbody/tr/td")[0].get("class") == "strong changed"
    assert f"*{first.card}" in sections_text(marked).decode()
    assert sections_pdf(marked) == sections_pdf(marked)
    others = [each for each in page.find_class("changed") if first.card not in each.getparent().text_content()]
    assert others == []


def test_picture_that_a_format_lacks_is_a_correction() -> None:
    line = PicturedTake(key="k", take="42C/3", scene="42", timing="0:47", start="", camera="A", picture=b"a still")
    with_stills: WrapSummary = replace(wrapped(), pictured=(line,))
    without = replace(with_stills, pictured=(replace(line, camera="", picture=None),))
    assert compare(cells_of(with_stills), cells_of(without)) == ()
    (found,) = compare(cells_of(with_stills), cells_of(replace(without, pictured=())))
    assert (found.table, found.label, found.column) == ("Circled takes", "42C/3", "taken out")


def test_take_that_was_shot_at_another_time_is_said_to_stand_where_it_stood() -> None:
    first, second, third, *rest = DAY_THREE
    log = day((first, third, second, *rest))
    revision = issued_as(SECOND, cells_of(log), (FIRST, cells_of(day())))
    (found,) = revision.differences
    assert (found.label, found.column, found.was, found.now) in (
        ("42C/3", "place", "after 42C/2", "after 42C/1"),
        ("42C/2", "place", "after 42C/1", "after 42C/3"),
    )
    assert revision.marked == {(TAKES, found.key, "Take")}


def test_disk_that_is_put_away_is_a_correction() -> None:
    def on_board(sentence: str) -> WrapSummary:
        return wrapped(cards=tuple(replace(each, copies=replace(each.copies, sentence=sentence)) for each in CARDS))

    here, away = (
        on_board("safe as of 14:02; mounted now: /a."),
        on_board("safe as of 2026-03-05 14:02; none is mounted."),
    )
    assert here != away
    assert compare(cells_of(here), cells_of(away)) == ()
    known, unknown = (
        Cells((), (Table("A001, head", ("",), (Row("Codec", "Codec", (said,)),)),)) for said in ("h264", "?")
    )
    assert compare(known, unknown) == ()
    told, cleared = (Cells((), (Table("A001, head", ("",), (Row("EI", "EI", (said,)),)),)) for said in ("800", "?"))
    assert [(each.was, each.now) for each in compare(told, cleared)] == [("800", "?")], "of the log, and of no file"
    assert [each.now for each in compare(unknown, known)] == ["h264"]
    emptied = Cells((), (Table("Takes", ("Lens",), (Row("k", "1", ("?",)),)),))
    assert len(compare(replace(emptied, tables=(Table("Takes", ("Lens",), (Row("k", "1", ("35",)),)),)), emptied)) == 1


def test_column_of_a_newer_program_is_a_correction() -> None:
    old = Cells((), (Table("Takes", ("Take", "Status"), (Row("k", "1", ("1", "hold")),)),))
    new = Cells((), (Table("Takes", ("Take", "Lens", "Status"), (Row("k", "1", ("1", "35", "hold")),)),))
    assert compare(old, new) == ()
    (found,) = compare(old, replace(new, tables=(replace(new.tables[0], rows=(Row("k", "1", ("1", "35", "ng")),)),)))
    assert (found.column, found.was, found.now) == ("Status", "hold", "ng")


def test_takes_of_one_label_are_taken_for_one_another() -> None:
    """The number of one of two takes is put right: that one changed, and no other."""
    takes = tuple(a_take(f"42C/{n}", id=f"{n:032x}", notes=(note(f"take {n}"),)) for n in (1, 2, 2))
    twice = (takes[0], takes[1], replace(takes[2], id="f" * 32))
    fixed = (*twice[:2], replace(twice[2], take="3"))
    (found,) = [each for each in compare(cells_of(day(twice)), cells_of(day(fixed))) if each.table]
    assert (found.key, found.column, found.was, found.now) == ("f" * 32, "Take", "42C/2", "42C/3")


@pytest.mark.parametrize("seed", range(6))
def test_random_correction_is_not_told_as_it_was(seed: int) -> None:
    """A model of it: tables as dictionaries, the differences between two dictionaries."""
    dice = random.Random(seed)

    def some() -> Cells:
        keys = dice.sample(string.ascii_lowercase, dice.randint(0, 9))
        rows = tuple(Row(key, key, tuple(dice.choice("xyz") for _ in range(3))) for key in keys)
        return Cells((("Takes", dice.choice("12")),), (Table("T", ("A", "B", "C"), rows),))

    for _ in range(40):
        before, after = some(), some()
        was, now = ({row.key: row.cells for row in each.tables[0].rows} for each in (before, after))
        wanted = {(key, "new") for key in now.keys() - was.keys()} | {
            (key, "taken out") for key in was.keys() - now.keys()
        }
        wanted |= {(key, "ABC"[n]) for key in was.keys() & now.keys() for n in range(3) if was[key][n] != now[key][n]}
        wanted |= {("Takes", "Takes")} if before.facts != after.facts else set()
        found = {(each.key, each.column) for each in compare(before, after)}
        assert {each for each in found if each[1] != "place"} == wanted
        moved = {key for key, column in found if column == "place"}
        old, new = ([key for key in rows if key in was.keys() & now.keys()] for rows in (was, now))
        assert [key for key in old if key not in moved] == [key for key in new if key not in moved]
        kept = next(n for n in range(len(new), -1, -1) if set(combinations(old, n)) & set(combinations(new, n)))
        assert len(moved) == len(new) - kept, "and no others"
        assert unpacked(after.packed()) == after


@pytest.mark.parametrize(
    "packed",
    [
        "",
        "not base64!",
        base64.b64encode(b"not zlib").decode(),
        base64.b64encode(zlib.compress(b'{"a": 1}')).decode(),
        base64.b64encode(zlib.compress(b"[" * 100_000)).decode(),
        base64.b64encode(zlib.compress(b"[[], [[1, 2]]]")).decode(),
        base64.b64encode(zlib.compress(b" " * (2 << 20))).decode(),
        Cells((), ()).packed()[:-8] + "AAAAAA==",
    ],
    ids=["nothing", "letters", "bytes", "object", "deep", "short", "bomb", "cut"],
)
def test_cells_of_a_hostile_log_break_the_report(packed: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cells, "_LARGEST", 1 << 20)
    assert unpacked(packed) is None
    log = day()
    revision = draft_after(FIRST, unpacked(packed), cells_of(log))
    assert revision.line.endswith("What revision 1 said cannot be read, so nothing is marked")
    assert b"cannot be read" in editor_text(replace(log, revision=revision))


def test_line_that_stayed_is_listed_as_changed() -> None:
    circled = DAY_THREE[1]
    before, after = day(), day((DAY_THREE[0], replace(circled, notes=(*circled.notes, note("boom"))), *DAY_THREE[2:]))
    printed = editor_text(replace(after, revision=draft_after(FIRST, cells_of(before), cells_of(after)))).decode()
    listed = printed[printed.index("WHAT CHANGED") :].splitlines()
    assert listed[1:4] == ["  42C/2  Comment", "      was: (nothing)", "      is: boom"]


@pytest.mark.parametrize("seed", range(4))
def test_correction_marks_a_cell_that_it_does_not_touch(seed: int) -> None:
    """Any takes corrected in any way: the cells that are marked are those of the columns that print it, no others."""
    dice = random.Random(seed)
    ways: list[tuple[str, Callable[[Take], Take]]] = [
        ("Status", lambda take: replace(take, status_reason="focus", status=Status.NG)),
        ("Comment", lambda take: replace(take, description="a correction")),
        ("Comment", lambda take: replace(take, tags=("corrected",))),
        ("Comment", lambda take: replace(take, slated_as="99/9")),
        ("TC in", lambda take: replace(take, tc_in="23:59:59:23")),
        ("Sound", lambda take: replace(take, sound=(sound("corrected.wav", roll="S999"),))),
    ]
    for _ in range(20):
        takes, wanted = list(DAY_THREE), set()
        for place in dice.sample(range(len(takes)), dice.randint(0, 4)):
            column, change = dice.choice(ways)
            takes[place] = change(takes[place])
            wanted.add((TAKES, takes[place].id, column))
            if column == "Sound":
                wanted.add((TAKES, takes[place].id, "Clips"))
        log = day(tuple(takes))
        revision = issued_as(SECOND, cells_of(log), (FIRST, cells_of(day())))
        of_takes = {mark for mark in revision.marked if mark[0] == TAKES}
        assert of_takes == wanted
