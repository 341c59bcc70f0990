"""`onset reconcile`: what script, camera, sound and the files claim of each take, and where they differ."""

from __future__ import annotations

import argparse
import json
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook, told
from onset.errors import RefusedError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.domain.camera import Clip, LinkState
    from onset.domain.sound import SoundFile
    from onset.domain.take import Take
    from onset.logbook.protocol import Logbook
    from onset.reconcile.board import Board, Difference

_EXAMPLES = """\
examples:
  onset reconcile                            the newest day: each take, and what differs
  onset reconcile --day 3 --open             only what is open
  onset reconcile explain 2 "sound noted it on the wrong line, checked by ear"
  onset reconcile link 42C/3 A014C007        this clip is that take, whatever is found later
  onset reconcile refuse 42C/3 A014C008      and this one is not
  onset reconcile undecide 42C/3 A014C008    take that word back
  onset reconcile --day 3 --require-clean    exit 1 while anything is open

A difference is named by the number the board shows before it, or by its key. Explaining it with an empty reason takes
the explanation back. A clip is named as it is written, without its ending, or by its id. Exit 0 when the question was
answered, whatever the answer is.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command and its verbs."""
    parser = subparsers.add_parser(
        "reconcile", help="what each department claims, and where it differs", description=__doc__, epilog=_EXAMPLES
    )
    _common(parser, default=None)
    parser.add_argument("--open", action="store_true", help="only takes and files with something open")
    parser.add_argument("--require-clean", action="store_true", help="exit 1 while anything is open")
    parser.set_defaults(run=run, verb=None)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=False)
    explain = verbs.add_parser("explain", help="say why a difference is none", epilog=_EXAMPLES)
    explain.add_argument("difference", metavar="NUMBER|KEY")
    explain.add_argument("reason", metavar="REASON", help="empty takes the explanation back")
    _common(explain, default=argparse.SUPPRESS)
    for name, purpose in (
        ("link", "a file is of a take"),
        ("refuse", "a file is not of a take"),
        ("undecide", "take back what was said of a file and a take"),
    ):
        verb = verbs.add_parser(name, help=purpose, description=purpose, epilog=_EXAMPLES)
        verb.add_argument("take", metavar="TAKE", help="SLATE/TAKE, an id, or last")
        verb.add_argument("clip", metavar="CLIP", help="the file's name, without its ending, or its id")
        verb.add_argument("--reason", default="", metavar="TEXT", help="why, in words")
        _common(verb, default=argparse.SUPPRESS)


def _common(parser: CommandParser, *, default: object) -> None:
    """What may stand before and after the verb; after it, what stood before is kept."""
    suppressed = default is argparse.SUPPRESS
    parser.add_argument("--day", type=int, metavar="N", default=default, help="the day's number (default: the newest)")
    parser.add_argument("--unit", metavar="U", default=default if suppressed else "Main", help="default: Main")
    parser.add_argument("--by", metavar="NAME", default=default, help="who says so, when it is not you")
    parser.add_argument("--role", metavar="R", default=default if suppressed else "script", help=argparse.SUPPRESS)
    parser.add_argument("--seat", metavar="S", default=default, help="this seat's own name, over $ONSET_SEAT")
    parser.add_argument(
        "--json", action="store_true", default=default if suppressed else False, help="one JSON document"
    )


def run(args: argparse.Namespace) -> int:
    """Show the board, or do one verb."""
    production = find_production(args)
    logbook = open_logbook(production, role=args.role, seat=args.seat, author=args.by)
    try:
        known = [unit.name for unit in logbook.units()]
        if args.unit not in known:
            raise UsageError(f'There is no unit "{safe_text(args.unit)}"; there is {safe_text(", ".join(known))}.')
        act = {None: _show, "explain": _explain}.get(args.verb, _decide)
        code = act(args, logbook)
    finally:
        logbook.close()
    return told(logbook, code)


def _day(args: argparse.Namespace, logbook: Logbook) -> int:
    """The day that is meant, the newest by default."""
    if args.day is not None:
        return int(args.day)
    days = logbook.days(args.unit)
    if not days:
        raise RefusedError(f"No shooting day of unit {safe_text(args.unit)} has been opened yet.")
    return max(each.number for each in days)


