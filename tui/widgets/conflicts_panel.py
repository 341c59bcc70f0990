"""What two seats set differently: who said what, and when. Enter picks; it is never in the way of a cut.

Mounted by a place when it is asked for. It hides when another field or list gets the keys.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from textual import events
from textual.message import Message
from textual.widget import Widget

from onset.logbook.conflict_words import conflict_name, initials, said
from onset.logbook.terms import Conflict
from onset.text import safe_text
from tui.widgets.rows import Row, Rows

_NS = 1_000_000_000
_LEAD = 22  # cells for what is in conflict


class ConflictsPanel(Rows):
    """A row a value, the one that stands meanwhile first; the first of a field names it."""

    @dataclass
    class Taken(Message):
        """This value of a conflict shall stand."""

        conflict: Conflict
        number: int

    def __init__(self, found: Sequence[Conflict], *, id: str | None = None) -> None:
        super().__init__("", picks=True, wraps=True, id=id)
        self._found: tuple[Conflict, ...] = tuple(found)
        self._back: Widget | None = None  # what had the keys before

    def on_mount(self) -> None:
        self.open(self._found)

    def open(self, found: Sequence[Conflict]) -> None:
        """Show these, and take the arrows, Enter and Esc; every other key means what it always does."""
        self._back = self._back if self.has_focus else self.screen.focused
        self.display = True
        self.show_conflicts(found)
        self.screen.set_focus(self)

    def show_conflicts(self, found: Sequence[Conflict]) -> None:
        """As they are now; with the last of them it goes."""
        self._found = tuple(found)
        if not found:
            self._close()
            return
        count = f"{len(found)} field{' is' if len(found) == 1 else 's are'} in conflict"
        self.show(conflict_rows(found), f"{count}   Enter picks, Esc closes")

    def _close(self) -> None:
        if self.display:
            had_keys = self.has_focus
            self.display = False
            if had_keys:
                self.screen.set_focus(self._back)

    def on_blur(self) -> None:
        self.display = False

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down", "enter", "escape"):
            event.stop()
            event.prevent_default()
        if event.key in ("up", "down"):
            self.move(-1 if event.key == "up" else 1)
        elif event.key == "enter":
            self._take()
        elif event.key == "escape":
            self._close()

    def on_click(self, event: events.Click) -> None:
        """A tap on the row under the cursor is Enter."""
        before = self.cursor
        super().on_click(event)
        if self.cursor == before:
            self._take()

    def _take(self) -> None:
        number = self.cursor
        for conflict in self._found:
            if number < len(conflict.values):
                self.post_message(self.Taken(conflict, number))
                return
            number -= len(conflict.values)


def conflict_rows(found: Sequence[Conflict]) -> list[Row]:
    """A row a value: `42C/2 status` `circled` `M Maya, script 11-21 14:02, stands`."""
    rows = []
    names = [conflict_name(each) for each in found]
    lead = min(_LEAD, max(map(len, names)))
    for conflict, name in zip(found, names, strict=True):
        for number, (seat, mark) in enumerate(zip(conflict.seats, initials(conflict.seats), strict=True)):
            at = datetime.fromtimestamp(conflict.wall_ns[number] / _NS, UTC).astimezone()
            stands = "" if number else ", stands"
            beside = f"   {mark} {safe_text(seat)} {at:%m-%d %H:%M}{stands}"
            rows.append(Row(f" {'' if number else name:<{lead}}  {said(conflict, number)}", more=beside))
    return rows
