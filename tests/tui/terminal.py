"""The real program in a pseudo-terminal: send keys, wait for what it paints. For stories and the screen benchmark."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Self


class Terminal:
    """One process whose keyboard and screen are in our hands."""

    def __init__(
        self, command: Sequence[str], *, size: tuple[int, int] = (80, 24), env: Mapping[str, str] | None = None
    ) -> None:
        """Start `command` on a terminal of (columns, rows)."""
        self._master, slave = pty.openpty()
        columns, rows = size
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.started_s = time.monotonic()
        self.process = subprocess.Popen(
            command,
            stdin=slave,
            stdout=slave,
            stderr=slave,
            start_new_session=True,
            env={**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", **(env or {})},
        )
        os.close(slave)
        self.painted = b""

    def send(self, keys: bytes) -> None:
        """Press keys."""
        os.write(self._master, keys)

    def read(self, timeout_s: float) -> bytes:
        """What it paints next, empty when nothing comes in time or it has ended."""
        ready, _, _ = select.select([self._master], [], [], timeout_s)
        if not ready:
            return b""
        try:
            found = os.read(self._master, 1 << 16)
        except OSError:  # the other end is closed
            return b""
        self.painted += found
        return found

    def answered(self, key: bytes, words: str) -> float:
        """Milliseconds from a key to the words that answer it."""
        self.painted = b""
        begin = time.monotonic()
        self.send(key)
        self.wait_for(words)
        return (time.monotonic() - begin) * 1000

    def wait_for(self, text: str, timeout_s: float = 30.0) -> None:
        """Wait until `text` was painted since the last wait.

        Raises:
            TimeoutError: it was not; shows the end of what was.
        """
        end = time.monotonic() + timeout_s
        wanted = text.encode()
        while wanted not in self.painted:
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} was not painted; the last was {self.painted[-2000:]!r}")
            self.read(0.2)
            if self.process.poll() is not None and not self.read(0.1) and wanted not in self.painted:
                raise TimeoutError(f"it ended with {self.process.returncode}; the last was {self.painted[-2000:]!r}")
        self.painted = self.painted[self.painted.index(wanted) + len(wanted) :]

    def drain(self, seconds: float = 0.3) -> None:
        """Read for a while; the running timecode never lets a screen fall silent."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            self.read(0.05)

    def ended(self, timeout_s: float = 20.0) -> int:
        """Wait for its end; the exit code."""
        end = time.monotonic() + timeout_s
        while self.process.poll() is None and time.monotonic() < end:
            self.read(0.1)
        return self.process.wait(timeout=1)

    def go_away(self) -> None:
        """The terminal is gone, as when its window or its line dies."""
        os.close(self._master)
        self._master = -1

    def kill(self) -> None:
        """As `kill -9` does."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.process.poll() is None:
            self.kill()
        if self._master >= 0:
            os.close(self._master)


def onset(*arguments: str) -> list[str]:
    """The command that starts this checkout's onset."""
    return [sys.executable, "-P", "-m", "onset", *arguments]
