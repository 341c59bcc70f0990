"""Which theme a terminal wears and how bright it is; the app remembers that for its seat (docs/decisions/0173).

Used by the app and by the village's board.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from textual.app import App
from textual.filter import LineFilter

from onset.config import THEMES
from tui.no_colour import WITHOUT_COLOUR
from tui.themes import BRIGHTEST, theme

COLOURS = "colours"  # key of `Logbook.draft`

T = TypeVar("T")


class Colours:
    """The colours of one app."""

    def __init__(self, app: App[T], configured: str, keep: Callable[[str | None], None] = lambda _: None) -> None:
        """Wear the configured theme; the app is not running yet.

        Args:
            app: that wears it.
            configured: one of `onset.config.THEMES`.
            keep: remembers what a person chose, None for what is configured; does not wait for the disk.
        """
        self._app = app
        self._keep = keep
        self._configured = configured
        self.name, self.brightness = self._configured, BRIGHTEST
        self._wear()

    def load(self, kept: str | None) -> None:
        """Wear what a person chose at this seat before; what another version kept differently is passed over."""
        name, _, brightness = (kept or "").rpartition(" ")
        if name in THEMES and brightness.isascii() and brightness.isdigit() and 1 <= int(brightness) <= BRIGHTEST:
            self.name, self.brightness = name, int(brightness)
            self._wear()

    def change(self) -> str:
        """The next theme, at full brightness; says which."""
        self.name = THEMES[(THEMES.index(self.name) + 1) % len(THEMES)]
        self.brightness = BRIGHTEST
        self._choose()
        return f"Theme: {self.name}."

    def step(self, by: int) -> str:
        """Brighter or dimmer by so many steps, as far as text can be read; says how bright it is."""
        self.brightness = max(1, min(BRIGHTEST, self.brightness + by))
        self._choose()
        return f"Brightness {self.brightness} of {BRIGHTEST}."

    def filters(self, usual: Sequence[LineFilter]) -> Sequence[LineFilter]:
        """What is done to all that is drawn: under `NO_COLOR` another thing than Textual's greys."""
        return (WITHOUT_COLOUR,) if self._app.no_color else usual

    def _choose(self) -> None:
        self._wear()
        configured = (self.name, self.brightness) == (self._configured, BRIGHTEST)
        self._keep(None if configured else f"{self.name} {self.brightness}")

    def _wear(self) -> None:
        worn = theme(self.name, self.brightness)
        self._app.register_theme(worn)
        self._app.theme = worn.name
