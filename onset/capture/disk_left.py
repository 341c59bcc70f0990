"""How long the disk of the recordings lasts, all devices together, and the alarms when that is not long.

Used by session.py about once a second. Each worker says how long the disk would last for it alone; all of them write on
one disk, so their speeds add up.
"""

from __future__ import annotations

from collections.abc import Iterable

from onset.capture.alarms import AlarmList
from onset.capture.signals import SERVICE, Health
from onset.limits import Limits

LOW, FULL = "disk low", "disk nearly full"
_FRESH_NS = 5_000_000_000
_MARGIN = 1.1  # it must last a tenth longer before an alarm is over, so that no alarm flickers at its edge


def minutes_left(healths: Iterable[Health | None], now_ns: int) -> float | None:
    """Minutes until the disk is full when all devices record at once; None while nobody can tell.

    Args:
        healths: the newest of each device.
        now_ns: monotonic; old ones are left out.
    """
    found = [each.free_minutes for each in healths if each is not None and now_ns - each.mono_ns < _FRESH_NS]
    shares = [1 / minutes if minutes > 0 else float("inf") for minutes in found if minutes is not None]
    return 1 / sum(shares) if shares else None


class DiskLeft:
    """Raises and clears the alarms of the disk."""

    def __init__(self, alarms: AlarmList, limits: Limits) -> None:
        """Nothing stands."""
        self._alarms = alarms
        self._low, self._full = limits.disk_low_s / 60, limits.disk_full_s / 60

    def judge(self, minutes: float | None, now_ns: int, take_id: str | None) -> None:
        """The disk lasts so long; None changes nothing. One of the two alarms stands, never both."""
        if minutes is None:
            return
        now = f"It lasts {minutes:.0f} min now."
        if minutes < self._full:
            detail = f"The disk of the recordings lasts {minutes:.0f} min more; make room or change the disk now."
            self._alarms.stands(SERVICE, FULL, detail, now_ns, take_id)
            self._alarms.clear(SERVICE, {LOW}, now_ns, now)
            return
        if minutes >= self._full * _MARGIN:
            self._alarms.clear(SERVICE, {FULL}, now_ns, now)
        if minutes < self._low and not self._alarms.has(SERVICE, FULL):
            detail = f"The disk of the recordings lasts {minutes:.0f} min more."
            self._alarms.stands(SERVICE, LOW, detail, now_ns, take_id)
        elif minutes >= self._low * _MARGIN:
            self._alarms.clear(SERVICE, {LOW}, now_ns, now)
