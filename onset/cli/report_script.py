"""What `onset report` makes for the script supervisor: the daily progress report and the facing pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.report import known_day, names_of
from onset.errors import UsageError

if TYPE_CHECKING:
    from onset.logbook.protocol import Logbook
    from onset.reports.facing import FacingPages
    from onset.reports.progress import ProgressReport


def progress_report_of(
    logbook: Logbook, production: Path, day: int | None, unit: str, *, partial: bool = False
) -> ProgressReport:
    """The progress report of a day, the newest one by default; `partial`: of a day that goes on.

    Nothing is matched before: what files say changes no number of it.
    """
    from onset.reports.progress_day import progress_report

    number = known_day(logbook, day, unit)
    company, director = names_of(logbook, production)
    return progress_report(logbook, number, unit=unit, company=company, director=director, partial=partial)


def facing_pages_of(
    logbook: Logbook, production: Path, day: int | None, unit: str, *, scene: str | None = None, every: bool = False
) -> FacingPages:
    """The facing pages of a scene, of `every` scene, else of those that a day touched, the newest one by default.

    Raises:
        ReportError: there is no such scene, day or unit.
        SlateError: no scene could be called so.
        UsageError: more than one of the three was asked for.
    """
    from onset.reports.facing_pages import pages_of_all, pages_of_day, pages_of_scene
    from onset.slate import check_label

    if sum((day is not None, scene is not None, every)) > 1:
        raise UsageError(
            "Facing pages are of one scene (--scene), of a day (--day) or of all (--all); give one of them."
        )
    company, director = names_of(logbook, production)
    if every:
        return pages_of_all(logbook, company=company, director=director)
    if scene is None:
        number = known_day(logbook, day, unit)
        return pages_of_day(logbook, number, unit=unit, company=company, director=director)
    episode, colon, label = scene.rpartition(":")
    name = (check_label(label, "scene"), (episode or None) if colon else logbook.board(unit).episode)
    return pages_of_scene(logbook, name, company=company, director=director)
