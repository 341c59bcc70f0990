"""What somebody needs to know who opens a log without a take. It goes with the first one.

Used by the Log screen; it lies over the empty list and takes no key.
"""

from __future__ import annotations

from textual.content import Content
from textual.widgets import Static

from tui.keys import KeyMap

_LINES = (
    ("log.slate", "types the first slate: 42A, or with its scene: 42 42A"),
    ("log.roll_cut", "rolls it; again cuts. Ctrl+R does so from inside a text"),
    ("log.action", "action, while it rolls"),
    ("log.circle", "circles the last take; H holds, X is no good, F false start"),
    ("log.note", "notes; Q and a digit notes a phrase"),
    ("all.undo", "takes back the last change and says which"),
    ("all.place.day", "the day: its times, what is scheduled, what is missing"),
    ("all.keys", "all keys; : runs any of them by name"),
)


class FirstRun(Static):
    """The first keys, as they are mapped here."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id, markup=False)

    def show_keys(self, keys: KeyMap, *, scenes: bool) -> None:
        """Name them; `scenes`: the log knows scenes, so that a script came in already."""
        lines = ["No take is logged yet.", ""]
        lines += [f"{keys.shown(action):<7} {words}" for action, words in _LINES]
        if not scenes:
            lines += ["", "From a shell: onset import script FILE, onset import schedule FILE."]
        self.update(Content("\n".join(lines)))
