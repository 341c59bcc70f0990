"""The village's board: a bar that says whether a take rolls and for how long, slate and take in numerals, the takes.

Used by `onset board`. Every state has a word and a mark besides its colour.
"""

from __future__ import annotations

from datetime import datetime
from typing import ClassVar

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from onset.clock import Clock
from onset.domain.take import State, Status
from onset.logbook.village import VillageBoard, VillageTake, running, stopwatch
from onset.text import safe_text
from tui.widgets.lines import fitted, shortened
from tui.widgets.numerals import drawn, numerals

TICK_S = 0.1
BAR = 3
HEAD = 9  # the row above the takes
_NS = 1_000_000_000
_SLATE, _TAKE, _LENGTH, _AT, _WORDS = 10, 7, 8, 6, 30
_ROLLS_FROM = 100  # cells across, from which the cameras' rolls fit too


class VillageView(Widget):
    """Ten rows of what is now, and below them as many takes as fit."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "village--bar",
        "village--rolling",
        "village--doubt",
        "village--slate",
        "village--text",
        "village--faint",
        "village--head",
        "village--circled",
    }

    def __init__(self, clock: Clock, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._board: VillageBoard | None = None
        self._time = ""

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)

    def show(self, board: VillageBoard) -> None:
        """Draw this board."""
        self._board = board
        self.tick()
        self.refresh()

    def tick(self) -> None:
        """Draw the running time if it moved."""
        rolling = self._board.rolling if self._board else None
        now = running(rolling, self._clock.wall_ns()) if rolling is not None else ""
        if now != self._time:
            self._time = now
            self.refresh(Region(0, 0, self.size.width, BAR))

    @property
    def room(self) -> int:
        """How many takes fit."""
        return max(0, self.size.height - HEAD - 1)

    # -- drawing --------------------------------------------------------------------------------------------------

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        text = self.get_component_rich_style("village--text")
        board = self._board
        if board is None:
            return Strip.blank(width, text)
        if y < BAR:
            return self._bar(board, width, y)
        if BAR < y <= BAR + 3:
            return self._numerals(board, width, y - BAR - 1)
        if y == BAR + 4:
            return self._beneath(board, width)
        if y == HEAD:
            style = self.get_component_rich_style("village--head")
            head = self._columns("slate", "take", "length", "at", "", "rolls")
            return Strip([Segment(set_cell_size(head, width), style)])
        number = y - HEAD - 1
        if 0 <= number < len(board.takes):
            return self._take(board.takes[number], width)
        if number == 0:
            return Strip([Segment(f"  no take yet on day {board.day}", self._style("faint"))]).adjust_cell_length(width)
        return Strip.blank(width, text)

    def _style(self, name: str) -> Style:
        return self.get_component_rich_style(f"village--{name}")

    def _bar(self, board: VillageBoard, width: int, row: int) -> Strip:
        rolling = board.rolling
        if rolling is None:
            style, mark, right = self._style("bar"), "○ NOT ROLLING", self._last(board)
        elif board.left_rolling:
            style, mark, right = self._style("doubt"), f"? LEFT ROLLING {rolling.label}", "nobody saw its cut"
        else:
            style, mark, right = self._style("rolling"), f"● ROLLING {rolling.label}", ""
        time = self._time.removeprefix("~")
        shape = numerals(time)
        if not right and shape is not None:
            lines = drawn(time, max(map(cell_len, shape)))
            estimated = "~ " if time != self._time and row == 1 else "  "
            room = max(0, width - cell_len(lines[row]) - 4)
            left = set_cell_size(f"  {safe_text(mark)}" if row == 1 else "", room)
            return Strip([Segment(f"{left}{estimated}{lines[row]}  ", style)]).adjust_cell_length(width, style)
        left = f"  {safe_text(mark)}  "
        right = shortened(right or self._time, width - cell_len(left) - 2)
        left = set_cell_size(left, max(0, width - cell_len(right) - 2))
        return Strip([Segment(f"{left}{right}  " if row == 1 else "", style)]).adjust_cell_length(width, style)

    def _last(self, board: VillageBoard) -> str:
        last = next((take for take in board.takes if take.state is not State.ROLLING), None)
        if last is None:
            return ""
        return safe_text(" ".join(filter(None, ("last", last.label, _length(last), last.words))))

    def _numerals(self, board: VillageBoard, width: int, row: int) -> Strip:
        rolling = board.rolling
        slate, take = (rolling.slate, rolling.take) if rolling else (board.slate, board.take)
        style = self._style("slate")
        words = drawn(f"{slate}/{take}" if slate else "", max(1, width - 4))[row]
        return Strip([Segment(f"  {words}", style)]).adjust_cell_length(width, style)

    def _beneath(self, board: VillageBoard, width: int) -> Strip:
        rolling = board.rolling
        scene = rolling.scene if rolling else board.scene
        parts = [f"SC {scene}" if scene else "", board.heading if scene == board.scene else ""]
        if rolling is not None:
            parts = ["rolls ", *parts, rolling.words.upper()]
        elif board.slate:
            parts = ["next  ", *parts, board.flags.upper()]
        else:
            parts = ["no slate yet"]
        text = safe_text("  ".join(filter(None, parts)))
        style = self._style("text")
        return Strip([Segment(fitted(f"  {text}", width), style)])

    def _take(self, take: VillageTake, width: int) -> Strip:
        at = f"{datetime.fromtimestamp(take.rolled_ns // _NS).astimezone():%H:%M}"
        circled = take.status is Status.CIRCLED
        rolls = "  ".join(f"{camera} {roll}".rstrip() for camera, roll in take.cameras)
        words = f"{'●' if circled else ' '} {take.words}"
        number = f"({take.take})" if circled else f" {take.take}"
        text = self._columns(take.slate, number, _length(take), at, words, rolls)
        faint = take.status is Status.NG or take.words.startswith("false start")
        style = self._style("circled" if circled else "faint" if faint else "text")
        return Strip([Segment(text, style)]).adjust_cell_length(width, style)

    def _columns(self, slate: str, take: str, length: str, at: str, words: str, rolls: str) -> str:
        cells = [(slate, _SLATE), (take, _TAKE), (length, _LENGTH), (at, _AT), (words, _WORDS)]
        if self.size.width >= _ROLLS_FROM:
            cells.append((rolls, self.size.width - 2 - sum(width + 1 for _, width in cells)))
        return "  " + " ".join(fitted(safe_text(text), width) for text, width in cells)


def _length(take: VillageTake) -> str:
    if take.length_s is None:
        return ""
    return ("~" if take.estimated else "") + stopwatch(take.length_s)
