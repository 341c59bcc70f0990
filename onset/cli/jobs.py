"""`onset jobs`: offloads that run, wait, are paused or were stopped; pause, go on, stop, put first.

Run by people in any terminal of the machine that copies, over ssh too, and by programs (`--json`). What may be asked is
`onset/offload/orders.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import OnsetError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.offload.journal import JobSummary
    from onset.offload.queue import Standing

_EXAMPLES = """\
examples:
  onset jobs                   what runs, waits, is paused or was stopped, and what was finished last
  onset jobs pause A014        A014 reads and writes nothing more; jobs behind it may go ahead
  onset jobs resume A014
  onset jobs first A016        A016 is the next on its disks; what runs there is not stopped
  onset jobs cancel A015       as Ctrl-C does where it runs: the same onset offload goes on with it
  onset jobs dismiss A015      a job that was stopped and is not gone on with: off the list
  onset jobs --json            {"jobs": [{"id", "label", "state", "waits_for", "disks", "progress", …}]}

JOB is the card's label, the job's id, or the beginning of one. States: runs, waits, paused, suspended (by Ctrl-Z),
starting, stopped, finished. Jobs that share a disk go one after the other where it has a head, two at a time elsewhere;
others go at once. Pause, resume and cancel wake a job that was suspended. What the copies are, the log may say more of:
onset card.
"""
_VERBS = {
    "pause": "read and write nothing more until it is resumed",
    "resume": "go on with a paused or suspended job",
    "cancel": "stop it cleanly; what is verified stays",
    "first": "put it before the others that wait",
    "last": "put it after the others that wait",
    "dismiss": "take a job that was stopped off the list; its copies stay, and the same offload still goes on with it",
}
_FINISHED = 5  # so many of the newest are listed
_STOPPED = 10
_ANSWERS_S = 3.0


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "jobs",
        help="offloads that run or wait: pause, resume, first …",
        description="Offloads on this machine, whoever started them: which run, wait, are paused, were stopped.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--json", action="store_true", help="the list as one JSON document on stdout")
    parser.set_defaults(run=run, verb=None)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb")
    for name, purpose in _VERBS.items():
        each = verbs.add_parser(name, help=purpose, description=f"{purpose[0].upper()}{purpose[1:]}.")
        each.add_argument("job", metavar="JOB", help="the card's label, the job's id, or the beginning of one")
        each.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """List the jobs, or ask something of one.

    Raises:
        OffloadError: no such job, several, or it cannot do that now.
    """
    from onset.cli.find import production_if_any
    from onset.offload.dismissed import dismiss, is_dismissed
    from onset.offload.journal import find_jobs, jobs_folder
    from onset.offload.orders import Order, meant, order
    from onset.offload.queue import standings

    folder = jobs_folder(os.environ)
    jobs = find_jobs(folder)
    if args.verb == "dismiss":
        print(dismiss(meant(jobs, args.job)))
        return 0
    if args.verb is not None:
        print(order(folder, meant(jobs, args.job), Order(args.verb)))
        return 0
    production: Path | None = None
    with suppress(OnsetError):  # jobs are of the whole machine: a production that is not there hides none
        production = production_if_any(args)
    told = _told([job for job in jobs if not is_dismissed(job)], standings(folder), production)
    if args.json:
        print(json.dumps({"jobs": told}, indent=2))
        return 0
    for each in told:
        print(_line(each))
    if not told:
        print("No card was copied on this machine yet.")
    return 0


def _told(jobs: Sequence[JobSummary], standing: Sequence[Standing], production: Path | None) -> list[dict[str, object]]:
    """The jobs of the list: those that live in the order of the queue, then stopped ones, then the newest finished."""
    by_id = {job.sheet.id: job for job in jobs}
    queued = [(by_id[each.job], each) for each in standing if each.job in by_id]
    known = {each.job for each in standing}
    living = [(job, None) for job in jobs if job.running and job.sheet.id not in known]
    stopped = [(job, None) for job in jobs if not job.running and job.result is None]
    finished = [(job, None) for job in jobs if not job.running and job.result is not None]
    bad = _bad_since([job for job, _ in finished[:_FINISHED]], jobs, production)
    listed = (*queued, *living, *stopped[:_STOPPED], *finished[:_FINISHED])
    return [_as_json(*each, bad.get(each[0].sheet.id, {})) for each in listed]


def _bad_since(
    finished: Sequence[JobSummary], jobs: Sequence[JobSummary], production: Path | None
) -> dict[str, dict[str, str]]:
    """What histories and the log say against copies of finished jobs, by the job's id and the copy's folder.

    Who lists jobs may want to stop one: a disk that does not answer is waited for no longer than on the Offload screen.
    """
    from onset.cli.offload_log import asks_log
    from onset.mhl.since import Since, found_since
    from onset.offload.stands import bad_since, manifests

    since: dict[str, Since | None] = {}
    known: dict[str, str] = {}
    cards = {job.sheet.fingerprint for job in finished}

    def ask() -> None:
        for manifest in manifests([job for job in jobs if job.sheet.fingerprint in cards], ()):
            since[manifest] = found_since(manifest)
        known.update(asks_log(production)() if since else {})

    disks = threading.Thread(target=ask, name="disks", daemon=True)
    disks.start()
    disks.join(_ANSWERS_S)
    now_ns = SystemClock().wall_ns()
    return {job.sheet.id: bad_since(job, jobs, dict(since), now_ns, dict(known)) for job in finished}


def _as_json(job: JobSummary, standing: Standing | None, bad: Mapping[str, str]) -> dict[str, object]:
    from onset.offload.verdict import NOT_SAFE

    progress = job.progress if job.running else None
    return {
        "id": job.sheet.id,
        "label": job.sheet.label,
        "card": job.sheet.card,
        "source": job.sheet.source,
        "sends": list(job.sheet.sends) or None,
        "folders": list(job.sheet.folders),
        "started_ns": job.sheet.started_ns,
        "state": _state(job, standing),
        "waits_for": (progress or {}).get("waits_for") if standing is not None and _waits(standing) else None,
        "disks": [{"disk": use.disk, "name": use.name, "at_once": use.at_once} for use in standing.uses]
        if standing is not None
        else [],
        "progress": progress,
        "verdict": NOT_SAFE if bad else (job.result or {}).get("verdict"),
        "found_bad": dict(bad),
    }


def _waits(standing: Standing) -> bool:
    from onset.offload.queue import Stands

    return standing.stands is Stands.WAITS


def _state(job: JobSummary, standing: Standing | None) -> str:
    from onset.offload.suspended import is_suspended

    if standing is not None:
        return "suspended" if is_suspended(standing.pid) else standing.stands.value
    if job.running:
        return "starting"
    return "stopped" if job.result is None else "finished"


def _line(job: Mapping[str, object]) -> str:
    """`A015          waits     for A014 on SHUTTLE   /media/A015`; of a filling the copy that it reads."""
    where = safe_path(str(job["source"] or job["card"]))
    progress = job["progress"]
    reading: Mapping[str, object] = progress if isinstance(progress, dict) else {}
    state = str(job["state"])
    more = ""
    if job["waits_for"]:
        more = f"for {safe_text(str(job['waits_for']))}"
    elif state in ("runs", "paused", "suspended"):
        more = how_far(reading)
    elif state == "stopped":
        more = f"same onset {'send' if job['sends'] else 'offload'} goes on"
    elif state == "finished":
        verdict = safe_text(str(job["verdict"] or ""))  # the log knows more of a card: "onset card" says what it may
        more = f"copies {verdict}" if verdict and not job["sends"] else verdict
        more += ", one found bad" * bool(job["found_bad"])
    return f"{safe_text(str(job['label'])):<12}  {safe_text(state):<9}  {more:<28}  {where}".rstrip()


def how_far(reading: Mapping[str, object]) -> str:
    """`412 of 980 files, 12:40 to go`."""
    from onset.cli.offload_progress import spell_seconds

    if reading.get("phase") == "seal":
        return "sealing"
    eta = reading.get("eta_s")
    to_go = f", {spell_seconds(eta)} to go" if isinstance(eta, int | float) else ""
    held = ", a take rolls" if reading.get("gives_way") else ""
    held = ", the log cannot be asked" if reading.get("unasked") else held
    return f"{reading.get('files_done', 0)} of {reading.get('files', 0)} files{to_go}{held}"
