"""Reports as plain text, for a terminal, a mail or a printer that knows nothing else."""

from __future__ import annotations

import textwrap
import unicodedata
from collections.abc import Iterable, Iterator, Sequence

from onset.reports.cells import EDITOR_COLUMNS
from onset.reports.day import DayPaper
from onset.reports.editor import EditorLog, SetupBlock, TakeLine
from onset.reports.revision import STAR, BlockMarks, changes_of, editor_marks, facts_of, line_of, sections_of
from onset.reports.section import Section, SectionPaper

MARKER = "onset editor log"
_WIDTH = 78  # what RFC 5322, 2.1.1, asks of a mail, and a terminal of 80 shows with a margin
_SECOND = "\0"  # the second column of a wide character while lines are broken; no text from outside has it
_FEW = 4  # cells that are told apart without headings


def editor_text(log: EditorLog) -> bytes:
    """Lay the log out in lines, UTF-8; a circled take's number stands in parentheses, as scripts write it."""
    return _encoded(_editor_lines(log))


def sections_text(paper: SectionPaper) -> bytes:
    """Lay a report of sections out in lines, UTF-8."""
    return _encoded(_section_lines(paper))


def _encoded(lines: Iterable[str]) -> bytes:
    return ("\n".join(lines) + "\n").encode("utf-8", "backslashreplace")


def _head(paper: DayPaper, marker: str) -> Iterator[str]:
    yield f"{paper.title} - {marker}"  # however long: by this line a report is known again
    yield from _wrapped(f"{', '.join(paper.covers)}, TC at {paper.rate} fps", 0)
    for what, name in paper.names:
        yield from _wrapped(f"{what}: {name}", 0)
    for line in line_of(paper):
        yield from _wrapped(line, 0)
    for warning in paper.warnings:
        yield from _wrapped(f"! {warning}", 0)
    facts = facts_of(paper)
    if facts:
        yield ""
        yield from _wrapped(", ".join(f"{label} {value}" for label, value in facts), 0)


def _editor_lines(log: EditorLog) -> Iterator[str]:
    yield from _head(log, MARKER)
    for block, marks in zip(log.blocks, editor_marks(log), strict=True):
        yield ""
        yield from _block(block, marks)
    for section in changes_of(log):
        yield ""
        yield from _section(section)
    yield ""
    yield "(3) circled take, ~ no action stamped: timed from roll to cut, > mark"


def _block(block: SetupBlock, marks: BlockMarks) -> Iterator[str]:
    known = [f"Scene {block.scene}" if block.scene else "", block.heading, block.description, block.size]
    extra = ["VFX"] if block.vfx else []
    words = [block.slate + (" (again)" if block.again else ""), *filter(None, known), *extra]
    yield from _wrapped(STAR * marks.heading + " | ".join(words), 0)
    cameras = "; ".join(f"{each.camera} {each.lens}".rstrip() for each in block.cameras)
    if cameras:
        yield from _wrapped(cameras, 2)
    for take, marked in zip(block.takes, marks.takes, strict=True):
        yield from _take(take, [STAR * (place in marked) for place in range(len(EDITOR_COLUMNS))])


def _take(take: TakeLine, stars: Sequence[str]) -> Iterator[str]:
    """A take; `stars` stand before what changed, one text a column."""
    of_number, of_status, of_timing, of_rolls, of_sound, of_tc, of_clips, of_comment = stars
    number = of_number + (f"({take.number})" if take.circled else f" {take.number} ")
    status = of_status + ", ".join([*([take.status] if take.status else []), *take.flags])
    tc = of_tc + f"{take.tc_in} {take.tc_note}".strip()
    line = f"  {number:<7} {of_timing + take.timing:>7}  {tc:<22}"
    if _across(line) + 2 + _across(status) <= _WIDTH:
        yield f"{line}  {status}".rstrip()
    else:
        yield line.rstrip()
        yield from _wrapped(status)
    sound = ", ".join(f"sound {roll}" for roll in take.sound_rolls)
    rolls = ", ".join(filter(None, (of_rolls + ", ".join(take.camera_rolls), of_sound + sound)))
    for text in filter(None, (rolls, of_clips + ", ".join(take.clips))):
        yield from _wrapped(text)
    tags = [" ".join(f"#{tag}" for tag in take.tags)] if take.tags else []
    comments = [line for comment in take.comments for line in comment.replace("▸", ">").split("\n")] + tags
    for place, line in enumerate(comments or [""] * len(of_comment)):
        yield from _wrapped((of_comment if place == 0 else "") + line)