def _board(args: argparse.Namespace, logbook: Logbook) -> Board:
    """The board of the day, its links brought up to date first."""
    from onset.cli.matching import match_days
    from onset.match.solve import Matcher
    from onset.reconcile.compare import board_of

    day = _day(args, logbook)
    matcher = Matcher()
    match_days(logbook, args.unit, {day}, matcher=matcher)
    return board_of(logbook, args.unit, day, matcher)


def _show(args: argparse.Namespace, logbook: Logbook) -> int:
    from onset.reconcile.board import Standing

    board = _board(args, logbook)
    if args.json:
        from onset.reconcile.as_json import board_json

        print(json.dumps(board_json(board), indent=2))
    else:
        from onset.cli.reconcile_lines import board_lines

        for line in board_lines(board, only_open=args.open):
            print(safe_text(line))
    return 1 if args.require_clean and board.count(Standing.OPEN) else 0


def _explain(args: argparse.Namespace, logbook: Logbook) -> int:
    board = _board(args, logbook)
    number, meant = _named(args.difference, board.differences)
    reason = args.reason.strip()
    logbook.explain(meant.key, reason, unit=args.unit, day=board.day)
    done = "explained" if reason else "no longer explained"
    if args.json:
        print(json.dumps({"number": number, "key": meant.key, "what": meant.what, "explanation": reason}))
    else:
        print(f"{number}: {meant.what}: {done}.")
    return 0


def _named(word: str, differences: Sequence[Difference]) -> tuple[int, Difference]:
    """The difference of that key, else of that number on the board."""
    for number, one in enumerate(differences, 1):
        if one.key == word.lower():
            return number, one
    if re.fullmatch(r"\d{1,6}", word, re.ASCII) and 1 <= int(word) <= len(differences):
        return int(word), differences[int(word) - 1]
    there = f"1 to {len(differences)}" if differences else "none at all"
    raise RefusedError(f'There is no difference "{safe_text(word)}" on the board; there are {there}.')


def _decide(args: argparse.Namespace, logbook: Logbook) -> int:
    from onset.cli.matching import match_days
    from onset.domain.camera import LinkState
    from onset.logbook.as_json import take_json

    states: dict[str, LinkState] = {
        "link": LinkState.CONFIRMED,
        "refuse": LinkState.REFUSED,
        "undecide": LinkState.PROPOSED,
    }
    take = logbook.find_take(args.take, unit=args.unit)
    files = _files(args.clip, logbook, take)
    for file in files:
        logbook.decide_link(take.id, file.id, states[args.verb], reason=args.reason)
    match_days(logbook, take.unit, {take.day, *(file.day for file in files if file.day is not None)})
    if args.json:
        print(json.dumps({"take": take_json(logbook.find_take(take.id))}, indent=2))
    else:
        said = {"link": "is", "refuse": "is not", "undecide": "may or may not be"}[args.verb]
        print(safe_text(f"{files[0].name} {said} {take.label}."))
    return 0


def _files(word: str, logbook: Logbook, take: Take) -> list[Clip | SoundFile]:
    """The file that a person means, with the other files of its set; one of the take's day goes before others."""
    from onset.reconcile.claimed import recorded
    from onset.reconcile.sight import media_sets
    from onset.reel import same_clip_name

    media = [*logbook.media(unit=take.unit), *recorded(take)]  # the log says what cannot be decided about ours
    by_id = {one.id: one for one in media}
    if word in by_id:
        named = [by_id[word]]
    else:
        named = [one for one in media if one.name == word] or [one for one in media if same_clip_name(one.name, word)]
        named = [one for one in named if one.day == take.day] or named
    sets = [members for members in media_sets(media).values() if any(one in members for one in named)]
    if not sets:
        raise RefusedError(f"There is no clip or sound file {safe_text(word)} in this log.")
    if len(sets) > 1:
        ids = ", ".join(f"{members[0].id} ({members[0].path})" for members in sets[:4])
        raise RefusedError(f"There are {len(sets)} files {safe_text(word)}; give the id of one: {safe_text(ids)}.")
    return list(sets[0])
