"""A job's own place in the queue: it arrives, looks twice a second whether it may go, and leaves.

Used by the job. While it copies, what it sees here opens and closes the gate (giveway.py).
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from onset.errors import OffloadError
from onset.offload.card import Card
from onset.offload.journal import JobSheet
from onset.offload.mounted import check_mounted
from onset.offload.preflight import check_space
from onset.offload.progress import Phase, Progress, Tally
from onset.offload.queue import STATE, Standing, Stands, Use, deciding, in_the_way, standings
from onset.offload.sink import Sink
from onset.offload.wishes import WISHES, Wish, put_document, read_wish, write_wish
from onset.text import safe_path, safe_text

_LOOK_EVERY_S = 0.5


@dataclass(frozen=True, slots=True)
class Hold:
    """What a job is to do now: go, where nothing is set.

    Attributes:
        paused: stand still until somebody says otherwise.
        waits_for: stand still until that job is through with that disk; in words.
        cancelled: stop, to be gone on with by the same command.
    """

    paused: bool = False
    waits_for: str | None = None
    cancelled: bool = False

    @property
    def goes(self) -> bool:
        return not self.paused and self.waits_for is None


class Turn:
    """One job's own place in the queue."""

    def __init__(self, jobs: Path, sheet: JobSheet, uses: Sequence[Use]) -> None:
        self._jobs = jobs
        self._sheet = sheet
        self._uses = tuple(uses)
        self._stands = Stands.WAITS
        self._fills = sheet.source is not None

    def arrive(self) -> None:
        """Stand behind all who are there. What was wished of a run that was cut off holds no more.

        Raises:
            OffloadError: the job's record cannot be written.
        """
        with deciding(self._jobs):
            last = max((0, *(each.rank for each in standings(self._jobs))))
            write_wish(self._folder, Wish(rank=last + 1))
            self._tell(Stands.WAITS)

    def leave(self) -> None:
        """Hold nobody up any more."""
        for name in (STATE, WISHES):
            with suppress(OSError):
                (self._folder / name).unlink()

    def look(self) -> Hold:
        """What is wished, and whether it is this job's turn."""
        wish = read_wish(self._folder)
        if wish.cancelled:
            return Hold(cancelled=True)
        if wish.paused:
            if self._stands is not Stands.PAUSED:
                self._tell(Stands.PAUSED)
            return Hold(paused=True)
        if self._stands is Stands.RUNS:
            return Hold()
        with deciding(self._jobs):
            rank = read_wish(self._folder).rank
            others = [each for each in standings(self._jobs) if each.job != self._sheet.id]
            mine = Standing(self._sheet.id, self._sheet.label, Stands.WAITS, rank, self._uses, self._fills)
            waits_for = in_the_way(mine, others)
            stands = Stands.RUNS if waits_for is None else Stands.WAITS
            if stands is not self._stands:
                self._tell(stands)
        return Hold(waits_for=waits_for)

    def seal(self, tally: Tally, show: Callable[[Progress], None]) -> None:
        """All files are done, and what comes now is not stopped any more: nobody is promised that from here on.

        Args:
            tally: nothing holds the job up now, whatever was wished.
            show: leaves a reading for whoever would pause or cancel it.
        """
        tally.holds(paused=False, waits_for=None)
        tally.enter(Phase.SEAL)
        with suppress(OffloadError), deciding(self._jobs):
            show(tally.now())

    @property
    def _folder(self) -> Path:
        return self._jobs / self._sheet.id

    def _tell(self, stands: Stands) -> None:
        uses = [asdict(use) for use in self._uses]
        told = {
            "label": self._sheet.label,
            "stands": stands.value,
            "uses": uses,
            "fills": self._fills,
            "pid": os.getpid(),
        }
        put_document(self._folder / STATE, told)
        self._stands = stands


@contextmanager
def in_queue(jobs: Path, sheet: JobSheet, uses: Sequence[Use]) -> Iterator[Turn]:
    """Stand in the queue while the block runs.

    Raises:
        OffloadError: the job's record cannot be written.
    """
    turn = Turn(jobs, sheet, uses)
    try:
        turn.arrive()
        yield turn
    finally:
        turn.leave()


def await_turn(turn: Turn, tally: Tally, stop: threading.Event, show: Callable[[Progress], None]) -> bool:
    """Wait until it is the job's turn.

    Args:
        turn: the job's place.
        tally: is told what it waits for.
        stop: ends the waiting; is set where the job is cancelled.
        show: leaves a reading for whoever looks, twice a second.

    Returns:
        Whether it had to wait.

    Raises:
        OffloadError: stopped meanwhile, or the job's record cannot be written.
    """
    waited = False
    while True:
        hold = turn.look()
        tally.holds(paused=hold.paused, waits_for=hold.waits_for)
        show(tally.now())
        if hold.cancelled:
            stop.set()
        if stop.is_set():
            raise OffloadError("Stopped before its turn; started again, it is copied.")
        if hold.goes:
            return waited
        waited = True
        stop.wait(_LOOK_EVERY_S)


def check_still_there(sinks: Sequence[Sink], devices: Mapping[str, int]) -> None:
    """Between the look at the targets and their opening a person may have been asked, for minutes.

    Args:
        sinks: as they were opened.
        devices: st_dev of each folder when it was looked at.

    Raises:
        OffloadError: another disk is there, or none; names the one to connect.
    """
    check_mounted([sink.place.target for sink in sinks])
    for sink in sinks:
        if sink.device != devices.get(str(sink.path), sink.device):
            there = safe_path(sink.place.target.path)
            raise OffloadError(f"Another disk than a moment ago is at {there}; see what is mounted and start again.")


def check_again(card: Card, card_fd: int, sinks: Sequence[Sink]) -> None:
    """What was true before a job waited may not be so any more.

    Raises:
        OffloadError: the card or a target is gone, or a target has no room for the card now.
    """
    opened = os.fstat(card_fd)
    try:
        found = os.stat(card.root)
    except OSError:
        found = None
    if found is None or (found.st_dev, found.st_ino) != (opened.st_dev, opened.st_ino):
        raise OffloadError(f"{safe_text(card.label)} was taken out while it waited; put it in and copy it again.")
    for sink in sinks:
        if not sink.is_still_mounted():
            gone = safe_path(sink.place.target.path)
            raise OffloadError(f"{gone} went away while {safe_text(card.label)} waited; connect it and copy it again.")
    check_space(card, [sink.place for sink in sinks])
