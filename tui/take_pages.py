"""The takes that a list has fetched: a growing newest end, and older pages that may be let go and fetched again.

Used by the take list. Pages are found by keyset (`TakeFilter.before`), so a long list costs what is looked at.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence

from onset.domain.take import Take

PAGE = 200
KEPT = 25  # pages besides the newest


class TakePages:
    """Rows count from the oldest take, 0, to the newest."""

    def __init__(self) -> None:
        self.count = 0
        self._takes: dict[str, Take] = {}
        self._head: list[str] = []  # oldest first
        self._pages: OrderedDict[int, tuple[str, ...]] = OrderedDict()  # newest first within
        self._before: dict[int, Take] = {}  # page to the take that all its takes were shot before

    def begin(self, newest: Sequence[Take], count: int) -> None:
        """Start again with the newest page (newest first) of `count` takes."""
        self.count = max(count, len(newest))
        self._takes = {take.id: take for take in newest}
        self._head = [take.id for take in reversed(newest)]
        self._pages.clear()
        self._before = {0: newest[-1]} if newest else {}

    def at(self, row: int) -> Take | None:
        """The take of a row, None when it is not fetched (or there is no such row)."""
        if not 0 <= row < self.count:
            return None
        back = self.count - 1 - row
        if back < len(self._head):
            return self._takes[self._head[-1 - back]]
        number, place = divmod(back - len(self._head), PAGE)
        page = self._pages.get(number)
        if page is None or place >= len(page):
            return None
        self._pages.move_to_end(number)
        return self._takes[page[place]]

    def page_of(self, row: int) -> int:
        """The page that holds a row."""
        return max(0, (self.count - 1 - row - len(self._head)) // PAGE)

    def has(self, page: int) -> bool:
        """Whether a page is here."""
        return page in self._pages

    def next_to_fetch(self, wanted: int) -> tuple[int, str] | None:
        """The page to fetch now on the way to page `wanted`, and the id of the take before it; None: it is here."""
        if wanted in self._pages or not self._before:
            return None
        page = wanted if wanted in self._before else max(self._before)
        return page, self._before[page].id

    def add(self, page: int, takes: Sequence[Take]) -> None:
        """Keep a fetched page, newest first; the page longest unseen goes when there are many."""
        if not takes:  # fewer takes than were counted: somebody deleted some
            self.count = min(self.count, len(self._head) + page * PAGE)
            return
        self._takes.update((take.id, take) for take in takes)
        self._pages[page] = tuple(take.id for take in takes)
        self._pages.move_to_end(page)
        self._before[page + 1] = takes[-1]
        while len(self._pages) > KEPT:
            _, gone = self._pages.popitem(last=False)
            for each in gone:
                self._takes.pop(each, None)

    def put(self, take: Take) -> bool:
        """A take as it is now, at the bottom when it is new; False when the pages no longer fit the log."""
        if take.id in self._takes:
            if take.deleted or take.shot != self._takes[take.id].shot:
                return False
            self._takes[take.id] = take
            return True
        if take.deleted:
            return True
        if not self._head or take.shot > self._takes[self._head[-1]].shot:
            if not self._before:
                self._before = {0: take}
            self._takes[take.id] = take
            self._head.append(take.id)
            self.count += 1
            return True
        return take.shot < self._before[0].shot  # not fetched at present: it will come as it is then

    def row_of(self, take_id: str) -> int | None:
        """The row of a take that is fetched."""
        if take_id in self._head:
            return self.count - len(self._head) + self._head.index(take_id)
        for number, page in self._pages.items():
            if take_id in page:
                return self.count - 1 - len(self._head) - number * PAGE - page.index(take_id)
        return None
