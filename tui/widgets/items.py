"""Sentences of which some can be picked, each on as many rows as it needs: evidence, differences, choices, the day.

Used by Review and Day. Only the rows in view are drawn; all text is shown, never obeyed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.text import safe_text
from tui.widgets.lines import fitted, wrapped


@dataclass(frozen=True, slots=True)
class Item:
    """A sentence.

    Attributes:
        name: what it is about, so that the cursor finds it again after a change; empty: it cannot be picked.
        waits: of an alarm: nothing is wrong this minute, somebody has to decide (docs/decisions/0316).
        whole: not broken into rows (a line of a table).
        lead: stands before the text and keeps its columns; further rows of the text stand below its first.
        head: begins a section.
    """

    text: str
    name: str = ""
    alarm: bool = False
    faint: bool = False
    whole: bool = False
    lead: str = ""
    head: bool = False
    waits: bool = False


class Items(Widget, can_focus=True):
    """Items from the top, one of those that can be picked under the cursor."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "items--head",
        "items--row",
        "items--alarm",
        "items--waits",
        "items--faint",
        "items--cursor",
    }

    @dataclass
    class Picked(Message):
        """An item was tapped; `again`: it was under the cursor already, and is opened as by Enter."""

        items: Items
        again: bool

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._head = ""
        self._shown: tuple[Item, ...] = ()
        self._rows: list[tuple[int, str]] = []  # number of the item, text
        self._width = 0
        self._top = 0
        self.cursor = -1

    # -- what it shows ----------------------------------------------------------------------------------------------

    @property
    def name_under(self) -> str:
        """What the item under the cursor is about, empty for none."""
        return self._shown[self.cursor].name if 0 <= self.cursor < len(self._shown) else ""

    def show(self, items: Sequence[Item], head: str = "") -> None:
        """Show these; the cursor stays on what it was on, else on the first that can be picked."""
        shown = tuple(items)
        if (shown, head) == (self._shown, self._head):
            return
        under, before = self.name_under, self.cursor
        self._shown, self._head = shown, head
        names = [each.name for each in shown]
        if under and under in names:
            self.cursor = names.index(under)
        else:
            picks = [number for number, name in enumerate(names) if name]
            near = [number for number in picks if number >= before] if under else picks
            self.cursor = (near or picks or [-1])[0]
        self._lay_out()

    def begin(self) -> None:
        """Stand on the first item that can be picked."""
        self.cursor = next((number for number, each in enumerate(self._shown) if each.name), -1)
        self._top = 0
        self._follow()

    def move(self, step: int) -> None:
        """To the next item that can be picked; where there is none, scroll."""
        number = self.cursor + step
        while 0 <= number < len(self._shown) and not self._shown[number].name:
            number += step
        if 0 <= number < len(self._shown):
            self.cursor = number
            self._follow()
        else:
            self._top = max(0, min(len(self._rows) - self._room, self._top + step))
            self.refresh()

    def turn(self, pages: int) -> None:
        """On by what fits, to the last item there that can be picked; what cannot is read by scrolling."""
        here = next((row for row, (number, _) in enumerate(self._rows) if number == self.cursor), self._top)
        there = here + pages * self._room
        picks = {number: row for row, (number, _) in reversed([*enumerate(self._rows)]) if self._shown[number].name}
        near = [n for n, row in picks.items() if here < row <= there or there <= row < here]
        if near:
            self.cursor = max(near) if pages > 0 else min(near)
            self._follow()
        else:
            self._top = max(0, min(len(self._rows) - self._room, self._top + pages * self._room))
            self.refresh()

    def leap(self, step: int, section_of: Callable[[str], str]) -> None:
        """To the first item that can be picked of the next section, or of the one before."""
        picks = [(number, section_of(each.name)) for number, each in enumerate(self._shown) if each.name]
        firsts = [(n, s) for at, (n, s) in enumerate(picks) if at == 0 or picks[at - 1][1] != s]
        here = next((s for n, s in picks if n == self.cursor), "")
        at = next((at for at, (_, s) in enumerate(firsts) if s == here), -step)
        if firsts:
            self.cursor = firsts[max(0, min(len(firsts) - 1, at + step))][0]
            heads = [row for row, (number, _) in enumerate(self._rows) if number == max(0, self.cursor - 1)]
            self._top = heads[0] if heads else 0  # as much of the section as there is room for
            self._follow()

    def stand_on(self, name: str) -> bool:
        """Put the cursor on what has this name; False where nothing has."""
        found = next((number for number, each in enumerate(self._shown) if each.name == name), -1)
        if found >= 0:
            self.cursor = found
            self._follow()
        return found >= 0

    # -- drawing ----------------------------------------------------------------------------------------------------

    @property
    def _room(self) -> int:
        return max(1, self.size.height - bool(self._head))

    def on_resize(self) -> None:
        self._lay_out()

    def _lay_out(self) -> None:
        self._width = max(20, self.size.width - 3)
        rows: list[tuple[int, str]] = []
        for number, item in enumerate(self._shown):
            text = safe_text(item.text)
            lead = safe_text(item.lead)
            parts = [text] if item.whole else wrapped(text, max(10, self._width - cell_len(lead)))
            rows += [(number, (lead if at == 0 else " " * cell_len(lead)) + each) for at, each in enumerate(parts)]
        self._rows = rows
        self._follow()

    def _follow(self) -> None:
        mine = [row for row, (number, _) in enumerate(self._rows) if number == self.cursor]
        if mine:
            self._top = max(min(self._top, mine[0]), mine[-1] - self._room + 1)
        first_pick = next((number for number, each in enumerate(self._shown) if each.name), 0)
        if self.cursor <= first_pick:
            self._top = 0 if not mine or mine[-1] < self._room else self._top
        self._top = max(0, min(self._top, len(self._rows) - self._room))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if self._head and y == 0:
            style = self.get_component_rich_style("items--head")
            return Strip([Segment(fitted(f"  {safe_text(self._head)}", width), style)])
        row = self._top + y - bool(self._head)
        if row >= len(self._rows):
            return Strip.blank(width, self.get_component_rich_style("items--row"))
        number, text = self._rows[row]
        item = self._shown[number]
        loose = "waits" if item.waits else "alarm" if item.alarm else "faint" if item.faint else "row"
        kind = "head" if item.head else loose
        style = self.get_component_rich_style(f"items--{kind}")
        first = row == 0 or self._rows[row - 1][0] != number
        alarm = "!" if item.alarm and first else " "
        mark = " "
        if number == self.cursor and self.has_focus:
            style += self.get_component_rich_style("items--cursor", partial=True)
            mark = ">" if first else " "
        return Strip([Segment(fitted(f"{mark}{alarm}{text}", width), style)])

    def on_focus(self) -> None:
        self.refresh()

    def on_blur(self) -> None:
        self.refresh()

    # -- the mouse --------------------------------------------------------------------------------------------------

    def on_click(self, event: events.Click) -> None:
        row = self._top + event.y - bool(self._head)
        if not 0 <= row < len(self._rows) or (self._head and event.y == 0):
            return
        number = self._rows[row][0]
        if self._shown[number].name:
            again = number == self.cursor
            self.cursor = number
            self.refresh()
            self.post_message(self.Picked(self, again))

    def on_mouse_scroll_down(self) -> None:
        self._top = max(0, min(len(self._rows) - self._room, self._top + 1))
        self.refresh()

    def on_mouse_scroll_up(self) -> None:
        self._top = max(0, self._top - 1)
        self.refresh()
