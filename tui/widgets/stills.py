"""Pictures of one take beside each other: start, middle and end of its clips, then its stills.

Used by the Review screen. Nothing is read while keys come in; what was drawn lately is there at once.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.domain.take import Take
from tui.stills import SILENT, Album, Drawn, Shot, clips_of
from tui.widgets.lines import wrapped

REST_S = 0.15  # so long no key may have come before a picture is read
_GAP = 2


class StillsRow(Widget):
    """As many pictures as fit, at the height that the widget has; the others are a page away."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {"stills--caption", "stills--text"}

    @dataclass
    class Lacking(Message):
        """This take has clips and no picture."""

        take: Take

    def __init__(self, album: Album, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._album = album
        self._take: Take | None = None
        self._shots: tuple[Shot, ...] = ()
        self._words = ""
        self._page = 0
        self._drawn: dict[Shot, Drawn] = {}

    # -- what it shows ----------------------------------------------------------------------------------------------

    def show(self, take: Take | None) -> None:
        """Show the pictures of this take, from the first on."""
        if take == self._take and self._shots:
            return
        if take is None or self._take is None or take.id != self._take.id:
            self._shots, self._page, self._words = (), 0, ""
            self._drawn.clear()
        self._take = take
        self._look()

    def look_again(self, take: Take) -> None:
        """Pictures of this take were made."""
        if self._take is not None and self._take.id == take.id:
            self._look()

    def turn(self) -> bool:
        """The next of them; False where the last were shown, and the first are again."""
        self._page += 1
        more = self._page * self._room < len(self._shots)
        if not more:
            self._page = 0
        self._look()
        return more

    @property
    def shown(self) -> tuple[Shot, ...]:
        """The pictures that there is room for."""
        first = self._page * self._room
        return self._shots[first : first + self._room]

    @property
    def _rows(self) -> int:
        """Of a picture; the caption has one more."""
        return max(1, self.size.height - 1)

    @property
    def _columns(self) -> int:
        """Cells that a picture of 16:9 fills."""
        return max(1, min(self.size.width, self._rows * 2 * 16 // 9))

    @property
    def _room(self) -> int:
        return max(1, (self.size.width + _GAP) // (self._columns + _GAP))

    def _look(self) -> None:
        self.workers.cancel_node(self)  # what is not shown any more is not read
        self.refresh()
        if self.display and self.size.height > 1:
            self._read()

    @work
    async def _read(self) -> None:
        await asyncio.sleep(REST_S)
        if self._take is None:
            return
        found = await self._album.shots(self._take)
        self._shots = found or ()
        self._words = SILENT.words if found is None else "" if found else "no picture of this take yet"
        if found == () and clips_of(self._take):
            self.post_message(self.Lacking(self._take))
        for shot in self.shown:
            self.refresh()
            self._drawn[shot] = await self._album.draw(shot.path, self._columns, self._rows)
        self.refresh()

    def on_show(self) -> None:
        self._look()

    def on_resize(self) -> None:
        self._page = 0
        self._drawn.clear()
        self._look()

    # -- drawing ----------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        text = self.get_component_rich_style("stills--text")
        if not self._shots:
            return Strip([Segment(f" {self._words}" if y == 0 else "", text)]).adjust_cell_length(width, text)
        parts: list[Strip] = []
        for number, shot in enumerate(self.shown):
            if y == self._rows:
                parts.append(self._caption(number, shot))
            else:
                parts.append(picture_row(self._drawn.get(shot), y, self._columns, self._rows, text))
            parts.append(Strip.blank(_GAP, text))
        return Strip.join(parts).adjust_cell_length(width, text)

    def _caption(self, number: int, shot: Shot) -> Strip:
        style = self.get_component_rich_style("stills--caption")
        left = len(self._shots) - self._page * self._room - len(self.shown)
        text = shot.caption
        if left > 0 and number == len(self.shown) - 1:
            text = f"{text}  ({left} more)"
        return Strip([Segment(text, style)]).adjust_cell_length(self._columns, style)


def picture_row(drawn: Drawn | None, y: int, columns: int, rows: int, text: Style) -> Strip:
    """Row `y` of a picture in a box; one that cannot be read says why, one that is being read says nothing yet."""
    if drawn is not None and drawn.strips:
        strip = drawn.strips[y] if y < len(drawn.strips) else Strip.blank(columns, text)
        return strip.adjust_cell_length(columns, text)
    said = wrapped(drawn.words, columns - 2) if drawn is not None else []
    first = max(0, (rows - len(said)) // 2)
    words = said[y - first] if first <= y < first + len(said) else ""
    return Strip([Segment(f" {words}", text)]).adjust_cell_length(columns, text)
