"""Ratings and tags on the Review screen, for the voter that is chosen there."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

from tui.intents import linking
from tui.screens.review_part import ReviewPart

if TYPE_CHECKING:
    from tui.screens.review import ReviewScreen


class Judging(ReviewPart):
    """What a voter says of takes."""

    def __init__(self, screen: ReviewScreen) -> None:
        super().__init__(screen)
        self._voters = screen.hand.deps.config.production.voters or ("director",)
        self.voter = self._voters[0]

    def actions(self) -> Mapping[str, Callable[[str], None]]:
        return {
            "circle": lambda _: self._rate("circled"),
            "hold": lambda _: self._rate("hold"),
            "ng": lambda _: self._rate("ng"),
            "voter": lambda _: self._next_voter(),
            "tag": lambda _: self._tag(),
        }

    def totals(self) -> Sequence[str]:
        return (f"voter {self.voter}",)

    def _rate(self, value: str) -> None:
        take_ids = self.screen.selecting.take_ids
        if take_ids:
            self.screen.log_it(partial(linking.rate, take_ids=take_ids, voter=self.voter, value=value))
        else:
            self.screen.say("Only a take can be rated; the arrows pick one.")

    def _next_voter(self) -> None:
        self.voter = self._voters[(self._voters.index(self.voter) + 1) % len(self._voters)]
        self.screen.show_rows()
        self.screen.say(f"Ratings are those of {self.voter} now.")

    def _tag(self) -> None:
        screen = self.screen
        take_ids = screen.selecting.take_ids
        if not take_ids:
            screen.say("Only a take can be tagged; the arrows pick one.")
            return
        screen.before_typing()
        tags = screen.page.tags if screen.page is not None else ()
        screen.entry.tag(screen.selecting.named, take_ids, tags)
