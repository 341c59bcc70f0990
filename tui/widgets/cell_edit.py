"""One cell of the take list, edited in its place: the caret at the end, nothing selected, Escape restores.

Its frame lies around the cell and says whose it is, whether a take rolls, and the key that cuts or rolls from inside it
(screen rule 3).

Used by the Log screen. A cell that was half typed when the program ended opens with what was typed.
"""

from __future__ import annotations

from dataclasses import dataclass

from rich.cells import cell_len
from textual import events
from textual.content import Content
from textual.geometry import Region
from textual.message import Message

from onset.domain.take import Board, Take
from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.intents.words import EDITABLE
from tui.widgets.entry import SafeInput
from tui.widgets.take_row import Column, clock_text

_LEAST = 18  # cells to type in: the frame has room for its key


class CellEdit(SafeInput):
    """A field that lies over a cell while it is edited."""

    @dataclass
    class Done(Message):
        """Enter with another text than before, or None: nothing changed. `about`: take, column, camera."""

        about: tuple[str, str, str]
        text: str | None

        @property
        def spot(self) -> Spot:
            """Where its draft is kept until the log has it."""
            return ("cell", *self.about)

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._drafts = drafts

    _about: tuple[str, str, str] = ("", "", "")
    _before = ""
    _text_cells = 0  # of what it held when it opened

    def show_roll(self, board: Board, key: str) -> None:
        """What rolls, and the key that cuts or rolls from inside the field."""
        rolling = board.rolling is not None
        self.set_class(rolling, "rolling")
        self.border_subtitle = Content(f"● {key} cuts" if rolling else f"{key} rolls")

    def open(self, take: Take, column: Column, cell: Region, width: int) -> str:
        """Edit a cell.

        Args:
            take: of the row.
            column: of the cell.
            cell: where it lies on the screen.
            width: of the screen.

        Returns:
            Why it cannot be edited, empty when it can.
        """
        key = "reason" if column.key == "status" else column.key
        if key == "time" and not take.added:
            word = '"' if " " in take.label else ""
            return f"{take.label} was stamped. If its time is wrong: onset log set {word}{take.label}{word} at=17:20."
        if key not in EDITABLE:
            return f"The {column.title or column.key} of {take.label} is measured, not typed."
        self._about = (take.id, key, column.camera)
        self._before = cell_value(take, key, column.camera)
        draft = self._drafts.at(self._spot)
        text = draft.text if draft else self._before
        self.border_title = Content(safe_text(f"{take.label} {key} {column.camera}".rstrip()))
        self._text_cells = cell_len(safe_text(text))
        self.place(cell, width)
        self.placeholder = {"notes": "a new note", "reason": "why no good"}.get(key, "")
        self.display = True
        self.begin(text)
        return ""

    def place(self, cell: Region, width: int) -> None:
        """Lie around the cell, on a screen of that width."""
        wide = min(max(cell.width, self._text_cells + 2, _LEAST), max(_LEAST, width - cell.x - 1))
        self.styles.offset = (max(0, min(cell.x - 1, width - wide - 2)), cell.y - 1)
        self.styles.width = wide + 2

    @property
    def _spot(self) -> Spot:
        return ("cell", *self._about)

    def typed(self, text: str) -> None:
        self._drafts.keep(self._spot, text, before=self._before)

    def entered(self, text: str) -> None:
        self.typed(text)  # until the log has it
        self._close(text if text != self._before else None)

    def left(self, text: str) -> None:
        self._drafts.forget(self._spot)
        self._close(None)

    def on_key(self, event: events.Key) -> None:
        if event.key in ("up", "down") and self.reading:
            event.stop()
            self.end(entered=True)

    def _close(self, text: str | None) -> None:
        self.display = False
        self.post_message(self.Done(self._about, text))


def cell_value(take: Take, key: str, camera: str) -> str:
    """What a cell holds in the log (the list shows it shortened and safe); notes are added, never changed."""
    angle = next((each for each in take.angles if each.camera == camera), None)
    match key:
        case "slate":
            return take.slate
        case "take":
            return take.take
        case "reason":
            return take.status_reason or ""
        case "roll":
            return (angle.roll or "") if angle else ""
        case "time":
            return clock_text(take.rolled_ns)
        case "lens":
            return (angle.lens or "") if angle else ""
    return ""
