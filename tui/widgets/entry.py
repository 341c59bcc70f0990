"""The line that text is typed into: notes, the slate line, find, slated-as. Never in the way of a cut.

Used by the screens; every field is a `SafeInput`. Nothing typed is lost: a draft is kept 0.4 s after the last key.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol, runtime_checkable

from rich.cells import cell_len
from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding
from textual.containers import Horizontal
from textual.geometry import Region
from textual.message import Message
from textual.timer import Timer
from textual.widgets import Input

from onset.domain.take import Board, Stamp
from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.widgets.lines import Line, shortened

DRAFT_AFTER_S = 0.4
FIELD_WIDTH = 30  # cells that are always left to type in; fewer on a terminal that has few
DRAFTED = frozenset(
    [
        "note",
        "continuity",
        "slate",
        "slated_as",
        "insert",
        "card",
        "targets",
        "tag",
        "tags",
        "filter",
        "explain",
        "stray",
        "stamp",
        "credit",
        "settle",
        "owe",
        "person",
        "jam",
    ]
)

# What Textual answers only after every key that came in the same moment, as they do over a slow line.
EDITING = {
    key: binding.action
    for binding in Input.BINDINGS
    if isinstance(binding, Binding) and binding.action != "submit"
    for key in binding.key.split(",")
}


@runtime_checkable
class KeysInText(Protocol):
    """A screen with keys of its own inside a text."""

    def answer_in_text(self, key: str) -> bool:
        """Do what such a key means; False where it means nothing there."""
        ...


class SafeInput(Input):
    """A text field that shows control characters instead of sending them to the terminal; the value keeps them.

    What is typed is a draft 0.4 s after the last key; a field says in `typed` where it is kept.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes, select_on_focus=False, compact=True)
        self.cursor_blink = False
        self.reading = False
        self._pending: Timer | None = None

    @property
    def _value(self) -> Text:
        """One visible character for each of the value's, so that the caret stays right."""
        shown = "".join(char if len(safe_text(char)) == 1 else "\N{REPLACEMENT CHARACTER}" for char in self.value)
        return Text(shown, no_wrap=True, overflow="ignore", end="")

    def _on_paste(self, event: events.Paste) -> None:
        if event.text:
            self.insert_text_at_cursor(" ".join(event.text.splitlines()))  # the whole of it, not its first line
        event.stop()
        event.prevent_default()

    async def _on_key(self, event: events.Key) -> None:
        """Keys are answered in their order: a letter after Enter is none of the text, Backspace means one before it."""
        if not self.reading or not self.screen.is_current:
            event.prevent_default()  # the screen answers it
        elif event.key in ("enter", "escape"):
            event.stop()
            event.prevent_default()
            self.end(entered=event.key == "enter")
        elif event.key == "tab" and self.suggester is not None:
            event.stop()
            event.prevent_default()
            self.action_end()
            self.action_cursor_right()  # at the end of the text it takes what is suggested
        elif event.key in EDITING:
            event.stop()
            event.prevent_default()
            await self.run_action(EDITING[event.key])
        elif not event.is_printable and isinstance(self.screen, KeysInText) and self.screen.answer_in_text(event.key):
            event.stop()
            event.prevent_default()

    def end(self, *, entered: bool) -> None:
        """Enter or Escape was pressed."""
        self.stop_reading()
        if entered:
            self.entered(self.value)
        else:
            self.left(self.value)

    def entered(self, text: str) -> None:
        """What Enter means; called before any later key is answered."""
        self.post_message(self.Submitted(self, text))

    def left(self, text: str) -> None:
        """What Escape means."""

    def stop_reading(self) -> None:
        """No key is for this field any more, and what it holds is no draft."""
        self.reading = False
        self._stop_pending()

    def typed(self, text: str) -> None:
        """Keep this half-typed text."""

    def on_input_changed(self) -> None:
        if self.reading:
            self._stop_pending()
            self._pending = self.set_timer(DRAFT_AFTER_S, self.keep_now)

    def keep_now(self) -> None:
        """Keep what is typed so far without waiting for 0.4 s."""
        self._stop_pending()
        self.typed(self.value)

    def _stop_pending(self) -> None:
        if self._pending is not None:
            self._pending.stop()
            self._pending = None

    def begin(self, text: str) -> None:
        """Hold `text`, with the caret at its end and nothing selected; the next key is already for this field."""
        self.value = text
        self.cursor_position = len(text)
        self.reading = True
        self.screen.set_focus(self)

    def on_resize(self) -> None:
        """The caret is in view: how much of a text has room was not known when it was put in."""
        self.scroll_to_region(Region(self._cursor_offset, 0, 1, 1), force=True, animate=False)


class EntryField(SafeInput):
    """The field of an entry line."""

    def __init__(self, ended: Callable[[str, bool], None], typed: Callable[[str], None]) -> None:
        """`ended` gets the text, and whether Enter ended it; `typed` gets it half typed."""
        super().__init__(id="entry-field")
        self._ended = ended
        self._typed = typed

    def entered(self, text: str) -> None:
        self._ended(text, True)

    def left(self, text: str) -> None:
        self._ended(text, False)

    def typed(self, text: str) -> None:
        self._typed(text)


