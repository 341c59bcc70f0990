"""`onset new`: make a production folder, ready to log. `onset demo` makes its own with `make_production`."""

from __future__ import annotations

import argparse
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import LOG_NAME
from onset.config import parse_config
from onset.errors import ConfigError, LogError, RefusedError
from onset.slate import SYSTEMS, Overflow
from onset.text import safe_path, safe_text
from onset.timecode import RATES
from onset.toml import CONFIG_NAME, toml_string

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.config import Config

MAX_TITLE = 120

_EXAMPLES = """\
examples:
  onset new Harbour --title "Harbour Lights" --rate 23.976 --slating us
  onset new Fjord --rate 25 --slating eu
  cd Harbour && onset log roll 1 && onset log cut

The folder gets log.onset, config.toml (commented: devices and targets go in there) and media. Unit Main, day 1.
"""

_TEMPLATE = """\
# What this production is called, how it is slated, and which devices and disks it has.
# A key that onset does not know is an error, and the nearest one is suggested. Paths start at this folder.

[production]
title = {title}
rate = "{rate}"
slating = "{slating}"                    # us: 24, 24A, 24B …; eu: one running number; none: documentary
skip_letters = {skip_letters}               # letters no setup gets
overflow = "{overflow}"                # what follows Z: AA AB AC … or AA BB CC …
false_start_counts = {false_start_counts}         # false: the number of a false start is clapped again
voters = ["director", "script"]   # who may rate a take
# director = ""                   # as the log begins with them; "onset log production" changes them later
# company = ""
# logo = "logo.png"               # PNG or JPEG, for the head of reports

[log]
# backup_to = "/media/SHUTTLE/backup"   # a folder on another disk; it also holds the second journal
backup_every = "10 min"

[capture]
media = "media"
timecode = {timecode}              # the master, then who stands in for it: "MIX.ltc", "clock"
preroll = "15 s"                  # recorded from before the key
postroll = "5 s"                  # and past the cut
# roll_from_set = "start"         # a deck's lamp or a trigger line rolls the board's take by itself; else it proposes
# names = "{{slate}}-{{take}}_{{camera}}"   # of files; also {{production}}, {{day}}

# A device has a name, a kind (opencv, av, pyaudio, hyperdeck, sony9pin, trigger, clock; to rehearse: sim-camera,
# sim-mixer, sim-hyperdeck, sim-9pin, sim-trigger) and its own keys. "onset devices probe" finds what is connected.
{devices}
[offload]
copies = 2                        # verified copies on distinct disks before a card may be called safe
hashes = ["xxh128"]               # xxh128 xxh3 xxh64 md5 sha1 c4
# author = "Noor Haddad"          # who copies, for the manifests; also email, phone, role
# location = "Quay 4"

# [[recipient]]
# name = "editorial"              # onset wrap makes a folder for each; without one, "everyone" gets all reports
# reports = ["editor", "camera", "sound"]
# exports = ["ale"]
# zip = true
# log = true                      # a copy of the log goes with it, and with that everybody's private notes

# [[target]]
# name = "shuttle"                # onset offload CARD --to shuttle
# path = "/media/SHUTTLE"
# folder = "{{production}}/{{date}}_day{{day}}/{{camera}}/{{roll}}"   # also {{unit}}, {{counter}}: the next free number
# volume = "SHUTTLE"              # label or UUID of the disk that must be there; or removable = true: any disk
# after = "raid"                  # filled from the copy on that target, so that the card is free sooner
#
# [offload.preset.day]            # onset offload CARD --preset day
# targets = ["shuttle"]
# hashes = ["xxh128"]
# source_check = "reread"         # or "none"

[screen]
keyboard = "qwerty"               # qwertz, azerty
theme = "dark"                    # day: for the sun; "high contrast"; F12 changes it for a seat
# player = "mpv {{path}}"           # opens a clip
"""

