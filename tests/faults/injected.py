"""Kills and errors at the n-th system call that changes a file, for n = 1, 2, 3 … until a session ends by itself.

After the manner of SQLite's own tests, which fail every allocation in turn until none fails. strace attaches to a
forked writer, so that no call of Python's start-up is among them.
"""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from tests.faults.writers import Acknowledged, Session, Writer

_AT_ONCE = 2  # sessions; most of one is waiting for the disk and for strace


@dataclass(frozen=True, slots=True)
class Ended:
    """How a session ended that was disturbed.

    Attributes:
        n: which call was disturbed.
        folder: of its log.
        acknowledged: what it had said.
        code: its exit code, negative for a signal.
    """

    n: int
    folder: Path
    acknowledged: list[Acknowledged]
    code: int


def sweep(
    session: Session,
    library: str,
    fault: str,
    *,
    calls: str,
    prepared: Callable[[int], Path],
    look: Callable[[Ended], bool],
) -> int:
    """Disturb every one of the session's calls in turn; each time it begins anew.

    Args:
        session: what is disturbed.
        library: the SQLite library.
        fault: what happens at the n-th call, as strace spells it: `signal=KILL:when={n}`, `error=EIO:when={n}+`.
        calls: which calls are counted, as strace names them.
        prepared: makes the folder for the n-th time.
        look: examines what is left; False: the session was not disturbed, so the sweep is done.

    Returns:
        How many calls were disturbed.
    """

    def disturb(n: int) -> bool:
        return look(disturbed(session, prepared(n), library, f"inject={calls}:{fault.format(n=n)}", n))

    with ThreadPoolExecutor(_AT_ONCE) as threads:
        for first in count(1, _AT_ONCE):
            done = list(threads.map(disturb, range(first, first + _AT_ONCE)))
            if not all(done):
                return first - 1 + done.index(False)
    raise AssertionError("unreachable")


def disturbed(session: Session, folder: Path, library: str, inject: str, n: int) -> Ended:
    """Run a session under strace."""
    writer = Writer(session, folder, library)
    with subprocess.Popen(["strace", "-qq", "-o", "/dev/null", "-e", inject, "-p", str(writer.pid)]) as strace:
        writer.go_once_traced_by(strace)
        acknowledged, code = writer.gone()
    return Ended(n, folder, acknowledged, code)
