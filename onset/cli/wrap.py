"""`onset wrap`: end the shooting day, put a backup and its manifest on another disk, and say what is open.

May be given again: a day that has ended stays as it is, the backup and the manifest are made anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME, find_production, load_config, open_logbook
from onset.cli.wrap_deliver import deliver, delivered_json, delivered_lines, order_papers
from onset.clock import Clock, SystemClock
from onset.errors import ConfigError, LogError, OnsetError, RefusedError, UsageError
from onset.recipients import SETS
from onset.text import safe_path, safe_text
from onset.toml import CONFIG_NAME

if TYPE_CHECKING:
    from logging_db.backup import Made
    from onset.cli.main import CommandParser
    from onset.cli.wrap_histories import DayFolder
    from onset.domain.card import Card
    from onset.domain.production import Day
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook

_EXAMPLES = """\
examples:
  onset wrap                    end the day of unit Main
  onset wrap --unit Splinter
  onset wrap --day 3            the backup and manifest of an earlier day once more
  onset wrap --to /media/SHUTTLE --json
  onset wrap --histories        read the day's copies and give each disk an ASC MHL history of the whole day
  onset wrap --check            what is missing before the day can end well
  onset wrap --set lunch        what goes to production at lunch; the day goes on
  onset wrap --day 2            after a correction of day 2: a new folder, its changed reports as revision 2

Each [[recipient]] of config.toml gets a folder, or a zip, in the production's folder "wrap"; without one, "everyone"
gets all reports. It waits for no copy that runs: that is listed as pending. A folder that is there is never changed.

Exit code 1 when the day cannot end, or when the backup that is configured, the folder, or a report or an export in it
could not be made.
"""


@dataclass(frozen=True, slots=True)
class Open:
    """What is left to do, in sentences; `pending` is what others should know of it."""

    conflicts: tuple[str, ...]
    questions: tuple[str, ...]
    cards: tuple[str, ...]
    pending: tuple[str, ...]
    histories: tuple[str, ...] = ()


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "wrap",
        help="end the day: backup, manifest, what is open",
        description="End the shooting day, make a backup with a manifest, and say what is open.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--day", type=int, metavar="N", help="the day (default: the newest)")
    parser.add_argument("--unit", metavar="U", default="Main", help="the unit (default: Main)")
    parser.add_argument("--to", metavar="PATH", help="the folder of the backup (default: [log] backup_to)")
    parser.add_argument(
        "--histories", action="store_true", help="verify the day's copies and make the day's own history on each disk"
    )
    parser.add_argument("--set", choices=SETS[:-1], help="a folder of the day so far, which goes on")
    parser.add_argument(
        "--note", default="", metavar="TEXT", help="why reports are issued again; printed in their heads"
    )
    parser.add_argument("--check", action="store_true", help="only list what is missing; exit code 1 if something is")
    parser.add_argument("--role", metavar="R", default="script", help="what this seat does (default: script)")
    parser.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """End it."""
    _refuse_words_that_do_not_go_together(args)
    production = find_production(args)
    if args.check:
        from onset.cli.wrap_check import check

        return check(production, args.unit, args.day, as_json=args.json)
    clock = SystemClock()
    partial = args.set is not None
    folder = None if partial else _folder(args, production)
    logbook = open_logbook(production, role=args.role, seat=args.seat)
    try:
        day = day_meant(logbook, args.unit, args.day) if partial else _end(logbook, args.unit, args.day, clock)
        left = left_open(logbook, args.unit, day.number)
        facts = _facts(logbook, day)
        cards = [card for card in logbook.cards() if (card.unit, card.day) == (day.unit, day.number)]
        order = order_papers(logbook, production, day, args.set or "wrap", args.note)
        elsewhere = logbook.elsewhere
    finally:
        logbook.close()
    if partial:
        made, manifest, problem = None, None, None
    elif elsewhere is None:
        made, manifest, problem = _kept(production, folder, facts, clock)
    else:  # a backup of the log would lack the day's end, and with it what the manifest says
        made, manifest, problem = None, None, f'{elsewhere} Give "onset wrap" again then; it has no backup yet.'
    left, failed, whole = (left, 0, ()) if partial else _histories(cards, production, left, make=args.histories)
    papers = deliver(production, order, left.pending, elsewhere, clock)
    if args.json:
        document = _document(day, facts, made, manifest, problem, left)
        print(json.dumps({**document, **delivered_json(papers)}, indent=2))
    else:
        for line in (*_lines(day, made, manifest, left, whole, ended=not partial), *delivered_lines(papers)):
            print(line)
    for each in (problem, papers.problem):
        if each is not None:
            print(f"onset: {safe_text(each)}", file=sys.stderr)
    no_backup = problem is not None and (folder is not None or elsewhere is not None)
    return failed or papers.exit_code or int(no_backup)


def _refuse_words_that_do_not_go_together(args: argparse.Namespace) -> None:
    if args.check and (args.set or args.to or args.histories or args.note):
        raise UsageError("--check only lists what is missing; leave the other words out.")
    if args.set and (args.to or args.histories):
        raise UsageError("A set is of a day that goes on; --to and --histories are for its end.")


def _histories(
    cards: Sequence[Card], production: Path, left: Open, *, make: bool
) -> tuple[Open, int, Sequence[DayFolder]]:
    """Make the day's histories, where that is asked for; what is open then, an exit code, and those that are made."""
    from onset.cli.wrap_histories import day_folders, make_histories

    try:
        config = load_config(production)
    except ConfigError:  # there is none, or that was told where the backup's folder was looked for
        return left, 2 if make else 0, ()
    folders = day_folders(cards, config.targets)
    code = 0
    made: Sequence[DayFolder] = ()
    if make:
        made, code = make_histories(folders, config)
        _let_log_know(production, cards)
        folders = [each for each in folders if each not in made]
    return replace(left, histories=tuple(each.sentence for each in folders if not each.whole)), code, made


