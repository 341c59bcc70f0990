"""`onset export`: editorial files of a day, for the cutting room."""

from __future__ import annotations

import argparse
import json
import os
import re
import sys
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook
from onset.cli.not_a_card import refuse_a_card
from onset.editorial.formats import FORMATS, Format, How, Made, MadeFile, writer
from onset.editorial.options import EVERYTHING, NAME_FIELDS, Order, Wanted, check_pattern
from onset.errors import ExportError, TimecodeError, UsageError
from onset.text import safe_path, safe_text
from onset.timecode import Rate, Timecode, rate

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.editorial.event import EditorialDay, LeftOut
    from onset.logbook.protocol import Logbook

FOLDER = "exports"
_SHOWN = 12  # of what is left out; --json has all
_RECORD_START = "01:00:00:00"
_LABEL = re.compile(r"\d\d:\d\d:\d\d[:;]\d\d", re.ASCII)
_FRAMES = re.compile(r"[+-]?\d{1,7}", re.ASCII)

_EXAMPLES = """\
examples:
  onset export ale                             the newest day, one file a camera, into the production's folder "exports"
  onset export ale --day 3 --camera A -o A.ale
  onset export ale --day 3 --name "{slate}-{take}_{camera}"
  onset export csv --all --spreadsheet -o everything.csv
  onset export markers --day 3 --only circled --offset=-00:00:02:00
  onset export edl --day 3 --tag selects       the day's selects, in the order of "onset log selects"
  onset export edl --day 3 --order scene --record-start 10:00:00:00
  onset export fcp7 --day 3 --handles 24       the same with sound, for Premiere and Resolve
  onset export fcpxml --day 3 --only circled   for Final Cut Pro, with favorites, keywords and notes
  onset export otio --all                      an archive a day, with all that the log says
  onset export ale --day 3 --dry-run           what would be written, and what is left out

Only files whose link to a take is confirmed are exported; what is left out is named. -o is a file, or a folder where a
format makes several; "-" is standard output. A file that is as onset wrote it is replaced, whole or not at all; any
other one is refused.
"""


