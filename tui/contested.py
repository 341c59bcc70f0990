"""Fields that seats set differently without having seen each other, for all screens: read when the log brings some.

Used by the app, which tells its screens. On one file an edit always sees the one before; conflicts come with a merge or
an exchange, or with the undo of a choice, and end with any later word about the field.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import replace

from onset.errors import OnsetError
from onset.logbook.terms import Conflict, LoggedChange
from tui.desk import Desk
from tui.messages import Moved
from tui.take_marks import CONFLICT
from tui.widgets.items import Item


class Contested:
    """What is in conflict now. Everything runs on the event loop; the desk's reader asks the log."""

    def __init__(self, desk: Desk) -> None:
        """Nothing is read before `begin`."""
        self.found: tuple[Conflict, ...] = ()
        self._desk = desk
        self._run: Callable[[Coroutine[None, None, None]], object] = lambda work: work.close()
        self._tell: Callable[[], None] = lambda: None
        self._reading = False
        self._stale = False

    def begin(self, run: Callable[[Coroutine[None, None, None]], object], tell: Callable[[], None]) -> None:
        """Read the first time; `run` starts a worker, `tell` says that what is in conflict changed."""
        self._run, self._tell = run, tell
        self._read_soon()

    def log_moved(self, moved: Moved) -> None:
        """Read again where these changes can have brought a conflict or ended one."""
        if may_move(self.found, moved.changes):
            self._read_soon()

    def _read_soon(self) -> None:
        self._stale = True
        if not self._reading:
            self._reading = True
            self._run(self._read())

    async def _read(self) -> None:
        try:
            while self._stale:
                self._stale = False
                found = tuple(await self._desk.read(lambda log: log.conflicts()))
                if found != self.found:
                    self.found = found
                    self._tell()
        except OnsetError:  # a log that cannot be read says so itself, at every look of the feed
            self._stale = False
        finally:
            self._reading = False


def may_move(found: Sequence[Conflict], changes: Sequence[LoggedChange]) -> bool:
    """Whether these changes can have brought a conflict, or ended one of those that were found."""
    fields = {(each.entity_id, each.field) for each in found}
    return any(each.merged or each.undoes or (each.entity_id, each.field) in fields for each in changes)


def in_conflict(count: int) -> str:
    """`1 conflict`, `3 conflicts`."""
    return f"{count} conflict{'' if count == 1 else 's'}"


def marked(items: Iterable[Item], lines: Mapping[str, str], found: Sequence[Conflict]) -> list[Item]:
    """The lines with a sign before each that shows a thing in conflict; `lines`: their names by the ids of things."""
    names = {lines[each.entity_id] for each in found if each.entity_id in lines}
    return [
        replace(each, lead=f"{CONFLICT}{each.lead[1:]}") if each.lead and each.name in names else each for each in items
    ]
