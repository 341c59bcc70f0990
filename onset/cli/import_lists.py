"""What `onset import schedule` and `onset import shots` have in common: their options, and the table as it was read."""

from __future__ import annotations

import argparse
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import ScriptError, UsageError
from onset.text import safe_path

if TYPE_CHECKING:
    from onset.logbook.as_json import Json
    from onset.sheet import Sheet

LISTED = 40  # of each kind; all of them stand in --json


def add_options(kind: argparse.ArgumentParser, fields: str) -> None:
    """Options of a list."""
    kind.add_argument("path", metavar="FILE.csv")
    kind.add_argument("--episode", metavar="E", help="whose scenes, where no column says it")
    kind.add_argument("--unit", metavar="U", help="whose, where no column says it")
    kind.add_argument(
        "--map", action="append", default=[], metavar="FIELD=HEADING", help=f"which column is which: {fields}"
    )
    kind.add_argument("--dry-run", action="store_true", help="show what would come in, and write nothing")
    kind.add_argument("--json", action="store_true", help="one JSON document")
    kind.add_argument("--by", metavar="NAME", help="who brings it in, when it is not you")
    kind.add_argument("--role", metavar="R", default="script", help=argparse.SUPPRESS)
    kind.add_argument("--seat", metavar="S", help="this seat's own name, over $ONSET_SEAT")


def list_at(argument: str) -> Path:
    """The file that is meant.

    Raises:
        UsageError: there is nothing.
        ScriptError: it is no file.
    """
    path = Path(os.path.abspath(os.path.expanduser(argument)))
    if not path.exists():
        raise UsageError(f"There is nothing at {safe_path(path)}; is the disk mounted?")
    if not path.is_file():
        raise ScriptError(f"{safe_path(path.name)} is no file; name a list, a CSV file.")
    return path


def sheet_lines(sheet: Sheet) -> list[str]:
    """Which column was taken for what."""
    lines = [f"columns: {', '.join(f'{name} = {heading}' for name, heading in sheet.columns.items())}"]
    return lines + [f"not used: {', '.join(sheet.unused)}"] * bool(sheet.unused)


def sheet_json(sheet: Sheet, passed_over: Sequence[int], doubts: Sequence[str], *, dry_run: bool) -> dict[str, Json]:
    """The same for a program, with what did not come in."""
    return {
        "columns": dict(sheet.columns),
        "unused": list(sheet.unused),
        "passed_over": list(passed_over),
        "doubts": list(doubts),
        "dry_run": dry_run,
    }