def add_parser(subparsers: argparse._SubParsersAction[argparse.ArgumentParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "export",
        help="editorial files of a day",
        description="Editorial files of a day, for the cutting room.",
        epilog=_EXAMPLES,
    )
    kinds = "; ".join(f"{name}: {form.purpose}" for name, form in FORMATS.items())
    parser.add_argument("format", choices=tuple(FORMATS), help=kinds)
    when = parser.add_mutually_exclusive_group()
    when.add_argument("--day", type=int, metavar="N", help="the day's number (default: the newest)")
    when.add_argument("--all", action="store_true", help="all days of the unit")
    parser.add_argument("--unit", default="Main", help="the unit (default: Main)")
    parser.add_argument("-o", "--output", metavar="PATH", help=f"file or folder (default: {FOLDER} in the production)")
    parser.add_argument("--only", choices=("circled",), help="only circled takes, and circled cameras of others")
    parser.add_argument("--tag", metavar="TAG", help="only takes with this tag, in the order in which they were put")
    parser.add_argument("--camera", metavar="A", help="only this camera")
    parser.add_argument("--episode", metavar="E", help="only this episode")
    parser.add_argument("--order", choices=tuple(map(str, Order)), help="default: shot; with --tag: tag")
    parser.add_argument(
        "--rate", metavar="R", help="read labels at this rate, which counts alike (23.976 as 24, 29.97 as 30)"
    )
    parser.add_argument("--handles", type=_handles, default=0, metavar="N", help="frames before roll and after cut")
    parser.add_argument(
        "--offset", metavar="TC", help="move all labels: HH:MM:SS:FF or frames; --offset=-50 for earlier"
    )
    fields = " ".join(f"{{{name}}}" for name in NAME_FIELDS)
    parser.add_argument(
        "--name", default="{clip}", metavar="PATTERN", help=f"clip names, of {fields} (default: {{clip}})"
    )
    parser.add_argument(
        "--encoding", help="; ".join(f"{name}: {', '.join(form.encodings)}" for name, form in FORMATS.items())
    )
    parser.add_argument(
        "--record-start", metavar="TC", help=f"where a sequence begins (default: {_RECORD_START}); {_sequences()}"
    )
    parser.add_argument("--spreadsheet", action="store_true", help="csv: no cell that a spreadsheet runs as a formula")
    parser.add_argument("--dry-run", action="store_true", help="write nothing")
    parser.add_argument("--json", action="store_true", help="say what was written as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make the files.

    Raises:
        ExportError: no such day or unit, nothing to export, or it cannot be written.
    """
    form = FORMATS[args.format]
    how = _how(args.format, form, args)
    pattern = check_pattern(args.name)
    if args.order == Order.TAG and args.tag is None:
        raise UsageError("--order tag is the order of the takes of a tag; say which with --tag.")
    if pattern != EVERYTHING.pattern and not form.names_clips:
        naming = ", ".join(name for name, one in FORMATS.items() if one.names_clips)
        raise UsageError(f"{args.format} names no clips, so --name would change nothing; {naming} do.")
    to_stdout = args.output == "-"
    if to_stdout and args.json:
        raise UsageError("Standard output can carry the file (-o -) or the JSON (--json), not both.")
    write = writer(args.format).write
    production = find_production(args)
    logbook = open_logbook(production)
    try:
        wanted = _wanted(args, logbook.production().rate, pattern)
        units, tags = [one.name for one in logbook.units()], logbook.tags()
        days = _days(args, logbook, wanted)
    finally:
        logbook.close()
    made = write(days, how)
    if to_stdout:
        _tell_left_out(days, made)
        return _to_stdout(made, args.format)
    title, unit = days[0].production.title, days[0].unit
    paths, folder = places(title, unit, made.files, form, production, args.output, tag=args.tag)
    for path in paths:
        refuse_a_card(path, production, ExportError)
    _write(paths, made.files, folder, dry=args.dry_run)
    if folder is not None:
        made = replace(
            made, warnings=(*made.warnings, *_stays(folder, days, form, units, paths, tag=args.tag, tags=tags))
        )
    _tell(args, days, made, paths)
    return 0


def _how(name: str, form: Format, args: argparse.Namespace) -> How:
    if args.spreadsheet and not form.for_spreadsheets:
        flavoured = ", ".join(other for other, one in FORMATS.items() if one.for_spreadsheets)
        raise UsageError(f"{name} has no flavour for spreadsheets; {flavoured} has.")
    encoding = (args.encoding or form.encodings[0]).lower()
    if encoding not in form.encodings:
        raise UsageError(f"{name} is not written in {safe_text(encoding)}; use {' or '.join(form.encodings)}.")
    start = args.record_start or _RECORD_START
    if args.record_start and not form.sequence:
        raise UsageError(f"{name} has no sequence that could begin somewhere; {_sequences()} have.")
    if not _LABEL.fullmatch(start):
        raise UsageError(f'--record-start: "{safe_text(start[:40])}" is not a timecode; write HH:MM:SS:FF.')
    return How(encoding=encoding, spreadsheet=args.spreadsheet, record_start=start)


def _sequences() -> str:
    return ", ".join(name for name, form in FORMATS.items() if form.sequence)


def _wanted(args: argparse.Namespace, project: Rate, pattern: str) -> Wanted:
    asked: Rate | None = None
    if args.rate is not None:
        try:
            asked = rate(args.rate)
        except TimecodeError as error:
            raise UsageError(str(error)) from None
        if asked.sensor_only:
            raise UsageError(f"{asked.name} is a sensor rate; timecode is not labelled at it.")
    return Wanted(
        circled=args.only == "circled",
        camera=args.camera,
        episode=args.episode,
        rate=asked,
        handles=args.handles,
        offset=offset_frames(args.offset, project) if args.offset else 0,
        pattern=pattern,
        tag=args.tag,
        order=Order(args.order) if args.order else Order.TAG if args.tag is not None else Order.SHOT,
    )


def offset_frames(text: str, project: Rate) -> int:
    """`-00:00:02:00`, or `-50`, as frames at the project's rate.

    >>> offset_frames("-00:00:02:01", rate("25")), offset_frames("+50", rate("25"))
    (-51, 50)
    """
    if _FRAMES.fullmatch(text.strip()):
        return int(text)
    sign, label = (-1, text[1:]) if text.startswith("-") else (1, text.removeprefix("+"))
    try:
        return sign * Timecode.parse(label, project).frames
    except TimecodeError as error:
        raise UsageError(f"--offset: {error}") from None


def _handles(text: str) -> int:
    if not re.fullmatch(r"\d{1,5}", text.strip(), re.ASCII):
        raise argparse.ArgumentTypeError(f"{safe_text(text)} is no number of frames")
    return int(text)


def _days(args: argparse.Namespace, logbook: Logbook, wanted: Wanted) -> list[EditorialDay]:
    from onset.cli.matching import match_days
    from onset.editorial.day import days_of, editorial_day

    days = days_of(logbook, args.unit, args.day)
    if args.day is None and not args.all:
        days = days[-1:]
    match_days(logbook, args.unit, {day.number for day in days})
    found = [editorial_day(logbook, day, wanted) for day in days]
    if wanted.tag is not None and not any(day.events or day.left_out for day in found):
        numbers = ", ".join(str(day.number) for day in days)
        raise ExportError(f'No take of day {numbers} is tagged "{safe_text(wanted.tag)}"; "onset log tag" tags one.')
    chosen = [("--camera", args.camera), ("--episode", args.episode), ("--only", args.only)]
    asked = " ".join(f"{option} {value}" for option, value in chosen if value is not None)
    if asked and not any(day.events or day.left_out for day in found):
        numbers = ", ".join(str(day.number) for day in days)
        raise ExportError(f"No take of day {numbers} goes with {safe_text(asked)}.")
    return found


def places(
    title: str,
    unit: str,
    files: Sequence[MadeFile],
    form: Format,
    production: Path,
    output: str | None,
    *,
    tag: str | None = None,
) -> tuple[list[Path], Path | None]:
    """Where each file goes, and the folder that was asked for; nothing is made yet.

    Raises:
        UsageError: a file was named for several.
    """
    from onset.editorial.written import export_name

    folder = production / FOLDER
    if output is not None:
        asked = Path(os.path.abspath(os.path.expanduser(output)))
        if not asked.is_dir() and not output.endswith(os.sep):
            if len(files) == 1:
                return [asked], None
            if asked.suffix or asked.exists():
                raise UsageError(
                    f"This makes {len(files)} files ({_parts(files)}); name a folder, or ask for one (--camera)."
                )
        folder = asked
    found: list[Path] = []
    for file in files:
        part = " ".join(filter(None, (tag, form.word, file.part)))
        path = folder / export_name(title, file.day, unit, part, form.suffix)
        again = sum(other.name.casefold() == path.name.casefold() for other in found)  # cameras "A 1" and "A/1"
        found.append(path.with_stem(f"{path.stem}_{again + 1}") if again else path)
    return found, folder


def _parts(files: Sequence[MadeFile]) -> str:
    named = [" ".join(filter(None, (f"day {file.day}" if file.day is not None else "", file.part))) for file in files]
    return safe_text(", ".join(named[:_SHOWN]) + (" …" if len(named) > _SHOWN else ""))


def _write(paths: Sequence[Path], files: Sequence[MadeFile], folder: Path | None, *, dry: bool) -> None:
    from onset.editorial.written import Memory, make_folder, refuse_what_is_not_ours, write_export

    memory = Memory(os.environ)
    for path, file in zip(paths, files, strict=True):
        refuse_what_is_not_ours(path, file.content, memory)
    if dry:
        return
    if folder is not None:
        make_folder(folder)
    for path, file in zip(paths, files, strict=True):
        write_export(path, file.content, memory)


def _stays(
    folder: Path,
    days: Sequence[EditorialDay],
    form: Format,
    units: Sequence[str],
    paths: Sequence[Path],
    *,
    tag: str | None,
    tags: Sequence[str],
) -> list[str]:
    """What to say of files of an earlier export beside this one's, which might be taken for its."""
    from onset.editorial.written import Memory, export_name, of_earlier

    def names(unit: str, tag: str | None) -> list[str]:
        title, part = days[0].production.title, " ".join(filter(None, (tag, form.word)))
        return [export_name(title, day.day.number, unit, part, form.suffix) for day in days]

    unit = days[0].unit
    own = names(unit, tag)
    others = [name for other in units if other != unit for name in names(other, tag) if len(name) > len(own[0])]
    others += [name for other in tags if tag is None for name in names(unit, other)]
    found = [path.name for path in of_earlier(folder, own, others, Memory(os.environ)) if path not in paths]
    if not found:
        return []
    which = safe_text(", ".join(found[:_SHOWN]) + (" …" if len(found) > _SHOWN else ""))
    are, they = ("is", "it stays") if len(found) == 1 else ("are", "they stay")
    return [f"{which} {are} of an earlier export and not of this one; {they} in {safe_path(folder)}."]


def _to_stdout(made: Made, name: str) -> int:
    if len(made.files) != 1:
        raise UsageError(
            f"Standard output can carry one file; this {name} makes {len(made.files)} ({_parts(made.files)})."
        )
    sys.stdout.buffer.write(made.files[0].content)
    sys.stdout.buffer.flush()
    return 0


def _tell(args: argparse.Namespace, days: Sequence[EditorialDay], made: Made, paths: Sequence[Path]) -> None:
    if args.json:
        files = [
            {
                "path": str(path),
                "day": file.day,
                "part": file.part or None,
                "events": file.events,
                "bytes": len(file.content),
            }
            for path, file in zip(paths, made.files, strict=True)
        ]
        document = {
            "format": args.format,
            "unit": args.unit,
            "days": [day.day.number for day in days],
            "files": files,
            "events": sum(file.events for file in made.files),
            "left_out": [{"what": safe_text(one.what), "why": safe_text(one.why)} for one in _left_out(days, made)],
            "warnings": list(_warnings(days, made)),
            "dry_run": args.dry_run,
        }
        print(json.dumps(document))
        return
    _tell_left_out(days, made)
    would = "would be written to " if args.dry_run else ""
    for path, file in zip(paths, made.files, strict=True):
        what = " ".join(filter(None, (f"day {file.day}" if file.day is not None else "", file.part)))
        events = f"{file.events} event{'' if file.events == 1 else 's'}"
        print(f"{args.format}{f' of {safe_text(what)}' if what else ''}, {events}: {would}{safe_path(path)}")


def _left_out(days: Sequence[EditorialDay], made: Made) -> list[LeftOut]:
    return list(dict.fromkeys([*(one for day in days for one in day.left_out), *made.left_out]))


def _warnings(days: Sequence[EditorialDay], made: Made) -> list[str]:
    return [*(warning for day in days for warning in day.warnings), *made.warnings]


def _tell_left_out(days: Sequence[EditorialDay], made: Made) -> None:
    for warning in _warnings(days, made):
        print(safe_text(warning), file=sys.stderr)
    left_out = _left_out(days, made)
    for one in left_out[:_SHOWN]:
        print(safe_text(f"left out: {one}"), file=sys.stderr)
    if len(left_out) > _SHOWN:
        print(f"left out: {len(left_out) - _SHOWN} more (--json lists all)", file=sys.stderr)
