"""Printed pages: words set into lines, rows shared out over sheets, a heading never parted from its first row.

Used by `pdf.py`. Laid out by hand on ReportLab's canvas: page n of m needs every page known before
the first is drawn, a cell may be longer than a page, and characters come from several faces. Same document, same bytes
(ReportLab's invariant mode).
"""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal, Protocol

from reportlab.lib.utils import ImageReader
from reportlab.pdfgen.canvas import Canvas

from onset.reports.fonts import Typeface, typefaces
from onset.reports.section import SMALL, Column
from onset.reports.shaping import Run, is_backwards

Paper = Literal["a4", "letter"]

MARGIN = 30.0
SIZE = 8.0
LEADING = 10.5
PAD = 3.0
_HEAD = 46.0  # height of the page head above the column headings
_BELOW, _BELOW_LEADING = 9.0, 11.5  # type under the title, and its second line
_FOOT = 20.0
_TITLE = (13.0, 12.0, 11.0, 10.0, 9.0)  # type of the title: the largest in which all of it stands on its line
_NUMBER = 76.0  # room for `Page 100 of 100` at its right
_LOGO = (120.0, 32.0)  # room for one at the right of the head, points
_BESIDE = 12.0  # between it and words
_BAR, _STAR = 1.2, 7.0  # width of the bar at a changed cell, size of its star
_AFTER_BAR = 6.0  # from the cell's edge to its words then: the padding on their other side is given up for it
_RADIUS = 6.5  # of the circle round a take number: clears two digits at SIZE


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

    def drawImage(  # noqa: N802 - the library's name
        self, image: object, x: float, y: float, width: float, height: float
    ) -> object: ...

    def addLiteral(self, s: str) -> None: ...  # noqa: N802 - the library's name

    def showPage(self) -> None: ...  # noqa: N802 - the library's name


