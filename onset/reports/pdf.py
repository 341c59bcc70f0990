"""The editor's log as PDF: landscape, headings on every page, a setup never parted from its first take.

Laid out by hand on ReportLab's canvas: page n of m needs every page known before the first is drawn, a note may be
longer than a page, and characters come from several faces. Same log, same bytes (ReportLab's invariant mode).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from reportlab.lib.pagesizes import A4, LETTER, landscape
from reportlab.pdfgen.canvas import Canvas

from onset.reports.editor import EditorLog, SetupBlock, TakeLine
from onset.reports.fonts import Run, Typeface, typefaces

Paper = Literal["a4", "letter"]
PRODUCER = "onset editor log"

_MARGIN = 30.0
_SIZE = 8.0
_LEADING = 10.5
_PAD = 3.0
_HEAD = 46.0  # height of the page head above the column headings
_FOOT = 20.0
_INDENT = 8.0  # of a take number, for the circle to stand within the table
_RADIUS = 6.5  # of the circle round a take number: clears two digits at _SIZE
_LEGEND = "○ drawn round the number: circled take    ~ no action stamped, timed from roll to cut    ▸ mark"


@dataclass(frozen=True, slots=True)
class Column:
    """A column and its share of the page's width."""

    heading: str
    share: float


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


class Sheet(Protocol):
    """What is used of ReportLab's canvas, which has no types."""

    def drawString(self, x: float, y: float, text: str) -> None: ...  # noqa: N802 - the library's name

    def setFont(self, name: str, size: float) -> None: ...  # noqa: N802 - the library's name

    def line(self, x1: float, y1: float, x2: float, y2: float) -> None: ...

    def circle(self, x: float, y: float, r: float) -> None: ...

    def roundRect(self, x: float, y: float, width: float, height: float, radius: float) -> None: ...  # noqa: N802

    def rect(self, x: float, y: float, width: float, height: float, stroke: int, fill: int) -> None: ...

    def setFillGray(self, gray: float) -> None: ...  # noqa: N802 - the library's name

    def setLineWidth(self, width: float) -> None: ...  # noqa: N802 - the library's name

    def showPage(self) -> None: ...  # noqa: N802 - the library's name


@dataclass(frozen=True, slots=True)
class Line:
    """One set line of a cell."""

    runs: tuple[Run, ...]


@dataclass(frozen=True, slots=True)
class Row:
    """A row of the table, set and measured.

    Attributes:
        cells: one list of lines a column; a setup row has one cell over all columns.
        setup: it heads a setup.
        circled: its number gets a drawn circle.
    """

    cells: tuple[tuple[Line, ...], ...]
    setup: bool = False
    circled: bool = False

    @property
    def lines(self) -> int:
        return max(len(cell) for cell in self.cells)

    @property
    def height(self) -> float:
        return self.lines * _LEADING + 2 * _PAD

    def split(self, lines: int) -> tuple[Row, Row]:
        """The first `lines` lines, and the rest for the next page."""
        head = tuple(cell[:lines] for cell in self.cells)
        return replace(self, cells=head), Row(tuple(cell[lines:] for cell in self.cells))


def editor_pdf(log: EditorLog, *, paper: Paper = "a4") -> bytes:
    """Print the log.

    Args:
        log: what to print.
        paper: size of the sheet, always landscape.

    Returns:
        The file; equal for equal input.

    Raises:
        ReportError: the fonts are missing.
    """
    width, height = landscape(A4 if paper == "a4" else LETTER)
    setter = _Setter(width - 2 * _MARGIN)
    top = setter.opening(log)
    body = height - 2 * _MARGIN - _HEAD - _FOOT - _LEADING - 2 * _PAD
    pages = _paginate(log, setter, body, len(top) * _LEADING + _PAD)
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=(width, height), invariant=1, pageCompression=1, lang="en")
    canvas.setTitle(f"Editor's log: {log.title}, day {log.day}")
    canvas.setAuthor(log.company or "onset")
    canvas.setSubject(f"{log.unit} unit, {log.date}")
    canvas.setProducer(PRODUCER)
    canvas.setCreator("onset")
    press = _Press(canvas, width, height)
    for number, rows in enumerate(pages, 1):
        press.page(log, rows, number, len(pages), top if number == 1 else (), setter)
    canvas.save()
    return out.getvalue()


