"""What may go wrong on paper: a setup alone at the foot of a page, a note longer than the page, a missing letter."""

from __future__ import annotations

import io
import random
import subprocess
from pathlib import Path

import pytest
from PIL import Image

from onset.domain.take import Take
from onset.errors import ReportError
from onset.reports import fonts, pdf, sheet
from onset.reports.editor import EditorLog, editor_log
from onset.reports.fonts import typefaces
from onset.reports.pdf import _about_lines, editor_pdf
from onset.reports.section import Column
from onset.reports.sheet import PAD, Setter
from tests.needs import require
from tests.onset.reports.a_day import DAY_THREE, DayLog, a_take, note

BODY = 400.0


def _pages(log: EditorLog, opening: float = 30.0) -> list[list[sheet.Row]]:
    return sheet.paginate(pdf.editor_groups(log, sheet.Setter(780.0)), BODY, opening)


def _words(rows: list[sheet.Row]) -> str:
    return " ".join(run.text for row in rows for cell in row.cells for line in cell for run in line.runs)


def _random_day(seed: int) -> list[Take]:
    dice = random.Random(seed)
    takes = []
    for setup in range(40):
        for number in range(dice.randint(1, 5)):
            length = dice.choice((0, 3, 40, 200, 900))
            words = " ".join(f"w{dice.randint(0, 999)}" for _ in range(length))
            takes.append(a_take(f"{42 + setup}/{number + 1}", notes=(note(words),) if words else ()))
    return takes


@pytest.mark.parametrize("seed", range(8))
def test_setup_is_never_parted_from_its_first_take(seed: int) -> None:
    pages = _pages(editor_log(DayLog(_random_day(seed)), 3))
    assert len(pages) > 5
    for rows in pages:
        assert rows, "no empty page"
        assert not rows[-1].heading, "a setup stands alone at the foot of a page"
        assert rows is pages[0] or rows[0].heading, "the reader of this page must know which setup it is"
        assert sum(row.height for row in rows) <= BODY


@pytest.mark.parametrize("seed", range(8))
def test_nothing_is_lost_at_a_page_break(seed: int) -> None:
    takes = _random_day(seed)
    printed = _words([row for rows in _pages(editor_log(DayLog(takes), 3)) for row in rows if not row.heading])
    wanted = [word for take in takes for each in take.notes for word in each.text.split()]
    assert sorted(word for word in printed.split() if word.startswith("w")) == sorted(wanted)


def test_note_and_description_longer_than_a_page_run_on() -> None:
    novel = " ".join(f"w{number}" for number in range(6000))
    log = editor_log(DayLog([a_take("42C/1", notes=(note(novel),))], description=novel), 3)
    pages = _pages(log)
    words = [word for word in _words([row for rows in pages for row in rows]).split() if word.startswith("w")]
    assert len(words) == 12_000
    assert all(sum(row.height for row in rows) <= BODY for rows in pages)
    assert editor_pdf(log).startswith(b"%PDF-")


def test_word_without_a_space_is_cut_to_the_column() -> None:
    regular, _ = typefaces()
    lines = list(regular.wrap("M" * 500, 20_000))
    assert "".join(lines) == "M" * 500
    assert all(0 < regular.width(line) <= 20_000 for line in lines)


def test_column_narrower_than_a_letter_still_ends() -> None:
    regular, _ = typefaces()
    assert list(regular.wrap("abc", 1)) == ["a", "b", "c", ""]


def test_same_log_gives_the_same_bytes() -> None:
    assert editor_pdf(editor_log(DayLog(), 3)) == editor_pdf(editor_log(DayLog(), 3))


def test_letter_paper_is_another_sheet() -> None:
    log = editor_log(DayLog(), 3)
    assert b"/MediaBox [ 0 0 792 612 ]" in editor_pdf(log, paper="letter")
    assert b"/MediaBox [ 0 0 841.8898 595.2756 ]" in editor_pdf(log)


def test_every_european_letter_and_every_mark_we_print_is_in_our_own_font() -> None:
    for face in typefaces():
        for char in "ÀéßŁŘőşẞжЩїΩάקشا½\u2032\u2033°\u2013\u2014…\u201c\u201d·▸○~⚠✓✗":
            assert [run.text for run in face.runs(char)] == [char]
            assert face.runs(char)[0].face.startswith("Onset")


def test_missing_fonts_are_one_sentence(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(fonts, "_FOLDER", tmp_path)
    with pytest.raises(ReportError, match=r"fonts of onset in .* are missing or damaged; install onset again\.$"):
        typefaces.__wrapped__()


@pytest.mark.real
def test_another_program_reads_every_word_of_the_file(tmp_path: Path) -> None:
    require("pdftotext", "poppler-utils is not installed")
    takes = [*DAY_THREE, a_take("43/1", notes=(note("Žižkov, naïve, Щука, Ωμέγα"),))] * 20
    path = tmp_path / "log.pdf"
    path.write_bytes(editor_pdf(editor_log(DayLog(takes), 3)))
    read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout
    pages = read.rstrip("\f").split("\f")
    assert [f"Page {n} of {len(pages)}" in page for n, page in enumerate(pages, 1)] == [True] * len(pages)
    assert all("Camera rolls" in page for page in pages)
    assert read.count("Žižkov, naïve, Щука, Ωμέγα") == 20
    assert read.count("he forgot everything") == 0


def test_title_too_long_for_the_page_says_that_it_goes_on() -> None:
    setter = sheet.Setter(780.0)
    line = setter.one_line("Harbour " * 60, 300.0, setter.bold, 13)
    text = "".join(run.text for run in line.runs)
    assert text.startswith("Harbour Harbour")
    assert text.endswith(" …")
    assert sum(run.width for run in line.runs) * 13 / 1000 <= 300
    short = setter.one_line("Harbour", 300.0, setter.bold, 13)
    assert "".join(run.text for run in short.runs) == "Harbour"


def test_decomposed_letters_of_a_mac_are_set_as_one() -> None:
    regular, _ = typefaces()
    assert list(regular.wrap("Cafe\u0301", 20_000)) == ["Caf\u00e9"]


def test_brackets_of_an_arabic_description_change_places_with_its_label() -> None:
    facts = (("Size", "CU"), ("Description", "باب (42C/2) هنا"), ("VFX", "yes"))
    assert list(_about_lines(facts)) == ["Size CU    Description", "باب (42C/2) هنا", "VFX yes"]
    assert list(_about_lines(facts[:1])) == ["Size CU"]


def test_wide_picture_runs_into_the_next_column() -> None:
    out = io.BytesIO()
    Image.new("RGB", (300, 60)).save(out, "JPEG")
    columns = (Column("", 0.2), Column("Take", 0.8))
    row = Setter(500).row(columns, ((), ("42A/1",)), (0, 0), picture=out.getvalue(), room=(168.0, 118.0))
    assert row.room[0] < row.widths[0] - PAD
    assert row.height < 40, "no lower than it is"
