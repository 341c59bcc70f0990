"""`onset board` on a terminal: a board for the village that follows the log and changes nothing.

`run_board` is what the command line calls. The log is looked at on a thread of its own; what it said last stays on the
screen while it cannot be read, with a line that says so.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import ClassVar, Protocol, TypeVar

from textual import events
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.driver import Driver
from textual.filter import LineFilter

from onset.clock import Clock
from onset.config import THEMES
from onset.errors import LogError
from onset.logbook.protocol import Logbook
from onset.logbook.village import VillageBoard
from onset.timecode import Timecode
from tui.colours import Colours
from tui.keys import pressed
from tui.terminal import TerminalGone, WatchedTerminal
from tui.widgets.lines import Footer, Hint, Line, StatusLine
from tui.widgets.village import VillageView

FOLLOW_S = 1 / 25
TIME_S = 0.2
MOST = 200  # takes; more rows than any terminal has
DOUBT_S = 2.0  # so often it is asked whether what rolls was left rolling
EXIT_GONE = 129  # as a shell calls the end by a hang-up

HINTS = (
    Hint("Q", "close", "close"),
    Hint("T", "theme", "theme"),
    Hint("Down", "dimmer", "dimmer"),
    Hint("Up", "brighter", "brighter"),
)
_KEYS = {"close": ("q", "escape"), "theme": ("t", "f12"), "dimmer": ("down",), "brighter": ("up",)}

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
        theme: one of `onset.config.THEMES`.
    """

    onlooker: Onlooker
    read: Callable[[Logbook, int], VillageBoard]
    clock: Clock
    label_at: Callable[[int], tuple[Timecode, str]]
    theme: str = THEMES[0]


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
        self.colours = Colours(self, deps.theme)
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
        self.query_one(Footer).show(HINTS)
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
        self.query_one("#heading", Line).show(heading, f"{str(label)[:8]} {source}")

    def on_key(self, event: events.Key) -> None:
        key = pressed(event.key, event.character)
        action = next((hint.action for hint in HINTS if _KEYS[hint.action].count(key)), "")
        if action:
            event.stop()
            self._do(action)

    def on_footer_tapped(self, message: Footer.Tapped) -> None:
        self._do(message.action)

    def _do(self, action: str) -> None:
        match action:
            case "theme":
                self.colours.change()
            case "dimmer":
                self.colours.step(-1)
            case "brighter":
                self.colours.step(1)
            case _:
                self.action_close()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual calls this: what is done to all that is drawn."""
        return self.colours.filters(super().get_line_filters())

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
