"""The keys of the panel one is in, beside the work and never over the board. `?` shows and hides it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui.actions import ACTIONS
from tui.keys import KeyMap, shown_key

_ARROWS = {
    "log": "Pick a take and a cell; Esc lets go",
    "review": "Pick a take, with Shift a range; after Enter what is said of it; Esc goes back",
    "offload": "Pick a card; PgUp, PgDn (after Enter arrows too) read on; Esc goes back",
    "devices": "Pick a device; PgUp, PgDn read on in the alarms; Esc makes the picture small",
    "day": "Pick a line; left and right go from section to section",
}


class KeysPanel(VerticalScroll, can_focus=False):
    """A list of keys with what they do; hidden until asked for."""

    def compose(self) -> ComposeResult:
        yield Static(id="keys-text", markup=False)

    def toggle(self, place: str, keys: KeyMap) -> None:
        """Show the keys of a place, or hide them."""
        self.display = not self.display
        if self.display:
            self.query_one("#keys-text", Static).update(Content(keys_text(place, keys)))

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


def keys_text(place: str, keys: KeyMap) -> str:
    """Every action of a place and of everywhere, one a line; then the ids that `[keys]` in the configuration takes."""
    here = [action for action in ACTIONS if action.place in (place, "all")]
    lines = [f"{'arrows':<12} {_ARROWS[place]}"] if place in _ARROWS else []
    for action in here:
        shown = ", ".join(shown_key(key) for key in keys.keys[action.id]) or ":"
        lines.append(f"{shown:<12} {action.title}")
    ids = [f"  {action.id:<22} {keys.shown(action.id)}" for action in here]
    return "\n".join([*lines, "", "ids for [keys] in config.toml:", *ids])
