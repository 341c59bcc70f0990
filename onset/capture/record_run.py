"""The run folder of one `onset record`: its sockets and a list of what it records; and those that killed runs left.

Used by `onset record`, which makes one and clears the others. Who works there holds a lock on the list, which ends with
the process however that ends.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from onset.errors import CaptureError
from onset.text import safe_path

_PREFIX = "record-"
_LIST = "files"
_LOCK = "record.lock"  # two that start at once: one must not take the other's new folder for a left one


@dataclass(frozen=True, slots=True)
class LeftRun:
    """A run folder whose `onset record` is gone. `files` were being recorded; some may have been finished since."""

    folder: Path
    files: Sequence[Path]

    def clear(self) -> None:
        """Remove it; the recordings lie elsewhere."""
        shutil.rmtree(self.folder, ignore_errors=True)


class RecordRun:
    """The run folder of this process."""

    def __init__(self, folder: Path, listed: TextIO) -> None:
        """Take what `begin_run` made."""
        self.folder = folder
        self._listed = listed

    def records(self, path: Path) -> None:
        """Note a file before anything of it can be lost; a disk that refuses costs the note and not the recording."""
        with contextlib.suppress(OSError):
            self._listed.write(f"{os.fsencode(path).hex()}\n")  # a name may hold a line end
            self._listed.flush()

    def end(self) -> None:
        """Everything is finished."""
        shutil.rmtree(self.folder, ignore_errors=True)
        self._listed.close()


def begin_run(parent: Path) -> tuple[RecordRun, list[LeftRun]]:
    """Make a run folder.

    Args:
        parent: where the run folders of this user are.

    Returns:
        The folder, and those that killed runs have left there.

    Raises:
        CaptureError: nothing can be made there.
    """
    try:
        with (parent / _LOCK).open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)  # held for as long as a scan takes
            left = list(_left(parent))
            folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent))
            listed = (folder / _LIST).open("x")
            fcntl.flock(listed, fcntl.LOCK_EX)
            return RecordRun(folder, listed), left
    except OSError as error:
        raise CaptureError(f"{safe_path(parent)} cannot hold the sockets of a recording: {error.strerror}.") from error


def _left(parent: Path) -> Iterator[LeftRun]:
    for folder in sorted(parent.glob(f"{_PREFIX}*")):
        try:
            with (folder / _LIST).open() as listed:
                fcntl.flock(listed, fcntl.LOCK_EX | fcntl.LOCK_NB)
                whole = [line for line in listed if line.endswith("\n")]  # it may have been killed within a line
                yield LeftRun(folder, [Path(os.fsdecode(bytes.fromhex(line))) for line in whole])
        except BlockingIOError:
            continue  # it records
        except FileNotFoundError:  # killed before it began
            yield LeftRun(folder, [])
