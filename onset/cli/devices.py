"""`onset devices`: the configured devices and how they are.

While the capture service runs it is asked, and no device is opened a second time. Otherwise `--check` opens each one
shortly, in a worker of its own; without it nothing is opened, and a device's state is `unchecked`.
"""

from __future__ import annotations

import argparse
import json
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.devices_asks import add_asks
from onset.cli.devices_open import OPENS_IN_S, open_shortly
from onset.cli.devices_probe import add_probe
from onset.cli.devices_seen import Seen, alarm_json, alarm_row, as_json, clock_json, clock_row, row_of, see
from onset.cli.find import find_production, load_config
from onset.clock import Clock, SystemClock
from onset.errors import UsageError

if TYPE_CHECKING:
    from onset.capture.asks import Status
    from onset.capture.bus import Watcher
    from onset.cli.main import CommandParser

_ANSWER_S = 2.0
_SLOTS_S = 0.8  # health comes twice a second
_UNCHECKED = "unchecked"

_EXAMPLES = """\
examples:
  onset devices                         what is configured; how it is, when the capture service runs
  onset devices --check                 open each device shortly; exit 1 when one does not deliver
  onset devices --watch                 how they are, now, until Ctrl-C: levels, clocks, files, losses
  onset devices --watch --json          one JSON line for each change
  onset devices identify A              which one is that?
  onset devices reconnect MIX           close it and open it again
  onset devices fault A black seconds=5 rehearse a fault on a simulated device
  onset devices probe                   what is connected, and the config lines for it
  onset devices --json                  {"devices": [{"name", "kind", "state", …}], "alarms": […], "clocks": […]}

States: connecting, live, stalled, lost, back-off, missing; "unchecked" when nobody has opened the device.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "devices", help="the configured devices and how they are", description=__doc__, epilog=_EXAMPLES
    )
    parser.add_argument("--check", action="store_true", help="open what nobody has open; exit 1 when one is not live")
    parser.add_argument("--watch", action="store_true", help="go on showing them until Ctrl-C")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=run)
    verbs = parser.add_subparsers(title="verbs", metavar="VERB")
    add_asks(verbs)
    add_probe(verbs)


def run(args: argparse.Namespace) -> int:
    """Say how the devices are.

    Returns:
        0, or 1 when `--check` found a device that is not live.
    """
    from onset.capture.bus import check_private
    from onset.capture.lock import settled_holder

    now: Status | None = None
    production = find_production(args)
    config = load_config(production)
    clock = SystemClock()
    if args.watch:
        if args.check:
            raise UsageError("--check looks once and --watch goes on; use one of them.")
        from onset.cli.devices_watch import watch

        return watch(production, config.production.rate, clock, as_documents=args.json)
    held = settled_holder(production, clock, OPENS_IN_S)
    if held is not None:
        folder = Path(held.folder)
        check_private(folder)
        found, now = _ask_service(folder, clock, check=args.check)
    elif args.check:
        found = open_shortly(config, clock, lambda _: True)
    else:
        detail = "No capture service runs; `onset devices --check` opens it."
        found = [Seen(device.name, device.kind, _UNCHECKED, detail) for device in config.devices]
    _show(found, now, config.production.rate.name, as_document=args.json)
    return 1 if args.check and any(device.state != "live" for device in found) else 0


def _ask_service(folder: Path, clock: Clock, *, check: bool) -> tuple[list[Seen], Status]:
    """What the running service knows of the devices, and of the rest.

    With `check`, each device that is not live gets a moment to become so.
    """
    from concurrent.futures import ThreadPoolExecutor
    from contextlib import closing
    from dataclasses import replace

    from onset.capture.asks import ask, status
    from onset.capture.bus import Watcher
    from onset.errors import CaptureError

    def checked(seen: Seen) -> Seen:
        if not check or seen.state == "live":
            return seen
        try:
            answer = ask(folder, "check", seen.name, timeout_s=OPENS_IN_S)
        except CaptureError as error:
            return replace(seen, detail=str(error))
        return replace(seen, state="live" if answer.ok else "missing", detail=answer.value)

    now = status(folder, _ANSWER_S)
    with closing(Watcher(folder)) as watcher:
        seen = _seen(now, watcher, clock)
    with ThreadPoolExecutor(max_workers=max(1, len(seen))) as pool:
        return list(pool.map(checked, seen)), now


def _seen(now: Status, watcher: Watcher, clock: Clock) -> list[Seen]:
    """Every device with what its worker published; a worker that lives is given time to publish once."""
    deadline_ns = clock.monotonic_ns() + round(_SLOTS_S * 1e9)
    while True:
        mono_ns = clock.monotonic_ns()
        seen = [see(device, watcher, mono_ns) for device in now.devices]
        heard = all(each.dropped is not None or each.pid is None or each.medium is None for each in seen)
        if heard or mono_ns > deadline_ns:
            return seen
        clock.sleep(0.02)


def _show(found: list[Seen], now: Status | None, rate: str, *, as_document: bool) -> None:
    alarms, clocks = ([], []) if now is None else (now.alarms, now.clocks)
    if as_document:
        document = {
            "devices": [as_json(each) for each in found],
            "alarms": [alarm_json(each) for each in alarms],
            "clocks": [clock_json(each) for each in clocks],
        }
        json.dump(document, sys.stdout, ensure_ascii=False)
        print()
        return
    if not found:
        print("No devices are configured; add a [[device]] to config.toml.")
    for each in found:
        print(row_of(each))
    for source in clocks:
        print(clock_row(source, source.tc or "", rate))
    for alarm in alarms:
        print(alarm_row(alarm, _time))


def _time(wall_ns: int) -> str:
    return f"{datetime.fromtimestamp(wall_ns // 1_000_000_000, UTC).astimezone():%H:%M:%S}"
