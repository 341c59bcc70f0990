"""The terminal app: brings the log, the keys and the places together. What a key means stands in `intents`.

`run_app` is what the command line calls; everything from outside comes in `Deps`.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Callable, Sequence
from functools import partial
from typing import ClassVar

from textual.app import App
from textual.binding import Binding
from textual.driver import Driver
from textual.filter import LineFilter

from tui.colours import COLOURS, Colours
from tui.deps import Deps
from tui.desk import Desk
from tui.hand import Hand
from tui.keys import key_map
from tui.matching import LOOK_S, Matching
from tui.screens.day import DayScreen
from tui.screens.devices import DevicesScreen
from tui.screens.log import LogScreen
from tui.screens.offload import OffloadScreen
from tui.screens.place import PlaceScreen
from tui.screens.reports import ReportsScreen
from tui.screens.review import ReviewScreen
from tui.terminal import TerminalGone, WatchedTerminal
from tui.watchdog import Held, watched_loop

FEED_S = 1 / 25
STANDS_S = 2.0  # so long after it is asked for, all of a place is there
SWITCH_S = 0.0005  # a key waits so long for a match in another thread to give way (docs/decisions/0170)
EXIT_GONE = 129  # as a shell calls the end by a hang-up

__all__ = ["Deps", "OnsetApp", "run_app"]


class OnsetApp(App[None]):
    """One seat's screens on one production's log."""

    TITLE = "onset"
    CSS_PATH = "onset.tcss"
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[Binding | tuple[str, str] | tuple[str, str, str]]] = [
        Binding("ctrl+q", "leave", show=False, priority=False),
        Binding("ctrl+c", "leave", show=False, priority=False),
    ]

    def __init__(self, deps: Deps, desk: Desk, driver: type[Driver] | None = None) -> None:
        """Take what was opened; the caller closes the desk.

        Raises:
            ConfigError: `[keys]` cannot be.
        """
        super().__init__(driver_class=driver)
        self.alone = False  # in its process: the collector need not look through what stays as long as the app
        self.hand = Hand(deps, desk, key_map(deps.config.screen.keyboard, deps.config.keys))
        self.hand.alarm = self._alarm
        self.hand.rings = self._ring
        self.hand.colours = Colours(self, deps.config.screen.theme, lambda text: self.hand.keep(COLOURS, text))
        for place, screen in SCREENS.items():
            self._modes[place] = partial(self._born, screen)

    async def on_mount(self) -> None:
        await self.hand.begin()
        self.hand.colours.load(await self.hand.desk.read(lambda log: log.draft(COLOURS)))
        await self.switch_mode("log")
        if self.hand.deps.warning:
            self.call_after_refresh(self._alarm, self.hand.deps.warning)
        self.run_worker(self.hand.work(), name="intents")
        self.set_interval(FEED_S, self._follow)
        matching = Matching(self.hand, lambda work: self.run_worker(work, name="matching"))
        self.hand.shows.append(matching)
        contested = self.hand.contested
        contested.begin(lambda work: self.run_worker(work, name="conflicts"), self._contest)
        self.hand.shows.append(contested)
        self.set_interval(LOOK_S, matching.look)

    def _born(self, place: type[PlaceScreen]) -> PlaceScreen:
        """A place of this app, which knows the theme already: one that does not has every sheet read anew, twice."""
        screen = place(self.hand)
        screen._css_update_count = self._css_update_count  # noqa: SLF001  # Textual has no other way
        if self.alone:
            self.set_timer(STANDS_S, gc.freeze)
        return screen

    async def _follow(self) -> None:
        await self.hand.catch_up()

    def _alarm(self, sentence: str) -> None:
        if isinstance(self.screen, PlaceScreen):
            self.screen.say(sentence, True)

    def on_unmount(self) -> None:
        self.hand.aside.close()

    def _ring(self) -> None:
        """An alarm began, ended or was seen: on every screen that is there. Never by a sound: a take may roll."""
        for place in self.hand.shows:
            if isinstance(place, PlaceScreen):
                place.ring()

    def _contest(self) -> None:
        """Fields came into conflict, or somebody picked."""
        for place in self.hand.shows:
            if isinstance(place, PlaceScreen):
                place.contest()

    def on_terminal_gone(self, message: TerminalGone) -> None:
        """Nobody sees this screen any more: keep what is half typed and end. A rolling take goes on."""
        if isinstance(self.screen, PlaceScreen):
            self.screen.keep_drafts()
        self.exit(return_code=EXIT_GONE)

    def action_leave(self) -> None:
        """Ctrl+C and Ctrl+Q where no screen took them: the same two steps."""
        if isinstance(self.screen, PlaceScreen):
            self.screen.quit()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual calls this: what is done to all that is drawn."""
        return self.hand.colours.filters(super().get_line_filters())

    def action_nothing(self) -> None:
        """A key that would only move the focus."""


SCREENS: dict[str, type[PlaceScreen]] = {
    "log": LogScreen,
    "review": ReviewScreen,
    "offload": OffloadScreen,
    "devices": DevicesScreen,
    "reports": ReportsScreen,
    "day": DayScreen,
}


def run_app(deps: Deps, held: Callable[[Held], None] | None = None) -> int:
    """Open the log, show the screens until the person quits, close the log.

    Args:
        deps: what comes from outside.
        held: told when the event loop was held for too long, and by what; None: nobody looks.

    Returns:
        The exit code.

    Raises:
        OnsetError: the log cannot be opened, or the keys in the configuration cannot be.
    """
    sys.setswitchinterval(SWITCH_S)
    desk = Desk(deps.open_logbook)
    try:
        app = OnsetApp(deps, desk, WatchedTerminal)
        app.alone = True
        gc.freeze()  # a full collection held every key for 60 ms; most of what it looked through are modules
        if held is None:
            app.run()
        else:
            with watched_loop(lambda each: None if app.return_code is not None else held(each)) as loop:
                app.run(loop=loop)
        return app.return_code or 0
    finally:
        desk.close()
