"""Read a copied file back from the medium and hash it.

Used by the copy engine once a target file is durable, for the second read of the card, and by verify. Reading through
the page cache would only prove that memory remembers what was written, so the cache is bypassed or emptied first, and
which of the two it was is part of the answer.
"""

from __future__ import annotations

import errno
import fcntl
import os
import sys
import threading
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from onset.errors import MediumError
from onset.mhl.hashes import Digester, HashFormat
from onset.offload.disks import CacheReach, cache_reach
from onset.offload.pages import pages
from onset.text import safe_path

MIB = 1 << 20
BLOCK = 8 * MIB
PAGE = 4096
# Some file systems take O_DIRECT and then refuse to read or write so: some files (ntfs3: compressed ones), or all.
NO_WAY_AROUND = frozenset({errno.EINVAL, errno.EOPNOTSUPP})
CARD_TRIES = 3  # a reader that hiccups once is common; a target that does is not to be trusted
_F_NOCACHE = 48  # <sys/fcntl.h> of macOS; Python's fcntl names it only there


class Method(StrEnum):
    """How the page cache was kept out of a read-back, strongest first."""

    DIRECT = "direct"  # O_DIRECT or F_NOCACHE: the bytes came from the device
    EVICTED = "evicted"  # fsync, then posix_fadvise(DONTNEED); the kernel may have kept some
    CACHE = "cache"  # neither is possible on this file system: proves less, and the report says so


def weakest(methods: Collection[Method]) -> Method | None:
    """The method that proves least, None for no reads at all."""
    return max(methods, key=list(Method).index, default=None)


@dataclass(frozen=True, slots=True)
class ReadBack:
    """What the medium holds.

    Attributes:
        digests: hash format to digest, spelled as ASC MHL spells it.
        size: bytes read.
        method: how the page cache was kept out.
    """

    digests: Mapping[HashFormat, str]
    size: int
    method: Method


class _Buffers(threading.local):
    """One page-aligned buffer a thread, kept: O_DIRECT wants alignment, and mapping 8 MiB for each file is dear."""

    def __init__(self) -> None:
        self.by_size: dict[int, memoryview] = {}

    def get(self, size: int) -> memoryview:
        if size not in self.by_size:
            self.by_size[size] = pages(size)
        return self.by_size[size]


_buffers = _Buffers()


def buffer_of(size: int) -> memoryview:
    """This thread's buffer of that size; the next read of the same size fills it again."""
    return _buffers.get(size)


def read_back(
    path: Path | str, formats: Collection[HashFormat], *, block: int = BLOCK, folder: int | None = None
) -> ReadBack:
    """Hash `path` as it lies on the medium.

    Args:
        path: a durable file (fsync has returned).
        formats: at least one; all are computed in the same read.
        block: bytes a read; a multiple of the device's logical block, 4096 where unknown.
        folder: a descriptor of the folder `path` is relative to, None for the working folder.

    Raises:
        MediumError: the medium gave up; carries the byte offset reached.
    """
    digester = Digester(formats)
    size, method = read_medium(path, digester.update, block=block, folder=folder)
    return ReadBack(digester.digests(), size, method)


def read_medium(
    path: Path | str,
    take: Callable[[memoryview], None],
    *,
    block: int = BLOCK,
    folder: int | None = None,
    reach: CacheReach | None = None,
    expected: int | None = None,
    inode: tuple[int, int] | None = None,
    held: int | None = None,
    turned: bool = False,
    tries: int = 1,
) -> tuple[int, Method]:
    """Hand a file's bytes to `take`, from the medium as far as the file system lets us.

    A symbolic link is not followed and a FIFO is not waited for. The block is only valid during the call.

    Args:
        path: the file.
        take: called with each block.
        block: bytes a read, a multiple of 4096.
        folder: a descriptor of the folder `path` is relative to, None for the working folder.
        reach: of the file system, where the caller asked before; a call a file saved.
        expected: the size it should have; a short read there is taken as the end.
        inode: (device, inode) of the file that is meant, where a name alone is not trusted.
        held: a descriptor that is open on the file, on a file system where `reads_held`; it is read, and stays open.
        turned: `held` is turned around the cache already.
        tries: how often a block that the medium could not read is asked for.

    Raises:
        MediumError: the medium gave up, or the name stands for another file; carries the byte offset reached.
    """
    offset = 0
    try:
        if held is None:
            fd, method = _open_around_cache(path, folder, reach)
        else:
            fd, method = held, Method.DIRECT if turned or turn_around_cache(held) else _read_through_cache(held)
        try:
            if held is None and inode is not None and inode_of(fd) != inode:
                raise MediumError(f"{safe_path(path)} was exchanged for another file; look who else writes there.")
            view = buffer_of(block)
            if expected is not None:
                view = view[: min(block, room_for(expected))]
            failed = 0
            while True:
                try:
                    got = os.readv(fd, [view]) if held is None else os.preadv(fd, [view], offset)
                except OSError as error:
                    failed += 1
                    if error.errno == errno.EIO and failed < tries:
                        continue
                    if method is not Method.DIRECT or error.errno not in NO_WAY_AROUND or offset:
                        raise
                    method = _read_through_cache(fd)
                    continue
                if not got:
                    return offset, method
                take(view[:got])
                failed = 0
                offset += got
                if offset == expected and got < len(view):
                    return offset, method
        finally:
            if held is None:
                os.close(fd)
    except OSError as error:
        raise MediumError(
            f"{safe_path(path)} cannot be read back at byte {offset} ({error.strerror}); check the disk.", offset
        ) from error


