"""A yes-or-no question at a terminal that Ctrl-C, and whatever makes it pointless, ends.

Used by `onset offload`, which takes Ctrl-C as an event: `input` would go on waiting.
"""

from __future__ import annotations

import os
import select
import sys
import termios
import threading
from collections.abc import Callable
from contextlib import suppress

_LOOK_S = 0.2


def is_terminal() -> bool:
    """Whether somebody can be asked."""
    return sys.stdin.isatty() and sys.stderr.isatty()


def put(question: str) -> None:
    """Show a question; again, where something was said after it."""
    sys.stderr.write(f"{question} [y/N] ")
    sys.stderr.flush()


def ask(question: str, stop: threading.Event, matters: Callable[[], bool] = lambda: True) -> bool:
    """Ask on stderr; only `y` and `yes` are a yes. What was typed before the question was shown is no answer to it.

    Args:
        question: one sentence.
        stop: Ctrl-C; the answer is no.
        matters: looked at while waiting; once it is false the answer is no.
    """
    in_front = _in_front()
    if in_front:
        with suppress(termios.error):
            termios.tcflush(sys.stdin, termios.TCIFLUSH)
    put(question)
    while not stop.is_set() and matters():
        if not _in_front():
            in_front = False
            stop.wait(_LOOK_S)
            continue
        if not in_front:
            in_front = True
            put(question)
        if select.select([sys.stdin], [], [], _LOOK_S)[0]:
            with suppress(OSError):  # the terminal is gone: nobody said yes
                return sys.stdin.readline().strip().lower() in ("y", "yes")
            return False
    with suppress(OSError):
        sys.stderr.write("\n")
        sys.stderr.flush()
    return False


def _in_front() -> bool:
    """Whether the terminal is ours now. Who is in the background and reads it is stopped, with all that it copies."""
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError):
        return True  # no terminal that could stop anybody
