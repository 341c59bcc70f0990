"""Room that running and waiting jobs will still take: a card that fits now may not when its turn comes.

Used by the plan and the forecast. It is only told: a job may be cancelled, and room may be made. When a job that waited
gets its turn, what does not fit is refused.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from onset.domain.measures import in_bytes
from onset.offload.card import Card
from onset.offload.disks import standing
from onset.offload.journal import JobSummary
from onset.offload.place import Place
from onset.offload.preflight import bytes_needed
from onset.text import safe_path, safe_text


def too_little_later(card: Card, places: Sequence[Place], jobs: Sequence[JobSummary]) -> list[str]:
    """A sentence for each target that will have no room for the card after the jobs that are there.

    Args:
        card: as it was found.
        places: where it goes.
        jobs: all on record.
    """
    running = [job for job in jobs if job.running]
    if not running:
        return []
    told = []
    for place in places:
        there = standing(place.folder)
        device, found = there.stat().st_dev, os.statvfs(there)
        ahead = [(job, left) for job in running if (left := bytes_left(job, device))]
        after = found.f_bavail * found.f_frsize - sum(left for _, left in ahead)
        needed = bytes_needed(card.tree, place, found.f_frsize or 4096)
        if ahead and needed > after:
            labels = ", ".join(dict.fromkeys(safe_text(job.sheet.label) for job, _ in ahead))
            name = safe_text(place.target.name) if place.target.name else safe_path(place.target.path)
            told.append(
                f"after {labels} {name} has {in_bytes(max(0, after))} left and {safe_text(card.label)} needs "
                f"{in_bytes(needed)}; make room, or it is refused when its turn comes"
            )
    return told


def bytes_left(job: JobSummary, device: int) -> int:
    """Bytes that a job has still to write to a file system (st_dev)."""
    progress = job.progress or {}
    whole, targets = progress.get("bytes"), progress.get("targets")
    left = 0
    for target in targets if isinstance(targets, list) and isinstance(whole, int) else ():
        with suppress(OSError, TypeError, KeyError):
            if target["lost"] is None and standing(Path(target["path"])).stat().st_dev == device:
                left += max(0, whole - max(target["written"], target["verified"]))
    return left
