"""`onset board`: a board for the village and the second assistant; it takes no seat, writes and records nothing."""

from __future__ import annotations

import argparse
import contextlib
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME, find_production, load_config
from onset.errors import CaptureError, ConfigError, UsageError
from onset.text import safe_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from onset.capture.master import MasterClock
    from onset.cli.main import CommandParser
    from onset.clock import Clock
    from onset.domain.production import Production
    from onset.domain.take import Take
    from onset.logbook.protocol import Logbook
    from onset.logbook.village import VillageBoard

_ONCE = 12  # takes as text
_EXAMPLES = """\
examples:
  onset board                                  full screen, on any terminal; Q closes it
  ssh cart onset -p Harbour board              on the machine in the village
  onset board --unit Splinter
  onset board --once                           what it shows now, as text; --json for programs

Slate, take, what rolls and for how long, the day's takes with what was circled. No notes. As many boards as you like.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "board",
        help="a board for the village: slate, take, what rolls, circled; no notes",
        description="A board for the village and the second assistant. It follows the log and changes nothing.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--unit", metavar="U", default="Main", help="the unit (default: Main)")
    parser.add_argument("--once", action="store_true", help="say what it shows now, and end; needs no terminal")
    parser.add_argument("--json", action="store_true", help="the same as one JSON document")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Show the board.

    Raises:
        UsageError: no such unit, or no terminal.
        LogError: the log cannot be read; later on that only stands on the board.
    """
    from logging_db.onlooker import Onlooker
    from onset.clock import SystemClock

    production = find_production(args)
    once = args.once or args.json
    if not once and not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError('The board needs a terminal; "onset board --once" says the same as text.')
    clock = SystemClock()
    with contextlib.closing(Onlooker(production / LOG_NAME, clock)) as onlooker:
        onlooker.moved()
        onlooker.read(lambda log: _check_unit(log, args.unit))
        if once:
            board = onlooker.read(lambda log: _board_of(log, production, clock, args.unit, _ONCE))
            _say(board, clock.wall_ns(), as_json=args.json)
            return 0
        known = onlooker.read(lambda log: log.production())
    return _show(production, known, args.unit, clock)


def _show(production: Path, known: Production, unit: str, clock: Clock) -> int:
    from logging_db.onlooker import Onlooker
    from tui.board_app import BoardDeps, run_board

    with contextlib.closing(_master(production, known, clock)) as master:
        return run_board(
            BoardDeps(
                onlooker=Onlooker(production / LOG_NAME, clock),
                read=lambda log, most: _board_of(log, production, clock, unit, most),
                clock=clock,
                label_at=master.label_at,
                theme=_theme(production),
            )
        )


def _master(production: Path, known: Production, clock: Clock) -> MasterClock:
    """The master's timecode; the time of day where another user's service, or a wrong configuration, hides it."""
    from onset.capture.bus import run_folder
    from onset.capture.master import CLOCK_SOURCE, MasterClock

    try:
        return MasterClock(run_folder(known.id), load_config(production).capture.timecode, known.rate, clock)
    except (CaptureError, ConfigError):
        return MasterClock(Path(), (CLOCK_SOURCE,), known.rate, clock)


def _theme(production: Path) -> str:
    """The configured theme; the first where the configuration is wrong, which keeps no board from the village."""
    from onset.config import THEMES

    try:
        return load_config(production).screen.theme
    except ConfigError:
        return THEMES[0]


def _check_unit(log: Logbook, unit: str) -> None:
    units = [each.name for each in log.units()]
    if unit not in units:
        raise UsageError(f'There is no unit "{safe_text(unit)}"; there are {safe_text(", ".join(units))}.')


def _board_of(log: Logbook, production: Path, clock: Clock, unit: str, most: int) -> VillageBoard:
    from onset.logbook.village import village_board

    def broken_off() -> Sequence[Take]:
        from onset.cli.moment import here

        return log.broken_off(unit, here(production, clock))

    return village_board(log, unit, most=most, broken_off=broken_off)


def _say(board: VillageBoard, now_ns: int, *, as_json: bool) -> None:
    from onset.logbook.village import running, stopwatch, village_json

    if as_json:
        print(json.dumps(village_json(board, now_ns), indent=2))
        return
    rolling = board.rolling
    if rolling is None:
        also = f" ({board.flags})" if board.flags else ""
        print(safe_text(f"Not rolling. Next: {board.slate}/{board.take}{also}" if board.slate else "No slate yet."))
    else:
        left = ", and nobody saw its cut" if board.left_rolling else ""
        print(safe_text(f"Rolling: {rolling.label}, {running(rolling, now_ns)}{left}"))
    print(safe_text(f"{board.title}, day {board.day}, scene {board.scene or '?'} {board.heading}".rstrip()))
    for take in board.takes:
        length = "" if take.length_s is None else ("~" if take.estimated else "") + stopwatch(take.length_s)
        print(safe_text(f"  {take.label:<12} {length:>7}  {take.words}").rstrip())
