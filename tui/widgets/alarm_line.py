"""The line that alarms stand on, above the status line of every screen, until a key or a tap acknowledges them."""

from __future__ import annotations

from textual import events
from textual.message import Message

from tui.widgets.lines import WrappedLine


class AlarmLine(WrappedLine):
    """Hidden while nothing rings. A long alarm gets a second and a third row."""

    class Tapped(Message):
        """Somebody tapped it: seen."""

    def ring(self, sentence: str, count: int, key: str) -> None:
        """Show the newest of `count` alarms, or none; `key` acknowledges it. What must be read stands first."""
        self.display = bool(sentence)
        many = f" 1 of {count}" if count > 1 else ""
        self.say(f"! ALARM{many}, {key} when seen: {sentence}" if sentence else "")

    def on_click(self, event: events.Click) -> None:
        event.stop()
        self.post_message(self.Tapped())
