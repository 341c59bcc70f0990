"""A device worker as the capture service runs it: a process of its own, orders in, reports out."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Literal, TypeVar

import msgspec

from onset.capture.signals import (
    Answer,
    Ask,
    ClipClosed,
    ClipOpened,
    Cut,
    Order,
    Report,
    Roll,
    Setup,
    Slated,
    StateChanged,
)
from onset.clock import SystemClock
from onset.config import CLIP_NAMES

R = TypeVar("R", bound=Report)
_PATIENCE_S = 30.0


class WorkerProcess:
    """One worker; every report it has made is in `reports`."""

    def __init__(self, setup: Setup, command: Sequence[str], env: Mapping[str, str]) -> None:
        self.process = subprocess.Popen(
            [sys.executable, *command],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,  # as the capture service does
            env={**os.environ, **env},
        )
        self.clock = SystemClock()
        self.reports: list[Report] = []
        self.garbage: list[bytes] = []
        self._changed = threading.Condition()
        self._asked = 0
        self.write(msgspec.json.encode(setup))
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def write(self, line: bytes) -> None:
        """Send a raw line."""
        assert self.process.stdin is not None
        self.process.stdin.write(line + b"\n")
        self.process.stdin.flush()

    def tell(self, order: Order) -> None:
        """Give an order."""
        self.write(msgspec.json.encode(order))

    def roll(self, take: str = "1", slate: str = "42C", mono_ns: int | None = None) -> None:
        """Roll a take whose id is made of its number."""
        slated = Slated(
            take_id=take * 32, production="Harbour Lights", unit="main", day=3, scene="42", slate=slate, take=take,
            roll="A001",
        )  # fmt: skip
        self.tell(Roll(slated=slated, mono_ns=mono_ns or self.clock.monotonic_ns()))

    def cut(self, take: str = "1") -> None:
        """Cut it."""
        self.tell(Cut(take_id=take * 32, mono_ns=self.clock.monotonic_ns()))

    def ask(self, what: str, **args: str) -> Answer:
        """Ask, and wait for the answer."""
        self._asked += 1
        number = self._asked
        self.tell(Ask(id=number, what=what, args=args))
        return self.wait(Answer, lambda answer: answer.id == number)

    def _read(self) -> None:
        decoder = msgspec.json.Decoder(Report)
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                try:
                    self.reports.append(decoder.decode(line))
                except msgspec.DecodeError:
                    self.garbage.append(line)
                self._changed.notify_all()

    def wait(self, kind: type[R], like: Callable[[R], bool] = lambda _: True, count: int = 1) -> R:
        """The `count`-th report of that kind that is like that; waits for it."""

        def found() -> list[R]:
            return [report for report in self.reports if isinstance(report, kind) and like(report)]

        with self._changed:
            assert self._changed.wait_for(lambda: len(found()) >= count, _PATIENCE_S), self.reports
            return found()[count - 1]

    def wait_live(self, count: int = 1) -> None:
        """Wait until the device is live (for the `count`-th time)."""
        self.wait(StateChanged, lambda report: report.state == "live", count)

    def wait_passed(self, since_ns: int, seconds: float) -> None:
        """Wait until real time has passed; frames come by the clock."""
        left = seconds - (self.clock.monotonic_ns() - since_ns) / 1e9
        if left > 0:
            self.clock.sleep(left)

    def opened(self, count: int = 1) -> ClipOpened:
        """The `count`-th clip that was opened."""
        return self.wait(ClipOpened, count=count)

    def closed(self, count: int = 1) -> ClipClosed:
        """The `count`-th clip that was closed."""
        return self.wait(ClipClosed, count=count)

    def hang_up(self) -> int:
        """Close its input and wait for its end."""
        assert self.process.stdin is not None
        if not self.process.stdin.closed:
            self.process.stdin.close()
        code = self.process.wait(_PATIENCE_S)
        self._reader.join(_PATIENCE_S)
        return code

    def told_stderr(self) -> str:
        """What it wrote to standard error; after its end."""
        assert self.process.stderr is not None
        return self.process.stderr.read().decode()


@contextmanager
def worker(
    folder: Path,
    kind: str = "sim-camera",
    *,
    name: str = "A",
    options: Mapping[str, object] | None = None,
    rate: str = "25",
    timecode: Sequence[str] = ("clock",),
    preroll_s: float = 0.5,
    postroll_s: float = 0.3,
    command: Sequence[str] = ("-m", "devices.worker"),
    env: Mapping[str, str] | None = None,
    files: Literal["poly", "mono"] = "poly",
    names: str = CLIP_NAMES,
) -> Iterator[WorkerProcess]:
    """A worker that records into `folder/media` and publishes in `folder/bus`; ended, whatever happens."""
    bus = folder / "bus"
    bus.mkdir(mode=0o700, exist_ok=True)
    if not (folder / "media").exists():
        (folder / "media").mkdir()
    small = {"width": 320, "height": 180} if kind == "sim-camera" else {}
    setup = Setup(
        device=name,
        kind=kind,
        options={**small, **(options or {})},
        production="Harbour Lights",
        media=str(folder / "media"),
        bus=str(bus),
        rate=rate,
        timecode=list(timecode),
        preroll_s=preroll_s,
        postroll_s=postroll_s,
        files=files,
        names=names,
    )
    running = WorkerProcess(setup, command, env or {})
    try:
        yield running
    finally:
        process = running.process
        if process.poll() is None:
            process.kill()
        process.wait()
        running._reader.join(_PATIENCE_S)
        for pipe in (process.stdin, process.stdout, process.stderr):
            if pipe is not None and not pipe.closed:
                with suppress(BrokenPipeError):
                    pipe.close()
