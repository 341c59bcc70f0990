"""Find the production a command means, and open its log and configuration.

Used by every command that works on a production. The database is imported here and nowhere else in `onset`; it, what a
log answers and the configuration are loaded when they are asked for, since a copy outside of a production needs none.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from onset.errors import ConfigError, UsageError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.config import Config
    from onset.logbook.protocol import Logbook

LOG_NAME = "log.onset"
ENVIRONMENT = "ONSET_PRODUCTION"


def load_config(folder: Path) -> Config:
    """As `onset/config.py` does it."""
    from onset.config import load_config as load

    return load(folder)


def find_production(args: argparse.Namespace) -> Path:
    """The production folder: `-p DIR`, else `$ONSET_PRODUCTION`, else the first one upward from here.

    Raises:
        UsageError: there is none; says where was looked.
    """
    found = production_if_any(args)
    if found is None:
        raise UsageError(
            f"There is no {LOG_NAME} in {safe_path(_here())} or above it; go into a production, name one with -p DIR, "
            'or make one with "onset new DIR".'
        )
    return found


def production_if_any(args: argparse.Namespace) -> Path | None:
    """As `find_production`, but None where none was named and none lies upward from here.

    Raises:
        UsageError: the folder that was named is no production.
    """
    named: str | None = args.production
    if named is not None:
        return _checked(named, "-p")
    if os.environ.get(ENVIRONMENT):
        return _checked(os.environ[ENVIRONMENT], f"${ENVIRONMENT}")
    here = _here()
    return next((folder for folder in (here, *here.parents) if _holds_log(folder)), None)


def open_logbook(folder: Path, *, role: str = "script", seat: str | None = None, author: str | None = None) -> Logbook:
    """Open the production's log for this seat.

    Args:
        folder: as `find_production` gives it.
        role: what this seat does (`script`, `dit`, `assistant`, `capture`).
        seat: a seat's name, over `$ONSET_SEAT` and the one remembered for this user and machine.
        author: who writes, when it is not the user.

    Raises:
        LogError: the log cannot be opened; says why.
    """
    from logging_db.logbook import open_log

    return open_log(
        folder / LOG_NAME, role=role, seat=seat, author=author, second_to=_second_to(folder), keep_reserve=True
    )


def told(logbook: Logbook, code: int) -> int:
    """Say of a logbook that was closed what is the matter with its disk; the command's exit code.

    Args:
        logbook: after the last edit.
        code: what the command would end with; 1 instead where edits are in the second journal only.
    """
    for sentence in (logbook.warning, logbook.elsewhere):
        if sentence is not None:
            print(f"onset: {safe_text(sentence)}", file=sys.stderr)
    return code if logbook.elsewhere is None else code or 1


def _second_to(folder: Path) -> Path | None:
    """Where the second journal is kept; a configuration that is wrong, or on a dead disk, must not cost a take."""
    from logging_db.second import remember, remembered

    log = folder / LOG_NAME
    try:
        second_to = load_config(folder).log.backup_to
    except ConfigError:
        return remembered(log)
    remember(log, second_to)
    return second_to


def say_config_is_wrong(folder: Path) -> None:
    """Say on standard error that the configuration cannot be read, and where edits are kept meanwhile.

    One that is not there says nothing: a log alone is a production.
    """
    from logging_db.second import remembered
    from onset.toml import CONFIG_NAME

    try:
        load_config(folder)
    except ConfigError as error:
        if not (folder / CONFIG_NAME).exists():
            return
        kept = remembered(folder / LOG_NAME)
        meanwhile = (
            f"the second journal stays in {safe_path(kept)}" if kept is not None else "there is no second journal"
        )
        with contextlib.suppress(OSError):
            print(safe_text(f"onset: {error} Until that is mended {meanwhile}."), file=sys.stderr)


def _checked(named: str, by: str) -> Path:
    folder = Path(os.path.abspath(os.path.expanduser(named)))
    if folder.name == LOG_NAME and not folder.is_dir():
        folder = folder.parent
    if not folder.is_dir():
        raise UsageError(f"{safe_path(folder)} (from {by}) is not a folder.")
    if not _holds_log(folder):
        raise UsageError(
            f'{safe_path(folder)} (from {by}) is not a production: there is no {LOG_NAME} in it; "onset new" makes one.'
        )
    return folder


def _holds_log(folder: Path) -> bool:
    try:
        return (folder / LOG_NAME).exists()
    except PermissionError:
        raise UsageError(f"{safe_path(folder)} may not be entered by this user.") from None


def _here() -> Path:
    try:
        return Path.cwd()
    except FileNotFoundError:
        raise UsageError(
            "The folder this shell is in was deleted; go into another, or name a production with -p DIR."
        ) from None
