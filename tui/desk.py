"""The desk the log lies on: one writer thread, one reader thread and one feed thread, never the event loop.

Used by the app. A slow disk can then hold up an answer, but never a key or a repaint.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import TypeVar

from onset.logbook.protocol import Logbook
from onset.logbook.terms import Feed, LoggedChange

T = TypeVar("T")


class Desk:
    """Runs what is asked of a logbook on the thread that may touch it, in the order it was asked."""

    def __init__(self, open_logbook: Callable[[], Logbook]) -> None:
        """Open the log on its writer thread and a feed on the feed's; blocks until both are there.

        Raises:
            LogError: the log cannot be opened; no thread is left behind.
        """
        self.trouble: str | None = None  # what a person has to know of the log's disk
        self.journal_only = False  # edits made here are in the second journal and not in the log
        self._writer = ThreadPoolExecutor(1, "log-writer")
        self._reader = ThreadPoolExecutor(1, "log-reader")
        self._follower = ThreadPoolExecutor(1, "log-feed")
        try:
            self._log = self._writer.submit(open_logbook).result()
            self._feed: Feed = self._follower.submit(self._log.feed).result()
        except BaseException:
            self._stop()
            raise

    async def write(self, verb: Callable[[Logbook], T]) -> T:
        """One edit; durable when this returns."""
        return await self._run(self._writer, lambda: verb(self._log))

    async def read(self, question: Callable[[Logbook], T]) -> T:
        """One short question."""
        return await self._run(self._reader, lambda: question(self._log))

    async def poll(self) -> Sequence[LoggedChange]:
        """What was committed since the last poll, by anybody; `trouble` and `journal_only` are as of then."""
        return await self._run(self._follower, self._look)

    def _look(self) -> Sequence[LoggedChange]:
        try:
            return self._feed.poll()
        finally:
            elsewhere = self._log.elsewhere
            self.journal_only = elsewhere is not None
            self.trouble = elsewhere or self._log.warning

    def write_later(self, verb: Callable[[Logbook], object]) -> Future[object]:
        """Put an edit in line without waiting for it (a draft, on the way out)."""
        return self._writer.submit(lambda: verb(self._log))

    def close(self) -> None:
        """Wait for what was asked, then close the log; a second call does nothing."""
        try:
            self._follower.submit(self._feed.close).result()
            self._reader.submit(lambda: None).result()
            self._writer.submit(self._log.close).result()
        except RuntimeError:
            return  # closed already
        finally:
            self._stop()

    def _stop(self) -> None:
        for threads in (self._follower, self._reader, self._writer):
            threads.shutdown()

    @staticmethod
    async def _run(threads: ThreadPoolExecutor, work: Callable[[], T]) -> T:
        # shielded: a screen that closes must not leave an edit half asked for
        return await asyncio.shield(asyncio.wrap_future(threads.submit(work)))
