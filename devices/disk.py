"""The one thread that writes a device's files, how much it may be behind, and how files are written for good.

Used by `recorder.py`; its calls also by `loader.py`, `clip_name.py` and `repair.py`. A disk may stop for seconds; what
waits for it is bounded in bytes, and whoever adds to it is told when there is no more room, so that losses are counted
and not guessed.
"""

from __future__ import annotations

import fcntl
import os
import queue
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import BinaryIO

MIB = 1024 * 1024


def write_all(file: BinaryIO, data: bytes | bytearray | memoryview) -> None:
    """Write all of `data` to an unbuffered file; a disk that is nearly full takes a part and then refuses.

    Raises:
        OSError: the disk refused; a part may have been written.
    """
    left = memoryview(data).cast("B")
    while left:
        left = left[file.write(left) :]


def sync_folder(folder: Path) -> None:
    """Make the names in a folder durable.

    Raises:
        OSError: the disk refused.
    """
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def claim(file: BinaryIO) -> bool:
    """Tell other programs of ours that this one is at the file, until it closes it or is gone.

    Returns:
        False where another one is at it; True also on a file system without locks, where nobody is told.
    """
    try:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # a recording does not fail for want of a lock
        pass
    return True


def is_claimed(path: Path) -> bool:
    """Whether a program of ours is at the file.

    Raises:
        OSError: it cannot be opened.
    """
    with path.open("rb") as file:
        return not claim(file)


class DiskLane:
    """Jobs for the disk, done in order by a thread of its own."""

    def __init__(self, name: str, *, limit: int = 256 * MIB) -> None:
        """Start the thread.

        Args:
            name: of the thread, for a person who debugs.
            limit: bytes that may wait.
        """
        self._limit = limit
        self._waiting = 0
        self._lock = threading.Lock()
        self._jobs: queue.SimpleQueue[tuple[int, Callable[[], None]] | None] = queue.SimpleQueue()
        self._thread = threading.Thread(target=self._work, name=name)
        self._thread.start()

    def has_room(self, size: int) -> bool:
        """Whether `size` more bytes may wait."""
        with self._lock:
            return self._waiting + size <= self._limit

    @property
    def fullness(self) -> float:
        """How much waits, as a share of what may wait."""
        with self._lock:
            return self._waiting / self._limit

    def put(self, size: int, job: Callable[[], None]) -> None:
        """Do `job` after those before it; it must not raise. Never blocks."""
        with self._lock:
            self._waiting += size
        self._jobs.put((size, job))

    def _work(self) -> None:
        while (item := self._jobs.get()) is not None:
            size, job = item
            try:
                job()
            except Exception:  # a bug in one job must not end the files of the others
                sys.excepthook(*sys.exc_info())
            finally:
                with self._lock:
                    self._waiting -= size

    def close(self) -> None:
        """Return when all jobs are done."""
        self._jobs.put(None)
        self._thread.join()
