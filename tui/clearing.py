"""A card is cleared for formatting by a person's name, or that is taken back. Used by the Offload screen."""

from __future__ import annotations

from collections.abc import Callable

from onset.errors import OnsetError
from tui.cards import Disks, Known
from tui.hand import Hand


class Clearing:
    """Writes what a person said of a card."""

    def __init__(self, hand: Hand, say: Callable[[str, bool], None]) -> None:
        """`say` gets the sentence, and whether it is an alarm."""
        self._hand = hand
        self._say = say

    async def clear(self, known: Known, by: str, note: str, disks: Disks) -> None:
        """Write a clearing, if the copies and the log still allow it.

        Args:
            known: the card.
            by: the person's name.
            note: the reason for what the log still misses, or empty.
            disks: what is known of those that its copies lie on.
        """
        from onset.reconcile.card import clear, consent

        card, now_ns = known.card, self._hand.deps.clock.wall_ns()
        try:
            gaps = await self._hand.aside.ask(
                lambda log, _: consent(
                    log, card, by=by, note=note, as_of_ns=now_ns, mounted=disks.seen.__contains__, found=disks.since.get
                )
            )
            await self._hand.desk.write(lambda log: clear(log, card, gaps, by=by, note=note))
        except OnsetError as error:
            self._say(str(error), True)
        else:
            self._say(f"{card.label} is cleared for formatting by {by}.", False)

    async def take_back(self, known: Known, by: str) -> None:
        """The card is not cleared any more."""
        card = known.card
        try:
            await self._hand.desk.write(lambda log: log.clear_card(card.id, by=by, cleared=False))
        except OnsetError as error:
            self._say(str(error), True)
        else:
            self._say(f"{card.label} is not cleared any more, says {by}.", False)
