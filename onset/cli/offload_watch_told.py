"""What `onset offload --watch` says: one thing at a time, whoever says it, around an open question and a line of what
is copied. Used by the watch and by the threads of its copies.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

from onset.cli import asking
from onset.cli.jobs import how_far
from onset.offload.journal import jobs_folder, read_document
from onset.offload.queue import standings
from onset.text import safe_text

_CLEAR = "\r\x1b[K"


class Told:
    """Stdout and stderr of one watch; every method may be called from any thread, `running` and `ask` from its own."""

    def __init__(self, args: argparse.Namespace, stop: threading.Event) -> None:
        self._json = args.json
        self._stop = stop
        self._draws = args.progress == "bar" or (args.progress == "auto" and sys.stderr.isatty())
        self._lock = threading.RLock()
        self._line = self._question = ""
        self._speaks = False

    def say(self, event: dict[str, object], words: str) -> None:
        """One JSON object a line, or the words."""
        with self.aloud():
            print(json.dumps(event) if self._json else words)

    @contextmanager
    def aloud(self) -> Iterator[None]:
        """Nobody else speaks while the block prints; an open question is put again behind it.

        A terminal that went away has stopped the watch and hears nothing.
        """
        with self._lock:
            if self._speaks:  # a sentence of a longer speech
                yield
                return
            self._speaks = True
            try:
                self._draw("")
                if self._question:
                    self._put("\n")
                yield
                sys.stdout.flush()
                if self._question:
                    asking.put(self._question)
            except OSError:
                if not self._stop.is_set():
                    raise
            finally:
                self._speaks = False

    def ask(self, question: str, matters: Callable[[], bool]) -> bool:
        """Ask; what others say meanwhile does not hide the question."""
        with self._lock:
            self._draw("")
            self._question = question
        try:
            return asking.ask(question, self._stop, matters)
        finally:
            self._question = ""

    def running(self) -> None:
        """Draw in a line how far the copies of this watch are, where somebody looks."""
        if not self._draws or not self._lock.acquire(blocking=False):
            return
        try:
            self._draw(_copies())
        finally:
            self._lock.release()

    def clear(self) -> None:
        """Take that line away: nothing more is drawn."""
        with self._lock:
            self._draw("")

    def _draw(self, line: str) -> None:
        if line != self._line:
            self._line = line
            self._put(_CLEAR + line[: shutil.get_terminal_size().columns - 1])

    def _put(self, text: str) -> None:
        with suppress(OSError):  # nobody reads any more: the copies matter
            sys.stderr.write(text)
            sys.stderr.flush()


def _copies() -> str:
    """`A014 412 of 980 files, 12:40 to go  |  A015 waits for A014 on SHUTTLE`."""
    folder = jobs_folder(os.environ)
    told = []
    for each in standings(folder):
        if each.pid == os.getpid():
            reading = read_document(folder / each.job / "progress.json") or {}
            waits = reading.get("waits_for")
            how = (
                f"waits for {safe_text(str(waits))}"
                if waits
                else "paused"
                if reading.get("paused")
                else how_far(reading)
            )
            told.append(f"{safe_text(each.label)} {how}")
    return "  |  ".join(told)
