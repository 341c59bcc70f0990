"""Reading what a screen shows again when the log moved: once for a burst of changes, never twice at a time.

Used by Review and Day, whose readings take longer than a key may wait.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from textual.screen import Screen
from textual.timer import Timer


class Reread:
    """Asks for a reading when it is time. Everything runs on the event loop."""

    def __init__(self, screen: Screen[None], read: Callable[[], Awaitable[None]], settle_s: float) -> None:
        """`read` is awaited; `settle_s` is how long a burst may go on before it is read."""
        self._screen = screen
        self._read = read
        self._settle_s = settle_s
        self._timer: Timer | None = None
        self._reading = False
        self.stale = True

    @property
    def busy(self) -> bool:
        """Something waits to be read, or is being read."""
        return self._reading or self._timer is not None

    def moved(self) -> None:
        """What is shown is old: read it soon, or when the screen is shown again."""
        self.stale = True
        if self._screen.is_current and self._timer is None:
            self._timer = self._screen.set_timer(self._settle_s, self.now)

    def now(self) -> None:
        """Read it now, or right after the reading that goes on."""
        if self._timer is not None:
            self._timer.stop()
            self._timer = None
        self.stale = True
        if not self._reading:
            self._reading = True
            self._screen.run_worker(self._go())

    async def _go(self) -> None:
        try:
            self.stale = False
            await self._read()
        finally:
            self._reading = False
            if self.stale and self._screen.is_running:
                self.moved()
