"""The board: what would roll or rolls, the running timecode with its source, the stopwatch, cameras and rolls.

Used by the Log screen. The bar over the full width and the word in it say that a take rolls; colour only helps.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

from onset.clock import Clock
from onset.domain.take import Board, Kind, Take
from onset.text import safe_text
from onset.timecode import Timecode
from tui.widgets.lines import fitted, shortened
from tui.widgets.numerals import drawn

TICK_S = 0.1
_TC_WIDTH = 40
_NUMERALS = 3  # rows
_NS = 1_000_000_000


class BoardView(Widget):
    """Six rows: the rolling bar, three rows of numerals, the scene, the cameras. A low terminal has no numerals."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "board--bar",
        "board--rolling",
        "board--proposed",
        "board--slate",
        "board--tc",
        "board--stand-in",
        "board--faint",
        "board--text",
    }

    def __init__(
        self, clock: Clock, label_at: Callable[[int], tuple[Timecode, str]], master: str, *, id: str | None = None
    ) -> None:
        """Draw nothing until `show`.

        Args:
            clock: for the stopwatch.
            label_at: the master's label at a moment of the monotonic clock, and its source.
            master: the source that should be the master; any other is amber.
            id: of the widget.
        """
        super().__init__(id=id)
        self._clock = clock
        self._label_at = label_at
        self._master = master
        self._board: Board | None = None
        self._now: tuple[str, str, str] = ("", "", "")
        self._recording: frozenset[str] = frozenset()
        self._proposed = ""
        self.rehearsal_ns: int | None = None

    def on_mount(self) -> None:
        self.set_interval(TICK_S, self.tick)

    def show(self, board: Board) -> None:
        """Draw this board; the take that was cut last is not on it."""
        moved = self._board is None or replace(self._board, last_cut=board.last_cut) != board
        self._board = board
        self.tick()
        if moved:
            self.refresh()

    def show_recording(self, devices: frozenset[str]) -> None:
        """Mark the cameras whose recorders write a file now."""
        if devices != self._recording:
            self._recording = devices
            self.refresh()

    def show_proposal(self, words: str) -> None:
        """Say what a device proposes; empty: none does."""
        if words != self._proposed:
            self._proposed = words
            self.refresh()

    def tick(self) -> None:
        """Read the timecode and the stopwatch; draw them if they moved."""
        label, source = self._label_at(self._clock.monotonic_ns())
        now = (str(label), source, self._stopwatch())
        before, self._now = self._now, now
        width = self.size.width
        if now[2] != before[2]:
            self.refresh(Region(0, 0, width, 1))
        if now[:2] != before[:2]:
            rows = min(1 + _NUMERALS, self.size.height - 1)
            self.refresh(Region(max(0, width - _TC_WIDTH), 1, _TC_WIDTH, rows))

    def _stopwatch(self) -> str:
        take = self._board.rolling if self._board else None
        if take is not None:
            since = take.runs[-1].action_ns if take.runs else take.rolled_ns
            return f"{'' if take.runs else '~'}{minutes(self._clock.wall_ns() - since)}"
        if self.rehearsal_ns is not None:
            return f"rehearsing {minutes(self._clock.monotonic_ns() - self.rehearsal_ns)}"
        if self._board is not None and self._board.rehearsal_ns is not None:
            return f"rehearsal {minutes(self._board.rehearsal_ns)}"
        return ""

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        board = self._board
        if board is None:
            return Strip.blank(width, self.get_component_rich_style("board--text"))
        if y == 0:
            return self._bar(board, width)
        if not self._low and y <= _NUMERALS:
            return self._numerals(board, width, y - 1)
        if y == (1 if self._low else 1 + _NUMERALS):
            return self._scene(board, width)
        return self._departments(board, width)

    @property
    def _low(self) -> bool:
        """Whether the numerals have no room."""
        return self.size.height <= _NUMERALS

    def _bar(self, board: Board, width: int) -> Strip:
        take = board.rolling
        if take is None:
            proposed = f"next {board.slate}/{board.take}{_flags(board)}" if board.slate else "no slate yet: S types it"
            text = f" ○ {self._proposed}" if self._proposed else f" {safe_text(proposed)}"
            style = self.get_component_rich_style("board--proposed" if self._proposed else "board--bar")
        else:
            fs = "  FALSE START" if take.kind is Kind.FALSE_START else ""
            text = f" ● ROLLING {safe_text(take.label)}{_take_flags(take)}{fs}"
            text += f"   ○ {self._proposed}" if self._proposed else ""
            style = self.get_component_rich_style("board--rolling")
        stopwatch = f" {self._now[2]} " if self._now[2] else ""
        text = fitted(text, max(0, width - len(stopwatch)))
        return Strip([Segment(f"{text}{stopwatch}", style)]).adjust_cell_length(width, style)

    def _numerals(self, board: Board, width: int, row: int) -> Strip:
        take = board.rolling
        name, number = (take.slate, take.take) if take else (board.slate, board.take)
        left = max(10, width - _TC_WIDTH)
        slate_style = self.get_component_rich_style("board--slate")
        label, source, _ = self._now
        running = "tc" if take else "text"  # red is for what rolls
        tc = self.get_component_rich_style(f"board--{running if source == self._master else 'stand-in'}")
        return Strip(
            [
                Segment(" ", slate_style),
                Segment(drawn(f"{name}/{number}" if name else "", left - 1)[row], slate_style),
                Segment(drawn(label, _TC_WIDTH)[row], tc),
            ]
        ).adjust_cell_length(width, slate_style)

    def _scene(self, board: Board, width: int) -> Strip:
        faint, text = (self.get_component_rich_style(f"board--{each}") for each in ("faint", "text"))
        take = board.rolling
        scene = take.scene if take else board.scene
        following = f"  next {board.slate}/{board.take}{_flags(board)}" if take and not self._low else ""
        label, source, _ = self._now
        amber = self.get_component_rich_style("board--stand-in")
        tc = f" {label} " if self._low else " tc "
        right = [Segment(tc, faint), Segment(f"{safe_text(source)} ", text if source == self._master else amber)]
        if source != self._master:
            right.insert(0, Segment(f"not {safe_text(self._master)}", amber))
        heading = safe_text(board.heading)
        left = [Segment(" SC ", faint), Segment(f"{safe_text(scene)}  " if heading else safe_text(scene), text)]
        room = width - sum(each.cell_length for each in (*left, *right)) - cell_len(following) - 1
        left += [Segment(shortened(heading, room), text), Segment(safe_text(following), amber)]
        return _both_ends(left, right, width, text)

    def _departments(self, board: Board, width: int) -> Strip:
        faint, text = (self.get_component_rich_style(f"board--{each}") for each in ("faint", "text"))
        parts: list[Segment] = []
        take = board.rolling
        for each in board.cameras:
            roll, inside = each.roll, each.in_next
            if take is not None:
                angle = next((one for one in take.angles if one.camera == each.camera and one.logged), None)
                roll, inside = (angle.roll, True) if angle is not None else (roll, False)
            mark = " ●" if each.camera in self._recording else ""
            parts.append(Segment(f" {safe_text(each.camera)} ", faint))
            words = _roll_words(roll, each.roll if each.in_next else roll, out=not inside)
            parts.append(Segment(f"{words}{mark} ", text if inside else faint))
        sound, out = board.sound_roll, not board.sound_in_next or board.mos
        if take is not None:
            sound, out = next((one.roll for one in take.sound if one.roll), sound), take.mos
        parts.append(Segment(" Snd ", faint))
        parts.append(Segment(f"{_roll_words(sound, board.sound_roll, out=out)} ", faint if out else text))
        return _both_ends(parts, [], width, text)


