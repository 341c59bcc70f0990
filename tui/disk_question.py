"""Asks something of disks, each question in a thread that nobody waits for.

Used by Offload, Day, the pictures and the player: a network disk that has gone may hold up whoever asks for minutes,
and must neither use up the threads that others need nor keep the app from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Generic, TypeVar

T = TypeVar("T")

ANSWERS_S = 3.0  # a disk that takes longer is called silent


class DiskQuestion(Generic[T]):
    """One question that is asked again and again; never while it still waits for its answer."""

    def __init__(self) -> None:
        """Nothing is asked yet."""
        self._waiting: asyncio.Future[T] | None = None

    async def ask(self, question: Callable[[], T]) -> T | None:
        """The answer, None where the disk is silent; the old question is waited for then, and none asked beside it.

        Raises:
            OSError: a disk went while it was looked at, or whatever else `question` raises.
        """
        waiting = self._waiting
        if waiting is None:
            waiting = self._waiting = asyncio.get_running_loop().create_future()
            threading.Thread(target=_answer, args=(question, waiting), name="disk", daemon=True).start()
        done, _ = await asyncio.wait({waiting}, timeout=ANSWERS_S)
        if not done:
            return None
        self._waiting = None
        return waiting.result()


def _answer(question: Callable[[], T], waiting: asyncio.Future[T]) -> None:
    def tell(put: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the app has ended meanwhile
            waiting.get_loop().call_soon_threadsafe(put)

    try:
        answer = question()
    except Exception as error:  # whoever asked gets it
        tell(partial(waiting.set_exception, error))
    else:
        tell(partial(waiting.set_result, answer))