@dataclass(frozen=True, slots=True)
class Line:
    """One set line of a cell; of a paragraph from right to left (`backwards`) it stands at the right."""

    runs: tuple[Run, ...]
    backwards: bool = False

    @property
    def width(self) -> float:
        """In thousandths of the type size."""
        return sum(run.width for run in self.runs)


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table, set and measured.

    Attributes:
        cells: one list of lines a column; a row without `widths` has one cell over all columns.
        widths: of the columns, points.
        heading: it stands over other rows, and is shaded.
        circled: what is in its cell `circle_in` gets a drawn circle.
        marked: cells that say something else than in the revision before; a star, a bar and a ground of their own.
        indent: of that cell, points.
        picture: a JPEG in the first cell; `room` it takes, points across and up.
    """

    cells: tuple[tuple[Line, ...], ...]
    widths: tuple[float, ...] = ()
    heading: bool = False
    circled: bool = False
    indent: float = PAD
    picture: bytes | None = None
    circle_in: int = 0
    room: tuple[float, float] = SMALL
    marked: frozenset[int] = frozenset()

    @property
    def lines(self) -> int:
        return max(len(cell) for cell in self.cells)

    @property
    def height(self) -> float:
        text = self.lines * LEADING
        return (max(text, self.room[1]) if self.picture else text) + 2 * PAD

    def split(self, lines: int) -> tuple[Row, Row]:
        """The first `lines` lines, and the rest for the next page."""
        head = tuple(cell[:lines] for cell in self.cells)
        rest = tuple(cell[lines:] for cell in self.cells)
        return replace(self, cells=head), replace(self, cells=rest, heading=False, circled=False, picture=None)


@dataclass(frozen=True, slots=True)
class Group:
    """Rows under a heading, which is never parted from the first of them.

    Attributes:
        heading: stands before them once.
        again: stands before them on each further page.
        new_page: it begins a page.
    """

    heading: tuple[Row, ...]
    again: tuple[Row, ...]
    rows: tuple[Row, ...]
    new_page: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """What is printed.

    Attributes:
        title: in the head of each page, large; `below` under it.
        opening: lines above the table of the first page.
        columns: named on each page; none where each group names its own.
        legend, corner: at the foot of each page, left and right.
        logo: a PNG at the right of each page's head.
        producer, about, author, subject: what the file says of itself.
    """

    title: str
    below: str
    opening: tuple[Line, ...]
    columns: tuple[Column, ...]
    groups: tuple[Group, ...]
    legend: str
    corner: str
    producer: str
    about: str
    author: str
    subject: str
    logo: bytes | None = None


def in_numbers(facts: Sequence[tuple[str, str]]) -> str:
    """Labels and values in a line."""
    return "    ".join(f"{label} {value}" for label, value in facts)


class Setter:
    """Turns words into lines of the right width."""

    def __init__(self, width: float) -> None:
        self.width = width
        self.regular, self.bold = typefaces()

    def lines(self, text: str, width: float, face: Typeface) -> Iterator[Line]:
        backwards = is_backwards(text)
        for line in face.wrap(text, width / SIZE * 1000):
            yield Line(tuple(face.runs(line, backwards=backwards)), backwards)

    def one_line(self, text: str, width: float, face: Typeface, size: float = SIZE) -> Line:
        """As much of `text` as fits, with an ellipsis where that is not all."""
        measure = width / size * 1000
        first, *more = face.wrap(text, measure)
        if more:
            first = next(face.wrap(text, measure - face.width(" …"))) + " …"
        return Line(tuple(face.runs(first, backwards=is_backwards(text))))

    def below_title(self, text: str, beside: float = 0.0) -> tuple[Line, ...]:
        """What stands under the title, left of a logo `beside` it: a line, or two where one cannot hold it."""
        width = self.width - beside
        first, *more = self.regular.wrap(text, width / _BELOW * 1000)
        return tuple(self.one_line(words, width, self.regular, _BELOW) for words in (first, " ".join(more)) if words)

    def widths(self, columns: Sequence[Column]) -> tuple[float, ...]:
        return tuple(column.share * self.width for column in columns)

    def row(
        self,
        columns: Sequence[Column],
        cells: Sequence[Sequence[str]],
        bold: Sequence[int],
        *,
        circled: bool = False,
        indent: float = PAD,
        picture: bytes | None = None,
        circle_in: int = 0,
        room: tuple[float, float] = SMALL,
    ) -> Row:
        """Set a row.

        Args:
            columns: of the table.
            cells: texts below one another, for each column.
            bold: how many of a column's texts are bold, from the first.
            circled: the cell `circle_in` gets a circle.
            indent: of that cell, points.
            picture: a JPEG for the first cell.
            circle_in: the column of takes.
            room: for the picture.
        """
        widths = self.widths(columns)
        if picture is not None:
            across, up = min(room[0], widths[0] - _BESIDE), room[1]
            room = _fitted(ImageReader(io.BytesIO(picture)), (across, up))
        set_cells = []
        for place, (texts, width, heavy) in enumerate(zip(cells, widths, bold, strict=True)):
            measure = width - PAD - (indent if place == circle_in else PAD)
            set_cells.append(self._cell(texts, measure, heavy))
        cells_set = tuple(set_cells)
        return Row(cells_set, widths, False, circled, indent, picture, circle_in, room)

    def _cell(self, texts: Sequence[str], width: float, bold: int) -> tuple[Line, ...]:
        return tuple(
            line
            for place, text in enumerate(texts)
            for line in self.lines(text, width, self.bold if place < bold else self.regular)
        )

    def heading(self, first: str, *more: str) -> Row:
        """A shaded row over the whole width, its first text bold."""
        room = self.width - 2 * PAD
        lines = list(self.lines(first, room, self.bold))
        for text in more:
            lines += self.lines(text, room, self.regular)
        return Row((tuple(lines),), heading=True)

    def heading_again(self, text: str) -> Row:
        """One line that names a heading again at the head of a page."""
        return Row(((self.one_line(text, self.width - 2 * PAD, self.bold),),), heading=True)

    def opening(self, warnings: Sequence[str], facts: Sequence[tuple[str, str]]) -> tuple[Line, ...]:
        """What stands above the table on page one: warnings, then the day in numbers."""
        lines = [line for text in warnings for line in self.lines(f"⚠ {text}", self.width, self.bold)]
        return (*lines, *self.lines(in_numbers(facts), self.width, self.bold))


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

    def place(self, row: Row, again: Sequence[Row]) -> None:
        """Set down a row; `again` is repeated on each page that it runs on to."""
        while row.height > self._left:
            lines = int((self._left - 2 * PAD) / LEADING)
            if lines > 0:
                part, row = row.split(lines)
                self.pages[-1].append(part)
            self._turn()
            self.set(again)
        self.set([row])

    def set(self, rows: Sequence[Row]) -> None:
        """Set down rows that fit."""
        self.pages[-1] += rows
        self._left -= _height(rows)

    def begin_page(self) -> None:
        """Go on at the head of a page."""
        if self.pages[-1]:
            self._turn()

    def _turn(self) -> None:
        self.pages.append([])
        self._left = self._body


def paginate(groups: Sequence[Group], body: float, opening: float) -> list[list[Row]]:
    """Share rows out over pages.

    Args:
        groups: what to print.
        body: height of a page's table below its headings, points.
        opening: what page one loses to the lines above the table.
    """
    book = _Book(body, opening)
    for group in groups:
        if group.new_page:
            book.begin_page()
        for number, row in enumerate(group.rows):
            turned = book.turn_for(row.height + (_height(group.heading) if number == 0 else 0.0))
            if number == 0:
                for head in group.heading:
                    book.place(head, group.again)
            elif turned:
                book.set(group.again)
            book.place(row, group.again)
    return book.pages


def _height(rows: Sequence[Row]) -> float:
    return sum(row.height for row in rows)


def printed(document: Document, setter: Setter, size: tuple[float, float]) -> bytes:
    """Print a document.

    Args:
        document: what to print; its rows were set by `setter`.
        setter: sets what stands around them.
        size: of the sheet, points.

    Returns:
        The file; equal for equal input.
    """
    width, height = size
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=size, invariant=1, pageCompression=1, lang="en")
    press = _Press(canvas, document, width, height, setter)
    headings = LEADING + 2 * PAD if document.columns else 0.0
    body = height - 2 * MARGIN - press.head_height - _FOOT - headings
    pages = paginate(document.groups, body, len(document.opening) * LEADING + PAD)
    canvas.setTitle(document.about)
    canvas.setAuthor(document.author or "onset")
    canvas.setSubject(document.subject)
    canvas.setProducer(document.producer)
    canvas.setCreator("onset")
    for number, rows in enumerate(pages, 1):
        press.page(rows, number, len(pages))
    canvas.save()
    return out.getvalue()


def _fitted(image: ImageReader, room: tuple[float, float]) -> tuple[float, float]:
    """Width and height of a picture as large as its room allows, unstretched; points."""
    across, up = image.getSize()
    scale = min(room[0] / across, room[1] / up)
    return across * scale, up * scale


class _Press:
    """Puts set rows on sheets; y grows upwards, as in PDF."""

    def __init__(self, canvas: Sheet, document: Document, width: float, height: float, setter: Setter) -> None:
        self._canvas = canvas
        self._document = document
        self._setter = setter
        self._left, self._right = MARGIN, width - MARGIN
        self._top = height - MARGIN
        self._logo = ImageReader(io.BytesIO(document.logo)) if document.logo else None
        self._words_end = self._right
        if self._logo is not None:
            self._words_end -= _fitted(self._logo, _LOGO)[0] + _BESIDE
        self._below = setter.below_title(document.below, self._right - self._words_end)

    @property
    def head_height(self) -> float:
        """Of what stands above each page's table."""
        return _HEAD + (len(self._below) - 1) * _BELOW_LEADING

    def page(self, rows: Sequence[Row], number: int, of: int) -> None:
        document = self._document
        y = self._head(number, of)
        opening = document.opening if number == 1 else ()
        for line in opening:
            self._text(self._left, y - SIZE, line)
            y -= LEADING
        y -= PAD if opening else 0
        if document.columns:
            y = self._headings(document.columns, y)
        for row in rows:
            y = self._row(row, y)
        self._text(self._left, MARGIN, Line(tuple(self._setter.regular.runs(document.legend))))
        self._right_text(self._right, MARGIN, document.corner)
        self._canvas.showPage()

    def _head(self, number: int, of: int) -> float:
        setter = self._setter
        room = self._words_end - self._left - _NUMBER
        wide = setter.bold.width(self._document.title) / 1000
        size = next((each for each in _TITLE if wide * each <= room), _TITLE[-1])
        title = setter.one_line(self._document.title, room, setter.bold, size)
        self._text(self._left, self._top - 13, title, size)
        self._right_text(self._words_end, self._top - 13, f"Page {number} of {of}")
        for place, line in enumerate(self._below):
            self._text(self._left, self._top - 29 - place * _BELOW_LEADING, line, _BELOW)
        if self._logo is not None:
            across, up = _fitted(self._logo, _LOGO)
            self._canvas.drawImage(self._logo, self._right - across, self._top - up, across, up)
        return self._top - self.head_height

    def _headings(self, columns: Sequence[Column], y: float) -> float:
        height = LEADING + 2 * PAD
        x = self._left
        for column, width in zip(columns, self._setter.widths(columns), strict=True):
            self._text(x + PAD, y - PAD - SIZE, Line(tuple(self._setter.bold.runs(column.heading))))
            x += width
        self._rule(y - height, 0.8)
        return y - height

    def _row(self, row: Row, y: float) -> float:
        bottom = y - row.height
        if row.heading:
            self._canvas.setFillGray(0.91)
            self._canvas.rect(self._left, bottom, self._right - self._left, row.height, 0, 1)
            self._canvas.setFillGray(0)
        if row.picture:
            self._picture(row.picture, self._left + PAD, y - PAD, row.room)
        x = self._left
        for place, cell in enumerate(row.cells):
            indent = row.indent if place == row.circle_in else PAD
            if place in row.marked:
                self._mark(x, y, row.widths[place] if row.widths else self._right - self._left, row.height)
                indent = max(indent, _AFTER_BAR)
            for number, line in enumerate(cell):
                end = x + row.widths[place] - PAD - line.width * SIZE / 1000 if line.backwards and row.widths else 0.0
                self._text(max(x + indent, end), y - PAD - SIZE - number * LEADING, line)
            if row.circled and place == row.circle_in and cell:
                self._circle(x + indent, y - PAD - SIZE, cell[0])
            if row.widths:
                x += row.widths[place]
        self._rule(bottom, 0.25)
        return bottom

    def _mark(self, x: float, y: float, width: float, height: float) -> None:
        """What changed: a tinted ground, a bar at its left, and beside it a star, which is there in every copy."""
        self._canvas.setFillGray(0.88)
        self._canvas.rect(x, y - height, width, height - 0.5, 0, 1)
        self._canvas.setFillGray(0)
        self._canvas.rect(x, y - height, _BAR, height, 0, 1)
        self._text(x + _BAR + 0.4, y - PAD - SIZE, Line(tuple(self._setter.bold.runs("*"))), _STAR)

    def _picture(self, jpeg: bytes, x: float, top: float, room: tuple[float, float]) -> None:
        """As large as its room allows, unstretched."""
        image = ImageReader(io.BytesIO(jpeg))
        across, up = _fitted(image, room)
        self._canvas.drawImage(image, x, top - up, across, up)

    def _circle(self, x: float, y: float, line: Line) -> None:
        """Round the number, as on paper: a circle, longer for a longer label."""
        width = line.width * SIZE / 1000
        self._canvas.setLineWidth(1.1)
        middle = y + SIZE * 0.36
        if width <= 1.5 * _RADIUS:
            self._canvas.circle(x + width / 2, middle, _RADIUS)
        else:
            self._canvas.roundRect(x - PAD, middle - _RADIUS, width + 2 * PAD, 2 * _RADIUS, _RADIUS)

    def _rule(self, y: float, width: float) -> None:
        self._canvas.setLineWidth(width)
        self._canvas.line(self._left, y, self._right, y)

    def _right_text(self, end: float, y: float, text: str) -> None:
        face = self._setter.regular
        width = face.width(text) * SIZE / 1000
        self._text(end - width, y, Line(tuple(face.runs(text))))

    def _text(self, x: float, y: float, line: Line, size: float = SIZE) -> None:
        for run in line.runs:
            if run.text:
                self._canvas.setFont(run.face, size)
                if run.said:  # glyphs say nothing to who copies or searches; ISO 32000-1, 14.9.4
                    said = f"\ufeff{run.said}".encode("utf-16-be", "replace").hex()
                    self._canvas.addLiteral(f"/Span <</ActualText <{said}>>> BDC")
                self._canvas.drawString(x, y, run.text)
                if run.said:
                    self._canvas.addLiteral("EMC")
            x += run.width * size / 1000