_NO_DEVICES = """\
# [[device]]
# name = "A"
# kind = "opencv"
# source = 0
#
# [[device]]
# name = "MIX"
# kind = "pyaudio"
# match = "Scarlett"
# channels = { boom = 1, lav = 2, ltc = 4 }
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "new",
        help="make a production folder, ready to log",
        description="Make a production folder, ready to log.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("folder", metavar="DIR", help="the folder to make; it may exist, but hold no production")
    parser.add_argument("--title", metavar="T", help="the production's title (default: the folder's name)")
    parser.add_argument("--rate", required=True, metavar="R", help=", ".join(_rates()))
    parser.add_argument("--slating", choices=SYSTEMS, default="us", help="how setups are numbered (default: us)")
    parser.add_argument("--skip-letters", default="IO", metavar="XY", help="letters no setup gets (default: IO)")
    parser.add_argument("--overflow", choices=tuple(map(str, Overflow)), default="AA AB", help="what follows slate Z")
    parser.add_argument(
        "--false-start-counts",
        action=argparse.BooleanOptionalAction,
        default=True,
        help="a false start uses up its take number (default), or the number is clapped again",
    )
    parser.add_argument("--json", action="store_true", help="say what was made as JSON")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Make it.

    Raises:
        OnsetError: the folder cannot be one, or a value is wrong; nothing was made.
    """
    folder = Path(os.path.abspath(os.path.expanduser(args.folder)))
    title = args.title if args.title is not None else folder.name
    content = config_text(
        title,
        args.rate,
        args.slating,
        skip_letters=args.skip_letters,
        overflow=args.overflow,
        false_start_counts=args.false_start_counts,
    )
    make_production(folder, content)
    if args.json:
        made = parse_config(content, folder).production
        told = {"production": str(folder), "title": made.title, "rate": made.rate.name, "slating": made.slating.system}
        print(json.dumps(told))
    else:
        print(f"{safe_path(folder)} is ready to log: unit Main, day 1. Devices and targets go into its {CONFIG_NAME}.")
    return 0


def config_text(
    title: str,
    rate: str,
    slating: str,
    *,
    skip_letters: str = "IO",
    overflow: str = Overflow.AA_AB,
    false_start_counts: bool = True,
    timecode: tuple[str, ...] = ("clock",),
    devices: str = "",
) -> str:
    """A commented `config.toml`.

    Args:
        title: of the production.
        rate: by name, `"23.976"`.
        slating: `"us"`, `"eu"` or `"none"`.
        skip_letters: letters no setup gets.
        overflow: what follows slate Z.
        false_start_counts: a false start uses up its take number.
        timecode: the master, then who stands in for it.
        devices: `[[device]]` tables as TOML; empty for a commented example.

    Raises:
        ConfigError: a value is wrong; names it.
    """
    if len(title) > MAX_TITLE:
        raise ConfigError(f"The title is longer than {MAX_TITLE} characters; shorten it.")
    text = _TEMPLATE.format(
        title=toml_string(title),
        rate=safe_text(rate).replace('"', "'").replace("\\", "/"),
        slating=safe_text(slating),
        skip_letters=toml_string(skip_letters),
        overflow=safe_text(overflow),
        false_start_counts="true" if false_start_counts else "false",
        timecode=f"[{', '.join(map(toml_string, timecode))}]",
        devices=devices or _NO_DEVICES,
    )
    parse_config(text, Path())
    return text


def make_production(folder: Path, config: str) -> None:
    """Make the folder, its `config.toml` and media folder, and last the log, which makes it a production.

    Args:
        folder: absolute; made with what is missing above it.
        config: text of its `config.toml`.

    Raises:
        ConfigError: the configuration is wrong.
        RefusedError: it is a production already.
        LogError: the folder or the log cannot be made.
    """
    wanted = parse_config(config, folder)
    for name in (LOG_NAME, CONFIG_NAME):
        if os.path.lexists(folder / name):
            raise RefusedError(f"{safe_path(folder)} holds a {name} already; nothing was changed. Name another folder.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        wanted.capture.media.mkdir(parents=True, exist_ok=True)
        _write_new(folder / CONFIG_NAME, config)
    except OSError as error:
        where = error.filename if isinstance(error.filename, str) else folder
        raise LogError(f"{safe_path(where)} cannot be made: {error.strerror}. Name a folder that can.") from None
    try:
        _make_log(folder, wanted)
    except BaseException:
        (folder / CONFIG_NAME).unlink(missing_ok=True)  # so that the same command can be given again
        raise


def _make_log(folder: Path, config: Config) -> None:
    from logging_db.logbook import create_log

    wanted = config.production
    create_log(
        folder,
        title=wanted.title,
        rate=wanted.rate.name,
        slating=wanted.slating.system,
        skip_letters=wanted.slating.skip_letters,
        overflow=wanted.slating.overflow,
        false_start_counts=wanted.false_start_counts,
        company=wanted.company,
        director=wanted.director,
    )


def _write_new(path: Path, text: str) -> None:
    with open(path, "x", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())


def _rates() -> list[str]:
    return [name for name, rate in RATES.items() if not rate.sensor_only]
