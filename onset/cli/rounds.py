"""The rounds that are made beside a log that is open for long: backups on time, and a reserve when there is room again.

The app and the capture service each make them in a thread of their own, never on the event loop; who comes first makes
the backup, the other finds it there. A backup that fails rings once on every seat, and stops when one succeeds.
"""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
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


class Rounds:
    """What is done for a log from time to time. One thread only."""

    def __init__(self, production: Path, config: LogConfig, clock: Clock) -> None:
        self._production = production
        self._config = config
        self._clock = clock
        self._next_ns = 0
        self._rings: bool | None = None  # None: what an earlier program left standing is not known

    def look(self) -> None:
        """Do what is due. Nothing that goes wrong here may end the rounds."""
        now_ns = self._clock.monotonic_ns()
        if now_ns < self._next_ns:
            return
        wait_s = self._config.backup_every_s
        try:
            self._look_at_reserve()
            if self._config.backup_to is not None:
                self._back_up(self._config.backup_to)
                self._tell(None)
        except OnsetError as error:
            wait_s = min(wait_s, _AGAIN_S)
            with contextlib.suppress(OnsetError):  # a log that takes no edits tells that by itself
                self._tell(str(error))
        self._next_ns = now_ns + round(wait_s * _NS)

    def _look_at_reserve(self) -> None:
        from logging_db import reserve

        reserve.make(self._production / LOG_NAME)

    def _back_up(self, folder: Path) -> None:
        """Make a backup, unless the newest one holds everything or is not old enough."""
        from logging_db.backup import back_up, newest_of

        log = self._production / LOG_NAME
        newest, edits = newest_of(log, folder)
        if newest is not None and newest.edits == edits:
            return
        age_ns = self._clock.wall_ns() - newest.made_ns if newest is not None else None
        if age_ns is None or not 0 <= age_ns < self._config.backup_every_s * _NS - _NS:  # names have whole seconds
            back_up(log, folder, self._clock)

    def _tell(self, problem: str | None) -> None:
        if self._rings is (problem is not None):
            return
        logbook = open_logbook(self._production, role=ROLE)
        try:
            if logbook.read_only is not None:
                return
            about = [
                event for event in logbook.events(limit=_EVENTS) if (event.device, event.what) == ("log", "backup")
            ]
            rings = bool(about) and about[0].alarm
            if rings is not (problem is not None):
                words = f"No backup is made: {problem}" if problem is not None else "Backups are made again."
                said = Event(
                    wall_ns=self._clock.wall_ns(),
                    device="log",
                    what="backup",
                    detail=safe_text(words),
                    alarm=problem is not None,
                )
                logbook.event(said)
        finally:
            logbook.close()
        self._rings = problem is not None


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
