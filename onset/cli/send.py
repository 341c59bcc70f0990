"""`onset send`: the takes of a tag, their proxies or originals, copied to a disk with string-out and manifest."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook
from onset.domain.selects import SELECTS, in_order
from onset.errors import ExportError, OffloadError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.send_files import Found
    from onset.config import Config
    from onset.domain.production import Day
    from onset.domain.take import Take
    from onset.editorial.event import LeftOut
    from onset.logbook.protocol import Logbook
    from onset.offload.job import Request
    from onset.offload.outcome import Outcome
    from onset.offload.place import Target
    from onset.offload.plan import Plan

_STRING_OUTS = ("edl", "fcpxml")
_SHOWN = 12  # of what is left out; --json has all

_EXAMPLES = """\
examples:
  onset send /media/SHUTTLE                   the newest day's selects: proxies, string-outs, manifest
  onset send --tag rain --day 3 shuttle       a [[target]] of config.toml by its name
  onset send --clips /media/EDIT --dry-run    camera originals and sound: how much it is, and whether it fits
  onset send /media/EDIT --string-out fcp7,otio

The folder on the disk holds the files, each read back and compared, string-outs in the order of "onset log selects",
and an ASC MHL manifest over all of it. A sending that was stopped goes on when the same command is given again. What
is not here, only proposed, or has no proxy is named and left out. Exit codes are those of "onset offload".
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "send",
        help="the takes of a tag on a disk, verified",
        description="Copy the takes of a tag to a disk: verified, with string-outs and manifest.",
        epilog=_EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("disks", nargs="+", metavar="DISK", help="a folder, or a [[target]] of config.toml by its name")
    parser.add_argument("--tag", default=SELECTS, metavar="TAG", help=f"default: {SELECTS}")
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--day", type=int, metavar="N", help="the day's number (default: the newest)")
    when.add_argument("--all", action="store_true", help="all days of the unit")
    parser.add_argument("--unit", default="Main", help="the unit (default: Main)")
    parser.add_argument(
        "--clips", action="store_true", help="camera originals with all that belongs to them, and sound; not proxies"
    )
    parser.add_argument(
        "--string-out", default=",".join(_STRING_OUTS), metavar="FORMAT,…", help="edl, fcpxml, fcp7, otio, or none"
    )
    parser.add_argument("--hash", metavar="FORMAT,…", help="digests in the manifest (default: as config.toml has them)")
    parser.add_argument(
        "--source-check", choices=("reread", "none"), default="reread", help="read each file a second time, or not"
    )
    parser.add_argument("--dry-run", action="store_true", help="copy nothing: what, how much, and whether it fits")
    parser.add_argument("--json", action="store_true", help="the result as one JSON document on stdout")
    parser.add_argument(
        "--progress", choices=("auto", "bar", "jsonl", "none"), default="auto", help="how to show progress on stderr"
    )
    parser.set_defaults(run=run)


@dataclass(frozen=True, slots=True)
class Chosen:
    """What the log has to be sent.

    Attributes:
        string_outs: file names and bytes; `notes` what is to be said of them.
        folder: name of the folder on each disk.
        copies: folders of the copies of cards, which are sealed.
    """

    days: tuple[Day, ...]
    found: Found
    string_outs: Mapping[str, bytes]
    notes: tuple[str, ...]
    folder: str
    copies: frozenset[str]


def run(args: argparse.Namespace) -> int:
    """Send.

    Raises:
        OnsetError: nothing to send, refused, stopped, or wrong usage.
    """
    from onset.cli.offload import recorder_of, stop_asked, watched
    from onset.cli.offload_end import kept_awake
    from onset.clock import SystemClock
    from onset.config import load_config
    from onset.offload.journal import jobs_folder
    from onset.offload.sending import Sending, Sent

    formats = _formats(args.string_out)
    production = Path(os.path.abspath(find_production(args)))
    chosen = _chosen(args, production, formats)
    config = load_config(production)
    request = _request(args, config, production, chosen)
    numbers = ", ".join(str(day.number) for day in chosen.days)
    label = f"{args.tag} of day {numbers}" if len(chosen.days) == 1 else f"{args.tag} of all days"
    with stop_asked() as asked, tempfile.TemporaryDirectory(prefix="onset-send-") as made:
        for name, content in chosen.string_outs.items():
            (Path(made) / name).write_bytes(content)
        sent = Sent(
            label,
            production,
            chosen.found.files,
            {name: Path(made) / name for name in chosen.string_outs},
            _again(args, config, chosen.days),
        )
        job = Sending(request, sent, SystemClock(), jobs_folder(os.environ), recorder_of(production))
        plan = watched(job.plan, job, args.progress, asked)
        if not args.json:
            _tell_plan(label, chosen, plan)
        if args.dry_run:
            if args.json:
                print(json.dumps(_document(args, chosen, plan, None), indent=2))
            return 0
        with kept_awake(label):
            outcome = watched(job.run, job, args.progress, asked, ends=True)
    if args.json:
        print(json.dumps(_document(args, chosen, plan, outcome), indent=2))
    else:
        _tell(outcome, chosen, plan)
    return outcome.exit_code


