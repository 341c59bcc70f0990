"""A yes-or-no question at a terminal that Ctrl-C, and whatever makes it pointless, ends.

Used by `onset offload`, which takes Ctrl-C as an event: `input` would go on waiting.
"""

from __future__ import annotations

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
    with suppress(termios.error):
        termios.tcflush(sys.stdin, termios.TCIFLUSH)
    put(question)
    while not stop.is_set() and matters():
        if select.select([sys.stdin], [], [], _LOOK_S)[0]:
            with suppress(OSError):  # the terminal is gone: nobody said yes
                return sys.stdin.readline().strip().lower() in ("y", "yes")
            return False
    with suppress(OSError):
        sys.stderr.write("\n")
        sys.stderr.flush()
    return False
