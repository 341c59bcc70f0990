"""The production's own folders of pictures, `media/stills` and `media/storyboards`: each file there once, whole, and
never over another one.

Used by `onset import stills` and `onset import shots`. One import at a time holds a folder, so that what another one
left unfinished is known to be nobody's.
"""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from onset.errors import MediumError
from onset.mhl.durable import PART
from onset.offload.files import create_part, discard, finish_part, give_final_name, open_folder, write_all
from onset.text import safe_path

STILLS = "media/stills"
STORYBOARDS = "media/storyboards"
_NOT_IN_NAMES = re.compile(r"[^\w .()+-]+")
_LONGEST = 100  # bytes of a name; a path of it fits every file system
_LONGEST_ENDING = 8  # characters


class StillsFolder:
    """The open folder."""

    def __init__(self, descriptor: int, place: str) -> None:
        self._descriptor = descriptor
        self._place = place

    def keep(self, content: bytes, name: str, digest: str, mtime_ns: int) -> str:
        """Have the file in the folder, durable; one that is there already with these bytes is left as it is.

        Args:
            content: the file, whole; it is kept byte for byte, with its orientation and everything else.
            name: as the camera called it.
            digest: `xxh128:…` of the content.
            mtime_ns: the file's time.

        Returns:
            Its path from the production's folder.

        Raises:
            OSError: the disk is full, or gave up; nothing of it is left under its name.
        """
        bare = digest.partition(":")[2]
        stem, ending = os.path.splitext(clean_name(name))
        for wanted in (f"{stem}{ending}", f"{stem}-{bare[:8]}{ending}", f"{bare}{ending}"):
            if self._holds(wanted, content):
                return f"{self._place}/{wanted}"
            with suppress(FileExistsError):
                self._write(wanted, content, f".{bare}{PART}", mtime_ns)
                return f"{self._place}/{wanted}"
        raise FileExistsError(errno.EEXIST, "another file has its name")

    def _holds(self, name: str, content: bytes) -> bool:
        try:
            descriptor = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self._descriptor)
        except OSError:
            return False
        try:
            state = os.fstat(descriptor)
            same_size = stat.S_ISREG(state.st_mode) and state.st_size == len(content)
            return same_size and os.pread(descriptor, len(content), 0) == content
        finally:
            os.close(descriptor)

    def _write(self, name: str, content: bytes, part: str, mtime_ns: int) -> None:
        descriptor = create_part(self._descriptor, part)
        try:
            try:
                write_all(descriptor, memoryview(content))
                finish_part(descriptor, mtime_ns, evict=False)
            finally:
                os.close(descriptor)
            give_final_name(self._descriptor, part, name)
            os.fsync(self._descriptor)
        except BaseException:
            discard(self._descriptor, part)
            raise


@contextmanager
def stills_folder(production: Path, where: str = STILLS) -> Iterator[StillsFolder]:
    """Open the production's folder of stills, or of storyboards, made where there is none.

    Raises:
        MediumError: it cannot be made, or another import has it.
    """
    place = production / where
    try:
        place.mkdir(parents=True, exist_ok=True)
        descriptor = open_folder(place)
    except OSError as error:
        raise MediumError(f"{safe_path(place)} cannot be made or opened: {error.strerror}.") from error
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise MediumError("Another import of pictures into this production is at work; wait for it.") from None
        except OSError:
            pass  # a network file system without locks
        for name in os.listdir(descriptor):
            if name.startswith(".") and name.endswith(PART):
                discard(descriptor, name)  # an import was killed
        yield StillsFolder(descriptor, where)
    finally:
        os.close(descriptor)


def clean_name(name: str) -> str:
    r"""A name that every file system and every screen can have.

    >>> clean_name("IMG_4711.JPG"), clean_name("../../etc/passwd.jpg"), clean_name("Zoë's coat\x1b[2J.jpg")
    ('IMG_4711.JPG', 'etc_passwd.jpg', 'Zoë_s coat_2J.jpg')
    >>> clean_name("-rf .png"), clean_name("\udcff.jpg"), clean_name(".jpg")
    ('rf.png', 'still.jpg', 'still.jpg')
    """
    stem, ending = os.path.splitext(name if not name.startswith(".") else f"_{name}")
    if len(ending) > _LONGEST_ENDING:
        stem, ending = name, ""
    stem, ending = (_NOT_IN_NAMES.sub("_", part.encode("utf-8", "replace").decode()) for part in (stem, ending))
    stem = stem.strip("_.- ")
    stem = stem.encode()[: _LONGEST - len(ending.encode())].decode("utf-8", "ignore").strip("_.- ")
    return f"{stem or 'still'}{ending}"
