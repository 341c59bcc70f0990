"""`onset merge OTHER.onset`: what another seat logged elsewhere comes into this production's log."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook
from onset.clock import SystemClock
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser

_EXAMPLES = """\
examples:
  onset merge /media/STICK/Harbour/log.onset     what the other laptop logged
  onset merge KIM --json                         a folder is its log.onset
  onset merge old-laptop.onset --as-new-seat     a copied log that was written on

The other log is left as it is; merge this one there too, and both hold the same.
Exit code 1 when something of it could not be taken in.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "merge", help="take in what another log of this production holds", description=__doc__, epilog=_EXAMPLES
    )
    parser.add_argument("other", metavar="OTHER", type=Path, help="the other log, or its production folder")
    parser.add_argument(
        "--as-new-seat",
        action="store_true",
        help="edits of a copied log that went on under the same seat come in as a new seat's",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Take it in and say what came."""
    from onset.cli.find import LOG_NAME, told
    from onset.cli.log_merging_lines import merged_lines
    from onset.logbook.as_json_merging import merged_json

    production = find_production(args)
    other: Path = args.other / LOG_NAME if args.other.is_dir() else args.other
    log = open_logbook(production)
    try:
        merged = log.merge(other, wall_ns=SystemClock().wall_ns(), as_new_seat=args.as_new_seat)
    finally:
        log.close()
    if args.json:
        print(json.dumps(merged_json(merged), indent=2))
    else:
        for line in merged_lines(merged, safe_path(other)):
            print(safe_text(line))
    return told(log, 1 if merged.taken.refused else 0)
