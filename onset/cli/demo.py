"""`onset demo`: a rehearsal production on simulated devices.

At a terminal it opens the app; headless it plays a whole day: logs, records, offloads, verifies, matches, reports, and
checks what came out. Nothing of it is canned: the same service, log, copy engine and reports as on a real day.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import signal
import sys
from collections.abc import Callable, Collection, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from onset.clock import SystemClock
from onset.errors import UsageError
from onset.text import safe_path, safe_text
from onset.toml import CONFIG_NAME, toml_string

if TYPE_CHECKING:
    from onset.cli.main import CommandParser

DEFAULT_FOLDER = Path("build") / "demo"
TITLE = "Harbour Lights"
CAMERAS = ("A", "B")
MIXER = "MIX"
TARGETS = ("SHUTTLE", "RAID")

# What marks a folder as ours to rebuild, and everything that a rehearsal makes there; all else in it is left alone.
_MARKER = "REHEARSAL"
_MADE = ("card", "copies", "media", "reports", "capture.lock", CONFIG_NAME)
_LOG_FILES = "log.onset*"
_MARKER_TEXT = """\
This folder is a rehearsal of onset ("onset demo"). It may be thrown away, and a headless rehearsal rebuilds it.
"""

_NS = 1_000_000_000
_CONFIG = """\
# A rehearsal production: two simulated cameras and a simulated mixer whose last track is the master timecode.

[production]
title = {title}
rate = "23.976"
slating = "us"
voters = ["director", "script"]
director = "A. Rehearsal"

[capture]
timecode = ["{mixer}.ltc", "clock"]
preroll = "2 s"                   # a real day uses 15 s and 5 s
postroll = "1 s"

{devices}
[offload]
copies = 2

{targets}"""

_ABOUT = """\
A rehearsal production on simulated devices. At a terminal it opens the app; headless it plays a whole day: logs,
records, offloads, verifies, reports, and checks what came out, with the parts of a real day.
"""

_EXAMPLES = """\
examples:
  onset demo                    the app on build/demo; made on first use, opened again afterwards
  onset demo --headless         the whole day by itself in under a minute, then ends
  onset demo try --headless --seed 7
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "demo", help="a rehearsal day on simulated devices", description=_ABOUT, epilog=_EXAMPLES
    )
    parser.add_argument("folder", metavar="DIR", nargs="?", help=f"the rehearsal's folder (default: {DEFAULT_FOLDER})")
    parser.add_argument("--headless", action="store_true", help="play the day without the app, even at a terminal")
    parser.add_argument(
        "--seed", type=int, default=1, metavar="N", help="of the pictures and the pace of a new rehearsal (default: 1)"
    )
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Open the app on the rehearsal, or play the day.

    Raises:
        UsageError: the folder is something else.
    """
    folder = Path(os.path.abspath(os.path.expanduser(args.folder or DEFAULT_FOLDER)))
    _check_folder(folder)
    if args.headless or not (sys.stdin.isatty() and sys.stdout.isatty()):
        return _play(folder, args.seed)
    return _open_app(folder, args.seed)


def make_rehearsal(folder: Path, seed: int) -> None:
    """Make the rehearsal production; what an earlier one left in the folder goes.

    Raises:
        UsageError: somebody has it open, or the folder cannot be written.
    """
    from onset.cli.new import make_production

    try:
        _clear(folder)
        folder.mkdir(parents=True, exist_ok=True)
        (folder / _MARKER).write_text(_MARKER_TEXT, encoding="utf-8")
        for target in TARGETS:
            (folder / "copies" / target).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        where = safe_path(error.filename or folder)
        raise UsageError(
            f"{where} cannot be written: {error.strerror}; name another folder for the rehearsal."
        ) from None
    make_production(folder, config_of(seed))


def config_of(seed: int) -> str:
    """The rehearsal's `config.toml`."""
    devices = [_device(camera, "sim-camera", seed, "width = 640\nheight = 360\n") for camera in CAMERAS]
    devices.append(_device(MIXER, "sim-mixer", seed, ""))
    targets = (
        f"[[target]]\nname = {toml_string(name.lower())}\npath = {toml_string(f'copies/{name}')}\n" for name in TARGETS
    )
    return _CONFIG.format(title=toml_string(TITLE), mixer=MIXER, devices="\n".join(devices), targets="\n".join(targets))


def _device(name: str, kind: str, seed: int, more: str) -> str:
    return f'[[device]]\nname = "{name}"\nkind = "{kind}"\nseed = "{name}{seed}"\n{more}'


def _check_folder(folder: Path) -> None:
    """Refuse a folder that a rehearsal must not touch."""
    if not os.path.lexists(folder):
        return
    shown = safe_path(folder)
    if not folder.is_dir() or folder.is_symlink():
        raise UsageError(f"{shown} is not a folder; name another one for the rehearsal.")
    try:
        empty = not any(folder.iterdir())
    except OSError as error:
        raise UsageError(f"{shown} cannot be read: {error.strerror}; name another folder for the rehearsal.") from None
    if not empty and not (folder / _MARKER).is_file():
        raise UsageError(f"{shown} is not a rehearsal and will not be touched; name an empty or a new folder.")


