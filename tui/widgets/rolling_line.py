"""One row that says on every other screen what rolls, for how long, and the timecode."""

from __future__ import annotations

from collections.abc import Callable

from onset.clock import Clock
from onset.domain.take import Board
from onset.timecode import Timecode
from tui.widgets.board import minutes
from tui.widgets.lines import Line

TICK_S = 0.2


class RollingLine(Line):
    """What the board's bar says, in one row."""

    def __init__(self, clock: Clock, label_at: Callable[[int], tuple[Timecode, str]], *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._clock = clock
        self._label_at = label_at
        self._board: Board | None = None
        self._drawn = ("", "")

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)

    def show_board(self, board: Board) -> None:
        """Say what this board says."""
        self._board = board
        self.set_class(board.rolling is not None, "rolling")
        self.tick()

    def tick(self) -> None:
        """Draw the time if it moved."""
        board = self._board
        if board is None or not self.is_attached or not self.screen.is_current:
            return
        label, source = self._label_at(self._clock.monotonic_ns())
        take = board.rolling
        if take is not None:
            since = take.runs[-1].action_ns if take.runs else take.rolled_ns
            words = f"● ROLLING {take.label}  {'' if take.runs else '~'}{minutes(self._clock.wall_ns() - since)}"
        else:
            words = f"nothing rolls; next {board.slate}/{board.take}" if board.slate else "nothing rolls"
        drawn = (words, f"{str(label)[:8]} {source}")
        if drawn != self._drawn:
            self._drawn = drawn
            self.show(*drawn)
