"""The keys of the panel one is in, beside the work and never over the board. `?` shows and hides it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.actions import ACTIONS
from tui.keys import KeyMap, shown_key
from tui.widgets.lines import wrapped

_ARROWS = {
    "log": "Pick a take and a cell; Esc lets go",
    "review": "Pick a take, with Shift a range; after Enter what is said of it; Esc goes back",
    "offload": "Pick a card; PgUp, PgDn (after Enter arrows too) read on; Esc goes back",
    "devices": "Pick a device; PgUp, PgDn read on in the alarms; Esc makes the picture small",
    "day": "Pick a line; left and right go from section to section",
}
_KEYS = 12  # cells before what a key does
_WIDEST, _AROUND = 62, 5  # cells of the panel, and of these its edge and its scrollbar


class KeysPanel(VerticalScroll, can_focus=False):
    """A list of keys with what they do; hidden until asked for."""

    _shown: tuple[str, KeyMap] | None = None  # whose keys

    def compose(self) -> ComposeResult:
        yield Static(id="keys-text", markup=False)

    def toggle(self, place: str, keys: KeyMap) -> None:
        """Show the keys of a place, or hide them."""
        self.display = not self.display
        self._shown = (place, keys)
        self._fill()

    def on_resize(self) -> None:
        self._fill()

    def _fill(self) -> None:
        if self.display and self._shown is not None:
            width = self.app.size.width
            room = min(_WIDEST, width if self.screen.has_class("-slim") else width * 4 // 5) - _AROUND
            self.query_one("#keys-text", Static).update(Content(keys_text(*self._shown, room)))

    def turn(self, key: str) -> bool:
        """While it is shown, Esc hides it and the page keys turn it; whether the key was one of these."""
        if not self.display or key not in ("escape", "pageup", "pagedown"):
            return False
        if key == "escape":
            self.display = False
        elif key == "pageup":
            self.scroll_page_up(animate=False)
        else:
            self.scroll_page_down(animate=False)
        return True


def keys_text(place: str, keys: KeyMap, width: int) -> str:
    """Every action of a place and of everywhere; then the ids that `[keys]` in the configuration takes.

    Args:
        place: whose actions.
        keys: what they are on.
        width: cells of a line; a longer title goes on below itself.
    """
    here = [action for action in ACTIONS if action.place in (place, "all")]
    titles = [("arrows", _ARROWS[place])] if place in _ARROWS else []
    titles += [(", ".join(map(shown_key, keys.keys[action.id])) or ":", action.title) for action in here]
    lines: list[str] = []
    for shown, title in titles:
        first, *further = wrapped(title, max(20, width - _KEYS - 1))
        lines += [f"{shown:<{_KEYS}} {first}", *(" " * (_KEYS + 1) + each for each in further)]
    ids = [f"  {action.id:<22} {keys.shown(action.id)}" for action in here]
    return "\n".join([*lines, "", "ids for [keys] in config.toml:", *ids])
