"""Items of which some are put into another order by dragging them. Used by Review, for the day's selects."""

from __future__ import annotations

from dataclasses import dataclass

from textual import events
from textual.message import Message

from tui.widgets.items import Items


class DraggedItems(Items):
    """An item follows the mouse past its neighbours, and stays there until what it is about has been asked again."""

    @dataclass
    class Dropped(Message):
        """The item `name` was let go of right before `beside`, or `behind` it."""

        name: str
        beside: str
        behind: bool

    def __init__(self, kind: str, *, id: str | None = None) -> None:
        """Only items whose name begins with `kind` can be dragged, and only past each other."""
        super().__init__(id=id)
        self._kind = kind
        self._dragged = ""  # name of the item that the button went down on
        self._moved = False  # since then

    def on_mouse_down(self, event: events.MouseDown) -> None:
        self._dragged, self._moved = "", False
        number = self._number_at(event.y)
        if event.button == 1 and number is not None and self._can_move(number):
            self._dragged = self._shown[number].name
            self.capture_mouse()

    def on_mouse_move(self, event: events.MouseMove) -> None:
        number = self._number_at(event.y)
        on_itself = number is not None and self._shown[number].name == self._dragged
        if not self._dragged or on_itself or not self.stand_on(self._dragged):
            return
        y = max(bool(self._head), min(self.size.height - 1, event.y))
        for step in (1, -1):
            while self._lies_past(y, step):
                self._pass(step)
        if event.y != y:  # beyond the edge it goes on by one, and the list with it
            self._pass(1 if event.y > y else -1)

    def on_mouse_up(self) -> None:
        self.release_mouse()
        if self._moved and self.name_under == self._dragged:
            before = self._can_move(self.cursor + 1)
            beside = self.cursor + 1 if before else self.cursor - 1
            if self._can_move(beside):
                self.post_message(self.Dropped(self._dragged, self._shown[beside].name, behind=not before))
        self._dragged = ""

    def on_click(self, event: events.Click) -> None:
        if self._moved:
            event.prevent_default()  # the end of a drag is no tap

    def _number_at(self, y: int) -> int | None:
        """The item that is drawn there."""
        row = self._top + y - bool(self._head)
        return self._rows[row][0] if y >= bool(self._head) and 0 <= row < len(self._rows) else None

    def _can_move(self, number: int) -> bool:
        return 0 <= number < len(self._shown) and self._shown[number].name.startswith(self._kind)

    def _lies_past(self, y: int, step: int) -> bool:
        """Whether the dragged item comes nearer to the mouse behind its neighbour, and not beyond the mouse."""
        other = self.cursor + step
        if not self._can_move(other):
            return False
        row = max(0, min(len(self._rows) - 1, self._top + y - bool(self._head)))
        mine = [at for at, (number, _) in enumerate(self._rows) if number == self.cursor]
        past = sum(number == other for number, _ in self._rows)
        return row > mine[-1] and row >= mine[0] + past if step > 0 else row < mine[0] and row <= mine[-1] - past

    def _pass(self, step: int) -> None:
        shown, other = list(self._shown), self.cursor + step
        if self._can_move(other):
            shown[self.cursor], shown[other] = shown[other], shown[self.cursor]
            self._shown, self.cursor, self._moved = tuple(shown), other, True
            self._lay_out()
