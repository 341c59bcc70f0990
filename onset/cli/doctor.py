"""`onset doctor`: the health of this set-up and, inside a production, of its log.

Every check here can fail, and says what to do when it does. What only the database knows is in `logging_db/doctor.py`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME, load_config, production_if_any
from onset.clock import SystemClock
from onset.errors import OnsetError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.config import Config

GIB = 1 << 30
LEAST_FREE = 5 * GIB  # an hour of one 1080p camera is 2 to 5 GB
SMALLEST_TERMINAL = (80, 24)
_OPENCV = ("opencv-python", "opencv-python-headless", "opencv-contrib-python", "opencv-contrib-python-headless")

_EXAMPLES = """\
examples:
  onset doctor                  this set-up and the production here
  onset -p Harbour doctor --json
  onset doctor --rebuild        the lists and searches anew from the edits; a backup comes first
  onset doctor --recover        what a damaged log can be made again from, and how much that is
  onset doctor --recover --yes  and put it in place; the damaged one is kept beside it

Exit code 1 when anything is not as it should be.
"""


@dataclass(frozen=True, slots=True)
class Check:
    """One finding: `detail` says what was found and, when it is not ok, what to do."""

    name: str
    ok: bool
    detail: str


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "doctor",
        help="check the log and this set-up",
        description="Check this set-up and, inside a production, its log, configuration and disks.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--json", action="store_true", help="the findings as JSON")
    act = parser.add_mutually_exclusive_group()
    act.add_argument("--rebuild", action="store_true", help="make anew what is made from the changes, after a backup")
    act.add_argument("--recover", action="store_true", help="make a damaged log again from backup, journal and itself")
    parser.add_argument(
        "--from", dest="folders", metavar="DIR", action="append", default=[], help="a folder of backups"
    )
    parser.add_argument("--yes", action="store_true", help="put the recovered log in place")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Check everything; a check that breaks is a finding, not the end."""
    if args.rebuild or args.recover:
        from onset.cli.mending import rebuild, recover

        return rebuild(args) if args.rebuild else recover(args)
    production = production_if_any(args)
    checks = list(_set_up())
    if production is not None:
        checks += _production(production)
    ok = all(check.ok for check in checks)
    if args.json:
        found = [{"name": check.name, "ok": check.ok, "detail": safe_text(check.detail)} for check in checks]
        print(json.dumps({"ok": ok, "checks": found}, ensure_ascii=False))
    else:
        for check in checks:
            print(f"{'ok ' if check.ok else 'BAD'}  {check.name:<16} {safe_text(check.detail)}")
        if production is None:
            print(f"(No {LOG_NAME} here, so no production was checked; -p DIR names one.)", file=sys.stderr)
    return 0 if ok else 1


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except OnsetError as error:
        return Check(name, False, str(error))
    except Exception as error:
        return Check(name, False, f"The check itself failed ({type(error).__name__}: {error}).")


# -- this set-up ------------------------------------------------------------------------------------------------------


def _set_up() -> Iterator[Check]:
    yield Check("python", sys.version_info >= (3, 11), f"{sys.version.split()[0]} at {safe_path(sys.executable)}")
    yield _guarded("sqlite", _sqlite)
    yield _guarded("opencv", _opencv)
    yield _guarded("run folder", _run_folder)
    yield _guarded("state folder", _state_folder)
    yield _guarded("terminal", _terminal)


def _sqlite() -> Check:
    from logging_db.sqlite_library import journal, library, version

    mode, synchronous = journal()
    return Check("sqlite", True, f"{version()} ({library().__name__}), journal {mode}, synchronous {synchronous}")


def _opencv() -> Check:
    found = [name for name in _OPENCV if _installed(name)]
    if len(found) > 1:
        return Check(
            "opencv", False, f"{' and '.join(found)} overwrite each other; pip uninstall all, install {_OPENCV[1]}."
        )
    if not found:
        return Check("opencv", False, f"No OpenCV: pip install {_OPENCV[1]}.")
    return Check("opencv", True, f"{found[0]} {metadata.version(found[0])}")


def _installed(distribution: str) -> bool:
    try:
        metadata.version(distribution)
    except metadata.PackageNotFoundError:
        return False
    return True


def _run_folder() -> Check:
    from onset.capture.bus import run_folder

    folder = run_folder("doctor")
    folder.rmdir()
    return Check("run folder", True, f"{safe_path(folder.parent)}, private")


def _state_folder() -> Check:
    from logging_db.seats import state_folder

    folder = state_folder()
    problem = _unwritable(folder)
    return Check("state folder", problem is None, problem or safe_path(folder))


def _terminal() -> Check:
    if not sys.stdout.isatty():
        return Check("terminal", True, "not a terminal; nothing to show on")
    size = shutil.get_terminal_size()
    kind = os.environ.get("TERM", "")
    if kind in ("", "dumb"):
        return Check("terminal", False, f'TERM is "{kind}"; the app needs a terminal such as xterm-256color.')
    if size < SMALLEST_TERMINAL:
        return Check("terminal", False, f"{size.columns} x {size.lines}; make it at least 80 x 24.")
    colours = "16 million colours" if os.environ.get("COLORTERM") in ("truecolor", "24bit") else "256 colours or fewer"
    return Check("terminal", True, f"{kind}, {size.columns} x {size.lines}, {colours}")