@dataclass(frozen=True, slots=True)
class Purpose:
    """What is being typed.

    Attributes:
        kind: `note`, `continuity`, `slate`, `slated_as`, `insert`, `find`, `action`, `card`, `targets`, `tag`,
            `tags` (of several takes), `filter` (its name), `explain`, `stray`; on the Day screen
            `stamp`, `credit`, `settle`, `owe`, `person`; on Devices `fault`, `jam`.
        take_id: the take that it is about, bound already; None where there is none or the first key will bind one.
        stamp: the moment of the first key, where the take rolled then.
        card: the folder that is copied, where the text says where to.
        key: the difference that is explained, or the file whose take is named; on the Day screen the line's name, on
            Devices the device's.
        day: the shooting day that this belongs to.
    """

    kind: str
    take_id: str | None = None
    stamp: Stamp | None = None
    card: str | None = None
    key: str | None = None
    day: int | None = None

    @property
    def spot(self) -> Spot:
        """Where its draft is kept."""
        return tuple(part for part in (self.kind, self.take_id, self.card, self.key) if part)


class EntryLine(Horizontal):
    """A frame that says what is typed, and the field. Hidden until opened."""

    FRAME: ClassVar[str] = "entry-frame"

    @dataclass
    class Changed(Message):
        """The text changed."""

        purpose: Purpose
        text: str

    @dataclass
    class Done(Message):
        """Enter."""

        purpose: Purpose
        text: str

    @dataclass
    class Left(Message):
        """Escape."""

        purpose: Purpose
        text: str

    def __init__(self, drafts: Drafts, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.drafts = drafts
        self.purpose: Purpose | None = None
        self._before = ""
        self._bind: Callable[[], Purpose] | None = None
        self._about = ""
        self._placeholder = ""
        self._roll = ""
        self._rolling = False

    def compose(self) -> ComposeResult:
        yield Line(id=self.FRAME)
        yield EntryField(self._end, self._typed)

    @property
    def field(self) -> SafeInput:
        """The text field."""
        return self.query_one("#entry-field", SafeInput)

    def open(
        self, purpose: Purpose, *, text: str = "", placeholder: str = "", bind: Callable[[], Purpose] | None = None
    ) -> None:
        """Begin to type, with the draft of this purpose if there is one; a line that was open keeps its own first.

        Args:
            purpose: what for.
            text: what the field holds at first.
            placeholder: what it says while empty.
            bind: asked at the first key what the text is about; a note belongs to the take of its first keystroke.
        """
        if self.purpose is not None:
            self.field.keep_now()
        draft = self.drafts.at(purpose.spot) if purpose.kind in DRAFTED else None
        self.purpose = replace(purpose, stamp=draft.stamp) if draft else purpose
        self._before = text
        self._bind = bind
        self._placeholder = safe_text(placeholder)
        self.display = True
        self._draw_frame()
        self.field.begin(draft.text if draft else text)

    def frame(self, text: str) -> None:
        """What is typed; it stands before the field, behind what rolls."""
        self._about = text
        self._draw_frame()

    def show_roll(self, board: Board, key: str) -> None:
        """What rolls, and the key that cuts or rolls from inside the field (screen rule 3)."""
        running = board.rolling
        self._rolling = running is not None
        self._roll = f"● {running.label}, {key} cuts" if running else f"{key} rolls"
        self._draw_frame()

    def _draw_frame(self) -> None:
        if not self.display:
            return  # another width has the whole screen laid out anew, at every roll and cut
        line = self.query_one(f"#{self.FRAME}", Line)
        line.set_class(self._rolling, "rolling")
        line.show(f"{self._roll}  {self._about}  ")
        width = self.screen.size.width or 80
        taken = min(cell_len(line.text) + 2, width - min(FIELD_WIDTH, width * 2 // 5))
        line.styles.width = taken
        self.field.placeholder = shortened(self._placeholder, width - taken - 1)

    def keep(self, purpose: Purpose, text: str) -> None:
        """Keep a text with the take and the moment that it belongs to."""
        if purpose.kind in DRAFTED:
            self.drafts.keep(purpose.spot, text, before=self._before, stamp=purpose.stamp)

    def _typed(self, text: str) -> None:
        if self._bind is not None and text:
            self.purpose, self._bind = self._bind(), None
        if self.purpose is not None and self._bind is None:  # before its first key a note is of no take
            self.keep(self.purpose, text)

    def on_input_changed(self, event: Input.Changed) -> None:
        event.stop()
        if self.purpose is None:
            return
        if self._bind is not None and event.value:
            self.purpose, self._bind = self._bind(), None
        self.post_message(self.Changed(self.purpose, event.value))

    def _end(self, text: str, entered: bool) -> None:
        purpose = self.purpose
        if purpose is None:
            return
        if self._bind is not None and text:
            purpose = self.purpose = self._bind()  # all in one burst: the text was never reported
            self._bind = None
        self.purpose = None
        self.display = False
        self.post_message(self.Done(purpose, text) if entered else self.Left(purpose, text))
