"""What people wish of a job that waits or runs: pause, go on, stop, go first, go last.

Used by the job's place in the queue (reads, twice a second), by `onset jobs` and the Offload screen (write). A wish is
a small file in the job's record, so it may come from another terminal, another seat's screen or over ssh.
"""

from __future__ import annotations

import errno
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from onset.offload.journal import no_record, read_document

WISHES = "wishes.json"
_FULL = (errno.ENOSPC, errno.EDQUOT)


@dataclass(frozen=True, slots=True)
class Wish:
    """All that is wished of one job.

    Attributes:
        paused: it is to stand still.
        cancelled: it is to stop.
        rank: its place among those that wait, the lowest first.
    """

    paused: bool = False
    cancelled: bool = False
    rank: int = 0


def read_wish(job: Path) -> Wish:
    """What is wished of the job whose record lies in that folder; nothing where nobody wished anything."""
    read = read_document(job / WISHES) or {}
    rank = read.get("rank")
    return Wish(read.get("paused") is True, read.get("cancelled") is True, rank if isinstance(rank, int) else 0)


def write_wish(job: Path, wish: Wish) -> None:
    """Wish; the caller holds the queue's lock.

    Raises:
        OffloadError: the job's record cannot be written.
    """
    put_document(job / WISHES, asdict(wish))


def put_document(path: Path, document: Mapping[str, object]) -> None:
    """Replace a small file of a job's record; not made durable, as nothing of it outlives the job.

    Where its disk is full it is written over as it lies: what is asked of a job must reach it then, too.

    Raises:
        OffloadError: the job's record cannot be written.
    """
    part, text = path.with_name(f"{path.name}.part"), json.dumps(document)
    try:
        part.write_text(text)
        os.replace(part, path)
    except OSError as error:
        with suppress(OSError):
            part.unlink()
        if error.errno not in _FULL or not _write_over(path, text):
            raise no_record(path.parent, error) from error


def _write_over(path: Path, text: str) -> bool:
    """Write a document into the block that it has; blanks behind it do not hurt. Whether that was possible."""
    try:
        with path.open("r+b", buffering=0) as file:
            file.write(text.encode().ljust(os.fstat(file.fileno()).st_size))
            os.fsync(file.fileno())  # a file system that copies on writing says here that it has no room
    except OSError:
        return False
    return True