def _formats(text: str) -> tuple[str, ...]:
    from onset.editorial.formats import FORMATS

    wanted = tuple(dict.fromkeys(part.strip() for part in text.split(",")))
    if wanted == ("none",):
        return ()
    strings = [name for name, form in FORMATS.items() if form.sequence]
    wrong = next((name for name in wanted if name not in strings), None)
    if wrong is not None:
        raise UsageError(f'"{safe_text(wrong)}" is no string-out; there are {", ".join(strings)}, and none.')
    return wanted


def _chosen(args: argparse.Namespace, production: Path, formats: Sequence[str]) -> Chosen:
    """Ask the log for the takes, and make the string-outs of what of them is here."""
    from onset.cli.matching import match_days
    from onset.cli.send_files import files_of
    from onset.editorial.day import days_of
    from onset.editorial.written import export_name
    from onset.logbook.terms import TakeFilter

    with closing(open_logbook(production)) as logbook:
        days = days_of(logbook, args.unit, args.day)
        days = days if args.all or args.day is not None else days[-1:]
        numbers = [day.number for day in days]
        match_days(logbook, args.unit, set(numbers))
        wanted = TakeFilter(unit=args.unit, tags=((args.tag,),), limit=None)
        takes = [take for take in in_order(logbook.takes(wanted), args.tag) if take.day in numbers]
        of = f"of day {', '.join(map(str, numbers))}"
        if not takes:
            raise OffloadError(f'No take {of} is tagged "{safe_text(args.tag)}"; "onset log tag" tags one.')
        cards = logbook.cards()
        found = files_of(takes, cards, production, clips=args.clips)
        if not found.files:
            why = f"{found.left_out[0]}" if found.left_out else "they have no files"
            raise OffloadError(safe_text(f"Nothing can be sent of {len(takes)} takes {of} tagged {args.tag}: {why}."))
        title = logbook.production().title
        day = days[0].number if len(days) == 1 else None
        folder = export_name(title, day, args.unit, f"{args.tag}{' clips' * args.clips}", "-")[:-2]
        made, notes = _string_outs(args, logbook, found, days, formats)
    copies = frozenset(copy.path for card in cards for copy in card.copies)
    return Chosen(tuple(days), found, made, notes, folder, copies)


