"""The reserve beside the log: a file whose space is given to the log when the disk is full, so that takes still go in.

Made when a production is opened with room to spare, emptied (not removed) by the first edit that finds the disk full,
made again when there is room. Used by logbook.py; `onset doctor` says how it stands.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from dataclasses import dataclass
from pathlib import Path

from logging_db.sqlite_library import journal

ENVIRONMENT = "ONSET_RESERVE"  # bytes; 0: none
_SIZE = 64 << 20
_SHARE = 10  # a tenth of what is free, where that is less
_LEAST = 64 << 10
_ROOM = 1 << 30  # free bytes at which an emptied one is made again; on a small disk a quarter of the disk
# Measured: a take costs the -wal 110 kB until that has its 4 MiB and goes round; from then on the log grows by 2 kB.
_WAL = 4300 << 10
_ROLLBACK = 256 << 10
_WHILE_IT_GROWS = 128 << 10
_A_TAKE = 4 << 10


@dataclass(frozen=True, slots=True)
class Room:
    """Space under a log.

    Attributes:
        free: bytes that may still be written.
        takes: how many takes that is at least.
        reserve: bytes of the reserve; 0: it was emptied, or there is none.
        emptied: an edit needed it.
    """

    free: int
    takes: int
    reserve: int
    emptied: bool


def reserve_of(log: Path) -> Path:
    """Where the reserve of a log lies."""
    return log.with_name(f"{log.name}.reserve")


def room(log: Path) -> Room:
    """How much more goes in, without the reserve.

    Raises:
        OSError: the disk does not answer.
    """
    free = shutil.disk_usage(log.parent).free
    wal = log.with_name(f"{log.name}-wal")
    headroom = _WAL - (wal.stat().st_size if wal.exists() else 0) if journal()[0] == "wal" else _ROLLBACK
    growing = min(free, max(0, headroom))
    reserve = reserve_of(log)
    size = reserve.stat().st_size if reserve.exists() else None
    return Room(free, growing // _WHILE_IT_GROWS + (free - growing) // _A_TAKE, size or 0, emptied=size == 0)


def make(log: Path) -> bool:
    """Put the reserve beside the log, really allocated, unless it is there or there is no room to spare.

    Returns:
        Whether there is one now; its lack keeps nobody from logging.
    """
    reserve = reserve_of(log)
    with contextlib.suppress(OSError):
        there = reserve.stat().st_size if reserve.exists() else None
        if there:
            return True
        disk = shutil.disk_usage(log.parent)
        size = min(_wanted(), disk.free // _SHARE)
        if size < _LEAST or (there == 0 and disk.free < min(_ROOM, disk.total // 4)):
            return False
        return _allocate(reserve, size)
    return False


def release(log: Path) -> int:
    """Give the reserve's space to the log; bytes that became free (0: it was empty, or there is none)."""
    with contextlib.suppress(OSError):
        descriptor = os.open(reserve_of(log), os.O_RDWR | os.O_NOFOLLOW)
        try:
            size = os.fstat(descriptor).st_size
            os.ftruncate(descriptor, 0)
            os.fsync(descriptor)
            return size
        finally:
            os.close(descriptor)
    return 0


def _allocate(reserve: Path, size: int) -> bool:
    descriptor = os.open(reserve, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        if hasattr(os, "posix_fallocate"):
            os.posix_fallocate(descriptor, 0, size)
        else:  # macOS: what is not written is not allocated
            block = bytes(1 << 20)
            for start in range(0, size, len(block)):
                os.pwrite(descriptor, block[: size - start], start)
        os.fsync(descriptor)
    except OSError:
        os.ftruncate(descriptor, 0)  # half a reserve would pass for a whole one
        raise
    finally:
        os.close(descriptor)
    return True


def _wanted() -> int:
    said = os.environ.get(ENVIRONMENT, "")
    return int(said) if said.isdecimal() and said.isascii() else _SIZE
