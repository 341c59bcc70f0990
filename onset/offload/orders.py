"""What people may ask of a job in the queue, each answered in a sentence: pause, resume, cancel, first, last.

Used by `onset jobs` and the Offload screen. The answer says what will happen: the job itself sees the wish within half
a second, wherever it runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from enum import StrEnum
from pathlib import Path

from onset.errors import OffloadError
from onset.offload.journal import JobSummary, read_document
from onset.offload.progress import Phase
from onset.offload.queue import Standing, Stands, deciding, standings
from onset.offload.suspended import is_suspended, wake
from onset.offload.wishes import Wish, read_wish, write_wish
from onset.text import safe_path, safe_text

_PAST_STOPPING = (Phase.SEAL, Phase.DONE)


class Order(StrEnum):
    """What may be asked."""

    PAUSE = "pause"
    RESUME = "resume"
    CANCEL = "cancel"
    FIRST = "first"
    LAST = "last"


_WAKING = (Order.PAUSE, Order.RESUME, Order.CANCEL)  # a suspended job sees none of these, and lets nobody by


def meant(jobs: Sequence[JobSummary], name: str) -> JobSummary:
    """The job that a person means.

    Args:
        jobs: all on record, newest first.
        name: the card's label, the job's id, or the beginning of one.

    Raises:
        OffloadError: no such job, or several.
    """
    living = _called([job for job in jobs if job.running], name)
    if len(living) > 1:
        several = ", ".join(f"{safe_text(job.sheet.label)} ({safe_text(job.sheet.id)})" for job in living[:4])
        raise OffloadError(f'"{safe_text(name)}" may be {several}; give more of one, or its id.')
    found = living or _called(jobs, name)
    if found:
        return found[0]
    raise OffloadError(f'There is no job "{safe_text(name)}"; "onset jobs" lists them.')


def _called(jobs: Sequence[JobSummary], name: str) -> list[JobSummary]:
    if not name:  # every name begins with that
        return []
    whole = [job for job in jobs if name in (job.sheet.id, job.sheet.label)]
    return whole or [job for job in jobs if job.sheet.id.startswith(name) or job.sheet.label.startswith(name)]


def order(folder: Path, job: JobSummary, what: Order) -> str:
    """Ask something of a living job.

    Args:
        folder: of all jobs.
        job: as it was found.
        what: is asked.

    Returns:
        One sentence: what happens now.

    Raises:
        OffloadError: the job does not live, or cannot do that now; one sentence.
    """
    with deciding(folder):
        there = standings(folder)
        mine = next((each for each in there if each.job == job.sheet.id), None)
        label = safe_text(job.sheet.label)
        if mine is None:
            raise OffloadError(_not_there(job, label))
        wish = read_wish(job.folder)
        asleep = what in _WAKING and is_suspended(mine.pid)
        new, told = _answer(what, label, mine, wish, there, asleep=asleep)
        if (
            what in (Order.PAUSE, Order.CANCEL)
            and phase_of(read_document(job.folder / "progress.json")) in _PAST_STOPPING
        ):
            ends = "it ends by itself in a moment"
            if asleep:
                ends = "it was suspended in the middle of that, and resume wakes it"
            raise OffloadError(f"{label} is copied and being sealed; {ends}.")
        try:
            write_wish(job.folder, new)
        except OffloadError as error:
            raise OffloadError(
                f"{label} could not be told so: nothing can be written in {safe_path(job.folder)}; make room there and "
                "ask again, or stop it with Ctrl-C where it runs."
            ) from error
        if asleep and not wake(mine.pid):
            raise OffloadError(
                f"{label} is suspended and cannot be woken from here; bring it back with fg where it runs."
            )
    return f"It was suspended and is woken: {told}" if asleep else told


def _answer(
    what: Order, label: str, mine: Standing, wish: Wish, there: Sequence[Standing], *, asleep: bool
) -> tuple[Wish, str]:
    """The new wish, and what it means; `asleep`: the job is suspended, and is woken to see it.

    Raises:
        OffloadError: that makes no sense now.
    """
    runs = mine.stands is Stands.RUNS and not wish.paused
    ranks = [each.rank for each in there]
    match what:
        case Order.PAUSE if wish.paused and not asleep:
            raise OffloadError(f"{label} is paused already.")
        case Order.PAUSE:
            after = "after the block it is at" if runs else "before its turn"
            return replace(wish, paused=True), f"{label} stands still {after}; jobs behind it may go ahead."
        case Order.RESUME if not wish.paused and not asleep:
            raise OffloadError(f"{label} is not paused.")
        case Order.RESUME:
            return replace(wish, paused=False), f"{label} goes on, when nobody else is on its disks."
        case Order.CANCEL:
            words = f"{label} stops; what is verified stays, and the same onset offload goes on with it."
            return replace(wish, cancelled=True), words
        case Order.FIRST | Order.LAST if runs:
            hint = "pause it, and others go ahead" if what is Order.LAST else "nothing has to be put first"
            raise OffloadError(f"{label} runs already; {hint}.")
        case Order.FIRST:
            return replace(wish, rank=min(1, *ranks) - 1), f"{label} goes before the others.{_still_runs(mine, there)}"
        case Order.LAST:
            return replace(wish, rank=max(0, *ranks) + 1), f"{label} goes after the others."


def _still_runs(mine: Standing, there: Sequence[Standing]) -> str:
    """That what runs on its disks is not stopped."""
    disks = {use.disk for use in mine.uses}
    running = [
        safe_text(each.label)
        for each in there
        if each.stands is Stands.RUNS and each is not mine and disks & {use.disk for use in each.uses}
    ]
    return f" {', '.join(running)} runs and is not stopped." if running else ""


def _not_there(job: JobSummary, label: str) -> str:
    if job.running:
        return f"{label} only just begins or ends; try again in a moment."
    if job.result is not None:
        copies = "" if job.sheet.sends else "its copies were "
        return f"{label} does not run: it is finished ({copies}{safe_text(str(job.result.get('verdict')))})."
    return f"{label} does not run: it was stopped; onset offload of the same card goes on with it."


def phase_of(progress: Mapping[str, object] | None) -> str:
    """What a reading in a job's record says that the job does; empty where there is none."""
    return str((progress or {}).get("phase") or "")
