"""A few rows of text with one under the cursor: devices, clocks, alarms, jobs. Drawn safe, and only when changed."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.geometry import Size
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.text import safe_text
from tui.widgets.lines import fitted, wrapped

_HANGS_FROM = 30  # cells beside a row's columns, from which what goes on below stays beside them


@dataclass(frozen=True, slots=True)
class Row:
    """One row; an alarm has a colour, and its words say so too.

    Attributes:
        more: follows, and goes on below where it is long.
        hangs: where rows are broken, cells before what goes on below; none: as many as the row begins with.
    """

    text: str
    alarm: bool = False
    faint: bool = False
    more: str = ""
    hangs: int = 0


class Rows(Widget):
    """Rows from the top; those below the edge are scrolled to by the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"rows--head", "rows--row", "rows--alarm", "rows--faint", "rows--cursor"}

    @dataclass
    class Picked(Message):
        """A row was tapped or the wheel came to it; `again`: it was tapped under the cursor, and opens as by Enter."""

        rows: Rows
        again: bool = False

    def __init__(
        self,
        head: str = "",
        *,
        picks: bool = False,
        wraps: bool = False,
        id: str | None = None,
    ) -> None:
        """Draw `head` above the rows; with `picks` one row is under the cursor, with `wraps` long rows go on below."""
        super().__init__(id=id)
        self._wraps = wraps
        self._head = head
        self._picks = picks
        self._shown: tuple[Row, ...] = ()
        self._lined: tuple[int, Sequence[tuple[int, Row]]] | None = None
        self._top = 0  # how many rows are scrolled past, where no cursor does that
        self.cursor = 0
        self.can_focus = picks

    def show(self, rows: Sequence[Row], head: str | None = None) -> None:
        """Show these rows."""
        if tuple(rows) != self._shown or (head is not None and head != self._head):
            before = len(self._lines())
            if head is not None and head.rstrip() != self._head:
                self._top = 0  # it is about something else now
            self._shown = tuple(rows)
            self._lined = None
            self._head = self._head if head is None else head.rstrip()
            self.cursor = max(0, min(self.cursor, len(self._shown) - 1))
            self.refresh(layout=before != len(self._lines()) and self.styles.is_auto_height)

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Head and rows, where the height is `auto`."""
        return bool(self._head) + len(self._broken(width))

    def move(self, step: int) -> None:
        """Move the cursor."""
        self.cursor = max(0, min(len(self._shown) - 1, self.cursor + step))
        self.refresh()

    def page_rows(self) -> int:
        """How many rows there is room for."""
        return max(1, self.size.height - bool(self._head))

    def scroll_by(self, rows: int) -> None:
        """Scroll what has no cursor, as far as there is more."""
        self._top = max(0, min(max(0, len(self._lines()) - self.page_rows()), self._top + rows))
        self.refresh()

    def to_top(self) -> None:
        """Show the beginning again."""
        self._top = 0
        self.refresh()

    def _first(self) -> int:
        if not self._picks:
            return min(self._top, max(0, len(self._lines()) - self.page_rows()))
        mine = [y for y, (number, _) in enumerate(self._lines()) if number == self.cursor] or [0]
        return max(0, min(mine[0], mine[-1] - self.page_rows() + 1))

    def _below(self) -> int:
        """How many rows lie below the edge."""
        return max(0, len(self._lines()) - self._first() - self.page_rows())

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._head and y == 0:
            style = self.get_component_rich_style("rows--head")
            more = f" {self._below()} more " if self._below() else ""
            more = f" {self._first()} above {more}" if self._first() else more
            head = fitted(f" {safe_text(self._head)}", max(0, width - len(more)))
            return Strip([Segment(head + more, style)]).adjust_cell_length(width, style)
        at, lines = y - bool(self._head) + self._first(), self._lines()
        if at >= len(lines):
            return Strip.blank(width, self.get_component_rich_style("rows--row"))
        number, row = lines[at]
        kind = "alarm" if row.alarm else "faint" if row.faint else "row"
        style = self.get_component_rich_style(f"rows--{kind}")
        under = self._picks and number == self.cursor
        if under:
            style += self.get_component_rich_style("rows--cursor", partial=True)
        first = at == 0 or lines[at - 1][0] != number
        mark = " " if not first else ">" if under else "!" if row.alarm else " "
        return Strip([Segment(fitted(f"{mark}{row.text}", width), style)])

    def _lines(self) -> Sequence[tuple[int, Row]]:
        """The rows as they are broken at this width, each with the number of the row that it is part of."""
        if self._lined is None or self._lined[0] != self.size.width:
            self._lined = (self.size.width, self._broken(self.size.width))
        return self._lined[1]

    def _broken(self, cells: int) -> list[tuple[int, Row]]:
        width = max(20, cells - 2)
        return [
            (number, dataclasses.replace(row, text=text, more=""))
            for number, row in enumerate(self._shown)
            for text in self._parts(row, width)
        ]

    def _parts(self, row: Row, width: int) -> list[str]:
        text, more = safe_text(row.text), safe_text(row.more)
        if cell_len(text + more) <= width:
            return [text + more]  # columns stay where they are
        if more:
            words, first = more.split(), text + more[: len(more) - len(more.lstrip())]
            while words and cell_len(first + words[0]) <= width:
                first += f"{words.pop(0)} "
            indent = cell_len(text) if width - cell_len(text) >= _HANGS_FROM else 4
            return [first.rstrip(), *(wrapped(f"{' ' * indent}{' '.join(words)}", width) if words else ())]
        if not self._wraps:
            return [text]
        first, *below = wrapped(text[row.hangs :], max(20, width - row.hangs))
        return [f"{text[: row.hangs]}{first}", *(f"{' ' * row.hangs}{each}" for each in below)]

    # -- the mouse --------------------------------------------------------------------------------------------------

    def row_at(self, y: int) -> int | None:
        """The number of the row that is drawn there, None where there is none."""
        at = y - bool(self._head) + self._first()
        return self._lines()[at][0] if y >= bool(self._head) and at < len(self._lines()) else None

    def on_mouse_scroll_down(self) -> None:
        self._wheel(1)

    def on_mouse_scroll_up(self) -> None:
        self._wheel(-1)

    def _wheel(self, step: int) -> None:
        """Rows with a cursor show what is around it, and the wheel moves it; others are scrolled."""
        if self._picks:
            self.move(step)
            self.pointed()
        else:
            self.scroll_by(step)

    def pointed(self, *, again: bool = False) -> None:
        """The mouse put the cursor on a row."""
        self.post_message(self.Picked(self, again))

    def on_click(self, event: events.Click) -> None:
        row = self.row_at(event.y)
        if self._picks and row is not None:
            again, self.cursor = row == self.cursor, row
            self.refresh()
            self.pointed(again=again)
