"""`onset import`: what others bring: the script, sound, reports, stills, clips that were not offloaded by us.

Everything goes into the log and is matched at once. The same folder or report again adds nothing.
"""

from __future__ import annotations

import argparse
import json
import os
from collections.abc import Collection
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli import import_schedule, import_script, import_shots, import_stills
from onset.cli.find import find_production, load_config, open_logbook, told
from onset.errors import OnsetError, ReportError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.import_told import Answer, Brought, Rows
    from onset.cli.main import CommandParser
    from onset.logbook.protocol import Logbook
    from onset.offload.which_card import ShotOn

_EXAMPLES = """\
examples:
  onset import script blue.fdx --dry-run            what this version of the script changes
  onset import script blue.fdx --colour blue        asks, and takes it in
  onset import schedule oneliner.csv --map day="Shoot Day"
  onset import shots shotlist.csv                   planned setups, with storyboards
  onset import sound /media/MIXER/26Y03M05          the mixer's folder of the day
  onset import sound sound_report.csv               the sound report
  onset import camera A014_report.csv               a camera report
  onset import camera report.csv --map take="Shot #" --dry-run
  onset import camera silverstack.csv               the clip list of the DIT's program
  onset import ale A005.ale --dry-run               what an ALE says of clips, and what would come in
  onset import clips /media/SHUTTLE/second_unit     originals that nobody offloaded here
  onset import stills /media/PHONE/DCIM             stills, proposed for the takes they were taken at

The day is found by dates and by the takes a report names; --day overrules it, and what was chosen is said. The same
again adds nothing. Exit codes: 0 all of it is in the log, 1 refused, or a file could not be read (the others are in the
log, and so is its name), 2 wrong usage.
"""
_REPORT_FIELDS = "slate, take, clip or file, roll, camera, start, length, rate, circled, note, …"


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "import", help="bring in the script, sound, reports and clips", description=__doc__, epilog=_EXAMPLES
    )
    kinds = parser.add_subparsers(
        title="what", metavar="script|schedule|shots|sound|camera|ale|clips|stills", dest="what", required=True
    )
    for name, purpose, operand in (
        ("sound", "wave files of a recorder, or a sound report", "DIR|FILE.wav|REPORT.csv"),
        ("camera", "a camera report, or a dailies program's list of clips", "REPORT.csv|LIST.ale"),
        ("ale", "an ALE: what a camera or a cutting room lists of clips and sound", "LIST.ale"),
        ("clips", "camera originals that lie in a folder", "DIR"),
    ):
        kind = kinds.add_parser(name, help=purpose, description=f"Bring in {purpose}.", epilog=_EXAMPLES)
        kind.add_argument("path", metavar=operand)
        kind.add_argument("--day", type=int, metavar="N", help="the shooting day, over what is found")
        kind.add_argument("--unit", metavar="U", help="the unit, over what its rolls say")
        kind.add_argument("--device", metavar="NAME", help="the recorder, or the camera's letter")
        if name != "clips":
            kind.add_argument(
                "--map",
                action="append",
                default=[],
                metavar="FIELD=HEADING",
                help=f"which column of a report is which: {_REPORT_FIELDS}",
            )
        if name in ("sound", "clips"):
            kind.add_argument("--no-hash", action="store_true", help="do not read whole files to tell them apart")
        kind.add_argument("--dry-run", action="store_true", help="show what would come in, and write nothing")
        kind.add_argument("--json", action="store_true", help="one JSON document")
        kind.add_argument("--by", metavar="NAME", help="who brings it in, when it is not you")
        kind.add_argument("--role", metavar="R", default="assistant", help=argparse.SUPPRESS)
        kind.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")
    import_stills.add_kind(kinds, _EXAMPLES)
    for listed in (import_script, import_schedule, import_shots):
        listed.add_kind(kinds, _EXAMPLES)
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Bring something in.

    Raises:
        OnsetError: it is not there, holds nothing of the kind, or the log does not take it.
    """
    from onset.cli.import_told import tell

    production = find_production(args)
    path = Path(os.path.abspath(os.path.expanduser(args.path)))
    if path.is_symlink() and not path.exists():
        raise UsageError(f"{safe_path(path)} is a link that leads nowhere, or to itself.")
    if not path.exists():
        raise UsageError(f"There is nothing at {safe_path(path)}; is the disk mounted?")
    logbook = open_logbook(production, role=args.role, seat=args.seat, author=args.by)
    try:
        answer = _bring(args, logbook, production, path)
        if not args.dry_run:
            answer = _match(logbook, answer)
        if args.json:
            print(json.dumps(answer.as_json(), indent=2))
        else:
            tell(answer)
    finally:
        logbook.close()
    return told(logbook, 1 if answer.failed else 0)


def _bring(args: argparse.Namespace, logbook: Logbook, production: Path, path: Path) -> Answer:
    """Into the log, not matched yet."""
    from onset.cli.import_files import reports_in
    from onset.cli.import_told import Answer
    from onset.sound.folder import is_sound, wave_files

    if args.what in ("camera", "ale") or (args.what == "sound" and path.is_file() and not is_sound(str(path))):
        return Answer(brought=None, rows=_report(args, logbook, path), dry_run=args.dry_run)
    beside = reports_in(path) if args.what == "sound" and path.is_dir() else []
    only_reports = bool(beside) and not wave_files(path)
    brought = None if only_reports else _files(args, logbook, production, path)
    rows: list[Rows] = []
    passed: list[str] = []
    for report in beside:
        try:
            rows += _report(args, logbook, report, brought.days[0][0] if brought is not None else None)
        except ReportError as error:
            passed.append(str(error))
    if only_reports and not rows:
        raise ReportError(f"There is no sound in {safe_path(path)}; {passed[0]}")
    return Answer(brought=brought, rows=tuple(rows), passed_over=tuple(passed), dry_run=args.dry_run)


def _match(logbook: Logbook, answer: Answer) -> Answer:
    """Links and alarms, after the last edit; what came in is in the log, whatever comes of this."""
    from onset.cli.matching import match_days, plus
    from onset.clock import SystemClock
    from onset.reconcile.unreadable import tell_unreadable

    moved = {rows.moved_from for rows in answer.rows if rows.moved_from is not None}
    try:
        for unit, day in sorted(moved):
            match_days(logbook, unit, {day})
        matched, events = answer.matched, []
        for unit in sorted({shot.unit for shot in answer.days}):
            days = {shot.day for shot in answer.days if shot.unit == unit and shot.day is not None}
            there = match_days(logbook, unit, days, only=_ids(logbook, unit, answer))
            matched = plus(matched, there)
            if answer.files:
                events += [one.detail for one in tell_unreadable(logbook, unit, wall_ns=SystemClock().wall_ns())]
    except Exception as error:  # told, with its exit code, beside what did come in
        why = str(error) if isinstance(error, OnsetError) else f"{type(error).__name__}: {error}"
        return replace(answer, trouble=f"in the log, but the links are not up to date: {safe_text(why)}")
    return replace(answer, matched=matched, events=tuple(events))


def _ids(logbook: Logbook, unit: str, answer: Answer) -> set[str]:
    """Of the files that came in, as the log has them now."""
    digests = {(one.digest, one.name) for one in answer.files if one.digest}
    paths = {one.path for one in answer.files}
    return {
        one.id for one in logbook.media(unit=unit) if (one.digest, one.name) in digests or one.path in paths
    }  # fmt: skip


def _report(args: argparse.Namespace, logbook: Logbook, path: Path, beside: ShotOn | None = None) -> tuple[Rows, ...]:
    from onset.cli.import_report import Wanted, bring_report

    if path.is_dir():
        raise UsageError(f"{safe_path(path)} is a folder; name the report in it.")
    if not path.is_file():
        raise UsageError(f"{safe_path(path)} is no file; name a report, a CSV file.")
    wanted = Wanted(
        what=args.what,
        unit=args.unit,
        day=args.day,
        device=args.device or "",
        columns=columns_of(args.map, (), 'take="Take #"'),
        dry_run=args.dry_run,
        beside=beside,
    )
    return bring_report(logbook, path, wanted)


def columns_of(words: list[str], fields: Collection[str], example: str) -> dict[str, str]:
    """What `--map FIELD=HEADING` says.

    Args:
        words: as typed.
        fields: that there are; empty: whatever is typed, checked later.
        example: for a sentence.

    Raises:
        UsageError: not of that form, or no such field.
    """
    found: dict[str, str] = {}
    for word in words:
        name, equals, heading = word.partition("=")
        if not equals or not name.strip() or not heading.strip():
            raise UsageError(f'"{safe_text(word)}" is not FIELD=HEADING, as in --map {example}.')
        if fields and name.strip().lower() not in fields:
            raise UsageError(f'There is no field "{safe_text(name)}" to map; there are {", ".join(fields)}.')
        found[name.strip().lower()] = heading.strip()
    return found


def _files(args: argparse.Namespace, logbook: Logbook, production: Path, path: Path) -> Brought:
    from onset.cli.import_files import Import, bring_clips, bring_sound

    if args.what == "sound" and path.is_file() and args.map:
        raise UsageError("--map is for reports; wave files say themselves what they are.")
    wanted = Import(
        production=production,
        path=path,
        config=load_config(production),
        unit=args.unit,
        day=args.day,
        device=args.device or "",
        hashed=not args.no_hash,
        dry_run=args.dry_run,
    )
    return bring_sound(logbook, wanted) if args.what == "sound" else bring_clips(logbook, wanted)
