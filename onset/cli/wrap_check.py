"""`onset wrap --check`: what is missing before a day can end well; it ends nothing and issues nothing."""

from __future__ import annotations

import json
import re
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import open_logbook
from onset.errors import ConfigError, RefusedError, ReportError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.domain.issue import Issue
    from onset.domain.production import Day
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook

_SHOWN = 12  # of one kind; --json has all
_PART = re.compile(r"(?:roll (?P<roll>.+?))??(?: ?\bcamera (?P<camera>.+))?", re.DOTALL)


def check(production: Path, unit: str, number: int | None, *, as_json: bool) -> int:
    """List it; the exit code is 1 where something is missing."""
    from onset.cli.wrap import day_meant, left_open
    from onset.reports.gaps import unstamped

    logbook = open_logbook(production)
    try:
        day = day_meant(logbook, unit, number)
        left = left_open(logbook, unit, day.number)
        missing = {
            "stamps": list(unstamped(logbook, day.number, unit)),
            "credits": list(_credits(logbook, day)),
            "clips": list(_clips(logbook, day)),
            "conflicts": list(left.conflicts),
            "questions": list(left.questions),
            "cards": list(left.cards),
            "corrections": list(_corrections(logbook, production, day)),
            "recipients": list(_recipients(production)),
        }
    finally:
        logbook.close()
    complete = not any(missing.values())
    if as_json:
        told: dict[str, Json] = {"unit": unit, "day": day.number, "complete": complete}
        print(json.dumps({**told, "missing": missing}, indent=2))
        return int(not complete)
    for what, sentences in missing.items():
        for line in _some(what, sentences):
            print(line)
    if complete:
        print(f"Nothing is missing of day {day.number} of unit {safe_text(unit)}.")
    return int(not complete)


def _some(what: str, sentences: list[str]) -> Iterator[str]:
    yield from (f"{what}: {sentence}" for sentence in sentences[:_SHOWN])
    if len(sentences) > _SHOWN:
        yield f"{what}: {len(sentences) - _SHOWN} more (--json has all)"


def _credits(logbook: Logbook, day: Day) -> Iterator[str]:
    from onset.domain.scene import scene_label
    from onset.logbook.totals import APART
    from onset.reports.day import takes_of

    credited = {one.label for one in logbook.credits(unit=day.unit, day=day.number)}
    shot = (take for take in takes_of(logbook, day.number, day.unit) if take.kind not in APART)
    labels = dict.fromkeys(scene_label(take.scene, take.episode) for take in shot)
    for label in labels:
        if label not in credited:
            yield f"scene {safe_text(label)} was shot and nobody credited it"


def _clips(logbook: Logbook, day: Day) -> Iterator[str]:
    from onset.reports.day import takes_of
    from onset.reports.gaps import without_file

    for take in takes_of(logbook, day.number, day.unit):
        if without_file(take):
            yield f"{safe_text(take.label)} has no confirmed file"


def _corrections(logbook: Logbook, production: Path, day: Day) -> Iterator[str]:
    """Reports of days that have ended, and say something else now than when they were issued.

    Of parts of a day those of a roll or a camera; what went out at lunch is another thing by the evening.
    """
    last = day.number if day.wrapped_ns is not None else day.number - 1
    newest: dict[tuple[int, str, str], tuple[Issue, Sequence[str]]] = {}
    for issue in logbook.issues(unit=day.unit):
        part = _part(issue.scope)
        if issue.day is not None and issue.day <= last and part is not None:
            newest[issue.day, issue.report, issue.scope] = issue, part
    for (number, kind, scope), (issue, part) in sorted(newest.items()):
        for why in _corrected(logbook, production, issue, number, part):
            what = safe_text(f"{kind} report of {scope}," if scope else f"{kind} report")
            words = (
                f"wrap --day {number}"
                if not part
                else shlex.join(["report", kind, f"--day={number}", *part, "--issue"])
            )
            again = f'"onset {safe_text(words)}" issues it again'
            yield f"the {what} of day {number} {why} revision {issue.revision}; {again}"


def _part(scope: str) -> Sequence[str] | None:
    """The options of `onset report` that make a report of such a part; None where a part is not made again."""
    found = _PART.fullmatch(scope)
    return None if found is None else [f"--{name}={label}" for name, label in found.groupdict().items() if label]


def _corrected(logbook: Logbook, production: Path, issue: Issue, day: int, part: Sequence[str]) -> Iterator[str]:
    from onset.cli.report import KINDS
    from onset.cli.report_issue import as_it_stands
    from onset.cli.wrap_papers import paper

    if issue.report not in KINDS:
        return  # a newer program's
    try:
        made = paper(logbook, production, issue.report, day, issue.unit, part=part, stills=False)
        revision = as_it_stands(logbook, replace(made, scope=issue.scope)).log.revision
    except (ReportError, RefusedError):
        yield "cannot be made any more, unlike"
        return
    if revision is not None and revision.draft:
        yield "differs from"


def _recipients(production: Path) -> Iterator[str]:
    from onset.cli.wrap_papers import configured, recipients_of

    try:
        recipients_of(configured(production)[0], "wrap")
    except ConfigError as error:
        yield str(error)
