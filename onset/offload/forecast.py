"""How much room the targets have now, and for how many more cards: looked at whenever somebody wants to know.

Used by the Offload screen. What running jobs will still write counts as taken; targets on one file system share it.
"""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from onset.errors import OffloadError
from onset.offload.disks import standing
from onset.offload.journal import JobSummary
from onset.offload.mounted import check_mounted
from onset.offload.place import Target
from onset.offload.plan import speed_to
from onset.offload.room_ahead import bytes_left
from onset.text import safe_path

_LAST_CARDS = 5  # what a card holds is the median of so many


@dataclass(frozen=True, slots=True)
class TargetNow:
    """One target as it is now.

    Attributes:
        name: as the configuration calls it.
        away: why nothing can be copied there, in a sentence; empty where its disk is there.
        free: bytes, 0 where it is away.
        ahead: of these, bytes that running and waiting jobs will still write to its file system.
        cards: so many more cards like the last ones fit after these jobs; None where no card tells.
        bytes_per_s: of a card, by the last whole jobs to it, read-back included; None where there are none.
    """

    name: str
    away: str = ""
    free: int = 0
    ahead: int = 0
    cards: int | None = None
    bytes_per_s: float | None = None


def usual_size(sizes: Sequence[int]) -> int | None:
    """What a card of this production holds, in bytes.

    Args:
        sizes: of its cards, newest first.

    >>> usual_size([500, 100, 300]), usual_size([])
    (300, None)
    """
    last = [size for size in sizes if size > 0][:_LAST_CARDS]
    return int(median(last)) if last else None


def look_at_targets(targets: Sequence[Target], jobs: Sequence[JobSummary], card_bytes: int | None) -> list[TargetNow]:
    """Look at every target, in their order. May block where a network disk is gone.

    Args:
        targets: of the configuration.
        jobs: all on record, newest first.
        card_bytes: what one more card will take; None where nobody knows.
    """
    away = {target.path: why for target in targets if (why := _away(target))}
    devices = {target.path: standing(target.path).stat().st_dev for target in targets if target.path not in away}
    shares = Counter(devices[target.path] for target in targets if target.path in devices)
    running = [job for job in jobs if job.running]
    found = []
    for target in targets:
        name = target.name or safe_path(target.path)
        if target.path in away:
            found.append(TargetNow(name, away[target.path]))
            continue
        device = devices[target.path]
        try:
            there = os.statvfs(target.path)
        except OSError as error:
            found.append(TargetNow(name, f"{safe_path(target.path)} does not answer ({error.strerror})."))
            continue
        free = there.f_bavail * there.f_frsize
        ahead = sum(bytes_left(job, device) for job in running)
        cards = max(0, free - ahead) // (card_bytes * shares[device]) if card_bytes else None
        found.append(TargetNow(name, "", free, ahead, cards, speed_to(target.path, jobs, "reread")))
    return found


def _away(target: Target) -> str:
    """Why nothing can be copied there now; empty where it can."""
    try:
        check_mounted([target])
    except OffloadError as error:
        return str(error)
    if not Path(target.path).is_dir():
        return f"There is no folder {safe_path(target.path)}; connect its disk, or make it."
    return ""
