"""The second half of an offload that goes by way of a fast disk: targets that are filled from the first copy.

Used by `onset offload` with `--then` (or `after` in the configuration). It begins when the card is on its first disks,
and from then on the card is not needed; the same command goes on with it, with or without the card.
"""

from __future__ import annotations

import argparse
import os
import sys
import threading
from collections.abc import Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import OffloadError, OnsetError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.offload_log import InLog
    from onset.offload.cascade import Rest
    from onset.offload.giveway import Recorder
    from onset.offload.job import Request
    from onset.offload.journal import JobSheet, JobSummary
    from onset.offload.outcome import Outcome
    from onset.offload.place import Target

UNFILLED = "was not filled: no copy is whole that it could be filled from"
UNRECORDED = "was not filled: what the first copy was held against could not be kept in the job's record"


@dataclass(frozen=True, slots=True)
class Filled:
    """What came of it: the last filling's outcome, which tells of every copy of the card, and what the log has.

    Attributes:
        failed: why the one after it was refused or stopped.
    """

    outcome: Outcome
    in_log: InLog | None
    failed: Exception | None = None


def rest_on_record(request: Request) -> Rest | None:
    """What is left of a card whose first copy was made by an earlier run; None where the card is to be read.

    Raises:
        OffloadError: the card is not there, and nothing can be done without it.
    """
    from onset.offload.journal import find_jobs, jobs_folder

    jobs = find_jobs(jobs_folder(os.environ))
    mine = [job for job in jobs if job.sheet.then and _may_be(request, job)]
    if not mine:
        return None
    from onset.offload.card import scan_card
    from onset.offload.cascade import find_rest

    targets, then = request.targets, [later.target for later in request.then]
    if _is_gone(request.card):
        was_there = partial(_was_there, request)
        rest = find_rest(jobs, was_there, targets, then)
        if rest is None or rest.next(()) is None:
            _refuse(request, rest, [job for job in mine if was_there(job.sheet)])
        return rest
    fingerprint = scan_card(request.card, request.label).fingerprint
    rest = find_rest(jobs, lambda sheet: sheet.fingerprint == fingerprint, targets, then)
    following = rest.next(()) if rest is not None else None
    if rest is None or following is None:
        return None
    return rest if rest.proven.is_there(following[0]) else None  # else the card is read, since it is there


def _may_be(request: Request, job: JobSummary) -> bool:
    """Whether a job's folders lie on everything that is asked for: only then is the card worth a look."""
    folders = [*job.sheet.folders, *(folder for folder, _ in job.sheet.then)]
    return all(any(Path(folder).is_relative_to(each.path) for folder in folders) for each in request.targets)


def _is_gone(card: Path) -> bool:
    """Whether no card is there: no folder, or the empty one where it was mounted."""
    try:
        with os.scandir(card) as entries:
            return next(entries, None) is None
    except OSError:
        return True


def _was_there(request: Request, sheet: JobSheet) -> bool:
    """Whether a job read its card where this command means it."""
    names = (None, sheet.label, os.path.basename(sheet.card))  # the Offload screen says the last one
    return sheet.card == os.path.realpath(request.card) and request.label in names


def _refuse(request: Request, rest: Rest | None, jobs: Sequence[JobSummary]) -> None:
    """Say why nothing can be done without the card, where the records tell; else the card is looked for, and missed."""
    shown = safe_path(request.card)
    if rest is not None and not rest.open:
        raise OffloadError(f"There is no card at {shown}, and nothing is left to fill: all copies of it were made.")
    if rest is not None:
        bad = ", ".join(safe_path(each.path) for each in rest.proven.targets)
        raise OffloadError(
            f"There is no card at {shown}, and no copy of it is whole ({bad}); put it in its reader and give the same "
            "command again."
        )
    if jobs:
        label, there = safe_text(jobs[0].sheet.label), ", ".join(map(safe_path, jobs[0].sheet.folders))
        raise OffloadError(
            f"There is no card at {shown}, and the first copy of {label} ({there}) is not finished; put the card in "
            "its reader and give the same command again."
        )


