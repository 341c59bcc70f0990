"""What the continuity report asks of others than the log: the stills in the production's folder."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.report import known_day, names_of

if TYPE_CHECKING:
    import argparse

    from onset.domain.still import Still
    from onset.logbook.protocol import Logbook
    from onset.reports.continuity import ContinuityReport


def continuity_report_of(
    args: argparse.Namespace, logbook: Logbook, production: Path, *, stills: bool
) -> ContinuityReport:
    """Continuity of all scenes, or of those that were asked for.

    Raises:
        ReportError: there is no such day or unit; or nothing was written of what was asked for.
        SlateError: no scene could be called so.
    """
    from onset.reports.continuity_pages import Wanted, continuity_report
    from onset.slate import check_label
    from onset.stills.small import small_still

    if args.day is not None or args.unit not in [unit.name for unit in logbook.units()]:
        known_day(logbook, args.day, args.unit)
    episode, scene = None, args.scene
    if scene is not None:
        before, colon, scene = scene.rpartition(":")
        scene = check_label(scene, "scene")
        episode = (before or None) if colon else logbook.board(args.unit).episode
    company, director = names_of(logbook, production)

    def picture(still: Still) -> bytes | None:
        return small_still(production / still.path)

    return continuity_report(
        logbook,
        Wanted(scene=scene, episode=episode, character=args.character, story_day=args.story_day, day=args.day),
        unit=args.unit,
        company=company,
        director=director,
        picture=picture if stills else None,
    )
