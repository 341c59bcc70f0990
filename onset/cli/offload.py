"""`onset offload`: verified copies of a card, the manifest, and whether the card may be formatted.

Run by people at a terminal and, with `--progress jsonl`, by the Offload screen. The job is `onset/offload/job.py`.
"""

from __future__ import annotations

import argparse
import errno
import json
import os
import signal
import sys
import threading
from collections.abc import Callable, Collection, Generator, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, TextIO, TypeVar

from onset.clock import SystemClock
from onset.errors import OffloadError, OnsetError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cards.told import Look
    from onset.cli.offload_log import InLog
    from onset.offload.cascade import Rest
    from onset.offload.giveway import Recorder
    from onset.offload.job import OffloadJob, Request
    from onset.offload.outcome import Outcome
    from onset.offload.plan import Plan

T = TypeVar("T")
EXIT_MISMATCH = 11

_EXAMPLES = """\
examples:
  onset offload /media/A014 /media/SHUTTLE /media/RAID
  onset offload /media/A014 --to shuttle,raid --label A014
  onset offload /media/A014 /media/SHUTTLE --json --require-safe
  onset offload /media/A014 --to shuttle,raid --day 3
  onset offload /media/A014 --preset day
  onset offload /media/A014 --to raid --then shuttle,lto
  onset offload --watch --to shuttle,raid

Inside a production the card, its clips and the result go into the log, the clips are linked to their takes, and a file
that cannot be read alarms every seat with the takes it holds.

With --then (or after = "raid" in a [[target]]) the card goes to the first disks only and may leave the reader when it
is verified there; the others are filled from that copy and held against what the card had. Given again, the command
goes on with them without the card.

The card goes to PATH/<card folder>/, with an ASC MHL history in it and a log of the job beside it. A copy that was
stopped or killed goes on when the same command is given again. Exit codes: 0 every copy is complete and read back, 1
refused or stopped, 10 something is missing on a target, 11 bytes differ.
"""
_HASHES = ("xxh128", "xxh3", "xxh64", "md5", "sha1", "c4")


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "offload",
        help="copy a card to several targets, verified",
        description="Copy a card to several targets at once, prove every byte, say whether the card may be formatted.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("card", metavar="CARD", nargs="?", help="the card's top folder")
    parser.add_argument("targets", metavar="PATH", nargs="*", help="a folder to copy to; it gets PATH/<card folder>/")
    parser.add_argument("--to", metavar="NAME,…", help="targets by their names in config.toml")
    parser.add_argument(
        "--then",
        metavar="NAME,…",
        help="targets (names or paths) that are filled from the first copy, not from the card",
    )
    parser.add_argument("--preset", metavar="NAME", help="targets, digests and source check of [offload.preset.NAME]")
    parser.add_argument("--watch", action="store_true", help="notice cards that are inserted and ask about each")
    parser.add_argument("--yes", action="store_true", help="with --watch: copy each of them without asking")
    parser.add_argument("--mounted", action="store_true", help="with --watch: cards too that are mounted already")
    parser.add_argument("--label", metavar="A014", help="what the card is called; its folder's name by default")
    parser.add_argument("--hash", metavar="FORMAT,…", help=f"digests in the manifest ({', '.join(_HASHES)})")
    parser.add_argument(
        "--source-check",
        choices=("reread", "none"),
        help="read the card a second time around the cache (default), or not",
    )
    parser.add_argument(
        "--day", metavar="N", type=int, help="the shooting day the card is for; told by its clips' dates"
    )
    parser.add_argument("--unit", metavar="U", help="the unit the card is for; told by the rolls of the takes")
    parser.add_argument(
        "--require-safe",
        action="store_true",
        help='exit 1 when the copies are "not safe" (onset card --require-safe asks the log too)',
    )
    parser.add_argument("--eject", action="store_true", help="unmount the card when its copies are safe")
    parser.add_argument("--json", action="store_true", help="the result as one JSON document on stdout")
    parser.add_argument(
        "--progress", choices=("auto", "bar", "jsonl", "none"), default="auto", help="how to show progress on stderr"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Offload a card.

    Raises:
        OnsetError: refused, stopped, or wrong usage.
    """
    if args.watch:
        from onset.cli.offload_watch import watch

        return watch(args)
    if args.card is None:
        raise UsageError("No card was given; name its top folder, or --watch for cards that are inserted.")
    if args.yes or args.mounted:
        raise UsageError("--yes and --mounted belong to --watch.")
    with stop_asked() as asked:
        from onset.cli.offload_then import rest_on_record, tell_going_on
        from onset.offload.journal import jobs_folder

        production = production_of(args)
        request = request_of(args, production)
        rest = rest_on_record(request)
        if rest is None:
            done = _from_card(args, production, request, asked)
        else:
            tell_going_on(args, request, rest)
            done = from_copies(args, production, request, rest, asked)
    outcome = done.outcome
    trouble = None
    try:
        if args.json:
            print(json.dumps(as_document(outcome, done.contents, done.in_log), indent=2))
        else:
            tell_result(outcome, done.look, done.in_log, done.told, done.card_s)
        sys.stdout.flush()
    except BrokenPipeError:
        raise
    except OSError as error:
        _silence(sys.stdout)
        trouble = error if error.errno != errno.EIO else None  # a terminal that is gone reads nothing and needs nothing
    at_the_end(args, outcome, ejects=done.ejects)
    if trouble is not None:
        unsaid = OffloadError(
            f"The copies are {outcome.verdict} to format, but standard output could not be written "
            f"({trouble.strerror}); the result is in {safe_path(jobs_folder(os.environ) / outcome.job)}."
        )
        unsaid.exit_code = outcome.exit_code or unsaid.exit_code
        raise unsaid
    if done.failed is not None:
        if isinstance(done.failed, OnsetError) and outcome.exit_code == EXIT_MISMATCH:
            done.failed.exit_code = EXIT_MISMATCH
        raise done.failed
    if outcome.exit_code == 0 and args.require_safe and outcome.verdict != "safe":
        return 1
    return outcome.exit_code


@dataclass(frozen=True, slots=True)
class Done:
    """An offload that is to be told.

    Attributes:
        look: at the card; None where it was not there.
        contents: the key of that name in the document, where one is printed.
        told: warnings that were told already.
        ejects: `--eject` is still to be done.
        failed: why not everything that was to be filled was; raised when the result has been told.
        card_s: how long the card was read for, where the outcome is that of a filling; None where it was not read.
    """

    outcome: Outcome
    look: Look | None
    contents: Mapping[str, object] | None
    in_log: InLog | None
    told: tuple[str, ...] = ()
    ejects: bool = True
    failed: Exception | None = None
    card_s: float | None = None


def _from_card(args: argparse.Namespace, production: Path | None, request: Request, asked: threading.Event) -> Done:
    """Look at the card, copy it, and fill from the first copy what is to be filled from it."""
    from onset.cli.offload_card import look_after, look_before, show
    from onset.cli.offload_plan import agree, tell_plan

    job = job_of(request, production)
    plan = look_ahead(job, production, args.progress, asked)
    agree(plan, args.label, asked)
    look = look_before(plan.card, production, args.unit, asked)
    if not args.json and args.progress != "jsonl":
        tell_plan(plan)
        show(look)
    outcome = carry_out(args, production, job, look, asked)
    look = look_after(look, outcome)
    contents = look.as_json() if args.json else None
    done = Done(outcome, look, contents, into_log(args, production, outcome), told=(*plan.notes, *plan.media))
    return with_the_rest(args, production, request, done, asked)


def with_the_rest(
    args: argparse.Namespace, production: Path | None, request: Request, done: Done, asked: threading.Event
) -> Done:
    """The same, after everything was filled that is to be filled from the copies just made."""
    from onset.cli.offload_then import rest_after, tell_first, why_not, with_unfilled, without_record

    outcome = done.outcome
    if not request.then:
        return done
    rest = rest_after(outcome)
    if rest is None:
        return replace(done, outcome=without_record(request, outcome))
    if rest.next(()) is None:
        return replace(done, outcome=with_unfilled(outcome, [folder for folder, _ in rest.open]))
    tell_first(args, request, outcome, rest)
    safe = outcome.exit_code == 0 and outcome.verdict == "safe"
    at_the_end(args, outcome, ejects=safe)
    try:
        filled = from_copies(ejected(args) if safe else args, production, request, rest, asked)
    except Exception as error:  # whatever it is: the first copies stand, and what became of them is told first
        left = with_unfilled(outcome, [folder for folder, _ in rest.open], why_not(error))
        return replace(done, outcome=left, ejects=not safe, failed=error)
    return replace(
        filled,
        look=done.look,
        contents=done.contents,
        told=done.told,
        ejects=filled.ejects,
        card_s=outcome.seconds,
    )


def from_copies(
    args: argparse.Namespace, production: Path | None, request: Request, rest: Rest, asked: threading.Event
) -> Done:
    """Fill what is left of a card from its copies. The card is in its reader no more, or may be."""
    from onset.cli.offload_then import fill, is_in_reader, say

    filled = fill(args, production, request, rest, asked, recorder_of(production) if production is not None else None)
    if filled is None:
        raise OffloadError("No copy is whole that others could be filled from; put the card in its reader again.")
    ejects = args.eject and is_in_reader(request.card, filled.outcome)
    if args.eject and not ejects:
        say(args, f"{safe_text(filled.outcome.label)} is not in the reader any more, so nothing is unmounted.")
    return Done(filled.outcome, None, rest.first.contents, filled.in_log, ejects=ejects, failed=filled.failed)


def production_of(args: argparse.Namespace) -> Path | None:
    """The production that a copy is made for; None for one that belongs to none.

    Raises:
        OnsetError: no such production, unit or day, or a unit or day without a production.
    """
    from onset.cli.find import production_if_any
    from onset.cli.offload_log import check_day

    production = production_if_any(args)
    if production is not None:
        check_day(production, args.unit, args.day)
    elif args.day is not None or args.unit is not None:
        raise UsageError("--day and --unit belong to a production; go into one or give -p DIR.")
    return production


def job_of(request: Request, production: Path | None) -> OffloadJob:
    """The job that was asked for, not begun."""
    from onset.offload.job import OffloadJob
    from onset.offload.journal import jobs_folder

    recorder = recorder_of(production) if production is not None else None
    return OffloadJob(request, SystemClock(), jobs_folder(os.environ), recorder)


def look_ahead(job: OffloadJob, production: Path | None, progress: str, asked: threading.Event) -> Plan:
    """What the job will do, with what the log knows of the card; refusals come from here."""
    from onset.cli.offload_plan import with_log, with_system_disk

    plan = watched(job.plan, job, progress, asked)
    known = with_log(plan, production)
    for note in known.notes[len(plan.notes) :]:
        job.note(note)
    return with_system_disk(known)


def carry_out(
    args: argparse.Namespace, production: Path | None, job: OffloadJob, look: Look, asked: threading.Event
) -> Outcome:
    """Copy and prove; meanwhile the log says that the roll is being copied, and the job's record what is on it."""
    from onset.cli.offload_end import kept_awake
    from onset.cli.offload_log import copying
    from onset.cli.offload_targets import folder_of

    label = args.label or folder_of(Path(args.card))
    with kept_awake(label), copying(production, label, args.unit):
        return watched(partial(job.run, look.as_json()), job, args.progress, asked, ends=True)


def at_the_end(args: argparse.Namespace, outcome: Outcome, *, ejects: bool = True) -> None:
    """What is done when the result has been told."""
    from onset.cli.offload_end import eject, tell_room

    if args.eject and ejects:
        print(eject(Path(args.card), outcome), file=sys.stderr if args.json else sys.stdout)
    tell_room(outcome)


def ejected(args: argparse.Namespace) -> argparse.Namespace:
    """The same command once `--eject` was done: nobody looks for that card again."""
    return argparse.Namespace(**vars(args) | {"eject": False})


def into_log(args: argparse.Namespace, production: Path | None, outcome: Outcome) -> InLog | None:
    """Write the result into the production's log, where there is one."""
    from onset.cli.offload_log import put_into_log

    return put_into_log(production, outcome, unit=args.unit, day=args.day) if production is not None else None


def as_document(outcome: Outcome, contents: Mapping[str, object] | None, in_log: InLog | None) -> dict[str, object]:
    """What `--json` prints."""
    return {**outcome.as_json(), "contents": contents, "clips": in_log.as_json() if in_log else None}


def request_of(args: argparse.Namespace, production: Path | None) -> Request:
    """What the command line, the preset and the configuration ask for.

    Raises:
        OnsetError: no such target, preset or digest.
    """
    from onset.cli.offload_log import asks_log
    from onset.cli.offload_targets import asked_of
    from onset.mhl.hashes import HashFormat
    from onset.offload.job import Request

    card = Path(args.card)
    asked = asked_of(args, production, card)
    wrong = next((name for name in asked.hashes if name not in _HASHES), None)
    if wrong is not None:
        raise UsageError(f'"{safe_text(wrong)}" is not a digest of ASC MHL; choose from {", ".join(_HASHES)}.')
    formats = tuple(HashFormat(name) for name in dict.fromkeys(asked.hashes))
    return Request(
        card,
        asked.targets,
        formats,
        asked.source_check == "reread",
        asked.copies,
        args.label,
        *asked.signed,
        asked.then,
        asks_log(production),
    )


@contextmanager
def stop_asked() -> Iterator[threading.Event]:
    """An event that Ctrl-C, SIGTERM and SIGHUP set while the block runs: they end a job cleanly, and never in between.

    SIGHUP comes when a terminal is closed or ssh drops; under `nohup` it is ignored, and stays so.
    """
    asked = threading.Event()
    before = {}
    if threading.current_thread() is threading.main_thread():
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            if signal.getsignal(number) is not signal.SIG_IGN:
                before[number] = signal.signal(number, lambda *_: asked.set())
    try:
        yield asked
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def recorder_of(production: Path) -> Recorder:
    """The production's own recordings, and whether its log says that a take rolls."""
    from onset.cli.find import open_logbook
    from onset.config import load_config
    from onset.offload.giveway import Recorder

    def rolling() -> Generator[bool, None, None]:
        logbook = open_logbook(production, role="dit")
        try:
            while True:
                yield bool(logbook.rolling())
        finally:
            logbook.close()

    config = load_config(production)
    return Recorder(config.capture.media, rolling, pauses=config.offload.while_rolling == "pause")


def watched(work: Callable[[], T], job: OffloadJob, progress: str, asked: threading.Event, *, ends: bool = False) -> T:
    """Do a part of the job in a thread and show how far it is, until it is done; nobody has to look."""
    from onset.cli.offload_progress import Display, Silent, shown_as, wait_a_little

    done: list[T] = []
    failed: list[BaseException] = []

    def do() -> None:
        try:
            done.append(work())
        except BaseException as error:  # handed to the caller's thread, whatever it is
            failed.append(error)

    thread = threading.Thread(target=do, name="offload")
    thread.start()
    display: Display = shown_as(progress, sys.stderr)
    while thread.is_alive():
        wait_a_little(thread, asked, display.every_s)
        if asked.is_set():
            job.stop()
        try:
            display.show(job.progress())
        except OSError:  # nobody reads any more, or the disk under a redirection is full: the copies matter
            display = Silent()
            _silence(sys.stderr)
    try:
        if ends or failed:
            display.end(job.progress())
    except OSError:
        _silence(sys.stderr)
    if failed:
        raise failed[0]
    return done[0]


def _silence(stream: TextIO) -> None:
    """Send what is still to be said there into nothing, so that no later word fails."""
    with suppress(OSError):
        nowhere = os.open(os.devnull, os.O_WRONLY)
        try:
            os.dup2(nowhere, stream.fileno())
        finally:
            os.close(nowhere)


def tell_result(
    outcome: Outcome,
    look: Look | None,
    in_log: InLog | None,
    told: Collection[str],
    card_s: float | None = None,
) -> None:
    """The result for people; warnings that were told before the copy are not told again.

    Args:
        outcome: of the job that ended.
        look: at the card.
        in_log: what the log has of it.
        told: warnings that were told.
        card_s: how long the card was read for, where that was another job.
    """
    from onset.cli.offload_card import show
    from onset.cli.offload_log import tell
    from onset.cli.offload_progress import spell_took
    from onset.domain.measures import in_bytes

    files = f"{outcome.files} file{'s'[: outcome.files != 1]}, {in_bytes(outcome.bytes)}"
    filled = any(target.source for target in outcome.targets)
    seconds = card_s if filled else outcome.seconds
    took = "" if seconds is None else f" in {spell_took(outcome.bytes, seconds)}"
    took += f", filled in {outcome.seconds:.1f} s" if filled else ""
    print(f"{safe_text(outcome.label)}: {files}{took}")
    for target in outcome.targets:
        state = f"{target.verified} verified"
        state += f", {target.failed} not" if target.failed else ""
        state += f" (read back: {target.read_back.value})" if target.read_back else ""
        state += f", {target.recognised} were there already" if target.recognised else ""
        state += f", made from {safe_path(target.source)}" if target.source else ""
        print(f"  {safe_path(target.path)}: {state}")
        if target.manifest:
            print(f"    manifest {safe_path(target.manifest)}")
    for problem in outcome.problems[:50]:
        where = " ".join(safe_text(part) for part in (problem.path, problem.target) if part)
        print(f"  ! {where}: {safe_text(problem.what)}" if where else f"  ! {safe_text(problem.what)}")
    if len(outcome.problems) > 50:
        print(f"  ! and {len(outcome.problems) - 50} more; --json lists them all")
    for warning in (each for each in outcome.warnings if each not in told):
        print(f"  note: {warning}")
    if outcome.ignored:
        print(f"  left out: {', '.join(safe_text(path) for path in list(outcome.ignored)[:8])}")
    copies_alone = in_log is not None and outcome.verdict == "safe"  # whether to format, the log says at the end
    print(f"verdict on the copies: {outcome.verdict.upper()}{'' if copies_alone else ' to format'}")
    for reason in outcome.reasons:
        print(f"  because {reason}")
    given_up = " and ".join(safe_path(target.path) for target in outcome.targets if target.lost is not None)
    if given_up:
        print(f"  to go on: see that the disk of {given_up} is there and has room, and give the same command")
    if look is not None:
        show(look)
    if in_log is not None:
        tell(in_log)
