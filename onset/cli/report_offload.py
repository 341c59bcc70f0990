"""What the offload report asks of others than the log: jobs' records, copies that are connected, a decoder."""

from __future__ import annotations

import os
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.report import matched_day, names_of, places_of, verdicts_of
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from onset.domain.card import Card
    from onset.logbook.protocol import Logbook
    from onset.offload.journal import JobSummary
    from onset.reports.offload import OffloadReport
    from onset.reports.offload_day import CopyRun


def offload_report_of(
    logbook: Logbook, production: Path, day: int | None, unit: str, *, stills: bool = True
) -> OffloadReport:
    """The offload report of a day, the newest one by default; verdicts as in the wrap summary."""
    from devices.media_av import AvMediaReader
    from onset.offload.journal import find_jobs, jobs_folder
    from onset.reconcile.card_copies import is_there
    from onset.reports.offload_day import offload_report

    number = matched_day(logbook, day, unit)
    company, director = names_of(logbook, production)
    runs: dict[str, CopyRun] = {}
    ended: dict[str, int] = {}
    told: dict[str, tuple[str, ...]] = {}
    sources: dict[tuple[str, str], str] = {}
    cards = {card.fingerprint for card in logbook.cards()}
    for job in find_jobs(jobs_folder(os.environ)):  # newest first
        if job.sheet.fingerprint not in cards:
            continue
        for copy, source in _made_from(job):
            sources.setdefault((job.sheet.fingerprint, copy), source)
        if job.sheet.source is not None:
            continue  # the card was read by another
        as_of_ns = (job.result or {}).get("as_of_ns")
        if isinstance(as_of_ns, int):
            ended.setdefault(job.sheet.fingerprint, as_of_ns)
        run = _run_of(job)
        if run is not None:
            runs.setdefault(job.sheet.fingerprint, run)
        if job.contents is not None:
            told.setdefault(job.sheet.fingerprint, _warnings(job.contents))
    for card, run in runs.items():
        if ended[card] > run.at_ns:
            runs[card] = replace(run, again_ns=ended[card])
    return offload_report(
        logbook,
        number,
        verdicts_of(logbook, production, number, unit),
        unit=unit,
        company=company,
        director=director,
        reader=AvMediaReader() if stills else None,
        run=runs.get,
        mounted=is_there,
        gaps=partial(_gaps, logbook, unit, told),
        made_from=lambda card, copy: sources.get((card.fingerprint, copy.path), ""),
        called=places_of(logbook, production).of,
    )


def _made_from(job: JobSummary) -> Iterator[tuple[str, str]]:
    """The copies that a job made, each with the one that it was made from; empty for one made from the card."""
    targets = (job.result or {}).get("targets")
    for each in targets if isinstance(targets, list) else ():
        if isinstance(each, dict) and isinstance(each.get("path"), str):
            source = each.get("source")
            yield each["path"], source if isinstance(source, str) else ""


def _run_of(job: JobSummary) -> CopyRun | None:
    """When a job copied, and how long it took; None for one that is not finished, or found files that were there."""
    from onset.reports.offload_day import CopyRun

    result = job.result or {}
    seconds, as_of_ns, targets = result.get("seconds"), result.get("as_of_ns"), result.get("targets")
    if not isinstance(seconds, int | float) or not isinstance(as_of_ns, int) or not isinstance(targets, list):
        return None
    if any(not isinstance(each, dict) or each.get("recognised") for each in targets):
        return None
    return CopyRun(as_of_ns, float(seconds))


def _warnings(contents: Mapping[str, object]) -> tuple[str, ...]:
    said = contents.get("warnings")
    return tuple(safe_text(str(each)) for each in said) if isinstance(said, list) else ()


def _gaps(logbook: Logbook, unit: str, told: Mapping[str, tuple[str, ...]], card: Card) -> Sequence[str]:
    """What a card should hold and does not, by a copy that is connected; and what was told when it was copied."""
    from onset.camera.clips import CardFile
    from onset.cards.contents import but_elsewhere, card_contents
    from onset.cards.last import clips_elsewhere
    from onset.errors import OffloadError
    from onset.offload.card import list_card
    from onset.reconcile.card_copies import is_there

    warnings = told.get(card.fingerprint, ())
    for copy in card.copies:
        if is_there(copy.path):
            try:
                tree = list_card(Path(copy.path))
            except OffloadError:
                continue
            files = [CardFile(each.path, each.size, each.mtime_ns) for each in tree.files.values()]
            known = clips_elsewhere(logbook, unit=unit, fingerprint=card.fingerprint)
            return (*but_elsewhere(card_contents(files, tree.folders), known).problems, *warnings)
    return warnings
