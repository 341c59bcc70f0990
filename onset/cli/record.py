"""`onset record`: a recording without a log, of configured devices or of one that the command line names.

For trying a camera, a feed or a mixer, and for whoever needs a file and no day. Takes are the capture service's.
"""

from __future__ import annotations

import argparse
import json
import shlex
import signal
import sys
import threading
import tomllib
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import load_config, production_if_any
from onset.clock import SystemClock
from onset.config import CLIP_NAMES
from onset.errors import CaptureError, MediumError, UsageError
from onset.text import safe_path, safe_text
from onset.toml import listed, nearest, seconds_of

if TYPE_CHECKING:
    from onset.capture.record_run import LeftRun
    from onset.capture.signals import Setup
    from onset.capture.unlogged import Recorded
    from onset.cli.main import CommandParser

_RATE = "25"
_LONGEST_S = 24 * 3600.0
_NS = 1_000_000_000

_EXAMPLES = """\
examples:
  onset record                                     every configured device, until Ctrl-C
  onset record A MIX --for 10s -o /media/SSD       two of them, ten seconds
  onset record B --kind av --option url=udp://127.0.0.1:5000 --for "1 min"
  onset record MIX --kind pyaudio --option match=Scarlett --option "channels={ boom = 1 }"

Files are called by date and time, 2026-11-26-153012_A.mov, and never written over. --json prints
{"files": [{"device", "path", "medium", "tc_in", "tc_source", "rate", "duration_frames", "samples", "sample_rate",
"tracks", "dropped", "interrupted"}], "trouble": []}. Exit 1 when a device recorded nothing, or not all.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser("record", help="record devices without a log", description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("devices", nargs="*", metavar="DEVICE", help="names from config.toml; all when none is given")
    parser.add_argument("--for", dest="duration", metavar="TIME", help="how long: 10s, 1.5min; else until Ctrl-C")
    parser.add_argument("-o", "--output", metavar="DIR", default=".", help="folder for the files; here by default")
    parser.add_argument("--kind", help="a device that no config.toml knows: its kind (onset devices lists them)")
    parser.add_argument(
        "--option", action="append", default=[], metavar="KEY=VALUE", help="a key of the device, with --kind"
    )
    parser.add_argument("--rate", help="with --kind: frames a second of the timecode, 25 by default")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Record, and tell what was written."""
    from onset.capture.bus import own_folder
    from onset.capture.line import WorkerLine
    from onset.capture.record_run import begin_run
    from onset.capture.signals import Slated
    from onset.capture.unlogged import Unlogged
    from onset.cli.capture import worker_command

    seconds = None if args.duration is None else _seconds(args.duration)
    folder = Path(args.output).absolute()
    clock = SystemClock()
    recording, left = begin_run(own_folder())
    for each in left:
        tell_of_left(each)
    bus = recording.folder  # a live bus that nobody watches
    stop = threading.Event()
    before = {number: signal.signal(number, lambda *_: stop.set()) for number in _ENDING}
    try:
        setups = _named(args, folder, bus) if args.kind else _configured(args, folder, bus)
        _check(setups)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise CaptureError(f"{safe_path(folder)} cannot be made: {error.strerror}.") from error
        now = datetime.fromtimestamp(clock.wall_ns() // _NS)  # noqa: DTZ006  # in names: the machine's own zone
        slated = Slated(
            take_id="0" * 32,
            production=setups[0].production,
            unit="Main",
            day=0,
            scene="",
            slate=f"{now:%Y-%m-%d}",
            take=f"{now:%H%M%S}",
            folder=".",
        )
        unlogged = Unlogged(
            setups,
            lambda setup: WorkerLine(worker_command(), setup, clock.monotonic_ns),
            clock,
            slated,
            _tell,
            lambda path: recording.records(folder / path),
        )
        if sys.stderr.isatty():
            _tell("Recording; Ctrl-C ends it.")
        found = unlogged.run(stop.is_set, seconds)
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        recording.end()
    found = [each for each in found if not each.deck]
    _show(found, folder, as_json=args.json)
    return 0 if found and all(each.well for each in found) else 1


_ENDING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def _tell(sentence: str) -> None:
    print(safe_text(sentence), file=sys.stderr, flush=True)


def tell_of_left(run: LeftRun) -> None:
    """Name what a run that was killed did not finish, at each start until it is finished; then forget the run.

    Its workers finish their files by themselves where they were not killed too: meanwhile they are left alone.
    """
    from devices.repair import examine

    waits = False
    for path in run.files:
        try:
            found = examine(path)
        except MediumError:
            continue  # gone, or moved
        shown = safe_path(path)
        if found.state == "repairable":
            mend = f"onset media repair {shlex.quote(str(path))}"
            _tell(f"{shown} was never finished: its onset record was killed. Finish it: {mend}")
        elif found.state == "hopeless":
            _tell(f"{shown} was left by an onset record that was killed, and cannot be finished: {found.detail}.")
        waits |= found.state in ("repairable", "busy")
    if not waits:
        run.clear()


def _seconds(text: str) -> float:
    seconds = seconds_of(text)
    if seconds is None or not 0 < seconds <= _LONGEST_S:
        raise UsageError(f'--for takes a time such as "10s" or "1.5min", not "{safe_text(text)}".')
    return seconds


def _configured(args: argparse.Namespace, folder: Path, bus: Path) -> list[Setup]:
    """The devices of the production; none of them may be held by its capture service."""
    import msgspec

    from onset.capture.lock import lock_holder
    from onset.cli.capture import setups_of

    if args.option or args.rate:
        raise UsageError("--option and --rate describe a device of a --kind; those of config.toml have theirs there.")
    production = production_if_any(args)
    if production is None:
        raise UsageError("There is no production here; go into one, name one with -p DIR, or name a device's --kind.")
    config = load_config(production)
    names = [device.name for device in config.devices]
    for name in args.devices:
        if config.device(name) is None:
            hint = nearest(name, names) or f"; it has {listed(names) if names else 'none'}."
            raise UsageError(f'config.toml has no device "{safe_text(name)}"{hint}')
    if lock_holder(production, SystemClock()) is not None:
        raise CaptureError(
            f"The capture service of {safe_path(production)} has the devices; roll a take (onset log roll), or end it "
            "with onset capture --stop."
        )
    wanted = {name.lower() for name in args.devices}
    setups = [each for each in setups_of(config, bus) if not wanted or each.device.lower() in wanted]
    if not setups:
        raise UsageError("No devices are configured; add a [[device]] to config.toml, or name a --kind.")
    return [
        msgspec.structs.replace(each, media=str(folder), preroll_s=0.0, postroll_s=0.0, names=CLIP_NAMES)
        for each in setups
    ]


def _named(args: argparse.Namespace, folder: Path, bus: Path) -> list[Setup]:
    """The device that the command line describes; checked as a config.toml would be."""
    from onset.capture.signals import Setup
    from onset.config import parse_config
    from onset.toml import toml_string

    if len(args.devices) > 1:
        raise UsageError("--kind describes one device; name one, or none.")
    name = args.devices[0] if args.devices else "A"
    rate = args.rate or _RATE
    head = f'[production]\ntitle = "onset record"\nrate = {toml_string(rate)}\n'
    table = f"[[device]]\nname = {toml_string(name)}\nkind = {toml_string(args.kind)}\n"
    device = parse_config(head + table, folder).devices[0]
    options = dict(_option(each) for each in args.option)
    return [
        Setup(
            device=device.name,
            kind=device.kind,
            options={key: value for key, value in options.items() if key != "files"},
            production="",
            media=str(folder),
            bus=str(bus),
            rate=rate,
            timecode=["clock"],
            preroll_s=0.0,
            postroll_s=0.0,
            files="mono" if options.get("files") == "mono" else "poly",
        )
    ]


def _check(setups: list[Setup]) -> None:
    """Say at once what can never work: making a device touches none, and reads all of its keys."""
    from devices.adapter import Surroundings
    from devices.registry import load_kind
    from onset.timecode import rate

    for each in setups:
        around = Surroundings(each.production, rate(each.rate), SystemClock())
        load_kind(each.kind)(each.device, each.options, around)


def _option(written: str) -> tuple[str, object]:
    """`key=value`, the value as config.toml would have it; what is no TOML is a text."""
    key, equals, value = written.partition("=")
    if not equals or not key.strip():
        raise UsageError(f'--option takes KEY=VALUE, not "{safe_text(written)}".')
    try:
        return key.strip(), tomllib.loads(f"value = {value}")["value"]
    except (ValueError, RecursionError):
        return key.strip(), value


def _show(found: list[Recorded], folder: Path, *, as_json: bool) -> None:
    if as_json:
        files = [
            {
                "device": clip.device,
                "path": str(folder / clip.path),
                "medium": clip.medium,
                "tc_in": clip.tc_in,
                "tc_source": clip.tc_source,
                "rate": clip.rate,
                "duration_frames": clip.duration_frames,
                "samples": clip.samples,
                "sample_rate": clip.sample_rate,
                "tracks": clip.tracks,
                "dropped": clip.dropped,
                "interrupted": clip.interrupted,
            }
            for each in found
            for clip in each.files
        ]
        trouble = [sentence for each in found for sentence in each.trouble]
        trouble += [f"{folder / clip.path} was cut off." for each in found for clip in each.lost]
        json.dump({"files": files, "trouble": trouble}, sys.stdout, ensure_ascii=False)
        print()
        return
    for each in found:
        for clip in each.files:
            unit = "samples" if clip.samples is not None else "frames"
            more = f", {clip.dropped} {unit} lost" if clip.dropped else ""
            cut = ", cut off" if clip.interrupted else ""
            where = safe_path(folder / clip.path)
            print(f"{clip.device:<8} {clip.tc_in}  {clip.duration_frames:>6} frames{more}{cut}  {where}")
        for lost in each.lost:
            print(f"{lost.device:<8} {lost.tc_in}  cut off; its worker ended  {safe_path(folder / lost.path)}")
        for sentence in each.trouble:
            if not each.files:
                print(safe_text(sentence), file=sys.stderr)
