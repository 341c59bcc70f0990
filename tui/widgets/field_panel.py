"""A panel of fields beside the list: Enter or the arrows move on, Ctrl+S or Enter on the last logs what changed.

Base of the setup panel and of a take's. What is typed is a draft until the log has it; Escape leaves all as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from rich.text import Text
from textual import events
from textual.containers import Horizontal, VerticalScroll
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Input, Label

from onset.text import safe_text
from tui.drafts import Drafts, Spot
from tui.seen import Verb
from tui.widgets.entry import SafeInput


class PanelField(SafeInput):
    """One field, with the text the log had when the panel opened, or the draft over it."""

    class Left(Message):
        """Escape."""

    def __init__(self, title: str, before: str, drafts: Drafts, spot: Spot) -> None:
        super().__init__(classes="panel-field")
        self.title = title
        self.before = before
        self.spot = spot
        self._drafts = drafts
        draft = drafts.at(spot)
        self.value = draft.text if draft else before

    def typed(self, text: str) -> None:
        self._drafts.keep(self.spot, text, before=self.before)

    def entered(self, text: str) -> None:
        self.typed(text)
        super().entered(text)

    def left(self, text: str) -> None:
        self.post_message(self.Left())


class FieldPanel(VerticalScroll, can_focus=False):
    """Fields one below the other, under a title and lines that only tell."""

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

    def verb(self) -> Verb | None:
        """What logs the changed fields; None where none was."""
        return None

    def completes(self, field: PanelField) -> bool:
        """Enter in a field that asks for something else than its own text; True when that is done."""
        return False

    async def fill(self, title: str, parts: Sequence[str | PanelField]) -> None:
        """Show fields, and between them lines that only tell."""
        for other in self.screen.query(FieldPanel):
            if other is not self and other.display:
                other.put_away()
        await self.remove_children()
        rows: list[Widget] = [Label(Text(safe_text(title), no_wrap=True), classes="panel-title")]
        for part in parts:
            if isinstance(part, PanelField):
                label = Label(Text(safe_text(part.title), no_wrap=True), classes="panel-label")
                rows.append(Horizontal(label, part))
            else:
                rows.append(Label(Text(safe_text(part)), classes="panel-line"))
        await self.mount(*rows)
        self.display = True
        self.scroll_home(animate=False)
        first = self.fields[0]
        first.begin(first.value)

    @property
    def fields(self) -> list[PanelField]:
        """All of them, from the top."""
        return list(self.query(PanelField))

    @property
    def changed(self) -> list[PanelField]:
        """Those that hold another text than the log had."""
        return [each for each in self.fields if each.value != each.before]

    @property
    def spots(self) -> tuple[Spot, ...]:
        """Where their drafts are kept."""
        return tuple(each.spot for each in self.fields)

    def on_panel_field_left(self) -> None:
        self._close(None)
        self.drafts.forget(*self.spots)  # dropped on purpose

    def on_key(self, event: events.Key) -> None:
        if event.key == "ctrl+s":
            event.stop()
            self.log_fields()
        elif event.key in ("down", "tab"):
            event.stop()
            self.go(1)
        elif event.key in ("up", "shift+tab"):
            event.stop()
            self.go(-1)

    def on_input_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        field = event.input
        if not isinstance(field, PanelField) or self.completes(field):
            return
        if field is self.fields[-1]:
            self.log_fields()
        else:
            self.go(1)

    def go(self, step: int) -> None:
        """To the next field, or the one before."""
        fields = self.fields
        here = next((n for n, each in enumerate(fields) if each.has_focus), 0)
        there = fields[(here + step) % len(fields)]
        there.begin(there.value)

    def log_fields(self) -> None:
        """Log what was changed, and close."""
        verb = self.verb()
        if verb is None:
            self.drafts.forget(*self.spots)
        else:
            for each in self.fields:
                each.keep_now()  # until the log has it
        self._close(verb)

    def put_away(self) -> None:
        """Another panel opens: what is half typed here is kept as a draft."""
        for each in self.changed:
            each.keep_now()
        for each in self.fields:
            each.stop_reading()
        self.display = False

    def _close(self, verb: Verb | None) -> None:
        self.display = False
        for each in self.fields:
            each.stop_reading()
        self.post_message(self.Done(verb, self.spots, self._again))

    def _again(self) -> None:
        """Show it once more with what was typed, unless something else is typed by now."""
        reading = self.screen.focused
        if not (isinstance(reading, SafeInput) and reading.reading) and self.changed:
            self.display = True
            self.changed[0].begin(self.changed[0].value)
