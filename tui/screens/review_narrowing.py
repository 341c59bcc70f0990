"""What the list of the Review screen is narrowed to: words that are typed, only what is open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui.screens.review_part import ReviewPart
from tui.widgets.entry import Purpose

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Narrowing(ReviewPart):
    """Which rows are shown."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self.only_open = False
        self.text = ""

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"find": lambda _: self._ask(), "only_open": lambda _: self._only_open()}

    def totals(self) -> Sequence[str]:
        found = [f"find {self.text}: {len(self.screen.takes.rows)}"] if self.text else []
        return [*found, *(["only open"] if self.only_open else [])]

    def _only_open(self) -> None:
        self.only_open = not self.only_open
        self.screen.put_in_order()
        self.screen.say("Only what is open." if self.only_open else "All takes.")

    def _ask(self) -> None:
        self.screen.before_typing(back_to_list=True)
        self.screen.entry.find(self.text)

    def find(self, text: str) -> None:
        """Show only rows that hold these words; empty shows all."""
        if text.strip() != self.text:
            self.text = text.strip()
            self.screen.show_rows()

    def changed(self, purpose: Purpose, text: str) -> None:
        self.typed(purpose, text)

    def typed(self, purpose: Purpose, text: str) -> bool:
        if purpose.kind != "find":
            return False
        self.find(text)
        return True

    def left(self, purpose: Purpose) -> bool:
        return self.typed(purpose, "")

    def let_go(self) -> bool:
        if not self.text:
            return False
        self.find("")
        return True
