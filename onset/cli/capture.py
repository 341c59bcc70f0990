"""`onset capture`: the capture service of a production, in the foreground; `start_service` for those that need one.

Only this command is the service. `onset` and `onset demo` start it with `start_service`, in a process session of its
own, so that closing or crashing them stops no recording.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import select
import signal
import subprocess
import sys
from collections.abc import Callable
from datetime import datetime
from fractions import Fraction
from pathlib import Path
from typing import TYPE_CHECKING

from onset.cli.find import find_production, open_logbook
from onset.clock import Clock, SystemClock, boot_id
from onset.errors import CaptureError
from onset.text import safe_path, safe_text

if TYPE_CHECKING:
    from onset.capture.proxies import Proxies
    from onset.capture.scribe import Length, Scribe
    from onset.capture.signals import Setup
    from onset.cli.main import CommandParser
    from onset.config import Config
    from onset.logbook.protocol import Logbook
    from onset.timecode import Rate

_READY_FD = "ONSET_CAPTURE_READY_FD"  # a pipe of the starter's: the service says "ready" into it
_ONSET = (sys.executable, "-P", "-m", "onset")  # -P: not the `onset` that may lie in the current folder
_START_S = 30.0
_STOP_S = 60.0
_LOOK_AGAIN_S = 0.02
_NS = 1_000_000_000

_EXAMPLES = """\
examples:
  onset capture                 record what the log says, until stopped (Ctrl-C or --stop)
  onset -p Harbour capture      the same for another production
  onset capture --stop          finish all files and end the service

It ends by itself at wrap, and after ten minutes with nothing rolling and no seat attached.
"""


def add_parser(subparsers: argparse._SubParsersAction[CommandParser]) -> None:
    """Describe the command."""
    parser = subparsers.add_parser(
        "capture",
        help="the capture service, in the foreground",
        description="Own all devices of the production: follow the log, record every take, write back the clips.",
        epilog=_EXAMPLES,
    )
    parser.add_argument("--stop", action="store_true", help="end the running service; its files are finished first")
    parser.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Be the service, or end it."""
    production = find_production(args)
    clock = SystemClock()
    if args.stop:
        stopped = stop_service(production, clock)
        said = "The capture service has ended" if stopped else "No capture service runs"
        print(f"{said} ({safe_path(production)}).", file=sys.stderr)
        return 0
    return _serve(production, clock)


def setups_of(config: Config, folder: Path) -> list[Setup]:
    """What each device's worker is told first; `folder` is that of the live bus."""
    from onset.capture.signals import Setup

    return [
        Setup(
            device=device.name,
            kind=device.kind,
            options=dict(device.options),
            production=config.production.title,
            media=str(config.capture.media),
            bus=str(folder),
            rate=config.production.rate.name,
            timecode=list(config.capture.timecode),
            preroll_s=config.capture.preroll_s,
            postroll_s=config.capture.postroll_s,
            files=device.files,
            watch=device.watch,
            names=config.capture.names,
        )
        for device in config.devices
    ]


def worker_command() -> list[str]:
    """The program of a device's worker; `-P` keeps a folder named `devices` in the current folder out of it."""
    return [sys.executable, "-P", "-m", "devices.worker"]


