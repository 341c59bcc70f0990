"""The papers of a day: what is ordered from the log, made into a folder, and told. Used by `onset wrap`."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import ConfigError, OnsetError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.wrap_papers import Papers
    from onset.cli.wrap_set import WrapSet
    from onset.clock import Clock
    from onset.domain.production import Day
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook
    from onset.recipients import Recipient
    from onset.targets import OffloadConfig


@dataclass(frozen=True, slots=True)
class Ordered:
    """What was asked of the log for a set; without `papers` it failed, and `problem` says why.

    Attributes:
        signed: who signs manifests.
        rolls: of this production, as they are called.
    """

    title: str
    day: Day
    occasion: str
    paper: str
    signed: OffloadConfig | None = None
    recipients: tuple[Recipient, ...] = ()
    papers: Papers | None = None
    rolls: tuple[str, ...] = ()
    problem: str | None = None
    exit_code: int = 0


@dataclass(frozen=True, slots=True)
class Delivered:
    """What became of it."""

    ordered: Ordered
    made: WrapSet | None
    pending: tuple[str, ...]
    problem: str | None
    exit_code: int


def order_papers(logbook: Logbook, production: Path, day: Day, occasion: str, note: str) -> Ordered:
    """Make and issue the reports of a day for those who get some; whatever is wrong with that, the day has ended."""
    from onset.cli.wrap_papers import configured, make_papers, recipients_of

    known = logbook.production()
    plain = Ordered(known.title, day, occasion, known.paper.lower())
    try:
        known_recipients, signed = configured(production)
        recipients = recipients_of(known_recipients, occasion)
    except ConfigError as error:
        return _failed(plain, f"{error} No folder was made.", error.exit_code)
    kinds = tuple(dict.fromkeys(kind for one in recipients for kind in one.reports))
    try:
        papers = make_papers(
            logbook,
            production,
            kinds,
            day.number,
            day.unit,
            occasion=occasion,
            note=note,
            asked=bool(known_recipients),
        )
    except OnsetError as error:
        return _failed(plain, f'{error} Give "onset wrap" again for the folder of the day.', error.exit_code)
    return replace(plain, signed=signed, recipients=recipients, papers=papers, rolls=_rolls(logbook, day))


def _failed(plain: Ordered, why: str, exit_code: int) -> Ordered:
    return replace(plain, problem=why, exit_code=exit_code)


def _rolls(logbook: Logbook, day: Day) -> tuple[str, ...]:
    """What cards of this production are called: a copy that this machine makes may be of another one."""
    from onset.reports.day import takes_of

    takes = takes_of(logbook, day.number, day.unit)
    logged = [
        roll for take in takes for roll in (*(one.roll for one in take.angles), *(one.roll for one in take.sound))
    ]
    loaded = (roll.label for unit in logbook.units() for roll in logbook.rolls(unit=unit.name))
    return tuple(dict.fromkeys((*filter(None, logged), *loaded, *(card.label for card in logbook.cards()))))


def deliver(production: Path, ordered: Ordered, left: Sequence[str], elsewhere: str | None, clock: Clock) -> Delivered:
    """Make the folder. It waits for nothing: what is not there yet is listed in it.

    Args:
        production: its folder.
        ordered: what goes into it.
        left: what has not come yet of the day, in sentences.
        elsewhere: that the log's newest edits are in the second journal only, or None.
        clock: names the time.
    """
    from onset.cli.wrap_set import Occasion, make_set

    pending = (*_copies_running(ordered.rolls), *left)
    if ordered.papers is None or ordered.signed is None:
        return Delivered(ordered, None, pending, ordered.problem, ordered.exit_code)
    if not ordered.recipients:
        return Delivered(ordered, None, pending, None, 0)
    occasion = Occasion(
        title=ordered.title,
        day=ordered.day,
        what=ordered.occasion,
        pending=pending,
        paper=ordered.paper,
        no_log=elsewhere,
    )
    try:
        made = make_set(production, occasion, ordered.recipients, ordered.papers, ordered.signed, clock)
    except OnsetError as error:
        return Delivered(ordered, None, pending, f'{error} Give "onset wrap" again for it.', error.exit_code)
    return Delivered(ordered, made, pending, None, int(not all(one.whole for one in made.given)))


def _copies_running(rolls: Sequence[str]) -> Iterator[str]:
    """Copies that this machine makes now of cards that are called as these rolls are."""
    from onset.offload.journal import find_jobs, jobs_folder
    from onset.reel import same_roll

    for job in find_jobs(jobs_folder(os.environ)):
        if job.running and any(same_roll(job.sheet.label, roll) for roll in rolls):
            number = len(job.sheet.folders)  # not where: that goes out to others
            yield f"{safe_text(job.sheet.label)} is still being copied ({number} {'copy' if number == 1 else 'copies'})"


def delivered_lines(delivered: Delivered) -> Iterator[str]:
    """What a person reads of it."""
    papers = delivered.ordered.papers
    for kind, each in papers.issued.items() if papers else ():
        if each.new and each.issue.revision > 1 and each.paper.log.revision is not None:
            number = len(each.paper.log.revision.differences)
            changes = f"{number} change{'s'[: number != 1]}"
            yield f"{kind} report: revision {each.issue.revision}, {changes} since revision {each.issue.revision - 1}"
    if papers is not None and not delivered.ordered.recipients:
        yield "No folder was made: no [[recipient]] of config.toml gets one at wrap."
    if delivered.made is None:
        return
    for one in delivered.made.given:
        for why in one.left_out:
            yield f"not for {safe_text(one.recipient.name)}, {safe_text(why)}"
    whom = ", ".join(safe_text(one.recipient.name) for one in delivered.made.given)
    what = "Folder" if delivered.made.anew else "Nothing changed since the folder"
    yield f"{what}: {safe_path(delivered.made.path)} (for {whom})"


def delivered_json(delivered: Delivered) -> dict[str, Json]:
    """The same for programs."""
    papers, made = delivered.ordered.papers, delivered.made
    return {
        "set": delivered.ordered.occasion,
        "folder": str(made.path) if made else None,
        "made": made.anew if made else False,
        "folder_problem": delivered.problem,
        "pending": list(delivered.pending),
        "reports": [
            {
                "report": kind,
                "revision": each.issue.revision,
                "issued": each.new,
                "changes": len(each.paper.log.revision.differences) if each.paper.log.revision else 0,
            }
            for kind, each in (papers.issued.items() if papers else ())
        ],
        "recipients": _recipients_json(made) if made else [],
    }


def _recipients_json(made: WrapSet) -> list[Json]:
    return [
        {
            "name": one.recipient.name,
            "path": str(made.path / one.recipient.place),
            "files": list(one.files),
            "left_out": list(one.left_out),
        }
        for one in made.given
    ]