def open_untouched(path: Path | str, flags: int, folder: int | None) -> int:
    """Open for reading without leaving an access time behind, where the file is ours: a card is not written to."""
    if sys.platform == "linux":
        try:
            return os.open(path, flags | os.O_NOATIME, dir_fd=folder)
        except PermissionError:
            pass  # only the file's owner may ask for it
    return os.open(path, flags, dir_fd=folder)


def room_for(size: int) -> int:
    """Memory for a file of so many bytes: whole pages, and one byte more at least.

    O_DIRECT reads pages, and what lies beyond the end tells the end. More would be zeroed for nothing.
    """
    return (size // PAGE + 1) * PAGE


def inode_of(fd: int) -> tuple[int, int]:
    """What a file is, whatever its name: device and inode."""
    found = os.fstat(fd)
    return found.st_dev, found.st_ino


def reads_held(reach: CacheReach) -> bool:
    """Whether the descriptor that wrote a file can be made to read around the cache.

    The kernel's own file systems look at the flag with each read; cifs looks only when a file is opened, and macOS goes
    on giving what it has.
    """
    return sys.platform == "linux" and reach is CacheReach.LOCAL


def turn_around_cache(fd: int) -> bool:
    """Turn an open file to reads around the cache; whether its file system can.

    Raises:
        OSError: the medium is gone.
    """
    if sys.platform != "linux":
        return False
    for flags in (os.O_DIRECT | os.O_NOATIME, os.O_DIRECT):
        try:
            fcntl.fcntl(fd, fcntl.F_SETFL, flags)
        except PermissionError:  # of another owner: a copy may have an access time
            continue
        except OSError as error:
            if error.errno != 22:  # EINVAL: this file system has no O_DIRECT
                raise
            return False
        return True
    return False


def _open_around_cache(path: Path | str, folder: int | None, reach: CacheReach | None) -> tuple[int, Method]:
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    if sys.platform == "darwin":
        fd = os.open(path, flags, dir_fd=folder)
        fcntl.fcntl(fd, _F_NOCACHE, 1)
        return fd, Method.DIRECT
    if sys.platform != "linux":
        fd = os.open(path, flags, dir_fd=folder)
        return fd, _read_through_cache(fd)
    try:
        fd = open_untouched(path, flags | os.O_DIRECT, folder)
    except OSError as error:
        if error.errno != 22:  # EINVAL: this file system has no O_DIRECT
            raise
        fd = open_untouched(path, flags, folder)
        return fd, _read_through_cache(fd)
    match reach or cache_reach(os.fstat(fd).st_dev):
        case CacheReach.LOCAL:
            return fd, Method.DIRECT
        case CacheReach.REMOTE:
            return fd, Method.EVICTED
        case CacheReach.BEYOND:
            return fd, Method.CACHE


def _read_through_cache(fd: int) -> Method:
    """Turn to buffered reads of a file whose cached pages have been thrown away, if they can be."""
    if sys.platform == "linux":
        fcntl.fcntl(fd, fcntl.F_SETFL, fcntl.fcntl(fd, fcntl.F_GETFL) & ~os.O_DIRECT)
        if cache_reach(os.fstat(fd).st_dev) is CacheReach.BEYOND:
            return Method.CACHE
    try:
        os.posix_fadvise(fd, 0, 0, os.POSIX_FADV_DONTNEED)
    except (OSError, AttributeError):
        return Method.CACHE
    return Method.EVICTED
