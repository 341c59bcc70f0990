"""Pictures of the take under the cursor of the Review screen: where there is room, else on a key."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tui.screens.review_part import ReviewPart
from tui.stills import may_have_pictures
from tui.widgets.claims_row import ReviewRow
from tui.widgets.stills import StillsRow

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Pictures(ReviewPart):
    """Whether there are pictures on the screen, and of what."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._wanted = False  # on a low screen

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"pictures": lambda _: self._turn()}

    @property
    def _row(self) -> StillsRow:
        return self.screen.query_one(StillsRow)

    def looked_at(self, row: ReviewRow | None) -> None:
        page = self.screen.page
        any_of_the_day = page is not None and any(may_have_pictures(take) for take in page.takes.values())
        self._row.display = any_of_the_day and (self._wanted or self.screen.tall)
        self._row.show(row.take if row is not None else None)

    def _turn(self) -> None:
        """More of them; after the last, none on a low screen, and the first again on a high one."""
        if self.screen.beside.open:
            self.screen.beside.turn()
            return
        if not self._row.display:
            self._wanted = True
        elif not self._row.turn():
            self._wanted = False
        self.looked_at(self.screen.row)
        if self._wanted and self.screen.page is not None and not self._row.display:
            self.screen.say("No clip and no still of this day is known yet.")