def _folder(args: argparse.Namespace, production: Path) -> Path | None:
    if args.to == "":
        raise UsageError("The folder's name after --to is empty; name one, or leave it out.")
    if args.to is not None:
        return Path(args.to).expanduser().absolute()
    try:
        return load_config(production).log.backup_to if (production / CONFIG_NAME).exists() else None
    except ConfigError as error:
        print(f"onset: {safe_text(str(error))} The day is ended without a backup.", file=sys.stderr)
        return None


def day_meant(logbook: Logbook, unit: str, number: int | None) -> Day:
    """The day that is meant: as said, else the newest.

    Raises:
        UsageError: no such unit.
        RefusedError: no such day; names those there are.
    """
    known = [each.name for each in logbook.units()]
    if unit not in known:
        raise UsageError(f'There is no unit "{safe_text(unit)}"; there is {safe_text(", ".join(known))}.')
    days = {day.number: day for day in logbook.days(unit)}
    if not days:
        raise RefusedError(f"No shooting day of unit {safe_text(unit)} has been opened yet.")
    day = days.get(max(days) if number is None else number)
    if day is None:
        raise RefusedError(f"Unit {safe_text(unit)} has no day {number}; there is day {', '.join(map(str, days))}.")
    return day


def _end(logbook: Logbook, unit: str, number: int | None, clock: Clock) -> Day:
    """The day that is meant, which has ended now."""
    from onset.domain.take import Stamp

    day = day_meant(logbook, unit, number)
    if day.wrapped_ns is not None:
        return day
    newest = max(each.number for each in logbook.days(unit))
    if day.number != newest:
        raise RefusedError(f"Day {day.number} was left open, and day {newest} is the newest; wrap that one.")
    return logbook.wrap_day(unit, Stamp(wall_ns=clock.wall_ns(), mono_ns=clock.monotonic_ns()))


def _let_log_know(production: Path, cards: Sequence[Card]) -> None:
    """All copies were read for the day's histories: what was found of them is to hold when their disks are away."""
    from onset.reconcile.bad_copies import looked_at

    with suppress(OnsetError):  # the histories are made, and tell it to whoever looks at these disks
        logbook = open_logbook(production, role="dit")
        try:
            looked_at(logbook, cards, SystemClock().wall_ns())
        finally:
            logbook.close()


