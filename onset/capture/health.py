"""How each device is, as the capture service knows it, and when one that failed is tried again.

Used by session.py and rack.py; `DeviceNow` travels to screens and to `onset devices` inside the status answer.
"""

from __future__ import annotations

import msgspec

from onset.capture.signals import Delivers, Medium, State

_FIRST_S = 0.5
_LONGEST_S = 30.0
_STEADY_S = 60.0

UP: frozenset[State] = frozenset({"live"})
DOWN: frozenset[State] = frozenset({"stalled", "lost", "missing"})


class DeviceNow(msgspec.Struct, frozen=True, kw_only=True):
    """One device at this moment.

    Attributes:
        medium: what it is; None until its worker has said so.
        recording: paths, below the media folder, of the files it is writing.
        pid: of its worker; None while there is none.
        restarts: how often its worker had to be started again.
        delivers: what it delivered when it was last open; None before.
    """

    name: str
    kind: str
    state: State
    detail: str
    medium: Medium | None = None
    recording: list[str] = []
    pid: int | None = None
    restarts: int = 0
    delivers: Delivers | None = None


class BackOff:
    """Waits twice as long after each failure, 0.5 s to 30 s; a minute without one starts afresh.

    >>> back_off = BackOff()
    >>> [back_off.failed(ran_s=0.1) for _ in range(8)]
    [0.5, 1.0, 2.0, 4.0, 8.0, 16.0, 30.0, 30.0]
    >>> back_off.failed(ran_s=3600.0)
    0.5
    """

    def __init__(self) -> None:
        self._next_s = _FIRST_S

    def failed(self, *, ran_s: float) -> float:
        """Seconds to wait before the next start, after one that held for `ran_s` seconds."""
        if ran_s >= _STEADY_S:
            self._next_s = _FIRST_S
        wait_s = self._next_s
        self._next_s = min(wait_s * 2, _LONGEST_S)
        return wait_s