def _serve(production: Path, clock: Clock) -> int:
    from onset.capture.asks import AskBox
    from onset.capture.bus import Publisher, Watcher, clear_sockets, run_folder
    from onset.capture.clocks import Clocks
    from onset.capture.decks import UnitOf
    from onset.capture.from_set import FromSet
    from onset.capture.line import WorkerLine
    from onset.capture.lock import CaptureLock
    from onset.capture.scribe import Scribe
    from onset.capture.session import Session
    from onset.capture.set_rules import rules_of
    from onset.capture.signals import Health, TimecodeNow
    from onset.cli.moment import Moments
    from onset.cli.rounds import rounds_beside
    from onset.config import load_config

    def tell(sentence: str) -> None:
        now = datetime.fromtimestamp(clock.wall_ns() // _NS)  # noqa: DTZ006  # for a person: the machine's own zone
        with contextlib.suppress(OSError):  # the terminal is gone, or its disk is full: recording goes on
            print(f"{now:%H:%M:%S} {safe_text(sentence)}", file=sys.stderr, flush=True)

    config = load_config(production)
    # Both locks are let go by the end of the process, so that whoever sees them free finds no process left.
    lock = CaptureLock(production, clock)
    logbook = open_logbook(production, role="capture")
    try:
        if logbook.read_only is not None:
            raise CaptureError(f"Capture needs to write into the log: {logbook.read_only}")
        logbook.follow()
        folder = run_folder(logbook.production().id)
        CaptureLock(folder, clock)  # a copy of the production elsewhere has the same id and the same sockets
        clear_sockets(folder)
        box, watcher, publisher = AskBox(folder), Watcher(folder), Publisher(folder)
        moments = Moments(folder, config, clock)
        try:
            scribe = Scribe(logbook, config.capture.media, clock, tell, _measure)
            session = Session(
                logbook=logbook,
                media=config.capture.media,
                setups=setups_of(config, folder),
                launch=lambda setup: WorkerLine(worker_command(), setup, clock.monotonic_ns),
                clock=clock,
                box=box,
                scribe=scribe,
                tell=tell,
                health=lambda device: watcher.newest(device, Health),
                boot=boot_id(),
                in_place=lock.in_place,
                publish=publisher.publish,
                clocks=Clocks(
                    config.capture.timecode,
                    config.production.rate,
                    clock,
                    lambda source: watcher.newest(source, TimecodeNow),
                    watcher.sources,
                ),
                proxies=_proxies(config, logbook, clock, scribe, tell),
                from_set=FromSet(
                    rules_of(config),
                    clock,
                    moment=moments.at,
                    unit_of=UnitOf(logbook, clock),
                    write=scribe.write,
                    publish=publisher.publish,
                ),
            )
            _handle_signals(session.stop)
            scribe.start()

            def ready() -> None:
                lock.announce(folder)
                names = ", ".join(device.name for device in config.devices)
                tell(f"Capturing {safe_path(production)}; devices: {names or 'none in config.toml'}.")
                _say_ready()

            with rounds_beside(production, config.log, clock):
                end = session.run(ready)
            tell(f"Capture ends: {end.value}.")
        finally:
            moments.close()
            watcher.close()
            publisher.close()
            box.close()
            clear_sockets(folder)
    finally:
        logbook.close()
    return 0


def _proxies(
    config: Config, logbook: Logbook, clock: Clock, scribe: Scribe, tell: Callable[[str], None]
) -> Proxies | None:
    from onset.capture.proxies import Proxies, ProxyProcess

    if not config.capture.proxies:
        return None
    command = [sys.executable, "-P", "-m", "devices.proxy"]
    proxies = Proxies(
        logbook=logbook,
        media=config.capture.media,
        clock=clock,
        launch=lambda job: ProxyProcess(command, job),
        made=scribe.write,
        tell=tell,
    )
    proxies.clear_away()
    return proxies


def _handle_signals(stop: Callable[[], None]) -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda *_: stop())
    # A closed terminal must not end a recording; `onset capture --stop` does.
    signal.signal(signal.SIGHUP, signal.SIG_IGN)


def _measure(path: Path, rate: Rate) -> Length | None:
    """How much is in a file that nobody closed. Decoders are loaded only when there is one.

    The index of a recording that was cut off describes its first fragment alone, so its packets are counted.
    """
    import av

    from devices.media_av import AvMediaReader
    from onset.capture.scribe import Length
    from onset.errors import MediumError

    try:
        info = AvMediaReader().probe(path)
        if info.medium == "sound" and info.samples is not None and info.sample_rate:
            return Length(rate.frames_in(Fraction(info.samples, info.sample_rate)), info.samples, info.sample_rate)
        with av.open(str(path)) as box:
            return Length(sum(1 for packet in box.demux(video=0) if packet.size))
    except (MediumError, av.FFmpegError, OSError, IndexError):
        return None


