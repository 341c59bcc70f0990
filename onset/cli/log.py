"""`onset log`: the log without the app. Every verb is one edit; what is printed was committed before."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from onset.cli import (
    log_continuity,
    log_credit,
    log_day,
    log_filters,
    log_finding,
    log_history,
    log_merging,
    log_notes,
    log_rolls,
    log_script,
    log_set,
    log_stills,
    log_takes,
)
from onset.cli.find import find_production, open_logbook
from onset.cli.log_desk import Desk
from onset.clock import SystemClock
from onset.errors import UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.log_desk import Printed
    from onset.cli.main import CommandParser
    from onset.logbook.as_json import Json
    from onset.logbook.protocol import Logbook

_EXAMPLES = """\
examples:
  onset log roll 42C                 roll the next take of 42C (without a slate: what the board proposes)
  onset log action; onset log cut    a run begins; the take ends
  onset log camera B late            it starts only now, in the take that rolls
  onset log set 42C/3 status=circled description="wide, from the door"
  onset log set 42C/3 B.rating=ng    what camera B has of it
  onset log set 42C/3-5 status=none  several at once; also 42C/* and 42C/1,4,43A/2
  onset log move 42C/3-5 43A         logged under the wrong slate
  onset log renumber 42C/3 4 --swap
  onset log set 42C/3 B.stop=2.8 MIX.tracks="boom, lav 1"
  onset log rate 42C/3 director=circled "the look at the door"
  onset log note last "boom in shot at the end"
  onset log add 42C/4 --at 14:02:30 --for 45 --set status=hold
  onset log next 43A --camera B=off --roll A=A014
  onset log scene 42 eighths="1 4/8"; onset log setup 42C A.lens=35mm
  onset log credit 42 part --eighths 6/8 --minutes 0:30
  onset log owe insert 42 "the letter" --slate 42D; onset log totals
  onset log list --scene 42 --status circled
  onset log list status:circled camera:B lacks:sound door
  onset log filter save "B lacks sound" camera:B lacks:sound; onset log list --filter "B lacks sound"
  onset log search "boom in sh"
  onset log continuity MARA --scene 41 wardrobe="navy coat, collar up"
  onset log continuity MARA --scene 43          what was she wearing? As written, or as in the scene before
  onset log stamp "lunch out" --at 13:05; onset log day 3 weather=rain
  onset log load A A015 --serial R-77; onset log hand A014 Sam
  onset log unit Second --prefix X; onset log roll 42C --unit Second

A TAKE is SLATE/TAKE (42C/3, or 101:42C/3 of episode 101), an id, or "last".
roll while a take of the unit rolls, and cut with none, exit 1.
set, note, tag, delete and move take several: 42C/3-5, 42C/*, 42C/1,4,43A/2.
"""


# In the order of their help.
_VERBS = (
    log_takes,
    log_notes,
    log_script,
    log_credit,
    log_continuity,
    log_stills,
    log_finding,
    log_history,
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


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command and its verbs."""
    parser = subparsers.add_parser("log", help="the log without the app", description=__doc__, epilog=_EXAMPLES)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB", dest="verb", required=True)

    def verb(
        name: str, purpose: str, act: Callable[[Desk], Printed], *arguments: str, moves_links: bool = False
    ) -> CommandParser:
        made = verbs.add_parser(name, help=purpose, description=purpose, epilog=_EXAMPLES)
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


def run(args: argparse.Namespace) -> int:
    """Do one verb."""
    production = find_production(args)
    log = open_logbook(production, role=args.role, seat=args.seat)
    try:
        known = [unit.name for unit in log.units()]
        if args.unit not in known:
            raise UsageError(f'There is no unit "{safe_text(args.unit)}"; there is {safe_text(", ".join(known))}.')
        act: Callable[[Desk], Printed] = args.act
        document, lines = act(Desk(args, production, log, SystemClock()))
        if args.json:
            print(json.dumps(document, indent=2))
        else:
            for line in lines:
                print(safe_text(line))
        if args.moves_links:
            _match_after(log, document, args)
    finally:
        log.close()
    for sentence in (log.warning, log.elsewhere):
        if sentence is not None:
            print(f"onset: {safe_text(sentence)}", file=sys.stderr)
    return 0 if log.elsewhere is None else 1


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
