"""`onset devices identify|reconnect|still|record|stop|fault NAME`: ask one device for something.

The running capture service passes it on; only `identify` also works without one, by opening the device shortly.
"""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, load_config
from onset.clock import SystemClock
from onset.errors import CaptureError, UsageError
from onset.text import safe_text
from onset.toml import nearest

if TYPE_CHECKING:
    from collections.abc import Callable

    from onset.cli.main import CommandParser
    from onset.config import Config

_ANSWER_S = 10.0  # a deck may take 3 s to confirm, a busy disk as long to take a still
_SETTLES_S = 15.0

# What a device can be asked, and what it then does.
_ASKS = {
    "identify": "say what the device is and which lamp, picture or name to look for",
    "reconnect": "close the device and open it again, at once",
    "still": "take a still of a camera; prints its path below the media folder",
    "record": "have a deck record",
    "stop": "have a deck stop recording",
    "fault": "let something go wrong with a simulated device, as a rehearsal",
}
_EXAMPLES = {
    "identify": "onset devices identify A",
    "reconnect": "onset devices reconnect MIX",
    "still": "onset devices still A",
    "record": "onset devices record DECK --clip 42C-3",
    "stop": "onset devices stop DECK",
    "fault": "onset devices fault A disconnect seconds=4\n  onset devices fault MIX ppm amount=40",
}


def add_asks(verbs: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe them."""
    for what, purpose in _ASKS.items():
        parser = verbs.add_parser(
            what,
            help=purpose,
            description=f"{purpose[0].upper()}{purpose[1:]}.",
            epilog=f"example:\n  {_EXAMPLES[what]}",
        )
        parser.add_argument("device", metavar="NAME", help="the device, as config.toml calls it")
        if what == "record":
            parser.add_argument("--clip", default="", metavar="C", help="name of the clip (default: the deck's own)")
        if what == "fault":
            parser.add_argument("fault", metavar="KIND", help="what goes wrong (docs/rehearsing.md lists them)")
            parser.add_argument("args", nargs="*", metavar="KEY=VALUE", help="seconds=4, frames=12, amount=40 …")
        parser.add_argument(
            "--json", action="store_true", default=argparse.SUPPRESS, help="one JSON document on standard output"
        )
        parser.set_defaults(run=_run, what=what)


def _run(args: argparse.Namespace) -> int:
    import json

    production = find_production(args)
    config = load_config(production)
    name = _name_in(config, args.device)
    ok, value = _asked(production, config, name, args.what, _arguments(args))
    if args.json:
        print(json.dumps({"device": name, "ask": args.what, "ok": ok, "answer": value}, ensure_ascii=False))
    elif ok:
        print(safe_text(value))
    if ok or args.json:
        return 0 if ok else 1
    raise CaptureError(value)


def _name_in(config: Config, given: str) -> str:
    device = config.device(given)
    if device is None:
        names = [each.name for each in config.devices]
        hint = nearest(given, names) or (f"; there are {', '.join(names)}." if names else "; none is configured.")
        raise UsageError(f'There is no device "{safe_text(given)}"{hint}')
    return device.name


def _arguments(args: argparse.Namespace) -> dict[str, str]:
    if args.what == "record":
        return {"clip": args.clip}
    if args.what != "fault":
        return {}
    found = {"kind": str(args.fault)}
    for word in args.args:
        key, mark, value = word.partition("=")
        if not mark or not key or not value or key == "kind":
            raise UsageError(f'"{safe_text(word)}" must be KEY=VALUE, as in seconds=4.')
        found[key] = value
    return found


def _asked(production: Path, config: Config, name: str, what: str, args: dict[str, str]) -> tuple[bool, str]:
    from onset.capture.asks import ask
    from onset.capture.bus import check_private
    from onset.capture.lock import settled_holder

    clock = SystemClock()
    held = settled_holder(production, clock, _SETTLES_S)
    if held is not None:
        check_private(Path(held.folder))
        answer = ask(Path(held.folder), what, name, args, timeout_s=_ANSWER_S)
        return answer.ok, answer.value
    if what != "identify":
        raise CaptureError("No capture service runs for this production; start it with `onset capture`.")
    from onset.cli.devices_open import open_shortly

    seen = open_shortly(config, clock, _is(name), who=True)[0]
    return seen.state == "live", seen.detail


def _is(name: str) -> Callable[[str], bool]:
    return lambda each: each == name
