"""What `onset report` makes for the script supervisor: the daily progress report and the facing pages."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.report import known_day, names_of

if TYPE_CHECKING:
    from onset.logbook.protocol import Logbook
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
