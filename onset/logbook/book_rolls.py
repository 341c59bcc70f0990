"""Camera and sound rolls in their life: a part of the `Logbook` of `protocol.py`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Protocol

from onset.domain.card import Roll
from onset.domain.take import Stamp
from onset.logbook.terms import Value


class RollDepartment(Protocol):
    """Camera and sound rolls in their life.

    A roll is named by its label; of a label that was cleared and loaded again, the newest is meant. A roll that the
    board gets (`set_next`) is loaded, and the one before it pulled; an offload (`record_card`) and a clearing
    (`clear_card`) move the roll that bears the card's label or reel.
    """

    def load(self, device: str, label: str, stamp: Stamp, *, serial: str = "", unit: str = "Main") -> Roll:
        """A roll goes into a camera (or `sound`) and onto the board; the one before it comes out, in the same edit.

        Raises:
            RefusedError: the magazine `serial` holds another roll that nobody has cleared.
        """
        ...

    def pull(self, label: str, stamp: Stamp, *, to: str = "", unit: str = "Main") -> Roll:
        """It comes out, and off the board; given `to` somebody it waits there for its copy.

        Raises:
            RefusedError: no such roll, or it is not loaded.
        """
        ...

    def hand(self, label: str, to: str, *, unit: str = "Main") -> Roll:
        """Somebody else has it now.

        Raises:
            RefusedError: no such roll, it is still loaded, or nobody was named.
        """
        ...

    def set_roll(self, label: str, fields: Mapping[str, Value], *, unit: str = "Main") -> Roll:
        """Change device, day, state, serial, holder or note.

        Raises:
            RefusedError: no such roll; it would be loaded, which needs a camera; or cleared though it has copies that
                nobody looked at (`clear_card`).
        """
        ...

    def copying(self, label: str, *, unit: str = "Main", going: bool = True) -> None:
        """An offload of that label, or reel, began, or (not `going`) came to nothing and left the roll waiting.

        Nothing happens where no roll bears the label.
        """
        ...

    def move_rolls(self, labels: Collection[str], day: int, *, unit: str = "Main") -> Sequence[Roll]:
        """Rolls are of another day, with their cards and the files on these, in one edit; takes stay where they are.

        Raises:
            RefusedError: no such day, or a label that neither a roll nor a card bears; names it.
        """
        ...

    def rolls(self, *, unit: str = "Main", day: int | None = None) -> Sequence[Roll]:
        """In the order in which they came; None: of all days."""
        ...
