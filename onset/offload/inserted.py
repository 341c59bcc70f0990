"""Notices what is mounted and what goes, and tells a card from everything else that a system mounts.

Used by `onset offload --watch` and the Offload screen. Linux wakes whoever polls /proc/self/mountinfo; elsewhere
/Volumes is looked at.
"""

from __future__ import annotations

import os
import select
from collections.abc import Collection, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from onset.clock import Clock
from onset.config import Config
from onset.offload.disks import MEMORY, NETWORK, Mount, mounts, whole_disks

_VOLUMES = Path("/Volumes")
_MOUNTS = "/proc/self/mountinfo"
# Parts of a running system, and images of programs, that no camera writes.
_SYSTEMS_OWN = ("/boot", "/snap", "/var", "/usr", "/home", "/etc", "/proc", "/sys", "/dev")
_NO_CARD = frozenset({"squashfs", "swap", "zfs_member", "LVM2_member", "fuse.portal", "fuse.gvfsd-fuse"})


class MountEvents(Protocol):
    """What is mounted, and a wait for that to change."""

    def now(self) -> Sequence[Mount]: ...

    def wait(self, seconds: float) -> None:
        """Return when something was mounted or went, or after `seconds`."""
        ...


class KernelMounts:
    """The mounts of this system. One thread; `close` when done."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._file = -1
        self._poll = select.poll()
        with suppress(OSError):
            self._file = os.open(_MOUNTS, os.O_RDONLY | os.O_CLOEXEC)
            self._poll.register(self._file, select.POLLPRI | select.POLLERR)

    def now(self) -> Sequence[Mount]:
        return mounted_now()

    def wait(self, seconds: float) -> None:
        if self._file >= 0:
            self._poll.poll(seconds * 1000)
        else:
            self._clock.sleep(seconds)

    def close(self) -> None:
        if self._file >= 0:
            os.close(self._file)


def mounted_now() -> Sequence[Mount]:
    """The mounts of this system."""
    return mounts() or _volumes()


def _volumes() -> list[Mount]:
    """The volumes of macOS; what they are and whether they are protected is not told."""
    found = []
    with suppress(OSError):
        for name in sorted(os.listdir(_VOLUMES)):
            point = _VOLUMES / name
            if os.path.ismount(point):
                read_only = bool(os.statvfs(point).f_flag & os.ST_RDONLY)
                found.append(Mount(str(point), "", f"/dev/{name}", read_only, os.stat(point).st_dev))
    return found


def identity(mount: Mount) -> tuple[str, str, int]:
    """The same for a mount as long as it stays; another when the card is taken out and put in again elsewhere."""
    return mount.point, mount.source, mount.device


def no_cards(production: Path, config: Config) -> list[Path]:
    """Folders whose disks are no cards: all targets, and what a production is kept on."""
    kept = (production, config.capture.media, config.log.backup_to, config.log.exchange)
    paths = [*(target.path for target in config.targets), *(path for path in kept if path is not None)]
    return [Path(os.path.realpath(path)) for path in paths]


def may_be_card(mount: Mount, targets: Collection[Path]) -> bool:
    """Whether a mount may be a card: a whole volume, that no target lies on and this computer does not run from.

    Args:
        mount: that appeared.
        targets: folders that cards or backups are copied to, absolute.
    """
    point = Path(mount.point)
    if not mount.source.startswith("/") or mount.root != "/" or mount.point == "/":
        return False
    if mount.kind in MEMORY | NETWORK | _NO_CARD or mount.point.split("/")[1] in (own[1:] for own in _SYSTEMS_OWN):
        return False
    if any(target == point or point in target.parents for target in targets):
        return False
    return not whole_disks(point) & whole_disks(Path("/"))
