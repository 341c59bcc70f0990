"""What people wish of a job that waits or runs: pause, go on, stop, go first, go last.

Used by the job's place in the queue (reads, twice a second), by `onset jobs` and the Offload screen (write). A wish is
a small file in the job's record, so it may come from another terminal, another seat's screen or over ssh.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from onset.offload.journal import no_record, read_document

WISHES = "wishes.json"


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

    Raises:
        OffloadError: the job's record cannot be written.
    """
    part = path.with_name(f"{path.name}.part")
    try:
        part.write_text(json.dumps(document))
        os.replace(part, path)
    except OSError as error:
        raise no_record(path.parent, error) from error
