"""A still that a camera was asked for, and the take that it shows: the one that rolls, else the one that was cut last.

Used by session.py, which knows the takes, and by scribe.py, which writes it. While a take rolls there is no doubt;
after a cut it is proposed, for it may already show the next setup.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from onset.capture.signals import StillTaken
from onset.domain.camera import LinkState
from onset.domain.still import Still, TakenBy
from onset.domain.take import Take


@dataclass(frozen=True, slots=True)
class StillOfTake:
    """For the log."""

    device: str
    still: Still


def still_of(
    report: StillTaken, wall_ns: int, rolling: Sequence[Take], last_cut: Take | None, media: Path, folder: Path
) -> StillOfTake:
    """Which take a still belongs to.

    Args:
        report: of the camera's worker.
        wall_ns: when its frame was taken.
        rolling: takes that roll; of several that one in which the camera is.
        last_cut: the take that was cut last.
        media: folder of the recordings, absolute.
        folder: the production's, absolute.
    """
    own = [take for take in rolling if any(angle.camera == report.device for angle in take.angles)]
    rolls = next(iter([*own, *rolling]), None)
    take = rolls or last_cut
    path = os.path.relpath(media / report.path, folder)
    at = f"{report.device} at {report.tc} ({report.tc_source})"
    when = "while it rolled" if rolls else "after its cut" if take else "before any take"
    return StillOfTake(
        report.device,
        Still(
            id="",
            path=str(media / report.path) if path.startswith("..") else path,
            source_path=report.path,
            digest=report.digest,
            unit=take.unit if take else "",
            day=take.day if take else None,
            taken_ns=wall_ns,
            taken_by=TakenBy.RECORDER,
            camera=report.device,
            width=report.width,
            height=report.height,
            take_id=take.id if take else None,
            state=LinkState.CONFIRMED if rolls else LinkState.PROPOSED,
            evidence=f"{at}, {when}",
        ),
    )
