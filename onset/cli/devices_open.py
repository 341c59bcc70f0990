"""Open devices shortly, each in a worker of its own, when no capture service has them.

Used by devices.py for `--check` and for `identify`. A library that ends its process ends a worker, never the command.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.devices_seen import Seen
from onset.clock import Clock

if TYPE_CHECKING:
    from onset.capture.line import WorkerLine
    from onset.capture.signals import Setup
    from onset.config import Config

OPENS_IN_S = 15.0  # a network feed may take 10 s to open
_ENDS_IN_S = 10.0
_NS = 1_000_000_000
_CHECK, _WHO = 1, 2


class _Opening:
    """One device that is being opened, and what is known of it so far."""

    def __init__(self, setup: Setup, line: WorkerLine, *, who: bool) -> None:
        from onset.capture.signals import Ask

        self.setup, self.line, self.who = setup, line, who
        self.seen = Seen(setup.device, setup.kind, "connecting", "")
        self.done = False
        line.send(Ask(id=_CHECK, what="check"))

    def hear(self) -> None:
        """Take in what its worker said."""
        from onset.capture.signals import Answer, Ask, StateChanged

        ended = self.line.ended  # asked first: what it said before it ended is then complete
        for report in self.line.reports():
            match report:
                case StateChanged():
                    self.seen = Seen(
                        self.setup.device, self.setup.kind, report.state, report.detail, report.medium, report.delivers
                    )
                case Answer(id=id, ok=ok, value=value) if id == _CHECK and ok and self.who:
                    self.line.send(Ask(id=_WHO, what="identify"))
                case Answer(ok=ok, value=value):
                    self._end("live" if ok else "missing", value)
                case _:
                    pass
        if not self.done and ended is not None:
            self._end("missing", f"Its worker {ended}.")

    def late(self) -> None:
        """It had its time."""
        if not self.done:
            self._end("missing", f"{self.setup.device} did not open within {OPENS_IN_S:g} s.")

    def _end(self, state: str, detail: str) -> None:
        seen = self.seen
        self.seen = Seen(seen.name, seen.kind, state, detail, seen.medium, seen.delivers if state == "live" else None)
        self.done = True


def open_shortly(config: Config, clock: Clock, wanted: Callable[[str], bool], *, who: bool = False) -> list[Seen]:
    """Open all wanted devices at once and close them again.

    Args:
        config: names them.
        clock: limits it to `OPENS_IN_S`.
        wanted: by a device's name.
        who: have each one say what it is, too; its `detail` is then that sentence.
    """
    from onset.cli.capture import setups_of

    def setups(bus: Path) -> list[Setup]:
        return [setup for setup in setups_of(config, bus) if wanted(setup.device)]

    return open_setups(setups, clock, who=who)


def open_setups(setups: Callable[[Path], list[Setup]], clock: Clock, *, who: bool = False) -> list[Seen]:
    """As `open_shortly`, for devices that no configuration names; `setups` is given the folder of a live bus."""
    from onset.capture.line import WorkerLine
    from onset.cli.capture import worker_command
    from onset.errors import CaptureError

    found: list[Seen | _Opening] = []
    folder = Path(tempfile.mkdtemp(prefix="onset-"))  # a live bus that nobody watches
    try:
        for setup in setups(folder):
            try:
                line = WorkerLine(worker_command(), setup, clock.monotonic_ns)
                found.append(_Opening(setup, line, who=who))
            except CaptureError as error:
                found.append(Seen(setup.device, setup.kind, "missing", str(error)))
        _hear_all([each for each in found if isinstance(each, _Opening)], clock)
    finally:
        lines = [each.line for each in found if isinstance(each, _Opening)]
        for line in lines:
            line.hang_up()
        _wait_for_ends(lines, clock)
        shutil.rmtree(folder, ignore_errors=True)
    return [each.seen if isinstance(each, _Opening) else each for each in found]


def _hear_all(openings: list[_Opening], clock: Clock) -> None:
    deadline_ns = clock.monotonic_ns() + round(OPENS_IN_S * _NS)
    while not all(each.done for each in openings):
        for each in openings:
            each.hear()
            if clock.monotonic_ns() > deadline_ns:
                each.late()
        clock.sleep(0.01)


def _wait_for_ends(lines: list[WorkerLine], clock: Clock) -> None:
    deadline_ns = clock.monotonic_ns() + round(_ENDS_IN_S * _NS)
    while any(line.ended is None for line in lines) and clock.monotonic_ns() < deadline_ns:
        for line in lines:
            line.reports()
        clock.sleep(0.01)
    for line in lines:
        line.close()
