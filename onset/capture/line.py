"""The line to one device's worker: orders go down its standard input, reports come up its standard output.

A worker is a fresh process in a process session of its own, so that a Ctrl-C at the service's terminal never reaches
it. When the line is closed, or the service dies, the worker sees its input end, finishes its files and goes.
"""

from __future__ import annotations

import os
import signal
import subprocess
from collections import deque
from collections.abc import Callable, Sequence
from typing import IO, Protocol

import msgspec

from onset.capture.signals import Fault, Order, Report, Setup
from onset.errors import CaptureError
from onset.text import safe_text

_LONGEST_LINE = 1 << 20
_ORDERS_WAITING = 1 << 20
_AT_ONCE = 1 << 20


class Line(Protocol):
    """What the service needs of a worker; tests put a worker of their own behind it."""

    @property
    def pid(self) -> int: ...

    @property
    def ended(self) -> str | None:
        """How the worker ended, in words; None while it runs. Read the last `reports` after this says so."""
        ...

    def fileno(self) -> int:
        """A descriptor that becomes readable with a report; -1 when there is none (any more)."""
        ...

    def send(self, order: Order) -> None:
        """Give an order; never blocks, and does nothing once the worker has ended."""
        ...

    def reports(self) -> list[Report]:
        """What was reported since the last call, in order; never blocks."""
        ...

    def hang_up(self) -> None:
        """Close the worker's input: it finishes its files and ends."""
        ...

    def kill(self) -> None:
        """End a worker that does not end by itself."""
        ...

    def close(self) -> None:
        """Let go of a worker that has ended."""
        ...


Launch = Callable[[Setup], Line]


class WorkerLine:
    """A line to a real worker process."""

    def __init__(self, command: Sequence[str], setup: Setup, clock_ns: Callable[[], int]) -> None:
        """Start the worker and give it its set-up.

        Args:
            command: the worker's program and arguments.
            setup: the first line it reads.
            clock_ns: monotonic stamp for what this end has to report itself.

        Raises:
            CaptureError: the process cannot be started.
        """
        self._device = setup.device
        self._clock_ns = clock_ns
        try:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                bufsize=0,
                start_new_session=True,
            )
        except OSError as error:
            raise CaptureError(f"The worker of {setup.device} cannot be started: {error.strerror}.") from error
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            if pipe is not None:
                os.set_blocking(pipe.fileno(), False)
        self._encoder = msgspec.json.Encoder()
        self._decoder: msgspec.json.Decoder[Report] = msgspec.json.Decoder(Report)
        self._outgoing = self._encoder.encode(setup) + b"\n"
        self._incoming = b""
        self._said = b""
        self._last_words: deque[str] = deque(maxlen=3)
        self._flush()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def ended(self) -> str | None:
        code = self._process.poll()
        if code is None:
            return None
        if code < 0:
            try:
                how = f"was ended by {signal.Signals(-code).name}"
            except ValueError:
                how = f"was ended by signal {-code}"
        else:
            how = "ended" if code == 0 else f"ended with code {code}"
        return f"{how} ({self._last_words[-1]})" if code and self._last_words else how

    def fileno(self) -> int:
        pipe = self._process.stdout
        return -1 if pipe is None or pipe.closed else pipe.fileno()

    def send(self, order: Order) -> None:
        if len(self._outgoing) > _ORDERS_WAITING:
            return  # it has not read for thousands of orders: the service has given up on it
        self._outgoing += self._encoder.encode(order) + b"\n"
        self._flush()

    def reports(self) -> list[Report]:
        self._flush()
        self._listen()
        self._incoming += _read(self._process.stdout)
        *lines, self._incoming = self._incoming.split(b"\n")
        if len(self._incoming) > _LONGEST_LINE:
            lines.append(self._incoming)
            self._incoming = b""
        return [self._report(line) for line in lines if line.strip()]

    def _report(self, line: bytes) -> Report:
        try:
            return self._decoder.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            shown = safe_text(line[:80].decode("utf-8", "backslashreplace"))
            return Fault(
                device=self._device,
                what="unreadable report",
                detail=f'The worker of {self._device} said something unreadable: "{shown}".',
                mono_ns=self._clock_ns(),
            )

    def _listen(self) -> None:
        """Keep the worker's last words: what its libraries print belongs in a sentence about its end, no further."""
        *lines, self._said = (self._said + _read(self._process.stderr)).split(b"\n")
        self._said = self._said[-_LONGEST_LINE:]
        for line in lines:
            if line.strip():
                self._last_words.append(safe_text(line[:200].decode("utf-8", "backslashreplace").strip()))

    def _flush(self) -> None:
        pipe = self._process.stdin
        while self._outgoing and pipe is not None and not pipe.closed:
            try:
                written = os.write(pipe.fileno(), self._outgoing)
            except BlockingIOError:
                return
            except OSError:
                self._outgoing = b""  # it has gone; `ended` will say how
                return
            self._outgoing = self._outgoing[written:]

    def hang_up(self) -> None:
        self._flush()
        _close(self._process.stdin)

    def kill(self) -> None:
        self._process.kill()

    def close(self) -> None:
        for pipe in (self._process.stdin, self._process.stdout, self._process.stderr):
            _close(pipe)
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()


def _read(pipe: IO[bytes] | None) -> bytes:
    """What a pipe holds now, up to a limit: one who talks without end must not keep us; closes it at its end."""
    found = b""
    while pipe is not None and not pipe.closed and len(found) < _AT_ONCE:
        try:
            part = os.read(pipe.fileno(), 1 << 16)
        except BlockingIOError:
            break
        if not part:
            pipe.close()
        found += part
    return found


def _close(pipe: IO[bytes] | None) -> None:
    if pipe is not None and not pipe.closed:
        pipe.close()
