"""The rounds that are made beside a log that is open for long: backups, and meeting other logs, on time.

The app and the capture service each make them in a thread of their own, never on the event loop; who comes first makes
the backup, the other finds it there. What fails rings once on every seat, and stops when it succeeds.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from onset.cli.find import LOG_NAME, open_logbook
from onset.clock import Clock
from onset.config import LogConfig
from onset.errors import OnsetError
from onset.logbook.terms import Event
from onset.text import safe_text

ROLE = "care"  # a seat of its own: undo at a person's seat never meets what is written here
_AGAIN_S = 60.0  # after a failure: the disk may be connected any moment
_LOOK_S = 1.0
_EVENTS = 200
_NS = 1_000_000_000


@dataclass(slots=True)
class _Round:
    """Something that is done from time to time.

    Attributes:
        what: names it in the log's events.
        failing, mended: how an alarm begins, and what ends it.
        next_ns: of the monotonic clock.
        rings: whether its alarm stands; None: what an earlier program left is not known.
    """

    what: str
    every_s: float
    act: Callable[[], None]
    failing: str
    mended: str
    next_ns: int = 0
    rings: bool | None = None


class Rounds:
    """What is done for a log from time to time. One thread only."""

    def __init__(self, production: Path, config: LogConfig, clock: Clock) -> None:
        self._production = production
        self._log = production / LOG_NAME
        self._config = config
        self._clock = clock
        self._rounds: list[_Round] = []
        if config.backup_to is not None:
            act = partial(self._back_up, config.backup_to)
            words = ("No backup is made", "Backups are made again.")
            self._rounds.append(_Round("backup", config.backup_every_s, act, *words))

        if config.exchange is not None:
            act = partial(self._exchange, config.exchange)
            words = ("The logs do not meet", "The logs meet again.")
            self._rounds.append(_Round("exchange", config.exchange_every_s, act, *words))

    def look(self) -> None:
        """Do what is due; what fails is tried again within a minute."""
        now_ns = self._clock.monotonic_ns()
        for each in self._rounds:
            if now_ns < each.next_ns:
                continue
            wait_s = each.every_s
            try:
                each.act()
                self._tell(each, None)
            except OnsetError as error:
                wait_s = min(wait_s, _AGAIN_S)
                with contextlib.suppress(OnsetError):  # a log that takes no edits tells that by itself
                    self._tell(each, str(error))
            each.next_ns = now_ns + round(wait_s * _NS)

    def _back_up(self, folder: Path) -> None:
        """Make a backup, unless the newest one holds everything or is not old enough."""
        from logging_db.backup import back_up, newest_of

        newest, edits = newest_of(self._log, folder)
        if newest is not None and newest.edits == edits:
            return
        age_ns = self._clock.wall_ns() - newest.made_ns if newest is not None else None
        if age_ns is None or not 0 <= age_ns < self._config.backup_every_s * _NS - _NS:  # names have whole seconds
            back_up(self._log, folder, self._clock)

    def _exchange(self, folder: Path) -> None:
        from logging_db.exchange import exchange_once

        exchange_once(self._log, folder, clock=self._clock)

    def _tell(self, one: _Round, problem: str | None) -> None:
        """Ring once on every seat, and say once that it is over."""
        rings = problem is not None
        if one.rings is rings:
            return
        logbook = open_logbook(self._production, role=ROLE)
        try:
            if logbook.read_only is not None:
                return
            last = next((each for each in logbook.events(limit=_EVENTS) if _about(each) == ("log", one.what)), None)
            if rings is not (last is not None and last.alarm):
                words = safe_text(f"{one.failing}: {problem}" if rings else one.mended)
                now_ns = self._clock.wall_ns()
                logbook.event(Event(wall_ns=now_ns, device="log", what=one.what, detail=words, alarm=rings))
        finally:
            logbook.close()
        one.rings = rings


def _about(event: Event) -> tuple[str, str]:
    return event.device, event.what


@contextmanager
def rounds_beside(production: Path, config: LogConfig, clock: Clock) -> Iterator[None]:
    """Make the rounds in a thread until the block ends; a backup that is being made is finished first."""
    ended = threading.Event()
    rounds = Rounds(production, config, clock)

    def go() -> None:
        while not ended.wait(_LOOK_S):
            with contextlib.suppress(Exception):  # whatever it is, the next round may succeed
                rounds.look()

    thread = threading.Thread(target=go, name="rounds", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()
