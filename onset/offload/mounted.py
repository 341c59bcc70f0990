"""Is the disk there that a target means, or only the empty folder where it would be mounted?

Used by preflight. A copy into an empty mount point fills the system disk, looks finished, and is hidden the moment the
disk is connected.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from onset.errors import OffloadError
from onset.offload.disks import MEMORY, Mount, mount_of, standing, whole_disks
from onset.offload.place import Target
from onset.text import safe_path, safe_text

# Where systems mount what people plug in; a folder there that is no mount is a leftover.
_PLUGGED = (Path("/media"), Path("/run/media"), Path("/Volumes"))
_FSTAB = Path("/etc/fstab")
_BY = Path("/dev/disk")


def check_mounted(targets: Iterable[Target]) -> None:
    """Refuse targets whose disk is not mounted.

    Raises:
        OffloadError: names the disk to connect.
    """
    for target in targets:
        path = Path(os.path.realpath(target.path))
        mount = mount_of(standing(path))
        which = _called(target)
        if target.volume is not None:
            _check_volume(target, path, mount)
        elif target.removable:
            if mount is None or mount.point == "/" or mount.kind in MEMORY or _is_systems(path):
                raise OffloadError(
                    f"No disk is mounted at {safe_path(target.path)}, which is a folder of this computer; connect "
                    f"{which} and start again."
                )
        elif target.removable is None and is_empty_mount_point(path, mount):
            raise OffloadError(
                f"No disk is mounted at {safe_path(target.path)}; connect {which} and start again. (If it shall be a "
                "folder of this computer, say removable = false in its [[target]].)"
            )


def is_empty_mount_point(path: Path, mount: Mount | None) -> bool:
    """Whether a disk belongs at `path` and none is there, as far as the place says.

    Args:
        path: real and absolute; it need not exist.
        mount: that holds it, or the nearest folder above it.
    """
    if mount is None:
        return False
    point = Path(mount.point)
    if any(root in path.parents and root not in point.parents for root in _PLUGGED):
        return True
    return any(place in (path, *path.parents) and place not in (point, *point.parents) for place in _in_fstab())


def _in_fstab() -> list[Path]:
    """Mount points that this system knows of, other than its root."""
    try:
        lines = _FSTAB.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return []
    fields = [line.split() for line in lines if line.strip() and not line.lstrip().startswith("#")]
    points = [each[1].replace(r"\040", " ") for each in fields if len(each) > 1]
    return [Path(point) for point in points if point.startswith("/") and point != "/"]


def _is_systems(path: Path) -> bool:
    """Whether a folder lies on the disk that this computer runs from."""
    there = standing(path)
    if there.stat().st_dev == os.stat("/").st_dev:
        return True
    return bool(whole_disks(there) & whole_disks(Path("/")))


def _check_volume(target: Target, path: Path, mount: Mount | None) -> None:
    shown = safe_path(target.path)
    if mount is None or mount.point == "/" or is_empty_mount_point(path, mount):
        raise OffloadError(f"No disk is mounted at {shown}; connect {_called(target)} and start again.")
    names = volume_names(mount)
    if not names:
        raise OffloadError(
            f"Which volume is mounted at {shown} cannot be told here, and {_called(target)} is wanted; write removable "
            "= true instead of volume in its [[target]]."
        )
    if target.volume not in names and (target.volume or "").lower() not in {name.lower() for name in names}:
        other = safe_text(" ".join(names))
        raise OffloadError(f"Another disk is mounted at {shown} ({other}); connect {_called(target)} and start again.")


def _called(target: Target) -> str:
    """A disk as a person would look for it."""
    name = target.volume or target.disk or target.name
    shown = safe_text(name) if name else safe_text(target.path.name)
    return f'"{shown}"' if name is not None else shown


def volume_names(mount: Mount) -> Sequence[str]:
    """Label and UUID of a mounted file system, as far as they can be told.

    udev's links first. Where there is no udev, `blkid` reads the device, which root may.
    """
    if mount.point.startswith("/Volumes/"):  # macOS mounts a volume under its label
        return (os.path.basename(mount.point),)
    device = os.path.realpath(mount.source)
    found = []
    for kind in ("by-label", "by-uuid"):
        with suppress(OSError):
            links = _BY / kind
            found += [_unescaped(name) for name in os.listdir(links) if os.path.realpath(links / name) == device]
    if found or not device.startswith("/dev/"):
        return found
    import subprocess  # only where a volume is asked for and there is no udev

    with suppress(OSError, subprocess.TimeoutExpired):
        told = subprocess.run(
            ["blkid", "-p", "-o", "export", device],
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            timeout=10,
        )
        pairs = dict(line.split("=", 1) for line in told.stdout.splitlines() if "=" in line)
        found = [pairs[key].replace("\\ ", " ") for key in ("LABEL", "UUID") if key in pairs]
    return found


def _unescaped(name: str) -> str:
    r"""A name as udev writes it, which spells what a file name cannot carry as \x20."""
    parts = name.split("\\x")
    with suppress(ValueError):
        return parts[0] + "".join(chr(int(part[:2], 16)) + part[2:] for part in parts[1:])
    return name
