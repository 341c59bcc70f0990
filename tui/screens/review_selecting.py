"""Several takes of the Review screen at once: a range with Shift and the arrows, single ones with Space.

What is selected stands in the list (`ClaimsList.marked`); ratings and tags then mean all of it. Links never do: each of
them is looked at by itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from tui.screens.review_part import ReviewPart


class Selecting(ReviewPart):
    """Selects and lets go."""

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"select": lambda _: self._toggle(), "range": self._extend}

    @property
    def count(self) -> int:
        """How many takes are selected; 0: the one under the cursor is meant."""
        return len(self.screen.takes.marked)

    @property
    def take_ids(self) -> tuple[str, ...]:
        """The takes that a rating or a tag means, in the order of the list."""
        takes = self.screen.takes
        marked = (row.claims for row in takes.rows if row.name in takes.marked)
        one = self.screen.take_id
        return tuple(each.take_id for each in marked if each is not None) or ((one,) if one is not None else ())

    @property
    def named(self) -> str:
        """`42C/3`, `5 takes`."""
        row = self.screen.row
        return f"{self.count} takes" if self.count > 1 else self._only() or (row.label if row is not None else "-")

    def _only(self) -> str:
        takes = self.screen.takes
        return next((row.label for row in takes.rows if row.name in takes.marked), "")

    def words(self) -> str:
        """How many are selected, before the day's numbers; empty for none."""
        return f"{self.count} selected   " if self.count else ""

    def _toggle(self) -> None:
        if self.screen.inside or self.screen.beside.open:
            self.screen.say("Takes are selected in the list; Esc goes back to it.")
        elif not self.screen.takes.toggle():
            self.screen.say("Only takes can be selected; the arrows pick one.")

    def _extend(self, to: str) -> None:
        takes = self.screen.takes
        if not (self.screen.inside or self.screen.beside.open):
            far = {"up": takes.cursor - 1, "down": takes.cursor + 1, "first": 0, "last": len(takes.rows) - 1}
            takes.extend(far[to])

    def let_go(self) -> bool:
        return self.screen.takes.let_go()
