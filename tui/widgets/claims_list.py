"""The takes of a day with what each department claims, on Textual's line API: only rows in view are drawn.

Used by the Review screen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui.take_marks import CONFLICT
from tui.widgets.claims_row import MARKS, Column, ReviewRow, columns, row_text


class ClaimsList(ScrollView, can_focus=True):
    """One row a take, then files without a take and rolls that have not come; one row under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "claims--row",
        "claims--head",
        "claims--cursor",
        "claims--open",
        "claims--faint",
    }

    @dataclass
    class Picked(Message):
        """The cursor stands on another row; `again`: the row under it was tapped."""

        again: bool = False

    @dataclass
    class Marked(Message):
        """Other rows are selected than before."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows: tuple[ReviewRow, ...] = ()
        self.cursor = 0
        self.marked: frozenset[str] = frozenset()  # names of rows
        self._range: tuple[str, frozenset[str]] | None = None  # where a range began, and what was marked before it
        self._laid = 80  # cells that the columns were made for
        self._columns: tuple[Column, ...] = columns(self._laid)
        self._strips: dict[tuple[int, bool], Strip] = {}
        self._contested: frozenset[str] = frozenset()

    @property
    def row(self) -> ReviewRow | None:
        """The row under the cursor."""
        return self.rows[self.cursor] if 0 <= self.cursor < len(self.rows) else None

    def show(self, rows: Sequence[ReviewRow]) -> None:
        """Show these; the cursor stays on what it was on, else near it."""
        under = self.row.name if self.row is not None else None
        self.rows = tuple(rows)
        names = [each.name for each in self.rows]
        self.marked &= frozenset(names)  # nothing is done to what is not seen
        if under in names:
            self.cursor = names.index(under)
        self.cursor = max(0, min(self.cursor, len(self.rows) - 1))
        self._strips.clear()
        self._resize()
        self._into_view()
        self.refresh()

    def move(self, step: int) -> None:
        """Move the cursor."""
        self.pick(self.cursor + step)

    def pick(self, number: int) -> None:
        """Put the cursor on a row."""
        self._range = None
        self._go(number)

    def _go(self, number: int) -> None:
        self._refresh_row(self.cursor)
        self.cursor = max(0, min(number, len(self.rows) - 1))
        self._into_view()
        self._refresh_row(self.cursor)
        self.post_message(self.Picked())

    # -- selecting --------------------------------------------------------------------------------------------------

    def toggle(self) -> bool:
        """Select the take under the cursor, or no longer; False where there is none."""
        self._range = None
        if self.row is None or self.row.claims is None:
            return False
        self._mark(self.marked ^ {self.row.name})
        return True

    def extend(self, number: int) -> None:
        """Select all takes from where the cursor was before the first of these steps to this row, and go there."""
        names = [row.name for row in self.rows]
        if self.row is None:
            return
        if self._range is None or self._range[0] not in names:
            self._range = self.row.name, self.marked
        began, before = self._range
        self._go(number)
        ends = sorted((names.index(began), self.cursor))
        self._mark(before | {row.name for row in self.rows[ends[0] : ends[1] + 1] if row.claims is not None})

    def let_go(self) -> bool:
        """Select nothing; whether anything was."""
        self._range = None
        had = bool(self.marked)
        if had:
            self._mark(frozenset())
        return had

    def _mark(self, names: frozenset[str]) -> None:
        self.marked = names
        self._strips.clear()
        self.refresh()
        self.post_message(self.Marked())

    def contest(self, takes: frozenset[str]) -> None:
        """Of these takes (ids) seats said different things: a sign of its own, before that of what is open."""
        if takes != self._contested:
            self._contested = takes
            self._strips.clear()
            self.refresh()

    def _is_contested(self, row: ReviewRow) -> bool:
        return row.take is not None and row.take.id in self._contested

    def page_rows(self) -> int:
        """Rows that fit."""
        return max(1, self.size.height - 1)

    def _into_view(self) -> None:
        top = self.scroll_offset.y
        if self.cursor < top:
            self.scroll_to(y=self.cursor, animate=False, force=True)
        elif self.cursor >= top + self.page_rows():
            self.scroll_to(y=self.cursor - self.page_rows() + 1, animate=False, force=True)

    def _refresh_row(self, number: int) -> None:
        line = number - self.scroll_offset.y + 1
        if 1 <= line < self.size.height:
            self.refresh(Region(0, line, self.size.width, 1))

    # -- drawing ----------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._laid = self.scrollable_size.width
        self._columns = columns(self._laid)
        self._strips.clear()
        self._resize()
        self._into_view()
        self.refresh()

    def _resize(self) -> None:
        self.virtual_size = Size(self.size.width, len(self.rows) + 1)  # one more for the head, which stays in place

    def notify_style_update(self) -> None:
        self._strips.clear()
        super().notify_style_update()

    def render_line(self, y: int) -> Strip:
        width = self.scrollable_size.width
        if width != self._laid:  # a scrollbar came or went
            self._laid, self._columns = width, columns(width)
            self._strips.clear()
        if y == 0:
            style = self.get_component_rich_style("claims--head")
            text = "   " + " ".join(each.title.ljust(each.width)[: each.width] for each in self._columns)
            return Strip([Segment(text, style)]).adjust_cell_length(width, style)
        number = self.scroll_offset.y + y - 1
        if number >= len(self.rows):
            return Strip.blank(width, self.get_component_rich_style("claims--row"))
        key = (number, number == self.cursor)
        strip = self._strips.get(key)
        if strip is None:
            strip = self._strips[key] = self._draw(self.rows[number], number == self.cursor, width)
        return strip

    def _draw(self, row: ReviewRow, under: bool, width: int) -> Strip:
        style = self._style(row)
        if under:
            style += self.get_component_rich_style("claims--cursor", partial=True)
        marks = (
            (">" if under else " ")
            + ("+" if row.name in self.marked else " ")
            + (CONFLICT if self._is_contested(row) else "!" if row.open else " ")
        )
        segments = [Segment(marks, style)]
        segments.append(Segment(row_text(row, self._columns), style))
        return Strip(segments).adjust_cell_length(width, style)

    def _style(self, row: ReviewRow) -> Style:
        style = self.get_component_rich_style("claims--row")
        if row.open:
            return style + self.get_component_rich_style("claims--open")
        if row.claims is None:
            return style + self.get_component_rich_style("claims--faint")
        return style

    # -- the mouse --------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        number = self.scroll_offset.y + event.y - 1
        if event.y == 0 or not 0 <= number < len(self.rows):
            return
        if event.shift:
            self.extend(number)
        elif event.x < MARKS:
            self.pick(number)
            self.toggle()
        elif number == self.cursor:
            self.post_message(self.Picked(again=True))
        else:
            self.pick(number)
