"""`onset exchange DIR`: logs of several laptops meet on a stick or in a shared folder, both ways."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME, find_production, load_config
from onset.clock import SystemClock
from onset.errors import OnsetError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.logbook.merging import Exchanged

_EXAMPLES = """\
examples:
  onset exchange /media/STICK                  take in what is there, leave there what is new here
  onset exchange /media/SHARE --every "60 s"   again and again, until Ctrl-C
  onset exchange                               in the folder of [log] exchange

Each log writes one file of its own there and only reads the others'. It may be interrupted at any moment, the stick
may be pulled: the next exchange goes on. Exit code 1 when something could not be taken in.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "exchange",
        help="meet other laptops' logs on a stick or in a shared folder",
        description=__doc__,
        epilog=_EXAMPLES,
    )
    parser.add_argument("folder", nargs="?", type=Path, metavar="DIR", help="the folder (default: [log] exchange)")
    parser.add_argument("--every", metavar="TIME", help='again after this time, as "60 s" or "5 min"')
    parser.add_argument(
        "--as-new-seat",
        action="store_true",
        help="edits of a copied log that went on under the same seat come in as a new seat's",
    )
    parser.add_argument("--json", action="store_true", help="one JSON document a line")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Exchange once, or again and again."""
    production = find_production(args)
    folder = _folder(args, production)
    every_s = _every_s(args.every)
    if every_s is None:
        code, lines = _once(args, production, folder)
        _print(lines)
        return code
    clock = SystemClock()
    told: list[str] = []
    while True:
        try:
            _, lines = _once(args, production, folder)
        except OnsetError as error:  # the stick is somewhere else now
            lines = [f"{error}"]
        if lines != told:
            told = lines
            _print(lines)
        clock.sleep(every_s)


def _once(args: argparse.Namespace, production: Path, folder: Path) -> tuple[int, list[str]]:
    from onset.cli.find import open_logbook
    from onset.cli.log_merging_lines import exchanged_lines
    from onset.logbook.as_json_merging import exchanged_json

    done = _exchange(args, production, folder)
    code = 1 if any(file.problem or file.taken.refused for file in done.came) else 0
    if args.json:
        return code, [json.dumps(exchanged_json(done))]
    conflicts = duplicates = 0
    if any(file.taken.edits for file in done.came):
        log = open_logbook(production)
        try:
            conflicts, duplicates = len(log.conflicts()), len(log.duplicates())
        finally:
            log.close()
    return code, exchanged_lines(done, conflicts, duplicates)


def _exchange(args: argparse.Namespace, production: Path, folder: Path) -> Exchanged:
    from logging_db.exchange import exchange_once

    return exchange_once(production / LOG_NAME, folder, clock=SystemClock(), as_new_seat=args.as_new_seat)


def _print(lines: Sequence[str]) -> None:
    for line in lines:
        print(safe_text(line), flush=True)


def _folder(args: argparse.Namespace, production: Path) -> Path:
    if args.folder is not None:
        folder: Path = args.folder
        return folder
    configured = load_config(production).log.exchange
    if configured is None:
        raise UsageError("Say in which folder, or set [log] exchange in config.toml.")
    return configured


def _every_s(text: str | None) -> float | None:
    if text is None:
        return None
    from onset.toml import seconds_of

    seconds = seconds_of(text)
    if seconds is None or not 1 <= seconds <= 86_400:
        raise UsageError(f'"{safe_text(text)}" is no time between exchanges; write it as "60 s" or "5 min".')
    return seconds