def _string_outs(
    args: argparse.Namespace, logbook: Logbook, found: Found, days: Sequence[Day], formats: Sequence[str]
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    """String-outs of what is sent, by their file names; and what is to be said of them."""
    from onset.cli.export import places
    from onset.cli.send_files import HandedBook
    from onset.editorial.day import editorial_day
    from onset.editorial.formats import FORMATS, How, writer
    from onset.editorial.options import Order, Wanted

    made: dict[str, bytes] = {}
    notes: list[str] = []
    book = HandedBook(logbook, found.takes)
    wanted = Wanted(tag=args.tag, order=Order.TAG)
    strung = [editorial_day(book, day, wanted) for day in days] if formats else []
    for name in formats:
        form = FORMATS[name]
        try:
            files = writer(name).write(strung, How(encoding=form.encodings[0])).files
        except ExportError as error:  # the files are worth sending without
            notes.append(f"no {name}: {error}")
            continue
        title = logbook.production().title
        paths, _ = places(title, args.unit, files, form, Path("/"), os.sep, tag=args.tag)
        made |= {path.name: file.content for path, file in zip(paths, files, strict=True)}
    return made, tuple(notes)


def _request(args: argparse.Namespace, config: Config, production: Path, chosen: Chosen) -> Request:
    """Where to, and with which digests.

    Raises:
        OnsetError: no such disk, or one that nothing is written to.
    """
    from onset.cli.not_a_card import refuse_a_card
    from onset.cli.offload_targets import signed_by
    from onset.mhl.hashes import HashFormat
    from onset.offload.job import Request
    from onset.targets import HASH_FORMATS
    from onset.toml import listed

    targets = tuple(_target(disk, config, chosen.folder) for disk in args.disks)
    sealed = {os.path.realpath(copy) for copy in chosen.copies}
    for target in targets:
        refuse_a_card(target.path / chosen.folder, production, OffloadError)
        real = Path(os.path.realpath(target.path / chosen.folder))
        if real.is_relative_to(os.path.realpath(production)):
            raise OffloadError(f"{safe_path(target.path)} lies in the production itself; name another disk or folder.")
        if not sealed.isdisjoint(map(str, (real, *real.parents))):
            raise OffloadError(
                f"{safe_path(target.path)} lies in the copy of a card, which is sealed; name another disk or folder."
            )
    names = tuple(part.strip() for part in args.hash.split(",")) if args.hash else config.offload.hashes
    wrong = next((name for name in names if name not in HASH_FORMATS), None)
    if wrong is not None:
        raise UsageError(f'"{safe_text(wrong)}" is not a digest of ASC MHL; choose from {listed(HASH_FORMATS)}.')
    authors, location = signed_by(config.offload)
    formats = tuple(HashFormat(name) for name in dict.fromkeys(names))
    reread = args.source_check == "reread"
    return Request(production, targets, formats, reread, 1, authors=authors, location=location)


def _target(disk: str, config: Config, folder: str) -> Target:
    """A `[[target]]` by its name, or a folder."""
    from onset.offload.place import Target

    known = config.target(disk)
    if known is not None:
        return Target(known.path, folder, known.name, known.disk, known.volume, known.removable, at_once=known.at_once)
    if os.sep not in disk and not os.path.isdir(disk):
        there = ", ".join(safe_text(each.name) for each in config.targets) or "none"
        raise UsageError(
            f'"{safe_text(disk)}" is no folder here, and no [[target]] of config.toml, which has: {there}.'
        )
    return Target(_folder(disk), folder)


def _folder(disk: str) -> Path:
    return Path(os.path.abspath(os.path.expanduser(disk)))


def _again(args: argparse.Namespace, config: Config, days: Sequence[Day]) -> tuple[str, ...]:
    """The words behind `onset` that go on with it, wherever they are typed within the production."""
    words = ["send", f"--tag={args.tag}", f"--unit={args.unit}"]
    words += ["--all"] if args.all else [f"--day={days[0].number}"]
    words += ["--clips"] * args.clips
    words += [f"--string-out={args.string_out}", f"--source-check={args.source_check}"]
    words += [f"--hash={args.hash}"] if args.hash else []
    return (*words, "--", *(disk if config.target(disk) is not None else str(_folder(disk)) for disk in args.disks))


def _tell_plan(label: str, chosen: Chosen, plan: Plan) -> None:
    """What is sent, for people, before the first byte."""
    from onset.domain.measures import in_bytes
    from onset.offload.plan import spell_free

    tree = plan.card.tree
    number = len(tree.files)
    what = f"{_number_of(chosen.found)}, {number} file{'s'[: number != 1]}, {in_bytes(tree.bytes)}"
    with suppress(OSError):  # nobody has to read it
        print(f"{safe_text(label)}: {what}")
        for room in plan.rooms:
            print(f"  to {safe_path(room.path)}: {spell_free(room)}")
        for note in (*chosen.notes, *plan.notes):
            print(f"  note: {safe_text(note)}")
        for one in chosen.found.left_out[:_SHOWN]:
            print(safe_text(f"  left out: {one}"))
        if len(chosen.found.left_out) > _SHOWN:
            print(f"  left out: {len(chosen.found.left_out) - _SHOWN} more (--json lists all)")
        sys.stdout.flush()


def _number_of(found: Found) -> str:
    """`3 takes`, `1 of 5 takes`."""
    sent = sum(map(_has_files, found.takes))
    of = f" of {len(found.takes)}" if sent != len(found.takes) else ""
    return f"{sent}{of} take{'s'[: len(found.takes) != 1]}"


def _has_files(take: Take) -> bool:
    return any(angle.clips for angle in take.angles) or any(sound.files for sound in take.sound)


def _tell(outcome: Outcome, chosen: Chosen, plan: Plan) -> None:
    """The result, for people; what was said before is not said again."""
    for target in outcome.targets:
        state = f"{target.verified} verified" + (f", {target.failed} not" if target.failed else "")
        state += f" (read back: {target.read_back.value})" if target.read_back else ""
        state += f", {target.recognised} were there already" if target.recognised else ""
        print(f"  {safe_path(target.path)}: {state}")
        if target.manifest:
            print(f"    manifest {safe_path(target.manifest)}")
    for problem in outcome.problems[:50]:
        where = " ".join(safe_text(part) for part in (problem.path, problem.target) if part)
        print(f"  ! {where}: {safe_text(problem.what)}" if where else f"  ! {safe_text(problem.what)}")
    if len(outcome.problems) > 50:
        print(f"  ! and {len(outcome.problems) - 50} more; --json lists them all")
    for warning in (each for each in outcome.warnings if each not in plan.notes):
        print(f"  note: {warning}")
    whole = outcome.exit_code == 0
    what = _number_of(chosen.found) if whole else "what went wrong stands above; the same command goes on"
    print(f"{outcome.verdict.upper()}: {what}")


def _document(args: argparse.Namespace, chosen: Chosen, plan: Plan, outcome: Outcome | None) -> dict[str, object]:
    """What `--json` prints."""
    left_out: Sequence[LeftOut] = chosen.found.left_out
    document: dict[str, object] = {
        "tag": args.tag,
        "unit": args.unit,
        "days": [day.number for day in chosen.days],
        "clips": args.clips,
        "takes": [take.label for take in chosen.found.takes if _has_files(take)],
        "files": len(plan.card.tree.files),
        "bytes": plan.card.tree.bytes,
        "string_outs": list(chosen.string_outs),
        "left_out": [{"what": safe_text(one.what), "why": safe_text(one.why)} for one in left_out],
        "notes": [safe_text(note) for note in (*chosen.notes, *plan.notes)],
        "rooms": [asdict(room) for room in plan.rooms],
        "dry_run": outcome is None,
    }
    told = outcome.as_json() if outcome is not None else {}
    return document | {key: told.get(key) for key in ("verdict", "targets", "problems", "warnings", "hashes", "job")}
