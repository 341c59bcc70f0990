"""A process that was suspended, by Ctrl-Z or a stop signal: seen from outside, and woken.

Used by the queue, as a suspended job can neither go on nor say that it does not, and by the orders that are given to
it.
"""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO

_ASK_S = 5.0


def is_suspended(pid: int) -> bool:
    """Whether a process of this machine stands still until somebody wakes it; False where nobody can tell."""
    if pid <= 0:
        return False
    try:
        told = Path(f"/proc/{pid}/stat").read_bytes()  # `7 (name) T 1 …`; the name may hold brackets
    except OSError:
        return not os.path.exists("/proc/self/stat") and _state_of(pid) == "T"
    return told.rpartition(b")")[2].split()[:1] == [b"T"]


def wake(pid: int) -> bool:
    """Let a suspended process go on; whether it may be told so by us."""
    try:
        os.kill(pid, signal.SIGCONT)
    except OSError:
        return False
    return True


def holder_of(lock: BinaryIO) -> int:
    """The process that holds `flock` on an open file, as /proc/locks of Linux tells; 0 where nobody can tell."""
    with suppress(OSError, ValueError):
        file = os.fstat(lock.fileno())
        named = f"{os.major(file.st_dev):02x}:{os.minor(file.st_dev):02x}:{file.st_ino}"
        for line in Path("/proc/locks").read_text().splitlines():
            held = line.split()  # `3: FLOCK  ADVISORY  WRITE 812 fd:01:917530 0 EOF`; who waits has an arrow before it
            if held[1:2] == ["FLOCK"] and held[5:6] == [named]:
                return int(held[4])
    return 0


def _state_of(pid: int) -> str:
    """The same on systems without /proc, as macOS; empty where `ps` says nothing."""
    with suppress(OSError, subprocess.TimeoutExpired):
        asked = ["ps", "-o", "state=", "-p", str(pid)]
        return subprocess.run(asked, capture_output=True, timeout=_ASK_S, check=False).stdout.decode().strip()[:1]
    return ""
