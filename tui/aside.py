"""A thread beside the desk for what takes longer than a key may wait: comparing a whole day, matching it.

It has its own opening of the log, so that neither the writer nor the reader of the desk ever waits for it.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, TypeVar

from onset.errors import LogError, OnsetError
from onset.logbook.protocol import Logbook
from tui.desk import Desk

if TYPE_CHECKING:
    from onset.match.solve import Matcher

T = TypeVar("T")
MatcherOf = Callable[[int], "Matcher"]


class Aside:
    """Answers long questions, one after the other."""

    def __init__(self, desk: Desk, open_logbook: Callable[[], Logbook] | None) -> None:
        """Nothing is opened before the first question; without `open_logbook` the desk's reader answers."""
        self._desk = desk
        self._open = open_logbook
        self._thread = ThreadPoolExecutor(1, "log-aside")
        self._log: Logbook | None = None
        self._closed = False
        self._matchers: dict[int, Matcher] = {}

    @property
    def apart(self) -> bool:
        """It has its own opening of the log, and may write."""
        return self._open is not None

    async def ask(self, question: Callable[[Logbook, MatcherOf], T]) -> T:
        """Ask something that may take a second; it gets the log, and what finds the matcher of a day.

        Raises:
            LogError: the log cannot be opened or read, or the answer failed in a way that nobody thought of.
        """
        opens = self._open
        try:
            if opens is None:
                return await self._desk.read(lambda log: question(log, self._matcher))
            answer = self._thread.submit(lambda: question(self._opened(opens), self._matcher))
            return await asyncio.shield(asyncio.wrap_future(answer))
        except OnsetError:
            raise
        except Exception as error:  # a comparison that fails must never end the app while a take rolls
            raise LogError(f"The day could not be compared ({type(error).__name__}: {error}).") from error

    def close(self) -> None:
        """Wait for the question that is being answered and drop those that wait; a second call does nothing."""
        if not self._closed:
            self._closed = True
            self._thread.submit(self._close_log)
            self._thread.shutdown()

    def _opened(self, opens: Callable[[], Logbook]) -> Logbook:
        if self._log is None:
            self._log = opens()
        return self._log

    def _matcher(self, day: int) -> Matcher:
        """Kept for each day, so that one more clip costs little; of the thread that answers alone."""
        from onset.match.solve import Matcher

        return self._matchers.setdefault(day, Matcher())

    def _close_log(self) -> None:
        if self._log is not None:
            self._log.close()
            self._log = None
