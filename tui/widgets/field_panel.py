"""A panel of fields beside the list: Enter or the arrows move on, Ctrl+S or Enter on the last logs what changed.

Base of the setup panel and of a take's. Rows are drawn, and one text field lies over the row that is typed into: sixty
text fields took 0.8 s to come up. What is typed is a draft until the log has it; Escape leaves all as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.cells import cell_len
from rich.segment import Segment
from textual import events
from textual.app import ComposeResult
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from onset.domain.take import Board
from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.seen import Verb
from tui.take_marks import CONFLICT
from tui.widgets.entry import SafeInput
from tui.widgets.lines import wrapped

_LABEL = 14  # cells before a field


class PanelField:
    """A field: its text now, the text the log had when the panel opened, and where its draft is kept."""

    def __init__(self, title: str, before: str, drafts: Drafts, spot: Spot, placeholder: str = "") -> None:
        self.title = title
        self.before = before
        self.spot = spot
        self.placeholder = placeholder
        draft = drafts.at(spot)
        self.value = draft.text if draft else before
        self.contested = False  # seats said different things


class RowField(SafeInput):
    """The one text field of a panel."""

    def __init__(
        self, ended: Callable[[bool], None], typed: Callable[[str], None], moved: Callable[[str], bool]
    ) -> None:
        """`ended` is told whether Enter ended it; `typed` gets it half typed; `moved` a key, whether it moves on."""
        super().__init__(classes="panel-field")
        self._ended = ended
        self._typed = typed
        self._moved = moved

    def on_key(self, event: events.Key) -> None:
        """Answered here, not by the panel: a letter that came in one burst with Tab is of the next field."""
        if self.reading and self._moved(event.key):
            event.stop()
            event.prevent_default()

    def entered(self, text: str) -> None:
        self._ended(True)

    def left(self, text: str) -> None:
        self._ended(False)

    def typed(self, text: str) -> None:
        self._typed(text)


class FieldPanel(Widget, can_focus=False):
    """Fields one below the other, under a title and between lines that only tell."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "panel--title",
        "panel--rolling",
        "panel--label",
        "panel--value",
        "panel--line",
    }

    @dataclass
    class Done(Message):
        """The panel closed; `verb` logs what was changed, None when nothing was. `spots`: where its drafts are kept.

        `again` shows it as it was: the log refused something.
        """

        verb: Verb | None
        spots: tuple[Spot, ...]
        again: Callable[[], None]

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.drafts = drafts
        self._title = ""
        self._cut = ""  # how a take that rolls is cut from inside a field
        self._parts: tuple[str | PanelField, ...] = ()
        self._at = 0
        self._top = 0
        self._lines: list[str | PanelField] = []

    def compose(self) -> ComposeResult:
        yield RowField(self._ended, self._keep, self._move)

    # -- what a panel adds --------------------------------------------------------------------------------------------

    def verb(self) -> Verb | None:
        """What logs the changed fields; None where none was."""
        return None

    def completes(self, field: PanelField) -> bool:
        """Enter in a field that asks for something else than its own text; True when that is done."""
        return False

    # -- what all share -----------------------------------------------------------------------------------------------

    def fill(self, title: str, parts: Sequence[str | PanelField]) -> None:
        """Show fields, and between them lines that only tell; the first field reads."""
        self._title, self._parts, self._at, self._top = title, tuple(parts), 0, 0
        self.display = True
        self._lay_out()
        self.go_to(0)

    def show_roll(self, board: Board, key: str) -> None:
        """While a take rolls, the title says so, and the key that cuts it from inside a field (screen rule 3)."""
        self._cut = f"● {key} cuts" if board.rolling is not None else ""
        self.refresh()

    @property
    def field(self) -> RowField:
        """The text field that lies over a row."""
        return self.query_one(RowField)

    @property
    def fields(self) -> list[PanelField]:
        """All of them, from the top, each with its text as it is now."""
        fields = [each for each in self._parts if isinstance(each, PanelField)]
        if fields and self.field.reading:
            fields[self._at].value = self.field.value
        return fields

    @property
    def changed(self) -> list[PanelField]:
        """Those that hold another text than the log had."""
        return [each for each in self.fields if each.value != each.before]

    @property
    def spots(self) -> tuple[Spot, ...]:
        """Where their drafts are kept."""
        return tuple(each.spot for each in self.fields)

    def go_to(self, number: int) -> None:
        """Type into that field; what was typed into the one before stays, as a draft too."""
        fields = self.fields
        if self.field.reading:
            self.field.keep_now()
        self._at = number % len(fields)
        self._place()
        self.field.placeholder = fields[self._at].placeholder
        self.field.begin(fields[self._at].value)

    def keep(self) -> None:
        """Keep every text that differs as a draft."""
        for each in self.fields:
            self.drafts.keep(each.spot, each.value, before=each.before)

    def put_away(self) -> None:
        """Another panel opens: what is half typed here stays a draft."""
        if self.display:
            self.keep()
            self.field.stop_reading()
            self.display = False

    def _keep(self, text: str) -> None:
        field = self.fields[self._at]
        self.drafts.keep(field.spot, text, before=field.before)

    def _ended(self, entered: bool) -> None:
        fields = [each for each in self._parts if isinstance(each, PanelField)]
        field = fields[self._at]
        field.value = self.field.value
        if not entered:
            self._close(None)
            self.drafts.forget(*self.spots)  # dropped on purpose
        elif not self.completes(field):
            self._keep(field.value)
            if field is fields[-1]:
                self.log_fields()
            else:
                self.go_to(self._at + 1)

    def _move(self, key: str) -> bool:
        """Do what a key means that is none of the text's; False where it means nothing here."""
        match key:
            case "ctrl+s":
                self.log_fields()
            case "pagedown" | "pageup":
                self._turn(max(1, self.size.height - 2) * (1 if key == "pagedown" else -1))
            case "down" | "tab" | "up" | "shift+tab":
                self.go_to(self._at + (1 if key in ("down", "tab") else -1))
            case _:
                return False
        return True

    def log_fields(self) -> None:
        """Log what was changed, and close."""
        verb = self.verb()
        if verb is None:
            self.drafts.forget(*self.spots)
        else:
            self.keep()  # until the log has it
        self._close(verb)

    def _close(self, verb: Verb | None) -> None:
        spots = self.spots
        self.field.stop_reading()
        self.display = False
        self.post_message(self.Done(verb, spots, self._again))

    def _again(self) -> None:
        """Show it once more with what was typed, unless something else is typed by now."""
        reading = self.screen.focused
        if not (isinstance(reading, SafeInput) and reading.reading) and self.changed:
            self.display = True
            self._lay_out()
            self.go_to(self.fields.index(self.changed[0]))

    # -- drawing ------------------------------------------------------------------------------------------------------

    def on_resize(self) -> None:
        self._lay_out()
        self._place()

    def _lay_out(self) -> None:
        """Rows of the width there is: a field has one, a line that tells as many as it needs."""
        width = max(10, self.size.width)
        self._lines = []
        for part in self._parts:
            self._lines += [part] if isinstance(part, PanelField) else wrapped(safe_text(part), width)
        self.refresh()

    def _place(self) -> None:
        """Bring the row that is typed into in view, and lay the text field over it."""
        fields = [each for each in self._parts if isinstance(each, PanelField)]
        if not fields or not self._lines:
            return
        row, room = self._lines.index(fields[self._at]), max(1, self.size.height - 1)
        self._top = 0 if row < room and self._at == 0 else max(min(self._top, row), row - room + 1)
        self.field.styles.width = max(8, self.size.width - _LABEL)
        self._lay_field(row)

    def _lay_field(self, row: int) -> None:
        """The text field lies over its row, or outside the panel while that is scrolled out of it."""
        y = 1 + row - self._top
        self.field.styles.offset = (_LABEL, y if 1 <= y < self.size.height else -2)
        self.refresh()

    def _turn(self, rows: int) -> None:
        """Show what is further down or up; the next letter that is typed brings its field back."""
        fields = [each for each in self._parts if isinstance(each, PanelField)]
        self._top = max(0, min(len(self._lines) - self.size.height + 1, self._top + rows))
        if fields:
            self._lay_field(self._lines.index(fields[self._at]))

    def on_input_changed(self) -> None:
        if self.display:
            self._place()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y == 0:
            style = self.get_component_rich_style("panel--rolling" if self._cut else "panel--title")
            title = f"{self._title.partition('  ')[0]}  {self._cut}" if self._cut else self._title
            return Strip([Segment(safe_text(title), style)]).adjust_cell_length(width, style)
        row = self._top + y - 1
        plain = self.get_component_rich_style("panel--line")
        if row >= len(self._lines):
            return Strip.blank(width, plain)
        line = self._lines[row]
        if isinstance(line, str):
            return Strip([Segment(line, plain)]).adjust_cell_length(width, plain)
        label, value = (self.get_component_rich_style(f"panel--{part}") for part in ("label", "value"))
        title = safe_text(f"{CONFLICT} {line.title}" if line.contested else line.title)[: _LABEL - 1]
        shown = f"{title}{' ' * (_LABEL - cell_len(title))}"
        text = safe_text(line.value)
        return Strip([Segment(shown, label), Segment(text, value)]).adjust_cell_length(width, value)

    # -- the mouse ----------------------------------------------------------------------------------------------------

    def on_mouse_scroll_down(self) -> None:
        self._turn(1)

    def on_mouse_scroll_up(self) -> None:
        self._turn(-1)

    def on_click(self, event: events.Click) -> None:
        row = self._top + event.y - 1
        line = self._lines[row] if event.y and 0 <= row < len(self._lines) else None
        if isinstance(line, PanelField):
            self.go_to(self.fields.index(line))
