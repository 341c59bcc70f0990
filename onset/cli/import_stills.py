"""`onset import stills`: pictures of phones and cameras, each proposed for the take it was taken at.

Every file is copied into `media/stills`, byte for byte, and is known by its bytes: the same folder again changes
nothing. What cannot be read is told with its name, and the others come in.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import textwrap
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook, told
from onset.errors import MediumError, RefusedError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.still import Still
    from onset.domain.take import Take
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook
    from onset.stills.clocks import Correction
    from onset.stills.folder import StillsFolder
    from onset.stills.place import Shooting

_NS = 1_000_000_000
_OFFSET = re.compile(r"([+-]?)(?:(\d{1,5}) ?d(?:ays?)? ?)?(?:(?:(\d{1,5}):)?(\d{1,5}):)?(\d{1,8})", re.ASCII)
_FURTHEST_DAYS = 20_000
_LISTED = 40  # of each kind; all of them stand in --json
_WIDTH = 80


def add_kind(kinds: argparse._SubParsersAction[CommandParser], examples: str) -> None:
    """Describe `onset import stills`."""
    kind = kinds.add_parser("stills", help="stills of phones and cameras", description=__doc__, epilog=examples)
    kind.add_argument("path", metavar="DIR|FILE")
    kind.add_argument("--day", type=int, metavar="N", help="the shooting day, over what their dates say")
    kind.add_argument("--unit", metavar="U", help="the unit whose takes they belong to (default: any)")
    kind.add_argument(
        "--offset",
        metavar="TIME",
        help="what the camera's clock is behind: [H:]M:S or seconds, --offset=-1:00:00 when it is ahead",
    )
    kind.add_argument("--dry-run", action="store_true", help="show what would come in, and write nothing")
    kind.add_argument("--json", action="store_true", help="one JSON document")
    kind.add_argument("--by", metavar="NAME", help="who brings it in, when it is not you")
    kind.add_argument("--role", metavar="R", default="script", help=argparse.SUPPRESS)
    kind.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")
    kind.set_defaults(run=run)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Brought:
    """What came of an import.

    Attributes:
        stills: as they were proposed; those that the log knew already only where they were looked at again.
        problems: a file's name and why it is not in.
        others: files of other kinds that were left alone.
    """

    stills: tuple[Still, ...]
    new: int
    known: int
    problems: tuple[tuple[str, str], ...]
    others: int
    corrections: Mapping[str, Correction]
    labels: Mapping[str, str]  # of takes and setups, by their ids
    dry_run: bool


def run(args: argparse.Namespace) -> int:
    """Bring stills in.

    Raises:
        OnsetError: there is nothing of the kind, or the log or the disk does not take it.
    """
    production = find_production(args)
    path = Path(os.path.abspath(os.path.expanduser(args.path)))
    if not os.path.lexists(path):
        raise UsageError(f"There is nothing at {safe_path(path)}; is the disk mounted?")
    offset_ns = None if args.offset is None else offset_of(args.offset)
    log = open_logbook(production, role=args.role, seat=args.seat, author=args.by)
    try:
        _check(log, args.unit, args.day)
        brought = _bring(log, production, path, args, offset_ns)
    finally:
        log.close()
    if args.json:
        print(json.dumps(_document(brought), indent=2))
    else:
        for line in _lines(brought):
            print("\n".join(textwrap.wrap(safe_text(line), _WIDTH, subsequent_indent="    ")))
    return told(log, 1 if brought.problems else 0)


def offset_of(text: str) -> int:
    """`+1:00:00`, `-37`, `2557 d 1:12:01` as nanoseconds.

    Raises:
        UsageError: not a length of time.
    """
    match = _OFFSET.fullmatch(text.strip())
    if match is None:
        raise UsageError(f'"{safe_text(text)}" is not a length of time; write seconds (37), 1:30 or 1:00:00.')
    sign, days, hours, minutes, seconds = match.groups()
    if int(days or 0) > _FURTHEST_DAYS:
        raise UsageError(f"No camera's clock is off by more than {_FURTHEST_DAYS} days.")
    whole = int(days or 0) * 86_400 + int(hours or 0) * 3600 + int(minutes or 0) * 60 + int(seconds)
    return (-whole if sign == "-" else whole) * _NS


def _check(log: Logbook, unit: str | None, day: int | None) -> None:
    units = [one.name for one in log.units()]
    if unit is not None and unit not in units:
        raise UsageError(f'There is no unit "{safe_text(unit)}"; there is {safe_text(", ".join(units))}.')
    asked = units if unit is None else [unit]
    if day is not None and not any(one.number == day for name in asked for one in log.days(name)):
        raise RefusedError(f"{'No unit' if unit is None else f'Unit {safe_text(unit)}'} has opened day {day}.")


def _bring(log: Logbook, production: Path, path: Path, args: argparse.Namespace, offset_ns: int | None) -> _Brought:
    from onset.stills.folder import stills_folder
    from onset.stills.picture import stills_in
    from onset.stills.place import place

    paths, others = stills_in(path) if path.is_dir() and not path.is_symlink() else ([path], 0)
    if not paths:
        raise MediumError(f"There is no still in {safe_path(path)}: no JPEG, no PNG.")
    with ExitStack() as stack:
        folder = None if args.dry_run else stack.enter_context(stills_folder(production))
        read, known, problems = _read(log, paths, path if path.is_dir() else path.parent, folder, offset_ns is not None)
        shooting = _shooting(log, read, args.unit, args.day, offset_ns or 0)
        placed = place(read, shooting, offset_ns=offset_ns)
        stills = placed.stills
        if args.day is not None:
            stills = tuple(replace(one, day=args.day) if one.day is None else one for one in stills)
        if args.unit is not None:
            stills = tuple(replace(one, unit=one.unit or args.unit) for one in stills)
        new = sum(not one.id for one in stills)
        if folder is not None and stills:
            log.bring_in_stills(stills)
    labels = {take.id: take.label for take in shooting.takes}
    labels |= {setup_id: slate for (_, slate), setup_id in shooting.setups.items()}
    return _Brought(
        stills=stills,
        new=new,
        known=known,
        problems=tuple(problems),
        others=others,
        corrections=placed.corrections,
        labels={take.id: take.label for take in shooting.takes}
        | {id_: slate for (_, slate), id_ in shooting.setups.items()},
        dry_run=args.dry_run,
    )


def _read(
    log: Logbook, paths: Sequence[Path], root: Path, folder: StillsFolder | None, again: bool
) -> tuple[list[Still], int, list[tuple[str, str]]]:
    """Read and copy one file after the other.

    Args:
        log: knows the stills that are in it.
        paths: of the files.
        root: what their names in sentences are relative to.
        folder: where copies go; None: nowhere.
        again: look also at those that are known and not decided.

    Returns:
        Stills to be proposed, how many the log knew, and what was wrong with the others.
    """
    from onset.cli.import_files import as_text
    from onset.domain.still import Still
    from onset.offload.files import MEDIUM_GONE
    from onset.stills.folder import STILLS, clean_name
    from onset.stills.picture import read_picture

    there = {one.digest: one for one in log.stills()}
    found: dict[str, Still] = {}
    known: set[str] = set()
    problems: list[tuple[str, str]] = []
    for number, path in enumerate(paths):
        try:
            picture = read_picture(path)
        except MediumError as error:
            problems.append((as_text(str(path.relative_to(root))), str(error)))
            continue
        if picture.digest in found or picture.digest in known:
            continue  # the same picture twice in one folder
        before = there.get(picture.digest)
        kept = before.path if before is not None else f"{STILLS}/{clean_name(path.name)}"
        try:
            if folder is not None and not (before is not None and (log.folder / before.path).exists()):
                kept = folder.keep(picture.content, path.name, picture.digest, picture.mtime_ns)
        except OSError as error:
            problems.append((as_text(str(path.relative_to(root))), f"it cannot be copied: {error.strerror or error}."))
            if error.errno in MEDIUM_GONE:
                left = len(paths) - number - 1
                problems += [(f"{left} more", "they were not tried.")] if left else []
                break
            continue
        if before is not None:
            known.add(picture.digest)
            if not again or before.decided_by:
                continue
        found[picture.digest] = Still(
            id=before.id if before is not None else "",
            path=kept,
            source_path=as_text(str(path)),
            digest=picture.digest,
            taken_ns=picture.taken_ns,
            taken_by=picture.taken_by,
            camera=picture.camera,
            width=picture.width,
            height=picture.height,
        )
    return list(found.values()), len(known), problems


def _shooting(log: Logbook, stills: Sequence[Still], unit: str | None, day: int | None, offset_ns: int) -> Shooting:
    """Takes of the days that the stills may be of: of that day, or of the dates around theirs, and the newest day."""
    from onset.logbook.terms import TakeFilter
    from onset.stills.place import Shooting

    dates = {_date(still, offset_ns) for still in stills if still.taken_ns is not None}
    near = {(one + timedelta(days=shift)).isoformat() for one in dates for shift in (-1, 0, 1)}
    takes: list[Take] = []
    days: dict[str, list[tuple[str, int]]] = {}
    for name in [one.name for one in log.units()] if unit is None else [unit]:
        opened = sorted(log.days(name), key=lambda one: one.number)
        for one in opened:
            days.setdefault(one.date, []).append((name, one.number))
            wanted = one.number == day if day is not None else one.date in near or one is opened[-1]
            if wanted:
                takes += log.takes(TakeFilter(unit=name, day=one.number, limit=None))
    return Shooting(takes=takes, setups={(one.episode, one.slate): one.id for one in log.setups()}, days=days)


def _date(still: Still, offset_ns: int) -> date:
    return datetime.fromtimestamp(((still.taken_ns or 0) + offset_ns) // _NS).astimezone().date()


# -- told -------------------------------------------------------------------------------------------------------------


def _document(brought: _Brought) -> dict[str, Json]:
    from onset.logbook.as_json import still_json

    return {
        "stills": [
            {
                **still_json(one),
                "id": one.id or None,
                "source_path": one.source_path,
                "take": brought.labels.get(one.take_id or ""),
                "slate": brought.labels.get(one.setup_id or ""),
                "unit": one.unit or None,
                "day": one.day,
                "taken_by": str(one.taken_by) if one.taken_by else None,
                "camera": one.camera or None,
            }
            for one in brought.stills
        ],
        "new": brought.new,
        "known": brought.known,
        "others": brought.others,
        "corrections": [
            {
                "camera": camera or None,
                "seconds": found.offset_ns // _NS,
                "fit": found.fit,
                "of": found.of,
                "without": found.without,
            }
            for camera, found in brought.corrections.items()
        ],
        "problems": [{"path": path, "what": what} for path, what in brought.problems],
        "dry_run": brought.dry_run,
    }


def _lines(brought: _Brought) -> list[str]:
    from onset.stills.place import in_words

    would = "would come in" if brought.dry_run else "came in"
    known = f"{brought.known} {'was' if brought.known == 1 else 'were'} in the log already"
    lines = [f"{brought.new} still{'s' * (brought.new != 1)} {would}; {known}."]
    for camera, found in brought.corrections.items():
        voted = "" if found.fit is None else f": {found.fit} of {found.of} fit a take then, {found.without} without"
        lines.append(f"Clock of {camera or 'the camera'} corrected by {in_words(found.offset_ns)}{voted}.")
    for one in brought.stills[:_LISTED]:
        of = brought.labels.get(one.take_id or "") or brought.labels.get(one.setup_id or "")
        lines.append(f"  {one.name}  {of or 'no take'}: {one.evidence}")
    if len(brought.stills) > _LISTED:
        lines.append(f"  and {len(brought.stills) - _LISTED} more; --json lists them all.")
    if brought.others:
        lines.append(f"{brought.others} files of other kinds were left alone.")
    for path, what in brought.problems[:_LISTED]:
        lines.append(f"Not in: {path}: {what}")
    if len(brought.problems) > _LISTED:
        lines.append(f"Not in: {len(brought.problems) - _LISTED} more; --json lists them all.")
    if any(one.take_id or one.setup_id for one in brought.stills) and not brought.dry_run:
        lines.append(
            'They are proposed. "onset log stills --confirm": all are right; "onset log still NAME TAKE": not this.'
        )
    return lines
