"""Every action of a place and of everywhere by name, with its keys, narrowed as one types: what `:` opens.

Used by every screen, above the line that the name is typed into. It lies over the screen's lower half and never over
what rolls.
"""

from __future__ import annotations

import re

from textual import events
from textual.message import Message

from tui.actions import ACTIONS, Action
from tui.keys import KeyMap, shown_key
from tui.widgets.rows import Row, Rows

_KEYS = 14  # cells
_LOOSE = 3  # so many letters may lie between each two that were typed


class ActionList(Rows):
    """Actions, one of them under the cursor."""

    class Chosen(Message):
        """The action under the cursor was tapped."""

    def __init__(self, place: str, keys: KeyMap, *, id: str | None = None) -> None:
        """List the actions of `place` and of everywhere."""
        super().__init__(f"{'key':<{_KEYS}} every action here", picks=True, wraps=True, id=id)
        self.can_focus = False
        self._place = place
        self._keys = keys
        self._text: str | None = None
        self._found: list[Action] = []

    def narrow(self, text: str) -> Action | None:
        """Show what may be meant, the likeliest first; the action under the cursor, None where there is none."""
        if text != self._text:
            self._text, self._found, self.cursor = text, narrowed(text, self._place, self._keys), 0
            self.show(
                [Row(self._line(each), hangs=_KEYS + 1) for each in self._found]
                or [Row("no action is called so here", faint=True)]
            )
        return self._found[self.cursor] if self._found else None

    def _line(self, action: Action) -> str:
        keys = ", ".join(shown_key(key) for key in self._keys.keys[action.id])
        return f"{keys:<{_KEYS}} {action.title}"

    def pointed(self, *, again: bool = False) -> None:
        """The wheel only walks."""

    def on_click(self, event: events.Click) -> None:
        event.stop()
        event.prevent_default()
        row = self.row_at(event.y)
        if row is not None and row < len(self._found):
            self.cursor = row
            self.post_message(self.Chosen())


def narrowed(text: str, place: str, keys: KeyMap) -> list[Action]:
    """Actions of a place, then of everywhere, that hold each typed word, or its letters near each other in their order.

    Names that begin with the text come first, then those whose words do, then those that hold it, then its letters.
    """
    typed = " ".join(text.lower().split())
    words = typed.split()
    here = [each for at in (place, "all") for each in ACTIONS if each.place == at and each.verb != "command"]
    found: list[tuple[int, Action]] = []
    for action in here:
        title = action.title.lower()
        names = f"{title} {action.id} {' '.join(map(shown_key, keys.keys[action.id])).lower()}"
        if title.startswith(typed):
            found.append((0, action))
        elif all(re.search(rf"\b{re.escape(word)}", names) for word in words):
            found.append((1, action))
        elif all(word in names for word in words):
            found.append((2, action))
        elif all(_holds_letters(names, word) for word in words):
            found.append((3, action))
    return [action for _, action in sorted(found, key=lambda each: each[0])]


def _holds_letters(names: str, word: str) -> bool:
    """Whether a part that begins a word holds these letters in their order, none far from the one before.

    >>> _holds_letters("false start", "flst"), _holds_letters("no good", "nogd"), _holds_letters("a slate line", "sle")
    (True, True, True)
    >>> _holds_letters("the newest stamp was earlier", "nwear")
    False
    """
    for start, letter in enumerate(names):
        if letter != word[0] or (start and names[start - 1].isalnum()):
            continue
        at = start
        for each in word[1:]:
            at = names.find(each, at + 1, at + 2 + _LOOSE)
            if at < 0:
                break
        else:
            return True
    return False