def rest_after(outcome: Outcome) -> Rest | None:
    """What is left when the card has been read; None where nothing was to be filled."""
    from onset.offload.cascade import rest_of
    from onset.offload.journal import find_jobs, jobs_folder

    return rest_of(find_jobs(jobs_folder(os.environ)), outcome.job)


def fill(
    args: argparse.Namespace,
    production: Path | None,
    request: Request,
    rest: Rest,
    asked: threading.Event,
    recorder: Recorder | None = None,
) -> Filled | None:
    """Fill everything that can be filled, one copy after the other; None where no copy is whole.

    Args:
        args: the command's.
        production: whose log takes the result.
        request: of the whole command, for its targets and what manifests carry.
        rest: what is left.
        asked: to stop.
        recorder: who may not be disturbed.

    Raises:
        OffloadError: the first of them was refused or stopped; says what stands, and that the same command goes on.
    """
    from onset.cli.offload import into_log, watched
    from onset.cli.offload_end import kept_awake
    from onset.offload.cascade import Filling, rest_of, target_for
    from onset.offload.journal import find_jobs, jobs_folder

    state = jobs_folder(os.environ)
    everything = (*request.targets, *(later.target for later in request.then))
    tried: set[str] = set()
    filled: Filled | None = None
    while (following := rest.next(tried)) is not None:
        source, folders = following
        targets = tuple(target_for(folder, everything) for folder in folders)
        reads = target_for(source, everything)
        asks = replace(request, card=Path(source), targets=targets)
        job = Filling(asks, rest, SystemClock(), state, recorder, reads)
        try:
            with kept_awake(rest.proven.label):
                watched(job.plan, job, args.progress, asked)
                outcome = watched(partial(job.run, rest.first.contents), job, args.progress, asked, ends=True)
        except OnsetError as error:
            label, names = safe_text(rest.proven.label), spell(folders, everything)
            failed = OffloadError(f"{label} is whole on {safe_path(source)}, but not on {names}: {error}")
            if filled is None:
                raise failed from error
            left = [folder for folder, _ in rest.open if folder not in tried]
            return replace(filled, outcome=with_unfilled(filled.outcome, left, why_not(error)), failed=failed)
        filled = Filled(outcome, into_log(args, production, outcome))
        tried.update(folders)
        rest = rest_of(find_jobs(state), rest.first.sheet.id) or rest
    if filled is None:
        return None
    left = [folder for folder, _ in rest.open if folder not in tried]
    return replace(filled, outcome=with_unfilled(filled.outcome, left))


def with_unfilled(outcome: Outcome, folders: Collection[str], why: str = UNFILLED) -> Outcome:
    """The same, with copies that were not made; by default because there is none to make them from."""
    from onset.offload.outcome import Gravity, Problem

    unfilled = (Problem(None, each, why, Gravity.INCOMPLETE) for each in folders)
    return replace(outcome, problems=(*outcome.problems, *unfilled))


def why_not(error: Exception) -> str:
    """What is said of a copy of which the making was refused or stopped."""
    cause = error.__cause__ if isinstance(error.__cause__, OnsetError) else error
    return f"was not filled: {cause if isinstance(cause, OnsetError) else f'{type(cause).__name__}: {cause}'}"


def without_record(request: Request, outcome: Outcome) -> Outcome:
    """The same where nothing can be filled, since what was proven of the card could not be kept."""
    targets = [each.target for each in request.then]
    folders = [str(each.path if each.counted else each.path / each.folder) for each in targets]
    return with_unfilled(outcome, folders, UNRECORDED)


