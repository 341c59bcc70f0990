"""Reports on their way up to the capture service: in order, never lost, never in anybody's way.

Used by `worker.py`. A service that does not read must not stop a camera, so a thread of its own does the writing.
"""

from __future__ import annotations

import queue
import threading
from typing import BinaryIO

import msgspec

from onset.capture.signals import Report


class Outbox:
    """Writes reports as JSON lines. `put` may be called from any thread."""

    def __init__(self, out: BinaryIO) -> None:
        self._out = out
        self._queue: queue.SimpleQueue[Report | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name="reports", daemon=True)
        self._thread.start()

    def put(self, report: Report) -> None:
        """Send `report`; never blocks."""
        self._queue.put(report)

    def _work(self) -> None:
        encoder = msgspec.json.Encoder()
        gone = False
        while (report := self._queue.get()) is not None:
            if gone:
                continue
            line = memoryview(encoder.encode(report) + b"\n")
            try:
                while line:
                    line = line[self._out.write(line) :]
            except OSError:
                gone = True  # the service died: files are finished all the same

    def close(self, timeout_s: float = 5.0) -> None:
        """Return when all is written, or when nobody has read for `timeout_s`."""
        self._queue.put(None)
        self._thread.join(timeout=timeout_s)
