"""`onset` and `onset tui`: the terminal app on a production's log.

Gives the screens what they need from outside (`tui.deps.Deps`): the log, the live bus, the clocks, somebody to ask.
`onset demo` opens its rehearsal with `open_app`.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, load_config, open_logbook
from onset.clock import SystemClock
from onset.errors import CaptureError, OnsetError, UsageError
from onset.text import safe_path

if TYPE_CHECKING:
    from onset.cli.main import CommandParser
    from onset.config import Config
    from onset.logbook.protocol import Logbook
    from onset.offload.disks import Mount
    from tui.watchdog import Held

MATCHING = "matching"  # a seat of its own: undo at the person's seat never meets what a match wrote
_EXAMPLES = """\
examples:
  onset                                        the app on the production here
  onset tui --role dit                         as another seat: its own undo, its own drafts
  onset -p Harbour tui --seat "cart 2" --unit Splinter

Ctrl+Q leaves; recordings go on (onset capture --stop ends them). With --debug, what held the screen for more than
50 ms is written into held.log in the state folder, for a report.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "tui",
        help="the terminal app (also: onset without a command)",
        description="The terminal app on a production's log. Starts the capture service where devices are configured.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--seat", metavar="S", help="name of this seat, where one user has several (or $ONSET_SEAT)")
    parser.add_argument("--role", metavar="R", default="script", help="script, dit, assistant … (default: script)")
    parser.add_argument("--unit", metavar="U", default="Main", help="the unit to log for (default: Main)")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Start the service where there are devices, and open the app."""
    production = find_production(args)
    return open_app(production, seat=args.seat, role=args.role, unit=args.unit, debug=args.debug)


def open_app(
    production: Path, *, seat: str | None = None, role: str = "script", unit: str = "Main", debug: bool = False
) -> int:
    """Open the app and return when the person has left it.

    Args:
        production: the folder.
        seat: this seat's name, over `$ONSET_SEAT`.
        role: what this seat does.
        unit: whose board it works on.
        debug: write down when the screen was held for too long, and by what.

    Raises:
        UsageError: no terminal, or no such unit.
        OnsetError: the log or the configuration is not to be had.
    """
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        raise UsageError('The app needs a terminal; "onset log" works without one.')
    config = load_config(production)
    service = _start_beside(production) if config.devices else None

    from onset.capture.bus import Watcher, run_folder
    from onset.capture.lock import service_running
    from onset.cli.capture import start_service
    from onset.cli.moment import Moments, here, program_id
    from onset.cli.report_desk import ReportDesk
    from onset.cli.rounds import rounds_beside
    from onset.offload.journal import jobs_folder
    from tui.app import Deps, run_app

    clock = SystemClock()
    logbook = open_logbook(production, role=role, seat=seat)
    try:
        logbook.follow()
        _check_unit(unit, [each.name for each in logbook.units()])
        bus = run_folder(logbook.production().id)
    except BaseException:
        logbook.close()
        raise
    warning = service.result() if service is not None else ""
    with (
        contextlib.closing(Moments(bus, config, clock, program_id())) as moments,
        contextlib.closing(Watcher(bus)) as watcher,
        _attached(production, bus, f"{role} {os.getpid()}"),
        rounds_beside(production, config.log, clock),
        _held_told(debug) as held,
    ):
        return run_app(
            Deps(
                open_logbook=lambda: logbook,
                config=config,
                production=production,
                clock=clock,
                stamp=moments.now,
                label_at=moments.label_at,
                live=watcher,
                ask=lambda what, device, asked: _ask(bus, what, device, asked),
                service_running=lambda: service_running(production),
                start_service=lambda: start_service(production),
                broken_off=lambda log: log.broken_off(unit, here(production, clock)),
                jobs=jobs_folder(os.environ),
                mounted=lambda: _mounted(production, config),
                onset=[sys.executable, "-P", "-m", "onset", "-p", str(production)],
                unit=unit,
                open_aside=lambda: _open_aside(production, seat),
                warning=warning,
                papers=ReportDesk(production),
            ),
            held,
        )


@contextmanager
def _held_told(debug: bool) -> Iterator[Callable[[Held], None] | None]:
    """For `--debug`: a line in the state folder whenever the screen was held, and a sentence when the app was left."""
    if not debug:
        yield None
        return
    from logging_db.seats import state_folder

    worst, times = 0.0, 0
    state_folder().mkdir(mode=0o700, parents=True, exist_ok=True)
    path = state_folder() / "held.log"
    with path.open("a", encoding="utf-8", buffering=1) as lines:

        def tell(held: Held) -> None:
            nonlocal worst, times
            worst, times = max(worst, held.seconds), times + 1
            with contextlib.suppress(OSError):  # a full disk ends no screen
                lines.write(f"{time.strftime('%Y-%m-%d %H:%M:%S')} {held}\n")

        yield tell
    if times:
        said = f"The screen was held {times} times, {worst * 1000:.0f} ms at most; {safe_path(path)} says by what."
        print(f"onset: {said}", file=sys.stderr)


def _mounted(production: Path, config: Config) -> Sequence[Mount]:
    """What may be a card and is mounted now."""
    from onset.offload.inserted import may_be_card, mounted_now, no_cards

    keep_away = no_cards(production, config)
    return [mount for mount in mounted_now() if may_be_card(mount, keep_away)]


def _open_aside(production: Path, seat: str | None) -> Logbook:
    logbook = open_logbook(production, role=MATCHING, seat=seat)
    logbook.follow()
    return logbook


def _start_beside(production: Path) -> Future[str]:
    """Start the capture service while the app gets ready; the result is why there is none, or empty.

    Without it a seat still logs takes, on its own clock: that is no reason to keep the log closed.
    """
    from onset.cli.capture import start_service

    def start() -> str:
        try:
            start_service(production)
        except OnsetError as error:
            return f"Nothing is recorded: {error}"
        return ""

    starter = ThreadPoolExecutor(1, "start-service")
    started = starter.submit(start)
    starter.shutdown(wait=False)
    return started


def _check_unit(unit: str, units: list[str]) -> None:
    if unit not in units:
        raise UsageError(f'There is no unit "{unit}"; there are {", ".join(units)}.')


def _ask(bus: Path, what: str, device: str | None, args: Mapping[str, str]) -> str:
    from onset.capture.asks import ask

    answer = ask(bus, what, device, args)
    if not answer.ok:
        raise CaptureError(answer.value)
    return answer.value


@contextmanager
def _attached(production: Path, bus: Path, seat: str) -> Iterator[None]:
    """Keep the capture service from ending for want of a seat while the app is open."""
    from onset.capture.asks import ATTACH_EVERY_S, ask
    from onset.capture.lock import service_running

    left = threading.Event()

    def say(what: str) -> None:
        with contextlib.suppress(CaptureError):  # no service, or it is busy: the next word counts
            if service_running(production):
                ask(bus, what, args={"seat": seat})

    def keep_saying() -> None:
        say("attach")
        while not left.wait(ATTACH_EVERY_S):
            say("attach")

    thread = threading.Thread(target=keep_saying, name="attach", daemon=True)
    thread.start()
    try:
        yield
    finally:
        left.set()
        thread.join()
        say("detach")
