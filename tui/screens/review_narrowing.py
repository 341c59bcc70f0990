"""What the list of the Review screen is narrowed to: filters and words that are typed, only what is open.

The list follows every key. Where a word is wrong, or not whole yet, the last list stays and a sentence says so. A row
that was found stays until something else is looked for: a take that has just been rated must not make room under the
cursor for one that nobody looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from onset.errors import OnsetError, UsageError
from tui.reread import Reread
from tui.review_narrow import Narrowed, narrowed, of_day
from tui.review_page import Page
from tui.screens.review_part import ReviewPart
from tui.widgets.claims_row import ReviewRow
from tui.widgets.entry import Purpose

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


AGAIN_S = 0.02  # keys that came while the log was asked are one question


class Narrowing(ReviewPart):
    """Which rows are shown."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self.only_open = False
        self._narrowed = Narrowed()
        self._wanted = Narrowed()  # the same, or what the log is being asked for
        self._stays: set[str] = set()
        self._wrong = ""
        self._told = False  # the status line has a sentence of this part
        self._reread = Reread(screen, self._ask_log, AGAIN_S)

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"find": lambda _: self._ask(), "only_open": lambda _: self._only_open()}

    @property
    def text(self) -> str:
        """What the list is narrowed to, as it was typed; empty: all rows are there."""
        return self._narrowed.text

    @property
    def busy(self) -> bool:
        """The log is being asked."""
        return self._reread.busy

    def rows(self, rows: Sequence[ReviewRow], page: Page) -> Sequence[ReviewRow]:
        """Those that are shown."""
        if not self.text:
            return rows
        found = {row.name for row in self._narrowed.rows(rows, page.texts)} | self._stays
        self._stays |= found
        return [row for row in rows if row.name in found]

    def begin_anew(self) -> None:
        """What no longer fits goes; called when the list is put in order."""
        self._stays.clear()

    def read_again(self) -> None:
        """The takes of the page are other ones now."""
        if self._wanted.asked is not None:
            self._reread.now()

    def totals(self) -> Sequence[str]:
        return ["only open"] if self.only_open else []

    def words(self, rows: int) -> str:
        """What is looked for, and how many of `rows` it leaves; empty: all are there."""
        return f"/ {self.text}: {len(self.screen.takes.rows)} of {rows}" if self.text else ""

    def _only_open(self) -> None:
        self.only_open = not self.only_open
        self.screen.put_in_order()
        self.screen.say("Only what is open." if self.only_open else "All takes.")

    def _ask(self) -> None:
        self.screen.before_typing(back_to_list=True)
        self.screen.entry.find(self.text)

    # -- looking for ------------------------------------------------------------------------------------------------

    def take(self, name: str, query: str) -> None:
        """Show only rows that a filter finds, and say which it is while it is the one."""
        self.find(query)
        if not self._wrong:
            self._tell(f"{name}: {query}")

    def find(self, text: str, *, typing: bool = False) -> None:
        """Show only rows that this finds; empty shows all. A wrong word is said, and changes nothing."""
        try:
            wanted = narrowed(text.strip(), typing=typing)
        except UsageError as error:
            self._wrong = str(error)
            self._tell(self._wrong)
            return
        if self._wrong or wanted != self._wanted:
            self._wrong = ""
            self._tell("")
        if wanted == self._wanted:
            return
        self._wanted = wanted
        if wanted.asked is None:
            self._take(wanted)
        else:
            self._reread.now()

    def _tell(self, sentence: str) -> None:
        """Say it; empty takes back what this part said."""
        if sentence or self._told:
            self.screen.say(sentence)
        self._told = bool(sentence)

    async def _ask_log(self) -> None:
        """The takes that the log has for it; asked again when something else was typed meanwhile."""
        wanted, screen = self._wanted, self.screen
        if wanted.asked is None:
            return
        asked = of_day(wanted.asked, screen.hand.deps.unit, screen.shown_day)
        try:
            takes = await screen.hand.desk.read(lambda log: log.takes(asked))
        except OnsetError as error:  # a value that no log can hold
            screen.say(str(error))
            return
        if wanted is self._wanted and screen.alive:
            self._take(replace(wanted, found=frozenset(take.id for take in takes)))

    def _take(self, wanted: Narrowed) -> None:
        if replace(wanted, found=None) != replace(self._narrowed, found=None):
            self._stays.clear()
        self._narrowed = wanted
        self.screen.show_rows()

    # -- typing -----------------------------------------------------------------------------------------------------

    def changed(self, purpose: Purpose, text: str) -> None:
        if purpose.kind == "find":
            self.find(text, typing=True)

    def typed(self, purpose: Purpose, text: str) -> bool:
        if purpose.kind != "find":
            return False
        self.find(text)
        if self._wrong:
            self._tell(f"{self._wrong} The list stays as it was.")
            self._wrong = ""
        return True

    def left(self, purpose: Purpose) -> bool:
        return purpose.kind == "find" and self.typed(purpose, "")

    def let_go(self) -> bool:
        if not self.text:
            return False
        self.find("")
        return True
