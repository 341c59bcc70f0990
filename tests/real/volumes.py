"""Volumes as a set has them, on loop devices: exFAT, NTFS and FAT32 by FUSE, as not every kernel drives them."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from tests.needs import require

MIB = 1 << 20
_MAKE = {
    "ext4": ("mkfs.ext4", "-q", "-L"),
    "exfat": ("mkfs.exfat", "-L"),
    "ntfs": ("mkfs.ntfs", "-F", "-Q", "-q", "-L"),
    "vfat": ("mkfs.vfat", "-F", "32", "-n"),
}
_MOUNT = {"ext4": "mount", "exfat": "mount.exfat-fuse", "ntfs": "ntfs-3g", "vfat": "fusefat"}


def run(*command: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(part) for part in command], capture_output=True, text=True, check=False)


@contextmanager
def loop(image: Path, kind: str, label: str, *, mib: int = 64) -> Iterator[str]:
    """A loop device with an empty file system of that kind and label."""
    require(os.geteuid() == 0, "mounting a loop device needs root")
    for program in ("losetup", "umount", _MAKE[kind][0], _MOUNT[kind]):
        require(program)
    with image.open("wb") as file:
        file.truncate(mib * MIB)
    made = run(*_MAKE[kind], label, image)
    assert made.returncode == 0, made.stderr
    device = run("losetup", "--find", "--show", image).stdout.strip()
    require(bool(device), "no loop device can be set up here")
    try:
        yield device
    finally:
        run("losetup", "--detach", device)


@contextmanager
def mounted(device: str | Path, kind: str, mount: Path, *options: str, within: Sequence[str] = ()) -> Iterator[Path]:
    """The file system of a device (or, for NTFS, of an image) at `mount`; `within` is of `apart`."""
    mount.mkdir(exist_ok=True)
    done = run(*within, _MOUNT[kind], *options, device, mount)
    require(done.returncode == 0, f"{_MOUNT[kind]} cannot mount here: {done.stderr}")
    try:
        yield mount
    finally:
        assert run(*within, "umount", mount).returncode == 0


@contextmanager
def apart() -> Iterator[tuple[list[str], Path]]:
    """A place whose mounts nobody else sees, and in which those of other tests are not seen.

    Yields:
        What stands before a command that is to run there, and its root as it is seen from here.
    """
    require(os.geteuid() == 0, "mounts of its own need root")
    for program in ("unshare", "nsenter"):
        require(program)
    command = ["unshare", "--mount", "--propagation", "private", "sh", "-c", "echo; exec cat"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
        assert holder.stdout is not None
        require(holder.stdout.readline() == b"\n", "no mount namespace can be made here")
        inside = Path("/proc", str(holder.pid))
        yield ["nsenter", f"--mount={inside / 'ns' / 'mnt'}", f"--wd={os.getcwd()}"], inside / "root"
