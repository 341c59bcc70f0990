"""`onset devices probe`: what is connected, and the lines of `config.toml` that would use it.

Cameras and sound inputs of this machine are looked for, and serial ports listed. A network is never searched: a deck is
asked when its `--host` is given, a feed when its address is. Each thing is opened in a process of its own.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.devices_seen import delivered
from onset.cli.find import load_config, production_if_any
from onset.clock import Clock, SystemClock
from onset.errors import UsageError
from onset.text import safe_path, safe_text
from onset.toml import CONFIG_NAME

if TYPE_CHECKING:
    from onset.capture.signals import Delivers, Setup
    from onset.cli.main import CommandParser
    from onset.config import Config

_LOOKS_S = 60.0  # a serial port that is asked may take ten
_VIDEO = Path("/dev")
_BY_ID = Path("/dev/v4l/by-id")
_OTHER_CAMERAS = 3  # where cameras are no files, the first few numbers are tried
_ORDINARY_RATE = 48_000
_NAMES = {"opencv": "ABCDEFGH", "av": "ABCDEFGH"}
_STEMS = {"pyaudio": "MIX", "hyperdeck": "DECK", "sony9pin": "DECK", "trigger": "BOX"}

_EXAMPLES = """\
examples:
  onset devices probe                          cameras, sound inputs and serial ports of this machine
  onset devices probe rtsp://10.0.0.5/live     one feed: does it open, what does it deliver
  onset devices probe --host 10.0.0.8          a HyperDeck
  onset devices probe --port /dev/ttyUSB0      ask what is on a serial port (it gets a few bytes)
  onset devices probe --write                  add what answered to config.toml

Nothing on a network is looked for unasked, and no serial port is opened unless it is named or --ask-serial is given.
"""


@dataclass(frozen=True, slots=True)
class Found:
    """Something that is connected.

    Attributes:
        what: camera, sound, serial, deck or feed.
        kind: of device, as `config.toml` has it; empty where nobody knows.
        options: the device's own keys.
        state: live, missing, unasked (a serial port), known (`name` is configured already).
        name: in `config.toml`, or one that is free there.
    """

    what: str
    kind: str
    options: dict[str, object]
    state: str
    detail: str
    name: str = ""
    delivers: Delivers | None = None


def add_probe(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe it."""
    purpose = "find what is connected and print the config lines for it"
    parser = verbs.add_parser("probe", help=purpose, description=__doc__, epilog=_EXAMPLES)
    parser.add_argument("urls", nargs="*", metavar="URL", help="a feed to open: rtsp://…, udp://…, http://…, or a film")
    parser.add_argument("--host", action="append", default=[], metavar="H", help="ask the HyperDeck at this address")
    parser.add_argument("--port", action="append", default=[], metavar="P", help="ask what is on this serial port")
    parser.add_argument("--ask-serial", action="store_true", help="ask what is on every serial port")
    parser.add_argument("--write", action="store_true", help="append what answered to config.toml")
    parser.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document on standard output"
    )
    parser.set_defaults(run=_run)


def _run(args: argparse.Namespace) -> int:
    production = production_if_any(args)
    if args.write and production is None:
        raise UsageError("--write needs a production to write into; go into one, or name one with -p DIR.")
    config = None if production is None else load_config(production)
    clock = SystemClock()
    asked = bool(args.urls or args.host or args.port)
    found = [Found("feed", "av", {"url": url}, "", "") for url in args.urls]
    found += [Found("deck", "hyperdeck", {"host": host}, "", "") for host in args.host]
    found += [] if asked else _cameras()
    notes: list[str] = []
    ports = ["--all"] if args.ask_serial else args.port
    if args.ask_serial or args.port or not asked:
        found += _serial(ports, notes)
    found += [] if asked else _sound(notes)
    found = _named(_opened(_known(found, config), config, clock), config)
    if args.json:
        print(json.dumps({"found": [_as_json(each) for each in found], "notes": notes}, ensure_ascii=False))
    else:
        _show(found, notes)
    if args.write and production is not None:
        from onset.cli.devices_write import append_devices

        new = [_lines(each, secret=True) for each in found if each.state == "live"]
        append_devices(production, new)
        print(f"{len(new)} devices were added to {safe_path(production / CONFIG_NAME)}.", file=sys.stderr)
    return 1 if asked and any(each.state == "missing" for each in found) else 0


# -- looking ----------------------------------------------------------------------------------------------------------


def _cameras() -> list[Found]:
    """Device files of cameras, by a name that stays where there is one."""
    stable = {path.resolve(): path for path in sorted(_BY_ID.glob("*"))} if _BY_ID.is_dir() else {}
    files = sorted(_VIDEO.glob("video[0-9]*"), key=lambda path: int(path.name[5:]) if path.name[5:].isdecimal() else 0)
    sources: list[object] = [str(stable.get(path.resolve(), path)) for path in files]
    if not sys.platform.startswith("linux"):
        sources = list(range(_OTHER_CAMERAS))
    return [Found("camera", "opencv", {"source": source}, "", "") for source in sources]


