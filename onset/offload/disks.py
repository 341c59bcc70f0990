"""Which whole disk a file system lies on, and what kind of file system it is.

Used by preflight (what the target can hold), read-back (is O_DIRECT honest here) and the verdict (distinct media).
Linux: /proc/self/mountinfo and /sys/dev/block. Elsewhere little is known, and little is claimed.
"""

from __future__ import annotations

import functools
import os
import re
import stat
from contextlib import suppress
from dataclasses import dataclass
from enum import Enum, auto
from pathlib import Path

_SYS = Path("/sys/dev/block")
_MOUNTS = Path("/proc/self/mountinfo")
_BOOT = {b"NTFS    ": "ntfs", b"EXFAT   ": "exfat"}
_OCTAL = re.compile(r"\\([0-7]{3})")
NETWORK = frozenset({"nfs", "nfs4", "cifs", "smb3", "smbfs", "9p", "afs", "ceph", "glusterfs", "fuse.sshfs"})
MEMORY = frozenset({"tmpfs", "ramfs", "devtmpfs", "overlay"})


class CacheReach(Enum):
    """What lies between O_DIRECT and the medium."""

    LOCAL = auto()  # nothing: the kernel's own file system on a block device
    REMOTE = auto()  # a server with a cache of its own
    BEYOND = auto()  # memory, or a FUSE program that reads the device through the page cache


@dataclass(frozen=True, slots=True)
class Mount:
    """A mounted file system.

    Attributes:
        point: where it is mounted.
        kind: "ext4", "exfat", "fuseblk", ...
        source: the device or server, as the kernel names it.
        read_only: whether it was mounted so.
        device: st_dev of the files on it.
        root: the folder of the file system that is mounted there; "/" unless it is a bind mount or a subvolume.
    """

    point: str
    kind: str
    source: str
    read_only: bool
    device: int
    root: str = "/"


def mounts() -> tuple[Mount, ...]:
    """All mounts this process sees, in the order they were made; empty where the system does not tell."""
    try:
        lines = _MOUNTS.read_text(errors="surrogateescape").split("\n")  # volumes' names may hold what else ends a line
    except OSError:
        return ()
    found = []
    for line in lines:
        left, _, right = line.partition(" - ")
        fields, more = left.split(" "), right.split(" ")
        if len(fields) < 6 or len(more) < 2:
            continue
        major, minor = fields[2].split(":")
        read_only = "ro" in fields[5].split(",") or (len(more) > 2 and "ro" in more[2].split(","))
        device = os.makedev(int(major), int(minor))
        found.append(Mount(_unescape(fields[4]), more[0], _unescape(more[1]), read_only, device, _unescape(fields[3])))
    return tuple(found)


def _unescape(text: str) -> str:
    return _OCTAL.sub(lambda match: chr(int(match[1], 8)), text)


def mount_of(path: Path) -> Mount | None:
    """The mount that holds `path`, None where the system does not tell."""
    try:
        device = path.stat().st_dev
    except OSError:
        return None
    real = os.path.realpath(path)
    around = [
        mount
        for mount in mounts()
        if real == mount.point or real.startswith(mount.point.rstrip("/") + "/") or mount.point == "/"
    ]
    same = [mount for mount in around if mount.device == device] or around
    return max(reversed(same), key=lambda mount: len(mount.point), default=None)


def kind_of(mount: Mount) -> str:
    """The kind of file system; what a FUSE program serves is looked up in the first bytes of its device or image.

    The kernel says "fuseblk" for exFAT and NTFS alike, and "fuse" for an image that ntfs-3g opened by itself.
    """
    if not mount.kind.startswith("fuse") or not mount.source.startswith("/"):
        return mount.kind
    try:
        mode = os.stat(mount.source).st_mode
        if not (stat.S_ISREG(mode) or stat.S_ISBLK(mode)):
            return mount.kind
        with open(mount.source, "rb") as device:
            boot = device.read(90)
            return _BOOT.get(boot[3:11], "vfat" if boot[82:] == b"FAT32   " else mount.kind)
    except OSError:  # only root may read a device: the stricter of the two is taken then
        return mount.kind


def standing(path: Path) -> Path:
    """The nearest folder at or above `path` that exists: what is to be made below it will lie on its file system."""
    return next((above for above in (path, *path.parents) if os.path.exists(above)), Path("/"))


def place_on_medium(path: Path) -> tuple[int, Path]:
    """Where a folder is, whatever mount leads there: the device, and the path within its file system.

    Two mounts of one file system give the same answer. Where the system does not tell of mounts it is the real path.
    """
    real = Path(os.path.realpath(path))
    there = standing(real)
    device = there.stat().st_dev
    mount = mount_of(there)
    if mount is None or mount.device != device:
        return device, real
    return device, Path(mount.root) / real.relative_to(mount.point)


@functools.lru_cache(maxsize=64)
def cache_reach(device: int) -> CacheReach:
    """How far O_DIRECT reaches on the file system with that st_dev."""
    kinds = [mount.kind for mount in mounts() if mount.device == device]
    kind = kinds[-1] if kinds else ""
    if kind in MEMORY or kind.startswith("fuse"):
        return CacheReach.BEYOND if kind not in NETWORK else CacheReach.REMOTE
    return CacheReach.REMOTE if kind in NETWORK else CacheReach.LOCAL


def whole_disks(path: Path, device: int | None = None) -> frozenset[str]:
    """The whole disks under the file system of `path` ("sda", "nvme0n1", "loop3"); empty when they cannot be told.

    Partitions count as their disk, encrypted and logical volumes as the disks below them, each loop device as one;
    loop devices over one and the same image are one.

    Args:
        path: a file or folder.
        device: its st_dev, where it is open already and the path might lead elsewhere by now.
    """
    if device is None:
        try:
            device = path.stat().st_dev
        except OSError:
            return frozenset()
    if os.major(device) == 0:  # btrfs, overlay, network: st_dev is no device, the mount's source may be
        mount = mount_of(path)
        device = 0
        if mount is not None and mount.source.startswith("/dev/"):
            with suppress(OSError):
                device = os.stat(mount.source).st_rdev
        if not device:
            return frozenset()
    return _disks_under(_SYS / f"{os.major(device)}:{os.minor(device)}")


def _disks_under(block: Path) -> frozenset[str]:
    try:
        real = block.resolve(strict=True)
    except OSError:
        return frozenset()
    if (real / "partition").exists():
        real = real.parent
    below = sorted((real / "slaves").glob("*")) if (real / "slaves").is_dir() else []
    if below:
        return frozenset().union(*(_disks_under(entry) for entry in below))
    return frozenset({_first_of_image(real)})


def _first_of_image(block: Path) -> str:
    """A device's name; of several loop devices over one image, the first one's."""
    backing = _image_of(block)
    if backing is None:
        return block.name
    others = sorted(Path("/sys/block").glob("loop*"), key=lambda loop: (len(loop.name), loop.name))
    return next((loop.name for loop in others if _image_of(loop) == backing), block.name)


def _image_of(block: Path) -> str | None:
    try:
        return (block / "loop/backing_file").read_text(errors="surrogateescape").rstrip("\n")
    except OSError:
        return None


def is_rotational(path: Path) -> bool:
    """Whether the disk has a head to move: reads stay sequential there."""
    return any(map(has_head, whole_disks(path)))


def has_head(disk: str) -> bool:
    """Whether a whole disk ("sda") says that it has a head; readers over USB and virtual disks say so, too."""
    try:
        return Path("/sys/block", disk, "queue/rotational").read_text().strip() == "1"
    except OSError:
        return False
