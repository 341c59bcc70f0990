"""The circled takes of a day for the wrap summary, with a small picture of each that has one.

Used by `wrap_day.py`. A printing without pictures has the same table without their two columns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from onset.domain.camera import LinkState, Source
from onset.domain.take import Status, Take
from onset.logbook.totals import APART
from onset.media import small_pictures
from onset.reports.day import stopwatch
from onset.reports.section import Column, Section
from onset.text import safe_text

Small = Callable[[str], bytes | None]  # the JPEG at a path below the production's folder; None where there is none


@dataclass(frozen=True, slots=True, kw_only=True)
class PicturedTake:
    """A circled take.

    Attributes:
        key: the take's id.
        take: with its kind where it is none of the circled takes that are counted: `42WT/1, wild track`.
        timing: `0:47`, with `~` where no action was stamped; empty where nobody knows.
        camera: whose picture it is.
        picture: JPEG of its middle, or else of its start or end.
    """

    key: str
    take: str
    scene: str
    timing: str
    start: str
    camera: str
    picture: bytes | None


def pictured(takes: Sequence[Take], small: Small) -> tuple[PicturedTake, ...]:
    """The circled takes in shot order."""
    return tuple(_line(take, small) for take in takes if take.status is Status.CIRCLED)


def _line(take: Take, small: Small) -> PicturedTake:
    camera, picture = _picture(take, small)
    frames = take.timing_frames
    timing = "" if frames is None else stopwatch(take.frame_rate.seconds_for(frames))
    return PicturedTake(
        key=take.id,
        take=safe_text(take.label) + (f", {take.kind}" if take.kind in APART else ""),
        scene=safe_text(take.scene),
        timing=f"{'~' if take.timing_estimated and timing else ''}{timing}",
        start=safe_text(take.tc_in or ""),
        camera=safe_text(camera),
        picture=picture,
    )


def _picture(take: Take, small: Small) -> tuple[str, bytes | None]:
    for angle in take.angles:
        for clip in angle.clips:
            if clip.source is not Source.RECORDER and clip.link is not LinkState.CONFIRMED:
                continue  # what is only proposed is no fact on paper
            start, middle, end = small_pictures(clip)
            for path in (middle, start, end):
                if (found := small(path)) is not None:
                    return angle.camera, found
    return "", None


def pictures_section(lines: Sequence[PicturedTake]) -> Section:
    """As a table, the picture in the first column; what is compared is the takes, not whether a picture was found."""
    pictures = any(line.picture for line in lines)
    columns = (
        *([Column("", 0.14)] if pictures else []),
        Column("Take", 0.2),
        Column("Scene", 0.2),
        Column("Timing", 0.14),
        Column("Start", 0.18),
        *([Column("Camera", 0.14)] if pictures else []),
    )
    rows = tuple(
        (
            *([()] if pictures else []),
            (line.take,),
            (line.scene,),
            (line.timing,),
            (line.start,),
            *([(line.camera,)] if pictures else []),
        )
        for line in lines
    )
    return Section(
        heading="Circled takes",
        columns=columns,
        rows=rows,
        empty="",
        bold=(1,) if pictures else (0,),
        pictures=tuple(line.picture for line in lines) if pictures else (),
        keys=tuple(line.key for line in lines),
        compared=tuple((*row[:-1], ()) for row in rows) if pictures else (),
    )