def _roll_words(roll: str | None, following: str | None, *, out: bool) -> str:
    """`A001`, `A001 out`; while a take rolls, what comes after it beside it: `A001 next A002`."""
    then = f" next {following}" if following and following != roll else ""
    return safe_text(f"{roll or 'no roll'}{' out' if out else ''}{then}")


def _flags(board: Board) -> str:
    kind = "" if board.kind is Kind.NORMAL else f"  {board.kind}".upper()
    return f"{kind}{'  MOS' if board.mos else ''}{'  TAIL SLATE' if board.tail_slate else ''}"


def _take_flags(take: Take) -> str:
    kind = "" if take.kind in (Kind.NORMAL, Kind.FALSE_START) else f"  {take.kind}".upper()
    return f"{kind}{'  MOS' if take.mos else ''}{'  TAIL SLATE' if take.tail_slate else ''}"


def minutes(ns: int) -> str:
    """`00:41`."""
    seconds = max(0, ns // _NS)
    return f"{seconds // 60:02d}:{seconds % 60:02d}"


def _both_ends(left: list[Segment], right: list[Segment], width: int, style: Style) -> Strip:
    end, start = Strip(right), Strip(left)
    room = max(0, width - end.cell_length)
    if start.cell_length > room:
        start = Strip([*start.crop(0, max(0, room - 1)), Segment("…", style)])
    return Strip([*start.adjust_cell_length(room, style), *end]).adjust_cell_length(width, style)
