"""Progress report and facing pages as another program reads them: poppler's pdftotext."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from onset.reports.facing_pages import pages_of_all
from onset.reports.pdf import sections_pdf
from onset.reports.progress_day import progress_report
from onset.reports.section import SectionPaper
from tests.logging_db.support import OnSet
from tests.needs import require
from tests.onset.reports.a_film import a_film

PAPERS: dict[str, Callable[[OnSet], SectionPaper]] = {
    "progress": lambda on_set: progress_report(on_set.log, 2, director="Ana Reyes", partial=True),
    "facing": lambda on_set: pages_of_all(on_set.log, director="Ana Reyes"),
}


@pytest.mark.real
@pytest.mark.parametrize("kind", list(PAPERS))
def test_word_of_a_table_is_not_on_the_printed_page(kind: str, tmp_path: Path) -> None:
    require("pdftotext", "poppler-utils is not installed")
    with a_film(tmp_path) as on_set:
        report = PAPERS[kind](on_set)
    path = tmp_path / "paper.pdf"
    for sheet, width in (("letter", "612"), ("a4", "595")):
        path.write_bytes(sections_pdf(report, paper="letter" if sheet == "letter" else "a4"))
        read = subprocess.run(["pdftotext", "-layout", path, "-"], capture_output=True, check=True, text=True).stdout
        told = [text for section in report.sections for row in section.rows for cell in row for text in cell]
        told += [value for section in report.sections for facts in section.about for _, value in facts]
        words = read.split()
        assert [word for text in (*told, *report.warnings) for word in text.split() if word not in words] == []
        pages = read.count("\f")
        assert [f"Page {number} of {pages}" in read for number in range(1, pages + 1)] == [True] * pages
        size = subprocess.run(["pdfinfo", path], capture_output=True, check=True, text=True).stdout
        assert f"Page size:       {width}" in size
