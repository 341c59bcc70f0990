"""The circled takes of a day with a small picture each, for the wrap summary: those that were recorded on set.

Used by `wrap_day.py`. Without any picture there is no such table, and a report is as it was.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onset.domain.camera import Source
from onset.domain.take import Status, Take
from onset.media import thumbnails
from onset.reports.day import stopwatch
from onset.reports.section import Column, Section
from onset.text import safe_text

Small = Callable[[str], bytes | None]  # the JPEG at a path below the production's folder; None where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturedTake:
    """A circled take.

    Attributes:
        timing: `0:47`, with `~` where no action was stamped; empty where nobody knows.
        camera: whose picture it is.
        picture: JPEG of its middle, or else of its start or end.
    """

    take: str
    scene: str
    timing: str
    start: str
    camera: str
    picture: bytes | None


def pictured(takes: Sequence[Take], small: Small) -> tuple[PicturedTake, ...]:
    """The circled takes in shot order; none at all where no picture is there."""
    lines = [_line(take, small) for take in takes if take.status is Status.CIRCLED]
    return tuple(lines) if any(line.picture for line in lines) else ()


def _line(take: Take, small: Small) -> PicturedTake:
    camera, picture = _picture(take, small)
    frames = take.timing_frames
    timing = "" if frames is None else stopwatch(take.frame_rate.seconds_for(frames))
    return PicturedTake(
        take=safe_text(take.label),
        scene=safe_text(take.scene),
        timing=f"{'~' if take.timing_estimated and timing else ''}{timing}",
        start=safe_text(take.tc_in or ""),
        camera=safe_text(camera),
        picture=picture,
    )


def _picture(take: Take, small: Small) -> tuple[str, bytes | None]:
    for angle in take.angles:
        for clip in angle.clips:
            if clip.source is Source.RECORDER:
                start, middle, end = thumbnails(clip.path)
                for path in (middle, start, end):
                    if (found := small(path)) is not None:
                        return angle.camera, found
    return "", None


def pictures_section(lines: Sequence[PicturedTake]) -> Section:
    """As a table, the picture in the first column."""
    columns = (
        Column("", 0.14),
        Column("Take", 0.2),
        Column("Scene", 0.2),
        Column("Timing", 0.14),
        Column("Start", 0.18),
        Column("Camera", 0.14),
    )
    rows = tuple(
        ((), (line.take,), (line.scene,), (line.timing,), (line.start,), (line.camera,)) for line in lines
    )  # fmt: skip
    return Section(
        heading="Circled takes",
        columns=columns,
        rows=rows,
        empty="",
        bold=(1,),
        pictures=tuple(line.picture for line in lines),
        for_pictures=True,
    )
