"""What may go wrong with a table of a report: two rolls on one sheet, a circle at the wrong take, cells mixed up."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import ClassVar

from onset.reports import pdf, sheet, text
from onset.reports.day import totals_of
from onset.reports.html import sections_html
from onset.reports.pdf import sections_pdf
from onset.reports.section import Column, Section, SectionPaper
from onset.reports.text import sections_text

_ROWS = ((("42C",), ("1",), ("35mm",)), (("42C",), ("2",), ("50mm",)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rolls(SectionPaper):
    """Two rolls, each on a sheet of its own."""

    kind: ClassVar[str] = "Offload report"
    mark: ClassVar[str] = "onset offload report"
    name: ClassVar[str] = "offload"
    wide: ClassVar[bool] = True

    @property
    def sections(self) -> tuple[Section, ...]:
        columns = (Column("Slate", 0.4), Column("Take", 0.2), Column("Lens", 0.4))
        return tuple(
            Section(
                heading=f"Roll {roll}",
                columns=columns,
                rows=_ROWS,
                empty="",
                about=((("Camera", roll[0]), ("EI", "800")), (("Takes", "2"),)),
                new_page=True,
                circled=frozenset({1}),
                circle_in=1,
            )
            for roll in ("A014", "B007")
        )


ROLLS = Rolls(
    title="Harbour Lights", unit="Main", day=3, date="2026-03-05", rate="24", company="", director="",
    totals=totals_of(()), warnings=(), as_of="",
)  # fmt: skip


def test_roll_that_begins_a_sheet_stands_alone_on_it() -> None:
    groups = [pdf._section(section, sheet.Setter(780.0)) for section in ROLLS.sections]
    pages = sheet.paginate(groups, 400.0, 30.0)
    headings = [[run.text for row in page for run in row.cells[0][0].runs if row.heading] for page in pages]
    assert headings == [["Roll A014 (2)"], ["Roll B007 (2)"]]
    assert b"/Count 2" in sections_pdf(ROLLS)
    assert sections_html(ROLLS).count(b'<section class="sheet">') == 2


def test_report_with_many_columns_is_printed_across() -> None:
    assert b"/MediaBox [ 0 0 841.8898 595.2756 ]" in sections_pdf(ROLLS)
    assert b"<body>" in sections_html(ROLLS)


def test_circle_is_at_the_take_and_nowhere_else() -> None:
    group = pdf._section(ROLLS.sections[0], sheet.Setter(780.0))
    assert [(row.circled, row.circle_in) for row in group.rows] == [(False, 1), (True, 1)]
    assert re.findall(rb'class="circle" title="circled">([^<]*)<', sections_html(ROLLS)) == [b"2", b"2"]
    assert "  42C    (2)   50mm\n" in sections_text(ROLLS).decode()


def test_what_is_said_of_a_table_stands_in_each_form_of_it() -> None:
    text = sections_text(ROLLS).decode()
    assert "ROLL A014 (2)\n  Camera A, EI 800\n  Takes 2\n  Slate  Take  Lens\n" in text
    page = sections_html(ROLLS).decode()
    assert '<div><dt>EI</dt><dd dir="auto">800</dd></div>' in page
    group = pdf._section(ROLLS.sections[0], sheet.Setter(780.0))
    assert [line.runs[0].text for line in group.heading[0].cells[0]] == [
        "Roll A014 (2)",
        "Camera A    EI 800",
        "Takes 2",
    ]


def test_director_is_cut_off_behind_a_long_company() -> None:
    setter = sheet.Setter(535.0)
    below = f"Daily progress report  ·  Day 3  ·  Main unit  ·  Company {'Harbour & Sons ' * 5}  ·  Director Ana Reyes"
    told = [" ".join(run.text for run in line.runs) for line in setter.below_title(below)]
    assert len(told) == 2
    assert told[1].endswith("Ana Reyes")
    (short,) = setter.below_title("Day 3")
    assert [run.text for run in short.runs] == ["Day 3"]
    assert len(setter.below_title("word " * 200)) == 2


def test_columns_of_han_stand_under_each_other_in_a_terminal() -> None:
    section = Section(
        heading="Rolls",
        columns=(Column("Name", 0.5), Column("Roll", 0.5)),
        rows=((("水上",), ("A014",)), (("cafe\u0301",), ("A015",))),
        empty="",
    )
    *_, han, latin = list(text._section(section))
    assert (han, latin) == ("  水上  A014", "  cafe\u0301  A015")
