"""How long the event loop is held by what it calls, and by what: a key that comes meanwhile waits that long.

Used by `run_app` for `onset --debug`, and by tests, which allow no turn of the loop more than `LIMIT_S`.
"""

from __future__ import annotations

import asyncio
import selectors
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LIMIT_S = 0.05
_LOOK_S = 0.01
_FRAMES = 12  # of a stack, innermost last; above them is Textual's own delivery of messages


@dataclass(frozen=True, slots=True)
class Held:
    """A turn of the loop that took too long.

    Attributes:
        seconds: from when the loop had something to do until it asked for more.
        cpu_seconds: of the processor that its thread used meanwhile; the rest it waited, for a disk or a busy machine.
        where: what it was doing when the limit had passed, outermost first; empty where nobody saw it.
    """

    seconds: float
    cpu_seconds: float
    where: tuple[str, ...]

    def __str__(self) -> str:
        spent = f"held {self.seconds * 1000:.0f} ms ({self.cpu_seconds * 1000:.0f} ms of the processor)"
        return f"{spent}: {' > '.join(self.where) or 'unseen'}"


class Watchdog(selectors.DefaultSelector):
    """The selector of a loop, which the loop comes back to after each turn; a thread looks at the turn meanwhile."""

    def __init__(self, tell: Callable[[Held], None], *, limit_s: float = LIMIT_S, of_cpu: bool = False) -> None:
        """Make it in the thread that runs the loop.

        Args:
            tell: called by the loop after a turn that took longer than `limit_s`.
            limit_s: seconds.
            of_cpu: the limit is one of the processor's time, which a machine that others keep busy does not stretch.
        """
        super().__init__()
        self._tell = tell
        self._limit_s = limit_s
        self._of_cpu = of_cpu
        self._loop_thread = threading.get_ident()
        self._began: tuple[float, float] | None = None  # on both clocks; None while the loop waits
        self._where: tuple[str, ...] = ()
        self._closed = threading.Event()
        self._looking = threading.Thread(target=self._look, name="watchdog", daemon=True)
        self._looking.start()

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        if self._began is not None:
            seconds, cpu_seconds = time.monotonic() - self._began[0], time.thread_time() - self._began[1]
            self._began = None
            if (cpu_seconds if self._of_cpu else seconds) > self._limit_s:
                self._tell(Held(seconds, cpu_seconds, self._where))
        ready = super().select(timeout)
        self._where = ()
        self._began = time.monotonic(), time.thread_time()
        return ready

    def close(self) -> None:
        self._closed.set()
        self._looking.join()
        super().close()

    def _look(self) -> None:
        while not self._closed.wait(_LOOK_S):
            began = self._began
            if began is not None and not self._where and time.monotonic() - began[0] > self._limit_s:
                frame = sys._current_frames().get(self._loop_thread)  # noqa: SLF001  # documented, for debuggers
                if frame is not None and self._began is began:
                    stack = traceback.extract_stack(frame)[-_FRAMES:]
                    self._where = tuple(f"{Path(each.filename).name}:{each.lineno} {each.name}" for each in stack)


@contextmanager
def watched_loop(
    tell: Callable[[Held], None], *, limit_s: float = LIMIT_S, of_cpu: bool = False
) -> Iterator[asyncio.AbstractEventLoop]:
    """An event loop of this thread whose long turns are told; see `Watchdog`."""
    loop = asyncio.SelectorEventLoop(Watchdog(tell, limit_s=limit_s, of_cpu=of_cpu))
    try:
        yield loop
    finally:
        loop.run_until_complete(loop.shutdown_default_executor())
        loop.close()
