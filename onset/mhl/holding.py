"""One writer at a time: a folder that is locked while its history grows, and that is still the one that was meant.

Used by verify and by `onset mhl`. An offload locks its target folders the same way (`onset/offload/sink.py`).
"""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from onset.errors import ManifestError, RefusedError
from onset.mhl import asc
from onset.mhl.history import History
from onset.mhl.tree import CHAIN, FOLDER
from onset.text import safe_path


@dataclass(frozen=True, slots=True)
class Place:
    """A folder that is held, and which one it is."""

    path: Path
    identity: tuple[int, int]

    def require_there(self) -> None:
        """Be sure that the path still means this folder: a disk that is pulled leaves an empty folder of that name.

        Raises:
            ManifestError: it does not.
        """
        with suppress(OSError):
            found = self.path.stat()
            if (found.st_dev, found.st_ino) == self.identity:
                return
        raise ManifestError(
            f"{safe_path(self.path)} is not there any more, so nothing was written; is the disk mounted?"
        )


@contextmanager
def holding(folder: Path) -> Iterator[Place]:
    """Lock a folder for the block.

    Raises:
        RefusedError: another program writes there.
        OSError: it cannot be opened.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        with suppress(OSError):  # a file system without locks
            try:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                raise RefusedError(
                    f"Another onset is writing to {safe_path(folder)}; give the command again when it has ended."
                ) from None
        found = os.fstat(descriptor)
        yield Place(folder, (found.st_dev, found.st_ino))
    finally:
        os.close(descriptor)


def require_unchanged(history: History, place: Place) -> None:
    """Be sure that the next generation follows the one that was loaded.

    Raises:
        ManifestError: the folder is gone, or another program appended a generation meanwhile.
    """
    place.require_there()
    for part in history.lineage():
        chain = part.root / FOLDER / CHAIN
        now = asc.read_chain(chain) if chain.is_file() else ()
        if now != part.chain:
            raise ManifestError(
                f"{safe_path(part.root)} got another generation meanwhile, so none was written; give the command again."
            )
