"""Filters under a name on the Review screen: those that any seat saved, and a few that are always there.

Saved ones are in the log (`log.filters()`), so that every seat has them, the command line too, and undo brings back one
that was deleted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from onset.errors import OnsetError
from onset.logbook.query import words_of
from onset.logbook.terms import SavedFilter, TakeFilter
from onset.text import safe_text
from tui.actions import digit_of
from tui.intents import linking
from tui.screens.review_part import ListPart
from tui.widgets.items import Item

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen

_KEEP = "keep"
_NAME = 24  # cells of a name in the list


def always_there(voter: str) -> list[SavedFilter]:
    """What is asked for on every production; `voter` is whose ratings are given."""
    unrated = words_of(TakeFilter(ratings=((voter, ""),)))
    found = (
        ("circled", "status:circled"),
        ("on hold", "status:hold"),
        ("no good", "status:ng"),
        (f"not rated by {voter}", unrated),
        ("untagged", "lacks:tags"),
        ("VFX", "vfx"),
        ("with marks", "has:marks"),
        ("no picture file", "lacks:clips"),
        ("no sound file", "lacks:sound"),
    )
    return [SavedFilter(name=name, query=query, author="") for name, query in found]


def filter_items(filters: Sequence[SavedFilter], text: str) -> list[Item]:
    """The list: the first nine with a digit, and what the list is narrowed to now, to be kept."""
    items = []
    for number, each in enumerate(filters, 1):
        name = safe_text(each.name)
        digit = f"{number}" if number < 10 else " "
        by = f"  ({each.author})" if each.author else ""
        shown = name if len(name) <= _NAME else f"{name[: _NAME - 1]}…"
        items.append(Item(f"{each.query}{by}", f"filter:{number - 1}", lead=f"{digit}  {shown:<{_NAME}}  "))
    if text and text not in {each.query for each in filters}:
        items.append(Item(f"keep  {text}  under a name", _KEEP))
    return items


class SavedFilters(ListPart):
    """Shows them where the evidence stands, takes one, keeps and deletes."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._saved: Sequence[SavedFilter] = ()

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {"filters": lambda _: self._turn(), "delete_filter": lambda _: self._delete()}

    @property
    def _filters(self) -> list[SavedFilter]:
        return [*self._saved, *always_there(self.screen.judging.voter)]

    def _turn(self) -> None:
        if not self.let_go():
            self.screen.run_worker(self._read(begin=True), group="filters")

    async def _read(self, *, begin: bool) -> None:
        screen = self.screen
        try:
            self._saved = await screen.hand.desk.read(lambda log: log.filters())
        except OnsetError as error:
            screen.say(str(error), True)
            return
        if begin and screen.alive:
            self._begin()
        elif screen.alive:
            screen.show_detail()

    def read_again(self) -> None:
        if self._open:
            self.screen.run_worker(self._read(begin=False), group="filters")

    def detail(self) -> tuple[str, Sequence[Item]] | None:
        if not self._open:
            return None
        return "filters: a digit or Enter takes one, Esc goes back", filter_items(
            self._filters, self.screen.narrowing.text
        )

    def hints(self) -> Sequence[tuple[str, str]] | None:
        if not self._open:
            return None
        name = self.screen.under or ""
        if name == _KEEP:
            return [("open", "keeps it under a name")]
        one = self._under()
        deletes = [("delete_filter", "deletes it")] if one is not None and one in self._saved else []
        return [("open", f"takes {one.name if one is not None else '-'}"), *deletes]

    def _under(self) -> SavedFilter | None:
        name = self.screen.under or ""
        number = name.removeprefix("filter:")
        filters = self._filters
        known = self._open and name.startswith("filter:") and int(number) < len(filters)
        return filters[int(number)] if known else None

    def key(self, key: str) -> bool:
        """A digit takes the filter of that number."""
        number = digit_of(key) if self._open and self.screen.inside else None
        if number is None:
            return False
        filters = self._filters
        if 1 <= number <= len(filters):
            self._take(filters[number - 1])
        return True

    def enter(self) -> bool:
        if not self._open or not self.screen.inside:
            return False
        one = self._under()
        if one is not None:
            self._take(one)
        elif self.screen.under == _KEEP:
            self.screen.before_typing()
            self.screen.entry.name_filter(self.screen.narrowing.text)
        return True

    def _take(self, one: SavedFilter) -> None:
        self.let_go()
        self.screen.narrowing.take(one.name, one.query)

    def _delete(self) -> None:
        one = self._under()
        if one is None:
            key = self.screen.hand.keys.shown("review.filters")
            self.screen.say(f"{key} lists the filters; this key deletes the one under the cursor there.")
        elif one not in self._saved:
            self.screen.say(f'"{one.name}" is always there.')
        else:
            self.screen.log_it(partial(linking.delete_filter, name=one.name))