def left_open(logbook: Logbook, unit: str, day: int) -> Open:
    """What is left to do on a day, once what came in is matched."""
    from onset.cli.matching import match_days
    from onset.logbook.conflict_words import conflict_name, said
    from onset.match.solve import Matcher
    from onset.reconcile.board import Standing
    from onset.reconcile.card import CLEARED, card_verdicts
    from onset.reconcile.compare import board_of

    matcher = Matcher()
    match_days(logbook, unit, {day}, matcher=matcher)
    board = board_of(logbook, unit, day, matcher)
    newest = logbook.history(limit=1)
    cards = [card for card in logbook.cards() if card.unit == unit and card.day in (day, None)]
    verdicts = card_verdicts(logbook, cards, as_of_ns=newest[0].wall_ns if newest else 0)
    waiting = [f"{safe_text(roll)} has not been offloaded or brought in" for roll in board.rolls_pending]
    known = [each for each in verdicts if not each.superseded and each.verdict != CLEARED]
    uncleared = [f"{safe_text(each.card)} is not cleared for formatting" for each in known]
    return Open(
        tuple(
            f"{conflict_name(each)} is {' or '.join(said(each, number) for number in range(len(each.values)))}"
            for each in logbook.conflicts()
        ),
        tuple(safe_text(each.what) for each in board.differences if each.standing is Standing.OPEN),
        (*(safe_text(each.sentence) for each in known), *waiting),
        (*waiting, *uncleared),
    )


def _facts(logbook: Logbook, day: Day) -> dict[str, Json]:
    from onset.logbook.terms import TakeFilter
    from onset.logbook.totals import shot_in

    production = logbook.production()
    shot = shot_in(logbook.takes(TakeFilter(unit=day.unit, day=day.number, limit=None)))
    return {
        "production": {"id": production.id, "title": production.title},
        "unit": day.unit,
        "day": day.number,
        "date": day.date,
        "wrapped_ns": day.wrapped_ns,
        "takes": shot.takes,
        "circled": shot.circled,
    }


def _kept(
    production: Path, folder: Path | None, facts: dict[str, Json], clock: Clock
) -> tuple[Made | None, Path | None, str | None]:
    """The backup and its manifest; else why there is none."""
    if folder is None:
        return None, None, "No backup was made: [log] backup_to in config.toml names no folder (or give --to)."
    from logging_db.backup import back_up, seat_names
    from logging_db.manifest import write

    try:
        made = back_up(production / LOG_NAME, folder, clock)
        manifest = write(made, facts, seat_names(made.backup.path), clock.wall_ns())
    except LogError as error:
        return None, None, f"The day has ended, but it has no backup: {error}"
    if made.warning is not None:
        print(f"onset: {safe_text(made.warning)}", file=sys.stderr)
    return made, manifest, None


def _lines(
    day: Day, made: Made | None, manifest: Path | None, left: Open, whole: Sequence[DayFolder], *, ended: bool
) -> Sequence[str]:
    from onset.cli.backup import told

    how = "has ended" if ended else "goes on"
    lines = [f"Day {day.number} of unit {safe_text(day.unit)} ({safe_text(day.date)}) {how}."]
    if made is not None and manifest is not None:
        lines += [f"Backup: {told(made)}", f"Manifest: {safe_path(manifest)}"]
    lines += [f"History of the whole day: {each.told}" for each in whole]
    for what, found in (
        ("conflict", left.conflicts),
        ("question", left.questions),
        ("card", left.cards),
        ("folder", left.histories),
    ):
        lines += [f"open {what}: {sentence}" for sentence in found]
    return lines if any((left.conflicts, left.questions, left.cards, left.histories)) else [*lines, "Nothing is open."]


def _document(
    day: Day, facts: dict[str, Json], made: Made | None, manifest: Path | None, problem: str | None, left: Open
) -> dict[str, Json]:
    from onset.cli.backup import backup_json

    return {
        **facts,
        "backup": backup_json(made) if made is not None else None,
        "manifest": str(manifest) if manifest is not None else None,
        "problem": problem,
        "open": {
            "conflicts": list(left.conflicts),
            "questions": list(left.questions),
            "cards": list(left.cards),
            "histories": list(left.histories),
        },
    }
