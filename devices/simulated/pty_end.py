"""The far end of a serial cable, on a pseudo terminal: bytes in, bytes out, and a plug that can be pulled.

Used by the simulated deck and the simulated trigger box, so that the adapters before them are those of real ones.
"""

from __future__ import annotations

import contextlib
import os
import select
import threading
import tty
from collections.abc import Callable


class PtyEnd:
    """A thread that hands what arrives to `hear`, and sends back what that returns.

    Attributes:
        path: where the other end is opened.
    """

    def __init__(self, name: str, hear: Callable[[bytes], bytes | None], *, pause_s: float | None = None) -> None:
        """Put the plug in.

        Args:
            name: of the thread.
            hear: called with what arrived, and with nothing after `pause_s` without a byte; one thread alone. None for
                an answer pulls the plug.
            pause_s: how long to wait for bytes; None waits for ever.
        """
        self._hear = hear
        self._pause_s = pause_s
        self._master, self._slave = os.openpty()
        tty.setraw(self._slave)  # until the other end is opened it would echo
        os.set_blocking(self._master, False)
        self.path = os.ttyname(self._slave)
        self._wake_r, self._wake_w = os.pipe()
        self._pulling = threading.Lock()
        self._thread = threading.Thread(target=self._work, name=name, daemon=True)
        self._thread.start()

    def _work(self) -> None:
        try:
            while True:
                ready, _, _ = select.select([self._master, self._wake_r], [], [], self._pause_s)
                if self._wake_r in ready:
                    return
                answer = self._hear(os.read(self._master, 4096) if ready else b"")
                if answer is None:
                    return
                if answer:
                    self.send(answer)
        finally:
            # Closed by the thread that waits on them: another one could close a number that is in use again.
            for descriptor in (self._master, self._slave, self._wake_r):
                os.close(descriptor)

    def send(self, data: bytes) -> None:
        """Send; what nobody takes in is lost, as on a wire. Only from within `hear`."""
        with contextlib.suppress(BlockingIOError):
            os.write(self._master, data)

    def pull(self) -> None:
        """Pull the plug; the other end sees its port vanish. A second call does nothing. Not from within `hear`."""
        with self._pulling:
            if self._wake_w >= 0:
                with contextlib.suppress(BrokenPipeError):  # it was pulled from within
                    os.write(self._wake_w, b"x")
                os.close(self._wake_w)
                self._wake_w = -1
        self._thread.join()
