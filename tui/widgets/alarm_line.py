"""The line that alarms stand on, above the status line of every screen, until a key or a tap acknowledges them."""

from __future__ import annotations

from textual import events
from textual.message import Message

from tui.widgets.lines import WrappedLine


class AlarmLine(WrappedLine):
    """Hidden while nothing rings. A long alarm gets a second and a third row."""

    class Tapped(Message):
        """Somebody tapped it: seen."""

    def ring(self, sentence: str, key: str) -> None:
        """Show an alarm, or none; `key` acknowledges it."""
        self.display = bool(sentence)
        self.say(f"ALARM  {sentence}  [{key} seen]" if sentence else "", alarm=bool(sentence))

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Tapped())
