"""`onset log`: the log without the app. Every verb is one edit; what is printed was committed before."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, cast

from onset.cli import (
    log_continuity,
    log_credit,
    log_day,
    log_events,
    log_filters,
    log_finding,
    log_history,
    log_merging,
    log_notes,
    log_rolls,
    log_script,
    log_selects,
    log_set,
    log_stills,
    log_takes,
)
from onset.cli.find import find_production, open_logbook, say_config_is_wrong, told
from onset.cli.log_desk import Desk
from onset.cli.log_examples import all_examples, examples_of
from onset.clock import SystemClock
from onset.errors import UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.cli.main import CommandParser
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook

# In the order of their help.
_VERBS = (
    log_takes,
    log_selects,
    log_notes,
    log_script,
    log_credit,
    log_continuity,
    log_stills,
    log_finding,
    log_history,
    log_events,
    log_filters,
    log_merging,
    log_set,
    log_day,
    log_rolls,
)
# Fields that change nothing about which clip is which take.
_SAID_OF_A_TAKE = frozenset(
    ("status", "status_reason", "description", "tail_slate", "rating", "tracks", "circled", "note")
)


class _Unasked:
    """Stands for the parser of a verb that nobody asked for; what is added to it goes nowhere."""

    def add_argument(self, *_: object, **__: object) -> None: ...

    def add_mutually_exclusive_group(self, **_: object) -> _Unasked:
        return self


def add_parser(subparsers: argparse._SubParsersAction[CommandParser], asked: str = "") -> None:
    """Describe the command and its verbs.

    Args:
        subparsers: of `onset`.
        asked: the verb that will be done; describing the sixty others would cost 12 ms before each. A word that is no
            verb gets all of them, for help and for the nearest name.
    """
    parser = subparsers.add_parser("log", help="the log without the app", description=__doc__, epilog=all_examples())
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)

    def verb(
        name: str, purpose: str, act: Callable[[Desk], Printed], *arguments: str, moves_links: bool = False
    ) -> CommandParser:
        if asked not in ("", name):
            return cast("CommandParser", _Unasked())
        made = verbs.add_parser(name, help=purpose, description=purpose, epilog=examples_of(name))
        for argument in arguments:
            made.add_argument(argument.lower(), metavar=argument)
        made.add_argument("--json", action="store_true", help="one JSON document on standard output")
        made.add_argument("--unit", default="Main", metavar="U", help="the unit (default: Main)")
        made.add_argument("--role", default="script", metavar="R", help="what this seat does (default: script)")
        made.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")
        made.set_defaults(run=run, act=act, moves_links=moves_links)
        return made

    for each in _VERBS:
        each.add_verbs(verb)
    if not verbs.choices:
        asked = ""
        for each in _VERBS:
            each.add_verbs(verb)


def run(args: argparse.Namespace) -> int:
    """Do one verb."""
    production = find_production(args)
    log = open_logbook(production, role=args.role, seat=args.seat)
    try:
        known = [unit.name for unit in log.units()]
        if args.unit not in known:
            raise UsageError(f'There is no unit "{safe_text(args.unit)}"; there is {safe_text(", ".join(known))}.')
        act: Callable[[Desk], Printed] = args.act
        desk = Desk(args, production, log, SystemClock())
        document, lines = act(desk)
        if args.json:
            print(json.dumps(document, indent=2))
        else:
            for line in lines:
                print(safe_text(line))
        if args.moves_links:
            _match_after(log, document, args)
    finally:
        log.close()
    if not desk.config_said:
        say_config_is_wrong(production)
    return told(log, 0)


def _match_after(log: Logbook, document: Mapping[str, Json], args: argparse.Namespace) -> None:
    """The take was changed and that was said; clips and sound of its day may be another take's now."""
    from onset.cli.matching import match_after
    from onset.domain.camera import CAMERA_DATA

    one, several = document.get("take"), document.get("takes")
    takes = several if isinstance(several, list) else [one]
    changed = {word.partition("=")[0].rpartition(".")[2] for word in getattr(args, "fields", ())}
    if args.verb == "set" and changed <= _SAID_OF_A_TAKE.union(CAMERA_DATA):
        return
    moved = "day" in changed  # they left another day behind
    concerned = {
        (str(take["unit"]), None if moved else int(str(take["day"]))) for take in takes if isinstance(take, dict)
    }
    for unit, day in sorted(concerned, key=str):
        match_after(log, unit, day)
