"""Reports as PDF: the editor's log, landscape, and reports made of sections, upright; `sheet.py` prints the pages."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from reportlab.lib.pagesizes import A4, LETTER, landscape

from onset.reports.day import DayPaper
from onset.reports.editor import EditorLog, SetupBlock, TakeLine
from onset.reports.revision import BlockMarks, changes_of, editor_marks, facts_of, label_of, line_of, sections_of
from onset.reports.section import Column, Section, SectionPaper
from onset.reports.shaping import is_backwards
from onset.reports.sheet import MARGIN, PAD, Document, Group, Line, Paper, Row, Setter, in_numbers, printed

PRODUCER = "onset editor log"

_INDENT = 8.0  # of a take number, for the circle to stand within the table
_LEGEND = "○ drawn round the number: circled take    ~ no action stamped, timed from roll to cut    ▸ mark"

_COLUMNS = (
    Column("Take", 0.045),
    Column("Status", 0.095),
    Column("Timing", 0.05),
    Column("Camera rolls", 0.085),
    Column("Sound", 0.07),
    Column("TC in", 0.095),
    Column("Clips", 0.2),
    Column("Comment", 0.36),
)


def page_size(paper: Paper, *, wide: bool) -> tuple[float, float]:
    """Width and height of a sheet in points."""
    upright: tuple[float, float] = A4 if paper == "a4" else LETTER
    if not wide:
        return upright
    across: tuple[float, float] = landscape(upright)
    return across


def editor_pdf(log: EditorLog, *, paper: Paper = "a4") -> bytes:
    """Print the editor's log.

    Args:
        log: what to print.
        paper: size of the sheet, always landscape.

    Returns:
        The file; equal for equal input.

    Raises:
        ReportError: the fonts are missing.
    """
    size = page_size(paper, wide=True)
    setter = Setter(size[0] - 2 * MARGIN)
    document = Document(
        title=log.title,
        below=_below("Editor's log", log),
        logo=log.logo,
        opening=_opening(log, setter),
        columns=_COLUMNS,
        groups=editor_groups(log, setter),
        legend=_LEGEND,
        corner=f"TC at {log.rate} fps",
        producer=PRODUCER,
        about=f"Editor's log: {log.title}, {log.about}",
        author=log.company,
        subject=", ".join(log.covers[1:]),
    )
    return printed(document, setter, size)


def editor_groups(log: EditorLog, setter: Setter) -> tuple[Group, ...]:
    """The setups with their takes, set."""
    return tuple(
        Group(
            heading=(_setup(block, marks, setter),),
            again=(setter.heading_again(f"{block.slate}  (continued)"),),
            rows=tuple(
                replace(_take(take, setter), marked=marked)
                for take, marked in zip(block.takes, marks.takes, strict=True)
            ),
        )
        for block, marks in zip(log.blocks, editor_marks(log), strict=True)
    ) + tuple(_section(section, setter) for section in changes_of(log))


def _setup(block: SetupBlock, marks: BlockMarks, setter: Setter) -> Row:
    aside = [block.description] if is_backwards(block.description) else []
    description = "" if aside else block.description
    known = [f"Scene {block.scene}" if block.scene else "", block.heading, description, block.size]
    first = "  ·  ".join([block.slate, *filter(None, known), *(["VFX"] if block.vfx else [])])
    cameras = "    ".join(f"{each.camera}  {each.lens}".rstrip() for each in block.cameras)
    heading = setter.heading(first + ("  (again)" if block.again else ""), *aside, *([cameras] if cameras else []))
    return replace(heading, marked=frozenset({0} if marks.heading else ()))


def _take(take: TakeLine, setter: Setter) -> Row:
    tags = (" ".join(f"#{tag}" for tag in take.tags),) if take.tags else ()
    status = (take.status,) if take.status else ()
    cells = (
        (take.number,),
        (*status, *take.flags),
        (take.timing,),
        take.camera_rolls,
        take.sound_rolls,
        (take.tc_in, *([take.tc_note] if take.tc_note else [])),
        take.clips,
        (*take.comments, *tags),
    )
    bold = (1, len(status), 0, 0, 0, 0, 0, 0)
    return setter.row(_COLUMNS, cells, bold, circled=take.circled, indent=_INDENT)


def sections_pdf(report: SectionPaper, *, paper: Paper = "a4") -> bytes:
    """Print a report of sections.

    Args:
        report: what to print.
        paper: size of the sheet.

    Returns:
        The file; equal for equal input.

    Raises:
        ReportError: the fonts are missing.
    """
    size = page_size(paper, wide=report.wide)
    setter = Setter(size[0] - 2 * MARGIN)
    document = Document(
        title=report.title,
        below=_below(report.kind, report),
        logo=report.logo,
        opening=_opening(report, setter),
        columns=(),
        groups=tuple(_section(section, setter) for section in sections_of(report)),
        legend=report.legend,
        corner=report.as_of,
        producer=report.mark,
        about=f"{report.kind}: {report.title}, {report.about}",
        author=report.company,
        subject=", ".join(report.covers[1:]),
    )
    return printed(document, setter, size)


def _section(section: Section, setter: Setter) -> Group:
    title = setter.heading(section.title, *(line for facts in section.about for line in _about_lines(facts)))
    if not section.rows:
        return Group((title,), (), (setter.row((Column("", 1.0),), ((section.empty,),), (0,)),), section.new_page)
    bold = [99 if place in section.bold else 0 for place in range(len(section.columns))]
    names = setter.row(section.columns, [(column.heading,) for column in section.columns], [1] * len(section.columns))
    again = setter.heading_again(f"{section.heading}  (continued)")
    rows = tuple(
        replace(
            setter.row(
                section.columns,
                cells,
                bold,
                circled=place in section.circled,
                indent=_INDENT if section.circled else PAD,
                picture=section.picture(place),
                circle_in=section.circle_in,
                room=section.room,
            ),
            marked=frozenset(column for row, column in section.marked if row == place),
        )
        for place, cells in enumerate(section.rows)
    )
    return Group((title, names), (again, names), rows, section.new_page)


def _about_lines(facts: Sequence[tuple[str, str]]) -> Iterator[str]:
    """Labels and values as a paragraph; a value that runs from right to left is one of its own, after its label.

    Within another one its brackets and its Latin words would change places.
    """
    together: list[tuple[str, str]] = []
    for label, value in facts:
        if not is_backwards(value):
            together.append((label, value))
            continue
        yield in_numbers([*together, (label, "")]).rstrip()
        yield value
        together = []
    if together:
        yield in_numbers(together)


def _opening(paper: DayPaper, setter: Setter) -> tuple[Line, ...]:
    line = tuple(each for text in line_of(paper) for each in setter.lines(text, setter.width, setter.bold))
    return line + setter.opening(paper.warnings, facts_of(paper))


def _below(kind: str, paper: DayPaper) -> str:
    below = "  ·  ".join((kind, *label_of(paper), *paper.covers))
    names = "  ·  ".join(f"{what} {name}" for what, name in paper.names)
    return f"{below}  ·  {names}" if names else below
