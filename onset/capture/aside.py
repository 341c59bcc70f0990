"""Questions to a disk that may never answer, asked on a thread of their own, so that no roll and no cut waits for them.

Used by the capture service for all that it asks its media folder: a network share that is gone, or a stick that hangs,
holds up whoever asks it.
"""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable
from typing import Generic, TypeVar

T = TypeVar("T")
Begin = Callable[[Callable[[], None]], None]


def on_a_thread(job: Callable[[], None]) -> None:
    """Do `job` on a thread that keeps no process alive."""
    threading.Thread(target=job, name="aside", daemon=True).start()


class Aside(Generic[T]):
    """One question at a time. One thread asks and takes the answers."""

    def __init__(self, begin: Begin = on_a_thread) -> None:
        """Nothing is asked yet; `begin` does a job, at once or elsewhere."""
        self._begin = begin
        self._answers: queue.SimpleQueue[T] = queue.SimpleQueue()
        self.out = False

    def ask(self, question: Callable[[], T]) -> None:
        """Ask; nothing while the answer to another question is still out. It must not raise."""
        if not self.out:
            self.out = True
            self._begin(lambda: self._answers.put(question()))

    def answer(self, wait_s: float = 0.0) -> T | None:
        """The answer, once; None while it is not there. Waits for it for at most `wait_s`."""
        try:
            found = self._answers.get(timeout=wait_s) if wait_s and self.out else self._answers.get_nowait()
        except queue.Empty:
            return None
        self.out = False
        return found
