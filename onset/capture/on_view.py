"""What the capture service itself puts on the live bus: the alarms that stand, and how the clocks run.

Used by session.py. Nobody has to look; the log and the status answer say the same.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from onset.capture.alarms import AlarmList
from onset.capture.clocks import Clocks
from onset.capture.signals import SERVICE, ClockNow, Slot, Standing
from onset.clock import Clock
from onset.errors import CaptureError


class OnView:
    """One service's own slots. One thread only."""

    def __init__(
        self,
        publish: Callable[[Slot], None],
        alarms: AlarmList,
        clocks: Clocks,
        clock: Clock,
        away: Callable[[str], bool],
    ) -> None:
        """Nothing is shown yet.

        Args:
            publish: puts a slot on the live bus.
            alarms: what is wrong.
            clocks: watches over the timecode sources.
            clock: stamps the slots.
            away: whether the device of a timecode source does not deliver.
        """
        self._publish = publish
        self._alarms = alarms
        self._watched = clocks
        self._clock = clock
        self._away = away
        self._shown = -1
        self.clocks: list[ClockNow] = []

    def show_alarms(self, *, again: bool, last: bool = False) -> None:
        """Show what stands where that has changed; with `again` also for whoever has only begun to listen.

        Args:
            again: whether or not it has changed.
            last: the service ends.
        """
        if again or self._alarms.version != self._shown:
            self._shown = self._alarms.version
            now_ns = self._clock.monotonic_ns()
            self._put(Standing(device=SERVICE, alarms=self._alarms.now, mono_ns=now_ns, last=last))

    def show_clocks(self, take_id: str | None) -> None:
        """Compare the clocks, while that take rolls, and show how they are."""
        found = self._watched.turn(self._alarms, take_id, self._away)
        self.clocks = found.clocks
        self._put(found)

    def _put(self, slot: Slot) -> None:
        with contextlib.suppress(CaptureError):  # no bus
            self._publish(slot)
