"""A part of the Review screen that has keys of its own: links, ratings, what the list is narrowed to.

`review.py` puts parts side by side and asks each, in their order. A new part is a class here and a line there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

from tui.widgets.claims_row import ReviewRow
from tui.widgets.entry import Purpose
from tui.widgets.items import Item

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class ReviewPart:
    """What the screen asks of a part; a part answers what concerns it."""

    def __init__(self, screen: ReviewScreen) -> None:
        self.screen = screen

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        """The verbs that it answers."""
        return {}

    def hints(self) -> Sequence[tuple[str, str]] | None:
        """The only keys of this screen that the footer names (action without `review.`, words); None: no such wish."""
        return None

    def detail(self) -> tuple[str, Sequence[Item]] | None:
        """Head and items that stand where the evidence does; None: the evidence."""
        return None

    def row(self) -> ReviewRow | None:
        """The row that keys mean instead of the one under the cursor of the list; None: no such wish."""
        return None

    def looked_at(self, row: ReviewRow | None) -> None:
        """This row is under the cursor; told again when what is known of it has changed."""

    def read_again(self) -> None:
        """The log has moved, and the page with it."""

    def key(self, key: str) -> bool:
        """A key that is no action, or Left or Right, was pressed; whether it was answered."""
        return False

    def enter(self) -> bool:
        """Enter was pressed; whether it was answered."""
        return False

    def let_go(self) -> bool:
        """Escape was pressed; whether something was let go of."""
        return False

    def forget(self) -> None:
        """Another row, or another day: what was begun about this one is over."""

    def changed(self, purpose: Purpose, text: str) -> None:
        """The text of a line changed."""

    def typed(self, purpose: Purpose, text: str) -> bool:
        """Enter ended a line; whether it was for this part."""
        return False

    def left(self, purpose: Purpose) -> bool:
        """Escape ended a line; whether it was for this part."""
        return False

    def totals(self) -> Sequence[str]:
        """What stands beside the day's numbers."""
        return ()


class ListPart(ReviewPart):
    """A part that shows a list of its own where the evidence stands, from its key until Escape or its key again."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._open = False

    def _begin(self) -> None:
        """Show the list, and put the cursor into it."""
        self.screen.forget_begun()
        self._open = True
        self.screen.go_inside()

    def let_go(self) -> bool:
        if not self._open:
            return False
        self._open = False
        self.screen.back_to_list()
        return True

    def forget(self) -> None:
        self._open = False