def _clear(folder: Path) -> None:
    from onset.capture.lock import lock_holder

    held = lock_holder(folder)
    if held is not None:
        raise UsageError(
            f"A rehearsal runs in {safe_path(folder)} (process {held.pid}); close it, or end its recorders with "
            f'"onset -p {safe_path(folder)} capture --stop".'
        )
    made = [folder / name for name in _MADE] + sorted(folder.glob(_LOG_FILES))
    for path in made:
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _open_app(folder: Path, seed: int) -> int:
    from onset.capture.lock import service_running
    from onset.cli.capture import stop_service
    from onset.cli.find import LOG_NAME, open_logbook
    from onset.cli.rehearsal_told import program, shown
    from onset.cli.tui import open_app

    if not (folder / LOG_NAME).exists():
        make_rehearsal(folder, seed)
        _fill_board(folder, seed)
    try:
        return open_app(folder)
    finally:
        if service_running(folder):
            logbook = open_logbook(folder)
            try:
                rolling = logbook.rolling()
            finally:
                logbook.close()
            if rolling:
                going = safe_text(rolling[0].label)
                print(f'{going} still rolls and is recorded; "{program()} demo {shown(folder)}" goes back to it.')
            else:
                stop_service(folder, SystemClock())


def _fill_board(folder: Path, seed: int) -> None:
    """Scenes, setups and the first slate, so that the first key can be Space."""
    from onset.cli.find import load_config, open_logbook
    from onset.cli.moment import Moments
    from onset.cli.rehearsal import ScriptSupervisor

    clock = SystemClock()
    logbook = open_logbook(folder)
    try:
        with contextlib.closing(Moments(None, load_config(folder), clock)) as moments:
            ScriptSupervisor(logbook, moments.now, clock, seed).prepare(CAMERAS)
    finally:
        logbook.close()


def _play(folder: Path, seed: int) -> int:
    from devices.media_av import AvMediaReader
    from devices.simulated.card import make_card
    from onset.cli.capture import start_service, stop_service
    from onset.cli.find import open_logbook
    from onset.cli.rehearsal import play_day
    from onset.cli.rehearsal_check import check_recordings
    from onset.cli.rehearsal_told import TakeLines, shown, tell_end
    from onset.cli.rehearsal_wrap import offload_card, print_reports, reconcile

    clock = SystemClock()
    began_ns = clock.monotonic_ns()
    with _ending_on_signals():
        make_rehearsal(folder, seed)
        print(f"A rehearsal of {TITLE}, day 1, in {shown(folder)}", flush=True)
        lines = TakeLines()
        try:
            with _without_interruption():
                start_service(folder)
            logbook = open_logbook(folder)
            try:
                rolled = play_day(logbook, folder, clock, seed, lines.tell)
                takes = [take for take in map(logbook.take, rolled) if take is not None]
                date = logbook.days()[-1].date
            finally:
                logbook.close()
        finally:
            with _without_interruption():
                lines.end()
                stop_service(folder, clock)
        checked = check_recordings(takes, folder, AvMediaReader())
        clips = [folder / clip.path for take in takes for angle in take.angles[:1] for clip in angle.clips]
        card = folder / "card" / "A001"
        made = make_card(card, clips, seed=seed, date=date[2:].replace("-", ""))
        offloaded = offload_card(folder, card, [folder / "copies" / name for name in TARGETS])
        originals = [path.stem for path in made.files if path.suffix == ".mov"]
        reconciled = reconcile(folder, offloaded.label, originals)
        logbook = open_logbook(folder)
        try:
            reports = print_reports(logbook, folder)
        finally:
            logbook.close()
    tell_end(checked, offloaded, reconciled, reports, (clock.monotonic_ns() - began_ns) // _NS, folder)
    return 1 if checked.problems else 0


@contextlib.contextmanager
def _ending_on_signals() -> Iterator[None]:
    """A polite kill or a closed terminal ends the rehearsal as Ctrl-C does: nothing stays running."""

    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with _handling((signal.SIGTERM, signal.SIGHUP), interrupt):
        yield


@contextlib.contextmanager
def _without_interruption() -> Iterator[None]:
    """Ctrl-C waits until the block has ended: a service half started would be found, and stopped, by nobody."""
    came: list[object] = []
    with _handling((signal.SIGINT, signal.SIGTERM, signal.SIGHUP), lambda *_: came.append(_)):
        yield
    if came:
        raise KeyboardInterrupt


@contextlib.contextmanager
def _handling(numbers: Collection[signal.Signals], handler: Callable[[int, object], object]) -> Iterator[None]:
    # What the caller of the program ignores (nohup) stays ignored.
    before = {number: signal.getsignal(number) for number in numbers}
    for number, old in before.items():
        if old is not signal.SIG_IGN:
            signal.signal(number, handler)
    try:
        yield
    finally:
        for number, old in before.items():
            signal.signal(number, old)
