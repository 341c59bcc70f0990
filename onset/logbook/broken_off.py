"""Takes that roll in the log although nobody can see their cut any more: the program or the machine went down.

Shown as such, and offered for closing; never closed by itself, because the cameras may be rolling still.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from onset.domain.take import State, Take

# Beyond any magazine, card or battery.
_LONGEST_TAKE_NS = 12 * 3_600 * 1_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """What a program knows of the machine on which it asks.

    Attributes:
        wall_ns: now, UTC.
        boot: names the machine's boot; None when unknown.
        lives: whether the program of that name runs.
        recording_since_ns: start of the capture service, which records on when the screen is gone; None: none runs.
    """

    wall_ns: int
    boot: str | None
    lives: Callable[[str], bool]
    recording_since_ns: int | None = None


def is_broken_off(take: Take, here: Here, *, own: bool) -> bool:
    """Whether nobody can have seen the take's cut.

    Args:
        take: any.
        here: the machine on which this is asked.
        own: this seat rolled it, so another boot is an earlier one of this machine, and not another machine's.
    """
    if take.state is not State.ROLLING:
        return False
    if here.wall_ns - take.rolled_ns > _LONGEST_TAKE_NS:
        return True
    if take.boot is None or here.boot is None:
        return False
    if take.boot != here.boot:
        return own
    recorded = here.recording_since_ns is not None and here.recording_since_ns <= take.rolled_ns
    return take.program is not None and not recorded and not here.lives(take.program)
