"""`onset backup`: a verified copy of the log on another disk. The same is made on a timer while the app is open."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME, find_production, load_config
from onset.clock import SystemClock
from onset.errors import UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from logging_db.backup import Made
    from onset.cli.main import CommandParser
    from onset.logbook.as_json import Json

_EXAMPLES = """\
examples:
  onset backup                       into the folder of [log] backup_to
  onset backup /media/SHUTTLE        into this one; it also takes backups of other productions
  onset -p Harbour backup --json

The copy is read again from its disk and compared before it gets its name. The last 20 are kept, and the last of each
day.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "backup",
        help="a verified copy of the log, somewhere else",
        description="Put a verified copy of the log into a folder, never over another file.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("folder", metavar="PATH", nargs="?", help="the folder (default: [log] backup_to)")
    parser.add_argument("--json", action="store_true", help="say what was made as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make one."""
    from logging_db.backup import back_up

    production = find_production(args)
    made = back_up(production / LOG_NAME, _folder(args, production), SystemClock())
    if made.warning is not None:
        print(f"onset: {safe_text(made.warning)}", file=sys.stderr)
    print(json.dumps({"backup": backup_json(made)}, indent=2) if args.json else told(made))
    return 0


def told(made: Made) -> str:
    """One backup in a sentence."""
    older = f"; {len(made.removed)} older removed" if made.removed else ""
    return (
        f"{safe_path(made.backup.path)}: {made.takes} takes in {made.backup.edits} edits, read back and equal{older}."
    )


def backup_json(made: Made) -> dict[str, Json]:
    """One backup as other programs read it."""
    return {
        "path": str(made.backup.path),
        "made_ns": made.backup.made_ns,
        "takes": made.takes,
        "edits": made.backup.edits,
        "bytes": made.size,
        "sha256": made.sha256,
        "removed": [str(path) for path in made.removed],
        "warning": made.warning,
    }


def _folder(args: argparse.Namespace, production: Path) -> Path:
    if args.folder is not None:
        if not args.folder:
            raise UsageError("The folder's name is empty; name one, or leave it out for the one of [log] backup_to.")
        return Path(os.path.abspath(os.path.expanduser(args.folder)))
    folder = load_config(production).log.backup_to
    if folder is None:
        raise UsageError(
            'Where shall the backup go? Name a folder ("onset backup /media/SHUTTLE"), or set backup_to under [log] in '
            "config.toml."
        )
    return folder
