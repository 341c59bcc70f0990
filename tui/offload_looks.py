"""What the Offload screen knows, and how it comes to know it: jobs, cards and rolls of the log, targets, readers.

Journals, disks and verdicts are read in threads, each by its own interval and never twice at a time; nothing here
blocks the event loop, and a disk that does not answer holds up nothing but itself.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING

from onset.errors import OnsetError
from onset.reconcile import bad_copies
from tui import cards
from tui.disk_question import DiskQuestion
from tui.hand import Hand
from tui.screens.place import PlaceScreen

if TYPE_CHECKING:
    from onset.domain.card import Roll
    from onset.offload.forecast import TargetNow
    from onset.offload.in_reader import CardHere, Readers
    from onset.offload.journal import JobSummary
    from tui.card_board import Entry
    from tui.cards import Known

JOBS_S = 0.5
READERS_S = 2.0
CARDS_S = 10.0
CARDS_AFTER_S = 1.0  # a burst of changes is read once


class Looks:
    """The newest of each. Everything runs on the event loop; reading is done in threads."""

    def __init__(self, screen: PlaceScreen, hand: Hand, changed: Callable[[], None]) -> None:
        """`changed` is called when something was read; nothing is read while the screen is not shown."""
        self._screen = screen
        self._hand = hand
        self._changed = changed
        self.jobs: Sequence[JobSummary] = ()
        self.cards: Mapping[str, Known] = {}
        self.rolls: Sequence[Roll] = ()
        self.here: Sequence[CardHere] = ()
        self.targets: Sequence[TargetNow] | None = None
        self.silent = False  # a target or reader does not answer; what is known of them is old
        self.disks = cards.Disks()
        self._readers: Readers | None = None
        self._ask_disks: DiskQuestion[tuple[Sequence[TargetNow], Sequence[CardHere]]] = DiskQuestion()
        self._ask_copies: DiskQuestion[cards.Disks] = DiskQuestion()
        self._ask_others: DiskQuestion[cards.Disks] = DiskQuestion()
        self._others: frozenset[str] = frozenset()  # manifests of copies that this log does not know
        self._at_jobs = self._at_disks = self._at_cards = self._stale = False

    def begin(self) -> None:
        """Read all of it now, and again at its intervals."""
        for seconds, look in (
            (JOBS_S, self.look_for_jobs),
            (READERS_S, self.look_at_disks),
            (CARDS_S, self.read_cards),
        ):
            self._screen.set_interval(seconds, look)
            look()

    def listed(self) -> list[Entry]:
        """The cards of the board."""
        from onset.offload.stands import bad_since
        from tui.card_board import list_cards

        now_ns, since = self._hand.deps.clock.wall_ns(), self.disks.since
        bad = partial(bad_since, found=self.jobs, since=since, now_ns=now_ns)
        return list_cards(self.jobs, self.cards, self.rolls, self.here, bad)

    def look_for_jobs(self) -> None:
        """Read the journals, unless that is still going on."""
        if self._screen.is_current and not self._at_jobs:
            self._at_jobs = True
            self._screen.run_worker(self._look_for_jobs())

    async def _look_for_jobs(self) -> None:
        from tui import jobs

        try:
            found = await asyncio.to_thread(jobs.look, self._hand.deps.jobs)
            await self._look_at_others(found)
            if self._screen.alive:
                self.jobs = found
                self._changed()
        finally:
            self._at_jobs = False

    async def _look_at_others(self, found: Sequence[JobSummary]) -> None:
        """Ask the histories of copies that this log does not know, before a row calls them safe; later as all others.

        A disk that does not answer is waited for once.
        """
        from onset.offload.stands import manifests

        others = manifests(found, self.cards.keys())
        new, self._others = others - self._others, self._others | others
        if new:
            answer = await self._ask_others.ask(lambda: cards.look_at_copies((), new))
            self.disks = cards.Disks(self.disks.seen, {**self.disks.since, **(answer.since if answer else {})})

    def look_at_disks(self) -> None:
        """Look at the targets and the readers, unless a disk is still to answer."""
        if self._screen.is_current and not self._at_disks:
            self._at_disks = True
            self._screen.run_worker(self._look_at_disks())

    async def _look_at_disks(self) -> None:
        from onset.offload.forecast import look_at_targets, usual_size
        from onset.offload.in_reader import Readers
        from tui.targets_now import as_targets

        deps, found = self._hand.deps, list(self.jobs)
        card_bytes = usual_size([known.card.size for known in self.cards.values()])
        readers = self._readers = self._readers or Readers(deps.mounted)
        targets = as_targets(deps.config.targets)
        try:
            answer = await self._ask_disks.ask(lambda: (look_at_targets(targets, found, card_bytes), readers.look()))
        except OSError:
            return  # a disk went while it was looked at; the next look finds it gone
        finally:
            self._at_disks = False
        if self._screen.alive:
            self.silent = answer is None
            if answer is not None:
                self.targets, self.here = answer
            self._changed()

    def read_cards_soon(self) -> None:
        """The log moved: read the cards when the burst is over."""
        self._screen.set_timer(CARDS_AFTER_S, self.read_cards)

    def read_cards(self) -> None:
        """Read cards, verdicts and rolls, unless that is still going on: then once more after it."""
        if self._at_cards:
            self._stale = True
        elif self._screen.is_current:
            self._at_cards = True
            self._screen.run_worker(self._read_cards())

    async def _read_cards(self) -> None:
        hand, now_ns = self._hand, self._hand.deps.clock.wall_ns()
        try:
            listed, rolls = await hand.desk.read(lambda log: (log.cards(), log.rolls(unit=hand.deps.unit)))
            asked = partial(cards.look_at_copies, listed, self._others)
            answer = await self._ask_copies.ask(asked) or cards.Disks()
            disks = cards.Disks(answer.seen, {**self.disks.since, **answer.since})
            looked = bad_copies.news(listed, answer.since.get, now_ns)
            if looked and hand.aside.apart:
                with suppress(OnsetError):  # the verdict is told by what the disks say, whether or not it is remembered
                    await hand.aside.ask(lambda log, _: bad_copies.let_log_know(log, looked, now_ns))
            found = await hand.aside.ask(lambda log, _: cards.read_cards(log, now_ns, disks))
            if self._screen.alive:
                self.cards, self.rolls = found, rolls
                self.disks = cards.Disks(answer.seen, {**self.disks.since, **answer.since})
                self._changed()
        except OnsetError as error:
            self._screen.say(str(error), True)
        finally:
            self._at_cards = False
            if self._stale:
                self._stale = False
                self.read_cards_soon()
