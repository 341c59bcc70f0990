"""Pictures of the take under the cursor of the Review screen: where there is room, else on a key."""

from __future__ import annotations

import asyncio
import os
import subprocess
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from onset.domain.take import Take
from tui.screens.review_part import ReviewPart
from tui.stills import may_have_pictures
from tui.widgets.claims_row import ReviewRow
from tui.widgets.stills import StillsRow

LOOK_S = 0.2
_BEHIND = 19  # behind everything else that this machine does

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Pictures(ReviewPart):
    """Whether there are pictures on the screen, and of what."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._wanted = False  # on a low screen
        self._tried: set[str] = set()  # takes whose pictures were asked for
        self._making = False

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

    def lacking(self, take: Take) -> None:
        """Have pictures of a take made that has none: while nothing rolls, one take at a time, once."""
        hand = self.screen.hand
        if hand.deps.onset and not self._making and take.id not in self._tried and hand.board.rolling is None:
            self._tried.add(take.id)
            self._making = True
            self.screen.run_worker(self._make(take), group="pictures")

    async def _make(self, take: Take) -> None:
        hand = self.screen.hand
        try:
            process = subprocess.Popen(
                [*hand.deps.onset, "media", "pictures", take.id],
                stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
            )  # fmt: skip
            os.setpriority(os.PRIO_PROCESS, process.pid, _BEHIND)
            while process.poll() is None:
                await asyncio.sleep(LOOK_S)
                if hand.board.rolling is not None:
                    process.kill()  # a small picture is written whole or not at all
                    self._tried.discard(take.id)
        except OSError:
            return  # no process can be started now; the place of the pictures says that there is none
        finally:
            self._making = False
        if self.screen.alive:
            self._row.look_again(take)

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
        if self._wanted and not self._row.display:
            self.screen.say("No clip and no still of this day is known yet.")
