"""`onset board` on a terminal: a board for the village that follows the log and changes nothing.

`run_board` is what the command line calls. The log is looked at on a thread of its own; what it said last stays on the
screen while it cannot be read, with a line that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.driver import Driver

from onset.clock import Clock
from onset.errors import LogError
from onset.logbook.protocol import Logbook
from onset.logbook.village import VillageBoard
from onset.timecode import Timecode
from tui.keys import pressed
from tui.terminal import TerminalGone, WatchedTerminal
from tui.themes import DARK_SET
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.village import VillageView

FOLLOW_S = 1 / 25
TIME_S = 0.2
MOST = 200  # takes; more rows than any terminal has
DOUBT_S = 2.0  # so often it is asked whether what rolls was left rolling
EXIT_GONE = 129  # as a shell calls the end by a hang-up

T = TypeVar("T")


class Onlooker(Protocol):
    """A log as somebody without a seat looks at it (`logging_db.onlooker`); of one thread, and it may block."""

    def moved(self) -> bool:
        """Whether it says something else than at the last look; true at the first. Raises LogError."""
        ...

    def read(self, question: Callable[[Logbook], T]) -> T:
        """Ask it. Raises LogError."""
        ...

    def close(self) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class BoardDeps:
    """What the command line hands in.

    Attributes:
        onlooker: looks at the log.
        read: the board, asked of it; the number of takes at most.
        clock: of this process.
        label_at: the master's label at a moment of the monotonic clock, and its source; must not block.
    """

    onlooker: Onlooker
    read: Callable[[Logbook, int], VillageBoard]
    clock: Clock
    label_at: Callable[[int], tuple[Timecode, str]]


class BoardApp(App[None]):
    """One board on one terminal."""

    TITLE = "onset board"
    CSS_PATH = "board.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("ctrl+q", "close", show=False, priority=True),
        Binding("ctrl+c", "close", show=False, priority=True),
    ]

    def __init__(self, deps: BoardDeps, driver: type[Driver] | None = None) -> None:
        super().__init__(driver_class=driver)
        self._deps = deps
        self._thread = ThreadPoolExecutor(1, "onlooker")
        self._looking = False
        self._asked_s = 0.0
        self.trouble = ""
        self.board: VillageBoard | None = None

    def compose(self) -> ComposeResult:
        yield Line(id="heading")
        yield VillageView(self._deps.clock, id="village")
        yield StatusLine(id="status")
        yield Footer(id="footer")

    async def on_mount(self) -> None:
        self.register_theme(DARK_SET)
        self.theme = DARK_SET.name
        self.query_one(Footer).show([Hint("Q", "close", "board.close")])
        self.set_interval(FOLLOW_S, self._follow)
        self.set_interval(TIME_S, self._tell_time)
        await self._follow()

    async def _follow(self) -> None:
        """Look at the log; one look at a time, however long a dead disk takes to say so."""
        if self._looking:
            return
        self._looking = True
        try:
            board = await asyncio.wrap_future(self._thread.submit(self._look))
        except LogError as error:
            self._say(str(error))
        else:
            if board is not None:
                self._show(board)
        finally:
            self._looking = False

    def _look(self) -> VillageBoard | None:
        """The board if it may be another one now; on the onlooker's thread."""
        onlooker, now_s = self._deps.onlooker, self._deps.clock.monotonic_ns() / 1_000_000_000
        doubtful = self.board is not None and self.board.rolling is not None and now_s - self._asked_s >= DOUBT_S
        if not onlooker.moved() and not (doubtful and not self.trouble):
            return None
        self._asked_s = now_s
        return onlooker.read(lambda log: self._deps.read(log, MOST))

    def _show(self, board: VillageBoard) -> None:
        self.board = board
        self._say("")
        self.query_one(VillageView).show(board)
        self._tell_time()

    def _say(self, sentence: str) -> None:
        self.trouble = sentence
        line = self.query_one(StatusLine)
        line.say(sentence, alarm=bool(sentence))
        line.display = bool(sentence)

    def _tell_time(self) -> None:
        board = self.board
        label, source = self._deps.label_at(self._deps.clock.monotonic_ns())
        unit = "" if board is None or board.unit == "Main" else f"  {board.unit} unit"
        heading = "onset board" if board is None else f"{board.title}  day {board.day}{unit}"
        self.query_one("#heading", Line).show(heading, f"{str(label)[:8]}  {source}")

    def on_key(self, event: events.Key) -> None:
        if pressed(event.key, event.character) in ("q", "escape"):
            event.stop()
            self.action_close()

    def on_footer_tapped(self) -> None:
        self.action_close()

    def action_close(self) -> None:
        """Nothing is half done on a board: one key ends it."""
        self.exit()

    def on_terminal_gone(self, message: TerminalGone) -> None:
        """Nobody sees it any more."""
        self.exit(return_code=EXIT_GONE)

    def end(self) -> None:
        """Let go of the log, after the app has ended; waits for the look that goes on."""
        self._thread.submit(self._deps.onlooker.close).result()
        self._thread.shutdown()


def run_board(deps: BoardDeps) -> int:
    """Show the board until the person closes it; returns the exit code."""
    app = BoardApp(deps, WatchedTerminal)
    try:
        app.run()
        return app.return_code or 0
    finally:
        app.end()
