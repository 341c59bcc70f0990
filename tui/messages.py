"""What the app tells its screens when the log moved on, and how that is read (on the reader thread)."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from onset.domain.production import Production, Seat
from onset.domain.take import Board, Take
from onset.logbook.protocol import Logbook
from onset.logbook.terms import LoggedChange

MANY = 100  # more changed takes than this at once (a merge, an import) and a list is read anew


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What stays while the app is open."""

    production: Production
    seat: Seat
    read_only: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Moved:
    """The log after some edits.

    Attributes:
        takes: those that changed, as they are now; None for one that cannot be read any more.
        anew: too much changed to name; read lists again.
    """

    board: Board
    takes: Mapping[str, Take | None]
    changes: Sequence[LoggedChange] = ()
    anew: bool = False

    def then(self, later: Moved) -> Moved:
        """Both at once, for who was not there to draw the first."""
        takes = {**self.takes, **later.takes}
        if self.anew or later.anew or len(takes) > MANY:
            return Moved(board=later.board, takes={}, anew=True)
        return Moved(board=later.board, takes=takes, changes=(*self.changes, *later.changes))


class Shows(Protocol):
    """A screen that draws what is in the log."""

    def log_moved(self, moved: Moved) -> None:
        """Draw the log as it is now."""
        ...


def read_opened(log: Logbook) -> Opened:
    """What is asked once."""
    return Opened(production=log.production(), seat=log.seat, read_only=log.read_only)


def read_moved(log: Logbook, unit: str, changes: Sequence[LoggedChange]) -> Moved:
    """The board and the takes that `changes` touched."""
    touched = list(dict.fromkeys(change.take_id for change in changes if change.take_id))
    anew = len(touched) > MANY
    ids: Collection[str] = () if anew else touched
    return Moved(board=log.board(unit), takes={each: log.take(each) for each in ids}, changes=changes, anew=anew)
