"""A report on the screen: first what it lacks, then its text, with one row under the cursor.

Used by the Reports screen. Long rows go on below, their blanks kept, so that columns stay columns.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len, chop_cells, set_cell_size
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.text import safe_text

_WHEEL = 3


@dataclass(frozen=True, slots=True)
class PaperRow:
    """A row; `take_id`: it is about that take, and leads there."""

    text: str
    take_id: str | None = None
    alarm: bool = False
    faint: bool = False


class PaperView(Widget, can_focus=True):
    """Rows of text to walk through."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"paper--head", "paper--row", "paper--gap", "paper--faint", "paper--cursor"}

    @dataclass
    class Picked(Message):
        """A row was tapped; `again`: it was under the cursor already."""

        again: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = ""
        self._rows: tuple[PaperRow, ...] = ()
        self._laid: list[tuple[int, str]] = []  # number of the row, text
        self._top = 0
        self.cursor = 0

    @property
    def take_under(self) -> str | None:
        """The take that the row under the cursor leads to."""
        return self._rows[self.cursor].take_id if self.cursor < len(self._rows) else None

    @property
    def gap_under(self) -> bool:
        """The row under the cursor is something that the report lacks."""
        return self.cursor < len(self._rows) and self._rows[self.cursor].alarm

    def show(self, rows: Sequence[PaperRow], head: str, *, anew: bool) -> None:
        """Show a report; `anew`: another one, so that it begins at its top."""
        if anew:
            self.cursor = self._top = 0
        if (tuple(rows), head) != (self._rows, self._head) or anew:
            self._rows, self._head = tuple(rows), head
            self.cursor = max(0, min(self.cursor, len(self._rows) - 1))
            self._lay_out()

    def move(self, step: int) -> None:
        """Move the cursor by so many rows."""
        self.cursor = max(0, min(len(self._rows) - 1, self.cursor + step))
        self._follow()

    def page(self, step: int) -> None:
        """Move it by a page."""
        self.move(step * max(1, self._room - 1))

    def on_resize(self) -> None:
        self._lay_out()

    @property
    def _room(self) -> int:
        return max(1, self.size.height - 1)

    def _lay_out(self) -> None:
        width = max(10, self.size.width - 2)
        self._laid = [(number, text) for number, row in enumerate(self._rows) for text in folded(row.text, width)]
        self._follow()

    def _follow(self) -> None:
        mine = [place for place, (number, _) in enumerate(self._laid) if number == self.cursor]
        if mine:
            self._top = max(min(self._top, mine[0]), mine[-1] - self._room + 1)
        self._scroll(0)

    def _scroll(self, step: int) -> None:
        self._top = max(0, min(self._top + step, len(self._laid) - self._room))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            style = self.get_component_rich_style("paper--head")
            below = max(0, len(self._laid) - self._top - self._room)
            more = f" {below} more " if below else ""
            head = set_cell_size(f" {safe_text(self._head)}", max(0, width - len(more)))
            return Strip([Segment(head + more, style)]).adjust_cell_length(width, style)
        place = self._top + y - 1
        if place >= len(self._laid):
            return Strip.blank(width, self.get_component_rich_style("paper--row"))
        number, text = self._laid[place]
        row = self._rows[number]
        first = place == 0 or self._laid[place - 1][0] != number
        style = self.get_component_rich_style(f"paper--{'gap' if row.alarm else 'faint' if row.faint else 'row'}")
        mark = "!" if row.alarm and first else " "
        if number == self.cursor and self.has_focus:
            style += self.get_component_rich_style("paper--cursor", partial=True)
            mark = ">" if first else " "
        return Strip([Segment(f"{mark}{text}", style)]).adjust_cell_length(width, style)

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        place = self._top + event.y - 1
        if event.y > 0 and place < len(self._laid):
            number = self._laid[place][0]
            again = number == self.cursor and self.has_focus
            self.cursor = number
            self.refresh()
            self.post_message(self.Picked(again))

    def on_mouse_scroll_down(self) -> None:
        self._scroll(_WHEEL)

    def on_mouse_scroll_up(self) -> None:
        self._scroll(-_WHEEL)


def folded(text: str, width: int) -> list[str]:
    """Rows of `width` cells at most, broken before a word where there is one; blanks within stay as they are.

    >>> folded("  1   0:41  good for camera", 14)
    ['  1   0:41', '    good for', '    camera']
    >>> folded("abcdefgh", 4)
    ['abcd', 'efgh']
    """
    text = safe_text(text)
    indent = " " * min(len(text) - len(text.lstrip()) + 2, width // 2) if text.startswith(" ") else ""
    rows: list[str] = []
    while cell_len(text) > width:
        head = chop_cells(text, width)[0]
        cut = len(head) if text[len(head)] == " " else head.rfind(" ") + 1
        if not head[:cut].strip():
            cut = len(head)
        rows.append(text[:cut].rstrip())
        text = indent + text[cut:].lstrip()
    return [*rows, text]
