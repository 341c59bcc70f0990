"""Files that are either the old one or the new one, whatever happens in between.

Used for manifests, chains and job records: written beside, made durable, renamed, folder made durable.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

PART = ".onset-part"


# What a medium says that failed or is full: nothing of it is to be trusted any more.
MEDIUM_FAILED = frozenset(
    {
        errno.EIO,
        errno.ENOSPC,
        errno.EDQUOT,
        errno.EROFS,
        errno.ENODEV,
        errno.ENXIO,
        errno.ENOTCONN,
        errno.ESTALE,
        errno.ESHUTDOWN,
    }
)


def sync_folder(folder: Path | int) -> None:
    """Make the names in a folder durable; file systems that cannot sync a folder are left to their own.

    Raises:
        OSError: the medium failed; the names may be gone after a power cut.
    """
    fd = folder if isinstance(folder, int) else os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(fd)
    except OSError as error:
        if error.errno in MEDIUM_FAILED:  # anything else is a file system that has no such call for folders
            raise
    finally:
        if not isinstance(folder, int):
            os.close(fd)


@contextmanager
def replacing(path: Path) -> Iterator[BinaryIO]:
    """A file to write that takes the place of `path` only when the block ends well.

    Raises:
        OSError: the medium refused; `path` is as it was, or whole and new, and its name may not outlast a power cut.
    """
    part = path.with_name(path.name + PART)
    try:
        with part.open("wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, path)
    except BaseException:
        with suppress(OSError):
            part.unlink()
        raise
    sync_folder(path.parent)
