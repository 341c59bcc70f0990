"""`onset doctor --rebuild` and `--recover`: what is done about a log that is not as it should be.

Nothing is destroyed: a backup comes before a rebuild, and a damaged log is kept under another name.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME, find_production, load_config
from onset.clock import SystemClock
from onset.errors import ConfigError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from logging_db.recover import Counted, Recovered
    from onset.logbook.as_json import Json


def rebuild(args: argparse.Namespace) -> int:
    """Make the projections anew, after a backup."""
    from logging_db.doctor import rebuild as made_anew

    production = find_production(args)
    configured = [folder for folder in _folders(args, production) if folder.is_dir()]
    done = made_anew(production / LOG_NAME, configured[0] if configured else production, SystemClock())
    if args.json:
        print(json.dumps({"backup": str(done.backup), "edits": done.edits, "differed": done.differed}))
        return 0
    rows = ", ".join(f"{count} rows of {kind}" for kind, count in done.differed.items())
    print(f"Backup first: {safe_path(done.backup)}")
    print(f"Made anew from {done.edits} edits, which are as they were; otherwise before: {rows or 'nothing'}.")
    return 0


def recover(args: argparse.Namespace) -> int:
    """Make a damaged log again; with `--yes`, or when a person says so, put it in place."""
    from logging_db.recover import forget, put_in_place
    from logging_db.recover import recover as made_again

    production = find_production(args)
    log, clock = production / LOG_NAME, SystemClock()
    recovered = made_again(log, _folders(args, production), clock)
    if not args.json:
        for line in _told(recovered):
            print(line)
    if not (args.yes or _asked(args)):
        forget(recovered)
        said = 'Nothing was changed; "onset doctor --recover --yes" puts the recovered log in place.'
        print(json.dumps(_document(recovered, None)) if args.json else said)
        return 1
    kept = put_in_place(recovered, log, clock)
    if args.json:
        print(json.dumps(_document(recovered, kept)))
    else:
        print(f"{safe_path(log)} is the recovered log; the damaged one is {safe_path(kept)}.")
    return 0


def _folders(args: argparse.Namespace, production: Path) -> list[Path]:
    """Where backups and the journal may lie; the production's own folder has the backup of a rebuild."""
    named = [Path(folder).expanduser().absolute() for folder in args.folders]
    for folder in named:
        if not folder.is_dir():
            raise UsageError(f"{safe_path(folder)} is no folder; name the one that holds the backups.")
    try:
        configured = load_config(production).log.backup_to
    except ConfigError as error:
        print(f"onset: {safe_text(str(error))} Only folders of --from are looked into.", file=sys.stderr)
        configured = None
    return [*named, *([configured] if configured is not None else []), production]


def _asked(args: argparse.Namespace) -> bool:
    if args.json or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return False
    return input("Put the recovered log in place? The damaged one is kept. [y/N] ").strip().lower() in ("y", "yes")


def _told(recovered: Recovered) -> Sequence[str]:
    lines = [f"damaged log:   {_counted(recovered.before)}", f"recovered log: {_counted(recovered.after)}"]
    for source in recovered.sources:
        trouble = f"; {safe_text(source.trouble)}" if source.trouble else ""
        lines.append(f"  {source.edits} edits from {source.what}{trouble}")
    return lines


def _counted(counted: Counted) -> str:
    takes = "takes cannot be counted" if counted.takes is None else f"{counted.takes} takes"
    edits = "edits cannot be counted" if counted.edits is None else f"{counted.edits} edits"
    return f"{takes}, {edits}"


def _document(recovered: Recovered, kept: Path | None) -> dict[str, Json]:
    return {
        "before": {"takes": recovered.before.takes, "edits": recovered.before.edits},
        "after": {"takes": recovered.after.takes, "edits": recovered.after.edits},
        "sources": [{"what": one.what, "edits": one.edits, "trouble": one.trouble} for one in recovered.sources],
        "in_place": kept is not None,
        "damaged": str(kept) if kept is not None else None,
    }