class _Setter:
    """Turns words into lines of the right width."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.regular, self.bold = typefaces()
        self.widths = [column.share * width for column in _COLUMNS]

    def lines(self, text: str, width: float, face: Typeface) -> Iterator[Line]:
        for line in face.wrap(text, width / _SIZE * 1000):
            yield Line(tuple(face.runs(line)))

    def one_line(self, text: str, width: float, face: Typeface, size: float = _SIZE) -> Line:
        """As much of `text` as fits, with an ellipsis where that is not all."""
        measure = width / size * 1000
        first, *more = face.wrap(text, measure)
        if more:
            first = next(face.wrap(text, measure - face.width(" …"))) + " …"
        return Line(tuple(face.runs(first)))

    def cell(self, texts: Sequence[str], column: int, *, bold: int = 0) -> tuple[Line, ...]:
        """Texts below one another, the first `bold` of them in bold."""
        width = self.widths[column] - _PAD - (_INDENT if column == 0 else _PAD)
        return tuple(
            line
            for place, text in enumerate(texts)
            for line in self.lines(text, width, self.bold if place < bold else self.regular)
        )

    def opening(self, log: EditorLog) -> tuple[Line, ...]:
        """What stands above the table on page one: warnings, then the day in numbers."""
        facts = "    ".join(f"{label} {value}" for label, value in log.facts)
        lines = [line for text in log.warnings for line in self.lines(f"⚠ {text}", self.width, self.bold)]
        return (*lines, *self.lines(facts, self.width, self.bold))

    def setup(self, block: SetupBlock) -> Row:
        known = [f"Scene {block.scene}" if block.scene else "", block.heading, block.description, block.size]
        first = "  ·  ".join([block.slate, *filter(None, known), *(["VFX"] if block.vfx else [])])
        lines = list(self.lines(first + ("  (again)" if block.again else ""), self.width - 2 * _PAD, self.bold))
        cameras = "    ".join(f"{each.camera}  {each.lens}".rstrip() for each in block.cameras)
        if cameras:
            lines += self.lines(cameras, self.width - 2 * _PAD, self.regular)
        return Row((tuple(lines),), setup=True)

    def continued(self, block: SetupBlock) -> Row:
        """One line that names the setup again at the head of a page."""
        line = self.one_line(f"{block.slate}  (continued)", self.width - 2 * _PAD, self.bold)
        return Row(((line,),), setup=True)

    def take(self, take: TakeLine) -> Row:
        tags = (" ".join(f"#{tag}" for tag in take.tags),) if take.tags else ()
        status = (take.status,) if take.status else ()
        cells = (
            self.cell((take.number,), 0, bold=1),
            self.cell((*status, *take.flags), 1, bold=len(status)),
            self.cell((take.timing,), 2),
            self.cell(take.camera_rolls, 3),
            self.cell(take.sound_rolls, 4),
            self.cell((take.tc_in, *([take.tc_note] if take.tc_note else [])), 5),
            self.cell(take.clips, 6),
            self.cell((*take.comments, *tags), 7),
        )
        return Row(cells, circled=take.circled)


class _Book:
    """Shares rows out over pages; a row that no page can hold is split where it stands."""

    def __init__(self, body: float, opening: float) -> None:
        self.pages: list[list[Row]] = [[]]
        self._body = body
        self._left = max(body - opening, 0.0)

    def turn_for(self, height: float) -> bool:
        """Begin a page if what comes next fits a whole page but not this one; says whether it did."""
        tight = height > self._left and bool(self.pages[-1])
        if not tight or (height > self._body and self._left > self._body / 2):
            return False
        self._turn()
        return True

    def place(self, row: Row, heading: Row) -> None:
        """Set down a row; `heading` is repeated on each page that it runs on to."""
        while row.height > self._left:
            lines = int((self._left - 2 * _PAD) / _LEADING)
            if lines > 0:
                part, row = row.split(lines)
                self.pages[-1].append(part)
            self._turn()
            self._set(heading)
        self._set(row)

    def _turn(self) -> None:
        self.pages.append([])
        self._left = self._body

    def _set(self, row: Row) -> None:
        self.pages[-1].append(row)
        self._left -= row.height


def _paginate(log: EditorLog, setter: _Setter, body: float, opening: float) -> list[list[Row]]:
    """Share the day out over pages.

    Args:
        log: what to print.
        setter: sets the rows.
        body: height of a page's table below its headings, points.
        opening: what page one loses to the lines above the table.
    """
    book = _Book(body, opening)
    for block in log.blocks:
        head, heading = setter.setup(block), setter.continued(block)
        for number, take in enumerate(block.takes):
            row = setter.take(take)
            turned = book.turn_for(row.height + (head.height if number == 0 else 0.0))
            if number == 0:
                book.place(head, heading)
            elif turned:
                book.place(heading, heading)
            book.place(row, heading)
    return book.pages


class _Press:
    """Puts set rows on sheets; y grows upwards, as in PDF."""

    def __init__(self, canvas: Sheet, width: float, height: float) -> None:
        self._canvas = canvas
        self._left, self._right = _MARGIN, width - _MARGIN
        self._top = height - _MARGIN

    def page(
        self, log: EditorLog, rows: Sequence[Row], number: int, of: int, opening: Sequence[Line], setter: _Setter
    ) -> None:
        y = self._head(log, number, of, setter)
        for line in opening:
            self._text(self._left, y - _SIZE, line)
            y -= _LEADING
        y = self._headings(setter, y - (_PAD if opening else 0))
        for row in rows:
            y = self._row(row, setter, y)
        self._text(self._left, _MARGIN, Line(tuple(setter.regular.runs(_LEGEND))))
        self._right_text(_MARGIN, f"TC at {log.rate} fps", setter.regular)
        self._canvas.showPage()

    def _head(self, log: EditorLog, number: int, of: int, setter: _Setter) -> float:
        right = f"Page {number} of {of}"
        room = self._right - self._left - 160
        self._text(self._left, self._top - 13, setter.one_line(log.title, room, setter.bold, 13), 13)
        self._right_text(self._top - 13, right, setter.regular)
        below = f"Editor's log  ·  Day {log.day}  ·  {log.date}  ·  {log.unit} unit"
        names = "  ·  ".join(f"{what} {name}" for what, name in log.names)
        second = setter.one_line(f"{below}  ·  {names}" if names else below, setter.width, setter.regular, 9)
        self._text(self._left, self._top - 29, second, 9)
        return self._top - _HEAD

    def _headings(self, setter: _Setter, y: float) -> float:
        height = _LEADING + 2 * _PAD
        x = self._left
        for column, width in zip(_COLUMNS, setter.widths, strict=True):
            self._text(x + _PAD, y - _PAD - _SIZE, Line(tuple(setter.bold.runs(column.heading))))
            x += width
        self._rule(y - height, 0.8)
        return y - height

    def _row(self, row: Row, setter: _Setter, y: float) -> float:
        bottom = y - row.height
        if row.setup:
            self._canvas.setFillGray(0.91)
            self._canvas.rect(self._left, bottom, self._right - self._left, row.height, 0, 1)
            self._canvas.setFillGray(0)
        x = self._left
        for place, cell in enumerate(row.cells):
            indent = _INDENT if place == 0 and not row.setup else _PAD
            for number, line in enumerate(cell):
                self._text(x + indent, y - _PAD - _SIZE - number * _LEADING, line)
            if row.circled and place == 0 and cell:
                self._circle(x + indent, y - _PAD - _SIZE, cell[0])
            if not row.setup:
                x += setter.widths[place]
        self._rule(bottom, 0.25)
        return bottom

    def _circle(self, x: float, y: float, line: Line) -> None:
        """Round the number, as on paper: a circle, longer for a longer label."""
        width = sum(run.width for run in line.runs) * _SIZE / 1000
        self._canvas.setLineWidth(1.1)
        middle = y + _SIZE * 0.36
        if width <= 1.5 * _RADIUS:
            self._canvas.circle(x + width / 2, middle, _RADIUS)
        else:
            self._canvas.roundRect(x - _PAD, middle - _RADIUS, width + 2 * _PAD, 2 * _RADIUS, _RADIUS)

    def _rule(self, y: float, width: float) -> None:
        self._canvas.setLineWidth(width)
        self._canvas.line(self._left, y, self._right, y)

    def _right_text(self, y: float, text: str, face: Typeface) -> None:
        width = face.width(text) * _SIZE / 1000
        self._text(self._right - width, y, Line(tuple(face.runs(text))))

    def _text(self, x: float, y: float, line: Line, size: float = _SIZE) -> None:
        for run in line.runs:
            if run.text:
                self._canvas.setFont(run.face, size)
                self._canvas.drawString(x, y, run.text)
            x += run.width * size / 1000