# -- a production -----------------------------------------------------------------------------------------------------


def _production(production: Path) -> Iterator[Check]:
    try:
        config = load_config(production)
    except OnsetError as error:
        yield from _log(production, None)
        yield Check("config", False, str(error))
        return
    yield from _log(production, config)
    yield Check("config", True, f"{config.production.title}, {config.production.rate}, {len(config.devices)} devices")
    yield _guarded("devices", lambda: _devices(config))
    yield _guarded("timecode", lambda: _timecode(config))
    yield _guarded("media", lambda: _media(config))
    yield _guarded("backup", lambda: _backup(production, config))
    yield _guarded("recipients", lambda: _recipients(config))


def _log(production: Path, config: Config | None) -> Iterator[Check]:
    folder = config.log.backup_to if config is not None else None
    folder = folder if folder is not None and folder.is_dir() else None  # the check of the folder itself tells
    try:
        from logging_db.doctor import check

        every_s = config.log.backup_every_s if config is not None else 0.0
        found = check(production / LOG_NAME, folder, every_s, SystemClock().wall_ns())
        yield from (Check(one.name, one.ok, one.detail) for one in found)
    except OnsetError as error:
        yield Check("log", False, str(error))
        if folder is not None:
            yield from _waiting(production, folder)
    except Exception as error:  # a log damaged in a way nobody thought of is what doctor is for
        yield Check("log", False, f"{LOG_NAME} cannot be checked ({type(error).__name__}: {error}); --recover.")


def _waiting(production: Path, folder: Path) -> Iterator[Check]:
    """What the second journal has of a log that cannot be opened."""
    from logging_db.journal import waiting

    try:
        said = waiting(folder, production / LOG_NAME)
    except OnsetError as error:
        said = str(error)
    if said is not None:
        yield Check("log journal", False, said)


def _devices(config: Config) -> Check:
    known = {point.name for point in metadata.entry_points(group="onset.devices")}
    for device in config.devices:
        if device.kind not in known:
            return Check(
                "devices", False, f"{device.name} is of kind {device.kind}; there are {', '.join(sorted(known))}."
            )
        if device.kind == "pyaudio" and find_spec("pyaudio") is None:
            return Check("devices", False, f"{device.name} needs PyAudio: install PortAudio's header, then make audio.")
    return Check("devices", True, ", ".join(f"{device.name} ({device.kind})" for device in config.devices) or "none")


def _timecode(config: Config) -> Check:
    names = {device.name for device in config.devices}
    unknown = [each for each in config.capture.timecode if each != "clock" and each.partition(".")[0] not in names]
    if unknown:
        return Check(
            "timecode", False, f"{', '.join(unknown)} in [capture] timecode belongs to no device; add or remove it."
        )
    return Check("timecode", True, " then ".join(config.capture.timecode))


def _media(config: Config) -> Check:
    folder = config.capture.media
    problem = _unwritable(folder)
    if problem is not None:
        return Check("media", False, problem)
    free = shutil.disk_usage(_existing(folder)).free
    if free < LEAST_FREE:
        return Check("media", False, f"{safe_path(folder)} has {free / GIB:.1f} GiB free; make room before recording.")
    return Check("media", True, f"{safe_path(folder)}, {free / GIB:.0f} GiB free")


def _backup(production: Path, config: Config) -> Check:
    folder = config.log.backup_to
    if folder is None:
        return Check("backup", True, "none configured; [log] backup_to names a folder on another disk")
    if not folder.is_dir():
        return Check("backup", False, f"{safe_path(folder)} is not there; connect its disk, or change [log] backup_to.")
    problem = _unwritable(folder)
    if problem is not None:
        return Check("backup", False, problem)
    if folder.stat().st_dev == production.stat().st_dev:
        return Check("backup", False, f"{safe_path(folder)} is on the log's own disk; name a folder on another one.")
    return Check("backup", True, safe_path(folder))


def _recipients(config: Config) -> Check:
    """That nobody finds out at wrap."""
    from onset.cli.wrap_papers import recipients_of

    recipients_of(config.recipients, "wrap")
    names = ", ".join(
        f"{one.name} (with the log, private notes too)" if one.log else one.name for one in config.recipients
    )
    return Check("recipients", True, names or 'none configured; "everyone" gets all reports at wrap')


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that is there."""
    while not folder.is_dir() and folder != folder.parent:
        folder = folder.parent
    return folder


def _unwritable(folder: Path) -> str | None:
    """Why nothing can be written there (a sentence), or None; asked by writing, as mode bits deceive root."""
    place = _existing(folder)
    try:
        with tempfile.TemporaryFile(dir=place) as probe:
            probe.write(b"onset")
            probe.flush()
    except OSError as error:
        return f"{safe_path(place)} cannot be written ({error.strerror}); mend that, or choose another folder."
    return None
