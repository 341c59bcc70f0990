"""The terminal that the app is shown on, watched: when it goes away, the app must end by itself.

Used by `run_app`. A terminal can go without a SIGHUP (no controlling terminal, a dead ssh pipe). Textual's input thread
then reads an end of file for ever, and its event loop waits for a writer thread that has died.
"""

from __future__ import annotations

import os
import select
import signal
import threading

from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

_GONE = select.POLLHUP | select.POLLERR
_LOOK_MS = 1_000
_LAST_RESORT_S = 5.0  # for the app to keep its drafts and close the log


class TerminalGone(Message):
    """Nobody can see the app any more."""


class WatchedTerminal(LinuxDriver):
    """Tells the app when its terminal is gone, and from then on paints nothing."""

    _watch: threading.Thread | None = None
    _gone = False

    def start_application_mode(self) -> None:
        super().start_application_mode()  # type: ignore[no-untyped-call]
        self._closed = threading.Event()
        self._watch = threading.Thread(target=self._look, name="terminal-watch", daemon=True)
        self._watch.start()

    def write(self, data: str) -> None:
        if not self._gone:  # the writer thread is dead, and a queue that nobody empties would hold the event loop
            super().write(data)

    def close(self) -> None:
        if self._watch is not None:
            self._closed.set()
        super().close()

    def _look(self) -> None:
        terminal = select.poll()
        terminal.register(self.fileno, 0)  # an end is told unasked
        while not self._closed.is_set():
            told = terminal.poll(_LOOK_MS)
            if any(what & _GONE for _, what in told):
                self._gone = True
                self._app.post_message(TerminalGone())
                if not self._closed.wait(_LAST_RESORT_S):
                    os.kill(os.getpid(), signal.SIGHUP)  # what the system does to other programs at once
                return
            if told:
                return  # a system that cannot watch terminals
