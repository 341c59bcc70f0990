"""The takes that a list has fetched: a growing newest end, and older pages that may be let go and fetched again.

Used by the take list. Pages are found by keyset (`TakeFilter.before`), so a long list costs what is looked at. What
comes, goes or moves among the takes that are here is put right here; else the list has to be begun again.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import OrderedDict
from collections.abc import Iterable, Sequence
from dataclasses import replace
from itertools import accumulate

from onset.domain.take import Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import LoggedChange, TakeFilter

PAGE = 200
KEPT = 25  # pages besides the newest

_PLACING = frozenset(("day", "rolled_ns", "deleted"))


def placed(changes: Iterable[LoggedChange]) -> tuple[set[str], set[str]]:
    """Takes that were not in lists before these changes, and all whose place in lists, or presence, they changed."""
    came: set[str] = set()
    moved: set[str] = set()
    for each in changes:
        if each.entity == "take" and each.field in _PLACING:
            was_there = not each.old if each.field == "deleted" else each.old is not None
            if each.entity_id not in moved and not was_there:
                came.add(each.entity_id)
            moved.add(each.entity_id)
    return came, moved


def read_takes(log: Logbook, wanted: TakeFilter, held: str | None) -> tuple[Sequence[Take], int, int | None]:
    """The newest page of a list, how many takes it has, and the row of the take `held` (id) while it is there."""
    newest, count = log.takes(wanted), log.count_takes(wanted)
    if held is None or (wanted.text and all(each.id != held for each in newest)):
        return newest, count, None
    return newest, count, read_row(log, wanted, held)


def read_row(log: Logbook, wanted: TakeFilter, take_id: str) -> int | None:
    """The row of a take in a list of its unit that looks for no words; None where it is deleted."""
    take = log.take(take_id)
    return None if take is None or take.deleted else log.count_takes(replace(wanted, before=take.id))


class TakePages:
    """Rows count from the take that was shot first, 0, to the last."""

    def __init__(self) -> None:
        self.count = 0
        self.shifts = 0  # grows when rows above the last one come, go or move
        self._takes: dict[str, Take] = {}
        self._head: list[str] = []  # never let go; oldest first
        self._pages: OrderedDict[int, list[str]] = OrderedDict()  # newest first within
        self._sizes: list[int] = []  # of each page that was fetched, let go or not
        self._ends: list[Take] = []  # all takes of page n were shot before _ends[n]

    def begin(self, newest: Sequence[Take], count: int) -> None:
        """Start again with the newest page (newest first) of `count` takes."""
        self.count = max(count, len(newest))
        self._takes = {take.id: take for take in newest}
        self._head = [take.id for take in reversed(newest)]
        self._pages.clear()
        self._sizes = []
        self._ends = [newest[-1]] if newest else []

    def at(self, row: int) -> Take | None:
        """The take of a row, None when it is not fetched (or there is no such row)."""
        if not 0 <= row < self.count:
            return None
        back = self.count - 1 - row
        if back < len(self._head):
            return self._takes[self._head[-1 - back]]
        number, place = self._locate(row)
        page = self._pages.get(number)
        if page is None or place >= len(page):
            return None
        self._pages.move_to_end(number)
        return self._takes[page[place]]

    def page_of(self, row: int) -> int:
        """The page that holds a row."""
        return self._locate(row)[0]

    def _locate(self, row: int) -> tuple[int, int]:
        """Page, and place in it; pages that were not fetched yet will be full ones."""
        back = max(0, self.count - 1 - row - len(self._head))
        tops = [0, *accumulate(self._sizes)]
        if back >= tops[-1]:
            further, place = divmod(back - tops[-1], PAGE)
            return len(self._sizes) + further, place
        number = bisect_right(tops, back) - 1
        return number, back - tops[number]

    def has(self, page: int) -> bool:
        """Whether a page is here."""
        return page in self._pages

    def next_to_fetch(self, wanted: int) -> tuple[int, str, int] | None:
        """On the way to page `wanted` the page to fetch now, the id of the take it comes before, and how many takes.

        None when it is here.
        """
        if wanted in self._pages or not self._ends:
            return None
        page = min(wanted, len(self._ends) - 1)
        return page, self._ends[page].id, self._sizes[page] if page < len(self._sizes) else PAGE

    def add(self, page: int, takes: Sequence[Take]) -> None:
        """Keep a fetched page, newest first; the page longest unseen goes when there are many."""
        if page < len(self._sizes):
            self.count += len(takes) - self._sizes[page]
            self._sizes[page] = len(takes)
        elif takes:
            self._sizes.append(len(takes))
            self._ends.append(takes[-1])
        else:  # fewer takes than were counted: somebody deleted some
            self.count = min(self.count, len(self._head) + sum(self._sizes))
            return
        self._takes.update((take.id, take) for take in takes)
        self._pages[page] = [take.id for take in takes]
        self._pages.move_to_end(page)
        while len(self._pages) > KEPT:
            _, gone = self._pages.popitem(last=False)
            for each in gone:
                self._takes.pop(each, None)

    def put(self, take: Take, *, came: bool = False, moved: bool = False) -> bool:
        """A take as it is now, where it belongs; False when the pages no longer fit the log.

        Args:
            take: of this list, unless it is deleted.
            came: it was not in the list before.
            moved: its place in the list, or whether it is there, may be another one than before.
        """
        known = self._takes.get(take.id)
        if known is not None and not take.deleted and take.shot == known.shot:
            self._takes[take.id] = take
            return True
        if known is not None:
            return self._take_out(known, gone=take.deleted) and (take.deleted or self._put_in(take))
        if moved and not came:  # where it was is not fetched
            return False
        if take.deleted:
            return True
        newest = not self._ends or take.shot > self._ends[0].shot  # all of these are here, so it is new
        return self._put_in(take) if came or newest else True

    def _put_in(self, take: Take) -> bool:
        if not self._ends or take.shot > self._ends[0].shot or (not self._sizes and self.count == len(self._head)):
            row = bisect_left(self._head, take.shot, key=self._shot)
            self.shifts += row < len(self._head)
            self._head.insert(row, take.id)
            if not self._ends or take.shot < self._ends[0].shot:
                self._ends = [take]
        else:
            page = next((n for n, end in enumerate(self._ends[1:]) if take.shot > end.shot), len(self._sizes))
            if page == len(self._sizes) and self.count == len(self._head) + sum(self._sizes):
                page -= 1  # all of the log was fetched, and it was shot before all of it
                self._ends[-1] = take
            here = self._pages.get(page)
            if here is None:
                return False
            here.insert(len(here) - bisect_left(here[::-1], take.shot, key=self._shot), take.id)
            self._sizes[page] += 1
            self.shifts += 1
        self._takes[take.id] = take
        self.count += 1
        return True

    def _shot(self, take_id: str) -> tuple[int, int, str]:
        return self._takes[take_id].shot

    def _take_out(self, take: Take, *, gone: bool) -> bool:
        """False where the log can no longer be asked for a page: the take that it comes before is elsewhere now."""
        if take.id in self._head:
            self._head.remove(take.id)
        else:
            page = next(number for number, page in self._pages.items() if take.id in page)
            self._pages[page].remove(take.id)
            self._sizes[page] -= 1
        del self._takes[take.id]
        self.count -= 1
        self.shifts += 1
        ends = [number for number, end in enumerate(self._ends) if end.id == take.id]
        for number in () if gone else ends:  # a deleted one keeps its place
            before = self._pages.get(number - 1, []) if number else self._head[:1]
            if not before:
                return False
            self._ends[number] = self._takes[before[-1]]
        return True

    def row_of(self, take_id: str) -> int | None:
        """The row of a take that is fetched."""
        if take_id in self._head:
            return self.count - len(self._head) + self._head.index(take_id)
        for number, page in self._pages.items():
            if take_id in page:
                return self.count - 1 - len(self._head) - sum(self._sizes[:number]) - page.index(take_id)
        return None
