"""`onset devices`: the configured devices and how they are.

While the capture service runs it is asked, and no device is opened a second time. Otherwise `--check` opens each one
shortly, in a worker of its own; without it nothing is opened, and a device's state is `unchecked`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, load_config
from onset.clock import Clock, SystemClock
from onset.text import safe_text

if TYPE_CHECKING:
    from onset.capture.health import DeviceNow
    from onset.capture.line import WorkerLine
    from onset.cli.main import CommandParser
    from onset.config import Config

_CHECK_S = 15.0  # a network feed may take 10 s to open
_ANSWER_S = 2.0
_UNCHECKED = "unchecked"
_NS = 1_000_000_000

_EXAMPLES = """\
examples:
  onset devices            what is configured; how it is, when the capture service runs
  onset devices --check    open each device shortly and say whether it delivers; exit 1 when one does not
  onset devices --json     {"devices": [{"name", "kind", "state", "detail"}]}

States: connecting, live, stalled, lost, back-off, missing; "unchecked" when nobody has opened the device.
"""


@dataclass(frozen=True, slots=True)
class _Found:
    """A row of the answer."""

    name: str
    kind: str
    state: str
    detail: str


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "devices", help="the configured devices and how they are", description=__doc__, epilog=_EXAMPLES
    )
    parser.add_argument("--check", action="store_true", help="open what nobody has open; exit 1 when one is not live")
    parser.add_argument("--json", action="store_true", help="one JSON document on standard output")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Say how the devices are.

    Returns:
        0, or 1 when `--check` found a device that is not live.
    """
    from onset.capture.bus import check_private
    from onset.capture.lock import settled_holder

    production = find_production(args)
    config = load_config(production)
    clock = SystemClock()
    held = settled_holder(production, clock, _CHECK_S)
    if held is not None:
        folder = Path(held.folder)
        check_private(folder)
        found = _ask_service(folder, check=args.check)
    elif args.check:
        found = _check(config, clock)
    else:
        detail = "No capture service runs; `onset devices --check` opens it."
        found = [_Found(device.name, device.kind, _UNCHECKED, detail) for device in config.devices]
    _show(found, as_json=args.json)
    return 1 if args.check and any(device.state != "live" for device in found) else 0


def _ask_service(folder: Path, *, check: bool) -> list[_Found]:
    """What the running service knows; with `check`, each device that is not live gets a moment to become so."""
    from concurrent.futures import ThreadPoolExecutor

    from onset.capture.asks import ask, status
    from onset.errors import CaptureError

    devices = status(folder, _ANSWER_S).devices

    def checked(device: DeviceNow) -> _Found:
        if not check or device.state == "live":
            return _Found(device.name, device.kind, device.state, device.detail)
        try:
            answer = ask(folder, "check", device.name, timeout_s=_CHECK_S)
        except CaptureError as error:
            return _Found(device.name, device.kind, device.state, str(error))
        return _Found(device.name, device.kind, "live" if answer.ok else "missing", answer.value)

    with ThreadPoolExecutor(max_workers=max(1, len(devices))) as pool:
        return list(pool.map(checked, devices))


def _check(config: Config, clock: Clock) -> list[_Found]:
    """Open every device at once, each in a worker, and close them again."""
    from onset.capture.line import WorkerLine
    from onset.capture.signals import Ask
    from onset.cli.capture import setups_of, worker_command
    from onset.errors import CaptureError

    found: dict[str, _Found] = {}
    lines: dict[str, WorkerLine] = {}
    folder = Path(tempfile.mkdtemp(prefix="onset-"))  # a live bus that nobody watches
    try:
        for setup in setups_of(config, folder):
            try:
                lines[setup.device] = WorkerLine(worker_command(), setup, clock.monotonic_ns)
                lines[setup.device].send(Ask(id=1, what="check"))
            except CaptureError as error:
                found[setup.device] = _Found(setup.device, setup.kind, "missing", str(error))
        found |= _answers(lines, config, clock)
    finally:
        for line in lines.values():
            line.hang_up()
        _wait_for_ends(list(lines.values()), clock)
        shutil.rmtree(folder, ignore_errors=True)
    return [found[device.name] for device in config.devices]


def _answers(lines: dict[str, WorkerLine], config: Config, clock: Clock) -> dict[str, _Found]:
    """Hear every worker until it has answered, ended, or run out of time."""
    from onset.capture.signals import Answer

    kinds = {device.name: device.kind for device in config.devices}
    found: dict[str, _Found] = {}
    deadline_ns = clock.monotonic_ns() + round(_CHECK_S * _NS)
    while len(found) < len(lines):
        for name, line in lines.items():
            ended = line.ended
            for report in line.reports():
                if isinstance(report, Answer):
                    found[name] = _Found(name, kinds[name], "live" if report.ok else "missing", report.value)
            if name not in found and ended is not None:
                found[name] = _Found(name, kinds[name], "missing", f"Its worker {ended}.")
            elif name not in found and clock.monotonic_ns() > deadline_ns:
                found[name] = _Found(name, kinds[name], "missing", f"{name} did not open within {_CHECK_S:g} s.")
        clock.sleep(0.01)
    return found


def _wait_for_ends(lines: list[WorkerLine], clock: Clock) -> None:
    deadline_ns = clock.monotonic_ns() + 10 * _NS
    while any(line.ended is None for line in lines) and clock.monotonic_ns() < deadline_ns:
        for line in lines:
            line.reports()
        clock.sleep(0.01)
    for line in lines:
        line.close()


def _show(found: list[_Found], *, as_json: bool) -> None:
    if as_json:
        rows = [{"name": each.name, "kind": each.kind, "state": each.state, "detail": each.detail} for each in found]
        json.dump({"devices": rows}, sys.stdout, ensure_ascii=False)
        print()
    elif not found:
        print("No devices are configured; add a [[device]] to config.toml.")
    for each in [] if as_json else found:
        print(f"{each.name:<10} {each.kind:<12} {each.state:<11} {safe_text(each.detail)}")