def _asked_of(what: Sequence[str], notes: list[str]) -> list[dict[str, object]]:
    """What `devices.probe` answers; that it could not is a note."""
    command = [sys.executable, "-P", "-m", "devices.probe", *what]
    try:
        done = subprocess.run(command, capture_output=True, timeout=_LOOKS_S, check=False, stdin=subprocess.DEVNULL)
    except subprocess.TimeoutExpired:
        notes.append(f"Looking for {what[0]} took more than {_LOOKS_S:g} s and was given up.")
        return []
    if done.returncode == 3:
        notes.append('Sound needs PyAudio, which is not installed; run "make audio" (or install the "audio" extra).')
    elif done.returncode:
        how = f"signal {-done.returncode}" if done.returncode < 0 else f"code {done.returncode}"
        last = (done.stderr.decode(errors="replace").strip().splitlines() or ["without a word"])[-1]
        notes.append(f"Looking for {what[0]} ended with {how}: {safe_text(last[:200])}.")
    else:
        found: list[dict[str, object]] = json.loads(done.stdout)
        return found
    return []


def _sound(notes: list[str]) -> list[Found]:
    found = []
    for told in _asked_of(["sound"], notes):
        options: dict[str, object] = {"match": told["name"], "api": told["api"]}
        if told["sample_rate"] != _ORDINARY_RATE:
            options["sample_rate"] = told["sample_rate"]
        default = ", the system's default" if told["default"] else ""
        detail = f"{told['channels']} channels at {told['sample_rate']} Hz by {told['api']}{default}"
        found.append(Found("sound", "pyaudio", options, "live", detail))
    return found


def _serial(ports: Sequence[str], notes: list[str]) -> list[Found]:
    found = []
    for told in _asked_of(["serial", *ports], notes):
        kind, options = str(told["kind"]), told["options"]
        state = "live" if kind else "missing" if ports and told["port"] in ports else "unasked"
        found.append(Found("serial", kind, options if isinstance(options, dict) else {}, state, str(told["detail"])))
    return found


def _known(found: list[Found], config: Config | None) -> list[Found]:
    """Mark what is configured already: it is not opened, the capture service may have it."""

    def known(each: Found) -> Found:
        for device in [] if config is None else config.devices:
            key = next(iter(each.options), "")
            same = key in each.options and device.options.get(key) == each.options[key]
            if same and each.kind in ("", device.kind):
                detail = f'is "{device.name}" in {CONFIG_NAME} already'
                return replace(each, state="known", kind=device.kind, name=device.name, detail=detail)
        return each

    return [known(each) for each in found]


def _opened(found: list[Found], config: Config | None, clock: Clock) -> list[Found]:
    """Open what has not been looked at, all at once, each in a worker."""
    from onset.capture.signals import Setup
    from onset.cli.devices_open import open_setups

    waiting = [index for index, each in enumerate(found) if not each.state]

    def setups(bus: Path) -> list[Setup]:
        rate = "25" if config is None else config.production.rate.name
        return [
            Setup(
                device=f"P{index}",
                kind=found[index].kind,
                options=found[index].options,
                production="",
                media=str(bus),
                bus=str(bus),
                rate=rate,
                timecode=["clock"],
            )
            for index in waiting
        ]

    opened = list(found)
    for index, seen in zip(waiting, open_setups(setups, clock) if waiting else [], strict=True):
        detail = delivered(seen.delivers) if seen.state == "live" else seen.detail.removeprefix(f"P{index}: ")
        opened[index] = replace(found[index], state=seen.state, detail=detail, delivers=seen.delivers)
    return opened


def _named(found: list[Found], config: Config | None) -> list[Found]:
    """Give each that is new a name that nobody has."""
    taken = {device.name.lower() for device in config.devices} if config is not None else set()
    named = []
    for each in found:
        if each.state != "known" and each.kind:
            stem = _STEMS.get(each.kind, each.kind.upper())
            numbered = [stem, *(f"{stem}{number}" for number in range(2, 1000))]
            free = [name for name in [*_NAMES.get(each.kind, ""), *numbered] if name.lower() not in taken]
            if each.state == "live":
                taken.add(free[0].lower())
            each = replace(each, name=free[0])
        named.append(each)
    return named


# -- telling ----------------------------------------------------------------------------------------------------------


def _without_secrets(each: Found) -> dict[str, object]:
    from devices.feed_url import shown

    return {key: shown(str(value)) if key == "url" else value for key, value in each.options.items()}


def _lines(each: Found, *, secret: bool) -> str:
    """Its `[[device]]`."""
    from onset.toml import toml_string

    options = each.options if secret else _without_secrets(each)
    written = {"name": each.name, "kind": each.kind, **options}
    rows = [f"{key} = {toml_string(value) if isinstance(value, str) else value}" for key, value in written.items()]
    return "\n".join(["[[device]]", *rows, ""])


def _as_json(each: Found) -> dict[str, object]:
    given = each.delivers
    return {
        "what": each.what,
        "kind": each.kind or None,
        "state": each.state,
        "name": each.name or None,
        "options": _without_secrets(each),
        "detail": each.detail,
        "width": None if given is None else given.width,
        "height": None if given is None else given.height,
        "rate": None if given is None else given.fps,
    }


def _show(found: list[Found], notes: list[str]) -> None:
    for each in found:
        where, detail = safe_text(str(next(iter(_without_secrets(each).values()), ""))), safe_text(each.detail)
        print(f"{each.what:<7} {each.state:<8} {detail if detail.startswith(where) else f'{where}: {detail}'}")
    for note in notes:
        print(note)
    if not found:
        print("No camera, sound input or serial port was found.")
    new = [each for each in found if each.state == "live"]
    if new:
        print(f"\nFor {CONFIG_NAME} (names are yours to choose):\n")
        print(*(safe_text(_lines(each, secret=False), lines=True) for each in new), sep="\n")