def tell_first(args: argparse.Namespace, request: Request, outcome: Outcome, rest: Rest) -> None:
    """The card is on its first disks: say so at once, for the card may leave the reader."""
    from onset.offload.proven import is_whole

    everything = (*request.targets, *(later.target for later in request.then))
    whole = [each.path for each in outcome.targets if is_whole(each, outcome.files)]
    if not whole or rest.next(()) is None:
        return
    label = safe_text(outcome.label)
    leaves = "the card may leave the reader" if outcome.exit_code == 0 else f"but {_went_wrong(outcome, everything)}"
    lines = [f"{label} is on {spell(whole, everything)}, verified; {leaves}."]
    from_each: dict[str, list[str]] = {}
    for folder, meant in rest.open:
        source = meant if meant in dict(rest.open) else rest.source_of(folder) or meant
        from_each.setdefault(source, []).append(folder)
    for source, folders in from_each.items():
        are = "is" if len(folders) == 1 else "are"
        lines.append(f"{spell(folders, everything)} {are} being filled from {spell([source], everything)}.")
    lines.append(_safe_yet(outcome, len(whole), request.copies))
    say(args, " ".join(lines))


def _went_wrong(outcome: Outcome, everything: Sequence[Target]) -> str:
    """What is to be seen to while the others are filled, in a clause; the result has it all."""
    lost = [each for each in outcome.targets if each.lost is not None]
    if lost:
        told = ", ".join(
            f"{spell([each.path], everything)} was given up ({safe_text(each.lost or '')})" for each in lost
        )
        return f"{told}; see to it and give the same command again with the card"
    first = outcome.problems[0]
    more = f" and {len(outcome.problems) - 1} more" if len(outcome.problems) > 1 else ""
    where = f"{safe_text(first.path)} " if first.path is not None else ""
    return f"{where}{safe_text(first.what)}{more}; keep the card"


def _safe_yet(outcome: Outcome, whole: int, copies: int) -> str:
    if outcome.verdict == "safe":
        return "Its copies are safe already."
    if whole < copies:
        return f"Not safe to format yet: {whole} of {copies} copies."
    return f"Not safe to format yet: {outcome.reasons[0]}."


def tell_going_on(args: argparse.Namespace, request: Request, rest: Rest) -> None:
    """An earlier run made the first copy: say that the card is not read again."""
    from onset.offload.plan import spell_moment
    from onset.offload.stands import found_bad

    everything = (*request.targets, *(later.target for later in request.then))
    made = [each for each in rest.proven.targets if rest.proven.whole(each.path)]
    known = request.known_bad()
    bad = [each.path for each in made if found_bad(each.manifest or "", known) is not None]
    whole = [each.path for each in made if each.path not in bad]
    when = spell_moment(rest.first.sheet.started_ns)
    label, names = safe_text(rest.proven.label), spell([folder for folder, _ in rest.open], everything)
    told = (
        f"{label} is on {spell(whole, everything)}, read and verified {when}; the card is not needed." if whole else ""
    )
    since = f"What {label} has on {spell(bad, everything)} was found bad since {when}." if bad else ""
    keep = "Keep the card." if bad and not whole else ""
    say(args, " ".join(each for each in (told, since, keep, f"Going on with {names}.") if each))


def spell(folders: Collection[str], asked: Sequence[Target]) -> str:
    """Targets by their names, or by their paths where they have none."""
    from onset.offload.cascade import target_for

    found = [target_for(folder, asked) for folder in folders]
    return ", ".join(safe_text(each.name) if each.name is not None else safe_path(each.path) for each in found)


def say(args: argparse.Namespace, words: str) -> None:
    """A line for people; a program reads the document and the progress. Nobody has to read it."""
    if args.progress == "jsonl":
        return
    with suppress(OSError):
        print(words, file=sys.stderr if args.json else sys.stdout, flush=True)


def is_in_reader(card: Path, outcome: Outcome) -> bool:
    """Whether the card that was read is still the one that is there: its reader may hold the next one by now."""
    from onset.offload.card import scan_card

    try:
        return scan_card(card, outcome.label).fingerprint == outcome.fingerprint
    except OffloadError:
        return False