def _section_lines(paper: SectionPaper) -> Iterator[str]:
    yield from _head(paper, paper.mark)
    for section in sections_of(paper):
        yield ""
        yield from _section(section)
    yield ""
    yield paper.as_of


def _section(section: Section) -> Iterator[str]:
    """A heading, and for each row its short cells on one line with the long ones below it."""
    yield from _wrapped(section.title if section.verbatim else section.title.upper(), 0)
    for facts in section.about:
        yield from _wrapped(", ".join(f"{label} {value}" for label, value in facts), 2)
    if not section.rows:
        yield from _wrapped(section.empty, 2)
    short = [place for place, column in enumerate(section.columns) if not column.long]
    rows = [_marked(section, number) for number in range(len(section.rows))]
    if section.rows and (len(short) > _FEW or 1 < len(short) == len(section.columns)):
        yield from _table(section, short, rows)
        return
    for row in rows:
        first = "  ".join(text for place in short for text in row[place] if text)
        if first:
            yield from _wrapped(first, 2)
        for place, column in enumerate(section.columns):
            for text in row[place] if column.long else ():
                yield from _wrapped(column.lead + text, 6 if first else 2)


def _marked(section: Section, number: int) -> Sequence[Sequence[str]]:
    """A row's cells, a circled take in parentheses, as scripts write it, and a star at what changed."""
    row: Sequence[Sequence[str]] = section.rows[number]
    if number in section.circled:
        row = [[f"({text})" for text in cell] if place == section.circle_in else cell for place, cell in enumerate(row)]
    return [
        [STAR + (cell[0] if cell else ""), *cell[1:]] if (number, place) in section.marked else cell
        for place, cell in enumerate(row)
    ]


def _table(section: Section, short: Sequence[int], rows: Sequence[Sequence[Sequence[str]]]) -> Iterator[str]:
    """Columns of short cells under their headings; below each row what is long, and what the line has no room for."""
    first, beside = short[0], list(short)
    lines = [[column.heading for column in section.columns], *([" ".join(cell) for cell in row] for row in rows)]
    widths = [max(map(_across, column)) for column in zip(*lines, strict=True)]
    below: list[Sequence[str]] = [() for _ in lines]  # of the first column
    if sum(widths[place] + 2 for place in beside) > _WIDTH:
        below[1:] = [row[first][1:] for row in rows]
        for line, row in zip(lines[1:], rows, strict=True):
            line[first] = row[first][0] if row[first] else ""
        widths[first] = max(_across(line[first]) for line in lines)
    while len(beside) > 2 and sum(widths[place] + 2 for place in beside) > _WIDTH:
        beside.remove(max(beside[1:], key=lambda place: widths[place]))
    for number, line in enumerate(lines):
        cells = (line[place] + " " * (widths[place] - _across(line[place])) for place in beside)
        yield from _wrapped("  ".join(cells), 2)
        for text in below[number]:
            yield from _wrapped(text, 6)
        for place, column in enumerate(section.columns) if number else ():
            if column.long:
                for text in rows[number - 1][place]:
                    yield from _wrapped(column.lead + text, 6)
            elif place not in beside and line[place]:
                yield from _wrapped(f"{column.heading}: {line[place]}", 6)


def _across(text: str) -> int:
    """Columns that a terminal gives it: two for Han and most emoji, none for marks (UAX #11)."""
    seen = [char for char in text if unicodedata.category(char) not in ("Mn", "Me", "Cf")]
    return len(seen) + sum(map(_is_wide, seen))


def _is_wide(char: str) -> bool:
    return unicodedata.east_asian_width(char) in ("W", "F")


def _wrapped(text: str, by: int = 10) -> list[str]:
    """Lines that no mail or terminal of 80 columns breaks again; those of a head (`by` 0) go on two columns in."""
    wide = "".join(char + _SECOND if _is_wide(char) else char for char in text)
    first, then = " " * by, " " * (by or 2)
    lines = textwrap.wrap(wide, _WIDTH, initial_indent=first, subsequent_indent=then)
    return [line.replace(_SECOND, "") for line in lines] or [first.rstrip()]