def _say_ready() -> None:
    descriptor = os.environ.pop(_READY_FD, "")
    if descriptor.isdecimal():
        with contextlib.suppress(OSError):  # whoever started us is gone; that is why we are a process of our own
            os.write(int(descriptor), b"ready\n")
            os.close(int(descriptor))


# -- for those that need a service ------------------------------------------------------------------------------------


def start_service(production: Path) -> int:
    """Have a capture service for this production, and return once it answers; one that runs already is kept.

    Returns:
        Its process id. It is nobody's child and in a process session of its own.

    Raises:
        CaptureError: it did not start; says why.
    """
    from onset.capture.lock import settled_holder

    clock = SystemClock()
    held = settled_holder(production, clock, _START_S)
    if held is not None:
        return held.pid
    log = _log_file(production)
    said = _launch(production, log)
    held = settled_holder(production, clock, _START_S)  # ours, or that of somebody who was quicker
    if held is not None:
        return held.pid
    if said is None:
        raise CaptureError(f"The capture service did not start within {_START_S:g} s; see {safe_path(log)}.")
    raise CaptureError(_last_words(log))


def _launch(production: Path, log: Path) -> bytes | None:
    """Start a service and hear whether it is ready: empty when it ended instead, None when nothing came in time."""
    reader, writer = os.pipe()
    try:
        with log.open("wb") as output:
            # The shell starts the service and goes: it is then the init process that waits for it, not we.
            subprocess.run(
                ["/bin/sh", "-c", '"$@" &', "sh", *_ONSET, "-p", str(production), "capture"],
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
                pass_fds=[writer],
                env={**os.environ, _READY_FD: str(writer)},
                check=True,
            )
        os.close(writer)
        writer = -1
        readable, _, _ = select.select([reader], [], [], _START_S)
        return os.read(reader, 64) if readable else None
    except (OSError, subprocess.CalledProcessError) as error:
        raise CaptureError(f"The capture service cannot be started: {error}.") from error
    finally:
        os.close(reader)
        if writer >= 0:
            os.close(writer)


def stop_service(production: Path, clock: Clock) -> bool:
    """End the production's capture service and wait until all its files are finished; False when none ran.

    Raises:
        CaptureError: it does not end.
    """
    from onset.capture.asks import ask
    from onset.capture.bus import check_private
    from onset.capture.lock import lock_holder

    deadline_ns = clock.monotonic_ns() + round(_STOP_S * _NS)
    asked = seen = False
    while (held := lock_holder(production, clock)) is not None:
        seen = True
        if held.folder and not asked:
            check_private(Path(held.folder))
            with contextlib.suppress(CaptureError):  # it is just starting, or just ending: look again
                asked = ask(Path(held.folder), "stop").ok
        if clock.monotonic_ns() > deadline_ns:
            raise CaptureError(
                f"The capture service (process {held.pid}) has not ended after {_STOP_S:g} s; "
                f"`kill {held.pid}` asks it once more, and its workers finish their files however it ends."
            )
        clock.sleep(_LOOK_AGAIN_S)
    return seen


def _log_file(production: Path) -> Path:
    """Where a service in the background writes what it would tell; the one before is kept beside it."""
    import hashlib

    state = Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local" / "state") / "onset"
    name = hashlib.sha256(os.fsencode(production.absolute())).hexdigest()[:12]
    log = state / f"capture-{name}.log"
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        if log.exists():
            log.replace(log.with_suffix(".log.before"))
    except OSError as error:
        raise CaptureError(f"{safe_path(log)} cannot be written: {error.strerror}.") from error
    return log


def _last_words(log: Path) -> str:
    try:
        lines = [line for line in log.read_text("utf-8", "backslashreplace").splitlines() if line.strip()]
    except OSError:
        lines = []
    if not lines:
        return f"The capture service ended while starting, without a word; see {safe_path(log)}."
    return safe_text(lines[-1].removeprefix("onset: "))
