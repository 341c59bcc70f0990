"""What the screen showed when a key was pressed. An intent acts on this, never on what came true meanwhile."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onset.domain.take import Board, Stamp, Take
from onset.errors import RefusedError
from onset.logbook.protocol import Logbook


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The moment of a key.

    Attributes:
        board: as it was drawn.
        target: the take that the footer named, None when there was none.
        stamp: when the key was pressed.
        confirm: the take rolls by somebody else's doing since less than 3 s, so that the roll key only confirms it.
    """

    board: Board
    target: Take | None
    stamp: Stamp
    confirm: bool = False

    @property
    def rolling(self) -> Take:
        """The take that was seen rolling.

        Raises:
            RefusedError: none was.
        """
        if self.board.rolling is None:
            raise RefusedError("Nothing rolls; Space rolls the take on the board.")
        return self.board.rolling

    @property
    def aimed(self) -> Take:
        """The take that status keys act on.

        Raises:
            RefusedError: none was named.
        """
        if self.target is None:
            raise RefusedError("No take is cut that this key could act on; the arrows pick one.")
        return self.target


Verb = Callable[[Logbook, Seen], str]
"""An intent: one edit on the writer thread, answered with the sentence that the status line shows."""
